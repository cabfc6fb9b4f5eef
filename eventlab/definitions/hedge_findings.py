"""What is wrong inside the hedge of a strategy, without knowing any other file."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from eventlab.definitions.hedge_definition import PutDefinition
from eventlab.definitions.list_findings import repeated
from eventlab.definitions.problem import Finding, Loc, show
from eventlab.definitions.timing_findings import longest_stay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.hedge_definition import HedgeDefinition, RatioDefinition
    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["hedge_findings"]

LEAST_RATIO = 1e-9  # smaller sizes are below what is told apart in money

FOR_ONE: Final = frozenset({"min_es", "downside_beta", "put"})
FOR_SEVERAL: Final = "fixed, ols, ewma, ridge, kalman or dcc"


def hedge_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    """Find what is wrong inside the hedge, and between it and the rest of the strategy."""
    hedge = strategy.hedge
    if hedge is None:
        if strategy.when.rebalance != "none":
            message = f"{strategy.when.rebalance} sets the hedge anew, and there is none; drop it"
            yield Finding(("when", "rebalance"), message, needs=(("hedge",),))
        return
    yield from _instrument_findings(strategy, hedge)
    yield from _ratio_findings(hedge)
    yield from _put_findings(strategy, hedge)


def _instrument_findings(strategy: StrategyDefinition, hedge: HedgeDefinition) -> Iterator[Finding]:
    loc: Loc = ("hedge", "instruments")
    method_loc: Loc = ("hedge", "ratio", "method")
    yield from repeated(hedge.instruments, loc)
    method = hedge.ratio.method
    if method in FOR_ONE and len(hedge.instruments) > 1:
        message = (
            f"method {method} takes one instrument, not {len(hedge.instruments)}; keep one, or "
            f"choose {FOR_SEVERAL}"
        )
        yield Finding(loc, message, needs=(method_loc,))
    if method == "put":  # puts on what the book holds are the point
        for index, name in enumerate(hedge.instruments):
            if name.startswith("@"):
                message = f"{show(name)} is no symbol, and puts are on one; name it"
                yield Finding((*loc, index), message, needs=(method_loc,))
        return
    for index, name in enumerate(hedge.instruments):
        if name in strategy.book:
            message = f"{show(name)} is in the book as well; change its weight there, or remove it"
            yield Finding((*loc, index), message, needs=(("book", name), method_loc))


def _ratio_findings(hedge: HedgeDefinition) -> Iterator[Finding]:
    ratio, loc = hedge.ratio, ("hedge", "ratio")
    needs: tuple[Loc, ...] = ((*loc, "method"),)
    if ratio.method == "fixed" and ratio.value is None:
        yield Finding((*loc, "value"), "method fixed needs a value, as in value: 1.0", needs=needs)
    if ratio.method not in {"fixed", "put"} and ratio.value is not None:
        message = f"{show(ratio.value)} goes with method: fixed or put, not {ratio.method}"
        yield Finding((*loc, "value"), message, needs=needs)
    if ratio.method == "ewma" and ratio.half_life is None:
        message = "method ewma needs a half_life, as in half_life: 30"
        yield Finding((*loc, "half_life"), message, needs=needs)
    yield from _value_findings(ratio, loc)
    if ratio.method == "min_es" and ratio.level * ratio.lookback < 1:
        message = (
            f"{show(ratio.level)} of {ratio.lookback} bars is less than one; raise it to "
            f"{ceil(1_000 / ratio.lookback) / 1_000:g}, or lengthen lookback"
        )
        yield Finding((*loc, "level"), message, needs=(*needs, (*loc, "lookback")))
    least = len(hedge.instruments) + 2
    if ratio.method in {"ols", "ewma", "kalman", "dcc"} and ratio.lookback < least:
        message = (
            f"{ratio.lookback} bars are too few for {len(hedge.instruments)} instruments; {least} "
            "or more, or choose ridge"
        )
        yield Finding((*loc, "lookback"), message, needs=(*needs, ("hedge", "instruments")))


def _value_findings(ratio: RatioDefinition, loc: Loc) -> Iterator[Finding]:
    value = ratio.value
    if value is None or ratio.method not in {"fixed", "put"}:
        return
    place, needs = (*loc, "value"), ((*loc, "method"), (*loc, "cap"))
    if value == 0:
        message = "0 is no hedge; give the ratio, or drop hedge"
        yield Finding(place, message, needs=needs)
    elif abs(value) < LEAST_RATIO:
        message = f"{show(value)} is as good as no hedge; at least {show(LEAST_RATIO)}"
        yield Finding(place, message, needs=needs)
    elif value < 0 and ratio.method == "put":
        message = f"{show(value)} would sell puts; give how many are bought per unit of the book"
        yield Finding(place, message, needs=needs)
    elif ratio.cap is not None and abs(value) > ratio.cap:
        message = f"{show(value)} is beyond cap: {show(ratio.cap)}; raise the cap, or drop it"
        yield Finding(place, message, needs=needs)


def _put_findings(strategy: StrategyDefinition, hedge: HedgeDefinition) -> Iterator[Finding]:
    method_loc: Loc = ("hedge", "ratio", "method")
    if hedge.ratio.method != "put":
        if hedge.put is not None:
            message = f"puts go with method: put, not {hedge.ratio.method}; drop them, or say so"
            yield Finding(("hedge", "put"), message, needs=(method_loc,), at_key=True)
        return
    put = hedge.put or PutDefinition()
    stay = longest_stay(strategy.when)
    if 0 < stay > put.expiry:
        message = (
            f"{put.expiry} bars from the decision end before the exit, which may be {stay} bars "
            f"from it; at least {stay}"
        )
        needs: tuple[Loc, ...] = (("when", "enter"), ("when", "exit"), method_loc)
        yield Finding(("hedge", "put", "expiry"), message, needs=needs)
