from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.report.verdict import principal, verdict
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy

MINUS = "\N{MINUS SIGN}"


def without_issuer(study: EventStudy) -> EventStudy:
    return replace(study, event=study.event.model_copy(update={"issuer": None}))


def with_placebo(study: EventStudy, pvalue: float) -> EventStudy:
    tests = study.tests.copy()
    tests.loc[tests["test"] == "placebo", "pvalue"] = pvalue
    return replace(study, tests=tests)


def test_one_event_says_size_interval_rank_and_confounder() -> None:
    said = verdict(make_study(n_occurrences=1))
    assert said.sentence == (
        f"ORCL fell 12.88% beyond what SPY explains on day 0 (95% interval {MINUS}16.82% to "
        f"{MINUS}8.94%; placebo p 0.002, 3 of 2,000 dates were as extreme)."
    )
    assert said.doubts == (
        "FOMC statement: cut (1 bar earlier) shares its window.",
        "It is one event: it says what happened once, not what such events do.",
    )
    assert said.found


def test_the_issuer_comes_first_and_is_not_picked() -> None:
    cell, picked_from = principal(make_study(("ORCL", "NVDA"), 12))
    assert cell is not None
    assert (cell.group, cell.window, picked_from) == ("ORCL", "[0,0]", 1)


def test_a_picked_asset_pays_for_being_picked() -> None:
    said = verdict(without_issuer(make_study(("AAA", "BBB", "CCC"), 12)))
    assert said.group == "AAA"
    assert said.sentence.startswith("Of 3 assets AAA stands out: it fell 10.57%")
    assert "after picking from 3" in said.sentence
    # .03 would pass alone; three assets to choose from make it .09.
    weak = verdict(without_issuer(with_placebo(make_study(("AAA", "BBB", "CCC"), 12), 0.03)))
    assert weak.sentence.startswith("None of 3 assets can be told from chance on day 0")
    assert "placebo p 0.030, 0.090 after picking from 3" in weak.sentence
    assert not weak.found


def test_an_average_that_goes_both_ways_is_not_called_a_move() -> None:
    study = make_study(("ORCL", "NVDA"), 12)
    cars = study.cars.copy()
    here = (cars["symbol"] == "ORCL") & (cars["window"] == "[0,0]")
    cars.loc[here, "car"] = [0.08, -0.08] * 5 + [0.08, -0.07]
    aggregates = study.aggregates.copy()
    place = (aggregates["group"] == "ORCL") & (aggregates["window"] == "[0,0]")
    aggregates.loc[place, "caar"] = cars.loc[here, "car"].mean()
    said = verdict(replace(study, cars=cars, aggregates=aggregates))
    assert said.sentence.startswith(
        "ORCL moved more than chance allows on day 0, by 7.92% up or down beyond what SPY "
        "explains, but its direction may be chance: it rose 0.08% on average over 12 events"
    )
    assert not said.found


def test_a_placebo_that_disagrees_is_the_first_doubt() -> None:
    said = verdict(with_placebo(make_study(("ORCL", "NVDA"), 12), 0.4))
    assert said.sentence.startswith("It may be chance: ORCL fell 11.24%")
    assert said.doubts[0] == (
        "Patell z, BMP, Kolari-Pynnonen BMP and GRANK t would reject; the placebo dates, which "
        "keep the fat tails, do not."
    )


def with_headline(study: EventStudy, **pvalues: float) -> EventStudy:
    tests = study.tests.copy()
    for test, pvalue in pvalues.items():
        tests.loc[tests["test"] == test, "pvalue"] = pvalue
    return replace(study, tests=tests)


def test_ranks_and_sizes_that_disagree_are_the_first_doubt() -> None:
    study = make_study(("ORCL", "NVDA"), 12)
    few = verdict(with_headline(study, grank_t=0.3))
    assert few.doubts[0] == (
        "Patell z, BMP and Kolari-Pynnonen BMP reject and GRANK t, which goes by ranks, does not: "
        "a few large moves may carry the average."
    )
    sizes = {"patell_z": 0.3, "bmp": 0.2, "kolari_pynnonen_bmp": 0.1}
    uneven = verdict(with_headline(study, **sizes))
    assert uneven.doubts[0] == (
        "GRANK t, which goes by ranks, rejects and Patell z, BMP and Kolari-Pynnonen BMP do not: "
        "most moves point one way, but their sizes are too uneven for the average."
    )
    # Tests of sizes that disagree among themselves are no case of ranks.
    mixed = verdict(with_headline(study, grank_t=0.3, bmp=0.2))
    assert mixed.doubts[0] == (
        "The placebo dates reject, BMP and GRANK t would not: event days may only be wilder."
    )
    assert not any("ranks" in doubt for doubt in verdict(study).doubts)


def test_what_no_test_spoke_of_is_not_called_chance() -> None:
    # One event without a placebo leaves no test; several assets to pick from leave no honest one.
    study = make_study(n_occurrences=1)
    tests = study.tests[study.tests["test"] != "placebo"]
    bare = replace(study, tests=tests, cars=study.cars.assign(placebo_pvalue=np.nan))
    said = verdict(bare)
    assert said.sentence.startswith("ORCL fell 12.88% beyond what SPY explains on day 0; whether")
    assert "could not be tested" in said.sentence
    assert not said.found
    assert said.doubts[0] == "There is no placebo p."
    # Where the table says why there is none, the doubt does too.
    why = "no placebo: each pseudo-date would need a likelihood of its own"
    row = study.tests["test"] == "placebo"
    noted = study.tests.assign(pvalue=np.nan, headline=False).assign(note=np.where(row, why, ""))
    said = verdict(replace(bare, tests=noted))
    assert said.doubts[0] == (
        "There is no placebo p: each pseudo-date would need a likelihood of its own."
    )
    # Tests that were made for another program are not tests that could not be made.
    theirs = verdict(replace(bare, tests=noted, convention="eventstudy2")).sentence
    assert "; the tests below are those of eventstudy2 (" in theirs
    assert theirs.endswith("none of ours was made).")
    many = without_issuer(make_study(("AAA", "BBB", "CCC"), 12))
    untested = replace(many, tests=many.tests[many.tests["test"] != "placebo"])
    assert verdict(untested).sentence.startswith("AAA, the most extreme of 3 assets, fell 10.57%")


def test_one_event_has_one_direction() -> None:
    study = make_study(n_occurrences=1)
    said = verdict(replace(study, cars=study.cars.assign(stderr=0.2)))
    assert said.sentence.startswith("ORCL fell 12.88% beyond what SPY explains on day 0 (95%")
    assert said.doubts[0] == (
        "The placebo dates reject, the interval from the forecast error holds zero."
    )


def test_too_few_placebo_dates_for_any_p_are_the_first_doubt() -> None:
    study = without_issuer(make_study(("AAA", "BBB", "CCC"), 1))
    cars = study.cars.assign(placebo_rank=0, n_placebo=30, placebo_pvalue=1 / 31)
    said = verdict(with_placebo(replace(study, cars=cars), 1 / 31))
    assert said.sentence.startswith("None of 3 assets can be told from chance")
    assert said.doubts[0] == (
        "30 placebo dates cannot give a p below 0.097 here, whatever happened."
    )


def test_few_events_far_samples_exclusions_notes_and_prices_are_doubts() -> None:
    study = make_study(("BTC", "NVDA"), 4)
    cars = study.cars[~((study.cars["symbol"] == "BTC") & (study.cars["occurrence"] == "q0"))]
    aggregates = study.aggregates.copy()
    aggregates.loc[aggregates["group"] == "BTC", "n_events"] = 3
    quality = pd.DataFrame(
        [("BTC", "2025-12-01", "2025-12-01", 1, "stale", "warning", "x")],
        columns=study.quality.columns,
    )
    notes = ["", "not controlled for fomc", "", "may be the next session"]
    occurrences = study.occurrences.assign(note=notes)
    said = verdict(
        replace(
            study,
            cars=cars,
            aggregates=aggregates,
            quality=quality,
            occurrences=occurrences,
            overlaps=study.overlaps.head(0),
        )
    )
    assert said.doubts == (
        "There are only 3 events; one of them can carry the average.",
        "BTC is sampled 180 minutes after the clock's close (nearest close).",
        "1 of 4 occurrences had to be left out (see below).",
        "Overlaps in 1 of 4 occurrences are not controlled for (below).",
        "Day 0 may be another session in 1 of 4 occurrences (below).",
        "1 warning about the prices of BTC (below).",
    )


def test_nothing_computed_says_why() -> None:
    study = make_study(n_occurrences=1)
    empty = replace(study, aggregates=study.aggregates.head(0), tests=study.tests.head(0))
    said = verdict(empty)
    assert said.sentence == "Nothing could be computed."
    assert said.doubts[0] == "48 estimation rows, 60 are needed (1)"


def test_moves_of_one_sign_are_not_said_to_go_either_way() -> None:
    study = make_study(("ORCL", "NVDA"), 2)
    cars = study.cars.copy()
    here = (cars["symbol"] == "ORCL") & (cars["window"] == "[0,0]")
    cars.loc[here, "car"] = [-0.35, -0.05]
    aggregates = study.aggregates.copy()
    place = (aggregates["group"] == "ORCL") & (aggregates["window"] == "[0,0]")
    aggregates.loc[place, "caar"] = -0.2
    said = verdict(replace(study, cars=cars, aggregates=aggregates))
    assert said.sentence.startswith(
        "ORCL moved more than chance allows on day 0: it fell 20.00% beyond what SPY explains on "
        "average over 2 events, too few or too uneven to call it a direction ("
    )
    assert said.kind == "scattered"
    # What two events can say at all comes before what else happened.
    assert said.doubts[0].startswith("There are only 2 events")
    assert said.doubts[1].startswith("1 of 2 occurrences share their window")


def test_overlaps_are_counted_among_the_occurrences_of_the_average() -> None:
    study = make_study(("ORCL", "NVDA"), 12)
    last = study.occurrences["occurrence"].iloc[-1]
    absent = study.occurrences["occurrence"].isin(["q0", "q1"])
    days = study.occurrences.assign(event_session=study.occurrences["event_session"].mask(absent))
    cars = study.cars[~study.cars["occurrence"].isin(["q0", "q1"])]
    said = verdict(replace(study, occurrences=days, cars=cars))
    assert any(doubt.startswith("1 of 10 occurrences share") for doubt in said.doubts)
    without = replace(study, cars=cars[cars["occurrence"] != last])
    assert not any("share their window" in doubt for doubt in verdict(without).doubts)
