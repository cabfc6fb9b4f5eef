"""Estimates against what the simulated market is known to have injected.

Eight markets, every third report of the AI companies, stocks, a fund, a miner and tokens with
hourly bars: some 8,000 one-bar CARs per model. Bars of one market are not independent (two events
can share a day, and volatility its clusters), so every bound is in standard errors over markets.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import eventlab as ev
from eventlab.timeline.clock import make_clock
from tests.market.simulated_cases import true_effect
from tests.study.lookup import pick

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions import EventDefinition
    from eventlab.market.types import Market

SEEDS = range(8)
# Two-sided 1% of Student's t with 7 degrees of freedom: eight markets.
CRITICAL = 3.5
# What the simulated market states of nominal 95% intervals: 94.3% (funds) to 95.7% (tokens).
LOWEST, HIGHEST = 0.943, 0.957
ASSETS = ("NVDA", "ORCL", "MSFT", "QQQ", "MARA", "BTC", "ETH", "FET")
WINDOWS = ((0, 0), (0, 1))
MODELS = ("market_model", "constant_mean")


@lru_cache(maxsize=1)
def workspace() -> ev.Workspace:
    return ev.load_workspace(Path(__file__).parents[2])


def definition(model: str, every: int = 3) -> EventDefinition:
    shipped = workspace().event("ai-earnings")
    assert shipped.study is not None
    study = shipped.study.model_copy(
        update={"assets": ASSETS, "benchmark": "SPY", "model": model, "car_windows": WINDOWS}
    )
    kept = shipped.occurrences[::every]
    return shipped.model_copy(update={"study": study, "occurrences": kept})


@lru_cache(maxsize=8)
def simulated(seed: int) -> Market:
    return ev.load_market(workspace(), "sample", events=[definition("market_model")], seed=seed)


@cache
def estimated(model: str, seed: int) -> ev.EventStudy:
    return ev.run_study(definition(model), simulated(seed), draws=0)


def over_markets(values: list[float]) -> tuple[float, float]:
    """Mean and its standard error."""
    found: npt.NDArray[np.float64] = np.array(values)
    return float(found.mean()), float(found.std(ddof=1)) / sqrt(len(found))


def assert_stated(rates: list[float]) -> None:
    """The rate is a stated one, as far as the markets can tell."""
    mean, error = over_markets(rates)
    assert error < 0.006
    assert LOWEST - CRITICAL * error <= mean <= HIGHEST + CRITICAL * error
    assert 0.93 < mean < 0.97


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("window", ["[0,0]", "[0,1]"])
def test_intervals_hold_the_truth_at_the_stated_rate(model: str, window: str) -> None:
    tables = [pick(estimated(model, seed).truth, window=window) for seed in SEEDS]
    assert min(len(table) for table in tables) > 900
    assert_stated([float(table["inside"].mean()) for table in tables])


@pytest.mark.parametrize("model", MODELS)
def test_so_do_those_of_large_effects_and_of_none_at_all(model: str) -> None:
    large, none = [], []
    for seed in SEEDS:
        table = pick(estimated(model, seed).truth, window="[0,0]")
        size = np.abs(table["true_car"]) / table["stderr"]
        large.append(float(table["inside"][size > 1.0].mean()))
        none.append(float(table["inside"][table["true_car"] == 0.0].mean()))
    assert_stated(none)
    # Effects of more than a standard error are one in nine: their rate is less exact.
    mean, error = over_markets(large)
    assert error < 0.015
    assert abs(mean - 0.95) < 0.007 + CRITICAL * error


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("window", ["[0,0]", "[0,1]"])
def test_estimates_are_right_on_average(model: str, window: str) -> None:
    means = []
    for seed in SEEDS:
        table = pick(estimated(model, seed).truth, window=window)
        means.append(float(((table["car"] - table["true_car"]) / table["stderr"]).mean()))
    mean, error = over_markets(means)
    assert error < 0.05
    assert abs(mean) < CRITICAL * error


@pytest.mark.parametrize("model", ["scholes_williams", "dimson"])
def test_models_of_neighbouring_bars_hold_it_too(model: str) -> None:
    tables = [pick(estimated(model, seed).truth, window="[0,0]") for seed in SEEDS[:4]]
    assert_stated([float(table["inside"].mean()) for table in tables])
    # Their betas estimate the same truth, three slopes or a sum of three less exactly than one.
    for table, seed in zip(tables, SEEDS, strict=False):
        least = pick(estimated("market_model", seed).truth, window="[0,0]")
        error, other = ((each["beta"] - each["true_beta"]).std() for each in (table, least))
        assert 1.2 * other < error < 2.5 * other
        assert table["true_beta"].tolist() == least["true_beta"].tolist()


def test_effects_are_found_again_one_for_one() -> None:
    slopes = []
    for seed in SEEDS:
        table = pick(estimated("market_model", seed).truth, window="[0,0]")
        true, found = table["true_car"].to_numpy(), table["car"].to_numpy()
        slopes.append(float(true @ found / (true @ true)))
    mean, error = over_markets(slopes)
    assert error < 0.05
    assert abs(mean - 1.0) < CRITICAL * error


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("symbol", ["NVDA", "BTC", "FET"])
def test_the_true_car_is_what_was_injected_between_the_two_closes(model: str, symbol: str) -> None:
    study, truth = estimated(model, 0), simulated(0).truth
    assert truth is not None
    if model == "constant_mean":  # finds the market's own move too
        moved = truth["abnormal_return"] + truth["beta"] * truth["market_move"]
        truth = truth.assign(abnormal_return=moved)
    own = truth[truth["symbol"] == symbol]
    basis = pick(study.sampling, symbol=symbol).set_index("occurrence")["basis"]
    clock = make_clock("XNYS", pd.Timestamp("2014-01-01").date(), pd.Timestamp("2027-01-01").date())
    days = study.fits[study.fits["symbol"] == symbol].set_index("occurrence")["event_session"]
    table = pick(study.truth, symbol=symbol)
    compared = 0
    for one in table.to_dict("records"):
        occurrence = str(one["occurrence"])
        # Before hourly bars begin a token is sampled at midnight: other closes than the clock's.
        if basis[occurrence] == "nearest close":
            continue
        day0 = int(np.searchsorted(clock.sessions, np.datetime64(days[occurrence], "D")))
        first, last = (int(bar) for bar in str(one["window"]).strip("[]").split(","))
        after, until = clock.closes[day0 + first - 1], clock.closes[day0 + last]
        expected = true_effect(own, symbol, int(after), int(until))
        assert one["true_car"] == pytest.approx(expected, rel=1e-12, abs=1e-15)
        compared += 1
    assert compared > 100


def test_there_is_no_truth_where_the_simulation_does_not_state_it() -> None:
    shipped = definition("market_model")
    assert shipped.study is not None
    for changed in ({"benchmark": "QQQ"}, {"model": "market_adjusted"}):
        study = shipped.study.model_copy(update=changed)
        other = shipped.model_copy(update={"study": study, "occurrences": shipped.occurrences[:40]})
        found = ev.run_study(other, simulated(0), draws=0)
        assert found.truth.empty
        assert not found.fits.empty
