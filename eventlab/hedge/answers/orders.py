"""Every order that was meant: filled, rolled or refused, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.hedge.answers.instants import moment
from eventlab.hedge.rolls import Roll
from eventlab.hedge.types import Fate, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventlab.hedge.episodes import Episode
    from eventlab.hedge.plan import Planned
    from eventlab.hedge.portfolio import Portfolio
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Plan, Simulation

__all__ = ["ORDER_COLUMNS", "TRADE_COLUMNS", "order_table", "trade_table"]

ORDER_COLUMNS = [
    "number", "occurrence", "event", "symbol", "kind", "decided_at", "scheduled_at", "filled_at",
    "shares", "price", "fill_price", "value", "fee", "slippage", "status", "reason",
]  # fmt: skip
TRADE_COLUMNS = [
    "symbol", "entered_at", "exited_at", "shares", "entry_price", "exit_price", "fees", "pnl",
    "return", "status",
]  # fmt: skip
WAYS = {
    Roll.AS_DUE: "",
    Roll.NEXT_OPEN: "its market was closed: filled when it opened next",
    Roll.PREVIOUS_CLOSE: "its market would be closed: filled at the close before",
    Roll.CANCELLED: "its market was closed",
    Roll.NO_OPEN: "no opening price: filled at the close",
    Roll.ROLLED: "the price lacked: filled at the next",
    Roll.MISSING: "the price lacked",
    Roll.AFTER_END: "prices end before",
}
FATES = {
    Fate.OPEN: "prices end before it was filled",
    Fate.REPLACED: "replaced by a later decision before it was filled",
    Fate.STOPPED: "the position had been stopped out",
    Fate.LIQUIDATED: "everything had been liquidated",
}


def order_table(
    setting: Setting, planned: Planned, run: Simulation, episodes: Sequence[Episode]
) -> pd.DataFrame:
    """Tabulate the orders in order of decision, leg by leg; columns as of `Backtest`.

    An order whose target is what is held already is none.
    """
    rows = [*filled(setting, planned, run, episodes), *refused(setting, planned, run, episodes)]
    rows.sort(key=lambda each: (each["filled_at"], each["decided_at"], each["symbol"]))
    table = pd.DataFrame(rows, columns=ORDER_COLUMNS[1:])
    table.insert(0, "number", np.arange(1, len(table) + 1))
    return table


def filled(
    setting: Setting, planned: Planned, run: Simulation, episodes: Sequence[Episode]
) -> Iterator[dict[str, Any]]:
    """Orders that were filled, as due or rolled."""
    grid = setting.grid
    for at in range(len(run.order_point)):
        point, leg = int(run.order_point[at]), int(run.order_leg[at])
        decision, kind = int(run.order_decision[at]), Kind(int(run.order_kind[at]))
        shares, price = float(run.order_shares[at]), float(run.order_price[at])
        paid = price * (1.0 + np.sign(shares) * float(run.order_slippage[at]))
        way = Roll.AS_DUE
        reason = []
        decided = scheduled = grid.instants[point]
        if kind is Kind.LIQUIDATION:
            reason.append("equity fell below the margin")
        elif kind is Kind.STOP:
            decided = grid.instants[stop_point(planned.plan, run, decision)]
            reason.append("the loss since entry reached the stop")
        else:
            way = Roll(int(planned.ways[decision, leg]))
            decided = grid.instants[2 * int(planned.plan.decided[decision]) + 1]
            scheduled = grid.instants[int(planned.due[decision, leg])]
            reason.append(WAYS[way])
        if run.order_cut[at] < 1.0:
            reason.append(f"cut to {run.order_cut[at]:.4g} of its size by limits.gross")
        yield {
            **named(planned, decision, episodes),
            "symbol": grid.symbols[leg],
            "kind": kind.name.lower(),
            "decided_at": moment(decided),
            "scheduled_at": moment(scheduled),
            "filled_at": moment(
                grid.instants[point] if kind is Kind.LIQUIDATION else grid.filled_at[point, leg]
            ),
            "shares": shares,
            "price": price,
            "fill_price": paid,
            "value": shares * paid,
            "fee": float(run.order_fee[at]),
            "slippage": abs(shares) * price * float(run.order_slippage[at]),
            "status": "filled" if way in {Roll.AS_DUE} else "rolled",
            "reason": "; ".join(filter(None, reason)),
        }


def stop_point(plan: Plan, run: Simulation, leaving: int) -> int:
    """Find the close at which the stop of an episode was seen; ``leaving`` is its exit's row."""
    own = (plan.episode == plan.episode[leaving]) & np.isfinite(plan.stop)
    watched = int(np.flatnonzero(own)[0])
    row = int(plan.decided[watched])
    closes = run.equity[1::2]
    reached = closes[row + 1 :] / closes[row] - 1.0 <= -plan.stop[watched]
    return 2 * (row + 1 + int(np.argmax(reached))) + 1


def refused(
    setting: Setting, planned: Planned, run: Simulation, episodes: Sequence[Episode]
) -> Iterator[dict[str, Any]]:
    """Orders that were not filled."""
    grid, plan = setting.grid, planned.plan
    asked = np.isfinite(plan.targets)
    lost = asked & np.isin(run.fates, tuple(FATES))
    done = np.isin(run.fates, (Fate.FILLED, Fate.UNCHANGED))
    nowhere = asked & (plan.points < 0) & ~done
    for decision, leg in np.argwhere(lost | nowhere):
        fate = Fate(int(run.fates[decision, leg]))
        way = Roll(int(planned.ways[decision, leg]))
        due = int(planned.due[decision, leg])
        row = int(plan.decided[decision])
        scheduled = moment(grid.instants[due]) if due < len(grid.instants) else pd.NaT
        decided = moment(grid.instants[2 * row + 1]) if row < len(grid) else pd.NaT
        yield {
            **named(planned, int(decision), episodes),
            "symbol": grid.symbols[leg],
            "kind": Kind(int(plan.kind[decision])).name.lower(),
            "decided_at": decided,
            "scheduled_at": scheduled,
            "filled_at": pd.NaT,
            **dict.fromkeys(("shares", "price", "fill_price", "value", "fee", "slippage"), np.nan),
            "status": "refused",
            "reason": FATES.get(fate) or why_nowhere(way),
        }


def why_nowhere(way: Roll) -> str:
    """Say why an order has no point at which it could be filled."""
    if way is Roll.PREVIOUS_CLOSE:
        return "its market was closed, and the close before came before the decision"
    return WAYS[way]


def named(planned: Planned, decision: int, episodes: Sequence[Episode]) -> dict[str, str]:
    """Name the occurrence that an order belongs to; empty for what is held outside of any."""
    number = int(planned.plan.episode[decision]) if decision >= 0 else -1
    if number < 0:
        return {"occurrence": "", "event": ""}
    occasion = episodes[number].first.span.occasion
    return {"occurrence": occasion.occurrence, "event": occasion.event}


def trade_table(setting: Setting, portfolio: Portfolio) -> pd.DataFrame:
    """Tabulate round trips as vectorbt counts them: a row per reduction, and per open position."""
    found, grid = portfolio.trades, setting.grid
    open_ = found["status"].to_numpy() == "open"
    exits = pd.Series(pd.to_datetime(grid.instants[found["exit_point"].to_numpy()], utc=True))
    table = pd.DataFrame(
        {
            "symbol": np.array(grid.symbols, dtype=object)[found["leg"].to_numpy()],
            "entered_at": pd.to_datetime(grid.instants[found["entry_point"].to_numpy()], utc=True),
            "exited_at": exits.mask(open_),
            "shares": found["size"].to_numpy(),
            **{
                name: found[name].to_numpy()
                for name in ("entry_price", "exit_price", "fees", "pnl", "return", "status")
            },
        },
        columns=TRADE_COLUMNS,
    )
    return table.astype({"symbol": "str", "status": "str"})
