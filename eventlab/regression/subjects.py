"""Which results of a workspace are under regression test, and which baselines belong to none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventlab.definitions.baseline import BaselineDefinition
from eventlab.definitions.discovery import Found, find_in
from eventlab.definitions.event import tested_sections
from eventlab.definitions.problem import hint, listed, show
from eventlab.definitions.workspace_file import SETTINGS_FILE
from eventlab.errors import UsageError
from eventlab.regression.recognise import is_baseline
from eventlab.regression.types import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.definition_file import FileKind
    from eventlab.regression.types import Kind

__all__ = [
    "FOLDER",
    "SECTIONS",
    "baseline_place",
    "chosen",
    "errors_in",
    "orphans",
    "shared_errors",
    "subject_at",
    "subjects_of",
]

FOLDER: Final = "baselines"
# Baselines of strategies lie in the folder itself: an event may have the name of a strategy.
SECTIONS: Final[tuple[Kind, ...]] = ("study", "contagion", "claims")


def baseline_place(root: Path, kind: Kind, name: str) -> Path:
    """Return where the baseline of a result is, in a workspace's folder."""
    folder = root / FOLDER
    return (folder if kind == "strategy" else folder / kind) / f"{name}.json"


def subjects_of(workspace: Workspace) -> tuple[Subject, ...]:
    """Return all that has ``baseline:`` in its file: strategies, then events, then claims."""
    return tuple(
        Subject(
            kind,
            name,
            _file(workspace, of, name),
            baseline_place(workspace.root, kind, name),
            tolerances,
            workspace.strategies[name].events if kind == "strategy" else (),
        )
        for of, kind, name, tolerances in _tested(workspace)
    )


def _tested(workspace: Workspace) -> Iterator[tuple[FileKind, Kind, str, BaselineDefinition]]:
    """Yield what defines each, what it is, its id and its tolerances."""
    for name, strategy in workspace.strategies.items():
        if strategy.baseline is not None:
            yield "strategy", "strategy", name, strategy.baseline
    for name, event in workspace.events.items():
        for section in tested_sections(event):
            yield "event", section, name, event.baseline or BaselineDefinition()
    for name, claims in workspace.claims.items():
        if claims.baseline is not None:
            yield "claims", "claims", name, claims.baseline


def _file(workspace: Workspace, of: FileKind, name: str) -> Path:
    """Return the file of a definition from the workspace's folder; it may be called otherwise."""
    origin = workspace.origins.get((of, name))
    if origin is None or not origin.path.is_relative_to(workspace.root):
        return _usual_file(name, strategy=of == "strategy")
    return origin.path.relative_to(workspace.root)


def _usual_file(name: str, *, strategy: bool) -> Path:
    return Path("strategies" if strategy else "events", f"{name}.yaml")


def chosen(
    workspace: Workspace, names: Iterable[str] = ()
) -> tuple[tuple[Subject, ...], tuple[Subject, ...]]:
    """Return what is named by id, ``id:section`` or path, and the orphaned baselines among it.

    Everything where nothing is named.

    Raises
    ------
    UsageError
        A name is none of a definition or baseline, or of what is not under test.
    """
    every, left = subjects_of(workspace), orphans(workspace)
    wanted = list(names)
    for name in wanted:
        if not any(_is_named(each, name, workspace) for each in (*every, *left)):
            raise UsageError(_not_under_test(name, every, workspace))
    if not wanted:
        return every, left
    found, gone = (
        tuple(each for each in group if any(_is_named(each, name, workspace) for name in wanted))
        for group in (every, left)
    )
    return found, gone


def _is_named(subject: Subject, name: str, workspace: Workspace) -> bool:
    if name in {subject.name, f"{subject.name}:{subject.kind}"}:
        return True
    if not name.endswith(".yaml"):
        return False
    return os.path.realpath(workspace.root / subject.file) in _real_paths(name, workspace)


def _real_paths(name: str, workspace: Workspace) -> tuple[str, str]:
    """Return where a path leads from the workspace, and from here."""
    return os.path.realpath(workspace.root / name), os.path.realpath(name)


def _lies_inside(name: str, workspace: Workspace) -> bool:
    root = os.path.realpath(workspace.root)
    return any(Path(each).is_relative_to(root) for each in _real_paths(name, workspace))


def _not_under_test(name: str, every: Iterable[Subject], workspace: Workspace) -> str:
    path = name.endswith(".yaml")
    stem = Path(name).stem if path else name.partition(":")[0]
    known_here = stem in {**workspace.strategies, **workspace.events, **workspace.claims}
    if known_here and (not path or _lies_inside(name, workspace)):
        return f"{stem} is not under regression test; add `baseline: {{}}` to its file"
    known = sorted({each.name for each in every})
    near = hint(stem, known) or f"; there are {listed(known, 20) or 'none'}"
    return f"nothing under regression test is called {show(name)}{near}"


def orphans(workspace: Workspace) -> tuple[Subject, ...]:
    """Return the baselines whose definition is gone, or not under test any more.

    Of a definition with errors nothing is known: its baseline is no orphan. Nor is what another
    program keeps in the folder.
    """
    wanted = {each.baseline for each in subjects_of(workspace)}
    folder = workspace.root / FOLDER
    faulty = {own: _faulty(workspace, strategies=own) for own in (True, False)}
    held = [("strategy", path) for path in sorted(folder.glob("*.json"))]
    held += [(kind, path) for kind in SECTIONS for path in sorted((folder / kind).glob("*.json"))]
    return tuple(
        subject_at(workspace.root, kind, path.stem)  # type: ignore[arg-type] # one of the kinds
        for kind, path in held
        if path not in wanted and path.stem not in faulty[kind == "strategy"] and is_baseline(path)
    )


def shared_errors(problems: Iterable[Problem], root: Path) -> tuple[str, ...]:
    """Return the errors of settings and groups: without these every result would be another."""
    return errors_in(problems, root / SETTINGS_FILE) + errors_in(problems, root / "universes")


def errors_in(problems: Iterable[Problem], place: Path) -> tuple[str, ...]:
    """Return the errors of a file, or of all files below a folder."""
    return tuple(
        str(each)
        for each in problems
        if each.severity == "error" and each.path.is_relative_to(place)
    )


def subject_at(root: Path, kind: Kind, name: str) -> Subject:
    """Return the subject that a baseline of this kind and name is of, whether there is one."""
    file = _usual_file(name, strategy=kind == "strategy")
    return Subject(kind, name, file, baseline_place(root, kind, name), BaselineDefinition())


def _faulty(workspace: Workspace, *, strategies: bool) -> frozenset[str]:
    """Return how the files are called that are there and yet define nothing valid."""
    folder = workspace.root / ("strategies" if strategies else "events")
    found = Found()
    if folder.is_dir():
        find_in(folder, None, found)
    valid = {origin.path for origin in workspace.origins.values()}
    return frozenset(path.stem for path in found.files if path not in valid)
