"""Sweeps: each set is a backtest of it to the bit, and the tables are those of backtests."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.definitions import load_workspace
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.sweep import with_values
from eventlab.errors import DataError, UsageError
from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from eventlab.hedge.sweep import run_sweep
from eventlab.hedge.sweep_curves import bar_moves, simulate_sets
from eventlab.hedge.sweep_doubts import occurrence_spans
from eventlab.hedge.sweep_grid import parameter_sets
from eventlab.hedge.sweep_plans import plan_sets
from eventlab.market.workspace_market import market_for
from tests.hedge.worlds import World, leg, random_world, reports, room, told
from tests.market.series import market

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.hedge.results import Sweep

EXACT: dict[str, Any] = {"rtol": 1e-12}  # the same sums in another order
METRICS = ("total_return", "volatility", "sharpe", "max_drawdown", "effectiveness")
QUICK: dict[str, Any] = {"draws": 100, "splits": 6}

# Bitcoin is at 100 until 2 February, then 110 and 121; ether at 50, then 52, 52 and 45.
COIN = [100.0] * 28 + [110.0, 121.0] + [121.0] * 20
OTHER = [50.0] * 28 + [52.0, 52.0] + [45.0] * 20


def by_hand(**sweep: Any) -> World:
    """One report on 3 February 2025, and a hedge with ether at a fixed ratio."""
    coin, other = (
        leg(symbol, date(2025, 1, 6), closes) for symbol, closes in (("BTC", COIN), ("ETH", OTHER))
    )
    ratio = {"method": "fixed", "value": 0.5}
    strategy = told(hedge={"instruments": ["ETH"], "ratio": ratio}, sweep=sweep)
    return World(strategy, market(coin, other), room(reports(["2025-02-03 12:00"])))


def values_of(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table.index, table["value"].to_numpy(np.float64), strict=True))


def value(found: Sweep, statistic: str) -> float:
    table = found.overfitting.set_index("statistic")
    return values_of(table)[statistic]


def note(found: Sweep, statistic: str) -> str:
    return str(found.overfitting.set_index("statistic")["note"][statistic])


def test_worked_by_hand() -> None:
    """Ten coins are bought for 1,000; ether is sold at 50 before the report.

    At ratio 0.5 that is 10 ether. It is bought back at 52 in bar 1, a loss of 20, or at 45 in
    bar 3, a gain of 50; at ratio 1 twice that. The coins gain 210. At its exit the book is brought
    back to its weight, with what the hedge had lost or gained when that is decided: coins for 22 at
    121 are sold, as ether had cost 20 with coins at 110; or coins for 50 are bought.
    """
    world = by_hand(**{"hedge.ratio.value": [0.5, 1.0], "when.exit": [1, 3]})
    found = run_sweep(*world.parts, **QUICK)
    sets = found.sets
    assert sets["number"].tolist() == [1, 2, 3, 4]
    assert sets["hedge.ratio.value"].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert sets["when.exit"].tolist() == [1, 3, 1, 3]
    np.testing.assert_allclose(sets["total_return"].to_numpy(), [0.19, 0.26, 0.17, 0.31], **EXACT)
    np.testing.assert_allclose(sets["hedge_pnl"].to_numpy(), [-20.0, 50.0, -40.0, 100.0], **EXACT)
    assert sets["episodes"].tolist() == [1, 1, 1, 1]
    # Decided at the close of 12 January, 20 bars before the entry is: 43 bars until the end.
    assert value(found, "bars") == 43
    years = 43 / 365
    traded = np.array([1500.0 + 542.0, 1500.0 + 500.0, 2000.0 + 1084.0, 2000.0 + 1000.0])
    # 1,000 at 22 closes, one at which ether costs, then 1,190 or 1,260, and 1,170 or 1,310.
    money = [
        22_000 + 1080 + 21 * 1190, 22_000 + 1080 + 1190 + 20 * 1260,
        22_000 + 1060 + 21 * 1170, 22_000 + 1060 + 1170 + 20 * 1310,
    ]  # fmt: skip
    wanted = traded / (np.array(money) / 44) / years
    np.testing.assert_allclose(sets["turnover"].to_numpy(), wanted, **EXACT)
    np.testing.assert_allclose(sets["max_drawdown"].to_numpy(), [0.0, 0.0, 0.0, 0.0], atol=1e-15)
    assert not sets["base"].any()  # the file's exit is 2
    assert found.exclusions.empty


def test_metrics_are_those_of_the_backtest_of_the_chosen_set() -> None:
    world = random_world(3, sweep={"hedge.ratio.value": [0.25, 0.5], "when.exit": [1, 2, 4]})
    found = run_sweep(*world.parts, **QUICK)
    sets = found.sets.set_index("number")
    chosen = int(sets.index[sets["chosen"]][0])
    assert sets["sharpe"].idxmax() == chosen
    own = dict(zip(world.strategy.sweep, sets.loc[chosen, list(world.strategy.sweep)], strict=True))
    own["when.exit"] = int(own["when.exit"])
    backtest = run_backtest(with_values(world.strategy, own), world.market, world.workspace)
    shared = int(value(found, "bars")) + 1
    curve = backtest.curves["hedged"].to_numpy(np.float64)[-shared:]
    row = {name: float(sets[name].to_numpy()[chosen - 1]) for name in METRICS}
    np.testing.assert_allclose(row["total_return"], curve[-1] / curve[0] - 1, **EXACT)
    moves = [after / before - 1 for before, after in pairwise(curve)]
    mean = sum(moves) / len(moves)
    spread = (sum((one - mean) ** 2 for one in moves) / (len(moves) - 1)) ** 0.5
    loose: dict[str, Any] = {
        "rtol": 1e-9
    }  # returns are differences of money that vectorbt rounds apart
    np.testing.assert_allclose(row["volatility"], spread * 365**0.5, **loose)
    np.testing.assert_allclose(row["sharpe"], mean / spread * 365**0.5, **loose)
    peak, deepest = curve[0], 0.0
    for one in curve:
        peak = max(peak, one)
        deepest = min(deepest, one / peak - 1)
    np.testing.assert_allclose(row["max_drawdown"], deepest, **loose)
    book = bar_moves(backtest.curves["unhedged"].to_numpy(np.float64)[-shared:])
    reduction = 1 - np.var(moves) / np.var(book)
    np.testing.assert_allclose(row["effectiveness"], reduction, rtol=1e-7)
    own_placebo, placebo = (
        each.placebo["value"].to_numpy(np.float64) for each in (backtest, found)
    )
    np.testing.assert_allclose(placebo, own_placebo, rtol=1e-7)


OLS = {"method": "ols", "lookback": 30, "cap": 1.0}
SWEPT: dict[str, dict[str, Any]] = {
    "ratios": {
        "hedge": {"instruments": ["QQQ"], "ratio": OLS},
        "sweep": {
            "hedge.ratio.lookback": [30, 60, 200],
            "hedge.ratio.cap": [None, 0.5],
            "hedge.ratio.method": ["ols", "kalman"],
            "when.exit": [1, 3],
        },
    },
    "weekly, two instruments": {
        "hedge": {"instruments": ["QQQ", "ETH"], "ratio": {"method": "ridge", "lookback": 40}},
        "when": {"enter": -3, "exit": 8, "rebalance": "weekly"},
        "sweep": {"hedge.ratio.penalty": [0.0, 1.0], "when.rebalance": ["none", "daily", "weekly"]},
    },
    "closed sessions": {
        "hedge": {"instruments": ["@techs"], "ratio": OLS},
        "missing": "roll",
        "sweep": {
            "when_closed": ["next_open", "previous_close", "cancel"],
            "hedge.ratio.lookback": [30, 60],
            "when.enter": [-3, -2, -1],
            "when.fill": ["close", "open"],
        },
    },
    "issuer and group": {
        "book": {"@tokens": 1.0},
        "hedge": {"instruments": ["@issuer"], "ratio": OLS},
        "sweep": {"hedge.ratio.lookback": [30, 60], "book.@tokens": [1.0, -0.5]},
    },
    "costs, limits and money": {
        "costs": {"fee_bps": 5, "funding": "perpetual", "interest": "DGS2"},
        "sweep": {
            "costs.fee_bps": [0, 10],
            "costs.funding": ["none", "perpetual"],
            "costs.borrow_bps_per_year": [0, 500],
            "limits.gross": [None, 1.2],
            "limits.stop": [None, 0.01],
            "capital": [1000.0, 5000.0],
        },
    },
    "signal and scale": {
        "hedge": None,
        "exposure": {"inside": 1.0, "outside": 0.0},
        "signal": {"symbol": "QQQ", "bars": [0, 0], "take": "fade"},
        "when": {"enter": 1, "exit": 4},
        "sweep": {
            "signal.take": ["fade", "follow"],
            "signal.above": [None, 0.005],
            "scale.volatility": [0.1, 0.3],
            "exposure.inside": [1.0, 0.5],
        },
    },
    "puts and ratios": {
        "hedge": {"instruments": ["BTC"], "ratio": {"method": "put"}},
        "costs": {"interest": 0.03},
        "sweep": {
            "hedge.put.moneyness": [0.9, 1.0],
            "hedge.put.expiry": [15, 30],
            "costs.interest": [0.0, 0.05],
            "when.exit": [1, 12],
        },
    },
    "states": {
        "when": {"enter": -1, "exit": {"volatility_below": 0.5, "bars": 10, "at_most": 15}},
        "sweep": {"when.exit.at_most": [5, 15], "when.exit.bars": [5, 10], "when.enter": [-2, -1]},
    },
    "legs and period": {
        "sweep": {
            "hedge.instruments": [["QQQ"], ["ETH"], ["NVDA", "ORCL"]],
            "since": [None, "2025-07-01"],
            "missing": ["raise", "roll"],
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SWEPT)
def test_every_set_is_its_backtest_to_the_bit(name: str) -> None:
    world = random_world(7, **SWEPT[name])
    variants, misfits = parameter_sets(world.strategy)
    sizes = [len(values) for values in world.strategy.sweep.values()]
    assert len(variants) + len(misfits) == np.prod(sizes)
    base = prepare(*world.parts)
    planned, refused = plan_sets(base, variants)
    assert len(planned) + len(refused) == len(variants)
    assert len(planned) >= 2
    curves = simulate_sets(planned)
    for each, curve in zip(planned, curves, strict=True):
        decided = decide_all(prepare(each.variant.strategy, world.market, world.workspace))
        plan = decided.planned.plan
        for part in plan.__slots__:
            assert getattr(each.plan, part).tobytes() == getattr(plan, part).tobytes(), part
        run = simulate_plan(decided.setting, plan)
        assert curve.equity.tobytes() == run.equity[1::2].tobytes()
        assert curve.liquidated == run.liquidated
        assert each.left_out == decided.left_out
        assert [one.leave for one in each.episodes] == [one.leave for one in decided.episodes]
    numbers = {number for number, _ in refused}
    for variant in (one for one in variants if one.number in numbers):
        with pytest.raises(DataError):
            run_backtest(variant.strategy, world.market, world.workspace, draws=0)


@pytest.mark.parametrize("name", SWEPT)
def test_sets_are_read_as_a_file_with_their_values_would_be(name: str) -> None:
    strategy = told(**SWEPT[name])
    variants, misfits = parameter_sets(strategy)
    found = {each.number: each.strategy for each in variants}
    for number, values in enumerate(product(*strategy.sweep.values()), 1):
        said = dict(zip(strategy.sweep, values, strict=True))
        if number in found:
            assert found[number] == with_values(strategy, said)
        else:
            with pytest.raises(ValueError, match=r".") as refused:
                with_values(strategy, said)
            assert dict(misfits)[number] in str(refused.value)


def test_a_set_that_does_not_fit_is_listed_and_the_others_run() -> None:
    swept = {"when.enter": [-1, 2], "when.exit": [1, 5]}
    world = random_world(1, when={"enter": -1, "exit": 5}, sweep=swept)
    found = run_sweep(*world.parts, **QUICK)
    assert found.sets["number"].tolist() == [1, 2, 4]
    row = found.exclusions.iloc[0]
    assert (row["number"], row["occurrence"]) == (3, "all")
    assert row["reason"] == "when.enter: 2 is not before exit 1"


def test_what_is_left_out_of_every_set_stands_once() -> None:
    hedge = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 30}}
    world = random_world(1, hedge=hedge, sweep={"hedge.ratio.lookback": [30, 200]})
    late = reports(["2024-02-01 12:00", "2025-06-02 12:00", "2025-10-20 12:00"])
    world = World(world.strategy, world.market, room(late))
    found = run_sweep(*world.parts, **QUICK).exclusions
    everywhere = found[found["number"].isna()]
    assert everywhere["occurrence"].tolist() == ["news/n0"]
    rest = found[found["number"].notna()]
    assert rest["number"].tolist() == [2]
    assert rest["occurrence"].tolist() == ["news/n1"]
    assert "160 are needed" in rest["reason"].iloc[0]


def test_the_same_seed_draws_the_same() -> None:
    world = random_world(5, sweep={"hedge.ratio.value": [0.2, 0.4, 0.8], "when.exit": [1, 3]})
    first, again = (run_sweep(*world.parts, seed=3, **QUICK) for _ in range(2))
    other = run_sweep(*world.parts, seed=4, **QUICK)
    for name in ("sets", "overfitting", "logits", "walk_forward", "placebo", "exclusions"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    pd.testing.assert_frame_equal(first.sets, other.sets)
    pd.testing.assert_frame_equal(first.logits, other.logits)
    assert not first.overfitting.equals(other.overfitting)
    assert not first.placebo.equals(other.placebo)


def test_sets_that_are_all_alike_leave_nothing_to_choose() -> None:
    world = random_world(5, sweep={"limits.gross": [50.0, 60.0, None], "when.exit": [2]})
    found = run_sweep(*world.parts, **QUICK)
    assert (found.sets["sharpe"] == found.sets["sharpe"].iloc[0]).all()
    assert found.sets["chosen"].tolist() == [True, False, False]
    assert found.sets["base"].tolist() == [False, False, True]
    assert value(found, "effective_trials") == pytest.approx(1.0)
    assert value(found, "expected_max_sharpe") == pytest.approx(0.0, abs=1e-12)
    own = float(found.sets["probabilistic"].iloc[0])
    assert value(found, "deflated_sharpe") == pytest.approx(own)
    assert value(found, "deflated_sharpe_effective") == pytest.approx(own)
    assert "all sets are the same in every bar" in note(found, "pbo")
    assert (found.logits["logit"] == 0).all()
    assert np.isfinite(value(found, "spa_consistent"))


def test_one_set_was_not_chosen() -> None:
    world = random_world(5, sweep={"when.exit": [2]})
    found = run_sweep(*world.parts, **QUICK)
    for statistic in ("deflated_sharpe", "pbo", "spa_consistent", "stepm", "effective_trials"):
        assert np.isnan(value(found, statistic))
        assert note(found, statistic) == "1 set: nothing was chosen"
    assert found.logits.empty
    assert found.sets["base"].tolist() == [True]


def test_a_strategy_without_a_sweep_says_how_to_add_one() -> None:
    world = random_world(5)
    with pytest.raises(UsageError, match=r"nothing to sweep; add .* sweep: \{when.exit: \[1, 5"):
        run_sweep(*world.parts)


def test_a_sweep_without_a_set_that_can_be_traded_is_refused() -> None:
    hedge = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 900}}
    world = random_world(5, hedge=hedge, sweep={"hedge.ratio.lookback": [900, 1000]})
    with pytest.raises(DataError, match=r"no set of the sweep can be traded: .*are needed"):
        run_sweep(*world.parts)


def test_occurrences_last_from_the_first_entry_to_the_last_exit_of_any_set() -> None:
    world = by_hand(**{"when.enter": [-2, -1], "when.exit": [1, 3]})
    planned, _ = plan_sets(prepare(*world.parts), parameter_sets(world.strategy)[0])
    instants = planned[0].setting.grid.instants[1::2]
    names, spans = occurrence_spans(planned, instants[5:])
    # Day 0 is row 28. Entered in row 26 at the earliest and left in row 31 at the latest; the
    # return of row r is in row r - 6 of those from row 5 on.
    assert names == ["news/n0"]
    assert spans.tolist() == [[20, 25, 0]]


def test_walk_forward_tests_events_after_those_it_chose_on() -> None:
    world = random_world(2, sweep={"hedge.ratio.value": [0.2, 0.5], "when.exit": [1, 2, 3]})
    found = run_sweep(*world.parts, **QUICK)
    table = found.walk_forward
    assert table["first"].tolist() == ["news/n1", "news/n3", "news/n4", "news/n5", "news/n6"]
    assert table["last"].tolist() == ["news/n2", "news/n3", "news/n4", "news/n5", "news/n6"]
    assert table["chosen"].isin(found.sets["number"]).all()
    assert np.isfinite(table["unhedged"]).all()


@pytest.mark.parametrize("name", ["btc-ai-hedge", "btc-put-overlay", "nvda-fade", "two-phase"])
def test_shipped_grids_are_their_backtests_to_the_bit(market_dir: Path, name: str) -> None:
    held = load_workspace(".")
    strategy = held.strategies[name]
    assert isinstance(strategy, StrategyDefinition)
    prices = market_for(held, str(market_dir), events=[], strategies=[strategy])
    variants, misfits = parameter_sets(strategy)
    planned, refused = plan_sets(prepare(strategy, prices, held), variants)
    assert not misfits
    assert not refused
    for each, curve in zip(planned, simulate_sets(planned), strict=True):
        decided = decide_all(prepare(each.variant.strategy, prices, held))
        run = simulate_plan(decided.setting, decided.planned.plan)
        assert curve.equity.tobytes() == run.equity[1::2].tobytes()
