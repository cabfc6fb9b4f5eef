"""Claims as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Group
from rich.text import Text

from eventlab.report.claims.spoken import spoken_claims
from eventlab.report.claims.views import overview, reading_view, rows_of_claims
from eventlab.report.terminal import ViewTable, faint, print_shown, simulated_mark

if TYPE_CHECKING:
    from rich.console import RenderableType

    from eventlab.claims.results import Claims

__all__ = ["claims_table", "print_claims"]


def print_claims(claims: Claims, stream: TextIO, *, verbose: bool = False) -> None:
    """Write claims to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(claims_table(claims, verbose=verbose), stream)


def claims_table(claims: Claims, *, verbose: bool = False) -> RenderableType:
    """Return claims as what rich can print: the answer and every statement in a row.

    ``verbose`` adds every reading of every claim; so does asking for a single one.
    """
    said = spoken_claims(claims)
    parts: list[RenderableType] = [Text("\nClaims", style="bold")]
    if claims.stamp.simulated:
        parts.append(simulated_mark())
    parts.append(Text(said.sentence))
    parts.extend(Text(f"Doubt: {doubt}") for doubt in said.doubts)
    stamp = claims.stamp
    parts.append(faint(f"prices {stamp.source} {stamp.fingerprint[:12]}; seed {claims.seed}"))
    rows = rows_of_claims(claims)
    parts.append(ViewTable(overview(rows), whole=verbose))
    if not verbose and len(rows) > 1:
        parts.append(faint("\nevery reading of each: --verbose, --claim ID or --json"))
        return Group(*parts)
    for row in rows:
        view = reading_view(claims, row)
        if view:
            parts.append(ViewTable(view, whole=True))
    return Group(*parts)
