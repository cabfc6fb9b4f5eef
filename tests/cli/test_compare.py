from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from eventlab.report.record import Run
from eventlab.report.store import write_run
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs of a study, whose averages differ: ``old`` and ``new``."""
    study = make_study(n_occurrences=3)
    before = Run((study,), (), "eventlab run", 3, "prices", "2026-01-02T03:04:05+00:00")
    moved = study.aggregates.assign(caar=study.aggregates["caar"] + 0.01)
    write_run(before, tmp_path / "old")
    write_run(replace(before, studies=(replace(study, aggregates=moved),)), tmp_path / "new")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_differences_are_no_failure(runs: Path, capsys: Captured) -> None:
    assert run(["compare", "old", "new"]) == 0
    shown = capsys.readouterr()
    assert "before: old, made at 2026-01-02T03:04:05+00:00" in shown.out
    assert "1 of 1 result changed" in shown.out
    assert "What moved: nothing." in shown.out
    assert shown.err == ""
    assert runs.exists()


def test_json_is_alone_on_stdout_and_the_page_beside_it(runs: Path, capsys: Captured) -> None:
    assert run(["compare", "old", "new", "--json", "--out", "pages/c.html"]) == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert document["schema"] == "eventlab.compare/1"
    assert document["results"][0]["status"] == "changed"
    assert shown.err == "written: pages/c.html\n"
    assert (runs / "pages/c.html").read_text("utf-8").startswith("<!doctype html>")
    assert run(["compare", "old", "old", "--quiet"]) == 0
    shown = capsys.readouterr()
    assert "0 of 1 result changed." in shown.out
    assert shown.err == ""


def test_what_is_no_run_is_a_usage_error_and_a_damaged_one_is_data(
    runs: Path, capsys: Captured
) -> None:
    (runs / "empty").mkdir()
    assert run(["compare", "old", "empty"]) == 2
    assert "empty is no run folder" in capsys.readouterr().err
    assert run(["compare", "old", "nowhere"]) == 2
    capsys.readouterr()
    (runs / "new/study/oracle-earnings/cars.parquet").unlink()
    assert run(["compare", "old", "new"]) == 3
    assert "cars.parquet" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_a_usage_error(runs: Path, capsys: Captured) -> None:
    (runs / "file").write_text("x")
    assert run(["compare", "old", "new", "--out", "file/c.html"]) == 2
    assert "--out file/c.html cannot be written" in capsys.readouterr().err
