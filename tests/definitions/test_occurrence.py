"""What an occurrence means once everything is filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from eventlab.definitions import EventDefinition, ResolvedOccurrence
from eventlab.definitions.wall_time import find_zone, parse_offset, readings, written_offset

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW_YORK = ZoneInfo("America/New_York")


def event(*occurrences: Mapping[str, object], **more: object) -> EventDefinition:
    data = {"event": "fed", "title": "Fed", "kind": "central_bank", "occurrences": occurrences}
    return EventDefinition.model_validate(data | more)


def test_what_is_left_out_comes_from_the_file() -> None:
    said = event(
        {"id": "a", "announced_at": "2025-12-10"},
        {
            "id": "b",
            "announced_at": "2025-12-11 14:00:30",
            "zone": "Europe/London",
            "precision": "minute",
            "exchange": "XLON",
            "issuer": "ARM",
            "title": "Second",
            "tags": ["cut"],
            "facts": {"change_bp": -25},
            "confidence": "sure",
        },
        issuer="ORCL",
        defaults={"zone": "America/New_York", "precision": "session", "session": "before_open"},
    )
    assert said.resolved_occurrences() == (
        ResolvedOccurrence(
            event="fed",
            id="a",
            index=0,
            title="Fed",
            date=date(2025, 12, 10),
            announced_at=None,
            zone="America/New_York",
            precision="session",
            session="before_open",
            exchange="XNYS",
            issuer="ORCL",
        ),
        ResolvedOccurrence(
            event="fed",
            id="b",
            index=1,
            title="Second",
            date=date(2025, 12, 11),
            announced_at=datetime(2025, 12, 11, 14, 0, 30, tzinfo=ZoneInfo("Europe/London")),
            zone="Europe/London",
            precision="minute",
            session=None,
            exchange="XLON",
            issuer="ARM",
            tags=("cut",),
            facts={"change_bp": -25},
            surprise={},
            confidence="sure",
        ),
    )
    assert said.resolved_occurrences()[1].full_id == "fed/b"
    assert said.resolved_occurrences()[0].tzinfo == NEW_YORK


@pytest.mark.parametrize(
    ("written", "zone", "instant"),
    [
        ("2025-12-10 16:05", "America/New_York", datetime(2025, 12, 10, 21, 5, tzinfo=UTC)),
        ("2025-07-10T16:05:30", "America/New_York", datetime(2025, 7, 10, 20, 5, 30, tzinfo=UTC)),
        ("2025-12-10 16:05-05:00", "America/New_York", datetime(2025, 12, 10, 21, 5, tzinfo=UTC)),
        ("2025-12-10 16:05 -0500", None, datetime(2025, 12, 10, 21, 5, tzinfo=UTC)),
        ("2025-12-10 21:05Z", None, datetime(2025, 12, 10, 21, 5, tzinfo=UTC)),
        # The hour that happens twice, told apart by its offset.
        ("2025-11-02 01:30-04:00", "America/New_York", datetime(2025, 11, 2, 5, 30, tzinfo=UTC)),
        ("2025-11-02 01:30-05:00", "America/New_York", datetime(2025, 11, 2, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_minute_is_an_instant(written: str, zone: str | None, instant: datetime) -> None:
    (resolved,) = event({"id": "a", "announced_at": written, "zone": zone}).resolved_occurrences()
    assert resolved.announced_at is not None
    assert resolved.announced_at.astimezone(UTC) == instant
    assert resolved.announced_at.replace(tzinfo=None).isoformat(" ")[:16] == written[:16].replace(
        "T", " "
    )
    assert resolved.date.isoformat() == written[:10]
    assert resolved.tzinfo.utcoffset(datetime(2025, 12, 10)) is not None


def test_a_default_session_does_not_touch_a_known_minute() -> None:
    defaults = {"zone": "UTC", "precision": "session", "session": "after_close"}
    occurrence = {"id": "a", "announced_at": "2025-12-10 16:05", "precision": "minute"}
    (resolved,) = event(occurrence, defaults=defaults).resolved_occurrences()
    assert (resolved.precision, resolved.session) == ("minute", None)


def test_a_definition_made_in_python_is_held_to_the_same_rules() -> None:
    with pytest.raises(
        ValidationError, match=r"occurrences\[0\]\.announced_at: .* has no time zone"
    ):
        event({"id": "a", "announced_at": "2025-12-10 16:05"})


def test_a_definition_does_not_change() -> None:
    said = event({"id": "a", "announced_at": "2025-12-10 16:05Z"})
    with pytest.raises(ValidationError, match="frozen"):
        said.title = "Other"  # type: ignore[misc]


ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
# Lord Howe shifts by half an hour, Apia left out a whole day: 2011-12-30.
TIMES = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 12, 31))


@given(TIMES, st.sampled_from([*ZONES, "Pacific/Apia"]))
def test_readings_are_all_instants_that_show_the_time(local: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    found = [each.astimezone(UTC) for each in readings(local, zone)]
    offsets = [timedelta(minutes=15 * step) for step in range(-56, 60)]
    shown = [
        instant
        for offset in offsets
        if (instant := (local - offset).replace(tzinfo=UTC))
        .astimezone(zone)
        .replace(tzinfo=None, fold=0)
        == local
    ]
    assert sorted(found) == sorted(shown)


def test_a_day_that_a_zone_left_out_has_no_reading() -> None:
    assert readings(datetime(2011, 12, 30, 12), ZoneInfo("Pacific/Apia")) == []


@pytest.mark.parametrize("name", ["Mars/Base", "America", "../etc/passwd", "", "localtime", "a\nb"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert find_zone(name) is None


def test_offsets_read_and_write() -> None:
    assert parse_offset("-0530") == timedelta(hours=-5, minutes=-30)
    assert parse_offset("Z") == timedelta(0)
    assert find_zone("UTC-05:30") == timezone(timedelta(hours=-5, minutes=-30))
    zoned = datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))
    assert written_offset(zoned) == "-05:30"
