"""The specification curves of the studies that a command shows."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.progress import steps_bar
from eventlab.errors import EventlabError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.cli.load import Outcome
    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market
    from eventlab.study.specifications.curve import CurveSheet, SpecificationCurve

__all__ = [
    "FIRST_LOOK",
    "Curves",
    "SpecificationsOption",
    "add_curves",
    "check_curves",
    "curve_sheets",
    "curve_symbols",
]

SpecificationsOption = Annotated[
    bool,
    typer.Option(
        "--specifications",
        help="Every reasonable model, benchmark, window, clock and exclusion, and all at once.",
    ),
]


@dataclass(frozen=True, slots=True)
class Curves:
    """Which curves to draw: of these assets (empty: the rule's), short or in full; how loudly."""

    groups: tuple[str, ...] = ()
    draws: int | None = None
    short: bool = False
    quiet: bool = True


# What `eventlab run` adds to every page: a second for the whole workspace.
FIRST_LOOK = Curves(draws=200, short=True)


def curve_symbols(events: "Iterable[EventDefinition]", workspace: "Workspace") -> tuple[str, ...]:
    """Return the benchmarks that curves look for beside what the studies read."""
    from eventlab.study.specifications.grid import specification_symbols

    found = (symbol for event in events for symbol in specification_symbols(event, workspace))
    return tuple(dict.fromkeys(found))


def check_curves(events: "Iterable[EventDefinition]") -> None:
    """Refuse to be asked for curves that there cannot be.

    Raises
    ------
    UsageError
        A study is in bars inside sessions; every such event is named.
    """
    inside = [one.event for one in events if one.study is not None and one.study.bar != "session"]
    if inside:
        raise UsageError(
            f"--specifications: {', '.join(inside)} counts bars inside sessions, a specification "
            "curve whole sessions; leave out --bar or the file's study.bar"
        )


def add_curves(
    outcome: "Outcome",
    workspace: "Workspace",
    market: "Market",
    seed: int,
    curves: Curves,
) -> "Outcome":
    """Give every study its curves; one that cannot have any says why in its summary."""
    from eventlab.study.specifications.curve import with_curves

    studies = (
        with_curves(study, curves_of(study.event, workspace, market, seed, curves))
        for study in outcome.studies
    )
    return replace(outcome, studies=tuple(studies))


def curve_sheets(
    events: "Iterable[EventDefinition]",
    workspace: "Workspace",
    market: "Market",
    seed: int,
    curves: Curves,
) -> "tuple[list[CurveSheet], list[EventDefinition]]":
    """Draw the curves alone, and return the events of which none has an estimate.

    Those are left to their studies, which know why.
    """
    from eventlab.study.specifications.curve import (
        CurveSheet,
        no_specifications,
        no_summary,
        with_curves,
    )

    sheets, without = [], []
    for event in events:
        made = curves_of(event, workspace, market, seed, curves)
        if all(one.summary["n"].sum() == 0 for one in made):
            without.append(event)
            continue
        empty = CurveSheet(event, market.stamp, no_specifications(), no_summary())
        sheets.append(with_curves(empty, made))
    return sheets, without


def curves_of(
    event: "EventDefinition", workspace: "Workspace", market: "Market", seed: int, curves: Curves
) -> "list[SpecificationCurve]":
    """Draw the curves of one event; one that cannot be drawn says why in its summary."""
    from eventlab.study.specifications.curve import no_curve, specification_curve

    made = []
    for group in curves.groups or (None,):
        label = f"{event.event} {group or ''}".strip()
        try:
            with steps_bar(label, quiet=curves.quiet) as progress:
                curve = specification_curve(
                    event,
                    market,
                    workspace,
                    group=group,
                    draws=curves.draws,
                    seed=seed,
                    short=curves.short,
                    progress=progress,
                )
        except EventlabError as error:
            curve = no_curve(group or "", str(error).removeprefix(f"{event.event}: "))
        made.append(curve)
    return made
