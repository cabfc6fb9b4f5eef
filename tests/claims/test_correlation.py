"""Correlation claims: every reading against plain loops and pandas, and the two published ones."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from eventlab.claims.bench import Bench
from eventlab.claims.intervals import NO_LEVELS
from eventlab.claims.joint_readings import near_windows, rows_of
from eventlab.claims.joint_series import Sampling, aligned
from eventlab.claims.measures.correlation import correlation
from eventlab.claims.run import run_claims
from eventlab.claims.types import Untestable
from eventlab.claims.windows import place_window
from eventlab.definitions.workspace import load_workspace
from eventlab.market.futures import scrambled
from eventlab.market.workspace_market import market_for
from tests.claims.move_world import found
from tests.claims.stat_world import LAST, ask, bench_of, world
from tests.market.series import market, ns
from tests.naive_claims_stat import closes, held, mean_pairwise, on_days, pearson

if TYPE_CHECKING:
    from pathlib import Path

EXACT = 1e-11  # products of a thousand returns
NEXT = "2025-04-01"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("stat"), world())


def days_of(bench: Bench, symbol: str, first: str, last: str = LAST) -> list[str]:
    return [day for day in closes(bench.market, symbol) if first <= day <= last]


def test_of_two_stocks_is_pearsons_over_the_last_bars(bench: Bench) -> None:
    literal = correlation(ask("correlation", "AAA", "BBB"), bench)[0]
    days = days_of(bench, "AAA", "2023-01-01")[-64:]
    x, y = (on_days(closes(bench.market, one), days) for one in ("AAA", "BBB"))
    assert literal.value == pytest.approx(stats.pearsonr(x, y).statistic, rel=EXACT)
    assert literal.value == pytest.approx(pearson(x, y), rel=EXACT)
    assert (literal.n, literal.reading.first, literal.reading.last) == (63, days[0], LAST)
    assert literal.low < literal.value < literal.high
    assert literal.reading.words == f"returns, 63 sessions to {LAST}, XNYS"


def test_readings_of_a_stock_and_a_token(bench: Bench) -> None:
    measured = correlation(ask("correlation", "TA", "AAA"), bench)
    within = [each.reading for each in measured if each.reading.within]
    assert [each.within for each in (one.reading for one in measured)] == sorted(
        (each.reading.within for each in measured), reverse=True
    )
    assert {each.of for each in within} == {"returns", "log returns"}
    assert {each.window for each in within} == {f"63 sessions to {LAST}", f"3 months to {LAST}"}
    assert {(each.calendar, each.detail) for each in within} == {
        ("XNYS", "daily closes"),
        ("XNYS", "intraday prices at the close"),
        ("24/7", ""),
    }
    assert len(within) == 2 * 2 * 3
    beyond = [each for each in (one.reading for one in measured) if not each.within]
    assert {(each.of, each.window.split(" to ")[0]) for each in beyond} == {
        (of, window)
        for of in ("returns", "price levels", "log price levels")
        for window in ("63 sessions", "1 year", "2 years", "3 years")
    } - {("returns", "63 sessions")}


def test_a_token_is_compounded_over_closed_days_on_an_exchange(bench: Bench) -> None:
    literal = correlation(ask("correlation", "TA", "AAA"), bench)[0]
    days = days_of(bench, "AAA", "2023-01-01")[-64:]
    x, y = (on_days(closes(bench.market, one), days) for one in ("TA", "AAA"))
    assert literal.value == pytest.approx(pearson(x, y), rel=EXACT)


def test_around_the_clock_only_days_with_both_returns_count(bench: Bench) -> None:
    measured = correlation(ask("correlation", "TA", "AAA"), bench)
    other = found(measured, calendar="24/7", of="returns", window=f"63 sessions to {LAST}")
    sessions = days_of(bench, "AAA", "2023-01-01")[-64:]
    token, stock = closes(bench.market, "TA"), closes(bench.market, "AAA")
    before = {str(np.datetime64(day) - 1): day for day in sessions}
    x = [token[day] / token[eve] - 1.0 for eve, day in before.items()][1:]
    assert other.value == pytest.approx(pearson(x, on_days(stock, sessions)), rel=EXACT)
    assert other.n == 63
    assert "63 of 95 rows have a value of TA and AAA" in other.note


def test_intraday_prices_are_those_at_the_close(bench: Bench) -> None:
    measured = correlation(ask("correlation", "TA", "AAA"), bench)
    other = found(
        measured,
        detail="intraday prices at the close",
        of="returns",
        window=f"63 sessions to {LAST}",
    )
    clock, hourly = bench.panel("XNYS").clock, bench.market.intraday["TA"]
    by_close = dict(zip(hourly.closes.tolist(), hourly.prices.tolist(), strict=True))
    last = int(np.flatnonzero(clock.sessions == np.datetime64(LAST))[0])
    token = [by_close[int(clock.closes[row])] for row in range(last - 63, last + 1)]
    x = [b / a - 1.0 for a, b in pairwise(token)]
    days = [str(day) for day in clock.sessions[last - 63 : last + 1]]
    assert other.value == pytest.approx(pearson(x, on_days(closes(bench.market, "AAA"), days)))


def test_levels_are_prices_from_the_base_on_and_have_no_interval(bench: Bench) -> None:
    measured = correlation(ask("correlation", "TA", "AAA"), bench)
    levels = found(measured, of="price levels", window=f"63 sessions to {LAST}")
    days = days_of(bench, "AAA", "2023-01-01")[-64:]
    x, y = ([closes(bench.market, one)[day] for day in days] for one in ("TA", "AAA"))
    assert levels.value == pytest.approx(pearson(x, y), rel=EXACT)
    assert (levels.n, levels.interval, levels.reading.within) == (64, NO_LEVELS, False)
    assert math.isnan(levels.low)
    logs = found(measured, of="log price levels", window=f"63 sessions to {LAST}")
    assert logs.value == pytest.approx(
        pearson([math.log(one) for one in x], [math.log(one) for one in y]), rel=EXACT
    )


def test_too_long_a_window_has_no_value_and_says_why(bench: Bench) -> None:
    measured = correlation(ask("correlation", "TA", "AAA"), bench)
    missing = found(measured, of="returns", window="3 years")
    assert math.isnan(missing.value)
    assert missing.note == (
        f"3 years to {LAST} does not lie within the data's calendar (2023-01-03 to 2025-12-31)"
    )


def test_a_young_series_is_not_passed_off_as_the_whole_window(bench: Bench) -> None:
    measured = correlation(
        ask("correlation", "TA", "YOUNG", window="90 days", as_of="2025-04-20"), bench
    )
    assert math.isnan(measured[0].value)
    assert "YOUNG has values only from 2025-" in measured[0].note
    assert all(math.isnan(each.value) for each in measured)


def test_a_group_of_two_is_their_pair_and_of_more_the_mean(bench: Bench) -> None:
    pair = correlation(ask("correlation", "TA", "TB"), bench)[0]
    group = correlation(ask("correlation", "@twins"), bench)[0]
    assert (group.value, group.low, group.high, group.n) == (pair.value, pair.low, pair.high, 63)
    many = correlation(ask("correlation", "@tokens"), bench)[0]
    days = days_of(bench, "TA", "2023-01-01")[-64:]
    series = [on_days(closes(bench.market, one), days) for one in ("TA", "TB", "TC", "TD")]
    assert many.value == pytest.approx(mean_pairwise(series), rel=EXACT)
    named = correlation(ask("correlation", "TA", "TB", "TC", "TD"), bench)[0]
    assert (named.value, named.low, named.high) == (many.value, many.low, many.high)
    assert many.note == "@tokens without YOUNG, which lack prices in the window"


@pytest.mark.parametrize("basket", ["equal weights", "bought and held", "median"])
def test_baskets_are_made_of_their_members(bench: Bench, basket: str) -> None:
    readings = {"baskets": ("equal", "held", "median"), "of": ("returns",)}
    measured = correlation(ask("correlation", "AAA", "@others", readings=readings), bench)
    hit = found(
        measured,
        basket=basket,
        of="returns",
        calendar="XNYS",
        window=f"63 sessions to {LAST}",
    )
    days = days_of(bench, "AAA", "2023-01-01")[-64:]
    members = [on_days(closes(bench.market, one), days) for one in ("TC", "TD")]
    series = {
        "equal weights": np.mean(members, axis=0),
        "median": np.median(members, axis=0),
        "bought and held": np.array(held(members)),
    }[basket]
    stock = on_days(closes(bench.market, "AAA"), days)
    assert hit.value == pytest.approx(pearson(stock, series), rel=EXACT)


def test_a_basket_of_one_member_is_none(bench: Bench) -> None:
    lonely = ask("correlation", "AAA", "@twins")
    gone = {symbol: one for symbol, one in bench.market.daily.items() if symbol != "TB"}
    poor = type(bench.market)(bench.market.stamp, gone, {})
    measured = correlation(lonely, Bench(poor, bench.workspace, bench.symbols))
    assert all(math.isnan(each.value) for each in measured)
    assert (
        measured[0].note
        == f"fewer than two members of @twins have prices throughout 63 sessions to {LAST}"
    )


def test_words_hold_where_the_interval_is_on_their_side(bench: Bench) -> None:
    for published, expected in (("positive", True), ("negative", False)):
        literal = correlation(ask("correlation", "AAA", "BBB", published=published), bench)[0]
        assert (literal.word, literal.holds) == ("positive", expected)
    short = ask("correlation", "AAA", "TD", published="positive", window="12 bars")
    open_one = correlation(short, bench)[0]
    assert open_one.low < 0.0 < open_one.high
    assert open_one.holds is None
    assert open_one.note == "the 95% interval holds 0"


def test_a_claims_own_readings_replace_the_defaults(bench: Bench) -> None:
    asked = ask(
        "correlation",
        "TA",
        "AAA",
        readings={"of": ("levels",), "windows": ("30 days",), "calendars": ("24/7",)},
        beyond={"of": ("returns",), "windows": ("1 year",)},
    )
    words = [(each.reading.words, each.reading.within) for each in correlation(asked, bench)]
    assert words == [
        (f"price levels, 63 days to {LAST}, 24/7", True),
        (f"price levels, 30 days to {LAST}, 24/7", True),
        (f"price levels, 1 year to {LAST}, 24/7", False),
        (f"returns, 63 days to {LAST}, 24/7", False),
        (f"returns, 1 year to {LAST}, 24/7", False),
    ]


@pytest.mark.parametrize(
    ("window", "calendar", "expected"),
    [
        ("63 bars", "XNYS", ("3 months",)),
        ("30 bars", "XNYS", ("30 days",)),
        ("252 bars", "XNYS", ("1 year",)),
        ("1 month", "XNYS", ("21 bars",)),
        ("2 years", "XNYS", ("504 bars",)),
        ("2 weeks", "XNYS", ("10 bars",)),
        ("30 days", "XNYS", ("30 bars",)),
        ("30 bars", "24/7", ("1 month",)),
        ("7 days", "24/7", ()),
        ("7 bars", "24/7", ()),
        (("2025-01-01", "2025-02-01"), "XNYS", ()),
        ((-5, 5), "XNYS", ()),
        (None, "XNYS", ()),
    ],
)
def test_a_window_is_read_in_another_unit(
    window: object, calendar: str, expected: tuple[str, ...]
) -> None:
    assert near_windows(window, calendar) == expected


def test_lengths_in_rows() -> None:
    assert [rows_of("3 months", code) for code in ("XNYS", "24/7")] == [63, 90]
    assert [rows_of("1 week", code) for code in ("XNYS", "24/7")] == [5, 7]
    assert [rows_of("30 days", code) for code in ("XNYS", "24/7")] == [21, 30]
    assert [rows_of("30 bars", code) for code in ("XNYS", "24/7")] == [30, 30]


def test_a_window_of_the_same_length_is_no_second_reading(bench: Bench) -> None:
    measured = correlation(ask("correlation", "AAA", "BBB", window="1 year"), bench)
    assert {each.reading.window for each in measured if each.reading.within} == {
        f"1 year to {LAST}"
    }


@pytest.mark.parametrize("symbols", [("TA", "AAA"), ("AAA", "@tokens"), ("@tokens",)])
def test_what_comes_after_the_window_does_not_matter(
    bench: Bench, tmp_path: Path, symbols: tuple[str, ...]
) -> None:
    asked = ask("correlation", *symbols)
    other = bench_of(tmp_path, scrambled(bench.market, ns(NEXT), 1))
    assert other.market.daily["AAA"].prices[-1] != bench.market.daily["AAA"].prices[-1]
    assert repr(correlation(asked, other)) == repr(correlation(asked, bench))


def test_a_series_that_stands_still_has_no_correlation(bench: Bench, tmp_path: Path) -> None:
    stock = bench.market.daily["BBB"]
    flat = replace(stock, prices=np.full(len(stock.prices), 7.0))
    still = bench_of(tmp_path, market(bench.market.daily["AAA"], flat))
    measured = correlation(ask("correlation", "AAA", "BBB"), still)
    assert measured[0].note == f"BBB stands still in 63 sessions to {LAST}"


def test_a_claim_without_a_day_cannot_be_tested(bench: Bench) -> None:
    with pytest.raises(Untestable, match="names neither a day"):
        correlation(ask("correlation", "AAA", "BBB", as_of=None), bench)


@pytest.mark.parametrize(
    ("window", "said"), [("1 month", "1 month to"), ("63 bars", "63 sessions")]
)
@pytest.mark.parametrize("day", ["2035-12-10", "2001-12-10"])
def test_a_day_outside_of_the_data_cannot_be_tested(
    bench: Bench, day: str, window: str, said: str
) -> None:
    with pytest.raises(Untestable, match=f"{said}.*does not lie within the data's calendar"):
        correlation(ask("correlation", "AAA", "BBB", as_of=day, window=window), bench)


def test_an_unknown_symbol_is_named(bench: Bench) -> None:
    window = place_window("63 bars", ask("correlation", "AAA"), bench.panel("XNYS").clock)
    with pytest.raises(Untestable, match="holds no prices of ZZZ"):
        aligned(["ZZZ"], ask("correlation", "AAA"), bench, window=window, sampling=Sampling("XNYS"))


@pytest.fixture(scope="module")
def published(market_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two published figures, put to real prices."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "universes").mkdir()
    (folder / "events").mkdir()
    (folder / "universes" / "all.yaml").write_text(
        "universe: all\ntitle: All\nsymbols:\n  BTC: {calendar: 24/7}\n"
        '  "^IXIC": {calendar: XNYS}\n  NVDA: {calendar: XNYS}\n  QQQ: {calendar: XNYS}\n',
        encoding="utf-8",
    )
    head = "statement: s, measure: correlation"
    (folder / "events" / "claims-a.yaml").write_text(
        "title: A\nclaims:\n"
        f'  - {{id: ixic, {head}, symbols: [BTC, "^IXIC"], window: 30 bars, as_of: 2025-12-10,'
        " published: 0.53}\n"
        f"  - {{id: qqq, {head}, symbols: [BTC, QQQ], window: 30 bars, as_of: 2025-12-10,"
        " published: 0.53}\n"
        f"  - {{id: nvda, {head}, symbols: [BTC, NVDA], window: 63 bars, as_of: 2025-11-19,"
        " published: 0.96}\n",
        encoding="utf-8",
    )
    workspace = load_workspace(folder)
    symbols = ("BTC", "^IXIC", "NVDA", "QQQ")
    prices = market_for(workspace, str(market_dir), events=(), extra=symbols)
    return run_claims(prices, workspace)


def test_bitcoin_and_the_nasdaq_on_real_prices(published: Any) -> None:
    claims = published.claims.set_index("claim")
    # Published .53; .537 on daily closes of bitcoin's UTC day and the composite's.
    assert claims.loc["ixic", "value"] == pytest.approx(0.537, abs=0.0005)
    assert claims.loc["ixic", "verdict"] == "supported"
    assert claims.loc["qqq", "verdict"] == "supported"


def test_bitcoin_and_nvidia_on_real_prices(published: Any) -> None:
    claims = published.claims.set_index("claim")
    assert claims.loc["nvda", "value"] == pytest.approx(0.287, abs=0.0005)
    assert claims.loc["nvda", "verdict"] == "contradicted"
    assert claims.loc["nvda", "reading"].startswith("price levels")
    assert "3 years to 2025-11-19" in claims.loc["nvda", "reading"]
    readings = published.readings.query("claim == 'nvda'").set_index(["of", "window"])["value"]
    assert readings["price levels", "63 sessions to 2025-11-19"] == pytest.approx(-0.22, abs=0.005)
    assert readings["price levels", "3 years to 2025-11-19"] == pytest.approx(0.944, abs=0.0005)
