"""The lasso path by coordinate descent on cross-products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["lasso_path_nb"]


@kernel
def lasso_path_nb(
    gram: npt.NDArray[np.float64],
    cross: npt.NDArray[np.float64],
    penalties: npt.NDArray[np.float64],
    tolerance: float,
    sweeps: int,
) -> npt.NDArray[np.float64]:
    """Coefficients (L, N, K) that minimise b'Gb / 2 - c'b + penalty sum |b|, for N vectors c.

    ``gram`` (K, K) is X'X / n, ``cross`` (N, K) is Y'X / n, ``penalties`` (L,) descend: each begins
    where the one before it ended. NaN where ``sweeps`` over the coordinates did not bring every
    step below ``tolerance``. Friedman, Hastie & Tibshirani (2010), section 2.2.
    """
    L, (N, K) = len(penalties), cross.shape
    found = np.zeros((L, N, K))
    slope, own = np.empty(K), np.zeros(K)
    for i in range(N):
        for k in range(K):
            own[k], slope[k] = 0.0, cross[i, k]  # slope = c - G b
        for at in range(L):
            penalty, largest = penalties[at], np.inf
            for _ in range(sweeps):
                largest = 0.0
                for k in range(K):
                    row = gram[k]
                    target = slope[k] + row[k] * own[k]
                    fresh = max(abs(target) - penalty, 0.0) / row[k]
                    step = (fresh if target > 0.0 else -fresh) - own[k]
                    if step != 0.0:
                        own[k] += step
                        largest = max(largest, abs(step))
                        for j in range(K):
                            slope[j] -= step * row[j]
                if largest < tolerance:
                    break
            for k in range(K):
                found[at, i, k] = own[k] if largest < tolerance else np.nan
    return found
