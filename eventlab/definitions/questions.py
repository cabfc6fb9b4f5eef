"""The claims of a workspace as questions, with the events and occurrences that they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.definitions.problem import hint, listed, show
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from eventlab.definitions.claim import ClaimDefinition
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.definitions.workspace import Workspace

__all__ = ["Question", "questions_of"]


@dataclass(frozen=True, slots=True)
class Question:
    """One claim with what it stands on.

    Attributes
    ----------
    owner
        Id of the event file, or name of the file of claims, that holds it.
    source
        Who said it; of a file of claims where the claim does not say, empty where nobody does.
    event, occurrence
        The event that it is about and the occurrence its window is relative to; None without.
    """

    owner: str
    claim: ClaimDefinition
    source: str = ""
    event: EventDefinition | None = None
    occurrence: ResolvedOccurrence | None = None


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
            near = hint(name, known) or f"; there are {listed(known) or 'none'}"
            raise UsageError(f"{show(name)} is {what}{near}")


def _of(owner: str, workspace: Workspace) -> Iterator[Question]:
    source, file = "", workspace.events.get(owner)  # whose own vouches for days, not statements
    claims = file.claims if file is not None else workspace.claims[owner].claims
    if file is None:
        source = workspace.claims[owner].source or ""
    resolved: dict[str, dict[str, ResolvedOccurrence]] = {}
    for claim in claims:
        event = workspace.events.get(claim.event or owner)
        occurrence = None
        if event is not None and claim.occurrence is not None:
            if event.event not in resolved:
                resolved[event.event] = {one.id: one for one in event.resolved_occurrences()}
            occurrence = resolved[event.event].get(claim.occurrence)
        yield Question(owner, claim, claim.source or source, event, occurrence)
