"""What a workspace knew of its events at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eventlab.definitions import load_workspace
from eventlab.market.futures import events_known
from tests.market.series import ns

if TYPE_CHECKING:
    from pathlib import Path

EVENT = """
event: fed
title: Decisions
kind: central_bank
defaults: {zone: America/New_York}
occurrences:
  - id: a
    announced_at: "2025-10-29 14:00"
    title: A cut
    tags: [scheduled, cut]
    facts: {bp: -25}
  - id: b
    announced_at: "2025-12-10 14:00"
    title: Another cut
    tags: [scheduled, cut]
    facts: {bp: -25}
    surprise: {bp: {expected: -20, actual: -25}}
  - {id: c, announced_at: "2025-12-12", precision: date, title: A word, tags: [hike]}
"""


def test_calendars_are_known_and_outcomes_are_not(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "fed.yaml").write_text(EVENT)
    workspace = load_workspace(tmp_path)
    was = workspace.event("fed").resolved_occurrences()
    known = events_known(workspace, ns("2025-12-10T18:59"))
    found = known.event("fed").resolved_occurrences()
    assert found[0] == was[0]
    assert [one.announced_at for one in found] == [one.announced_at for one in was]
    assert [one.date for one in found] == [one.date for one in was]
    assert [one.title for one in found] == ["A cut", "Decisions", "Decisions"]
    assert [one.tags for one in found] == [("scheduled", "cut"), ("scheduled",), ()]
    assert [dict(one.facts) for one in found] == [{"bp": -25}, {}, {}]
    assert [dict(one.surprise) for one in found[1:]] == [{}, {}]
    assert workspace.event("fed").resolved_occurrences() == was  # the workspace stays as it is
    strict = events_known(workspace, ns("2025-12-10T18:59"), tags=())
    assert strict.event("fed").resolved_occurrences()[1].tags == ()
    then = events_known(workspace, ns("2025-12-10T19:00")).event("fed").resolved_occurrences()
    assert then[1] == was[1]
    # Of a date alone nothing is known before its day is over, in New York.
    for text, out in (("2025-12-13T04:59", False), ("2025-12-13T05:00", True)):
        last = events_known(workspace, ns(text)).event("fed").resolved_occurrences()[2]
        assert (last == was[2]) == out
    assert datetime(2025, 12, 10, 19, tzinfo=UTC) == was[1].announced_at


def test_every_shipped_event_keeps_its_times() -> None:
    workspace = load_workspace(".")
    known = events_known(workspace, ns("2020-01-01"))
    changed = 0
    for name, one in workspace.events.items():
        other = known.events[name]
        times = [(each.id, each.date, each.announced_at, each.issuer)
                 for each in one.resolved_occurrences()]  # fmt: skip
        assert times == [(each.id, each.date, each.announced_at, each.issuer)
                         for each in other.resolved_occurrences()]  # fmt: skip
        changed += one != other
    assert changed >= 5
    assert known.strategies is workspace.strategies
