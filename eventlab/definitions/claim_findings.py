"""What is wrong inside a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding, Loc, day_findings, listed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.claim import ClaimDefinition, ClaimsDefinition

__all__ = ["claim_findings", "claims_findings"]

_PAIRED = frozenset({"correlation", "rolling_correlation", "relative_return", "beta"})


def claim_findings(
    claim: ClaimDefinition, loc: Loc, occurrences: tuple[str, ...]
) -> Iterator[Finding]:
    """Find what is wrong inside one claim, given the ids of the event's occurrences."""
    window, window_loc = claim.window, (*loc, "window")
    paired = claim.measure in _PAIRED and len(claim.symbols) == 1
    if paired and not claim.symbols[0].startswith("@"):
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
    if claim.occurrence is not None and claim.event is None and claim.occurrence not in occurrences:
        message = f"{show(claim.occurrence)} is no occurrence of this file: {listed(occurrences)}"
        yield Finding((*loc, "occurrence"), message, needs=(("occurrences",),))


def claims_findings(file: ClaimsDefinition) -> Iterator[Finding]:
    """Find what is wrong inside a file of claims, without knowing any other file."""
    first: dict[str, int] = {}
    for index, claim in enumerate(file.claims):
        if claim.id in first:
            message = (
                f"{show(claim.id)} is used by claims[{first[claim.id]}] as well; ids are unique"
            )
            loc: Loc = ("claims", index, "id")
            yield Finding(loc, message, needs=(("claims", first[claim.id], "id"),))
        first.setdefault(claim.id, index)
        yield from claim_findings(claim, ("claims", index), ())
