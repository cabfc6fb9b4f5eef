"""Which files are eventlab's by what they say; pytest asks it of every project, so it is light."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_baseline", "is_definition"]

MOST: Final = 2**20  # bytes that are looked at
DEFINES: Final = re.compile(rb"^(\{\s*)?[\"']?(event|strategy|claims)[\"']?\s*:", re.MULTILINE)
BASELINE: Final = re.compile(rb"\"eventlab\.baseline/")


def is_definition(path: Path) -> bool:
    """Whether a file has a key that makes it an event, a strategy or claims, sound or not."""
    return _says(path, DEFINES)


def is_baseline(path: Path) -> bool:
    """Whether a file names the schema of baselines, whole or damaged."""
    return _says(path, BASELINE)


def _says(path: Path, what: re.Pattern[bytes]) -> bool:
    try:
        if not path.is_file():  # a device may never end
            return False
        with path.open("rb") as file:
            return what.search(file.read(MOST)) is not None
    except OSError:
        return False
