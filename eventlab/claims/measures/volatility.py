"""Realised volatility a year, from closes, from hourly bars and from ranges."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.intervals import (
    NORMAL,
    Interval,
    chi_square_interval,
)
from eventlab.claims.joint_readings import Axes, measure_all
from eventlab.claims.joint_series import aligned
from eventlab.claims.types import Untestable
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import HOUR

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.joint_readings import JointChoice
    from eventlab.claims.types import Measured
    from eventlab.definitions.questions import Question
    from eventlab.market.types import PriceSeries

__all__ = ["realised_volatility"]

MEAN = "daily closes, around their mean"
ZERO = "daily closes, around zero"
HOURLY = "hourly bars"
RANGE = "daily ranges of high and low"
AXES: Final = Axes(
    of=("log_returns",),
    beyond_windows=(),
    details=(MEAN, ZERO, HOURLY, RANGE),
    baskets=("equal",),
    both=False,
    intraday=False,
)
YEAR: Final = {True: 365.0, False: 252.0}  # rows, by whether the clock runs around the clock
FEWEST: Final = 3
# The squared log range of one Brownian day, over its mean, has this variance: 0.407. So n days
# weigh as much as 2 n / 0.407 squared normal deviates.
RANGE_VARIANCE: Final = 9.0 * 1.2020569031595942 / (16.0 * math.log(2.0) ** 2) - 1.0


def realised_volatility(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Annualised volatility of one name over a window, in decimals (0.5 is 50% a year).

    The literal reading is the standard deviation (ddof 1) of daily log returns times sqrt(365)
    around the clock, sqrt(252) on an exchange. Others: the root mean square; the root of the sum of
    squared hourly log returns over the days; and Parkinson's from daily highs and lows (a group has
    neither). Each uses the prices of the window alone.

    Intervals are chi-square for closes and ranges (independent normal returns, a path without
    drift or jumps) and Barndorff-Nielsen & Shephard's for hourly bars.

    Raises
    ------
    Untestable
        The claim's own window lies outside of the data.

    References
    ----------
    Parkinson (1980), eq. 8; Barndorff-Nielsen & Shephard (2002), Econometric analysis of realized
    volatility, section 3.
    """

    def measure(choice: JointChoice) -> Measured:
        sampling = replace(choice.sampling, fewest=FEWEST)
        year = YEAR[sampling.calendar == ALWAYS_OPEN]
        if choice.detail == HOURLY:
            return _hourly(question, bench, choice, year)
        if choice.detail == RANGE:
            return _ranges(question, bench, choice, year)
        return _closes(question, bench, replace(choice, sampling=sampling), year)

    grouped = question.claim.symbols[0].startswith("@")
    axes = replace(AXES, details=(MEAN, ZERO)) if grouped else AXES
    return measure_all(question, bench, axes, measure, unit="volatility")


def _closes(question: Question, bench: Bench, choice: JointChoice, year: float) -> Measured:
    names = question.claim.symbols
    found = aligned(names, question, bench, window=choice.window, sampling=choice.sampling)
    series = found.checked()
    returns = series.table[0]
    dof = series.n - 1 if choice.detail == MEAN else series.n
    centre = returns.mean() if choice.detail == MEAN else 0.0
    value = math.sqrt(year * float(np.sum((returns - centre) ** 2)) / dof)
    words = f"chi-square with {dof} degrees of freedom, for independent normal returns"
    interval = chi_square_interval(value, dof, words)
    return interval.around(choice.reading, value, "volatility", series.n, series.note)


def _hourly(question: Question, bench: Bench, choice: JointChoice, year: float) -> Measured:
    """Root of the sum of squared hourly log returns, a year."""
    symbol = question.claim.symbols[0]
    found = bench.market.dividing(symbol, 60)
    if not found:
        raise Untestable(f"{bench.market.stamp.source} holds no hourly bars of {symbol}")
    clock, window = bench.panel(choice.sampling.calendar).clock, choice.window
    closes, prices = _on_the_hour(found[0])
    ends = clock.closes[window.base : window.last + 1]
    first, last = np.searchsorted(closes, ends[[0, -1]])
    hours, prices = closes[first : last + 1], prices[first : last + 1]
    # Hours by session: a half session has half of them.
    counts = np.diff(np.searchsorted(hours, ends, side="right"))
    whole = len(hours) > 1 and hours[0] == ends[0] and hours[-1] == ends[-1]
    if not whole or 2 * counts.min() < counts.max():
        raise Untestable(f"hourly bars of {symbol} do not cover {window.words}")
    squares = np.diff(np.log(prices)) ** 2
    total = float(squares.sum())
    value = math.sqrt(year * total / window.n)
    interval = Interval(words="none: the price stands still")
    if total > 0.0:
        # The log of the realised variance has about this standard error.
        stderr = math.sqrt(2.0 / 3.0 * float((squares**2).sum())) / total
        reach = math.exp(0.5 * NORMAL * stderr)
        words = "from the fourth powers of hourly returns (Barndorff-Nielsen & Shephard 2002)"
        interval = Interval(value / reach, value * reach, words)
    return interval.around(choice.reading, value, "volatility", len(squares))


def _on_the_hour(
    series: PriceSeries,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Take closes and prices of the bars that close on a full hour and have a price."""
    kept = (series.closes % HOUR == 0) & (series.prices > 0.0)
    return series.closes[kept], series.prices[kept]


def _ranges(question: Question, bench: Bench, choice: JointChoice, year: float) -> Measured:
    """Parkinson's volatility from the high and low of each day."""
    symbol, window = question.claim.symbols[0], choice.window
    series = bench.market.daily.get(symbol)
    if series is None or series.high is None or series.low is None:
        raise Untestable(f"{bench.market.stamp.source} holds no daily ranges of {symbol}")
    if series.calendar != choice.sampling.calendar:
        raise Untestable(f"daily ranges of {symbol} are of days of {series.calendar}")
    ends = bench.panel(series.calendar).clock.closes[window.rows]
    rows = np.flatnonzero(np.isin(series.closes, ends))
    high, low = series.high[rows], series.low[rows]
    known = (low > 0.0) & (high >= low)
    n = int(known.sum())
    if n < window.n or n < FEWEST:
        raise Untestable(f"{n} of {window.n} days of {symbol} have a high and a low")
    squares = np.log(high / low) ** 2
    value = math.sqrt(year * float(squares.mean()) / (4.0 * math.log(2.0)))
    dof = 2.0 * n / RANGE_VARIANCE
    words = f"chi-square with {dof:.0f} degrees of freedom, for paths without drift or jumps"
    night = "" if year == YEAR[True] else "what happens between sessions is in no range"
    interval = chi_square_interval(value, dof, words)
    return interval.around(choice.reading, value, "volatility", n, night)
