"""What is wrong inside a contagion section, without knowing any other file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.definitions.list_findings import backwards, repeated
from eventlab.definitions.problem import Finding, Loc, day_findings, hint, listed_sorted, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.base import BarWindow
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.cross_section import Vocabulary

__all__ = ["contagion_findings"]

LEAST_BARS: Final = 4  # Fisher's z has 1/sqrt(T - 3)
ISSUER: Final = "@issuer"


def contagion_findings(
    contagion: ContagionDefinition, loc: Loc, words: Vocabulary
) -> Iterator[Finding]:
    """Find what is wrong inside a contagion section; ``words`` are those of the occurrences."""
    yield from _two_windows(
        ("calm_window", contagion.calm_window), ("crisis_window", contagion.crisis_window), loc
    )
    yield from _pair_findings(contagion, loc)
    yield from _intraday_findings(contagion, loc)
    yield from _connectedness_findings(contagion, (*loc, "connectedness"))
    yield from _chain_findings(contagion, (*loc, "chain"))
    yield from _mark_findings(contagion, (*loc, "marks"))
    yield from _regime_findings(contagion, (*loc, "regimes"))
    yield from _selection_findings(contagion, loc, words)


def _two_windows(
    before: tuple[str, BarWindow], after: tuple[str, BarWindow], loc: Loc
) -> Iterator[Finding]:
    """Two windows by key: neither runs backwards nor is too short, and the first ends first."""
    (first_key, first), (second_key, second) = before, after
    here, there = (*loc, first_key), (*loc, second_key)
    yield from backwards(first, here)
    yield from backwards(second, there)
    if first[0] > first[1] or second[0] > second[1]:
        return
    for window, place in ((first, here), (second, there)):
        length = window[1] - window[0] + 1
        if length < LEAST_BARS:
            bars = "1 bar" if length == 1 else f"{length} bars"
            message = f"{show(window)} has {bars}; a correlation needs {LEAST_BARS}; lengthen it"
            yield Finding(place, message)
    if first[1] >= second[0]:
        message = (
            f"{show(first)} overlaps or follows {second_key} {show(second)}; end it at "
            f"{second[0] - 1} or earlier"
        )
        yield Finding(here, message, needs=(there,))


def _pair_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    source, source_loc = contagion.source, (*loc, "source")
    if source.startswith("@") and source != ISSUER:
        message = f"{show(source)} is a group; a shock begins in one symbol or @issuer"
        yield Finding(source_loc, message)
    yield from repeated(contagion.targets, (*loc, "targets"))
    yield from repeated(contagion.factors, (*loc, "factors"))
    for index, target in enumerate(contagion.targets):
        if target == source:
            message = f"{show(target)} is the source itself; remove it"
            yield Finding((*loc, "targets", index), message, needs=(source_loc,))
    for index, factor in enumerate(contagion.factors):
        place = (*loc, "factors", index)
        if factor == source:
            message = (
                f"{show(factor)} is the source itself: nothing of it is left once it is adjusted "
                "for; remove it"
            )
            yield Finding(place, message, needs=(source_loc,))
        elif factor in contagion.targets:
            message = f"{show(factor)} is a target too, which has no adjusted returns then"
            yield Finding(place, message, "warning", ((*loc, "targets"),))


def _intraday_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    intraday = contagion.intraday
    if intraday is None:
        return
    place = (*loc, "intraday")
    if intraday.bar == contagion.bar:
        whole = intraday.bar == "session"
        remedy = "name a width of bars, as in 60min" if whole else "choose another, or drop it"
        message = f"{intraday.bar} is what the section itself counts; {remedy}"
        yield Finding((*place, "bar"), message, needs=((*loc, "bar"),))
    elif intraday.bar == "session":
        message = "session is no bar inside a session; name a width, as in 60min"
        yield Finding((*place, "bar"), message)
    calm, crisis = intraday.calm_window, intraday.crisis_window
    if calm is not None and crisis is not None:
        yield from _two_windows(("calm_window", calm), ("crisis_window", crisis), place)
    elif calm is not None:
        yield from _two_windows(("calm_window", calm), ("crisis_window", (0, 9_999)), place)
    elif crisis is not None:
        yield from _two_windows(("calm_window", (-10_000, -2)), ("crisis_window", crisis), place)


def _connectedness_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    said = contagion.connectedness
    before, after = said.before, said.after
    yield from _two_windows(("before", before), ("after", after), loc)
    series = 1 + len(contagion.targets)  # a group is one basket
    if said.estimator not in {None, "ols"} or (said.estimator is None and series > 10):
        return
    least = series * said.lags + 2
    needs = ((*loc, "lags"), (*loc, "estimator"))
    for key, window in (("before", before), ("after", after)):
        length = window[1] - window[0] + 1
        if LEAST_BARS <= length < least + said.lags:
            message = (
                f"{show(window)} has {length} bars; a VAR of {series} series with "
                f"{said.lags} {'lag' if said.lags == 1 else 'lags'} needs {least + said.lags}; "
                "lengthen it, or choose estimator: ridge"
            )
            yield Finding((*loc, key), message, needs=needs)


def _chain_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    if len(contagion.chain) == 1:
        yield Finding(loc, "one link is no chain; name at least two, the first to move first")
    seen: dict[str, int] = {}
    for index, link in enumerate(contagion.chain):
        names = (link,) if isinstance(link, str) else link
        if not names:
            yield Finding((*loc, index), "the link is empty; name a symbol or @group, or drop it")
        for at, name in enumerate(names):
            place = (*loc, index) if isinstance(link, str) else (*loc, index, at)
            if name in seen:
                message = f"{show(name)} is in link {seen[name] + 1} already; keep one"
                yield Finding(place, message)
            seen.setdefault(name, index)


def _mark_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    for index, mark in enumerate(contagion.marks):
        if mark.below is None and mark.above is None:
            message = "a mark has a side; add below: or above: with a price"
            yield Finding((*loc, index), message)
        elif mark.below is not None and mark.above is not None:
            message = "a mark has one side, below or above; write two marks"
            yield Finding((*loc, index), message)
    yield from repeated(contagion.marks, loc)


def _regime_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    regimes = contagion.regimes
    yield from repeated(regimes.bubbles, (*loc, "bubbles"))
    if regimes.buckets is not None:
        top, rest = regimes.buckets.top, regimes.buckets.rest
        for key, names in (("top", top), ("rest", rest)):
            yield from repeated(names, (*loc, "buckets", key))
            if not names:
                yield Finding((*loc, "buckets", key), "is empty; name symbols or a @group")
        for index, name in enumerate(rest):
            if name in top:
                message = f"{show(name)} is in top as well; keep one"
                yield Finding((*loc, "buckets", "rest", index), message)
    if regimes.betas is not None:
        place = (*loc, "betas")
        yield from repeated(regimes.betas.assets, (*place, "assets"))
        yield from repeated(regimes.betas.factors, (*place, "factors"))
        for index, name in enumerate(regimes.betas.assets):
            if name in regimes.betas.factors:
                message = f"{show(name)} is a factor as well; its beta on itself is 1; remove it"
                yield Finding((*place, "assets", index), message, needs=((*place, "factors"),))


def _selection_findings(
    contagion: ContagionDefinition, loc: Loc, words: Vocabulary
) -> Iterator[Finding]:
    """Find tags that no occurrence has, and days that do not exist or go together."""
    yield from repeated(contagion.by_tag, (*loc, "by_tag"))
    has = f"they have {listed_sorted(words.tags)}" if words.tags else "none has a tag"
    for index, tag in enumerate(contagion.by_tag):
        if tag not in words.tags:
            near = hint(tag, words.tags) or f"; {has}"
            message = f"{show(tag)} is a tag of no occurrence{near}"
            yield Finding((*loc, "by_tag", index), message, needs=(("occurrences",),))
    since, until = contagion.since, contagion.until
    for key, day in (("since", since), ("until", until)):
        if day is not None:
            yield from day_findings(day, (*loc, key))
    if since is not None and until is not None and since > until:
        message = f"{show(since)} is after until: {until}; swap them"
        yield Finding((*loc, "since"), message, needs=((*loc, "until"),))
