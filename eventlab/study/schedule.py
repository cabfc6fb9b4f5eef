"""When the occurrences of an event happened on the study's clock, and what else did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from eventlab.definitions.bars import bar_minutes
from eventlab.errors import DataError
from eventlab.study.bar_prices import series_of
from eventlab.timeline.bars import make_bar_clock
from eventlab.timeline.clock import make_clock
from eventlab.timeline.overlaps import find_overlaps
from eventlab.timeline.sessions import event_session
from eventlab.timeline.types import OutsideClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market
    from eventlab.timeline.types import Clock, EventSession, Overlap
    from eventlab.timeline.windows import Window

__all__ = ["Schedule", "make_schedule", "occurrence_table", "price_clock", "study_clock"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The occurrences of one event on one clock.

    Attributes
    ----------
    occurrences
        Those that are studied, in the order of the file.
    siblings
        Those of the same event in the workspace that are not studied this time. They happened all
        the same: they can overlap, and no pseudo-date may lie on them.
    sessions
        Day 0 by occurrence id, of those that have one, siblings included.
    outside
        By occurrence id: why it has no day 0.
    overlaps
        Other occurrences (of any event of the workspace) inside the windows.
    others
        By event id: day 0 of every occurrence of the other events of the workspace.
    """

    clock: Clock
    occurrences: tuple[ResolvedOccurrence, ...]
    siblings: tuple[ResolvedOccurrence, ...]
    sessions: Mapping[str, EventSession]
    outside: Mapping[str, str]
    overlaps: tuple[Overlap, ...]
    others: Mapping[str, tuple[EventSession, ...]]


class Placed(NamedTuple):
    """Day 0 of the occurrences of an event on a clock, and their titles."""

    event: EventDefinition
    clock: Clock
    sessions: tuple[EventSession, ...]
    titles: Mapping[str, str]


PLACED: dict[tuple[int, int], Placed] = {}
MAX_PLACED = 256


def study_clock(study: StudyDefinition, market: Market, symbols: Iterable[str]) -> Clock:
    """Sessions, or their bars, from the first to the last bar of any of ``symbols``.

    Raises
    ------
    DataError
        None of the symbols has prices.
    """
    return price_clock(study.clock, bar_minutes(study.bar), market, symbols)


def price_clock(
    code: str, minutes: int, market: Market, symbols: Iterable[str], *, asker: str = "study"
) -> Clock:
    """`study_clock` for whatever asks: sessions of a calendar, or their bars of ``minutes``."""
    series = [
        one for symbol in symbols for one in series_of(market, symbol, minutes) if len(one.closes)
    ]
    if not series:
        what = f"bars that make up {minutes} minutes" if minutes else "prices"
        raise DataError(
            f"{market.stamp.source}: none of the symbols of the {asker} has {what} here; "
            "`eventlab data show` lists what there is"
        )
    # A day that closes at midnight UTC closes on the next date: the last instant before the close
    # tells the day. Otherwise the first bar of a 24/7 clock would be lost.
    first = min(int(one.closes[0]) for one in series) - 1
    last = max(int(one.closes[-1]) for one in series) - 1
    days = pd.Timestamp(first).date(), pd.Timestamp(last).date()
    clock = make_bar_clock(code, *days, minutes) if minutes else make_clock(code, *days)
    if len(clock) == 0:
        raise DataError(f"{code} has no session between the first and the last price")
    return clock


def make_schedule(
    event: EventDefinition,
    workspace: Workspace,
    clock: Clock,
    windows: Mapping[str, Window] | None = None,
) -> Schedule:
    """Find day 0 of every occurrence, and the overlaps with all events of the workspace.

    ``windows`` are those that overlaps are looked for in, by name; the study's by default.
    """
    occurrences = event.resolved_occurrences()
    siblings = other_occurrences(event, workspace)
    sessions, outside = place(event.event, (*occurrences, *siblings), clock)
    if windows is None:
        study = event.study
        assert study is not None  # noqa: S101 - the caller studies events that say how
        windows = {"event": study.event_window, "estimation": study.estimation_window}
    others: dict[str, tuple[EventSession, ...]] = {}
    titles = {one.full_id: one.title for one in (*occurrences, *siblings)}
    for other in workspace.events.values():
        if other.event != event.event:
            others[other.event], named = elsewhere(other, clock)
            titles |= named
    studied = [sessions[one.id] for one in occurrences if one.id in sessions]
    overlaps = find_overlaps(
        studied,
        [
            *(session for found in others.values() for session in found),
            *(sessions[one.id] for one in siblings if one.id in sessions),
        ],
        windows,
        titles,
    )
    return Schedule(clock, occurrences, siblings, sessions, outside, overlaps, others)


def elsewhere(
    other: EventDefinition, clock: Clock
) -> tuple[tuple[EventSession, ...], Mapping[str, str]]:
    """Day 0 of every occurrence of another event, and their titles by full id.

    Remembered: every study of a workspace asks for those of all events, on the same few clocks.
    """
    key = id(other), id(clock)  # theirs for good: both are kept
    found = PLACED.get(key)
    if found is None:
        theirs = other.resolved_occurrences()
        sessions = tuple(place(other.event, theirs, clock)[0].values())
        found = Placed(other, clock, sessions, {one.full_id: one.title for one in theirs})
        if len(PLACED) >= MAX_PLACED:
            PLACED.clear()
        PLACED[key] = found
    return found.sessions, found.titles


def other_occurrences(
    event: EventDefinition, workspace: Workspace
) -> tuple[ResolvedOccurrence, ...]:
    """Return what the workspace's file of the event has beyond the occurrences to be studied."""
    whole = workspace.events.get(event.event)
    if whole is None:
        return ()
    studied = {one.id for one in event.occurrences}
    return tuple(one for one in whole.resolved_occurrences() if one.id not in studied)


def place(
    event_id: str, occurrences: Iterable[ResolvedOccurrence], clock: Clock
) -> tuple[dict[str, EventSession], dict[str, str]]:
    """Day 0 by occurrence id, and the reason for those that have none on this clock."""
    sessions: dict[str, EventSession] = {}
    outside: dict[str, str] = {}
    for occurrence in occurrences:
        try:
            sessions[occurrence.id] = event_session(event_id, occurrence, clock)
        except OutsideClock as reason:
            outside[occurrence.id] = str(reason)
    return sessions, outside


def occurrence_table(schedule: Schedule, uncontrolled: Mapping[str, str]) -> pd.DataFrame:
    """One row per occurrence; ``note`` tells doubts about day 0 and about overlaps."""
    rows = []
    for one in schedule.occurrences:
        session = schedule.sessions.get(one.id)
        doubt = session.note if session else schedule.outside[one.id]
        rows.append(
            {
                "occurrence": one.id,
                "title": one.title,
                "announced_at": pd.Timestamp(one.announced_at)
                if one.announced_at is not None
                else pd.NaT,
                "date": np.datetime64(one.date, "s"),
                "precision": one.precision,
                "event_session": session.session.astype("datetime64[s]") if session else pd.NaT,
                "tags": one.tags,
                "note": "; ".join(filter(None, (doubt, uncontrolled.get(one.id, "")))),
            }
        )
    table = pd.DataFrame(rows)
    table["announced_at"] = pd.to_datetime(table["announced_at"], utc=True)
    if schedule.clock.bar_minutes:  # when a bar closes, as in `study.inference.labels`
        table["event_session"] = pd.to_datetime(table["event_session"]).dt.tz_localize("UTC")
    return table
