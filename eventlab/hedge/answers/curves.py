"""Equity through time of the strategy and of what it is compared with, and what was paid when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.hedge.answers.events import Stretch
    from eventlab.hedge.answers.flows import Flows
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Simulation

__all__ = [
    "LEDGER_COLUMNS",
    "bar_returns",
    "before_entries",
    "curve_table",
    "event_bars",
    "ledger_table",
    "scope_returns",
]

LEDGER_COLUMNS = ["at", "symbol", "kind", "amount"]


def curve_table(
    setting: Setting,
    equity: Mapping[str, npt.NDArray[np.float64]],
    hedged: Simulation,
    spans: Sequence[Stretch],
) -> pd.DataFrame:
    """Equity (T,) of each run with its drawdown and return by bar; columns as of `Backtest`."""
    grid = setting.grid
    values = hedged.shares[1::2] * np.nan_to_num(grid.marks)[1::2]
    alive = np.where(hedged.equity[1::2] > 0, hedged.equity[1::2], np.nan)
    columns: dict[str, object] = {
        "session": grid.clock.days.astype("datetime64[s]"),
        "at": pd.to_datetime(grid.instants[1::2], utc=True),
        "in_event": event_bars(len(grid), spans) >= 0,
    }
    for name, curve in equity.items():
        columns[name] = curve
        columns[f"{name}_return"] = bar_returns(curve)
        columns[f"{name}_drawdown"] = curve / np.maximum.accumulate(curve) - 1.0
    columns["gross"] = np.abs(values).sum(axis=1) / alive
    columns["net"] = values.sum(axis=1) / alive
    return pd.DataFrame(columns)


def bar_returns(curve: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) return of each bar; 0 for the first and where nothing is left."""
    found = np.zeros(len(curve))
    alive = curve[:-1] > 0
    found[1:][alive] = curve[1:][alive] / curve[:-1][alive] - 1.0
    return found


def before_entries(run: Simulation, spans: Sequence[Stretch]) -> npt.NDArray[np.float64]:
    """(T,) equity at the closes; at those of entries before what the orders there cost.

    Returns of it count the costs of an entry in the bars of its episode, not in the bar before.
    """
    spent = np.zeros(len(run.equity))
    slippage = np.abs(run.order_shares) * run.order_price * run.order_slippage
    np.add.at(spent, run.order_point, run.order_fee + slippage)
    entries = np.zeros(len(spent), dtype=np.bool_)
    entries[[each.first for each in spans]] = True
    return np.asarray((run.equity + np.where(entries, spent, 0.0))[1::2])


def scope_returns(
    curves: pd.DataFrame, runs: Mapping[str, Simulation], name: str, spans: Sequence[Stretch]
) -> npt.NDArray[np.float64]:
    """Give a run's returns by bar of ``curves``, the costs of entries in the bars of episodes.

    Of the strategy and its book; what else there is has no entries.
    """
    if not spans or name not in {"hedged", "unhedged"}:
        return curves[f"{name}_return"].to_numpy(np.float64)
    return bar_returns(before_entries(runs[name], spans))[-len(curves) :]


def event_bars(bars: int, spans: Sequence[Stretch]) -> npt.NDArray[np.int64]:
    """(T,) number of the episode whose money moves in the bar; -1 in none.

    A position that is entered at a close moves money from the next bar on.
    """
    found = np.full(bars, -1, dtype=np.int64)
    for number, span in enumerate(spans):
        found[(span.first + 1) // 2 : span.last // 2 + 1] = number
    return found


def ledger_table(setting: Setting, flows: Flows) -> pd.DataFrame:
    """Everything that was paid and received for holding, interval by interval; never a zero."""
    grid, parts = setting.grid, []
    for kind, paid in (("funding", flows.funding), ("borrow", flows.borrow)):
        point, leg = np.nonzero(paid)
        parts.append(
            pd.DataFrame(
                {
                    "at": pd.to_datetime(grid.instants[point], utc=True),
                    "symbol": np.array(grid.symbols, dtype=object)[leg],
                    "kind": kind,
                    "amount": -paid[point, leg],
                }
            )
        )
    point = np.flatnonzero(flows.interest)
    at = pd.to_datetime(grid.instants[point], utc=True)
    parts.append(
        pd.DataFrame({"at": at, "symbol": "", "kind": "interest", "amount": flows.interest[point]})
    )
    table = pd.concat(parts, ignore_index=True)[LEDGER_COLUMNS]
    types = {"at": "datetime64[ns, UTC]", "symbol": "str", "kind": "str"}  # also of an empty one
    return table.astype(types).sort_values("at", kind="stable", ignore_index=True)
