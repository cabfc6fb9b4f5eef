"""Normal-return fits of many events in one pass over the estimation rows, with exact variances.

The arrays that all kernels of this file share (N events, C columns, T sessions, L event bars,
W windows):

``returns`` (C, T); ``column`` (N,) the asset's row of ``returns``; ``position`` (N,) the event
session's row; ``estimation`` and ``event`` (2,) inclusive bars relative to it; ``windows`` (W, 2)
inclusive bars. Rows before the first or after the last session count as missing.

Results are written into arrays of the caller: ``coefficients`` (N, k), ``sigma`` (N,) residual
standard deviation with divisor M - k, ``n_rows`` (N,) = M, ``ar`` and ``ar_variance`` (N, L) with
the variance in units of sigma^2 (C_t), ``car`` and ``car_variance`` (N, W) (w'Gw). What cannot be
computed is NaN: all of an event with fewer than ``min_rows`` usable rows or without residual
variance, an AR whose return is missing, a CAR with a missing AR inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel
from eventlab.kernels.sums import products_nb, residual_square_nb, sum_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "CLOSE_FIT",
    "COLLINEAR",
    "NO_VARIANCE",
    "fit_pair_nb",
    "forecast_pair_nb",
    "simple_fits_nb",
    "usable_rows_nb",
]

# Residuals this small relative to the series are rounding, not variance: sums of squares of a
# perfect fit come out near 1e-32 of the total, those of any traded pair above 1e-12.
NO_VARIANCE = 1e-24
# Below this share of unexplained variance Syy - b Sxy has lost two of its sixteen digits.
CLOSE_FIT = 1e-2
# A regressor whose part outside the earlier ones (the constant first) is this small relative to
# its length says nothing that they do not: the fit is refused rather than answered with noise.
COLLINEAR = 1e-10


@kernel
def usable_rows_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    start: int,
    stop: int,
    scratch: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float, float]:
    """Return the rows of [start, stop) in which both series are finite, and the two sums.

    Views of the input where nothing is missing (the sums, which the fit needs anyway, tell), else
    copies packed into ``scratch`` (2, rows): the loops that follow need no test per row.
    """
    y_sum, x_sum = sum_nb(y[start:stop]), sum_nb(x[start:stop])
    both = y_sum + x_sum
    if both - both == 0.0:
        return y[start:stop], x[start:stop], y_sum, x_sum
    n = 0
    y_sum, x_sum = 0.0, 0.0
    for t in range(start, stop):
        both = y[t] + x[t]
        if both - both == 0.0:
            scratch[0, n] = y[t]
            scratch[1, n] = x[t]
            y_sum += y[t]
            x_sum += x[t]
            n += 1
    return scratch[0, :n], scratch[1, :n], y_sum, x_sum


@kernel
def fit_pair_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    y_sum: float,
    x_sum: float,
    k: int,
) -> tuple[float, float, float, float, float]:
    """Least squares of y (M,) on nothing (k=0), a constant (k=1) or a constant and x (k=2).

    Returns alpha, beta, sigma (NaN where the residuals are only rounding or x is constant), the
    mean of x and its centred sum of squares. Means first, then products about them; a close fit
    also sums its residuals, because Syy - b Sxy loses digits on a fund against its own index.
    """
    n = len(y)
    y_mean, x_mean = y_sum / n, x_sum / n
    syy, sxx, sxy = products_nb(y, x, y_mean, x_mean)
    if k == 2 and not sxx > COLLINEAR * COLLINEAR * (sxx + n * x_mean * x_mean):
        return np.nan, np.nan, np.nan, x_mean, sxx
    beta = sxy / sxx if k == 2 else 0.0
    alpha = y_mean - beta * x_mean if k >= 1 else 0.0
    sse = syy - beta * sxy if k >= 1 else syy + n * y_mean * y_mean
    if not sse > CLOSE_FIT * syy:
        sse = residual_square_nb(y, x, alpha, beta)
    if not sse > NO_VARIANCE * (syy + n * y_mean * y_mean):
        return alpha, beta, np.nan, x_mean, sxx
    return alpha, beta, np.sqrt(sse / (n - k)), x_mean, sxx


@kernel
def simple_fits_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    benchmark: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    k: int,
    estimation: npt.NDArray[np.int64],
    event: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    min_rows: int,
    coefficients: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    n_rows: npt.NDArray[np.int64],
    ar: npt.NDArray[np.float64],
    ar_variance: npt.NDArray[np.float64],
    car: npt.NDArray[np.float64],
    car_variance: npt.NDArray[np.float64],
) -> None:
    """Fit zero mean (k=0), constant mean (k=1) or the market model (k=2) for every event.

    ``benchmark`` (N,) is the column of the regressor; for k < 2 pass the asset's own column.
    Campbell, Lo & MacKinlay (1997), eqs. 4.3.1-4.4.12.
    """
    T = returns.shape[1]
    scratch = np.empty((2, estimation[1] - estimation[0] + 1))
    for i in range(len(position)):
        y_all, x_all = returns[column[i]], returns[benchmark[i]]
        start = max(0, position[i] + estimation[0])
        stop = max(start, min(T, position[i] + estimation[1] + 1))
        y, x, y_sum, x_sum = usable_rows_nb(y_all, x_all, start, stop, scratch)
        M = len(y)
        n_rows[i] = M
        coefficients[i], ar[i], ar_variance[i] = np.nan, np.nan, np.nan
        sigma[i], car[i], car_variance[i] = np.nan, np.nan, np.nan
        if min_rows > M:
            continue
        alpha, beta, sigma[i], x_mean, sxx = fit_pair_nb(y, x, y_sum, x_sum, k)
        if np.isnan(sigma[i]):
            continue
        if k >= 1:
            coefficients[i, 0] = alpha
        if k == 2:
            coefficients[i, 1] = beta
        constant = 1.0 / M if k >= 1 else 0.0
        slope = 1.0 / sxx if k == 2 else 0.0
        forecast_pair_nb(
            y_all,
            x_all,
            position[i] + event[0],
            (alpha, beta),
            (constant, x_mean, slope),
            windows - event[0],
            ar[i],
            ar_variance[i],
            car[i],
            car_variance[i],
        )


@kernel
def forecast_pair_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    start: int,
    line: tuple[float, float],
    design: tuple[float, float, float],
    windows: npt.NDArray[np.int64],
    ar: npt.NDArray[np.float64],
    ar_variance: npt.NDArray[np.float64],
    car: npt.NDArray[np.float64],
    car_variance: npt.NDArray[np.float64],
) -> None:
    """Write what alpha and beta (``line``) leave of the event bars, which begin at row ``start``.

    ``design`` holds 1/M, the mean of x and 1/Sxx, or zeros for what the model does not estimate;
    ``windows`` (W, 2) count from the first event bar. All outputs are NaN beforehand: C_t =
    1 + 1/M + (x_t - mean)^2/Sxx and w'Gw = L + L^2/M + (sum of x_t - mean)^2/Sxx.
    """
    T = len(y)
    alpha, beta = line
    constant, x_mean, slope = design
    for j in range(len(ar)):
        t = start + j
        if 0 <= t < T:
            ar[j] = y[t] - alpha - beta * x[t]
            if ar[j] - ar[j] == 0.0:
                ar_variance[j] = 1.0 + constant + (x[t] - x_mean) ** 2 * slope
    for w in range(len(windows)):
        length = windows[w, 1] - windows[w, 0] + 1
        total, moved = 0.0, 0.0
        for j in range(windows[w, 0], windows[w, 1] + 1):
            total += ar[j]
            t = start + j
            if 0 <= t < T:
                moved += x[t] - x_mean
        if total - total == 0.0:
            car[w] = total
            car_variance[w] = length + length * length * constant + moved * moved * slope
