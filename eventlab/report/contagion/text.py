"""The contagion of an event as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Group
from rich.text import Text

from eventlab.report.contagion import lead_views
from eventlab.report.contagion.sections import sections
from eventlab.report.contagion.spoken import spoken
from eventlab.report.terminal import ViewTable, faint, point, print_shown, simulated_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from eventlab.contagion.results import EventContagion

__all__ = ["contagion_table", "print_contagion"]


def print_contagion(result: EventContagion, stream: TextIO, *, verbose: bool = False) -> None:
    """Write a contagion to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(contagion_table(result, verbose=verbose), stream)


def contagion_table(result: EventContagion, *, verbose: bool = False) -> RenderableType:
    """Return a contagion as what rich can print: the answer, the pairs, and what surrounds them.

    ``verbose`` adds members of groups, every test, and the parts that are for those who look on.
    """
    said = spoken(result)
    parts: list[RenderableType] = [*_head(result)]
    hidden = 0
    for name, pieces in sections(result, said.occurrence).items():
        if name == "order" and pieces:
            parts.append(Text(f"\n{lead_views.order_said(result, said.occurrence)}"))
        for piece in pieces:
            if verbose or not piece.detail:
                parts.append(ViewTable(piece.view, whole=verbose))
            else:
                hidden += 1
    if hidden:
        parts.append(
            faint(
                f"\n{hidden} more tables (members of groups, every test, leads, mediation, "
                "networks, conditional correlation, volatility, tails, regimes): --verbose; "
                "everything: --json or --out DIR"
            )
        )
    return Group(*parts)


def _head(result: EventContagion) -> Iterator[RenderableType]:
    said, definition = spoken(result), result.event.contagion
    yield Text.assemble((f"\n{result.event.title}", "bold"), f"  ({result.event.event})")
    if result.stamp.simulated:
        yield simulated_mark()
    yield Text(said.sentence, style="bold")
    yield from (point(line) for line in said.lines)
    yield from (Text.assemble(("Doubt: ", "bold"), doubt) for doubt in said.doubts)
    if definition is not None:
        calm, crisis = list(definition.calm_window), list(definition.crisis_window)
        yield faint(
            f"calm {calm}, crisis {crisis}; correlations of returns, not of levels; prices "
            f"{result.stamp.source} {result.stamp.fingerprint[:12]}; seed {result.seed}"
        )
