from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.report.overview import by_chance, line
from eventlab.report.verdict import verdict
from tests.report.make_study import make_study
from tests.report.test_verdict import with_placebo, without_issuer

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy

MINUS = "\N{MINUS SIGN}"


def test_a_named_asset_is_not_picked() -> None:
    study = make_study(("ORCL", "NVDA"), 12)
    said = line(study, verdict(study))
    assert (said.asset, said.chosen, said.unpicked) == ("ORCL", "on day 0", "")
    assert said.occurrences == "12 of 12"
    assert said.average == f"{MINUS}11.24%"
    assert (said.kind, said.words) == ("down", "yes, down")


def test_a_picked_asset_shows_both_placebo_p() -> None:
    study = without_issuer(with_placebo(make_study(("AAA", "BBB", "CCC"), 12), 0.03))
    said = line(study, verdict(study))
    assert (said.pvalue, said.unpicked) == ("0.090", "0.030 unpicked")
    assert said.chosen == "on day 0; 1 of 3"
    assert (said.kind, said.words) == ("chance", "not shown")


def test_the_surest_comes_first_and_nothing_computed_last() -> None:
    sure = make_study(("ORCL", "NVDA"), 12)
    unsure = with_placebo(sure, 0.4)
    empty = replace(sure, aggregates=sure.aggregates.head(0), tests=sure.tests.head(0))
    places = [line(study, verdict(study)).place for study in (sure, unsure, empty)]
    assert places == sorted(places)
    assert line(empty, verdict(empty)).words == "not computed"


@pytest.mark.parametrize(("n_events", "share"), [(2, "10%"), (7, "30%"), (14, "51%")])
def test_many_events_find_something_by_chance(n_events: int, share: str) -> None:
    studies: list[EventStudy] = [make_study()] * n_events
    assert f"on about {share} of such pages" in by_chance(studies)


def test_one_event_needs_no_such_warning() -> None:
    assert by_chance([make_study()]) == ""
