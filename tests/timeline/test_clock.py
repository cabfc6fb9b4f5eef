"""Clocks: labels, opens, closes, bounds and errors."""

from __future__ import annotations

import subprocess
import sys
import warnings
from datetime import date

import numpy as np
import pytest

from eventlab.errors import UsageError
from eventlab.timeline import (
    ClockBoundsError,
    build_problem,
    calendar_bounds,
    canonical_code,
    check_calendar,
    clock_codes,
    is_session,
    make_clock,
)

# A build takes 0.15 s of the processor; the bound leaves room for a slower one.

CODES = ["XNYS", "XLON", "XTKS", "XASX", "XHKG", "XKRX", "CMES", "24/5", "24/7"]


def instants(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[ns]").astype(np.int64)


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def test_new_york_week_with_a_holiday_and_an_early_close() -> None:
    clock = make_clock("XNYS", date(2025, 11, 26), date(2025, 12, 1))
    assert clock.code == "XNYS"
    np.testing.assert_array_equal(clock.sessions, days("2025-11-26", "2025-11-28", "2025-12-01"))
    np.testing.assert_array_equal(
        clock.opens, instants("2025-11-26T14:30", "2025-11-28T14:30", "2025-12-01T14:30")
    )
    np.testing.assert_array_equal(
        clock.closes, instants("2025-11-26T21:00", "2025-11-28T18:00", "2025-12-01T21:00")
    )


@pytest.mark.parametrize(
    ("code", "first", "last", "closes"),
    [
        ("XNYS", date(2025, 3, 7), date(2025, 3, 10), ("2025-03-07T21:00", "2025-03-10T20:00")),
        ("XNYS", date(2025, 10, 31), date(2025, 11, 3), ("2025-10-31T20:00", "2025-11-03T21:00")),
        ("XASX", date(2025, 4, 4), date(2025, 4, 7), ("2025-04-04T05:00", "2025-04-07T06:00")),
        ("XASX", date(2025, 10, 3), date(2025, 10, 6), ("2025-10-03T06:00", "2025-10-06T05:00")),
        ("XLON", date(2025, 3, 28), date(2025, 3, 31), ("2025-03-28T16:30", "2025-03-31T15:30")),
    ],
)
def test_closes_are_instants_across_daylight_saving(
    code: str, first: date, last: date, closes: tuple[str, str]
) -> None:
    np.testing.assert_array_equal(make_clock(code, first, last).closes, instants(*closes))


def test_the_market_that_never_closes() -> None:
    clock = make_clock("24/7", date(2024, 2, 28), date(2024, 3, 1))
    np.testing.assert_array_equal(clock.sessions, days("2024-02-28", "2024-02-29", "2024-03-01"))
    np.testing.assert_array_equal(
        clock.opens, instants("2024-02-28T00:00", "2024-02-29T00:00", "2024-03-01T00:00")
    )
    np.testing.assert_array_equal(
        clock.closes, instants("2024-02-29T00:00", "2024-03-01T00:00", "2024-03-02T00:00")
    )


@pytest.mark.parametrize("code", CODES)
def test_every_clock_ascends_and_its_sessions_do_not_overlap(code: str) -> None:
    clock = make_clock(code, date(2000, 1, 1), date(2026, 12, 31))
    assert clock.sessions.dtype == np.dtype("datetime64[D]")
    assert clock.opens.dtype == clock.closes.dtype == np.dtype(np.int64)
    assert (np.diff(clock.sessions) > np.timedelta64(0, "D")).all()
    assert (clock.opens < clock.closes).all()
    assert (clock.opens[1:] >= clock.closes[:-1]).all()


@pytest.mark.parametrize("code", CODES)
def test_a_longer_range_leaves_the_earlier_sessions_as_they_were(code: str) -> None:
    low, high = calendar_bounds(code)
    short = make_clock(code, date(2010, 3, 1), date(2020, 6, 30))
    # Beyond 1990 to 2029 another build of the calendar answers.
    wide = make_clock(code, max(low, date(1985, 1, 1)), min(high, date(2034, 12, 31)))
    first, last = np.searchsorted(wide.sessions, [short.sessions[0], short.sessions[-1]])
    np.testing.assert_array_equal(wide.sessions[first : last + 1], short.sessions)
    np.testing.assert_array_equal(wide.opens[first : last + 1], short.opens)
    np.testing.assert_array_equal(wide.closes[first : last + 1], short.closes)


def test_both_ends_are_included_and_a_closed_range_is_empty() -> None:
    one = make_clock("XNYS", date(2025, 12, 10), date(2025, 12, 10))
    np.testing.assert_array_equal(one.sessions, days("2025-12-10"))
    assert len(make_clock("XNYS", date(2025, 12, 13), date(2025, 12, 14))) == 0


def test_a_clock_is_cached_and_cannot_be_written_to() -> None:
    clock = make_clock("XNYS", date(2020, 1, 1), date(2020, 12, 31))
    assert make_clock("XNYS", date(2020, 1, 1), date(2020, 12, 31)) is clock
    with pytest.raises(ValueError, match="read-only"):
        clock.closes[0] = 0


def test_is_session() -> None:
    clock = make_clock("XNYS", date(2025, 11, 1), date(2025, 12, 31))
    assert is_session(clock, date(2025, 11, 28))
    assert is_session(clock, np.datetime64("2025-11-28T09:00"))
    assert not is_session(clock, date(2025, 11, 27))  # Thanksgiving
    assert not is_session(clock, date(2025, 11, 29))
    assert not is_session(clock, date(2026, 1, 2))  # a session that the clock does not hold


def test_position_after_is_strict() -> None:
    clock = make_clock("XNYS", date(2025, 12, 10), date(2025, 12, 12))
    close = int(clock.closes[0])
    assert [clock.position_after(each) for each in (close - 1, close, close + 1)] == [0, 1, 1]
    assert clock.position_after(int(clock.closes[-1])) == len(clock)


def test_codes_and_aliases() -> None:
    codes = clock_codes()
    assert list(codes) == sorted(codes)
    assert {"XNYS", "NASDAQ", "XTKS", "24/7"} <= set(codes)
    assert canonical_code("NASDAQ") == "XNYS"
    assert canonical_code("24/7") == "24/7"
    assert make_clock("NYSE", date(2025, 1, 2), date(2025, 1, 2)).code == "XNYS"


def test_bounds() -> None:
    assert calendar_bounds("XTKS")[0] == date(1997, 1, 1)
    assert calendar_bounds("XHKG") == (date(1960, 1, 1), date(2049, 12, 31))
    assert calendar_bounds("24/7") == (date(1900, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("xnys", "'xnys' is no calendar; did you mean XNYS?"),
        ("24-7", "'24-7' is no calendar; did you mean 24/7?"),
        (
            "crypto",
            (
                "'crypto' is no calendar; use an exchange_calendars code such as XNYS, XLON or "
                "XTKS, or 24/7"
            ),
        ),
    ],
)
def test_unknown_codes_name_the_nearest(code: str, message: str) -> None:
    assert check_calendar(code) == build_problem(code) == message
    with pytest.raises(UsageError) as caught:
        make_clock(code, date(2020, 1, 1), date(2020, 12, 31))
    assert str(caught.value) == message


def test_a_known_code_has_no_problem() -> None:
    assert [check_calendar(code) for code in CODES] == [None] * len(CODES)
    assert build_problem("XLON") is None


def test_a_range_that_runs_backwards() -> None:
    with pytest.raises(UsageError) as caught:
        make_clock("XNYS", date(2025, 2, 1), date(2025, 1, 1))
    assert str(caught.value) == "clock XNYS: end 2025-01-01 lies before start 2025-02-01; swap them"


@pytest.mark.parametrize(
    ("code", "start", "end", "message"),
    [
        (
            "XTKS",
            date(1990, 1, 1),
            date(2020, 1, 1),
            (
                "calendar XTKS begins on 1997-01-01, and 1990-01-01 lies before it; "
                "choose later dates or another calendar"
            ),
        ),
        (
            "XHKG",
            date(2020, 1, 1),
            date(2060, 1, 1),
            (
                "calendar XHKG ends on 2049-12-31, and 2060-01-01 lies after it; "
                "choose earlier dates or another calendar"
            ),
        ),
        (
            "24/7",
            date(2020, 1, 1),
            date(2300, 1, 1),
            (
                "calendar 24/7 ends on 2099-12-31, and 2300-01-01 lies after it; "
                "choose earlier dates or another calendar"
            ),
        ),
    ],
)
def test_dates_outside_a_calendar_name_the_bound(
    code: str, start: date, end: date, message: str
) -> None:
    with pytest.raises(ClockBoundsError) as caught:
        make_clock(code, start, end)
    assert str(caught.value) == message


def test_every_code_is_built_or_says_that_it_cannot_be() -> None:
    """The cheap ones of all calendars: none may end in an exception that is not ours."""
    for code in ("XTAE", "ASEX", "XSAU", "XBOM", "us_futures"):
        problem = build_problem(code)
        assert problem is None or problem.startswith(f"calendar {code} cannot be built")


def test_the_callers_warnings_are_left_alone() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        make_clock("XLON", date(2031, 1, 1), date(2031, 6, 30))
        warnings.warn("still heard", DeprecationWarning, stacklevel=1)
    assert [str(each.message) for each in seen] == ["still heard"]


def test_import_and_the_open_market_need_no_exchange_calendars() -> None:
    code = (
        "import sys; from datetime import date; import eventlab.timeline as t; "
        "t.make_clock('24/7', date(2020, 1, 1), date(2021, 1, 1)); t.check_calendar('24/7'); "
        "sys.exit(bool({'pandas', 'exchange_calendars', 'pydantic'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own words
    assert run.returncode == 0
