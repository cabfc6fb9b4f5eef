"""What a strategy says of other files: symbols, groups, events, their tags and issuers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding, Loc, hint, listed, listed_sorted, show
from eventlab.definitions.references import ISSUER, Names
from eventlab.definitions.strategy_parts import StateDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import Occurrence
    from eventlab.definitions.references import Catalogue
    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["strategy_reference_findings"]


def strategy_reference_findings(
    strategy: StrategyDefinition, catalogue: Catalogue
) -> Iterator[Finding]:
    """Find symbols, groups, events and tags that the workspace does not have."""
    names = Names(catalogue)
    for name in strategy.book:
        for each in names.findings(("book", name), name):
            yield replace(each, at_key=True)
    for loc, name in _named(strategy):
        yield from names.findings(loc, name)
    for loc, event in _named_events(strategy):
        if event not in catalogue.events:
            near = hint(event, catalogue.events)
            there = "" if near else f"; there are {listed_sorted(catalogue.events) or 'none'}"
            yield Finding(loc, f"{show(event)} is no event of this workspace{near}{there}")
    yield from _easing_findings(strategy, catalogue)
    yield from _overlap_findings(strategy, catalogue)
    yield from _leg_findings(strategy, catalogue)
    if all(event in catalogue.known for event in strategy.events):
        events = tuple(catalogue.known[event] for event in dict.fromkeys(strategy.events))
        yield from _occurrence_findings(strategy, events)


def _named(strategy: StrategyDefinition) -> Iterator[tuple[Loc, str]]:
    """Yield every symbol and @group that has to exist, but for those of the book."""
    if strategy.hedge is not None:
        for index, name in enumerate(strategy.hedge.instruments):
            yield ("hedge", "instruments", index), name
    if strategy.signal is not None:
        yield ("signal", "symbol"), strategy.signal.symbol
    for loc, state in _states(strategy):
        for key in ("falling", "rising", "symbol"):
            name = getattr(state, key)
            if name is not None:
                yield (*loc, key), name
    if isinstance(strategy.costs.interest, str):
        yield ("costs", "interest"), strategy.costs.interest


def _states(strategy: StrategyDefinition) -> Iterator[tuple[Loc, StateDefinition]]:
    for key, state in (("enter", strategy.when.enter), ("exit", strategy.when.exit)):
        if isinstance(state, StateDefinition):
            yield ("when", key), state


def _named_events(strategy: StrategyDefinition) -> Iterator[tuple[Loc, str]]:
    for index, event in enumerate(strategy.events):
        yield ("events", index), event
    for loc, state in _states(strategy):
        if state.easing is not None:
            yield (*loc, "easing"), state.easing


def _easing_findings(strategy: StrategyDefinition, catalogue: Catalogue) -> Iterator[Finding]:
    for loc, state in _states(strategy):
        event = catalogue.known.get(state.easing or "")
        if event is not None and not any("cut" in one.tags for one in event.occurrences):
            message = (
                f"no occurrence of {show(event.event)} is tagged cut; name the event of a central "
                "bank, or tag its cuts"
            )
            yield Finding((*loc, "easing"), message)


def _overlap_findings(strategy: StrategyDefinition, catalogue: Catalogue) -> Iterator[Finding]:
    """Find symbols that are held twice: by themselves and in a group, or in two groups."""
    hedge = strategy.hedge
    puts = hedge is not None and hedge.ratio.method == "put"
    legs: list[tuple[Loc, str]] = [(("book", name), name) for name in strategy.book]
    if hedge is not None and not puts:
        instruments = enumerate(hedge.instruments)
        legs += [(("hedge", "instruments", index), name) for index, name in instruments]
    seen: dict[str, tuple[Loc, str]] = {}
    for loc, name in legs:
        both: dict[tuple[Loc, str], list[str]] = {}
        held = _issuers_of(strategy, catalogue) if name == ISSUER else catalogue.members((name,))
        for member in sorted(held):
            there = seen.setdefault(member, (loc, name))
            if there[1] != name:
                both.setdefault(there, []).append(member)
        for (other_loc, other), members in both.items():
            message = (
                f"{show(name)} and {show(other)} both hold {listed(members, 4)}: no symbol can be "
                "held twice; remove one of them, or write the symbols out"
            )
            yield Finding(loc, message, needs=(other_loc,), at_key=loc[0] == "book")


def _leg_findings(strategy: StrategyDefinition, catalogue: Catalogue) -> Iterator[Finding]:
    """Find costs of what the strategy does not hold."""
    instruments = strategy.hedge.instruments if strategy.hedge is not None else ()
    named = (*strategy.book, *instruments)
    if any(name[0] == "@" and name[1:] not in catalogue.groups for name in named if name != ISSUER):
        return
    legs = catalogue.members(named) | frozenset(named)
    if ISSUER in legs:
        if not all(event in catalogue.known for event in strategy.events):
            return
        legs |= _issuers_of(strategy, catalogue)
    needs: tuple[Loc, ...] = (("book",), ("hedge", "instruments"))
    costs = strategy.costs
    said: list[tuple[Loc, str]] = [(("costs", "by_symbol", one), one) for one in costs.by_symbol]
    said += [(("costs", "perpetuals", at), one) for at, one in enumerate(costs.perpetuals or ())]
    for loc, name in said:
        if name not in legs and catalogue.members((name,)).isdisjoint(legs):
            remedy = hint(name, legs) or f"; it holds {listed_sorted(legs, 6)}"
            message = f"{show(name)} is no leg of this strategy{remedy}"
            mild = loc[1] == "by_symbol"
            yield Finding(loc, message, "warning" if mild else "error", needs, at_key=mild)


def _occurrence_findings(
    strategy: StrategyDefinition, events: tuple[EventDefinition, ...]
) -> Iterator[Finding]:
    tags = {tag for event in events for one in event.occurrences for tag in one.tags}
    for index, tag in enumerate(strategy.tags):
        if tag not in tags:
            has = f"they have {listed_sorted(tags)}" if tags else "none has a tag"
            message = f"{show(tag)} is a tag of no occurrence{hint(tag, tags) or f'; {has}'}"
            yield Finding(("tags", index), message, needs=(("events",),))
    left = tuple((event, one) for event in events for one in _asked(strategy, event))
    needs: tuple[Loc, ...] = (("since",), ("until",), ("tags",))
    if not left and tags.issuperset(strategy.tags):
        message = "since, until and tags leave no occurrence; widen them"
        yield Finding(("events",), message, needs=needs)
    yield from _issuer_findings(strategy, events)
    yield from _surprise_findings(strategy, left)


def _asked(strategy: StrategyDefinition, event: EventDefinition) -> Iterator[Occurrence]:
    first, last = strategy.since or "", strategy.until or "9999-99-99"
    for one in event.occurrences:
        tagged = not strategy.tags or not set(strategy.tags).isdisjoint(one.tags)
        if tagged and first <= one.announced_at[:10] <= last:
            yield one


def _issuer_findings(
    strategy: StrategyDefinition, events: tuple[EventDefinition, ...]
) -> Iterator[Finding]:
    """``@issuer`` can only be used where every occurrence has one."""
    lacking = next((event for event in events if None in _issuers(event)), None)
    if lacking is None:
        return
    uses: list[tuple[Loc, str]] = [(("book", name), name) for name in strategy.book]
    for loc, name in (*uses, *_named(strategy)):
        if name == ISSUER:
            message = (
                f"'@issuer' is nobody for event {show(lacking.event)}; name a symbol, or add "
                "issuer: to the event"
            )
            yield Finding(loc, message, needs=(("events",),), at_key=loc[0] == "book")


def _issuers_of(strategy: StrategyDefinition, catalogue: Catalogue) -> set[str]:
    """Companies whose reports a strategy is held around, of the events that are known."""
    every = (catalogue.known[event] for event in strategy.events if event in catalogue.known)
    return {issuer for event in every for issuer in _issuers(event) if issuer is not None}


def _issuers(event: EventDefinition) -> set[str | None]:
    return {one.issuer or event.issuer for one in event.occurrences}


def _surprise_findings(
    strategy: StrategyDefinition, left: tuple[tuple[EventDefinition, Occurrence], ...]
) -> Iterator[Finding]:
    """Find occurrences that nobody could know of when the entry is decided."""
    enter = strategy.when.enter
    if isinstance(enter, StateDefinition) or enter > 0:
        return
    sudden = [
        f"{event.event}/{one.id}"
        for event, one in left
        if event.kind == "shock" or "unscheduled" in one.tags
    ]
    if sudden:
        message = (
            f"{enter} is decided before the news, which nobody could know for {listed(sudden, 3)}: "
            "left out; enter at 1 or later, or choose others by tags"
        )
        yield Finding(("when", "enter"), message, "warning", (("events",), ("tags",)))
