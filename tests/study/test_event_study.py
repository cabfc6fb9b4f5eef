"""What `event_study` leaves out, lists and promises."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.study.inference.registry import TESTS
from tests.study.panels import ESTIMATION, EVENT, PanelCase, panel

N_TESTS = len(TESTS) + 1  # and the placebo


def test_everything_that_is_missing_is_listed() -> None:
    case = panel(positions=(120, 121, 122, 30, 238, 200, 2, 150))
    returns = case.returns.copy()
    day = returns.index
    returns.loc[day[:60], "A0"] = np.nan  # a young asset: e0 is 60 bars old, e5 is fine
    returns.loc[day[121], "A1"] = np.nan  # no return on day 0 of e1
    returns.loc[day[118], "A2"] = np.nan  # bar -4 of e2, in no narrow window
    returns["A4"] = 0.001  # stale
    events = case.events.copy()
    events.loc[7, "session"] = pd.Timestamp("2023-01-01")  # a Sunday
    found = PanelCase(returns, events).study(car_windows=[(0, 0), (-1, 1)], min_estimation=60)
    said = [tuple(row) for row in found.exclusions.to_numpy().tolist()]
    short = "usable bars, min_estimation is 60"
    window = "estimation_window [-80,-6] has"
    stale = (
        "no residual variance: the price is stale or equals the benchmark, or a benchmark or "
        "factor is constant or redundant"
    )
    nowhere = "its session is not among the sessions of the returns; nothing is slid to another"
    begin = "its returns begin on"
    wanted = [
        ("e0", "A0", "", f"{begin} 2023-03-27; {window} 55 {short}"),
        ("e3", "A3", "", f"{begin} 2023-01-02; {window} 25 {short}"),
        ("e4", "A4", "", stale),
        ("e6", "A1", "", f"{begin} 2023-01-02; {window} 0 {short}"),
        ("e7", "A2", "", nowhere),
        ("e1", "A1", "[0,0]", "no return on 2023-06-20"),
        ("e1", "A1", "[-1,1]", "no return on 2023-06-20"),
        ("e2", "A2", "[-5,5]", "no return on 2023-06-15"),
    ]
    assert said == wanted
    tests = found.tests.set_index(["window", "test"])["n_events"]
    assert tests["[0,0]"].tolist() == [2] * N_TESTS
    assert found.aggregate["n_events"].tolist() == [3, 2, 3, 3, 3, 2, 3, 3, 3, 3, 3]
    assert found.aggregate["n_cumulated"].tolist() == [3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]


def test_windows_beyond_the_last_session() -> None:
    found = panel(positions=(238,)).study(car_windows=[(0, 0), (0, 3), (-5, 5)])
    assert found.exclusions["window"].tolist() == ["[0,3]", "[-5,5]"]
    assert found.exclusions["reason"].tolist() == ["its returns end on 2023-12-01"] * 2
    assert np.isfinite(found.car["[0,0]"].iloc[0])
    assert found.car[["[0,3]", "[-5,5]"]].isna().to_numpy().all()
    ends = found.tests[found.tests["window"] == "[0,3]"]
    assert ends["pvalue"].isna().all()
    assert not ends["headline"].any()
    assert (ends["note"] != "").all()


def test_intraday_sessions_keep_their_time() -> None:
    case = panel(positions=(120,))
    index = pd.date_range("2025-03-03 09:30", periods=240, freq="5min")
    returns = case.returns.set_axis(index)
    returns.iloc[121, 2] = np.nan
    events = case.events.assign(session=index[[120]])
    found = PanelCase(returns, events).study(car_windows=[(0, 1)])
    assert found.exclusions["reason"].tolist() == ["no return on 2025-03-03 19:35:00"]


def test_a_study_without_events() -> None:
    case = panel()
    for events in (case.events.iloc[:0], pd.DataFrame(columns=["event_id", "symbol", "session"])):
        for model in ("market_model", "market_adjusted", "constant_mean", "factor_model"):
            factors = ["MKT"] if model == "factor_model" else []
            found = PanelCase(case.returns, events).study(model=model, factors=factors)
            assert found.fits.shape[0] == found.ar.shape[0] == found.car_tests.shape[0] == 0
            assert found.ar.shape[1] == 11
            assert (found.tests["n_events"] == 0).all()
            assert found.tests["pvalue"].isna().all()
            assert not found.tests["headline"].any()
            assert len(found.exclusions) == 0
            assert found.aggregate["aar"].isna().all()
            assert "0 events" in found.summary()


def test_no_event_with_a_fit() -> None:
    found = panel(positions=(3, 4)).study()
    assert found.fits["sigma"].isna().all()
    assert found.tests["pvalue"].isna().all()
    assert found.car_tests["dof"].isna().all()
    assert len(found.exclusions) == 2
    assert "2 without a fit" in found.summary()


def test_returns_without_rows() -> None:
    case = panel()
    found = PanelCase(case.returns.iloc[:0], case.events).study()
    assert len(found.exclusions) == len(case.events)


def test_the_callers_frames_stay_as_they_are() -> None:
    case = panel(holes=0.02)
    returns, events = case.returns.copy(deep=True), case.events.copy(deep=True)
    found = case.study()
    found.ar.iloc[0, 0] = 99.0
    found.fits.iloc[0, 2] = 99.0
    found.events.iloc[0, 0] = "other"
    assert found.tests is not None
    pd.testing.assert_frame_equal(case.returns, returns, check_exact=True)
    pd.testing.assert_frame_equal(case.events, events, check_exact=True)


@pytest.mark.parametrize("order", ["C", "F"])
def test_later_changes_of_the_returns_change_no_result(order: Any) -> None:
    # Tables are computed when looked at: they must not read the caller's memory then.
    case = panel()
    values = case.returns.to_numpy().copy(order=order)
    frame = pd.DataFrame(values, index=case.returns.index, columns=case.returns.columns, copy=False)
    early, late = (PanelCase(frame, case.events).study() for _ in range(2))
    wanted = early.tests
    values *= 3.0
    frame.iloc[:] = 0.0
    pd.testing.assert_frame_equal(late.tests, wanted, check_exact=True)


def test_the_result_is_frozen() -> None:
    found = panel().study()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.spec = None  # type: ignore[assignment, misc]
    assert found.tests is found.tests  # kept once computed


def test_a_result_is_shown_as_its_summary() -> None:
    found = panel().study()
    assert repr(found) == f"StudyResult: {found.summary()}"
    assert len(repr(found)) < 1000


def test_a_seed_gives_the_same_draws() -> None:
    case = panel()
    one, same, other = (case.study(seed=seed, draws=300) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.tests, same.tests, check_exact=True)
    assert (one.placebo.draws != other.placebo.draws).all()
    statistic = one.tests.loc[one.tests["test"] != "placebo", "statistic"]
    pd.testing.assert_series_equal(statistic, other.tests["statistic"][statistic.index])


def test_more_draws_begin_with_the_same() -> None:
    few, many = (panel().study(draws=draws).placebo.draws for draws in (50, 80))
    np.testing.assert_array_equal(few, many[:50])


def test_tests_that_are_asked_for() -> None:
    case = panel()
    everything = case.study().tests
    assert everything["test"].nunique() == N_TESTS
    one = case.study(tests="bmp").tests
    assert one["test"].tolist() == ["bmp"] * 4
    pair = case.study(tests=["placebo", "patell_z", "patell_z"]).tests
    assert pair["test"].tolist() == ["patell_z", "placebo"] * 4
    wanted = everything[everything["test"].isin(["patell_z", "placebo"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pair, wanted)
    assert case.study(tests=[]).tests.empty
    assert list(everything.columns) == list(case.study(tests=[]).tests.columns)


def test_without_draws() -> None:
    case = panel()
    found = case.study(draws=0).tests
    placebo = found[found["test"] == "placebo"]
    assert placebo["pvalue"].isna().all()
    assert placebo["statistic"].notna().all()
    assert set(placebo["note"]) == {"no placebo draws asked for"}
    assert not placebo["headline"].any()


def test_a_history_too_short_for_a_placebo_says_so() -> None:
    found = panel(T=130, positions=(63,)).study(min_estimation=30)
    placebo = found.tests[found.tests["test"] == "placebo"]
    assert placebo["pvalue"].isna().all()
    assert placebo["note"].str.startswith("only 18 admissible placebo dates (at least 20").all()


def test_without_car_windows() -> None:
    found = panel().study(car_windows=[])
    assert found.car.shape == (8, 0)
    assert found.tests.empty
    assert found.ar.notna().to_numpy().all()


def test_windows_written_as_lists_and_arrays() -> None:
    case = panel()
    wanted = case.study()
    found = case.study(
        estimation_window=list(ESTIMATION),
        event_window=np.array(EVENT),
        car_windows=np.array([(0, 0), (-1, 1), (-5, 5), (2, 4)]),
    )
    pd.testing.assert_frame_equal(found.tests, wanted.tests, check_exact=True)
    assert found.spec == wanted.spec


def test_labels_of_the_tables() -> None:
    found = panel().study()
    assert found.ar.index.name == "event_id"
    np.testing.assert_array_equal(found.ar.columns, np.arange(-5, 6))
    assert found.car.columns.tolist() == ["[0,0]", "[-1,1]", "[-5,5]", "[2,4]"]
    assert found.fits.columns.tolist() == [
        "symbol",
        "event_session",
        "alpha",
        "beta",
        "sigma",
        "n_estimation",
    ]
    assert found.car_tests["car"].tolist() == found.car.to_numpy().reshape(-1).tolist()
    lines = found.summary().splitlines()
    assert lines[0] == "market_model, 8 events, 0 without a fit"
    assert lines[1].startswith("CAAR[0,0] ")
    assert "kolari_pynnonen_bmp" in lines[1]
    assert "patell_z" not in lines[1]  # dates are shared
