"""One definition file: from its text to a model, with every problem at its line and column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from eventlab.definitions.event import EventDefinition
from eventlab.definitions.problem import Finding, Loc, Problem, dotted
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.translate import message_of, union_message
from eventlab.definitions.universe import UniverseDefinition
from eventlab.definitions.yaml_reader import Node, compose, read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["KINDS", "DefinitionFile", "FileKind", "kind_of", "read_definition"]

FileKind = Literal["event", "strategy", "universe"]
Model = TypeVar("Model", bound=BaseModel)

KINDS: dict[FileKind, type[BaseModel]] = {
    "event": EventDefinition,
    "strategy": StrategyDefinition,
    "universe": UniverseDefinition,
}
FOLDERS: dict[str, FileKind] = {
    "events": "event",
    "strategies": "strategy",
    "universes": "universe",
}

# What stands in for a required value that is faulty, so that the rest can be judged in the same
# go. Nothing that rests on a stand-in is reported.
_STAND_INS: dict[str, object] = {
    "event": "x",
    "strategy": "x",
    "universe": "x",
    "title": "x",
    "kind": "other",
    "id": "x",
    "statement": "x",
    "measure": "bubble",
    "announced_at": "2000-01-03 12:00",
    "occurrences": [{"id": "x", "announced_at": "2000-01-03 12:00", "zone": "UTC"}],
    "assets": ["X"],
    "targets": ["X"],
    "source": "X",
    "calm_window": [-3, -2],
    "crisis_window": [0, 1],
    "symbols": {"X": {}},
    "events": ["x"],
    "book": {"X": 1.0},
    "instruments": ["X"],
    "when": {"enter": -1, "exit": 1},
    "enter": -10_000,
    "exit": 10_000,
}
_ROUNDS = 40


@dataclass(slots=True)
class DefinitionFile(Generic[Model]):
    """A file that has been read, with what is wrong with it.

    Attributes
    ----------
    kind
        What the folder or the content says it is.
    root
        The nodes of the text; None where it could not be read.
    model
        The definition; where ``faulty`` is not empty, repaired with stand-ins and not to be used.
    faulty
        Places in the file that were dropped or stood in for.
    """

    path: Path
    kind: FileKind
    root: Node | None = None
    model: Model | None = None
    faulty: frozenset[Loc] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether the definition can be used."""
        return self.model is not None and all(one.severity != "error" for one in self.problems)

    def add(self, findings: Iterable[Finding]) -> None:
        """Give findings about the model their place, unless they rest on a faulty value."""
        for finding in findings:
            loc = self._written(finding.loc)
            rests_on = (loc, *(self._written(need) for need in finding.needs))
            if any(_touch(one, fault) for one in rests_on for fault in self.faulty):
                continue
            problem = self.problem(loc, finding.message, at_key=finding.at_key)
            self.problems.append(replace(problem, severity=finding.severity))

    def problem(self, loc: Loc, message: str, *, at_key: bool = False) -> Problem:
        """Make a problem of a place as it is written in the file."""
        line, column = (1, 1) if self.root is None else self.root.place(loc, at_key=at_key)
        return Problem(self.path, line, column, dotted(loc), message)

    def _written(self, loc: Loc) -> Loc:
        if self.root is None:
            return loc
        written, rest = walk(self.root, loc, self.faulty)
        return (*written, *rest)


def kind_of(root: Node) -> FileKind | None:
    """Tell from its keys what a file defines."""
    for kind in KINDS:
        if root.child(kind) is not None:
            return kind
    return None


def read_definition(path: Path, kind: FileKind | None) -> DefinitionFile[BaseModel]:
    """Read a file of a kind, or of the kind that its content says where ``kind`` is None."""
    text, fault = read_text(path)
    root, faults = (None, (fault,)) if fault else compose(text)
    found = kind or (kind_of(root) if root is not None else None) or "event"
    file = DefinitionFile[BaseModel](path, found, root)
    for each in faults:
        key = dotted(each.loc)
        file.problems.append(Problem(path, each.line, each.column, key, each.message))
    if root is None:
        return file
    if not isinstance(root.content, dict):
        file.problems.append(file.problem((), f"is no mapping of keys, as {found}: NAME begins"))
        return file
    other = kind_of(root)
    if other is not None and root.child(found) is None:
        folder = next(name for name, each in FOLDERS.items() if each == other)
        message = f"this defines {_article(other)}; move the file to {folder}/"
        file.problems.append(file.problem((other,), message, at_key=True))
        return file
    _validate(file, root)
    return file


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "event" else f"a {kind}"


def _validate(file: DefinitionFile[BaseModel], root: Node) -> None:
    """Validate; where that fails, drop what is faulty until the rest stands, to judge the rest."""
    model = KINDS[file.kind]
    data = root.plain()
    repair = _Repair(root)
    for attempt in range(_ROUNDS):
        try:
            file.model = model.model_validate(data, context={"findings": "later"})
        except ValidationError as error:
            details = _causes(error.errors(include_url=False))
        else:
            break
        if attempt == 0:
            _report(file, model, details)
        repair.drop(details)
        if () in repair.faulty:
            break  # nothing is left
        data = repair.data()
    file.faulty = repair.faulty


def _causes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out complaints about the length of lists whose entries are at fault."""
    within = {each["loc"][:end] for each in details for end in range(len(each["loc"]))}
    return [each for each in details if each["type"] != "too_short" or each["loc"] not in within]


def _report(
    file: DefinitionFile[BaseModel], model: type[BaseModel], details: list[ErrorDetails]
) -> None:
    """Report each faulty place once, although every form that a union allows complains."""
    assert file.root is not None  # noqa: S101 - it has been validated
    reported: set[Loc] = set()
    for each in details:
        loc, rest = walk(file.root, each["loc"], frozenset())
        of_union = bool(rest) and each["type"] != "missing" and rest != ("[key]",)
        if of_union and loc in reported:
            continue
        reported.add(loc)
        message = union_message(each, model, loc) if of_union else message_of(each, model)
        place = (*loc, *rest) if each["type"] == "missing" and _is_key(rest) else loc
        at_key = each["type"] == "extra_forbidden" or rest == ("[key]",)
        file.problems.append(file.problem(place, message, at_key=at_key))


class _Repair:
    """What is dropped from a file, or stood in for, so that the rest makes a definition."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._dropped: set[Loc] = set()
        self._stand_ins: dict[Loc, object] = {}

    @property
    def faulty(self) -> frozenset[Loc]:
        return frozenset(self._dropped) | frozenset(self._stand_ins)

    def drop(self, errors: list[ErrorDetails]) -> None:
        """Take out where the errors are, or what holds it where it cannot be spared."""
        # Several errors of one round may name one place: each form that a union allows complains.
        before, gone = self.faulty, frozenset(self._dropped)
        for error in errors:
            loc, rest = walk(self._root, error["loc"], gone)
            if error["type"] == "missing" and _is_key(rest):
                loc = (*loc, *rest)
                stand_in = _STAND_INS.get(str(loc[-1]))
                if stand_in is not None and loc not in self._stand_ins:
                    self._stand_ins[loc] = stand_in
                    continue
                loc = loc[:-1]
            while loc and loc in before:
                loc = loc[:-1]  # the stand-in does not fit, or the rest does not without it
            self._dropped.add(loc)

    def data(self) -> object:
        touched = {loc[:end] for loc in self.faulty for end in range(len(loc))}
        return self._data(self._root, (), touched)

    def _data(self, node: Node, loc: Loc, touched: set[Loc]) -> object:
        if loc not in touched:
            return node.plain()
        content = node.content
        if isinstance(content, list):
            kept = ((index, each) for index, each in enumerate(content))
            return [
                self._data(each, (*loc, index), touched)
                for index, each in kept
                if (*loc, index) not in self._dropped
            ]
        data = {
            key: self._data(each, (*loc, key), touched)
            for key, each in (content.items() if isinstance(content, dict) else ())
            if (*loc, key) not in self._dropped
        }
        # A dropped value may have been asked for in the next round: then its stand-in counts.
        return data | {str(at[-1]): said for at, said in self._stand_ins.items() if at[:-1] == loc}


def walk(root: Node, loc: Loc, dropped: Collection[Loc]) -> tuple[Loc, Loc]:
    """Follow a location of the repaired data through the file as it is written.

    Returns
    -------
    written
        The part that exists in the file, positions counted with the entries that were dropped.
    rest
        What does not exist there, or is dropped: a missing key, what a stand-in holds, pydantic's
        name for a member of a union.
    """
    node = root
    written: Loc = ()
    for at, part in enumerate(loc):
        position = _kept_position(node, written, part, dropped)
        child = node.child(position)
        if child is None or (*written, position) in dropped:
            return written, loc[at:]
        written = (*written, position)
        node = child
    return written, ()


def _kept_position(node: Node, loc: Loc, part: str | int, dropped: Collection[Loc]) -> str | int:
    if not isinstance(part, int) or not isinstance(node.content, list) or not dropped:
        return part
    kept = [at for at in range(len(node.content)) if (*loc, at) not in dropped]
    return kept[part] if part < len(kept) else len(node.content)


def _is_key(rest: Loc) -> bool:
    return len(rest) == 1 and isinstance(rest[0], str)


def _touch(one: Loc, other: Loc) -> bool:
    """Whether one place holds the other."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]
