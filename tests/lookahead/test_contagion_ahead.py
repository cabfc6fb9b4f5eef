"""Contagion around an event: nothing after its windows changes a bit of any table."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab import contagion as ev
from eventlab.contagion.networks import part as networks
from eventlab.definitions import EventDefinition
from tests.hedge.worlds import CALENDARS
from tests.lookahead.ahead_world import (
    COUNT,
    FUTURES,
    assert_same,
    few,
    instant_after,
    last_complete,
    others,
    seeds,
    stamps,
    world,
)
from tests.study.worlds import NEW_YORK, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventlab.contagion.results import EventContagion
    from eventlab.market.types import Market
    from tests.lookahead.ahead_world import Seen

NEWS: Final = 150  # row of the session before the news
AFTER: Final = 45  # the last bar of any window
FIRST, LAST = NEWS + 1 + AFTER + 1, 218
SECTION: Final[dict[str, Any]] = {
    "source": "QQQ",
    "targets": ["NVDA", "BTC"],
    "calm_window": [-60, -6],
    "crisis_window": [0, 10],
    "draws": 40,
    "chain": ["QQQ", "NVDA", "BTC"],
    "marks": [{"symbol": "BTC", "below": 40.0}],
    "connectedness": {"before": [-60, -6], "after": [0, AFTER], "draws": 20},
    "regimes": {
        "betas": {"assets": ["SOL"], "factors": ["BTC", "QQQ"]},
        "buckets": {"top": ["BTC", "ETH", "SOL"], "rest": ["QQQ", "NVDA", "ORCL"]},
        "bubbles": ["BTC"],
    },
}


@pytest.fixture(autouse=True)
def short_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks have windows of their own, which reach farther than this world."""
    monkeypatch.setattr(networks, "AFTER", (0, AFTER))


def contagion_of(market: Market) -> EventContagion:
    """Everything of one occurrence, whose placebo dates all lie before it."""
    when = f"{world().clock.sessions[NEWS]} 16:05"
    told = {
        "event": "news", "title": "News", "kind": "other", "defaults": {"zone": NEW_YORK},
        "occurrences": [{"id": "n0", "announced_at": when}], "contagion": SECTION,
    }  # fmt: skip
    event = EventDefinition.model_validate(told)
    return ev.run_contagion(event, market, workspace(event, calendars=CALENDARS), seed=1)


@cache
def before() -> EventContagion:
    return contagion_of(world().market)


@settings(few, max_examples=(COUNT + 1) // 2)
@given(
    future=st.sampled_from(list(FUTURES)),
    row=st.integers(FIRST, LAST),
    share=st.floats(0, 1),
    seed=seeds,
)
def test_no_part_of_contagion_looks_ahead(future: str, row: int, share: float, seed: int) -> None:
    instant = instant_after(world().clock, row, share)
    if last_complete(world().clock, instant, nearest=True) < NEWS + 1 + AFTER:
        return
    other = contagion_of(others(row, share, seed)[future].market)
    for one in fields(before()):
        table = getattr(before(), one.name)
        if isinstance(table, pd.DataFrame):
            assert_same(table, getattr(other, one.name), f"{one.name}, {future}")


def test_every_part_of_contagion_has_something_to_compare() -> None:
    nothing = {"mediation", "exclusions", "overlaps", "truth"}  # of one occurrence, and real prices
    assert {
        one.name
        for one in fields(before())
        if isinstance(table := getattr(before(), one.name), pd.DataFrame) and table.empty
    } <= nothing


def chain(seen: Seen) -> Mapping[str, pd.DataFrame]:
    prices = {name: seen.column(name, "prices") for name in ("QQQ", "BTC", "ETH")}
    closes = stamps(world().clock.closes)
    found = ev.chain_order(prices, ["QQQ", ["BTC", "ETH"]], closes[NEWS], placebo=closes[60:],
                           horizon="10D")  # fmt: skip
    return {"moves": found.moves, "pairs": found.pairs}


def volatility(seen: Seen) -> Mapping[str, pd.DataFrame]:
    days = stamps(world().clock.closes)
    frame = (
        seen.laid_out(seen.panel).abs().add(1e-4).map(float)[["QQQ own close", "NVDA own close"]]
    )
    calm, crisis = (days[60], days[140]), (days[NEWS], days[NEWS + AFTER])
    return {"tests": ev.volatility_contagion(frame, "QQQ own close", calm=calm, crisis=crisis)}


WINDOWS: Final[Mapping[str, Callable[[Seen], Mapping[str, pd.DataFrame]]]] = {
    "chain_order": chain,
    "volatility_contagion": volatility,
}


@pytest.mark.parametrize("name", WINDOWS)
@few
@given(row=st.integers(FIRST, LAST), share=st.floats(0, 1), seed=seeds)
def test_a_window_that_has_ended_does_not_change(
    name: str, row: int, share: float, seed: int
) -> None:
    whole = WINDOWS[name](world())
    for future, seen in others(row, share, seed).items():
        for table, found in WINDOWS[name](seen).items():
            assert_same(whole[table], found, f"{table}, {future}")
