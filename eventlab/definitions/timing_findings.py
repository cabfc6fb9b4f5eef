"""What is wrong with when a strategy enters and leaves, without knowing any other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding, Loc, show
from eventlab.definitions.strategy_parts import StateDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.definitions.strategy_parts import WhenDefinition

__all__ = ["longest_stay", "when_findings"]

ENTER: Loc = ("when", "enter")
EXIT: Loc = ("when", "exit")


def when_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    """Find exits before entries, states that never hold, and signals that are not known yet."""
    enter, exit_ = strategy.when.enter, strategy.when.exit
    yield from _order_findings(enter, exit_)
    for state, loc in ((enter, ENTER), (exit_, EXIT)):
        if isinstance(state, StateDefinition):
            yield from _state_findings(state, loc)
            yield from _subject_findings(state, loc, next(iter(strategy.book)))
    signal = strategy.signal
    if signal is None:
        return
    known = enter.after if isinstance(enter, StateDefinition) else enter - 1
    if signal.bars[1] > known:
        decided = (
            f"when.enter looks from bar {known} on"
            if isinstance(enter, StateDefinition)
            else f"when.enter: {enter} is decided at the close of bar {known}"
        )
        message = f"{show(signal.bars)} ends at bar {signal.bars[1]}, but {decided}; "
        remedy = f"end it at {known} or earlier, or enter later"
        yield Finding(("signal", "bars"), message + remedy, needs=(ENTER,))


def longest_stay(when: WhenDefinition) -> int:
    """Count the bars from the earliest decision to enter until the latest exit."""
    first = when.enter.after if isinstance(when.enter, StateDefinition) else when.enter - 1
    last = when.exit.at_most + 1 if isinstance(when.exit, StateDefinition) else when.exit
    return last - first


def _order_findings(
    enter: int | StateDefinition, exit_: int | StateDefinition
) -> Iterator[Finding]:
    """Find exits before entries; a state seen at the close of a bar is acted on in the next."""
    if isinstance(enter, StateDefinition):
        last, loc = enter.at_most + 1, (*ENTER, "at_most")
        if isinstance(exit_, StateDefinition):
            if exit_.at_most < last:
                message = (
                    f"{exit_.at_most} ends the wait for the exit no later than that for the entry "
                    f"(at_most: {enter.at_most}); at least {last}"
                )
                yield Finding((*EXIT, "at_most"), message, needs=(loc, EXIT))
        elif last >= exit_:
            message = (
                f"{enter.at_most} lets the entry be in bar {last}, which is not before exit "
                f"{exit_}; at most {exit_ - 2}"
            )
            yield Finding(loc, message, needs=(EXIT,))
    elif isinstance(exit_, StateDefinition):
        if exit_.at_most < enter:
            message = f"{exit_.at_most} is before when.enter: {enter}; at least {enter}"
            yield Finding((*EXIT, "at_most"), message, needs=(ENTER,))
    elif enter >= exit_:
        message = f"{enter} is not before exit {exit_}"
        yield Finding(ENTER, message, needs=(EXIT,))


def _state_findings(state: StateDefinition, loc: Loc) -> Iterator[Finding]:
    """Find a state without a condition, or one that can never be seen."""
    if not any(_conditions(state)):
        message = (
            "names no state to wait for; give funding_below, volatility_below, easing, falling or "
            "another condition"
        )
        yield Finding(loc, message, at_key=True)
    if state.after > state.at_most:
        message = (
            f"{state.after} is after at_most: {state.at_most}, so that nothing is waited for; "
            "lower it, or raise at_most"
        )
        yield Finding((*loc, "after"), message, needs=((*loc, "at_most"),))
    for what in ("funding", "volatility"):
        below, above = getattr(state, f"{what}_below"), getattr(state, f"{what}_above")
        if below is not None and above is not None and above >= below:
            message = (
                f"{show(above)} is not less than {what}_below: {show(below)}: nothing is both "
                "above the one and below the other"
            )
            needs = ((*loc, f"{what}_below"),)
            yield Finding((*loc, f"{what}_above"), message, needs=needs)
    if state.falling is not None and state.falling == state.rising:
        message = f"{show(state.rising)} cannot fall and rise over the same bars; keep one"
        yield Finding((*loc, "rising"), message, needs=((*loc, "falling"),))


def _subject_findings(state: StateDefinition, loc: Loc, first: str) -> Iterator[Finding]:
    """Find a state of which it is not clear whose, or of too few bars."""
    funding = state.funding_below is not None or state.funding_above is not None
    volatile = state.volatility_below is not None or state.volatility_above is not None
    place = (*loc, "symbol")
    if state.symbol is not None and not (funding or volatile):
        message = f"{show(state.symbol)} goes with a condition on funding or volatility; drop it"
        yield Finding(place, message)
    if state.symbol is None and (funding or volatile) and first.startswith("@"):
        message = f"is needed: the book begins with {show(first)}, which is no symbol"
        yield Finding(place, message, needs=(("book",),))
    if volatile and state.bars < 2:
        yield Finding((*loc, "bars"), "1 bar has no volatility; 2 or more")


def _conditions(state: StateDefinition) -> Iterator[bool]:
    for name in (
        *("funding_below", "funding_above", "volatility_below", "volatility_above"),
        *("easing", "falling", "rising"),
    ):
        yield getattr(state, name) is not None
