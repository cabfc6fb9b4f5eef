"""Betas that move: a regression whose coefficients walk at random, by the Kalman filter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, frame_values, rows_until, series_values, whole
from eventlab.contagion.regimes.shares import rolling_shares
from eventlab.errors import DataError, UsageError
from eventlab.kernels.kalman import random_walk_filter_nb
from eventlab.kernels.orthogonal import orthogonal_fit

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy.typing as npt

__all__ = ["FactorBetas", "factor_betas"]

Prior = Literal["ols", "diffuse"]

ALPHA: Final = "alpha"
OWN: Final = "own"
_PRIORS = ("ols", "diffuse")
_DIFFUSE = 1e6  # variance of the coefficients before row 0, of scaled series
_MOST_FACTORS = 6
_FASTEST = 1.0  # largest root of a variance ratio, of scaled series
_STARTS = (1e-3, 1e-2, 1e-1)
_STILL = 1e-4  # log-likelihood that a moving beta must add
_COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True, repr=False)
class FactorBetas:
    """Time-varying betas of one series on its factors.

    Attributes
    ----------
    filtered, stderr
        A row per row of the series, columns ``alpha`` and the factors: estimates from rows up to
        and with their own, and their standard errors given the variances. NaN on the rows of the
        prior and where a value is missing.
    shares
        Columns the factors and ``own``: Shapley (LMG) shares of the variance of the series, which
        sum to 1; each factor's is averaged over both orders, so that none takes the common part.
        From the filtered betas, and the factors' covariance and the forecast errors of the last
        ``window`` complete rows; NaN until the filter has as many.
    smoothed, smoothed_stderr
        The same estimates from all rows: **they look ahead**. None unless asked for.
    sigma
        Standard deviation of e_t, per bar.
    step
        By factor: standard deviation of the beta's step from one bar to the next; 0 where the
        likelihood is largest for a constant beta.
    loglik
        Log-likelihood over the ``n`` rows behind ``sigma`` and ``step``.
    window, prior, fit_until, n, n_missing, note
        What was asked for; ``n_missing`` rows lack a value; what is odd, in words.
    """

    filtered: pd.DataFrame
    stderr: pd.DataFrame
    shares: pd.DataFrame
    smoothed: pd.DataFrame | None
    smoothed_stderr: pd.DataFrame | None
    sigma: float
    step: pd.Series
    loglik: float
    window: int
    prior: Prior
    fit_until: Hashable
    n: int
    n_missing: int
    note: str = ""

    def __repr__(self) -> str:
        """Say the last betas on one line."""
        last = self.filtered.dropna().iloc[-1].drop(ALPHA)
        betas = ", ".join(f"{name} {value:.3f}" for name, value in last.items())
        return f"FactorBetas({betas}, n={self.n}, {self.n_missing} rows missing)"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scaled arrays from the first row that is filtered on.

    ``y`` (T,), ``design`` (T, K), ``scale`` (K,): a beta of the scaled series times this is one of
    the series as given; ``unit``: scale of y; ``state``, ``covariance``: before row 0; ``fitted``
    (T,) bool: rows inside the likelihood.
    """

    y: npt.NDArray[np.float64]
    design: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    unit: float
    state: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    fitted: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Filtered:
    """What one pass gives: (T, K), (T, K, K), (2, T)."""

    states: npt.NDArray[np.float64]
    covariances: npt.NDArray[np.float64]
    errors: npt.NDArray[np.float64]

    def variance(self, fitted: npt.NDArray[np.bool_]) -> float:
        """Var e that maximises the likelihood of the ``fitted`` rows."""
        error, spread = self.errors[:, fitted]
        return float(np.mean(error * error / spread))

    def loglik(self, fitted: npt.NDArray[np.bool_]) -> float:
        """Gaussian log-likelihood of the ``fitted`` rows, Var e concentrated out."""
        n = np.count_nonzero(fitted)
        spread = self.errors[1, fitted]
        constant = n * (np.log(2.0 * np.pi * self.variance(fitted)) + 1.0)
        return float(-0.5 * (constant + np.log(spread).sum()))


def factor_betas(
    y: pd.Series,
    factors: pd.DataFrame,
    *,
    window: int = 60,
    prior: Prior = "ols",
    fit_until: Hashable | None = None,
    smooth: bool = False,
) -> FactorBetas:
    """Estimate betas that move: y_t = alpha + sum_k beta_kt f_kt + e_t, beta_t = beta_{t-1} + u_t.

    alpha stays. Var e and the variance of each beta's steps maximise the likelihood.

    Parameters
    ----------
    y, factors
        (T,) and (T, K) returns of the same index, ascending in time, in decimals; up to six
        factors, which may be correlated. A row with NaN updates nothing and is counted; leading
        rows with NaN are left out.
    window
        Complete rows behind the prior, and behind the covariance in ``shares``.
    prior
        ``ols``: the least squares fit of the first ``window`` complete rows, on which the paths
        are NaN; ``diffuse``: nothing is known before the first row.
    fit_until
        Label of the last row behind the variances; all rows unless given. Then row t of
        ``filtered`` uses rows up to max(t, ``fit_until``) only.
    smooth
        Also the estimates from all rows, which look ahead.

    Returns
    -------
    FactorBetas

    Raises
    ------
    UsageError
        Options out of bounds, or indexes that differ.
    DataError
        Too few complete rows, a series that does not vary or collinear factors in the first
        ``window`` rows.

    References
    ----------
    Durbin & Koopman (2012), Time Series Analysis by State Space Methods, sections 4.3, 4.4 and
    7.2; Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, and
    Groemping (2007), The American Statistician 61, eq. 6 (shares).
    """
    left, right = series_values(y, "y"), frame_values(factors, "factors", least=0)
    _check(y, factors, window, prior)
    values = np.column_stack([left, right])
    known = np.asarray(np.isfinite(values).all(axis=1))
    until = len(y) if fit_until is None else rows_until(y.index, fit_until)
    rows, start = _rows(values, known, (window, prior, until))
    ratios = _most_likely(rows)
    found = _filter(rows, ratios)
    variance = found.variance(rows.fitted)
    names, index = [ALPHA, *map(str, factors.columns)], y.index

    def table(array: npt.NDArray[np.float64]) -> pd.DataFrame:
        whole = np.full((len(y), array.shape[1]), np.nan)
        whole[start:] = np.where(known[start:, None], array, np.nan)
        return pd.DataFrame(whole, index=index, columns=names)

    moving = rolling_shares(rows.design[:, 1:], found.states[:, 1:], found.errors, window)
    shares = table(moving)
    shares.columns = [*names[1:], OWN]
    n = int(np.count_nonzero(rows.fitted))
    result = FactorBetas(
        filtered=table(found.states * rows.scale),
        stderr=table(_deviations(found.covariances, variance) * rows.scale),
        shares=shares,
        smoothed=None,
        smoothed_stderr=None,
        sigma=float(np.sqrt(variance)) * rows.unit,
        step=pd.Series(np.sqrt(ratios * variance)[1:] * rows.scale[1:], names[1:]),
        loglik=found.loglik(rows.fitted) - n * float(np.log(rows.unit)),
        window=window,
        prior=prior,
        fit_until=index[-1] if fit_until is None else fit_until,
        n=n,
        n_missing=int(np.count_nonzero(~known)),
        note=_note(ratios, names),
    )
    if not smooth:
        return result
    states, covariances = _smoothed(found, ratios)
    return replace(
        result,
        smoothed=table(states * rows.scale),
        smoothed_stderr=table(_deviations(covariances, variance) * rows.scale),
    )


def _check(y: pd.Series, factors: pd.DataFrame, window: int, prior: str) -> None:
    K = factors.shape[1]
    if not 1 <= K <= _MOST_FACTORS:
        raise UsageError(f"factors has {K} columns; give 1 to {_MOST_FACTORS}")
    if not y.index.equals(factors.index):
        raise UsageError("y and factors have different indexes; align them first")
    choice("prior", prior, _PRIORS)
    whole("window", window)
    if window < 2 * (K + 1):
        raise UsageError(f"window {window} is below {2 * (K + 1)}, the least for {K} factors")


def _rows(
    values: npt.NDArray[np.float64],
    known: npt.NDArray[np.bool_],
    asked: tuple[int, Prior, int],
) -> tuple[_Rows, int]:
    """Scale the series by their first complete rows, and make the prior; its end is the start."""
    window, prior, until = asked
    complete = np.flatnonzero(known)
    after = int(np.count_nonzero(complete[window:] < until))
    if after < window:
        raise DataError(
            f"{len(complete)} rows are complete, {after} of them after the first {window} and in "
            f"the fit; at least {window} are needed there: lengthen the history or lower window"
        )
    first = values[complete[:window]]
    spread = first.std(axis=0)
    if not (spread > _COLLINEAR * np.abs(first).max(axis=0)).all():
        raise DataError(f"a series does not vary in the first {window} complete rows")
    scaled = values / spread
    design = np.column_stack([np.ones(len(values)), scaled[:, 1:]])
    X = design[complete[:window]]
    if np.linalg.cond(X[:, 1:] - X[:, 1:].mean(axis=0)) > 1.0 / np.sqrt(_COLLINEAR):
        raise DataError(f"the factors are collinear in the first {window} complete rows")
    if prior == "ols":
        start = int(complete[window])
        fit = orthogonal_fit(scaled[complete[:window], 0], X)
        state, covariance, burn = fit.coefficients, fit.inverse, 0
    else:
        start, burn = int(complete[0]), design.shape[1]
        state, covariance = np.zeros(burn), _DIFFUSE * np.eye(burn)
    fitted = known[start:].copy()
    fitted[max(until - start, 0) :] = False
    fitted[np.flatnonzero(fitted)[:burn]] = False
    scale = np.concatenate([[spread[0]], spread[0] / spread[1:]])
    y = np.where(known, scaled[:, 0], np.nan)[start:]
    rows = _Rows(y, design[start:].copy(), scale, float(spread[0]), state, covariance, fitted)
    return rows, start


def _filter(rows: _Rows, ratios: npt.NDArray[np.float64]) -> _Filtered:
    T, K = rows.design.shape
    found = _Filtered(np.empty((T, K)), np.empty((T, K, K)), np.empty((2, T)))
    random_walk_filter_nb(
        rows.y,
        rows.design,
        ratios,
        rows.state.copy(),
        rows.covariance.copy(),
        found.states,
        found.covariances,
        found.errors,
    )
    return found


def _most_likely(rows: _Rows) -> npt.NDArray[np.float64]:
    """(K,) variance ratios, 0 for alpha and for betas that the likelihood holds still.

    Searched for over their roots, which may be zero. A simplex finds the same optimum as L-BFGS-B
    to 1e-2 in the log-likelihood, in a tenth of the time; over logarithms the search ends on the
    plateau that zero is there.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, and not always needed

    last = int(np.flatnonzero(rows.fitted)[-1]) + 1
    head = replace(rows, y=rows.y[:last], design=rows.design[:last], fitted=rows.fitted[:last])
    K = rows.design.shape[1] - 1

    def loss(roots: npt.NDArray[np.float64]) -> float:
        return -_filter(head, np.append(0.0, roots * roots)).loglik(head.fitted)

    starts = [np.full(K, start) for start in _STARTS]
    starts += [
        np.where(np.arange(K) == k, _STARTS[-1], _STARTS[0]) for k in range(K if K > 1 else 0)
    ]
    start = min(starts, key=loss)
    simplex = np.vstack([start, start + np.diag(start + _STARTS[0])])
    found = minimize(
        loss,
        start,
        method="Nelder-Mead",
        bounds=[(0.0, _FASTEST)] * K,
        options={"initial_simplex": simplex, "xatol": 1e-5, "fatol": 1e-7, "maxfev": 400 * K},
    )
    roots, least = found.x, float(found.fun)
    for k in np.argsort(roots).tolist():
        still = np.where(np.arange(K) == k, 0.0, roots)
        value = loss(still)
        if value <= least + _STILL:
            roots, least = still, value
    return np.append(0.0, roots * roots)


def _note(ratios: npt.NDArray[np.float64], names: list[str]) -> str:
    still = [name for name, ratio in zip(names[1:], ratios[1:], strict=True) if ratio == 0.0]
    fast = [name for name, ratio in zip(names[1:], ratios[1:], strict=True) if ratio >= 0.99]
    parts = [f"the beta on {name} does not move" for name in still]
    return "; ".join([*parts, *(f"the beta on {name} moves as fast as allowed" for name in fast)])


def _deviations(covariances: npt.NDArray[np.float64], variance: float) -> npt.NDArray[np.float64]:
    squares = np.diagonal(covariances, axis1=1, axis2=2) * variance
    return np.sqrt(np.maximum(squares, 0.0))


def _smoothed(
    found: _Filtered, ratios: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rauch-Tung-Striebel estimates from all rows."""
    states, covariances = found.states.copy(), found.covariances.copy()
    for t in range(len(states) - 2, -1, -1):
        ahead = found.covariances[t] + np.diag(ratios)
        gain = np.linalg.solve(ahead, found.covariances[t]).T
        states[t] += gain @ (states[t + 1] - found.states[t])
        covariances[t] += gain @ (covariances[t + 1] - ahead) @ gain.T
    return states, covariances
