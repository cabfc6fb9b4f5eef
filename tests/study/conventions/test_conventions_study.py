"""Studies under the convention of another program, against the reference numbers and each other."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import UsageError
from eventlab.study import StudyResult, event_study
from eventlab.study.conventions.choice import PROGRAMS
from eventlab.study.conventions.sample import foreign_sample
from eventlab.timeline.windows import window_label
from tests.naive_conventions import r_eventstudy, stata_eventstudy2
from tests.study.lookup import number, row
from tests.study.panels import ESTIMATION, EVENT, WINDOWS, PanelCase, panel

if TYPE_CHECKING:
    from pathlib import Path

RTOL = 1e-9  # asked for by the project
SHARED = (120,) * 6


def statistic(study: StudyResult, test: str, window: tuple[int, int]) -> float:
    return number(study.tests, "statistic", test=test, window=window_label(window))


@pytest.fixture(scope="module")
def reference(reference_dir: Path) -> dict[str, dict[str, float]]:
    path = reference_dir / "event_study" / "canon_mm_clean_tests.json"
    found: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def reference_study(reference_dir: Path, group: str, convention: str) -> StudyResult:
    folder = reference_dir / "event_study"
    returns = pd.read_csv(folder / "synth_returns.csv", parse_dates=["date"], index_col="date")
    events = pd.read_csv(folder / "synth_events.csv", parse_dates=["event_date"])
    events = events.rename(columns={"firm": "symbol", "event_date": "session"})
    if group == "clustered12":
        events = events[events["event_id"] >= "E29"]
    return event_study(
        returns,
        events,
        benchmark="MKT",
        estimation_window=(-260, -11),
        event_window=(-10, 10),
        car_windows=[(0, 0), (-1, 1), (-10, 10), (0, 5)],
        convention=convention,
        draws=0,
    )


# What R EventStudy 0.50.0 and R estudy2 0.10.0 print on these data, as far as they share a
# definition with the reference; on one date the mean correlation by calendar is that by bar.
SAME = {
    ("all40", "eventstudytools"): {
        "cross_sectional_t": "t_cs",
        "patell_z": "patell_naive",
        "sign": "sign_z",
        "generalized_sign": "gsign_z",
    },
    ("clustered12", "eventstudytools"): {
        "cross_sectional_t": "t_cs",
        "patell_z": "patell_naive",
        "sign": "sign_z",
        "generalized_sign": "gsign_z",
    },
    ("all40", "eventstudy2"): {"generalized_sign": "gsign_z"},
    ("clustered12", "eventstudy2"): {"generalized_sign": "gsign_z"},
}
SAME_ON_ONE_DAY = {
    ("clustered12", "estudy2"): {
        "cross_sectional_t": "t_cs",
        "bmp": "bmp_exact",
        "sign": "sign_z",
        "generalized_sign": "gsign_z",
        "corrado_rank": "corrado_z",
        "wilcoxon": "wilcoxon_W",
    },
    ("clustered12", "eventstudytools"): {
        "bmp": "bmp_exact",
        "kolari_pynnonen_bmp": "kp_bmp_exact",
    },
    ("clustered12", "eventstudy2"): {"bmp": "bmp_exact", "wilcoxon": "wilcoxon_z"},
    ("all40", "eventstudy2"): {"wilcoxon": "wilcoxon_z"},
}


@pytest.mark.parametrize(("group", "convention"), sorted({*SAME, *SAME_ON_ONE_DAY}))
def test_reference_numbers(
    group: str, convention: str, reference: dict[str, dict[str, float]], reference_dir: Path
) -> None:
    study = reference_study(reference_dir, group, convention)
    for window in study.spec.windows:
        wanted = reference[f"{group}{window_label(window)}"]
        shared = dict(SAME.get((group, convention), {}))
        if window == (0, 0):
            shared |= SAME_ON_ONE_DAY.get((group, convention), {})
        for test, key in shared.items():
            assert statistic(study, test, window) == pytest.approx(wanted[key], rel=RTOL), test


def test_patell_of_the_programs_on_one_day(
    reference: dict[str, dict[str, float]], reference_dir: Path
) -> None:
    wanted = reference["clustered12[0,0]"]["patell_naive"]
    estudy2 = reference_study(reference_dir, "clustered12", "estudy2")
    assert statistic(estudy2, "patell_z", (0, 0)) == pytest.approx(
        wanted * math.sqrt(249 / 248), rel=RTOL
    )
    eventstudy2 = reference_study(reference_dir, "clustered12", "eventstudy2")
    C = float(eventstudy2.estimates.ar_variance[0, 10])
    assert statistic(eventstudy2, "patell_z", (0, 0)) == pytest.approx(wanted * C**0.25, rel=RTOL)


def test_rank_tests_of_the_programs(
    reference: dict[str, dict[str, float]], reference_dir: Path
) -> None:
    # Where the CAR window is the event window all rank the same rows.
    wanted = reference["clustered12[-10,10]"]["corrado_z"]
    for convention in ("estudy2", "eventstudy2"):
        study = reference_study(reference_dir, "clustered12", convention)
        assert statistic(study, "corrado_rank", (-10, 10)) == pytest.approx(wanted, rel=RTOL)
    study = reference_study(reference_dir, "clustered12", "eventstudytools")
    one = reference["clustered12[0,0]"]["corrado_z"] * math.sqrt(270 / 271)
    assert statistic(study, "corrado_rank", (0, 0)) == pytest.approx(one, rel=RTOL)


def returns_of(case: PanelCase, window: tuple[int, int]) -> tuple[Any, Any, int]:
    """Days by events over the estimation window and a CAR window, as a program would cut them."""
    y, x = [], []
    for symbol, position in zip(case.events["symbol"], case.positions, strict=True):
        before = np.arange(position + ESTIMATION[0], position + ESTIMATION[1] + 1)
        inside = np.arange(position + window[0], position + window[1] + 1)
        rows = np.concatenate([before, inside])
        y.append(case.returns[symbol].to_numpy()[rows])
        x.append(case.returns["MKT"].to_numpy()[rows])
    return np.column_stack(y), np.column_stack(x), ESTIMATION[1] - ESTIMATION[0] + 1


@pytest.mark.parametrize("window", WINDOWS)
def test_a_study_as_stata_would_cut_it(window: tuple[int, int]) -> None:
    case = panel(21, positions=(120, 120, 121, 124, 150, 200, 90), assets=7)
    study = case.study(convention="eventstudy2", draws=0)
    wanted = stata_eventstudy2(*returns_of(case, window))
    for test, value in wanted.items():
        assert statistic(study, test, window) == pytest.approx(value, rel=RTOL), test


@pytest.mark.parametrize("window", [one for one in WINDOWS if one != (0, 0)])
def test_a_study_as_r_eventstudy_would_cut_it(window: tuple[int, int]) -> None:
    case = panel(22)
    study = case.study(convention="eventstudytools", draws=0)
    Y, X, rows = returns_of(case, window)
    wanted = r_eventstudy(Y, X, rows, (0, len(Y) - rows - 1))
    for test, value in wanted.items():
        assert statistic(study, test, window) == pytest.approx(value, rel=RTOL), test


def test_paper_is_the_default_and_has_our_numbers() -> None:
    case = panel(23)
    pd.testing.assert_frame_equal(case.study().tests, case.study(convention="paper").tests)
    with pytest.raises(UsageError, match="Did you mean estudy2"):
        case.study(convention="estudy")


@pytest.mark.parametrize("convention", list(PROGRAMS))
def test_every_test_has_a_row_and_none_is_a_headline(convention: str) -> None:
    case = panel(24, positions=SHARED, assets=6)
    own, other = case.study(), case.study(convention=convention)
    assert set(other.tests["test"]) == set(own.tests["test"])
    assert other.tests.columns.tolist() == own.tests.columns.tolist()
    assert not other.tests["headline"].any()
    assert not other.aar_tests["headline"].any()
    missing = other.tests["statistic"].isna()
    assert (other.tests.loc[missing, "note"] != "").all()
    assert (~missing).any()
    placebo = row(other.tests, test="placebo", window="[0,0]")
    assert str(placebo["note"]).endswith("has no such test")
    assert "none a headline" in other.summary()
    # What does not depend on the convention stays as it is.
    pd.testing.assert_frame_equal(other.car, own.car)


def test_tests_by_bar() -> None:
    case = panel(25, positions=SHARED, assets=6)
    for convention in ("estudy2", "eventstudytools"):
        study = case.study(convention=convention, draws=0)
        for test in PROGRAMS[convention].tests:
            bar = row(study.aar_tests, tau=0, test=test)
            assert bar["statistic"] == statistic(study, test, (0, 0))
            assert bar["aar"] == pytest.approx(study.ar[0].mean(), rel=RTOL)
    study = case.study(convention="eventstudy2", draws=0)
    assert study.aar_tests["statistic"].isna().all()
    assert (study.aar_tests["note"].str.contains("daily file is not reproduced")).all()


def test_tests_that_were_not_asked_for_are_left_out() -> None:
    study = panel(26).study(convention="eventstudytools", tests=["bmp", "placebo"], draws=0)
    assert study.tests["test"].unique().tolist() == ["bmp", "placebo"]


def test_gaps_and_other_models_have_reasons() -> None:
    gappy = panel(27, holes=0.02).study(convention="eventstudytools", draws=0)
    assert gappy.tests["statistic"].isna().all()
    assert gappy.tests["note"].str.startswith("not known: ").any()
    mean = panel(28).study(model="constant_mean", convention="eventstudytools", draws=0)
    assert math.isfinite(statistic(mean, "bmp", (-1, 1)))
    dimson = panel(28).study(model="dimson", benchmark="MKT", convention="eventstudytools", draws=0)
    assert (dimson.tests["note"] == "EventStudy has no model dimson").all()


@pytest.mark.parametrize("model", ["constant_mean", "market_adjusted", "factor_model"])
def test_samples_of_other_models(model: str) -> None:
    case = panel(29)
    options = {"factors": ["MKT", "SEC"]} if model == "factor_model" else {}
    study = case.study(model=model, draws=0, convention="eventstudy2", **options)
    found = foreign_sample(
        study.own,
        study.estimates,
        study.battery.history,
        study.spec,
        members=np.arange(len(case.events)),
        window=(-1, 1),
    )
    np.testing.assert_allclose(found.car, study.car["[-1,1]"], rtol=1e-12)
    position = case.positions[0]
    market = case.returns["MKT"].to_numpy()
    if model == "constant_mean":
        assert (found.market == 0.0).all()
        assert found.regressors.shape[1] == 0
    else:
        np.testing.assert_array_equal(found.market[0], market[position - 5 : position + 6])
        np.testing.assert_array_equal(
            found.regressors[0, 0], market[position + ESTIMATION[0] : position + ESTIMATION[1] + 1]
        )
    k = {"constant_mean": 1, "market_adjusted": 0, "factor_model": 3}[model]
    np.testing.assert_allclose(
        found.sigma, np.sqrt((found.resid**2).sum(axis=1) / (found.rows - k)), rtol=1e-10
    )
    np.testing.assert_allclose(found.leverage.sum(axis=1), k, rtol=1e-10, atol=1e-12)
    assert math.isfinite(statistic(study, "kolari_pynnonen_bmp", (-1, 1)))


def test_future_returns_leave_the_numbers_as_they_were() -> None:
    case = panel(30)
    last = max(case.positions) + EVENT[1]
    later = case.returns.copy()
    later.iloc[last + 1 :] = later.iloc[last + 1 :] * 3.0 + 0.01
    for convention in PROGRAMS:
        before = case.study(convention=convention, draws=0).tests
        after = replace(case, returns=later).study(convention=convention, draws=0).tests
        pd.testing.assert_frame_equal(before, after, check_exact=True)
