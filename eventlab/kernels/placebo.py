"""The placebo distribution: the same statistic on dates when nothing happened.

A table holds the CAR and its variance for every possible event row of a series; a draw is then a
sum of looked-up rows. Prefix sums make a table entry O(1), so that 10^5 placebo fits cost
milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import NO_VARIANCE
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["placebo_draws_nb", "placebo_table_nb"]

# Below this share of unexplained variance the prefix sums' residual variance has lost too many
# digits (Syy - b Sxy cancels); it is then taken from the residuals themselves.
CLOSE_FIT = 1e-6


@kernel
def prefix_sums_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], k: int
) -> tuple[npt.NDArray[np.float64], float, float]:
    """Prefix sums (T + 1, 6) of n, y, x, yy, xx, xy over complete rows, and the means removed.

    Both series are centred by their overall means first (k >= 1), so that the products stay of
    the size of the variances; with k = 0 the raw second moment is wanted and nothing is removed.
    """
    T = len(y)
    n, y_mean, x_mean = 0, 0.0, 0.0
    if k >= 1:
        for t in range(T):
            both = y[t] + x[t]
            if both - both == 0.0:
                n += 1
                y_mean += y[t]
                x_mean += x[t]
        y_mean /= max(n, 1)
        x_mean /= max(n, 1)
    P = np.zeros((T + 1, 6))
    for t in range(T):
        P[t + 1] = P[t]
        both = y[t] + x[t]
        if both - both == 0.0:
            v, u = y[t] - y_mean, x[t] - x_mean
            P[t + 1, 0] += 1.0
            P[t + 1, 1] += v
            P[t + 1, 2] += u
            P[t + 1, 3] += v * v
            P[t + 1, 4] += u * u
            P[t + 1, 5] += u * v
    return P, y_mean, x_mean


@kernel
def residual_variance_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    rows: tuple[int, int],
    alpha: float,
    beta: float,
    dof: float,
) -> float:
    """Residual variance over the complete rows of [rows[0], rows[1]) from the residuals."""
    sse = 0.0
    for t in range(rows[0], rows[1]):
        e = y[t] - alpha - beta * x[t]
        if e - e == 0.0:
            sse += e * e
    return sse / dof


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
    T = len(y)
    P, y_mean, x_mean = prefix_sums_nb(y, x, k)
    car[:], variance[:] = np.nan, np.nan
    for t in range(T):
        start = max(0, t + estimation[0])
        stop = max(start, t + estimation[1] + 1)
        if stop > T:
            continue
        M = P[stop, 0] - P[start, 0]
        if min_rows > M:
            continue
        sy, sx = P[stop, 1] - P[start, 1], P[stop, 2] - P[start, 2]
        raw = P[stop, 3] - P[start, 3]
        syy = raw - sy * sy / M if k >= 1 else raw
        sxx, beta = 0.0, 0.0
        if k == 2:
            sxx = P[stop, 4] - P[start, 4] - sx * sx / M
            sxy = P[stop, 5] - P[start, 5] - sx * sy / M
            beta = sxy / sxx
            s2 = (syy - beta * sxy) / (M - k)
        else:
            s2 = syy / (M - k)
        alpha = (sy - beta * sx) / M if k >= 1 else 0.0
        if not s2 * (M - k) > CLOSE_FIT * raw:
            full = alpha + y_mean - beta * x_mean
            s2 = residual_variance_nb(y, x, (start, stop), full, beta, M - k)
            if not s2 * (M - k) > NO_VARIANCE * raw:
                continue
        for w in range(len(windows)):
            first, last = t + windows[w, 0], t + windows[w, 1] + 1
            length = windows[w, 1] - windows[w, 0] + 1
            if first < 0 or last > T or P[last, 0] - P[first, 0] < length:
                continue
            moved = P[last, 2] - P[first, 2]
            car[t, w] = P[last, 1] - P[first, 1] - length * alpha - beta * moved
            G = length + (length * length / M if k >= 1 else 0.0)
            if k == 2:
                G += (moved - length * sx / M) ** 2 / sxx
            variance[t, w] = s2 * G


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
    statistic: npt.NDArray[np.float64],
) -> None:
    """Write the studentised CAAR (K, W) of K joint draws of pseudo-dates.

    ``car`` and ``variance`` (S, T, W) are tables. Date u of U has the assets
    ``series[series_start[u]:series_start[u + 1]]``, which all move to one pseudo-date of
    ``pool[pool_start[u]:pool_start[u + 1]]`` (so their cross-correlation survives), a date that
    no other u of the draw has taken unless 64 attempts find none free. A draw depends on ``seed``
    and its own number only. The statistic is sum CAR / sqrt(sum variance).
    """
    K, W = statistic.shape
    T, U = car.shape[1], len(pool_start) - 1
    taken = np.full(T, -1)
    totals, variances = np.empty(W), np.empty(W)
    step = np.uint64(0x9E3779B97F4A7C15)
    for draw in range(K):
        state = mix_nb(seed + np.uint64(draw + 1) * step)
        totals[:], variances[:] = 0.0, 0.0
        for u in range(U):
            size = pool_start[u + 1] - pool_start[u]
            row = 0
            for _ in range(64):
                state += step
                unit = np.float64(mix_nb(state) >> np.uint64(11)) * 2.0**-53
                row = pool[pool_start[u] + int(unit * size)]
                if taken[row] != draw:
                    break
            taken[row] = draw
            for p in range(series_start[u], series_start[u + 1]):
                for w in range(W):
                    totals[w] += car[series[p], row, w]
                    variances[w] += variance[series[p], row, w]
        for w in range(W):
            statistic[draw, w] = totals[w] / np.sqrt(variances[w])
