"""The claims of a workspace as questions, with the events and occurrences that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.claims.types import Question
from eventlab.definitions.problem import hint, listed, show
from eventlab.errors import UsageError
from eventlab.market.detect import OBSERVED
from eventlab.market.workspace_market import contagion_factors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from eventlab.definitions import EventDefinition, Workspace
    from eventlab.definitions.claim import ClaimDefinition

__all__ = ["claim_symbols", "questions_of"]

SUFFIXES = {
    "funding_sign": (OBSERVED["funding_rate"],),
    "open_interest_change": (OBSERVED["open_interest"], ""),  # and prices, for coins
}


def questions_of(
    workspace: Workspace, owners: Iterable[str] | None = None, ids: Iterable[str] | None = None
) -> tuple[Question, ...]:
    """Every claim of a workspace, event files first, in the order of the files.

    ``owners`` are ids of events and names of files of claims, ``ids`` those of claims; all by
    default.

    Raises
    ------
    UsageError
        There is no such event, file or claim.
    """
    known = {**workspace.events, **workspace.claims}
    chosen = list(known) if owners is None else list(dict.fromkeys(owners))
    _refuse_unknown(chosen, known, "neither an event nor a file of claims")
    found = tuple(one for owner in chosen for one in _of(owner, workspace))
    if ids is None:
        return found
    wanted = list(ids)
    _refuse_unknown(wanted, [one.claim.id for one in found], "no claim")
    return tuple(one for one in found if one.claim.id in wanted)


def _refuse_unknown(names: Iterable[str], known: Collection[str], what: str) -> None:
    for name in names:
        if name not in known:
            near = hint(name, known) or f"; there are {listed(known)}"
            raise UsageError(f"{show(name)} is {what}{near}")


def claim_symbols(questions: Iterable[Question], workspace: Workspace) -> tuple[str, ...]:
    """Every symbol whose prices the questions need, groups expanded, in order and once."""
    found: dict[str, None] = {}
    for question in questions:
        suffixes = SUFFIXES.get(question.claim.measure, ("",))
        for issuer in _issuers(question):
            members = workspace.expand(question.claim.symbols, issuer=issuer)
            found |= dict.fromkeys(one + suffix for one in members for suffix in suffixes)
            found |= dict.fromkeys(workspace.expand(_models_read(question), issuer=issuer))
    return tuple(found)


def _issuers(question: Question) -> Iterable[str | None]:
    """Who announced: at the claim's occurrence, or at any of its event."""
    if question.occurrence is not None:
        return (question.occurrence.issuer,)
    if question.event is None:
        return (None,)
    return dict.fromkeys(one.issuer for one in question.event.resolved_occurrences())


def _models_read(question: Question) -> tuple[str, ...]:
    """Name what the models of an event read beside the symbols of a claim about it."""
    event, measure = question.event, question.claim.measure
    if event is None:
        return ()
    if measure == "event_car" and event.study is not None:
        benchmark = event.study.benchmark
        return (*event.study.factors, *([] if benchmark is None else [benchmark]))
    if measure == "contagion_verdict" and event.contagion is not None:
        return (event.contagion.source, *contagion_factors(event))
    return ()


def _of(owner: str, workspace: Workspace) -> Iterator[Question]:
    if owner in workspace.events:
        event = workspace.events[owner]
        for claim in event.claims:
            yield _question(owner, claim, event.source or "", workspace)
        return
    file = workspace.claims[owner]
    for claim in file.claims:
        yield _question(owner, claim, file.source or "", workspace)


def _question(owner: str, claim: ClaimDefinition, source: str, workspace: Workspace) -> Question:
    event: EventDefinition | None = workspace.events.get(claim.event or owner)
    occurrence = None
    if event is not None and claim.occurrence is not None:
        each = {one.id: one for one in event.resolved_occurrences()}
        occurrence = each.get(claim.occurrence)
    return Question(owner, claim, claim.source or source, event, occurrence)
