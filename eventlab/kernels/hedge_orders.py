"""Sizes, fills and liquidation of one portfolio, for the simulation of hedges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "BASE",
    "CASH",
    "COUNT",
    "CUT",
    "DECISION",
    "DUE",
    "FEE",
    "FILL",
    "FILLED",
    "HELD",
    "IMPACT",
    "IN_CASH",
    "KIND",
    "LIQUIDATED",
    "LOSS",
    "MARK",
    "PAID",
    "REFERENCE",
    "SHORTFALL",
    "SLIPPAGE",
    "TRADED",
    "WANTED",
    "WATCHED",
    "WORTH",
    "equity_nb",
    "free_cash_nb",
    "liquidate_nb",
    "log_nb",
    "size_nb",
    "trade_nb",
]

# Columns of the table of a point and leg. What a share has paid since the first point and what it
# is worth less that have two columns: of a long share, of a short one.
FILL, MARK, PAID, WORTH, IMPACT = 0, 1, 2, 4, 6
# Columns of a leg.
FEE, SLIPPAGE, IN_CASH = 0, 1, 2
# Columns of the desk: shares held, shares wanted by the order that waits, what the limit left of
# them, and a size before it is cut.
HELD, WANTED, CUT, SIZED = 0, 1, 2, 3
# Columns of the order that waits: its point (-1: none), its row in the plan, its kind.
DUE, DECISION, KIND = 0, 1, 2
# Money: cash if nothing had been paid on the shares held before they were bought; what earned
# interest at the last close; equity that a stop looks back to, and the loss at which it acts.
CASH, BASE, REFERENCE, LOSS, TRADED, SHORTFALL = 0, 1, 2, 3, 4, 5
# Counters: point of liquidation, row whose stop is watched (-1: none), orders logged.
LIQUIDATED, WATCHED, COUNT = 0, 1, 2

LIQUIDATION = 5  # as in `Kind`
ROUNDING = 1.0 + 1e-12  # a position of all the equity is not above it by its last digit
OPEN, FILLED, UNCHANGED, REPLACED = 1, 2, 3, 4  # as in `Fate`


@kernel
def equity_nb(
    table: npt.NDArray[np.float64],
    p: int,
    desk: npt.NDArray[np.float64],
    cash: float,
) -> float:
    """Value the portfolio at point ``p``: cash and what the shares are worth less what they paid.

    Summed leg by leg in this order wherever equity is computed, so that all are equal to the bit.
    """
    total = cash
    for a in range(desk.shape[0]):
        shares = desk[a, HELD]
        if shares > 0.0:
            total += shares * table[p, a, WORTH]
        elif shares < 0.0:
            total += shares * table[p, a, WORTH + 1]
    return total


@kernel
def free_cash_nb(
    equity: float,
    table: npt.NDArray[np.float64],
    p: int,
    legs: npt.NDArray[np.float64],
    desk: npt.NDArray[np.float64],
) -> float:
    """Subtract the legs that are paid for in cash from equity: what earns interest."""
    total = equity
    for a in range(desk.shape[0]):
        total -= legs[a, IN_CASH] * desk[a, HELD] * table[p, a, MARK]
    return total


@kernel
def trade_nb(
    table: npt.NDArray[np.float64],
    p: int,
    a: int,
    price: float,
    target: float,
    legs: npt.NDArray[np.float64],
    desk: npt.NDArray[np.float64],
    money: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Bring leg ``a`` to ``target`` shares at point ``p``; return slippage (decimals) and fee.

    A sale is filled at zero at worst, however large its impact.
    """
    held = desk[a, HELD]
    delta = target - held
    value = abs(delta) * price
    slippage = legs[a, SLIPPAGE]
    if table[p, a, IMPACT] != 0.0:
        slippage += table[p, a, IMPACT] * np.sqrt(value)
    if delta < 0.0:
        slippage = min(slippage, 1.0)
        paid = price * (1.0 - slippage)
    else:
        paid = price * (1.0 + slippage)
    fee = abs(delta) * paid * legs[a, FEE]
    before = PAID if held >= 0.0 else PAID + 1
    after = PAID if target >= 0.0 else PAID + 1
    money[CASH] += target * table[p, a, after] - held * table[p, a, before] - delta * paid - fee
    money[TRADED] += value
    desk[a, HELD] = target
    return slippage, fee


@kernel
def log_nb(
    ints: npt.NDArray[np.int64],
    floats: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    who: tuple[int, int, int, int],
    what: tuple[float, float, float, float, float, float],
) -> None:
    """Write a filled order into the next row of the log, where there is one.

    ``who`` is point, leg, decision and kind; ``what`` shares, price, slippage, fee, cut, and the
    shares held afterwards.
    """
    n = counts[COUNT]
    if n >= ints.shape[0]:
        return
    for j in range(4):
        ints[n, j] = who[j]
    for j in range(6):
        floats[n, j] = what[j]
    counts[COUNT] = n + 1


@kernel
def size_nb(
    table: npt.NDArray[np.float64],
    p: int,
    equity: float,
    row: int,
    kind: int,
    targets: npt.NDArray[np.float64],
    of_equity: npt.NDArray[np.bool_],
    points: npt.NDArray[np.int64],
    points_row: int,
    rules: npt.NDArray[np.float64],
    desk: npt.NDArray[np.float64],
    orders: npt.NDArray[np.int64],
    fates: npt.NDArray[np.int64],
) -> None:
    """Turn the targets of one decision into orders that wait, sized at the close ``p``.

    Parameters
    ----------
    equity
        At the close; sizes are taken from zero where it is negative.
    row, points_row
        Row of ``targets`` (D, A) and ``of_equity``, and row of ``points``, whose -1 is no order.
    rules
        (3,): capital, limit of gross exposure over equity (inf: none), legs of the book.
    fates
        (D, A), written, or (0, A).
    """
    A = desk.shape[0]
    book = int(rules[2])
    equity = max(equity, 0.0)
    kept = 0.0  # value of the legs that this decision leaves alone, and of those that it sets
    placed = 0.0
    base = 0.0  # gross value of the book after it
    for turn in range(2):
        for a in range(A):
            mark = table[p, a, MARK]
            target = targets[row, a]
            own = of_equity[row, a]
            if not np.isnan(target) and points[points_row, a] >= 0:
                if own != (turn == 0):
                    continue
                shares = 0.0
                if target != 0.0:
                    shares = target * (equity if own else base) / mark
                desk[a, SIZED] = shares
                placed += abs(shares * mark)
                if a < book:
                    base += abs(shares * mark)
            elif turn == 0:
                shares = desk[a, WANTED] if orders[a, DUE] >= 0 else desk[a, HELD]
                kept += abs(shares * mark)
                if a < book:
                    base += abs(shares * mark)
    cut = 1.0
    if kept + placed > rules[1] * equity * ROUNDING and placed > 0.0:
        cut = max(0.0, rules[1] * equity - kept) / placed
    logged = fates.shape[0] > 0
    for a in range(A):
        if np.isnan(targets[row, a]) or points[points_row, a] < 0:
            continue
        if logged and orders[a, DUE] >= 0:
            fates[orders[a, DECISION], a] = REPLACED
        shares = desk[a, SIZED] * cut
        if shares == desk[a, HELD]:
            orders[a, DUE] = -1
            if logged:
                fates[row, a] = UNCHANGED
            continue
        desk[a, WANTED] = shares
        desk[a, CUT] = cut
        orders[a, DUE] = points[points_row, a]
        orders[a, DECISION] = row
        orders[a, KIND] = kind
        if logged:
            fates[row, a] = OPEN


@kernel
def liquidate_nb(
    table: npt.NDArray[np.float64],
    q: int,
    maintenance: float,
    legs: npt.NDArray[np.float64],
    desk: npt.NDArray[np.float64],
    orders: npt.NDArray[np.int64],
    money: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    ints: npt.NDArray[np.int64],
    floats: npt.NDArray[np.float64],
) -> None:
    """Close every position at the price at which the margin was used up, and drop what waits.

    Point ``q`` is the one at which the breach was seen. At an open its marks are the prices. At a
    close, prices went from those of the open along a straight line, so that equity less
    maintenance is linear: they are taken where it is zero, or at the open where it was below.
    What is missing from zero afterwards is written to ``money[SHORTFALL]``.
    """
    share = 1.0
    if q % 2 == 1:
        share = _crossing_nb(table, q, maintenance, desk, money[CASH])
    for a in range(desk.shape[0]):
        orders[a, DUE] = -1
        held = desk[a, HELD]
        if held == 0.0:
            continue
        price = table[q, a, MARK]
        if share < 1.0:
            price = table[q - 1, a, MARK] + share * (price - table[q - 1, a, MARK])
        slippage, fee = trade_nb(table, q, a, price, 0.0, legs, desk, money)
        what = (-held, price, slippage, fee, 1.0, 0.0)
        log_nb(ints, floats, counts, (q, a, -1, LIQUIDATION), what)
    if money[CASH] < 0.0:
        money[SHORTFALL] = -money[CASH]
        money[CASH] = 0.0
    money[BASE] = money[CASH]  # nothing is earned or owed on what was held before
    counts[LIQUIDATED] = q


@kernel
def _crossing_nb(
    table: npt.NDArray[np.float64],
    q: int,
    maintenance: float,
    desk: npt.NDArray[np.float64],
    cash: float,
) -> float:
    """Find how far from the open to the close ``q`` equity less maintenance reaches zero."""
    first = last = cash
    for a in range(desk.shape[0]):
        shares = desk[a, HELD]
        if shares == 0.0:
            continue
        paid = shares * table[q, a, PAID if shares > 0.0 else PAID + 1]
        counted = shares - maintenance * abs(shares)
        first += counted * table[q - 1, a, MARK] - paid
        last += counted * table[q, a, MARK] - paid
    return first / (first - last) if first > 0.0 else 0.0
