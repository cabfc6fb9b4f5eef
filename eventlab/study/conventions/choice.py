"""Reproduce what a known program would have printed, for people who must reconcile.

``paper`` is this library's own: one definition per statistic, from its paper. The other values of
``convention`` name a program; each has a file of its own that says where its facts come from. A
test that the program lacks, or that is not known well enough to promise its digits, is a row with
the reason. None of these rows is a headline.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eventlab.errors import UsageError
from eventlab.study.conventions import estudy2, eventstudy2, eventstudytools
from eventlab.study.inference.registry import Outcome, not_available

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventlab.study.conventions.sample import ForeignSample

__all__ = ["CONVENTIONS", "check_convention", "foreign_tests"]


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its name in words, the models and tests that it has, why others are missing."""

    name: str
    models: tuple[str, ...]
    tests: Mapping[str, Callable[[ForeignSample], Outcome]]
    lacks: Mapping[str, str]
    obstacle: Callable[[ForeignSample], str]


def none(_: ForeignSample) -> str:
    """No obstacle of the program's own."""
    return ""


PROGRAMS: Final = {
    "estudy2": Program("estudy2", estudy2.MODELS, estudy2.TESTS, {}, estudy2.obstacle),
    "eventstudy2": Program(
        "eventstudy2", eventstudy2.MODELS, eventstudy2.TESTS, eventstudy2.LACKS, none
    ),
    "eventstudytools": Program(
        "EventStudy", eventstudytools.MODELS, eventstudytools.TESTS, eventstudytools.LACKS, none
    ),
}
CONVENTIONS: Final = ("paper", *PROGRAMS)


def check_convention(value: str) -> str:
    """Return the name of a convention.

    Raises
    ------
    UsageError
        It is none; the message names the nearest.
    """
    if value in CONVENTIONS:
        return value
    near = get_close_matches(str(value), CONVENTIONS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"convention: {value!r} is none of {', '.join(CONVENTIONS)}.{hint}")


def foreign_tests(
    convention: str, sample: ForeignSample, tests: tuple[str, ...]
) -> tuple[Outcome, ...]:
    """Compute ``tests`` as the program of ``convention`` does, under our names.

    ``note`` says in words what the program does. A test that it lacks, and every test where the
    program could not have studied these events, has NaN and the reason.
    """
    program = PROGRAMS[convention]
    reason = obstacle(program, sample)
    return tuple(
        not_available(test, sample.n, reason) if reason else one_test(program, sample, test)
        for test in tests
    )


def one_test(program: Program, sample: ForeignSample, test: str) -> Outcome:
    """Compute one test, or say why the program has none."""
    if test in program.tests:
        return program.tests[test](sample)
    missing = program.lacks.get(test, f"{program.name} has no such test")
    return not_available(test, sample.n, missing)


def obstacle(program: Program, sample: ForeignSample) -> str:
    """Why the program's numbers for these events are not known; empty if they are."""
    if sample.n == 0:
        return "no event has a complete window"
    if sample.model not in program.models:
        return f"{program.name} has no model {sample.model}"
    if sample.controlled:
        return f"{program.name} has no indicators of overlapping events"
    if sample.gaps:
        return (
            f"not known: {sample.gaps} of {sample.n} events have missing returns, which "
            f"{program.name} treats in its own way"
        )
    return program.obstacle(sample)
