"""How often the worst days of one series are the worst days of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from eventlab.contagion.tails.series import between, fixed, matched, series_name, too_few

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

__all__ = ["TailDependence", "joint_tails", "tail_dependence"]


@dataclass(frozen=True, slots=True)
class TailDependence:
    """Empirical tail dependence of two series, in their lower and in their upper tails.

    Attributes
    ----------
    names, level, confidence
        Of the two series; the share of rows in a tail; of the intervals.
    lower, lower_interval, lower_pvalue, n_lower
        Rows in the lower tails of both over ``level`` n; Wilson interval; p of independent
        series (one-sided, exact: hypergeometric); rows in both.
    upper, upper_interval, upper_pvalue, n_upper
        The same for the upper tails.
    n, n_missing, note
        Complete rows, rows left out because of a NaN, why the numbers are NaN.
    """

    names: tuple[str, str]
    level: float
    confidence: float
    lower: float
    lower_interval: tuple[float, float]
    lower_pvalue: float
    n_lower: int
    upper: float
    upper_interval: tuple[float, float]
    upper_pvalue: float
    n_upper: int
    n: int
    n_missing: int
    note: str = ""

    @property
    def sentence(self) -> str:
        """The finding in words."""
        x, y = self.names
        if self.note:
            return f"How often {x} and {y} share their worst days is not known: {self.note}."
        return (
            f"{y} is among its worst {100 * self.level:g}% on {100 * self.lower:.0f}% of such days "
            f"of {x}, and among its best on {100 * self.upper:.0f}% of the best."
        )

    def __repr__(self) -> str:
        return f"TailDependence(n={self.n}: {self.sentence})"


def tail_dependence(
    x: pd.Series, y: pd.Series, level: float = 0.05, *, confidence: float = 0.95
) -> TailDependence:
    """Share of the rows in the tail of one series that are in the same tail of the other.

    Row t is in the lower tail of a series if its rank over n + 1 is at most ``level`` (equal values
    share their mean rank), and in the upper tail if that of the negative series is. The estimate
    is the number of rows in both tails over ``level`` n, at most 1.

    Parameters
    ----------
    x, y
        Returns on the same rows. A row with a NaN in either is left out and counted.
    level
        Share of the rows in a tail, below one half.
    confidence
        Of the Wilson intervals, which take the rows for independent: where bad days cluster they
        are too short.

    Returns
    -------
    TailDependence
        NaN with a note with fewer than 1/``level`` rows or a constant series.

    Raises
    ------
    UsageError
        If the rows differ or a number lies outside its range.

    References
    ----------
    Schmidt & Stadtmueller (2006): the empirical copula at (level, level) over level.
    """
    between("level", level, 0.0, 0.5)
    between("confidence", confidence, 0.0, 1.0)
    values, known = matched(ordered=False, x=x, y=y)
    a, b = values[:, known]
    counts, tails = joint_tails(a, b, level)
    n, note = len(a), _unusable(a, b, level)
    lower, upper = (
        _estimate(counts[side], tails[:, side], n, level, confidence)
        if not note
        else (np.nan, (np.nan, np.nan), np.nan)
        for side in range(2)
    )
    return TailDependence(
        names=(series_name(x, "x"), series_name(y, "y")),
        level=level,
        confidence=confidence,
        lower=lower[0],
        lower_interval=lower[1],
        lower_pvalue=lower[2],
        n_lower=int(counts[0]),
        upper=upper[0],
        upper_interval=upper[1],
        upper_pvalue=upper[2],
        n_upper=int(counts[1]),
        n=n,
        n_missing=len(known) - n,
        note=note,
    )


def joint_tails(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], level: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows (2,) of finite (n,) series in both lower and both upper tails, and (2, 2) in each.

    The second array has a row per series.
    """
    marks = [[_lower_tail(sign * one, level) for sign in (1.0, -1.0)] for one in (x, y)]
    both = [np.count_nonzero(marks[0][side] & marks[1][side]) for side in range(2)]
    each = [[np.count_nonzero(side) for side in one] for one in marks]
    return np.array(both, dtype=np.int64), np.array(each, dtype=np.int64)


def _lower_tail(values: npt.NDArray[np.float64], level: float) -> npt.NDArray[np.bool_]:
    """Rows whose rank over n + 1 is at most ``level``, without ranking the others."""
    n = len(values)
    k = int(np.count_nonzero(np.arange(1, n + 1) / (n + 1) <= level))
    if k == 0:
        return np.zeros(n, dtype=np.bool_)
    cut = np.partition(values, k - 1)[k - 1]
    below: npt.NDArray[np.bool_] = values < cut
    equal: npt.NDArray[np.bool_] = values == cut
    rank = np.count_nonzero(below) + (np.count_nonzero(equal) + 1) / 2
    if rank / (n + 1) <= level:
        below |= equal
    return below


def _unusable(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], level: float) -> str:
    if len(x) < 1.0 / level:
        return too_few(len(x), int(np.ceil(1.0 / level)))
    return "a series is constant" if fixed(x) or fixed(y) else ""


def _estimate(
    both: int, each: npt.NDArray[np.int64], n: int, level: float, confidence: float
) -> tuple[float, tuple[float, float], float]:
    """Tail dependence, its Wilson interval and the p of independence."""
    trials = level * n
    share = min(both / trials, 1.0)
    z = special.ndtri((1.0 + confidence) / 2.0)
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    half /= 1 + z**2 / trials
    interval = (max(0.0, float(centre - half)), min(1.0, float(centre + half)))
    return share, interval, _independence(both, int(each[0]), int(each[1]), n)


def _independence(both: int, n_x: int, n_y: int, n: int) -> float:
    """P of at least ``both`` rows in common where n_x and n_y of n are drawn independently."""
    common = np.arange(both, min(n_x, n_y) + 1)
    terms = _log_choose(n_x, common) + _log_choose(n - n_x, n_y - common)
    terms -= _log_choose(n, np.array([n_y]))
    return float(min(1.0, np.exp(terms).sum()))


def _log_choose(n: int, k: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    logs: npt.NDArray[np.float64] = -special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0)
    return logs + float(special.gammaln(n + 1.0))
