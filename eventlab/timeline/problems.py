"""What is wrong with an event file that only a calendar can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from eventlab.timeline.clock import (
    ClockBoundsError,
    build_problem,
    check_calendar,
    exchange_schedule,
    is_session,
)
from eventlab.timeline.instants import closed_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence

__all__ = ["CalendarProblem", "calendar_problems"]

CalendarProblem: TypeAlias = tuple[tuple[str | int, ...], str]


def calendar_problems(event: EventDefinition) -> tuple[CalendarProblem, ...]:
    """Every problem of an event file that needs a calendar to be seen.

    An unknown clock of the study or the contagion, an unknown ``exchange``, and an occurrence of
    precision ``session`` on a date on which its exchange is closed. An occurrence of precision
    ``minute`` or ``date`` may fall on any day: its day 0 is the next session.

    Returns
    -------
    tuple of (key path, message)
        Key paths as in ``("occurrences", 3, "announced_at")``, in the order of the file.
    """
    return (*_unusable_codes(event), *_closed_days(event))


def _unusable_codes(event: EventDefinition) -> Iterator[CalendarProblem]:
    if problem := check_calendar(event.defaults.exchange):
        yield ("defaults", "exchange"), problem
    for index, occurrence in enumerate(event.occurrences):
        if occurrence.exchange and (problem := check_calendar(occurrence.exchange)):
            yield ("occurrences", index, "exchange"), problem
    # Only the clock is built here: an exchange that no occurrence asks for need not be.
    if event.study is not None and (problem := build_problem(event.study.clock)):
        yield ("study", "clock"), problem
    section = event.contagion
    if section is None:
        return
    if section.clock and (problem := build_problem(section.clock)):
        yield ("contagion", "clock"), problem
    intraday = section.intraday
    if intraday is not None and intraday.clock and (problem := build_problem(intraday.clock)):
        yield ("contagion", "intraday", "clock"), problem


def _closed_days(event: EventDefinition) -> Iterator[CalendarProblem]:
    for occurrence in event.resolved_occurrences():
        if occurrence.precision == "session" and check_calendar(occurrence.exchange) is None:
            problem = build_problem(occurrence.exchange) or _closed_day(occurrence)
            if problem:
                yield ("occurrences", occurrence.index, "announced_at"), problem


def _closed_day(occurrence: ResolvedOccurrence) -> str | None:
    day = occurrence.date
    try:
        schedule = exchange_schedule(occurrence.exchange, day, day)
    except ClockBoundsError as error:
        return str(error)
    if is_session(schedule, day):
        return None
    return f"{closed_reason(schedule, day)}; correct the date, or write precision: date"
