"""What an event file says: when something happened, and how it is to be studied."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from eventlab.definitions.base import Identifier, Many, StrictModel, SymbolName, Text, refuse
from eventlab.definitions.baseline import (  # noqa: TC001 - a field is of it
    EventBaselineDefinition,
    Section,
)
from eventlab.definitions.claim import ClaimDefinition  # noqa: TC001 - a field is of it
from eventlab.definitions.claim_findings import ClaimEvent, claim_findings
from eventlab.definitions.contagion import ContagionDefinition, contagion_names
from eventlab.definitions.contagion_findings import contagion_findings
from eventlab.definitions.cross_section import vocabulary
from eventlab.definitions.occurrence import (
    Occurrence,
    OccurrenceDefaults,
    Owner,
    ResolvedOccurrence,
    resolve_occurrence,
)
from eventlab.definitions.problem import Finding, Loc, show
from eventlab.definitions.study import StudyDefinition, study_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

__all__ = ["EventDefinition", "claim_event", "event_findings", "tested_sections"]

Kind = Literal["earnings", "central_bank", "macro", "shock", "other"]
QUICK_SECTIONS: tuple[Section, ...] = ("study", "claims")  # a contagion takes longer
EVERY = "all"  # in the tables of results: every occurrence, whatever its id and tags


class EventDefinition(StrictModel):
    """One event file."""

    event: Identifier = Field(description="Name of the event, as the file is called.")
    title: Text = Field(description="What happened, in a few words.")
    kind: Kind = Field(description="earnings, central_bank, macro, shock or other.")
    issuer: SymbolName | None = Field(
        default=None, description="Symbol of who announces; what @issuer stands for."
    )
    description: Text | None = Field(default=None, description="Whatever a reader should know.")
    source: Text | None = Field(default=None, description="Where dates and figures come from.")
    defaults: OccurrenceDefaults = Field(
        default=OccurrenceDefaults(), description="What every occurrence inherits."
    )
    occurrences: Annotated[Many[Occurrence], Field(min_length=1)] = Field(
        description="The times that it happened."
    )
    study: StudyDefinition | None = Field(
        default=None, description="How abnormal returns are computed; left out: no study."
    )
    contagion: ContagionDefinition | None = Field(
        default=None, description="Which shock might have travelled where."
    )
    claims: Many[ClaimDefinition] = Field(
        default=(), description="Published statements about the event, to be tested."
    )
    baseline: EventBaselineDefinition | None = Field(
        default=None,
        description="Tolerances of the regression test of its results; left out: not under test.",
    )

    @model_validator(mode="after")
    def _hangs_together(self, info: ValidationInfo) -> Self:
        refuse(event_findings(self), info)
        return self

    def resolved_occurrences(self) -> tuple[ResolvedOccurrence, ...]:
        """Fill in what the occurrences take over from the file, and read their times.

        Returns
        -------
        occurrences
            In the order of the file. All of them for a definition that validates; of one that
            does not, those whose time can be read.
        """
        owner = _owner(self)
        each = (resolve_occurrence(owner, one, at)[0] for at, one in enumerate(self.occurrences))
        return tuple(one for one in each if one is not None)


def event_findings(event: EventDefinition) -> Iterator[Finding]:
    """Find what is wrong inside one event, without knowing any other file."""
    yield from _same_id((one.id for one in event.occurrences), "occurrences")
    owner = _owner(event)
    moments: dict[tuple[object, ...], str] = {}
    for index, occurrence in enumerate(event.occurrences):
        resolved, findings = resolve_occurrence(owner, occurrence, index)
        yield from findings
        yield from _name_findings(occurrence, index)
        if resolved is not None:
            yield from _same_moment(resolved, moments)
    words = vocabulary(event.occurrences)
    if event.study is not None:
        yield from study_findings(event.study, ("study",), words)
    if event.contagion is not None:
        yield from contagion_findings(event.contagion, ("contagion",), words)
    yield from _issuer_findings(event)
    yield from _same_id((one.id for one in event.claims), "claims")
    own = claim_event(event)
    for index, claim in enumerate(event.claims):
        yield from claim_findings(claim, ("claims", index), own)
    yield from _baseline_findings(event)


def claim_event(event: EventDefinition) -> ClaimEvent:
    """Say what claims may refer to in an event."""
    return ClaimEvent(
        event.event,
        tuple(one.id for one in event.occurrences),
        frozenset(tag for one in event.occurrences for tag in one.tags),
        frozenset(name for name in ("study", "contagion") if getattr(event, name) is not None),
        event.issuer is not None or all(one.issuer is not None for one in event.occurrences),
    )


def tested_sections(event: EventDefinition) -> tuple[Section, ...]:
    """Return what of an event is under regression test: nothing without ``baseline``."""
    if event.baseline is None:
        return ()
    if event.baseline.of is not None:
        return event.baseline.of
    return tuple(name for name in QUICK_SECTIONS if getattr(event, name))


def _baseline_findings(event: EventDefinition) -> Iterator[Finding]:
    """Only what the file has can be under test."""
    if event.baseline is None:
        return
    asked = tested_sections(event)
    for at, name in enumerate(asked):
        if not getattr(event, name):
            message = f"the event has no {name}; add one, or leave {name} out"
            yield Finding(("baseline", "of", at), message, needs=((name,),))
    if not asked:
        message = "the event has neither a study nor claims to test; a contagion is named in of"
        yield Finding(("baseline",), message)


def _owner(event: EventDefinition) -> Owner:
    return Owner(event.event, event.title, event.issuer, event.defaults)


def _same_id(ids: Iterable[str], section: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, each in enumerate(ids):
        if each in first:
            message = f"{show(each)} is used by {section}[{first[each]}] as well; ids are unique"
            yield Finding((section, index, "id"), message, needs=((section, first[each], "id"),))
        first.setdefault(each, index)


def _same_moment(
    occurrence: ResolvedOccurrence, moments: dict[tuple[object, ...], str]
) -> Iterator[Finding]:
    # In UTC: within one zone, Python takes the two readings of a repeated hour for equal.
    at = occurrence.announced_at
    moment = occurrence.date if at is None else at.astimezone(UTC)
    key = (moment, occurrence.session, occurrence.issuer)
    if key in moments:
        message = (
            f"is the same time and issuer as occurrence {show(moments[key])}; is one too many?"
        )
        yield Finding(("occurrences", occurrence.index, "announced_at"), message, "warning")
    moments.setdefault(key, occurrence.id)


def _name_findings(occurrence: Occurrence, index: int) -> Iterator[Finding]:
    reserved = f"{show(EVERY)} stands for every occurrence in the results; choose another word"
    if occurrence.id == EVERY:
        yield Finding(("occurrences", index, "id"), reserved)
    seen: set[str] = set()
    for at, tag in enumerate(occurrence.tags):
        if tag in seen:
            yield Finding(("occurrences", index, "tags", at), f"{show(tag)} is listed twice")
        seen.add(tag)
        if tag == EVERY:
            yield Finding(("occurrences", index, "tags", at), reserved)


def _issuer_findings(event: EventDefinition) -> Iterator[Finding]:
    """``@issuer`` can only be used where every occurrence has one."""
    asked = tuple(_issuer_uses(event))
    lacking = [index for index, one in enumerate(event.occurrences) if one.issuer is None]
    if not asked or event.issuer is not None or not lacking:
        return
    one = event.occurrences[lacking[0]].id
    message = f"'@issuer' is nobody for occurrence {show(one)}; add issuer: to it or to the event"
    for loc in asked:
        yield Finding(loc, message, needs=(("issuer",), ("occurrences", lacking[0], "issuer")))


def _issuer_uses(event: EventDefinition) -> Iterator[Loc]:
    if event.study is not None and "@issuer" in event.study.assets:
        yield ("study", "assets", event.study.assets.index("@issuer"))
    if event.contagion is None:
        return
    for place, name in contagion_names(event.contagion):
        if name == "@issuer":
            yield ("contagion", *place)
