"""Whether one series falls more when another falls than it rises when the other rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import number, whole
from eventlab.contagion.tails.hac import hac_fit, tested
from eventlab.contagion.tails.series import MIN_ROWS, fixed, matched, series_name, too_few
from eventlab.definitions.problem import hint
from eventlab.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["AsymmetricBeta", "DownsideBeta", "asymmetric_beta", "downside_beta"]

TERMS = ["alpha", "beta", "lambda"]


@dataclass(frozen=True, slots=True)
class AsymmetricBeta:
    """The regression r = alpha + beta m + lambda m 1{m < 0}.

    Attributes
    ----------
    names
        Of r and of m.
    coefficients
        Indexed alpha, beta, lambda; columns value, stderr (Newey-West), statistic, pvalue
        (two-sided, standard normal). alpha is in the unit of the returns.
    n, n_down, n_missing, lags
        Complete rows, those with m < 0, rows left out because of a NaN, lags of the standard error.
    note
        Why the coefficients are NaN; empty otherwise.
    """

    names: tuple[str, str]
    coefficients: pd.DataFrame
    n: int
    n_down: int
    n_missing: int
    lags: int
    note: str = ""

    @property
    def beta_up(self) -> float:
        """Slope where m rises: beta."""
        return float(self.coefficients["value"]["beta"])

    @property
    def beta_down(self) -> float:
        """Slope where m falls: beta + lambda."""
        return self.beta_up + self.asymmetry

    @property
    def asymmetry(self) -> float:
        """By how much steeper the slope is where m falls: lambda."""
        return float(self.coefficients["value"]["lambda"])

    @property
    def stderr(self) -> float:
        """Newey-West standard error of lambda."""
        return float(self.coefficients["stderr"]["lambda"])

    @property
    def statistic(self) -> float:
        """The t of lambda."""
        return float(self.coefficients["statistic"]["lambda"])

    @property
    def pvalue(self) -> float:
        """Two-sided p of lambda = 0."""
        return float(self.coefficients["pvalue"]["lambda"])

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return _sentence(self.names, self.beta_down, self.beta_up, self.pvalue, self.note)

    def __repr__(self) -> str:
        return f"AsymmetricBeta(n={self.n}: {self.sentence})"


@dataclass(frozen=True, slots=True)
class DownsideBeta:
    """Slopes of r on m from the rows with m below a threshold, and from those above it.

    Attributes
    ----------
    names
        Of r and of m.
    threshold
        The value of m that separates the two; rows exactly on it belong to neither.
    beta, beta_down, beta_up
        Slope over all rows, below and above the threshold, each with its own intercept.
    stderr_down, stderr_up
        Newey-West standard errors of the two.
    difference, stderr, statistic, pvalue
        beta_down - beta_up, its Newey-West standard error, t, and two-sided p (standard normal).
    n, n_down, n_up, n_missing, lags
        Complete rows, those below and above, rows left out because of a NaN, lags.
    note
        Why a number is NaN; empty otherwise.
    """

    names: tuple[str, str]
    threshold: float
    beta: float
    beta_down: float
    beta_up: float
    stderr_down: float
    stderr_up: float
    difference: float
    stderr: float
    statistic: float
    pvalue: float
    n: int
    n_down: int
    n_up: int
    n_missing: int
    lags: int
    note: str = ""

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return _sentence(self.names, self.beta_down, self.beta_up, self.pvalue, self.note)

    def __repr__(self) -> str:
        return f"DownsideBeta(n={self.n}: {self.sentence})"


def asymmetric_beta(y: pd.Series, m: pd.Series, *, lags: int | None = None) -> AsymmetricBeta:
    """Slope of ``y`` on ``m``, and by how much it is steeper on the rows where ``m`` falls.

    Parameters
    ----------
    y, m
        Returns on the same rows, ascending in time. A row with a NaN (or an infinite value) in
        either is left out of the fit and counted.
    lags
        Of the Newey-West standard errors (Bartlett weights 1 - j/(lags + 1), no small-sample
        correction); floor(4 (n/100)^(2/9)) unless given.

    Returns
    -------
    AsymmetricBeta
        NaN with a note where ``m`` is constant or has fewer than 10 rows below or not below zero.
        The alternative hypothesis of lambda > 0 is that ``y`` falls more when ``m`` falls.

    Raises
    ------
    UsageError
        If the rows differ, or ``lags`` is negative.

    References
    ----------
    Henriksson & Merton (1981), whose max(0, -m) has the coefficient -lambda; standard errors
    Newey & West (1987), eq. 5.
    """
    (r, market), known = matched(y=y, m=m)
    _check_lags(lags, len(r))
    down = known & (market < 0.0)
    counts = int(np.count_nonzero(known)), int(np.count_nonzero(down))
    note = _unusable(market[known], counts[1], counts[0] - counts[1], "zero")
    fall = np.where(market < 0.0, market, 0.0)
    design = np.column_stack([np.ones(len(r)), market, fall])
    fit = hac_fit(np.where(known & (not note), r, np.nan), design, lags)
    rows = [tested(fit, unit) for unit in np.eye(3)]
    table = pd.DataFrame(rows, index=TERMS, columns=["value", "stderr", "statistic", "pvalue"])
    return AsymmetricBeta(
        names=(series_name(y, "y"), series_name(m, "m")),
        coefficients=table,
        n=counts[0],
        n_down=counts[1],
        n_missing=len(r) - counts[0],
        lags=fit.lags,
        note=note or _inexact(rows[2][2]),
    )


def downside_beta(
    y: pd.Series, m: pd.Series, threshold: str | float = "mean", *, lags: int | None = None
) -> DownsideBeta:
    """Beta of ``y`` on ``m`` below and above a threshold of ``m``, and their difference.

    Parameters
    ----------
    y, m
        Returns on the same rows, ascending in time. A row with a NaN (or an infinite value) in
        either is left out and counted.
    threshold
        ``mean`` (of ``m`` over the complete rows), ``zero``, or a return.
    lags
        As in `asymmetric_beta`. The difference is tested in one regression with a slope and an
        intercept of its own on each side; the threshold is taken as known.

    Returns
    -------
    DownsideBeta
        NaN with a note where ``m`` is constant or has fewer than 10 rows on one side.

    Raises
    ------
    UsageError
        If the rows differ, ``lags`` is negative or ``threshold`` is another word.

    References
    ----------
    Ang, Chen & Xing (2006): cov(r, m | m < mean)/var(m | m < mean), and upside.
    """
    (r, market), known = matched(y=y, m=m)
    _check_lags(lags, len(r))
    cut = _cut(threshold, market[known])
    below, above = known & (market < cut), known & (market > cut)
    n, n_down, n_up = (int(np.count_nonzero(rows)) for rows in (known, below, above))
    note = _unusable(market[known], n_down, n_up, "the threshold")
    sides = [part for side in (below, above) for part in (side, np.where(side, market, 0.0))]
    used = (below | above) & (not note)
    fit = hac_fit(np.where(used, r, np.nan), np.column_stack(sides).astype(np.float64), lags)
    down, up = (tested(fit, unit) for unit in np.eye(4)[[1, 3]])
    difference = tested(fit, np.array([0.0, 1.0, 0.0, -1.0]))
    return DownsideBeta(
        names=(series_name(y, "y"), series_name(m, "m")),
        threshold=cut,
        beta=_slope(r[known], market[known]),
        beta_down=down[0],
        beta_up=up[0],
        stderr_down=down[1],
        stderr_up=up[1],
        difference=difference[0],
        stderr=difference[1],
        statistic=difference[2],
        pvalue=difference[3],
        n=n,
        n_down=n_down,
        n_up=n_up,
        n_missing=len(r) - n,
        lags=fit.lags,
        note=note or _inexact(difference[2]),
    )


def _check_lags(lags: int | None, rows: int) -> None:
    if lags is None:
        return
    whole("lags", lags)
    if lags >= max(1, rows):  # the scores of all rows sum to zero, and so would the variance
        raise UsageError(f"lags={lags} must be below the {rows} rows")
    if lags < 0:
        raise UsageError(f"lags={lags} must be 0 or more")


def _cut(threshold: str | float, market: npt.NDArray[np.float64]) -> float:
    if isinstance(threshold, str):
        if threshold not in ("mean", "zero"):
            near = hint(threshold, ("mean", "zero"))
            raise UsageError(f'threshold="{threshold}" must be "mean", "zero" or a return{near}')
        return float(market.mean()) if threshold == "mean" and len(market) else 0.0
    number("threshold", threshold)
    if not np.isfinite(threshold):
        raise UsageError(f'threshold={threshold} must be "mean", "zero" or a return')
    return float(threshold)


def _unusable(market: npt.NDArray[np.float64], n_down: int, n_up: int, cut: str) -> str:
    """Why the two slopes cannot be told apart; empty where they can."""
    if len(market) < 2 * MIN_ROWS:
        return too_few(len(market), 2 * MIN_ROWS)
    if fixed(market):
        return "the regressor is constant"
    if n_down < MIN_ROWS:
        return too_few(n_down, MIN_ROWS, f"rows with the regressor below {cut}")
    return too_few(n_up, MIN_ROWS, f"rows with it above {cut}") if n_up < MIN_ROWS else ""


def _inexact(statistic: float) -> str:
    return "" if np.isfinite(statistic) else "no test: the fit is exact, or the sides are collinear"


def _slope(y: npt.NDArray[np.float64], x: npt.NDArray[np.float64]) -> float:
    if len(x) < MIN_ROWS or fixed(x):
        return float("nan")
    centred = x - x.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))


def _sentence(names: tuple[str, str], down: float, up: float, pvalue: float, note: str) -> str:
    """Say in words how ``names[0]`` moves with ``names[1]``, down and up."""
    y, m = names
    if not np.isfinite(down):
        return f"How {y} moves when {m} falls is not known: {note}."
    moves = f"When {m} falls by 1%, {y} {_moves(-down)}; when it rises by 1%, {y} {_moves(up)}"
    if not np.isfinite(pvalue):
        return f"{moves}; {note}."
    chance = "more than chance" if pvalue < 0.05 else "no more than chance"
    return f"{moves}: a difference of {down - up:+.2f}, {chance} (p = {pvalue:.3f})."


def _moves(percent: float) -> str:
    size = f"{abs(percent):.2f}%"
    return f"{'falls' if percent < 0 else 'rises'} by {size}" if size != "0.00%" else "stays"
