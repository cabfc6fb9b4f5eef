"""The strategy and what it is compared with: the book alone, the hedge all the time, cash."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.definitions.strategy import PutDefinition
from eventlab.hedge.episodes import Accepted, Episode, accept, merge, ratios_on
from eventlab.hedge.funding import unknown_funding
from eventlab.hedge.plan import make_plan, start_row
from eventlab.hedge.puts import holds_puts, with_puts
from eventlab.hedge.simulate import Ground, Limits, ground_of, simulate_on
from eventlab.hedge.timing import Span
from eventlab.hedge.types import Kind, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.plan import Planned
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Simulation

__all__ = [
    "Decided",
    "alone",
    "always",
    "cash",
    "decide_all",
    "ground_under",
    "limits_of",
    "simulate_plan",
    "why_not_entered",
    "without_hedge",
]

RESET = 21  # bars after which a hedge that is always on is set anew


@dataclass(frozen=True, slots=True)
class Decided:
    """What a strategy decided, before any money moved.

    ``left_out`` are (occurrence, symbol, reason); the setting's grid holds the puts, if any, and
    ``bare`` is the setting without them. ``by_rule``: a function decided, not the file.
    """

    setting: Setting
    bare: Setting
    episodes: tuple[Episode, ...]
    planned: Planned
    left_out: tuple[tuple[str, str, str], ...]
    by_rule: bool = False


def decide_all(setting: Setting) -> Decided:
    """Accept occurrences, merge them into episodes and plan their orders."""
    accepted, left_out = accept(setting)
    episodes, bare = merge(accepted, touching=holds_puts(setting)), setting
    if holds_puts(setting) and episodes:
        setting, episodes, more = with_puts(setting, episodes)
        left_out += more
    return Decided(setting, bare, episodes, make_plan(setting, episodes), left_out)


def why_not_entered(left_out: Iterable[tuple[str, str, str]]) -> str:
    """Say the three commonest reasons why no occurrence was entered."""
    counts = Counter(why for _, _, why in left_out)
    listed = "; ".join(f"{why} ({count})" for why, count in counts.most_common(3))
    return f"no occurrence could be entered: {listed or 'there is none'}"


def limits_of(strategy: StrategyDefinition) -> Limits:
    """Bounds that a simulation keeps; a stop is filled where other orders are."""
    gross = strategy.limits.gross
    return Limits(
        gross=np.inf if gross is None else gross,
        maintenance=strategy.limits.maintenance,
        stop_at_close=strategy.when.fill == "close",
    )


def simulate_plan(setting: Setting, plan: Plan) -> Simulation:
    """Simulate a plan on a setting."""
    return simulate_on(ground_under(setting), plan)


def ground_under(setting: Setting) -> Ground:
    """Lay a setting out, to simulate more than one plan on it."""
    strategy = setting.strategy
    return ground_of(
        setting.grid, setting.carry, capital=strategy.capital, limits=limits_of(strategy)
    )


def alone(decided: Decided) -> Plan:
    """Plan of the book without the hedge; of a strategy without one, of the book held throughout.

    The book is bought when the strategy's is, or when its first entry is decided.
    """
    if decided.setting.strategy.hedge is not None:
        return without_hedge(decided.setting, decided.planned.plan)
    return held_throughout(decided.setting, decided.episodes, 1.0)


def without_hedge(setting: Setting, plan: Plan) -> Plan:
    """Drop the orders of the hedge, and the stop, from a plan."""
    hedge = np.arange(len(setting.grid.symbols)) >= setting.sleeves.n_book
    return replace(
        plan,
        targets=np.where(hedge, np.nan, plan.targets),
        points=np.where(hedge, -1, plan.points),
        stop=np.full(len(plan), np.nan),
    )


def held_throughout(setting: Setting, episodes: Sequence[Episode], multiple: float) -> Plan:
    """Buy the book once, at a multiple of its weights, and keep it."""
    exposure = setting.strategy.exposure.model_copy(update={"outside": multiple})
    held = setting.strategy.model_copy(update={"exposure": exposure})
    whole = make_plan(replace(setting, strategy=held), episodes).plan
    kept = (whole.kind == Kind.START) | (whole.episode == -1)
    return Plan(
        *(getattr(whole, name)[kept] for name in Plan.__slots__),
    )


def always(decided: Decided) -> tuple[Setting, Plan] | None:
    """Plan of the hedge all the time, set anew every `RESET` bars, puts when they expire.

    The book is bought when the strategy's is. None where that means nothing: without a hedge or a
    book outside of the events, or where a signal or a rule in Python says which way to go.
    """
    setting, strategy = decided.bare, decided.bare.strategy
    if strategy.hedge is None or strategy.signal is not None or not decided.episodes:
        return None
    if strategy.exposure.outside == 0 or decided.by_rule:
        return None
    if holds_puts(setting):
        return always_puts(decided)
    first, model = start_row(setting, decided.episodes), decided.episodes[0].first
    rows = range(first, len(setting.grid) - 2, RESET)
    issuer = model.span.occasion.issuer
    entries = [
        Accepted(
            replace(model.span, decided=row), strategy.exposure.outside, values, "", resets=True
        )
        for row, (values, _) in zip(
            rows, ratios_on(setting, [(issuer, row) for row in rows]), strict=True
        )
        if np.isfinite(values).all() and unknown_funding(setting, row) is None
    ]
    if not entries:
        return None
    when = strategy.when.model_copy(update={"rebalance": "none"})
    limits = strategy.limits.model_copy(update={"stop": None})
    quiet = strategy.model_copy(update={"when": when, "limits": limits})
    whole = Episode(tuple(entries), len(setting.grid))
    made = make_plan(replace(setting, strategy=quiet), [whole], since=decided.episodes)
    return setting, made.plan


def always_puts(decided: Decided) -> tuple[Setting, Plan]:
    """Plan of one put after another, each sold at the close before it expires.

    The next one is struck a bar later and bought a bar after that: two bars of each round are
    without.
    """
    setting, model = decided.bare, decided.episodes[0].first
    hedge = setting.strategy.hedge
    assert hedge is not None  # noqa: S101 - the caller has looked
    expiry = (hedge.put or PutDefinition()).expiry
    rows = range(start_row(setting, decided.episodes), len(setting.grid) - 2, expiry)
    last = len(setting.grid) - 1
    spans = [Span(model.span.occasion, row, min(row + expiry - 1, last)) for row in rows]
    episodes = [Episode((replace(model, span=one),), one.leave) for one in spans]
    held, kept, _ = with_puts(setting, episodes)
    return held, make_plan(held, kept, since=decided.episodes).plan


def cash(decided: Decided) -> Plan:
    """Plan of one decision, at which nothing is bought: from then on the capital earns interest."""
    plan = decided.planned.plan
    return Plan(
        decided=plan.decided[:1],
        kind=np.array([Kind.START], np.int64),
        episode=np.array([-1], np.int64),
        targets=np.full((1, plan.targets.shape[1]), np.nan),
        of_equity=plan.of_equity[:1],
        points=np.full((1, plan.targets.shape[1]), -1),
        stop=np.array([np.nan]),
    )
