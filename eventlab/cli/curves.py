"""The specification curves of the studies that a command shows."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.cli.load import Outcome
    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market
    from eventlab.study.results import EventStudy

__all__ = ["FIRST_LOOK", "Curves", "SpecificationsOption", "add_curves", "curve_symbols"]

SpecificationsOption = Annotated[
    bool,
    typer.Option(
        "--specifications",
        help="Every reasonable model, benchmark, window, clock and exclusion, and all at once.",
    ),
]


@dataclass(frozen=True, slots=True)
class Curves:
    """Which curves to draw: of these assets (empty: the rule's), short or in full."""

    groups: tuple[str, ...] = ()
    draws: int | None = None
    short: bool = False


# What `eventlab run` adds to every page: a second for the whole workspace.
FIRST_LOOK = Curves(draws=200, short=True)


def curve_symbols(events: "Iterable[EventDefinition]", workspace: "Workspace") -> tuple[str, ...]:
    """Return the benchmarks that curves look for beside what the studies read."""
    from eventlab.study.specification_grid import specification_symbols

    found = (symbol for event in events for symbol in specification_symbols(event, workspace))
    return tuple(dict.fromkeys(found))


def add_curves(
    outcome: "Outcome", workspace: "Workspace", market: "Market", seed: int, curves: Curves
) -> "Outcome":
    """Give every study its curves; one that cannot have any says why in its summary."""
    studies = (_with_curves(study, workspace, market, seed, curves) for study in outcome.studies)
    return replace(outcome, studies=tuple(studies))


def _with_curves(
    study: "EventStudy", workspace: "Workspace", market: "Market", seed: int, curves: Curves
) -> "EventStudy":
    from eventlab.study.specifications import no_curve, specification_curve, with_curves

    made = []
    for group in curves.groups or (None,):
        try:
            curve = specification_curve(
                study.event,
                market,
                workspace,
                group=group,
                draws=curves.draws,
                seed=seed,
                short=curves.short,
            )
        except EventlabError as error:
            curve = no_curve(group or "", str(error).removeprefix(f"{study.event.event}: "))
        made.append(curve)
    return with_curves(study, made)
