"""The placebo table of a factor model: a refit at every row from sums of products.

A fit needs the sums of products of its rows and no more. Prefix sums hand them over in O(k^2) and
a Cholesky factor of k columns solves them in O(k^3), whatever the length of the estimation window;
Householder's passes over its rows (``kernels.factor_fits``) stay for the rows where sums of
products have lost their digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF, design_nb, householder_nb, solve_nb, whiten_nb
from eventlab.kernels.fits import CLOSE_FIT, NO_VARIANCE
from eventlab.kernels.jit import kernel
from eventlab.kernels.placebo import add_nb, between_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["factor_table_nb"]

# Sum of variance inflation factors (about zero, the constant's included) above which the sums of
# products have lost three of their sixteen digits. Market and sector together come to 20 to 60.
INFLATED = 1e3


@kernel
def prefix_products_nb(
    returns: npt.NDArray[np.float64], column: int, factors: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Prefix sums of products of [1, factors, y] over complete rows, then their rounding errors.

    (T + 1, 2 S) with S = m (m + 1) / 2 products of m = F + 2 columns, the upper triangle row by
    row: the count of rows first, then the sums, then the products. Row t + 1 reads returns up
    to t.
    """
    T, m = returns.shape[1], len(factors) + 2
    P = np.zeros((T + 1, m * (m + 1)))
    row = np.empty(m)
    row[0] = 1.0
    for t in range(T):
        for c in range(m - 2):
            row[c + 1] = returns[factors[c], t]
        row[m - 1] = returns[column, t]
        total = row.sum()
        known = total - total == 0.0
        place = 0
        for i in range(m):
            for j in range(i, m):
                add_nb(P, t, place, row[i] * row[j] if known else 0.0)
                place += 1
    return P


@kernel
def products_between_nb(
    P: npt.NDArray[np.float64], start: int, stop: int, G: npt.NDArray[np.float64]
) -> None:
    """Write the sums of products over [start, stop) into the upper triangle of G (m, m)."""
    place = 0
    for i in range(len(G)):
        for j in range(i, len(G)):
            G[i, j] = between_nb(P, start, stop, place)
            place += 1


@kernel
def cholesky_nb(
    G: npt.NDArray[np.float64], A: npt.NDArray[np.float64], inverse: npt.NDArray[np.float64]
) -> float:
    """Write [R, Q'y] of the fit with products G (k + 1, k + 1) into A; the residual square.

    NaN where G has lost the digits that the fit needs: a column or y lies too close to the columns
    before it. A has the layout that `householder_nb` leaves; ``inverse`` (k, k) is scratch.
    """
    k = len(G) - 1
    for i in range(k):
        for j in range(i, k + 1):
            value = G[i, j]
            for c in range(i):
                value -= A[c, i] * A[c, j]
            if j == i:
                if not value > G[i, i] / INFLATED:
                    return np.nan
                A[i, i] = np.sqrt(value)
            else:
                A[i, j] = value / A[i, i]
    inflation = 0.0
    for j in range(k):
        for i in range(j, -1, -1):
            value = 1.0 if i == j else 0.0
            for c in range(i + 1, j + 1):
                value -= A[i, c] * inverse[c, j]
            inverse[i, j] = value / A[i, i]
            inflation += inverse[i, j] ** 2 * G[i, i]
    sse = G[k, k]
    for c in range(k):
        sse -= A[c, k] * A[c, k]
    return sse if inflation < INFLATED and sse > CLOSE_FIT * G[k, k] else np.nan


@kernel
def two_pass_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    factors: npt.NDArray[np.int64],
    start: int,
    stop: int,
    A: npt.NDArray[np.float64],
) -> float:
    """Write [R, Q'y] of the rows [start, stop) into A by reflections; the residual square.

    NaN where the columns are collinear or the residuals are only rounding.
    """
    k = len(factors) + 1
    M = design_nb(returns, column, factors, start, stop, A)
    total = 0.0
    for t in range(M):
        total += A[t, k] * A[t, k]
    if not householder_nb(A, M, k):
        return np.nan
    sse = 0.0
    for t in range(k, M):
        sse += A[t, k] * A[t, k]
    return sse if sse > NO_VARIANCE * total else np.nan


@kernel
def factor_table_nb(
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

    The model is a constant and the rows ``factors`` (F,) of ``returns`` (C, T); otherwise as
    `placebo_table_nb`: ``variance`` (T, W) is sigma^2 w'Gw in squared returns, NaN where row t has
    no fit (fewer than ``min_rows`` complete rows, collinear factors, no residual variance) or a
    return of the window is missing. Row t reads returns up to t + the last bar of the windows.
    """
    T, k = returns.shape[1], len(factors) + 1
    P = prefix_products_nb(returns, column, factors)
    A = np.empty((max(k, estimation[1] - estimation[0] + 1), k + 1))
    G, inverse = np.empty((k + 1, k + 1)), np.empty((k, k))
    coefficients, sums = np.empty(k), np.empty(k)
    for t in range(T):
        car[t], variance[t] = np.nan, np.nan
        start = max(0, t + estimation[0])
        stop = max(start, t + estimation[1] + 1)
        if stop > T or max(min_rows, k + MIN_DOF) > P[stop, 0] - P[start, 0]:
            continue
        products_between_nb(P, start, stop, G)
        sse = cholesky_nb(G, A, inverse)
        if np.isnan(sse):
            sse = two_pass_nb(returns, column, factors, start, stop, A)
        if np.isnan(sse):
            continue
        solve_nb(A, k, coefficients)
        for w in range(len(windows)):
            first, last = t + windows[w, 0], t + windows[w, 1] + 1
            length = windows[w, 1] - windows[w, 0] + 1
            if first < 0 or last > T or P[last, 0] - P[first, 0] < length:
                continue
            value = between_nb(P, first, last, k)
            for c in range(k):
                sums[c] = between_nb(P, first, last, c)
                value -= coefficients[c] * sums[c]
            car[t, w] = value
            variance[t, w] = sse / (G[0, 0] - k) * (length + whiten_nb(A, sums, k))
