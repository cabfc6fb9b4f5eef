"""Asymmetric and downside betas: references, twins, hand-worked and unusable data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from eventlab.contagion.tails.asymmetry import asymmetric_beta, downside_beta
from eventlab.contagion.tails.hac import hac_fit, newey_west_lags
from eventlab.errors import UsageError
from tests import naive_contagion_tails as naive

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = 1e-8  # the agreement that is asked for
TWIN = 1e-10  # relative: another order of summation, and normal equations in the twin


def simulated(T: int = 300, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    m = rng.standard_t(4, T)
    y = 0.1 + 0.7 * m + 0.4 * np.minimum(m, 0.0) + rng.standard_t(4, T) * (1 + np.abs(m))
    return pd.Series(y, name="BTC"), pd.Series(m, name="QQQ")


@pytest.fixture(scope="module")
def returns(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "contagion" / "arch_returns.csv", index_col=0)


@pytest.fixture(scope="module")
def vectors(reference_dir: Path) -> dict[str, float]:
    text = (reference_dir / "contagion" / "asymmetry_vectors.json").read_text(encoding="utf-8")
    found: dict[str, float] = json.loads(text)
    return found


def test_asymmetric_beta_agrees_with_the_reference(
    returns: pd.DataFrame, vectors: dict[str, dict[str, list[float]]]
) -> None:
    found = asymmetric_beta(returns["SP500"], returns["NASDAQ"], lags=5)
    expected = vectors["asym_reg_y_on_x_xD_HAC5"]
    for column, name in (("value", "params"), ("stderr", "se"), ("statistic", "t")):
        np.testing.assert_allclose(
            found.coefficients[column], expected[name], rtol=REFERENCE, atol=0
        )


@pytest.mark.parametrize(
    ("threshold", "down", "up"),
    [
        ("mean", "beta_down_ACX2006_below_mean", "beta_up_ACX2006"),
        ("zero", "beta_down_zero", "beta_up_zero"),
    ],
)
def test_downside_beta_agrees_with_the_reference(
    returns: pd.DataFrame, vectors: dict[str, float], threshold: str, down: str, up: str
) -> None:
    found = downside_beta(returns["SP500"], returns["NASDAQ"], threshold)
    assert found.beta == pytest.approx(vectors["beta"], rel=REFERENCE)
    assert found.beta_down == pytest.approx(vectors[down], rel=REFERENCE)
    assert found.beta_up == pytest.approx(vectors[up], rel=REFERENCE)


@pytest.mark.parametrize("lags", [0, 1, 7])
def test_standard_errors_agree_with_statsmodels(lags: int) -> None:
    y, m = simulated()
    X = np.column_stack([np.ones(len(m)), m, np.minimum(m, 0.0)])
    other = sm.OLS(y.to_numpy(), X).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    fit = hac_fit(y.to_numpy(), X, lags)
    np.testing.assert_allclose(fit.coefficients, other.params, rtol=1e-12)
    np.testing.assert_allclose(fit.covariance, other.cov_params(), rtol=1e-10)
    found = asymmetric_beta(y, m, lags=lags)
    np.testing.assert_allclose(found.coefficients["pvalue"], other.pvalues, rtol=1e-9)


def test_the_difference_of_the_two_slopes_is_tested_as_statsmodels_does() -> None:
    y, m = simulated()
    down = (m < m.mean()).to_numpy(np.float64)
    X = np.column_stack([down, down * m, 1 - down, (1 - down) * m])
    other = sm.OLS(y.to_numpy(), X).fit(cov_type="HAC", cov_kwds={"maxlags": 4})
    tested = other.t_test(np.array([0.0, 1.0, 0.0, -1.0]))
    found = downside_beta(y, m, lags=4)
    assert found.difference == pytest.approx(tested.effect[0], rel=TWIN)
    assert found.stderr == pytest.approx(tested.sd[0, 0], rel=TWIN)
    assert found.pvalue == pytest.approx(float(tested.pvalue), rel=1e-8)
    assert found.stderr_down == pytest.approx(other.bse[1], rel=TWIN)
    assert found.stderr_up == pytest.approx(other.bse[3], rel=TWIN)


def test_both_agree_with_their_twins() -> None:
    y, m = simulated(T=120)
    values, stderr = naive.asymmetric(list(y), list(m), newey_west_lags(120))
    found = asymmetric_beta(y, m)
    np.testing.assert_allclose(found.coefficients["value"], values, rtol=TWIN)
    np.testing.assert_allclose(found.coefficients["stderr"], stderr, rtol=TWIN)
    sides = downside_beta(y, m, 0.3)
    expected = naive.downside(list(y), list(m), 0.3)
    np.testing.assert_allclose([sides.beta_down, sides.beta_up], expected, rtol=TWIN)


def test_a_kink_is_found_exactly() -> None:
    # r = .1 + .8 m where m rises and .1 + 1.3 m where it falls: lambda = .5, without residuals.
    m = pd.Series([-3.0, -2, -1.5, -1, 0.5, 1, 2, 4] * 5)
    y = 0.1 + 0.8 * m + 0.5 * m.clip(upper=0)
    found = asymmetric_beta(y, m)
    np.testing.assert_allclose(found.coefficients["value"], [0.1, 0.8, 0.5], rtol=1e-13)
    assert found.beta_down == pytest.approx(1.3)
    assert (found.n, found.n_down) == (40, 20)
    assert np.isnan(found.pvalue)
    assert "the fit is exact" in found.note
    sides = downside_beta(y, m, "zero")
    assert (sides.beta_down, sides.beta_up) == pytest.approx((1.3, 0.8))
    assert "the fit is exact" in sides.note


def test_rows_on_the_threshold_belong_to_neither_side() -> None:
    m = pd.Series(np.repeat([-2.0, -1.0, 0.0, 1.0, 2.0], 10))
    y = pd.Series(np.where(m == 0, 50.0, m**2))
    found = downside_beta(y, m, "zero")
    assert (found.n, found.n_down, found.n_up) == (50, 20, 20)
    assert (found.beta_down, found.beta_up) == pytest.approx((-3.0, 3.0))


def test_without_a_kink_the_slopes_are_the_ordinary_one() -> None:
    rng = np.random.default_rng(5)
    m = rng.standard_normal(200)
    m, noise = np.concatenate([m, -m]), rng.standard_normal(200)
    y = 0.9 * m + np.concatenate([noise, -noise])  # point-symmetric: both sides are the same
    found = downside_beta(pd.Series(y), pd.Series(m), "zero")
    assert found.difference == pytest.approx(0.0, abs=1e-12)
    kink = asymmetric_beta(pd.Series(y), pd.Series(m))
    assert kink.asymmetry == pytest.approx(0.0, abs=1e-12)
    assert kink.beta_up == pytest.approx(found.beta, rel=1e-12)


def test_the_test_of_the_kink_keeps_its_size() -> None:
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(400):
        m = rng.standard_normal(250)
        y = 0.6 * m + rng.standard_normal(250) * (1.0 + 0.5 * np.abs(m))
        rejected += asymmetric_beta(pd.Series(y), pd.Series(m)).pvalue < 0.05
    assert 0.03 <= rejected / 400 <= 0.09  # 5% and three standard errors, a little small-sample


def test_missing_rows_are_left_out_and_leave_a_gap() -> None:
    y, m = simulated()
    y[[10, 11, 200]] = np.nan
    m[50] = np.inf
    found, sides = asymmetric_beta(y, m, lags=0), downside_beta(y, m, lags=0)
    keep = y.notna() & np.isfinite(m)
    again = asymmetric_beta(y[keep], m[keep], lags=0)
    assert (found.n, found.n_missing, sides.n_missing) == (296, 4, 4)
    pd.testing.assert_frame_equal(found.coefficients, again.coefficients, rtol=1e-12)
    lagged = asymmetric_beta(y, m, lags=3).stderr
    assert lagged != pytest.approx(asymmetric_beta(y[keep], m[keep], lags=3).stderr, rel=1e-6)


def test_the_lags_are_those_of_newey_and_west() -> None:
    assert [newey_west_lags(n) for n in (1, 2, 100, 250, 500, 1256)] == [0, 1, 4, 4, 5, 7]


@pytest.mark.parametrize(
    ("y", "m", "words"),
    [
        (np.arange(15.0), np.arange(15.0), "only 15 complete rows; at least 20"),
        (np.arange(30.0), np.full(30, 0.01), "the regressor is constant"),
        (np.arange(30.0) ** 2, np.arange(30.0), "rows with the regressor below zero"),
        (np.arange(30.0) ** 2, -1 - np.arange(30.0), "rows with it above zero"),
        (np.full(30, np.nan), np.arange(30.0), "only 0 complete rows"),
    ],
)
def test_what_cannot_be_computed_says_why(y: np.ndarray, m: np.ndarray, words: str) -> None:
    found = asymmetric_beta(pd.Series(y), pd.Series(m))
    assert words in found.note
    assert found.coefficients.isna().all(axis=None)
    assert words in found.sentence
    sides = downside_beta(pd.Series(y), pd.Series(m), "zero")
    assert sides.note
    assert np.isnan([sides.beta_down, sides.beta_up, sides.pvalue]).all()


def test_a_constant_response_has_no_test() -> None:
    _, m = simulated()
    found = asymmetric_beta(m * 0 + 0.2, m)
    assert found.asymmetry == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(found.statistic)
    assert "the fit is exact" in found.note


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda y, m: asymmetric_beta(y, m[1:]), "different rows"),
        (lambda y, m: asymmetric_beta(y, m, lags=-1), "lags=-1"),
        (lambda y, m: asymmetric_beta(y.to_numpy(), m), "pass a pandas Series"),
        (lambda y, m: asymmetric_beta(y.astype(str), m), "y has dtype str, no numbers"),
        (lambda y, m: downside_beta(y, m, "median"), '"mean", "zero" or a return'),
        (lambda y, m: downside_beta(y, m, np.nan), '"mean", "zero" or a return'),
    ],
)
def test_wrong_arguments_are_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=words):
        call(*simulated())


def test_the_finding_is_said_in_words() -> None:
    _, m = simulated()
    noise = np.random.default_rng(3).standard_normal(len(m))
    y = (0.7 * m + 0.5 * m.clip(upper=0) + 0.5 * noise).rename("BTC")
    words = asymmetric_beta(y, m).sentence
    assert words.startswith("When QQQ falls by 1%, BTC falls by 1.")
    assert "more than chance (p = 0.00" in words
    assert words in repr(asymmetric_beta(y, m))
    assert downside_beta(y, m).sentence.startswith("When QQQ falls by 1%, BTC falls by 1.")
