"""Parts that fail, and what is kept of those that do not."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion import parts
from eventlab.contagion.parts import PARTS, Work
from eventlab.contagion.results import EventContagion
from eventlab.errors import DataError
from tests.contagion.worlds import contagion, news

PAIRS_AND_ALL = {"event", "stamp", "seed", "occurrences", "pairs", "tests", "averages"}


@dataclass(frozen=True, slots=True)
class Found:
    network: pd.DataFrame
    exclusions: pd.DataFrame


def counting(work: Work) -> Found:
    """One row per occurrence, and something left out."""
    name = work.system.occurrence
    return Found(
        pd.DataFrame({"occurrence": [name], "statistic": [float(work.seed)]}),
        pd.DataFrame(
            {"bar": ["x"], "occurrence": [name], "symbol": ["T9"], "part": ["y"], "reason": ["z"]}
        ),
    )


def failing(work: Work) -> Found:
    if work.system.occurrence == "n2":
        raise DataError("too few rows for it")
    return Found(pd.DataFrame(), pd.DataFrame(columns=["occurrence", "symbol", "part", "reason"]))


def test_a_part_that_fails_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PARTS", {"bad": failing, "good": counting})
    steps: list[tuple[int, int]] = []
    found = contagion(focus=["n2", "n3"], seed=4, progress=lambda *at: steps.append(at))
    assert found.network.to_dict("records") == [
        {"occurrence": "n2", "statistic": 4.0},
        {"occurrence": "n3", "statistic": 4.0},
    ]
    said = found.exclusions[found.exclusions["part"] != "pairs"]
    assert said.to_numpy().tolist() == [
        ["session", "n2", "all", "bad", "too few rows for it"],
        ["session", "n2", "T9", "y", "z"],
        ["session", "n3", "T9", "y", "z"],
    ]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_mistake_in_a_part_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_work: Work) -> Found:
        raise ZeroDivisionError

    monkeypatch.setattr(parts, "PARTS", {"broken": broken})
    with pytest.raises(ZeroDivisionError):
        contagion(focus=["n2"])


def test_parts_measure_a_group_as_its_basket(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Work] = []

    def look(work: Work) -> Found:
        seen.append(work)
        return failing(work)

    monkeypatch.setattr(parts, "PARTS", {"look": look})
    contagion(news(targets=["AAA", "T2", "@tokens", "@stocks"]), focus=["n3"])
    (work,) = seen
    assert work.system.names == ("SRC", "AAA", "T2", "@tokens", "T1", "T3", "@stocks", "BBB")
    core = work.core
    assert core.names == ("SRC", "AAA", "T2", "@tokens", "@stocks")
    for at, name in enumerate(core.names):
        np.testing.assert_array_equal(
            core.returns[at], work.system.returns[work.system.names.index(name)]
        )
    assert core.members == work.system.members


@pytest.mark.parametrize("name", PARTS)
def test_every_part_runs_and_fills_tables_of_the_result(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(parts, "PARTS", {name: PARTS[name]})
    section: dict[str, Any] = {
        "chain": ["SRC", "AAA", "@tokens"],
        "marks": [{"symbol": "AAA", "below": 100.0}],
        "regimes": {"betas": {"assets": ["AAA"], "factors": ["SRC", "BBB"]}, "bubbles": ["AAA"]},
    }
    found = contagion(news(**section), focus=["n3"])
    filled = {
        one.name
        for one in fields(EventContagion)
        if one.name not in PAIRS_AND_ALL and len(getattr(found, one.name))
    }
    assert filled - {"average_tests", "exclusions", "overlaps", "sampling", "truth"}
    for one in filled - {"average_tests", "exclusions", "overlaps", "sampling", "truth"}:
        assert set(getattr(found, one)["occurrence"]) <= {"n3", "average"}
