"""Windows: inclusive pairs of bars relative to the event session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.timeline.types import Clock

__all__ = ["Window", "bars", "intersect", "parse_window", "rows", "window_label", "window_problem"]

Window: TypeAlias = tuple[int, int]

_WRITTEN = re.compile(r"\s*\[\s*([+-]?\d{1,6})\s*,\s*([+-]?\d{1,6})\s*\]\s*")


def window_label(window: Window) -> str:
    """Window as it is written in every table: ``[0,1]``."""
    return f"[{window[0]},{window[1]}]"


def parse_window(text: str) -> Window:
    """Window that a text such as ``[0,1]`` or ``[-250, -11]`` stands for.

    Raises
    ------
    UsageError
        The text is no pair of whole bars, or the pair runs backwards.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no window; write two whole bars such as [0,1] or [-250,-11]")
    first, last = int(match[1]), int(match[2])
    if last < first:
        raise UsageError(f"window {text.strip()} runs backwards; write [{last},{first}]")
    return first, last


def bars(window: Window) -> int:
    """Count the bars of a window, both ends included; 0 where it runs backwards."""
    return max(0, window[1] - window[0] + 1)


def intersect(one: Window, other: Window) -> Window | None:
    """Bars that two windows share, or None."""
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def rows(position: int, window: Window) -> slice:
    """Rows of a clock that a window around row ``position`` covers.

    Raises
    ------
    ValueError
        The window begins before row 0, where a slice would silently mean something else. Ask
        ``window_problem`` first.
    """
    first, last = position + window[0], position + window[1]
    if first < 0 or last < first:
        raise ValueError(f"window {window_label(window)} around row {position} is no range of rows")
    return slice(first, last + 1)


def window_problem(key: str, window: Window, position: int, clock: Clock) -> str | None:
    """Why a window around row ``position`` does not fit the clock, in one line; None if it does.

    ``key`` is the window's name in the definition, such as ``estimation_window``.
    """
    first, last = window
    named = f"{key} [{first}, {last}] needs"
    day = clock.sessions[position]
    if position + first < 0:
        return f"{named} {-first} bars before {day}; the clock has {position}"
    after = len(clock) - 1 - position
    if last > after:
        return f"{named} {last} bars after {day}; the clock has {after}"
    return None
