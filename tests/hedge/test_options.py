"""Puts: against a textbook, an integral, the parity, a slow transcription; and their column."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from eventlab.definitions.strategy import PutDefinition
from eventlab.errors import UsageError
from eventlab.hedge.options import black_scholes_put, put_leg
from tests import naive_hedge_options as naive
from tests.naive_hedge_replay import grid_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.options import PutLeg
    from eventlab.hedge.types import Grid

# Two products that nearly cancel, in units of the larger price.
RTOL = 1e-12
# The integral is good to about 1e-9 of the strike.
INTEGRAL = 1e-8

PUT = PutDefinition(moneyness=0.95, expiry=12, lookback=10, premium=0.25)
terms = st.tuples(
    st.floats(1.0, 500.0), st.floats(1.0, 500.0), st.floats(0.01, 3.0), st.floats(0.02, 2.0)
)
rates = st.floats(-0.05, 0.2)


def one(*arguments: float) -> float:
    return float(black_scholes_put(*arguments))


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        # Hull, Options, Futures, and Other Derivatives, 9th ed., example 15.6.
        ((42.0, 40.0, 0.5, 0.2, 0.1), "0.81"),
        # The same, problem 15.14.
        ((69.0, 70.0, 0.5, 0.35, 0.05), "6.40"),
    ],
)
def test_textbook(arguments: tuple[float, ...], printed: str) -> None:
    assert f"{one(*arguments):.2f}" == printed


@pytest.mark.parametrize(
    ("spot", "strike", "years", "volatility", "rate"),
    [(100, 95, 30 / 365, 0.6, 0.04), (100, 140, 2.0, 0.3, -0.01), (100, 60, 0.5, 0.8, 0.0)],
)
def test_is_the_discounted_mean_of_what_it_pays(
    spot: float, strike: float, years: float, volatility: float, rate: float
) -> None:
    spread = volatility * math.sqrt(years)

    def paid(z: float) -> float:
        end = spot * math.exp((rate - 0.5 * volatility**2) * years + spread * z)
        return float(max(strike - end, 0.0) * norm.pdf(z))

    kink = (math.log(strike / spot) - (rate - 0.5 * volatility**2) * years) / spread
    mean = quad(paid, -12.0, kink, epsabs=1e-12, epsrel=1e-12)[0] * math.exp(-rate * years)
    assert one(spot, strike, years, volatility, rate) == pytest.approx(mean, abs=INTEGRAL * strike)


@given(terms, rates)
def test_agrees_with_the_transcription_and_the_parity(
    given_terms: tuple[float, float, float, float], rate: float
) -> None:
    spot, strike, years, volatility = given_terms
    scale = RTOL * (spot + strike)
    value = one(spot, strike, years, volatility, rate)
    assert value == pytest.approx(naive.put(spot, strike, years, volatility, rate), abs=scale)
    called = naive.call(spot, strike, years, volatility, rate)
    forward = spot - strike * math.exp(-rate * years)
    assert called - value == pytest.approx(forward, abs=scale)


@given(terms, rates)
def test_bounds_and_monotonicity(
    given_terms: tuple[float, float, float, float], rate: float
) -> None:
    spot, strike, years, volatility = given_terms
    value = one(spot, strike, years, volatility, rate)
    discounted = strike * math.exp(-rate * years)
    slack = RTOL * (spot + strike)
    floor = one(spot, strike, years, 0.0, rate)  # to the bit; math's exp may round otherwise
    assert floor == pytest.approx(max(discounted - spot, 0.0), abs=slack)
    assert floor <= value <= discounted + slack
    assert one(1.01 * spot, strike, years, volatility, rate) <= value + slack
    assert one(spot, 1.01 * strike, years, volatility, rate) >= value - slack
    assert one(spot, strike, years, 1.01 * volatility, rate) >= value - slack


def test_limits_are_exact() -> None:
    spots = np.array([80.0, 100.0, 120.0])
    np.testing.assert_array_equal(black_scholes_put(spots, 100.0, 0.0, 0.5), [20.0, 0.0, 0.0])
    discounted = 100.0 * np.exp(-0.05)
    calm = black_scholes_put(spots, 100.0, 1.0, 0.0, 0.05)
    np.testing.assert_array_equal(calm, np.maximum(discounted - spots, 0.0))
    assert one(0.0, 100.0, 1.0, 0.5, 0.05) == discounted
    assert one(100.0, 0.0, 1.0, 0.5) == 0.0
    assert one(100.0, 100.0, 1e-300, 1e-200) == 0.0
    assert one(50.0, 100.0, 1.0, 1e-308) == 50.0


def test_shapes_and_nan() -> None:
    values = black_scholes_put(np.array([[90.0], [110.0]]), np.array([100.0, np.nan]), 1.0, 0.2)
    assert values.shape == (2, 2)
    np.testing.assert_array_equal(np.isnan(values), [[False, True], [False, True]])
    assert black_scholes_put(1.0, 1.0, 1.0, 0.2).shape == ()
    assert math.isnan(one(math.nan, 100.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, 100.0, 1.0, 0.2), "spot -1 must be finite and not negative"),
        ((100.0, 100.0, -0.5, 0.2), "years -0.5 must be finite and not negative"),
        ((100.0, 100.0, 1.0, math.inf), "volatility inf must be finite and not negative"),
        ((100.0, 100.0, 1.0, 0.2, math.inf), "rate inf must be finite"),
    ],
)
def test_refuses(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        black_scholes_put(*arguments)


def walk(bars: int, seed: int = 3) -> npt.NDArray[np.float64]:
    steps = np.random.default_rng(seed).normal(0.0, 0.02, (2 * bars, 2))
    return np.asarray(100.0 * np.exp(np.cumsum(steps, axis=0)))


def holed(bars: int = 60) -> Grid:
    """Two legs; the second is closed now and then, and lacks an open."""
    prices = walk(bars)
    for bar in (5, 6, 12, 13, 27, 33, 34):
        prices[2 * bar : 2 * bar + 2, 1] = np.nan
    prices[2 * 30, 1] = np.nan
    return grid_of(prices)


def leg_of(grid: Grid, *episodes: tuple[int, int], rate: float = 0.03) -> PutLeg:
    return put_leg(grid, 1, episodes, PUT, rate=rate, periods=365.0)


def test_worked_by_hand() -> None:
    # Closes alternate between 100 and 110: each squared log return is ln(1.1)^2.
    prices = np.repeat(np.where(np.arange(40) % 2, 110.0, 100.0), 2)[:, None]
    definition = PutDefinition(moneyness=0.9, expiry=5, lookback=10, premium=0.5)
    leg = put_leg(grid_of(prices), 0, [(20, 27)], definition, rate=0.0, periods=252.0)
    implied = 1.5 * math.log(1.1) * math.sqrt(252.0)
    assert leg.symbol == "A put"
    assert leg.strikes[0] == pytest.approx(90.0)
    assert leg.notes == ("",)
    np.testing.assert_allclose(leg.volatilities[10:], implied, rtol=RTOL)
    assert np.isnan(leg.volatilities[:10]).all()
    expected = {
        41: one(100.0, 90.0, 5 / 252, implied),  # struck
        42: one(110.0, 90.0, 5 / 252, implied),  # open of the next bar: the whole bar is left
        43: one(110.0, 90.0, 4 / 252, implied),
        50: one(110.0, 90.0, 1 / 252, implied),
        51: 0.0,  # expired at 110
        52: 0.0,  # and worth nothing later, whatever the price
        55: 0.0,
    }
    np.testing.assert_allclose(
        leg.marks[list(expected)], list(expected.values()), rtol=RTOL, atol=0
    )
    np.testing.assert_array_equal(leg.fills[41:56], leg.marks[41:56])
    assert np.isnan(np.delete(leg.fills, np.arange(41, 56))).all()
    assert not np.delete(leg.marks, np.arange(41, 56)).any()


def test_expiry_in_the_money_is_held() -> None:
    prices = walk(40)[:, :1]
    prices[2 * 25 :, 0] = 50.0
    prices[2 * 32 :, 0] = 500.0
    definition = PutDefinition(moneyness=1.0, expiry=10, lookback=10)
    leg = put_leg(grid_of(prices), 0, [(20, 36)], definition, rate=0.0, periods=252.0)
    np.testing.assert_array_equal(leg.fills[2 * 30 + 1 : 2 * 36 + 2], leg.strikes[0] - 50.0)


def test_path_agrees_with_the_transcription() -> None:
    grid = holed()
    fills = [float(x) for x in grid.fills[:, 1]]
    leg = leg_of(grid, (20, 30), (33, 48))
    terms_of = (PUT.moneyness, PUT.expiry, PUT.lookback, PUT.premium)
    for first, last in ((20, 30), (33, 48)):
        rows = naive.put_path(fills, first, last, terms_of, rate=0.03, periods=365.0)
        points = [row[0] for row in rows]
        np.testing.assert_allclose(leg.fills[points], [row[1] for row in rows], rtol=1e-10)
        np.testing.assert_allclose(leg.marks[points], [row[2] for row in rows], rtol=1e-10)
    assert leg.strikes[1] == PUT.moneyness * grid.marks[67, 1]
    closed = np.isnan(grid.fills[41:62, 1])
    assert closed.any()
    np.testing.assert_array_equal(np.isnan(leg.fills[41:62]), closed)
    assert (leg.marks[41:62] > 0).all()


def test_a_rolled_exit_has_a_price() -> None:
    leg = leg_of(holed(), (22, 33))
    assert np.isnan(leg.fills[66:70]).all()
    assert np.isfinite(leg.fills[70:72]).all()  # the next bar in which the asset trades
    assert np.isnan(leg.fills[72:]).all()


def test_says_why_an_episode_has_no_put() -> None:
    grid = holed()
    leg = leg_of(grid, (8, 12), (20, 30), (30, 40))
    assert [bool(note) for note in leg.notes] == [True, False, True]
    np.testing.assert_array_equal(np.isnan(leg.strikes), [True, False, True])
    day = grid.clock.sessions[8]
    assert leg.notes[0] == (
        f"no put on B on {day}: its volatility needs closes over 10 bars, in half of them at least"
    )
    assert "the put of the episode before is still held" in leg.notes[2]
    known = np.full(len(grid), 0.03)
    known[20] = np.nan
    unknown = put_leg(grid, 1, [(20, 30), (40, 45)], PUT, rate=known, periods=365.0)
    assert unknown.notes[0].endswith("the rate is not known")
    assert unknown.notes[1] == ""


@pytest.mark.parametrize("cut", [24, 31, 34, 45])
def test_the_future_leaves_the_past_as_it_was(cut: int) -> None:
    grid = holed()
    episodes = ((20, 30), (33, 48))
    whole = leg_of(grid, *episodes)
    fills, marks = grid.fills.copy(), grid.marks.copy()
    later = np.random.default_rng(9).permutation(np.arange(2 * cut + 2, len(fills)))
    fills[2 * cut + 2 :], marks[2 * cut + 2 :] = 3.0 * fills[later], 3.0 * marks[later]
    scrambled = leg_of(replace(grid, fills=fills, marks=marks), *episodes)
    end = 2 * cut + 2
    # Up to the cut bit for bit, whatever it was; an episode that begins later is not looked at.
    for name in ("fills", "marks"):
        np.testing.assert_array_equal(getattr(whole, name)[:end], getattr(scrambled, name)[:end])
    np.testing.assert_array_equal(whole.volatilities[: cut + 1], scrambled.volatilities[: cut + 1])
    began = [number for number, (first, _) in enumerate(episodes) if first <= cut]
    np.testing.assert_array_equal(whole.strikes[began], scrambled.strikes[began])


def test_leaves_the_grid_as_it_was() -> None:
    grid = holed()
    before = grid.fills.copy(), grid.marks.copy()
    leg_of(grid, (20, 30))
    np.testing.assert_array_equal(grid.fills, before[0])
    np.testing.assert_array_equal(grid.marks, before[1])
