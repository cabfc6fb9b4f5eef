"""Bootstrap draws of a VAR. A draw depends on the seed and its own number only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.connectedness import decompose_nb, product_nb
from eventlab.kernels.jit import kernel
from eventlab.kernels.placebo import mix_nb
from eventlab.kernels.rolling_var import fit_nb, unpack_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["simulate_nb", "var_draws_nb"]


@kernel
def simulate_nb(
    coefficients: npt.NDArray[np.float64],
    constant: npt.NDArray[np.float64],
    residuals: npt.NDArray[np.float64],
    block: int,
    seed: np.uint64,
    path: npt.NDArray[np.float64],
) -> None:
    """Continue ``path`` (p + n, N) after its first p rows by the VAR and resampled ``residuals``.

    Whole rows of residuals (m, N) are taken in runs of ``block`` that begin anywhere and go on at
    the first row after the last, so that what happened together stays together.
    """
    N, wide = coefficients.shape
    m, step = len(residuals), np.uint64(0x9E3779B97F4A7C15)
    state, source = mix_nb(seed), 0
    for t in range(wide // N, len(path)):
        if (t - wide // N) % block == 0:
            state += step
            source = int(np.float64(mix_nb(state) >> np.uint64(11)) * 2.0**-53 * m)
        shock, row = residuals[source], path[t]
        source = source + 1 if source + 1 < m else 0
        for i in range(N):
            own, total = coefficients[i], constant[i] + shock[i]
            for k in range(wide):
                total += own[k] * path[t - 1 - k // N, k % N]
            row[i] = total


@kernel
def var_draws_nb(
    coefficients: npt.NDArray[np.float64],
    constant: npt.NDArray[np.float64],
    residuals: npt.NDArray[np.float64],
    before: npt.NDArray[np.float64],
    block: int,
    seed: np.uint64,
    first: int,
    horizon: int,
    penalty: float,
    tables: npt.NDArray[np.float64],
) -> None:
    """Write the tables (draws, 2, N, N) in percent of draws ``first`` on; NaN if collinear.

    Each simulates as many rows as there are ``residuals`` (n, N) after the rows ``before`` (p, N),
    fits the VAR to them with the same ``penalty`` and decomposes it; then the same once more from
    that fit and its residuals.
    """
    N, wide = coefficients.shape
    lags, n, M = wide // N, len(residuals), wide + 1 + N
    path, centre, fit = np.empty((lags + n, N)), np.empty(N), np.empty((M, M))
    rows, turned, blank = np.empty((n, M)), np.empty((M, n)), np.empty((n, M))
    fitted, factor, level = np.empty((N, wide)), np.zeros((N, N)), np.empty(N)
    shocks = np.empty((n, N))
    scratch = np.empty(((2 * horizon + 1) * N, N))
    for draw in range(len(tables)):
        own = mix_nb(seed + np.uint64(first + draw + 1) * np.uint64(0x9E3779B97F4A7C15))
        for i in range(N):
            level[i] = constant[i]
            for k in range(wide):
                fitted[i, k] = coefficients[i, k]
            for t in range(lags):
                path[t, i] = before[t, i]
            for t in range(n):
                shocks[t, i] = residuals[t, i]
        for again in range(2):
            simulate_nb(fitted, level, shocks, block, mix_nb(~own) if again else own, path)
            inflation = fit_nb(path, len(path) - lags - n, centre, rows, turned, fit, penalty)
            if not (np.isfinite(inflation) and unpack_nb(fit, fitted, factor)):
                break
            decompose_nb(fitted, factor, True, scratch, tables[draw, again])  # noqa: FBT003
            if not again:
                product_nb(rows, fit, blank, wide + 1)  # z B, right of what nobody needs
                for j in range(N):
                    level[j] = fit[0, wide + 1 + j]
                    for t in range(n):
                        shocks[t, j] = rows[t, wide + 1 + j] - blank[t, wide + 1 + j]
                    for t in range(lags):  # the mean of the path, not of `before`, is level zero
                        path[t, j] -= centre[j]
