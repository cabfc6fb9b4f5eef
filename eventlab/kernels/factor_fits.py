"""Multi-factor normal returns: Householder least squares, event by event.

The normal equations would square the condition number, and correlated factors (market, sector)
are the rule here; an orthogonal factorisation keeps the digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.fits import COLLINEAR, NO_VARIANCE
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MIN_DOF", "factor_fits_nb", "householder_nb", "whiten_nb"]

MIN_DOF = 5  # residual degrees of freedom below which a fit says nothing, controls counted


@kernel
def householder_nb(A: npt.NDArray[np.float64], M: int, k: int) -> bool:
    """Reduce the first M rows of A (rows, k + 1) = [X, y] in place to [R, Q'y].

    R stands in the upper triangle of the first k columns, the coefficients' right side in the
    first k entries of the last. False when a column depends on those before it.
    """
    for j in range(k):
        length = 0.0
        for t in range(M):
            length += A[t, j] * A[t, j]
        norm = 0.0
        for t in range(j, M):
            norm += A[t, j] * A[t, j]
        if not norm > COLLINEAR * COLLINEAR * length:
            return False
        norm = np.sqrt(norm)
        head = A[j, j]
        pivot = -norm if head > 0.0 else norm
        A[j, j] = head - pivot
        scale = -pivot * A[j, j]  # half the squared length of the reflector
        for c in range(j + 1, k + 1):
            dot = 0.0
            for t in range(j, M):
                dot += A[t, j] * A[t, c]
            dot /= scale
            for t in range(j, M):
                A[t, c] -= dot * A[t, j]
        A[j, j] = pivot
        for t in range(j + 1, M):
            A[t, j] = 0.0
    return True


@kernel
def whiten_nb(A: npt.NDArray[np.float64], row: npt.NDArray[np.float64], k: int) -> float:
    """Squared length of R^-T row, i.e. row' (X'X)^-1 row; ``row`` (k,) is overwritten."""
    total = 0.0
    for j in range(k):
        for c in range(j):
            row[j] -= A[c, j] * row[c]
        row[j] /= A[j, j]
        total += row[j] * row[j]
    return total


@kernel
def design_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    factors: npt.NDArray[np.int64],
    start: int,
    stop: int,
    A: npt.NDArray[np.float64],
) -> int:
    """Fill A with a row [1, factors, y] for each complete row of [start, stop); the row count."""
    n, k = 0, len(factors) + 1
    for t in range(start, stop):
        total = returns[column, t]
        for c in range(k - 1):
            total += returns[factors[c], t]
        if total - total == 0.0:
            A[n, 0] = 1.0
            for c in range(k - 1):
                A[n, c + 1] = returns[factors[c], t]
            A[n, k] = returns[column, t]
            n += 1
    return n


@kernel
def solve_nb(A: npt.NDArray[np.float64], k: int, out: npt.NDArray[np.float64]) -> None:
    """Back-substitute R b = Q'y into ``out`` (k,)."""
    for j in range(k - 1, -1, -1):
        value = A[j, k]
        for c in range(j + 1, k):
            value -= A[j, c] * out[c]
        out[j] = value / A[j, j]


@kernel
def factor_fits_nb(
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
    """Fit a constant and the columns ``factors`` (N, k - 1); entries of -1 at the end are unused.

    Other arrays as in ``kernels.fits``; unused coefficients are NaN. C_t = 1 + x'(X'X)^-1 x and
    w'Gw = L + s'(X'X)^-1 s with s the sum of the window's design rows.
    """
    T, k_most = returns.shape[1], factors.shape[1] + 1
    A = np.empty((estimation[1] - estimation[0] + 1, k_most + 1))
    row, sums = np.empty(k_most), np.empty(k_most)
    for i in range(len(position)):
        k = 1
        while k < k_most and factors[i, k - 1] >= 0:
            k += 1
        used = factors[i, : k - 1]
        start = max(0, position[i] + estimation[0])
        stop = max(start, min(T, position[i] + estimation[1] + 1))
        M = design_nb(returns, column[i], used, start, stop, A)
        n_rows[i] = M
        coefficients[i], ar[i], ar_variance[i] = np.nan, np.nan, np.nan
        sigma[i], car[i], car_variance[i] = np.nan, np.nan, np.nan
        if max(min_rows, k + MIN_DOF) > M:
            continue
        total = 0.0
        for t in range(M):
            total += A[t, k] * A[t, k]
        if not householder_nb(A, M, k):
            continue
        sse = 0.0
        for t in range(k, M):
            sse += A[t, k] * A[t, k]
        if not sse > NO_VARIANCE * total:
            continue
        solve_nb(A, k, coefficients[i])
        sigma[i] = np.sqrt(sse / (M - k))
        for j in range(event[1] - event[0] + 1):
            t = position[i] + event[0] + j
            if 0 <= t < T:
                row[0] = 1.0
                value = returns[column[i], t] - coefficients[i, 0]
                for c in range(k - 1):
                    row[c + 1] = returns[used[c], t]
                    value -= coefficients[i, c + 1] * row[c + 1]
                ar[i, j] = value
                if value - value == 0.0:
                    ar_variance[i, j] = 1.0 + whiten_nb(A, row, k)
        for w in range(len(windows)):
            sums[:] = 0.0
            value = 0.0
            for j in range(windows[w, 0] - event[0], windows[w, 1] - event[0] + 1):
                value += ar[i, j]
                t = position[i] + event[0] + j
                if 0 <= t < T:
                    sums[0] += 1.0
                    for c in range(k - 1):
                        sums[c + 1] += returns[used[c], t]
            if value - value == 0.0:
                car[i, w] = value
                car_variance[i, w] = windows[w, 1] - windows[w, 0] + 1 + whiten_nb(A, sums, k)
