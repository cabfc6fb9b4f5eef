"""Realised and forecast volatility: pandas, slow transcriptions, hand-worked cases, the past."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.definitions.strategy import ScaleDefinition
from eventlab.errors import UsageError
from eventlab.hedge.forecast import (
    LEAST_RETURNS,
    bars_per_year,
    forecast_volatility,
    realised_volatility,
    scale_factor,
)
from eventlab.timeline import make_clock
from tests import naive_hedge_options as naive
from tests.study.worlds import noise

if TYPE_CHECKING:
    import numpy.typing as npt

# Sums of a few hundred positive numbers.
RTOL = 1e-12


def gappy(seed: int, length: int, share: float = 0.3) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    closes = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.02, length)))
    closes[rng.random(length) < share] = np.nan
    return np.asarray(closes)


def test_bars_per_year() -> None:
    days = date(2024, 1, 1), date(2024, 2, 1)
    assert bars_per_year(make_clock("24/7", *days)) == 365.0
    assert bars_per_year(make_clock("XNYS", *days)) == 252.0


def test_realised_by_hand() -> None:
    closes = np.array([100.0, 110.0, np.nan, 99.0, 99.0])
    found = realised_volatility(closes, 2, 252.0)
    up, down = math.log(1.1) ** 2, math.log(0.9) ** 2
    expected = [math.sqrt(126 * x) for x in (up, down, down)]
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2:], expected, rtol=RTOL)


def test_realised_agrees_with_pandas_without_gaps() -> None:
    closes = np.asarray(100.0 * np.cumprod(1.0 + noise(4, 300)), dtype=np.float64)
    squares = pd.Series(np.diff(np.log(closes), prepend=np.nan) ** 2)
    expected = np.sqrt(squares.rolling(20).sum().to_numpy() * 252 / 20)
    np.testing.assert_allclose(realised_volatility(closes, 20, 252.0), expected, rtol=1e-10)


@given(st.integers(0, 1000), st.integers(1, 30), st.sampled_from([0.0, 0.3, 0.6]))
def test_realised_agrees_with_the_transcription(seed: int, bars: int, share: float) -> None:
    closes = gappy(seed, 60, share)
    expected = [naive.realised(list(closes), t, bars, 365.0) for t in range(60)]
    np.testing.assert_allclose(realised_volatility(closes, bars, 365.0), expected, rtol=RTOL)


def test_realised_of_a_market_that_stopped_is_not_known() -> None:
    closes = np.concatenate([100.0 * np.cumprod(1.0 + noise(4, 40)), np.full(40, np.nan)])
    found = realised_volatility(closes, 20, 252.0)
    assert np.isfinite(found[20:50]).all()
    assert np.isnan(found[50:]).all()


@given(st.integers(0, 1000), st.integers(5, 59))
def test_realised_knows_no_future(seed: int, cut: int) -> None:
    closes = gappy(seed, 60)
    whole = realised_volatility(closes, 7, 252.0)
    np.testing.assert_array_equal(realised_volatility(closes[:cut], 7, 252.0), whole[:cut])
    other = closes.copy()
    other[cut:] = other[cut:][::-1] * 2.0
    np.testing.assert_array_equal(realised_volatility(other, 7, 252.0)[:cut], whole[:cut])


def test_realised_edges() -> None:
    assert np.isnan(realised_volatility(np.full(5, np.nan), 2, 252.0)).all()
    assert len(realised_volatility(np.empty(0), 2, 252.0)) == 0
    np.testing.assert_array_equal(realised_volatility(np.full(4, 7.0), 2, 252.0)[2:], 0.0)
    with pytest.raises(UsageError, match="closes must be above zero"):
        realised_volatility(np.array([1.0, -1.0, 1.0]), 1, 252.0)
    with pytest.raises(UsageError, match="bars 0 must be above zero"):
        realised_volatility(np.ones(3), 0, 252.0)


@given(st.integers(0, 1000), st.floats(0.5, 80.0))
def test_forecast_agrees_with_pandas_and_the_transcription(seed: int, half_life: float) -> None:
    returns = noise(seed, 120)
    returns[::7] = np.nan
    found = forecast_volatility(returns, half_life, 252.0)
    mean = (pd.Series(returns) ** 2).ewm(halflife=half_life, ignore_na=False).mean().iloc[-1]
    assert found == pytest.approx(math.sqrt(252 * mean), rel=1e-10)
    expected = naive.weighted_volatility(list(returns), half_life, 252.0)
    assert found == pytest.approx(expected, rel=1e-11)


def test_forecast_by_hand() -> None:
    # Half-life of one bar: weights 1, 1/2, 1/4, ... of which 2 - 2^-9 in all.
    returns = np.zeros(10)
    returns[-1], returns[-2] = 0.02, -0.04
    expected = math.sqrt(252 * (0.02**2 + 0.5 * 0.04**2) / (2 - 2**-9))
    assert forecast_volatility(returns, 1.0, 252.0) == pytest.approx(expected, rel=RTOL)


def test_forecast_with_equal_weights_is_the_root_mean_square() -> None:
    returns = noise(5, 60)
    expected = math.sqrt(365 * float(np.mean(returns**2)))
    assert forecast_volatility(returns, math.inf, 365.0) == pytest.approx(expected, rel=RTOL)


def test_forecast_needs_returns() -> None:
    assert math.isnan(forecast_volatility(noise(1, LEAST_RETURNS - 1), 5.0, 252.0))
    assert math.isfinite(forecast_volatility(noise(1, LEAST_RETURNS), 5.0, 252.0))
    assert math.isnan(forecast_volatility(noise(1, 29), 30.0, 252.0))
    assert math.isnan(forecast_volatility(np.empty(0), 30.0, 252.0))
    with pytest.raises(UsageError, match="half_life 0 must be above zero"):
        forecast_volatility(noise(1, 30), 0.0, 252.0)


def test_scale_factor() -> None:
    returns = noise(6, 200)
    forecast = forecast_volatility(returns, 20.0, 252.0)
    half = ScaleDefinition(volatility=forecast / 2, half_life=20.0, cap=1.0)
    factor, note = scale_factor(half, returns, 252.0)
    assert factor == pytest.approx(0.5, rel=RTOL)
    assert not note
    capped = ScaleDefinition(volatility=10 * forecast, half_life=20.0, cap=2.0)
    factor, note = scale_factor(capped, returns, 252.0)
    assert factor == 2.0
    assert note == f"capped at 2: volatility {forecast:.1%} is forecast"
    factor, note = scale_factor(capped, np.zeros(50), 252.0)
    assert factor == 2.0
    factor, note = scale_factor(half, returns[:12], 252.0)
    assert math.isnan(factor)
    assert note == "a forecast of volatility needs 20 returns; 12 are known"
