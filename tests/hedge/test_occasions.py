"""Occurrences on a strategy's clock: which are asked for, where day 0 is, in what order."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.errors import EventlabError, UsageError
from eventlab.hedge.occasions import find_occasions
from eventlab.timeline.clock import make_clock
from tests.hedge.worlds import room, told
from tests.study.worlds import event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.definitions import EventDefinition
    from eventlab.hedge.occasions import Occasions

# Wednesday, Thursday, Friday, Saturday, Monday
NEWS: list[str | dict[str, Any]] = [
    {"announced_at": "2025-06-04 12:00", "issuer": "ORCL", "tags": ["beat"]},
    {"announced_at": "2025-06-05 16:00", "issuer": "NVDA", "tags": ["miss", "late"]},
    {"announced_at": "2025-06-06 09:00", "tags": ["beat"]},
    {"announced_at": "2025-06-07 12:00", "tags": ["miss"]},
    {"announced_at": "2025-06-09 12:00"},
]
JUNE = (date(2025, 6, 2), date(2025, 6, 30))


def news(times: Sequence[str | dict[str, Any]] = NEWS) -> EventDefinition:
    return event("news", times)


def found(
    *events: EventDefinition, days: tuple[date, date] = JUNE, clock: str = "24/7", **said: Any
) -> Occasions:
    strategy = told(events=[each.event for each in events], clock=clock, **said)
    return find_occasions(strategy, room(*events), make_clock(clock, *days))


def ids(of: Occasions) -> list[str]:
    return [each.occurrence for each in of.every]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, ["n0", "n1", "n2", "n3", "n4"]),
        ({"since": "2025-06-05"}, ["n1", "n2", "n3", "n4"]),
        ({"until": "2025-06-06"}, ["n0", "n1", "n2"]),
        ({"since": "2025-06-05", "until": "2025-06-05"}, ["n1"]),
        ({"tags": ["beat"]}, ["n0", "n2"]),
        ({"tags": ["beat", "late"]}, ["n0", "n1", "n2"]),
        ({"tags": ["beat"], "since": "2025-06-05"}, ["n2"]),
    ],
)
def test_periods_hold_both_their_days_and_one_tag_of_several_is_enough(
    said: dict[str, Any], kept: list[str]
) -> None:
    assert ids(found(news(), **said)) == kept


def test_a_period_is_of_local_days_not_of_utc_ones() -> None:
    """20:30 in New York is past midnight UTC: around the clock day 0 is the next."""
    late = news(["2025-06-05 20:30"])
    (one,) = found(late, since="2025-06-05", until="2025-06-05").every
    assert str(one.session) == "2025-06-06"
    with pytest.raises(UsageError, match="lies between 2025-06-06"):
        found(late, since="2025-06-06")


def test_nothing_left_names_events_period_and_tags() -> None:
    with pytest.raises(UsageError) as error:
        found(news(), since="2025-06-07", tags=["beat"])
    assert str(error.value) == (
        "small: no occurrence of news lies between 2025-06-07 and the last "
        "and has one of the tags beat"
    )
    with pytest.raises(UsageError, match=r"between the first and 2020-01-01$"):
        found(news(), until="2020-01-01")


def test_an_unknown_event_is_named() -> None:
    strategy = told(events=["nwes"])
    with pytest.raises(EventlabError, match="nwes"):
        find_occasions(strategy, room(news()), make_clock("24/7", *JUNE))


def test_day_0_is_the_first_session_that_closes_after_the_news() -> None:
    """News at the close of Thursday is Friday's, that of Saturday is Monday's."""
    of = found(news(), clock="XNYS")
    days = [str(each.session)[-2:] for each in of.every]
    assert days == ["04", "06", "06", "09", "09"]
    assert [each.day0 for each in of.every] == [2, 4, 4, 5, 5]
    assert [each.issuer for each in of.every] == ["ORCL", "NVDA", None, None, None]
    assert of.every[1].name == "news/n1"
    assert of.every[1].tags == ("miss", "late")


def test_they_stand_in_order_of_day_0_then_of_the_news_then_of_their_names() -> None:
    """However files and occurrences are ordered: of two at one instant the name decides."""
    others = event("fed", ["2025-06-09 08:00", "2025-06-04 12:00"])
    for events in ((news(NEWS[::-1]), others), (others, news(NEWS[::-1]))):
        of = found(*events, clock="XNYS")
        assert [each.name for each in of.every] == [
            "fed/n1", "news/n4", "news/n3", "news/n2", "news/n1", "fed/n0", "news/n0",
        ]  # fmt: skip


def test_shocks_and_what_is_tagged_unscheduled_nobody_knew_of() -> None:
    surprise = {"announced_at": "2025-06-10 12:00", "tags": ["unscheduled"]}
    assert [each.scheduled for each in found(news([*NEWS[:1], surprise])).every] == [True, False]
    shock = news(NEWS[:1]).model_copy(update={"kind": "shock"})
    assert [each.scheduled for each in found(shock).every] == [False]


def test_what_lies_outside_the_clock_is_listed_with_the_reason() -> None:
    of = found(news(), days=(date(2025, 6, 5), date(2025, 6, 7)))
    assert ids(of) == ["n1", "n2", "n3"]
    (early, why_early), (late, why_late) = of.outside
    assert (early, late) == ("news/n0", "news/n4")
    assert "2025-06-04 16:00" in why_early
    assert "before the first open of clock 24/7" in why_early
    assert "is not before the last close of clock 24/7" in why_late


def test_where_the_tags_leave_one_outside_it_is_not_listed() -> None:
    of = found(news(), days=(date(2025, 6, 5), date(2025, 6, 7)), tags=["miss"])
    assert (ids(of), of.outside) == (["n1", "n3"], ())


def test_an_uncertain_instant_keeps_its_note() -> None:
    """A date alone: by New York's close of that day nobody may have known."""
    (one,) = found(news([{"announced_at": "2025-06-04", "precision": "date"}]), clock="XNYS").every
    assert "only the date is known" in one.note
    assert one.news.earliest < one.news.latest
