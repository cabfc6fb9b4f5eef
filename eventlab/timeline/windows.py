"""Windows: inclusive pairs of bars relative to the event session."""

from __future__ import annotations

import re
from typing import TypeAlias

from eventlab.errors import UsageError

__all__ = ["Window", "parse_window", "window_label"]

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
