"""The occurrences that a strategy is held around, placed on its clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.errors import UsageError
from eventlab.timeline.sessions import event_session
from eventlab.timeline.types import OutsideClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.timeline.types import Clock, EventInstant

__all__ = ["Occasion", "Occasions", "find_occasions"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occurrence on the clock of a strategy.

    ``day0`` is the row of its event session; ``scheduled`` whether its date was known before.
    """

    event: str
    occurrence: str
    title: str
    issuer: str | None
    tags: tuple[str, ...]
    news: EventInstant
    day0: int
    session: np.datetime64
    scheduled: bool
    note: str

    @property
    def name(self) -> str:
        """Event and occurrence, as in ``oracle-earnings/fy2026-q2``."""
        return f"{self.event}/{self.occurrence}"


@dataclass(frozen=True, slots=True)
class Occasions:
    """In order of day 0, then of the news; ``outside`` are (occurrence, reason)."""

    every: tuple[Occasion, ...]
    outside: tuple[tuple[str, str], ...]


def find_occasions(strategy: StrategyDefinition, workspace: Workspace, clock: Clock) -> Occasions:
    """Place the occurrences of a strategy's events that lie in its period and have its tags.

    Raises
    ------
    UsageError
        An event is not in the workspace, or none of its occurrences is left.
    """
    found: list[Occasion] = []
    outside: list[tuple[str, str]] = []
    for event, occurrence in asked_occurrences(strategy, workspace):
        try:
            day0 = event_session(event.event, occurrence, clock)
        except OutsideClock as reason:
            outside.append((occurrence.full_id, reason.reason))
            continue
        found.append(
            Occasion(
                event=event.event,
                occurrence=occurrence.id,
                title=occurrence.title,
                issuer=occurrence.issuer,
                tags=occurrence.tags,
                news=day0.instant,
                day0=day0.position,
                session=day0.session,
                scheduled=event.kind != "shock" and "unscheduled" not in occurrence.tags,
                note=day0.note,
            )
        )
    found.sort(key=lambda each: (each.day0, each.news.earliest, each.name))
    return Occasions(tuple(found), tuple(outside))


def asked_occurrences(
    strategy: StrategyDefinition, workspace: Workspace
) -> Iterator[tuple[EventDefinition, ResolvedOccurrence]]:
    """Yield what the strategy's period and tags leave of its events."""
    first, last = strategy.since or "", strategy.until or "9999-99-99"
    some = False
    for name in strategy.events:
        event = workspace.event(name)
        for occurrence in event.resolved_occurrences():
            inside = first <= occurrence.date.isoformat() <= last
            if inside and (not strategy.tags or set(strategy.tags) & set(occurrence.tags)):
                some = True
                yield event, occurrence
    if not some:
        raise UsageError(
            f"{strategy.strategy}: no occurrence of {', '.join(strategy.events)} lies between "
            f"{strategy.since or 'the first'} and {strategy.until or 'the last'}"
            + (f" and has one of the tags {', '.join(strategy.tags)}" if strategy.tags else "")
        )
