"""`plot()` of every result: the pages' pictures, standing alone."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab import event_study
from eventlab.errors import UsageError
from eventlab.report import figure_rows
from eventlab.report.claims.figure_rows import claim_rows
from eventlab.report.contagion import views
from eventlab.report.contagion.figure_rows import figure_rows as contagion_rows
from eventlab.report.hedge.figure_rows import figure_rows as hedge_rows
from eventlab.report.hedge.figure_rows import sweep_rows
from eventlab.report.specification_views import curve_figures
from eventlab.study.specifications.curve import SpecificationCurve, no_curve
from tests.report.claims.make_claims import make_claims
from tests.report.hedge.make_strategy_page import make_backtest, make_sweep
from tests.report.make_contagion import make_contagion
from tests.report.make_curve import with_curve
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.hedge.results import Sweep
    from eventlab.study import StudyResult

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report import notebook

PICTURES = {
    "study": ("paths", "heat", "events", "overlaps", "curve"),
    "curve": ("curve",),
    "contagion": (
        *("matrix", "breaks", "moves", "lead", "connected", "network", "dynamic"),
        *("conditional_beta", "betas"),
    ),
    "backtest": ("equity", "fall", "gains", "hedge_ratios", "exposure", "spent"),
    "sweep": ("sets", "logits", "folds"),
    "claims": ("readings",),
}
EVERY = [(kind, name) for kind, names in PICTURES.items() for name in names]


@cache
def results() -> dict[str, Any]:
    """One result of each kind, on simulated prices."""
    made = with_curve(simulated=True)
    study = replace(
        make_study(n_occurrences=4, simulated=True, by_tag=("beat",)),
        specifications=made.specifications,
        specification_summary=made.specification_summary,
    )
    curve = SpecificationCurve(
        "ORCL", made.specifications, made.specification_summary, made.event, made.stamp
    )
    backtest = make_backtest(simulated=True)
    return {
        "study": study,
        "curve": curve,
        "contagion": make_contagion(simulated=True),
        "backtest": backtest,
        "sweep": replace(make_sweep(), stamp=backtest.stamp),
        "claims": make_claims(simulated=True),
    }


def plotted(kind: str, name: str, **choice: str) -> Any:
    result = results()[kind]
    return result.plot(name, **choice)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts as the plain specifications that they are made of, which takes less time."""
    monkeypatch.setattr(notebook, "standing", lambda spec: spec)


@cache
def frames_study() -> StudyResult:
    random = np.random.default_rng(8)
    sessions = pd.bdate_range("2022-01-03", periods=300)
    returns = pd.DataFrame(
        random.normal(0.0, 0.01, (300, 3)), index=sessions, columns=["MKT", "AAA", "BBB"]
    )
    events = pd.DataFrame(
        {"event_id": ["a", "b"], "symbol": ["AAA", "BBB"], "session": sessions[[200, 250]]}
    )
    return event_study(
        returns,
        events,
        benchmark="MKT",
        estimation_window=(-100, -4),
        event_window=(-3, 3),
        car_windows=[(0, 0), (-3, 3)],
        draws=200,
    )


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_picture_stands_alone_and_says_that_prices_are_simulated(
    kind: str, name: str
) -> None:
    spec = plotted(kind, name).to_dict()  # validates against the schema
    assert spec["title"]["subtitle"][0] == "SIMULATED PRICES"
    assert spec["config"]["background"] == "#ffffff"
    text = json.dumps(spec)
    # What only a page can resolve.
    assert [word for word in ("currentColor", "var(--", '"container"') if word in text] == []
    assert len(spec["datasets"]["rows"]) > 0
    assert spec["description"]


def test_the_docs_name_every_picture() -> None:
    """In the docs and where `help` of a result's plot looks for them."""
    table = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
    cells = [line.split("|")[2] for line in table.splitlines() if line.startswith("| `")]
    named = {tuple(re.findall(r"`(\w+)`", cell)) for cell in cells}
    made = results() | {"frames": frames_study()}
    albums = {
        kind: tuple(notebook.ALBUMS[type(result).__name__](result, {}).sheets)
        for kind, result in made.items()
    }
    assert albums == PICTURES | {"frames": ("paths",)}
    assert named == set(albums.values())
    for kind, names in PICTURES.items():
        said = made[kind].plot.__doc__
        assert all(name in said for name in names)


def test_a_curve_is_named_in_a_line() -> None:
    curve = results()["curve"]
    shown = repr(curve)
    assert shown.startswith("SpecificationCurve: ORCL, ")
    assert shown.endswith(f" of {len(curve.specs)} specifications; tables in .specs, .summary")
    assert "nothing" in repr(no_curve("", "study.bar is 5min"))


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("kind", PICTURES)
def test_real_prices_are_not_called_simulated(kind: str) -> None:
    result = results()[kind]
    real = replace(result, stamp=replace(result.stamp, simulated=False))
    assert real.plot()["title"]["subtitle"] == []


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("kind", "first"),
    [("study", "paths"), ("contagion", "matrix"), ("backtest", "equity"), ("sweep", "sets")],
)
def test_without_a_name_the_picture_is_the_first(kind: str, first: str) -> None:
    assert results()[kind].plot() == plotted(kind, first)


@pytest.mark.usefixtures("bare")
def test_rows_are_those_of_the_pages() -> None:
    made = results()
    study, focus = made["study"], views.focus(made["contagion"])
    paths = figure_rows.path_rows(study, "BTC")["BTC"]
    contagion, backtest = contagion_rows(made["contagion"], focus), hedge_rows(made["backtest"])
    assert rows("study", "paths", group="BTC", tag="beat") == of_tag(paths, "beat")
    assert rows("study", "heat") == figure_rows.heat_rows(study)
    found = figure_rows.event_rows(study, "BTC", "[0,1]")
    assert rows("study", "events", group="BTC", window="[0,1]") == found
    assert rows("study", "overlaps") == figure_rows.overlap_rows(study)
    assert rows("study", "curve") == curve_figures(study)["curve"]
    for name in ("breaks", "lead", "connected", "dynamic", "betas"):
        panel = list(contagion[name])[-1]
        assert rows("contagion", name, panel=panel) == contagion[name][panel]
    assert rows("contagion", "moves") == contagion["moves"]
    assert rows("contagion", "matrix", panel="60min") == contagion["matrix"]["60min"]
    assert rows("backtest", "fall") == rows("backtest", "equity") == backtest["equity"]
    assert rows("backtest", "spent") == backtest["spent"]
    drawn = claim_rows(made["claims"])["fomc/two"]
    assert rows("claims", "readings") == rows("claims", "readings", claim="two") == drawn
    assert rows("sweep", "folds") == sweep_rows(made["sweep"])["folds"]


def rows(kind: str, name: str, **choice: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plotted(kind, name, **choice)["datasets"]["rows"]
    return found


def of_tag(table: list[dict[str, Any]], tag: str) -> list[dict[str, Any]]:
    return [row for row in table if row["tag"] == tag]


@pytest.mark.usefixtures("bare")
def test_the_choices_of_a_curve_stand_below_it() -> None:
    spec = plotted("study", "curve")
    upper, lower = (json.dumps(part) for part in spec["vconcat"])
    assert '"name": "rows"' in upper
    assert '"name": "below"' in lower
    assert '"name": "rows"' not in lower
    assert spec["datasets"]["below"] == curve_figures(results()["study"])["choices"]
    alone = plotted("curve", "curve")
    assert alone["datasets"] == spec["datasets"]


@pytest.mark.parametrize(
    ("kind", "name", "choice", "said"),
    [
        (
            "study",
            "paht",
            {},
            "it has paths, heat, events, overlaps, curve; did you mean 'paths'?",
        ),
        (
            "study",
            "paths",
            {"group": "ORC"},
            "plot: 'paths' has no group 'ORC'; it has 'ORCL', 'NVDA', 'BTC'; did you mean 'ORCL'?",
        ),
        (
            "study",
            "events",
            {"window": "[0,9]"},
            "plot: no window '[0,9]'; there are [0,0], [0,1], [-1,1], [0,5]",
        ),
        ("study", "paths", {"tag": "beta"}, "plot: no tag 'beta'; there are all, beat; did you"),
        (
            "study",
            "heat",
            {"group": "BTC"},
            "plot: 'heat' has no choices; leave out group='BTC'",
        ),
        (
            "study",
            "paths",
            {"window": "[0,1]"},
            r"plot: 'paths' takes group, tag only; leave out window='[0,1]'",
        ),
        (
            "contagion",
            "matrix",
            {"occurrence": "q9"},
            "plot: no occurrence 'q9'; there are q0, q1",
        ),
        ("backtest", "hedge_ratios", {"panel": "QQ"}, "plot: 'hedge_ratios' has no panel 'QQ'; it"),
        ("claims", "readings", {"claim": "ten"}, "no claim 'ten'; there are one, two, three, four"),
        ("claims", "readings", {"claim": "one"}, "one has fewer than two readings with a value"),
        ("sweep", "set", {}, "it has sets, logits, folds; did you mean 'sets'?"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(
    kind: str, name: str, choice: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        results()[kind].plot(name, **choice)
    assert said in str(refused.value)


def test_an_empty_picture_says_why() -> None:
    sweep: Sweep = results()["sweep"]
    bare = replace(sweep, walk_forward=sweep.walk_forward.head(0))
    with pytest.raises(UsageError, match=r"'folds' of the sweep: there are too few.*has sets, log"):
        bare.plot("folds")
    with pytest.raises(UsageError, match=r"'curve' of the curve: study.bar is 5min; it has none"):
        no_curve("", "study.bar is 5min").plot()


def test_charts_are_saved_without_a_network(tmp_path: Path) -> None:
    chart = results()["backtest"].plot("gains")
    for end in ("svg", "png", "html", "json"):
        chart.save(tmp_path / f"gains.{end}")
    assert "SIMULATED PRICES" in (tmp_path / "gains.svg").read_text(encoding="utf-8")
    assert (tmp_path / "gains.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "gains.html").read_text(encoding="utf-8")
    assert "vegaEmbed" in page
    assert "<script src" not in page
    assert "<link" not in page
    assert "cdn" not in page.split("<body>")[1]


def test_a_path_on_frames_ends_at_the_car_of_the_whole_window() -> None:
    result = frames_study()
    assert result.path["tau"].tolist() == list(range(-3, 4))
    assert result.path["caar"].to_numpy() == pytest.approx(
        result.aggregate["caar"].to_numpy(), rel=1e-12
    )
    assert result.path["caar"].iloc[-1] == pytest.approx(result.car["[-3,3]"].mean(), rel=1e-12)
    assert (result.path["high"] > 0).all()
    assert result.path["low"].to_numpy().tolist() == (-result.path["high"]).tolist()
    spec = result.plot().to_dict()  # type: ignore[attr-defined]
    drawn = spec["datasets"]["rows"]
    assert [row["tau"] for row in drawn] == result.path["tau"].tolist()
    assert [row["caar"] for row in drawn] == result.path["caar"].tolist()
    assert {row["n"] for row in drawn} == {2}
    assert spec["title"]["subtitle"] == []
    with pytest.raises(UsageError, match="'heat' is no picture of a study on DataFrames; it has p"):
        result.plot("heat")


def test_without_the_plotting_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    for name in ("notebook", "plotting"):
        monkeypatch.delitem(sys.modules, f"eventlab.report.{name}", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'eventlab\[report\]'"):
        results()["study"].plot()
