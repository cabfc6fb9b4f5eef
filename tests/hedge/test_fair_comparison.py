"""What a strategy is compared with begins with it, at its capital, and pays what it pays."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.hedge.placebo import schedule
from eventlab.hedge.run import run_backtest
from tests.hedge.worlds import World, leg, random_world, reports, room, told
from tests.market.series import daily, market

EXACT: dict[str, Any] = {"rtol": 1e-12}
START = date(2025, 1, 6)
FEES = {"fee_bps": 10, "slippage_bps": 0, "borrow_bps_per_year": 0}
QUIET: dict[str, Any] = {"draws": 0}


def flat(**said: Any) -> World:
    """One report on 3 February 2025 on prices that never move, and a yield of 3.65%."""
    coin, other = (leg(symbol, START, [100.0] * 60, [100.0] * 60) for symbol in ("BTC", "ETH"))
    bills = daily("DGS2", "XNYS", START, [3.65] * 45, kind="level")
    ratio = {"method": "fixed", "value": 0.5}
    strategy = told(hedge={"instruments": ["ETH"], "ratio": ratio}, costs=FEES).model_copy()
    held = World(strategy, market(coin, other, bills), room(reports(["2025-02-03 12:00"])))
    return held.saying(**said)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"book": {"@tokens": 1.0}},
        {"hedge": None, "exposure": {"inside": 1.0, "outside": 0.0}},
        {"hedge": None, "exposure": {"inside": 0.0, "outside": 1.0}},
        {"hedge": {"instruments": ["BTC"], "ratio": {"method": "put"}, "put": {"lookback": 10}}},
    ],
    ids=["hedge", "group", "trade", "aside", "puts"],
)
def test_every_run_begins_at_the_same_close_with_the_capital(said: dict[str, Any]) -> None:
    costs = {"interest": 0.05, "fee_bps": 50, "slippage_bps": 0}
    found = run_backtest(*random_world(1, costs=costs, **said).parts, **QUIET)
    runs = [run for run in ("hedged", "unhedged", "always", "cash") if run in found.curves]
    assert found.curves[runs].iloc[0].tolist() == [1_000.0] * len(runs)
    second = {run: float(found.curves[run].iloc[1]) for run in runs}
    fee = {run: money / second["cash"] < 1 - 1e-3 for run, money in second.items()}
    bought = [run for run in runs if fee[run] or abs(second[run] / 1000 - 1) > 1e-3]
    expected = [run for run in runs if run != "cash"]
    if found.strategy.exposure.outside == 0:
        expected.remove("hedged")
    assert bought == expected


def test_cash_earns_interest_from_the_start_of_the_strategy_on() -> None:
    """At 3.65% a night is worth 1 in 10,000; the strategy starts 20 bars before its entry."""
    found = run_backtest(*flat(costs={**FEES, "interest": 0.0365}).parts, **QUIET)
    cash = found.curves["cash"].to_numpy()
    np.testing.assert_allclose(cash, 1000.0 * 1.0001 ** np.arange(len(cash)), **EXACT)
    total = found.comparisons.set_index("run")["total_return"]
    np.testing.assert_allclose(total["cash"], 1.0001 ** (len(cash) - 1) - 1, **EXACT)
    sharpe = found.comparisons.set_index("run")["sharpe"]
    assert np.isnan(sharpe["cash"])


def test_what_a_strategy_earns_on_cash_is_not_in_its_sharpe_ratio() -> None:
    world = random_world(4, hedge=None, exposure={"inside": 1.0, "outside": 0.0})
    costs = {"fee_bps": 0, "slippage_bps": 0, "borrow_bps_per_year": 0}
    rich = run_backtest(*world.saying(costs={**costs, "interest": 0.5}).parts, **QUIET)
    curves, compared = rich.curves, rich.comparisons.set_index("run")
    above = [
        after - earned
        for after, earned in zip(
            curves["hedged_return"].to_list()[1:], curves["cash_return"].to_list()[1:], strict=True
        )
    ]
    mean = sum(above) / len(above)
    spread = (sum((one - mean) ** 2 for one in above) / (len(above) - 1)) ** 0.5
    np.testing.assert_allclose(compared["sharpe"]["hedged"], mean / spread * 365**0.5, **EXACT)
    told_of = rich.metrics.query("run == 'hedged' and scope == 'all' and metric == 'sharpe'")
    np.testing.assert_allclose(told_of["value"].iloc[0], mean / spread * 365**0.5, rtol=1e-9)


def test_turnover_and_cost_rate_are_over_mean_equity() -> None:
    found = run_backtest(*flat().parts, **QUIET)
    row = found.comparisons.set_index("run").loc["hedged"]
    traded = (found.orders["shares"] * found.orders["price"]).abs().sum()
    years = (len(found.curves) - 1) / 365
    mean = found.curves["hedged"].mean()
    np.testing.assert_allclose(row["turnover"], traded / mean / years, **EXACT)
    np.testing.assert_allclose(row["cost_rate"], found.orders["fee"].sum() / mean / years, **EXACT)


def test_the_costs_of_an_entry_are_in_its_episode() -> None:
    """On flat prices an episode makes what its orders cost: those of the hedge, twice."""
    found = run_backtest(*flat().parts, **QUIET)
    event = found.events.iloc[0]
    fees = found.orders.set_index("kind").query("symbol == 'ETH'")["fee"]
    before = event["equity"]
    first = before - fees["enter"]
    last = first - found.orders.query("kind == 'exit'")["fee"].sum()
    assert event["hedged"] == pytest.approx(last - before, rel=1e-9)
    # The first bar's return is over the equity before the entry, so that it holds its cost.
    returns = [first / before - 1, last / first - 1]
    placebo = found.placebo.set_index("statistic")["value"]
    np.testing.assert_allclose(placebo["event_return"], sum(returns), rtol=1e-9)
    book = found.curves["unhedged"].to_list()
    alone = sum(after / one - 1 for one, after in pairwise(book[21:25]))
    np.testing.assert_allclose(placebo["hedge_return"], sum(returns) - alone, rtol=1e-7)
    scoped = found.metrics.query("run == 'hedged' and scope == 'event'").set_index("metric")
    np.testing.assert_allclose(scoped["value"]["total_return"], last / before - 1, rtol=1e-9)


def test_a_stop_is_seen_at_a_close_and_filled_at_the_next_open() -> None:
    """Bitcoin opens at 90 on the day after it closed at 80, and closes at 70."""
    closes = [100.0] * 29 + [80.0, 70.0] + [70.0] * 29
    opens = [100.0] * 29 + [100.0, 90.0] + [70.0] * 29
    strategy = told(
        hedge=None,
        exposure={"inside": 1.0, "outside": 0.0},
        when={"enter": -1, "exit": 9, "fill": "open"},
        limits={"stop": 0.1},
    )
    held = market(leg("BTC", START, closes, opens))
    found = run_backtest(strategy, held, room(reports(["2025-02-03 12:00"])), **QUIET)
    order = found.orders.set_index("kind").loc["stop"]
    assert order["price"] == 90.0
    assert order["decided_at"] == pd.Timestamp("2025-02-05", tz="UTC")
    assert order["filled_at"] == pd.Timestamp("2025-02-05", tz="UTC")
    assert found.events["hedged"].tolist() == [pytest.approx(-100.0)]


def test_nothing_is_always_hedged_whose_book_is_not_always_held() -> None:
    exposure = {"inside": 1.0, "outside": 0.0}
    found = run_backtest(*random_world(2, exposure=exposure).parts, **QUIET)
    assert found.comparisons["run"].tolist() == ["hedged", "unhedged", "cash"]


def test_a_rule_in_python_has_no_placebo() -> None:
    world = random_world(2)
    found = run_backtest(*world.parts, rule=lambda known: {"BTC": 0.5} if known.events else None)
    assert found.placebo["pvalue"].isna().all()
    assert found.placebo["note"].str.contains("rule in Python").all()
    assert "always" not in found.comparisons["run"].tolist()


def test_puts_have_costs_of_their_own() -> None:
    hedge = {"instruments": ["BTC"], "ratio": {"method": "put"}}
    puts = {"lookback": 10, "fee_bps": 60, "slippage_bps": 200}
    costs = {"fee_bps": 5, "slippage_bps": 7}
    world = random_world(3, costs=costs, hedge={**hedge, "put": puts})
    orders = run_backtest(*world.parts, **QUIET).orders.query("status != 'refused'")
    rates = {"BTC": (5e-4, 7e-4), "BTC put": (60e-4, 200e-4)}
    assert set(orders["symbol"]) == set(rates)
    for symbol, (fee, slippage) in rates.items():
        own = orders[orders["symbol"] == symbol]
        np.testing.assert_allclose(own["slippage"], (own["shares"] * own["price"]).abs() * slippage)
        np.testing.assert_allclose(own["fee"], own["value"].abs() * fee)
    plain = run_backtest(*world.saying(hedge={**hedge, "put": {"lookback": 10}}).parts, **QUIET)
    bought = plain.orders[plain.orders["symbol"] == "BTC put"]
    np.testing.assert_allclose(bought["fee"], bought["value"].abs() * 5e-4)


def test_random_dates_share_no_bar() -> None:
    windows = [(first, first + 6) for first in range(0, 200, 3)]
    generator = np.random.default_rng(0)
    draws = [schedule(windows, 210, 12, generator) for _ in range(50)]
    for chosen in draws:
        assert len(chosen) == 12
        spans = sorted(windows[at] for at in chosen)
        assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert {at for chosen in draws for at in chosen} == set(range(len(windows)))
    assert len({tuple(sorted(chosen)) for chosen in draws}) == 50
    assert len(schedule(windows, 210, 99, generator)) < 30  # all that fit
