"""Which files of a folder are definitions, and of which kind."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.definitions.definition_file import CLAIMS_PREFIX, FOLDERS, FileKind
from eventlab.definitions.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Found", "find_definitions", "find_in"]

SUFFIX = ".yaml"
MAX_DEPTH = 32
_MISSPELT = frozenset({".yml", ".yaml"})
_BESIDE = frozenset({".md", ".txt", ".csv", ".py", ".json", ""})  # notes and data may lie beside


@dataclass(slots=True)
class Found:
    """Definition files with their kind (None: their content says), and what is no such file."""

    files: dict[Path, FileKind | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def find_definitions(root: Path) -> Found:
    """Find the files of ``events/``, ``strategies/`` and ``universes/``, in order of their name."""
    found = Found()
    for folder, kind in FOLDERS.items():
        if (root / folder).is_dir():
            find_in(root / folder, kind, found)
        elif os.path.lexists(root / folder):
            what = "a file" if (root / folder).exists() else "a symbolic link that leads nowhere"
            message = f"is {what} where a folder is expected"
            found.problems.append(Problem(root / folder, 1, 1, "", message))
    return found


def find_in(folder: Path, kind: FileKind | None, found: Found) -> None:
    """Add the definition files below a folder. Links are followed, but not in circles."""
    _search(folder, kind, found, (_identity(folder),))


def _search(
    folder: Path, kind: FileKind | None, found: Found, above: tuple[tuple[int, int], ...]
) -> None:
    try:
        entries = sorted(folder.iterdir())
        # Without leave to enter a folder, its names can be listed and nothing be said of them.
        identities = [_identity(entry) if entry.is_dir() else None for entry in entries]
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        found.problems.append(Problem(folder, 1, 1, "", message))
        return
    for entry, identity in zip(entries, identities, strict=True):
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if identity is None:
            _take(entry, kind, found)
        elif identity in above:
            message = "is a symbolic link to a folder that holds it; remove it"
            found.problems.append(Problem(entry, 1, 1, "", message))
        elif len(above) > MAX_DEPTH:
            message = f"lies deeper than {MAX_DEPTH} folders; move it up"
            found.problems.append(Problem(entry, 1, 1, "", message))
        else:
            _search(entry, kind, found, (*above, identity))


def _take(entry: Path, kind: FileKind | None, found: Found) -> None:
    suffix = entry.suffix
    if suffix == SUFFIX:
        of_claims = kind == "event" and entry.name.startswith(CLAIMS_PREFIX)
        found.files[entry] = "claims" if of_claims else kind
    elif suffix.lower() in _MISSPELT:
        message = f"has the suffix {suffix}; definitions end in {SUFFIX}: rename it"
        found.problems.append(Problem(entry, 1, 1, "", message))
    elif suffix.lower() not in _BESIDE:
        message = f"is not read; definitions end in {SUFFIX}"
        found.problems.append(Problem(entry, 1, 1, "", message, "warning"))


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
