"""A study of some years only: which occurrences it has, and which other days it compares."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.timeline.types import Clock

__all__ = ["in_period", "within_period"]


def within_period(
    event: EventDefinition, section: StudyDefinition | ContagionDefinition | None = None
) -> EventDefinition:
    """Keep the occurrences whose local date lies within ``since`` to ``until`` of a section.

    That of the study unless given. Both ends count. Fits may reach back before the period;
    occurrences outside of it happened all the same: they overlap, and no pseudo-date may lie on
    them.

    Raises
    ------
    UsageError
        No occurrence is left.
    """
    asker = section or event.study
    if asker is None or (asker.since is None and asker.until is None):
        return event
    first, last = asker.since or "", asker.until or "9999-99-99"
    resolved = event.resolved_occurrences()
    kept = {one.id for one in resolved if first <= one.date.isoformat() <= last}
    if not kept:
        days = sorted(one.date.isoformat() for one in resolved)
        asked = [f"{name} {day}" for name in ("since", "until") if (day := getattr(asker, name))]
        raise UsageError(
            f"{event.event}: no occurrence {' and '.join(asked)}; they run from {days[0]} to "
            f"{days[-1]}"
        )
    occurrences = tuple(one for one in event.occurrences if one.id in kept)
    return event.model_copy(update={"occurrences": occurrences})


def in_period(study: StudyDefinition | ContagionDefinition, clock: Clock) -> npt.NDArray[np.bool_]:
    """(T,): whether each session of the clock lies within ``since`` to ``until``, ends included."""
    days = clock.days
    inside = np.ones(len(days), dtype=np.bool_)
    if study.since is not None:
        inside &= days >= np.datetime64(date.fromisoformat(study.since))
    if study.until is not None:
        inside &= days <= np.datetime64(date.fromisoformat(study.until))
    return inside
