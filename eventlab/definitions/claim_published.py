"""What is wrong with the figure or word that a claim says was published."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventlab.definitions.problem import Finding, Loc, day_findings, hint, listed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.claim import ClaimDefinition
    from eventlab.definitions.claim_words import MeasureRules

__all__ = ["published_findings"]

_RIVALS: Final = ("first", "second")  # of the names behind the one whose beta it is
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)%?")


def published_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    """Find a figure or word that the measure cannot be compared with."""
    place, published = (*loc, "published"), claim.published
    needs: tuple[Loc, ...] = ((*loc, "measure"),)
    if claim.measure == "beta":
        rules, needs = _of_names(claim, rules), (*needs, (*loc, "symbols"))
    answers = bool(rules.words or rules.figures)
    if published is None and answers:
        message = f"is missing: what was published, {_allowed(rules)}"
        yield Finding(place, message, needs=needs)
    if isinstance(published, str) and claim.measure == "level_crossing":
        if _DAY.fullmatch(published):
            yield from day_findings(published, place)
        else:
            yield Finding(place, f"{show(published)} is no day, as in '2025-12-11'", needs=needs)
    elif isinstance(published, str) and answers and published not in rules.words:
        yield Finding(place, _no_word(published, claim, rules), needs=needs)
    elif isinstance(published, float | int | tuple) and claim.measure != "none":
        yield from _figure_findings(claim, loc, rules)
    figures = published is not None and not isinstance(published, str)
    if claim.tolerance is not None and not figures:
        message = "goes with a published figure, and there is none; drop it"
        yield Finding((*loc, "tolerance"), message, needs=(place, *needs), at_key=True)


def _of_names(claim: ClaimDefinition, rules: MeasureRules) -> MeasureRules:
    """Return what a beta may be: of two names a slope, of three which of two is followed more."""
    if len(claim.symbols) > 2:
        return replace(rules, words=_RIVALS, figures="")
    return replace(rules, words=tuple(one for one in rules.words if one not in _RIVALS))


def _allowed(rules: MeasureRules) -> str:
    word = f"one of the words {listed(rules.words)}" if len(rules.words) > 1 else ""
    return " or ".join(filter(None, (f"a number ({rules.figures})" if rules.figures else "", word)))


def _asker(claim: ClaimDefinition) -> str:
    return f"beta of {len(claim.symbols)} names" if claim.measure == "beta" else claim.measure


def _no_word(published: str, claim: ClaimDefinition, rules: MeasureRules) -> str:
    if _NUMBER.fullmatch(published) and rules.figures:
        number = float(published.rstrip("%")) / (100.0 if published.endswith("%") else 1.0)
        return f"{show(published)} is a text; write the number {number:g}"
    near = hint(published, rules.words)
    return f"{show(published)} is no answer of {_asker(claim)}; it takes {_allowed(rules)}{near}"


def _figure_findings(claim: ClaimDefinition, loc: Loc, rules: MeasureRules) -> Iterator[Finding]:
    place, published, needs = (*loc, "published"), claim.published, ((*loc, "measure"),)
    if claim.measure == "level_crossing":
        message = f"{show(published)} is no day; the price goes into level"
        yield Finding(place, message, needs=needs)
        return
    if not rules.figures:
        message = f"{show(published)} is a number; {_asker(claim)} takes {_allowed(rules)}"
        yield Finding(place, message, needs=needs)
        return
    figures = published if isinstance(published, tuple) else (published,)
    yield from _count_findings(claim, place, needs)
    least, most = rules.bounds
    for index, each in enumerate(figures):
        assert isinstance(each, float | int)  # noqa: S101 - as the field says
        if not least <= each <= most:
            there = (*place, index) if isinstance(published, tuple) else place
            message = f"{show(each)} is no {rules.figures.partition(' ')[2]}"
            message += f", which lies in {least:g} to {most:g}"
            if least <= each / 100.0 <= most:
                message += f"; write {each / 100.0:g} for {each:g}%"
            yield Finding(there, message, needs=needs)


def _count_findings(
    claim: ClaimDefinition, place: Loc, needs: tuple[Loc, ...]
) -> Iterator[Finding]:
    published, names = claim.published, claim.symbols
    if claim.measure == "relative_return":
        count = len(published) if isinstance(published, tuple) else 1
        difference = count == 1 and len(names) == 2  # of the first less the second
        if count != len(names) and not difference:
            message = f"{show(published)}: write a figure for each of {listed(names)}"
            yield Finding(place, message, needs=((*place[:-1], "symbols"), *needs))
    elif isinstance(published, tuple):
        if len(published) != 2:
            message = f"{show(published)} is no range; write one figure, or the two ends of one"
            yield Finding(place, message, needs=needs)
        elif published[0] > published[1]:
            message = f"{show(published)} runs backwards; write {show(published[::-1])}"
            yield Finding(place, message, needs=needs)
