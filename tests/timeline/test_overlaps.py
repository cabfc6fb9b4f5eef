"""Overlaps: what is listed, what is not, and how long it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.timeline import (
    EventInstant,
    EventSession,
    Overlap,
    event_session,
    find_overlaps,
    make_clock,
)
from tests.timeline.naive_timeline import naive_overlaps
from tests.timeline.occurrences import at

# 300 targets, 800 others and 10,745 hits take 0.03 s: nearly all of it to make the results.

WINDOWS = {"event": (-5, 10), "estimation": (-250, -11)}


def placed(event: str, occurrence: str, position: int) -> EventSession:
    return EventSession(
        event=event,
        occurrence=occurrence,
        clock="XNYS",
        instant=EventInstant(position, position, "minute"),
        session=np.datetime64("2020-01-01") + np.timedelta64(position, "D"),
        position=position,
    )


def test_oracle_on_the_day_after_the_fed() -> None:
    clock = make_clock("XNYS", date(2025, 1, 1), date(2026, 6, 30))

    def session(event: str, occurrence: str, local: str) -> EventSession:
        return event_session(event, replace(at(local), id=occurrence), clock)

    oracle = [
        session("oracle-earnings", "fy2026-q1", "2025-09-09 16:05"),
        session("oracle-earnings", "fy2026-q2", "2025-12-10 16:05"),
    ]
    others = [
        session("ai-earnings", "avgo-2025q4", "2025-12-11 16:15"),
        session("ai-earnings", "orcl-fy2026-q2", "2025-12-10 16:05"),
        session("fomc", "2025-12-10", "2025-12-10 14:00"),
        session("fomc", "2026-01-28", "2026-01-28 14:00"),
    ]
    titles = {"fomc/2025-12-10": "FOMC cuts by 25 bp"}
    assert find_overlaps(oracle, others, WINDOWS, titles) == (
        Overlap("fy2026-q2", "fomc", "2025-12-10", "FOMC cuts by 25 bp", -1, "event"),
        Overlap("fy2026-q2", "ai-earnings", "orcl-fy2026-q2", "orcl-fy2026-q2", 0, "event"),
        Overlap("fy2026-q2", "ai-earnings", "avgo-2025q4", "avgo-2025q4", 1, "event"),
        Overlap("fy2026-q2", "oracle-earnings", "fy2026-q1", "fy2026-q1", -65, "estimation"),
    )


def test_windows_are_inclusive_and_an_event_is_not_its_own_overlap() -> None:
    target = [placed("a", "x", 100)]
    others = [placed("b", str(tau), 100 + tau) for tau in (-6, -5, 0, 10, 11)]
    found = find_overlaps(target, [*others, *target], {"event": (-5, 10)}, {})
    assert [each.tau for each in found] == [-5, 0, 10]


def test_nothing_to_look_at() -> None:
    assert find_overlaps([], [], WINDOWS, {}) == ()
    assert find_overlaps([placed("a", "x", 100)], [], WINDOWS, {}) == ()


def test_sessions_of_different_clocks_are_refused() -> None:
    other = replace(placed("b", "y", 100), clock="24/7")
    with pytest.raises(ValueError, match="one clock"):
        find_overlaps([placed("a", "x", 100)], [other], WINDOWS, {})


positions = st.lists(st.integers(0, 60), max_size=12)


def events(name: str, at_positions: list[int]) -> list[EventSession]:
    return [placed(name, f"n{index}", each) for index, each in enumerate(at_positions)]


@given(positions, positions, st.integers(-20, 0), st.integers(0, 20))
def test_agrees_with_looking_at_every_pair(
    target_positions: list[int], other_positions: list[int], first: int, last: int
) -> None:
    target, others = events("a", target_positions), events("b", other_positions)
    windows = {"event": (first, last), "estimation": (-40, first - 1)}
    found = find_overlaps(target, others, windows, {})
    keys = [
        (each.occurrence, each.other_event, each.other_occurrence, each.tau, each.window)
        for each in found
    ]
    assert len(keys) == len(set(keys))
    assert set(keys) == naive_overlaps(target, others, windows)
    # The order of the others is of no consequence.
    assert find_overlaps(target, others[::-1], windows, {}) == found


@given(positions, positions, st.lists(st.integers(61, 90), max_size=6))
def test_later_events_never_change_the_earlier_overlaps(
    target_positions: list[int], other_positions: list[int], later_positions: list[int]
) -> None:
    target, others = events("a", target_positions), events("b", other_positions)
    before = find_overlaps(target, others, WINDOWS, {})
    after = find_overlaps(target, [*others, *events("later", later_positions)], WINDOWS, {})
    assert tuple(each for each in after if each.other_event != "later") == before


def test_every_overlap_of_many_is_found() -> None:
    target = events("fomc", list(range(1000, 8500, 25)))
    others = events("other", list(range(500, 8500, 10)))
    found = find_overlaps(target, others, WINDOWS, {})
    assert len(target) == 300
    assert len(others) == 800
    assert len(found) == 10_745
