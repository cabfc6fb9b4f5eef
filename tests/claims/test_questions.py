"""Claims as questions: whose, about what, and which prices they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.definitions.questions import questions_of
from eventlab.definitions.workspace import load_workspace
from eventlab.errors import UsageError
from eventlab.market.workspace_market import (
    claim_symbols,
    contagion_symbols,
    market_for,
    modelled_events,
    studied_symbols,
)
from tests.claims.model_world import workspace, world

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.definitions.workspace import Workspace
    from eventlab.market.types import Market

IN_EVENT = """\
source: The wire
claims:
  - {id: fell, statement: s, measure: return, symbols: ["@issuer"], occurrence: two, window: [0, 0],
     published: negative}
  - {id: mine, statement: s, source: A friend, measure: none, needs: x}
"""
PRESS = """\
title: Press
source: A newspaper
claims:
  - {id: car, statement: s, measure: event_car, event: news, symbols: ["@issuer", YYY],
     window: [0, 1], published: none}
  - {id: funding, statement: s, measure: funding_sign, symbols: [ZZZ], window: 1 week,
     as_of: 2023-06-01, published: negative}
  - {id: verdict, statement: s, measure: contagion_verdict, event: news, occurrence: one,
     symbols: ["@followers"], published: contagion}
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder: Path = tmp_path_factory.mktemp("questions")
    workspace(folder)
    news = folder / "events/news.yaml"
    news.write_text(news.read_text("utf-8") + IN_EVENT, "utf-8")
    (folder / "events/claims-press.yaml").write_text(PRESS, "utf-8")
    return load_workspace(folder)


def test_event_files_come_first_and_files_of_claims_after(space: Workspace) -> None:
    found = questions_of(space)
    assert [(each.owner, each.claim.id) for each in found] == [
        ("news", "fell"),
        ("news", "mine"),
        ("claims-press", "car"),
        ("claims-press", "funding"),
        ("claims-press", "verdict"),
    ]
    assert [each.source for each in found] == ["", "A friend", *["A newspaper"] * 3]


def test_a_claim_knows_its_event_and_occurrence(space: Workspace) -> None:
    fell, mine, car, funding, verdict = questions_of(space)
    assert fell.event is mine.event is car.event is verdict.event is space.events["news"]
    assert funding.event is None
    occurrences = [
        one.occurrence.id if one.occurrence else "" for one in (fell, mine, car, verdict)
    ]
    assert occurrences == ["two", "", "", "one"]


def test_some_of_them(space: Workspace) -> None:
    assert next(each.claim.id for each in questions_of(space, ["claims-press"])) == "car"
    assert [each.claim.id for each in questions_of(space, ["news", "news"])] == ["fell", "mine"]
    assert [each.claim.id for each in questions_of(space, ids=["verdict", "fell"])] == [
        "fell",
        "verdict",
    ]
    assert questions_of(space, []) == ()
    with pytest.raises(UsageError, match="'new' is neither an event nor a file of claims; did you"):
        questions_of(space, ["new"])
    with pytest.raises(UsageError, match="'car' is no claim"):
        questions_of(space, ["news"], ["car"])


@pytest.mark.parametrize(
    ("claim", "symbols"),
    [
        ("fell", {"XXX"}),  # the issuer of the occurrence
        ("mine", set()),
        ("car", {"XXX", "YYY", "MKT"}),  # and the benchmark of the study
        ("funding", {"ZZZ-FUNDING"}),
        ("verdict", {"YYY", "ZZZ", "XXX", "MKT"}),  # the source, and the market factor
    ],
)
def test_symbols_that_are_loaded(space: Workspace, claim: str, symbols: set[str]) -> None:
    found = claim_symbols(questions_of(space, ids=[claim]), space)
    assert set(found) == symbols
    assert len(found) == len(symbols)


def test_a_market_for_claims_holds_what_they_name_and_what_events_read_that_they_model(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[str]] = []

    def loaded(_: str, symbols: dict[str, set[int]], *__: object) -> Market:
        asked.append(set(symbols))
        return world()

    monkeypatch.setattr("eventlab.market.workspace_market.load_market", loaded)
    assert market_for(space, "prices", events=(), claims=True).workspace is space
    market_for(space, "prices", events=())
    market_for(space, "prices", claims=True)
    named = set(claim_symbols(questions_of(space), space))
    (event,) = modelled_events(questions_of(space))
    read = {*studied_symbols(event, space), *contagion_symbols(event, space)}
    assert asked[0] == named | read
    assert asked[1] == set()
    assert asked[2] >= asked[0]
