"""Day 0: the first session of a clock that closes strictly after the news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.timeline.instants import event_instant, utc_text
from eventlab.timeline.types import Clock, EventInstant, EventSession, OutsideClock

if TYPE_CHECKING:
    from eventlab.definitions.occurrence import ResolvedOccurrence

__all__ = ["event_session"]


def event_session(event_id: str, occurrence: ResolvedOccurrence, clock: Clock) -> EventSession:
    """Day 0 of one occurrence on one clock; with an asset's own calendar, that asset's own day 0.

    Day 0 is the first session that closes strictly after the instant (after ``earliest`` where
    only the session or the date is known): news at the very close belongs to the next session.
    Where another instant of the interval would give another session, ``note`` says so. Sessions
    after day 0 are not looked at.

    Raises
    ------
    OutsideClock
        The instant lies before the first open or after the last close of the clock, or the
        occurrence's exchange is closed on the date that its precision ``session`` refers to.
    """
    instant = event_instant(occurrence)
    _require_inside(occurrence.full_id, instant.earliest, clock)
    position = clock.position_after(instant.earliest)
    return EventSession(
        event=event_id,
        occurrence=occurrence.id,
        clock=clock.code,
        instant=instant,
        session=clock.sessions[position],
        position=position,
        note=_ambiguity(instant, position, clock),
    )


def _require_inside(full_id: str, instant: int, clock: Clock) -> None:
    announced = f"{full_id}: {utc_text(instant)}"
    if not len(clock):
        raise OutsideClock(f"{announced} has no day 0: clock {clock.code} has no session")
    if instant >= clock.closes[-1]:
        raise OutsideClock(
            f"{announced} is not before the last close of clock {clock.code}, "
            f"{utc_text(int(clock.closes[-1]))} (session {clock.sessions[-1]})"
        )
    # Before the first open, day 0 might be a session that the clock does not hold.
    if instant < clock.opens[0]:
        raise OutsideClock(
            f"{announced} is before the first open of clock {clock.code}, "
            f"{utc_text(int(clock.opens[0]))} (session {clock.sessions[0]})"
        )


def _ambiguity(instant: EventInstant, position: int, clock: Clock) -> str:
    """Say what the latest possible instant would change; an empty text where nothing."""
    if instant.latest == instant.earliest:
        return ""
    # The interval is open at its end: local midnight is the next day's.
    other = clock.position_after(instant.latest - 1)
    if other == position:
        return ""
    known = "session" if instant.precision == "session" else "date"
    would_be = f"session {clock.sessions[other]}" if other < len(clock) else "after the clock's end"
    return (
        f"only the {known} is known: with news at or after {utc_text(int(clock.closes[position]))} "
        f"day 0 would be {would_be}"
    )
