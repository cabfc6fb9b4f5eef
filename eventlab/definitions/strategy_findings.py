"""What is wrong inside a strategy, without knowing any other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.hedge_findings import hedge_findings
from eventlab.definitions.list_findings import backwards, repeated
from eventlab.definitions.problem import Finding, Loc, day_findings, show
from eventlab.definitions.sweep import sweep_findings
from eventlab.definitions.timing_findings import when_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["strategy_findings"]

ISSUER = "@issuer"


def strategy_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    """Find what is wrong inside one strategy, without knowing any other file."""
    own = tuple(_own_findings(strategy))
    yield from own
    if strategy.sweep:
        sound = all(each.severity != "error" for each in own)
        yield from sweep_findings(strategy, sound=sound)


def _own_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    yield from repeated(strategy.events, ("events",))
    if all(weight == 0 for weight in strategy.book.values()):
        yield Finding(("book",), "every weight is zero; give one at least")
    yield from hedge_findings(strategy)
    yield from when_findings(strategy)
    yield from _exposure_findings(strategy)
    yield from _signal_findings(strategy)
    yield from _limit_findings(strategy)
    yield from _cost_findings(strategy)
    yield from _selection_findings(strategy)


def _exposure_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    inside, outside = strategy.exposure.inside, strategy.exposure.outside
    loc: Loc = ("exposure", "inside")
    needs: tuple[Loc, ...] = (("exposure", "outside"), ("hedge",), ("signal",), ("scale",))
    turns = strategy.signal is not None and strategy.signal.take != "gate"
    if inside == 0 and strategy.hedge is not None:
        message = "0 leaves nothing to hedge between entry and exit; drop the hedge, or raise it"
        yield Finding(loc, message, needs=needs)
    elif inside == 0 and strategy.scale is not None:
        message = "0 leaves nothing to scale between entry and exit; drop scale, or raise it"
        yield Finding(loc, message, needs=needs)
    elif inside == 0 == outside:
        message = "0 inside and outside: the book is never held; raise one of them"
        yield Finding(loc, message, needs=needs)
    elif inside == outside and strategy.hedge is None and strategy.scale is None and not turns:
        message = (
            "is held the same at all times: there is no hedge, and exposure is "
            f"{show(inside)} inside and outside; give a hedge, or make the two differ"
        )
        yield Finding(("book",), message, needs=(*needs, loc), at_key=True)


def _signal_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    signal = strategy.signal
    if signal is None:
        return
    if signal.symbol.startswith("@") and signal.symbol != ISSUER:
        message = f"{show(signal.symbol)} is a group; a reaction is that of one symbol or @issuer"
        yield Finding(("signal", "symbol"), message)
    yield from backwards(signal.bars, ("signal", "bars"))
    below, above = signal.below, signal.above
    if signal.take == "gate" and below is None and above is None:
        message = "gate lets everything through; say below or above, as in below: -0.02"
        needs: tuple[Loc, ...] = (("signal", "below"), ("signal", "above"))
        yield Finding(("signal", "take"), message, needs=needs)
    if below is not None and above is not None and below >= above:
        message = (
            f"{show(below)} is not less than above: {show(above)}, so that every reaction would "
            "do; drop both, or swap them"
        )
        yield Finding(("signal", "below"), message, needs=(("signal", "above"),))


def _limit_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    limits, exposure = strategy.limits, strategy.exposure
    most = max(abs(exposure.inside), abs(exposure.outside))
    own = most * sum(abs(weight) for weight in strategy.book.values())
    needs: tuple[Loc, ...] = (("exposure",), ("book",))
    if limits.gross is not None and limits.gross < own:
        message = (
            f"{show(limits.gross)} is less than the book itself, which is {own:g} of equity: its "
            "orders will be cut"
        )
        yield Finding(("limits", "gross"), message, "warning", needs)
        own = limits.gross
    if limits.maintenance * own >= 1:
        message = (
            f"{show(limits.maintenance)} of positions of {own:g} times equity is all of it: they "
            f"would be liquidated at once; stay below {1 / own:g}"
        )
        yield Finding(("limits", "maintenance"), message, needs=(*needs, ("limits", "gross")))
    elif limits.gross is not None and limits.maintenance * limits.gross >= 1:
        message = (
            f"{show(limits.maintenance)} liquidates before gross: {show(limits.gross)} is reached; "
            f"stay below {1 / limits.gross:g}, or lower gross"
        )
        yield Finding(("limits", "maintenance"), message, needs=(("limits", "gross"),))


def _cost_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    costs = strategy.costs
    loc: Loc = ("costs", "perpetuals")
    if costs.perpetuals is not None:
        yield from repeated(costs.perpetuals, loc)
        if costs.funding == "none":
            message = "perpetuals go with funding: perpetual; say so, or drop them"
            yield Finding(loc, message, needs=(("costs", "funding"),), at_key=True)
        elif not costs.perpetuals:
            message = "is empty; name the legs that are perpetuals, or drop it for all crypto legs"
            yield Finding(loc, message)
    for name, said in costs.by_symbol.items():
        if said.fee_bps is None and said.slippage_bps is None and said.borrow_bps_per_year is None:
            message = "says nothing; give fee_bps, slippage_bps or borrow_bps_per_year, or drop it"
            yield Finding(("costs", "by_symbol", name), message)


def _selection_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    """Find days that do not exist or go together, and tags listed twice."""
    yield from repeated(strategy.tags, ("tags",))
    since, until = strategy.since, strategy.until
    for key, day in (("since", since), ("until", until)):
        if day is not None:
            yield from day_findings(day, (key,))
    if since is not None and until is not None and since > until:
        message = f"{show(since)} is after until: {until}; swap them"
        yield Finding(("since",), message, needs=(("until",),))
