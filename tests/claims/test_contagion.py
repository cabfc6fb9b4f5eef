"""Verdicts of contagion as claims: against the pairs of a run, loops, and by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.claims.measures.contagion import WAYS, contagion_verdict
from eventlab.claims.types import Measured, Untestable
from eventlab.contagion.run import run_contagion
from eventlab.market.futures import scrambled
from tests.claims.model_world import CLOCK, NEWS, ask, bench_of, returns
from tests.naive_claims_models import correlation

if TYPE_CHECKING:
    from eventlab.claims.bench import Bench
    from eventlab.contagion.results import EventContagion

CALM, CRISIS = (-120, -6), (0, 10)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("contagion"))


@pytest.fixture(scope="module")
def whole(bench: Bench) -> EventContagion:
    """Every pair of the event as a run gives it, without the heavy parts."""
    return run_contagion(bench.workspace.events["news"], bench.market, bench.workspace, focus=())


def verdicts(bench: Bench, *symbols: str, **said: Any) -> tuple[Measured, ...]:
    given: dict[str, Any] = {"published": "contagion"} | said
    return contagion_verdict(ask(bench, "contagion_verdict", *symbols, **given), bench)


def test_the_verdict_of_a_pair_alone(bench: Bench) -> None:
    found = verdicts(bench, "YYY", occurrence="two")
    assert [each.reading.detail for each in found] == list(WAYS.values())
    assert [each.reading.within for each in found] == [True, True, True, False]
    moves, row = returns(), NEWS[1]
    changed = [
        correlation(
            *(moves[name][row + first : row + last + 1].tolist() for name in ("XXX", "YYY"))
        )
        for first, last in (CRISIS, CALM)
    ]
    assert found[0].value == pytest.approx(changed[0] - changed[1], abs=1e-12)
    assert found[2].value == found[0].value
    assert (found[0].n, found[0].unit) == (11, "correlation")
    assert found[0].reading.first == str(CLOCK.sessions[row - 121])
    assert found[0].reading.last == str(CLOCK.sessions[row + 10])
    assert found[0].word in {"contagion", "interdependence", "underpowered", "no change"}
    assert found[0].note.startswith(f"YYY: {found[0].word}, correlation")


def test_one_target_collapses_to_its_own_run(bench: Bench, whole: EventContagion) -> None:
    """Of a family of one, what a run of one pair says: no other pair adjusts its p-value."""
    event = bench.workspace.events["news"]
    assert event.contagion is not None
    section = event.contagion.model_copy(update={"targets": ("ZZZ",)})
    alone = run_contagion(
        event.model_copy(update={"contagion": section}), bench.market, bench.workspace, focus=()
    )
    for occurrence in ("one", "two", "three"):
        row = alone.pairs[alone.pairs["occurrence"] == occurrence].iloc[0]
        assert verdicts(bench, "ZZZ", occurrence=occurrence)[0].word == row["verdict"]
    ours = replace(bench, contagions={"news": whole})
    rows = whole.pairs[(whole.pairs["occurrence"] == "one") & (whole.pairs["target"] == "ZZZ")]
    assert verdicts(ours, "ZZZ", occurrence="one")[0].word == rows["verdict"].iloc[0]


def test_averages_of_all_and_of_a_tag(bench: Bench, whole: EventContagion) -> None:
    ours = replace(bench, contagions={"news": whole})
    every, bad = verdicts(ours, "YYY")[0], verdicts(ours, "YYY", tag="bad")[0]
    assert (every.n, bad.n) == (3, 2)
    own = whole.averages[whole.averages["target"] == "YYY"].set_index("tag")
    assert every.value == pytest.approx(own.loc["all", "change"], abs=1e-12)
    assert bad.word == own.loc["bad", "verdict"]
    assert bad.reading.window == "bars [0,10] against [-120,-6] of news with tag bad"
    assert len(verdicts(ours, "YYY")) == 3  # averages have no textbook p-value


def judged(whole: EventContagion, verdict: str, **pvalues: float) -> EventContagion:
    """The same tables with one verdict for all, and p-values by hand."""
    tests = whole.tests.assign(
        romano_wolf_pvalue=pvalues.get("placebo", 0.5),
        romano_wolf_transmission=pvalues.get("link", 0.5),
        pvalue=pvalues.get("textbook", 0.5),
        statistic=pvalues.get("statistic", 3.0),
    )
    pairs = whole.pairs.assign(verdict=verdict, rho_calm=0.3, rho_crisis=0.8)
    return replace(whole, pairs=pairs, tests=tests)


@pytest.mark.parametrize(
    ("verdict", "pvalues", "words"),
    [
        # what is told, variances out; the market out as well; correlation alone; textbook
        ("contagion", {"placebo": 0.01, "link": 0.01, "textbook": 0.001}, ["contagion"] * 4),
        (
            "interdependence",
            {"placebo": 0.01, "link": 0.4, "textbook": 0.001},
            ["interdependence", "interdependence", "contagion", "contagion"],
        ),
        (
            "no change",
            {"placebo": 0.2, "textbook": 0.001},
            ["no change", "no change", "no change", "contagion"],
        ),
        (
            "underpowered",
            {"placebo": 0.2, "textbook": 0.2},
            ["underpowered", "underpowered", "underpowered", "underpowered"],
        ),
        (
            "interdependence",
            {"placebo": 0.01, "link": 0.99, "textbook": 0.01, "statistic": -3.0},
            ["interdependence"] * 4,
        ),
        ("", {"placebo": math.nan}, ["not tested", "not tested", "not tested", "no change"]),
    ],
)
def test_by_hand(
    bench: Bench, whole: EventContagion, verdict: str, pvalues: dict[str, float], words: list[str]
) -> None:
    ours = replace(bench, contagions={"news": judged(whole, verdict, **pvalues)})
    found = verdicts(ours, "YYY", occurrence="two")
    assert [each.word for each in found] == words
    holds = {"contagion": True, "underpowered": None, "not tested": None}
    assert [each.holds for each in found] == [holds.get(word, False) for word in words]


def test_several_targets_agree_as_one(bench: Bench, whole: EventContagion) -> None:
    def word(yyy: str, zzz: str, published: str = "contagion") -> tuple[str, bool | None]:
        pairs = whole.pairs.assign(verdict=whole.pairs["target"].map({"YYY": yyy, "ZZZ": zzz}))
        ours = replace(bench, contagions={"news": replace(whole, pairs=pairs)})
        first = verdicts(ours, "YYY", "ZZZ", occurrence="two", published=published)[0]
        return first.word, first.holds

    assert word("contagion", "contagion") == ("contagion", True)
    assert word("contagion", "no change") == ("mixed", False)
    assert word("contagion", "underpowered") == ("mixed", None)
    assert word("underpowered", "underpowered") == ("underpowered", None)
    assert word("underpowered", "underpowered", "underpowered") == ("underpowered", True)
    assert word("no change", "underpowered") == ("mixed", False)


def test_a_run_of_another_definition_is_not_read(bench: Bench, whole: EventContagion) -> None:
    event = bench.workspace.events["news"]
    other = replace(judged(whole, "contagion"), event=event.model_copy(update={"title": "Other"}))
    ours = replace(bench, contagions={"news": other})
    assert verdicts(ours, "ZZZ", occurrence="one")[0] == verdicts(bench, "ZZZ", occurrence="one")[0]


def test_the_future_changes_nothing(bench: Bench) -> None:
    last = int(CLOCK.closes[NEWS[1] + CRISIS[1]])
    other = replace(bench, market=scrambled(bench.market, last, 3))
    assert verdicts(other, "YYY", occurrence="two") == verdicts(bench, "YYY", occurrence="two")
    first = replace(bench, market=scrambled(bench.market, int(CLOCK.closes[NEWS[1] + 5]), 3))
    changed = verdicts(first, "YYY", occurrence="two")[0]
    assert changed.value != verdicts(bench, "YYY", occurrence="two")[0].value


def test_what_cannot_be_measured_says_why(bench: Bench) -> None:
    with pytest.raises(Untestable, match="plain has no contagion section"):
        verdicts(bench, "YYY", event="plain")
    with pytest.raises(Untestable, match="XXX is where the shock of news began"):
        verdicts(bench, "XXX", occurrence="two")
    with pytest.raises(Untestable, match="made up"):
        verdicts(bench, "QQQ", occurrence="two")
