"""Costs of trading and holding: nights, groups, yields, impact, and what they may look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.definitions import load_workspace
from eventlab.errors import DataError, UsageError
from eventlab.hedge.carry import build_carry, carry_notes
from eventlab.hedge.funding import funding_paid
from eventlab.hedge.prices import build_grid
from eventlab.market.sources import load_market
from eventlab.timeline.clock import make_clock
from tests.hedge.priced import SYMBOLS, WORLDS, funding, hedged, scrambled, with_opens, world
from tests.market.series import MINUTE, daily, market, ns
from tests.naive_hedge_prices import naive_impact

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import Market

# Means and deviations, summed in another order.
ROUNDING = 1e-12
NAN = float("nan")
FRIDAY = date(2025, 11, 21)
DAYS = 8


def two_legs() -> Market:
    """A stock at 50, 51 ... and bitcoin at 100, 101 ... from Friday, 21 November 2025 on."""
    return market(
        with_opens(
            daily("AAA", "XNYS", FRIDAY, [50.0 + day for day in range(DAYS)]), [49.0] * DAYS
        ),
        daily("BTC", "24/7", FRIDAY, [100.0 + day for day in range(14)]),
        daily("DGS2", "XNYS", FRIDAY, [3.65, 7.30, NAN, 36.5, 0.0, -3.65, 1.0], kind="level"),
    )


def test_borrow_is_charged_by_nights_on_the_close_before() -> None:
    held = two_legs()
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 1))  # no session on Thursday, the 27th
    grid = build_grid(held, ["BTC"], ["AAA"], clock)
    carry = build_carry(hedged(borrow_bps_per_year=365), held, grid)
    assert grid.nights.tolist() == [0, 3, 1, 1, 2, 3]
    expected = np.zeros((12, 2))
    expected[0::2, 1] = [0, 50 * 3e-4, 51e-4, 52e-4, 53 * 2e-4, 54 * 3e-4]
    # Bitcoin's close of a session is its midnight after it: 100, 103, 104, 105, 107.
    expected[0::2, 0] = [0, 100 * 3e-4, 103e-4, 104e-4, 105 * 2e-4, 107 * 3e-4]
    np.testing.assert_allclose(carry.borrow, expected, rtol=1e-15)
    assert carry.in_cash.tolist() == [1.0, 1.0]
    assert not carry.funding.any()
    assert not carry.impact.any()


def test_a_clock_that_never_stops_has_a_night_in_every_bar() -> None:
    held = two_legs()
    clock = make_clock("24/7", FRIDAY, date(2025, 11, 24))
    grid = build_grid(held, ["BTC"], ["AAA"], clock)
    carry = build_carry(hedged(borrow_bps_per_year=365, interest=0.0365), held, grid)
    # Over the weekend the stock is borrowed at Friday's close, a night at a time.
    np.testing.assert_allclose(carry.borrow[:, 1], [0, 0, 50e-4, 0, 50e-4, 0, 50e-4, 0], rtol=1e-15)
    np.testing.assert_allclose(carry.borrow[2::2, 0], [100e-4, 101e-4, 102e-4], rtol=1e-15)
    np.testing.assert_allclose(carry.interest, [0, 0, 1e-4, 0, 1e-4, 0, 1e-4, 0], rtol=1e-15)


def test_interest_is_of_the_last_yield_before_the_close_before() -> None:
    held = two_legs()
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 3))
    grid = build_grid(held, ["BTC"], ["AAA"], clock)
    asked = hedged(interest="DGS2")
    carry = build_carry(asked, held, grid)
    # Yields of the sessions: 3.65, 7.30, none, 36.5, 0, -3.65, 1. The night after a session earns
    # what was stamped before its close: nothing yet, 3.65%, 7.30%, 7.30%, 36.5%, 0, -3.65%.
    nights = [3, 1, 1, 2, 3, 1, 1]
    rates = [0.0, 1e-4, 2e-4, 2e-4, 1e-3, 0.0, -1e-4]
    expected = [0.0, *(night * rate for night, rate in zip(nights, rates, strict=True))]
    np.testing.assert_allclose(carry.interest[0::2], expected, rtol=1e-14)
    assert not carry.interest[1::2].any()
    assert carry_notes(asked, held, grid) == ("DGS2 begins on 2025-11-21: no interest before",)
    later = make_clock("XNYS", date(2025, 12, 2), date(2025, 12, 12))
    grid = build_grid(held, ["BTC"], ["AAA"], later)
    assert carry_notes(asked, held, grid) == (
        "DGS2 ends on 2025-12-02: its last value is used from then on",
    )


def test_a_yield_that_is_none_is_refused() -> None:
    held = two_legs()
    grid = build_grid(held, ["BTC"], ["AAA"], make_clock("XNYS", FRIDAY, FRIDAY))
    with pytest.raises(DataError, match=r"costs.interest: DGS3 has no prices .* Did you mean DGS2"):
        build_carry(hedged(interest="DGS3"), held, grid)
    factor = replace(held.daily["DGS2"], kind="return")
    held = replace(held, daily={**held.daily, "DGS2": factor})
    with pytest.raises(DataError, match="DGS2 holds returns, no yield"):
        build_carry(hedged(interest="DGS2"), held, grid)


def test_a_symbol_goes_before_its_group_and_a_group_before_the_rest() -> None:
    workspace = load_workspace(".")
    held = market(*(daily(name, "XNYS", FRIDAY, [1.0, 2.0]) for name in ("NVDA", "MSFT", "QQQ")))
    held = replace(held, workspace=workspace)
    clock = make_clock("XNYS", FRIDAY, date(2025, 11, 24))
    grid = build_grid(held, ["NVDA"], ["MSFT", "QQQ"], clock)
    by_symbol = {
        "NVDA": {"fee_bps": 1.0},
        "@big_tech": {"fee_bps": 2.0, "slippage_bps": 0.0, "borrow_bps_per_year": 73.0},
        "SPY": {"fee_bps": 9.0},
    }
    carry = build_carry(hedged(fee_bps=3.0, slippage_bps=4.0, by_symbol=by_symbol), held, grid)
    np.testing.assert_allclose(carry.fee, [1e-4, 2e-4, 3e-4], rtol=1e-15)
    np.testing.assert_allclose(carry.slippage, [0.0, 0.0, 4e-4], rtol=1e-15)
    np.testing.assert_allclose(
        carry.borrow[2], np.array([73.0, 73.0, 50.0]) * 3 / 365 * 1e-4, rtol=1e-14
    )
    wrong = hedged(by_symbol={"@bigtech": {"fee_bps": 2.0}})
    with pytest.raises(UsageError, match="big_tech"):
        build_carry(wrong, held, grid)


def test_a_perpetual_pays_funding_and_no_borrow_and_is_not_paid_for() -> None:
    held = two_legs()
    stamps = ns("2025-11-21T00") + 8 * 60 * MINUTE * np.arange(30)
    rates = funding("BTC", np.delete(stamps, 10).tolist(), [1e-4] * 29)
    held = replace(held, intraday={"BTC-FUNDING": rates})
    clock = make_clock("XNYS", FRIDAY, date(2025, 11, 26))
    grid = build_grid(held, ["BTC"], ["AAA"], clock)
    for missing, key in (("raise", "paid"), ("roll", "rolled")):
        carry = build_carry(hedged(missing, funding="perpetual"), held, grid)
        expected = getattr(funding_paid(held, grid, ["BTC"]), key)
        np.testing.assert_array_equal(carry.funding, expected)
        assert carry.in_cash.tolist() == [0.0, 1.0]
        assert not carry.borrow[:, 0].any()
        assert carry.borrow[2, 1] > 0
    assert (funding_paid(held, grid, ["BTC"]).rolled != expected).sum() == 0
    none = build_carry(hedged(), held, grid)
    assert not none.funding.any()
    assert (none.borrow[2:, 0] > 0).any()


def test_impact_by_hand() -> None:
    # Prices go 100, 110, 99, 108.9, ... : returns +10% and -10% by turns, and 1,000 shares a day.
    prices = [100.0]
    for day in range(24):
        prices.append(prices[-1] * (1.1 if day % 2 == 0 else 0.9))
    stock = daily("AAA", "XNYS", date(2025, 9, 2), prices)
    stock = replace(stock, volume=1000.0 * 100.0 / stock.prices)  # worth 100,000 every day
    clock = make_clock("XNYS", date(2025, 9, 2), date(2025, 10, 3))
    held = market(stock, replace(stock, symbol="BTC", volume=np.full(25, NAN)))
    grid = build_grid(held, ["BTC"], ["AAA"], clock)
    asked = hedged(impact=0.5)
    carry = build_carry(asked, held, grid)
    sigma = 0.1 * np.sqrt(20 / 19)  # 20 returns, ten of each sign, n - 1
    assert carry.impact[2 * 21, 1] == pytest.approx(0.5 * sigma / np.sqrt(1e5), rel=1e-12)
    np.testing.assert_array_equal(carry.impact[0::2], carry.impact[1::2])
    # Ten returns need eleven closes before the bar.
    assert not carry.impact[: 2 * 11, 1].any()
    assert (carry.impact[2 * 11 :, 1] > 0).all()
    assert not carry.impact[:, 0].any()
    unknown = "bars, whose volume or volatility of the 20 days before is unknown"
    assert carry_notes(asked, held, grid) == (
        f"BTC: no impact in 24 of 24 {unknown}",
        f"AAA: no impact in 11 of 24 {unknown}",
    )
    assert carry_notes(hedged(), held, grid) == ()


def test_a_volume_that_can_only_be_money_is_taken_as_money() -> None:
    days = 30
    prices = 50_000.0 + 1000.0 * np.sin(np.arange(days))
    token = daily("BTC", "24/7", date(2025, 11, 1), prices.tolist())
    coins = replace(token, volume=np.full(days, 2e10) / prices)
    money = replace(token, symbol="AAA", volume=np.full(days, 2e10))
    held = market(coins, money)
    grid = build_grid(
        held, ["BTC"], ["AAA"], make_clock("24/7", date(2025, 11, 1), date(2025, 11, 30))
    )
    carry = build_carry(hedged(impact=1.0), held, grid)
    np.testing.assert_allclose(carry.impact[:, 0], carry.impact[:, 1], rtol=1e-12)
    assert carry.impact[-1, 0] > 0


def test_impact_is_that_of_pandas_on_real_volumes(market_dir: Path) -> None:
    held = load_market(str(market_dir), ["QQQ"], {})
    series = held.daily["QQQ"]
    clock = make_clock("XNYS", date(2019, 6, 3), date(2026, 7, 31))
    grid = build_grid(held, [], ["QQQ"], clock)
    carry = build_carry(hedged(impact=1.0), held, grid)
    frame = pd.DataFrame(
        {"price": series.prices, "value": series.raw * series.volume}, index=series.sessions
    )
    sigma = frame["price"].pct_change(fill_method=None).rolling(20, min_periods=10).std()
    expected = sigma / np.sqrt(frame["value"].rolling(20, min_periods=10).mean())
    expected = expected.shift(1).reindex(clock.sessions).fillna(0.0).to_numpy()
    assert (expected > 0).sum() > 1000
    np.testing.assert_allclose(carry.impact[2::2, 0], expected[1:], rtol=1e-8)


@settings(max_examples=15, deadline=None)
@given(WORLDS)
def test_impact_agrees_with_the_naive_twin(drawn: tuple[date, str, int]) -> None:
    held, clock = world(drawn)
    grid = build_grid(held, SYMBOLS, [], clock)
    carry = build_carry(hedged(impact=2.0), held, grid)
    for leg, symbol in enumerate(SYMBOLS):
        series = held.daily.get(symbol)
        for row in range(1, len(clock)):
            before = int(clock.closes[row - 1])
            twin = 0.0 if series is None else naive_impact(series, before, 2.0)
            np.testing.assert_allclose(carry.impact[2 * row, leg], twin, rtol=ROUNDING)


@settings(max_examples=25, deadline=None)
@given(WORLDS, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_future_changes_no_cost(drawn: tuple[date, str, int], share: float, seed: int) -> None:
    held, clock = world(drawn)
    instant = int(clock.opens[0] + share * (clock.closes[-1] - clock.opens[0]))
    other = scrambled(held, instant, seed)
    asked = hedged(
        "roll", impact=1.0, interest="RATE", funding="perpetual", perpetuals=["S1", "D1"]
    )
    before = build_carry(asked, held, build_grid(held, SYMBOLS, [], clock))
    after = build_carry(asked, other, build_grid(other, SYMBOLS, [], clock))
    grid = build_grid(held, SYMBOLS, [], clock)
    past = grid.instants <= instant
    for name in ("impact", "funding", "borrow", "interest"):
        np.testing.assert_array_equal(getattr(before, name)[past], getattr(after, name)[past])
        assert np.isfinite(getattr(before, name)).all()
