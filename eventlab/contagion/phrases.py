"""Phrases of notes and readings that the report looks for: written and found by one name."""

from __future__ import annotations

from typing import Final

__all__ = ["IN_FULL", "NOTHING_TO_SHARE", "NO_INTERVAL", "NO_MOVE", "TOGETHER", "UNRELATED"]

# Notes begin with these.
IN_FULL: Final = "described in full"
NO_INTERVAL: Final = "no interval is drawn"
NO_MOVE: Final = "no move beyond"
NOTHING_TO_SHARE: Final = "the total effect is not different from zero"
# These are whole readings.
TOGETHER: Final = "together, as far as these bars can tell"
UNRELATED: Final = "unrelated at every lag"
