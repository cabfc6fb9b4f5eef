"""A contagion on the page of its event's study, and on the first page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.report.contagion.told import event_pictures, event_rows, tell, travelled
from tests.report.make_contagion import make_contagion
from tests.report.make_study import make_study
from tests.report.test_store import make_run

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.contagion.results import EventContagion

pytest.importorskip("altair", reason="needs the extra eventlab[report]")

from eventlab.report.pages import write_pages

EVENT = "oracle-earnings"


def with_verdict(made: EventContagion, verdict: str) -> EventContagion:
    """Give every pair and every average the same verdict."""
    return replace(
        made,
        pairs=made.pairs.assign(verdict=verdict),
        averages=made.averages.assign(verdict=verdict),
    )


def pages_of(contagion: EventContagion, folder: Path) -> Path:
    run = make_run(make_study(n_occurrences=3))
    write_pages(replace(run, contagions=(contagion,)), folder)
    return folder


def test_the_event_page_draws_the_contagion_with_its_rows(tmp_path: Path) -> None:
    text = (pages_of(make_contagion(), tmp_path) / f"events/{EVENT}.html").read_text("utf-8")
    found = re.search(r'id="figure-rows">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    rows = json.loads(found[1])
    drawn = re.findall(r'data-figure="(\w+)"(?: data-name="([^"]*)")?', text.split("<h2>Tables")[0])
    for figure in ("matrix", "network", "moves", "lead", "connected"):
        names = [name for one, name in drawn if one == figure]
        assert names, figure
        assert all(rows[figure][name] if name else rows[figure] for name in names)
    # Only all series together are drawn here, those of each are on the contagion's own page.
    assert not any("NET" in name for name in rows["connected"])
    page = (tmp_path / f"events/{EVENT}-contagion.html").read_text("utf-8")
    places = re.findall(rf'href="{EVENT}-contagion.html#([^"]+)"', text)
    assert places
    assert [place for place in places if f'id="{place}"' not in page] == []


def test_a_network_without_an_arrow_says_so_instead_of_a_picture(tmp_path: Path) -> None:
    made = make_contagion()
    none = replace(made, network=made.network.assign(edge=False))
    text = (pages_of(none, tmp_path) / f"events/{EVENT}.html").read_text("utf-8")
    assert 'data-figure="network"' not in text
    assert "No arrow to draw: with all pairs accounted for" in text
    assert re.search(r"predict another, before(, during or after| or during)? the event", text)


def test_an_event_without_a_contagion_has_none_of_it() -> None:
    assert event_pictures(None) is None
    assert event_rows(None) == {}
    assert travelled(()) is None


def test_the_first_page_counts_pairs_by_verdict() -> None:
    answer = travelled((tell(make_contagion()),))
    assert answer is not None
    assert answer.view.columns[2:5] == ("pairs", "contagion", "interdependence")
    (row,) = answer.view.rows
    assert [cell.text for cell in row][1:] == ["yes", "3", "1", "1", "0", "0", "1"]
    # Below: the same pairs at each of two occurrences.
    assert [cell.below for cell in row] == [
        "2 occurrences",
        "",
        *(f"{n} single" for n in (6, 2, 2, 0, 0, 2)),
    ]
    assert answer.sentence == (
        "1 of 1 shock travelled (Oracle quarterly earnings): a correlation changed by more than "
        "chance and the source's own variance explain; at 1 of 3 pairs a change worth knowing "
        "could have gone unseen."
    )
    assert answer.links == (f"events/{EVENT}-contagion.html",)


@pytest.mark.parametrize(
    ("verdict", "brief"),
    [
        ("no change", "no"),
        ("underpowered", "cannot be told"),
        ("interdependence", "not shown"),
        ("", "not tested"),
    ],
)
@pytest.mark.parametrize("n_occurrences", [1, 2])
def test_no_answer_is_surer_than_its_verdicts(verdict: str, brief: str, n_occurrences: int) -> None:
    answer = travelled((tell(with_verdict(make_contagion(n_occurrences), verdict)),))
    assert answer is not None
    assert answer.view.rows[0][1].text == brief
    assert answer.kinds != ("open",)
    assert "travelled (" not in answer.sentence


def test_what_travelled_stands_before_what_did_not() -> None:
    made = make_contagion()
    answer = travelled((tell(with_verdict(made, "underpowered")), tell(made)))
    assert answer is not None
    assert answer.kinds == ("open", "chance")
    assert answer.sentence.startswith("1 of 2 shocks travelled")
