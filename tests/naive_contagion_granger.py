"""Granger causality of one pair, straight from the formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def wald_hc3(effect: npt.NDArray[np.float64], cause: npt.NDArray[np.float64], lags: int) -> float:
    """Wald statistic over ``lags`` of the cause's past, with MacKinnon & White's (1985) HC3."""
    n = len(effect) - lags
    X, y = np.ones((n, 1 + 2 * lags)), effect[lags:]
    for row in range(n):
        for lag in range(1, lags + 1):
            X[row, lag] = effect[lags + row - lag]
            X[row, lags + lag] = cause[lags + row - lag]
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    middle = np.zeros((X.shape[1], X.shape[1]))
    for row in range(n):
        leverage = X[row] @ inverse @ X[row]
        resid = (y[row] - X[row] @ beta) / (1 - leverage)
        middle += resid**2 * np.outer(X[row], X[row])
    covariance = (inverse @ middle @ inverse)[lags + 1 :, lags + 1 :]
    slope = beta[lags + 1 :]
    return float(slope @ np.linalg.inv(covariance) @ slope / lags)
