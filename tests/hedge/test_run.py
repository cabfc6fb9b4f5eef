"""Whole backtests: against the naive twin, the identity of the money, a squeeze, determinism."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.hedge.answers.events import stretches
from eventlab.hedge.audit import run_audit
from eventlab.hedge.portfolio import ParityError, check_parity, replay
from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from eventlab.timeline import make_clock
from tests.hedge.worlds import (
    CALENDARS,
    World,
    leg,
    random_world,
    reports,
    room,
    spaced,
    told,
    without,
)
from tests.market.series import market
from tests.naive_hedge_run import CLOSE, OPEN, Naive, naive_backtest

if TYPE_CHECKING:
    from eventlab.hedge.results import Backtest
    from eventlab.hedge.types import Simulation

ROUNDING = 1e-12  # of the capital: sums of some thousand products, in another order
FIXED = {"method": "fixed", "value": 0.8}
OLS = {"method": "ols", "lookback": 15, "cap": 1.5}
CHOICES: dict[str, list[Any]] = {
    "book": [{"BTC": 1.0}, {"BTC": 0.7, "ETH": -0.4}, {"NVDA": 0.9}],
    "hedge": [
        {"instruments": ["QQQ"], "ratio": FIXED},
        {"instruments": ["QQQ", "LSEG"], "ratio": FIXED},
        {"instruments": ["QQQ"], "ratio": OLS},
        {"instruments": ["SOL"], "ratio": OLS},
    ],
    "exposure": [
        {},
        {"reset": "none"},
        {"inside": 1.0, "outside": 0.0},
        {"inside": 0.0, "outside": 1.0},
        {"inside": 0.5, "outside": 0.9, "reset": "none"},
    ],
    "when": [
        {"enter": -1, "exit": 2},
        {"enter": -3, "exit": 5, "rebalance": "daily"},
        {"enter": 1, "exit": 4, "fill": "open"},
        {"enter": -2, "exit": 40, "fill": "open", "rebalance": "daily"},
    ],
    "when_closed": ["next_open", "previous_close", "cancel"],
    "costs": [
        {"fee_bps": 0, "slippage_bps": 0, "borrow_bps_per_year": 0},
        {"fee_bps": 7, "slippage_bps": 11, "borrow_bps_per_year": 400, "interest": 0.05},
    ],
}


def chosen(seed: int) -> dict[str, Any]:
    """One of each; seeds count through the pairs of them."""
    random = np.random.default_rng(seed)
    said = {name: each[random.integers(len(each))] for name, each in CHOICES.items()}
    if said["exposure"].get("inside") == 0.0:  # nothing is left to hedge
        said |= {"hedge": None, "when": {**said["when"], "rebalance": "none"}}
    return said


def holes(world: World, seed: int, share: float) -> World:
    """The same world in which some opens and some whole days lack."""
    random, held = np.random.default_rng(seed), world.market
    for symbol in CALENDARS:
        days = held.daily[symbol].sessions.astype(str)
        for opens_only in (True, False):
            gone = days[random.random(len(days)) < share].tolist()
            held = without(held, symbol, *gone, opens_only=opens_only)
    return replace(world, market=held, strategy=told(world.strategy, missing="roll"))


def naive_of(world: World, first: date, last: date) -> Naive:
    prices: dict[str, dict[tuple[date, int], float]] = {}
    open_days: dict[str, frozenset[date]] = {}
    for symbol, calendar in CALENDARS.items():
        one = world.market.daily[symbol]
        assert one.open is not None
        days = one.sessions.astype("datetime64[D]").astype(object)
        found: dict[tuple[date, int], float] = {}
        for kind, values in ((OPEN, one.open), (CLOSE, one.prices)):
            found |= {
                (d, kind): float(v) for d, v in zip(days, values, strict=True) if not np.isnan(v)
            }
        prices[symbol] = {at: v for at, v in found.items() if first <= at[0] <= last}
        clock = make_clock(calendar, first, last)
        open_days[symbol] = frozenset(clock.days.astype(object))
    return Naive(world.strategy, prices, lambda symbol, day: day in open_days[symbol], first, last)


def own_fills(run: Simulation) -> tuple[list[int], list[int]]:
    return run.order_point.tolist(), run.order_leg.tolist()


@pytest.mark.parametrize("seed", range(48))
def test_a_backtest_is_what_the_naive_twin_makes_of_the_same_file(seed: int) -> None:
    """Every fill and every equity, on holidays, weekends and holes, whatever the file says."""
    world = holes(random_world(seed % 7, **chosen(seed)), seed, (0.0, 0.05)[seed % 2])
    decided = decide_all(prepare(*world.parts))
    run = simulate_plan(decided.setting, decided.planned.plan)
    days = decided.setting.grid.clock.days.astype(object)
    news = [date.fromisoformat(when[:10]) for when in spaced()]
    twin = naive_backtest(naive_of(world, days[0], days[-1]), news)
    symbols = decided.setting.grid.symbols
    fills = [((days[p // 2], p % 2), symbols[a]) for p, a in zip(*own_fills(run), strict=True)]
    assert fills == [(at, symbol) for at, symbol, _, _ in twin.fills]
    shares, paid = [each[2] for each in twin.fills], [each[3] for each in twin.fills]
    np.testing.assert_allclose(run.order_shares, shares, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(run.order_price, paid)
    wanted = [twin.equity[day, kind] for day in days for kind in (OPEN, CLOSE)]
    np.testing.assert_allclose(run.equity, wanted, rtol=0, atol=1e-9 * world.strategy.capital)


def assert_identities(found: Backtest) -> None:
    """Of each run, and of each episode and its legs."""
    capital = found.strategy.capital
    assert found.identity["error"].abs().max() <= ROUNDING * 10 * capital
    events = found.events
    costs = events[["fees", "slippage", "borrow", "funding"]].sum(axis=1)
    wanted = events["unhedged"] + events["hedge"] - costs + events["interest"]
    np.testing.assert_allclose(events["hedged"], wanted, rtol=0, atol=ROUNDING * capital)
    by_leg = found.legs.groupby("occurrence", sort=False)
    tolerance = ROUNDING * 100 * capital
    for row in events.to_dict("records"):
        if row["occurrence"] not in by_leg.groups:
            assert row["hedged"] == pytest.approx(row["interest"], abs=tolerance)
            continue
        own = by_leg.get_group(row["occurrence"])
        earned = row["unhedged"] + row["hedge"]
        assert own["pnl"].sum() == pytest.approx(earned, abs=tolerance)
        for name in ("fees", "slippage", "borrow", "funding"):
            assert own[name].sum() == pytest.approx(row[name], abs=tolerance)
    bars = found.curves["hedged"].iloc[0] * np.cumprod(1.0 + found.curves["hedged_return"])
    np.testing.assert_allclose(bars, found.curves["hedged"], rtol=1e-9)


RICH = {
    "fee_bps": 7, "slippage_bps": 11, "borrow_bps_per_year": 300, "interest": "DGS2",
    "funding": "perpetual", "impact": 0.3,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_all_the_money_is_accounted_for(seed: int) -> None:
    limits = {"stop": 0.02} if seed % 2 else {}
    said = {**chosen(100 + seed), "costs": RICH, "limits": limits}
    world = holes(random_world(seed % 7, **said), seed, 0.03)
    found = run_backtest(*world.parts, draws=0)
    assert_identities(found)
    decided = decide_all(prepare(*world.parts))
    run = simulate_plan(decided.setting, decided.planned.plan)
    spans = stretches(decided.planned, run, decided.episodes)
    for row, span in zip(found.events.to_dict("records"), spans, strict=True):
        assert row["hedged"] == pytest.approx(run.equity[span.last] - row["equity"], abs=1e-9)
    parts = found.ledger.groupby("kind")["amount"].sum()
    own = found.identity.set_index("run").loc["hedged"]
    for kind in ("borrow", "funding", "interest"):
        assert parts.get(kind, 0.0) == pytest.approx(own[kind], abs=1e-9)
    filled = found.orders[found.orders["status"] != "refused"]
    assert -filled["fee"].sum() == pytest.approx(own["fees"], abs=1e-9)
    assert -filled["slippage"].sum() == pytest.approx(own["slippage"], abs=1e-9)
    cash = found.identity.set_index("run").loc["cash"]
    assert cash["end"] == pytest.approx(cash["start"] + cash["interest"], abs=1e-9)


def squeezed(**said: Any) -> World:
    """QQQ is sold short at 50 for all of the equity, and goes to 200 on Wednesday: +300%."""
    coin = leg("BTC", date(2025, 11, 3), [100.0] * 40)
    fund = leg("QQQ", date(2025, 11, 3), [50.0] * 12 + [200.0] * 15)
    ratio = {"instruments": ["QQQ"], "ratio": {"method": "fixed", "value": 1.0}}
    times = ["2025-11-18 12:00", "2025-11-26 12:00"]
    return World(
        told(hedge=ratio, when={"enter": -1, "exit": 4}, **said),
        market(coin, fund),
        room(reports(times)),
    )


def test_a_short_that_is_squeezed_by_300_percent_is_liquidated() -> None:
    """Twenty shares from 50 to 200 lose 3,000 of an equity of 1,000."""
    found = run_backtest(*squeezed().parts, draws=0)
    assert (found.curves["hedged"] >= 0).all()
    liquidation = found.orders[found.orders["kind"] == "liquidation"].set_index("symbol")
    # In the straight line from 50 to 200 the equity of 1,000 is gone at 100.
    assert liquidation.loc["QQQ", "price"] == pytest.approx(100.0, rel=1e-12)
    assert liquidation.loc["QQQ", "shares"] == pytest.approx(20.0, rel=1e-12)
    assert liquidation.loc["BTC", "shares"] == pytest.approx(-10.0, rel=1e-12)
    assert set(liquidation["reason"]) == {"equity fell below the margin"}
    assert found.curves["hedged"].iloc[-1] == pytest.approx(0.0, abs=1e-9)
    when = liquidation["filled_at"].iloc[0]
    later = found.orders[found.orders["decided_at"] >= when]
    later = later[later["kind"] != "liquidation"]
    assert len(later) >= 4
    assert set(later["status"]) == {"refused"}
    assert set(later["reason"]) == {"everything had been liquidated"}
    assert_identities(found)
    # The book alone is not touched.
    assert found.curves["unhedged"].iloc[-1] == pytest.approx(1_000.0, rel=1e-12)


def test_margin_liquidates_before_equity_is_gone() -> None:
    """At a quarter: 1,000 - 20 (p - 50) = (1,000 + 20 p) / 4, so p = 70; 600 are left."""
    found = run_backtest(*squeezed(limits={"maintenance": 0.25}).parts, draws=0)
    liquidation = found.orders[found.orders["kind"] == "liquidation"].set_index("symbol")
    assert liquidation.loc["QQQ", "price"] == pytest.approx(70.0, rel=1e-12)
    assert found.curves["hedged"].iloc[-1] == pytest.approx(600.0, rel=1e-12)
    assert_identities(found)


def test_a_stop_leaves_at_the_next_close() -> None:
    """Nine tenths are gone at the first close that is seen; what comes later is as it comes."""
    found = run_backtest(*squeezed(limits={"stop": 0.1, "maintenance": 0.0}).parts, draws=0)
    assert "liquidation" in set(found.orders["kind"])


TABLES = [
    "metrics", "events", "legs", "ratios", "orders", "trades", "ledger", "curves", "drawdowns",
    "effectiveness", "comparisons", "placebo", "identity", "exclusions", "sampling", "notes",
]  # fmt: skip


def test_the_same_inputs_give_the_same_tables() -> None:
    """A seed draws the bootstrap and the placebo, and nothing else."""
    world = random_world(3, when={"enter": -1, "exit": 3}, costs=RICH)
    one, same, other = (run_backtest(*world.parts, seed=seed, draws=30) for seed in (1, 1, 2))
    drawn = {"effectiveness", "placebo"}
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name), check_exact=True)
        if name in drawn:
            assert not getattr(one, name).equals(getattr(other, name))
        else:
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    fixed = ["scope", "measure", "value", "n"]
    pd.testing.assert_frame_equal(one.effectiveness[fixed], other.effectiveness[fixed])


def test_the_market_and_the_strategy_are_left_as_they_were() -> None:
    world = random_world(3)
    before = {name: each.prices.copy() for name, each in world.market.daily.items()}
    said = world.strategy.model_dump()
    run_backtest(*world.parts, draws=0)
    assert world.strategy.model_dump() == said
    for name, each in world.market.daily.items():
        np.testing.assert_array_equal(each.prices, before[name])


def test_a_run_that_is_not_vectorbt_s_is_refused() -> None:
    world = random_world(3)
    decided = decide_all(prepare(*world.parts))
    run = simulate_plan(decided.setting, decided.planned.plan)
    setting = decided.setting
    portfolio = replay(setting.grid, setting.carry, run, capital=1_000.0)
    check_parity(run, portfolio)
    bent = run.equity.copy()
    bent[-1] *= 1.0 + 1e-11
    with pytest.raises(ParityError, match="equity"):
        check_parity(replace(run, equity=bent), portfolio)


def test_without_an_entry_the_commonest_reasons_are_told() -> None:
    world = random_world(
        3, hedge={"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 900}}
    )
    for answer in (run_backtest, run_audit):
        with pytest.raises(DataError) as caught:
            answer(*world.parts)
        assert str(caught.value).startswith("small: no occurrence could be entered: ")
        assert "joint returns" in str(caught.value)


def test_events_need_a_workspace() -> None:
    world = random_world(3)
    with pytest.raises(UsageError, match="events and groups need a workspace"):
        run_backtest(world.strategy, world.market)
