"""Cross-correlation of abnormal returns where event windows share calendar bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import NO_VARIANCE
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
def sum_nb(a: npt.NDArray[np.float64]) -> float:
    """Sum in four partial sums: a single one would wait for itself at every addition."""
    n = len(a)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for t in range(0, n - 3, 4):
        s0 += a[t]
        s1 += a[t + 1]
        s2 += a[t + 2]
        s3 += a[t + 3]
    for t in range(n - n % 4, n):
        s0 += a[t]
    return (s0 + s1) + (s2 + s3)


@kernel
def dot_nb(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Inner product in four partial sums."""
    n = len(a)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for t in range(0, n - 3, 4):
        s0 += a[t] * b[t]
        s1 += a[t + 1] * b[t + 1]
        s2 += a[t + 2] * b[t + 2]
        s3 += a[t + 3] * b[t + 3]
    for t in range(n - n % 4, n):
        s0 += a[t] * b[t]
    return (s0 + s1) + (s2 + s3)


@kernel
def moments_nb(row: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean of ``row`` and its sum of squares about the mean, in four partial sums."""
    n = len(row)
    mean = sum_nb(row) / n
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for t in range(0, n - 3, 4):
        s0 += (row[t] - mean) ** 2
        s1 += (row[t + 1] - mean) ** 2
        s2 += (row[t + 2] - mean) ** 2
        s3 += (row[t + 3] - mean) ** 2
    for t in range(n - n % 4, n):
        s0 += (row[t] - mean) ** 2
    return mean, (s0 + s1) + (s2 + s3)


@kernel
def inverse_length_nb(square: float, mean: float, n: int) -> float:
    """1 / sqrt(square); 0 where the series is constant up to rounding."""
    varies = square > NO_VARIANCE * (square + n * mean * mean)
    return 1.0 / np.sqrt(square) if varies else 0.0


@kernel
def edge_moments_nb(
    row: npt.NDArray[np.float64], mean: npt.NDArray[np.float64], scale: npt.NDArray[np.float64]
) -> None:
    """Moments of ``row`` (M,) without its first s values [0, s] and without its last s [1, s].

    ``mean`` and ``scale`` (one over the centred length) are (2, S). From the shortest part
    outwards by Welford's update: adding never cancels, as taking away would.
    """
    M, S = len(row), mean.shape[1]
    for side in range(2):
        part = row[S - 1 :] if side == 0 else row[: M - S + 1]
        centre, square = moments_nb(part)
        n = len(part)
        mean[side, S - 1], scale[side, S - 1] = centre, inverse_length_nb(square, centre, n)
        for s in range(S - 2, -1, -1):
            value = row[s] if side == 0 else row[M - 1 - s]
            n += 1
            step = value - centre
            centre += step / n
            square += step * (value - centre)
            mean[side, s], scale[side, s] = centre, inverse_length_nb(square, centre, n)


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
    return sab * inverse_length_nb(saa, a_mean, n) * inverse_length_nb(sbb, b_mean, n)


@kernel
def date_sum_nb(
    resid: npt.NDArray[np.float64],
    events: npt.NDArray[np.int64],
    chosen: tuple[int, int],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    first: int,
    total: npt.NDArray[np.float64],
) -> int:
    """Sum the residuals of some events, centred and scaled to unit length, into ``total``.

    The events chosen[0]..chosen[1]-1, the rows from ``first`` on; ``mean`` and ``scale`` (N,) are
    those of the events over these rows, 0 for an event that does not take part. Returns how many
    take part.
    """
    total[:] = 0.0
    n = 0
    for e in range(chosen[0], chosen[1]):
        centre, factor = mean[e], scale[e]
        if factor > 0.0:
            n += 1
            part = resid[events[e], first : first + len(total)]
            for t in range(len(total)):
                total[t] += (part[t] - centre) * factor
    return n


@kernel
def overlap_correlation_nb(
    resid: npt.NDArray[np.float64],
    position: npt.NDArray[np.int64],
    events: npt.NDArray[np.int64],
    length: int,
    min_rows: int,
) -> tuple[float, int]:
    """Mean over all pairs of rho_ij times the share of the CAR window they have in common.

    Kolari & Pynnonen (2010) with the correlation weighted by overlap. ``resid`` (R, M) and
    ``position`` (R,); ``events`` (N,) are the rows of both that take part, sorted by position;
    ``length`` is L of the CAR window. Also returns the number of pairs whose windows overlap.

    Events of one date share their rows, so the sum of their correlations is the squared length of
    the sum of their standardised residuals: O(N M) per pair of dates instead of O(N^2 M). Events
    with missing residuals have rows of their own per pair and are correlated pair by pair.
    """
    N, M = len(events), resid.shape[1]
    S = max(1, min(length, M - max(min_rows, 1) + 1))  # shifts with enough common rows
    mean, scale = np.zeros((2, S, N)), np.zeros((2, S, N))
    gappy = np.zeros(N, dtype=np.bool_)
    for e in range(N):
        total = sum_nb(resid[events[e]])
        gappy[e] = total - total != 0.0
        if not gappy[e] and min_rows <= M:
            edge_moments_nb(resid[events[e]], mean[:, :, e], scale[:, :, e])
    left, right = np.empty(M), np.empty(M)
    total, overlapping, a0 = 0.0, 0, 0
    while a0 < N:
        a1 = a0
        while a1 < N and position[events[a1]] == position[events[a0]]:
            a1 += 1
        b0 = a0
        while b0 < N and position[events[b0]] - position[events[a0]] < length:
            b1 = b0
            while b1 < N and position[events[b1]] == position[events[b0]]:
                b1 += 1
            shift = position[events[b0]] - position[events[a0]]
            same = a0 == b0
            overlapping += (a1 - a0) * (a1 - a0 - 1) // 2 if same else (a1 - a0) * (b1 - b0)
            if M - shift >= min_rows and (b1 - a0) > 1:
                x, y = left[: M - shift], right[: M - shift]
                n = date_sum_nb(resid, events, (a0, a1), mean[0, shift], scale[0, shift], shift, x)
                if same:
                    found = (dot_nb(x, x) - n) / 2.0
                else:
                    date_sum_nb(resid, events, (b0, b1), mean[1, shift], scale[1, shift], 0, y)
                    found = dot_nb(x, y)
                for i in range(a0, a1):
                    for j in range(i + 1 if same else b0, b1):
                        if gappy[i] or gappy[j]:
                            one, other = resid[events[i], shift:], resid[events[j], : M - shift]
                            found += pair_correlation_nb(one, other, min_rows)
                total += found * (length - shift) / length
            b0 = b1
        a0 = a1
    return (total / (N * (N - 1) / 2.0) if N > 1 else 0.0), overlapping
