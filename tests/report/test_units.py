"""Volume and volatility on paper: log ratios, times the usual, and never a percentage."""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.report.cells import cells
from eventlab.report.measure_words import measured_move
from eventlab.report.numbers import MISSING
from eventlab.report.units import Unit, times, unit_of
from eventlab.report.verdict import verdict
from tests.report.make_study import make_study

pytest.importorskip("jinja2", reason="needs the extra eventlab[report]")
pytest.importorskip("altair", reason="needs the extra eventlab[report]")

from eventlab.report import pages, summary
from eventlab.report.tables import print_study
from tests.report.test_pages import written

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.study.results import EventStudy

NONE_OF_FIVE = (
    "None of 5 assets can be told from chance on day 0; the most extreme is ORCL, whose volume was "
    "2.1 times its usual"
)
UNTESTED = (
    "Volume of ORCL was 2.1 times its usual on day 0; whether that is more than chance could not "
    "be tested"
)
PERCENT = re.compile(r"[+\N{MINUS SIGN}]\d+\.\d+%")


def of_volume(model: str = "constant_mean") -> EventStudy:
    """The made-up study, its numbers taken for logs of volume."""
    made = make_study()
    assert made.event.study is not None
    study = made.event.study.model_copy(update={"measure": "volume", "model": model})
    return replace(
        made,
        event=made.event.model_copy(update={"study": study}),
        bhar_tests=made.bhar_tests.head(0),
        event_days=made.event_days.head(0),
        truth=made.truth.head(0),
        sampling=made.sampling.assign(measured="log volume of daily bars"),
    )


def test_a_log_is_written_as_it_is_and_a_return_in_percent() -> None:
    log, plain = Unit("volume"), Unit("returns")
    assert (log.write(0.742), log.write(-0.5), log.write(0.001)) == (
        "+0.74",
        "\N{MINUS SIGN}0.50",
        "0.00",
    )
    assert (log.write(0.742, 1, sign=False), log.write(math.nan)) == ("0.74", MISSING)
    assert (plain.write(0.0283), plain.noun, log.noun) == ("+2.83%", "return", "log volume")
    assert Unit("volatility").caption == "CAAR in log volatility (+0.69: twice the usual)"


@pytest.mark.parametrize(
    ("value", "window", "said"),
    [
        (math.log(2.1), "[0,0]", "2.1 times"),
        (6 * math.log(2.1), "[0,5]", "2.1 times"),  # per bar
        (math.log(0.5), "[0,0]", "0.50 times"),
        (math.log(1.06), "[0,0]", "1.06 times"),
        (math.log(31.4), "[0,0]", "31 times"),
        (3 * math.log(1.5), "[-1,1]", "1.50 times"),
    ],
)
def test_a_log_is_a_factor_per_bar(value: float, window: str, said: str) -> None:
    assert times(value, window) == said


def test_the_sentence_says_how_many_times_the_usual() -> None:
    study = of_volume()
    cell = replace(cells(study)["ORCL", "[0,0]"], caar=math.log(2.1), n_events=1)
    for kind, picked, said in (
        ("moved", 1, "Volume of ORCL was 2.1 times its usual on day 0"),
        ("moved", 5, "Of 5 assets ORCL stands out: its volume was 2.1 times its usual on day 0"),
        ("chance", 1, "It may be chance: volume of ORCL was 2.1 times its usual on day 0"),
        (
            "chance",
            5,
            NONE_OF_FIVE,
        ),
        (
            "untested",
            1,
            UNTESTED,
        ),
    ):
        assert measured_move(study, cell, picked, kind) == said
    over = replace(cell, window="[0,1]", caar=2 * math.log(0.5), n_events=7)
    assert measured_move(of_volume("market_model"), over, 1, "moved") == (
        "Volume of ORCL was on average 0.50 times what SPY explains over days 0 to 1, on average "
        "over 7 events"
    )
    issuers = replace(over, group=summary.ISSUER)
    assert measured_move(study, issuers, 1, "moved").startswith("Volume of the issuers was on")
    wild = measured_move(study, replace(cells(study)["ORCL", "[0,0]"], n_events=2), 1, "scattered")
    assert wild.startswith("Volume of ORCL was more unusual than chance allows on day 0, ")
    assert "but its direction may be chance: it was" in wild


def test_the_verdict_has_the_log_and_doubts_the_forecast_errors() -> None:
    found = verdict(of_volume())
    assert "(log \N{MINUS SIGN}" in found.sentence
    assert "%" not in found.sentence.replace("95% interval", "")
    assert any("is persistent and its mean drifts" in doubt for doubt in found.doubts)
    assert not any("persistent" in doubt for doubt in verdict(make_study()).doubts)


def test_the_terminal_prints_logs() -> None:
    stream = io.StringIO()
    print_study(of_volume(), stream, verbose=True)
    text = stream.getvalue()
    assert PERCENT.findall(text) == []
    assert "CAAR in log volume (+0.69: twice the usual) and placebo p by window" in text
    assert "log volume; constant_mean" in text
    assert "raw day 0" not in text
    stream = io.StringIO()
    print_study(make_study(), stream)
    assert PERCENT.search(stream.getvalue())


def test_the_page_is_in_logs_and_says_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "vega_script", lambda: "")
    monkeypatch.setattr(pages, "figures_script", lambda: "")
    study = of_volume()
    written(tmp_path, study)
    page = (tmp_path / "events" / f"{study.event.event}.html").read_text(encoding="utf-8")
    assert 'data-unit="log"' in page
    assert PERCENT.findall(page) == []
    assert "Average cumulative abnormal log volume" in page
    assert "A log of +0.69 is twice the usual" in page
    assert "<dt>Measure</dt><dd>log volume of daily bars</dd>" in page
    assert "cumulative abnormal return" not in page
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert PERCENT.findall(index) == []
    assert "its log volume beyond what the model expects" in index


def test_a_notebook_draws_logs_as_logs() -> None:
    studies = {False: make_study(), True: of_volume()}
    shown = {
        log: json.dumps(study.plot().to_dict())  # type: ignore[attr-defined]
        for log, study in studies.items()
    }
    assert "%" in shown[False]
    assert "%" not in shown[True]
    assert "+.2f" in shown[True]


def test_every_study_has_a_unit() -> None:
    assert unit_of(make_study()) == Unit("returns")
    assert unit_of(of_volume()) == Unit("volume")
