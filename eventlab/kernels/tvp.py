"""A vector autoregression whose coefficients and covariance drift, by a Kalman filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.connectedness import decompose_nb, factor_nb, product_nb
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COLLAPSED", "EXPLOSIVE", "MISSING", "STABLE", "explosive_nb", "tvp_nb"]

# What became of a row.
STABLE = 0
EXPLOSIVE = 1  # its coefficients were rejected; the last stable ones stand in
MISSING = 2  # the row or one of its lags is missing: nothing was learnt
COLLAPSED = 3  # what is left of the covariance is that of collinear series


@kernel
def tvp_nb(
    values: npt.NDArray[np.float64],
    start: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    kappa: npt.NDArray[np.float64],
    horizon: int,
    generalised: bool,  # noqa: FBT001 - a kernel takes positional arguments
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Filter a TVP-VAR with forgetting factors and decompose its forecast errors in every row.

    Parameters
    ----------
    values
        (T, N) series less their means, NaN where missing.
    start
        (N, N p) coefficients [A_1 ... A_p] of the prior, not explosive.
    spread
        (m, m) their covariance, m = N N p, equation by equation.
    sigma
        (N, N) residual covariance of the prior.
    kappa
        (3,) forgetting of the coefficients, forgetting of the covariance, and how the first
        observation enters the covariance: 0 by its forecast error, otherwise by this share of its
        own square (0.1 as published).
    horizon, generalised
        Terms of the decomposition, and whether its shocks are generalised or orthogonalised.

    Returns
    -------
    tables
        (T, N, N) percent; NaN where the status is missing or collapsed.
    coefficients
        (T, N, N p) those of the decomposition: the last stable ones, after the row.
    status
        (T,) `STABLE`, `EXPLOSIVE`, `MISSING` or `COLLAPSED`.

    References
    ----------
    Antonakakis, Chatziantoniou & Gabauer (2020), eqs. 1 to 7; Koop & Korobilis (2014).
    """
    T, N = values.shape
    wide = start.shape[1]
    tables, coefficients = np.full((T, N, N), np.nan), np.full((T, N, wide), np.nan)
    status = np.full(T, MISSING, dtype=np.int64)
    held, latest, stable = start.copy(), start.copy(), start.copy()
    # Forgetting would blow up what rounding left between the two halves, so they begin as one.
    spread, sigma = spread.copy(), sigma.copy()
    for i in range(N * wide):
        for j in range(i):
            spread[i, j] = spread[j, i]
    lagged, error = np.empty((1, wide)), np.empty(N)
    gain, crossed = np.empty((N, N * wide)), np.empty((N * wide, N * wide))
    factor, scratch = np.zeros((N, N)), np.empty(((2 * horizon + 1) * N, N))
    seen = 0
    for t in range(T):
        if not _lagged_nb(values, t, lagged[0]):
            if t * N >= wide or not _whole_nb(values[t]):
                continue
        else:
            seen += 1
            _forecast_error_nb(values[t], latest, lagged[0], error)
            for i in range(N):
                if seen == 1 and kappa[2] > 0:
                    error[i] = np.sqrt(kappa[2]) * values[t, i]
                for j in range(i + 1):
                    fresh = (1.0 - kappa[1]) * error[i] * error[j]
                    sigma[i, j] = sigma[j, i] = kappa[1] * sigma[i, j] + fresh
            forgotten = kappa[0] if seen > 1 else 1.0
            for i in range(N * wide):
                for j in range(N * wide):
                    spread[i, j] /= forgotten
            _forecast_error_nb(values[t], held, lagged[0], error)
            for i in range(N):
                for j in range(wide):
                    latest[i, j] = held[i, j]
            if not _update_nb(latest, spread, sigma, lagged, error, gain, crossed):
                status[t] = COLLAPSED
                continue
            rejected = explosive_nb(latest)
            for i in range(N):
                for j in range(wide):
                    if rejected:
                        held[i, j] *= 0.99
                    else:
                        held[i, j] = stable[i, j] = latest[i, j]
            status[t] = EXPLOSIVE if rejected else STABLE
        if t * N < wide:
            status[t] = STABLE
        if not factor_nb(sigma, factor):
            status[t] = COLLAPSED
            continue
        for i in range(N):
            for j in range(wide):
                coefficients[t, i, j] = stable[i, j]
        decompose_nb(stable, factor, generalised, scratch, tables[t])
    return tables, coefficients, status


@kernel
def _whole_nb(row: npt.NDArray[np.float64]) -> bool:
    for value in row:  # noqa: SIM110 - a generator would cost more to compile
        if not np.isfinite(value):
            return False
    return True


@kernel
def _lagged_nb(values: npt.NDArray[np.float64], t: int, lagged: npt.NDArray[np.float64]) -> bool:
    """Write the rows before ``t``, the latest first; False unless they and row ``t`` are whole."""
    N = values.shape[1]
    lags = len(lagged) // N
    if t < lags:
        return False
    for lag in range(lags + 1):
        for i in range(N):
            value = values[t - lag, i]
            if not np.isfinite(value):
                return False
            if lag > 0:
                lagged[(lag - 1) * N + i] = value
    return True


@kernel
def _forecast_error_nb(
    row: npt.NDArray[np.float64],
    coefficients: npt.NDArray[np.float64],
    lagged: npt.NDArray[np.float64],
    error: npt.NDArray[np.float64],
) -> None:
    """Write the row less what the coefficients (N, N p) make of its lags."""
    for i in range(len(row)):
        error[i] = row[i]
        for j in range(len(lagged)):
            error[i] -= coefficients[i, j] * lagged[j]


@kernel
def _update_nb(
    state: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    lagged: npt.NDArray[np.float64],
    error: npt.NDArray[np.float64],
    gain: npt.NDArray[np.float64],
    crossed: npt.NDArray[np.float64],
) -> bool:
    """Update the state (N, N p) and its covariance by one row; False where series are collinear.

    F = I kron x' is never formed: F R takes the N p rows of each equation. With R F' = G' and
    Q + F R F' = L L', the gain is G' (L L')^-1, so the covariance falls by W'W with W = L^-1 G.
    """
    N, wide = state.shape
    m = N * wide
    forecast, factor = np.empty((N, N)), np.zeros((N, N))
    for i in range(N):
        product_nb(lagged, spread[i * wide : (i + 1) * wide], gain[i : i + 1], wide)
        for j in range(N):
            total = sigma[i, j]
            for k in range(wide):
                total += gain[i, j * wide + k] * lagged[0, k]
            forecast[i, j] = total
    if not factor_nb(forecast, factor):
        return False
    for i in range(N):
        for k in range(i):
            error[i] -= factor[i, k] * error[k]
            for j in range(m):
                gain[i, j] -= factor[i, k] * gain[k, j]
        error[i] /= factor[i, i]
        for j in range(m):
            gain[i, j] /= factor[i, i]
    flat = state.reshape(m)
    turned = np.empty((m, N))
    for i in range(N):
        for j in range(m):
            flat[j] += gain[i, j] * error[i]
            turned[j, i] = gain[i, j]
    product_nb(turned, gain, crossed, N)
    for i in range(m):
        for j in range(m):
            spread[i, j] -= crossed[i, j]
    return True


@kernel
def explosive_nb(coefficients: npt.NDArray[np.float64]) -> bool:
    """Whether the largest eigenvalue of a VAR (N, N p) exceeds 1 in modulus.

    By the norm of the companion matrix squared 50 times, which needs no eigenvalues: a power
    whose norm is below 1 settles that it is stable, and the first often is.
    """
    N, wide = coefficients.shape
    power, squared = np.zeros((wide, wide)), np.empty((wide, wide))
    for i in range(wide):
        for j in range(wide):
            if i < N:
                power[i, j] = coefficients[i, j]
            elif j == i - N:
                power[i, j] = 1.0
    exponent = 0.0
    for _ in range(50):
        norm = 0.0
        for i in range(wide):
            total = 0.0
            for j in range(wide):
                total += abs(power[i, j])
            norm = max(norm, total)
        if norm == 0.0:
            return False
        exponent += np.log(norm)  # of the norm of the power, its scale put back
        if exponent < 0.0:
            return False
        for i in range(wide):
            for j in range(wide):
                power[i, j] /= norm
        product_nb(power, power, squared, wide)
        power, squared = squared, power
        exponent *= 2.0
    return exponent > 0.0
