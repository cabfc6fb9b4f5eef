"""Claims as questions: whose, and about what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.definitions.questions import questions_of
from eventlab.errors import UsageError
from tests.claims.press_world import press_space

if TYPE_CHECKING:
    from eventlab.definitions.workspace import Workspace


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return press_space(tmp_path_factory.mktemp("questions"))


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
    with pytest.raises(UsageError, match=r"'car' is no claim; there are none$"):
        questions_of(space, [], ["car"])
