"""From an occurrence to the instant, or the interval of instants, at which its news came out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline.clock import ClockBoundsError, exchange_schedule
from eventlab.timeline.types import Clock, EventInstant, OutsideClock

if TYPE_CHECKING:
    from eventlab.definitions.occurrence import ResolvedOccurrence

__all__ = ["closed_reason", "event_instant", "utc_day", "utc_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_instant(occurrence: ResolvedOccurrence) -> EventInstant:
    """When the news came out: an instant where the minute is known, else an interval.

    With precision ``session`` the interval runs from the close of the occurrence's exchange to
    local midnight (``after_close``), or from local midnight to the exchange's open
    (``before_open``); with ``date`` it is the whole local day. Only the date's own opening hours
    are looked up, so nothing that happens later can change the answer.

    Raises
    ------
    OutsideClock
        Precision is ``session`` and the exchange holds no session on the date.
    UsageError
        The exchange is unknown.
    """
    if occurrence.precision == "minute":
        if occurrence.announced_at is None:
            raise ValueError(f"{occurrence.full_id}: precision minute without an instant")
        moment = _nanoseconds(occurrence.announced_at)
        return EventInstant(moment, moment, "minute")
    midnight = _midnight(occurrence.date, occurrence.tzinfo)
    next_midnight = _midnight(occurrence.date + timedelta(days=1), occurrence.tzinfo)
    if occurrence.precision == "date":
        return EventInstant(midnight, next_midnight, "date")
    opens, closes = _exchange_hours(occurrence)
    # The exchange may lie in another zone than the occurrence: an interval never runs backwards.
    if occurrence.session == "after_close":
        return EventInstant(closes, max(closes, next_midnight), "session")
    return EventInstant(min(opens, midnight), opens, "session")


def closed_reason(schedule: Clock, day: date) -> str:
    """Say why a date is no session and which sessions lie around it, in one line."""
    row = int(np.searchsorted(schedule.sessions, np.datetime64(day)))
    around = [str(schedule.sessions[near]) for near in (row - 1, row) if 0 <= near < len(schedule)]
    # Weekends differ between exchanges: a weekday without a session in months is one.
    months = schedule.sessions[max(0, row - 60) : row + 60]
    shares_weekday = (months - np.datetime64(day)).astype(np.int64) % 7 == 0
    why = "holiday" if shares_weekday.any() else "weekend"
    return (
        f"{schedule.code} has no session on {day} ({day:%A}, {why}); "
        f"the nearest sessions are {' and '.join(around)}"
    )


def utc_day(instant: int) -> np.datetime64:
    """Return the UTC day of nanoseconds, which prints as ``2025-12-10``."""
    day: np.datetime64 = np.datetime64(instant, "ns").astype("datetime64[D]")
    return day


def utc_text(instant: int) -> str:
    """Write UTC nanoseconds as ``2025-12-10 21:05 UTC``."""
    return str(np.datetime64(instant, "ns").astype("datetime64[m]")).replace("T", " ") + " UTC"


def _exchange_hours(occurrence: ResolvedOccurrence) -> tuple[int, int]:
    """Open and close, UTC nanoseconds, of the occurrence's exchange on its date."""
    day = occurrence.date
    try:
        schedule = exchange_schedule(occurrence.exchange, day, day)
    except ClockBoundsError as error:
        raise OutsideClock(f"{occurrence.full_id}: {error}") from error
    row = int(np.searchsorted(schedule.sessions, np.datetime64(day)))
    if row == len(schedule) or schedule.sessions[row] != np.datetime64(day):
        raise OutsideClock(f"{occurrence.full_id}: {closed_reason(schedule, day)}")
    return int(schedule.opens[row]), int(schedule.closes[row])


def _midnight(day: date, zone: tzinfo) -> int:
    return _nanoseconds(datetime.combine(day, time(0), tzinfo=zone))


def _nanoseconds(moment: datetime) -> int:
    """Exact UTC nanoseconds: whole numbers, because a float of this size has no nanoseconds."""
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 10**9 + elapsed.microseconds * 1_000
