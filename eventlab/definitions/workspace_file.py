"""What ``eventlab.toml`` says: the settings of a workspace."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from eventlab.definitions.base import ClockCode, StrictModel, SymbolName, Text
from eventlab.definitions.problem import Loc, Problem, dotted
from eventlab.definitions.translate import message_of
from eventlab.definitions.yaml_reader import Fault, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["SETTINGS_FILE", "SettingsFile", "WorkspaceDefinition", "read_settings"]

SETTINGS_FILE = "eventlab.toml"

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_\-.]+))\s*=""")
_DEEP = re.compile(r"(?:\.[ \t]*[\w\"'-]+[ \t]*){33}")  # tomllib takes the square of it in seconds
_MAX_BYTES = 1_000_000
_MAX_PROBLEMS = 500
_LONG = 1_000  # no header of a section is, and to be sure of it takes the square of the length
_AT = re.compile(r" \(at line (\d+), column (\d+)\)| \(at end of document\)")


class WorkspaceDefinition(StrictModel):
    """The settings of a workspace; every one of them can be left out."""

    title: Text | None = Field(default=None, description="Title of the report.")
    data: Text = Field(
        default="sample",
        description="Where prices come from unless --data says otherwise: sample (simulated), "
        "arch, or a file or folder, relative to the workspace.",
    )
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(
        default=0, description="Seed of everything drawn at random."
    )
    bar_stamp: Literal["open", "close"] | None = Field(
        default=None,
        description="Whether the time of an intraday bar in the files is its opening or its close. "
        "Left out: the opening, unless the column's name or the exchange's hours say otherwise.",
    )
    calendars: dict[SymbolName, ClockCode] = Field(
        default_factory=dict,
        description="Calendar by symbol, where the data follow another than the universe says.",
    )


class SettingsFile:
    """``eventlab.toml`` as read; ``settings`` is the default where it is faulty or absent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = WorkspaceDefinition()
        self.problems: list[Problem] = []
        self.text = ""

    def problem(self, loc: Loc, message: str) -> Problem:
        """Make a problem of a key, at its line as far as it can be found."""
        line, column = self._place(loc)
        return Problem(self.path, line, column, dotted(loc), message)

    def add(self, findings: Iterable[tuple[Loc, str]]) -> None:
        """Add problems of keys; of very many, the first."""
        for loc, message in findings:
            if len(self.problems) >= _MAX_PROBLEMS:
                said = f"has more than {_MAX_PROBLEMS} problems; the rest is left out"
                self.problems.append(replace(self.problem(loc, said), key=""))
                return
            self.problems.append(self.problem(loc, message))

    def _place(self, loc: Loc) -> tuple[int, int]:
        wanted = tuple(str(part) for part in loc)
        while wanted and wanted not in self._places:
            wanted = wanted[:-1]
        return self._places.get(wanted, (1, 1))

    @cached_property
    def _places(self) -> dict[tuple[str, ...], tuple[int, int]]:
        """Line and column of every key: tomllib keeps none, so ``key =`` is looked for."""
        places: dict[tuple[str, ...], tuple[int, int]] = {}
        section: tuple[str, ...] = ()
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = _HEADER.match(line) if len(line) < _LONG else None
            key = _KEY.match(line)
            if header:
                section = (header[1].strip("\"'"),)
                places.setdefault(section, (number, line.index("[") + 1))
            elif key:
                name = next(part for part in key.groups() if part is not None)
                place = (number, len(line) - len(line.lstrip()) + 1)
                places.setdefault((*section, name), place)
                places.setdefault(tuple(name.split(".")), place)
        return places


def read_settings(root: Path) -> SettingsFile:
    """Read the settings of a workspace."""
    file = SettingsFile(root / SETTINGS_FILE)
    if not file.path.exists() and not file.path.is_symlink():
        return file
    file.text, fault = read_text(file.path, _MAX_BYTES)
    deep = _DEEP.search(file.text)
    if deep:
        line = file.text.count("\n", 0, deep.start()) + 1
        fault = Fault(line, 1, "has a key of more than 32 parts; nothing here has more than two")
    if fault:
        file.problems.append(Problem(file.path, fault.line, fault.column, "", fault.message))
        return file
    try:
        data = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        file.problems.append(_syntax_problem(file, str(error)))
    except RecursionError:
        file.problems.append(file.problem((), "is nested too deeply"))
    else:
        _validate(file, data)
    return file


def _validate(file: SettingsFile, data: dict[str, Any]) -> None:
    try:
        file.settings = WorkspaceDefinition.model_validate(data)
    except ValidationError as error:
        found: list[tuple[Loc, str]] = []
        for each in error.errors(include_url=False):
            loc = tuple(part for part in each["loc"] if part != "[key]")
            found.append((loc, message_of(each, WorkspaceDefinition)))
            # What is left is judged as well, so that every problem is listed in one go.
            _drop(data, loc)
        file.add(found)
        file.settings = WorkspaceDefinition.model_validate(data)


def _drop(data: dict[str, Any], loc: Loc) -> None:
    inner = data.get("calendars") if len(loc) > 1 else data
    if isinstance(inner, dict):
        inner.pop(str(loc[-1]), None)


def _syntax_problem(file: SettingsFile, said: str) -> Problem:
    at = _AT.search(said)
    line, column = (int(at[1]), int(at[2])) if at and at[1] else (file.text.count("\n") + 1, 1)
    message = _AT.sub("", said)
    return Problem(file.path, line, column, "", f"is not valid TOML: {message}")
