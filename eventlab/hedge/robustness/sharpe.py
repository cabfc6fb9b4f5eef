"""Sharpe ratios, how sure they are, and what the best of many is worth.

Everything is per bar, not annualised, unless it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import number, whole
from eventlab.contagion.tails.hac import bartlett_sum, newey_west_lags
from eventlab.errors import UsageError
from eventlab.hedge.robustness.inputs import bars_of, sets_of
from eventlab.hedge.robustness.moments import moments, why_not
from eventlab.hedge.robustness.normal import normal_probability, normal_quantile

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.robustness.inputs import Matrix, Vector
    from eventlab.hedge.robustness.moments import Form

__all__ = [
    "DeflatedSharpe",
    "Sharpe",
    "aggregation_factor",
    "deflated_sharpe",
    "expected_max_sharpe",
    "probabilistic_sharpe",
    "sharpe_ratio",
    "sharpe_table",
]


@dataclass(frozen=True, slots=True)
class Sharpe:
    """A Sharpe ratio with its standard errors; NaN with the reason in ``note``.

    Attributes
    ----------
    value
        Mean over standard deviation (ddof 1), per bar.
    stderr
        sqrt((1 - g3 SR + (g4 - 1)/4 SR^2)/(n - 1)): independent returns of any shape.
    stderr_normal
        sqrt((1 + SR^2/2)/n): independent normal returns (Lo 2002, eq. 9).
    stderr_hac
        Lo's GMM error with Newey-West weights (his eqs. 11 to 14): autocorrelated returns.
    annual, annual_stderr
        ``value`` and ``stderr`` times sqrt(periods): right without autocorrelation.
    annual_hac, annual_hac_stderr
        ``value`` and ``stderr_hac`` times ``factor``, Lo's q(eta) with the first ``lags``
        autocorrelations (his eq. 20), which is held fixed in the error.
    skew, kurtosis
        Third and fourth standardised moments (the normal's are 0 and 3).
    n, lags, periods
        Returns counted, lags of the errors, bars per year.
    """

    value: float
    stderr: float
    stderr_normal: float
    stderr_hac: float
    annual: float
    annual_stderr: float
    annual_hac: float
    annual_hac_stderr: float
    factor: float
    skew: float
    kurtosis: float
    n: int
    lags: int
    periods: float
    note: str


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """The probability that the best of many tries has a true Sharpe ratio above zero.

    Attributes
    ----------
    probability
        Probabilistic Sharpe ratio of ``sharpe`` against ``expected_max``.
    sharpe, expected_max
        Per bar: of the returns, and of the best of ``trials`` tries without skill.
    trials, variance
        How many independent tries, and the variance of their Sharpe ratios.
    skew, kurtosis, n
        Of the returns.
    note
        Why something is NaN; else empty.
    """

    probability: float
    sharpe: float
    expected_max: float
    trials: float
    variance: float
    skew: float
    kurtosis: float
    n: int
    note: str


def sharpe_ratio(returns: Vector, *, periods: float = 252, lags: int | None = None) -> Sharpe:
    """Sharpe ratio of (T,) returns in excess of cash, per bar and annualised, with its errors.

    Parameters
    ----------
    periods
        Bars per year.
    lags
        Lags of the autocorrelation; `newey_west_lags` of the returns unless given. At 0,
        ``stderr_hac`` is ``stderr``.

    Notes
    -----
    A missing return is left out; the returns at its sides do not become neighbours.

    Raises
    ------
    UsageError
        If ``periods`` is not above 0 or ``lags`` below 0.

    References
    ----------
    Lo (2002), The statistics of Sharpe ratios; Mertens (2002), Comments on variance of the IID
    estimator in Lo; Bailey & Lopez de Prado (2012), The Sharpe ratio efficient frontier, eq. 8.
    """
    values = bars_of(returns)
    number("periods", periods)
    if not 0 < periods < np.inf:
        raise UsageError(f"periods={periods} is not above 0; pass the bars of a year, such as 252")
    if lags is not None:
        whole("lags", lags, 0)
    found = moments(values[:, None])
    n, value = int(found.n[0]), float(found.sharpe[0])
    lags = newey_west_lags(n) if lags is None else lags
    stderr = float(found.stderr[0])
    hac, factor = _autocorrelated(values, value, lags, periods)
    root = np.sqrt(periods)
    return Sharpe(
        value=value,
        stderr=stderr,
        stderr_normal=float(np.sqrt((1.0 + value**2 / 2.0) / n)) if n else np.nan,
        stderr_hac=hac,
        annual=float(value * root),
        annual_stderr=float(stderr * root),
        annual_hac=value * factor,
        annual_hac_stderr=hac * factor,
        factor=factor,
        skew=float(found.skew[0]),
        kurtosis=float(found.kurtosis[0]),
        n=n,
        lags=lags,
        periods=periods,
        note=why_not(n, value)
        or ("autocorrelations leave no variance over a year" if np.isnan(factor) else ""),
    )


def probabilistic_sharpe(
    returns: Vector, benchmark: float = 0.0, *, form: Form = "population"
) -> float:
    """Probability that the true Sharpe ratio of (T,) returns exceeds ``benchmark`` (per bar).

    NaN where there are fewer than 3 returns or they do not vary. Missing ones are left out.

    Parameters
    ----------
    form
        Of skew and kurtosis: ``population`` moments, as skfolio takes them, or ``adjusted`` for
        small samples, as pandas and ffn do.

    References
    ----------
    Bailey & Lopez de Prado (2012), The Sharpe ratio efficient frontier, eq. 11.
    """
    number("benchmark", benchmark)
    found = moments(bars_of(returns)[:, None], form)
    return float(normal_probability((found.sharpe - benchmark) / found.stderr)[0])


def expected_max_sharpe(trials: float, variance: float) -> float:
    """Sharpe ratio to expect of the best of ``trials`` independent tries without skill.

    ``variance`` is that of the tries' Sharpe ratios, in whose unit (per bar) the result is. The
    approximation falls below zero for fewer than about 1.5 tries, where 0 is returned.

    Raises
    ------
    UsageError
        If ``trials`` is below 1 or ``variance`` below 0, or either is not finite.

    References
    ----------
    Bailey & Lopez de Prado (2014), The deflated Sharpe ratio, eq. 1.
    """
    number("trials", trials)
    number("variance", variance)
    if not 1 <= trials < np.inf:
        raise UsageError(f"trials={trials} is not a number from 1 on; count every set tried")
    if not 0 <= variance < np.inf:
        raise UsageError(f"variance={variance} is not a number from 0 on")
    if trials == 1:
        return 0.0
    gamma = np.euler_gamma
    quantiles = [-normal_quantile(1.0 / trials), -normal_quantile(1.0 / (trials * np.e))]
    return float(max(np.sqrt(variance) * np.dot(quantiles, [1.0 - gamma, gamma]), 0.0))


def deflated_sharpe(
    returns: Vector,
    trials: Vector | None = None,
    *,
    n_trials: float | None = None,
    variance: float | None = None,
    form: Form = "population",
) -> DeflatedSharpe:
    """Probability that the (T,) returns of the best of many tries have a Sharpe ratio above zero.

    Parameters
    ----------
    trials
        (N,) Sharpe ratios per bar of every set that was tried, the chosen one too. They give
        ``n_trials``, their count, and ``variance`` (ddof 1; 0 for one try) unless those are given.
    n_trials
        How many independent tries: sets that resemble each other count less, see
        `effective_trials`.
    form
        As of `probabilistic_sharpe`.

    Raises
    ------
    UsageError
        If neither ``trials`` nor both of ``n_trials`` and ``variance`` are given, or a Sharpe
        ratio in ``trials`` is missing.

    References
    ----------
    Bailey & Lopez de Prado (2014), The deflated Sharpe ratio, eqs. 1 and 2.
    """
    values = bars_of(returns)
    n_trials, variance = _tries(trials, n_trials, variance)
    found = moments(values[:, None], form)
    hurdle = expected_max_sharpe(n_trials, variance)
    value = float(found.sharpe[0])
    return DeflatedSharpe(
        probability=float(normal_probability((value - hurdle) / found.stderr)[0]),
        sharpe=value,
        expected_max=hurdle,
        trials=float(n_trials),
        variance=float(variance),
        skew=float(found.skew[0]),
        kurtosis=float(found.kurtosis[0]),
        n=int(found.n[0]),
        note=why_not(int(found.n[0]), value),
    )


def sharpe_table(returns: Matrix, *, periods: float = 252, benchmark: float = 0.0) -> pd.DataFrame:
    """Sharpe ratios of the columns of (T, N) returns, all at once.

    Returns
    -------
    pandas.DataFrame
        A row per column: sharpe (per bar), stderr, annual, annual_stderr, probabilistic (against
        ``benchmark``, per bar), skew, kurtosis, n, note; as of `sharpe_ratio` and
        `probabilistic_sharpe`.
    """
    values, labels = sets_of(returns)
    found = moments(values)
    root = np.sqrt(periods)
    return pd.DataFrame(
        {
            "sharpe": found.sharpe,
            "stderr": found.stderr,
            "annual": found.sharpe * root,
            "annual_stderr": found.stderr * root,
            "probabilistic": normal_probability((found.sharpe - benchmark) / found.stderr),
            "skew": found.skew,
            "kurtosis": found.kurtosis,
            "n": found.n,
            "note": [
                why_not(n, value) for n, value in zip(found.n.tolist(), found.sharpe, strict=True)
            ],
        },
        index=labels,
    )


def aggregation_factor(correlations: npt.NDArray[np.float64], periods: float) -> float:
    """Lo's q(eta): what a Sharpe ratio per bar grows by over ``periods`` bars.

    ``correlations`` (m,) are the autocorrelations at lags 1 to m, zero after; without any it is
    sqrt(periods). NaN where they leave the sum of the bars no variance.

    References
    ----------
    Lo (2002), The statistics of Sharpe ratios, eq. 20.
    """
    lag = np.arange(1, len(correlations) + 1)
    variance = periods + 2.0 * float(np.maximum(periods - lag, 0.0) @ correlations)
    return float(periods / np.sqrt(variance)) if variance > 0 else np.nan


def _autocorrelated(
    values: npt.NDArray[np.float64], sharpe: float, lags: int, periods: float
) -> tuple[float, float]:
    """Return Lo's GMM standard error and q(eta) of (T,) returns."""
    if not np.isfinite(sharpe):
        return np.nan, np.nan
    known = np.isfinite(values)
    n = int(known.sum())
    moved = np.where(known, values - values[known].mean(), 0.0)
    second = moved @ moved / n
    scaled = moved / np.sqrt(second)
    # The influence of each return on mean / sd: the gradient times the moment conditions.
    scores = np.where(known, scaled - sharpe / 2.0 * (scaled**2 - 1.0), 0.0)
    variance = float(bartlett_sum(scores[:, None], lags)[0, 0]) / (n * (n - 1))
    correlations = [float(scaled[lag:] @ scaled[:-lag]) / n for lag in range(1, lags + 1)]
    factor = aggregation_factor(np.array(correlations), periods)
    return float(np.sqrt(max(variance, 0.0))), factor


def _tries(
    trials: Vector | None, n_trials: float | None, variance: float | None
) -> tuple[float, float]:
    if trials is None:
        if n_trials is None or variance is None:
            raise UsageError(
                "pass the Sharpe ratios of every set tried as trials, or both n_trials and variance"
            )
        return n_trials, variance
    tried = bars_of(trials, "trials")
    if not len(tried) or np.isnan(tried).any():
        raise UsageError(
            f"trials has {np.isnan(tried).sum()} missing of {len(tried)} Sharpe ratios; every set "
            "tried needs one: 0 where it never traded"
        )
    spread = float(tried.var(ddof=1)) if len(tried) > 1 else 0.0
    return (
        len(tried) if n_trials is None else n_trials,
        spread if variance is None else variance,
    )
