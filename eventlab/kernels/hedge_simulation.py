"""The simulation of hedge plans: many portfolios on one grid of prices, order by order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.kernels.hedge_orders import (
    BASE,
    CASH,
    CUT,
    DECISION,
    DUE,
    FILL,
    FILLED,
    HELD,
    KIND,
    LIQUIDATED,
    LOSS,
    MARK,
    REFERENCE,
    TRADED,
    WANTED,
    WATCHED,
    equity_nb,
    free_cash_nb,
    liquidate_nb,
    log_nb,
    size_nb,
    trade_nb,
)
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Log", "Orders", "Tables", "simulate_nb"]

EXIT, STOP = 3, 4  # as in `Kind`
STOPPED = 5  # as in `Fate`
REACHED, BREACHED, LOST = 0, 1, 2  # why the walk from one point to the next ended
SAFE = 1e-9  # of what a bound is summed of: far above its rounding


class Tables(NamedTuple):
    """Prices and costs of A legs at 2 T points, laid out for the kernel. No NaN but in fills.

    Attributes
    ----------
    points
        (2T, A, 7): fill, mark, paid (long, short), worth (long, short), impact. Paid is what a
        share has cost in funding and borrow since the first point, positive or negative, so that
        shares x paid leaves cash; worth is the mark less what was paid.
    lows
        (L, 2T, A, 2): the smallest margin of a share, long and short, over 2 ** level points from
        each: shares x worth less maintenance of their value, per absolute share.
    levels
        (2T + 1,) int64: floor of the binary logarithm.
    curve
        (2, A, n): worth, long and short, at the points at which equity is written.
    interest, accruals
        (2T,): rate in the interval that ends at the point; (2T + 1,) int64: how many of the points
        before have one.
    legs
        (A, 3): fee, slippage, whether it is paid for in cash.
    exits
        (T, A) int64: where a leg is filled after a stop at the close of each bar; -1: nowhere.
    """

    points: npt.NDArray[np.float64]
    lows: npt.NDArray[np.float64]
    levels: npt.NDArray[np.int64]
    curve: npt.NDArray[np.float64]
    interest: npt.NDArray[np.float64]
    accruals: npt.NDArray[np.int64]
    legs: npt.NDArray[np.float64]
    exits: npt.NDArray[np.int64]


class Orders(NamedTuple):
    """S plans end to end: plan s has the rows ``offsets[s]`` to ``offsets[s + 1]``, exclusive."""

    offsets: npt.NDArray[np.int64]
    decided: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    episode: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float64]
    of_equity: npt.NDArray[np.bool_]
    points: npt.NDArray[np.int64]
    stop: npt.NDArray[np.float64]


class Log(NamedTuple):
    """What a single plan did, written by the kernel; arrays of no rows: it is not wanted.

    Attributes
    ----------
    cash
        (2T,): cash if nothing had been paid on the shares held before they were bought.
    fates
        (D, A) int64.
    ints, floats
        (N, 4) int64: point, leg, decision, kind; (N, 6): shares, price, slippage, fee, cut, shares
        held afterwards.
    counts
        (3,) int64: point of liquidation, -, number of orders.
    money
        (6,): the last of them is the shortfall.
    """

    cash: npt.NDArray[np.float64]
    fates: npt.NDArray[np.int64]
    ints: npt.NDArray[np.int64]
    floats: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    money: npt.NDArray[np.float64]


@kernel
def simulate_nb(
    tables: Tables,
    plans: Orders,
    rules: npt.NDArray[np.float64],
    log: Log,
    equity: npt.NDArray[np.float64],
    traded: npt.NDArray[np.float64],
    liquidated: npt.NDArray[np.int64],
) -> None:
    """Simulate S plans one after the other.

    Between two orders everything is linear in the shares, so that the walk goes from event to
    event: margin and stop are looked at point by point only where a bound over the points between
    does not rule them out.

    Parameters
    ----------
    rules
        (4,): capital, limit of gross exposure over equity (inf: none), legs of the book,
        maintenance.
    equity
        (S, n) written: at all points where ``log`` is wanted (n = 2T), else at the closes (n = T).
    traded, liquidated
        (S,) written: value traded; point of liquidation, -1 for never.
    """
    A = tables.legs.shape[0]
    desk, orders = np.empty((A, 4)), np.empty((A, 3), dtype=np.int64)
    alive = np.ones(len(plans.decided), dtype=np.bool_)
    for s in range(len(equity)):
        _walk_nb(tables, plans, s, rules, log, desk, orders, alive, equity[s])
        traded[s] = log.money[TRADED]
        liquidated[s] = log.counts[LIQUIDATED]


@kernel
def _walk_nb(  # noqa: PLR0915 - one loop, step by step
    tables: Tables,
    plans: Orders,
    s: int,
    rules: npt.NDArray[np.float64],
    log: Log,
    desk: npt.NDArray[np.float64],
    orders: npt.NDArray[np.int64],
    alive: npt.NDArray[np.bool_],
    out: npt.NDArray[np.float64],
) -> None:
    table, legs, money, counts = tables.points, tables.legs, log.money, log.counts
    end, A = table.shape[0], table.shape[1]
    row, last = plans.offsets[s], plans.offsets[s + 1]
    desk[:] = 0.0
    orders[:] = -1
    money[:] = 0.0
    money[CASH] = money[BASE] = rules[0]
    counts[:] = -1
    counts[2] = 0
    p, written = -1, 0
    earns = tables.accruals[end] > 0
    while p < end - 1:
        due = end - 1
        if counts[LIQUIDATED] < 0:
            if row < last:
                due = min(due, 2 * plans.decided[row] + 1)
            for a in range(A):
                if orders[a, DUE] >= 0:
                    due = min(due, orders[a, DUE])
        ended = REACHED
        if _safe_nb(tables, p, due, desk, money, counts):
            if earns and due % 2 == 0 and due - 1 > p:
                before = equity_nb(table, due - 1, desk, money[CASH])
                money[BASE] = free_cash_nb(before, table, due - 1, legs, desk)
            p = due
        else:
            _write_nb(tables.curve, written, p + 1, end, desk, money[CASH], log.cash, out)
            p, ended = _creep_nb(tables, p, due, rules[3], desk, money, counts, log.cash, out)
            written = p
        if ended == BREACHED:
            liquidate_nb(
                table, p, rules[3], legs, desk, orders, money, counts, log.ints, log.floats
            )
            row = last
        else:
            filled = False
            for a in range(A):
                if orders[a, DUE] != p:
                    continue
                if not filled:
                    _write_nb(tables.curve, written, p, end, desk, money[CASH], log.cash, out)
                    written = p
                    filled = True
                orders[a, DUE] = -1
                held, wanted, price = desk[a, HELD], desk[a, WANTED], table[p, a, FILL]
                slippage, fee = trade_nb(table, p, a, price, wanted, legs, desk, money)
                if len(log.ints):
                    decision = orders[a, DECISION]
                    log.fates[decision, a] = FILLED
                    what = (wanted - held, price, slippage, fee, desk[a, CUT], wanted)
                    who = (p, a, decision, orders[a, KIND])
                    log_nb(log.ints, log.floats, counts, who, what)
        if p % 2 == 0:
            continue
        value = equity_nb(table, p, desk, money[CASH])
        if earns:
            money[BASE] = free_cash_nb(value, table, p, legs, desk)
        if counts[LIQUIDATED] >= 0:
            continue
        watched = counts[WATCHED]
        if watched >= 0 and value / money[REFERENCE] - 1.0 <= -money[LOSS]:
            _leave_nb(tables, plans, row, last, p, value, rules, desk, orders, alive, log)
        while row < last and 2 * plans.decided[row] + 1 == p:
            if alive[row]:
                size_nb(
                    table, p, value, row, plans.kind[row], plans.targets, plans.of_equity,
                    plans.points, row, rules, desk, orders, log.fates,
                )  # fmt: skip
                _watch_nb(plans, row, last, value, money, counts)
            row += 1
    _write_nb(tables.curve, written, end, end, desk, money[CASH], log.cash, out)


@kernel
def _safe_nb(
    tables: Tables,
    p: int,
    due: int,
    desk: npt.NDArray[np.float64],
    money: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
) -> bool:
    """Tell whether nothing but prices changes after ``p`` up to ``due``: no interest, no breach."""
    if tables.accruals[due + 1] != tables.accruals[p + 1]:
        return False
    if counts[LIQUIDATED] >= 0:
        return True
    level = tables.levels[due - p]
    second = due + 1 - (1 << level)
    least = money[CASH]
    scale = abs(least)
    for a in range(desk.shape[0]):
        shares = desk[a, HELD]
        if shares == 0.0:
            continue
        side = 0 if shares > 0.0 else 1
        low = min(tables.lows[level, p + 1, a, side], tables.lows[level, second, a, side])
        least += abs(shares) * low
        scale += abs(shares * low)
    if counts[WATCHED] >= 0:
        least -= money[REFERENCE] * (1.0 - money[LOSS])
    return least > SAFE * scale


@kernel
def _creep_nb(
    tables: Tables,
    p: int,
    due: int,
    maintenance: float,
    desk: npt.NDArray[np.float64],
    money: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    cash: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> tuple[int, int]:
    """Go from ``p`` to ``due`` point by point; return where and why it ended.

    Equity of the last point is not written: orders may follow there.
    """
    table = tables.points
    end, A = table.shape[0], table.shape[1]
    for q in range(p + 1, due + 1):
        money[CASH] += money[BASE] * tables.interest[q]
        value = equity_nb(table, q, desk, money[CASH])
        if counts[LIQUIDATED] < 0:
            needed = 0.0
            for a in range(A):
                needed += maintenance * abs(desk[a, HELD]) * table[q, a, MARK]
            if value <= 0.0 or value < needed:
                return q, BREACHED
        if q == due:
            break
        if q % 2 == 1:
            money[BASE] = free_cash_nb(value, table, q, tables.legs, desk)
            if counts[WATCHED] >= 0 and value / money[REFERENCE] - 1.0 <= -money[LOSS]:
                return q, LOST
        if len(out) == end:
            out[q] = value
            cash[q] = money[CASH]
        elif q % 2 == 1:
            out[q // 2] = value
    return due, REACHED


@kernel
def _write_nb(
    curve: npt.NDArray[np.float64],
    first: int,
    last: int,
    end: int,
    desk: npt.NDArray[np.float64],
    cash: float,
    cashes: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Write equity from point ``first`` to ``last``, exclusive, with the shares held."""
    if len(out) == end:
        cashes[first:last] = cash
    else:
        first, last = first // 2, last // 2
    if first >= last:
        return
    line = out[first:last]
    line[:] = cash
    for a in range(desk.shape[0]):
        shares = desk[a, HELD]
        if shares == 0.0:
            continue
        worth = curve[0 if shares > 0.0 else 1, a, first:last]
        for i in range(len(line)):
            line[i] += shares * worth[i]


@kernel
def _watch_nb(
    plans: Orders,
    row: int,
    last: int,
    equity: float,
    money: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
) -> None:
    """Begin to watch the stop of a decision, or end it with the last exit of its episode."""
    if not np.isnan(plans.stop[row]):
        counts[WATCHED] = row
        money[REFERENCE] = equity
        money[LOSS] = plans.stop[row]
    elif counts[WATCHED] >= 0 and plans.kind[row] == EXIT:
        episode = plans.episode[counts[WATCHED]]
        if plans.episode[row] != episode:
            return
        for later in range(row + 1, last):
            if plans.episode[later] == episode and plans.kind[later] == EXIT:
                return
        counts[WATCHED] = -1


@kernel
def _leave_nb(
    tables: Tables,
    plans: Orders,
    row: int,
    last: int,
    p: int,
    equity: float,
    rules: npt.NDArray[np.float64],
    desk: npt.NDArray[np.float64],
    orders: npt.NDArray[np.int64],
    alive: npt.NDArray[np.bool_],
    log: Log,
) -> None:
    """Leave the episode whose stop is watched: size its exits at once, drop its other decisions."""
    episode = plans.episode[log.counts[WATCHED]]
    log.counts[WATCHED] = -1
    for later in range(row, last):
        if plans.episode[later] != episode or not alive[later]:
            continue
        alive[later] = False
        if plans.kind[later] == EXIT:
            size_nb(
                tables.points, p, equity, later, STOP, plans.targets, plans.of_equity,
                tables.exits, p // 2, rules, desk, orders, log.fates,
            )  # fmt: skip
        elif len(log.fates):
            for a in range(desk.shape[0]):
                if plans.points[later, a] >= 0 and not np.isnan(plans.targets[later, a]):
                    log.fates[later, a] = STOPPED
