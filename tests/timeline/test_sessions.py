"""Day 0 by hand, against the naive twin, and untouched by whatever happens later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.timeline import (
    Clock,
    EventInstant,
    OutsideClock,
    event_instant,
    event_session,
    make_clock,
)
from tests.timeline.naive_timeline import naive_close, naive_day_zero
from tests.timeline.occurrences import NEW_YORK, at, on

if TYPE_CHECKING:
    from eventlab.definitions.occurrence import ResolvedOccurrence

TOKYO, SYDNEY, LONDON = "Asia/Tokyo", "Australia/Sydney", "Europe/London"
CODES = ["XNYS", "XLON", "XTKS", "XASX", "24/7"]

AFTER_ORACLE = 1_765_400_700_000_000_000  # 2025-12-10 21:05 UTC


def clock(code: str) -> Clock:
    return make_clock(code, date(2005, 1, 1), date(2026, 12, 31))


def day_zero(occurrence: ResolvedOccurrence, code: str) -> str:
    return str(event_session("some-event", occurrence, clock(code)).session)


def utc(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.mark.parametrize(
    ("occurrence", "code", "expected"),
    [
        # before the open, during, at the last minute, exactly at the close, after it
        (at("2025-12-10 07:00"), "XNYS", "2025-12-10"),
        (at("2025-12-10 14:00"), "XNYS", "2025-12-10"),  # the FOMC statement
        (at("2025-12-10 15:59"), "XNYS", "2025-12-10"),
        (at("2025-12-10 16:00"), "XNYS", "2025-12-11"),
        (at("2025-12-10 16:05"), "XNYS", "2025-12-11"),  # Oracle
        (at("2025-12-10 16:05"), "24/7", "2025-12-10"),
        # a weekend: the FOMC's emergency statement of a Sunday
        (at("2020-03-15 17:00"), "XNYS", "2020-03-16"),
        (at("2020-03-15 17:00"), "24/7", "2020-03-15"),
        (at("2020-03-15 17:00"), "XASX", "2020-03-16"),
        # a holiday, and the early close of the day after it
        (at("2025-11-27 12:00"), "XNYS", "2025-11-28"),
        (at("2025-11-28 12:59"), "XNYS", "2025-11-28"),
        (at("2025-11-28 13:00"), "XNYS", "2025-12-01"),
        (at("2025-11-28 14:00"), "XNYS", "2025-12-01"),
        # New York's clocks: 20:30 UTC is after the close in summer and before it in winter
        (at("2025-03-07 20:30", "UTC"), "XNYS", "2025-03-07"),
        (at("2025-03-10 20:30", "UTC"), "XNYS", "2025-03-11"),
        (at("2025-10-31 20:30", "UTC"), "XNYS", "2025-11-03"),
        (at("2025-11-03 20:30", "UTC"), "XNYS", "2025-11-03"),
        # Sydney's go the other way round: the close is 05:00 UTC in summer, 06:00 in winter
        (at("2025-04-04 05:30", "UTC"), "XASX", "2025-04-07"),
        (at("2025-04-07 05:30", "UTC"), "XASX", "2025-04-07"),
        (at("2025-10-03 05:30", "UTC"), "XASX", "2025-10-03"),
        (at("2025-10-06 05:30", "UTC"), "XASX", "2025-10-07"),
        # the weeks in which London and New York are four hours apart, not five
        (at("2025-03-14 12:35"), "XLON", "2025-03-17"),
        (at("2025-03-07 11:25"), "XLON", "2025-03-07"),
        # Tokyo: the lunch break is inside the session; the close moved from 15:00 to 15:30
        (at("2025-06-03 12:00", TOKYO), "XTKS", "2025-06-03"),
        (at("2024-11-01 15:10", TOKYO), "XTKS", "2024-11-05"),
        (at("2024-11-05 15:10", TOKYO), "XTKS", "2024-11-05"),
        # midnight UTC closes one day of the open market and belongs to the next
        (at("2025-12-11 00:00", "UTC"), "24/7", "2025-12-11"),
        (at("2025-12-10 23:59", "UTC"), "24/7", "2025-12-10"),
        # one event, many assets: DeepSeek's Monday morning in Asia is New York's Monday
        (at("2025-01-27 09:00", SYDNEY), "XASX", "2025-01-28"),  # Australia Day
        (at("2025-01-27 09:00", SYDNEY), "XNYS", "2025-01-27"),
        (at("2025-01-27 09:00", SYDNEY), "24/7", "2025-01-26"),
        # only the session is known
        (on("2025-11-19", "after_close"), "XNYS", "2025-11-20"),  # Nvidia
        (on("2025-11-19", "before_open"), "XNYS", "2025-11-19"),
        (on("2025-11-28", "after_close"), "XNYS", "2025-12-01"),
        (on("2025-11-19", "after_close"), "XTKS", "2025-11-20"),
        (on("2025-11-19", "before_open", zone=LONDON, exchange="XLON"), "XNYS", "2025-11-19"),
        # only the date is known
        (on("2025-10-10"), "XNYS", "2025-10-10"),
        (on("2025-10-11"), "XNYS", "2025-10-13"),
        (on("2025-10-10", zone="UTC"), "24/7", "2025-10-10"),
    ],
)
def test_day_zero_by_hand(occurrence: ResolvedOccurrence, code: str, expected: str) -> None:
    assert day_zero(occurrence, code) == expected


def test_an_event_session_says_everything() -> None:
    new_york = clock("XNYS")
    found = event_session("oracle-earnings", at("2025-12-10 16:05"), new_york)
    assert found.event == "oracle-earnings"
    assert found.occurrence == "one"
    assert found.clock == "XNYS"
    assert found.instant == EventInstant(AFTER_ORACLE, AFTER_ORACLE, "minute")
    assert new_york.sessions[found.position] == found.session == np.datetime64("2025-12-11")
    assert found.note == ""


@pytest.mark.parametrize(
    ("occurrence", "earliest", "latest"),
    [
        (on("2025-11-19", "after_close"), "2025-11-19T21:00", "2025-11-20T05:00"),
        (on("2025-11-28", "after_close"), "2025-11-28T18:00", "2025-11-29T05:00"),
        (on("2025-11-19", "before_open"), "2025-11-19T05:00", "2025-11-19T14:30"),
        (on("2025-11-19"), "2025-11-19T05:00", "2025-11-20T05:00"),
        # days of 23 and 25 hours
        (on("2025-03-09"), "2025-03-09T05:00", "2025-03-10T04:00"),
        (on("2025-11-02"), "2025-11-02T04:00", "2025-11-03T05:00"),
        # an exchange in another zone than the date never makes the interval run backwards
        (
            on("2025-11-19", "before_open", exchange="XTKS"),
            "2025-11-19T00:00",
            "2025-11-19T00:00",
        ),
        (
            on("2025-11-19", "after_close", zone=TOKYO, exchange="XNYS"),
            "2025-11-19T21:00",
            "2025-11-19T21:00",
        ),
    ],
)
def test_intervals_of_imprecise_news(
    occurrence: ResolvedOccurrence, earliest: str, latest: str
) -> None:
    found = event_instant(occurrence)
    assert found == EventInstant(utc(earliest), utc(latest), occurrence.precision)


@pytest.mark.parametrize(
    ("occurrence", "code", "note"),
    [
        (on("2025-11-19", "after_close"), "XNYS", ""),
        (on("2025-11-19", "before_open"), "XNYS", ""),
        (on("2025-10-10", zone="UTC"), "24/7", ""),  # midnight is the next day's
        (on("2025-10-11"), "XNYS", ""),  # a Saturday
        (
            on("2025-10-10"),
            "XNYS",
            (
                "only the date is known: with news at or after 2025-10-10 20:00 UTC "
                "day 0 would be session 2025-10-13"
            ),
        ),
        (
            on("2025-11-19", "after_close"),
            "24/7",
            (
                "only the session is known: with news at or after 2025-11-20 00:00 UTC "
                "day 0 would be session 2025-11-20"
            ),
        ),
        (
            on("2026-12-31"),
            "XNYS",
            (
                "only the date is known: with news at or after 2026-12-31 21:00 UTC "
                "day 0 would be after the clock's end"
            ),
        ),
    ],
)
def test_the_note_names_what_is_ambiguous(
    occurrence: ResolvedOccurrence, code: str, note: str
) -> None:
    assert event_session("some-event", occurrence, clock(code)).note == note


@pytest.mark.parametrize(
    ("occurrence", "code", "reason"),
    [
        (
            at("2026-12-31 16:00"),
            "XNYS",
            (
                "some-event/one: 2026-12-31 21:00 UTC is not before the last close of clock XNYS, "
                "2026-12-31 21:00 UTC (session 2026-12-31)"
            ),
        ),
        (
            at("2030-01-01 00:00", "UTC"),
            "24/7",
            (
                "some-event/one: 2030-01-01 00:00 UTC is not before the last close of clock 24/7, "
                "2027-01-01 00:00 UTC (session 2026-12-31)"
            ),
        ),
        (
            at("2005-01-03 09:29"),
            "XNYS",
            (
                "some-event/one: 2005-01-03 14:29 UTC is before the first open of clock XNYS, "
                "2005-01-03 14:30 UTC (session 2005-01-03)"
            ),
        ),
        (
            on("2025-11-16", "after_close"),
            "24/7",
            (
                "some-event/one: XNYS has no session on 2025-11-16 (Sunday, weekend); "
                "the nearest sessions are 2025-11-14 and 2025-11-17"
            ),
        ),
        (
            on("2025-11-27", "before_open"),
            "XNYS",
            (
                "some-event/one: XNYS has no session on 2025-11-27 (Thursday, holiday); "
                "the nearest sessions are 2025-11-26 and 2025-11-28"
            ),
        ),
        (
            on("1996-05-07", "after_close", zone=TOKYO, exchange="XTKS"),
            "XNYS",
            (
                "some-event/one: calendar XTKS begins on 1997-01-01, and 1996-05-07 lies before "
                "it; choose later dates or another calendar"
            ),
        ),
    ],
)
def test_no_session_can_be_day_zero(occurrence: ResolvedOccurrence, code: str, reason: str) -> None:
    with pytest.raises(OutsideClock) as caught:
        event_session("some-event", occurrence, clock(code))
    assert caught.value.reason == str(caught.value) == reason


def test_an_empty_clock_holds_no_day_zero() -> None:
    weekend = make_clock("XNYS", date(2025, 12, 13), date(2025, 12, 14))
    with pytest.raises(OutsideClock, match="clock XNYS has no session"):
        event_session("some-event", at("2025-12-13 12:00"), weekend)


def test_first_and_last_instants_that_fit() -> None:
    new_york = clock("XNYS")
    assert event_session("some-event", at("2005-01-03 09:30"), new_york).position == 0
    last = event_session("some-event", at("2026-12-31 15:59"), new_york)
    assert last.position == len(new_york) - 1


@st.composite
def moments(draw: st.DrawFn, code: str) -> datetime:
    """Any minute, or a microsecond around a close, where mistakes live."""
    start = datetime(2005, 1, 10, tzinfo=UTC)
    moment = start + timedelta(minutes=draw(st.integers(0, 60 * 24 * 365 * 21)))
    if draw(st.booleans()):
        closes = naive_close(code, moment.date())
        if closes is not None:
            return closes + timedelta(microseconds=draw(st.integers(-1, 1)))
    return moment


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_agrees_with_the_day_by_day_search(code: str, data: st.DataObject) -> None:
    moment = data.draw(moments(code))
    occurrence = replace(at("2020-01-01 00:00", "UTC"), announced_at=moment, date=moment.date())
    assert day_zero(occurrence, code) == naive_day_zero(code, moment).isoformat()


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_later_sessions_never_change_day_zero(code: str, data: st.DataObject) -> None:
    moment = data.draw(moments(code))
    known = replace(at("2020-01-01 00:00", "UTC"), announced_at=moment, date=moment.date())
    vague = replace(known, announced_at=None, precision="date", zone=NEW_YORK)
    whole = clock(code)
    for occurrence in (known, vague):
        full = event_session("some-event", occurrence, whole)
        # Only day 0 itself and as many later sessions as hypothesis likes.
        kept = full.position + 1 + data.draw(st.integers(0, 20))
        cut = Clock(code, whole.sessions[:kept], whole.opens[:kept], whole.closes[:kept])
        found = event_session("some-event", occurrence, cut)
        # The note may say that the clock ends; everything else is the same bit for bit.
        assert replace(found, note="") == replace(full, note="")
        moved = Clock(code, whole.sessions, whole.opens, whole.closes.copy())
        moved.closes[full.position + 1 :] += 60 * 10**9
        assert replace(event_session("some-event", occurrence, moved), note=full.note) == full


@pytest.mark.parametrize(
    ("code", "zone"), [("XNYS", NEW_YORK), ("XLON", LONDON), ("XTKS", TOKYO), ("XASX", SYDNEY)]
)
@given(row=st.integers(1, 5000))
@settings(max_examples=40, deadline=None)
def test_on_its_own_exchange_a_session_is_never_ambiguous(code: str, zone: str, row: int) -> None:
    """Before the open: that date. After the close: the next session, whatever lies between."""
    own = clock(code)
    day = str(own.sessions[row])
    before = event_session("e", on(day, "before_open", zone=zone, exchange=code), own)
    after = event_session("e", on(day, "after_close", zone=zone, exchange=code), own)
    assert (before.position, before.note) == (row, "")
    assert (after.position, after.note) == (row + 1, "")


def test_a_later_start_moves_the_position_but_not_the_session() -> None:
    occurrence = at("2025-12-10 16:05")
    wide = event_session("some-event", occurrence, clock("XNYS"))
    narrow = make_clock("XNYS", date(2025, 12, 1), date(2025, 12, 31))
    found = event_session("some-event", occurrence, narrow)
    assert found.session == wide.session
    assert found.position == 8


def test_a_moment_of_another_calendar_is_its_own_day_zero() -> None:
    """The same news, each asset on its own calendar."""
    news = at("2025-12-10 16:05")
    assert {code: day_zero(news, code) for code in CODES} == {
        "XNYS": "2025-12-11",
        "XLON": "2025-12-11",
        "XTKS": "2025-12-11",
        "XASX": "2025-12-11",
        "24/7": "2025-12-10",
    }
