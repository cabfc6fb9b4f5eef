"""Clocks: the sessions of an exchange, or of the market that never closes, as plain arrays.

The one module that imports ``exchange_calendars``, and only when an exchange is asked for: the
import takes longer than everything else here.
"""

from __future__ import annotations

import difflib
import warnings
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from eventlab.errors import UsageError
from eventlab.timeline.types import DAY, Clock

__all__ = [
    "ALWAYS_OPEN",
    "ClockBoundsError",
    "build_problem",
    "calendar_bounds",
    "canonical_code",
    "check_calendar",
    "clock_codes",
    "exchange_schedule",
    "is_session",
    "make_clock",
]

ALWAYS_OPEN = "24/7"

# int64 nanoseconds reach from 1677 to 2262, holiday rules not nearly as far.
_FIRST = date(1900, 1, 1)
_LAST = date(2099, 12, 31)

# Building a calendar costs its holiday rules, hardly its length: one build that covers what nearly
# every study needs is shared by all narrower requests (1990 to 2029 of XNYS: 0.15 s), and one of
# all years by the others: a file of occurrences in many decades would build as many calendars.
_CORE_FIRST = 1990
_CORE_LAST = 2029


class ClockBoundsError(UsageError):
    """Sessions were asked for outside the years that a calendar covers."""


@lru_cache(maxsize=512)
def make_clock(code: str, start: date, end: date) -> Clock:
    """Sessions of a calendar whose labels lie between two dates, both included.

    Parameters
    ----------
    code
        An ``exchange_calendars`` code or alias, or ``24/7``: UTC days, each closing at the
        following midnight. An alias gives the clock of its calendar (``NYSE``: ``XNYS``).
    start, end
        First and last label; they need not be sessions themselves.

    Returns
    -------
    Clock
        (T,) read-only arrays; T is 0 where no session lies between the dates. Early closes and
        daylight saving are in ``closes``, which are instants.

    Raises
    ------
    UsageError
        The code is unknown, ``end`` lies before ``start``, or the calendar cannot be built.
    ClockBoundsError
        The calendar does not reach ``start`` or ``end``.
    """
    if end < start:
        raise UsageError(f"clock {code}: end {end} lies before start {start}; swap them")
    whole = exchange_schedule(code, start, end)
    first, last = np.searchsorted(
        whole.sessions, np.array([start, end + timedelta(days=1)], dtype="datetime64[D]")
    )
    return Clock(
        whole.code,
        whole.sessions[first:last],
        whole.opens[first:last],
        whole.closes[first:last],
    )


def is_session(clock: Clock, day: date | np.datetime64) -> bool:
    """Whether a date is a session label of the clock; False outside the clock's range too."""
    label = np.datetime64(day).astype("datetime64[D]")
    row = int(np.searchsorted(clock.sessions, label))
    return row < len(clock) and bool(clock.sessions[row] == label)


def clock_codes() -> tuple[str, ...]:
    """Every code and alias that ``make_clock`` takes, sorted."""
    return tuple(sorted({ALWAYS_OPEN, *_registry()}))


def canonical_code(code: str) -> str:
    """Code that a code or alias stands for (``NASDAQ``: ``XNYS``).

    Raises
    ------
    UsageError
        The code is unknown; the message names the nearest ones.
    """
    if code == ALWAYS_OPEN:
        return code
    if code not in _registry():
        raise UsageError(_unknown(code))
    return _registry()[code]


def check_calendar(code: str) -> str | None:
    """Say what is wrong with a calendar code, or None; builds no calendar."""
    if code == ALWAYS_OPEN or code in _registry():
        return None
    return _unknown(code)


@lru_cache(maxsize=128)
def build_problem(code: str) -> str | None:
    """Say why a calendar cannot be used, or None: as ``check_calendar``, but the calendar is built.

    Costs as much as a first ``make_clock``, which then finds the calendar built.
    """
    problem = check_calendar(code)
    if problem is not None:
        return problem
    first, last = calendar_bounds(canonical_code(code))
    day = min(max(first, date(_CORE_FIRST, 1, 1)), last)
    try:
        exchange_schedule(code, day, day)
    except UsageError as error:
        return str(error)
    return None


def exchange_schedule(code: str, first: date, last: date) -> Clock:
    """Clock that covers at least the days from ``first`` to ``last``; shared, so cut it yourself.

    Raises
    ------
    UsageError, ClockBoundsError
        As ``make_clock``.
    """
    canonical = canonical_code(code)
    low, high = calendar_bounds(canonical)
    for day in (first, last):
        if not low <= day <= high:
            raise ClockBoundsError(_outside(canonical, day, low, high))
    if _CORE_FIRST <= first.year and last.year <= _CORE_LAST:
        return _years(canonical, _CORE_FIRST, _CORE_LAST)
    return _years(canonical, _FIRST.year, _LAST.year)


def _unknown(code: str) -> str:
    by_upper = {name.upper(): name for name in clock_codes()}
    wanted = code.strip().upper()
    near = [wanted] if wanted in by_upper else difflib.get_close_matches(wanted, by_upper, n=3)
    hint = (
        f"did you mean {' or '.join(by_upper[name] for name in near)}?"
        if near
        else f"use an exchange_calendars code such as XNYS, XLON or XTKS, or {ALWAYS_OPEN}"
    )
    return f"{code!r} is no calendar; {hint}"


def _outside(code: str, day: date, low: date, high: date) -> str:
    if day < low:
        bound, side, remedy = f"begins on {low}", "before", "later"
    else:
        bound, side, remedy = f"ends on {high}", "after", "earlier"
    return (
        f"calendar {code} {bound}, and {day} lies {side} it; "
        f"choose {remedy} dates or another calendar"
    )


@lru_cache(maxsize=1)
def _registry() -> dict[str, str]:
    """Every code and alias of exchange_calendars with the code it stands for."""
    from exchange_calendars import calendar_utils  # noqa: PLC0415

    names = calendar_utils.get_calendar_names(include_aliases=True)
    return {str(name): str(calendar_utils.resolve_alias(name)) for name in names}


@lru_cache(maxsize=128)
def calendar_bounds(code: str) -> tuple[date, date]:
    """First and last day that a calendar can be asked for, by its canonical code."""
    if code == ALWAYS_OPEN:
        return _FIRST, _LAST
    from exchange_calendars import calendar_utils  # noqa: PLC0415

    # The only way to a calendar's bounds without building it over a range that ends "now".
    calendar = calendar_utils._default_calendar_factories[code]
    low, high = calendar.bound_min(), calendar.bound_max()
    return (
        _FIRST if low is None else max(_FIRST, low.date()),
        _LAST if high is None else min(_LAST, high.date()),
    )


@lru_cache(maxsize=64)
def _years(code: str, first_year: int, last_year: int) -> Clock:
    low, high = calendar_bounds(code)
    first, last = max(low, date(first_year, 1, 1)), min(high, date(last_year, 12, 31))
    clock = _days(first, last) if code == ALWAYS_OPEN else _exchange(code, first, last)
    for array in (clock.sessions, clock.opens, clock.closes):
        array.flags.writeable = False  # slices of it are handed to everybody
    return clock


def _days(first: date, last: date) -> Clock:
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    opens = days.astype("datetime64[ns]").astype(np.int64)
    return Clock(ALWAYS_OPEN, days, opens, opens + DAY)


def _exchange(code: str, first: date, last: date) -> Clock:
    import exchange_calendars  # noqa: PLC0415
    from pandas.errors import PerformanceWarning  # noqa: PLC0415

    with warnings.catch_warnings():
        # What the library's own code still spells the old way says nothing about the caller's.
        for category in (DeprecationWarning, FutureWarning, PerformanceWarning):
            warnings.simplefilter("ignore", category)
        try:
            calendar = exchange_calendars.get_calendar(
                code, start=first.isoformat(), end=last.isoformat(), side="left"
            )
        except (ValueError, NotImplementedError) as error:
            # A few calendars of the library fail with some versions of pandas, whatever the dates.
            raise UsageError(
                f"calendar {code} cannot be built by exchange_calendars "
                f"{exchange_calendars.__version__} ({type(error).__name__}: {str(error)[:60]}); "
                "choose another calendar"
            ) from error
    return Clock(
        code,
        calendar.sessions.to_numpy().astype("datetime64[D]"),
        np.array(calendar.opens_nanos, dtype=np.int64),
        np.array(calendar.closes_nanos, dtype=np.int64),
    )
