"""The placebo distribution: the same statistic on dates when nothing happened.

A table holds the CAR and its variance for every possible event row of a series; a draw is then a
sum of looked-up rows. Prefix sums make a table entry O(1), so that 10^5 placebo fits cost
milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import CLOSE_FIT, fit_pair_nb, usable_rows_nb
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["add_nb", "between_nb", "mix_nb", "placebo_draws_nb", "placebo_table_nb"]

N_SUMS = 6  # n, y, x, yy, xx, xy


@kernel
def add_nb(P: npt.NDArray[np.float64], t: int, c: int, value: float) -> None:
    """Let P[t + 1] be P[t] plus ``value`` in column c of the left half; its error in the right."""
    old, error = P[t, c], c + P.shape[1] // 2
    new = old + value
    added = new - old
    P[t + 1, c] = new
    P[t + 1, error] = P[t, error] + ((old - (new - added)) + (value - added))


@kernel
def between_nb(P: npt.NDArray[np.float64], start: int, stop: int, c: int) -> float:
    """Sum over the rows [start, stop), as exact as its own size allows."""
    error = c + P.shape[1] // 2
    total: float = (P[stop, c] - P[start, c]) + (P[stop, error] - P[start, error])
    return total


@kernel
def prefix_sums_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Prefix sums (T + 1, 12) of n, y, x, yy, xx, xy over complete rows, then their errors.

    Row t + 1 reads the returns up to t. Centring by the overall means would spare the errors
    (Knuth's two-sum, TAOCP 4.2.2), but then the future decides the last bits of the past, and a
    quiet window after a wild one still drowns in the rounding of the total.
    """
    T = len(y)
    P = np.zeros((T + 1, 2 * N_SUMS))
    for t in range(T):
        both = y[t] + x[t]
        known = both - both == 0.0
        v, u = (y[t], x[t]) if known else (0.0, 0.0)
        P[t + 1, 0] = P[t, 0] + (1.0 if known else 0.0)
        add_nb(P, t, 1, v)
        add_nb(P, t, 2, u)
        add_nb(P, t, 3, v * v)
        add_nb(P, t, 4, u * u)
        add_nb(P, t, 5, u * v)
    return P


@kernel
def prefix_fit_nb(
    P: npt.NDArray[np.float64], start: int, stop: int, k: int
) -> tuple[float, float, float, float, float]:
    """Alpha, beta, sigma, mean of x and its centred sum of squares from prefix sums.

    Sigma is NaN where a centred sum is a small part of the raw one and has lost its digits.
    """
    M = P[stop, 0] - P[start, 0]
    sy, sx = between_nb(P, start, stop, 1), between_nb(P, start, stop, 2)
    yy, xx = between_nb(P, start, stop, 3), between_nb(P, start, stop, 4)
    x_mean, sxx = sx / M, xx - sx * sx / M
    sse = yy - sy * sy / M if k >= 1 else yy
    beta = 0.0
    if k == 2:
        sxy = between_nb(P, start, stop, 5) - sx * sy / M
        beta = sxy / sxx
        sse -= beta * sxy
    alpha = (sy - beta * sx) / M if k >= 1 else 0.0
    clear = sse > CLOSE_FIT * yy and (k < 2 or sxx > CLOSE_FIT * xx)
    return alpha, beta, np.sqrt(sse / (M - k)) if clear else np.nan, x_mean, sxx


@kernel
def placebo_table_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    k: int,
    estimation: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    min_rows: int,
    car: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
) -> None:
    """Write the CAR (T, W) of every window as if the event were at row t, and its variance.

    ``variance`` (T, W) is sigma^2 w'Gw in squared returns. NaN where the fit of row t has fewer
    than ``min_rows`` rows or no variance, or a return of the window is missing. ``x`` is the
    benchmark for the market model (k=2); for k < 2 pass ``y`` again. Row t reads returns up to
    t + the last bar of the windows.
    """
    T, W = len(y), len(windows)
    P = prefix_sums_nb(y, x)
    scratch = np.empty((2, estimation[1] - estimation[0] + 1))
    for t in range(T):
        for w in range(W):
            car[t, w], variance[t, w] = np.nan, np.nan
        start = max(0, t + estimation[0])
        stop = max(start, t + estimation[1] + 1)
        if stop > T or min_rows > P[stop, 0] - P[start, 0]:
            continue
        M = P[stop, 0] - P[start, 0]
        alpha, beta, sigma, x_mean, sxx = prefix_fit_nb(P, start, stop, k)
        if np.isnan(sigma):
            rows_y, rows_x, sy, sx = usable_rows_nb(y, x, start, stop, scratch)
            alpha, beta, sigma, x_mean, sxx = fit_pair_nb(rows_y, rows_x, sy, sx, k)
        if np.isnan(sigma):
            continue
        for w in range(W):
            first, last = t + windows[w, 0], t + windows[w, 1] + 1
            length = windows[w, 1] - windows[w, 0] + 1
            if first < 0 or last > T or P[last, 0] - P[first, 0] < length:
                continue
            moved = between_nb(P, first, last, 2)
            car[t, w] = between_nb(P, first, last, 1) - length * alpha - beta * moved
            G = length + (length * length / M if k >= 1 else 0.0)
            if k == 2:
                G += (moved - length * x_mean) ** 2 / sxx
            variance[t, w] = sigma * sigma * G


@kernel
def mix_nb(state: np.uint64) -> np.uint64:
    """Scramble a counter into 64 random bits (Steele, Lea & Flood 2014, SplitMix64)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@kernel
def placebo_draws_nb(
    car: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
    series: npt.NDArray[np.int64],
    series_start: npt.NDArray[np.int64],
    pool: npt.NDArray[np.int64],
    pool_start: npt.NDArray[np.int64],
    seed: np.uint64,
    first: int,
    statistic: npt.NDArray[np.float64],
) -> None:
    """Write the studentised CAAR (K, W) of K joint draws of pseudo-dates, from draw ``first`` on.

    ``car`` and ``variance`` (S, T, W) are tables. Date u of U has the assets
    ``series[series_start[u]:series_start[u + 1]]``, which all move to one pseudo-date of
    ``pool[pool_start[u]:pool_start[u + 1]]`` (so their cross-correlation survives), whatever the
    other dates of the draw are. Drawing without replacement was tried and rejected: n dates out of
    a pool of P then vary by sqrt(1 - n/P) too little, and real dates, which come from outside the
    pool, look too extreme. A draw depends on ``seed`` and its own number only, so that threads can
    share the draws: ``first`` is the number of the first one. The statistic is
    sum CAR / sqrt(sum variance).
    """
    K, W = statistic.shape
    U = len(pool_start) - 1
    totals, variances = np.empty(W), np.empty(W)
    rows = np.empty(U, dtype=np.int64)
    step = np.uint64(0x9E3779B97F4A7C15)
    for draw in range(K):
        state = mix_nb(seed + np.uint64(first + draw + 1) * step)
        for u in range(U):  # apart from the sums: a processor fetches several rows at once then
            size = pool_start[u + 1] - pool_start[u]
            state += step
            unit = np.float64(mix_nb(state) >> np.uint64(11)) * 2.0**-53
            rows[u] = pool[pool_start[u] + int(unit * size)]
        totals[:], variances[:] = 0.0, 0.0
        for u in range(U):
            for p in range(series_start[u], series_start[u + 1]):
                own, spread = car[series[p], rows[u]], variance[series[p], rows[u]]
                for w in range(W):
                    totals[w] += own[w]
                    variances[w] += spread[w]
        for w in range(W):
            statistic[draw, w] = totals[w] / np.sqrt(variances[w])
