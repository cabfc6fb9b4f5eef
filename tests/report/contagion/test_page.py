"""The page of a contagion, the terminal's tables and the sentence, on a hand-made one."""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from rich.console import Console

from eventlab.report.contagion import views
from eventlab.report.contagion.figure_rows import figure_rows
from eventlab.report.contagion.lead_views import order, order_said
from eventlab.report.contagion.rest_views import exclusions, truth_counts
from eventlab.report.contagion.sections import sections
from eventlab.report.contagion.spoken import spoken
from eventlab.report.contagion.text import contagion_table, print_contagion
from eventlab.report.scripts import kept_templates
from tests.report.make_contagion import make_contagion
from tests.report.make_leads import TARGETS, VERDICTS
from tests.report.make_study import make_study
from tests.report.test_store import make_run

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.contagion.results import EventContagion

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
vl_convert = pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.pages import write_pages  # noqa: E402 - after the skip
from eventlab.report.table_files import write_table_files  # noqa: E402 - after the skip

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
    said = spoken(make_contagion(n_occurrences=1))
    assert said.occurrence == "q0"
    assert said.sentence == (
        "The shock of ORCL travelled to NVDA: correlation with NVDA went from 0.30 to 0.80, more "
        "than the variance of ORCL explains (1 of 3 pairs)."
    )
    assert said.lines[0].startswith("Contagion: NVDA; correlation changed beyond placebo dates")
    assert said.doubts[0].startswith("Other news: fomc/2025-12-10 on bar -1. What moved then may")


def test_repeated_events_speak_of_their_average_first() -> None:
    said = spoken(make_contagion())
    assert said.sentence.startswith("On average over 2 events the shock of ORCL travelled to NVDA")
    assert said.lines[0] == (
        "2 pairs of 6 at single occurrences had the verdict contagion, at q0 and q1. Chance alone "
        "would change one at up to 5% of them: 0.1 of 2."
    )
    assert said.lines[1].startswith("The shock of ORCL at q1 travelled to NVDA")


def test_without_contagion_the_lines_say_what_was_nearest_and_what_would_have_shown() -> None:
    made = make_contagion(n_occurrences=1)
    verdicts = made.pairs["verdict"].replace("contagion", "no change")
    said = spoken(replace(made, pairs=made.pairs.assign(verdict=verdicts)))
    assert said.sentence == "Nothing shows that the shock of ORCL travelled to any of 3 targets."
    assert (
        "Nearest to a finding: NVDA, correlation 0.30 to 0.80, placebo p 0.030 alone and 0.050 "
        "over all 3 pairs tried." in said.lines
    )
    assert (
        "What would have shown: a stronger link, a change of correlation of +0.45 (NVDA) to "
        "+0.45 (BTC)." in said.lines
    )


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        ("underpowered", "Whether the shock of ORCL travelled cannot be told"),
        ("no change", "The shock of ORCL did not travel"),
        ("common volatility shock", "Nothing shows that the shock of ORCL travelled"),
        ("interdependence", "Nothing shows that the shock of ORCL travelled"),
    ],
)
def test_no_sentence_is_surer_than_its_verdicts(verdict: str, begins: str) -> None:
    made = make_contagion(n_occurrences=1)
    said = spoken(replace(made, pairs=made.pairs.assign(verdict=verdict)))
    assert said.sentence.startswith(begins)


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
    write_table_files((make_contagion(),), tmp_path, [])
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
    "name", ["matrix", "breaks", "connected", "dynamic", "lead", "betas", "moves", "network"]
)
def test_a_picture_is_drawn_with_its_rows(name: str) -> None:
    made = make_contagion(n_occurrences=3)
    rows = figure_rows(made, views.focus(made))[name]
    shown = rows if isinstance(rows, list) else next(iter(rows.values()))
    assert shown
    template = json.loads(kept_templates())[name]
    spec = {**template, "datasets": {**template.get("datasets", {}), "rows": shown}}
    if spec.get("width") == "container":
        spec["width"] = 300
    svg = vl_convert.vegalite_to_svg(spec)
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("width", [80, 100, 140])
def test_nothing_is_cut_or_lost_on_a_terminal(width: int, verbose: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    made = make_contagion(simulated=True)
    console.print(contagion_table(made, verbose=verbose))
    text = stream.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    tokens = set(re.split(r"\s+", text))
    at = views.focus(made)
    for pieces in sections(made, at).values():
        for piece in pieces:
            shown = verbose or not piece.detail
            places = range(len(piece.view.columns))
            kept = [p for p in places if verbose or p not in piece.view.wide]
            words = {w for row in piece.view.rows for p in kept for w in row[p].text.split()}
            assert not shown or words <= tokens, piece.view.caption


def test_every_table_has_its_place() -> None:
    made = make_contagion(simulated=True)
    pieces = [one for own in sections(made, views.focus(made)).values() for one in own]
    shown = {piece.file.removeprefix("contagion_").removesuffix(".csv") for piece in pieces}
    drawn = {"spillover_paths", "correlation_paths", "lead_lag", "betas"}
    tables = {
        each.name for each in fields(made) if isinstance(getattr(made, each.name), pd.DataFrame)
    }
    assert tables - drawn - {"occurrences"} == shown


def test_exclusions_are_counted_by_reason() -> None:
    view = exclusions(make_contagion())
    assert [cell.text for cell in view.rows[0]][:3] == [
        "no return in crisis_window; its last is of …",
        "2",
        "FET and TAO",
    ]


def test_the_truth_counts_verdicts() -> None:
    view = truth_counts(make_contagion(simulated=True))
    assert view.columns == (
        "the simulation added", "pairs", "contagion", "interdependence", "underpowered",
    )  # fmt: skip
    found = {row[0].text: [cell.text for cell in row[1:]] for row in view.rows}
    assert found["a stronger link"] == ["2", "2", "0", "0"]
    assert found["nothing"] == ["2", "0", "0", "2"]


def test_what_is_said_of_the_order_is_a_sentence_and_no_note() -> None:
    made = make_contagion()
    at = views.focus(made)
    assert order_said(made, at) == "Every link moved in the order claimed: of 2 pairs 2."
    assert "order claimed" not in " ".join(
        cell.text for row in order(made, at).rows for cell in row
    )


def test_models_of_conditional_correlation_are_lines_of_their_own() -> None:
    made = make_contagion()
    dcc = made.correlation_paths
    both = pd.concat([dcc, dcc.assign(model="adcc", correlation=0.9)])
    rows = figure_rows(replace(made, correlation_paths=both), views.focus(made))["dynamic"]["BTC"]
    assert [row["tau"] for row in rows] == list(range(-5, 11))
    assert {row["adcc"] for row in rows} == {0.9}
    assert {row["cdcc"] for row in rows} == {None}


def test_a_result_is_one_line() -> None:
    made = make_contagion()
    assert repr(made) == (
        "EventContagion: oracle-earnings, 2 occurrences, pairs: 3 contagion, 3 interdependence, "
        "3 underpowered"
    )


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


def test_no_sentence_stumbles_over_its_commas() -> None:
    made = make_contagion(n_occurrences=3)
    averages = made.averages.assign(verdict="no change", detectable=[0.05, 0.1, 0.2])
    said = spoken(replace(made, averages=averages))
    text = " ".join((said.sentence, *said.lines, *said.doubts))
    assert "+0.05 to +0.20, by pair, would have shown" in text
    assert ",," not in text
