"""One definition file: from its text to a model, with every problem at its line and column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from eventlab.definitions.claim import ClaimsDefinition
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.problem import Finding, Loc, Problem, dotted
from eventlab.definitions.repair import Faults, Repair, is_key
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.translate import message_of, plain_errors, union_message
from eventlab.definitions.universe import UniverseDefinition
from eventlab.definitions.yaml_reader import Node, compose, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["KINDS", "DefinitionFile", "FileKind", "kind_of", "read_definition"]

FileKind = Literal["event", "strategy", "universe", "claims"]
Model = TypeVar("Model", bound=BaseModel)

KINDS: dict[FileKind, type[BaseModel]] = {
    "event": EventDefinition,
    "strategy": StrategyDefinition,
    "universe": UniverseDefinition,
    "claims": ClaimsDefinition,  # last: an event file has claims too
}
CLAIMS_PREFIX = "claims-"  # files of claims lie in events/
FOLDERS: dict[str, FileKind] = {
    "events": "event",
    "strategies": "strategy",
    "universes": "universe",
}

_ROUNDS = 40
_MAX_PROBLEMS = 500  # of one file: more help nobody, and a hostile file could hold millions


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
    faulty: Faults = field(default_factory=Faults)
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether the definition can be used."""
        return self.model is not None and all(one.severity != "error" for one in self.problems)

    def add(self, findings: Iterable[Finding]) -> None:
        """Give findings about the model their place, unless they rest on a faulty value."""
        if len(self.problems) > _MAX_PROBLEMS:
            return  # what would be left out is not looked for either
        for finding in findings:
            loc = self._written(finding.loc)
            if self.faulty.touch(loc) or any(
                map(self.faulty.touch, map(self._written, finding.needs))
            ):
                continue
            problem = self.problem(loc, finding.message, at_key=finding.at_key)
            if not self.note(replace(problem, severity=finding.severity)):
                break

    def note(self, problem: Problem) -> bool:
        """Add a problem; False where there are so many already that it is left out."""
        room = len(self.problems) < _MAX_PROBLEMS
        if room:
            self.problems.append(problem)
        elif len(self.problems) == _MAX_PROBLEMS:
            message = f"has more than {_MAX_PROBLEMS:,} problems; the rest is left out"
            self.problems.append(Problem(self.path, problem.line, problem.column, "", message))
        return room

    def problem(self, loc: Loc, message: str, *, at_key: bool = False) -> Problem:
        """Make a problem of a place as it is written in the file."""
        line, column = (1, 1) if self.root is None else self.root.place(loc, at_key=at_key)
        return Problem(self.path, line, column, dotted(loc), message)

    def _written(self, loc: Loc) -> Loc:
        if self.root is None:
            return loc
        written, rest = self.faulty.walk(self.root, loc)
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
        if not file.note(Problem(path, each.line, each.column, dotted(each.loc), each.message)):
            break
    if root is None:
        return file
    if not isinstance(root.content, dict):
        file.problems.append(file.problem((), f"is no mapping of keys, as {found}: NAME begins"))
        return file
    other = kind_of(root)
    if other is not None and root.child(found) is None:
        message = f"this defines {_article(other)}; {_remedy(other)}"
        file.problems.append(file.problem((other,), message, at_key=True))
        return file
    _validate(file, root)
    return file


def _article(kind: FileKind) -> str:
    return {"event": "an event", "claims": "claims"}.get(kind, f"a {kind}")


def _remedy(kind: FileKind) -> str:
    if kind == "claims":
        return f"call the file events/{CLAIMS_PREFIX}NAME.yaml"
    folder = next(name for name, each in FOLDERS.items() if each == kind)
    return f"move the file to {folder}/"


def _validate(file: DefinitionFile[BaseModel], root: Node) -> None:
    """Validate; where that fails, drop what is faulty until the rest stands, to judge the rest."""
    model = KINDS[file.kind]
    data = root.plain()
    repair = Repair(root)
    for attempt in range(_ROUNDS):
        try:
            file.model = model.model_validate(data, context={"findings": "later"})
        except ValidationError as error:
            details = _causes(plain_errors(error.errors(include_url=False)))
        else:
            break
        if attempt == 0:
            _report(file, model, details)
        repair.drop([(each["loc"], each["type"] == "missing") for each in details])
        if () in repair.faulty.locs:
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
        loc, rest = file.faulty.walk(file.root, each["loc"])  # nothing is faulty yet
        of_union = bool(rest) and each["type"] != "missing" and rest != ("[key]",)
        if of_union and loc in reported:
            continue
        reported.add(loc)
        message = union_message(each, model, loc) if of_union else message_of(each, model)
        place = (*loc, *rest) if each["type"] == "missing" and is_key(rest) else loc
        at_key = each["type"] == "extra_forbidden" or rest == ("[key]",)
        if not file.note(file.problem(place, message, at_key=at_key)):
            break
