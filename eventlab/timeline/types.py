"""The frozen types that the timeline hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "NO_SLOTS",
    "Clock",
    "EventInstant",
    "EventSession",
    "OutsideClock",
    "Overlap",
]

# In nanoseconds, the unit of every instant.
MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
DAY = 24 * HOUR


NO_SLOTS: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)  # of a clock of whole sessions


@dataclass(frozen=True, slots=True)
class Clock:
    """The sessions of one exchange (or of the 24/7 market) between two dates, or their bars.

    Attributes
    ----------
    code
        An ``exchange_calendars`` code such as ``XNYS``, or ``24/7`` (UTC days that close at the
        following midnight).
    sessions
        (T,) datetime64[D], ascending: the session labels. On a clock of bars datetime64[s]: the
        UTC instants at which the bars close.
    opens, closes
        (T,) int64: nanoseconds since 1970 in UTC, strictly ascending.
    bar_minutes
        Width of the bars in minutes; 0 where whole sessions are the bars.
    slots
        (T,) int64: which bar of its session each bar is, from 0; empty for whole sessions.
    """

    code: str
    sessions: npt.NDArray[np.datetime64]
    opens: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]
    bar_minutes: int = 0
    slots: npt.NDArray[np.int64] = field(default_factory=lambda: NO_SLOTS)

    def __len__(self) -> int:
        return len(self.closes)

    @property
    def days(self) -> npt.NDArray[np.datetime64]:
        """(T,) datetime64[D]: labels of sessions; the UTC day of the last instant of bars.

        So the bar that closes at midnight belongs to the day that it ends.
        """
        if not self.bar_minutes:
            return self.sessions
        ends: npt.NDArray[np.datetime64] = (self.closes - 1).astype("datetime64[ns]")
        return ends.astype("datetime64[D]")

    def position_after(self, instant: int) -> int:
        """Row of the first session that closes strictly after ``instant`` (UTC ns); T if none."""
        return int(np.searchsorted(self.closes, instant, side="right"))


class OutsideClock(DataError):  # noqa: N818 - it is caught and listed, hardly ever shown as an error
    """No session of a clock can be day 0 of an occurrence; ``reason`` says why, in one line."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class EventInstant:
    """When the news came out, in UTC nanoseconds; an interval where only the session is known.

    ``earliest`` is what day 0 is derived from. ``latest`` equals it when the minute is known.
    """

    earliest: int
    latest: int
    precision: str


@dataclass(frozen=True, slots=True)
class EventSession:
    """Day 0 of one occurrence on one clock."""

    event: str
    occurrence: str
    clock: str
    instant: EventInstant
    session: np.datetime64
    position: int  # row of the clock
    note: str = ""  # e.g. that the latest possible instant would give the following session


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another event whose session falls inside a window of this occurrence."""

    occurrence: str
    other_event: str
    other_occurrence: str
    title: str
    tau: int  # bar of the other event's session relative to this event's
    window: str  # "event" or "estimation"
