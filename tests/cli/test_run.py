from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.cli.make_workspace import EVENT, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("altair", reason="needs the extra eventlab[report]")

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "ws")


def test_run_writes_everything(workspace: Path, capsys: Captured) -> None:
    assert run(["-C", str(workspace), "run", "--json", "--single-file", "--pdf"]) == 0
    found = capsys.readouterr()
    reports = workspace / "reports"
    assert json.loads(found.out) == json.loads((reports / "run.json").read_text("utf-8"))
    for name in (
        "index.html",
        "report.html",
        "report.pdf",
        "events/acme-earnings.html",
        "assets/vega.js",
        "assets/figures.js",
        "study/acme-earnings.json",
        "study/acme-earnings/cars.parquet",
        "tables/acme-earnings/cars.csv",
    ):
        assert (reports / name).stat().st_size > 0
    stored = read_run(reports)
    assert stored.seed == 7
    assert stored.title == "Small"
    assert sorted(stored.definitions) == [
        "eventlab.toml",
        "events/acme-earnings.yaml",
        "events/rate-day.yaml",
        "universes/stocks.yaml",
    ]
    assert [(each.event, each.exit_code) for each in stored.failures] == [("rate-day", 0)]


def test_what_fails_is_listed_and_the_rest_runs(workspace: Path, capsys: Captured) -> None:
    broken = EVENT.replace("acme-earnings", "broken").replace("kind:", "kint:")
    (workspace / "events/broken.yaml").write_text(broken)
    nothing = EVENT.replace("acme-earnings", "nothing").replace('["@issuer", BBB]', "[ZZZ]")
    (workspace / "events/nothing.yaml").write_text(nothing)
    universe = (workspace / "universes/stocks.yaml").read_text()
    (workspace / "universes/stocks.yaml").write_text(universe + "  ZZZ: {title: Not there}\n")
    assert run(["run", "-C", str(workspace), "--quiet"]) == 3
    stored = read_run(workspace / "reports")
    assert [study.event.event for study in stored.studies] == ["acme-earnings"]
    failed = {each.event: each.exit_code for each in stored.failures}
    assert failed == {"broken": 2, "rate-day": 0, "nothing": 3}
    index = (workspace / "reports/index.html").read_text("utf-8")
    assert "broken.yaml:3:1: kint" in index
    said = capsys.readouterr().err
    prices = workspace / "prices"
    assert f"error: nothing: nothing could be computed from {prices}: ZZZ has no prices" in said


def test_without_prices_the_index_says_so(workspace: Path, capsys: Captured) -> None:
    assert run(["run", "-C", str(workspace), "--data", str(workspace / "nowhere")]) == 3
    assert "nowhere" in (workspace / "reports/index.html").read_text("utf-8")
    assert "nowhere" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused_before_anything_is_computed(
    workspace: Path, capsys: Captured
) -> None:
    assert run(["run", "-C", str(workspace), "--out", str(workspace)]) == 2
    assert "not a run of eventlab" in capsys.readouterr().err
    assert (workspace / "events/acme-earnings.yaml").read_text() == EVENT


def test_a_folder_that_cannot_be_written_is_no_bug(workspace: Path, capsys: Captured) -> None:
    out = workspace / "eventlab.toml" / "reports"
    assert run(["run", "-C", str(workspace), "--out", str(out), "--quiet"]) == 2
    said = capsys.readouterr().err
    assert said == f"error: {out} cannot be written: Not a directory; name another with --out\n"


def test_report_makes_the_same_pages_again(workspace: Path, capsys: Captured) -> None:
    assert run(["run", "-C", str(workspace), "--quiet"]) == 0
    reports = workspace / "reports"
    pages = {path: path.read_text("utf-8") for path in sorted(reports.rglob("*.html"))}
    (reports / "index.html").unlink()
    assert run(["report", str(reports)]) == 0
    assert {path: path.read_text("utf-8") for path in sorted(reports.rglob("*.html"))} == pages
    assert run(["report", str(workspace / "events")]) == 2
    assert "is no run folder" in capsys.readouterr().err


def test_doctor(workspace: Path, capsys: Captured) -> None:
    assert run(["doctor", "-C", str(workspace), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workspace"]["events"] == 2
    assert found["versions"]["eventlab"]
    assert run(["doctor", "-C", str(workspace / "nowhere")]) == 0
    assert "workspace: found no" in capsys.readouterr().out


def test_every_page_has_a_first_look_at_the_specifications(
    workspace: Path, capsys: Captured
) -> None:
    assert run(["-C", str(workspace), "run", "-q"]) == 0
    page = (workspace / "reports" / "events" / "acme-earnings.html").read_text(encoding="utf-8")
    assert "Every reasonable way to ask" in page
    assert "eventlab study acme-earnings --specifications" in page
    stored = json.loads((workspace / "reports" / "study" / "acme-earnings.json").read_text())
    summary = stored["specifications"]["summary"][0]
    assert summary["short"]
    assert summary["n_asked"] == len(stored["specifications"]["specs"]) > 0
    again = read_run(workspace / "reports").studies[0]
    assert len(again.specifications) == summary["n_asked"]
