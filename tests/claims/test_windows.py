"""Windows of claims, placed by hand on calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from eventlab.claims.types import Untestable
from eventlab.claims.windows import place_window
from eventlab.definitions.claim import ClaimDefinition
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.questions import Question
from eventlab.timeline.clock import make_clock

NYSE = make_clock("XNYS", date(2025, 1, 1), date(2025, 12, 31))
ALWAYS = make_clock("24/7", date(2025, 1, 1), date(2025, 12, 31))
EVENT = EventDefinition.model_validate(
    {
        "event": "news",
        "title": "News",
        "kind": "other",
        "occurrences": [
            {"id": "a", "announced_at": "2025-12-10 16:05", "zone": "America/New_York"},
            {"id": "b", "announced_at": "2026-12-10 16:05", "zone": "America/New_York"},
        ],
    }
)


def question(occurrence: str | None = None, **said: Any) -> Question:
    claim = ClaimDefinition(id="c", statement="s", measure="return", occurrence=occurrence, **said)
    found = {one.id: one for one in EVENT.resolved_occurrences()}
    return Question("o", claim, "", EVENT, found.get(occurrence or ""))


CASES = [
    # clock, window, asked, base, last, returns, words
    (
        NYSE,
        "3 bars",
        {"as_of": "2025-12-10"},
        "2025-12-05",
        "2025-12-10",
        3,
        "3 sessions to 2025-12-10",
    ),
    (
        NYSE,
        "1 bar",
        {"as_of": "2025-12-07"},
        "2025-12-04",
        "2025-12-05",
        1,
        "1 session to 2025-12-05",
    ),
    (
        ALWAYS,
        "7 bars",
        {"as_of": "2025-12-07"},
        "2025-11-30",
        "2025-12-07",
        7,
        "7 days to 2025-12-07",
    ),
    (
        NYSE,
        "1 month",
        {"as_of": "2025-12-11"},
        "2025-11-11",
        "2025-12-11",
        21,
        "1 month to 2025-12-11",
    ),
    (
        NYSE,
        "3 months",
        {"as_of": "2025-05-31"},
        "2025-02-28",
        "2025-05-30",
        63,
        "3 months to 2025-05-30",
    ),
    (  # as_of is a Sunday: August from the close of July
        NYSE,
        "1 month",
        {"as_of": "2025-08-31"},
        "2025-07-31",
        "2025-08-29",
        21,
        "1 month to 2025-08-29",
    ),
    (
        NYSE,
        "3 days",
        {"as_of": "2025-12-14"},
        "2025-12-11",
        "2025-12-12",
        1,
        "3 days to 2025-12-12",
    ),
    (
        NYSE,
        "1 week",
        {"as_of": "2025-11-24"},
        "2025-11-17",
        "2025-11-24",
        5,
        "1 week to 2025-11-24",
    ),
    (
        ALWAYS,
        "1 week",
        {"as_of": "2025-11-24"},
        "2025-11-17",
        "2025-11-24",
        7,
        "1 week to 2025-11-24",
    ),
    (
        NYSE,
        "5 bars",
        {"occurrence": "a"},
        "2025-12-03",
        "2025-12-10",
        5,
        "5 sessions to 2025-12-10",
    ),
    (
        NYSE,
        (0, 0),
        {"occurrence": "a"},
        "2025-12-10",
        "2025-12-11",
        1,
        "the session 2025-12-11",
    ),
    (
        NYSE,
        (-1, 1),
        {"occurrence": "a"},
        "2025-12-09",
        "2025-12-12",
        3,
        "bars [-1, 1] from 2025-12-11",
    ),
    (
        ALWAYS,
        (0, 0),
        {"occurrence": "a"},
        "2025-12-09",
        "2025-12-10",
        1,
        "the session 2025-12-10",
    ),
    (
        NYSE,
        ("2025-09-17", "2025-12-10"),
        {},
        "2025-09-17",
        "2025-12-10",
        59,
        "2025-09-17 to 2025-12-10",
    ),
    (
        NYSE,
        ("2025-11-22", "2025-11-30"),
        {},
        "2025-11-21",
        "2025-11-28",
        4,
        "2025-11-21 to 2025-11-28",
    ),
    (NYSE, None, {"as_of": "2025-12-11"}, "2025-12-10", "2025-12-11", 1, "the session 2025-12-11"),
    (NYSE, None, {"occurrence": "a"}, "2025-12-10", "2025-12-11", 1, "the session 2025-12-11"),
]


@pytest.mark.parametrize(("clock", "window", "asked", "base", "last", "n", "words"), CASES)
def test_where_a_window_lies(
    clock: Any, window: Any, asked: dict[str, Any], base: str, last: str, n: int, words: str
) -> None:
    found = place_window(window, question(**asked), clock)
    assert (found.first_day, found.last_day, found.n, found.words) == (base, last, n, words)
    days = clock.sessions[found.rows]
    assert (len(days), str(days[-1])) == (n, last)
    assert np.datetime64(base) < days[0]


@pytest.mark.parametrize(
    ("window", "asked", "reason"),
    [
        ("3 months", {"as_of": "2025-02-01"}, "does not lie within the data's calendar"),
        ("3 months", {"as_of": "2024-02-01"}, "3 months to 2024-02-01 does not lie within"),
        ("99999 years", {"as_of": "2025-02-01"}, "99999 years to 2025-01-31 does not lie within"),
        ("99999 days", {"as_of": "2025-02-01"}, "does not lie within"),
        (None, {"as_of": "2027-02-01"}, "the session 2027-02-01 does not lie within"),
        (None, {"as_of": "2025-12-13"}, "2025-12-13 is no session of XNYS"),  # a Saturday
        ((0, 1), {"as_of": "2025-02-01"}, "names neither a day"),
        (None, {}, "names neither a day"),
        (("2019-01-01", "2025-02-01"), {}, "2019-01-01 to 2025-01-31 does not lie within"),
        (("2025-02-01", "2025-02-02"), {}, "no session of XNYS lies between 2025-02-01 and"),
        ("2 days", {"as_of": "2025-02-02"}, "no session of XNYS lies in the 2 days to 2025-02-02"),
        ((0, 400), {"occurrence": "a"}, "does not lie within"),
        ((0, 0), {"occurrence": "b"}, "is not before the last close"),
    ],
)
def test_a_window_outside_of_the_data(window: Any, asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(Untestable, match=reason):
        place_window(window, question(**asked), NYSE)


def test_a_day_of_a_later_year_is_not_slid_to_the_last_session() -> None:
    for window, asked in (
        ("5 bars", {"as_of": "2026-01-01"}),
        ("1 month", {"as_of": "2026-01-01"}),
        (("2025-12-01", "2026-01-01"), {}),
        (None, {"as_of": "2027-01-01"}),
    ):
        with pytest.raises(Untestable, match="does not lie within"):
            place_window(window, question(**asked), NYSE)
    new_year = place_window("5 bars", question(as_of="2025-12-31"), NYSE)
    assert new_year.last_day == "2025-12-31"
