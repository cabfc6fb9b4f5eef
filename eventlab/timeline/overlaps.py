"""Overlaps: which other news falls into the windows around an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline.types import EventSession, Overlap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.timeline.windows import Window

__all__ = ["find_overlaps"]


def find_overlaps(
    target: Sequence[EventSession],
    others: Sequence[EventSession],
    windows: Mapping[str, Window],
    titles: Mapping[str, str],
) -> tuple[Overlap, ...]:
    """Every other occurrence whose session falls into a window of a target occurrence.

    Parameters
    ----------
    target
        Sessions of the event that is studied.
    others
        Sessions of the other events; the target's own other occurrences are always looked at and
        need not be repeated here. All on one clock.
    windows
        Name (``event``, ``estimation``) to inclusive bars relative to the target's session.
    titles
        ``event/occurrence`` to the title to show; the id stands in where there is none.

    Returns
    -------
    tuple of Overlap
        By target, then window, then tau, then the other's event and id. The very same news
        that a second event file lists too is listed: it is another definition. Costs
        O((N + M) log M + hits).

    Raises
    ------
    ValueError
        The sessions lie on different clocks.
    """
    # A dict keeps one of each where the caller repeats the target's own among the others.
    pool = {(one.event, one.occurrence): one for one in (*others, *target)}
    if len({one.clock for one in pool.values()}) > 1:
        raise ValueError("overlaps are found on one clock only")
    ordered = sorted(pool.values(), key=lambda one: (one.position, one.event, one.occurrence))
    positions = np.array([one.position for one in ordered], dtype=np.int64)
    shown = [titles.get(f"{one.event}/{one.occurrence}", one.occurrence) for one in ordered]
    found = []
    for one in target:
        own = (one.event, one.occurrence)
        for name, (first, last) in windows.items():
            inside = _between(positions, one.position + first, one.position + last)
            for other, title in zip(ordered[inside], shown[inside], strict=True):
                if (other.event, other.occurrence) != own:
                    tau = other.position - one.position
                    found.append(
                        Overlap(one.occurrence, other.event, other.occurrence, title, tau, name)
                    )
    return tuple(found)


def _between(positions: npt.NDArray[np.int64], first: int, last: int) -> slice:
    """Places of the rows, in ``positions``, from ``first`` to ``last``."""
    start = int(np.searchsorted(positions, first, side="left"))
    stop = int(np.searchsorted(positions, last, side="right"))
    return slice(start, stop)
