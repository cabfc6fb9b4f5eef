"""Covariances of two series that are observed at times of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["hy_curve_nb"]


@kernel
def hy_curve_nb(
    tx: npt.NDArray[np.int64],
    x: npt.NDArray[np.float64],
    ty: npt.NDArray[np.int64],
    y: npt.NDArray[np.float64],
    lags: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Sum products of increments whose intervals overlap, with y observed ``lags`` earlier.

    x (n,) is observed at ``tx`` and y (m,) at ``ty``, ascending. The result (L, 3) holds for each
    lag: the covariance, the sum of squared products (its variance if the two were independent),
    and the number of increments of x that meet one of y.
    """
    n, m = len(tx), len(ty)
    squares = np.zeros(max(m, 1))
    for j in range(1, m):
        squares[j] = squares[j - 1] + (y[j] - y[j - 1]) ** 2
    found = np.zeros((len(lags), 3))
    for k in range(len(lags)):
        # The increments of y that meet (tx[i-1], tx[i]] are those between two of its rows, so the
        # sum over them is one difference. Both rows only move forward.
        low, high = 0, 0
        for i in range(1, n):
            while low < m - 1 and ty[low + 1] - lags[k] <= tx[i - 1]:
                low += 1
            while high < m - 1 and ty[high] - lags[k] < tx[i]:
                high += 1
            if high > low:
                step = x[i] - x[i - 1]
                found[k, 0] += step * (y[high] - y[low])
                found[k, 1] += step * step * (squares[high] - squares[low])
                found[k, 2] += 1.0
    return found
