"""Cross-correlation of abnormal returns where event windows share calendar bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import NO_VARIANCE
from eventlab.kernels.jit import kernel
from eventlab.kernels.sums import dot_nb, moments_nb

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
    resid = np.empty((len(position), rows))
    for i in range(len(position)):
        y, out = returns[column[i]], resid[i]
        start = position[i] + estimation[0]
        first = min(rows, max(0, -start))
        last = max(first, min(rows, T - start))
        alpha = coefficients[i, 0] if coefficients.shape[1] > 0 else 0.0
        out[:first], out[last:] = np.nan, np.nan
        for r in range(first, last):
            out[r] = y[start + r] - alpha
        for c in range(factors.shape[1]):
            if factors[i, c] >= 0:
                x, beta = returns[factors[i, c]], coefficients[i, c + 1]
                for r in range(first, last):
                    out[r] -= beta * x[start + r]
    return resid


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

    ``mean`` and ``scale`` (one over the centred length; 0 where the part is constant or has a
    missing value) are (2, S). Sums about the mean of the shortest part grow outwards from it:
    adding rows to it never cancels, as taking them away from the whole would.
    """
    M, S = len(row), mean.shape[1]
    for side in range(2):
        centre, square = moments_nb(row[S - 1 :] if side == 0 else row[: M - S + 1])
        total, n = 0.0, M - S + 1
        mean[side, S - 1], scale[side, S - 1] = centre, inverse_length_nb(square, centre, n)
        for s in range(S - 2, -1, -1):
            step = (row[s] if side == 0 else row[M - 1 - s]) - centre
            n += 1
            total += step
            square += step * step
            here = centre + total / n
            mean[side, s] = here
            scale[side, s] = inverse_length_nb(square - total * total / n, here, n)


@kernel
def pair_correlation_nb(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], min_rows: int
) -> float:
    """Correlation over the rows where both are finite; NaN below ``min_rows`` of them."""
    n, a_mean, b_mean = 0, 0.0, 0.0
    for t in range(len(a)):
        both = a[t] + b[t]
        if both - both == 0.0:
            n += 1
            a_mean += a[t]
            b_mean += b[t]
    if n < min_rows:
        return np.nan
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
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    first: int,
    total: npt.NDArray[np.float64],
) -> int:
    """Sum the residuals of some events, centred and scaled to unit length, into ``total``.

    ``events`` (n,) are rows of ``resid`` (R, M), read from ``first`` on; ``mean`` and ``scale``
    (n,) are theirs over these bars, 0 for an event that does not take part. Returns how many do.
    """
    total[:] = 0.0
    n = 0
    for e in range(len(events)):
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
) -> tuple[float, int, int]:
    """Mean over all pairs of rho_ij times the share of the CAR window they have in common.

    Kolari & Pynnonen (2010) with the correlation weighted by overlap. ``resid`` (R, M) and
    ``position`` (R,); ``events`` (N,) are the rows of both that take part, sorted by position;
    ``length`` is L of the CAR window. Also returns the number of pairs whose windows overlap,
    and how many of them count as uncorrelated for want of ``min_rows`` common rows.

    Events of one date share their rows, so the sum of their correlations is the squared length of
    the sum of their standardised residuals: O(N M) per pair of dates instead of O(N^2 M). Events
    with missing residuals have rows of their own per pair and are correlated pair by pair.
    """
    N, M = len(events), resid.shape[1]
    S = max(1, min(length, M - max(min_rows, 1) + 1))  # shifts with enough common rows
    mean, scale = np.empty((N, 2, S)), np.empty((N, 2, S))
    gappy = np.zeros(N, dtype=np.bool_)
    for e in range(N):
        edge_moments_nb(resid[events[e]], mean[e], scale[e])
        if np.isnan(mean[e, 0, 0]):
            gappy[e], scale[e] = True, 0.0
    left, right = np.empty(M), np.empty(M)
    total, overlapping, unmeasured, a0 = 0.0, 0, 0, 0
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
            pairs = (a1 - a0) * (a1 - a0 - 1) // 2 if same else (a1 - a0) * (b1 - b0)
            overlapping += pairs
            if M - shift < min_rows:
                unmeasured += pairs
            if M - shift >= min_rows and (b1 - a0) > 1:
                x, y = left[: M - shift], right[: M - shift]
                at = mean[a0:a1, 0, shift], scale[a0:a1, 0, shift]
                n = date_sum_nb(resid, events[a0:a1], at[0], at[1], shift, x)
                if same:
                    found = (dot_nb(x, x) - n) / 2.0
                else:
                    at = mean[b0:b1, 1, shift], scale[b0:b1, 1, shift]
                    date_sum_nb(resid, events[b0:b1], at[0], at[1], 0, y)
                    found = dot_nb(x, y)
                for i in range(a0, a1):
                    for j in range(i + 1 if same else b0, b1):
                        if gappy[i] or gappy[j]:
                            one, other = resid[events[i], shift:], resid[events[j], : M - shift]
                            rho = pair_correlation_nb(one, other, min_rows)
                            if np.isnan(rho):
                                unmeasured += 1
                            else:
                                found += rho
                total += found * (length - shift) / length
            b0 = b1
        a0 = a1
    return (total / (N * (N - 1) / 2.0) if N > 1 else 0.0), overlapping, unmeasured
