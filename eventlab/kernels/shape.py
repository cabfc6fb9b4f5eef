"""What estimation windows say about the distribution of abnormal returns, in one pass each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["even_moments_nb", "traded_nb"]


@kernel
def traded_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    estimation: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Share (N,) of the estimation bars with a return whose return is not zero; 1 without any.

    ``returns`` (C, T), ``column`` and ``position`` (N,), ``estimation`` its first and last bar.
    """
    T = returns.shape[1]
    share = np.empty(len(position))
    for i in range(len(position)):
        row = returns[column[i]]
        there, zero = 0, 0
        first = max(0, position[i] + estimation[0])
        for t in range(first, min(T, position[i] + estimation[1] + 1)):
            if row[t] - row[t] == 0.0:
                there += 1
                zero += 1 if row[t] == 0.0 else 0
        share[i] = 1.0 - zero / max(there, 1)
    return share


@kernel
def even_moments_nb(
    resid: npt.NDArray[np.float64], sigma: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Mean square and mean fourth power (2, N) of ``resid`` (N, E) over ``sigma`` (N,), no NaN."""
    N, E = resid.shape
    found = np.empty((2, N))
    for i in range(N):
        n, second, fourth = 0, 0.0, 0.0
        for t in range(E):
            square = (resid[i, t] / sigma[i]) ** 2
            if square - square == 0.0:
                n += 1
                second += square
                fourth += square * square
        found[0, i], found[1, i] = second / max(n, 1), fourth / max(n, 1)
    return found
