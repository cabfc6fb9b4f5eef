"""The templates of the pictures; pages are in test_pages.py."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eventlab.report import figure_rows
from eventlab.report.scripts import kept_templates
from tests.report.make_study import make_study

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
vl_convert = pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.figures import figure_templates  # noqa: E402 - after the skip


def filled(name: str) -> dict[str, Any]:
    study = make_study(n_occurrences=4, by_tag=("beat",))
    rows: dict[str, Any] = {
        "paths": figure_rows.path_rows(study)["ORCL"],
        "heat": figure_rows.heat_rows(study),
        "events": figure_rows.event_rows(study, "ORCL", "[0,0]"),
        "overlaps": figure_rows.overlap_rows(study),
    }
    template = json.loads(kept_templates())[name]
    datasets = {**template["datasets"], "rows": rows[name]} if "datasets" in template else {}
    return {**template, "datasets": datasets or {"rows": rows[name]}, "width": 300}


@pytest.mark.parametrize("name", ["paths", "heat", "events", "overlaps"])
def test_template_draws_its_rows(name: str) -> None:
    svg = vl_convert.vegalite_to_svg(filled(name))
    assert svg.startswith("<svg")
    assert "NaN" not in svg


@pytest.mark.parametrize("name", ["paths", "heat", "events", "overlaps"])
def test_every_field_of_a_template_is_in_its_rows(name: str) -> None:
    spec = filled(name)
    known = {key for row in spec["datasets"]["rows"] for key in row}
    assert fields_of(spec) <= known


def fields_of(part: object) -> set[str]:
    if isinstance(part, list):
        return set().union(*(fields_of(each) for each in part)) if part else set()
    if not isinstance(part, dict):
        return set()
    own = {part["field"]} if isinstance(part.get("field"), str) else set()
    inside = (value for key, value in part.items() if key != "datasets")
    return own.union(*(fields_of(each) for each in inside))


def test_templates_name_no_address() -> None:
    assert "http" not in json.dumps(figure_templates())


def test_rows_are_the_studys_numbers() -> None:
    study = make_study(n_occurrences=2, by_tag=("beat",))
    rows = figure_rows.path_rows(study)
    assert list(rows) == ["ORCL", "NVDA", "BTC"]
    own = study.paths[study.paths["group"] == "NVDA"]
    assert [row["caar"] for row in rows["NVDA"]] == pytest.approx(own["caar"].tolist(), abs=5e-7)
    heat = figure_rows.heat_rows(study)
    assert max(abs(row["shade"]) for row in heat) == 1.0
    assert all(row["shade"] * row["caar"] >= 0 for row in heat)
    events = figure_rows.event_rows(study, "ORCL", "[0,1]")
    assert [row["session"] for row in events] == ["2025-09-11", "2025-12-11"]
    assert all(row["low"] < row["car"] < row["high"] for row in events)
    overlaps = figure_rows.overlap_rows(study)
    assert [(row["tau"], row["other"]) for row in overlaps] == [(-1, "fomc/2025-12-10")]


def test_many_tags_or_groups_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_rows, "MOST_PATH_ROWS", 20)
    monkeypatch.setattr(figure_rows, "MOST_PANELS", 2)
    rows = figure_rows.path_rows(make_study(n_occurrences=2, by_tag=("beat",)))
    assert list(rows) == ["ORCL", "NVDA"]
    assert {row["tag"] for row in rows["ORCL"]} == {"all"}


def test_a_group_without_any_path_is_not_drawn() -> None:
    study = make_study(n_occurrences=2)
    paths = study.paths.copy()
    paths.loc[paths["group"] == "NVDA", ["aar", "caar", "low", "high"]] = float("nan")
    assert list(figure_rows.path_rows(replace(study, paths=paths))) == ["ORCL", "BTC"]
