"""Texts that are slow to make and depend on versions only, kept in the user's cache folder."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab.report.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cache_folder", "kept"]

LAST_LINE = "\n/* eventlab: whole */\n"


def kept(name: str, make: Callable[[], str]) -> str:
    """Return the text kept under ``name``, or make it and keep it.

    ``name`` has to change whenever ``make`` would give another text. A copy without its last line
    is not whole and is made again, as is one of somebody else: pages take scripts from here. Where
    no folder can be written, the text is made every time.
    """
    place = cache_folder() / name
    with suppress(OSError, UnicodeDecodeError):
        with place.open(encoding="utf-8") as file:
            text = file.read() if _ours(file.fileno()) else ""
        if text.endswith(LAST_LINE):
            return text.removesuffix(LAST_LINE)
    text = make()
    with suppress(OSError):
        write_whole(place, text + LAST_LINE)
    return text


def cache_folder() -> Path:
    """Return eventlab's folder in the user's cache; in the temporary folder without a home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):
        # A relative folder, which the rule for such folders says to ignore, would be any folder.
        known = named if Path(named).is_absolute() else Path.home() / ".cache"
        return Path(known) / "eventlab"
    return Path(tempfile.gettempdir()) / "eventlab"


def _ours(file: int) -> bool:
    """Whether this user wrote an open file; where files have no owner, so it is taken."""
    user = getattr(os, "geteuid", None)
    return user is None or os.fstat(file).st_uid == user()
