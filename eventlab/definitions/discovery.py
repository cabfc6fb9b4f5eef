"""Which files of a folder are definitions, and of which kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.definitions.definition_file import CLAIMS_PREFIX, FOLDERS, FileKind
from eventlab.definitions.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Found", "find_definitions", "find_in"]

SUFFIX = ".yaml"
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
        elif (root / folder).exists():
            message = "is a file where a folder is expected"
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
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        found.problems.append(Problem(folder, 1, 1, "", message))
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if not entry.is_dir():
            _take(entry, kind, found)
        elif _identity(entry) in above:
            message = "is a symbolic link to a folder that holds it; remove it"
            found.problems.append(Problem(entry, 1, 1, "", message))
        else:
            _search(entry, kind, found, (*above, _identity(entry)))


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
