"""Whose day 0 is which bar, and from which prices an asset's returns are taken."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.study import EventStudy, run_study
from eventlab.timeline.clock import make_clock
from tests.market.series import MINUTE, daily, intraday, market
from tests.study.lookup import number, reasons, row, session, values
from tests.study.worlds import event, noise, prices, stock, workspace

if TYPE_CHECKING:
    from eventlab.market.types import PriceSeries

# Returns pass through a product of prices and back: a few units of the last digit.
BY_HAND = 1e-11
START = date(2024, 1, 2)
CALENDARS = {"AAA": "XNYS", "TKO": "XTKS", "COIN": "24/7", "TOK": "24/7"}
STUDY = {
    "model": "constant_mean",
    "estimation_window": [-60, -6],
    "event_window": [-2, 2],
    "min_estimation": 20,
    "car_windows": [[0, 0], [0, 1]],
}
HOUR = 60 * MINUTE
SATURDAY = "2024-05-11 12:00"
EVENING = "2024-05-15 18:00"  # a Wednesday, after the close of New York and before midnight UTC


def run(
    *series: PriceSeries, when: str | dict[str, str] | tuple[str, ...], **study: object
) -> EventStudy:
    """Study of every symbol of a market at one New York time, or at several."""
    symbols = list(dict.fromkeys(one.symbol for one in series))
    times = list(when) if isinstance(when, tuple) else [when]
    definition = event("news", times, **{**STUDY, "assets": symbols, **study})
    space = workspace(definition, calendars=CALENDARS)
    return run_study(definition, market(*series), space, draws=0)


def day_0(study: EventStudy, symbol: str) -> tuple[str, float]:
    """Session of the asset's own day 0, and its distance from the event session."""
    shift = number(study.sampling, "day0_shift", symbol=symbol)
    return session(study.fits, symbol=symbol), shift


def token(
    symbol: str = "COIN", *, seed: int = 5, days: int = 180, drop: tuple[int, ...] = ()
) -> PriceSeries:
    return stock(symbol, START, noise(seed, days), calendar="24/7", drop=drop)


def hourly(symbol: str = "COIN", *, seed: int = 6, from_day: int = 0) -> PriceSeries:
    """Bars that close at every hour of 180 days, from some day on."""
    first = int(np.datetime64(START, "ns").astype(np.int64)) + from_day * 24 * HOUR
    closes = [first + HOUR * (k + 1) for k in range((180 - from_day) * 24)]
    return intraday(symbol, "24/7", closes, prices(noise(seed, len(closes) - 1, 0.004)), 60)


def test_news_on_a_saturday_around_the_clock() -> None:
    study = run(stock("AAA", START, noise(3, 120)), token(), when=SATURDAY, clock="24/7")
    assert session(study.occurrences) == "2024-05-11"
    assert day_0(study, "COIN") == ("2024-05-11", 0)
    assert day_0(study, "AAA") == ("2024-05-13", 2)
    # Three hours of the weekday's close before midnight UTC, four in summer.
    assert row(study.sampling, symbol="AAA")["basis"] == "nearest close"
    assert number(study.sampling, "minutes_apart", symbol="AAA") == -240
    # The weekend lies before Monday's bar: it is missing there and compounded into Monday.
    assert reasons(study.exclusions, symbol="AAA") == [
        ("[-2,2]", "its market offers no bar for 2024-05-11, 2024-05-12")
    ]
    assert np.isfinite(values(study.cars, "car", symbol="AAA")).all()


def test_news_in_the_evening_reaches_the_token_before_the_stock() -> None:
    aaa, coin = stock("AAA", START, noise(3, 120)), token()
    study = run(aaa, coin, when=EVENING)
    assert session(study.occurrences) == "2024-05-16"
    assert day_0(study, "AAA") == ("2024-05-16", 0)
    assert day_0(study, "COIN") == ("2024-05-15", -1)
    place = {"symbol": "COIN", "tau": 0}
    rows = np.searchsorted(coin.sessions, np.datetime64("2024-05-15"))
    assert number(study.abnormal_returns, "actual", **place) == pytest.approx(
        coin.prices[rows] / coin.prices[rows - 1] - 1.0, abs=BY_HAND
    )
    # The sampled bar before it is of the day before: no return is compounded in between.
    again = run(aaa, coin, when=EVENING, daily_sampling="previous")
    # With the previous close the token's bar of the evening is Thursday's, that of the stock.
    assert day_0(again, "COIN") == ("2024-05-16", 0)
    assert row(again.sampling, symbol="COIN")["basis"] == "previous close"
    assert number(again.abnormal_returns, "actual", **place) == number(
        study.abnormal_returns, "actual", **place
    )


def test_tokyo_reacts_in_its_own_next_session() -> None:
    # Wednesday 18:00 in New York is Thursday 7:00 in Tokyo, which closes at 15:00: that close is
    # nearer to New York's of Wednesday than to Thursday's.
    tko = stock("TKO", START, noise(4, 120), calendar="XTKS")
    study = run(stock("AAA", START, noise(3, 120)), tko, when=EVENING)
    assert day_0(study, "AAA") == ("2024-05-16", 0)
    assert day_0(study, "TKO") == ("2024-05-15", -1)
    rows = np.searchsorted(tko.sessions, np.datetime64("2024-05-16"))
    assert number(study.abnormal_returns, "actual", symbol="TKO", tau=0) == pytest.approx(
        tko.prices[rows] / tko.prices[rows - 1] - 1.0, abs=BY_HAND
    )
    assert number(study.sampling, "minutes_apart", symbol="TKO") == 10 * 60


@pytest.mark.parametrize("clock", ["XNYS", "24/7"])
def test_a_missing_bar_never_slides_day_0(clock: str) -> None:
    # Bar 94 is 16 May on XNYS: the day after news in the evening.
    whole = stock("AAA", START, noise(3, 120))
    gap = stock("AAA", START, noise(3, 120), drop=[94])
    assert set(whole.sessions) - set(gap.sessions) == {np.datetime64("2024-05-16")}
    study = run(gap, token(), when=EVENING, clock=clock)
    assert session(study.fits, symbol="AAA") == "2024-05-16"
    assert np.isnan(values(study.cars, "car", symbol="AAA")).all()
    # The missing price spoils its own return and the next.
    assert reasons(study.exclusions, symbol="AAA")[:2] == [
        ("[0,0]", "no return on 2024-05-16"),
        ("[0,1]", "no return on 2024-05-16, 2024-05-17"),
    ]


def test_an_asset_without_a_bar_after_the_news_says_so() -> None:
    # New York's last session is still open; Tokyo's bar of it has closed.
    aaa = stock("AAA", START, noise(3, 120))
    tko = stock("TKO", START, noise(4, 110), calendar="XTKS")
    last = str(aaa.sessions[-1])
    short = {"car_windows": [[0, 0]], "event_window": [-2, 0], "daily_sampling": "previous"}
    study = run(aaa, tko, when=f"{last} 10:00", **short)
    assert session(study.fits, symbol="AAA") == last
    assert set(study.fits["symbol"]) == set(study.sampling["symbol"]) == {"AAA"}
    assert reasons(study.exclusions) == [
        ("", f"no bar of it closes after the news before the data end, on {last}")
    ]


def test_an_intraday_history_is_used_where_it_has_nearly_all_rows_and_never_mixed() -> None:
    enough = run(stock("AAA", START, noise(3, 120)), token(), hourly(), when=EVENING)
    assert row(enough.sampling, symbol="COIN")["basis"] == "intraday"
    assert day_0(enough, "COIN") == ("2024-05-16", 0)
    alone = run(stock("AAA", START, noise(3, 120)), hourly(), when=EVENING)
    pd.testing.assert_frame_equal(enough.cars, alone.cars, check_exact=True)
    pd.testing.assert_frame_equal(enough.fits, alone.fits, check_exact=True)


def test_event_days_are_sampled_as_the_fits_are() -> None:
    aaa, coin, hours = stock("AAA", START, noise(3, 120)), token(), hourly()
    bars = run(aaa, coin, hours, when=EVENING)
    found = row(bars.event_days, symbol="COIN")
    day0 = number(bars.abnormal_returns, "actual", symbol="COIN", tau=0)
    assert (found["basis"], found["n"], found["mean"]) == ("intraday", 1, day0)
    days = run(aaa, coin, hourly(from_day=70), when=EVENING)
    found = row(days.event_days, symbol="COIN")
    day0 = number(days.abnormal_returns, "actual", symbol="COIN", tau=0)
    assert (found["basis"], found["n"], found["mean"]) == ("nearest close", 1, day0)


def test_event_days_never_mix_daily_and_intraday_bars() -> None:
    aaa, coin = stock("AAA", START, noise(3, 120)), token()
    late = hourly(from_day=50)
    study = run(aaa, coin, late, when=(f"{aaa.sessions[75]} 18:00", f"{aaa.sessions[110]} 18:00"))
    assert set(study.sampling.loc[study.sampling["symbol"] == "COIN", "basis"]) == {
        "nearest close",
        "intraday",
    }
    found = row(study.event_days, symbol="COIN")
    assert (found["basis"], found["n"]) == ("nearest close", 2)


def test_a_short_intraday_history_leaves_the_daily_closes() -> None:
    aaa = stock("AAA", START, noise(3, 120))
    short = run(aaa, token(), hourly(from_day=70), when=EVENING)
    assert row(short.sampling, symbol="COIN")["basis"] == "nearest close"
    daily_only = run(aaa, token(), when=EVENING)
    pd.testing.assert_frame_equal(short.cars, daily_only.cars, check_exact=True)
    pd.testing.assert_frame_equal(short.abnormal_returns, daily_only.abnormal_returns)


@pytest.mark.parametrize(("missing", "basis"), [(3, "intraday"), (4, "nearest close")])
def test_the_limit_is_95_percent_of_the_daily_rows(missing: int, basis: str) -> None:
    # The study reads bars -60 to 2 around day 0: 63 rows, of which 60 are 95.2% and 59 93.7%.
    whole = hourly()
    clock = make_clock("XNYS", START, date(2024, 6, 28))
    day0 = int(np.searchsorted(clock.sessions, np.datetime64("2024-05-16")))
    # Without the last bars before a close its return and the next are missing: every other one.
    chosen = clock.closes[day0 - 50 : day0 - 50 + missing - 1]
    kept = np.ones(len(whole.closes), dtype=np.bool_)
    for close in chosen:
        kept &= ~((whole.closes <= close) & (whole.closes > close - HOUR))
    made = intraday(
        "COIN", "24/7", list(map(int, whole.closes[kept])), list(whole.prices[kept]), 60
    )
    study = run(stock("AAA", START, noise(3, 120)), token(), made, when=EVENING)
    assert row(study.sampling, symbol="COIN")["basis"] == basis


def test_intraday_bars_that_end_inside_the_event_window_leave_the_daily_closes() -> None:
    whole = hourly()
    clock = make_clock("XNYS", START, date(2024, 6, 28))
    day0 = int(np.searchsorted(clock.sessions, np.datetime64("2024-05-16")))
    for last, basis in ((day0 + 1, "nearest close"), (day0 + 2, "intraday")):
        kept = whole.closes <= clock.closes[last]
        made = intraday(
            "COIN", "24/7", whole.closes[kept].tolist(), whole.prices[kept].tolist(), 60
        )
        study = run(stock("AAA", START, noise(3, 120)), token(), made, when=EVENING)
        assert row(study.sampling, symbol="COIN")["basis"] == basis


def test_a_regressor_is_sampled_like_an_asset_that_has_daily_closes_only() -> None:
    study = {"model": "market_model", "benchmark": "COIN", "assets": ["TOK", "AAA"]}
    tok, coin = token("TOK", seed=8), token()
    aaa = stock("AAA", START, noise(3, 120))
    both = run(aaa, tok, coin, hourly(), when=EVENING, **study)
    without_hours = run(aaa, tok, coin, when=EVENING, **study)
    without_days = run(aaa, tok, hourly(), when=EVENING, **study)
    for column in ("alpha", "beta", "sigma"):
        # The token's midnight against bitcoin's midnight, the stock's close against its close.
        assert number(both.fits, column, symbol="TOK") == number(
            without_hours.fits, column, symbol="TOK"
        )
        assert number(both.fits, column, symbol="AAA") == number(
            without_days.fits, column, symbol="AAA"
        )


def test_a_date_without_a_time_is_noted_where_it_could_be_the_next_session() -> None:
    when = {"announced_at": "2024-05-15", "precision": "date"}
    study = run(stock("AAA", START, noise(3, 120)), when=when)
    assert session(study.occurrences) == "2024-05-15"
    found = row(study.occurrences)
    assert pd.isna(pd.Timestamp(str(found["announced_at"])))
    assert found["note"] == (
        "only the date is known: with news at or after 2024-05-15 20:00 UTC day 0 would be "
        "session 2024-05-16"
    )


def test_the_first_day_of_a_clock_that_never_closes_is_kept() -> None:
    # The bar of 2 January closes at midnight, on the 3rd: the clock begins on the 2nd all the same.
    study = run(
        token(days=40),
        when="2024-02-01 10:00",
        clock="24/7",
        estimation_window=[-29, -3],
        min_estimation=27,
    )
    assert number(study.fits, "n_estimation") == 27
    assert number(study.event_days, "n_other", tag="all") == 40 - 1


def test_a_level_is_studied_in_percentage_points() -> None:
    yields = daily("AAA", "XNYS", START, list(4.0 + np.cumsum(noise(3, 120))), kind="level")
    study = run(yields, when="2024-05-15 10:00")
    rows = np.searchsorted(yields.sessions, np.datetime64("2024-05-15"))
    assert number(study.abnormal_returns, "actual", tau=0) == pytest.approx(
        (yields.prices[rows] - yields.prices[rows - 1]) / 100.0, abs=BY_HAND
    )
