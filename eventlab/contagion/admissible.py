"""Which rows of a clock hold both windows of an event, and which may stand in for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.contagion.scales import Scale
    from eventlab.timeline.types import Clock

__all__ = ["admissible_rows", "inside_clock"]


def inside_clock(clock: Clock, scale: Scale, anchor: int) -> str:
    """Say why the windows around a row do not lie inside the clock; nothing where they do."""
    bars = "bars" if clock.bar_minutes else "sessions"
    if anchor + scale.calm[0] < 0:
        return (
            f"calm_window {window_label(scale.calm)} needs {-scale.calm[0]} {bars} before "
            f"{clock.sessions[anchor]}; the prices begin {anchor} before"
        )
    after = len(clock) - 1 - anchor
    if scale.crisis[1] > after:
        return (
            f"crisis_window {window_label(scale.crisis)} needs {scale.crisis[1]} {bars} after "
            f"{clock.sessions[anchor]}; the prices end {after} after"
        )
    return ""


def admissible_rows(
    clock: Clock, scale: Scale, occurrences: Iterable[int], last: int
) -> npt.NDArray[np.bool_]:
    """(T,): rows on which nothing happened that both windows fit around, up to row ``last``.

    The crisis window of such a row shares no bar with the crisis window of any of ``occurrences``
    (rows). Its calm window may hold one, as that of the event itself does.
    """
    free = np.zeros(len(clock), dtype=np.bool_)
    free[max(0, -scale.calm[0]) : max(0, len(clock) - max(0, scale.crisis[1]))] = True
    free[last + 1 :] = False
    reach = scale.crisis[1] - scale.crisis[0]
    for row in occurrences:
        free[max(0, row - reach) : row + reach + 1] = False
    return free
