"""A workspace that takes one fuzzed file after another, and what must hold of each of them."""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest import mock

from eventlab.definitions import CalendarCheck, check_workspace, checking
from eventlab.definitions.definition_file import read_definition
from eventlab.timeline import calendar_problems, check_calendar
from eventlab.visible import visible
from tests.fuzz_seeds import write_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.definition_file import DefinitionFile, FileKind
    from tests.fuzz_cases import FuzzCase

__all__ = ["CALENDARS", "FuzzWorkspace", "Verdict", "require_plain"]

CALENDARS = CalendarCheck(code=check_calendar, occurrences=calendar_problems)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reader said: of the workspace, and of the file itself."""

    workspace: Workspace
    every: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    path: Path

    @property
    def valid(self) -> bool:
        return not _errors(self.problems)

    @property
    def exit_code(self) -> int:
        """Of ``eventlab validate``."""
        return 2 if _errors(self.every) else 0


class FuzzWorkspace:
    """The definitions that ship, with one file exchanged or added for as long as it is looked at.

    Files that stay as they are are parsed once; they are checked against the others every time.
    """

    def __init__(self, folder: Path, texts: Mapping[str, str]) -> None:
        self.folder = folder
        # Strategies know nothing of each other, and trying the values of their sweeps takes longer
        # than all the rest: a few lie beside the file, without.
        strategies = [name for name in texts if name.startswith("strategies/")]
        beside = {name: text for name, text in texts.items() if name not in strategies[_BESIDE:]}
        self._texts = {name: _SWEEP.sub("", text) for name, text in beside.items()}
        write_texts(folder, self._texts)
        _, problems = check_workspace(folder, (), CALENDARS)
        assert not problems, problems
        self._read: dict[tuple[Path, FileKind | None], DefinitionFile[BaseModel]] = {}

    @contextmanager
    def holding(self, case: FuzzCase) -> Iterator[Path]:
        """Write the file, and put back afterwards what was there."""
        path = self.folder / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.raw)
        try:
            yield path
        finally:
            if case.name in self._texts:
                path.write_text(self._texts[case.name], encoding="utf-8")
            else:
                path.unlink()

    def judge(self, case: FuzzCase) -> Verdict:
        """Read the workspace with the file in it, as ``eventlab validate`` does.

        Raises
        ------
        AssertionError
            A problem has no place in its file, or is not fit to be printed.
        """
        with self.holding(case) as path, mock.patch.object(checking, "read_definition", self._once):
            self._fresh = path
            workspace, problems = check_workspace(self.folder, (), CALENDARS)
        own = tuple(each for each in problems if each.path == path)
        require_placed(own, case.raw)
        return Verdict(workspace, problems, own, path)

    def _once(self, path: Path, kind: FileKind | None) -> DefinitionFile[BaseModel]:
        if path == self._fresh:
            return _READ(path, kind)
        if (path, kind) not in self._read:
            self._read[path, kind] = _READ(path, kind)
        file = self._read[path, kind]
        return replace(file, problems=list(file.problems))


BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BESIDE = 4
_SWEEP = re.compile(r"^sweep:.*\n(?: .*\n)*", re.MULTILINE)
_READ = read_definition


def _errors(problems: tuple[Problem, ...]) -> bool:
    return any(each.severity == "error" for each in problems)


def require_placed(problems: Iterable[Problem], raw: bytes) -> None:
    """Require of every problem a line and a column of the file, and one line of plain text."""
    ends = (b"\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
    lines = 1 + sum(map(raw.count, ends))
    for each in problems:
        assert 1 <= each.line <= lines, each
        assert 1 <= each.column <= 2 + len(raw), each
        assert each.message, each
        require_plain(visible(str(each)))  # as it is printed


def require_plain(text: str) -> None:
    """Require one line that holds nothing which would move a terminal's cursor or hide text."""
    assert len(text.splitlines()) == 1, repr(text)
    unwelcome = [one for one in text if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not unwelcome, repr(text)
    assert BIDI.isdisjoint(text), repr(text)
