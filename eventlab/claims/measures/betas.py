"""How strongly one series moves with another: betas, which of two is larger, and asymmetry."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.claims.intervals import (
    Interval,
    draw_counts,
    drawn_interval,
    normal_interval,
    open_words,
    resampled_correlations,
    sided,
)
from eventlab.claims.joint_readings import Axes, measure_all, since
from eventlab.claims.joint_series import aligned
from eventlab.claims.types import Measured, Untestable
from eventlab.contagion.regimes.absorption import correlations
from eventlab.contagion.tails.asymmetry import asymmetric_beta as kinked
from eventlab.contagion.tails.asymmetry import downside_beta
from eventlab.contagion.tails.hac import hac_fit

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.joint_readings import JointChoice
    from eventlab.claims.joint_series import Aligned
    from eventlab.contagion.tails.asymmetry import AsymmetricBeta, DownsideBeta
    from eventlab.definitions.questions import Question

__all__ = ["asymmetric_beta", "beta"]

AXES: Final = Axes(of=("returns",))
# A word to the border that it speaks of, and the side.
SIDES: Final = {
    "positive": (0.0, True),
    "negative": (0.0, False),
    "above_one": (1.0, True),
    "below_one": (1.0, False),
}
DAILY, QUARTER = "daily, falls below 0", "daily, falls below the 25th percentile"
WEEKLY, WEEKLY_QUARTER = "5-session, falls below 0", "5-session, falls below the 25th percentile"
ASYMMETRIC: Final = Axes(
    of=("returns",),
    windows=(since("2020-01-01"), "1 year"),
    beyond_windows=(),
    intraday=False,
    details=(DAILY, QUARTER, WEEKLY, WEEKLY_QUARTER),
)
SAME: Final = 0.1  # betas that differ by less are equal
HAC: Final = "Newey-West standard errors"


def beta(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Slope of the first name on the second (least squares), or which of two more it follows.

    With three names the value is the first's standardised beta on the second less that on the
    third, in one regression on both: (r_12 - r_13) / (1 - r_23) with Pearson correlations r. The
    words ``first`` and ``second`` are of the second and third name. Readings and timing are those
    of `correlation`, without levels. Intervals: Newey-West for a slope, a block bootstrap of rows
    for the difference. A word holds where all of the interval is on its side.

    Raises
    ------
    Untestable
        The claim's own window lies outside of the data.
    """
    several = len(question.claim.symbols) > 2

    def measure(choice: JointChoice) -> Measured:
        series = _complete(question, bench, choice)
        if several:
            return _rivals(question, bench, choice, series)
        return _slope(question, choice, series)

    return measure_all(question, bench, AXES, measure, unit="beta")


def asymmetric_beta(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Beta of the first name on the second where that falls, less the beta where it rises.

    ``r = alpha + beta m + lambda m 1{m < 0}``: the value is lambda. Other readings take the worst
    quarter of m against the rest, each with a line of its own; returns over five sessions (blocks
    that end with the window, none overlapping); since 2020; and the last year. ``equal`` holds
    where all of the interval lies within 0.1 of 0.

    Raises
    ------
    Untestable
        The claim's own window lies outside of the data.

    References
    ----------
    Henriksson & Merton (1981); Ang, Chen & Xing (2006); Newey & West (1987), eq. 5.
    """

    def measure(choice: JointChoice) -> Measured:
        return _asymmetry(question, choice, _complete(question, bench, choice))

    return measure_all(question, bench, ASYMMETRIC, measure, unit="beta")


def _complete(question: Question, bench: Bench, choice: JointChoice) -> Aligned:
    names = question.claim.symbols
    found = aligned(names, question, bench, window=choice.window, sampling=choice.sampling)
    return found.checked()


def _slope(question: Question, choice: JointChoice, series: Aligned) -> Measured:
    y, x = series.table
    fit = hac_fit(y, np.column_stack([np.ones(series.n), x]))
    value, stderr = fit.combination(np.array([0.0, 1.0]))
    interval = normal_interval(value, stderr, f"{HAC}, {fit.lags} lags")
    published = question.claim.published
    if not isinstance(published, str):
        return interval.around(choice.reading, value, "beta", series.n, series.note)
    border, above = SIDES[published]
    holds = sided(interval, border, above=above)
    why = open_words(holds, border)
    found = interval.around(choice.reading, value, "beta", series.n, why, series.note)
    word = next(one for one, side in SIDES.items() if side == (border, value > border))
    return replace(found, word=word, holds=holds)


def _rivals(question: Question, bench: Bench, choice: JointChoice, series: Aligned) -> Measured:
    """By how much more the first series follows the second than the third."""
    matrix = correlations(series.table[None])
    value = float(_lead(matrix)[0])
    draws = resampled_correlations(series.table, draw_counts(series.n, bench.generator(question)))
    interval = drawn_interval(value, _lead(draws), series.n)
    published, holds, why = question.claim.published, None, ""
    if isinstance(published, str):
        holds = sided(interval, 0.0, above=published == "first")
        why = open_words(holds, 0.0)
    _, first, second = series.names
    share = float(
        (matrix[0, 0, 2] - matrix[0, 0, 1] * matrix[0, 1, 2]) / (1 - matrix[0, 1, 2] ** 2)
    )
    said = f"standardised beta {share + value:.2f} on {first}, {share:.2f} on {second}"
    found = interval.around(choice.reading, value, "beta", series.n, said, why, series.note)
    return replace(found, word="first" if value > 0.0 else "second", holds=holds)


def _lead(matrices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(B,) difference of the two standardised betas from (B, 3, 3) correlations."""
    first, second, both = matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2]
    apart = np.where(1.0 - both > 1e-10, 1.0 - both, np.nan)
    return np.asarray((first - second) / apart, dtype=np.float64)


def _asymmetry(question: Question, choice: JointChoice, series: Aligned) -> Measured:
    y, x = series.table
    if choice.detail.startswith("5-session"):
        y, x = (blocks(each, 5, log=choice.sampling.of == "log_returns") for each in (y, x))
    parts: AsymmetricBeta | DownsideBeta
    if choice.detail in (DAILY, WEEKLY):
        parts = kinked(pd.Series(y), pd.Series(x))
        value = parts.asymmetry
    else:
        quarter = float(np.quantile(x, 0.25)) if len(x) else 0.0
        parts = downside_beta(pd.Series(y), pd.Series(x), quarter)
        value = parts.difference
    if not math.isfinite(value):
        raise Untestable(parts.note)
    interval = normal_interval(value, parts.stderr, f"{HAC}, {parts.lags} lags")
    holds = _side_holds(question, interval)
    why = open_words(holds, 0.0) if isinstance(question.claim.published, str) else ""
    said = f"beta {parts.beta_down:.2f} on {parts.n_down} falls, else {parts.beta_up:.2f}"
    found = interval.around(choice.reading, value, "beta", len(x), said, why, series.note)
    word = "larger_on_falls" if value > 0.0 else "larger_on_rises"
    return replace(found, word=word, holds=holds)


def blocks(
    returns: npt.NDArray[np.float64], length: int, *, log: bool = False
) -> npt.NDArray[np.float64]:
    """(n // length,) returns over whole blocks that end with the last of ``returns`` (n,)."""
    n = len(returns) // length
    whole = returns[len(returns) - n * length :].reshape(n, length)
    made = whole.sum(axis=1) if log else np.prod(1.0 + whole, axis=1) - 1.0
    return np.asarray(made, dtype=np.float64)


def _side_holds(question: Question, interval: Interval) -> bool | None:
    published = question.claim.published
    if not isinstance(published, str):
        return None
    if published != "equal":
        return sided(interval, 0.0, above=published == "larger_on_falls")
    if -SAME <= interval.low and interval.high <= SAME:
        return True
    return False if interval.low > 0.0 or interval.high < 0.0 else None
