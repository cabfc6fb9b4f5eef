"""What definitions say of each other: symbols, groups and events by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.definitions.claim_findings import about_event
from eventlab.definitions.contagion import contagion_names
from eventlab.definitions.cross_section import read_symbols
from eventlab.definitions.event import claim_event
from eventlab.definitions.problem import Finding, Loc, hint, listed, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.definitions.claim import ClaimDefinition, ClaimsDefinition
    from eventlab.definitions.claim_findings import ClaimEvent
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.specifications import SpecificationsDefinition
    from eventlab.definitions.universe import UniverseDefinition
    from eventlab.definitions.workspace_file import WorkspaceDefinition

__all__ = [
    "ISSUER",
    "Catalogue",
    "Names",
    "claims_reference_findings",
    "event_reference_findings",
    "settings_reference_findings",
    "universe_findings",
]

ISSUER = "@issuer"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names that a workspace knows, those of faulty files included.

    A name that a faulty file defines is known: its file is reported, and not everything that
    refers to it as well. What events say is known of those without a fault only: ``known``.
    ``complete`` is False where the symbols of a universe cannot be read: any may be among them.
    """

    groups: Mapping[str, tuple[str, ...]]
    events: frozenset[str]
    known: Mapping[str, EventDefinition]
    complete: bool = True
    _asked: dict[str, ClaimEvent] = field(default_factory=dict)

    @property
    def symbols(self) -> frozenset[str]:
        """Every symbol of every universe."""
        return frozenset(symbol for members in self.groups.values() for symbol in members)

    def asked(self, name: str, event: EventDefinition) -> ClaimEvent:
        """Say what claims may refer to in an event of the workspace; worked out once for all."""
        if name not in self._asked:
            self._asked[name] = claim_event(event)
        return self._asked[name]

    def members(self, names: tuple[str, ...]) -> frozenset[str]:
        """Every symbol that is named, by itself or by its group."""
        each = (self.groups.get(one[1:], ()) if one[:1] == "@" else (one,) for one in names)
        return frozenset(symbol for members in each for symbol in members)


def event_reference_findings(event: EventDefinition, catalogue: Catalogue) -> Iterator[Finding]:
    """Find symbols and groups that no universe has."""
    names = Names(catalogue)
    for loc, name in _event_names(event):
        yield from names.findings(loc, name)
    study = event.study
    if study is not None and study.benchmark in catalogue.members(study.assets):
        message = (
            f"the assets hold {show(study.benchmark)}, which is the benchmark; it is left out, "
            "as it has no abnormal return against itself"
        )
        yield Finding(("study", "assets"), message, "warning", (("study", "benchmark"),))
    if event.contagion is not None:
        yield from _shared_members(event.contagion.targets, catalogue)
    for index, claim in enumerate(event.claims):
        yield from claim_reference_findings(claim, ("claims", index), catalogue)


def _shared_members(targets: tuple[str, ...], catalogue: Catalogue) -> Iterator[Finding]:
    """Find groups among the targets of a contagion that hold the same symbols."""
    seen: dict[str, str] = {}
    for index, group in enumerate(targets):
        members = catalogue.groups.get(group[1:], ()) if group.startswith("@") else ()
        both: dict[str, list[str]] = {}
        for member in members:
            if seen.setdefault(member, group) != group:
                both.setdefault(seen[member], []).append(member)
        for other, names in both.items():
            message = (
                f"{show(group)} and {show(other)} both hold {listed(names, 4)}, which are measured "
                "once but count in both baskets"
            )
            yield Finding(("contagion", "targets", index), message, "warning")


def claims_reference_findings(file: ClaimsDefinition, catalogue: Catalogue) -> Iterator[Finding]:
    """Find symbols, groups, events and occurrences that claims name and the workspace lacks."""
    names = Names(catalogue)
    for index, claim in enumerate(file.claims):
        for loc, name in _each(("claims", index, "symbols"), claim.symbols):
            yield from names.findings(loc, name)
        yield from claim_reference_findings(claim, ("claims", index), catalogue)


def claim_reference_findings(
    claim: ClaimDefinition, loc: Loc, catalogue: Catalogue
) -> Iterator[Finding]:
    """Find what a claim asks of an event that it names, and the workspace or the event lacks."""
    if claim.event is None:
        return
    if claim.event not in catalogue.events:
        near = hint(claim.event, catalogue.events)
        near = near or f"; there are {listed(catalogue.events) or 'none'}"
        yield Finding((*loc, "event"), f"{show(claim.event)} is no event of events/{near}")
        return
    known = catalogue.known.get(claim.event)
    if known is not None:
        yield from about_event(claim, loc, catalogue.asked(claim.event, known))


def settings_reference_findings(
    settings: WorkspaceDefinition, catalogue: Catalogue
) -> Iterator[Finding]:
    """Find symbols with a calendar of their own that no universe has."""
    names = Names(catalogue)
    for symbol in settings.calendars:
        yield from names.findings(("calendars", symbol), symbol)


def universe_findings(universe: UniverseDefinition) -> Iterator[Finding]:
    """Find what is wrong inside one universe."""
    if universe.universe == ISSUER[1:]:
        message = f"{ISSUER} stands for the issuer of an occurrence; choose another name"
        yield Finding(("universe",), message)
    for symbol, said in universe.symbols.items():
        kind = said.kind or universe.kind
        if said.unit is not None and kind != "return":
            message = f"a unit goes with kind: return, not {kind}; drop it, or say kind: return"
            yield Finding(("symbols", symbol, "unit"), message)
    kinds = {said.kind or universe.kind for said in universe.symbols.values()}
    if universe.unit is not None and "return" not in kinds:
        message = "a unit goes with kind: return, and no symbol is of that kind; drop it"
        yield Finding(("unit",), message, needs=(("kind",),))


class Names:
    """What to say of a symbol or @group that no universe has."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._groups = catalogue.groups
        self._complete = catalogue.complete
        self._symbols = catalogue.symbols

    def findings(self, loc: Loc, name: str) -> Iterator[Finding]:
        """Find out whether there is such a name; ``@issuer`` is judged elsewhere."""
        if name == ISSUER:
            return
        if name.startswith("@"):
            if name[1:] not in self._groups:
                groups = [f"@{each}" for each in sorted(self._groups)]
                near = hint(name, groups) or f"; there are {listed(groups) or 'none'}"
                yield Finding(loc, f"{show(name)} is no group of universes/{near}")
        elif self._groups and self._complete and name not in self._symbols:  # else any will do
            near = hint(name, self._symbols)
            remedy = near or "; add it to a file there, or correct it"
            yield Finding(loc, f"{show(name)} is no symbol of universes/{remedy}")


def _event_names(event: EventDefinition) -> Iterator[tuple[Loc, str]]:
    if event.issuer is not None:
        yield ("issuer",), event.issuer
    for index, occurrence in enumerate(event.occurrences):
        if occurrence.issuer is not None:
            yield ("occurrences", index, "issuer"), occurrence.issuer
    if event.study is not None:
        if event.study.benchmark is not None:
            yield ("study", "benchmark"), event.study.benchmark
        yield from _each(("study", "assets"), event.study.assets)
        yield from _each(("study", "factors"), event.study.factors)
        yield from _specification_names(event.study.specifications)
        for place, name in read_symbols(event.study.states, event.study.cross_section):
            yield ("study", *place), name
    if event.contagion is not None:
        yield from _contagion_names(event.contagion)
    for index, claim in enumerate(event.claims):
        yield from _each(("claims", index, "symbols"), claim.symbols)


def _contagion_names(section: ContagionDefinition) -> Iterator[tuple[Loc, str]]:
    for place, name in contagion_names(section):
        if place != ("source",) or not name.startswith("@"):  # a group is reported as such already
            yield ("contagion", *place), name


def _specification_names(
    section: SpecificationsDefinition | None,
) -> Iterator[tuple[Loc, str]]:
    if section is not None:
        place: Loc = ("study", "specifications")
        yield from _each((*place, "benchmarks"), section.benchmarks or ())
        for index, names in enumerate(section.factors or ()):
            yield from _each((*place, "factors", index), names)


def _each(loc: Loc, names: tuple[str, ...]) -> Iterator[tuple[Loc, str]]:
    return (((*loc, index), name) for index, name in enumerate(names))
