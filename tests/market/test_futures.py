"""Another future: the past bit for bit, what was known of bars under way, and what bars must be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.market.future_bars import bar_opens, future_path
from eventlab.market.futures import delayed, scrambled, truncated
from eventlab.market.panel import build_panel
from eventlab.market.simulated import simulated_market
from eventlab.timeline.clock import make_clock
from tests.market.series import MINUTE, daily, intraday, market, ns
from tests.market.simulated_cases import INFO, event

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

    Change = Callable[[Market, int], Market]

HOUR = 60 * MINUTE
START = date(2025, 11, 3)
COLUMNS = ("prices", "raw", "volume", "open", "high", "low")
# Products of two rounded numbers, undone.
ROUNDED: dict[str, Any] = {"rtol": 1e-12}
CHANGES: dict[str, Change] = {
    "truncated": truncated,
    "scrambled": lambda held, at: scrambled(held, at, 7),
    "delayed": delayed,
}
GO_ON = ["delayed", "scrambled"]


def dressed(series: PriceSeries, rng: np.random.Generator) -> PriceSeries:
    """Opens, ranges, volumes and an adjustment, with holes in all of them."""
    n = len(series.prices)
    raw = series.prices * (1.0 if series.calendar == "24/7" else 1.7)
    opens = raw * np.exp(rng.normal(0, 0.01, n))
    high = np.fmax(raw, opens) * (1.0 + rng.exponential(0.01, n))
    low = np.fmin(raw, opens) / (1.0 + rng.exponential(0.01, n))
    made: dict[str, Any] = {
        "open": opens,
        "high": high,
        "low": low,
        "volume": rng.lognormal(8, 1, n),
    }
    for values in made.values():
        values[rng.random(n) < 0.05] = np.nan
    made["volume"][rng.random(n) < 0.05] = 0.0
    dividends = np.cumprod(np.where(rng.random(n) < 0.1, 1.01, 1.0))
    prices = series.prices if series.calendar == "24/7" else series.prices * dividends
    return replace(series, prices=prices, raw=raw, **made)


def small_market(seed: int) -> Market:
    """A stock with five-minute bars, a token with hourly ones, a level, a rate and returns."""
    rng = np.random.default_rng(seed)
    n = 40

    def path(size: int, sd: float) -> list[float]:
        values = 50.0 * np.exp(np.cumsum(rng.normal(0, sd, size)))
        values[rng.random(size) < 0.05] = np.nan
        found: list[float] = values.tolist()
        return found

    stock = dressed(daily("S", "XNYS", START, path(n, 0.02), drop=(7, 8)), rng)
    token = dressed(daily("T", "24/7", START, path(n, 0.03), drop=(20,)), rng)
    first = int(token.closes[0])
    ends = first + HOUR * np.flatnonzero(rng.random(24 * n) > 0.05)
    hourly = dressed(intraday("T", "24/7", ends.tolist(), path(len(ends), 0.006), 60), rng)
    clock = make_clock("XNYS", date(2025, 12, 8), date(2025, 12, 12))
    fives = [end for a, b in zip(clock.opens, clock.closes, strict=True)
             for end in range(int(a) + 5 * MINUTE, int(b) + 1, 5 * MINUTE)]  # fmt: skip
    five = dressed(intraday("S", "XNYS", fives, path(len(fives), 0.001), 5), rng)
    half = [end for end in fives if end % (30 * MINUTE) == 0]
    further = dressed(intraday("S", "XNYS", half, path(len(half), 0.003), 30), rng)
    level = daily("DGS2", "XNYS", START, (4.0 + rng.normal(0, 0.1, n)).tolist(), kind="level")
    stamps, rates = ends[::8].tolist(), rng.normal(0, 1e-4, len(ends[::8])).tolist()
    funding = replace(intraday("T-FUNDING", "24/7", stamps, rates, 480), kind="level")
    given_returns = daily("F", "XNYS", START, rng.normal(0, 0.01, n).tolist(), kind="return")
    late = daily("L", "XNYS", date(2025, 12, 15), path(6, 0.02))
    held = market(stock, token, hourly, five, level, funding, given_returns, late)
    return replace(held, bars={"S": (further,)})


def every(held: Market) -> dict[tuple[str, str, int], PriceSeries]:
    found = [*held.daily.values(), *held.intraday.values()]
    found += [one for further in held.bars.values() for one in further]
    return {(one.symbol, one.frequency, one.bar_minutes): one for one in found}


def bits(values: npt.NDArray[np.float64] | None, rows: Any) -> bytes | None:
    return None if values is None else np.ascontiguousarray(values[rows]).tobytes()


def past(series: PriceSeries, instant: int) -> bool:
    """Whether anything was known of it."""
    return bool(np.isfinite(series.prices[series.closes <= instant]).any())


def adjusted_open(series: PriceSeries) -> npt.NDArray[np.float64]:
    assert series.open is not None
    return np.asarray(series.open * (series.prices / series.raw))


instants = st.one_of(
    st.integers(ns("2025-11-01"), ns("2025-12-31")),
    # Round times, at which bars open and close: New York's 9:30, 16:00 and every hour.
    st.integers(0, 24 * 60).map(lambda hour: ns("2025-11-01") + hour * HOUR),
    st.integers(0, 60).map(lambda day: ns("2025-11-03T14:30") + day * 24 * HOUR),
)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 4), instant=instants, name=st.sampled_from(sorted(CHANGES)))
@example(seed=0, instant=ns("2025-12-10T21:00"), name="scrambled")
def test_the_past_is_bit_for_bit_what_it_was(seed: int, instant: int, name: str) -> None:
    held = small_market(seed)
    before = {key: [bits(getattr(one, c), slice(None)) for c in COLUMNS]
              for key, one in every(held).items()}  # fmt: skip
    other = CHANGES[name](held, instant)
    new = every(other)
    for key, old in every(held).items():
        past = int(np.searchsorted(old.closes, instant, side="right"))
        if key not in new:
            assert name == "truncated"
            assert past == 0
            continue
        one = new[key]
        assert len(one.closes) == (past if name == "truncated" else len(old.closes))
        rows = slice(0, past if name == "truncated" else len(old.closes))
        assert bits(old.closes, rows) == bits(one.closes, rows)  # type: ignore[arg-type]
        np.testing.assert_array_equal(old.sessions[rows], one.sessions)
        for column in COLUMNS:
            assert bits(getattr(old, column), slice(0, past)) == bits(
                getattr(one, column), slice(0, past)
            ), (key, column)
        assert (one.symbol, one.kind, one.calendar) == (old.symbol, old.kind, old.calendar)
    # The caller's arrays are as they were.
    after = {key: [bits(getattr(one, c), slice(None)) for c in COLUMNS]
             for key, one in every(held).items()}  # fmt: skip
    assert before == after


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 4), instant=instants, name=st.sampled_from(GO_ON))
@example(seed=0, instant=ns("2025-12-10T14:30"), name="scrambled")
@example(seed=1, instant=ns("2025-12-10T15:17"), name="scrambled")
@example(seed=0, instant=ns("2025-12-10T14:30"), name="delayed")
@example(seed=1, instant=ns("2025-12-10T15:17"), name="delayed")
def test_the_open_of_a_bar_under_way_is_known(seed: int, instant: int, name: str) -> None:
    """The adjusted open too, which a ratio of changed numbers must give bit for bit."""
    held = small_market(seed)
    new = every(CHANGES[name](held, instant))
    for key, old in every(held).items():
        past = int(np.searchsorted(old.closes, instant, side="right"))
        if old.open is None or past == len(old.closes) or bar_opens(old)[past] > instant:
            continue
        one = new[key]
        assert bits(old.open, past) == bits(one.open, past)
        was, is_ = adjusted_open(old)[past], adjusted_open(one)[past]
        if np.isfinite(one.prices[past]):
            assert was == is_ or (np.isnan(was) and np.isnan(is_))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 4), instant=instants, name=st.sampled_from(GO_ON))
def test_bars_that_go_on_are_bars(seed: int, instant: int, name: str) -> None:
    held = small_market(seed)
    new = every(CHANGES[name](held, instant))
    for key, old in every(held).items():
        one, later = new[key], old.closes > instant
        for column in COLUMNS:
            was, is_ = getattr(old, column), getattr(one, column)
            if was is None:
                assert is_ is None
                continue
            np.testing.assert_array_equal(np.isnan(was), np.isnan(is_))
        known = later & np.isfinite(old.prices)
        first = known & (np.cumsum(known) == 1)
        changed = known if name == "scrambled" else first
        assert (one.prices[changed] != old.prices[changed]).all() or not past(old, instant)
        if old.kind == "price":
            assert (one.prices[known] > 0).all()
            opens = old.raw if old.open is None else old.open
            for extreme, edge, sign in (("high", np.fmax, 1), ("low", np.fmin, -1)):
                was, is_ = getattr(old, extreme), getattr(one, extreme)
                if was is None:
                    continue
                inside = sign * (was - edge(old.raw, opens)) >= 0
                body = edge(one.raw, one.raw if one.open is None else one.open)
                assert (sign * (is_ - body) >= 0)[inside].all()
        if name == "scrambled":
            assert (one.volume[later & (old.volume > 0)] > 0).all()
            assert (one.volume[later & (old.volume == 0)] == 0).all()
        assert (one.volume[later & ~np.isnan(old.volume)] >= 0).all()
        if old.kind == "level" and old.prices.min() > 0:
            assert one.prices.min() > 0


def test_daily_and_intraday_bars_of_a_symbol_go_on_agreeing() -> None:
    info = {name: INFO[name] for name in ("BTC", "NVDA")}
    held = simulated_market(None, info, (), seed=0)
    instant = ns("2024-03-05T13:20")
    new = scrambled(held, instant, 3)
    day, hours = new.daily["BTC"], new.intraday["BTC"]
    rows = np.searchsorted(hours.closes, day.closes)
    there = rows < len(hours.closes)
    there[there] &= hours.closes[rows[there]] == day.closes[there]
    there &= day.closes > instant
    assert there.sum() > 800
    np.testing.assert_allclose(hours.prices[rows[there]], day.prices[there], **ROUNDED)
    # Around the clock a bar opens where the one before closed; the first one at a known price.
    assert day.open is not None
    first = int(np.searchsorted(day.closes, instant, side="right"))
    assert day.open[first] == held.daily["BTC"].prices[first - 1]
    np.testing.assert_allclose(day.open[first + 1 :], day.prices[first:-1], **ROUNDED)


def test_scrambling_is_a_function_of_the_seed_and_the_symbol_alone() -> None:
    held = small_market(0)
    instant = ns("2025-12-01T21:00")
    one, again = (scrambled(held, instant, 5) for _ in range(2))
    alone = scrambled(market(held.daily["S"]), instant, 5)
    other = scrambled(held, instant, 6)
    later = held.daily["S"].closes > instant
    for column in COLUMNS:
        mine = getattr(one.daily["S"], column)
        assert bits(mine, slice(None)) == bits(getattr(again.daily["S"], column), slice(None))
        assert bits(mine, slice(None)) == bits(getattr(alone.daily["S"], column), slice(None))
        assert (mine != getattr(other.daily["S"], column))[later & (mine != 0)].all()
    assert one.stamp == again.stamp
    assert len({each.stamp.fingerprint for each in (held, one, other)}) == 3
    assert one.stamp.source == "made up, scrambled with seed 5 after 2025-12-01 21:00 UTC"


def test_a_scrambled_rate_changes_sign_and_returns_compound_to_the_path() -> None:
    held = small_market(2)
    instant = ns("2025-11-20T21:00")
    new = scrambled(held, instant, 0)
    rate, made = held.intraday["T-FUNDING"], new.intraday["T-FUNDING"]
    later = rate.closes > instant
    assert (np.sign(rate.prices) != np.sign(made.prices))[later].any()
    assert np.abs(made.prices).max() < 100 * np.abs(rate.prices).max()
    was, is_ = held.daily["F"], new.daily["F"]
    later = was.closes > instant
    growth = np.cumprod(1 + is_.prices[later]) / np.cumprod(1 + was.prices[later])
    path = future_path("F", instant, int(was.closes[-1]), 0)
    np.testing.assert_allclose(np.log(growth), path.at(was.closes[later]), rtol=0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(["A", "BTC", "^VIX"]))
def test_a_path_jumps_at_once_and_does_not_depend_on_its_end(seed: int, name: str) -> None:
    instant = ns("2025-12-10T18:17")
    path = future_path(name, instant, instant + 1000 * HOUR, seed)
    assert path.at(np.array([instant - 1, instant])).tolist() == [0.0, 0.0]
    assert abs(path.at(np.array([instant + 1]))[0]) >= 0.03 * (1 - 1e-9)
    some = instant + np.arange(1, 99) * HOUR // 7
    short = future_path(name, instant, int(some[-1]), seed)
    assert short.at(some).tobytes() == path.at(some).tobytes()
    steps = np.diff(path.at(instant + np.arange(1, 1000) * HOUR))
    assert 0.9 < steps.std() * 24**0.5 / 0.03 < 1.1  # 999 steps: within 2.2% s.d.


def test_truncated_by_hand() -> None:
    held = small_market(0)
    instant = ns("2025-12-09T20:30")
    cut = truncated(held, instant)
    assert str(cut.daily["S"].sessions[-1]) == "2025-12-08"  # the 9th is under way
    assert int(cut.intraday["S"].closes[-1]) == instant
    assert int(cut.bars["S"][0].closes[-1]) == instant
    assert "L" not in cut.daily
    early = truncated(held, ns("2025-12-01"))
    assert set(early.intraday) == {"T", "T-FUNDING"}
    assert dict(early.bars) == {}
    assert np.shares_memory(cut.daily["S"].prices, held.daily["S"].prices)


def test_what_a_simulated_market_knows_of_itself_ends_too() -> None:
    shocks = event("shocks", "shock", ["2022-05-09 10:00", "2024-08-05 09:00"])
    held = simulated_market({"BTC"}, INFO, (shocks,), seed=0)
    instant = ns("2023-01-01")
    for change in CHANGES.values():
        new = change(held, instant)
        assert new.truth is not None
        assert held.truth is not None
        assert new.crises is not None
        assert held.crises is not None
        assert 0 < len(new.truth) < len(held.truth)
        assert new.truth["instant"].max() <= instant
        assert 0 < len(new.crises.crises) < len(held.crises.crises)
        assert new.stamp.simulated


def test_panels_of_the_past_do_not_move() -> None:
    """The consumer's view: rows of a panel up to the instant are the same, later ones are not."""
    held = small_market(3)
    clock = make_clock("XNYS", date(2025, 11, 4), date(2025, 12, 19))
    row = 20
    instant = int(clock.closes[row])
    was = build_panel(held, ["S", "F", "DGS2"], clock).returns
    is_ = build_panel(scrambled(held, instant, 7), ["S", "F", "DGS2"], clock).returns
    assert was[:, : row + 1].tobytes() == is_[:, : row + 1].tobytes()
    known = np.isfinite(was[:, row + 1 :]) & np.isfinite(is_[:, row + 1 :])
    assert (was[:, row + 1 :] != is_[:, row + 1 :])[known].mean() > 0.9


def test_bars_open_when_their_market_does() -> None:
    stock = daily("S", "XNYS", date(2025, 11, 26), [1.0, 2.0, 3.0])
    assert bar_opens(stock).tolist() == [
        ns("2025-11-26T14:30"), ns("2025-11-28T14:30"), ns("2025-12-01T14:30")
    ]  # fmt: skip
    token = daily("T", "24/7", date(2025, 11, 26), [1.0, 2.0])
    assert bar_opens(token).tolist() == [ns("2025-11-26"), ns("2025-11-27")]
    hour = intraday("T", "24/7", [ns("2025-11-26T05:00")], [1.0], 60)
    assert bar_opens(hour).tolist() == [ns("2025-11-26T04:00")]
    odd = replace(stock, closes=stock.closes + 1)
    assert bar_opens(odd).tolist() == (odd.closes - 24 * HOUR).tolist()


def test_delayed_by_hand() -> None:
    """Two sessions late: the price of the 10th stands until it goes on as it would have."""
    stock = daily("S", "XNYS", date(2025, 12, 8), [10.0, 11.0, 12.0, np.nan, 13.0, 14.0, 15.0])
    dressed_: dict[str, Any] = {
        "raw": stock.prices * 2.0,
        "open": np.array([20.5, 21.5, 23.5, 24.5, 25.5, 27.5, 29.5]),
        "high": np.array([21.0, 22.5, 25.0, 25.0, 27.0, 29.0, 31.0]),
        "low": np.array([19.0, 21.0, 23.0, np.nan, 25.0, 27.0, 29.0]),
        "volume": np.array([5.0, 6.0, 7.0, np.nan, 8.0, 9.0, 0.0]),
    }
    given_returns = daily("F", "XNYS", date(2025, 12, 8), [0.1, 0.2, 0.3, 0.4, 0.5], kind="return")
    hours = intraday(
        "T", "24/7", [ns("2025-12-10") + HOUR * k for k in (0, 12, 24, 36, 48, 60)], range(6), 720
    )
    held = market(replace(stock, **dressed_), given_returns, hours)
    night = delayed(held, ns("2025-12-10T23:00"), 2)
    one = night.daily["S"]
    np.testing.assert_array_equal(one.prices, [10, 11, 12, np.nan, 12, 12, 13])
    np.testing.assert_array_equal(one.raw, [20, 22, 24, np.nan, 24, 24, 26])
    assert one.open is not None
    np.testing.assert_array_equal(one.open, [20.5, 21.5, 23.5, 24, 24, 24.5, 25.5])
    # Volumes are as many as before, each with the bar that has one; 25 held an open of 24.5.
    np.testing.assert_array_equal(one.volume, [5, 6, 7, np.nan, 7, 7, 8])
    np.testing.assert_array_equal(one.high, [21, 22.5, 25, 24, 24, 25, 27])
    np.testing.assert_array_equal(one.low, [19, 21, 23, np.nan, 24, 24, 25])
    assert night.daily["F"].prices.tolist() == [0.1, 0.2, 0.3, 0.0, 0.0]
    # Half-day bars: two days are four of them. That of the 11th, 00:00, is under way.
    assert night.intraday["T"].prices.tolist() == [0, 1, 1, 1, 1, 1]
    assert delayed(held, ns("2025-12-09T23:30"), 1).intraday["T"].prices.tolist() == [0] * 3 + [
        1, 2, 3
    ]  # fmt: skip
    # At noon of the 10th the open is known, and that is all.
    noon = delayed(held, ns("2025-12-10T17:00"), 2).daily["S"]
    assert noon.open is not None
    assert noon.open.tolist()[:5] == [20.5, 21.5, 23.5, 22, 23.5]
    np.testing.assert_array_equal(noon.prices, [10, 11, 11, np.nan, 11, 12, 13])
    np.testing.assert_array_equal(noon.high, [21, 22.5, 23.5, 22, 25, 25, 27])
    assert night.stamp.source == "made up, delayed by 2 sessions after 2025-12-10 23:00 UTC"


def test_wrong_arguments_are_named() -> None:
    held = small_market(0)
    with pytest.raises(UsageError, match="sessions 0: must be 1 or more"):
        delayed(held, 0, 0)
    with pytest.raises(UsageError, match="seed -1: must be 0 or more"):
        scrambled(held, 0, -1)
