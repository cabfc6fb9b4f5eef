"""Normal returns where some bars span a closure of the market: two classes of bars, one slope.

Nights and weekends are returns of another size than the bars of a session. The parameters come
from the regular rows; the rows that span a closure have a mean and a variance of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF, householder_nb, solve_nb, whiten_nb
from eventlab.kernels.fits import NO_VARIANCE
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MIN_CLOSURES", "closure_fits_nb", "spanning_nb"]

MIN_CLOSURES = 10  # estimation rows that span a closure below which their variance is unknown


@kernel
def spanning_nb(
    spans: npt.NDArray[np.bool_], column: int, factors: npt.NDArray[np.int64], t: int
) -> bool:
    """Whether the return of the asset or of a regressor at row t spans a closure."""
    across: bool = spans[column, t]
    for c in range(len(factors)):
        across = across or (factors[c] >= 0 and spans[factors[c], t])
    return across


@kernel
def split_nb(
    returns: npt.NDArray[np.float64],
    spans: npt.NDArray[np.bool_],
    column: int,
    factors: npt.NDArray[np.int64],
    start: int,
    stop: int,
    constant: int,
    A: npt.NDArray[np.float64],
    B: npt.NDArray[np.float64],
) -> tuple[int, int]:
    """Fill A with the complete regular rows of [start, stop), B with those that span a closure.

    A row is [1 (if ``constant``), factors, y]. Returns the row counts.
    """
    M, n = 0, 0
    for t in range(start, stop):
        total = returns[column, t]
        for c in range(len(factors)):
            total += returns[factors[c], t]
        if total - total != 0.0:
            continue
        across = spanning_nb(spans, column, factors, t)
        out = B[n] if across else A[M]
        if constant:
            out[0] = 1.0
        for c in range(len(factors)):
            out[constant + c] = returns[factors[c], t]
        out[constant + len(factors)] = returns[column, t]
        if across:
            n += 1
        else:
            M += 1
    return M, n


@kernel
def closures_nb(
    B: npt.NDArray[np.float64],
    n: int,
    k: int,
    constant: int,
    beta: npt.NDArray[np.float64],
    means: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Return the mean and variance of y - beta'x over the first n rows of B; no constant: mean 0.

    ``means`` (k,) receives the means of the regressors, 0 for the constant. NaN for too few rows
    or no variance.
    """
    means[:] = 0.0
    if n < MIN_CLOSURES:
        return np.nan, np.nan
    mean, total = 0.0, 0.0
    for r in range(n):
        for c in range(constant, k):
            means[c] += B[r, c] / n
            B[r, k] -= beta[c] * B[r, c]
        mean += B[r, k] / n
        total += B[r, k] * B[r, k]
    if not constant:
        return 0.0, total / n if total > 0.0 else np.nan
    square = 0.0
    for r in range(n):
        square += (B[r, k] - mean) ** 2
    return mean, square / (n - 1) if square > NO_VARIANCE * total else np.nan


@kernel
def bar_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    used: npt.NDArray[np.int64],
    t: int,
    across: bool,  # noqa: FBT001 - kernels take no keywords
    constant: int,
    beta: npt.NDArray[np.float64],
    means: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
) -> float:
    """Return y_t - beta'x_t without any mean; ``row`` becomes the design row of its error."""
    if constant:
        row[0] = 0.0 if across else 1.0
    value: float = returns[column, t]
    for c in range(len(used)):
        x = returns[used[c], t]
        value -= beta[constant + c] * x
        row[constant + c] = x - means[constant + c] if across else x
    return value


@kernel
def dof_nb(fitted: float, closed: float, dof: float, closed_dof: float) -> float:
    """Degrees of freedom of a sum of two estimated variances (Satterthwaite 1946, eq. 17)."""
    share = fitted * fitted / dof
    if closed > 0.0:
        share += closed * closed / closed_dof
    return (fitted + closed) ** 2 / share


@kernel
def window_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    used: npt.NDArray[np.int64],
    bars: tuple[int, int],
    spans: npt.NDArray[np.bool_],
    constant: int,
    beta: npt.NDArray[np.float64],
    means: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
    sums: npt.NDArray[np.float64],
) -> int:
    """Add up the design rows of the bars [start, stop) into ``sums``; how many span a closure."""
    sums[:] = 0.0
    spanned = 0
    for t in range(max(0, bars[0]), min(bars[1], returns.shape[1])):
        across = spanning_nb(spans, column, used, t)
        bar_nb(returns, column, used, t, across, constant, beta, means, row)
        spanned += 1 if across else 0
        for c in range(constant + len(used)):
            sums[c] += row[c]
    return spanned


@kernel
def fit_nb(
    A: npt.NDArray[np.float64], M: int, k: int, min_rows: int, beta: npt.NDArray[np.float64]
) -> float:
    """Least squares of the first M rows of A into ``beta``, A as householder_nb leaves it; sigma.

    NaN where there are too few rows, no variance, or collinear columns.
    """
    if max(min_rows, k + MIN_DOF) > M:
        return np.nan
    total, sse = 0.0, 0.0
    for t in range(M):
        total += A[t, k] * A[t, k]
    if not householder_nb(A, M, k):
        return np.nan
    for t in range(k, M):
        sse += A[t, k] * A[t, k]
    if not sse > NO_VARIANCE * total:
        return np.nan
    solve_nb(A, k, beta)
    sigma: float = np.sqrt(sse / (M - k))
    return sigma


@kernel
def closure_fits_nb(
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
    spans: npt.NDArray[np.bool_],
    constant: int,
    closures: npt.NDArray[np.float64],
    ar_dof: npt.NDArray[np.float64],
    car_dof: npt.NDArray[np.float64],
) -> None:
    """Fit the columns ``factors`` (N, F), -1 at the end unused, with or without a ``constant``.

    Other arrays as in ``kernels.fits``. ``spans`` (C, T) marks the returns that span a closure;
    coefficients, ``sigma`` s and ``n_rows`` M are those of the other rows. With n rows in the
    estimation window that span one, e = y - beta'x of mean m and variance v on them, and x their
    mean regressors: such a bar's normal return is m + beta'x_t, and in units of s^2, kappa = v/s^2,

        C_t = kappa (1 + 1/n) + (x_t - x)'V(x_t - x),  V = (X'X)^-1 of the regular rows,
        w'Gw = L - l + kappa (l + l^2/n) + d'Vd

    for a window of L bars of which l span a closure; d sums the design rows of the regular bars
    and the (0, x_t - x) of the others. Without a constant m is 0 and the 1/n are left out.
    ``closures`` (N, 3): kappa, m - alpha, n. ``ar_dof`` (N, L) and ``car_dof`` (N, W): of the part
    that s^2 scales with M - k, and the part that v scales with n - 1 (n without a constant). AR
    and CAR are NaN where a closure is spanned and kappa is not known.
    """
    T, k_most = returns.shape[1], factors.shape[1] + constant
    A = np.empty((estimation[1] - estimation[0] + 1, k_most + 1))
    B = np.empty_like(A)
    row, sums, means, beta = (
        np.empty(k_most),
        np.empty(k_most),
        np.empty(k_most),
        np.empty(k_most),
    )
    for i in range(len(position)):
        k = constant
        while k < k_most and factors[i, k - constant] >= 0:
            k += 1
        used = factors[i, : k - constant]
        start = max(0, position[i] + estimation[0])
        stop = max(start, min(T, position[i] + estimation[1] + 1))
        M, n = split_nb(returns, spans, column[i], used, start, stop, constant, A, B)
        n_rows[i] = M
        coefficients[i], ar[i], ar_variance[i] = np.nan, np.nan, np.nan
        car[i], car_variance[i] = np.nan, np.nan
        closures[i], ar_dof[i], car_dof[i] = np.nan, np.nan, np.nan
        closures[i, 2] = n
        sigma[i] = fit_nb(A, M, k, min_rows, beta)
        if np.isnan(sigma[i]):
            continue
        coefficients[i, :k] = beta[:k]
        alpha = beta[0] if constant else 0.0
        mean, variance = closures_nb(B, n, k, constant, beta, means)
        kappa = variance / sigma[i] ** 2
        closures[i, 0], closures[i, 1] = kappa, mean - alpha
        for j in range(event[1] - event[0] + 1):
            t = position[i] + event[0] + j
            if t < 0 or t >= T:
                continue
            across = spanning_nb(spans, column[i], used, t)
            value = bar_nb(returns, column[i], used, t, across, constant, beta, means, row)
            value -= mean if across else alpha
            closed = kappa * (1.0 + constant / n) if across else 0.0
            if value - value == 0.0 and closed - closed == 0.0:
                fitted = (0.0 if across else 1.0) + whiten_nb(A, row, k)
                ar[i, j] = value
                ar_variance[i, j] = fitted + closed
                ar_dof[i, j] = dof_nb(fitted, closed, M - k, n - constant)
        for w in range(len(windows)):
            value = ar[i, windows[w, 0] - event[0] : windows[w, 1] - event[0] + 1].sum()
            if value - value == 0.0:
                bars = (position[i] + windows[w, 0], position[i] + windows[w, 1] + 1)
                spanned = window_nb(
                    returns, column[i], used, bars, spans, constant, beta, means, row, sums
                )
                # Without a closure kappa may not be known.
                many = spanned + constant * spanned * spanned / n if spanned else 0.0
                closed = kappa * many if spanned else 0.0
                fitted = windows[w, 1] - windows[w, 0] + 1 - spanned + whiten_nb(A, sums, k)
                car[i, w] = value
                car_variance[i, w] = fitted + closed
                car_dof[i, w] = dof_nb(fitted, closed, M - k, n - constant)
