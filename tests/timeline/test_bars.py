"""Clocks of bars: hand-worked days, a naive twin, and what they may not look at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.errors import UsageError
from eventlab.timeline import event_session, find_overlaps, make_bar_clock, make_clock
from tests.timeline.occurrences import at as news

if TYPE_CHECKING:
    from eventlab.timeline.types import Clock

MINUTE = 60_000_000_000
WIDTHS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
FIRST, LAST = date(2025, 10, 1), date(2025, 12, 31)  # summer time ends on 2 November in New York


def naive_bars(code: str, first: date, last: date, minutes: int) -> list[tuple[int, int, int]]:
    """Open, close and slot of every bar, minute by minute."""
    sessions = make_clock(code, first, last)
    found = []
    for opens, closes in zip(sessions.opens.tolist(), sessions.closes.tolist(), strict=True):
        start, slot = opens, 0
        for moment in range(opens + MINUTE, closes + MINUTE, MINUTE):
            if moment % (minutes * MINUTE) == 0 or moment == closes:
                found.append((start, moment, slot))
                start, slot = moment, slot + 1
    return found


def at(clock: Clock, text: str) -> int:
    rows = np.flatnonzero(clock.sessions == np.datetime64(text, "s"))
    assert len(rows) == 1
    return int(rows[0])


@pytest.mark.parametrize("minutes", WIDTHS)
@pytest.mark.parametrize("code", ["XNYS", "24/7", "XBOM", "XTKS"])
def test_bars_equal_the_naive_ones(code: str, minutes: int) -> None:
    # Mumbai opens at a quarter past; the end of November has an early close in New York.
    first, last = date(2025, 11, 24), date(2025, 12, 2)
    clock = make_bar_clock(code, first, last, minutes)
    made = zip(clock.opens.tolist(), clock.closes.tolist(), clock.slots.tolist(), strict=True)
    assert list(made) == naive_bars(code, first, last, minutes)
    np.testing.assert_array_equal(clock.sessions.astype("datetime64[ns]").astype(int), clock.closes)
    assert clock.bar_minutes == minutes


def test_hours_of_new_york_close_on_the_hour_and_the_first_is_half_as_long() -> None:
    clock = make_bar_clock("XNYS", date(2025, 12, 10), date(2025, 12, 10), 60)
    hours = ["15:00", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00"]
    assert [str(label) for label in clock.sessions] == [f"2025-12-10T{hour}:00" for hour in hours]
    assert ((clock.closes - clock.opens) // MINUTE).tolist() == [30, 60, 60, 60, 60, 60, 60]


def test_the_same_slot_is_the_same_time_in_new_york_before_and_after_summer_time() -> None:
    clock = make_bar_clock("XNYS", FIRST, LAST, 5)
    assert clock.slots[at(clock, "2025-10-31T13:35")] == 0  # 9:35 in summer
    assert clock.slots[at(clock, "2025-11-03T14:35")] == 0  # 9:35 in winter
    per_session = np.diff(np.append(np.flatnonzero(clock.slots == 0), len(clock)))
    # Full sessions have 78 bars of five minutes; 28 November and 24 December close at 13:00.
    assert np.bincount(per_session)[[42, 78]].tolist() == [2, len(per_session) - 2]


def test_an_early_close_ends_the_bars() -> None:
    clock = make_bar_clock("XNYS", date(2025, 11, 28), date(2025, 12, 1), 60)
    assert str(clock.sessions[3]) == "2025-11-28T18:00:00"
    assert str(clock.sessions[4]) == "2025-12-01T15:00:00"
    assert clock.slots[:5].tolist() == [0, 1, 2, 3, 0]


def test_the_clock_that_never_closes_has_no_closure_between_bars() -> None:
    clock = make_bar_clock("24/7", date(2025, 11, 1), date(2025, 11, 3), 60)
    assert len(clock) == 72
    np.testing.assert_array_equal(clock.opens[1:], clock.closes[:-1])
    assert clock.slots[22:26].tolist() == [22, 23, 0, 1]
    assert str(clock.days[23]) == "2025-11-01"  # its last bar closes at midnight of the next


def test_day_0_is_the_first_bar_that_closes_after_the_news() -> None:
    clocks = {code: make_bar_clock(code, FIRST, LAST, 60) for code in ("XNYS", "24/7")}
    oracle = news("2025-12-10 16:05")
    assert str(event_session("e", oracle, clocks["XNYS"]).session) == "2025-12-11T15:00:00"
    assert str(event_session("e", oracle, clocks["24/7"]).session) == "2025-12-10T22:00:00"
    at_a_close = news("2025-12-10 15:00")
    assert str(event_session("e", at_a_close, clocks["XNYS"]).session) == "2025-12-10T21:00:00"


def test_overlaps_count_bars() -> None:
    clock = make_bar_clock("XNYS", FIRST, LAST, 5)
    cut = event_session("fomc", news("2025-12-10 14:00"), clock)
    report = event_session("oracle", news("2025-12-10 16:05"), clock)
    found = find_overlaps([report], [cut], {"event": (-30, 10)}, {})
    # 14:05 to 16:00 are 24 bars, and day 0 is the next one.
    assert [one.tau for one in found] == [-24]


@pytest.mark.parametrize("minutes", [0, -5, 7, 45, 90])
def test_a_width_that_does_not_divide_an_hour_is_refused(minutes: int) -> None:
    with pytest.raises(UsageError, match="must divide an hour"):
        make_bar_clock("XNYS", FIRST, LAST, minutes)


def test_sessions_are_days_of_their_own() -> None:
    clock = make_clock("XNYS", FIRST, LAST)
    np.testing.assert_array_equal(clock.days, clock.sessions)
    bars = make_bar_clock("XNYS", FIRST, LAST, 60)
    np.testing.assert_array_equal(bars.days, bars.sessions.astype("datetime64[D]"))


def test_days_that_follow_change_no_bar() -> None:
    short = make_bar_clock("XNYS", FIRST, LAST - timedelta(days=30), 5)
    long = make_bar_clock("XNYS", FIRST, LAST, 5)
    for name in ("sessions", "opens", "closes", "slots"):
        np.testing.assert_array_equal(getattr(long, name)[: len(short)], getattr(short, name))
