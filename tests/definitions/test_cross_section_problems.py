"""Every mistake of states, features and periods: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eventlab.definitions.problem import hint

EVENT = "events/oracle-earnings.yaml"
Edited = Callable[[str, str, str], list[str]]
PLACE = "  model: market_model\n"


EDITS = {
    "state without a source": (
        "states: {high: {when: rising}}",
        [
            (
                "17:18: study.states.high: a state reads one of series, fact, surprise or tag; "
                "this has none"
            )
        ],
    ),
    "state of two sources": (
        "states: {high: {series: SPY, tag: cut, when: rising}}",
        [
            (
                "17:18: study.states.high: a state reads one of series, fact, surprise or tag; "
                "this has series, tag"
            )
        ],
    ),
    "state without when": (
        "states: {high: {series: SPY}}",
        [("17:18: study.states.high: say when it is true, as in when: positive (series: SPY)")],
    ),
    "tag that no occurrence has": (
        "states: {cut: {tag: cut}}",
        ["17:23: study.states.cut.tag: 'cut' is a tag of no occurrence; they have none"],
    ),
    "surprise with a typing error": (
        "states: {beat: {surprise: capex_usd, when: positive}}",
        [
            (
                "17:29: study.states.beat.surprise: 'capex_usd' is a surprise of no occurrence; "
                "did you mean 'capex_busd'?"
            )
        ],
    ),
    "fact against its median": (
        "states: {high: {surprise: capex_busd, when: rising}}",
        [
            (
                "17:47: study.states.high.when: rising needs a series; a surprise is positive, "
                "negative, above, below"
            )
        ],
    ),
    "threshold that is missing": (
        "states: {high: {series: SPY, when: above}}",
        ["17:18: study.states.high: above needs a threshold, as in threshold: 25"],
    ),
    "threshold without use": (
        "states: {high: {series: SPY, when: rising, threshold: 3}}",
        ["17:57: study.states.high.threshold: threshold goes with when: above or below"],
    ),
    "lookback without use": (
        "states: {up: {series: SPY, when: positive, lookback: 9}}",
        [
            (
                "17:56: study.states.up.lookback: lookback goes with above_median, "
                "below_median, rising, falling; leave it out"
            )
        ],
    ),
    "lag of a surprise": (
        "states: {beat: {surprise: capex_busd, when: positive, lag: 1}}",
        ["17:62: study.states.beat.lag: lag goes with series, not with surprise"],
    ),
    "series that no universe has": (
        "states: {high: {series: SPI, when: rising}}",
        [
            (
                "17:27: study.states.high.series: 'SPI' is no symbol of universes/; did you "
                "mean 'SPY'?"
            )
        ],
    ),
    "feature of another form": (
        "cross_section: {features: [betas]}",
        [
            (
                "17:30: study.cross_section.features[0]: 'betas' is not beta, volatility, "
                "momentum, fact.NAME, surprise.NAME, tag.NAME, state.NAME or level.SYMBOL; "
                "did you mean 'beta'?"
            )
        ],
    ),
    "feature of a state that is not there": (
        "cross_section: {features: [state.high]}",
        [
            (
                "17:30: study.cross_section.features[0]: 'high' is no state of study.states; "
                "there are none"
            )
        ],
    ),
    "feature of a fact that is not there": (
        "cross_section: {features: [fact.bp]}",
        [
            (
                "17:30: study.cross_section.features[0]: 'bp' is a number among the facts of no "
                "occurrence; they have none"
            )
        ],
    ),
    "feature of a symbol that no universe has": (
        "cross_section: {features: [level.SPI]}",
        [
            (
                "17:30: study.cross_section.features[0]: 'SPI' is no symbol of universes/; did "
                "you mean 'SPY'?"
            )
        ],
    ),
    "feature listed twice": (
        "cross_section: {features: [beta, beta]}",
        ["17:36: study.cross_section.features[1]: 'beta' is listed twice; keep one"],
    ),
    "window that is not computed": (
        "cross_section: {features: [beta], windows: [[0, 2]]}",
        [
            (
                "17:47: study.cross_section.windows[0]: [0, 2] is none of car_windows; add it "
                "there, or drop it"
            )
        ],
    ),
    "period that runs backwards": (
        'since: "2025-01-01"\n  until: "2024-01-01"',
        ["17:10: study.since: '2025-01-01' is after until: 2024-01-01; swap them"],
    ),
    "day that does not exist": (
        'since: "2025-02-30"',
        ["17:10: study.since: '2025-02-30' does not exist: day is out of range for month"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), EDITS.values(), ids=EDITS)
def test_problem(edited: Edited, text: str, expected: list[str]) -> None:
    assert edited(EVENT, PLACE, f"{PLACE}  {text}\n") == [f"{EVENT}:{line}" for line in expected]


def test_the_nearest_word_is_first_one_of_the_same_letters() -> None:
    known = ("VIXY", "^VIX", "DX-Y.NYB")
    assert hint("VIX", known) == "; did you mean '^VIX'?"
    assert hint("vixi", known) == "; did you mean 'VIXY'?"
    assert hint("dxynyb", known) == "; did you mean 'DX-Y.NYB'?"
    assert hint("^", known) == ""
