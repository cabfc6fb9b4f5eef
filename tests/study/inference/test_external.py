"""Forecast errors against statsmodels, and models that must collapse to simpler ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from tests.study.panels import ESTIMATION, EVENT, WINDOWS, Array, PanelCase, panel

RTOL = 1e-9  # statsmodels inverts X'X, whose condition is some 1e4 here
SAME = 1e-12  # two roads to the same number


def design(case: PanelCase, names: list[str], rows: slice) -> Array:
    values: Array = case.returns[names].to_numpy()[rows]
    return np.column_stack([np.ones(len(values)), values])


@pytest.mark.parametrize(
    ("model", "names"), [("market_model", ["MKT"]), ("factor_model", ["MKT", "SEC"])]
)
def test_forecast_errors_of_statsmodels(model: str, names: list[str]) -> None:
    case = panel(1)
    options = {"factors": names} if model == "factor_model" else {}
    found = case.study(model=model, **options)
    for i, position in enumerate(case.positions):
        y = case.returns[case.events["symbol"].iloc[i]].to_numpy()
        rows = slice(position + ESTIMATION[0], position + ESTIMATION[1] + 1)
        bars = slice(position + EVENT[0], position + EVENT[1] + 1)
        fitted = sm.OLS(y[rows], design(case, names, rows)).fit()
        forecast = fitted.get_prediction(design(case, names, bars))
        np.testing.assert_allclose(
            found.ar.iloc[i], y[bars] - forecast.predicted_mean, rtol=RTOL, atol=1e-14
        )
        error = found.ar.iloc[i] / found.sar.iloc[i]
        np.testing.assert_allclose(error, forecast.se_obs, rtol=RTOL)
        np.testing.assert_allclose(found.fits["sigma"].iloc[i], np.sqrt(fitted.scale), rtol=RTOL)


@pytest.mark.parametrize("names", [["MKT"], ["MKT", "SEC"]])
def test_car_errors_by_dummies(names: list[str]) -> None:
    # One regression over both windows with a dummy for each bar of the CAR window: the dummies'
    # coefficients are the ARs, and the variance of their sum is the CAR's (Karafiath 1988).
    case = panel(2)
    found = case.study(model="factor_model", factors=names)
    tests = iter(found.car_tests.to_dict("records"))
    for i, position in enumerate(case.positions):
        y = case.returns[case.events["symbol"].iloc[i]].to_numpy()
        before = np.arange(position + ESTIMATION[0], position + ESTIMATION[1] + 1)
        for a, b in WINDOWS:
            inside = np.arange(position + a, position + b + 1)
            rows = np.concatenate([before, inside])
            X = design(case, names, slice(None))[rows]
            dummies = np.vstack([np.zeros((len(before), len(inside))), np.eye(len(inside))])
            fitted = sm.OLS(y[rows], np.hstack([X, dummies])).fit()
            w = np.concatenate([np.zeros(X.shape[1]), np.ones(len(inside))])
            one = fitted.t_test(w)
            own = next(tests)
            assert (own["event_id"], own["window"]) == (f"e{i}", f"[{a},{b}]")
            assert own["car"] == pytest.approx(one.effect.item(), rel=RTOL, abs=1e-13)
            assert own["stderr"] == pytest.approx(one.sd.item(), rel=RTOL)
            assert own["statistic"] == pytest.approx(one.tvalue.item(), rel=RTOL, abs=1e-11)
            assert own["pvalue"] == pytest.approx(float(one.pvalue), rel=RTOL)
            assert own["dof"] == fitted.df_resid


def test_constant_mean_is_a_forecast_of_the_mean() -> None:
    case = panel(3)
    found = case.study(model="constant_mean")
    for i, position in enumerate(case.positions):
        y = case.returns[case.events["symbol"].iloc[i]].to_numpy()
        rows = y[position + ESTIMATION[0] : position + ESTIMATION[1] + 1]
        M = len(rows)
        ar = y[position] - rows.mean()
        t = ar / (rows.std(ddof=1) * np.sqrt(1 + 1 / M))
        assert found.sar[0].iloc[i] == pytest.approx(t, rel=RTOL)
        own = found.car_tests.iloc[i * len(WINDOWS)]  # the window [0,0]
        assert own["pvalue"] == pytest.approx(2 * stats.t.sf(abs(t), M - 1), rel=RTOL)


def same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    np.testing.assert_allclose(a, b, rtol=SAME, atol=1e-14)


def test_one_factor_is_the_market_model() -> None:
    case = panel(4, holes=0.02)
    market = case.study()
    for options in ({"factors": ["MKT"]}, {"factors": "MKT"}, {"benchmark": "MKT"}):
        factor = case.study(model="factor_model", **options)
        names = ["alpha", "beta", "sigma", "n_estimation"]
        same(factor.fits[names], market.fits[names])
        same(factor.ar, market.ar)
        same(factor.car_error, market.car_error)
        statistic = ["statistic", "pvalue"]
        np.testing.assert_allclose(
            factor.tests[statistic], market.tests[statistic], rtol=1e-9, atol=1e-12
        )


def test_a_benchmark_in_front_is_the_first_factor() -> None:
    case = panel(5)
    apart = case.study(model="factor_model", benchmark="MKT", factors=["SEC"])
    listed = case.study(model="factor_model", factors=["MKT", "SEC"])
    pd.testing.assert_frame_equal(apart.fits, listed.fits)
    pd.testing.assert_frame_equal(apart.tests, listed.tests)
    np.testing.assert_array_equal(apart.fits["beta"], apart.fits["beta_MKT"])
    assert apart.regressors == ("MKT", "SEC")


def test_a_benchmark_without_a_relation_leaves_the_mean() -> None:
    # On the estimation rows the benchmark is made orthogonal to a constant and to the asset, and
    # in the event window it is at its mean: beta 0, AR and alpha those of the constant mean.
    case = panel(6, positions=(120,))
    rows = slice(120 + ESTIMATION[0], 120 + ESTIMATION[1] + 1)
    y = case.returns["A0"].to_numpy()[rows]
    x = np.random.default_rng(0).normal(size=len(y))
    basis = np.column_stack([np.ones(len(y)), y])
    returns = case.returns.copy()
    returns["MKT"] = 0.0
    returns.iloc[rows, 0] = x - basis @ np.linalg.lstsq(basis, x)[0]
    one = PanelCase(returns, case.events)
    market, mean = one.study(), one.study(model="constant_mean")
    assert market.fits["beta"].iloc[0] == pytest.approx(0.0, abs=1e-14)
    same(market.ar, mean.ar)
    # One parameter more for the same residuals: sigma differs by its degrees of freedom alone.
    ratio = (market.fits["sigma"] / mean.fits["sigma"]).iloc[0]
    assert ratio == pytest.approx(np.sqrt((len(y) - 1) / (len(y) - 2)), rel=SAME)


def test_market_adjusted_is_a_zero_mean_on_the_difference() -> None:
    case = panel(7)
    found = case.study(model="market_adjusted")
    for i, position in enumerate(case.positions):
        own = (case.returns[case.events["symbol"].iloc[i]] - case.returns["MKT"]).to_numpy()
        rows = own[position + ESTIMATION[0] : position + ESTIMATION[1] + 1]
        assert found.fits["sigma"].iloc[i] == pytest.approx(np.sqrt((rows**2).mean()), rel=SAME)
        assert found.ar[0].iloc[i] == own[position]
        wanted = own[position - 1 : position + 2].sum() / np.sqrt(3 * (rows**2).mean())
        ratio = found.car["[-1,1]"].iloc[i] / found.car_error["[-1,1]"].iloc[i]
        assert ratio == pytest.approx(wanted, rel=SAME)


def test_the_car_of_one_bar_is_its_abnormal_return() -> None:
    found = panel(8, holes=0.02).study()
    np.testing.assert_array_equal(found.car["[0,0]"], found.ar[0])
    np.testing.assert_allclose(
        found.car["[0,0]"] / found.car_error["[0,0]"], found.sar[0], rtol=SAME
    )
    np.testing.assert_array_equal(found.bhar["[0,0]"].isna(), found.car["[0,0]"].isna())


def test_one_event_of_the_placebo_is_its_rank_among_all_dates() -> None:
    case = panel(9, positions=(200,))
    found = case.study()
    test = found.tests[(found.tests["test"] == "placebo") & (found.tests["window"] == "[0,0]")]
    own = found.car_tests.iloc[0]["statistic"]
    beyond = int((np.abs(found.placebo.draws[:, 0]) >= abs(own)).sum())
    K = found.placebo.n_draws
    assert test["statistic"].item() == pytest.approx(own, rel=SAME)
    assert test["pvalue"].item() == (1 + beyond) / (1 + K)
    assert test["note"].item() == f"{beyond} of {K} at least as extreme; all dates"
    # Rows 35 to 189: thirty rows before them, and no bar shared with the event's own window.
    assert K == 189 - 35 + 1
    assert found.placebo.exact


def test_two_events_of_one_asset_move_apart() -> None:
    case = panel(10, assets=1, positions=(150, 200))
    found = case.study(draws=5000)
    assert not found.placebo.exact
    assert found.placebo.n_draws == 5000
    alone = panel(10, assets=1, positions=(200,)).study()
    # Different sets of dates, yet both are the asset's own history: spreads must agree roughly.
    spread = found.placebo.draws[:, 0].std() / alone.placebo.draws[:, 0].std()
    assert 0.8 < spread < 1.25
