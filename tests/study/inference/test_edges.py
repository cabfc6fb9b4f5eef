"""Few events, shared dates, standing prices: every test has a number or says why it has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eventlab.study.inference.registry import TESTS
from tests.study.panels import PanelCase, panel
from tests.study.test_run import DAYS, study_of

ALONE = (150,)
PAIR = (110, 150)
ONE_DATE = (150,) * 5
APART = (90, 120, 150, 180, 210)
CLOSE = (150, 151, 152, 153, 154)
CASES = {"alone": ALONE, "pair": PAIR, "one date": ONE_DATE, "apart": APART, "close": CLOSE}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("model", ["market_model", "constant_mean", "market_adjusted"])
def test_a_number_or_a_reason(name: str, model: str) -> None:
    found = panel(3, positions=CASES[name]).study(model=model, draws=50)
    for table in (found.tests, found.aar_tests, found.bhar_tests):
        missing = table["statistic"].isna()
        assert (table["pvalue"].isna() >= missing).all()
        assert (table.loc[missing, "note"] != "").all()
        assert (table.loc[missing, "distribution"] == "none").all()
        known = table[~missing & (table["test"] != "placebo")]
        assert known["pvalue"].between(0.0, 1.0).all()
        headline = table["headline"].astype(bool) & (table["test"] != "placebo")
        assert (table.loc[headline, "note"] == "").all()


def notes(case: PanelCase, window: str = "[-1,1]") -> dict[str, str]:
    tests = case.study(draws=50).tests
    own = tests[tests["window"] == window]
    return dict(zip(own["test"], own["note"], strict=True))


def test_one_event_is_left_to_the_placebo() -> None:
    said = notes(panel(positions=ALONE))
    assert all(said[test] for test in TESTS)
    assert "rely on the placebo" in said["corrado_rank"]
    assert said["skewness_t"] == "skewness needs three events"


def test_windows_that_overlap_without_sharing_a_date() -> None:
    said = notes(panel(positions=CLOSE))
    for test in ("corrado_rank", "corrado_zivney", "grank_t", "crude_dependence", "wild_bootstrap"):
        assert "windows of different dates that overlap; 7 pairs do" in said[test]
    for test in ("sign", "generalized_sign", "wilcoxon", "skewness_t", "grank_z"):
        assert "7 of 10 pairs share bars" in said[test]


def test_one_pair_is_said_in_the_singular() -> None:
    apart = tuple(CLOSE[0] + 20 * k for k in range(4))
    said = notes(panel(positions=(*apart, apart[-1] + 1)))
    assert "overlap; 1 pair does" in said["grank_t"]


def test_one_date_does_not_object_to_tests_by_bar() -> None:
    said = notes(panel(positions=ONE_DATE))
    assert "10 of 10 pairs share bars" in said["sign"]
    for test in ("corrado_zivney", "grank_t"):
        assert "overlap" not in said[test]


def test_a_price_that_stands_still_is_out_of_every_test() -> None:
    case = panel(positions=APART)
    returns = case.returns.assign(A4=0.0)
    with_stable = PanelCase(returns, case.events).study(draws=50)
    without = PanelCase(returns, case.events.iloc[:4]).study(draws=50)
    assert with_stable.exclusions["symbol"].tolist() == ["A4"]
    own = with_stable.tests["test"] != "placebo"
    pd.testing.assert_frame_equal(with_stable.tests[own], without.tests[own])


def test_a_price_that_moves_once_is_tested() -> None:
    case = panel(positions=APART)
    stable = pd.Series(0.0, index=case.returns.index)
    stable.iloc[150], stable.iloc[170] = (
        1e-5,
        -1e-5,
    )  # inside the estimation window of the fifth event
    found = PanelCase(case.returns.assign(A4=stable), case.events).study(draws=50)
    assert len(found.exclusions) == 0
    assert np.isfinite(found.car.to_numpy()).all()
    tests = found.tests[found.tests["window"] == "[0,0]"].set_index("test")
    assert np.isfinite(tests.loc[["bmp", "grank_t", "corrado_zivney"], "statistic"]).all()


def test_bars_are_windows_of_one_bar() -> None:
    found = panel(1, holes=0.02).study(car_windows=[(0, 0), (2, 2)], draws=60)
    for window, tau in (("[0,0]", 0), ("[2,2]", 2)):
        cars = found.tests[(found.tests["window"] == window) & (found.tests["test"] != "placebo")]
        bars = found.aar_tests[found.aar_tests["tau"] == tau]
        shared = [name for name in bars.columns if name in cars.columns]
        pd.testing.assert_frame_equal(
            cars[shared].reset_index(drop=True), bars[shared].reset_index(drop=True)
        )
        mean = found.ar[tau].dropna()
        assert bars["aar"].tolist() == pytest.approx([mean.mean()] * len(TESTS), rel=1e-12)


def test_every_group_of_a_study_has_bars_and_holdings() -> None:
    study = study_of(DAYS, assets=["AAA", "BBB"], model="market_model", benchmark="MKT", draws=50)
    places = study.aggregates[["group", "tag"]].drop_duplicates()
    assert len(places) == 3  # AAA, BBB and all
    for table in (study.aar_tests, study.bhar_tests):
        found = table[["group", "tag"]].drop_duplicates().reset_index(drop=True)
        pd.testing.assert_frame_equal(found, places.reset_index(drop=True))
    day = study.aar_tests[study.aar_tests["tau"] == 0].set_index(["group", "test"])["statistic"]
    whole = study.tests[(study.tests["window"] == "[0,0]") & (study.tests["test"] != "placebo")]
    pd.testing.assert_series_equal(day, whole.set_index(["group", "test"])["statistic"])
    held = study.cars.groupby(["symbol", "window"])["bhar"].mean()
    own = study.bhar_tests.groupby(["group", "window"])["bhar"].first()
    for place in held.index:
        assert own[place] == pytest.approx(held[place], rel=1e-12)
