"""The grid: its hand-worked cases, its naive twin, what it may look at, and its speed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError
from eventlab.hedge.leg_prices import last_price
from eventlab.hedge.prices import build_grid
from eventlab.market.panel import build_panel
from eventlab.market.sources import load_market
from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import make_clock
from tests.hedge.priced import SYMBOLS, WORLDS, scrambled, with_opens, world
from tests.market.series import MINUTE, daily, intraday, market, ns
from tests.naive_hedge_prices import naive_last_price, naive_leg

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market

NAN = float("nan")
FRIDAY = date(2025, 12, 5)
# Two legs take 2 ms and twenty 40 ms alone on a machine; this leaves room for a busy one.


def at(grid: Grid, leg: int = 0) -> list[str]:
    """When the leg's fills are, to the minute."""
    times = grid.filled_at[:, leg].astype("datetime64[ns]").astype("datetime64[m]")
    return [str(one) for one in times]


def hours(first: str, last: str, *, opens: bool = True) -> Market:
    """Bitcoin by the hour: the bar that closes in hour h of the sample costs 1000 + h."""
    ends = np.arange(ns(first), ns(last) + 1, 60 * MINUTE)
    prices = np.arange(1000.0, 1000.0 + len(ends))
    bars = intraday("BTC", "24/7", ends.tolist(), prices.tolist(), 60)
    return market(replace(bars, open=prices - 0.5) if opens else bars)


def test_own_calendar_fills_at_the_adjusted_open_and_close() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    stock = with_opens(daily("AAA", "XNYS", FRIDAY, [50.0, 60.0, 66.0]), [98.0, NAN, 130.0], 0.5)
    grid = build_grid(market(stock), ["AAA"], [], clock)
    np.testing.assert_array_equal(grid.fills[:, 0], [49.0, 50.0, NAN, 60.0, 65.0, 66.0])
    np.testing.assert_array_equal(grid.marks[:, 0], [49.0, 50.0, 50.0, 60.0, 65.0, 66.0])
    np.testing.assert_array_equal(grid.instants[0::2], clock.opens)
    np.testing.assert_array_equal(grid.instants[1::2], clock.closes)
    assert at(grid) == [
        "2025-12-05T14:30", "2025-12-05T21:00", "NaT", "2025-12-08T21:00", "2025-12-09T14:30",
        "2025-12-09T21:00",
    ]  # fmt: skip
    assert grid.nights.tolist() == [0, 3, 1]
    assert grid.trades.all()
    assert grid.basis == ("own open and close",)


def test_no_opening_prices_leave_the_opens_empty() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    grid = build_grid(market(daily("AAA", "XNYS", FRIDAY, [50.0, 60.0])), [], ["AAA"], clock)
    np.testing.assert_array_equal(grid.fills[:, 0], [NAN, 50.0, NAN, 60.0])
    assert (grid.n_book, grid.basis) == (0, ("own close",))


def test_thanksgiving_early_close_and_the_weekend() -> None:
    # 2025: closed on Thursday 27 November, 13:00 New York (18:00 UTC) on the Friday.
    clock = make_clock("XNYS", date(2025, 11, 26), date(2025, 12, 1))
    grid = build_grid(hours("2025-11-26T01", "2025-12-02T00"), ["BTC"], [], clock)
    assert grid.nights.tolist() == [0, 2, 3]
    assert at(grid) == [
        "2025-11-26T15:00", "2025-11-26T21:00", "2025-11-28T15:00", "2025-11-28T18:00",
        "2025-12-01T15:00", "2025-12-01T21:00",
    ]  # fmt: skip
    # The bar that opens at 15:00 is the sixteenth of its day and costs half less than it closes at.
    np.testing.assert_array_equal(grid.fills[:4, 0], [1014.5, 1020.0, 1062.5, 1065.0])
    assert grid.trades.all()
    assert grid.basis == ("hourly bars",)


def test_daylight_saving_moves_the_fills_by_an_hour_of_utc() -> None:
    # New York leaves daylight saving on Sunday, 2 November 2025.
    clock = make_clock("XNYS", date(2025, 10, 31), date(2025, 11, 3))
    grid = build_grid(hours("2025-10-31T01", "2025-11-04T00"), ["BTC"], [], clock)
    assert at(grid) == [
        "2025-10-31T14:00", "2025-10-31T20:00", "2025-11-03T15:00", "2025-11-03T21:00",
    ]  # fmt: skip


def test_without_an_opening_price_a_bar_is_known_when_it_closes() -> None:
    clock = make_clock("XNYS", date(2025, 11, 28), date(2025, 11, 28))  # 14:30 to 18:00 UTC
    held = hours("2025-11-28T01", "2025-11-28T20", opens=False)
    grid = build_grid(held, ["BTC"], [], clock)
    assert at(grid) == ["2025-11-28T16:00", "2025-11-28T18:00"]
    np.testing.assert_array_equal(grid.fills[:, 0], [1015.0, 1017.0])
    wide = replace(held.intraday["BTC"], bar_minutes=240)  # its first close is past the session's
    grid = build_grid(market(wide), ["BTC"], [], clock)
    assert np.isnan(grid.fills[0, 0])


def test_a_missing_bar_is_replaced_by_the_first_one_after_the_open_and_by_no_older_close() -> None:
    clock = make_clock("XNYS", date(2025, 12, 10), date(2025, 12, 10))
    bars = hours("2025-12-10T01", "2025-12-11T00").intraday["BTC"]
    lacking = ~np.isin(bars.closes, [ns("2025-12-10T16"), ns("2025-12-10T21")])
    assert bars.open is not None
    held = market(
        replace(
            bars,
            closes=bars.closes[lacking],
            prices=bars.prices[lacking],
            open=bars.open[lacking],
        )
    )
    grid = build_grid(held, ["BTC"], [], clock)
    assert at(grid) == ["2025-12-10T16:00", "NaT"]
    np.testing.assert_array_equal(grid.marks[:, 0], [1015.5, 1015.5])


def test_daily_token_on_an_exchange_closes_at_its_own_midnight_and_has_no_open() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    token = with_opens(daily("BTC", "24/7", FRIDAY, [100, 105, 84, 126, 63]), [1, 2, 3, 4, 5])
    grid = build_grid(market(token), ["BTC"], [], clock)
    np.testing.assert_array_equal(grid.fills[:, 0], [NAN, 100, NAN, 126, NAN, 63])
    assert at(grid)[1::2] == ["2025-12-06T00:00", "2025-12-09T00:00", "2025-12-10T00:00"]
    assert (grid.filled_at[1:-1:2, 0] < clock.opens[1:]).all()
    assert grid.trades.all()
    assert grid.basis == ("daily close nearest to the session's",)


def test_a_daily_close_after_the_next_open_gives_way_to_the_one_before() -> None:
    # Chicago's futures open again as they close, at 23:00 UTC; midnight would be in the next bar.
    clock = make_clock("CMES", date(2025, 12, 9), date(2025, 12, 11))
    assert (clock.opens[1:] == clock.closes[:-1]).all()
    held = market(daily("BTC", "24/7", date(2025, 12, 7), [10, 20, 40, 80, 160, 320]))
    grid = build_grid(held, ["BTC"], [], clock)
    assert at(grid)[1::2] == ["2025-12-09T00:00", "2025-12-10T00:00", "2025-12-11T00:00"]
    np.testing.assert_array_equal(grid.closes[:, 0], [20, 40, 80])


def test_splice_from_daily_to_hourly_counts_every_return_once() -> None:
    # Daily closes at midnight to 2 January, hours from 1 January 2023 on, half a percent higher.
    clock = make_clock("XNYS", date(2022, 12, 29), date(2023, 1, 5))
    token = daily("BTC", "24/7", date(2022, 12, 29), [100, 110, 121, 120, 132, 99, 90, 80])
    ends = np.arange(ns("2023-01-01T01"), ns("2023-01-05T00") + 1, 60 * MINUTE)
    days = np.searchsorted(token.closes, ends)
    bars = intraday("BTC", "24/7", ends.tolist(), (token.prices[days] * 1.005).tolist(), 60)
    grid = build_grid(market(token, bars), ["BTC"], [], clock)
    closes = grid.closes[:, 0]
    np.testing.assert_array_equal(closes[:2], [100.0, 110.0])
    np.testing.assert_array_equal(closes[2:4], np.array([99.0, 90.0]) * 1.005)
    assert closes[4] == 80.0
    assert at(grid)[1::2] == [
        "2022-12-30T00:00", "2022-12-31T00:00", "2023-01-03T21:00", "2023-01-04T21:00",
        "2023-01-06T00:00",
    ]  # fmt: skip
    assert grid.basis == (
        "hourly bars from 2023-01-03 to 2023-01-04, daily closes before and after",
    )


def test_another_instrument_of_the_name_is_left_out_from_when_it_shows() -> None:
    clock = make_clock("XNYS", date(2025, 12, 8), date(2025, 12, 12))
    token = daily("DIA", "24/7", date(2025, 12, 7), [100.0] * 7)
    ends = np.arange(ns("2025-12-07T01"), ns("2025-12-13T00") + 1, 60 * MINUTE)
    for level, expected in (
        (np.full(len(ends), 150.0), [100, 100, 100, 100, 100]),
        (np.where(ends >= ns("2025-12-10T22"), 150.0, 101.0), [101, 101, 101, 100, 100]),
    ):
        bars = intraday("DIA", "24/7", ends.tolist(), level.tolist(), 60)
        grid = build_grid(market(token, bars), ["DIA"], [], clock)
        np.testing.assert_array_equal(grid.closes[:, 0], expected)
        np.testing.assert_array_equal(np.isnan(grid.fills[0::2, 0]), np.array(expected) == 100)


def test_saturday_on_a_clock_that_never_stops() -> None:
    clock = make_clock("24/7", FRIDAY, date(2025, 12, 8))
    stock = with_opens(daily("QQQ", "XNYS", FRIDAY, [600, 620]), [590, 610])
    token = with_opens(daily("BTC", "24/7", FRIDAY, [90, 91, 92, 93]), [89, 90, 91, 92])
    grid = build_grid(market(stock, token), ["BTC"], ["QQQ"], clock)
    np.testing.assert_array_equal(
        grid.fills,
        [[89, 590], [90, 600], [90, NAN], [91, NAN], [91, NAN], [92, NAN], [92, 610], [93, 620]],
    )
    np.testing.assert_array_equal(grid.marks[:, 1], [590, 600, 600, 600, 600, 600, 610, 620])
    assert grid.trades.tolist() == [[True, True], [True, False], [True, False], [True, True]]
    # Real times: 9:30 and 16:00 in New York, not the midnights of the clock.
    assert at(grid, 1)[-2:] == ["2025-12-08T14:30", "2025-12-08T21:00"]
    assert at(grid, 1)[2:6] == ["NaT"] * 4
    assert grid.nights.tolist() == [0, 1, 1, 1]


def test_a_session_that_opens_the_day_before_has_no_fill_at_the_open() -> None:
    # Sydney opens at 23:00 UTC of the day before in its summer, and at midnight in its winter.
    for day, opened in ((date(2025, 12, 9), "NaT"), (date(2025, 7, 8), "2025-07-08T00:00")):
        stock = with_opens(daily("AAA", "XASX", day, [600]), [590])
        grid = build_grid(market(stock), ["AAA"], [], make_clock("24/7", day, day))
        assert at(grid)[0] == opened
        assert grid.fills[1, 0] == 600


def test_another_exchange_gives_its_nearest_session() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    held = market(
        with_opens(daily("LON", "XLON", FRIDAY, [10, 11, 12]), [9, 10, 11]),
        with_opens(daily("TOR", "XTSE", FRIDAY, [20, 21, 22]), [19, 20, 21]),
    )
    grid = build_grid(held, ["LON"], ["TOR"], clock)
    np.testing.assert_array_equal(grid.fills[:, 0], [NAN, 10, NAN, 11, NAN, 12])  # opens at 8:00
    np.testing.assert_array_equal(grid.fills[:, 1], [19, 20, 20, 21, 21, 22])
    assert at(grid)[1] == "2025-12-05T16:30"
    tokyo = make_clock("XTKS", FRIDAY, date(2025, 12, 9))
    far = build_grid(held, ["LON"], [], tokyo)  # ten hours after Tokyo's close, before its open
    np.testing.assert_array_equal(far.fills[:, 0], [NAN, 10, NAN, 11, NAN, 12])
    assert at(far)[1] == "2025-12-05T16:30"
    assert far.trades.all()


def test_a_leg_in_book_and_hedge_is_two_legs() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    grid = build_grid(market(daily("AAA", "XNYS", FRIDAY, [1.0, 2.0])), ["AAA"], ["AAA"], clock)
    assert (grid.symbols, grid.n_book) == (("AAA", "AAA"), 1)
    np.testing.assert_array_equal(grid.fills[:, 0], grid.fills[:, 1])


@pytest.mark.parametrize(("kind", "said"), [("level", "a level"), ("return", "returns")])
def test_rates_and_returns_cannot_be_held(kind: Literal["level", "return"], said: str) -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    series = replace(daily("VIX", "XNYS", FRIDAY, [1.0, 2.0]), kind=kind)
    with pytest.raises(DataError, match=f"VIX: made up holds {said}.*cannot be bought"):
        build_grid(market(series), [], ["VIX"], clock)


def test_a_leg_that_the_market_lacks_is_named() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    held = market(daily("QQQ", "XNYS", FRIDAY, [1.0, 2.0]))
    with pytest.raises(DataError, match=r"QQQQ has no prices in made up\. Did you mean QQQ\?"):
        build_grid(held, ["QQQQ"], [], clock)


@settings(max_examples=15, deadline=None)
@given(WORLDS)
def test_agrees_with_the_naive_twin(drawn: tuple[date, str, int]) -> None:
    held, clock = world(drawn)
    grid = build_grid(held, SYMBOLS, [], clock)
    for leg, symbol in enumerate(SYMBOLS):
        twin = naive_leg(held.daily.get(symbol), held.intraday.get(symbol), clock)
        fills = [one for opened, closed, _ in twin for one in (opened, closed)]
        np.testing.assert_array_equal(grid.fills[:, leg], [one[0] if one else NAN for one in fills])
        assert grid.filled_at[:, leg].tolist() == [one[1] if one else NO_BAR for one in fills]
        assert grid.trades[:, leg].tolist() == [trades for _, _, trades in twin]
        last, marks = NAN, []
        for one in fills:
            last = one[0] if one else last
            marks.append(last)
        np.testing.assert_array_equal(grid.marks[:, leg], marks)
        some = grid.instants[:: len(clock) // 3 + 1]
        np.testing.assert_array_equal(
            last_price(held, symbol, some),
            [
                naive_last_price(held.daily.get(symbol), held.intraday.get(symbol), int(i))
                for i in some
            ],
        )


@settings(max_examples=25, deadline=None)
@given(WORLDS)
def test_fills_come_in_order_of_time(drawn: tuple[date, str, int]) -> None:
    held, clock = world(drawn)
    grid = build_grid(held, SYMBOLS, [], clock)
    there = np.isfinite(grid.fills)
    assert ((grid.filled_at != NO_BAR) == there).all()
    starts = np.repeat(clock.opens, 2)[:, None]
    opens = there[0::2]
    assert (grid.filled_at[0::2] >= starts[0::2])[opens].all()
    assert (grid.filled_at[0::2] < clock.closes[:, None])[opens].all()
    closed = grid.filled_at[1:-1:2]
    late = (closed > clock.closes[:-1, None]) & (closed >= clock.opens[1:, None])
    assert not late.any()
    for leg in range(len(SYMBOLS)):
        assert (np.diff(grid.filled_at[there[:, leg], leg]) >= 0).all()


@settings(max_examples=25, deadline=None)
@given(WORLDS, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_future_changes_no_fill_and_no_mark(
    drawn: tuple[date, str, int], share: float, seed: int
) -> None:
    held, clock = world(drawn)
    instant = int(clock.opens[0] + share * (clock.closes[-1] - clock.opens[0]))
    before = build_grid(held, SYMBOLS, [], clock)
    after = build_grid(scrambled(held, instant, seed), SYMBOLS, [], clock)
    np.testing.assert_array_equal(before.trades, after.trades)
    # What is filled later may come or go: whether bars are the instrument's is seen by then.
    past, still = ((one.filled_at <= instant) & ~np.isnan(one.fills) for one in (before, after))
    np.testing.assert_array_equal(past, still)
    np.testing.assert_array_equal(before.fills[past], after.fills[past])
    np.testing.assert_array_equal(before.filled_at[past], after.filled_at[past])
    later = (before.filled_at > instant) | (after.filled_at > instant)
    settled = ~np.logical_or.accumulate(later, axis=0)
    assert settled.any() or share < 0.5
    np.testing.assert_array_equal(before.marks[settled], after.marks[settled])


def test_returns_between_closes_are_those_of_the_panel(market_dir: Path) -> None:
    held = load_market(str(market_dir), ["BTC", "QQQ"], {})
    clock = make_clock("XNYS", date(2023, 1, 4), date(2026, 3, 20))
    panel = build_panel(held, ["BTC", "QQQ"], clock)
    names = [f"{column.symbol} {column.basis}" for column in panel.columns]
    grid = build_grid(held, ["BTC"], ["QQQ"], clock)
    for leg, name in enumerate(("BTC intraday", "QQQ own close")):
        closes = grid.closes[:, leg]
        expected = panel.returns[names.index(name)][1:]
        there = np.isfinite(expected)
        assert there.sum() > 790
        np.testing.assert_array_equal((closes[1:] / closes[:-1] - 1.0)[there], expected[there])


def test_real_prices_around_oracle(market_dir: Path) -> None:
    held = load_market(str(market_dir), ["BTC", "QQQ"], {})
    clock = make_clock("XNYS", date(2022, 12, 30), date(2025, 12, 10))
    grid = build_grid(held, ["BTC"], ["QQQ"], clock)
    # 2025-12-10: bars that open at 15:00 and close at 21:00 UTC; QQQ's open is 623.849976 raw,
    # adjusted by 625.325867 / 627.609985.
    np.testing.assert_array_equal(grid.fills[-2:, 0], [91794.0, 92409.1])
    np.testing.assert_allclose(
        grid.fills[-2:, 1], [623.849976 * 625.325867 / 627.609985, 625.325867], rtol=1e-8
    )
    assert grid.closes[0, 0] == pytest.approx(16602.585938, rel=1e-9)  # midnight after 30 December
    assert "hourly bars from 2023-01-03" in grid.basis[0]
