"""The same strategy on random dates: statistics by hand, which dates, how often it errs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.hedge_placebo_size import LEVEL, null_world, pvalues
from eventlab.hedge.answers.curves import before_entries
from eventlab.hedge.answers.events import Stretch, stretches
from eventlab.hedge.placebo import (
    PLACEBO_COLUMNS,
    STATISTICS,
    Pool,
    live,
    make_pool,
    placebo_table,
    rounds_of,
    schedule,
    statistics,
    sums_of,
    times_over,
    windows_of,
)
from eventlab.hedge.plan import episode_drafts, place, start_row
from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import alone, decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from tests.hedge.worlds import random_world

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.runs import Decided
    from eventlab.hedge.types import Simulation
    from tests.hedge.worlds import World

ROUNDING = 1e-12
PUT = {"instruments": ["QQQ"], "ratio": {"method": "put"}, "put": {"expiry": 30}}
OLS = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 20}}
KINDS: dict[str, dict[str, Any]] = {
    "fixed": {},
    "least squares": {"hedge": OLS},
    "longer, at opens": {"when": {"enter": -2, "exit": 5, "fill": "open"}},
    "brought forward": {"when_closed": "previous_close"},
    "a stop": {"limits": {"stop": 0.01}},
    "puts": {"hedge": PUT, "clock": "XNYS"},
    "aside": {"hedge": None, "exposure": {"inside": 0.0, "outside": 1.0}},
}


def run_of(world: World) -> tuple[Decided, Simulation, Simulation, list[Stretch]]:
    decided = decide_all(prepare(*world.parts))
    own, book = (
        simulate_plan(decided.setting, plan) for plan in (decided.planned.plan, alone(decided))
    )
    return decided, own, book, stretches(decided.planned, own, decided.episodes)


def table_of(world: World, *, seed: int = 0, draws: int = 50) -> pd.DataFrame:
    decided, own, book, spans = run_of(world)
    return placebo_table(decided, own, book, spans, seed=seed, draws=draws)


def curve(factors: list[float]) -> npt.NDArray[np.float64]:
    return np.cumprod(np.array(factors, dtype=np.float64)).astype(np.float64)


def by_hand() -> tuple[npt.NDArray[np.float64], list[Stretch]]:
    """Sums of two episodes of two bars: from the close of bar 1 to that of 3, from 4 to 6."""
    own = curve([100.0, 1.5, 1.01, 0.98, 0.7, 1.03, 1.00, 3.0])
    book = curve([100.0, 0.5, 1.02, 0.96, 2.0, 1.05, 0.99, 0.1])
    spans = [Stretch(3, 7, complete=True), Stretch(9, 13, complete=True)]
    return sums_of(own, book, spans), spans


def test_statistics_by_hand() -> None:
    """Returns .01, -.02 | .03, 0 of the strategy and .02, -.04 | .05, -.01 of its book."""
    sums, spans = by_hand()
    wanted = [[2, -0.01, 0.0005, -0.02, 0.0020], [2, 0.03, 0.0009, 0.04, 0.0026]]
    np.testing.assert_allclose(sums, wanted, rtol=1e-10)
    event, hedge, reduction = statistics(sums.sum(axis=0), len(spans))
    # variances: .0014/4 - .005^2 = .000325 and .0046/4 - .005^2 = .001125
    np.testing.assert_allclose(
        [event, hedge, reduction], [0.01, 0.0, 1 - 325 / 1125], rtol=1e-9, atol=1e-15
    )


def test_bars_of_fills_at_opens_begin_with_their_own_bar() -> None:
    own = curve([100.0, 1.5, 1.01, 0.98, 0.7])
    sums = sums_of(own, own, [Stretch(4, 6, complete=True)])  # from the open of bar 2 to that of 3
    np.testing.assert_allclose(sums[0, :2], [2, 0.01 - 0.02], rtol=1e-10)


def test_a_book_that_does_not_move_has_no_variance_to_take_away() -> None:
    sums = np.array([2.0, 0.02, 0.0004, 0.0, 0.0])
    assert np.isnan(statistics(sums, 1)[2])
    assert np.isnan(statistics(np.zeros(5), 1)[2])


def test_a_schedule_takes_what_fits_and_nothing_twice() -> None:
    windows = [(at, at + 3) for at in range(40)]
    for seed in range(50):
        chosen = schedule(windows, 50, 6, np.random.default_rng(seed))
        taken = sorted(windows[at] for at in chosen)
        assert len(taken) == 6
        assert all(first[1] < second[0] for first, second in pairwise(taken))
    assert len(schedule(windows, 50, 20, np.random.default_rng(0))) <= 11  # 44 bars hold eleven
    assert schedule([(0, 5), (5, 9)], 10, 2, np.random.default_rng(0)) in ([0], [1])


def test_own_windows_are_drawn_as_often_as_their_bars_are_a_part_of_all() -> None:
    """8 episodes of 3 bars in 264: with 3 of each among 240 dates 24 of 264 windows are own."""
    often = times_over(240, 24.0, 8, 264)
    assert often == 3
    assert often * 8 / (240 + often * 8) == 24 / 264
    assert times_over(20, 24.0, 8, 2000) == 1  # never left out


@pytest.mark.parametrize("kind", KINDS)
def test_pseudo_windows_lie_after_the_start_within_the_data_and_touch_no_event(kind: str) -> None:
    decided = decide_all(prepare(*random_world(3, **KINDS[kind]).parts))
    pool = make_pool(decided, len(decided.episodes))
    assert len(pool.episodes) > 50
    bought, bars = start_row(decided.bare, decided.episodes), len(decided.bare.grid)
    real = [(each.first.span.decided, each.leave) for each in decided.episodes]
    news = {each.day0 for each in decided.bare.occasions.every}
    for episode, planned in zip(*pool, strict=True):
        first, last = episode.first.span.decided, episode.leave
        assert bought < planned.plan.decided[0] <= first < last < bars
        assert all(last < begin or end < first for begin, end in real)
        assert not news & set(range(first, last + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_rounds_share_out_the_whole_pool_without_an_overlap(kind: str) -> None:
    decided = decide_all(prepare(*random_world(3, **KINDS[kind]).parts))
    pool = make_pool(decided, len(decided.episodes))
    rounds = rounds_of(pool)
    rows = sorted(each.first.span.decided for one in rounds for each in one.episodes)
    assert rows == [each.first.span.decided for each in pool.episodes]
    for one in rounds:
        begins = [int(each.plan.decided[0]) for each in one.plans]
        ends = [each.leave for each in one.episodes]
        assert all(end < begin for end, begin in zip(ends, begins[1:], strict=False))


@pytest.mark.parametrize("kind", KINDS)
def test_the_strategys_own_dates_give_what_the_strategy_made(kind: str) -> None:
    """Collapse: its own episodes as a pool, simulated as pseudo-episodes are."""
    decided, own, book, spans = run_of(random_world(4, **KINDS[kind]))
    plans = [
        place(decided.bare, list(episode_drafts(decided.bare, each, 0)))
        for each in decided.episodes
        if kind != "puts"  # which are placed when all of them are known
    ]
    found = live(decided, Pool(list(decided.episodes), plans), book)
    observed = sums_of(before_entries(own, spans), before_entries(book, spans), spans)
    np.testing.assert_allclose(found.sums, observed, rtol=1e-9, atol=ROUNDING)
    assert found.windows == windows_of(decided.episodes, spans)


def test_an_episode_that_was_stopped_counts_to_its_stop_on_random_dates_too() -> None:
    """Three bars or, where the exit is rolled over a weekend, more; fewer only to a stop."""
    least = []
    for limits in ({}, {"stop": 0.005}):
        decided, _, book, _ = run_of(random_world(3, limits=limits))
        first = rounds_of(make_pool(decided, len(decided.episodes)))[0]
        least.append(live(decided, first, book).sums[:, 0].min())
    assert least == [3, 1]


def test_the_same_seed_gives_the_same_table_and_another_one_others() -> None:
    world = random_world(2)
    first, again, other = (table_of(world, seed=seed) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first, again)
    assert list(first.columns) == PLACEBO_COLUMNS
    assert tuple(first["statistic"]) == STATISTICS
    assert (first["value"] == other["value"]).all()
    assert (first["mean"] != other["mean"]).all()
    assert (first["draws"] == 50).all()


def test_few_dates_are_said_and_too_few_have_no_p() -> None:
    few = table_of(random_world(2, when={"enter": -7, "exit": 7}))
    assert few["note"].str.contains("^of [0-9]+ dates", regex=True).all()
    assert np.isfinite(few["pvalue"]).all()
    none = table_of(random_world(2, when={"enter": -11, "exit": 12}))
    assert none["note"].str.contains("only [0-9]+ dates without an event are left").all()
    assert none["pvalue"].isna().all()
    assert np.isfinite(none["value"]).all()
    unasked = table_of(random_world(2), draws=0)
    assert (unasked["note"] == "no draws were asked for").all()


def test_puts_have_a_placebo() -> None:
    found = table_of(random_world(3, **KINDS["puts"]))
    assert found["pvalue"].between(1 / 51, 1).all()
    assert (found["low"] < found["high"]).all()


def test_a_rule_in_python_is_not_repeated() -> None:
    world = random_world(2)
    found = run_backtest(*world.parts, draws=50, rule=lambda _: {"BTC": 1.0}).placebo
    assert found["pvalue"].isna().all()
    assert found["note"].str.contains("a rule in Python may remember").all()


@pytest.mark.slow
def test_dates_that_mean_nothing_are_found_as_often_as_they_should_be() -> None:
    """Independent prices, random dates: p at most 5% in 5% of 150 samples, within 3 errors."""
    found = np.array([pvalues(null_world(seed, 8, 330), seed) for seed in range(9000, 9150)])
    shares = (found <= LEVEL).mean(axis=0)
    assert (np.abs(shares - LEVEL) <= 3 * np.sqrt(LEVEL * (1 - LEVEL) / len(found))).all(), shares
