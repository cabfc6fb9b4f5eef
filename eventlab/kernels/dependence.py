"""Cross-correlation of abnormal returns where event windows share calendar bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["overlap_correlation_nb", "residuals_nb"]


@kernel
def residuals_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    factors: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    coefficients: npt.NDArray[np.float64],
    estimation: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Estimation residuals (N, M) of each event, NaN where a return is missing.

    ``factors`` (N, k - 1) with -1 for unused; ``coefficients`` (N, k), NaN for unused.
    """
    T = returns.shape[1]
    rows = estimation[1] - estimation[0] + 1
    resid = np.full((len(position), rows), np.nan)
    for i in range(len(position)):
        y = returns[column[i]]
        start = position[i] + estimation[0]
        first, last = max(0, -start), max(0, min(rows, T - start))
        alpha = coefficients[i, 0] if coefficients.shape[1] > 0 else 0.0
        for r in range(first, last):
            resid[i, r] = y[start + r] - alpha
        for c in range(factors.shape[1]):
            if factors[i, c] >= 0:
                x, beta = returns[factors[i, c]], coefficients[i, c + 1]
                for r in range(first, last):
                    resid[i, r] -= beta * x[start + r]
    return resid


@kernel
def add_standardised_nb(row: npt.NDArray[np.float64], sums: npt.NDArray[np.float64]) -> int:
    """Add ``row``, centred and scaled to unit length, to ``sums``; 0 if it is constant, else 1."""
    n = len(row)
    mean = 0.0
    for t in range(n):
        mean += row[t]
    mean /= n
    square = 0.0
    for t in range(n):
        square += (row[t] - mean) ** 2
    if not square > 0.0:
        return 0
    scale = 1.0 / np.sqrt(square)
    for t in range(n):
        sums[t] += (row[t] - mean) * scale
    return 1


@kernel
def pair_correlation_nb(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], min_rows: int
) -> float:
    """Correlation over the rows where both are finite; 0 below ``min_rows`` of them."""
    n, a_mean, b_mean = 0, 0.0, 0.0
    for t in range(len(a)):
        both = a[t] + b[t]
        if both - both == 0.0:
            n += 1
            a_mean += a[t]
            b_mean += b[t]
    if n < min_rows:
        return 0.0
    a_mean /= n
    b_mean /= n
    saa, sbb, sab = 0.0, 0.0, 0.0
    for t in range(len(a)):
        both = a[t] + b[t]
        if both - both == 0.0:
            saa += (a[t] - a_mean) ** 2
            sbb += (b[t] - b_mean) ** 2
            sab += (a[t] - a_mean) * (b[t] - b_mean)
    return sab / np.sqrt(saa * sbb) if saa > 0.0 and sbb > 0.0 else 0.0


@kernel
def date_pair_nb(
    resid: npt.NDArray[np.float64],
    gappy: npt.NDArray[np.bool_],
    a: tuple[int, int],
    b: tuple[int, int],
    shift: int,
    min_rows: int,
) -> float:
    """Sum of correlations over the pairs of two dates; all pairs of one date when a == b.

    Events a[0]..a[1]-1 share one date, b[0]..b[1]-1 one that lies ``shift`` rows later.
    """
    common = resid.shape[1] - shift
    if common < min_rows:
        return 0.0
    left, right = np.zeros(common), np.zeros(common)
    same, n = a[0] == b[0], 0
    for i in range(a[0], a[1]):
        if not gappy[i]:
            n += add_standardised_nb(resid[i, shift:], left)
    total = 0.0
    if same:
        for t in range(common):
            total += left[t] * left[t]
        total = (total - n) / 2.0
    else:
        for j in range(b[0], b[1]):
            if not gappy[j]:
                add_standardised_nb(resid[j, :common], right)
        for t in range(common):
            total += left[t] * right[t]
    for i in range(a[0], a[1]):  # events with missing residuals have rows of their own per pair
        for j in range(i + 1 if same else b[0], b[1]):
            if gappy[i] or gappy[j]:
                total += pair_correlation_nb(resid[i, shift:], resid[j, :common], min_rows)
    return total


@kernel
def overlap_correlation_nb(
    resid: npt.NDArray[np.float64],
    position: npt.NDArray[np.int64],
    length: int,
    min_rows: int,
) -> tuple[float, int]:
    """Mean over all pairs of rho_ij times the share of the CAR window they have in common.

    Kolari & Pynnonen (2010) with the correlation weighted by overlap. ``resid`` (N, M) and
    ``position`` (N,) sorted by position; ``length`` is L of the CAR window. Also returns the
    number of pairs whose windows overlap.

    Events of one date share their rows, so the sum of their correlations is the squared length of
    the sum of their standardised residuals: O(N M) per pair of dates instead of O(N^2 M).
    """
    N = len(position)
    gappy = np.zeros(N, dtype=np.bool_)
    for i in range(N):
        total = 0.0
        for r in range(resid.shape[1]):
            total += resid[i, r]
        gappy[i] = not (total - total == 0.0)
    total, overlapping = 0.0, 0
    a0 = 0
    while a0 < N:
        a1 = a0
        while a1 < N and position[a1] == position[a0]:
            a1 += 1
        b0 = a0
        while b0 < N and position[b0] - position[a0] < length:
            b1 = b0
            while b1 < N and position[b1] == position[b0]:
                b1 += 1
            shift = position[b0] - position[a0]
            share = (length - shift) / length
            pairs = (a1 - a0) * (a1 - a0 - 1) // 2 if a0 == b0 else (a1 - a0) * (b1 - b0)
            if pairs > 0:
                overlapping += pairs
                total += share * date_pair_nb(resid, gappy, (a0, a1), (b0, b1), shift, min_rows)
            b0 = b1
        a0 = a1
    return (total / (N * (N - 1) / 2.0) if N > 1 else 0.0), overlapping
