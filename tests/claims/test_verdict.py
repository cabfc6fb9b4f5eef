"""Verdicts worked by hand: every one, its borders, and how readings are named."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.claims.types import Judgement, Measured, Reading
from eventlab.claims.verdict import judge, published_range, reading_name, tolerance_of, untestable
from eventlab.definitions.claim import ClaimDefinition
from eventlab.definitions.questions import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_TEST = "cannot be tested with this data"
LITERAL = Reading(of="returns", price="close", window="63 sessions", calendar="XNYS")


def question(published: object = None, **said: object) -> Question:
    data: dict[str, Any] = {"id": "c", "statement": "s", "measure": "correlation", **said}
    return Question("o", ClaimDefinition(published=published, **data))  # type: ignore[arg-type]


def figure(value: float, note: str = "", **axes: Any) -> Measured:
    return Measured(replace(LITERAL, **axes), value, "correlation", 63, note=note)


def answer(holds: bool | None, note: str = "", **axes: Any) -> Measured:
    word = {True: "positive", False: "negative", None: "none"}[holds]
    return Measured(
        replace(LITERAL, **axes), 0.1, "correlation", 63, word=word, holds=holds, note=note
    )


def judged(asked: Question, *measured: Measured, simulated: bool = False) -> Judgement:
    return judge(asked, measured, simulated=simulated)


def said(found: Judgement) -> tuple[str, str, str]:
    return found.verdict, found.reading, found.reason


def test_supported_where_the_literal_reading_and_half_of_them_agree() -> None:
    found = judged(
        question(0.53), figure(0.537), figure(0.2, of="log returns"), figure(0.55, price="x")
    )
    assert said(found) == (
        "supported",
        "returns, close, 63 sessions, XNYS",
        "2 of 3 readings agree, the literal one among them",
    )
    assert found.agrees == (True, False, True)
    half = judged(question(0.53), figure(0.537), figure(0.2, of="levels"))
    assert half.verdict == "supported"  # one of two is half
    alone = judged(question(0.53), figure(0.5))
    assert said(alone)[2] == "the one reading of it agrees"


def test_supported_only_as_another_than_the_literal_reading() -> None:
    found = judged(question(-0.16), figure(-0.108), figure(-0.165, price="intraday"))
    assert said(found) == (
        "supported only as",
        "intraday",
        "1 of 2 readings agrees, not the literal one",
    )


def test_supported_only_as_the_literal_reading_where_most_disagree() -> None:
    others = [figure(0.1, calendar=code) for code in ("24/7", "XLON")]
    assert said(judged(question(0.5), figure(0.5), *others)) == (
        "supported only as",
        "XNYS",
        "1 of 3 readings agrees, the literal one among them, but fewer than half",
    )


def test_readings_that_leave_it_open_do_not_support() -> None:
    asked = question("positive")
    open_ones = [answer(None, calendar=code) for code in ("24/7", "XLON")]
    found = judged(asked, answer(True), *open_ones)
    assert found.verdict == "supported only as"
    assert found.reason.endswith("but fewer than half; 2 leave both possible")
    found = judged(asked, answer(None), answer(True, of="levels"), answer(True, of="log levels"))
    assert said(found) == (
        "supported only as",
        "levels or log levels",
        "2 of 3 readings agree, not the literal one; 1 leaves both possible",
    )


def test_a_literal_reading_without_a_value_supports_nothing() -> None:
    none = figure(math.nan, "no price of X")
    found = judged(question(0.5), none, figure(0.5, calendar="24/7"), figure(0.5, calendar="XLON"))
    assert said(found) == (
        "supported only as",
        "24/7 or XLON",
        "2 of 2 readings agree; the literal one has no value (no price of X)",
    )
    against = judged(question(0.5), none, figure(0.1, calendar="24/7"))
    assert said(against) == (
        "contradicted",
        "",
        "the one reading that has a value disagrees; the literal one has no value (no price of X)",
    )
    alone = judged(question(0.5), figure(0.5), figure(math.nan, calendar="24/7"))
    assert said(alone)[2] == "the one reading that has a value agrees"


def test_other_windows_alone_do_not_contradict() -> None:
    none = figure(math.nan, "1 row is too few")
    other = figure(0.1, window="3 years")
    assert said(judged(question(0.5), none, other)) == (
        NO_TEST,
        "",
        "the literal reading has no value (1 row is too few), and none of other windows agrees",
    )
    assert judged(question(0.5), none, other, figure(0.1, of="levels")).verdict == "contradicted"
    assert judged(question(0.1), none, other).verdict == "supported only as"
    dated = figure(0.1, window="63 sessions to 2025-12-10")
    assert judged(question(0.5), none, other, dated).verdict == "contradicted"
    nowhere = figure(math.nan, "outside of the data", window="")
    assert judged(question(0.5), nowhere, other).verdict == NO_TEST


def test_contradicted_and_what_it_would_hold_as() -> None:
    within = [figure(0.29), figure(-0.22, of="levels"), figure(0.3, window="3 months")]
    found = judged(question(0.96), *within)
    assert said(found) == (
        "contradicted",
        "",
        "none of 3 readings that the words allow agrees",
    )
    beyond = [
        figure(0.95, of="levels", window="3 years", within=False),
        figure(0.97, of="log levels", window="3 years", within=False),
        figure(0.4, window="3 years", within=False),
    ]
    assert said(judged(question(0.96), *within, *beyond)) == (
        "contradicted",
        "levels or log levels, 3 years",
        (
            "none of 3 readings that the words allow agrees; it would hold as levels or log "
            "levels, 3 years"
        ),
    )


def test_readings_on_both_sides_of_a_figure_do_not_contradict_it() -> None:
    below, above = figure(0.2), figure(0.9, of="log returns")
    found = judged(question(0.5), below, above)
    assert found.verdict == NO_TEST
    assert found.reason.startswith("none of 2 readings agrees, but they lie on both sides")
    assert judged(question(0.5), below, figure(0.3)).verdict == "contradicted"
    assert judged(question(0.5), above, figure(0.8)).verdict == "contradicted"
    few = [figure(0.1), figure(0.2), figure(0.3), figure(0.31)]
    assert judged(question(0.5), *few, above).verdict == "contradicted"  # one of five is few
    further = figure(0.9, within=False)  # beyond the words nothing lies between
    assert judged(question(0.5), below, further).verdict == "contradicted"


def test_beyond_its_words_nothing_supports() -> None:
    found = judged(question(0.5), figure(0.1), figure(0.5, of="levels", within=False))
    assert said(found)[:2] == ("contradicted", "levels")
    assert found.reason.startswith("the one reading that the words allow disagrees; it would")


def test_a_contradiction_says_how_many_leave_it_open() -> None:
    opened = [answer(None, calendar=code) for code in ("24/7", "XLON")]
    found = judged(question("positive"), answer(False), *opened)
    assert found.verdict == "contradicted"
    assert found.reason.endswith("; 2 leave both possible")


@pytest.mark.parametrize(
    ("holds", "verdict", "reason"),
    [
        ((None,), NO_TEST, "the one reading leaves both possible: the interval holds 0"),
        ((None, None), NO_TEST, "every reading leaves both possible: the interval holds 0"),
        ((None, False), NO_TEST, "1 of 2 readings leaves both possible: the interval holds 0"),
        ((None, False, False), "contradicted", ""),
        ((False, None, None), "contradicted", ""),
    ],
)
def test_open_readings(holds: tuple[bool | None, ...], verdict: str, reason: str) -> None:
    measured = [
        answer(one, "the interval holds 0", calendar=f"C{place}") for place, one in enumerate(holds)
    ]
    found = judged(question("positive"), *measured)
    assert found.verdict == verdict
    assert not reason or found.reason == reason


def test_nothing_with_a_value_cannot_be_tested() -> None:
    lost = [figure(math.nan, "no prices of X"), figure(math.nan, "no prices of X", price="total")]
    assert said(judged(question(0.5), *lost)) == (NO_TEST, "", "no prices of X")
    assert said(judged(question(0.5), figure(math.nan)))[2] == "no reading of it has a value"
    assert judged(question(0.5)).verdict == NO_TEST
    only = judged(question(0.5), figure(0.5, within=False))
    assert said(only)[0] == NO_TEST  # what lies beyond the words alone says nothing of them
    assert said(untestable("it needs supply")) == (NO_TEST, "", "it needs supply")


def test_simulated_prices_test_nothing_but_are_measured() -> None:
    for value in (0.53, 0.1, math.nan):
        found = judged(question(0.53, strict=True), figure(value), simulated=True)
        assert said(found)[:2] == (NO_TEST, "")
        assert "simulated" in found.reason
    assert judged(question(0.53), figure(0.53), simulated=True).agrees == (True,)


@pytest.mark.parametrize(
    ("published", "tolerance", "value", "agrees"),
    [
        (0.53, None, 0.58, True),  # 0.53 + 0.05 is 0.5800000000000001
        (0.53, None, 0.5800001, False),
        (0.53, None, 0.48, True),
        (0.53, 0.001, 0.531, True),
        (0.53, 0.001, 0.5312, False),
        (0.53, 0.0, 0.53, True),
        (-0.53, None, 0.53, False),
        ((0.3, 0.5), None, 0.25, True),
        ((0.3, 0.5), None, 0.4, True),
        ((0.3, 0.5), None, 0.551, False),
        ((0.3, 0.5), 0.0, 0.5, True),
        (0.0, None, 0.05, True),
    ],
)
def test_borders(published: object, tolerance: float | None, value: float, agrees: bool) -> None:
    found = judged(question(published, tolerance=tolerance), figure(value))
    assert found.agrees == (agrees,)


def test_a_tolerance_is_absolute_or_a_share() -> None:
    one = Measured(LITERAL, -0.7, "return", 250)
    assert tolerance_of(question(-0.746), [one]) == pytest.approx(0.0373)  # 5% of it
    assert tolerance_of(question(-0.05), [one]) == 0.005  # at least half a point
    assert tolerance_of(question((-0.8, -0.7)), [one]) == pytest.approx(0.04)
    assert tolerance_of(question(-0.746, tolerance=0.5), [one]) == 0.5
    assert math.isnan(tolerance_of(question("negative"), [one]))
    assert math.isnan(tolerance_of(question(0.1), []))


def test_what_was_published() -> None:
    assert published_range(question(0.5)) == (0.5, 0.5)
    assert published_range(question((0.3, 0.5))) == (0.3, 0.5)
    assert published_range(question("positive")) is None
    assert published_range(question()) is None


def test_a_measure_that_judges_figures_itself_decides() -> None:
    both = Measured(LITERAL, -0.26, "return", 2, holds=True)
    assert judged(question((-0.2, 0.06), measure="relative_return"), both).verdict == "supported"
    assert judged(question(-0.26), replace(both, holds=False)).verdict == "contradicted"


NAMES: list[tuple[str, Sequence[dict[str, str]], Sequence[dict[str, str]], str]] = [
    ("one axis", [{"price": "intraday"}], [{}], "intraday"),
    (
        "two of one axis",
        [{"basket": "equal"}, {"basket": "median"}],
        [{"basket": "held"}],
        "equal or median",
    ),
    (
        "the axis with the fewest words",
        [{"of": "a", "window": "w"}, {"of": "b", "window": "w"}],
        [{"of": "c", "window": "v"}],
        "w",
    ),
    (
        "two axes",
        [{"of": "levels", "window": "3 years"}],
        [{"of": "levels"}, {"window": "3 years"}],
        "levels, 3 years",
    ),
    (
        "no product of choices: each in full, without what all share",
        [{"of": "a", "window": "v"}, {"of": "b", "window": "w"}],
        [{"of": "a", "window": "w"}, {"of": "b", "window": "v"}],
        "a, v; or b, w",
    ),
    (
        "a product and what it leaves: the widest first",
        [
            *({"basket": b, "window": "4w", "calendar": "a"} for b in ("eq", "held", "med", "cap")),
            {"basket": "med", "window": "4w", "calendar": "b"},
        ],
        [
            {"basket": "eq", "window": "4w", "calendar": "b"},
            {"basket": "med", "window": "1m", "calendar": "a"},
        ],
        "4w, a; or med, 4w",
    ),
    (
        "more than a reader takes in",
        [{"window": f"w{i}"} for i in range(5)],
        [{"window": "v"}],
        "w0; or w1; or w2; or 2 more",
    ),
    ("nothing to tell them apart from", [{}], [], "returns"),
]


@pytest.mark.parametrize(
    ("chosen", "rest", "name"), [each[1:] for each in NAMES], ids=[each[0] for each in NAMES]
)
def test_names(chosen: Sequence[dict[str, str]], rest: Sequence[dict[str, str]], name: str) -> None:
    asked = [[figure(0.1, **axes) for axes in each] for each in (chosen, rest)]
    assert reading_name(*asked) == name


def test_a_name_never_holds_a_reading_that_disagrees() -> None:
    """Over all ways to split eight readings of two choices on three axes."""
    axes = ("of", "window", "calendar")
    every = [
        figure(
            0.1,
            **dict(
                zip(
                    axes,
                    (f"{axis}{bit}" for axis, bit in zip(axes, bits, strict=True)),
                    strict=True,
                )
            ),
        )
        for bits in [(a, b, c) for a in "01" for b in "01" for c in "01"]
    ]
    for split in range(1, 255):
        chosen = [one for place, one in enumerate(every) if split >> place & 1]
        rest = [one for place, one in enumerate(every) if not split >> place & 1]
        name = reading_name(chosen, rest)
        if "; or " in name:
            continue
        parts = [set(part.split(" or ")) for part in name.split(", ")]
        for one in every:
            made = {getattr(one.reading, axis) for axis in axes}
            assert all(made & part for part in parts) == (one in chosen), (split, name)
