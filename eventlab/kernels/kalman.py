"""A regression whose coefficients walk at random, filtered forwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["random_walk_filter_nb"]


@kernel
def random_walk_filter_nb(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    ratios: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    states: npt.NDArray[np.float64],
    covariances: npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
) -> None:
    """Filter y_t = design_t' b_t + e_t, b_t = b_{t-1} + u_t, Var u = diag(``ratios``) Var e.

    ``y`` (T,) and ``design`` (T, K); ``ratios`` (K,); ``state`` (K,) and ``covariance`` (K, K), in
    units of Var e, are those before row 0 and are overwritten by those of the last row. ``states``
    (T, K) and ``covariances`` (T, K, K) receive those after each row's own y; ``errors`` (2, T) the
    one-step forecast error and its variance in units of Var e. A row with NaN moves nothing but
    the covariance, which grows by ``ratios``; its errors are NaN. Row t uses rows up to t only.

    Joseph's form of the update is not needed: the covariance is made symmetric by construction.
    """
    T, K = design.shape
    gain = np.empty(K)
    for t in range(T):
        known = not np.isnan(y[t])
        for i in range(K):
            covariance[i, i] += ratios[i]
            known = known and not np.isnan(design[t, i])
        errors[0, t], errors[1, t] = np.nan, np.nan
        if known:
            error, spread = y[t], 1.0
            for i in range(K):
                error -= design[t, i] * state[i]
                gain[i] = 0.0
                for j in range(K):
                    gain[i] += covariance[i, j] * design[t, j]
                spread += design[t, i] * gain[i]
            for i in range(K):
                state[i] += gain[i] * error / spread
                for j in range(i + 1):
                    covariance[i, j] -= gain[i] * gain[j] / spread
                    covariance[j, i] = covariance[i, j]
            errors[0, t], errors[1, t] = error, spread
        for i in range(K):
            states[t, i] = state[i]
            for j in range(K):
                covariances[t, i, j] = covariance[i, j]
