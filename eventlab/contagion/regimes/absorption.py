"""Correlation matrices of many windows at once, and what their first eigenvectors absorb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "absorbed",
    "correlations",
    "equal_subsets",
    "mean_correlation",
    "n_eigenvectors",
    "windows_of",
]

_STILL = 1e-28  # a variance below this share of the squared mean is rounding


def windows_of(values: npt.NDArray[np.float64], window: int) -> npt.NDArray[np.float64]:
    """(T - window + 1, N, window): a view of every run of rows of ``values`` (T, N)."""
    return np.lib.stride_tricks.sliding_window_view(values, window, axis=0)


def correlations(
    windows: npt.NDArray[np.float64], *, covariance: bool = False
) -> npt.NDArray[np.float64]:
    """(n, N, N) correlations (or covariances, ddof 1) of ``windows`` (n, N, rows).

    NaN in all of a window that holds a NaN, or in which a series stands still.
    """
    mean = windows.mean(axis=2, keepdims=True)
    centred = windows - mean
    found: npt.NDArray[np.float64] = centred @ centred.transpose(0, 2, 1)
    found /= windows.shape[2] - 1
    variance = np.diagonal(found, axis1=1, axis2=2)
    unknown = np.isnan(variance) if covariance else ~(variance > _STILL * mean[:, :, 0] ** 2)
    lost = np.asarray(unknown.any(axis=1))
    if not covariance:
        scale = np.sqrt(np.where(lost[:, None], 1.0, variance))
        found /= scale[:, :, None] * scale[:, None, :]
    found[lost] = np.nan
    return found


def mean_correlation(matrices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n,) means of the off-diagonal elements of (n, N, N)."""
    N = matrices.shape[-1]
    total = matrices.sum(axis=(-2, -1)) - np.trace(matrices, axis1=-2, axis2=-1)
    mean: npt.NDArray[np.float64] = total / (N * (N - 1))
    return mean


def n_eigenvectors(N: int) -> int:
    """N/5 rounded half up, at least one (Kritzman et al. 2011 take about a fifth)."""
    return max(1, (2 * N + 5) // 10)


def absorbed(matrices: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.float64]:
    """Share (...) of the trace of matrices (..., N, N) in their ``k`` largest eigenvalues.

    NaN where a matrix has NaN or no variance.
    """
    N = matrices.shape[-1]
    flat = matrices.reshape(-1, N, N)
    found = np.full(len(flat), np.nan)
    total = np.trace(flat, axis1=1, axis2=2)
    known = np.isfinite(flat).all(axis=(1, 2)) & (total > 0.0)
    values = np.linalg.eigvalsh(flat[known])
    found[known] = values[:, N - k :].sum(axis=1) / total[known]
    return found.reshape(matrices.shape[:-2])


def equal_subsets(
    columns: npt.NDArray[np.int64], size: int, most: int, seed: int
) -> npt.NDArray[np.int64]:
    """(S, size) random subsets of ``columns``; all of them, once, where there are as many."""
    if len(columns) == size:
        return columns[None]
    generator = np.random.default_rng(seed)
    drawn = np.stack([generator.permutation(columns)[:size] for _ in range(most)])
    return np.sort(drawn, axis=1)
