"""A small run on simulated prices, sent as one HTML file and as a PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.report.record import Run
from tests.report.make_study import make_study

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
pytest.importorskip("jinja2", reason="needs the extra eventlab[report]")
pytest.importorskip("typst", reason="needs the extra eventlab[report]")
pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report import pages
from eventlab.report.pdf import document
from eventlab.report.pdf.document import write_pdf
from eventlab.report.pdf.reader import read_sheet
from eventlab.report.pdf.typesetting import typeset
from eventlab.report.rendered import rendered_pages
from eventlab.report.scripts import kept_templates
from eventlab.report.single_file import single_file, write_single_file

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "Oracle </script></template><script>alert(1)</script> #panic(1) $x$ *b* \u4e2d"
INDEX, EVENT = "index.html", "events/oracle-earnings.html"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    run = Run(
        studies=(make_study(n_occurrences=3, simulated=True, by_tag=("beat",), title=EVIL),),
        failures=(),
        command="eventlab run",
        seed=3,
        source="sample",
        generated_at="2026-01-02T03:04:05+00:00",
        versions={"eventlab": "0.1.0"},
        definitions={},
        title="Event studies",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "vega_script", lambda: "/* vega */ '</script><!--'")
        pages.write_pages(run, made)
    return made


def test_pages_are_read_back_in_the_order_of_their_links(folder: Path) -> None:
    index, event = rendered_pages(folder)
    assert (index.name, event.name) == (INDEX, EVENT)
    assert EVIL in event.title
    assert event.simulated
    assert event.scripts == ("assets/vega.js", "assets/figures.js")
    assert "<script src" not in event.body


def test_one_file_holds_every_page_and_each_script_once(folder: Path) -> None:
    path = write_single_file(folder)
    text = path.read_text("utf-8")
    assert text.count("/* vega */") == text.count("window.eventlabFigures = ") == 1
    assert text.count(f'data-page="{EVENT}"') == 1
    assert "<script src" not in text
    assert "alert(1)</script>" not in text
    # Nothing that is inside ends the element it stands in.
    assert text.count("<template") == text.count("</template>") == 1
    assert len(re.findall("<script[ >]", text)) == text.count("</script>")
    assert [page.name for page in rendered_pages(folder)] == [INDEX, EVENT]  # itself left out
    write_single_file(folder)
    assert path.read_text("utf-8") == text
    path.unlink()


def test_no_link_of_the_one_file_is_dead(folder: Path) -> None:
    found = rendered_pages(folder)
    text = single_file(found, [])
    links = re.findall(r'<a\b[^>]*href="([^"]*)"', text)
    assert f"#{EVENT}" in links
    names = {page.name: page for page in found}
    for link in links:
        name, _, place = link.removeprefix("#").partition(":")
        assert link.startswith("#")
        assert not place or f'id="{place}"' in names[name].body
    assert "<code>tables/oracle-earnings/cars.csv</code>" in text
    assert "lie in the folder of the run" in text


def test_the_pdf_has_every_page_and_the_same_bytes_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def watched(data: str) -> bytes:
        seen.append(data)
        return typeset(data)

    monkeypatch.setattr(document, "typeset", watched)
    steps: list[tuple[int, int]] = []
    path = write_pdf(folder, lambda done, total: steps.append((done, total)))
    first = path.read_bytes()
    assert first.startswith(b"%PDF-")
    assert b"/Lang" in first
    assert b"/StructTreeRoot" in first
    assert b"/Outlines" in first
    assert steps == [(0, 2), (1, 2), (2, 2)]
    write_pdf(folder)
    assert path.read_bytes() == first
    path.unlink()
    assert "#panic(1) $x$ *b*" in seen[0]


def test_every_picture_on_paper_says_that_prices_are_simulated(folder: Path) -> None:
    known = kept_templates()
    names = frozenset({INDEX, EVENT})
    for page in rendered_pages(folder):
        sheet = document._printed(page, names, known)
        assert sheet["simulated"]
        drawn = [block for block in sheet["blocks"] if block["kind"] == "figure"]
        for block in sheet["blocks"]:
            drawn += block["figures"] if block["kind"] == "panels" else []
        assert len(drawn) > 3 or page.name == INDEX
        for picture in drawn:
            assert "SIMULATED PRICES" in picture["svg"]
            assert picture["label"]
            assert picture["width"] > 100 < picture["height"]


def test_long_tables_are_cut_aloud(folder: Path) -> None:
    sheet = read_sheet(rendered_pages(folder)[1], frozenset())
    table = next(block for block in sheet.blocks if block.kind == "table")
    long = replace(table, rows=table.rows[:1] * (document.MOST_ROWS + 1))
    made = document._table(long, sheet)
    assert sum(map(len, made["parts"])) == document.MOST_ROWS
    assert made["more"] == f"1 more row is in {EVENT} of the run folder."
    assert document._table(table, sheet)["more"] == ""
