"""True effects of the simulated market: where they enter, what they change, what estimates find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from eventlab.definitions.event import EventDefinition
from eventlab.market.simulated import simulated_market
from eventlab.market.simulated_news import spills
from tests.market.simulated_cases import INFO, event, simple_returns, true_effect, utc

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from eventlab.market.types import Market, PriceSeries

# Prices carry 24 bits: a return of either market is off by up to 2 * 2^-24.
ROUNDING = 2.6e-7

# Nominal 95%. Clustered volatility and fat tails move the rate by up to a point, either way; its
# standard error over 12 seeds of 210 bars is 0.5 points. benchmarks/intervals.py does it longer.
COVERAGE = (0.930, 0.972)

REPORT = event("report", "earnings", ["2024-05-22 16:20"], issuer="NVDA")
BANK = event("bank", "central_bank", ["2023-03-22 14:00"])
SHOCK = event("crash", "shock", ["2023-11-04 03:30"])


def changed(before: PriceSeries, after: PriceSeries) -> dict[int, float]:
    """Change of each bar's return, by the bar's close, where it is more than rounding."""
    change = simple_returns(after) - simple_returns(before)
    return {
        int(before.closes[row + 1]): float(change[row])
        for row in np.flatnonzero(np.abs(change) > ROUNDING)
    }


def rows_of(market: Market, symbol: str) -> pd.DataFrame:
    assert market.truth is not None
    return market.truth[market.truth["symbol"] == symbol]


def both(symbols: list[str], added: EventDefinition, seed: int = 3) -> tuple[Market, Market]:
    return simulated_market(symbols, INFO, (), seed), simulated_market(
        symbols, INFO, (added,), seed
    )


def test_the_issuer_jumps_on_its_day_zero_by_what_truth_says() -> None:
    without, with_news = both(["NVDA", "SPY"], REPORT)
    row = rows_of(with_news, "NVDA").iloc[0]
    assert row["occurrence"] == "report/n0"
    assert row["instant"] == utc("2024-05-23T20:00")
    change = changed(without.daily["NVDA"], with_news.daily["NVDA"])
    assert list(change) == [row["instant"]]
    assert change[row["instant"]] == pytest.approx(row["abnormal_return"], abs=ROUNDING)
    assert changed(without.daily["SPY"], with_news.daily["SPY"]) == {}


@pytest.mark.parametrize(
    ("news", "stock_close", "token_close"),
    [
        ("2024-05-23 09:00", "2024-05-23T20:00", "2024-05-23T14:00"),  # before the open
        ("2024-05-23 15:59", "2024-05-23T20:00", "2024-05-23T20:00"),  # the last minute
        ("2024-05-23 16:00", "2024-05-24T20:00", "2024-05-23T21:00"),  # the close itself
        ("2024-05-25 12:00", "2024-05-28T20:00", "2024-05-25T17:00"),  # a weekend and a holiday
        ("2024-07-03 13:30", "2024-07-05T20:00", "2024-07-03T18:00"),  # after an early close
        ("2024-11-01 16:05", "2024-11-04T21:00", "2024-11-01T21:00"),  # clocks are put back
    ],
)
def test_day_zero_is_the_first_own_bar_after_the_news(
    news: str, stock_close: str, token_close: str
) -> None:
    found = simulated_market(["AMD", "SOL"], INFO, (event("news", "other", [news]),), seed=0)
    assert rows_of(found, "AMD")["instant"].tolist() == [utc(stock_close)]
    assert rows_of(found, "SOL")["instant"].tolist() == [utc(token_close)]


def test_a_token_moves_in_the_first_hour_that_closes_after_the_news() -> None:
    reached = [symbol for symbol in ("BTC", "ETH", "SOL", "TAO", "FET") if spills("report", symbol)]
    nulls = [symbol for symbol in ("BTC", "ETH", "SOL", "TAO", "FET") if symbol not in reached]
    assert reached
    assert nulls
    without, with_news = both([*reached, *nulls], REPORT)
    for symbol in reached:
        row = rows_of(with_news, symbol).iloc[0]
        assert row["instant"] == utc("2024-05-22T21:00")
        change = changed(without.intraday[symbol], with_news.intraday[symbol])
        assert list(change) == [row["instant"]]
        assert change[row["instant"]] == pytest.approx(row["abnormal_return"], abs=ROUNDING)
    for symbol in nulls:
        assert rows_of(with_news, symbol)["abnormal_return"].tolist() == [0.0]
        assert changed(without.intraday[symbol], with_news.intraday[symbol]) == {}


def test_before_hourly_bars_the_daily_bar_carries_the_effect() -> None:
    old = event("report", "earnings", ["2021-05-26 16:20"], issuer="ETH")
    without, with_news = both(["ETH"], old)
    row = rows_of(with_news, "ETH").iloc[0]
    assert row["instant"] == utc("2021-05-27T00:00")
    change = changed(without.daily["ETH"], with_news.daily["ETH"])
    assert list(change) == [row["instant"]]
    # An hour's effect is compounded with the day's other hours.
    assert change[row["instant"]] == pytest.approx(row["abnormal_return"], rel=0.15)


def test_a_central_bank_moves_the_market_by_beta() -> None:
    symbols = ["SPY", "NVDA", "MSFT", "TLT"]
    without, with_news = both(symbols, BANK)
    moves = set()
    for symbol in symbols:
        row = rows_of(with_news, symbol).iloc[0]
        change = changed(without.daily[symbol], with_news.daily[symbol])
        assert list(change) == [utc("2023-03-22T20:00")]
        whole = row["abnormal_return"] + row["beta"] * row["market_move"]
        assert change[row["instant"]] == pytest.approx(whole, abs=ROUNDING)
        moves.add(row["market_move"])
    assert len(moves) == 1
    assert rows_of(with_news, "SPY")["abnormal_return"].tolist() == [0.0]


def test_news_in_one_bar_adds_up() -> None:
    others = event("guidance", "other", ["2024-05-23 11:00"], issuer="NVDA")
    found = simulated_market(["NVDA"], INFO, (REPORT, others), seed=3)
    rows = rows_of(found, "NVDA")
    close = int(rows["instant"].iloc[0])
    assert rows["instant"].tolist() == [close, close]
    assert true_effect(rows, "NVDA", close - 1, close) == rows["abnormal_return"].sum()
    assert true_effect(rows, "NVDA", close, close + 1) == 0.0
    without = simulated_market(["NVDA"], INFO, (), seed=3)
    change = changed(without.daily["NVDA"], found.daily["NVDA"])
    assert change == {close: pytest.approx(rows["abnormal_return"].sum(), abs=ROUNDING)}


def test_news_that_reaches_no_bar_has_no_truth() -> None:
    """Before and after the span, before the listing, and on the first day (which has no return)."""
    times = ["2014-06-02 12:00", "2025-10-30 12:00", "2025-10-31 12:00", "2027-01-04 12:00"]
    found = simulated_market(["ATH", "SPY"], INFO, (event("news", "other", times),), seed=0)
    assert rows_of(found, "ATH").empty
    assert rows_of(found, "SPY")["occurrence"].tolist() == ["news/n1", "news/n2"]


def test_an_occurrence_without_an_instant_is_passed_over() -> None:
    holiday = EventDefinition.model_validate(
        {
            "event": "report",
            "title": "report on a closed day",
            "kind": "earnings",
            "issuer": "NVDA",
            "defaults": {
                "zone": "America/New_York",
                "precision": "session",
                "session": "after_close",
            },
            "occurrences": [{"id": "closed", "announced_at": "2024-12-25"}],
        }
    )
    found = simulated_market(["NVDA"], INFO, (holiday,), seed=0)
    assert found.truth is not None
    assert found.truth.empty
    assert found.truth.columns.tolist() == [
        "event",
        "occurrence",
        "symbol",
        "instant",
        "abnormal_return",
        "beta",
        "market_move",
    ]


def test_half_of_all_pairs_are_true_nulls() -> None:
    pairs = [(f"event-{number}", symbol) for number in range(200) for symbol in INFO]
    share = np.mean([spills(*pair) for pair in pairs])
    assert share == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(pairs)))


def test_effects_have_their_stated_sizes() -> None:
    days = np.arange("2016-01-04", "2024-01-01", 4, dtype="datetime64[D]")
    times = [f"{day} 10:00" for day in days]
    reports = event("report", "earnings", times, issuer="NVDA")
    found = simulated_market(["NVDA"], INFO, (reports,), seed=5)
    jumps = rows_of(found, "NVDA")["abnormal_return"].to_numpy()
    count = len(jumps)
    assert count > 700
    assert jumps.mean() == pytest.approx(0.0, abs=4 * 0.06 / np.sqrt(count))
    assert jumps.std() == pytest.approx(0.06, rel=4 / np.sqrt(2 * count))
    # A fair hash: no serial correlation, and the kurtosis of a normal.
    assert abs(np.corrcoef(jumps[1:], jumps[:-1])[0, 1]) < 4 / np.sqrt(count)
    assert ((jumps / 0.06) ** 4).mean() == pytest.approx(3.0, abs=4 * np.sqrt(96 / count))


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(["earnings", "central_bank", "macro", "shock", "other"]),
    minute=st.integers(0, 11 * 365 * 24 * 60),
    seed=st.integers(0, 5),
)
def test_news_leaves_every_earlier_bar_as_it_was(kind: str, minute: int, seed: int) -> None:
    instant = np.datetime64("2015-01-10T00:00") + np.timedelta64(minute, "m")
    body = {
        "event": "later",
        "title": "later",
        "kind": kind,
        "issuer": "NVDA",
        "defaults": {"zone": "UTC"},
        "occurrences": [{"id": "n", "announced_at": str(instant).replace("T", " ")}],
    }
    symbols = ["NVDA", "QQQ", "BTC", "TAO", "^VIX", "HY_OAS"]
    first = (REPORT, BANK, SHOCK)
    before = simulated_market(symbols, INFO, first, seed)
    after = simulated_market(symbols, INFO, (*first, EventDefinition.model_validate(body)), seed)
    at = utc(str(instant))
    for old, new in zip(
        (*before.daily.values(), *before.intraday.values()),
        (*after.daily.values(), *after.intraday.values()),
        strict=True,
    ):
        past = old.closes <= at
        assert np.array_equal(old.closes, new.closes)
        assert np.array_equal(old.prices[past], new.prices[past])
    assert not np.array_equal(before.daily["NVDA"].prices, after.daily["NVDA"].prices)


def test_estimates_are_unbiased_and_inside_their_intervals() -> None:
    """Market model against SPY over bars -250 to -11, day 0 alone, six stocks, 12 seeds."""
    symbols = ["NVDA", "AMD", "ORCL", "MSFT", "META", "MU"]
    times = [
        f"{year}-{month:02d}-15 16:05" for year in range(2016, 2026) for month in (1, 4, 7, 10)
    ]
    reports = tuple(
        event(f"report-{symbol.lower()}", "earnings", times, issuer=symbol) for symbol in symbols
    )
    rates, biases = [], []
    for seed in range(12):
        found = simulated_market([*symbols, "SPY"], INFO, reports, seed)
        misses = np.concatenate([standardised_errors(found, symbol) for symbol in symbols])
        quantile = float(stdtrit(238, 0.975))
        rates.append(float((np.abs(misses) <= quantile).mean()))
        biases.append(float(misses.mean()))
    assert COVERAGE[0] < np.mean(rates) < COVERAGE[1]
    assert abs(np.mean(biases)) < 4 * np.std(biases, ddof=1) / np.sqrt(len(biases))


def standardised_errors(market: Market, symbol: str) -> npt.NDArray[np.float64]:
    """Estimate minus truth over its standard error, per bar that carries news."""
    truth = rows_of(market, symbol)
    y_all, x_all = (simple_returns(market.daily[name]) for name in (symbol, "SPY"))
    closes = market.daily[symbol].closes[1:]
    found = []
    for close in np.unique(truth["instant"].to_numpy()):
        row = int(np.searchsorted(closes, close))
        if row < 250:
            continue
        y, x = y_all[row - 250 : row - 10], x_all[row - 250 : row - 10]
        design = np.column_stack((np.ones_like(x), x))
        inverse = np.linalg.inv(design.T @ design)
        coefficients = inverse @ design.T @ y
        resid = y - design @ coefficients
        regressors = np.array([1.0, x_all[row]])
        variance = resid @ resid / 238 * (1.0 + regressors @ inverse @ regressors)
        estimate = y_all[row] - regressors @ coefficients
        found.append((estimate - true_effect(truth, symbol, close - 1, close)) / np.sqrt(variance))
    return np.array(found, dtype=np.float64)
