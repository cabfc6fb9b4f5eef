"""The hedge ratio that minimises the expected shortfall of a window of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["least_shortfall_nb"]

FLAT = 1e-14  # slopes and gaps this small, relative to the returns, are rounding
MOST_STEPS = 500  # a bracket halves every third step at least: double precision ends before


@kernel
def select_nb(values: npt.NDArray[np.float64], k: int) -> float:
    """Value number ``k`` of ``values``, the largest being number 0; their order is changed."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return float(values[k])


@kernel
def tail_line_nb(
    book: npt.NDArray[np.float64],
    hedge: npt.NDArray[np.float64],
    losses: npt.NDArray[np.float64],
    tail: float,
    scratch: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Average -book and the hedge's return over the ``tail`` largest of ``losses``, as (a, s).

    All (n,); a fraction of a row counts as such, and rows that tie share alike.
    """
    n = len(losses)
    for t in range(n):
        scratch[t] = losses[t]
    edge = select_nb(scratch, min(int(tail), n - 1))
    a, s, a_tied, s_tied, above, tied = 0.0, 0.0, 0.0, 0.0, 0, 0
    for t in range(n):
        if losses[t] > edge:
            a -= book[t]
            s += hedge[t]
            above += 1
        elif losses[t] == edge:
            a_tied -= book[t]
            s_tied += hedge[t]
            tied += 1
    part = (tail - above) / tied
    return (a + part * a_tied) / tail, (s + part * s_tied) / tail


@kernel
def least_shortfall_nb(
    book: npt.NDArray[np.float64], instrument: npt.NDArray[np.float64], tail: float
) -> float:
    """Ratio r nearest to zero that minimises the mean of the ``tail`` largest of r x - b.

    ``book`` b and ``instrument`` x (n,), ``tail`` in rows, at most n. NaN where the mean falls
    without end.

    The mean is convex and piecewise linear in r: the largest of all lines a + s r that averages
    over ``tail`` rows make. Two of them bracket the minimum, that at zero and that at infinity;
    where they cross, the line on top replaces one of them, until they cross on top. Every third
    step that has not halved the bracket halves it.
    """
    n = len(book)
    losses, scratch, hedge = np.empty(n), np.empty(n), np.empty(n)
    size_b, size_x = 0.0, 0.0
    for t in range(n):
        losses[t], hedge[t] = -book[t], instrument[t]
        size_b, size_x = max(size_b, abs(book[t])), max(size_x, abs(hedge[t]))
    a_low, s_low = tail_line_nb(book, hedge, losses, tail, scratch)
    if abs(s_low) <= FLAT * size_x:
        return 0.0
    turned = 1.0
    if s_low > 0.0:  # the minimum is at a negative ratio: search the mirrored instrument
        turned = -1.0
        s_low = -s_low
        for t in range(n):
            hedge[t] = -hedge[t]
    a_high, s_high = tail_line_nb(book, hedge, hedge, tail, scratch)
    if not s_high > FLAT * size_x:
        return np.nan
    low, high, width, waited = 0.0, np.inf, np.inf, 0
    for _ in range(MOST_STEPS):
        crossing = (a_low - a_high) / (s_high - s_low)
        waited += 1
        if high - low <= 0.5 * width:
            width, waited = high - low, 0
        ratio = crossing if waited < 3 or np.isinf(high) else 0.5 * (low + high)
        if not low < ratio < high:
            break
        for t in range(n):
            losses[t] = ratio * hedge[t] - book[t]
        a, s = tail_line_nb(book, hedge, losses, tail, scratch)
        gap = (a + s * ratio) - (a_low + s_low * crossing)
        if ratio == crossing and gap <= FLAT * (size_b + ratio * size_x):
            break
        if s < -FLAT * size_x:
            low, a_low, s_low = ratio, a, s
        else:
            high, a_high, s_high = ratio, a, s
    return turned * min(max((a_low - a_high) / (s_high - s_low), low), high)
