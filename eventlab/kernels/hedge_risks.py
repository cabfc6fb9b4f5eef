"""Variance and expected shortfall of draws of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["drawn_risks_nb"]


@kernel
def drawn_risks_nb(
    values: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    units: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    drawn: npt.NDArray[np.int64],
    level: float,
) -> npt.NDArray[np.float64]:
    """Risks (2, K, B) of K series in B draws: variance (divisor n), then expected shortfall.

    ``values`` (K, n) are returns, ``order`` (K, n) their rows from the lowest return up. Unit k
    holds the rows ``units[offsets[k]:offsets[k + 1]]`` and ``drawn`` (B, m) are the units of each
    draw. The shortfall is the mean loss of the worst ``level`` of a draw, the row at the boundary
    with the fraction that belongs to it (Acerbi & Tasche 2002, eq. 4.12).
    """
    K, n = values.shape
    B, m = drawn.shape
    found = np.empty((2, K, B))
    counts = np.empty(n, dtype=np.int64)
    centred = np.empty((K, n))
    for k in range(K):
        mean = 0.0
        for t in range(n):
            mean += values[k, t]
        for t in range(n):
            centred[k, t] = values[k, t] - mean / n
    for b in range(B):
        for t in range(n):
            counts[t] = 0
        total = 0.0
        for j in range(m):
            unit = drawn[b, j]
            total += offsets[unit + 1] - offsets[unit]
            for place in range(offsets[unit], offsets[unit + 1]):
                counts[units[place]] += 1
        for k in range(K):
            # One pass over centred values: a second one for the draw's own mean took twice as long.
            first, second = 0.0, 0.0
            for t in range(n):
                weighted = counts[t] * centred[k, t]
                first += weighted
                second += weighted * centred[k, t]
            first, second = first / total, second / total
            square = second - first * first
            # What rounding leaves of a draw whose values are all the same is no variance.
            found[0, k, b] = square if square > 1e-14 * second else 0.0
            left, loss = level * total, 0.0
            for place in range(n):
                t = order[k, place]
                taken = min(float(counts[t]), left)
                loss -= taken * values[k, t]
                left -= taken
                if left <= 0.0:
                    break
            found[1, k, b] = loss / (level * total)
    return found
