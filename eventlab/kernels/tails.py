"""Statistics of the two sides of a pair, in many windows: falls and rises apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["tail_windows_nb"]


@kernel
def side_nb(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    x_cut: float,
    y_cut: float,
    sign: float,
) -> tuple[int, float, float]:
    """Rows, slope of y on x and correlation where sign (x - x_cut) > 0 and sign (y - y_cut) > 0.

    ``x`` and ``y`` (n,) are centred. An infinite ``y_cut`` of the opposite sign asks nothing of y.
    """
    count, x_sum, y_sum = 0, 0.0, 0.0
    for t in range(len(x)):
        inside = (sign * (x[t] - x_cut) > 0.0) & (sign * (y[t] - y_cut) > 0.0)
        count += inside
        x_sum += x[t] if inside else 0.0
        y_sum += y[t] if inside else 0.0
    x_mean, y_mean = x_sum / count, y_sum / count
    xx, xy, yy = 0.0, 0.0, 0.0
    for t in range(len(x)):
        inside = (sign * (x[t] - x_cut) > 0.0) & (sign * (y[t] - y_cut) > 0.0)
        u = x[t] - x_mean if inside else 0.0
        v = y[t] - y_mean if inside else 0.0
        xx += u * u
        xy += u * v
        yy += v * v
    return count, xy / xx, xy / np.sqrt(xx * yy)


@kernel
def kink_nb(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], zero: float) -> float:
    """Return lambda of y = alpha + beta x + lambda (x - zero) 1{x < zero}, ``x``, ``y`` centred."""
    n = len(x)
    fall_mean = 0.0
    for t in range(n):
        fall_mean += min(x[t] - zero, 0.0) / n
    xx, xf, ff, xy, fy = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(n):
        fall = min(x[t] - zero, 0.0) - fall_mean
        xx += x[t] * x[t]
        xf += x[t] * fall
        ff += fall * fall
        xy += x[t] * y[t]
        fy += fall * y[t]
    return (fy * xx - xy * xf) / (xx * ff - xf * xf)


@kernel
def tail_windows_nb(
    returns: npt.NDArray[np.float64],
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    theta: float,
    least: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Asymmetry, downside and upside beta and exceedance correlations in windows (P, N - 1, 5).

    Parameters
    ----------
    returns
        (N, T): the source first. A row of a pair with a NaN is left out of the pair.
    starts, stops
        (P,): a window holds the rows from ``starts`` up to, not including, ``stops``.
    theta
        In standard deviations of the window (ddof 1), of both series.
    least
        (2,): complete rows of a window, and rows of one side, below which a number is NaN.

    Returns
    -------
    numpy.ndarray
        lambda of the kink at zero, slopes where the source is below and above its mean, and
        correlations where both are more than ``theta`` below, and above, their means.
    """
    N = len(returns)
    P = len(starts)
    table = np.full((P, N - 1, 5), np.nan)
    for p in range(P):
        for target in range(1, N):
            x, y = np.empty(stops[p] - starts[p]), np.empty(stops[p] - starts[p])
            n, falls = 0, 0
            for t in range(starts[p], stops[p]):
                if np.isfinite(returns[0, t]) and np.isfinite(returns[target, t]):
                    x[n], y[n] = returns[0, t], returns[target, t]
                    falls += x[n] < 0.0
                    n += 1
            if n < least[0]:
                continue
            x, y = x[:n], y[:n]
            x_mean, y_mean, xx, yy = 0.0, 0.0, 0.0, 0.0
            for t in range(n):
                x_mean += x[t]
                y_mean += y[t]
            x_mean, y_mean = x_mean / n, y_mean / n
            for t in range(n):
                x[t] -= x_mean
                y[t] -= y_mean
                xx += x[t] * x[t]
                yy += y[t] * y[t]
            x_sd, y_sd = np.sqrt(xx / (n - 1)), np.sqrt(yy / (n - 1))
            if x_sd <= 1e-12 * abs(x_mean) or y_sd <= 1e-12 * abs(y_mean):
                continue
            if falls >= least[1] and n - falls >= least[1]:
                table[p, target - 1, 0] = kink_nb(x, y, -x_mean)
            for side in range(2):
                sign = 2.0 * side - 1.0
                count, slope, _ = side_nb(x, y, 0.0, -sign * np.inf, sign)
                if count >= least[1]:
                    table[p, target - 1, 1 + side] = slope
                cut = sign * theta
                count, _, correlation = side_nb(x, y, cut * x_sd, cut * y_sd, sign)
                if count >= least[1]:
                    table[p, target - 1, 3 + side] = correlation
    return table
