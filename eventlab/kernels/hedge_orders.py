"""Steps of the simulation of hedges: value, bound, walk, size and close out one portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "BREACHED",
    "DONE",
    "FEE",
    "FILL",
    "FILLED",
    "IMPACT",
    "IN_CASH",
    "LEAVING",
    "LIQUIDATION",
    "LOST",
    "MARK",
    "OPEN",
    "PAID",
    "PLANNED",
    "REACHED",
    "REPLACED",
    "ROUNDING",
    "SLIPPAGE",
    "STOP",
    "UNCHANGED",
    "WORTH",
    "creep_nb",
    "crossing_nb",
    "equity_nb",
    "leave_nb",
    "safe_nb",
]

# Columns of the table of a point and leg. What a share has paid since the first point and what it
# is worth less that have two columns: of a long share, of a short one.
FILL, MARK, PAID, WORTH, IMPACT = 0, 1, 2, 4, 6
# Columns of a leg.
FEE, SLIPPAGE, IN_CASH = 0, 1, 2
# Whether a decision is to be taken at its bar, or at once because its episode is left at a stop.
LEAVING, PLANNED, DONE = 0, 1, 2
# Why a walk ended.
REACHED, BREACHED, LOST = 0, 1, 2

EXIT, STOP, LIQUIDATION = 3, 4, 5  # as in `Kind`
OPEN, FILLED, UNCHANGED, REPLACED, STOPPED = 1, 2, 3, 4, 5  # as in `Fate`
ROUNDING = 1.0 + 1e-12  # a position of all the equity is not above it by its last digit
SAFE = 1e-9  # of what a bound is summed of: far above its rounding


@kernel(inline=True)
def equity_nb(
    table: npt.NDArray[np.float64],
    p: int,
    held: npt.NDArray[np.float64],
    cash: float,
) -> float:
    """Value the portfolio at point ``p``: cash and what the shares are worth less what they paid.

    Summed leg by leg in this order wherever equity is computed, so that all are equal to the bit.
    """
    total = cash
    for a in range(len(held)):
        shares = held[a]
        if shares > 0.0:
            total += shares * table[p, a, WORTH]
        elif shares < 0.0:
            total += shares * table[p, a, WORTH + 1]
    return total


@kernel(inline=True)
def safe_nb(
    lows: npt.NDArray[np.float64],
    levels: npt.NDArray[np.int64],
    p: int,
    due: int,
    held: npt.NDArray[np.float64],
    cash: float,
    floor: float,
) -> bool:
    """Tell whether a bound rules out margin call and stop from ``p`` (exclusive) to ``due``.

    ``lows`` (L, 2T, A, 2) are minima over 2 ** level points, so that two of them cover any stretch.
    ``floor`` is the equity at which a stop acts, 0 for none.
    """
    level = levels[due - p]
    second = due + 1 - (1 << level)
    least = cash - floor
    scale = abs(cash) + floor
    for a in range(len(held)):
        shares = held[a]
        if shares == 0.0:
            continue
        side = 0 if shares > 0.0 else 1
        low = min(lows[level, p + 1, a, side], lows[level, second, a, side])
        least += abs(shares) * low
        scale += abs(shares * low)
    return bool(least > SAFE * scale)


@kernel
def creep_nb(
    table: npt.NDArray[np.float64],
    interest: npt.NDArray[np.float64],
    legs: npt.NDArray[np.float64],
    p: int,
    due: int,
    maintenance: float,
    reference: float,
    loss: float,
    held: npt.NDArray[np.float64],
    cash: float,
    base: float,
    cashes: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> tuple[int, int, float, float]:
    """Go from ``p`` to ``due`` point by point, with interest; return where and why it ended.

    ``maintenance`` below 0: everything has been liquidated. Returned are also cash and what earns
    interest. Equity of the last point is not written: orders may follow there.
    """
    end, A = table.shape[0], table.shape[1]
    for q in range(p + 1, due + 1):
        cash += base * interest[q]
        value = equity_nb(table, q, held, cash)
        if maintenance >= 0.0:
            needed = 0.0
            for a in range(A):
                needed += maintenance * abs(held[a]) * table[q, a, MARK]
            if value <= 0.0 or value < needed:
                return q, BREACHED, cash, base
        if q == due:
            break
        if q % 2 == 1:
            base = value
            for a in range(A):
                base -= legs[a, IN_CASH] * held[a] * table[q, a, MARK]
            if value / reference - 1.0 <= -loss:
                return q, LOST, cash, base
        if len(out) == end:
            out[q] = value
            cashes[q] = cash
        elif q % 2 == 1:
            out[q // 2] = value
    return due, REACHED, cash, base


@kernel
def crossing_nb(
    table: npt.NDArray[np.float64],
    q: int,
    maintenance: float,
    held: npt.NDArray[np.float64],
    cash: float,
) -> float:
    """Find how far into the bar of point ``q`` the margin was used up, if it was seen there.

    At an open that is 1: its marks are the prices. From the open to the close prices go along
    straight lines, so that equity less maintenance is linear: it is where that is zero, or 0 where
    it was below from the start.
    """
    first = last = cash
    if q % 2 == 0:
        return 1.0
    for a in range(len(held)):
        if held[a] != 0.0:
            paid = held[a] * table[q, a, PAID if held[a] > 0.0 else PAID + 1]
            counted = held[a] - maintenance * abs(held[a])
            first += counted * table[q - 1, a, MARK] - paid
            last += counted * table[q, a, MARK] - paid
    return first / (first - last) if first > 0.0 else 0.0


@kernel
def leave_nb(
    kind: npt.NDArray[np.int64],
    episode: npt.NDArray[np.int64],
    watched: int,
    last: int,
    state: npt.NDArray[np.int64],
    fates: npt.NDArray[np.int64],
) -> None:
    """Mark the exits of the episode whose stop was reached, and drop its other decisions."""
    for row in range(watched + 1, last):
        if episode[row] != episode[watched] or state[row] != PLANNED:
            continue
        if kind[row] == EXIT:
            state[row] = LEAVING
            continue
        state[row] = DONE
        for a in range(fates.shape[1]):
            if fates[row, a] == OPEN:
                fates[row, a] = STOPPED
