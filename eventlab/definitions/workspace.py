"""A workspace: every definition of a folder, read and checked in one go."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from eventlab.definitions.checking import CheckedFiles, name_of
from eventlab.definitions.claim import ClaimsDefinition
from eventlab.definitions.discovery import Found, find_definitions, find_in
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.problem import Problem, hint, listed, show
from eventlab.definitions.references import ISSUER
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.universe import SymbolInfo, UniverseDefinition
from eventlab.definitions.workspace_file import SETTINGS_FILE, WorkspaceDefinition
from eventlab.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pydantic import BaseModel

    from eventlab.definitions.calendar_check import CalendarCheck
    from eventlab.definitions.definition_file import DefinitionFile, FileKind
    from eventlab.definitions.yaml_reader import Node

__all__ = ["Origin", "Workspace", "check_workspace", "load_workspace"]

_Definition = TypeVar("_Definition")


def load_workspace(root: Path | str) -> Workspace:
    """Read every definition of a folder.

    Raises
    ------
    UsageError
        The folder is no workspace.
    DefinitionError
        With every problem of every file.
    """
    workspace, problems = check_workspace(root)
    _raise_errors(problems)
    return workspace


def check_workspace(
    root: Path | str,
    paths: Iterable[Path | str] = (),
    calendar_check: CalendarCheck | None = None,
) -> tuple[Workspace, tuple[Problem, ...]]:
    """Read every definition of a folder and list everything that is wrong.

    Parameters
    ----------
    root
        The workspace's folder.
    paths
        Files and folders to report on; all where none is given. They are looked for in the
        workspace first; those that lie outside of it are read into it.
    calendar_check
        What exchange calendars say; without it clock codes and sessions are not checked.

    Returns
    -------
    workspace
        What is valid.
    problems
        In order of file, line and column.

    Raises
    ------
    UsageError
        The folder is no workspace.
    """
    root = Path(root)
    _require_workspace(root)
    found = find_definitions(root)
    selected = _select(found, [_located(root, Path(each)) for each in paths])
    files = CheckedFiles(root, found)
    files.check(calendar_check)
    problems = sorted({*found.problems, *files.problems()})
    if selected is not None:
        problems = [each for each in problems if _is_selected(each.path, selected)]
    return _workspace(root, files), tuple(problems)


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a definition came from."""

    path: Path
    root: Node | None = field(repr=False)

    def where(self, *loc: str | int) -> str:
        """Name file and line of a key, as in ``events/oracle-earnings.yaml:14``."""
        line = self.root.place(loc)[0] if self.root is not None else 1
        return f"{self.path.as_posix()}:{line}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Every valid definition of a workspace.

    Attributes
    ----------
    root
        Its folder.
    settings
        What ``eventlab.toml`` says.
    events, strategies, universes
        By id, in the order of the file names.
    symbols
        What the universes say of each symbol, with the calendars of the settings applied.
    origins
        Kind and id (``("event", "fomc")``) to the file it came from.
    claims
        Files of claims that belong to no single event, by the name of the file.
    """

    root: Path
    settings: WorkspaceDefinition
    events: Mapping[str, EventDefinition]
    strategies: Mapping[str, StrategyDefinition]
    universes: Mapping[str, UniverseDefinition]
    symbols: Mapping[str, SymbolInfo]
    origins: Mapping[tuple[str, str], Origin]
    claims: Mapping[str, ClaimsDefinition] = field(default_factory=dict)

    def event(self, id_or_path: str | Path) -> EventDefinition:
        """Return an event by its id or by the path of its file, which may lie elsewhere.

        Raises
        ------
        UsageError
            There is no such event or file.
        DefinitionError
            The file is outside of the workspace and faulty.
        """
        if _is_path(id_or_path, self.events):
            workspace, name = self._read("event", Path(id_or_path))
            return workspace.events[name]
        return self._named("event", self.events, str(id_or_path))

    def strategy(self, id_or_path: str | Path) -> StrategyDefinition:
        """Return a strategy by its id or by the path of its file, which may lie elsewhere.

        Raises
        ------
        UsageError
            There is no such strategy or file.
        DefinitionError
            The file is outside of the workspace and faulty.
        """
        if _is_path(id_or_path, self.strategies):
            workspace, name = self._read("strategy", Path(id_or_path))
            return workspace.strategies[name]
        return self._named("strategy", self.strategies, str(id_or_path))

    def expand(self, names: Iterable[str], issuer: str | None = None) -> tuple[str, ...]:
        """Resolve symbols, ``@group`` and ``@issuer``, in their order and without repeats.

        Raises
        ------
        UsageError
            An unknown group, or ``@issuer`` where ``issuer`` is None.
        """
        return tuple(dict.fromkeys(each for name in names for each in self._members(name, issuer)))

    def where(self, kind: FileKind, name: str, *loc: str | int) -> str:
        """Name file and line of a key of a definition; its id where it came from no file."""
        origin = self.origins.get((kind, name))
        return name if origin is None else origin.where(*loc)

    def _members(self, name: str, issuer: str | None) -> tuple[str, ...]:
        if not name.startswith("@"):
            return (name,)
        if name == ISSUER:
            if issuer is None:
                raise UsageError(f"{ISSUER} stands for the issuer of an occurrence; there is none")
            return (issuer,)
        universe = self.universes.get(name[1:])
        if universe is None:
            groups = [f"@{each}" for each in self.universes]
            near = hint(name, groups) or f"; there are {listed(groups) or 'none'}"
            raise UsageError(f"{show(name)} is no group of universes/{near}")
        return tuple(universe.symbols)

    def _named(self, kind: FileKind, known: Mapping[str, _Definition], name: str) -> _Definition:
        if name in known:
            return known[name]
        near = hint(name, known) or f"; there are {listed(known, 20) or 'none'}"
        raise UsageError(f"{show(name)} is no {kind} of {self.root.resolve().name}/{near}")

    def _read(self, kind: FileKind, path: Path) -> tuple[Workspace, str]:
        """Read a file into the workspace; return both the workspace and the id in the file."""
        place = _located(self.root, path)
        workspace, problems = check_workspace(self.root, (place,))
        _raise_errors(problems)
        for (of_kind, name), origin in workspace.origins.items():
            if of_kind == kind and _real(origin.path) == _real(place):
                return workspace, name
        raise UsageError(f"{place} defines no {kind}")


def _is_path(id_or_path: str | Path, known: Collection[str]) -> bool:
    text = str(id_or_path)
    written = isinstance(id_or_path, Path) or text.endswith(".yaml") or "/" in text or "\\" in text
    return written and text not in known


def _raise_errors(problems: Iterable[Problem]) -> None:
    errors = tuple(str(each) for each in problems if each.severity == "error")
    if errors:
        raise DefinitionError(errors)


def _require_workspace(root: Path) -> None:
    if not root.is_dir():
        raise UsageError(f"{root} is no folder; name the workspace with -C DIR")
    if not (root / SETTINGS_FILE).exists() and not (root / "events").is_dir():
        raise UsageError(
            f"{root.resolve()} is no workspace: it has neither {SETTINGS_FILE} nor events/. "
            "Name one with -C DIR, or make one with `eventlab init DIR`"
        )


def _select(found: Found, paths: list[Path]) -> frozenset[Path] | None:
    """Add what lies outside of the workspace to the files; None where no path is given."""
    if not paths:
        return None
    known = {_real(path) for path in found.files}
    for path in paths:
        if path.is_dir():
            beside = Found()
            find_in(path, None, beside)
            found.problems += beside.problems
            for each in beside.files:
                if _real(each) not in known:
                    found.files[each] = None
        elif path.name != SETTINGS_FILE and _real(path) not in known:
            found.files[path] = None
            if path.suffix != ".yaml" and path.exists():
                message = f"has the suffix {path.suffix!r}; definitions end in .yaml"
                found.problems.append(Problem(path, 1, 1, "", message))
    return frozenset(_real(path) for path in paths)


def _is_selected(path: Path, selected: frozenset[Path]) -> bool:
    real = _real(path)
    return real in selected or any(each in selected for each in real.parents)


def _located(root: Path, path: Path) -> Path:
    """Look a path up in the workspace, as ``-C`` of other programs does, then as it stands."""
    return root / path if (root / path).exists() else path


def _real(path: Path) -> Path:
    """Follow links; where they run in a circle, ``Path.resolve`` raises before Python 3.13."""
    return Path(os.path.realpath(path))


def _workspace(root: Path, files: CheckedFiles) -> Workspace:
    """Gather what is valid."""
    sound = files.sound
    universes = _by_id(sound, UniverseDefinition)
    return Workspace(
        root=root,
        settings=files.settings,
        events=_by_id(sound, EventDefinition),
        strategies=_by_id(sound, StrategyDefinition),
        universes=universes,
        symbols=_symbols(universes.values(), files.settings),
        origins=MappingProxyType(
            {(file.kind, name_of(file)): Origin(file.path, file.root) for file in sound}
        ),
        claims=_by_id(sound, ClaimsDefinition),
    )


def _by_id(
    files: Iterable[DefinitionFile[BaseModel]], model: type[_Definition]
) -> Mapping[str, _Definition]:
    found = {name_of(file): file.model for file in files if isinstance(file.model, model)}
    return MappingProxyType(found)


def _symbols(
    universes: Iterable[UniverseDefinition], settings: WorkspaceDefinition
) -> Mapping[str, SymbolInfo]:
    symbols: dict[str, SymbolInfo] = {}
    for universe in universes:
        for symbol, info in universe.info().items():
            known = symbols.setdefault(symbol, info)
            if known.title == symbol:  # the first universe that gives a title wins
                symbols[symbol] = info
    for symbol, calendar in settings.calendars.items():
        if symbol in symbols:
            symbols[symbol] = replace(symbols[symbol], calendar=calendar)
        else:
            symbols[symbol] = SymbolInfo(symbol, symbol, calendar, "price")
    return MappingProxyType(symbols)
