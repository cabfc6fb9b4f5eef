"""Strategies: every rule of a definition and every strategy that ships, at any instant."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args, get_origin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.definitions import load_workspace
from eventlab.definitions.base import StrictModel
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.hedge.audit import (
    compare,
    decide,
    facts_of,
    facts_or_none,
    known_tags,
    last_known,
    reach,
)
from eventlab.hedge.types import Kind
from eventlab.market.futures import events_known
from eventlab.market.workspace_market import market_for
from eventlab.timeline.types import MINUTE
from tests.hedge.told_rules import ALL, world_of
from tests.hedge.worlds import World
from tests.lookahead.ahead_world import FUTURES, few, seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.hedge.audit import Facts
    from eventlab.hedge.runs import Decided

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "strategies").glob("*.yaml"))
# What of a definition decides nothing about a position, and why.
NO_RULE: Final = {
    "strategy": "a name",
    "title": "words",
    "description": "words",
    "capital": "scales everything",
    "baseline": "tolerances of a regression test",
    "sweep": "values to try, each of them a strategy",
}


class Told(NamedTuple):
    world: World
    decided: Decided
    facts: Facts


@cache
def whole_of(name: str) -> Told:
    world = world_of(name) if name in ALL else shipped(name)
    decided = decide(*world.parts, None)
    return Told(world, decided, facts_of(decided))


@cache
def shipped(name: str) -> World:
    held = load_workspace(ROOT)
    strategy = held.strategies[name]
    return World(strategy, market_for(held, "sample", events=[], strategies=[strategy]), held)


@pytest.mark.parametrize("name", [*ALL, *SHIPPED])
@few
@given(
    future=st.sampled_from(list(FUTURES)),
    part=st.floats(0, 1),
    minutes=st.integers(0, 12 * 60),
    seed=seeds,
)
def test_no_strategy_looks_ahead(
    name: str, future: str, part: float, minutes: int, seed: int
) -> None:
    """Targets, orders, prices and equity up to a decision, and what is due at it."""
    (strategy, market, workspace), decided, whole = (
        whole_of(name).world.parts,
        *whole_of(name)[1:],
    )
    grid, rows = decided.setting.grid, decision_rows(decided)
    row = int(rows[int(part * (len(rows) - 1))])
    cut = last_known(grid, row) + minutes * MINUTE
    then = events_known(workspace, cut, known_tags(strategy, workspace))
    facts = facts_or_none(strategy, FUTURES[future](market, cut, seed), then, None)
    # Prices that end decide nothing at their last close.
    last = row if future != "truncated" else min(row - 1, reach(decided.setting, facts))
    bound = int(grid.instants[2 * last + 1]) if last >= 0 else -1
    changed = list(compare(whole, facts, bound))
    assert not changed, (future, row, changed[:3])


def decision_rows(decided: Decided) -> npt.NDArray[np.int64]:
    """Bars after the first entry at whose close something was decided, where a fault shows.

    When the book is bought follows from which occurrence is the first that can be entered.
    """
    plan = decided.planned.plan
    first = int(plan.decided[plan.kind == Kind.ENTER].min())
    inside = (plan.decided > first) & (plan.decided < len(decided.setting.grid) - 1)
    return np.unique(plan.decided[inside])


def test_every_rule_of_a_definition_is_told() -> None:
    """Each field, and each word that it can be, in some strategy of `told_rules`."""
    said = {path for name in ALL for path in told(world_of(name).strategy)}
    rules = {path for path in possible(StrategyDefinition) if path.split(".")[0] not in NO_RULE}
    assert rules - said == set()
    assert set(NO_RULE) <= set(StrategyDefinition.model_fields)


def possible(model: type[StrictModel], place: str = "") -> Iterator[str]:
    """Dotted paths of all fields, words after a colon; states are the same wherever they stand."""
    for name, field in model.model_fields.items():
        path = f"{place}{name}"
        inner = list(models_in(field.annotation))
        words = [word for one in literals_in(field.annotation) for word in one]
        for one in inner:
            yield from possible(one, "state." if "State" in one.__name__ else f"{path}.")
        if not inner:
            yield from (f"{path}:{word}" for word in words) if words else [path]


def models_in(annotation: Any) -> Iterator[type[StrictModel]]:
    if isinstance(annotation, type) and issubclass(annotation, StrictModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def literals_in(annotation: Any) -> Iterator[tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        yield get_args(annotation)
    else:
        for part in get_args(annotation):
            yield from literals_in(part)


def told(model: StrictModel, place: str = "") -> Iterator[str]:
    """Paths that a definition says, and the words that it has by default."""
    for name, field in type(model).model_fields.items():
        value, path = getattr(model, name), f"{place}{name}"
        held = value.values() if isinstance(value, dict) else [value]
        for one in held:
            if isinstance(one, StrictModel):
                yield from told(one, "state." if "State" in type(one).__name__ else f"{path}.")
            elif list(literals_in(field.annotation)):
                yield f"{path}:{one}"
            elif name in model.model_fields_set and one is not None:
                yield path
