"""The sets of a sweep as a table, and what was left out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.robustness.sharpe import sharpe_table
from eventlab.hedge.sweep_grid import same_as_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.sweep_curves import Curve, Curves
    from eventlab.hedge.sweep_plans import PlannedSet

__all__ = ["EXCLUSION_COLUMNS", "exclusion_table", "set_table"]

EXCLUSION_COLUMNS = ["number", "occurrence", "symbol", "reason"]


def set_table(
    strategy: StrategyDefinition,
    planned: Sequence[PlannedSet],
    runs: Sequence[Curve],
    curves: Curves,
) -> pd.DataFrame:
    """One row per set on the bars that all share; columns as of `Sweep`.

    Sharpe ratios are of returns less those of cash. ``turnover`` is of the set's own time: traded
    value over mean equity, per year.
    """
    capital = np.array([each.variant.strategy.capital for each in planned])
    bars, periods = curves.returns.shape[0], curves.periods
    growth = curves.equity[:, -1] / curves.equity[:, 0]
    book_growth = curves.book[-1] / curves.book[0]
    sharpe = sharpe_table(curves.above, periods=periods)
    begun = [int(each.plan.decided.min()) for each in planned]
    size = [one.equity[row:].mean() for row, one in zip(begun, runs, strict=True)]
    own_bars = [len(one.equity) - 1 - row for row, one in zip(begun, runs, strict=True)]
    years = np.maximum(own_bars, 1) / periods
    ratio = sharpe["annual"].to_numpy()
    best = int(np.argmax(np.where(np.isnan(ratio), -np.inf, ratio)))
    columns: dict[str, object] = {"number": [each.variant.number for each in planned]}
    for at, path in enumerate(strategy.sweep):
        columns[path] = column_of([each.variant.swept[at] for each in planned])
    columns |= {
        "total_return": growth - 1.0,
        "annual_return": np.where(growth > 0, np.abs(growth) ** (periods / bars), 0.0) - 1.0,
        "volatility": spread_of(curves.returns) * np.sqrt(periods),
        "sharpe": ratio,
        "sharpe_stderr": sharpe["annual_stderr"].to_numpy(),
        "max_drawdown": deepest(curves.equity),
        "hedge_pnl": capital * (growth - book_growth),
        "effectiveness": reduction(curves),
        "turnover": np.array([one.traded for one in runs]) / np.array(size) / years,
        "episodes": [len(each.episodes) for each in planned],
        "probabilistic": sharpe["probabilistic"].to_numpy(),
        "chosen": np.arange(len(planned)) == best,
        "base": [same_as_file(strategy, each.variant) for each in planned],
        "note": [
            ended(each, one) or note
            for each, one, note in zip(planned, runs, sharpe["note"], strict=True)
        ],
    }
    return pd.DataFrame(columns)


def column_of(values: Sequence[object]) -> list[object]:
    """Write swept values as they stand in a table: lists as text; beside a text all are texts."""
    found = [
        f"[{', '.join(str(each) for each in one)}]" if isinstance(one, tuple) else one
        for one in values
    ]
    if not any(isinstance(one, str) for one in found):
        return found
    return [one if one is None else str(one) for one in found]


def spread_of(returns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(S,) standard deviation (ddof 1); NaN of fewer than two bars."""
    if len(returns) < 2:
        return np.full(returns.shape[1], np.nan)
    return np.asarray(returns.std(axis=0, ddof=1))


def deepest(equity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(S,) largest fall below the peak before, as a negative return."""
    peak = np.maximum.accumulate(equity, axis=1)
    return np.asarray((equity / peak).min(axis=1) - 1.0)


def reduction(curves: Curves) -> npt.NDArray[np.float64]:
    """(S,) share of the book's variance that is gone; NaN where the book does not vary."""
    book = float(curves.book_returns.var())
    if not book > 0:
        return np.full(curves.returns.shape[1], np.nan)
    return np.asarray(1.0 - curves.returns.var(axis=0) / book)


def ended(each: PlannedSet, run: Curve) -> str:
    """Say when everything was liquidated; nothing where it was not."""
    if run.liquidated < 0:
        return ""
    return f"liquidated on {each.setting.grid.clock.days[run.liquidated // 2]}"


def exclusion_table(
    planned: Sequence[PlannedSet], unusable: Sequence[tuple[int, str]]
) -> pd.DataFrame:
    """List what was left out: whole sets first, then occurrences by set.

    An occurrence that no set entered has no number and stands once, with the reason of the first
    set: that of others may name another day.
    """
    rows: list[tuple[object, ...]] = [(number, "all", "all", why) for number, why in unusable]
    members = dict.fromkeys(
        ("all", symbol, why) for each in planned for symbol, why in each.setting.sleeves.left_out
    )
    places = [{(name, symbol) for name, symbol, _ in each.left_out} for each in planned]
    everywhere = places[0].intersection(*places[1:])
    rows += [(pd.NA, *reason) for reason in members]
    rows += [(pd.NA, *reason) for reason in planned[0].left_out if reason[:2] in everywhere]
    rows += [
        (each.variant.number, *reason)
        for each in planned
        for reason in each.left_out
        if reason[:2] not in everywhere
    ]
    table = pd.DataFrame(rows, columns=EXCLUSION_COLUMNS)
    return table.astype({"number": "Int64"})
