"""What only a calendar can find wrong in an event file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from eventlab.definitions.event import EventDefinition
from eventlab.timeline import calendar_problems, make_clock

if TYPE_CHECKING:
    from collections.abc import Mapping

# 800 occurrences take 0.02 s once the calendar is built; the bound leaves room for a busy machine.

NOT_A_CODE = "'XNYY' is no calendar; did you mean XNYS?"


def event(*occurrences: Mapping[str, str], clock: str = "XNYS", **defaults: str) -> EventDefinition:
    return EventDefinition.model_validate(
        {
            "event": "some-event",
            "title": "Something",
            "kind": "earnings",
            "defaults": {"zone": "America/New_York", "precision": "session", **defaults},
            "occurrences": occurrences,
            "study": {"clock": clock, "assets": ["NVDA"], "benchmark": "SPY"},
        }
    )


def reports(*days: str, **defaults: str) -> EventDefinition:
    listed = ({"id": day, "announced_at": day} for day in days)
    return event(*listed, **{"session": "after_close", **defaults})


def test_nothing_is_wrong_with_open_days() -> None:
    assert calendar_problems(reports("2025-11-19", "2025-11-28", "2025-12-10")) == ()


def test_a_weekend_and_a_holiday_are_named_with_the_sessions_around_them() -> None:
    assert calendar_problems(reports("2025-11-16", "2025-11-19", "2025-11-27")) == (
        (
            ("occurrences", 0, "announced_at"),
            (
                "XNYS has no session on 2025-11-16 (Sunday, weekend); the nearest sessions are "
                "2025-11-14 and 2025-11-17; correct the date, or write precision: date"
            ),
        ),
        (
            ("occurrences", 2, "announced_at"),
            (
                "XNYS has no session on 2025-11-27 (Thursday, holiday); the nearest sessions are "
                "2025-11-26 and 2025-11-28; correct the date, or write precision: date"
            ),
        ),
    )


def test_weekends_are_the_exchanges_own() -> None:
    """Saudi Arabia trades on Sunday and rests on Friday and Saturday."""
    found = calendar_problems(reports("2025-11-16", "2025-11-14", exchange="XSAU"))
    assert found == (
        (
            ("occurrences", 1, "announced_at"),
            (
                "XSAU has no session on 2025-11-14 (Friday, weekend); the nearest sessions are "
                "2025-11-13 and 2025-11-16; correct the date, or write precision: date"
            ),
        ),
    )


def test_a_known_minute_or_a_mere_date_may_fall_on_a_closed_day() -> None:
    sunday = {"id": "a", "announced_at": "2020-03-15 17:00", "precision": "minute"}
    saturday = {"id": "b", "announced_at": "2025-10-11", "precision": "date"}
    assert calendar_problems(event(sunday, saturday)) == ()


def test_the_market_that_never_closes_has_no_closed_days() -> None:
    assert calendar_problems(reports("2025-11-16", exchange="24/7")) == ()


def test_unknown_codes_are_found_wherever_they_stand() -> None:
    one = {"id": "a", "announced_at": "2025-11-16", "session": "after_close", "exchange": "XNYY"}
    found = calendar_problems(event(one, clock="XNYY", exchange="XNYY"))
    assert found == (
        (("defaults", "exchange"), NOT_A_CODE),
        (("occurrences", 0, "exchange"), NOT_A_CODE),
        (("study", "clock"), NOT_A_CODE),
    )


def test_the_clocks_of_a_contagion_are_known_too() -> None:
    section: dict[str, object] = {"source": "ORCL", "targets": ["NVDA"], "calm_window": [-120, -6]}
    section |= {"crisis_window": [0, 10], "clock": "XNYY", "intraday": {"clock": "XNYY"}}
    data = reports("2025-11-19").model_dump(exclude_unset=True) | {"contagion": section}
    assert calendar_problems(EventDefinition.model_validate(data)) == (
        (("contagion", "clock"), NOT_A_CODE),
        (("contagion", "intraday", "clock"), NOT_A_CODE),
    )


def test_a_date_before_its_calendar_begins() -> None:
    assert calendar_problems(reports("1996-05-07", exchange="XTKS")) == (
        (
            ("occurrences", 0, "announced_at"),
            (
                "calendar XTKS begins on 1997-01-01, and 1996-05-07 lies before it; "
                "choose later dates or another calendar"
            ),
        ),
    )


def test_eight_hundred_occurrences_name_exactly_the_closed_days() -> None:
    weekdays = [date(2010, 1, 4) + timedelta(days=7 * week) for week in range(800)]
    definition = reports(*map(str, weekdays))
    found = calendar_problems(definition)
    # Exactly the Mondays on which New York was closed.
    sessions = make_clock("XNYS", weekdays[0], weekdays[-1]).sessions
    closed = ~np.isin(np.array(weekdays, dtype="datetime64[D]"), sessions)
    assert [path[1] for path, _ in found] == np.flatnonzero(closed).tolist()
    assert closed.sum() > 50
