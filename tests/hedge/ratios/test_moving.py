"""Ratios that walk at random: statsmodels, the twin, the likelihood's maximum, least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.tsa.statespace.mlemodel import MLEModel

from eventlab.hedge.ratios.choose import hedge_ratio
from tests import naive_hedge_ratios as naive

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

TWIN = 1e-8  # the twin inverts X'X
STATSMODELS = 1e-8
SEARCHED = 1e-5  # two searches for the maximum of a flat likelihood


def moving(seed: int = 0, T: int = 140, K: int = 1, step: float = 0.1) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((T, K)) * 0.01
    beta = 1.0 + step * rng.standard_normal((T, K)).cumsum(axis=0)
    return (X * beta).sum(axis=1) + 0.01 * rng.standard_normal(T), X


@given(seed=st.integers(0, 2**32 - 1), K=st.integers(1, 3), power=st.floats(-6.0, -0.01))
@settings(max_examples=20, deadline=None)
def test_the_twin(seed: int, K: int, power: float) -> None:
    b, X = moving(seed, K=K)
    found = hedge_ratio(b, X, method="kalman", state_noise=10.0**power).values
    wanted, _ = naive.filtered(b[-120:], X[-120:], 10.0**power)
    np.testing.assert_allclose(found, wanted, TWIN, 1e-10)


def test_statsmodels_filters_the_same() -> None:
    b, X = moving(1, K=2)
    b, X = b[-120:], X[-120:]
    y, design = b / b.std(), np.column_stack([np.ones(120), X / X.std(axis=0)])
    P = np.linalg.inv(design[:30].T @ design[:30])
    noise = np.diag([0.0, 0.02, 0.02])
    model: Any = MLEModel(y[30:], k_states=3)
    model["design"] = design[30:].T[None]
    model["transition"] = model["selection"] = np.eye(3)
    model["state_cov"] = noise
    model["obs_cov"] = [[1.0]]
    model.ssm.initialize_known(P @ design[:30].T @ y[:30], P + noise)
    wanted = model.ssm.filter().filtered_state[1:, -1] * b.std() / X.std(axis=0)
    found = hedge_ratio(b, X, method="kalman", state_noise=0.02).values
    np.testing.assert_allclose(found, wanted, STATSMODELS)


@pytest.mark.parametrize("K", [1, 2])
def test_the_likeliest_noise(K: int) -> None:
    for seed in range(4):
        b, X = moving(seed, K=K)
        b, X = b[-120:], X[-120:]
        grid = np.linspace(-8.0, 0.0, 81)
        values = [naive.filtered(b, X, 10.0**power)[1] for power in grid]
        centre = int(np.argmax(values))
        found: Any = minimize_scalar(
            lambda power: -naive.filtered(b, X, 10.0**power)[1],  # noqa: B023 - called at once
            bounds=(grid[max(centre - 1, 0)], grid[min(centre + 1, 80)]),
            method="bounded",
            options={"xatol": 1e-8},
        )
        assert -found.fun > naive.filtered(b, X, 0.0)[1]
        wanted, _ = naive.filtered(b, X, 10.0**found.x)
        ratio = hedge_ratio(b, X, method="kalman")
        np.testing.assert_allclose(ratio.values, wanted, SEARCHED)


@pytest.mark.parametrize("K", [1, 2])
def test_without_steps_it_is_least_squares(K: int) -> None:
    b, X = moving(2, K=K)
    still = hedge_ratio(b, X, method="kalman", state_noise=1e-300).values
    np.testing.assert_allclose(still, hedge_ratio(b, X).values, 1e-10)


def test_a_beta_that_stays_is_found_to_stay() -> None:
    # On most histories without steps the likelihood is largest at none; then it is least squares.
    stays = 0
    for seed in range(20):
        b, X = moving(seed, step=0.0)
        found = hedge_ratio(b, X, method="kalman")
        if found.note:
            assert found.note == "the likeliest beta does not move"
            np.testing.assert_allclose(found.values, hedge_ratio(b, X).values, 1e-10)
            stays += 1
    assert stays >= 8  # half of all histories in large samples


def test_a_beta_that_jumps_is_followed() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal(120)
    b = np.where(np.arange(120) < 90, 0.5, 2.0) * x + 0.1 * rng.standard_normal(120)
    followed = hedge_ratio(b, x, method="kalman").values[0]
    assert followed == pytest.approx(2.0, abs=0.2)
    assert hedge_ratio(b, x).values[0] < 1.2


def test_by_hand() -> None:
    # Ten rows, prior of the first four: x = 1 -1 1 -1, b = 2 x exactly, so alpha 0, beta 2, both
    # of variance 1/4 (x has a standard deviation of 1, and so has nothing to be scaled). Five
    # further rows repeat it without error, one (x = 1) is 3 higher. With noise q, variance before
    # row t is P + q; after it P (of the two states, alpha without noise).
    x = np.array([1.0, -1.0] * 5)
    b = 2.0 * x
    b[9] += 3.0
    q = 0.5
    P = np.eye(2) / 4.0
    for t in range(4, 9):
        h = np.array([1.0, x[t]])
        P = P + np.diag([0.0, q])
        P = P - np.outer(P @ h, P @ h) / (h @ P @ h + 1.0)
    h = np.array([1.0, -1.0])
    P = P + np.diag([0.0, q])
    gain = P @ h / (h @ P @ h + 1.0)
    found = hedge_ratio(b, x, lookback=10, method="kalman", state_noise=q).values[0]
    # b is scaled by a constant, which its beta is scaled back by.
    assert found == pytest.approx(2.0 + 3.0 * gain[1], rel=1e-12)


def test_a_perfect_fit_has_no_noise() -> None:
    x = np.tile([1.0, -1.0, 2.0, -2.0], 10)
    found = hedge_ratio(0.5 * x, x, lookback=40, method="kalman")
    assert found.values[0] == pytest.approx(0.5, rel=1e-12)


def test_a_first_quarter_without_movement_is_said() -> None:
    b, X = moving(5)
    X[20:60] = 0.001
    found = hedge_ratio(b, X, method="kalman")
    assert np.isnan(found.values).all()
    assert "does not move on its own in the first quarter" in found.note


def test_many_instruments_need_rows() -> None:
    b, X = moving(6, K=3)
    found = hedge_ratio(b, X, method="kalman", lookback=15)
    assert found.note == "15 joint returns up to the decision; 16 are needed"
