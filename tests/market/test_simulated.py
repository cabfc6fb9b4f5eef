"""What the simulated market promises about its prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.definitions.universe import SymbolInfo
from eventlab.errors import UsageError
from eventlab.market.simulated import contagion_truth, simulated_market
from tests.market.simulated_cases import INFO, event, simple_returns, utc

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

# One step of a price's 24 bits, should a processor's exp differ in its last bit.
SNAPSHOT = 1.3e-7

HOUR = 3600 * 10**9
DAY = 24 * HOUR
SHOCKS = event("shocks", "shock", ["2022-05-09 10:00", "2024-08-05 09:00"])


@pytest.fixture(scope="module")
def market() -> Market:
    return simulated_market(None, INFO, (SHOCKS,), seed=0)


def same(first: PriceSeries, second: PriceSeries) -> bool:
    return np.array_equal(first.closes, second.closes) and np.array_equal(
        first.prices, second.prices
    )


def kurtosis(values: npt.NDArray[np.float64]) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


def autocorrelation(values: npt.NDArray[np.float64], lag: int) -> float:
    return float(np.corrcoef(values[lag:], values[:-lag])[0, 1])


def sampled(series: PriceSeries, closes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return simple returns between the bars that close exactly at the given instants."""
    prices = series.prices[np.searchsorted(series.closes, closes)]
    return np.asarray(prices[1:] / prices[:-1] - 1.0)


def test_what_it_holds(market: Market) -> None:
    assert market.stamp.source == "sample"
    assert market.stamp.simulated
    assert set(market.daily) == set(INFO)
    assert set(market.intraday) == {s for s, known in INFO.items() if known.calendar == "24/7"}
    for symbol, series in market.daily.items():
        assert (series.symbol, series.calendar, series.kind) == (
            symbol,
            INFO[symbol].calendar,
            INFO[symbol].kind,
        )
    assert len(market.understood) == 1
    assert market.understood[0].startswith("simulated: ")


def test_series_are_whole_and_positive(market: Market) -> None:
    for series in (*market.daily.values(), *market.intraday.values()):
        shape = series.closes.shape
        assert series.prices.shape == series.raw.shape == series.volume.shape == shape
        assert series.sessions.shape == shape
        assert (np.diff(series.closes) > 0).all()
        assert np.isfinite(series.prices).all()
        assert (series.prices > 0).all()
        assert series.prices.flags.c_contiguous


def test_the_span_is_fixed(market: Market) -> None:
    spans = {
        symbol: (str(market.daily[symbol].sessions[0]), str(market.daily[symbol].sessions[-1]))
        for symbol in ("SPY", "BTC", "CRWV", "ATH", "DGS10")
    }
    assert spans == {
        "SPY": ("2015-01-02", "2026-06-30"),
        "BTC": ("2015-01-02", "2026-06-30"),
        "CRWV": ("2025-03-28", "2026-06-30"),
        "ATH": ("2025-10-31", "2026-06-30"),
        "DGS10": ("2015-01-02", "2026-06-30"),
    }
    hourly = market.intraday["BTC"]
    assert hourly.bar_minutes == 60
    assert int(hourly.closes[0]) == utc("2022-01-01T01:00")
    assert int(hourly.closes[-1]) == utc("2026-07-01T00:00")
    assert (np.diff(hourly.closes) == HOUR).all()
    assert str(hourly.sessions[23]) == "2022-01-01"
    assert str(hourly.sessions[24]) == "2022-01-02"


def test_one_token_is_forty_days_old_at_oracles_last_report(market: Market) -> None:
    closes = market.daily["ATH"].closes
    assert int((closes < utc("2025-12-10T21:05")).sum()) == 40


@pytest.mark.parametrize("symbol", ["BTC", "ETH", "SOL", "TAO", "ATH"])
def test_hourly_and_daily_bars_are_one_path(market: Market, symbol: str) -> None:
    daily, hourly = market.daily[symbol], market.intraday[symbol]
    midnights = daily.closes[daily.closes > hourly.closes[0]]
    assert len(midnights) > 200
    at_midnight = np.searchsorted(hourly.closes, midnights)
    assert np.array_equal(hourly.closes[at_midnight], midnights)
    assert np.array_equal(hourly.prices[at_midnight], daily.prices[-len(midnights) :])


@pytest.mark.parametrize("wanted", [("NVDA",), ("BTC", "^VIX"), ("ATH", "HY_OAS", "SPY")])
def test_loading_fewer_symbols_changes_no_price(market: Market, wanted: tuple[str, ...]) -> None:
    fewer = simulated_market(wanted, INFO, (SHOCKS,), seed=0)
    assert fewer.symbols == tuple(sorted(wanted))
    for symbol in wanted:
        assert same(fewer.daily[symbol], market.daily[symbol])
        if symbol in fewer.intraday:
            assert same(fewer.intraday[symbol], market.intraday[symbol])
    assert market.truth is not None
    assert fewer.truth is not None
    expected = market.truth[market.truth["symbol"].isin(wanted)].reset_index(drop=True)
    assert expected.equals(fewer.truth)


def test_a_seed_is_a_market(market: Market) -> None:
    again = simulated_market(None, INFO, (SHOCKS,), seed=0)
    other = simulated_market(None, INFO, (SHOCKS,), seed=1)
    assert again.stamp == market.stamp
    assert other.stamp.fingerprint != market.stamp.fingerprint
    assert not any(same(other.daily[symbol], market.daily[symbol]) for symbol in INFO)


def test_prices_are_the_same_in_every_version() -> None:
    """A snapshot: a change of every simulated number has to be a decision."""
    found = simulated_market(["BTC", "NVDA", "SPY", "^VIX", "DGS10"], INFO, seed=0)
    last = {symbol: float(series.prices[-1]) for symbol, series in found.daily.items()}
    assert last == pytest.approx(
        {
            "BTC": 195.56639099121094,
            "DGS10": 2.639883279800415,
            "NVDA": 22.397218704223633,
            "SPY": 257.6641540527344,
            "^VIX": 6.1102495193481445,
        },
        rel=SNAPSHOT,
    )


def test_symbols_that_no_universe_knows_are_absent() -> None:
    found = simulated_market(["SPY", "NOSUCH"], INFO)
    assert found.symbols == ("SPY",)
    assert found.available == tuple(sorted(INFO))
    assert simulated_market([], INFO).symbols == ()


def test_negative_seed_is_refused() -> None:
    with pytest.raises(UsageError, match="seed -1: must be 0 or more"):
        simulated_market(["SPY"], INFO, seed=-1)


def test_symbols_of_other_workspaces_get_a_group_by_calendar() -> None:
    info = {
        "VOD": SymbolInfo("VOD", "Vodafone", "XLON", "price"),
        "NEWCOIN": SymbolInfo("NEWCOIN", "a token", "24/7", "price"),
        "BUND": SymbolInfo("BUND", "a yield", "XFRA", "level"),
    }
    found = simulated_market(None, info)
    assert found.symbols == ("BUND", "NEWCOIN", "VOD")
    assert tuple(found.intraday) == ("NEWCOIN",)
    deviations = {symbol: simple_returns(found.daily[symbol]).std() for symbol in found.symbols}
    assert deviations["NEWCOIN"] > 1.5 * deviations["VOD"]
    assert int(found.daily["VOD"].closes[0]) == utc("2015-01-02T16:30")


@pytest.mark.parametrize("symbol", ["SPY", "NVDA", "ORCL", "MARA", "BTC", "ETH", "DOGE"])
def test_tails_are_fat_and_volatility_clusters(symbol: str) -> None:
    tails, clustering = [], []
    for seed in range(4):
        values = simple_returns(simulated_market([symbol], INFO, seed=seed).daily[symbol])
        tails.append(kurtosis(values))
        clustering.append(np.mean([autocorrelation(values**2, lag) for lag in range(1, 11)]))
    # Normal returns: 3 and 0, with standard errors over four seeds of about 0.04 and 0.003.
    assert np.mean(tails) > 5
    assert np.mean(clustering) > 0.03


def test_volatility_index_rises_when_stocks_fall(market: Market) -> None:
    index, spy = (simple_returns(market.daily[symbol]) for symbol in ("^VIX", "SPY"))
    assert np.corrcoef(index, spy)[0, 1] < -0.4
    assert 8 < np.median(market.daily["^VIX"].prices) < 25


def test_levels_stay_where_yields_and_spreads_are(market: Market) -> None:
    for symbol in ("DGS10", "HY_OAS"):
        series = market.daily[symbol]
        assert series.kind == "level"
        assert 0.5 < series.prices.min() < series.prices.max() < 20
    assert market.truth is not None
    assert not market.truth["symbol"].isin(["DGS10", "HY_OAS", "^VIX"]).any()


def test_bitcoin_follows_stocks_in_the_hours_of_the_exchange() -> None:
    gains = []
    for seed in range(3):
        found = simulated_market(["BTC", "QQQ"], INFO, seed=seed)
        stock, bitcoin = found.daily["QQQ"], found.intraday["BTC"]
        closes = stock.closes[stock.sessions >= np.datetime64("2022-01-03")]
        stocks = sampled(stock, closes)
        midnights = closes // DAY * DAY + DAY
        at_close = np.corrcoef(stocks, sampled(bitcoin, closes))[0, 1]
        at_midnight = np.corrcoef(stocks, sampled(bitcoin, midnights))[0, 1]
        assert at_close > 0.25
        gains.append(at_close - at_midnight)
    assert min(gains) > 0.01


def test_correlations_rise_in_crises() -> None:
    days = [f"{year}-{month:02d}-01 09:00" for year in (2022, 2023, 2024, 2025) for month in (3, 9)]
    shocks = event("shocks", "shock", days)
    calm: list[float] = []
    crisis: dict[str, list[float]] = {"contagion": [], "volatility": []}
    for seed in range(6):
        found = simulated_market(["BTC", "QQQ"], INFO, (shocks,), seed)
        stock = found.daily["QQQ"]
        closes = stock.closes[stock.sessions >= np.datetime64("2022-01-03")]
        pair = np.array([sampled(stock, closes), sampled(found.intraday["BTC"], closes)])
        inside = {kind: np.zeros(len(closes) - 1, dtype=bool) for kind in crisis}
        for window in contagion_truth((shocks,), seed):
            bars = (closes[:-1] >= window.start) & (closes[1:] <= window.end)
            inside[window.kind] |= bars
        calm.append(np.corrcoef(pair[:, ~inside["contagion"] & ~inside["volatility"]])[0, 1])
        for kind, bars in inside.items():
            crisis[kind].append(np.corrcoef(pair[:, bars])[0, 1])
    assert np.mean(crisis["contagion"]) > np.mean(calm) + 0.15
    assert np.mean(crisis["contagion"]) > np.mean(crisis["volatility"]) > np.mean(calm)


def test_contagion_truth_names_its_windows() -> None:
    windows = contagion_truth((SHOCKS,), seed=0)
    assert list(windows) == sorted(windows, key=lambda window: window.start)
    shock = {window.name: window for window in windows}["shocks/n0"]
    assert shock.start == utc("2022-05-09T14:00")
    assert shock.end == utc("2022-05-30T14:00")
    seeded = [window for window in windows if window.name.startswith("seeded-")]
    assert len(seeded) == 8
    assert seeded == list(contagion_truth((), seed=0))
    for window in windows:
        assert (window.tech_to_crypto > 0) == (window.kind == "contagion")
        assert window.equity_volatility > 1


def test_spy_is_the_market_factor() -> None:
    """Betas against SPY are the loadings: over the whole span, within 4 standard errors."""
    symbols = ["NVDA", "ORCL", "QQQ", "MARA", "TLT"]
    for seed in range(3):
        found = simulated_market([*symbols, "SPY"], INFO, (SHOCKS,), seed)
        assert found.truth is not None
        betas = found.truth.groupby("symbol")["beta"].unique()
        assert betas["SPY"].tolist() == [1.0]
        x = simple_returns(found.daily["SPY"])
        x = x - x.mean()
        for symbol in symbols:
            y = simple_returns(found.daily[symbol])
            beta = x @ y / (x @ x)
            # Robust to the clustering: large market days come with large noise of tech.
            stderr = np.sqrt((x**2) @ (y - y.mean() - beta * x) ** 2) / (x @ x)
            assert abs(beta - betas[symbol][0]) < 4 * stderr
