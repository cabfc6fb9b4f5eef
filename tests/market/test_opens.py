"""Opening prices: read as they stand, put on the adjusted scale, and simulated with their path."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.market.arch_source import arch_market
from eventlab.market.simulated import simulated_market
from eventlab.market.simulated_grid import ORIGIN, segments
from eventlab.market.sources import load_market
from tests.market.series import ns, write
from tests.market.simulated_cases import INFO, event

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

# One step of a price's 24 bits on each side of a ratio.
ROUNDED = 2.5e-7
HOUR = 3600 * 10**9
ORACLE = event("oracle", "earnings", ["2025-12-10 16:05"], issuer="ORCL")
BEFORE = event("before", "earnings", ["2025-12-11 07:00"], issuer="ORCL")
NOON = event("noon", "earnings", ["2025-12-11 12:00"], issuer="ORCL")
FED = event("fed", "central_bank", ["2025-12-11 08:30"])


def test_daily_and_intraday_opens_come_from_the_file(tmp_path: Path) -> None:
    days = "date,symbol,open,close\n2025-12-09,AAA,9,10\n2025-12-08,AAA,8,9.5\n2025-12-10,AAA,,11\n"
    hours = "ts_utc,symbol,open,close\n" + "".join(
        f"2025-12-0{day} {hour}:00,AAA,{hour},{hour + 1}\n" for day in (8, 9) for hour in (15, 16)
    )
    market = load_market(write(tmp_path, days=days, hours=hours), None, {})
    assert market.daily["AAA"].open is not None
    np.testing.assert_array_equal(market.daily["AAA"].open, [8.0, 9.0, np.nan])
    np.testing.assert_array_equal(market.intraday["AAA"].open, [15.0, 16.0, 15.0, 16.0])
    assert market.issues[0].check == "unsorted"


def test_files_without_opens_have_none(tmp_path: Path) -> None:
    text = "date,symbol,close\n2025-12-08,AAA,9.5\n2025-12-09,AAA,10\n"
    wide = "date,BBB,CCC\n2025-12-08,100,50\n2025-12-09,101,51\n"
    market = load_market(write(tmp_path, long=text, wide=wide), None, {})
    assert [market.daily[one].open for one in ("AAA", "BBB", "CCC")] == [None, None, None]


def test_opens_change_no_fingerprint_and_a_column_named_open_is_no_symbol(tmp_path: Path) -> None:
    found = set()
    for name, header, cell in (("a", "", ""), ("b", ",OPEN", ",7.5"), ("c", ",Open Price", ",8")):
        folder = tmp_path / name
        folder.mkdir()
        rows = "".join(f"2025-12-0{day},AAA,{day}{cell}\n" for day in (8, 9))
        market = load_market(write(folder, one=f"Date,Symbol,Close{header}\n{rows}"), None, {})
        assert market.symbols == ("AAA",)
        found.add(market.stamp.fingerprint)
    assert len(found) == 1


@pytest.mark.parametrize("wrong", ["0", "-1", "inf"])
def test_an_open_that_is_no_price_is_missing_and_listed(tmp_path: Path, wrong: str) -> None:
    text = f"date,symbol,open,close\n2025-12-08,AAA,9,9.5\n2025-12-09,AAA,{wrong},10\n"
    market = load_market(write(tmp_path, one=text), None, {})
    np.testing.assert_array_equal(market.daily["AAA"].open, [9.0, np.nan])
    (issue,) = market.issues
    assert (issue.check, issue.severity, issue.first) == ("opening", "warning", "2025-12-09")
    assert "2025-12-09" in issue.detail


def test_real_opens_are_those_of_the_raw_file(market_dir: Path) -> None:
    market = load_market(str(market_dir), ["ORCL", "GLD", "BTC"], {})
    raw = pd.read_parquet(market_dir / "daily.parquet")
    for symbol in ("ORCL", "GLD", "BTC"):
        one = raw[raw["symbol"] == symbol].sort_values("date")
        series = market.daily[symbol]
        days = pd.to_datetime(one["date"]).to_numpy().astype("datetime64[D]")
        rows = np.isin(days, series.sessions)
        np.testing.assert_array_equal(series.open, one["open"].to_numpy()[rows])
    hours = pd.read_parquet(market_dir / "crypto_1h.parquet")
    hours = hours[hours["symbol"] == "BTC"].sort_values("ts_utc")
    np.testing.assert_array_equal(market.intraday["BTC"].open, hours["open"])
    # Oracle opened on 2025-12-11 far below its close of 223.01.
    series = market.daily["ORCL"]
    row = int(np.flatnonzero(series.sessions == np.datetime64("2025-12-11"))[0])
    assert series.open is not None
    assert series.raw[row - 1] == pytest.approx(223.01, abs=0.005)
    assert 186.23 <= series.open[row] < 205.0


def test_arch_has_the_opens_of_its_indices_and_none_of_vix() -> None:
    market = arch_market()
    spx = market.daily["^GSPC"]
    assert spx.open is not None
    assert spx.open[0] == 1229.22998  # 1998's last close
    assert spx.high is None
    assert market.daily["^VIX"].open is None


@pytest.fixture(scope="module")
def sample() -> Market:
    return simulated_market(None, INFO, (ORACLE,), seed=0)


def opens(series: PriceSeries) -> npt.NDArray[np.float64]:
    assert series.open is not None
    return series.open


def test_around_the_clock_a_bar_opens_where_the_one_before_closed(sample: Market) -> None:
    for symbol in ("BTC", "TAO", "ATH"):
        for series in (sample.daily[symbol], sample.intraday[symbol]):
            assert opens(series)[1:].tobytes() == series.prices[:-1].tobytes()
            assert opens(series)[0] > 0
    daily, hourly = sample.daily["BTC"], sample.intraday["BTC"]
    rows = np.searchsorted(hourly.closes, daily.closes[-9:-1] + HOUR)
    np.testing.assert_array_equal(opens(hourly)[rows], opens(daily)[-8:])


def test_levels_and_vix_have_no_open(sample: Market) -> None:
    assert [sample.daily[one].open for one in ("^VIX", "DGS10", "HY_OAS")] == [None] * 3


def test_the_market_factor_opens_at_its_own_hours() -> None:
    """SPY is the factor without noise: its night is the sum of the hours before the open."""
    from eventlab.market.simulated_crises import crises, crisis_paths  # noqa: PLC0415
    from eventlab.market.simulated_factors import common_factors  # noqa: PLC0415
    from eventlab.market.simulated_news import collect_news  # noqa: PLC0415

    news = collect_news((), 3)
    factor = common_factors(news, crisis_paths(crises(news, 3)), 3).returns["market"]
    spy = simulated_market({"SPY"}, INFO, (), seed=3).daily["SPY"]
    clock = segments("XNYS").clock
    for row in (1, 700, 2000, len(clock) - 1):
        first = (clock.closes[row - 1] - ORIGIN) // HOUR
        last = (clock.opens[row] - ORIGIN) // HOUR  # 14:30 UTC: the hours up to 14:00
        night = sum(factor[first:last].tolist())
        drift = opens(spy)[row] / spy.prices[row - 1] - 1.0 - night
        assert abs(drift) < 1e-5  # a night's share of the drift beyond the factor's, and rounding


def test_news_of_the_night_is_in_the_open_and_news_of_the_day_is_not() -> None:
    quiet = simulated_market({"ORCL"}, INFO, (), seed=1).daily["ORCL"]
    row = int(np.flatnonzero(quiet.sessions == np.datetime64("2025-12-11"))[0])
    for news, seen in ((ORACLE, True), (BEFORE, True), (FED, True), (NOON, False)):
        loud = simulated_market({"ORCL"}, INFO, (news,), seed=1).daily["ORCL"]
        move = loud.prices[row] / loud.prices[row - 1] - quiet.prices[row] / quiet.prices[row - 1]
        night = opens(loud)[row] / loud.prices[row - 1] - opens(quiet)[row] / quiet.prices[row - 1]
        assert abs(move) > 1e-4
        assert night == pytest.approx(move if seen else 0.0, abs=ROUNDED)
        assert opens(loud)[:row].tobytes() == opens(quiet)[:row].tobytes()


def test_a_third_of_the_variance_comes_overnight_and_tells_nothing_of_the_day(
    sample: Market,
) -> None:
    for symbol in ("SPY", "NVDA", "TLT"):
        series = sample.daily[symbol]
        night = np.log(opens(series)[1:] / series.prices[:-1])
        day = np.log(series.prices[1:] / opens(series)[1:])
        share = float(night.var() / (night.var() + day.var()))
        assert share == pytest.approx(2.28 / 8.78, abs=0.08)  # hours by rate: 4 x 0.3 + 13.5 x 0.08
        assert abs(float(np.corrcoef(night, day)[0, 1])) < 0.1  # 1/sqrt(2888) = 0.019, tails


def test_opens_do_not_depend_on_what_else_is_loaded(sample: Market) -> None:
    alone = simulated_market({"NVDA"}, INFO, (ORACLE,), seed=0).daily["NVDA"]
    assert opens(alone).tobytes() == opens(sample.daily["NVDA"]).tobytes()
    other = simulated_market({"NVDA"}, INFO, (ORACLE,), seed=1).daily["NVDA"]
    assert opens(other).tobytes() != opens(alone).tobytes()


def test_sums_to_the_open_are_those_of_a_loop() -> None:
    values = np.random.default_rng(0).normal(size=segments("XNYS").last[-1] + 30)
    for calendar in ("XNYS", "XLON", "24/7"):
        cut = segments(calendar)
        found = cut.sums_to_open(np.resize(values, cut.last[-1] + 1))
        looped = [
            np.resize(values, cut.last[-1] + 1)[a:b].sum()
            for a, b in zip(cut.starts, cut.opening, strict=True)
        ]
        np.testing.assert_allclose(found, looped, rtol=1e-12, atol=1e-12)
    assert (segments("24/7").opening == segments("24/7").starts).all()
    first = segments("XNYS").clock.sessions == np.datetime64(date(2025, 12, 11))
    begun = int(segments("XNYS").opening[first][0])
    assert begun * HOUR + ORIGIN == ns("2025-12-11T14:00")
