"""One time that an event happened: what the file says, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from eventlab.definitions.base import (
    ClockCode,
    Many,
    OccurrenceId,
    StrictModel,
    SymbolName,
    Tag,
    Text,
)
from eventlab.definitions.problem import Finding, Loc, show
from eventlab.definitions.wall_time import (
    find_zone,
    parse_offset,
    readings,
    written_offset,
    zone_hint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

__all__ = [
    "Occurrence",
    "OccurrenceDefaults",
    "Precision",
    "ResolvedOccurrence",
    "Scalar",
    "SessionPart",
    "Surprise",
    "resolve_occurrence",
]

Precision = Literal["minute", "session", "date"]
SessionPart = Literal["before_open", "after_close"]
Scalar = bool | int | float | str

FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond lies a typing error; calendars end earlier anyway

_WHEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[ T](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?P<offset> ?(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9]))?)?"
)
_EXAMPLES = {
    "minute": '"2025-12-10 16:05"',
    "session": '"2025-12-10" with session: after_close',
    "date": '"2025-12-10"',
}


class OccurrenceDefaults(StrictModel):
    """What every occurrence of the file inherits unless it says otherwise."""

    zone: Text | None = Field(
        default=None, description="Time zone of announced_at, as in America/New_York or UTC."
    )
    precision: Precision = Field(
        default="minute",
        description="How exactly the time is known: minute, session (before_open or after_close) "
        "or date.",
    )
    session: SessionPart | None = Field(
        default=None, description="With precision session: before_open or after_close."
    )
    exchange: ClockCode = Field(
        default="XNYS",
        description="Whose open and close before_open and after_close speak of.",
    )


class Surprise(StrictModel):
    """An expected and an actual figure, in the unit its name carries."""

    expected: float | None = Field(default=None, description="Consensus before the event.")
    actual: float | None = Field(default=None, description="The figure as announced.")


class Occurrence(StrictModel):
    """One time that the event happened. Fields left out come from ``defaults``."""

    id: OccurrenceId = Field(description="Unique in the file, as in fy2026-q2 or 2025-12-10.")
    announced_at: Text = Field(
        description='When the news came out: "2025-12-10 16:05" in the zone named, '
        '"2025-12-10 16:05-05:00" with an offset, or "2025-12-10" where only the session or the '
        "date is known. Never a made-up minute."
    )
    zone: Text | None = Field(
        default=None, description="Time zone of announced_at, as in America/New_York or UTC."
    )
    precision: Precision | None = Field(
        default=None,
        description="minute, session (before_open or after_close) or date. Left out: as defaults "
        "says.",
    )
    session: SessionPart | None = Field(
        default=None, description="With precision session: before_open or after_close."
    )
    exchange: ClockCode | None = Field(
        default=None, description="Whose open and close the session speaks of."
    )
    issuer: SymbolName | None = Field(
        default=None, description="Symbol of who announced; what @issuer stands for."
    )
    title: Text | None = Field(default=None, description="What happened, in one line.")
    tags: Many[Tag] = Field(
        default=(), description="Words to group by, as in cut, hold, hike; see study.by_tag."
    )
    facts: dict[str, Scalar] = Field(
        default_factory=dict, description="Figures and notes to print beside the occurrence."
    )
    surprise: dict[str, Surprise] = Field(
        default_factory=dict,
        description="Expected and actual figures by name, the unit in the name (eps_usd).",
    )
    confidence: Text | None = Field(
        default=None, description="How well the date and time are established."
    )
    source: Text | None = Field(default=None, description="Where the date and time come from.")


@dataclass(frozen=True, slots=True)
class ResolvedOccurrence:
    """An occurrence with everything filled in.

    Attributes
    ----------
    full_id
        ``event/occurrence``, unique in a workspace.
    index
        Position in the event's ``occurrences``.
    date
        The calendar date in ``zone``.
    announced_at
        The zoned instant where the minute is known (precision ``minute``), else None. Compare it
        in UTC: Python calls the two readings of an hour that a zone repeats equal.
    session
        ``before_open`` or ``after_close`` with precision ``session``, else None.
    exchange
        Calendar code of the exchange whose open and close ``session`` speaks of.
    """

    event: str
    id: str
    index: int
    title: str
    date: date
    announced_at: datetime | None
    zone: str
    precision: Precision
    session: SessionPart | None
    exchange: str
    issuer: str | None
    tags: tuple[str, ...] = ()
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    surprise: Mapping[str, Surprise] = field(default_factory=dict)
    confidence: str | None = None

    @property
    def full_id(self) -> str:
        """Event and occurrence, as in ``oracle-earnings/fy2026-q2``."""
        return f"{self.event}/{self.id}"

    @property
    def tzinfo(self) -> ZoneInfo | timezone:
        """The zone as an object that datetime understands."""
        found = find_zone(self.zone)
        assert found is not None  # noqa: S101 - resolve_occurrence has looked it up
        return found


@dataclass(frozen=True, slots=True)
class Owner:
    """What an occurrence takes over from its event."""

    event: str
    title: str
    issuer: str | None
    defaults: OccurrenceDefaults


def resolve_occurrence(
    owner: Owner, occurrence: Occurrence, index: int
) -> tuple[ResolvedOccurrence | None, tuple[Finding, ...]]:
    """Fill in what the occurrence takes over, and read its time.

    Returns
    -------
    resolved
        None where a finding is an error.
    findings
        Located relative to the event.
    """
    reading = _Reading(owner, occurrence, ("occurrences", index))
    when = reading.when()
    if when is None or reading.findings:
        return None, tuple(reading.findings)
    resolved = ResolvedOccurrence(
        event=owner.event,
        id=occurrence.id,
        index=index,
        title=occurrence.title or owner.title,
        date=when.day,
        announced_at=when.instant,
        zone=when.zone,
        precision=reading.precision,
        session=reading.session,
        exchange=occurrence.exchange or owner.defaults.exchange,
        issuer=occurrence.issuer or owner.issuer,
        tags=occurrence.tags,
        facts=occurrence.facts,
        surprise=occurrence.surprise,
        confidence=occurrence.confidence,
    )
    return resolved, ()


@dataclass(frozen=True, slots=True)
class _When:
    day: date
    instant: datetime | None
    zone: str


class _Reading:
    """The time of one occurrence, step by step, with everything that is wrong with it."""

    def __init__(self, owner: Owner, occurrence: Occurrence, loc: Loc) -> None:
        self.findings: list[Finding] = []
        self._loc = loc
        self._text = occurrence.announced_at
        self._zone = occurrence.zone or owner.defaults.zone
        self._zone_loc: Loc = (*loc, "zone") if occurrence.zone else ("defaults", "zone")
        self.precision: Precision = occurrence.precision or owner.defaults.precision
        # A session given on the occurrence only makes sense with precision session, whereas the
        # file's default session waits for the occurrences of that precision.
        self.session: SessionPart | None = occurrence.session
        if self.precision == "session" and self.session is None:
            self.session = owner.defaults.session

    def when(self) -> _When | None:
        """Read date, clock time and zone; None after a finding that leaves no answer."""
        self._check_session()
        match = _WHEN.fullmatch(self._text.strip())
        if match is None:
            self._refuse(
                f"{show(self._text)} is no date and time; write {_EXAMPLES[self.precision]}"
            )
            return None
        offset = parse_offset(match["offset"])
        zone = self._known_zone(offset)
        wall = self._wall(match["date"], match["time"])
        fits = wall is not None and self._fits_precision(*wall)
        if zone is None or wall is None or not fits:
            return None
        (name, tzinfo), (day, clock) = zone, wall
        if clock is None:
            return _When(day, None, name)
        instant = self._instant(datetime.combine(day, clock), tzinfo, offset)
        return None if instant is None else _When(day, instant, name)

    def _wall(self, day_text: str, time_text: str | None) -> tuple[date, time | None] | None:
        try:
            day = date.fromisoformat(day_text)
            clock = time.fromisoformat(time_text) if time_text else None
        except ValueError as error:
            self._refuse(f"{show(self._text)} does not exist: {error}")
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            allowed = f"years {FIRST_YEAR} to {LAST_YEAR} are allowed"
            self._refuse(f"{show(self._text)} lies outside of what can be studied; {allowed}")
            return None
        return day, clock

    def _check_session(self) -> None:
        if self.precision == "session" and self.session is None:
            message = "precision session needs session: before_open or after_close"
            self.findings.append(
                Finding((*self._loc, "session"), message, needs=(("defaults", "session"),))
            )
        if self.precision != "session" and self.session is not None:
            message = f"session: {self.session} goes with precision: session, not {self.precision}"
            self.findings.append(
                Finding((*self._loc, "session"), message, needs=self._precision_locs())
            )

    def _fits_precision(self, day: date, clock: time | None) -> bool:
        if (clock is None) == (self.precision != "minute"):
            return True
        # The remedy names the file's own day: an example's would be copied with it.
        if clock is None:
            has = "has no clock time"
            remedy = f'write the minute, as in "{day} 16:05", or precision: session or date where '
            remedy += "it is not known"
        else:
            has = "has a clock time"
            remedy = f'write "{day}", or precision: minute where it was measured'
        message = f"{show(self._text)} {has}, but the precision is {self.precision}; {remedy}"
        self.findings.append(
            Finding((*self._loc, "announced_at"), message, needs=self._precision_locs())
        )
        return False

    def _known_zone(self, offset: timedelta | None) -> tuple[str, ZoneInfo | timezone] | None:
        if self._zone is None:
            if offset is not None:
                fixed = timezone(offset)
                return str(fixed), fixed
            message = (
                f"{show(self._text)} has no time zone; add zone: (as in zone: America/New_York) "
                "here or to defaults"
            )
            needs: tuple[Loc, ...] = ((*self._loc, "zone"), ("defaults", "zone"))
            self.findings.append(Finding((*self._loc, "announced_at"), message, needs=needs))
            return None
        found = find_zone(self._zone)
        if found is None:
            message = (
                f"{show(self._zone)} is no time zone of the IANA database{zone_hint(self._zone)}"
            )
            self.findings.append(Finding(self._zone_loc, message))
            return None
        return self._zone, found

    def _instant(
        self, local: datetime, tzinfo: ZoneInfo | timezone, offset: timedelta | None
    ) -> datetime | None:
        possible = readings(local, tzinfo)
        name = self._zone
        if not possible:
            self._refuse(
                f"{show(self._text)} does not exist in {name}: the clocks were put forward past "
                "it; correct the time or the zone"
            )
            return None
        if offset is not None:
            matching = [each for each in possible if each.utcoffset() == offset]
            if not matching:
                offsets = " or ".join(written_offset(each) for each in possible)
                self._refuse(
                    f"{show(self._text)} has another offset than {name} at that time, which is "
                    f"{offsets}; drop the offset or correct the zone"
                )
                return None
            return matching[0]
        if len(possible) > 1:
            offsets = " or ".join(written_offset(each) for each in possible)
            self._refuse(
                f"{show(self._text)} happened twice in {name}: the clocks were put back; add the "
                f"offset ({offsets}) to the time"
            )
            return None
        return possible[0]

    def _refuse(self, message: str) -> None:
        self.findings.append(Finding((*self._loc, "announced_at"), message))

    def _precision_locs(self) -> tuple[Loc, ...]:
        return ((*self._loc, "precision"), ("defaults", "precision"))
