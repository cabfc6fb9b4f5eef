"""States, splits and regressions on the page and in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from rich.console import Console, Group

from eventlab.definitions.cross_section import StateDefinition
from eventlab.report import conditions
from eventlab.report.condition_text import condition_text
from eventlab.report.cross_section_views import regressions, splits, states
from eventlab.report.numbers import MINUS, MISSING
from tests.report.make_conditions import make_cross_section, make_splits
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy


@pytest.fixture
def study() -> EventStudy:
    return make_study(n_occurrences=3)


def ascii_signs(text: str) -> str:
    """Numbers with the signs of a keyboard."""
    return text.replace(MINUS, "-").replace(MISSING, "none")


def printed(study: EventStudy, *, verbose: bool = False) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(Group(*condition_text(study, verbose=verbose)))
    assert isinstance(console.file, io.StringIO)
    return ascii_signs(console.file.getvalue())


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (
            {"series": "^VIX", "when": "above_median"},
            "^VIX above its median of the last 250 values",
        ),
        ({"series": "HY", "when": "falling", "lookback": 5}, "HY below its value 5 bars earlier"),
        ({"series": "BTC-FUNDING", "when": "negative"}, "BTC-FUNDING negative"),
        ({"fact": "bp", "when": "above", "threshold": 25.0}, "bp above 25"),
        ({"surprise": "eps", "when": "positive"}, "surprise eps positive"),
        ({"tag": "cut"}, "tagged cut"),
    ],
)
def test_a_state_in_words(definition: dict[str, object], words: str) -> None:
    assert conditions.state_words(StateDefinition.model_validate(definition)) == words


def test_states_are_counted_and_the_unknown_has_its_reason(study: EventStudy) -> None:
    (count,) = conditions.state_counts(study)
    assert (count.yes, count.no, count.unknown) == (1, 1, 1)
    assert count.reason == "^VIX had 3 known values, 250 are needed"
    (row,) = states(study).rows
    assert [cell.text for cell in row[2:]] == ["1", "1", "1"]
    assert row[-1].below == count.reason


def test_both_sides_and_the_p_that_holds_for_few_dates(study: EventStudy) -> None:
    ((name, view),) = splits(study)
    assert name == "vix_high"
    assert view.columns[-1] == "what weakens it"
    first, *others = view.rows
    texts = [ascii_signs(cell.text) for cell in first]
    assert texts == ["ORCL", "-3.10%", "-0.80%", "-2.30%", "-2.56", "0.034", "0.041", "4 dates"]
    assert first[3].loud  # by the permutation p
    assert first[1].below == "n 4"
    assert all(ascii_signs(row[4].text) == "none" and "one date" in row[-1].text for row in others)


def test_a_column_of_doubts_needs_a_doubt(study: EventStudy) -> None:
    table = study.splits.assign(note="")
    ((_, view),) = splits(replace(study, splits=table))
    assert view.columns[-1] == "permutation p"
    assert {len(row) for row in view.rows} == {len(view.columns)}


def test_slopes_with_what_is_dropped_left_away(study: EventStudy) -> None:
    (view,) = regressions(study)
    assert view.columns == ("asset", "n", "constant", "beta")
    texts = [(ascii_signs(cell.text), ascii_signs(cell.below)) for cell in view.rows[0]]
    assert texts == [
        ("ORCL", ""),
        ("9", "9 dates"),
        ("-2.00%", "t -2.00, p 0.090"),
        ("+1.50%", "t 2.50, p 0.052"),
    ]
    assert not view.rows[0][3].loud  # the bootstrap p, not the 0.037 of the t


def test_the_terminal_shows_differences_and_slopes(study: EventStudy) -> None:
    text = printed(study)
    assert "Difference of the CAAR in % of [0,0] by state, yes less no, and its p" in text
    assert "4 and 5 dates" in text
    assert "-2.30%  0.041*" in text
    assert "vix_high is not known at 1 occurrence: ^VIX had 3 known values" in text
    assert "+1.50%  0.052" in text
    assert "constant" not in text


def test_one_occurrence_has_readings_and_no_tables() -> None:
    alone = make_study(n_occurrences=1)
    assert "before the news, vix_high: not known, ^VIX had 3 known values" in printed(alone)
    known = alone.states.assign(
        value=pd.array([True], "boolean"), reading=19.5, threshold=17.5, note=""
    )
    assert "before the news, vix_high: yes, 19.5 against 17.5" in printed(
        replace(alone, states=known)
    )


def test_a_study_that_asks_for_nothing_shows_nothing(study: EventStudy) -> None:
    plain = replace(
        study,
        states=study.states.head(0),
        splits=make_splits(()),
        cross_section=make_cross_section(()),
        features=study.features.head(0),
    )
    assert printed(plain).strip() == ""
    assert not states(plain)
    assert splits(plain) == []
    assert regressions(plain) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.000341, "+0.0341%"),
        (-0.567, "-56.7%"),
        (1.498, "+149.8%"),
        (0.0, "0.00%"),
        (np.nan, "none"),
    ],
)
def test_a_slope_has_three_digits(study: EventStudy, value: float, shown: str) -> None:
    assert ascii_signs(conditions.slope(study, value)) == shown


def test_dates_are_counted_of_one_asset(study: EventStudy) -> None:
    # Two assets of different closes have two days 0 at one event: their group counts both.
    both = study.splits.assign(group="all", dates_in=8, dates_out=10)
    text = printed(replace(study, splits=pd.concat([study.splits, both], ignore_index=True)))
    assert "4 and 5 dates" in text
    assert "8 and 10 dates" not in text
