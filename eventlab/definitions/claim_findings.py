"""What is wrong inside a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.definitions.claim_published import published_findings
from eventlab.definitions.claim_words import AXES, MEASURES, MeasureRules
from eventlab.definitions.list_findings import repeated
from eventlab.definitions.problem import (
    Finding,
    Loc,
    day_findings,
    hint,
    listed,
    listed_sorted,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.claim import ClaimDefinition, ClaimsDefinition

__all__ = ["ClaimEvent", "about_event", "claim_findings", "claims_findings"]

# Keys that some measures read and others do not, and where what they say belongs instead.
_REMEDIES: Final = {
    "window": "drop it",
    "as_of": "drop it",
    "event": "drop it",
    "occurrence": "drop it, and say when with as_of or window",
    "tag": "name an occurrence instead",
    "level": "a figure goes into published",
    "direction": "a word goes into published, as in negative",
    "after_level": "drop it",
    "since": "write window as two dates",
    "needs": "it goes with measure: none",
}
_SECTIONS: Final = {"event_car": "study", "contagion_verdict": "contagion"}


@dataclass(frozen=True, slots=True)
class ClaimEvent:
    """What claims may refer to in an event.

    ``sections`` are those of ``study`` and ``contagion`` that it has.
    """

    event: str
    occurrences: tuple[str, ...]
    tags: frozenset[str]
    sections: frozenset[str]
    every_issuer: bool


def claim_findings(
    claim: ClaimDefinition, loc: Loc, own: ClaimEvent | None = None
) -> Iterator[Finding]:
    """Find what is wrong inside one claim; ``own`` is the event of its file, if it has one."""
    rules = MEASURES[claim.measure]
    yield from _symbol_findings(claim, loc, rules)
    yield from _key_findings(claim, loc, rules)
    yield from _when_findings(claim, loc, rules)
    yield from published_findings(claim, loc, rules)
    yield from _reading_findings(claim, loc, rules)
    if claim.event is not None:
        return  # of another file, which is looked at with all others
    if own is not None:
        yield from about_event(claim, loc, own)
        return
    if claim.occurrence is not None:
        message = f"{show(claim.occurrence)} needs an event: add event: with the id of its file"
        yield Finding((*loc, "occurrence"), message, needs=((*loc, "event"),))
    elif claim.measure in _SECTIONS:
        message = f"is missing: {claim.measure} is about an event; add event: with the id of it"
        yield Finding((*loc, "event"), message, needs=((*loc, "measure"),))


def about_event(claim: ClaimDefinition, loc: Loc, event: ClaimEvent) -> Iterator[Finding]:
    """Find what a claim asks of an event that the event does not have."""
    needs: tuple[Loc, ...] = (("occurrences",), (*loc, "event"), (*loc, "measure"))
    ids = event.occurrences
    if claim.occurrence is not None and claim.occurrence not in ids:
        near = hint(claim.occurrence, ids) or f"; the latest are {listed(ids[-3:])}"
        message = f"{show(claim.occurrence)} is no occurrence of {event.event}{near}"
        yield Finding((*loc, "occurrence"), message, needs=needs)
    if claim.tag is not None and claim.tag not in event.tags:
        has = f"; they have {listed_sorted(event.tags)}" if event.tags else "; none has a tag"
        near = hint(claim.tag, event.tags) or has
        message = f"{show(claim.tag)} is a tag of no occurrence of {event.event}{near}"
        yield Finding((*loc, "tag"), message, needs=needs)
    section = _SECTIONS.get(claim.measure)
    if section is not None and section not in event.sections:
        message = f"{claim.measure} needs a {section} section, which {event.event} lacks; add one"
        yield Finding((*loc, "measure"), message, needs=((section,), *needs))
    if "@issuer" in claim.symbols and claim.occurrence is not None and not event.every_issuer:
        message = f"'@issuer' is nobody for every occurrence of {event.event}; name the symbol"
        place = (*loc, "symbols", claim.symbols.index("@issuer"))
        yield Finding(place, message, needs=(("issuer",), *needs))


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
        yield from claim_findings(claim, ("claims", index))


def _symbol_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    place, names, needs = (*loc, "symbols"), claim.symbols, ((*loc, "measure"),)
    least, most = rules.symbols
    of_group = len(names) == 1 and names[0].startswith("@") and most is None
    if len(names) < least and not of_group:
        if names:
            kinds = "two or a group" if most is None else f"{least}"
            message = f"{show(names)} names one symbol; {claim.measure} needs {kinds}"
        else:
            message = f"is missing: {claim.measure} needs {'one' if least == 1 else 'two'} or more"
        yield Finding(place, message, needs=needs)
    if most is not None and len(names) > most:
        message = f"{show(names)} has {len(names)} names; {claim.measure} takes at most {most}"
        yield Finding(place, message, needs=needs)
    yield from repeated(names, place)
    for index, name in enumerate(names):
        if rules.whole and name.startswith("@"):
            message = f"{show(name)} is a group; {claim.measure} is of one symbol"
            yield Finding((*place, index), message, needs=needs)
        if name == "@issuer" and claim.occurrence is None and claim.measure != "event_car":
            message = "'@issuer' is the issuer of an occurrence; add occurrence or name the symbol"
            yield Finding((*place, index), message, needs=((*loc, "occurrence"), *needs))


def _key_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    """Find keys that the measure lacks, and those that it would not read."""
    measure: Loc = (*loc, "measure")
    reads = rules.needs | rules.reads
    if "occurrence" in reads:
        reads |= {"event"}
    for key in sorted(rules.needs):
        if getattr(claim, key) is None and key != "published":
            said = (type(claim).model_fields[key].description or "").partition(". ")[0]
            message = f"is missing: {claim.measure} needs it: {said[:1].lower()}{said[1:]}"
            yield Finding((*loc, key), message.rstrip("."), needs=(measure,))
    for key, remedy in _REMEDIES.items():
        if getattr(claim, key) is not None and key not in reads:
            message = f"is not read by measure: {claim.measure}; {remedy}"
            yield Finding((*loc, key), message, needs=(measure,), at_key=True)
    if claim.tag is not None and claim.occurrence is not None and "tag" in reads:
        message = f"picks among all occurrences; drop it or occurrence: {claim.occurrence}"
        yield Finding((*loc, "tag"), message, needs=((*loc, "occurrence"), measure))


def _when_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    if claim.as_of is not None:
        yield from day_findings(claim.as_of, (*loc, "as_of"))
    if claim.since is not None:
        yield from day_findings(claim.since, (*loc, "since"))
    timed = "as_of" in rules.reads and "window" not in rules.needs
    unplaced = claim.window is None and claim.as_of is None and claim.occurrence is None
    if timed and unplaced:
        message = f"{claim.measure} needs a time: add window as two dates, as_of or occurrence"
        needs: tuple[Loc, ...] = tuple((*loc, key) for key in ("window", "as_of", "occurrence"))
        yield Finding((*loc, "measure"), message, needs=needs)
    if claim.window is not None and "window" in rules.needs | rules.reads:
        yield from _window_findings(claim, claim.window, (*loc, "window"), loc)
    if claim.as_of is not None and rules.axes and not _ends(claim):
        message = "is not read beside a window of bars or of two dates; drop one of them"
        needs = ((*loc, "window"), (*loc, "readings"), (*loc, "beyond"), (*loc, "measure"))
        yield Finding((*loc, "as_of"), message, "warning", needs, at_key=True)
    yield from _occurrence_findings(claim, loc, rules)
    yield from _since_findings(claim, loc, rules)


def _occurrence_findings(
    claim: ClaimDefinition, loc: Loc, rules: MeasureRules
) -> Iterator[Finding]:
    """Find an occurrence that no window counts from, nor ends before, nor says who @issuer is."""
    if claim.occurrence is None or "as_of" not in rules.reads or "@issuer" in claim.symbols:
        return
    bars = any(isinstance(each, tuple) and isinstance(each[0], int) for each in _windows(claim))
    if bars or (claim.as_of is None and _ends(claim)):
        return
    beside = "as_of" if claim.as_of is not None and _ends(claim) else "a window of two dates"
    message = f"is not read beside {beside}; drop one of them"
    needs = tuple((*loc, key) for key in ("as_of", "window", "readings", "beyond", "measure"))
    yield Finding((*loc, "occurrence"), message, "warning", needs, at_key=True)


def _since_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    """Find a day that does not come before what is compared with the time since it."""
    if claim.since is None or "since" not in rules.reads:
        return
    yield from _span_findings(claim, claim.window, (*loc, "window"), loc)
    before, what = claim.as_of, "as_of"
    if isinstance(claim.window, tuple) and isinstance(claim.window[0], str):
        before, what = claim.window[0], "the window's first day"
    if before is not None and claim.since >= before:
        message = f"{show(claim.since)} does not come before {what}, {before}; name an earlier day"
        needs = tuple((*loc, key) for key in ("as_of", "window", "measure"))
        yield Finding((*loc, "since"), message, needs=needs)


def _windows(claim: ClaimDefinition) -> list[object]:
    """List the windows of a claim: its own, and those of its readings."""
    sections = [each for each in (claim.readings, claim.beyond) if each is not None]
    return [claim.window, *(one for each in sections for one in each.windows or ())]


def _ends(claim: ClaimDefinition) -> bool:
    """Whether any window of a claim ends at as_of."""
    return any(isinstance(each, str) or each is None for each in _windows(claim))


def _window_findings(
    claim: ClaimDefinition, window: object, place: Loc, loc: Loc
) -> Iterator[Finding]:
    needs: tuple[Loc, ...] = ((*loc, "as_of"), (*loc, "occurrence"), (*loc, "measure"))
    of_event = claim.measure == "event_car"
    if isinstance(window, str):
        if of_event:
            message = f"{show(window)} is no window of bars; write it as in [0, 1]"
            yield Finding(place, message, needs=needs)
        elif claim.as_of is None and claim.occurrence is None:
            message = f"{show(window)} needs an end: add as_of or occurrence"
            yield Finding(place, message, needs=needs)
        return
    assert isinstance(window, tuple)  # noqa: S101 - as ClaimWindow says
    for index, day in enumerate(window):
        if isinstance(day, str):
            yield from day_findings(day, (*place, index))
    if window[0] > window[1]:
        yield Finding(place, f"{show(window)} runs backwards; write the earlier end first")
    bars = isinstance(window[0], int)
    if of_event and not bars:
        message = f"{show(window)} are days; event_car sums bars around the event, as in [0, 1]"
        yield Finding(place, message, needs=needs)
    elif bars and not of_event and claim.occurrence is None:
        message = f"{show(window)} counts bars from an occurrence: add it, or write two dates"
        yield Finding(place, message, needs=needs)


def _span_findings(
    claim: ClaimDefinition, window: object, place: Loc, loc: Loc
) -> Iterator[Finding]:
    """Find a window that is to roll and has no length."""
    if claim.measure == "rolling_correlation" and isinstance(window, tuple):
        message = f"{show(window)} does not roll; write its length, as in 30 bars"
        yield Finding(place, message, needs=((*loc, "measure"), (*loc, "since")))


def _reading_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    knows = listed(rules.axes) or "none"
    for key in ("readings", "beyond"):
        section = getattr(claim, key)
        for axis in AXES if section is not None else ():
            values, place = getattr(section, axis), (*loc, key, axis)
            if values is None:
                continue
            if axis not in rules.axes:
                message = f"{claim.measure} has no choice of it; its readings: {knows}"
                yield Finding(place, message, needs=((*loc, "measure"),), at_key=True)
                continue
            if not values:
                yield Finding(place, "is empty; name a reading or drop the key")
            yield from repeated(values, place)
            for index, each in enumerate(values if axis == "of" else ()):
                if each not in rules.of:
                    message = f"{claim.measure} is not of {each}; it is of {listed(rules.of)}"
                    yield Finding((*place, index), message, needs=((*loc, "measure"),))
            for index, window in enumerate(values if axis == "windows" else ()):
                yield from _window_findings(claim, window, (*place, index), loc)
                yield from _span_findings(claim, window, (*place, index), loc)
