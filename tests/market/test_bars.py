"""Clocks of bars: which series are sampled, what spans a closure, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.definitions import SymbolInfo
from eventlab.market.panel import build_panel
from eventlab.market.sources import load_market
from eventlab.timeline import make_bar_clock
from tests.market.series import MINUTE, daily, intraday, market, ns, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

WEDNESDAY, FRIDAY = date(2025, 11, 26), date(2025, 11, 28)  # the 28th closes at 13:00 New York


def bars(
    symbol: str, calendar: str, clock: Clock, *, minutes: int = 0, drop: Sequence[int] = ()
) -> PriceSeries:
    """Bars at the closes of a clock, whose prices grow by 1% per bar."""
    rows = np.setdiff1d(np.arange(len(clock)), np.array(drop, dtype=np.int64))
    width = minutes or clock.bar_minutes
    closes = clock.closes[rows].tolist()
    return intraday(symbol, calendar, closes, [100.0 * 1.01**row for row in rows], width)


def hourly(first: date = WEDNESDAY, last: date = FRIDAY) -> Clock:
    return make_bar_clock("XNYS", first, last, 60)


def naive_spans(closes: npt.NDArray[np.int64], width: int, offered: list[bool]) -> list[bool]:
    spans, before = [], None
    for close, there in zip(closes.tolist(), offered, strict=True):
        spans.append(there and before is not None and close - before > width * MINUTE)
        before = close if there else before
    return spans


def test_the_first_bar_of_a_session_spans_the_closure() -> None:
    clock = hourly()
    panel = build_panel(market(bars("AAA", "XNYS", clock)), ["AAA"], clock)
    assert panel.spans is not None
    assert [str(clock.sessions[row]) for row in np.flatnonzero(panel.spans[0])] == [
        "2025-11-28T15:00:00"
    ]
    np.testing.assert_allclose(panel.returns[0, 1:], 0.01, rtol=1e-12)
    np.testing.assert_array_equal(panel.minutes_apart, np.zeros((1, len(clock))))


def test_a_token_on_the_clock_of_an_exchange_spans_its_nights_too() -> None:
    clock, around = hourly(), make_bar_clock("24/7", WEDNESDAY, FRIDAY, 60)
    panel = build_panel(market(bars("BTC", "24/7", around)), ["BTC"], clock)
    assert panel.spans is not None
    assert np.flatnonzero(panel.spans[0]).tolist() == [7]
    # From 21:00 on Wednesday to 15:00 on Friday the token has 42 bars of 1%.
    assert panel.returns[0, 7] == pytest.approx(1.01**42 - 1.0, rel=1e-12)


def test_a_stock_on_the_clock_that_never_closes_spans_its_own_nights() -> None:
    clock = make_bar_clock("24/7", WEDNESDAY, FRIDAY, 60)
    panel = build_panel(market(bars("AAA", "XNYS", hourly())), ["AAA"], clock)
    assert panel.spans is not None
    offered = np.isfinite(panel.minutes_apart[0])
    hours = ["15", "16", "17", "18", "19", "20", "21", "15", "16", "17", "18"]
    assert [str(label)[11:13] for label in clock.sessions[offered]] == hours
    assert panel.spans[0].tolist() == naive_spans(clock.closes, 60, offered.tolist())
    assert panel.spans[0].sum() == 1


def test_a_missing_bar_spans_nothing_and_spoils_two_returns() -> None:
    clock = hourly()
    panel = build_panel(market(bars("AAA", "XNYS", clock, drop=[3])), ["AAA"], clock)
    assert panel.spans is not None
    assert np.flatnonzero(panel.spans[0]).tolist() == [7]
    assert np.flatnonzero(np.isnan(panel.returns[0])).tolist() == [0, 3, 4]


def test_hours_are_sampled_from_bars_of_five_minutes_and_never_from_days() -> None:
    clock, fine = hourly(), make_bar_clock("XNYS", WEDNESDAY, FRIDAY, 5)
    held = market(bars("AAA", "XNYS", fine), daily("AAA", "XNYS", WEDNESDAY, [1.0, 2.0]))
    panel = build_panel(held, ["AAA"], clock)
    assert [column.basis for column in panel.columns] == ["intraday"]
    assert panel.returns[0, 1] == pytest.approx(1.01**12 - 1.0, rel=1e-12)
    assert build_panel(held, ["AAA"], make_bar_clock("XNYS", WEDNESDAY, FRIDAY, 4)).columns == ()


def test_each_series_that_makes_up_the_bars_has_a_column() -> None:
    clock, fine = hourly(), make_bar_clock("XNYS", WEDNESDAY, FRIDAY, 5)
    coarse = bars("AAA", "XNYS", clock, drop=[0, 7])
    held = replace(market(coarse), bars={"AAA": (bars("AAA", "XNYS", fine),)})
    panel = build_panel(held, ["AAA"], clock)
    assert np.isfinite(panel.returns).sum(axis=1).tolist() == [7, 10]
    finest = build_panel(held, ["AAA"], fine)
    assert (len(finest.columns), np.isfinite(finest.returns).sum()) == (1, len(fine) - 1)


def test_bars_outside_regular_hours_are_not_sampled() -> None:
    clock = hourly()
    inside = bars("AAA", "XNYS", clock)
    late = [ns("2025-11-26T21:05"), ns("2025-11-26T22:00"), ns("2025-11-28T14:00")]
    whole = intraday("AAA", "XNYS", sorted([*inside.closes.tolist(), *late]), [1.0] * 14, 60)
    around = make_bar_clock("24/7", WEDNESDAY, FRIDAY, 60)
    sampled = np.isfinite(build_panel(market(whole), ["AAA"], around).minutes_apart[0])
    assert sampled.sum() == len(clock)
    assert not sampled[around.closes == late[1]].any()


def test_the_future_changes_no_earlier_bar() -> None:
    clock, longer = hourly(), hourly(last=date(2025, 12, 5))
    around = make_bar_clock("24/7", WEDNESDAY, date(2025, 12, 5), 60)
    stock, token = bars("AAA", "XNYS", longer), bars("BTC", "24/7", around)
    wild = [
        replace(one, prices=np.where(one.closes <= clock.closes[-1], one.prices, 7.0))
        for one in (stock, token)
    ]
    before = build_panel(market(stock, token), ["AAA", "BTC"], clock)
    after = build_panel(market(*wild), ["AAA", "BTC"], longer)
    for name in ("returns", "minutes_apart", "closes", "spans"):
        np.testing.assert_array_equal(
            getattr(after, name)[:, : len(clock)], getattr(before, name), err_msg=name
        )


def csv(symbol: str, clock: Clock, first: int = 0) -> str:
    """Bars by their openings, from the clock's bar ``first`` on."""
    opens = (clock.closes - clock.bar_minutes * MINUTE)[first:].tolist()
    rows = (f"{np.datetime64(one, 'ns')}Z,{symbol},{100 + i % 7}" for i, one in enumerate(opens))
    return "ts_utc,symbol,close\n" + "\n".join(rows) + "\n"


def two_files(folder: Path) -> str:
    fine = make_bar_clock("XNYS", date(2025, 11, 17), FRIDAY, 5)
    after_hours = f"{np.datetime64('2025-11-28T20:00')}Z,AAA,103\n"
    return write(
        folder,
        coarse=csv("AAA", make_bar_clock("XNYS", date(2025, 10, 1), FRIDAY, 30)),
        fine=csv("AAA", fine) + after_hours,
    )


def loaded(source: str, widths: set[int]) -> Market:
    return load_market(source, {"AAA": widths}, {"AAA": SymbolInfo("AAA", "AAA", "XNYS", "price")})


def test_finer_bars_are_kept_for_studies_in_bars_only(tmp_path: Path) -> None:
    source = two_files(tmp_path)
    sessions, fifteen = loaded(source, set()), loaded(source, {15})
    assert sessions.bars == {}
    assert sessions.intraday["AAA"].bar_minutes == fifteen.intraday["AAA"].bar_minutes == 30
    assert [one.origin for one in fifteen.bars["AAA"]] == ["fine.csv"]
    assert [one.bar_minutes for one in fifteen.dividing("AAA", 15)] == [5]
    assert [one.bar_minutes for one in fifteen.dividing("AAA", 60)] == [30, 5]
    assert fifteen.dividing("AAA", 4) == fifteen.dividing("BBB", 60) == ()
    # What a study of sessions reads, and its fingerprint, are as they were.
    np.testing.assert_array_equal(sessions.intraday["AAA"].prices, fifteen.intraday["AAA"].prices)
    assert sessions.stamp.fingerprint == loaded(source, {7}).stamp.fingerprint
    assert sessions.stamp.fingerprint != fifteen.stamp.fingerprint


def test_what_is_used_of_each_file_is_said(tmp_path: Path) -> None:
    source = two_files(tmp_path)
    coarse, fine = loaded(source, {5}).understood
    assert coarse.endswith("ts_utc is the opening of a bar; used for AAA")
    assert fine.endswith("1 bar outside regular hours is not used; used in bars for AAA")
    unused = loaded(source, set()).understood[1]
    assert unused.endswith("used for no symbol; not used for AAA: coarse.csv spans more days")


def test_real_bars_of_one_symbol_come_from_two_files(market_dir: Path) -> None:
    held = load_market(str(market_dir), {"NVDA": {5, 60}, "BTC": {60}}, {})
    assert {one.origin for one in held.bars["NVDA"]} == {"equity_5min.parquet"}
    assert held.intraday["NVDA"].origin == "equity_60min.parquet"
    assert set(held.bars) == {"NVDA"}
    clock = make_bar_clock("XNYS", date(2025, 12, 10), date(2025, 12, 11), 60)
    panel = build_panel(held, ["NVDA"], clock)
    # The hourly file begins at 10:00; from five minutes the night's return is there.
    assert np.isnan(panel.returns[0, 7])
    closes = dict(zip(held.bars["NVDA"][0].closes, held.bars["NVDA"][0].prices, strict=True))
    night = closes[ns("2025-12-11T15:00")] / closes[ns("2025-12-10T21:00")] - 1.0
    assert panel.returns[1, 7] == night
