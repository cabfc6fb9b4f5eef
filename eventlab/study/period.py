"""A study of some years only: which occurrences it has, and which other days it compares."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.timeline.types import Clock

__all__ = ["in_period", "within_period"]


def within_period(event: EventDefinition) -> EventDefinition:
    """Keep the occurrences whose local date lies within ``study.since`` to ``study.until``.

    Both ends count. Fits may reach back before the period; occurrences outside of it happened all
    the same: they overlap, and no pseudo-date may lie on them.

    Raises
    ------
    UsageError
        No occurrence is left.
    """
    study = event.study
    if study is None or (study.since is None and study.until is None):
        return event
    first, last = study.since or "", study.until or "9999-99-99"
    resolved = event.resolved_occurrences()
    kept = {one.id for one in resolved if first <= one.date.isoformat() <= last}
    if not kept:
        days = sorted(one.date.isoformat() for one in resolved)
        asked = [f"{name} {day}" for name in ("since", "until") if (day := getattr(study, name))]
        raise UsageError(
            f"{event.event}: no occurrence {' and '.join(asked)}; they run from {days[0]} to "
            f"{days[-1]}"
        )
    occurrences = tuple(one for one in event.occurrences if one.id in kept)
    return event.model_copy(update={"occurrences": occurrences})


def in_period(study: StudyDefinition, clock: Clock) -> npt.NDArray[np.bool_]:
    """(T,): whether each session of the clock lies within ``since`` to ``until``, ends included."""
    days = clock.days
    inside = np.ones(len(days), dtype=np.bool_)
    if study.since is not None:
        inside &= days >= np.datetime64(date.fromisoformat(study.since))
    if study.until is not None:
        inside &= days <= np.datetime64(date.fromisoformat(study.until))
    return inside
