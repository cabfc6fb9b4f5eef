"""The random-walk filter against its matrix form, least squares and statsmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.statespace.mlemodel import MLEModel

from eventlab.kernels.kalman import random_walk_filter_nb
from tests.naive_contagion_regimes import kalman

if TYPE_CHECKING:
    import numpy.typing as npt

RTOL = 1e-10  # a covariance update in another order over some hundred rows
STATSMODELS = 1e-9

Floats: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True)
class Filtered:
    states: Floats
    covariances: Floats
    errors: Floats


def run(y: Floats, X: Floats, ratios: Floats, state: Floats, P: Floats) -> Filtered:
    T, K = X.shape
    found = Filtered(np.empty((T, K)), np.empty((T, K, K)), np.empty((2, T)))
    random_walk_filter_nb(
        y, X, ratios, state.copy(), P.copy(), found.states, found.covariances, found.errors
    )
    return found


def data(seed: int = 0, T: int = 150) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(T), rng.standard_normal((T, 2))])
    beta = 1.0 + 0.1 * rng.standard_normal((T, 2)).cumsum(axis=0)
    return (X[:, 1:] * beta).sum(axis=1) + rng.standard_normal(T), X


RATIOS = np.array([0.0, 0.02, 0.005])
STATE = np.array([0.1, 0.9, 1.1])
P0: Floats = np.diag([0.5, 0.2, 0.3]) + 0.05


@given(seed=st.integers(0, 2**32 - 1), holes=st.sampled_from([0.0, 0.1]))
@settings(max_examples=20, deadline=None)
def test_the_matrix_form(seed: int, holes: float) -> None:
    y, X = data(seed)
    rng = np.random.default_rng(seed)
    y[rng.random(len(y)) < holes] = np.nan
    X[rng.random(len(y)) < holes, 2] = np.nan
    found = run(y, X, RATIOS, STATE, P0)
    states, covariances, errors = kalman(y, X, np.diag(RATIOS), STATE, P0)
    np.testing.assert_allclose(found.states, states, RTOL, 1e-12)
    np.testing.assert_allclose(found.covariances, covariances, RTOL, 1e-12)
    np.testing.assert_allclose(found.errors, errors, RTOL, 1e-12)


def test_by_hand() -> None:
    # One coefficient, before it 1 with variance 1, step variance 1: predicted variance 2.
    # y = 3, x = 1: error 2, its variance 3, gain 2/3: state 1 + 4/3, variance 2 - 4/3.
    one = np.ones((1, 1))
    found = run(np.array([3.0]), one, np.ones(1), np.ones(1), one)
    np.testing.assert_allclose(found.errors[:, 0], [2.0, 3.0], 1e-15)
    np.testing.assert_allclose([found.states[0, 0], found.covariances[0, 0, 0]], [7 / 3, 2 / 3])


def test_without_steps_it_is_least_squares() -> None:
    y, X = data(1)
    first = X[:40]
    P = np.linalg.inv(first.T @ first).astype(np.float64)
    found = run(y[40:], X[40:], np.zeros(3), P @ first.T @ y[:40], P)
    for t in (0, 50, 109):
        rows = slice(0, 41 + t)
        wanted = np.linalg.lstsq(X[rows], y[rows], rcond=None)[0]
        np.testing.assert_allclose(found.states[t], wanted, RTOL)
        np.testing.assert_allclose(
            found.covariances[t], np.linalg.inv(X[rows].T @ X[rows]), RTOL, 1e-14
        )


def test_statsmodels_filters_the_same() -> None:
    y, X = data(2)
    model: Any = MLEModel(y, k_states=3)
    model["design"] = X.T[None]
    model["transition"] = model["selection"] = np.eye(3)
    model["state_cov"] = 1.7 * np.diag(RATIOS)
    model["obs_cov"] = [[1.7]]
    # Its first row has the prediction of row 0 as its prior.
    model.ssm.initialize_known(STATE, 1.7 * (P0 + np.diag(RATIOS)))
    wanted = model.ssm.filter()
    found = run(y, X, RATIOS, STATE, P0)
    np.testing.assert_allclose(found.states, wanted.filtered_state.T, STATSMODELS, 1e-12)
    np.testing.assert_allclose(
        1.7 * found.covariances, wanted.filtered_state_cov.transpose(2, 0, 1), STATSMODELS, 1e-12
    )
    error, spread = found.errors[0], 1.7 * found.errors[1]
    loglik = -0.5 * (np.log(2 * np.pi * spread) + error**2 / spread).sum()
    assert loglik == pytest.approx(wanted.llf, rel=STATSMODELS)


def test_a_missing_row_only_widens() -> None:
    y, X = data(3)
    y[60] = np.nan
    found = run(y, X, RATIOS, STATE, P0)
    np.testing.assert_array_equal(found.states[60], found.states[59])
    np.testing.assert_allclose(
        found.covariances[60] - found.covariances[59], np.diag(RATIOS), 1e-9, 1e-15
    )
    assert np.isnan(found.errors[:, 60]).all()


@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(1, 149))
@settings(max_examples=25, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, cut: int) -> None:
    y, X = data(seed)
    later = y.copy(), X.copy()
    later[0][cut:], later[1][cut:] = 50.0, -3.0
    before, after = run(y, X, RATIOS, STATE, P0), run(*later, RATIOS, STATE, P0)
    np.testing.assert_array_equal(before.states[:cut], after.states[:cut])
    np.testing.assert_array_equal(before.covariances[:cut], after.covariances[:cut])
    np.testing.assert_array_equal(before.errors[:, :cut], after.errors[:, :cut])
