"""The specification curve on a page, in a terminal and in JSON."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from eventlab.report.documents import study_document
from eventlab.report.scripts import kept_templates
from eventlab.report.specification_text import curve_sentences, print_curves
from eventlab.report.specification_views import MOST_DRAWN, curve_context, curve_figures
from eventlab.report.summary import rows
from eventlab.report.units import Unit
from eventlab.study.specifications.columns import SPECIFICATION_COLUMNS
from eventlab.study.specifications.curve import no_curve, with_curves
from tests.report.make_curve import N, with_curve
from tests.report.make_study import make_study


def test_the_sentences() -> None:
    said = curve_sentences(next(rows(with_curve().specification_summary)), Unit("returns"), 0.05)
    assert said[0] == "Asked in all 699 ways at once, ORCL cannot be told from chance."
    assert said[1].startswith("ORCL: 699 specifications, median CAAR +1.23% (half of them +25.00%")
    assert "25% are positive, 25% significant" in said[1]
    assert said[2].startswith("Joint placebo p: median effect 0.250, share significant in one")
    assert said[2].endswith("5 specifications on 2,000 joint draws of placebo dates.")
    assert said[3] == "Of 700 combinations 1 change no number and are counted once."


@pytest.mark.parametrize(
    ("pvalues", "expected"),
    [
        ((0.01, 0.01, 0.01), "moved more than chance allows."),
        ((0.01, 1.0, 0.4), "but its direction may be chance: event days may only be wilder."),
        ((0.01, 0.2, 0.01), "and their mean z, not by the share of significant specifications."),
        ((0.3, 0.01, 0.3), "specifications, not by the size of the effect or their mean z."),
        ((0.05, 0.05, np.nan), "cannot be told from chance."),
    ],
)
def test_the_joint_tests_in_plain_words(pvalues: tuple[float, float, float], expected: str) -> None:
    names = ("median_pvalue", "share_pvalue", "score_pvalue")
    row = next(rows(with_curve().specification_summary)) | dict(zip(names, pvalues, strict=True))
    assert curve_sentences(row, Unit("returns"), 0.05)[0].endswith(expected)


def test_without_joint_tests_nothing_is_said_of_chance() -> None:
    row = next(rows(with_curve().specification_summary)) | {"median_pvalue": np.nan}
    assert curve_sentences(row, Unit("returns"), 0.05)[0].startswith("ORCL: 699 specifications")


def test_the_pictures_draw_the_ends_and_no_repeat() -> None:
    study = with_curve()
    drawn = curve_figures(study)
    curve, choices = drawn["curve"], drawn["choices"]
    assert len(curve) == MOST_DRAWN
    assert (curve[0]["place"], curve[-1]["place"]) == (0, N - 2)
    assert [row["estimate"] for row in curve] == sorted(row["estimate"] for row in curve)
    labels = {row["label"] for row in choices}
    assert labels == {"market model", "constant mean", "on SPY", "no benchmark", "CAR [0,0]"} | {
        "CAR [\N{MINUS SIGN}1,1]"
    }
    assert len(choices) == 3 * MOST_DRAWN  # a dot for each choice that has several values
    assert {row["place"] for row in choices} == {row["place"] for row in curve}


def test_the_page_says_how_many_are_drawn() -> None:
    context = curve_context(with_curve())
    assert context is not None
    assert context["more"] == "300 of 699 are drawn, evenly over the curve. "
    assert context["short"]
    assert len(context["choices"].rows) == 6
    assert curve_context(make_study()) is None
    assert curve_figures(make_study()) == {"curve": [], "choices": []}


def test_a_curve_that_could_not_be_drawn_says_why() -> None:
    study = with_curves(make_study(), [no_curve("", "study.bar is 5min")])
    context = curve_context(study)
    assert context is not None
    assert context["sentences"] == ["No specification curve: study.bar is 5min."]
    assert context["choices"] is None


def test_the_terminal_orders_choices_by_what_they_move() -> None:
    out = io.StringIO()
    print_curves(with_curve(), out)
    text = out.getvalue()
    assert "ORCL: 699 specifications" in text
    assert "Median CAAR by choice" in text
    assert "constant_mean" in text


def test_json_names_its_columns_once() -> None:
    document = study_document(with_curve(), "eventlab run")
    json.dumps(document, allow_nan=False)
    curve = document["specifications"]
    assert curve["columns"] == list(SPECIFICATION_COLUMNS)
    assert len(curve["specs"]) == N
    first = dict(zip(curve["columns"], curve["specs"][0], strict=True))
    assert first["window"] == [0, 0]
    assert first["model"] == "market_model"
    assert curve["summary"][0]["median"] == 0.0123
    assert study_document(make_study(), "")["specifications"]["specs"] == []


@pytest.mark.parametrize("name", ["curve", "choices"])
def test_templates_draw_their_rows(name: str) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    vl_convert = pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")
    template = json.loads(kept_templates())[name]
    own = curve_figures(with_curve())[name]
    datasets = {**template.get("datasets", {}), "rows": own}
    svg = vl_convert.vegalite_to_svg({**template, "datasets": datasets, "width": 300})
    assert svg.startswith("<svg")
    assert "NaN" not in svg
