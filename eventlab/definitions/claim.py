"""What a claim says: a published statement in measurable terms."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from eventlab.definitions.base import (
    AssetName,
    BarWindow,
    Day,
    Identifier,
    Many,
    OccurrenceId,
    StrictModel,
    Text,
)
from eventlab.definitions.problem import Finding, Loc, listed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ClaimDefinition", "Measure", "claim_findings", "day_findings"]

Measure = Literal[
    "correlation",
    "rolling_correlation",
    "return",
    "year_to_date",
    "drawdown",
    "relative_return",
    "beta",
    "asymmetric_beta",
    "realised_volatility",
    "dispersion",
    "level_crossing",
    "sector_ranking",
    "funding_sign",
    "open_interest_change",
    "event_car",
    "contagion_verdict",
    "bubble",
]

_SPAN = re.compile(r"[1-9][0-9]{0,4} (bars?|days?|weeks?|months?|years?)")
Span = Annotated[str, StringConstraints(pattern=rf"^{_SPAN.pattern}$")]
_PAIRED = frozenset({"correlation", "rolling_correlation", "relative_return", "beta"})


class ClaimDefinition(StrictModel):
    """One published statement, to be tested and not believed."""

    id: Identifier = Field(description="Unique in the file, as in btc-nvda-096.")
    statement: Text = Field(description="The statement as published, in a sentence.")
    source: Text | None = Field(default=None, description="Who said it, where and when.")
    measure: Measure = Field(description="What is measured to test the statement.")
    symbols: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="Symbols and @groups that the measure is taken of, in its order."
    )
    window: Span | BarWindow | Annotated[Many[Day], Field(min_length=2, max_length=2)] | None = (
        Field(
            default=None,
            description="Length of the window that ends at as_of (63 bars, 3 months), bars "
            "relative to the occurrence ([-5, 10]), or two dates "
            '(["2025-09-17", "2025-12-10"]).',
        )
    )
    as_of: Day | None = Field(
        default=None, description="Last day of the window, as in 2025-11-19. Or name an occurrence."
    )
    occurrence: OccurrenceId | None = Field(
        default=None, description="The occurrence that the window is relative to."
    )
    published: float | Many[float] | Text | None = Field(
        default=None,
        description="The figure as published (returns in decimals), or two for a range, or a word.",
    )
    tolerance: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="How far a measured value may lie from the published one."
    )
    strict: bool = Field(
        default=False, description="true: a claim that does not hold fails the run (exit code 1)."
    )


def claim_findings(
    claim: ClaimDefinition, loc: Loc, occurrences: tuple[str, ...]
) -> Iterator[Finding]:
    """Find what is wrong inside one claim, given the ids of the event's occurrences."""
    window, window_loc = claim.window, (*loc, "window")
    if claim.measure in _PAIRED and len(claim.symbols) < 2 and not claim.symbols[0].startswith("@"):
        message = f"{show(claim.symbols)} names one symbol; {claim.measure} needs two or a group"
        yield Finding((*loc, "symbols"), message, needs=((*loc, "measure"),))
    if claim.as_of is not None:
        yield from day_findings(claim.as_of, (*loc, "as_of"))
    if isinstance(window, str) and claim.as_of is None and claim.occurrence is None:
        message = f"{show(window)} needs an end: add as_of or occurrence"
        yield Finding(window_loc, message, needs=((*loc, "as_of"), (*loc, "occurrence")))
    if isinstance(window, tuple) and window[0] > window[1]:  # type: ignore[operator]  # same kind
        yield Finding(window_loc, f"{show(window)} runs backwards; write the earlier end first")
    for index, day in enumerate(window if isinstance(window, tuple) else ()):
        if isinstance(day, str):
            yield from day_findings(day, (*window_loc, index))
    if claim.occurrence is not None and claim.occurrence not in occurrences:
        message = f"{show(claim.occurrence)} is no occurrence of this file: {listed(occurrences)}"
        yield Finding((*loc, "occurrence"), message, needs=(("occurrences",),))


def day_findings(text: str, loc: Loc) -> Iterator[Finding]:
    """Find a day that no calendar has, such as 2025-02-30."""
    try:
        date.fromisoformat(text)
    except ValueError as error:
        yield Finding(loc, f"{show(text)} does not exist: {error}")
