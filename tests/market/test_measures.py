"""Volume and volatility on the panel: by hand, against the naive twin, at the edges, in time."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.definitions import SymbolInfo
from eventlab.market.measures import RANGE_BARS, measure_panel, measured_stamp
from eventlab.market.panel import build_panel
from eventlab.market.sources import load_market
from eventlab.timeline.clock import make_clock
from tests.market.naive_measures import naive_daily, naive_realised, naive_volume
from tests.market.series import MINUTE, daily, intraday, market

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from eventlab.market.types import Market, Panel, PriceSeries
    from eventlab.timeline.types import Clock

EXACT: dict[str, Any] = {"rtol": 0, "atol": 1e-15}  # one logarithm of one ratio
TWIN: dict[str, Any] = {
    "rtol": 1e-12,
    "atol": 1e-13,
}  # sums in another order; logs may be near zero
HOUR = 60 * MINUTE
START = date(2025, 11, 24)  # Thanksgiving is on the 27th, the 28th closes early


def with_bars(
    series: PriceSeries,
    volume: Sequence[float] | npt.NDArray[np.float64] | None = None,
    *,
    high: Sequence[float] | npt.NDArray[np.float64] | None = None,
    low: Sequence[float] | npt.NDArray[np.float64] | None = None,
) -> PriceSeries:
    changes = {"volume": volume, "high": high, "low": low}
    given: dict[str, Any] = {
        name: np.asarray(v, np.float64) for name, v in changes.items() if v is not None
    }
    return replace(series, **given)


def measured(held: Market, clock: Clock, measure: Any, *symbols: str) -> Panel:
    panel = build_panel(held, symbols or held.symbols, clock)
    return measure_panel(panel, held, measure)


def stock(prices: Sequence[float], volume: Sequence[float], calendar: str = "XNYS") -> PriceSeries:
    return with_bars(daily("A", calendar, START, prices), volume)


WEEK = make_clock("XNYS", START, date(2025, 12, 3))


def test_a_study_of_returns_has_the_panel_as_it_is() -> None:
    held = market(stock([10.0, 11.0, 12.0], [1.0, 2.0, 3.0]))
    panel = build_panel(held, ["A"], WEEK)
    assert measure_panel(panel, held, "returns") is panel
    assert measured_stamp(held, panel) is held.stamp


def test_volume_of_a_stock_is_that_of_its_sessions_and_zero_has_no_log() -> None:
    held = market(stock([10.0] * 7, [100.0, 200.0, 0.0, 400.0, np.nan, 600.0, 700.0]))
    panel = measured(held, WEEK, "volume")
    logs = [math.nan, *(math.log(v) if v else math.nan for v in (200, 0, 400, 0, 600, 700))]
    np.testing.assert_allclose(panel.returns[0], logs, **EXACT)
    assert np.isnan(panel.minutes_apart[0]).tolist() == np.isnan(logs).tolist()
    assert panel.columns[0].measured == "log volume of daily bars"
    assert panel.measure == "volume"
    assert panel.simple_returns.tolist()[0][1:3] == [0.0, 0.0]  # what prices did is kept beside it


def test_a_monday_of_a_market_that_never_closes_is_compared_with_other_days() -> None:
    # Own days from Monday the 24th; Monday the 1st holds three of them.
    volume = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0, 12.0, 13.0, 14.0]
    held = market(stock([10.0] * 10, volume, "24/7"))
    panel = measured(held, WEEK, "volume")
    # Thanksgiving belongs to Friday, whose close at 13:00 is nearer to the day's own beginning.
    days = panel.closes[0]
    apart = np.diff(days) // (24 * HOUR)
    own = np.cumsum([0, *apart])
    first = int(np.searchsorted(held.daily["A"].closes, days[0]))
    want = [math.nan] + [
        math.log(np.mean(volume[first + a + 1 : first + b + 1])) for a, b in itertools.pairwise(own)
    ]
    np.testing.assert_allclose(panel.returns[0], want, **EXACT)
    assert apart.max() == 3
    assert math.exp(panel.returns[0][int(apart.argmax()) + 1]) == pytest.approx(9.0)


def test_volume_of_intraday_bars_is_per_bar_whatever_the_weekend() -> None:
    ends = np.arange(
        WEEK.closes[0] - 48 * HOUR, WEEK.closes[-1] + HOUR, HOUR
    )  # 21:00 UTC is a multiple of the hour
    same = with_bars(
        intraday("A", "24/7", ends.tolist(), [10.0] * len(ends), 60), [7.0] * len(ends)
    )
    panel = measured(market(same), WEEK, "volume")
    np.testing.assert_allclose(panel.returns[0][1:], math.log(7.0), **EXACT)
    assert panel.columns[0].measured == "log mean volume of 60-minute bars"
    # A fifth of the bars may lack, more may not, of the 75 hours since Friday's early close.
    monday = int(np.flatnonzero(WEEK.sessions == np.datetime64("2025-12-01"))[0])
    inside = (ends > WEEK.closes[monday - 1]) & (ends <= WEEK.closes[monday])
    for lost, known in ((15, True), (16, False)):
        keep = np.ones(len(ends), dtype=np.bool_)
        keep[np.flatnonzero(inside)[5 : 5 + lost]] = False
        thin = with_bars(
            intraday("A", "24/7", ends[keep].tolist(), [10.0] * int(keep.sum()), 60),
            [7.0] * int(keep.sum()),
        )
        found = measured(market(thin), WEEK, "volume").returns[0]
        assert np.isfinite(found[monday]) == known
        assert np.isfinite(np.delete(found, [0, monday])).all()


def test_realised_volatility_holds_the_night_and_leaves_thin_bars_outside_the_session() -> None:
    # A stock with bars of an hour at 15:30 to 16:00 only would be thin; here are seven per session.
    ends, prices = [], []
    level = 100.0
    for opens, closes in zip(WEEK.opens.tolist(), WEEK.closes.tolist(), strict=True):
        for end in range(opens + 30 * MINUTE, closes + 1, 30 * MINUTE):
            level *= 1.01
            ends.append(end)
            prices.append(level)
        ends.append(closes + 90 * MINUTE)  # after hours
        prices.append(level * 3.0)
        level *= 1.10  # the gap to the next morning's first bar, beside its own 1%
    held = market(intraday("A", "XNYS", ends, prices, 30))
    panel = measured(held, WEEK, "volatility")
    bars = np.diff([0, *np.cumsum((WEEK.closes - WEEK.opens) // (30 * MINUTE))])
    step, gap = math.log(1.01) ** 2, math.log(1.01 * 1.10) ** 2
    want = [0.5 * math.log(((n - 1) * step + gap) / n) for n in bars]
    np.testing.assert_allclose(panel.returns[0][1:], want[1:], rtol=0, atol=1e-12)
    assert panel.columns[0].measured == "log realised volatility of 30-minute bars"


def test_range_counts_the_gap_from_the_close_before_and_not_the_dividend() -> None:
    n = RANGE_BARS + 5
    start = date(2024, 1, 2)
    raw = np.full(n, 100.0)
    adjusted = np.where(np.arange(n) < n - 3, 95.0, 100.0)  # a dividend before the third last bar
    series = replace(daily("A", "XNYS", start, raw.tolist()), prices=adjusted)
    high, low = raw * 1.02, raw * 0.99
    high[-1], low[-1] = 91.0, 90.0  # opens far below the close before
    series = with_bars(series, high=high, low=low)
    clock = make_clock("XNYS", start, date(2025, 3, 1))
    panel = measured(market(series), clock, "volatility")
    values = panel.returns[0][:n]
    usual = 0.5 * math.log(math.log(1.02 / 0.99) ** 2 / (4 * math.log(2)))
    np.testing.assert_allclose(values[1 : n - 3], usual, rtol=0, atol=1e-12)
    gone = 0.5 * math.log(math.log(102.0 / 95.0) ** 2 / (4 * math.log(2)))
    np.testing.assert_allclose(values[n - 3], gone, rtol=0, atol=1e-12)  # a rise of the adjusted
    fell = 0.5 * math.log(math.log(100.0 / 90.0) ** 2 / (4 * math.log(2)))
    np.testing.assert_allclose(values[n - 1], fell, rtol=0, atol=1e-12)
    assert panel.columns[0].measured == "log range of daily bars, from the close before"


def test_too_few_ranges_leave_one_definition_for_the_whole_asset() -> None:
    n = RANGE_BARS + 5
    prices = (100.0 * np.cumprod(1.0 + np.random.default_rng(3).normal(0, 0.02, n))).tolist()
    high, low = np.array(prices) * 1.01, np.array(prices) * 0.99
    for filled, said in (
        (RANGE_BARS, "log range of daily bars, from the close before"),
        (RANGE_BARS - 1, "log absolute return of daily bars"),
    ):
        some = np.arange(n) >= n - filled
        series = with_bars(
            daily("A", "XNYS", date(2024, 1, 2), prices),
            high=np.where(some, high, np.nan),
            low=np.where(some, low, np.nan),
        )
        clock = make_clock("XNYS", date(2024, 1, 2), date(2025, 3, 1))
        panel = measured(market(series), clock, "volatility")
        assert panel.columns[0].measured == said
        known = np.isfinite(panel.returns[0][:n])
        assert known.sum() == (filled if filled == RANGE_BARS else n - 1)


def test_a_price_that_stays_has_no_log_volatility_and_a_level_has_changes() -> None:
    held = market(
        daily("A", "XNYS", START, [10.0, 11.0, 11.0, 12.0]),
        daily("L", "XNYS", START, [4.0, 4.1, 4.1, 4.0], kind="level"),
        daily("R", "XNYS", START, [0.01, -0.02, 0.0, 0.03], kind="return"),
    )
    panel = measured(held, WEEK, "volatility", "A", "L", "R")
    logs = [[math.log(math.log(11 / 10)), math.nan, math.log(math.log(12 / 11))]]
    logs += [[math.log(0.001), math.nan, math.log(0.001)]]
    logs += [[math.log(-math.log(0.98)), math.nan, math.log(math.log(1.03))]]
    np.testing.assert_allclose(panel.returns[:, 1:4], logs, rtol=0, atol=1e-12)
    assert [column.measured for column in panel.columns] == [
        "log absolute return of daily bars",
        "log absolute change of daily bars",
        "log absolute return of daily bars",
    ]
    nothing = measured(held, WEEK, "volume", "A", "L")
    assert np.isnan(nothing.returns).all()


def random_market(seed: int) -> Market:
    """Stocks, a token and hourly bars with holes, zeros, ranges and volumes."""
    rng = np.random.default_rng(seed)
    series = []
    for name, calendar, n in (("S", "XNYS", 300), ("T", "24/7", 430), ("N", "XTKS", 280)):
        prices = 50.0 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
        lost = rng.choice(n, 9, replace=False).tolist()
        one = daily(name, calendar, date(2024, 1, 2), prices.tolist(), drop=lost)
        volume = np.exp(rng.normal(10, 1, len(one.prices)))
        volume[rng.choice(len(volume), 6)] = 0.0
        volume[rng.choice(len(volume), 6)] = np.nan
        spread = 1.0 + np.abs(rng.normal(0, 0.02, len(volume)))
        if name != "N":
            one = with_bars(one, volume, high=one.prices * spread, low=one.prices / spread)
        series.append(with_bars(one, volume))
    first = make_clock("24/7", date(2024, 1, 2), date(2024, 1, 2)).closes[0]
    ends = first + HOUR * np.flatnonzero(rng.random(24 * 60) > 0.06)
    prices = 50.0 * np.exp(np.cumsum(rng.normal(0, 0.004, len(ends))))
    hourly = intraday("T", "24/7", ends.tolist(), prices.tolist(), 60)
    return market(*series, with_bars(hourly, np.exp(rng.normal(5, 1, len(ends)))))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("sampling", ["nearest", "previous"])
def test_the_naive_twin_agrees(seed: int, sampling: Any) -> None:
    held = random_market(seed)
    clock = make_clock("XNYS", date(2024, 1, 2), date(2024, 3, 1))
    panel = build_panel(held, ["S", "T", "N"], clock, sampling)
    volume = measure_panel(panel, held, "volume").returns
    volatility = measure_panel(panel, held, "volatility").returns
    seen = set()
    for row, column in enumerate(panel.columns):
        series = (held.intraday if column.basis == "intraday" else held.daily)[column.symbol]
        closes = panel.closes[row].tolist()
        np.testing.assert_allclose(volume[row], naive_volume(series, closes), **TWIN)
        if column.basis == "intraday":
            want = naive_realised(series, closes)
        else:
            want = naive_daily(series, closes, "return" if column.symbol == "N" else "range")
        np.testing.assert_allclose(volatility[row], want, **TWIN)
        assert np.isfinite(want).sum() > 10
        seen.add((column.symbol, column.basis))
    assert len(seen) == 4


@pytest.mark.parametrize("measure", ["volume", "volatility"])
def test_the_future_leaves_the_past_bit_for_bit(measure: str) -> None:
    held = random_market(5)
    clock = make_clock("XNYS", date(2024, 1, 2), date(2024, 3, 1))
    cut = 30
    after = int(clock.closes[cut]) + 12 * HOUR  # a nearest close may lie so late
    changed: dict[str, Any] = {
        kind: {name: disturbed(one, after) for name, one in getattr(held, kind).items()}
        for kind in ("daily", "intraday")
    }
    now = measured(held, clock, measure).returns
    then = measured(replace(held, **changed), clock, measure).returns
    assert now[:, : cut + 1].tobytes() == then[:, : cut + 1].tobytes()
    assert not np.array_equal(now[:, cut + 2 :], then[:, cut + 2 :], equal_nan=True)


def disturbed(series: PriceSeries, after: int) -> PriceSeries:
    """Everything of the bars that close later is another number."""
    later = series.closes > after
    noise = np.exp(np.random.default_rng(9).normal(0, 0.5, len(later)))
    changes: dict[str, Any] = {
        name: np.where(later, getattr(series, name) * noise, getattr(series, name))
        for name in ("prices", "raw", "volume", "high", "low")
        if getattr(series, name) is not None
    }
    return replace(series, **changes)


def test_the_fingerprint_holds_what_was_measured() -> None:
    held = market(stock([10.0, 11.0, 12.0], [1.0, 2.0, 3.0]))
    other = market(stock([10.0, 11.0, 12.0], [1.0, 2.0, 4.0]))
    stamps = {
        measured_stamp(each, measured(each, WEEK, measure)).fingerprint
        for each in (held, other)
        for measure in ("volume", "volatility")
    }
    assert len(stamps) == 3  # the volatility of both is the same


def test_real_volume_and_range_are_those_of_the_raw_file(market_dir: Path) -> None:
    held = load_market(str(market_dir / "daily.parquet"), ["ORCL"], {})
    clock = make_clock("XNYS", date(2025, 12, 1), date(2025, 12, 12))
    raw = pd.read_parquet(market_dir / "daily.parquet")
    raw = raw[raw["symbol"] == "ORCL"].set_index("date").loc["2025-12-10":"2025-12-11"]
    volume = measured(held, clock, "volume").returns[0]
    day = int(np.flatnonzero(clock.sessions == np.datetime64("2025-12-11"))[0])
    np.testing.assert_allclose(volume[day], math.log(100_612_700), rtol=1e-12)
    # 223.01 before, then a low of 186.23: the gap is the larger part of the range.
    scale = raw["adj_close"] / raw["close"]
    square = math.log(raw["adj_close"].iloc[0] / (raw["low"].iloc[1] * scale.iloc[1])) ** 2
    want = 0.5 * math.log(square / (4 * math.log(2)))
    found = measured(held, clock, "volatility").returns[0, day]
    np.testing.assert_allclose(found, want, rtol=1e-12)
    assert math.exp(want) == pytest.approx(0.108, abs=5e-4)


def test_real_hourly_volatility_of_bitcoin_is_that_of_the_raw_file(market_dir: Path) -> None:
    info = {"BTC": SymbolInfo("BTC", "Bitcoin", "24/7", "price")}
    held = load_market(str(market_dir), ["BTC"], info)
    clock = make_clock("XNYS", date(2025, 10, 1), date(2025, 10, 20))
    panel = measured(held, clock, "volatility")
    row = [column.basis for column in panel.columns].index("intraday")
    raw = pd.read_parquet(market_dir / "crypto_1h.parquet")
    closes = raw[raw["symbol"] == "BTC"].set_index("ts_utc")["close"].sort_index()
    # New York's closes of the 10th and the 13th, a Friday and a Monday: bars open an hour before.
    weekend = closes.loc["2025-10-10 19:00":"2025-10-13 19:00"]  # 20:00 UTC to 20:00 UTC
    logs = np.diff(np.log(weekend.to_numpy()))
    assert len(logs) == 72
    want = 0.5 * math.log((logs**2).sum() / 72)
    day = int(np.flatnonzero(clock.sessions == np.datetime64("2025-10-13"))[0])
    np.testing.assert_allclose(panel.returns[row, day], want, rtol=1e-12)
    assert want > np.nanmax(panel.returns[row, : day - 1]) + 0.1  # the days before the 10th
