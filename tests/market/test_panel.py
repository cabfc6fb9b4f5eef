"""The panel: its hand-worked cases, its naive twin, what it may look at, and its speed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.market.panel import NEAREST_REACH, build_panel
from eventlab.market.sources import load_market
from eventlab.market.types import Market, Panel, PanelColumn, PriceSeries
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import Clock
from tests.market.naive_market import naive_panel
from tests.market.series import MINUTE, daily, intraday, market, ns

if TYPE_CHECKING:
    from pathlib import Path

# Published returns are given to a hundredth of a percent.
ROUNDING = 0.5e-4
# 41 columns of 2,925 sessions take 8 ms alone on a machine; this leaves room for a busy one.

NAN = float("nan")
FRIDAY = date(2025, 12, 5)
CALENDARS = ("XNYS", "24/7", "XTKS", "XLON")


def returns_of(panel: Panel, symbol: str, basis: str) -> list[float]:
    names = [f"{column.symbol} {column.basis}" for column in panel.columns]
    values: list[float] = panel.returns[names.index(f"{symbol} {basis}")].tolist()
    return values


def test_own_calendar_gives_plain_returns() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 10))
    panel = build_panel(market(daily("AAA", "XNYS", FRIDAY, [100, 110, 99, 99])), ["AAA"], clock)
    assert panel.columns == (PanelColumn("AAA", "own close"),)
    np.testing.assert_array_equal(panel.returns, [[NAN, 110 / 100 - 1, 99 / 110 - 1, 99 / 99 - 1]])
    np.testing.assert_array_equal(panel.minutes_apart, [[0.0, 0.0, 0.0, 0.0]])
    assert panel.returns.flags.c_contiguous


def test_weekend_of_a_token_is_compounded_into_monday() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    prices = [100.0, 105.0, 84.0, 126.0, 63.0]  # Friday to Tuesday, closing at midnight UTC
    panel = build_panel(market(daily("BTC", "24/7", FRIDAY, prices)), ["BTC"], clock)
    assert panel.columns == (PanelColumn("BTC", "nearest close"),)
    # Friday's UTC day closes three hours after New York; Monday's return holds the weekend.
    np.testing.assert_array_equal(panel.returns, [[NAN, 126 / 100 - 1, 63 / 126 - 1]])
    np.testing.assert_array_equal(panel.minutes_apart, [[180.0, 180.0, 180.0]])


def test_stock_is_closed_at_the_weekends_of_a_24_7_clock() -> None:
    clock = make_clock("24/7", FRIDAY, date(2025, 12, 9))
    panel = build_panel(market(daily("AAA", "XNYS", FRIDAY, [100, 80, 88])), ["AAA"], clock)
    np.testing.assert_array_equal(panel.returns, [[NAN, NAN, NAN, 80 / 100 - 1, 88 / 80 - 1]])
    np.testing.assert_array_equal(panel.minutes_apart, [[-180.0, NAN, NAN, -180.0, -180.0]])


def test_missing_bar_is_never_bridged() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 11))
    for calendar, rows in (("XNYS", [1]), ("24/7", [3])):  # both: Monday's bar
        held = market(daily("AAA", calendar, FRIDAY, [1, 2, 4, 8, 16, 32, 64], drop=rows))
        row = build_panel(held, ["AAA"], clock).returns[0]
        assert np.isnan(row[[0, 1, 2]]).all()
        assert row[3] == 1.0
    nan_row = market(daily("AAA", "XNYS", FRIDAY, [1, NAN, 4, 8, 16]))
    panel = build_panel(nan_row, ["AAA"], clock)
    np.testing.assert_array_equal(panel.returns, [[NAN, NAN, NAN, 1.0, 1.0]])
    np.testing.assert_array_equal(panel.minutes_apart, [[0.0, NAN, 0.0, 0.0, 0.0]])


def test_missing_weekend_bar_spoils_nothing_on_an_exchange() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    held = market(daily("BTC", "24/7", FRIDAY, [100, 1, 1, 150], drop=[1, 2]))
    np.testing.assert_array_equal(build_panel(held, ["BTC"], clock).returns, [[NAN, 0.5]])


def test_previous_close_looks_back_only() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 8))
    held = market(daily("BTC", "24/7", date(2025, 12, 4), [100, 7, 7, 150]))
    panel = build_panel(held, ["BTC"], clock, "previous")
    assert panel.columns == (PanelColumn("BTC", "previous close"),)
    np.testing.assert_array_equal(panel.returns, [[NAN, 0.5]])  # Thursday's close to Sunday's
    np.testing.assert_array_equal(panel.minutes_apart, [[-1260.0, -1260.0]])


def test_previous_close_may_be_the_same_instant() -> None:
    days = np.arange(np.datetime64("2025-12-08"), np.datetime64("2025-12-11"))
    midnights = (days + 1).astype("datetime64[ns]").astype(np.int64)
    same = Clock("OTHER", days, midnights - 1, midnights)
    held = market(daily("BTC", "24/7", date(2025, 12, 7), [10, 20, 40, 80, 160]))
    panel = build_panel(held, ["BTC"], same, "previous")
    np.testing.assert_array_equal(panel.minutes_apart, [[0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(panel.returns, [[NAN, 1.0, 1.0]])


def test_equally_near_closes_give_the_earlier_one_and_each_serves_once() -> None:
    days = np.arange(np.datetime64("2025-12-08"), np.datetime64("2025-12-11"))
    noons = days.astype("datetime64[ns]").astype(np.int64) + 12 * 60 * MINUTE
    held = market(daily("BTC", "24/7", date(2025, 12, 7), [10, 20, 40, 80, 160]))
    noon = Clock("NOON", days, noons - 1, noons)
    panel = build_panel(held, ["BTC"], noon)
    # The day of the 7th closes twelve hours before noon of the 8th, the 8th twelve hours after.
    np.testing.assert_array_equal(panel.minutes_apart, [[-720.0, -720.0, -720.0]])
    np.testing.assert_array_equal(panel.returns, [[NAN, 1.0, 1.0]])
    twice = np.sort(np.concatenate((noons, noons + 60 * MINUTE)))
    hours = Clock("NOON", np.repeat(days, 2), twice - 1, twice)
    panel = build_panel(held, ["BTC"], hours)
    # 12:00 takes the midnight before it, 13:00 the one after, which the next noon finds taken.
    np.testing.assert_array_equal(panel.minutes_apart, [[-720.0, 660.0, NAN, 660.0, NAN, 660.0]])


def test_intraday_bars_follow_early_closes_and_daylight_saving() -> None:
    # Thanksgiving 2025: Friday closes at 13:00 New York (18:00 UTC). New York leaves daylight
    # saving on 2 November: closes move from 20:00 to 21:00 UTC.
    hours = np.arange(ns("2025-10-30T00"), ns("2025-12-02T00"), 60 * MINUTE)
    token = intraday("BTC", "24/7", hours.tolist(), np.arange(1.0, len(hours) + 1).tolist(), 60)
    clock = make_clock("XNYS", date(2025, 10, 31), date(2025, 12, 1))
    panel = build_panel(market(token), ["BTC"], clock)
    price = dict(zip(token.closes.tolist(), token.prices.tolist(), strict=True))
    for day, close, before in (
        ("2025-11-03", "2025-11-03T21", "2025-10-31T20"),
        ("2025-11-28", "2025-11-28T18", "2025-11-26T21"),
        ("2025-12-01", "2025-12-01T21", "2025-11-28T18"),
    ):
        row = int(np.searchsorted(clock.sessions, np.datetime64(day)))
        assert panel.returns[0, row] == price[ns(close)] / price[ns(before)] - 1.0
    np.testing.assert_array_equal(panel.minutes_apart, np.zeros((1, len(clock))))


def test_intraday_takes_the_bar_just_closed_and_no_older_one() -> None:
    clock = make_clock("XLON", date(2025, 12, 8), date(2025, 12, 10))  # closes at 16:30 UTC
    ends = [ns(f"2025-12-0{day}T16:00") for day in (8, 9)] + [ns("2025-12-10T15:30")]
    panel = build_panel(market(intraday("AAA", "XNYS", ends, [10, 11, 12], 60)), ["AAA"], clock)
    np.testing.assert_array_equal(panel.returns, [[NAN, 11 / 10 - 1, NAN]])
    np.testing.assert_array_equal(panel.minutes_apart, [[-30.0, -30.0, NAN]])


def test_stock_has_no_intraday_column_where_it_is_always_closed() -> None:
    stock = intraday("AAA", "XNYS", [ns("2025-12-08T21:00")], [10], 60)
    clock = make_clock("24/7", FRIDAY, date(2025, 12, 10))
    assert build_panel(market(stock), ["AAA", "NONE"], clock).columns == ()


def test_level_returns_are_changes_over_100() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    held = market(daily("DGS10", "XNYS", FRIDAY, [4.0, 4.25, -1.0], kind="level"))
    np.testing.assert_array_equal(
        build_panel(held, ["DGS10"], clock).returns, [[NAN, 0.25 / 100, -5.25 / 100]]
    )


def test_unknown_sampling_is_refused() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    with pytest.raises(UsageError, match="sampling 'next' is not known; it is nearest or previous"):
        build_panel(market(), [], clock, "next")  # type: ignore[arg-type]


@st.composite
def markets(draw: st.DrawFn) -> tuple[Market, Clock, Literal["nearest", "previous"]]:
    """A few weeks of daily and intraday bars on several calendars, with holes, and a clock."""
    start = draw(st.sampled_from([date(2025, 10, 24), date(2025, 3, 4), date(2024, 12, 20)]))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    clock = make_clock(draw(st.sampled_from(CALENDARS)), start, start + timedelta(days=21))
    series: list[PriceSeries] = []
    for number, calendar in enumerate(CALENDARS):
        prices = np.exp(random.normal(0, 0.1, 12))
        prices[random.random(12) < 0.1] = NAN
        begin = start + timedelta(days=int(random.integers(-4, 5)))
        drop = np.flatnonzero(random.random(12) < 0.1).tolist()
        kind: Literal["price", "level"] = "level" if random.random() < 0.2 else "price"
        series.append(daily(f"D{number}", calendar, begin, prices.tolist(), drop=drop, kind=kind))
        width = int(random.choice([5, 30, 60, 240]))
        first = ns(f"{start}T00:00") + int(random.choice([0, 7])) * MINUTE
        ends = np.arange(first, first + 12 * 1440 * MINUTE, width * MINUTE)
        ends = ends[random.random(len(ends)) > 0.2]
        bars = intraday(
            f"D{number}", calendar, ends.tolist(), random.random(len(ends)).tolist(), width
        )
        series += [bars, replace(bars, symbol=f"I{number}")]
    return market(*series), clock, draw(st.sampled_from(["nearest", "previous"]))


SYMBOLS = [f"{letter}{number}" for letter in "DI" for number in range(len(CALENDARS))]


@settings(max_examples=40, deadline=None)
@given(markets())
def test_agrees_with_the_naive_twin(
    case: tuple[Market, Clock, Literal["nearest", "previous"]],
) -> None:
    held, clock, sampling = case
    panel = build_panel(held, SYMBOLS, clock, sampling)
    expected = naive_panel(held, SYMBOLS, clock, sampling)
    assert [(c.symbol, c.basis) for c in panel.columns] == [(c[0], c[1]) for c in expected]
    np.testing.assert_array_equal(panel.returns, [column[2] for column in expected])
    np.testing.assert_array_equal(panel.minutes_apart, [column[3] for column in expected])


@settings(max_examples=40, deadline=None)
@given(markets(), st.integers(1, 20), st.booleans())
def test_the_future_leaves_the_past_as_it_was(
    case: tuple[Market, Clock, Literal["nearest", "previous"]], row: int, remove: bool
) -> None:
    """``nearest close`` may look twelve hours ahead, and no further; everything else not at all."""
    held, clock, sampling = case
    row = min(row, len(clock) - 1)
    before = build_panel(held, SYMBOLS, clock, sampling)
    for reach, bases in (
        (0, {"own close", "previous close", "intraday"}),
        (NEAREST_REACH, {"nearest close"}),
    ):
        changed = _change_after(held, int(clock.closes[row]) + reach, remove=remove)
        after = build_panel(changed, SYMBOLS, clock, sampling)
        assert after.columns == before.columns
        kept = [place for place, column in enumerate(before.columns) if column.basis in bases]
        past = np.s_[kept, : row + 1]
        assert before.returns[past].tobytes() == after.returns[past].tobytes()
        assert before.minutes_apart[past].tobytes() == after.minutes_apart[past].tobytes()


def _change_after(held: Market, instant: int, *, remove: bool) -> Market:
    def change(series: PriceSeries) -> PriceSeries:
        future = series.closes > instant
        if not remove:
            return replace(series, prices=np.where(future, series.prices * 7 + 1, series.prices))
        return replace(series, closes=series.closes[~future], prices=series.prices[~future])

    return replace(
        held,
        daily={symbol: change(series) for symbol, series in held.daily.items()},
        intraday={symbol: change(series) for symbol, series in held.intraday.items()},
    )


@pytest.fixture(scope="module")
def real(market_dir: Path) -> Market:
    return load_market(str(market_dir), ["ORCL", "NVDA", "BTC", "SPY", "ETH", "RENDER"], {})


@pytest.mark.parametrize(
    ("code", "symbol", "basis", "session", "expected"),
    [
        ("XNYS", "ORCL", "own close", "2025-12-11", -0.1083),
        ("XNYS", "NVDA", "own close", "2025-11-20", -0.0315),
        ("XNYS", "NVDA", "own close", "2025-01-27", -0.1697),
        ("XNYS", "BTC", "intraday", "2025-12-11", -0.0072),
        ("XNYS", "BTC", "nearest close", "2025-12-11", 0.0053),
        ("24/7", "BTC", "own close", "2025-12-11", 0.0053),
        ("24/7", "ORCL", "nearest close", "2025-12-11", -0.1083),
    ],
)
def test_real_returns(
    real: Market, code: str, symbol: str, basis: str, session: str, expected: float
) -> None:
    clock = make_clock(code, date(2024, 1, 1), date(2025, 12, 31))
    panel = build_panel(real, [symbol], clock)
    row = int(np.searchsorted(clock.sessions, np.datetime64(session)))
    assert returns_of(panel, symbol, basis)[row] == pytest.approx(expected, abs=ROUNDING)


def test_real_gap_of_render_is_not_bridged(real: Market) -> None:
    clock = make_clock("24/7", date(2024, 7, 20), date(2024, 7, 28))
    row = build_panel(real, ["RENDER"], clock).returns[0]
    np.testing.assert_array_equal(np.isnan(row), [True, False] + [True] * 5 + [False] * 2)
