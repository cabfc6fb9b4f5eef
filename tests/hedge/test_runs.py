"""What a strategy is compared with: its book alone, the hedge all the time, cash; random dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eventlab.hedge.run import run_backtest
from tests.hedge.worlds import random_world, told

FIXED = {"instruments": ["QQQ"], "ratio": {"method": "fixed", "value": 0.6}}


def test_the_book_alone_is_the_same_file_without_its_hedge() -> None:
    """Out of bitcoin by half around the news, hedged or not: the book trades alike."""
    said: dict[str, Any] = {"exposure": {"inside": 0.5, "outside": 1.0}, "costs": {"fee_bps": 9}}
    hedged = random_world(2, hedge=FIXED, **said)
    alone = told(hedged.strategy, hedge=None, exposure={"inside": 0.5, "outside": 1.0})
    one = run_backtest(*hedged.parts, draws=0)
    other = run_backtest(alone, hedged.market, hedged.workspace, draws=0)
    own = one.curves.set_index("session")["unhedged"]
    wanted = other.curves.set_index("session")["hedged"].reindex(own.index)
    both = wanted.notna()
    assert both.sum() > 150
    np.testing.assert_allclose(own[both], wanted[both], rtol=1e-12)


def test_without_a_hedge_it_is_compared_with_the_book_that_is_always_held() -> None:
    """Sized at the first close and bought at the second; then equity moves as bitcoin does."""
    world = random_world(2, hedge=None, exposure={"inside": 0.0, "outside": 1.0})
    curves = run_backtest(*world.parts, draws=0).curves
    prices = world.market.daily["BTC"]
    by_day = dict(zip(prices.sessions.astype(str), prices.prices, strict=True))
    own = [by_day[str(day)[:10]] for day in curves["session"]]
    coins = 1_000.0 / own[0]
    wanted = [1_000.0, *(1_000.0 + coins * (price - own[1]) for price in own[1:])]
    np.testing.assert_allclose(curves["unhedged"], wanted, rtol=1e-12)


def test_cash_earns_its_interest_and_nothing_else() -> None:
    """1,000 at 3.65% are 0.1 a day, compounded; it starts when the strategy does."""
    world = random_world(2, costs={"interest": 0.0365})
    curves = run_backtest(*world.parts, draws=0).curves
    days = np.arange(len(curves))
    np.testing.assert_allclose(curves["cash"], 1_000.0 * 1.0001**days, rtol=1e-12)


def test_a_placebo_has_a_p_and_needs_draws() -> None:
    world = random_world(2, hedge=FIXED)
    found = run_backtest(*world.parts, draws=60).placebo
    assert set(found["statistic"]) == {"event_return", "hedge_return", "variance_reduction"}
    assert found["pvalue"].between(1 / 61, 1.0).all()
    assert (found["low"] <= found["high"]).all()
    none = run_backtest(*world.parts, draws=0).placebo
    assert none["pvalue"].isna().all()
    assert set(none["note"]) == {"no draws were asked for"}


def test_where_no_free_dates_are_left_a_placebo_says_so() -> None:
    world = random_world(2, hedge=FIXED, when={"enter": -11, "exit": 12})
    found = run_backtest(*world.parts, draws=50).placebo
    assert found["pvalue"].isna().all()
    assert found["note"].str.contains("dates without an event are left").all()


def test_a_hedge_that_moves_with_the_book_takes_its_variance() -> None:
    """Bitcoin against itself by another name: a ratio near 1 and nearly nothing left."""
    twin = random_world(2)
    held = {**twin.market.daily, "SOL": twin.market.daily["BTC"]}
    rule = {"instruments": ["SOL"], "ratio": {"method": "ols", "lookback": 20}}
    world = twin.saying(hedge=rule)
    object.__setattr__(world, "market", type(twin.market)(twin.market.stamp, held, {}))
    found = run_backtest(*world.parts, draws=0)
    assert found.ratios["ratio"].to_numpy() == pytest.approx(1.0, abs=1e-9)
    table = found.effectiveness
    inside = table[(table["scope"] == "event") & (table["measure"] == "variance")]
    assert (inside["value"] > 0.98).all()
