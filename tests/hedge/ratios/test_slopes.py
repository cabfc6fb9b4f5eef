"""Ratios by least squares: statsmodels, the twin, numbers by hand, and what they collapse to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.contagion.tails.asymmetry import downside_beta
from eventlab.hedge.ratios.choose import hedge_ratio
from tests import naive_hedge_ratios as naive

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

TWIN = 1e-10  # relative: normal equations in the twin
EXACT = 1e-12  # another order of summation


def returns(seed: int = 0, T: int = 150, K: int = 2) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    market = rng.standard_t(4, T) * 0.01
    X = market[:, None] + rng.standard_normal((T, K)) * 0.01 + 0.0004
    return X @ np.linspace(1.2, 0.4, K) + rng.standard_t(4, T) * 0.02, X


@pytest.mark.parametrize("K", [1, 2, 4])
def test_ols_is_that_of_statsmodels(K: int) -> None:
    b, X = returns(K=K)
    found = hedge_ratio(b, X)
    wanted = sm.OLS(b[-120:], sm.add_constant(X[-120:])).fit().params[1:]
    np.testing.assert_allclose(found.estimate, wanted, TWIN)
    assert (found.n, found.note) == (120, "")


@pytest.mark.parametrize("K", [1, 3])
def test_ewma_is_weighted_least_squares_of_statsmodels(K: int) -> None:
    b, X = returns(1, K=K)
    weights = 0.5 ** (np.arange(119, -1, -1) / 30.0)
    wanted = sm.WLS(b[-120:], sm.add_constant(X[-120:]), weights=weights).fit().params[1:]
    found = hedge_ratio(b, X, method="ewma", half_life=30.0)
    np.testing.assert_allclose(found.estimate, wanted, TWIN)


def test_ridge_in_closed_form() -> None:
    b, X = returns(2, K=3)
    S = np.cov(np.column_stack([b, X])[-120:], rowvar=False)
    added = 0.3 * np.diag(S)[1:].mean() * np.eye(3)
    found = hedge_ratio(b, X, method="ridge", penalty=0.3)
    np.testing.assert_allclose(found.estimate, np.linalg.solve(S[1:, 1:] + added, S[1:, 0]), TWIN)


@given(
    seed=st.integers(0, 2**32 - 1),
    K=st.integers(1, 4),
    half_life=st.floats(3.0, 500.0),
    penalty=st.floats(0.0, 5.0),
)
@settings(max_examples=20, deadline=None)
def test_the_twin(seed: int, K: int, half_life: float, penalty: float) -> None:
    b, X = returns(seed, 60, K)
    ols, faded = [1.0] * 50, naive.fading(50, half_life)
    tail = b[-50:], X[-50:]
    cases = (
        (hedge_ratio(b, X, lookback=50), naive.least_squares(*tail, ols)),
        (
            hedge_ratio(b, X, lookback=50, method="ewma", half_life=half_life),
            naive.least_squares(*tail, faded),
        ),
        (
            hedge_ratio(b, X, lookback=50, method="ridge", penalty=penalty),
            naive.least_squares(*tail, ols, penalty),
        ),
    )
    for found, wanted in cases:
        np.testing.assert_allclose(found.estimate, wanted, 1e-9)


def test_ols_by_hand() -> None:
    # x less its mean is -1.5, -0.5, 0.5, 1.5, three times: squares 15. b is 7 + 2 x, the last row 1
    # higher: the slope is 2 + (x_last - mean) / Sxx.
    x = np.tile([0.0, 1.0, 2.0, 3.0], 3)
    b = 2.0 * x + 7.0
    b[-1] += 1.0
    assert hedge_ratio(b, x, lookback=12).estimate[0] == pytest.approx(2.0 + 1.5 / 15.0, rel=EXACT)
    # A penalty of one mean variance halves the ratio of a single instrument.
    ridge = hedge_ratio(b, x, lookback=12, method="ridge", penalty=1.0)
    assert ridge.estimate[0] == pytest.approx((2.0 + 1.5 / 15.0) / 2.0, rel=EXACT)


def test_ewma_by_hand() -> None:
    # With a dummy for x the slope is the difference of the weighted means of b. Weights are 1, 1/2,
    # 1/4 ... from the last row back.
    x = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    b = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 1.0])
    # Rows with x = 0: 1/(1 + 1/4 + 1/8 + ... + 1/512) = 512/(1023 - 256). The row with x = 1: 3.
    assert hedge_ratio(b, x, lookback=10, method="ewma", half_life=1.0).estimate[
        0
    ] == pytest.approx(3.0 - 512.0 / 767.0, rel=EXACT)


def test_what_the_others_collapse_to() -> None:
    b, X = returns(3)
    ols = hedge_ratio(b, X).estimate
    np.testing.assert_array_equal(hedge_ratio(b, X, method="ridge", penalty=0.0).estimate, ols)
    slow = hedge_ratio(b, X, method="ewma", half_life=1e12).estimate
    np.testing.assert_allclose(slow, ols, 1e-9)
    held = hedge_ratio(b, X, method="ridge", penalty=1e6).estimate
    assert np.abs(held).max() < 1e-5


def test_one_instrument_is_covariance_over_variance() -> None:
    b, X = returns(4, K=1)
    covariance = np.cov(b[-120:], X[-120:, 0])
    found = hedge_ratio(b, X).estimate[0]
    assert found == pytest.approx(covariance[0, 1] / covariance[1, 1], rel=EXACT)


def test_the_units_of_the_returns_do_not_matter() -> None:
    b, X = returns(5)
    for options in ({}, {"method": "ridge"}, {"method": "ewma", "half_life": 20.0}):
        one = hedge_ratio(b, X, **options).estimate
        np.testing.assert_allclose(hedge_ratio(1e-4 * b, 1e-4 * X, **options).estimate, one, TWIN)
        np.testing.assert_allclose(hedge_ratio(b + 5.0, X - 3.0, **options).estimate, one, 1e-8)


def test_downside_beta_is_that_of_contagion_and_of_the_twin() -> None:
    for seed in range(5):
        b, X = returns(seed, K=1)
        found = hedge_ratio(b, X, method="downside_beta").estimate[0]
        reference = downside_beta(pd.Series(b[-120:]), pd.Series(X[-120:, 0])).beta_down
        assert found == pytest.approx(reference, rel=TWIN)
        assert found == pytest.approx(naive.below_mean(b[-120:], X[-120:, 0]), rel=TWIN)


def test_downside_beta_by_hand() -> None:
    # Mean of x is 0: below it b = 2 x + 1, above b = -5 x.
    x = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0] * 4)
    b = np.where(x < 0.0, 2.0 * x + 1.0, -5.0 * x)
    assert hedge_ratio(b, x, lookback=24, method="downside_beta").estimate[0] == pytest.approx(
        2.0, rel=EXACT
    )


def test_too_few_falls_are_said() -> None:
    x = np.array([-9.0] * 5 + [1.0, 1.5] * 10)
    b = np.arange(25.0)
    found = hedge_ratio(b, x, lookback=25, method="downside_beta")
    assert np.isnan(found.estimate).all()
    assert found.note == "only 5 bars with the instrument below its mean; at least 10 are needed"


def test_collinear_instruments_are_said_and_a_penalty_parts_them() -> None:
    b, X = returns(6, K=1)
    twice = np.column_stack([X, 2.0 * X + 0.01])
    found = hedge_ratio(b, twice)
    assert np.isnan(found.estimate).all()
    assert found.note == "an instrument moves as the others together do"
    same = hedge_ratio(b, np.column_stack([X, X]), method="ridge").estimate
    assert same[0] == pytest.approx(same[1], rel=1e-9)


def test_a_half_life_that_leaves_one_row_is_said() -> None:
    b, X = returns(7, K=1)
    for half_life in (1e-4, 1e-310):
        found = hedge_ratio(b, X, method="ewma", half_life=half_life)
        assert np.isnan(found.estimate).all()
        assert found.note == "the instrument does not vary on the rows that count"
