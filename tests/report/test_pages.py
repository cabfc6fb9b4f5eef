from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.report.record import Failure, Run
from tests.report.make_study import make_study

pytest.importorskip("jinja2", reason="needs the extra eventlab[report]")
pytest.importorskip("altair", reason="needs the extra eventlab[report]")

from eventlab.report import kept, page_parts, pages, views
from eventlab.report.battery_views import reasons_view
from eventlab.report.csv_files import write_csv_files
from eventlab.report.flat_tables import flat_tables
from eventlab.report.table_files import write_table_files

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.study.results import EventStudy

EVIL = 'Oracle </script><script>alert(1)</script> & "quoted" <b>bold</b>'
VOID = {"meta", "link", "br", "input", "img", "hr"}


class Outline(HTMLParser):
    """Collects addresses and checks that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.scripts = 0
        self.captions = 0
        self.tables = 0
        self.unscoped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [str(found[key]) for key in ("src", "href") if key in found]
        self.ids += [str(found["id"])] if "id" in found else []
        self.scripts += tag == "script"
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += tag == "th" and "scope" not in found
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


@pytest.fixture(autouse=True)
def quick_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the real bundle takes seconds; it is looked at in one test."""
    monkeypatch.setattr(pages, "vega_script", lambda: "/* vega */")
    monkeypatch.setattr(pages, "figures_script", lambda: "/* figures */")


def written(folder: Path, *studies: EventStudy, failures: tuple[Failure, ...] = ()) -> Path:
    run = Run(
        studies=studies,
        failures=failures,
        command="eventlab run --data 'my <prices>'",
        seed=3,
        source="my <prices>",
        generated_at="2026-01-02T03:04:05+00:00",
        versions={"eventlab": "0.1.0"},
        definitions={"events/oracle-earnings.yaml": "cd" * 32},
        title="Event studies",
    )
    pages.write_pages(run, folder)
    return folder


def outline(path: Path) -> Outline:
    parsed = Outline()
    parsed.feed(path.read_text("utf-8"))
    assert parsed.open == []
    return parsed


def test_nothing_leaves_the_folder_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    study = make_study(n_occurrences=3, simulated=True, by_tag=("beat",))
    write_table_files((study,), written(tmp_path, study), [])
    for page in (tmp_path / "index.html", tmp_path / "events" / "oracle-earnings.html"):
        found = outline(page)
        assert len(set(found.ids)) == len(found.ids)
        for address in found.addresses:
            if address == "data:,":
                continue  # the empty icon, which keeps browsers from asking for one
            assert not re.match(r"[a-z]+:|//", address), address
            file, _, place = address.partition("#")
            if file and "study/" not in file:  # written by the store
                assert (page.parent / file).resolve().is_file(), address
            elif not file:
                assert place in found.ids, address


def test_tables_have_captions_and_scopes(tmp_path: Path) -> None:
    written(tmp_path, make_study(n_occurrences=3, simulated=True, by_tag=("beat",)))
    page = outline(tmp_path / "events" / "oracle-earnings.html")
    assert page.tables > 8
    assert page.captions == page.tables
    assert page.unscoped == 0


def test_markup_in_definitions_is_text(tmp_path: Path) -> None:
    plain = outline(written(tmp_path / "a", make_study()) / "events/oracle-earnings.html")
    evil_folder = written(tmp_path / "b", make_study(title=EVIL))
    evil = outline(evil_folder / "events/oracle-earnings.html")
    assert evil.scripts == plain.scripts
    text = (evil_folder / "events/oracle-earnings.html").read_text("utf-8")
    assert "<b>bold" not in text
    assert "alert(1)</script>" not in text
    assert "my &lt;prices&gt;" in (evil_folder / "index.html").read_text("utf-8")


def test_rows_of_the_pictures_are_whole_json(tmp_path: Path) -> None:
    text = (
        written(tmp_path, make_study(n_occurrences=3)) / "events/oracle-earnings.html"
    ).read_text("utf-8")
    found = re.search(r'id="figure-rows">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    rows = json.loads(found[1])
    assert sorted(rows) == ["choices", "curve", "events", "heat", "overlaps", "paths"]
    assert list(rows["paths"]) == ["ORCL", "NVDA", "BTC"]


def test_script_json_cannot_close_its_element() -> None:
    value = {"title": "</script><!--&"}
    text = page_parts.script_json(value)
    assert "<" not in text
    assert json.loads(text) == value


def test_a_page_begins_with_the_verdict_and_its_doubt(tmp_path: Path) -> None:
    text = (written(tmp_path, make_study()) / "events/oracle-earnings.html").read_text("utf-8")
    verdict = text.index("ORCL fell 12.88% beyond what SPY explains on day 0")
    doubt = text.index("FOMC statement: cut (1 bar earlier) shares its window.")
    assert verdict < doubt < text.index("<h2>Pictures")


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_prices_are_labelled_on_every_page(tmp_path: Path, *, simulated: bool) -> None:
    written(tmp_path, make_study(simulated=simulated))
    for page in (tmp_path / "index.html", tmp_path / "events" / "oracle-earnings.html"):
        text = page.read_text("utf-8")
        assert ("SIMULATED PRICES" in text) is simulated
        assert (f'data-simulated="{"yes" if simulated else "no"}"') in text
    event = (tmp_path / "events" / "oracle-earnings.html").read_text("utf-8")
    assert ("The truth of the simulation" in event) is simulated


def test_index_lists_what_failed(tmp_path: Path) -> None:
    failures = (
        Failure("broken", "events/broken.yaml:3:1: <b>: unknown key\nand more", 2),
        Failure("holiday", "no study section", 0),
    )
    text = (written(tmp_path, make_study(), failures=failures) / "index.html").read_text("utf-8")
    assert "events/broken.yaml:3:1: &lt;b&gt;: unknown key<br>and more" in text
    assert text.index("<h3>Not studied") < text.index("broken") < text.index("Nothing to study")
    assert "cd" * 32 in text


def test_long_tables_are_cut_counted_and_whole_as_csv(tmp_path: Path) -> None:
    study = make_study(n_occurrences=50)
    text = (written(tmp_path, study) / "events/oracle-earnings.html").read_text("utf-8")
    assert f"{views.MOST_ROWS} of 50 rows; all of them are in cars.csv" in text
    write_csv_files(flat_tables([study]), tmp_path / "tables/oracle-earnings")
    with (tmp_path / "tables/oracle-earnings/cars.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(study.cars)
    assert [float(row["car"]) for row in rows] == study.cars["car"].tolist()


def test_kept_text_is_made_again_when_it_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return "text"

    assert [kept.kept("a.js", make) for _ in range(3)] == ["text"] * 3
    assert len(made) == 1
    (tmp_path / "eventlab" / "a.js").write_text("te")
    assert kept.kept("a.js", make) == "text"
    assert len(made) == 2
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("a file where a folder should be")
    assert kept.kept("a.js", make) == "text"


def test_the_index_answers_before_it_says_anything_else(tmp_path: Path) -> None:
    text = (written(tmp_path, make_study()) / "index.html").read_text("utf-8")
    sentence = "Of 1 event, 1 moved prices one way beyond chance: Oracle quarterly earnings (ORCL"
    parts = [
        "<h1>",
        '"#moved">What moved',
        sentence,
        "<h2>What moved",
        "Every event at a glance",
        "yes, down",
        "In words",
    ]
    places = [text.index(part) for part in [*parts, "<h2>Where this comes from"]]
    assert places == sorted(places)
    # What was not asked has no section.
    assert re.findall(r"<h2>(.*?)</h2>", text) == ["What moved", "Where this comes from"]
    assert outline(tmp_path / "index.html").unscoped == 0


def test_cells_of_the_first_page_name_their_columns(tmp_path: Path) -> None:
    text = (written(tmp_path, make_study()) / "index.html").read_text("utf-8")
    row = next(line for line in text.splitlines() if 'role="rowheader"' in line)
    labels = re.findall(r'data-label="([^"]*)"', row)
    heads = re.findall(r'role="columnheader"[^>]*>([^<]*)<', text)
    assert labels == heads[1:] == ["more than chance?", "asset", "average", "placebo p"]


def test_the_asset_of_the_sentence_is_drawn_first_and_the_rest_unfolds(tmp_path: Path) -> None:
    symbols = ("ORCL", *(f"S{k}" for k in range(11)))
    study = make_study(symbols, 3)
    named = study.event.model_copy(update={"issuer": "S7"})
    folder = written(tmp_path, replace(study, event=named))
    text = (folder / "events/oracle-earnings.html").read_text("utf-8")
    drawn = re.findall(r'data-figure="paths" data-name="(\w+)"', text)
    assert drawn[:2] == ["S7", "ORCL"]
    assert sorted(drawn) == sorted(symbols)
    fold = text.index('aria-controls="more-panels"')
    assert text.index(f'data-name="{drawn[7]}"') < fold < text.index(f'data-name="{drawn[8]}"')
    assert "4 more assets and groups</button>" in text


def test_a_path_without_a_placebo_band_says_why(tmp_path: Path) -> None:
    study = make_study(n_occurrences=3)
    paths, tests = study.paths.copy(), study.tests.copy()
    for group, dates in {"NVDA": 8, "BTC": 21}.items():
        paths.loc[paths["group"] == group, ["low", "high"]] = float("nan")
        here = (tests["group"] == group) & (tests["test"] == "placebo")
        tests.loc[here, "pvalue"] = float("nan")
        tests.loc[here, "note"] = f"only {dates} placebo dates (at least 63 are needed)"
    folder = written(tmp_path, replace(study, paths=paths, tests=tests))
    text = (folder / "events/oracle-earnings.html").read_text("utf-8")
    reason = "only 8..21 placebo dates (at least 63 are needed)"
    assert f"No placebo band for NVDA, BTC: {reason}." in text


def test_the_event_by_event_table_does_not_repeat_the_title_of_the_page() -> None:
    study = make_study(n_occurrences=2)
    titles = [study.event.title, "Quarter 1"]
    same = replace(study, occurrences=study.occurrences.assign(title=titles))
    view = views.event_by_event(same, "ORCL", "[0,0]")
    assert [row[2].text for row in view.rows] == ["Quarter 1", ""]


def test_a_page_is_verdict_doubt_pictures_tables_and_provenance(tmp_path: Path) -> None:
    text = (
        written(tmp_path, make_study(n_occurrences=3)) / "events/oracle-earnings.html"
    ).read_text("utf-8")
    parts = ["<h1>", 'class="verdict"', 'class="doubt"', 'aria-label="On this page"']
    sections = ["<h2>Pictures", "<h2>Tables", "<h2>Where this comes from", "</main>"]
    places = [text.index(part) for part in [*parts, *sections]]
    assert places == sorted(places)
    pictures, tables = places[4:6]
    drawn = [found.start() for found in re.finditer('class="plot"', text)]
    laid = [found.start() for found in re.finditer("<table", text)]
    assert pictures < min(drawn) < max(drawn) < tables < min(laid)
    assert re.findall(r'<h3 id="(\w+)-picture"', text) == [
        "paths", "windows", "events", "overlaps",
    ]  # fmt: skip
    assert text.index("<dt>Fingerprint") > places[6]


def test_every_test_outside_the_headline_says_why(tmp_path: Path) -> None:
    study = make_study(("ORCL", "NVDA", "BTC"), 12)
    view = reasons_view(study, "NVDA", "[0,0]")
    assert [cell.text for cell in view.rows[0]][3:] == ["in the headline", ""]
    left = [row for row in view.rows if row[3].text == "left out of it"]
    assert [row[0].text for row in left] == ["cross-sectional t", "CLM J1", "Patell z, naive"]
    assert {row[4].text for row in left} == {"events share dates"}
    assert all(row[1].off and not row[1].loud for row in left)
    text = (written(tmp_path, study) / "events/oracle-earnings.html").read_text("utf-8")
    assert "Every test of ORCL in [0,0]" in text.split("<h2>Tables")[1]


def test_a_dash_for_a_placebo_p_is_explained_where_there_is_one() -> None:
    study = make_study()
    tests = study.tests.copy()
    assert "no placebo p to rely on" not in views.by_window(study).caption
    tests.loc[tests["test"] == "placebo", ["statistic", "pvalue"]] = np.nan
    cars = study.cars.assign(placebo_pvalue=np.nan)
    assert (
        "no placebo p to rely on" in views.by_window(replace(study, tests=tests, cars=cars)).caption
    )
