"""The timeline as slowly and plainly as it can be said: day by day, pair by pair."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

import exchange_calendars
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.timeline import EventSession


class Calendar(Protocol):
    """The two questions that are put to exchange_calendars."""

    def is_session(self, day: pd.Timestamp) -> bool: ...
    def session_close(self, session: pd.Timestamp) -> pd.Timestamp: ...


@lru_cache(maxsize=16)
def calendar(code: str) -> Calendar:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cast(
            "Calendar", exchange_calendars.get_calendar(code, start="1997-01-01", end="2028-12-31")
        )


def naive_close(code: str, day: date) -> datetime | None:
    """Instant at which the session of that date closes; None where there is no session."""
    if code == "24/7":
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not calendar(code).is_session(pd.Timestamp(day)):
            return None
        return calendar(code).session_close(pd.Timestamp(day)).to_pydatetime()


def naive_day_zero(code: str, instant: datetime) -> date:
    """First date whose session closes strictly after the instant, tried one after the other."""
    day = instant.astimezone(UTC).date() - timedelta(days=2)  # its session closed long ago
    while (closes := naive_close(code, day)) is None or closes <= instant:
        day += timedelta(days=1)
    return day


def naive_overlaps(
    target: Sequence[EventSession],
    others: Sequence[EventSession],
    windows: Mapping[str, tuple[int, int]],
) -> set[tuple[str, str, str, int, str]]:
    """Every pair looked at: (occurrence, other event, other occurrence, tau, window)."""
    found = set()
    for one in target:
        for other in [*others, *target]:
            if (other.event, other.occurrence) == (one.event, one.occurrence):
                continue
            tau = other.position - one.position
            for name, (first, last) in windows.items():
                if first <= tau <= last:
                    found.add((one.occurrence, other.event, other.occurrence, tau, name))
    return found
