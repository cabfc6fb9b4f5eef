"""States: conditions worked by hand and by slow loops, episodes, what is not known, the past."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.definitions.strategy import StateDefinition
from eventlab.errors import UsageError
from eventlab.hedge.states import Observed, first_row, holds_for, state_series
from eventlab.timeline import make_clock
from tests import naive_hedge_options as naive
from tests.market.series import daily, intraday, market, ns
from tests.study.worlds import event, noise, stock, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

START = date(2024, 1, 2)
EIGHT = 8 * 3600 * 10**9
XNYS = make_clock("XNYS", START, date(2024, 12, 31))
DAYS = make_clock("24/7", START, date(2024, 12, 31))
EASY = event(
    "fed",
    [
        {"id": "hold", "announced_at": "2024-01-31 14:00", "tags": ["hold"]},
        {"id": "cut", "announced_at": "2024-03-20 14:00", "tags": ["cut"]},
        {"id": "late", "announced_at": "2024-05-01", "precision": "date", "tags": ["cut"]},
    ],
)
WORLD = workspace(EASY, calendars={"BTC": "24/7", "UUP": "XNYS"})


def state(**said: Any) -> StateDefinition:
    return StateDefinition.model_validate(said)


def funding(rates: Sequence[float], first: str = "2024-01-01T00:00") -> PriceSeries:
    stamps = ns(first) + EIGHT * np.arange(len(rates))
    series = intraday("BTC-FUNDING", "24/7", [int(s) for s in stamps], rates, 480)
    return replace(series, kind="level")


def random_market(seed: int = 2, length: int = 400) -> Market:
    return market(
        stock("BTC", START, noise(seed, length, 0.03), calendar="24/7"),
        stock("UUP", START, noise(seed + 1, 200, 0.005)),
        stock("DXY", START, noise(seed + 2, 150, 0.005)),
        funding([1e-4 * z for z in np.random.default_rng(seed).normal(0.2, 1.0, 3 * length)]),
    )


def observe(
    definition: StateDefinition, prices: Market | None = None, clock: Clock = XNYS
) -> Observed:
    return state_series(
        definition, market=prices or random_market(), workspace=WORLD, clock=clock, symbol="BTC"
    )


def only(holds: Sequence[int], length: int = 30) -> Observed:
    where = np.zeros(length, np.bool_)
    where[list(holds)] = True
    closes = np.arange(length, dtype=np.int64)
    return Observed(closes, where, np.ones(length, np.bool_), ())


def rows_of(mask: npt.NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]


# ---- funding -------------------------------------------------------------------------------------


def test_funding_by_hand() -> None:
    # From the midnight that closes January 2 on: 1, -1, -1 bp, then 2, 2, 2, and so on by days.
    rates = [5e-4, *np.repeat([-1e-4, 2e-4, -3e-4, 1e-4], 3)]
    prices = market(funding(rates, "2024-01-03T00:00"))
    clock = make_clock("24/7", START, date(2024, 1, 8))
    one = observe(state(funding_below=0.0, bars=1), prices, clock)
    # The bar of January 3 has the stamps of 08:00, 16:00 and the midnight that ends it.
    assert rows_of(one.holds) == [1, 3]
    assert rows_of(one.known) == [1, 2, 3, 4]
    assert one.notes == (
        "funding of BTC over 1 bar is not known 2024-01-02, 2024-01-07 to 2024-01-08: rates lack",
    )
    two = observe(state(funding_above=-6e-5, funding_below=6e-5, bars=2), prices, clock)
    assert rows_of(two.holds) == [2, 3]  # means of 0.5 and -0.5 bp; then -1 bp
    assert rows_of(two.known) == [2, 3, 4]


@pytest.mark.parametrize("clock", [XNYS, DAYS], ids=["XNYS", "24/7"])
def test_funding_agrees_with_the_transcription(clock: Clock) -> None:
    prices = random_market()
    series = prices.intraday["BTC-FUNDING"]
    stamps, rates = [int(s) for s in series.closes], [float(r) for r in series.prices]
    found = observe(state(funding_below=1e-5, bars=5), prices, clock)
    assert found.known[5:].all()
    for row in range(5, len(clock)):
        begin, end = int(clock.closes[row - 5]), int(clock.closes[row])
        assert found.holds[row] == (naive.mean_rate(stamps, rates, begin, end) < 1e-5)


def test_a_rate_that_lacks_is_not_bridged() -> None:
    series = funding([-1e-4] * 90)
    gone = np.delete(np.arange(90), 45)  # 2024-01-16 00:00
    holed = replace(series, closes=series.closes[gone], prices=series.prices[gone])
    clock = make_clock("24/7", START, date(2024, 1, 28))
    found = observe(state(funding_below=0.0, bars=2), market(holed), clock)
    assert rows_of(~found.known) == [0, 1, 13, 14]
    assert rows_of(~found.holds) == [0, 1, 13, 14]


# ---- volatility, falling, rising -----------------------------------------------------------------


def test_volatility_agrees_with_the_transcription() -> None:
    prices = random_market()
    closes = [float(p) for p in prices.daily["BTC"].prices[: len(DAYS)]]
    expected = [naive.realised(closes, t, 20, 365.0) for t in range(len(closes))]
    level = float(np.nanmedian(expected))
    found = observe(state(volatility_below=level, bars=20), prices, DAYS)
    np.testing.assert_array_equal(found.holds, np.array(expected) < level)
    np.testing.assert_array_equal(found.known, ~np.isnan(expected))
    above = observe(state(volatility_above=level, bars=20), prices, DAYS)
    np.testing.assert_array_equal(above.holds, np.array(expected) > level)


def test_another_calendar_gives_its_last_close_before() -> None:
    """Bitcoin's own close is the midnight before: on XNYS it is that of the calendar day before."""
    prices = random_market()
    series = prices.daily["BTC"]
    rows = np.searchsorted(series.closes, XNYS.closes, side="right") - 1
    sampled = [float(series.prices[row]) if row >= 0 else math.nan for row in rows]
    expected = [naive.realised(sampled, t, 10, 252.0) for t in range(len(sampled))]
    level = float(np.nanmedian(expected))
    found = observe(state(volatility_below=level, bars=10), prices)
    np.testing.assert_array_equal(found.holds, np.array(expected) < level)


def test_falling_and_rising() -> None:
    closes = [100.0, 101.0, 102.0, 101.0, 101.0, 100.0, 103.0]
    prices = market(daily("UUP", "XNYS", START, closes))
    clock = make_clock("XNYS", START, date(2024, 1, 10))
    assert len(clock) == 7
    falling = observe(state(falling="UUP", bars=2), prices, clock)
    rising = observe(state(rising="UUP", bars=2), prices, clock)
    assert rows_of(falling.holds) == [4, 5]
    assert rows_of(rising.holds) == [2, 6]  # row 3 is where it was
    assert rows_of(rising.known) == [2, 3, 4, 5, 6]


def test_a_weekend_keeps_the_last_close() -> None:
    closes = [100.0, 101.0, 102.0, 99.0, 98.0]  # Tuesday to Friday, then Monday the 8th
    prices = market(daily("UUP", "XNYS", START, closes))
    clock = make_clock("24/7", START, date(2024, 1, 9))
    found = observe(state(falling="UUP", bars=2), prices, clock)
    # Friday against Wednesday, Saturday against Thursday; Sunday equals Friday; Monday is lower
    # than Saturday; on Tuesday the close lacks.
    assert rows_of(found.holds) == [3, 4, 6]
    assert rows_of(found.known) == [2, 3, 4, 5, 6]
    assert found.notes[0].endswith("2024-01-02 to 2024-01-03, 2024-01-09: closes lack")


def test_a_close_that_lacks_is_not_bridged() -> None:
    prices = market(daily("UUP", "XNYS", START, [100.0 - t for t in range(12)], drop=[6]))
    clock = make_clock("XNYS", START, date(2024, 1, 18))
    found = observe(state(falling="UUP", bars=2), prices, clock)
    assert rows_of(~found.known) == [0, 1, 6, 8]
    assert rows_of(found.holds) == rows_of(found.known)


def test_a_level_can_fall_and_has_no_volatility() -> None:
    rate = daily("DGS2", "XNYS", START, [0.1, -0.1, -0.2, -0.1], kind="level")
    clock = make_clock("XNYS", START, date(2024, 1, 5))
    falling = observe(state(falling="DGS2", bars=1), market(rate), clock)
    assert rows_of(falling.holds) == [1, 2]
    moving = observe(state(volatility_above=0.1, symbol="DGS2", bars=1), market(rate), clock)
    assert not moving.known.any()
    assert moving.notes == (
        "volatility of DGS2 over 1 bar is never known: DGS2 is a level, not a price",
    )


def test_a_symbol_without_prices_is_never_known() -> None:
    found = observe(state(falling="UUPP", funding_below=0.0), random_market())
    assert not found.holds.any()
    assert not found.known.any()
    assert found.notes[1].startswith("change of UUPP over 20 bars is never known: UUPP has no ")
    assert found.notes[1].endswith("Did you mean UUP?")


# ---- all of it -----------------------------------------------------------------------------------


def test_all_conditions_have_to_hold() -> None:
    conditions: list[dict[str, Any]] = [
        {"funding_below": 2e-5},
        {"volatility_below": 0.5},
        {"falling": "UUP"},
        {"rising": "DXY"},
    ]
    every = observe(state(bars=10, **{k: v for each in conditions for k, v in each.items()}))
    alone = [observe(state(bars=10, **each)) for each in conditions]
    np.testing.assert_array_equal(every.holds, np.all([one.holds for one in alone], axis=0))
    np.testing.assert_array_equal(every.known, np.all([one.known for one in alone], axis=0))
    assert every.notes == tuple(note for one in alone for note in one.notes)
    assert every.holds.any()


def test_a_state_names_its_symbol() -> None:
    of_book = observe(state(volatility_below=0.1, symbol="UUP"))
    assert of_book.holds.any()
    assert not observe(state(volatility_below=0.1)).holds.any()


def test_a_state_needs_a_condition() -> None:
    with pytest.raises(UsageError, match="a state without conditions"):
        observe(
            StateDefinition.model_construct(easing=None, falling=None, rising=None, symbol=None)
        )


def test_the_future_leaves_the_past_as_it_was() -> None:
    definition = state(
        funding_below=2e-5, volatility_below=0.5, falling="UUP", rising="DXY", bars=10
    )
    whole = random_market()
    rng = np.random.default_rng(8)
    for clock in (XNYS, DAYS):
        seen = observe(definition, whole, clock)
        for cut in (40, 77, 120):
            end = int(clock.closes[cut])
            scrambled = _changed(whole, end, lambda later: 2.0 * rng.permutation(later))
            truncated = _changed(whole, end, None)
            for other in (scrambled, truncated):
                again = observe(definition, other, clock)
                np.testing.assert_array_equal(again.holds[: cut + 1], seen.holds[: cut + 1])
                np.testing.assert_array_equal(again.known[: cut + 1], seen.known[: cut + 1])
        assert seen.holds.any()


def _changed(whole: Market, end: int, change: Any) -> Market:
    def one(series: PriceSeries) -> PriceSeries:
        past = series.closes <= end
        if change is None:
            parts = ("closes", "sessions", "prices", "raw", "volume")
            return replace(series, **{name: getattr(series, name)[past] for name in parts})
        prices = series.prices.copy()
        prices[~past] = change(prices[~past])
        return replace(series, prices=prices)

    return replace(
        whole,
        daily={name: one(series) for name, series in whole.daily.items()},
        intraday={name: one(series) for name, series in whole.intraday.items()},
    )


# ---- easing --------------------------------------------------------------------------------------


def eased(news: str) -> str | None:
    """First session at whose close a cut after ``news`` is known."""
    found = holds_for(observe(state(easing="fed"), market()), ns(news))
    rows = rows_of(found.holds)
    if not rows:
        return None
    assert rows == list(range(rows[0], len(XNYS)))
    return str(XNYS.sessions[rows[0]])


def test_easing_waits_for_a_cut_after_the_news() -> None:
    assert eased("2024-01-05T12:00") == "2024-03-20"
    assert eased("2024-03-20T17:59") == "2024-03-20"
    # At its very instant, 14:00 in New York, the news is not before the cut.
    assert eased("2024-03-20T18:00") == "2024-05-02"
    # Only the date of the later cut is known: after its day is over it has come out for certain.
    assert eased("2024-05-01T12:00") is None


def test_easing_joins_the_other_conditions() -> None:
    alone = observe(state(falling="UUP", bars=10))
    both = observe(state(falling="UUP", easing="fed", bars=10))
    found = holds_for(both, ns("2024-02-01T00:00"))
    after = ns("2024-03-20T18:00") <= XNYS.closes
    np.testing.assert_array_equal(found.holds, alone.holds & after)
    np.testing.assert_array_equal(found.known, alone.known)
    assert holds_for(alone, 0) is alone


def test_easing_has_to_be_asked_of_the_episode() -> None:
    definition = state(easing="fed")
    with pytest.raises(ValueError, match="call holds_for before"):
        first_row(observe(definition, market()), 5, definition)


def test_easing_of_an_event_that_never_eases_or_is_not_there() -> None:
    quiet = workspace(event("boj", [{"announced_at": "2024-03-19 03:00"}]), calendars={})
    found = state_series(
        state(easing="boj"), market=market(), workspace=quiet, clock=XNYS, symbol="BTC"
    )
    assert found.notes == ("boj has no occurrence tagged cut: it never eases",)
    assert not holds_for(found, 0).holds.any()
    with pytest.raises(UsageError, match="fedd"):
        observe(state(easing="fedd"), market())


def test_a_cut_on_a_closed_day_is_named() -> None:
    holiday = {"announced_at": "2024-01-15", "precision": "session", "session": "after_close"}
    world = workspace(event("fed", [{**holiday, "tags": ["cut"]}]), calendars={})
    found = state_series(
        state(easing="fed"), market=market(), workspace=world, clock=XNYS, symbol="BTC"
    )
    assert found.notes[0].startswith("not counted as easing: fed/n0: XNYS has no session on 2024-")


# ---- the wait ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holds", "day0", "row"),
    [
        ([3, 8, 9], 5, (8, True)),
        ([6], 5, (6, True)),
        ([5], 5, (15, False)),  # looked at from the bar after day 0 on
        ([15], 5, (15, True)),
        ([16], 5, (15, False)),
        ([], 25, (None, False)),  # the clock ends before
        ([29], 25, (29, True)),
        ([2], -3, (2, True)),
    ],
)
def test_first_row(holds: list[int], day0: int, row: tuple[int | None, bool]) -> None:
    definition = state(falling="UUP", after=1, at_most=10)
    assert first_row(only(holds), day0, definition) == row


def test_first_row_not_before() -> None:
    definition = state(falling="UUP", after=-2, at_most=10)
    assert first_row(only([4, 9]), 5, definition) == (4, True)
    assert first_row(only([4, 9]), 5, definition, not_before=5) == (9, True)
    assert first_row(only([4, 9]), 5, definition, not_before=20) == (20, False)
    assert first_row(only([20]), 5, definition, not_before=20) == (20, True)
