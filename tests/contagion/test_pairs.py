"""Which pairs are judged together: the named targets, and apart from them the members of groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.contagion.worlds import CLOCK, ROWS, contagion, home, news
from tests.study.lookup import pick

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion

TIMES = [
    {"announced_at": f"{CLOCK.sessions[at - 1]} 16:05", "tags": ["good" if at < 400 else "bad"]}
    for at in ROWS
]
NAMED, MEMBERS = {"AAA", "BBB", "@tokens"}, {"T1", "T2", "T3"}


@pytest.fixture(scope="module")
def found() -> EventContagion:
    return contagion(news(TIMES, by_tag=["good", "bad"]))


def sizes(table: pd.DataFrame, targets: set[str]) -> set[int]:
    """Over how many pairs the rules of these targets are."""
    rules = " ".join(table[table["target"].isin(targets)]["rule"])
    return {int(n) for n in re.findall(r"over (\d+) pairs", rules)}


def test_named_targets_are_a_family_and_members_another(found: EventContagion) -> None:
    last = pick(found.pairs, occurrence="n3")
    assert sizes(last, NAMED) == {3}
    assert sizes(last, MEMBERS) == {3}
    assert sizes(pick(found.pairs, occurrence="n0"), MEMBERS) == {2}  # T3 is not there yet
    assert sizes(pick(found.averages, tag="all"), NAMED | MEMBERS) == {3}


def test_members_cost_the_named_nothing(found: EventContagion) -> None:
    without = contagion(news(TIMES, targets=["AAA", "BBB"]))
    basket = contagion(news(TIMES, targets=["AAA", "BBB", "@tokens", "T1", "T2", "T3"]))
    adjusted = [
        one.tests.query("target == 'AAA' and test == 'fisher'")["romano_wolf_pvalue"].to_numpy()
        for one in (found, basket)
    ]
    assert (adjusted[0] <= adjusted[1]).all()
    assert (adjusted[0] < adjusted[1]).any()
    keys = ["occurrence", "target", "test", "placebo_pvalue"]
    own = [one.tests[one.tests["target"] == "AAA"][keys] for one in (found, without, basket)]
    for other in own[1:]:
        pd.testing.assert_frame_equal(
            own[0].reset_index(drop=True), other.reset_index(drop=True), check_exact=True
        )


def test_members_are_averaged_over_all_occurrences_only(found: EventContagion) -> None:
    assert set(pick(found.averages, tag="all")["target"]) == NAMED | MEMBERS
    for tag in ("good", "bad"):
        assert set(pick(found.averages, tag=tag)["target"]) == NAMED
        assert set(pick(found.average_tests, tag=tag)["target"]) == NAMED


def test_a_member_that_is_named_too_is_named() -> None:
    found = contagion(news(TIMES, targets=["T1", "@tokens"], by_tag=["good"]))
    last = pick(found.pairs, occurrence="n3")
    assert sizes(last, {"T1", "@tokens"}) == {2}
    assert sizes(last, {"T2", "T3"}) == {2}
    assert set(pick(found.averages, tag="good")["target"]) == {"T1", "@tokens"}


def test_the_issuer_is_named() -> None:
    event = news(TIMES, targets=["@issuer", "@tokens"], issuer="AAA", by_tag=["good"])
    assert home(event).expand(("@issuer",), issuer="AAA") == ("AAA",)
    averages = contagion(event).averages
    assert set(pick(averages, tag="good")["target"]) == {"AAA", "@tokens"}
