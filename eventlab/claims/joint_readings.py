"""Every way to read a claim about how series move: what, over which window, on whose sessions."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.joint_series import Sampling, calendars_of, has_intraday
from eventlab.claims.types import BASKET_WORDS, OF_WORDS, Measured, Reading, Untestable
from eventlab.claims.windows import Window, place_window
from eventlab.definitions.claim import ReadingsDefinition
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Unit
    from eventlab.definitions.claim import Basket, ClaimWindow, Of
    from eventlab.definitions.questions import Question

__all__ = ["Axes", "JointChoice", "measure_all", "near_windows", "rows_of", "since"]

MONTH: Final = {False: 21, True: 30}  # rows, by whether the clock runs around the clock
YEAR: Final = {False: 252, True: 365}
WEEK: Final = {False: 5, True: 7}
NEAR: Final = 0.02  # of its rows: by less, a window is the claim's own
LONGER: Final = 1.5  # times the claim's own window, before a longer one is another one


@dataclass(frozen=True, slots=True)
class Axes:
    """The default readings of a measure; a claim's own replace them axis by axis.

    Attributes
    ----------
    of, beyond_of
        What the words allow, the literal one first, and what they do not.
    windows
        Windows beside the claim's own; None: near ones of its length in other units.
    beyond_windows
        Longer ones, left out where they are no longer than the claim's.
    details, beyond_details
        Further choices of the measure, in words, the literal one first.
    baskets
        How groups become series; empty where their members are series of their own.
    both
        Whether 24/7 is a reading where only some of the names trade around the clock.
    intraday
        Whether sampling from bars inside the day is one.
    """

    of: tuple[Of, ...] = ("returns", "log_returns")
    beyond_of: tuple[Of, ...] = ()
    windows: tuple[ClaimWindow, ...] | None = None
    beyond_windows: tuple[ClaimWindow, ...] = ("1 year", "2 years", "3 years")
    details: tuple[str, ...] = ("",)
    beyond_details: tuple[str, ...] = ()
    baskets: tuple[Basket, ...] = ("equal", "held")
    both: bool = True
    intraday: bool = True


@dataclass(frozen=True, slots=True)
class JointChoice:
    """One reading with all that it takes to measure it."""

    sampling: Sampling
    window: Window
    reading: Reading
    detail: str = ""
    problem: str = ""  # why its window lies outside of the data


def since(day: str) -> tuple[str, ...]:
    """Return a window from a day to the last one of the claim's own window."""
    return (day,)


def near_windows(window: object, calendar: str) -> tuple[str, ...]:
    """Return windows of the same length in another unit: ``63 bars`` is also ``3 months``.

    Bars are months or years where they are a multiple of 21 or 252 sessions (30 or 365 days around
    the clock), else as many days; months, weeks and days are bars.
    """
    if not isinstance(window, str):
        return ()
    number, _, unit = window.rstrip("s").partition(" ")
    count = int(number)
    always = calendar == ALWAYS_OPEN
    if unit == "bar":
        for length, other in ((YEAR[always], "year"), (MONTH[always], "month")):
            if count % length == 0:
                return (_span(count // length, other),)
        return () if always else (_span(count, "day"),)
    if always and unit in ("week", "day"):
        return ()
    return (_span(count if unit == "day" else rows_of(window, calendar), "bar"),)


def rows_of(span: str, calendar: str) -> int:
    """Return about how many rows of a calendar a span is: a month 21 sessions, or 30 days."""
    number, _, unit = span.rstrip("s").partition(" ")
    count, always = int(number), calendar == ALWAYS_OPEN
    if unit == "day" and not always:
        return max(1, round(count * YEAR[False] / YEAR[True]))
    lengths = {"year": YEAR, "month": MONTH, "week": WEEK}
    return count * lengths[unit][always] if unit in lengths else count


def measure_all(
    question: Question,
    bench: Bench,
    axes: Axes,
    measure: Callable[[JointChoice], Measured],
    *,
    unit: Unit,
) -> tuple[Measured, ...]:
    """Measure every reading of a claim, the literal one first.

    Windows are laid out on the first calendar, and cover the same days on the others. A reading
    that the data cannot give has no value and says why.

    Raises
    ------
    Untestable
        The claim's own window does not lie within the data's calendar, or names no day.
    """
    found = []
    for choice in _Grid.of_claim(question, bench, axes).choices():
        problem = choice.problem
        if not problem:
            try:
                found.append(measure(choice))
                continue
            except Untestable as reason:
                problem = str(reason)
        found.append(Measured(choice.reading, math.nan, unit, 0, note=problem))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A window that the data's calendar does not hold, and why."""

    words: str
    why: str


@dataclass(frozen=True, slots=True)
class _Grid:
    """The readings of one claim; ``own`` and ``other`` are its ``readings`` and ``beyond``."""

    question: Question
    bench: Bench
    axes: Axes
    own: ReadingsDefinition
    other: ReadingsDefinition
    calendars: tuple[str, ...]
    literal: Window

    @classmethod
    def of_claim(cls, question: Question, bench: Bench, axes: Axes) -> _Grid:
        claim = question.claim
        own = claim.readings or ReadingsDefinition()
        known = calendars_of(claim.symbols, question, bench)
        calendars = own.calendars or (known if axes.both else known[:1])
        literal = place_window(claim.window, question, bench.panel(calendars[0]).clock)
        other = claim.beyond or ReadingsDefinition()
        return cls(question, bench, axes, own, other, calendars, literal)

    def choices(self) -> Iterator[JointChoice]:
        """Yield readings that the words allow, then those that they do not; none twice."""
        axes, own, other = self.axes, self.own, self.other
        near = axes.windows
        if near is None:
            near = near_windows(self.question.claim.window, self.calendars[0])
        windows = [each for each in map(self.place, near) if self.is_other(each)]
        if own.windows is not None:
            windows = [self.place(each) for each in own.windows]
        ofs, baskets = own.of or axes.of, own.baskets or axes.baskets or ("equal",)
        samplings = list(self.samplings())
        within = itertools.product(axes.details, ofs, [self.literal, *windows], samplings, baskets)
        longer = [each for each in map(self.place, axes.beyond_windows) if self.is_longer(each)]
        if other.windows is not None:
            longer = [self.place(each) for each in other.windows]
        beyond = itertools.product(
            (axes.details[0], *axes.beyond_details),
            (ofs[0], *(axes.beyond_of if other.of is None else other.of)),
            [self.literal, *longer],
            [samplings[0], *((each, False) for each in other.calendars or ())],
            (baskets[0], *(other.baskets or ())),
        )
        seen: dict[tuple[object, ...], None] = {}
        for allowed, product in ((True, within), (False, beyond)):
            for detail, of, window, (calendar, intraday), basket in product:
                sampling = Sampling(calendar, of, basket if self.grouped else "equal", intraday)
                choice = self.choice(detail, sampling, window, within=allowed)
                key = (detail, sampling, choice.window, choice.problem)
                if key not in seen:
                    seen[key] = None
                    yield choice

    @property
    def grouped(self) -> bool:
        """Whether a group becomes one series."""
        return bool(self.axes.baskets) and any(
            name.startswith("@") for name in self.question.claim.symbols
        )

    def samplings(self) -> Iterator[tuple[str, bool]]:
        """Calendars, and from which bars."""
        for calendar in self.calendars:
            yield calendar, False
            if self.two_kinds(calendar):
                yield calendar, True

    def two_kinds(self, calendar: str) -> bool:
        """Whether there are daily closes and prices at the sessions' close to choose from.

        Members of groups have these over other years than those: groups are read in daily closes.
        """
        names = self.question.claim.symbols
        if not self.axes.intraday or any(name.startswith("@") for name in names):
            return False
        return has_intraday(names, self.question, self.bench, calendar)

    def place(self, spec: ClaimWindow) -> Window | _Lost:
        """Find a window on the first calendar; why it cannot be, if it lies outside of the data."""
        question, last = self.question, self.literal.last_day
        if not (question.claim.as_of or question.occurrence):
            claim = question.claim.model_copy(update={"as_of": last})
            question = replace(question, claim=claim)
        days = (spec[0], last) if isinstance(spec, tuple) and len(spec) == 1 else spec
        clock = self.bench.panel(self.calendars[0]).clock
        try:
            return place_window(days, question, clock)
        except Untestable as reason:
            words = spec if isinstance(spec, str) else " to ".join(map(str, days))
            return _Lost(words, str(reason))

    def is_other(self, window: Window | _Lost) -> bool:
        """Whether a window has other rows than the claim's, or 2% more or less of them."""
        own = self.literal
        if isinstance(window, _Lost) or window.last != own.last:
            return True
        return abs(window.n - own.n) > NEAR * own.n

    def is_longer(self, window: Window | _Lost) -> bool:
        """Whether a window is another one than the claim's."""
        return isinstance(window, _Lost) or window.n > LONGER * self.literal.n

    def choice(
        self, detail: str, sampling: Sampling, window: Window | _Lost, *, within: bool
    ) -> JointChoice:
        """Put one reading into words."""
        bars = ""
        if self.two_kinds(sampling.calendar):
            bars = "intraday prices at the close" if sampling.intraday else "daily closes"
        reading = Reading(
            of=OF_WORDS[sampling.of],
            basket=BASKET_WORDS[sampling.basket] if self.grouped else "",
            calendar=sampling.calendar,
            detail=", ".join(filter(None, (detail, bars))),
            within=within,
        )
        if isinstance(window, _Lost):
            reading = replace(reading, window=window.words)
            return JointChoice(sampling, self.literal, reading, detail, window.why)
        placed = self.on(window, sampling.calendar)
        reading = replace(
            reading, window=placed.words, first=placed.first_day, last=placed.last_day
        )
        return JointChoice(sampling, placed, reading, detail)

    def on(self, window: Window, calendar: str) -> Window:
        """Return the rows of another calendar that cover the same days."""
        if calendar == self.calendars[0]:
            return window
        clock = self.bench.panel(calendar).clock
        days = np.array([window.first_day, window.last_day], dtype="datetime64[D]")
        base, last = (int(row) - 1 for row in np.searchsorted(clock.sessions, days, side="right"))
        if base < 0 or last <= base:
            raise Untestable(f"{window.words} has no session of {calendar}")
        return Window(
            base, last, window.words, str(clock.sessions[base]), str(clock.sessions[last])
        )


def _span(count: int, unit: str) -> str:
    return f"{count} {unit}" + ("" if count == 1 else "s")
