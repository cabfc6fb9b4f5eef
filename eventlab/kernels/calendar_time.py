"""The calendar-time portfolio of assets that are inside their event window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["calendar_time_nb", "newey_west_nb"]


@kernel
def newey_west_nb(
    values: npt.NDArray[np.float64], known: npt.NDArray[np.bool_], lags: int
) -> float:
    """Newey & West (1987) variance of the mean of the known ``values`` (T,), times n/(n - 1).

    Bartlett weights 1 - j/(lags + 1). Row t and row t - j are a pair only where both are known:
    bars between two events do not exist, and do not move them closer together.
    """
    T, n, total = len(values), 0, 0.0
    for t in range(T):
        if known[t]:
            n += 1
            total += values[t]
    mean, variance = total / n, 0.0
    for j in range(min(lags, T - 1) + 1):
        covariance = 0.0
        for t in range(j, T):
            if known[t] and known[t - j]:
                covariance += (values[t] - mean) * (values[t - j] - mean)
        variance += covariance if j == 0 else 2.0 * (1.0 - j / (lags + 1.0)) * covariance
    return variance / (n * (n - 1.0))


@kernel
def calendar_time_nb(
    ar: npt.NDArray[np.float64],
    position: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    first_bar: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Mean (W,) of the portfolio's abnormal return over its bars, its variance (W,), bars (W,).

    ``ar`` (N, L) from bar ``first_bar`` on, ``position`` (N,) the rows of day 0; the events
    ``rows`` (n,) have every AR of ``windows`` (W, 2). On each bar of the calendar the portfolio
    holds, in equal parts, every event that is inside its window; bars without one do not count.
    Lags: floor(4 (n/100)^(2/9)), Newey & West (1994), n the number of bars.
    """
    W = len(windows)
    mean, variance = np.full(W, np.nan), np.full(W, np.nan)
    bars = np.zeros(W, dtype=np.int64)
    start, stop = position[rows[0]], position[rows[0]]
    for n in range(len(rows)):
        start, stop = min(start, position[rows[n]]), max(stop, position[rows[n]])
    for w in range(W):
        a, b = windows[w, 0], windows[w, 1]
        T = stop - start + b - a + 1
        total, held = np.zeros(T), np.zeros(T)
        for n in range(len(rows)):
            t = position[rows[n]] - start
            for tau in range(a, b + 1):
                total[t + tau - a] += ar[rows[n], tau - first_bar]
                held[t + tau - a] += 1.0
        known = held > 0.0
        count, summed = 0, 0.0
        for t in range(T):
            if known[t]:
                total[t] /= held[t]
                summed += total[t]
                count += 1
        bars[w], mean[w] = count, summed / count
        if count > 1:
            lags = int(np.floor(4.0 * (count / 100.0) ** (2.0 / 9.0)))
            variance[w] = newey_west_nb(total, known, min(lags, count - 1))
    return mean, variance, bars
