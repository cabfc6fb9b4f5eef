"""The simulation of hedge plans: many portfolios on one grid of prices, order by order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.kernels.hedge_orders import (
    BREACHED,
    DONE,
    FEE,
    FILL,
    FILLED,
    IMPACT,
    IN_CASH,
    LEAVING,
    LIQUIDATION,
    MARK,
    OPEN,
    PAID,
    PLANNED,
    REACHED,
    REPLACED,
    ROUNDING,
    SLIPPAGE,
    STOP,
    UNCHANGED,
    creep_nb,
    crossing_nb,
    equity_nb,
    leave_nb,
    safe_nb,
)
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Log", "Orders", "Tables", "simulate_nb"]


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
    """

    cash: npt.NDArray[np.float64]
    fates: npt.NDArray[np.int64]
    ints: npt.NDArray[np.int64]
    floats: npt.NDArray[np.float64]


@kernel
def simulate_nb(  # noqa: PLR0915 - one loop, step by step
    tables: Tables,
    plans: Orders,
    until: npt.NDArray[np.int64],
    rules: npt.NDArray[np.float64],
    log: Log,
    equity: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
) -> None:
    """Simulate S plans one after the other.

    Between two orders everything is linear in the shares, so that the walk goes from event to
    event: margin and stop are looked at point by point only where a bound over the points between
    does not rule them out.

    Parameters
    ----------
    until
        (D,) int64: row of the last EXIT of each decision's episode.
    rules
        (4,): capital, limit of gross exposure over equity (inf: none), legs of the book,
        maintenance.
    equity
        (S, n) written: at all points where ``log`` is wanted (n = 2T), else at the closes (n = T).
    ends
        (S, 4) written: value traded; point of liquidation, -1 for never; shortfall; orders filled.
    """
    table, lows, levels, curve, interest, accruals, legs, exits = tables
    offsets, decided, kinds, episode, targets, of_equity, points, stop = plans
    cashes, fates, ints, floats = log
    end, A = table.shape[0], table.shape[1]
    # Shares held; those wanted by the order that waits, its point (-1: none), row and kind, and
    # what the limit left of it; a size and a point before they become an order.
    held, wanted, cuts, sized = np.empty(A), np.empty(A), np.empty(A), np.empty(A)
    due_at, row_of, kind_of = np.empty(A, np.int64), np.empty(A, np.int64), np.empty(A, np.int64)
    fill_at = np.empty(A, np.int64)
    state = np.full(len(decided), PLANNED)
    n_book, limited = int(rules[2]), rules[1] < np.inf
    earns, logged = accruals[end] > 0, len(fates) > 0
    for s in range(len(equity)):
        out = equity[s]
        row, last = offsets[s], offsets[s + 1]
        for a in range(A):
            held[a] = 0.0
            due_at[a] = -1
        cash = base = rules[0]
        traded = shortfall = reference = 0.0
        loss = np.inf  # at which the watched stop acts
        watched = closed = safe_until = -1
        p = 2 * decided[row] if row < last else -1  # before the first decision nothing is earned
        count = written = 0
        soonest = end  # point of the next order
        while True:
            # To the next decision or order, on what is held.
            due = min(end - 1 if p < end - 1 else end, soonest)
            if row < last:
                due = min(due, 2 * decided[row] + 1)
            if due > safe_until and due < end and accruals[due + 1] == accruals[p + 1]:
                floor = reference * (1.0 - loss) if watched >= 0 else 0.0
                # What is decided is often filled two points later: one bound for both.
                far = min(due + 2, end - 1)
                if closed >= 0:
                    safe_until = due
                elif accruals[far + 1] == accruals[p + 1] and safe_nb(
                    lows, levels, p, far, held, cash, floor
                ):
                    safe_until = far
                elif safe_nb(lows, levels, p, due, held, cash, floor):
                    safe_until = due
            calm = due <= safe_until or due == end
            if due in (soonest, end) or not calm:
                # Equity up to here, before cash or shares are others.
                upto = due if calm else p + 1
                i, j = written // 2, upto // 2
                if len(out) == end:
                    i, j = written, upto
                    for k in range(i, j):
                        cashes[k] = cash
                written = upto
                # Indices without a sign need no look at it: a quarter of all the time.
                for a in range(0, A, 3):  # three legs in one pass; a leg that lacks counts as 0
                    b, c = min(a + 1, A - 1), min(a + 2, A - 1)
                    x, y, z = held[a], held[b] if b > a else 0.0, held[c] if c > b else 0.0
                    idle = x == 0.0 and y == 0.0 and z == 0.0
                    one, two, three = 0 if x > 0.0 else 1, 0 if y > 0.0 else 1, 0 if z > 0.0 else 1
                    if a == 0 and idle:
                        for k in range(np.uint64(i), np.uint64(j)):
                            out[k] = cash
                    elif a == 0:
                        for k in range(np.uint64(i), np.uint64(j)):
                            value = cash + x * curve[one, a, k] + y * curve[two, b, k]
                            out[k] = value + z * curve[three, c, k]
                    elif not idle:
                        for k in range(np.uint64(i), np.uint64(j)):
                            value = out[k] + x * curve[one, a, k] + y * curve[two, b, k]
                            out[k] = value + z * curve[three, c, k]
            if due == end:
                break
            ended, share = REACHED, 1.0
            if calm:
                if earns and due % 2 == 0 and due - 1 > p:
                    base = equity_nb(table, due - 1, held, cash)
                    for a in range(A):
                        base -= legs[a, IN_CASH] * held[a] * table[due - 1, a, MARK]
                p = due
            else:
                margin = rules[3] if closed < 0 else -1.0
                p, ended, cash, base = creep_nb(
                    table, interest, legs, p, due, margin,
                    reference, loss, held, cash, base, cashes, out,
                )  # fmt: skip
                written = p
            # Orders, those of a liquidation among them.
            if ended == BREACHED:
                share = crossing_nb(table, p, rules[3], held, cash)
                for a in range(A):
                    due_at[a] = p if held[a] != 0.0 else -1
                    row_of[a], kind_of[a] = -1, LIQUIDATION
                    wanted[a], cuts[a] = 0.0, 1.0
                soonest = p
            if p == soonest:
                soonest = end
                for a in range(A):
                    if due_at[a] != p:
                        if due_at[a] >= 0:
                            soonest = min(soonest, due_at[a])
                        continue
                    due_at[a] = -1
                    price = table[p, a, FILL]
                    if ended == BREACHED:
                        start = table[p - p % 2, a, MARK]
                        price = start + share * (table[p, a, MARK] - start)
                    old, new = held[a], wanted[a]
                    delta = new - old
                    value = abs(delta) * price
                    slippage = legs[a, SLIPPAGE]
                    if table[p, a, IMPACT] != 0.0:
                        slippage += table[p, a, IMPACT] * np.sqrt(value)
                    if delta < 0.0:
                        slippage = min(slippage, 1.0)
                        amount = price * (1.0 - slippage)
                    else:
                        amount = price * (1.0 + slippage)
                    fee = abs(delta) * amount * legs[a, FEE]
                    before = table[p, a, PAID if old >= 0.0 else PAID + 1]
                    after = table[p, a, PAID if new >= 0.0 else PAID + 1]
                    cash += new * after - old * before - delta * amount - fee
                    traded += value
                    held[a] = new
                    if count < len(ints):
                        if row_of[a] >= 0:
                            fates[row_of[a], a] = FILLED
                        ints[count, 0], ints[count, 1] = p, a
                        ints[count, 2], ints[count, 3] = row_of[a], kind_of[a]
                        floats[count, 0], floats[count, 1] = delta, price
                        floats[count, 2], floats[count, 3] = slippage, fee
                        floats[count, 4], floats[count, 5] = cuts[a], new
                        count += 1
                safe_until = p
            if ended == BREACHED:
                if cash < 0.0:
                    shortfall, cash = -cash, 0.0
                base = cash  # nothing is earned or owed on what was held before
                row, closed, watched, loss = last, p, -1, np.inf
            decides = row < last and 2 * decided[row] + 1 == p
            if p % 2 == 0 or not (decides or earns or watched >= 0):
                continue
            # The close: what earns interest, the stop, the decisions.
            worth = equity_nb(table, p, held, cash)
            if earns:
                base = worth
                for a in range(A):
                    base -= legs[a, IN_CASH] * held[a] * table[p, a, MARK]
            turn = PLANNED
            if watched >= 0 and worth / reference - 1.0 <= -loss:
                leave_nb(kinds, episode, watched, last, state, fates)
                watched, loss, turn = -1, np.inf, LEAVING
            while turn <= PLANNED:
                at = row
                while at < last and (turn == LEAVING or 2 * decided[at] + 1 == p):
                    if state[at] != turn:
                        at += 1
                        continue
                    state[at] = DONE
                    # Sizes of the legs of equity first, then of those that hedge the book.
                    funds = max(worth, 0.0)
                    kept = placed = book = 0.0
                    hedges = False
                    for a in range(A):
                        target, mark = targets[at, a], table[p, a, MARK]
                        fill_at[a] = points[at, a] if turn == PLANNED else exits[p // 2, a]
                        if np.isnan(target) or fill_at[a] < 0:
                            sized[a] = np.nan
                            size = abs((wanted[a] if due_at[a] >= 0 else held[a]) * mark)
                            kept += size
                        elif of_equity[at, a]:
                            sized[a] = target * funds / mark if target != 0.0 else 0.0
                            size = abs(sized[a] * mark)
                            placed += size
                        else:
                            sized[a] = np.inf
                            hedges = True
                            continue
                        if a < n_book:
                            book += size
                    if hedges and limited:
                        for a in range(A):
                            if sized[a] == np.inf:
                                target, mark = targets[at, a], table[p, a, MARK]
                                sized[a] = target * book / mark if target != 0.0 else 0.0
                                placed += abs(sized[a] * mark)
                    cut = 1.0
                    if limited and kept + placed > rules[1] * funds * ROUNDING and placed > 0.0:
                        cut = max(0.0, rules[1] * funds - kept) / placed
                    soonest = end
                    for a in range(A):
                        if not np.isnan(sized[a]):
                            new = sized[a] * cut
                            if new == np.inf:  # of the book, without a limit to be cut to
                                target, mark = targets[at, a], table[p, a, MARK]
                                new = target * book / mark if target != 0.0 else 0.0
                            point = fill_at[a] if new != held[a] else -1
                            if logged:
                                if due_at[a] >= 0:
                                    fates[row_of[a], a] = REPLACED
                                fates[at, a] = OPEN if point >= 0 else UNCHANGED
                                cuts[a], row_of[a] = cut, at
                                kind_of[a] = kinds[at] if turn == PLANNED else STOP
                            wanted[a], due_at[a] = new, point
                        if due_at[a] >= 0:
                            soonest = min(soonest, due_at[a])
                    if turn == PLANNED and not np.isnan(stop[at]):
                        watched, reference, loss = at, worth, stop[at]
                        safe_until = p
                    elif watched >= 0 and at == until[watched]:
                        watched, loss = -1, np.inf
                    at += 1
                turn += 1
            row = at
        ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3] = traded, closed, shortfall, count
