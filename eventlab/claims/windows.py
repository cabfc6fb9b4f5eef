"""From the window of a claim, as it is written, to rows of a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.claims.types import Untestable
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.sessions import event_session
from eventlab.timeline.types import OutsideClock

if TYPE_CHECKING:
    from eventlab.definitions.claim import ClaimWindow
    from eventlab.definitions.questions import Question
    from eventlab.timeline.types import Clock

__all__ = ["Window", "place_window"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of sessions of one clock.

    Attributes
    ----------
    base
        Row whose close the first return starts from.
    last
        Row of the last return: returns are those of rows ``base + 1`` to ``last``.
    words
        As in ``63 sessions to 2025-11-19``.
    first_day, last_day
        ISO days of rows ``base`` and ``last``.
    """

    base: int
    last: int
    words: str
    first_day: str
    last_day: str

    @property
    def rows(self) -> slice:
        """Rows of the returns."""
        return slice(self.base + 1, self.last + 1)

    @property
    def n(self) -> int:
        """How many returns there are."""
        return self.last - self.base


def place_window(window: ClaimWindow | None, question: Question, clock: Clock) -> Window:
    """Find the rows of a clock that a window of a claim means.

    Parameters
    ----------
    window
        A span that ends at ``as_of``, or else with the last session before the occurrence's own
        (``63 bars``, ``3 months``: from the close of the last session at or before the day three
        months before ``as_of``, or before that session); two bars relative to the session of the
        occurrence, both with their returns (``[0, 0]`` is its one return); or two days: from the
        close of the last session at or before the first one to that of the last one at or before
        the second. None is the one session of ``as_of`` or of the occurrence.

    Raises
    ------
    Untestable
        The clock of the data does not reach that far, or the claim names no day.
    """
    claim = question.claim
    if window is None:
        last = _end(question, clock) if claim.as_of else _day0(question, clock)
        if claim.as_of and 0 <= last < len(clock) and str(clock.sessions[last]) != claim.as_of:
            raise Untestable(f"{claim.as_of} is no session of {clock.code}")
        return _window(clock, last - 1, last, f"the session {_day(clock, last, claim.as_of)}")
    if isinstance(window, str):
        return _span(window, question, clock)
    first, second = window
    if isinstance(first, int) and isinstance(second, int):
        day0 = _day0(question, clock)
        day = _day(clock, day0)
        alone = first == second == 0
        words = f"the session {day}" if alone else f"bars [{first}, {second}] from {day}"
        return _window(clock, day0 + first - 1, day0 + second, words)
    base, last = _at_or_before(clock, str(first)), _at_or_before(clock, str(second))
    if 0 <= base == last < len(clock):
        raise Untestable(f"no session of {clock.code} lies between {first} and {second}")
    words = f"{_day(clock, base, str(first))} to {_day(clock, last, str(second))}"
    return _window(clock, base, last, words)


def _span(span: str, question: Question, clock: Clock) -> Window:
    count, unit = span.split()
    number, unit = int(count), unit.rstrip("s")
    last = _end(question, clock)
    end = _day(clock, last, question.claim.as_of)
    if unit == "bar":
        noun = "session" if clock.code != ALWAYS_OPEN else "day"
        plural = "" if number == 1 else "s"
        return _window(clock, last - number, last, f"{number} {noun}{plural} to {end}")
    # Of a day without a session: the month to Sunday, 31 August, begins on 31 July.
    since = question.claim.as_of or end
    base = _back(clock, since, number, unit) if 0 <= last < len(clock) else -1
    if 0 <= base == last:
        raise Untestable(f"no session of {clock.code} lies in the {span} to {since}")
    return _window(clock, base, last, f"{span} to {end}")


def _back(clock: Clock, end: str, number: int, unit: str) -> int:
    """Row of the last session at or before the day so many days, weeks, months or years earlier."""
    offset = pd.DateOffset(
        days=number * {"day": 1, "week": 7}.get(unit, 0),
        months=number * {"month": 1, "year": 12}.get(unit, 0),
    )
    try:
        day = pd.Timestamp(end) - offset
    except (OverflowError, ValueError):  # before the first year that a date can have
        return -1
    return _at_or_before(clock, day.date().isoformat())


def _end(question: Question, clock: Clock) -> int:
    """Row of the last session that a span includes."""
    claim = question.claim
    if claim.as_of is not None:
        return _at_or_before(clock, claim.as_of)
    return _day0(question, clock) - 1


def _day0(question: Question, clock: Clock) -> int:
    if question.occurrence is None or question.event is None:
        raise Untestable("the claim names neither a day (as_of) nor an occurrence")
    try:
        return event_session(question.event.event, question.occurrence, clock).position
    except OutsideClock as reason:
        raise Untestable(str(reason)) from reason


def _at_or_before(clock: Clock, day: str) -> int:
    """Row of the last session up to a day; -1 before the first, the length in a later year."""
    wanted = np.datetime64(date.fromisoformat(day), "D")
    if len(clock) and wanted.astype("datetime64[Y]") > clock.sessions[-1].astype("datetime64[Y]"):
        return len(clock)  # clocks end with a year: nothing is known of the next one
    return int(np.searchsorted(clock.sessions, wanted, side="right")) - 1


def _day(clock: Clock, row: int, written: str | None = None) -> str:
    """Return the day of a row; what was written, where the clock does not have it."""
    return str(clock.sessions[row]) if 0 <= row < len(clock) else written or "outside the data"


def _window(clock: Clock, base: int, last: int, words: str) -> Window:
    if base < 0 or last >= len(clock) or last <= base:
        span = f"{clock.sessions[0]} to {clock.sessions[-1]}" if len(clock) else "no session"
        raise Untestable(f"{words} does not lie within the data's calendar ({span})")
    return Window(base, last, words, str(clock.sessions[base]), str(clock.sessions[last]))
