"""Forecast error variances of a vector autoregression, fast enough for one in every window.

Shapes: N series, p lags, H terms. ``coefficients`` (N, N p) is [A_1 ... A_p]; ``factor`` (N, N) is
the lower Cholesky factor L of the residual covariance, whose scale cancels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COLLINEAR", "decompose_nb", "factor_nb", "fevd_nb", "product_nb"]

# A series of which this share of its variance or less is left beside the others is a mixture of
# them: the numbers that would come out are rounding.
COLLINEAR = 1e-10


@kernel
def product_nb(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], c: npt.NDArray[np.float64], width: int
) -> None:
    """Write the product of the first ``width`` columns of a (n, k) and rows of b (k, m) into c.

    Four rows of b at a time, along them: loops that the compiler turns into vector instructions
    without being allowed to reorder sums.
    """
    n, m = c.shape
    whole = width - width % 4
    for i in range(n):
        row, left = c[i], a[i]
        for j in range(m):
            row[j] = 0.0
        for k in range(0, whole, 4):
            a0, a1, a2, a3 = left[k], left[k + 1], left[k + 2], left[k + 3]
            b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
            for j in range(m):
                row[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j])
        for k in range(whole, width):
            a0, b0 = left[k], b[k]
            for j in range(m):
                row[j] += a0 * b0[j]


@kernel
def factor_nb(sigma: npt.NDArray[np.float64], factor: npt.NDArray[np.float64]) -> bool:
    """Write the lower Cholesky factor of ``sigma`` (N, N); False where series are collinear."""
    N = len(sigma)
    for i in range(N):
        for j in range(i + 1):
            left = sigma[i, j]
            for k in range(j):
                left -= factor[i, k] * factor[j, k]
            if i == j:
                if not left > COLLINEAR * sigma[i, i]:
                    return False
                factor[i, i] = np.sqrt(left)
            else:
                factor[i, j] = left / factor[j, j]
                factor[j, i] = 0.0
    return True


@kernel
def decompose_nb(
    coefficients: npt.NDArray[np.float64],
    factor: npt.NDArray[np.float64],
    generalised: bool,  # noqa: FBT001 - a kernel takes positional arguments
    scratch: npt.NDArray[np.float64],
    table: npt.NDArray[np.float64],
) -> None:
    """Write the decomposition (N, N) in percent, rows normalised to 100.

    ``scratch`` ((2 H + 1) N, N) is overwritten. Its first H N rows become the responses Psi_h L
    from the last horizon, h = H - 1, up to the first: those that the next one needs lie below each
    other. Pesaran & Shin (1998), eqs. 10 and 11; without ``generalised`` the orthogonalised one.
    """
    N, wide = coefficients.shape
    H = (len(scratch) // N - 1) // 2
    responses, products, mixing = scratch[: H * N], scratch[H * N : 2 * H * N], scratch[2 * H * N :]
    for i in range(N):  # loops, because assigning to slices costs the compiler seconds
        for j in range(N):
            responses[(H - 1) * N + i, j] = factor[i, j]
            table[i, j] = 0.0
    for h in range(1, H):
        first = (H - 1 - h) * N
        product_nb(
            coefficients,
            responses[first + N :],
            responses[first : first + N],
            min(h * N, wide),
        )
    if generalised:  # (Psi_h L) L' / sqrt(sigma_jj)
        for j in range(N):
            scale = 0.0
            for k in range(j + 1):
                scale += factor[j, k] * factor[j, k]
            scale = 1.0 / np.sqrt(scale)
            for k in range(N):
                mixing[k, j] = factor[j, k] * scale
        product_nb(responses, mixing, products, N)
    else:
        products = responses
    for h in range(H):
        for i in range(N):
            row, effect = table[i], products[h * N + i]
            for j in range(N):
                row[j] += effect[j] * effect[j]
    for i in range(N):
        total = 0.0
        for j in range(N):
            total += table[i, j]
        for j in range(N):
            table[i, j] *= 100.0 / total


@kernel
def fevd_nb(
    coefficients: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    horizon: int,
    generalised: bool,  # noqa: FBT001 - a kernel takes positional arguments
) -> npt.NDArray[np.float64]:
    """Return the decomposition (N, N) of one VAR in percent, NaN where series are collinear."""
    N = len(sigma)
    factor, table = np.zeros((N, N)), np.full((N, N), np.nan)
    if factor_nb(sigma, factor):
        scratch = np.empty(((2 * horizon + 1) * N, N))
        decompose_nb(coefficients, factor, generalised, scratch, table)
    return table
