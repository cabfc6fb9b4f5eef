"""The regression test: every result under test against its baseline, item by item."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.errors import DataError, DefinitionError, EventlabError, GateError
from eventlab.market.workspace_market import workspace_source
from eventlab.regression.baseline_file import read_baseline
from eventlab.regression.comparison import compared_items, missing_items
from eventlab.regression.measure import measure
from eventlab.regression.subjects import chosen
from eventlab.regression.types import WHOLE, Item
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.definitions import Workspace
    from eventlab.regression.measure import Measured
    from eventlab.regression.types import Subject
    from eventlab.study.steps import Progress

__all__ = ["Basis", "Check", "Checked", "check_subject", "orphaned_item", "run_check"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a check runs on, as the command line names it.

    Attributes
    ----------
    workspace
        The definitions.
    source, seed
        Prices and seed; None for those of the settings.
    directory
        The workspace as the caller names it, for the command that accepts what is; None for its
        root.
    """

    workspace: Workspace
    source: str | None = None
    seed: int | None = None
    directory: str | None = None

    @property
    def number(self) -> int:
        """The seed in use."""
        return self.workspace.settings.seed if self.seed is None else self.seed

    def accept(self, subject: Subject) -> str:
        """Return the command that accepts what a subject gives now."""
        named = subject.argument
        if named in {**self.workspace.events, **self.workspace.claims}:
            named = f"{named}:{subject.kind}"  # an event has the name of a strategy
        words = ["eventlab", "check", named, "--update"]
        directory = str(self.workspace.root) if self.directory is None else self.directory
        if directory != ".":
            words += ["-C", directory]
        if self.source is not None:
            words += ["--data", self.source]
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Checked:
    """One subject: the verdict on each of its items, and what to record if it is accepted.

    ``measured`` is None where it could not be computed, and for orphans.
    """

    subject: Subject
    items: tuple[Item, ...]
    measured: Measured | None = None

    @property
    def passed(self) -> bool:
        """Whether every item is the same as its baseline."""
        return all(item.status == "same" for item in self.items)


@dataclass(frozen=True, slots=True)
class Check:
    """A whole regression test.

    Attributes
    ----------
    checked
        In order: strategies, events, files of claims, orphans.
    source, seed
        The prices as they were asked for, and the seed.
    problems
        Errors of definitions, a line each: what they define is not among the items.
    """

    checked: tuple[Checked, ...]
    source: str
    seed: int
    problems: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in order."""
        return tuple(item for each in self.checked for item in each.items)

    @property
    def passed(self) -> bool:
        """Whether every item is the same as its baseline, and every definition sound."""
        return not self.problems and all(each.passed for each in self.checked)

    @property
    def exit_code(self) -> int:
        """0 where all is the same; else the worst code of items and definitions."""
        return max([self._defined_code, *(item.exit_code for item in self.items)])

    @property
    def failed_code(self) -> int:
        """The worst code of what accepting does not mend: not computed, or wrongly defined."""
        codes = (
            item.exit_code
            for each in self.checked
            for item in each.items
            if each.measured is None or item.exit_code == DefinitionError.exit_code
        )
        return max([self._defined_code, *(code for code in codes if code != GateError.exit_code)])

    @property
    def _defined_code(self) -> int:
        return DefinitionError.exit_code if self.problems else 0

    def __repr__(self) -> str:
        failing = sum(item.status != "same" for item in self.items)
        return f"Check: {len(self.items)} items, {failing or 'none'} failing"


def run_check(
    workspace: Workspace,
    names: Iterable[str] = (),
    *,
    source: str | None = None,
    seed: int | None = None,
    progress: Progress = quietly,
) -> Check:
    """Compute what is under regression test and compare it with its baselines.

    Parameters
    ----------
    workspace
        Whose; its baselines lie in its folder.
    names
        Ids, ``id:section`` or paths; by default everything under test, and baselines of nothing.
    source, seed
        Prices and seed; those of the settings by default.
    progress
        Called with (done, total) after each.

    Returns
    -------
    Check
        Nothing is written; :func:`~eventlab.regression.accept.accept` does.

    Raises
    ------
    UsageError
        A name is none of a definition or baseline, or of what is not under test.
    """
    basis = Basis(workspace, source, seed)
    subjects, left = chosen(basis.workspace, names)
    checked = []
    for done, subject in enumerate(subjects, start=1):
        checked.append(check_subject(subject, basis))
        progress(done, len(subjects))
    checked += [Checked(each, (orphaned_item(each, basis),)) for each in left]
    return Check(tuple(checked), workspace_source(workspace, source), basis.number)


def orphaned_item(subject: Subject, basis: Basis) -> Item:
    """Return the item of a baseline that belongs to nothing under test."""
    part = WHOLE if subject.kind == "strategy" else subject.kind
    reason = (
        f"{subject.baseline.relative_to(basis.workspace.root)} is the baseline of nothing: "
        f"{subject.file} is gone, or has no `baseline:` for it any more"
    )
    code = GateError.exit_code
    return Item(
        subject, part, "orphaned", reason=reason, exit_code=code, accept=basis.accept(subject)
    )


def check_subject(subject: Subject, basis: Basis) -> Checked:
    """Compute one subject and compare every item of it with the baseline."""
    lacking = [name for name in subject.events if name not in basis.workspace.events]
    if lacking:
        reason = f"its events have errors: {', '.join(lacking)} (eventlab validate)"
        return Checked(subject, _all_failed(subject, reason, DefinitionError.exit_code))
    try:
        measured = measure(subject, basis.workspace, basis.source, basis.number)
    except EventlabError as error:
        reason = str(error).removeprefix(f"{subject.name}: ")
        return Checked(subject, _all_failed(subject, reason, error.exit_code))
    try:
        before = read_baseline(subject)
    except FileNotFoundError:
        missing = missing_items(subject, measured, basis.accept(subject))
        return Checked(subject, tuple(missing), measured)
    except DataError as error:
        failed = _all_failed(subject, str(error), error.exit_code, basis.accept(subject))
        return Checked(subject, failed, measured)
    items = compared_items(subject, before, measured, basis.accept(subject))
    return Checked(subject, tuple(items), measured)


def _all_failed(subject: Subject, reason: str, code: int, accept: str = "") -> tuple[Item, ...]:
    return tuple(
        Item(subject, part, "failed", reason=reason, exit_code=code, accept=accept)
        for part in subject.parts
    )
