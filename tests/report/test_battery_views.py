from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from eventlab.report.battery_views import (
    MOST_BARS,
    bar_view,
    bar_views,
    battery_view,
    battery_views,
    hold_battery,
    hold_view,
)
from eventlab.report.numbers import percent
from eventlab.report.tables import print_study
from tests.report.make_study import WINDOWS, make_study

STUDY = make_study(("ORCL", "NVDA", "BTC"), 12)


def test_the_headline_comes_first_and_reasons_stand_below_once() -> None:
    view = battery_view(STUDY, "NVDA")
    assert view.columns == ("test", "[0,0]", "[0,1]", "[-1,1]", "[0,5]")
    assert [row[0].text for row in view.rows] == [
        "placebo",
        "Patell z",
        "BMP",
        "Kolari-Pynnonen BMP",
        "GRANK t",
        "cross-sectional t",
        "CLM J1",
        "Patell z, naive",
    ]
    assert [row[1].off for row in view.rows] == [False] * 5 + [True] * 3
    assert view.notes == (("a", "events share dates"),)
    assert all(cell.below.endswith(" a") for row in view.rows[5:] for cell in row[1:])
    # A p-value that is not relied on is never bold, however small.
    assert not any(cell.loud for row in view.rows[5:] for cell in row[1:])


def test_reasons_that_differ_in_numbers_are_one_with_ranges() -> None:
    tests = STUDY.tests.copy()
    here = (tests["group"] == "NVDA") & (tests["test"] == "clm_j1")
    sizes = (2.5, 10, 1.5, 4)
    tests.loc[here, "note"] = [f"the events' is {x} times the estimate's" for x in sizes]
    view = battery_view(replace(STUDY, tests=tests), "NVDA")
    assert view.notes == (
        ("a", "events share dates"),
        ("b", "the events' is 1.5 to 10 times the estimate's"),
    )
    assert [cell.below[-1] for cell in view.rows[6][1:]] == ["b"] * len(WINDOWS)


def test_a_test_without_objection_outside_the_headline_is_for_comparison() -> None:
    tests = STUDY.tests.assign(note="")
    view = battery_view(replace(STUDY, tests=tests), "ORCL")
    assert view.notes == (("a", "its assumptions hold; shown for comparison"),)


def test_one_event_shows_why_nothing_but_the_placebo_speaks() -> None:
    view = battery_view(make_study(n_occurrences=1), "ORCL")
    assert {cell.text for row in view.rows[1:] for cell in row[1:]} == {"\N{EN DASH}"}
    assert view.notes == (("a", "needs two events, has 1"),)


def test_the_asset_of_the_sentence_comes_first_and_pages_stay_small() -> None:
    symbols = tuple(f"T{k}" for k in range(30))
    study = make_study(symbols, 2)
    for views in (battery_views(study, "T7"), bar_views(study, "T7")):
        assert [name for name, _ in views][:3] == ["T7", "T0", "T1"]
        assert len(views) == 24


def test_bars_show_the_aar_and_only_tests_that_are_relied_on_in_bold() -> None:
    tests = STUDY.aar_tests.copy()
    here = tests["group"] == "NVDA"
    tests.loc[here & tests["tau"].isin([2, 3]), "pvalue"] = 0.01
    tests.loc[here & (tests["tau"] == 3), "headline"] = False
    view = bar_view(replace(STUDY, aar_tests=tests), "NVDA")
    assert view.columns == ("bar", "n", "AAR", "BMP")
    assert [row[0].text for row in view.rows][:2] == ["\N{MINUS SIGN}5", "\N{MINUS SIGN}4"]
    row = {row[0].text: row for row in view.rows}
    assert (row["2"][2].text, row["2"][3].text) == ("+0.20%", "0.010")
    assert (row["2"][3].loud, row["2"][3].off) == (True, False)
    assert (row["3"][3].loud, row["3"][3].off) == (False, True)
    assert not bar_view(STUDY, "unknown")


def test_many_bars_are_cut_to_those_around_day_0() -> None:
    one = STUDY.aar_tests[(STUDY.aar_tests["group"] == "NVDA") & (STUDY.aar_tests["tau"] == 0)]
    many = one.loc[np.repeat(one.index, 101)].assign(tau=range(-30, 71))
    view = bar_view(replace(STUDY, aar_tests=many), "NVDA")
    assert len(view.rows) == MOST_BARS
    assert view.rows[0][0].text == "\N{MINUS SIGN}20"
    assert view.more == "the 41 of 101 bars nearest to day 0"


def test_buy_and_hold_returns_by_window() -> None:
    view = hold_view(STUDY)
    assert [row[0].text for row in view.rows] == ["ORCL", "NVDA", "BTC"]
    own = STUDY.bhar_tests
    own = own[(own["group"] == "NVDA") & (own["test"] == "cross_sectional_t")]
    assert [cell.text for cell in view.rows[1][2:]] == [percent(x) for x in own["bhar"]]
    every = hold_battery(STUDY, "NVDA")
    assert "cross-sectional t" in [row[0].text for row in every.rows]
    none = replace(STUDY, bhar_tests=STUDY.bhar_tests.head(0))
    assert not hold_view(none)
    assert not hold_battery(none, "NVDA")


@pytest.mark.parametrize("verbose", [False, True])
def test_the_terminal_prints_the_battery_only_when_asked(*, verbose: bool) -> None:
    stream = StringIO()
    print_study(STUDY, stream, verbose=verbose)
    text = stream.getvalue()
    assert ("Every test of NVDA: p and statistic by window" in text) == verbose
    assert ("Bar by bar: AAR of NVDA and p of its tests" in text) == verbose
    assert ("BHAR in % and p of its headline test" in text) == verbose
    assert ("\na  events share dates" in text) == verbose
    assert "GRANK" in text
