"""The page of a contagion, the terminal's tables and the sentence, on a hand-made one."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from eventlab.report.contagion import views
from eventlab.report.contagion.figure_rows import figure_rows
from eventlab.report.contagion.spoken import spoken
from eventlab.report.contagion.text import print_contagion
from tests.report.make_contagion import TARGETS, VERDICTS, make_contagion
from tests.report.make_study import make_study
from tests.report.test_store import make_run

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.contagion.results import EventContagion

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
vl_convert = pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.figures import figure_templates  # noqa: E402 - after the skip
from eventlab.report.pages import write_pages  # noqa: E402 - after the skip

EVENT = "oracle-earnings"


def page_of(contagion: EventContagion, folder: Path, *, study: bool = True) -> str:
    studies = (make_study(n_occurrences=3),) if study else ()
    write_pages(replace(make_run(*studies), contagions=(contagion,)), folder)
    return (folder / "events" / f"{EVENT}-contagion.html").read_text("utf-8")


def text_of(contagion: EventContagion, *, verbose: bool = False) -> str:
    stream = io.StringIO()
    print_contagion(contagion, stream, verbose=verbose)
    return stream.getvalue()


def test_the_sentence_names_what_travelled_and_how_surely() -> None:
    said = spoken(make_contagion())
    assert said.occurrence == "q1"
    assert said.sentence == (
        "The shock of ORCL at q1 travelled to NVDA: correlation with NVDA went from 0.30 to 0.80, "
        "beyond what the variance of ORCL explains (1 of 3 pairs)."
    )
    assert said.lines[0] == "Contagion: NVDA; the link itself became stronger."
    assert said.doubts[0] == "Other news fell into the windows: fomc/2025-12-10 on bar -1."


def test_without_contagion_the_sentence_names_the_nearest() -> None:
    made = make_contagion()
    pairs = made.pairs.assign(verdict=made.pairs["verdict"].replace("contagion", "no change"))
    sentence = spoken(replace(made, pairs=pairs)).sentence
    assert sentence.startswith("No pair of 3 pairs shows")
    assert "NVDA, placebo p 0.030" in sentence


def test_where_nothing_could_be_tested_the_reason_is_the_answer() -> None:
    made = make_contagion()
    pairs = made.pairs.assign(verdict="", note="history too short")
    blank = replace(made, pairs=pairs)
    assert spoken(blank).sentence == "No pair could be tested: history too short."
    assert "history too short" in text_of(blank)


def test_the_terminal_shows_every_pair_and_its_verdict() -> None:
    text = text_of(make_contagion())
    for target, verdict in zip(TARGETS, VERDICTS, strict=True):
        assert re.search(rf"{target} .*{verdict}", text), target
    assert "02:00 UTC" in text
    assert "Fisher" in text_of(make_contagion(), verbose=True)


def test_simulated_prices_say_so_everywhere(tmp_path: Path) -> None:
    made = make_contagion(simulated=True)
    assert "SIMULATED PRICES" in text_of(made)
    page = page_of(made, tmp_path)
    assert "SIMULATED PRICES" in page
    assert 'data-simulated="yes"' in page


def test_the_page_links_only_to_what_is_there(tmp_path: Path) -> None:
    page = page_of(make_contagion(), tmp_path)
    links = re.findall(r'(?:href|src)="([^"#]+)"', page)
    local = [link for link in links if not link.startswith("data:")]
    assert local
    json_files = [link for link in local if link.endswith(".json")]
    missing = [
        link
        for link in local
        if link not in json_files and not (tmp_path / "events" / link).resolve().exists()
    ]
    assert missing == []  # the JSON is written with the run, not with its pages


def test_the_event_page_and_the_index_lead_to_it(tmp_path: Path) -> None:
    page_of(make_contagion(), tmp_path)
    study = (tmp_path / "events" / f"{EVENT}.html").read_text("utf-8")
    index = (tmp_path / "index.html").read_text("utf-8")
    assert f'href="{EVENT}-contagion.html"' in study
    assert f'href="events/{EVENT}-contagion.html"' in index


def test_a_contagion_without_a_study_is_in_the_index(tmp_path: Path) -> None:
    page = page_of(make_contagion(), tmp_path, study=False)
    assert "Abnormal returns" not in page
    assert f'href="events/{EVENT}-contagion.html"' in (tmp_path / "index.html").read_text("utf-8")


def test_titles_stay_text(tmp_path: Path) -> None:
    class Scripts(HTMLParser):
        bodies = ""

        def handle_data(self, data: str) -> None:
            self.bodies += data

    page = page_of(make_contagion(title="<script>alert(1)</script>"), tmp_path)
    assert "<script>alert(1)" not in page
    parser = Scripts()
    parser.feed(page)
    assert "<script>alert(1)</script>: did it travel?" in parser.bodies


@pytest.mark.parametrize(
    "name", ["matrix", "breaks", "connected", "dynamic", "lead", "moves", "network"]
)
def test_a_picture_is_drawn_with_its_rows(name: str) -> None:
    made = make_contagion(n_occurrences=3)
    rows = figure_rows(made, views.focus(made))[name]
    shown = rows if isinstance(rows, list) else next(iter(rows.values()))
    assert shown
    template = figure_templates()[name]
    spec = {**template, "datasets": {**template.get("datasets", {}), "rows": shown}}
    if spec.get("width") == "container":
        spec["width"] = 300
    svg = vl_convert.vegalite_to_svg(spec)
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    json.dumps(rows, allow_nan=False)


def test_arrows_point_from_cause_to_effect() -> None:
    made = make_contagion()
    rows = figure_rows(made, views.focus(made))["network"]["calm"]
    place = {row["label"]: (row["x"], row["y"]) for row in rows if row["kind"] == "node"}
    edge = next(row for row in rows if row["kind"] == "edge")
    arrow = next(row for row in rows if row["kind"] == "arrow")
    assert (edge["x"], edge["y"]) == place["ORCL"]
    # ORCL is at the top of four, NVDA to its right: the way there runs down and to the right.
    assert place["NVDA"][0] > 0 > edge["y2"] - edge["y"]
    assert 90 < arrow["angle"] < 180
