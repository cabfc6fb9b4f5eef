"""What is wrong with a window or a list by itself, whatever it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding, Loc, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.base import BarWindow

__all__ = ["backwards", "repeated"]


def backwards(window: BarWindow, loc: Loc) -> Iterator[Finding]:
    """Find a window whose end lies before its start."""
    if window[0] > window[1]:
        message = f"{show(window)} runs backwards; write [{window[1]}, {window[0]}]"
        yield Finding(loc, message)


def repeated(values: tuple[object, ...], loc: Loc) -> Iterator[Finding]:
    """Find what is listed twice."""
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Finding((*loc, index), f"{show(value)} is listed twice; keep one")
        seen.add(value)
