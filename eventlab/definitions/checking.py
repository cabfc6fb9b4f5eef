"""The files of a workspace, each checked by itself and against the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventlab.definitions.claim import ClaimsDefinition
from eventlab.definitions.claim_findings import claims_findings
from eventlab.definitions.definition_file import read_definition
from eventlab.definitions.event import EventDefinition, event_findings
from eventlab.definitions.problem import Problem, one_line, show
from eventlab.definitions.references import (
    Catalogue,
    claims_reference_findings,
    event_reference_findings,
    settings_reference_findings,
    universe_findings,
)
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.strategy_findings import strategy_findings
from eventlab.definitions.strategy_references import strategy_reference_findings
from eventlab.definitions.universe import SymbolInfo, UniverseDefinition
from eventlab.definitions.workspace_file import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from eventlab.definitions.calendar_check import CalendarCheck
    from eventlab.definitions.definition_file import DefinitionFile
    from eventlab.definitions.discovery import Found
    from eventlab.definitions.workspace_file import WorkspaceDefinition

__all__ = ["CheckedFiles", "name_of"]

RESERVED = "claims"  # a folder of every run


class CheckedFiles:
    """The files of a workspace while they are being checked against each other."""

    def __init__(self, root: Path, found: Found) -> None:
        self._settings_file = read_settings(root)
        self._files = [read_definition(path, kind) for path, kind in found.files.items()]
        self._catalogue = self._known_names()

    def check(self, calendars: CalendarCheck | None) -> None:
        """Check every file by itself, then against the others, then against the calendars."""
        for file in self._files:
            self._check_file(file, calendars)
            _check_baseline(file)
        self._check_ids()
        self._check_agreement()
        settings = self._settings_file.settings
        findings = settings_reference_findings(settings, self._catalogue)
        self._settings_file.add((each.loc, each.message) for each in findings)
        if calendars is not None:
            self._settings_file.add(
                (each.loc, each.message) for each in calendars.settings(settings)
            )

    @property
    def settings(self) -> WorkspaceDefinition:
        """What ``eventlab.toml`` says, as far as it is valid."""
        return self._settings_file.settings

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of every file."""
        yield from self._settings_file.problems
        for file in self._files:
            yield from file.problems

    @property
    def sound(self) -> list[DefinitionFile[BaseModel]]:
        """The files that can be used."""
        return [file for file in self._files if file.sound]

    def _known_names(self) -> Catalogue:
        groups: dict[str, tuple[str, ...]] = {}
        complete = True
        for file in self._files:
            if file.kind == "universe":
                node = file.root.child("symbols") if file.root is not None else None
                content = node.content if node is not None else None
                symbols = tuple(content) if isinstance(content, dict) else ()
                complete &= bool(symbols)
                groups[name_of(file)] = symbols
                if not file.sound:
                    groups.setdefault(file.path.stem, symbols)
        events = [file for file in self._files if file.kind == "event"]
        # Where an id is faulty, the name of the file is probably what others refer to.
        ids = {name_of(file) for file in events}
        ids |= {file.path.stem for file in events if not file.sound}
        known = {
            name_of(file): file.model
            for file in events
            if isinstance(file.model, EventDefinition) and not file.faulty.locs
        }
        return Catalogue(groups, frozenset(ids), known, complete=complete)

    def _check_file(self, file: DefinitionFile[BaseModel], calendars: CalendarCheck | None) -> None:
        model = file.model
        if isinstance(model, EventDefinition):
            file.add(event_findings(model))
            file.add(event_reference_findings(model, self._catalogue))
            file.add(calendars.event(model) if calendars else ())
        elif isinstance(model, StrategyDefinition):
            file.add(strategy_findings(model))
            file.add(strategy_reference_findings(model, self._catalogue))
            file.add(calendars.strategy(model) if calendars else ())
        elif isinstance(model, UniverseDefinition):
            file.add(universe_findings(model))
            file.add(calendars.universe(model) if calendars else ())
        elif isinstance(model, ClaimsDefinition):
            file.add(claims_findings(model))
            file.add(claims_reference_findings(model, self._catalogue))
            file.add(calendars.claims(model.claims) if calendars else ())

    def _check_ids(self) -> None:
        first: dict[tuple[str, str], DefinitionFile[BaseModel]] = {}
        for file in self._files:
            name = name_of(file, written=file.kind != "claims")
            if not name:
                continue
            if name == RESERVED and file.kind in {"event", "strategy"}:
                message = f"{show(name)} is where a run keeps its claims; choose another name"
                file.note(file.problem((file.kind,), message))
            space = "event" if file.kind == "claims" else file.kind  # both are named alike
            if (space, name) in first:
                other = first[space, name]
                what = f"the {other.kind} of" if other.kind != "claims" else "the name of"
                message = (
                    f"{show(name)} is {what} {one_line(other.path.name)} as well; ids are unique"
                )
                file.note(file.problem((file.kind,), message))
            elif name != file.path.stem and (file.kind,) not in file.faulty.locs:
                message = f"{show(name)} is not how the file is called; rename one of them"
                warning = file.problem((file.kind,), message)
                file.note(replace(warning, severity="warning"))
            first.setdefault((space, name), file)

    def _check_agreement(self) -> None:
        """Find symbols that two universes describe differently."""
        first: dict[str, tuple[SymbolInfo, str]] = {}
        for file in self._files:
            if not isinstance(file.model, UniverseDefinition) or file.faulty.locs:
                continue
            for symbol, info in file.model.info().items():
                other, place = first.setdefault(symbol, (info, file.path.name))
                for what in ("calendar", "kind", "unit"):
                    here, there = getattr(info, what), getattr(other, what)
                    if here != there:
                        message = (
                            f"{what} {here} here, but {there} in {one_line(place)}; make them agree"
                        )
                        loc = ("symbols", symbol)
                        file.note(file.problem(loc, message, at_key=True))


def _check_baseline(file: DefinitionFile[BaseModel]) -> None:
    """Refuse ``baseline:`` with nothing behind it: it reads as if there were a test."""
    node = file.root.child("baseline") if file.root is not None else None
    if node is not None and node.content is None:
        message = "is empty; write {} to put it under regression test, or leave the key out"
        file.note(file.problem(("baseline",), message, at_key=True))


def name_of(file: DefinitionFile[BaseModel], *, written: bool = False) -> str:
    """Return the id that a file gives itself; else how it is called, unless it must be written."""
    node = file.root.child(file.kind) if file.root is not None else None
    content = node.content if node is not None else None
    return content if isinstance(content, str) else "" if written else file.path.stem
