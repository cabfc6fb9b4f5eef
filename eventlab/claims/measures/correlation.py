"""How closely two series, or the members of a group, move together."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.intervals import (
    NO_LEVELS,
    Interval,
    correlation_interval,
    draw_counts,
    drawn_interval,
    open_words,
    resampled_correlations,
    sided,
)
from eventlab.claims.joint_readings import Axes, measure_all, near_windows, rows_of
from eventlab.claims.joint_series import aligned, calendars_of, members_aligned
from eventlab.claims.types import Untestable
from eventlab.claims.verdict import published_range, tolerance_of
from eventlab.claims.windows import Window, place_window
from eventlab.contagion.regimes.absorption import correlations, mean_correlation, windows_of
from eventlab.definitions.claim import ReadingsDefinition
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.joint_readings import JointChoice
    from eventlab.claims.joint_series import Aligned
    from eventlab.claims.types import Measured
    from eventlab.definitions.questions import Question

__all__ = ["correlation", "rolling_correlation"]

AXES: Final = Axes(beyond_of=("levels", "log_levels"))
STALE: Final = np.timedelta64(7, "D")  # a path that ends earlier has no latest value
SPANS: Final = ("30 bars", "63 bars")  # of rolling correlations, unless the claim says


def correlation(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Pearson correlation over a window, under every reading.

    Of two names (symbols, or groups as baskets); of more names or of one group the mean over all
    pairs. The literal reading: simple returns between daily closes, on exchange sessions where one
    of the names trades on an exchange. Within the words: log returns, near windows of the same
    length, UTC days, and prices at the exchange's close. Beyond them: price levels, and windows of
    1, 2 and 3 years.

    Row t uses closes up to that of session t: of a symbol that trades around the clock the UTC day
    of that session. The interval is that of `correlation_interval`; levels have none.

    Raises
    ------
    Untestable
        The claim's own window lies outside of the data.
    """
    alone = len(question.claim.symbols) == 1
    axes = replace(AXES, baskets=()) if alone else AXES

    def measure(choice: JointChoice) -> Measured:
        return _answered(question, choice, *_measured(question, bench, choice))

    return measure_all(question, bench, axes, measure, unit="correlation")


def rolling_correlation(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Latest of the correlations over a span that rolls through a window, with their path.

    The path has a value on each session of the window: of the span that ends there, which may begin
    before the window. ``readings.windows`` are spans, 30 and 63 bars unless given; with ``since``
    the path begins on that day and ``window`` is the literal span. A published figure is the latest
    one; two figures, or a word, are of the whole path.

    Raises
    ------
    Untestable
        As `correlation`.
    """
    claim, since = question.claim, question.claim.since
    given = claim.readings or ReadingsDefinition()
    home = (given.calendars or calendars_of(claim.symbols, question, bench))[0]
    spans: tuple[object, ...] = given.windows or SPANS
    changes: dict[str, object] = {"readings": given.model_copy(update={"windows": ()})}
    if since is not None:
        last = place_window(claim.window, question, bench.panel(home).clock).last_day
        spans = (claim.window, *(given.windows or near_windows(claim.window, home)))
        changes["window"] = (since, last)
    for span in spans:
        if not isinstance(span, str):
            raise Untestable(f"the span that rolls is {span}; write it as in 30 bars")
    # Three months are 63 sessions: spans of as many rows are one.
    spans = tuple({rows_of(str(each), home): each for each in reversed(spans)}.values())[::-1]
    moved = replace(question, claim=claim.model_copy(update=changes))
    axes = Axes(windows=(), beyond_windows=(), details=tuple(f"over {each}" for each in spans))

    def measure(choice: JointChoice) -> Measured:
        span = rows_of(choice.detail.removeprefix("over "), home)
        return _rolled(question, bench, choice, span)

    return measure_all(moved, bench, axes, measure, unit="correlation")


def _measured(
    question: Question, bench: Bench, choice: JointChoice
) -> tuple[float, Interval, Aligned]:
    """Correlation of one reading, its interval, and the rows behind it."""
    series = _taken(question, bench, choice).checked()
    value = float(mean_correlation(correlations(series.table[None]))[0])
    if choice.sampling.levels:
        return value, Interval(words=NO_LEVELS), series
    draws = resampled_correlations(series.table, draw_counts(series.n, bench.generator(question)))
    make = correlation_interval if len(series.table) == 2 else drawn_interval
    return value, make(value, mean_correlation(draws), series.n), series


def _taken(question: Question, bench: Bench, choice: JointChoice) -> Aligned:
    names = question.claim.symbols
    window, sampling = choice.window, choice.sampling
    if len(names) == 1:
        return members_aligned(names[0], question, bench, window=window, sampling=sampling)
    return aligned(names, question, bench, window=window, sampling=sampling)


def _answered(
    question: Question, choice: JointChoice, value: float, interval: Interval, series: Aligned
) -> Measured:
    published = question.claim.published
    if not isinstance(published, str):
        return interval.around(choice.reading, value, "correlation", series.n, series.note)
    word = "positive" if value > 0.0 else "negative"
    holds: bool | None = word == published
    if math.isfinite(interval.low):
        holds = sided(interval, 0.0, above=published == "positive")
    why = open_words(holds, 0.0)
    found = interval.around(choice.reading, value, "correlation", series.n, why, series.note)
    return replace(found, word=word, holds=holds)


def _rolled(question: Question, bench: Bench, choice: JointChoice, span: int) -> Measured:
    """Path of one reading: the latest value, the smallest and the largest."""
    window, always = choice.window, choice.sampling.calendar == ALWAYS_OPEN
    # Names that do not trade around the clock have fewer common rows than the clock has.
    start = max(0, window.base - (2 * span if always else span))
    longer = Window(start, window.last, window.words, window.first_day, window.last_day)
    series = _taken(question, bench, replace(choice, window=longer))
    if series.n < max(span, choice.sampling.fewest):
        raise Untestable(f"{series.n} rows are too few for correlations over {span}")
    matrices = correlations(windows_of(np.ascontiguousarray(series.table.T), span))
    path, days = mean_correlation(matrices), series.days[span - 1 :]
    inside = (days > np.datetime64(window.first_day)) & np.isfinite(path)
    path, days = path[inside], days[inside]
    if not len(path):
        raise Untestable(f"no correlation over {span} rows ends in {window.words}")
    if np.datetime64(window.last_day) - days[-1] > STALE:
        raise Untestable(f"the last correlation of {window.words} is of {days[-1]}")
    value = float(path[-1])
    values = series.table[:, -span:]
    draws = resampled_correlations(values, draw_counts(span, bench.generator(question)))
    make = correlation_interval if len(values) == 2 else drawn_interval
    interval = make(value, mean_correlation(draws), span)
    low, high = int(path.argmin()), int(path.argmax())
    note = (
        f"from {path[low]:.2f} ({days[low]}) to {path[high]:.2f} ({days[high]}) "
        f"on {len(path)} sessions from {days[0]} to {days[-1]}"
    )
    word = "positive" if path[low] > 0.0 else "negative" if path[high] < 0.0 else "both signs"
    found = interval.around(choice.reading, value, "correlation", span, note, series.note)
    answer = replace(found, at=str(days[-1]), word=word)
    return replace(answer, holds=_path_holds(question, answer, path))


def _path_holds(question: Question, answer: Measured, path: npt.NDArray[np.float64]) -> bool | None:
    """Whether all of a path is as published; None where a single figure is about its end."""
    published = question.claim.published
    if isinstance(published, str):
        return answer.word == published
    figures = published_range(question)
    if figures is None or figures[0] == figures[1]:
        return None
    allowed = tolerance_of(question, [answer]) + 1e-9
    return bool(figures[0] - allowed <= path.min() and path.max() <= figures[1] + allowed)
