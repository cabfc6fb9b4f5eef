"""Which prices claims need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.definitions.questions import questions_of
from eventlab.errors import UsageError
from eventlab.market.workspace_market import (
    claim_symbols,
    contagion_symbols,
    market_for,
    modelled_events,
    studied_symbols,
)
from tests.claims.model_world import world
from tests.claims.press_world import press_space

if TYPE_CHECKING:
    from eventlab.definitions.workspace import Workspace
    from eventlab.market.types import Market


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return press_space(tmp_path_factory.mktemp("symbols"))


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


def test_events_and_strategies_go_by_their_ids_too(space: Workspace) -> None:
    event = next(one for one in space.events.values() if one.study is not None)
    by_id = market_for(space, "sample", events=[event.event])
    assert market_for(space, "sample", events=event.event).symbols == by_id.symbols
    assert by_id.symbols == market_for(space, "sample", events=[event]).symbols
    with pytest.raises(UsageError, match="nothing-of-that-name"):
        market_for(space, "sample", events=["nothing-of-that-name"])
    with pytest.raises(UsageError, match="nothing-of-that-name"):
        market_for(space, "sample", events=(), strategies=["nothing-of-that-name"])
