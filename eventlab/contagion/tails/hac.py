"""Least squares with standard errors for rows that are heteroscedastic and autocorrelated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.orthogonal import orthogonal_fit

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["HacFit", "bartlett_sum", "hac_fit", "newey_west_lags", "normal_pvalue", "tested"]


@dataclass(frozen=True, slots=True)
class HacFit:
    """Coefficients (k,), their covariance (k, k), the complete rows behind them, and the lags.

    NaN throughout where the regressors are collinear or there are no more rows than regressors; a
    covariance of zero where the fit is exact up to rounding.
    """

    coefficients: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    n: int
    lags: int

    def combination(self, weights: npt.NDArray[np.float64]) -> tuple[float, float]:
        """Return the value of weights (k,) times the coefficients, and its standard error."""
        variance = float(weights @ self.covariance @ weights)
        return float(weights @ self.coefficients), float(np.sqrt(max(variance, 0.0)))


def newey_west_lags(n: int) -> int:
    """Lags for ``n`` rows: floor(4 (n/100)^(2/9)), Newey & West (1994), fewer than n."""
    return max(0, min(int(np.floor(4.0 * (n / 100.0) ** (2.0 / 9.0))), n - 1))


def hac_fit(
    response: npt.NDArray[np.float64], design: npt.NDArray[np.float64], lags: int | None = None
) -> HacFit:
    """Fit ``response`` (T,) on ``design`` (T, k), with the Newey-West covariance.

    (X'X)^-1 S (X'X)^-1, S the Bartlett sum of the scores x_t e_t, without a correction for small
    samples. Rows with a NaN are left out of the fit, and row t and row t - j are a pair in S only
    where both are complete: a gap does not move its neighbours closer together.

    Parameters
    ----------
    lags
        The last lag whose weight is not zero; `newey_west_lags` of the complete rows unless given.

    References
    ----------
    Newey & West (1987), eq. 5.
    """
    known = np.isfinite(response) & np.isfinite(design).all(axis=1)
    n, k = int(np.count_nonzero(known)), design.shape[1]
    lags = newey_west_lags(n) if lags is None else lags
    if n <= k:
        return HacFit(np.full(k, np.nan), np.full((k, k), np.nan), n, lags)
    X, y = design[known], response[known]
    size = np.sqrt(np.mean(X**2, axis=0))
    if not size.all() or np.linalg.cond(X / size) > 1e10:
        return HacFit(np.full(k, np.nan), np.full((k, k), np.nan), n, lags)
    fit = orthogonal_fit(y, X)
    if fit.residual @ fit.residual <= 1e-24 * (y @ y):  # nothing but rounding
        return HacFit(fit.coefficients, np.zeros((k, k)), n, lags)
    scores = np.zeros((len(known), k))
    scores[known] = fit.weights * fit.residual[:, None]
    return HacFit(fit.coefficients, bartlett_sum(scores, lags), n, lags)


def bartlett_sum(scores: npt.NDArray[np.float64], lags: int) -> npt.NDArray[np.float64]:
    """(k, k) sum of s_t s_t' of (T, k) ``scores`` and, weighted 1 - j/(lags + 1), at lag j."""
    total = scores.T @ scores
    for j in range(1, min(lags, len(scores) - 1) + 1):
        product = scores[j:].T @ scores[:-j]
        total += (1.0 - j / (lags + 1.0)) * (product + product.T)
    return total


def tested(fit: HacFit, weights: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Value, standard error, t and normal p of a combination; no t where the fit is exact."""
    value, stderr = fit.combination(weights)
    statistic = value / stderr if stderr > 0 else np.nan
    return value, stderr, statistic, normal_pvalue(statistic)


def normal_pvalue(statistic: float) -> float:
    """Two-sided p of a statistic that is standard normal under its null."""
    from scipy import special  # noqa: PLC0415 - a tenth of a second, for those that ask

    return float(2.0 * special.ndtr(-abs(statistic)))
