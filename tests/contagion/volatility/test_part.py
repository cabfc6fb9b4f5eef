"""The volatility part of an event: which volatilities it compares, and what it says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.contagion.volatility.part import (
    log_volatilities,
    transmission_table,
    volatility_tables,
)
from tests.contagion.systems import make_system
from tests.market.series import daily, market

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.market.types import Market, PriceSeries

START, T = date(2021, 1, 4), 900
NAMES = ("SRC", "AAA", "@pair")
SCALE = 4.0 * np.log(2.0)


def ranged(symbol: str, seed: int, *, quiet: slice = slice(0, 0)) -> PriceSeries:
    """Daily bars whose ranges hold the close before: the true range is the range."""
    rng = np.random.default_rng(seed)
    prices = 100.0 * np.exp(np.cumsum(0.01 * rng.standard_normal(T)))
    before = np.concatenate([[100.0], prices[:-1]])
    up, down = np.exp(0.002 + 0.01 * rng.random((2, T)))
    high, low = np.maximum(prices, before) * up, np.minimum(prices, before) / down
    high[quiet] = np.nan
    return replace(daily(symbol, "XNYS", START, list(prices)), high=high, low=low)


def prices() -> Market:
    return market(*(ranged(name, seed) for seed, name in enumerate(("SRC", "AAA", "ONE", "TWO"))))


@pytest.fixture(scope="module")
def system() -> System:
    return replace(make_system(NAMES), members={"@pair": ("ONE", "TWO")})


def parkinson(series: PriceSeries) -> npt.NDArray[np.float64]:
    assert series.high is not None
    assert series.low is not None
    return np.asarray(0.5 * np.log(np.log(series.high / series.low) ** 2 / SCALE))


def test_volatilities_are_ranges_and_a_basket_is_the_mean_of_its_members(system: System) -> None:
    held = prices()
    values, kinds = log_volatilities(system, held)
    assert kinds == ("range", "range", "range")
    np.testing.assert_allclose(values[0, 1:], parkinson(held.daily["SRC"])[1:], rtol=1e-12)
    members = [parkinson(held.daily[name]) for name in ("ONE", "TWO")]
    np.testing.assert_allclose(values[2, 1:], np.mean(members, axis=0)[1:], rtol=1e-12)


def test_the_table_has_a_row_per_target_and_test(system: System) -> None:
    found = transmission_table(system, prices())
    assert found["target"].tolist() == ["AAA"] * 3 + ["@pair"] * 3
    assert set(found["measure"]) == {"range"}
    assert found["pvalue"].between(0.0, 1.0).all()
    assert found["placebo_pvalue"].between(0.0, 1.0).all()
    assert (found["n_placebo"] <= 500).all()
    assert (found["n_placebo"] > 300).all()
    assert (found["note"] == "").all()


def test_all_tables_come_at_once(system: System) -> None:
    found = volatility_tables(system, prices())
    assert set(found.correlation_paths["target"]) == {"AAA", "@pair"}
    assert set(found.dcc_fits["model"]) == {"gjr", "dcc", "cdcc", "adcc"}
    assert set(found.volatility["occurrence"]) == {"o2"}


def test_what_comes_later_changes_nothing(system: System) -> None:
    held = prices()
    stop = system.anchor + system.crisis[1] + 1
    later = {}
    for name, one in held.daily.items():
        assert one.high is not None
        high = one.high.copy()
        high[stop:] *= 2.0
        later[name] = replace(one, high=high)
    other = transmission_table(system, replace(held, daily=later))
    assert transmission_table(system, held).equals(other)


def test_a_target_without_ranges_in_the_crisis_says_so(system: System) -> None:
    held = prices()
    gone = ranged("AAA", 1, quiet=slice(system.anchor, system.anchor + 11))
    found = transmission_table(system, replace(held, daily={**held.daily, "AAA": gone}))
    lost = found[found["target"] == "AAA"]
    assert lost["statistic"].isna().all()
    assert lost["note"].str.startswith("0 of 11 crisis bars have log volatilities").all()
    assert found[found["target"] == "@pair"]["statistic"].notna().all()
    without = {name: one for name, one in held.daily.items() if name != "AAA"}
    lost = transmission_table(system, replace(held, daily=without)).query("target == 'AAA'")
    assert lost["statistic"].isna().all()
    assert (lost["measure"] == "none (source: range)").all()


def test_bars_inside_sessions_are_refused_in_words() -> None:
    bars = make_system(minutes=60, calm=(-40, -2), crisis=(0, 6))
    found = transmission_table(bars, prices())
    assert len(found) == 6
    assert found["statistic"].isna().all()
    assert found["note"].str.startswith("volatility is compared on sessions").all()
