"""Funding: at its real times, on the price then, and never silently without a rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError
from eventlab.hedge.funding import (
    MissingFunding,
    funding_paid,
    missing_intervals,
    perpetual_symbols,
    require_funding,
    rolled_rates,
    unknown_funding,
)
from eventlab.hedge.prices import build_grid
from eventlab.market.sources import load_market
from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import make_clock
from tests.hedge.priced import SYMBOLS, WORLDS, funding, hedged, scrambled, world
from tests.market.series import MINUTE, daily, intraday, market, ns
from tests.naive_hedge_prices import naive_funding

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market

# Sums of a few products, in one order here and in another there.
ROUNDING = 1e-14
EIGHT_HOURS = 8 * 60 * MINUTE
PERPETUALS = ("S1", "D1", "I1")


def token(rates: list[float], lacking: tuple[int, ...] = ()) -> Market:
    """Bitcoin by day at 100, 200, 300 ... from 8 December on, and its rates from 00:00 on."""
    stamps = ns("2025-12-08T00") + EIGHT_HOURS * np.arange(len(rates))
    kept = np.setdiff1d(np.arange(len(rates)), lacking)
    prices = [100.0 * (day + 1) for day in range(5)]
    return market(
        daily("BTC", "24/7", date(2025, 12, 8), prices),
        daily("AAA", "24/7", date(2025, 12, 8), prices),
        funding("BTC", stamps[kept].tolist(), np.array(rates)[kept].tolist()),
    )


def grid_of(held: Market, code: str = "24/7") -> Grid:
    clock = make_clock(code, date(2025, 12, 9), date(2025, 12, 11))
    return build_grid(held, ["BTC"], ["AAA"], clock)


def test_rates_are_paid_at_their_stamps_on_the_price_then() -> None:
    held = token([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0])
    found = funding_paid(held, grid_of(held), ["BTC"])
    # A UTC day pays at 08:00 and 16:00 on the close before, and at 24:00 on its own close.
    # Stamps are 08 Dec 00:00 (1), 08:00 (2) ...: 09 Dec 08:00 is the fifth.
    assert found.paid[:, 0].tolist() == [
        0.0, 5 * 100.0 + 6 * 100.0 + 7 * 200.0,
        0.0, 8 * 200.0 + 9 * 200.0 + 10 * 300.0,
        0.0, 11 * 300.0 + 12 * 300.0 + 13 * 400.0,
    ]  # fmt: skip
    assert found.paid[:, 1].tolist() == [0.0] * 6
    assert found.known.all()
    assert found.perpetual.tolist() == [True, False]
    assert found.first.tolist() == [ns("2025-12-08T00"), NO_BAR]
    assert found.last.tolist() == [ns("2025-12-12T00"), NO_BAR]
    np.testing.assert_array_equal(found.rolled, found.paid)


def test_an_exchange_collects_the_night_at_its_open() -> None:
    held = token([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0])
    found = funding_paid(held, grid_of(held, "XNYS"), ["BTC"])
    # 14:30 to 21:00 UTC holds 16:00; the night 00:00 and 08:00. The first interval has no begin.
    assert found.paid[:, 0].tolist() == [
        0.0, 6 * 100.0, 7 * 200.0 + 8 * 200.0, 9 * 200.0, 10 * 300.0 + 11 * 300.0, 12 * 300.0,
    ]  # fmt: skip


def test_a_stamp_at_the_close_is_of_the_bar_that_ends_and_hourly_prices_go_first() -> None:
    held = token([1.0] * 13)
    ends = np.arange(ns("2025-12-08T01"), ns("2025-12-12T00") + 1, 60 * MINUTE)
    at_midnight = np.searchsorted(held.daily["BTC"].closes, ends, side="right") - 1
    level = held.daily["BTC"].prices[at_midnight] * 1.01 + 0.0
    level[ends < ns("2025-12-09T00")] = 101.0
    bars = intraday("BTC", "24/7", ends.tolist(), level.tolist(), 60)
    held = replace(held, intraday={**held.intraday, "BTC": bars})
    found = funding_paid(held, grid_of(held), ["BTC"])
    assert found.paid[1, 0] == 101.0 + 101.0 + 202.0
    assert found.paid[2, 0] == 0.0


def test_missing_rates_are_refused_or_rolled_and_listed() -> None:
    held = token([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0], lacking=(7, 8))
    grid = grid_of(held)
    found = funding_paid(held, grid, ["BTC"])
    assert found.known[:, 0].tolist() == [True, True, True, False, True, False]
    assert found.known[:, 1].all()
    # 10 Dec 08:00 and 16:00 lack: the rate of 00:00 (7) again. The last of 12 Dec 00:00 lacks too.
    assert found.paid[3, 0] == 10 * 300.0
    assert found.rolled[3, 0] == 7 * 200.0 + 7 * 200.0 + 10 * 300.0
    assert found.rolled[5, 0] == 11 * 300.0 + 12 * 300.0 + 12 * 400.0
    shares = np.zeros((6, 2))
    require_funding(found, grid, shares)
    shares[2, 0] = -1.0  # short after the open of 10 December, over its rates
    with pytest.raises(
        MissingFunding, match="BTC: funding was due on 2025-12-10 08:00 UTC"
    ) as told:
        require_funding(found, grid, shares)
    assert "(and 1 more) while it was held, and BTC-FUNDING has no rate" in str(told.value)
    assert "missing: roll to charge the last known rate again (7 of 2025-12-10 00:00 UTC)" in str(
        told.value
    )
    assert (told.value.symbol, told.value.due) == ("BTC", ns("2025-12-10T08"))
    require_funding(found, grid, shares, rolled=True)
    listed = [
        (one.symbol, one.due, one.rate, one.rate_at) for one in rolled_rates(found, grid, shares)
    ]
    assert listed == [
        ("BTC", ns("2025-12-10T08"), 7.0, ns("2025-12-10T00")),
        ("BTC", ns("2025-12-10T16"), 7.0, ns("2025-12-10T00")),
    ]
    shares[:] = 0.0
    shares[3, 0] = 1.0  # bought at the close after them
    require_funding(found, grid, shares)
    assert rolled_rates(found, grid, shares) == ()


def test_before_the_first_rate_nothing_can_be_rolled() -> None:
    held = token([1.0] * 12, lacking=tuple(range(6)))
    grid = grid_of(held)
    found = funding_paid(held, grid, ["BTC"])
    shares = np.zeros((6, 2))
    shares[0, 0] = 1.0
    with pytest.raises(MissingFunding, match="there is none before it either"):
        require_funding(found, grid, shares, rolled=True)
    assert missing_intervals(found, grid)[:, 0].tolist() == [False, False, False]
    assert found.last_before[0, 0] == ns("2025-12-10T00")


def test_a_leg_without_any_rate_is_never_known() -> None:
    held = token([1.0] * 13)
    grid = grid_of(held)
    found = funding_paid(held, grid, ["BTC", "AAA"])
    assert missing_intervals(found, grid).tolist() == [[False, True]] * 3
    assert not found.known[1::2, 1].any()
    assert found.known[0::2, 1].all()  # open and close are the same instant


def test_rates_of_other_spacings_and_a_few_milliseconds_late() -> None:
    late = np.array([ns("2025-12-08T20") + 4 * 60 * MINUTE * k + 3_000_000 for k in range(20)])
    held = token([1.0])
    rates = replace(funding("BTC", late.tolist(), [0.5] * 20), bar_minutes=240)
    held = replace(held, intraday={"BTC-FUNDING": rates})
    found = funding_paid(held, grid_of(held), ["BTC"])
    assert found.known.all()
    assert found.paid[3, 0] == 0.5 * (200.0 * 6)  # 24:00 comes late, and with it its price
    hole = np.delete(np.arange(20), 9)
    gap = replace(funding("BTC", late[hole].tolist(), [0.5] * 19), bar_minutes=240)
    held = replace(held, intraday={"BTC-FUNDING": gap})
    found = funding_paid(held, grid_of(held), ["BTC"])
    assert found.missing[0].at.tolist() == [ns("2025-12-10T08")]


def test_an_interval_that_was_shortened_leaves_no_hole_behind() -> None:
    begun = ns("2025-12-08T00")
    stamps = [begun + EIGHT_HOURS * k for k in range(7)]
    stamps += [stamps[-1] + 60 * MINUTE * k for k in range(1, 49)]
    held = replace(token([1.0]), intraday={"BTC-FUNDING": funding("BTC", stamps, [1.0] * 55)})
    found = funding_paid(held, grid_of(held), ["BTC"])
    assert found.known.all()


def test_perpetuals_are_those_named_or_all_that_never_close() -> None:
    held = market(
        daily("BTC", "24/7", date(2025, 12, 8), [1.0]),
        daily("AAA", "XNYS", date(2025, 12, 8), [1.0]),
    )
    symbols = ("BTC", "AAA", "BTC")
    assert perpetual_symbols(hedged(), held, symbols) == ()
    assert perpetual_symbols(hedged(funding="perpetual"), held, symbols) == ("BTC",)
    named = hedged(funding="perpetual", perpetuals=["AAA"])
    assert perpetual_symbols(named, held, symbols) == ("AAA",)


def test_a_decision_without_a_rate_in_a_day_is_told() -> None:
    held = token([1.0] * 13, lacking=(5, 6, 7, 8, 9, 10, 11, 12))  # the last: 09 Dec 08:00
    grid = grid_of(held)
    found = funding_paid(held, grid, ["BTC"])
    fresh = np.ones((3, 2), dtype=np.bool_)
    setting = SimpleNamespace(grid=grid, funding=found, fresh=fresh)
    asked = cast("Setting", setting)
    assert unknown_funding(asked, 0) is None
    told = unknown_funding(asked, 1)
    assert told is not None
    assert told[0] == "BTC"
    assert told[1] == (
        "no funding rate of BTC in the 24 hours before 2025-12-11 00:00 UTC, when its entry is "
        "decided (the last is of 2025-12-09 08:00 UTC)"
    )
    assert missing_intervals(found, grid)[:, 0].tolist() == [False, True, True]
    fresh[1, 0] = False  # not listed yet
    assert unknown_funding(asked, 1) is None


def test_a_perpetual_that_has_no_prices_is_refused() -> None:
    held = token([1.0] * 13)
    grid = grid_of(held)
    with pytest.raises(DataError, match="BTC has no prices"):
        funding_paid(replace(held, daily={}), grid, ["BTC"])


@settings(max_examples=15, deadline=None)
@given(WORLDS)
def test_agrees_with_the_naive_twin(drawn: tuple[date, str, int]) -> None:
    held, clock = world(drawn)
    grid = build_grid(held, SYMBOLS, [], clock)
    found = funding_paid(held, grid, PERPETUALS)
    for symbol in PERPETUALS:
        twin = naive_funding(
            held.intraday[f"{symbol}-FUNDING"],
            held.daily.get(symbol),
            held.intraday.get(symbol),
            grid.instants.tolist(),
        )
        paid = found.paid[:, SYMBOLS.index(symbol)]
        np.testing.assert_allclose(paid, twin, rtol=ROUNDING, atol=1e-18)


@settings(max_examples=25, deadline=None)
@given(WORLDS, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_future_changes_nothing_that_was_paid(
    drawn: tuple[date, str, int], share: float, seed: int
) -> None:
    held, clock = world(drawn)
    instant = int(clock.opens[0] + share * (clock.closes[-1] - clock.opens[0]))
    grid = build_grid(held, SYMBOLS, [], clock)
    other = scrambled(held, instant, seed)
    before = funding_paid(held, grid, PERPETUALS)
    after = funding_paid(other, build_grid(other, SYMBOLS, [], clock), PERPETUALS)
    past = grid.instants <= instant
    for name in ("paid", "known", "rolled"):
        np.testing.assert_array_equal(getattr(before, name)[past], getattr(after, name)[past])
    np.testing.assert_array_equal(before.last_before, after.last_before)


def test_real_rates_around_oracle(market_dir: Path) -> None:
    # Rates and hourly closes at 2025-12-10 00:00, 08:00, 16:00 and the day after.
    held = load_market(str(market_dir), ["BTC", "BTC-FUNDING"], {})
    clock = make_clock("XNYS", date(2025, 12, 9), date(2025, 12, 11))
    grid = build_grid(held, ["BTC"], [], clock)
    found = funding_paid(held, grid, ["BTC"])
    np.testing.assert_allclose(
        found.paid[:, 0],
        [
            0.0,
            5.443e-05 * 92676.9,
            2.777e-05 * 92638.4 + 1.996e-05 * 92744.7,
            3.205e-05 * 92021.8,
            2.59e-05 * 91977.5 - 1.577e-05 * 90231.4,  # after the report the shorts paid
            6.1e-05 * 89830.1,
        ],
        rtol=1e-12,
    )
    assert found.known.all()


def test_real_gap_of_ether(market_dir: Path) -> None:
    held = load_market(str(market_dir), ["ETH", "ETH-FUNDING"], {})
    clock = make_clock("XNYS", date(2025, 12, 1), date(2026, 1, 9))
    grid = build_grid(held, ["ETH"], [], clock)
    found = funding_paid(held, grid, ["ETH"])
    rows = np.flatnonzero(missing_intervals(found, grid)[:, 0])
    assert str(clock.sessions[rows[0]]) == "2025-12-08"
    assert str(clock.sessions[rows[-1]]) == "2025-12-26"
    assert len(found.missing[0].at) == 496 // 8 - 1  # 496 hours between the two rates around it
    with pytest.raises(MissingFunding, match="ETH: funding was due on 2025-12-06"):
        require_funding(found, grid, np.ones((len(grid.instants), 1)))
