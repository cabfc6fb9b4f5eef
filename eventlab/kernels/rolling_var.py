"""Vector autoregressions by least squares in every window of a path.

Shapes: N series, p lags, K = N p + 1 regressors z with the constant first, y the N series. A
``fit`` (K + N, K + N) is what sweeping the regressors out of the cross-products of [z, y] leaves:
(Z'Z)^-1 above left, the coefficients (K, N) above right, minus their transpose below left, and the
cross-products of the residuals below right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.connectedness import COLLINEAR, decompose_nb, factor_nb, product_nb
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["FITTED", "MISSING", "REFIT", "STRIDE", "fit_nb", "rolling_nb", "unpack_nb"]

# Sliding adds rounding of about 1e-16 x inflation per step, the inflation of a coefficient's
# variance by the other regressors being the condition that counts. Windows start afresh every
# STRIDE rows, and in each row above SLIDES; above SOLVES cross-products themselves say too little.
STRIDE, SLIDES, SOLVES = 64, 1e5, 1e7
# Rounding grows as well by what a row takes with it when it leaves: afresh if its leverage is
# above LEAVES, or if a residual variance falls below FALLS of the largest since the last start.
LEAVES, FALLS = 0.99, 1e-3
FITTED, MISSING, REFIT = 0, 1, 2
# What a shock still has of itself a step later, followed over a few steps: above LINGERS it is
# followed for LONG steps.
LINGERS, LONG = 0.9, 256


@kernel
def fill_row_nb(
    values: npt.NDArray[np.float64],
    t: int,
    lags: int,
    centre: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
) -> None:
    """Write [1, x_{t-1}, ..., x_{t-p}, x_t] of ``values`` (T, N), less ``centre``, into ``row``."""
    N = len(centre)
    row[0] = 1.0
    for j in range(N):
        row[1 + lags * N + j] = values[t, j] - centre[j]
        for lag in range(lags):
            row[1 + lag * N + j] = values[t - 1 - lag, j] - centre[j]


@kernel
def sweep_nb(fit: npt.NDArray[np.float64], K: int, penalty: float) -> float:
    """Sweep the first K columns of cross-products; return the worst inflation, inf if collinear.

    With a ``penalty`` on the squares of standardised coefficients (the constant is free), residual
    products are those of the shrunken coefficients.
    """
    M = len(fit)
    spread = np.empty(K)
    for k in range(K):  # about the mean, which the constant takes out
        spread[k] = fit[k, k] - (fit[0, k] * fit[0, k] / fit[0, 0] if k else 0.0)
        if k:
            fit[k, k] += penalty * spread[k]
    for k in range(K):
        own = fit[k]
        pivot = own[k]
        if not pivot > COLLINEAR * spread[k]:
            return np.inf
        for j in range(M):
            own[j] /= pivot
        for i in range(M):
            row = fit[i]
            share = row[k]
            if i != k:
                row[k] = 0.0
                for j in range(M):
                    row[j] -= share * own[j]
                row[k] = -share / pivot
        own[k] = 1.0 / pivot
    worst = 0.0
    for k in range(1, K):
        worst = max(worst, spread[k] * fit[k, k])
        if penalty > 0.0:
            own = fit[k]
            for i in range(K, M):
                row, share = fit[i], penalty * spread[k] * own[i]
                for j in range(K, M):
                    row[j] -= share * own[j]
    return worst


@kernel
def fit_nb(
    values: npt.NDArray[np.float64],
    first: int,
    centre: npt.NDArray[np.float64],
    rows: npt.NDArray[np.float64],
    turned: npt.NDArray[np.float64],
    fit: npt.NDArray[np.float64],
    penalty: float,
) -> float:
    """Fit the VAR of rows [first, first + p + n) afresh; return the worst inflation.

    ``rows`` (n, K + N) and ``turned``, its transpose, are overwritten; ``centre`` (N,) becomes the
    means, about which ``fit`` is.
    """
    n, M = rows.shape
    N = len(centre)
    lags = (M - 1) // N - 1
    for j in range(N):
        total = 0.0
        for t in range(first, first + lags + n):
            total += values[t, j]
        centre[j] = total / (lags + n)
    for r in range(n):
        fill_row_nb(values, first + lags + r, lags, centre, rows[r])
        for j in range(M):
            turned[j, r] = rows[r, j]
    product_nb(turned, rows, fit, n)
    return sweep_nb(fit, M - N, penalty)


@kernel
def slide_nb(
    fit: npt.NDArray[np.float64],
    pair: npt.NDArray[np.float64],
    change: npt.NDArray[np.float64],
    N: int,
) -> bool:
    """Let ``pair[0]`` into the fit and ``pair[1]`` out of it; False if that row held too much.

    Sherman-Morrison-Woodbury with D = diag(1, -1): the inverse moves by -g' S^-1 g, coefficients
    by g' S^-1 e, residual products by e' S^-1 e, with gains g = U (Z'Z)^-1, errors e of the
    coefficients before and S = D + g U'. ``pair`` and ``change`` are (2, K + N).
    """
    M = len(fit)
    K = M - N
    product_nb(pair, fit, change, K)
    a, b, c = 1.0, 0.0, -1.0
    for k in range(K):
        a += pair[0, k] * change[0, k]
        b += pair[0, k] * change[1, k]
        c += pair[1, k] * change[1, k]
    if c + 1.0 > LEAVES:
        return False
    scale = a * c - b * b
    a, b, c = c / scale, -b / scale, a / scale
    come, gone = change[0], change[1]
    for k in range(K):
        come[k], gone[k] = -come[k], -gone[k]
    for k in range(K, M):
        come[k], gone[k] = pair[0, k] - come[k], pair[1, k] - gone[k]
    for i in range(M):
        x, y = a * come[i] + b * gone[i], b * come[i] + c * gone[i]
        if i < K:
            x, y = -x, -y
        row = fit[i]
        for j in range(M):
            row[j] += x * come[j] + y * gone[j]
    return True


@kernel
def unpack_nb(
    fit: npt.NDArray[np.float64],
    coefficients: npt.NDArray[np.float64],
    factor: npt.NDArray[np.float64],
) -> bool:
    """Take [A_1 ... A_p] (N, N p) and the factor (N, N) out of a fit; False if collinear."""
    N, wide = coefficients.shape
    for k in range(wide):
        row = fit[k + 1]
        for i in range(N):
            coefficients[i, k] = row[wide + 1 + i]
    for i in range(N):
        row = fit[wide + 1 + i]
        for j in range(N):
            factor[i, j] = row[wide + 1 + j]
    return factor_nb(factor, factor)


@kernel
def growth_nb(
    fit: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    fresh: npt.NDArray[np.float64],
    steps: int,
) -> float:
    """Follow a shock, ``state`` (N p,) with the newest lag first; return its growth per step.

    ``state`` is left at length 1; one that has died out starts again from everywhere at once.
    """
    N, wide = len(fresh), len(state)
    growth = 1.0
    for _ in range(steps):
        before, size = 0.0, 0.0
        for k in range(wide):
            before += state[k] * state[k]
        fresh[:] = 0.0
        for k in range(wide):
            share, row = state[k], fit[k + 1]
            for j in range(N):
                fresh[j] += share * row[wide + 1 + j]
        for k in range(wide - 1, N - 1, -1):
            state[k] = state[k - N]
        for j in range(N):
            state[j] = fresh[j]
        for k in range(wide):
            size += state[k] * state[k]
        size = np.sqrt(size)
        growth *= size / np.sqrt(before)
        if not size > 1e-100:
            growth = 0.0
            break
        for k in range(wide):
            state[k] /= size
    if growth == 0.0:
        spread_nb(state)
    per_step: float = growth ** (1.0 / steps)
    return per_step


@kernel
def spread_nb(state: npt.NDArray[np.float64]) -> None:
    """Write numbers without a pattern, so that no direction is left out by symmetry."""
    for k in range(len(state)):
        turn = 0.6180339887498949 * (k + 1)
        state[k] = 0.5 + turn - np.floor(turn)


@kernel
def peak_nb(fit: npt.NDArray[np.float64], peak: npt.NDArray[np.float64]) -> bool:
    """Whether every residual variance is still above `FALLS` of its largest, ``peak`` (N,)."""
    N = len(peak)
    K = len(fit) - N
    for j in range(N):
        own = fit[K + j, K + j]
        if not own > FALLS * peak[j]:
            return False
        peak[j] = max(peak[j], own)
    return True


@kernel
def rolling_nb(
    values: npt.NDArray[np.float64],
    window: int,
    first: int,
    horizon: int,
    tables: npt.NDArray[np.float64],
    coefficients: npt.NDArray[np.float64],
    status: npt.NDArray[np.int64],
    growth: npt.NDArray[np.float64],
) -> None:
    """Decompose windows of exactly ``window`` rows of ``values`` (T, N) that begin at ``first`` on.

    Written by window: ``status`` (n,) is `FITTED`; `MISSING`, a value in the window; or `REFIT`, to
    be solved with more care. Where `FITTED`: ``tables`` (n, N, N) in percent, ``coefficients``
    (n, N, N p) and ``growth`` (n,), about the largest companion root. Window w uses rows of
    [w, w + window) and of windows since the last multiple of `STRIDE`, which ``first`` has to be:
    where a path is cut into pieces leaves no trace in it.
    """
    n_windows, N, wide = coefficients.shape
    lags, K = wide // N, wide + 1
    M = K + N
    fit, pair, change = np.empty((M, M)), np.empty((2, M)), np.empty((2, M))
    rows, turned = np.empty((window - lags, M)), np.empty((M, window - lags))
    centre, peak, fresh, state = np.empty(N), np.empty(N), np.empty(N), np.empty(wide)
    factor, scratch = np.zeros((N, N)), np.empty(((2 * horizon + 1) * N, N))
    inflation, complete = np.inf, first  # rows of [complete, now) have all values
    checked = first
    for w in range(n_windows):
        at = first + w
        while checked < at + window:
            for j in range(N):
                if not np.isfinite(values[checked, j]):
                    complete = checked + 1
            checked += 1
        if complete > at:
            status[w], inflation = MISSING, np.inf
            continue
        slid = at % STRIDE != 0 and inflation < SLIDES
        if slid:
            for gone in range(2):
                row = at + (lags - 1 if gone else window - 1)
                fill_row_nb(values, row, lags, centre, pair[gone])
            slid = slide_nb(fit, pair, change, N) and peak_nb(fit, peak)
        if not slid:
            if at % STRIDE == 0 or inflation == np.inf:
                spread_nb(state)
            inflation = fit_nb(values, at, centre, rows, turned, fit, 0.0)
            for j in range(N):
                peak[j] = fit[K + j, K + j]
        status[w] = REFIT
        if inflation < SOLVES and unpack_nb(fit, coefficients[w], factor):
            status[w] = FITTED
            decompose_nb(coefficients[w], factor, True, scratch, tables[w])  # noqa: FBT003
            steps = 16 if slid else 64
            while True:
                growth[w] = growth_nb(fit, state, fresh, steps)
                if growth[w] <= LINGERS or steps == LONG:
                    break
                steps = LONG
