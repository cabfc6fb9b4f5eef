"""The placebo table of Scholes and Williams' model: a fit at every row from sums of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_tables import prefix_products_nb, products_between_nb
from eventlab.kernels.fits import CLOSE_FIT
from eventlab.kernels.jit import kernel
from eventlab.kernels.placebo import between_nb, prefix_sums_nb
from eventlab.kernels.scholes_williams import complete_rows_nb, lead_lag_beta_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["scholes_williams_table_nb"]


@kernel
def centred_nb(G: npt.NDArray[np.float64], i: int, j: int) -> float:
    """Sum of products of columns ``i`` <= ``j`` about their means; column 0 of G (m, m) is 1."""
    total: float = G[i, j] - G[0, i] * G[0, j] / G[0, 0]
    return total


@kernel
def products_fit_nb(G: npt.NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Fit from the products G (5, 5) of 1, the benchmark, its last and next bar, and the asset.

    As `lead_lag_beta_nb`; beta and the residual square are NaN where the products have lost
    digits: a series far from zero for its spread, 1 + 2 rho near zero, or a close fit.
    """
    sxx, before, after = centred_nb(G, 1, 1), centred_nb(G, 2, 2), centred_nb(G, 3, 3)
    syy, sxy = centred_nb(G, 4, 4), centred_nb(G, 1, 4)
    x_mean, y_mean = G[0, 1] / G[0, 0], G[0, 4] / G[0, 0]
    clear = sxx > CLOSE_FIT * G[1, 1] and syy > CLOSE_FIT * G[4, 4]
    clear = clear and before > CLOSE_FIT * G[2, 2] and after > CLOSE_FIT * G[3, 3]
    if not clear:
        return np.nan, np.nan, np.nan, x_mean, sxx
    spread = 1.0 + 2.0 * centred_nb(G, 1, 2) / np.sqrt(sxx * before)
    if not spread > CLOSE_FIT:
        return np.nan, np.nan, np.nan, x_mean, sxx
    beta = sxy / sxx + centred_nb(G, 2, 4) / before + centred_nb(G, 3, 4) / after
    beta /= spread
    # Beta is no least-squares slope, so the cross term does not cancel into Syy - b Sxy.
    sse = syy + beta * (beta * sxx - 2.0 * sxy)
    if not sse > CLOSE_FIT * (G[4, 4] + beta * beta * G[1, 1]):
        return np.nan, np.nan, np.nan, x_mean, sxx
    return y_mean - beta * x_mean, beta, sse, x_mean, sxx


@kernel
def scholes_williams_table_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    factors: npt.NDArray[np.int64],
    estimation: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    min_rows: int,
    car: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
) -> None:
    """Write the CAR (T, W) of every window as if the event were at row t, and its variance.

    ``factors`` (3,) are the rows of ``returns`` (C, T) with the benchmark, its last and its next
    bar. ``variance`` (T, W) is sigma^2 w'Gw in squared returns, NaN where row t has no fit (as in
    `scholes_williams_nb`, whose numbers these are) or a return of the asset or the benchmark is
    missing in the window. Row t reads returns up to t + the last bar of the windows.
    """
    T, W = returns.shape[1], len(windows)
    P = prefix_products_nb(returns, column, factors)
    # Windows read the benchmark's own bar only: a gap beside one takes nothing from it.
    Q = prefix_sums_nb(returns[column], returns[factors[0]])
    G, scratch = np.empty((5, 5)), np.empty((4, estimation[1] - estimation[0] + 1))
    columns = np.empty(4, dtype=np.int64)
    columns[0], columns[1:] = column, factors
    for t in range(T):
        car[t], variance[t] = np.nan, np.nan
        start = min(T, max(0, t + estimation[0]))
        stop = max(start, min(T, t + estimation[1] + 1))
        M = P[stop, 0] - P[start, 0]
        if min_rows > M:
            continue
        products_between_nb(P, start, stop, G)
        alpha, beta, sse, x_mean, sxx = products_fit_nb(G)
        if np.isnan(sse):
            n = complete_rows_nb(returns, columns, start, stop, scratch)
            alpha, beta, sse, x_mean, sxx = lead_lag_beta_nb(scratch[:, :n])
        if np.isnan(sse):
            continue
        square = sse / (M - 2.0)
        for w in range(W):
            first, last = t + windows[w, 0], t + windows[w, 1] + 1
            length = windows[w, 1] - windows[w, 0] + 1
            if first < 0 or last > T or Q[last, 0] - Q[first, 0] < length:
                continue
            moved = between_nb(Q, first, last, 2)
            car[t, w] = between_nb(Q, first, last, 1) - length * alpha - beta * moved
            G_cum = length + length * length / M + (moved - length * x_mean) ** 2 / sxx
            variance[t, w] = square * G_cum
