"""Short ways to write an occurrence in a test."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from eventlab.definitions.occurrence import ResolvedOccurrence

if TYPE_CHECKING:
    from eventlab.definitions.occurrence import Precision, SessionPart

NEW_YORK = "America/New_York"


def at(local: str, zone: str = NEW_YORK) -> ResolvedOccurrence:
    """News whose minute is known, such as ``at("2025-12-10 16:05")``."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return _occurrence(moment.date(), moment, zone, "minute")


def on(
    day: str,
    session: SessionPart | None = None,
    *,
    zone: str = NEW_YORK,
    exchange: str = "XNYS",
) -> ResolvedOccurrence:
    """News of which only the date, or the side of the session, is known."""
    precision: Precision = "date" if session is None else "session"
    return _occurrence(
        date.fromisoformat(day), None, zone, precision, session=session, exchange=exchange
    )


def _occurrence(
    day: date,
    moment: datetime | None,
    zone: str,
    precision: Precision,
    *,
    session: SessionPart | None = None,
    exchange: str = "XNYS",
) -> ResolvedOccurrence:
    return ResolvedOccurrence(
        event="some-event",
        id="one",
        index=0,
        title="Something happened",
        date=day,
        announced_at=moment,
        zone=zone,
        precision=precision,
        session=session,
        exchange=exchange,
        issuer=None,
    )
