"""Other news around an occurrence: what lies in which window, and what confounds the comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from eventlab.timeline.types import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.contagion.scales import Scale
    from eventlab.definitions import Workspace
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.study.schedule import Schedule
    from eventlab.timeline.types import EventSession, Overlap

__all__ = ["OVERLAP_COLUMNS", "Confounders", "find_confounders"]

OVERLAP_COLUMNS: Final = [
    "bar",
    "occurrence",
    "other_event",
    "other_occurrence",
    "title",
    "tau",
    "window",
    "minutes",
    "confounds",
]
IN_WORDS_HOURS: Final = 48  # nearer news is told in hours, other news in bars


@dataclass(frozen=True, slots=True)
class Confounders:
    """The table `overlaps` of one scale, and by occurrence what confounds it, nearest first."""

    overlaps: pd.DataFrame
    words: Mapping[str, tuple[str, ...]]


def find_confounders(schedule: Schedule, workspace: Workspace, scale: Scale) -> Confounders:
    """List the news inside the windows and in the gap between them.

    What confounds is news inside the crisis window, or at most two sessions before the event; and
    not the same news that another file lists too (one issuer, less than a day apart).
    """
    sessions = every_session(schedule)
    known = occurrences_of(workspace)
    own = {one.id: one for one in (*schedule.occurrences, *schedule.siblings)}
    rows = []
    said: dict[str, list[tuple[int, str]]] = {}
    for overlap in schedule.overlaps:
        session = schedule.sessions[overlap.occurrence]
        other = sessions[overlap.other_event, overlap.other_occurrence]
        apart = other.instant.earliest - session.instant.earliest
        there = known.get((overlap.other_event, overlap.other_occurrence))
        near = overlap.window == "crisis" or scale.near <= overlap.tau < 0
        confounds = near and not same_news(own[overlap.occurrence], there, apart)
        rows.append(
            (
                scale.bar,
                overlap.occurrence,
                overlap.other_event,
                overlap.other_occurrence,
                overlap.title,
                overlap.tau,
                overlap.window,
                apart // MINUTE,
                confounds,
            )
        )
        if confounds:
            text = in_words(overlap, apart, there.issuer if there is not None else None)
            said.setdefault(overlap.occurrence, []).append((abs(apart), text))
    words = {name: tuple(text for _, text in sorted(found)) for name, found in said.items()}
    return Confounders(pd.DataFrame(rows, columns=OVERLAP_COLUMNS), words)


def every_session(schedule: Schedule) -> dict[tuple[str, str], EventSession]:
    """Day 0 of every occurrence of the workspace, by event and occurrence."""
    found = (
        *schedule.sessions.values(),
        *(one for each in schedule.others.values() for one in each),
    )
    return {(one.event, one.occurrence): one for one in found}


def occurrences_of(workspace: Workspace) -> dict[tuple[str, str], ResolvedOccurrence]:
    """Every occurrence of the workspace, by event and id."""
    return {
        (event.event, one.id): one
        for event in workspace.events.values()
        for one in event.resolved_occurrences()
    }


def same_news(own: ResolvedOccurrence, other: ResolvedOccurrence | None, apart: int) -> bool:
    """Whether another file lists the very news of an occurrence."""
    if other is None or own.issuer is None:
        return False
    return own.issuer == other.issuer and abs(apart) < 24 * HOUR


def in_words(overlap: Overlap, apart: int, issuer: str | None = None) -> str:
    """Say what other news there was, and how far from the event."""
    hours = round(abs(apart) / HOUR)
    if abs(apart) < HOUR:
        when = f"{abs(apart) // MINUTE} minutes {'before' if apart < 0 else 'after'}"
    elif hours <= IN_WORDS_HOURS:
        when = f"{hours} {'hour' if hours == 1 else 'hours'} {'before' if apart < 0 else 'after'}"
    else:
        when = f"on bar {overlap.tau}"
    who = f"{issuer}: " if issuer else ""
    return f"{who}{overlap.title} ({overlap.other_event}/{overlap.other_occurrence}), {when}"
