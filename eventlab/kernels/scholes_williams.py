"""Market models for assets that trade at other moments than their benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import COLLINEAR, NO_VARIANCE, forecast_pair_nb
from eventlab.kernels.jit import kernel
from eventlab.kernels.sums import dot_nb, moments_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["scholes_williams_nb"]


@kernel
def complete_rows_nb(
    returns: npt.NDArray[np.float64],
    columns: npt.NDArray[np.int64],
    start: int,
    stop: int,
    out: npt.NDArray[np.float64],
) -> int:
    """Copy the rows of [start, stop) in which all ``columns`` (c,) are finite to ``out`` (c, rows).

    Returns how many there are.
    """
    n = 0
    for t in range(start, stop):
        total = 0.0
        for c in range(len(columns)):
            out[c, n] = returns[columns[c], t]
            total += out[c, n]
        if total - total == 0.0:
            n += 1
    return n


@kernel
def centre_nb(row: npt.NDArray[np.float64]) -> tuple[float, float, bool]:
    """Subtract the mean of ``row`` (n,) in place; return it, the sum of squares, and if it varies.

    Series that vary by rounding only do not.
    """
    mean, square = moments_nb(row)
    row -= mean
    return mean, square, square > COLLINEAR * COLLINEAR * (square + len(row) * mean * mean)


@kernel
def lead_lag_beta_nb(rows: npt.NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Fit ``rows`` (4, M): the asset, then the benchmark on the same, the last and the next bar.

    Returns alpha, beta, the sum of squared residuals, the mean of the benchmark and its centred
    sum of squares; beta is NaN where a series is constant or 1 + 2 rho is not positive. The rows
    are centred in place. Scholes & Williams (1977): each of the three slopes is of a simple
    regression, and rho is the correlation of the benchmark with its own last bar.
    """
    y_mean, syy, _ = centre_nb(rows[0])
    x_mean, sxx, varies = centre_nb(rows[1])
    _, before, varies_before = centre_nb(rows[2])
    _, after, varies_after = centre_nb(rows[3])
    spread = np.nan
    if varies and varies_before and varies_after:
        spread = 1.0 + 2.0 * dot_nb(rows[1], rows[2]) / np.sqrt(sxx * before)
    if not spread > COLLINEAR:
        return np.nan, np.nan, np.nan, x_mean, sxx
    beta = dot_nb(rows[0], rows[1]) / sxx + dot_nb(rows[0], rows[2]) / before
    beta = (beta + dot_nb(rows[0], rows[3]) / after) / spread
    sse = 0.0
    for t in range(rows.shape[1]):
        sse += (rows[0, t] - beta * rows[1, t]) ** 2
    if not sse > NO_VARIANCE * (syy + rows.shape[1] * y_mean * y_mean):
        sse = np.nan
    return y_mean - beta * x_mean, beta, sse, x_mean, sxx


@kernel
def scholes_williams_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    factors: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
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
    """Fit the model of Scholes & Williams (1977) for every event; arrays as in ``kernels.fits``.

    ``factors`` (N, 3) are the columns of the benchmark, of its last and of its next bar; a row of
    the estimation window enters if it has all three and the asset's return. ``coefficients``
    (N, 4) are alpha, beta, 0 and 0: the normal return is alpha + beta m_t. sigma has divisor
    M - 2. C_t and w'Gw are those of the market model, which leave out that the slopes on the
    neighbouring bars were estimated too.
    """
    T = returns.shape[1]
    scratch = np.empty((4, estimation[1] - estimation[0] + 1))
    columns = np.empty(4, dtype=np.int64)
    for i in range(len(position)):
        columns[0], columns[1:] = column[i], factors[i]
        start = max(0, position[i] + estimation[0])
        stop = max(start, min(T, position[i] + estimation[1] + 1))
        M = complete_rows_nb(returns, columns, start, stop, scratch)
        n_rows[i] = M
        coefficients[i], ar[i], ar_variance[i] = np.nan, np.nan, np.nan
        sigma[i], car[i], car_variance[i] = np.nan, np.nan, np.nan
        if min_rows > M:
            continue
        alpha, beta, sse, x_mean, sxx = lead_lag_beta_nb(scratch[:, :M])
        if np.isnan(sse):
            continue
        coefficients[i, 0], coefficients[i, 1], coefficients[i, 2:] = alpha, beta, 0.0
        sigma[i] = np.sqrt(sse / (M - 2))
        forecast_pair_nb(
            returns[column[i]],
            returns[factors[i, 0]],
            position[i] + event[0],
            (alpha, beta),
            (1.0 / M, x_mean, 1.0 / sxx),
            windows - event[0],
            ar[i],
            ar_variance[i],
            car[i],
            car_variance[i],
        )
