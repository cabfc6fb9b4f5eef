"""Realised volatility: hand-worked paths, scipy's intervals, and what a reading needs."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from eventlab.claims.measures.volatility import (
    HOURLY,
    MEAN,
    RANGE,
    RANGE_VARIANCE,
    ZERO,
    realised_volatility,
)
from eventlab.market.futures import scrambled
from tests.claims.stat_world import HOUR, LAST, ask, bench_of, world
from tests.market.series import market, ns
from tests.naive_claims_stat import closes, deviation

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured

EXACT = 1e-11  # sums of a few hundred squares


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("volatility"), world())


def readings(bench: Bench, symbol: str, window: str) -> dict[str, Measured]:
    """What each reading gave over the claim's own window."""
    measured = realised_volatility(ask("realised_volatility", symbol, window=window), bench)
    assert measured[0].reading.detail == MEAN
    own = [one for one in measured if one.reading.window == measured[0].reading.window]
    return {one.reading.detail: one for one in own}


def logs(bench: Bench, symbol: str, n: int) -> list[float]:
    days = [day for day in closes(bench.market, symbol) if day <= LAST][-n - 1 :]
    prices = [closes(bench.market, symbol)[day] for day in days]
    return [math.log(b / a) for a, b in pairwise(prices)]


@pytest.mark.parametrize(
    ("symbol", "year", "calendar"), [("TA", 365, "24/7"), ("AAA", 252, "XNYS")]
)
def test_closes_are_annualised_by_their_calendar(
    bench: Bench, symbol: str, year: int, calendar: str
) -> None:
    measured = readings(bench, symbol, "7 bars")
    returns = logs(bench, symbol, 7)
    for place, mean in ((MEAN, True), (ZERO, False)):
        one = measured[place]
        expected = deviation(returns, around_mean=mean) * math.sqrt(year)
        assert one.value == pytest.approx(expected, rel=EXACT)
        dof = 6 if mean else 7
        ends = expected * np.sqrt(dof / stats.chi2(dof).ppf([0.975, 0.025]))
        assert (one.low, one.high) == pytest.approx(tuple(ends), rel=1e-9)
        assert (one.n, one.unit, one.reading.calendar) == (7, "volatility", calendar)
    assert measured[MEAN].value == pytest.approx(
        np.std(returns, ddof=1) * math.sqrt(year), rel=EXACT
    )


def test_hours_add_up_to_the_days(bench: Bench) -> None:
    one = readings(bench, "TA", "7 days")[HOURLY]
    hourly = bench.market.intraday["TA"]
    end = ns("2025-04-01")
    inside = (hourly.closes >= end - 7 * 24 * HOUR) & (hourly.closes <= end)
    steps = np.diff(np.log(hourly.prices[inside]))
    assert one.n == len(steps) == 168
    total = float(np.sum(steps**2))
    assert one.value == pytest.approx(math.sqrt(total / 7 * 365), rel=EXACT)
    stderr = math.sqrt(2.0 / 3.0 * float(np.sum(steps**4)))  # of the sum of squares
    reach = stats.norm.ppf(0.975) * stderr / total
    assert one.high / one.value == pytest.approx(math.exp(reach / 2.0), rel=1e-9)
    assert one.low * one.high == pytest.approx(one.value**2, rel=1e-9)


def test_a_constant_range_has_parkinsons_volatility(bench: Bench, tmp_path: Path) -> None:
    token = bench.market.daily["TA"]
    flat = replace(token, high=token.prices * 1.01, low=token.prices / 1.01)
    made = bench_of(tmp_path, market(flat))
    one = readings(made, "TA", "7 days")[RANGE]
    # ln(1.01^2) = .01990066; over sqrt(4 ln 2) = 1.665109 it is .01195156 a day, .2283343 a year.
    assert one.value == pytest.approx(0.2283343, abs=1e-6)
    assert one.n == 7


def test_the_range_weighs_five_closes() -> None:
    # Parkinson (1980): the variance of his estimate is 5.2 times smaller than that of squares.
    assert 2.0 / RANGE_VARIANCE == pytest.approx(4.91, abs=0.005)
    random = np.random.default_rng(2)
    paths = np.cumsum(random.standard_normal((4000, 1000)) / math.sqrt(1000), axis=1)
    ranges = np.maximum(paths.max(axis=1), 0.0) - np.minimum(paths.min(axis=1), 0.0)
    squares = ranges**2
    # A walk of 1,000 steps has a slightly smaller range than the path; 4,000 of them a spread.
    assert squares.var() / squares.mean() ** 2 == pytest.approx(RANGE_VARIANCE, abs=0.04)


def test_what_is_not_there_is_said(bench: Bench) -> None:
    stock = readings(bench, "AAA", "7 bars")
    assert stock[HOURLY].note == "made up holds no hourly bars of AAA"
    assert stock[RANGE].note == "made up holds no daily ranges of AAA"
    assert all(math.isnan(stock[place].value) for place in (HOURLY, RANGE))


def test_hours_that_are_missing_are_not_passed_over(bench: Bench, tmp_path: Path) -> None:
    hourly = bench.market.intraday["TA"]
    end = ns(LAST)
    gone = (hourly.closes > end - 20 * HOUR) & (hourly.closes < end)
    keep = ~gone
    thin = replace(
        hourly,
        closes=hourly.closes[keep],
        sessions=hourly.sessions[keep],
        prices=hourly.prices[keep],
        raw=hourly.raw[keep],
        volume=hourly.volume[keep],
    )
    made = bench_of(tmp_path, market(bench.market.daily["TA"], thin))
    one = readings(made, "TA", "7 days")[HOURLY]
    assert math.isnan(one.value)
    assert one.note == f"hourly bars of TA do not cover 7 days to {LAST}"


def test_a_day_without_a_range_is_not_passed_over(bench: Bench, tmp_path: Path) -> None:
    token = bench.market.daily["TA"]
    assert token.high is not None
    high = np.where(token.sessions == np.datetime64(LAST), np.nan, token.high)
    made = bench_of(tmp_path, market(replace(token, high=high)))
    one = readings(made, "TA", "7 days")[RANGE]
    assert one.note == "6 of 7 days of TA have a high and a low"


def test_a_group_is_a_basket_of_closes(bench: Bench) -> None:
    measured = readings(bench, "@others", "30 days")
    simple = [np.expm1(logs(bench, one, 30)) for one in ("TC", "TD")]
    basket = np.log1p(np.mean(simple, axis=0))
    expected = float(np.std(basket, ddof=1)) * math.sqrt(365)
    assert measured[MEAN].value == pytest.approx(expected, rel=EXACT)
    assert len(measured) == 2


def test_what_comes_after_the_window_does_not_matter(bench: Bench, tmp_path: Path) -> None:
    asked = ask("realised_volatility", "TA", window="30 days")
    other = bench_of(tmp_path, scrambled(bench.market, ns("2025-04-01"), 1))
    assert repr(realised_volatility(asked, other)) == repr(realised_volatility(asked, bench))
