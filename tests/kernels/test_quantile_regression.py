"""Exact quantile regression against linear programming, order statistics and statsmodels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import linprog
from statsmodels.regression.quantile_regression import QuantReg

from eventlab.kernels.quantile_regression import quantile_regression_nb

if TYPE_CHECKING:
    import numpy.typing as npt

# Relative: both programs reach the same vertex, each by its own arithmetic.
TOLERANCE = 1e-10


def loss(
    response: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    quantile: float,
    coefficients: npt.NDArray[np.float64],
) -> float:
    resid = response - design @ coefficients
    return float(np.sum(resid * (quantile - (resid < 0))))


def smallest_loss(
    response: npt.NDArray[np.float64], design: npt.NDArray[np.float64], quantile: float
) -> float:
    n, k = design.shape
    cost = np.r_[np.zeros(k), np.full(n, quantile), np.full(n, 1 - quantile)]
    limits = [(None, None)] * k + [(0, None)] * (2 * n)
    found = linprog(cost, A_eq=np.c_[design, np.eye(n), -np.eye(n)], b_eq=response, bounds=limits)
    assert found.fun is not None
    return float(found.fun)


@pytest.mark.parametrize("quantile", [0.01, 0.05, 0.37, 0.5, 0.95])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("n", "k"), [(8, 3), (60, 1), (115, 7), (200, 4)])
def test_reaches_the_optimum_of_the_linear_programme(
    n: int, k: int, ties: bool, quantile: float
) -> None:
    rng = np.random.default_rng(n + k)
    design = np.column_stack([np.ones(n), 0.01 * rng.standard_t(3, size=(n, k - 1))])
    response = 0.01 * rng.standard_t(3, size=n)
    if ties:
        design, response = np.round(design, 2), np.round(response, 2)
    coefficients, basis = quantile_regression_nb(response, design, quantile)
    best = smallest_loss(response, design, quantile)
    assert_allclose(loss(response, design, quantile, coefficients), best, rtol=TOLERANCE)
    assert_allclose((response - design @ coefficients)[basis], 0.0, atol=1e-15)
    assert len(set(basis.tolist())) == k


def test_a_constant_alone_is_the_order_statistic() -> None:
    response = np.random.default_rng(3).standard_normal(101)
    found, basis = quantile_regression_nb(response, np.ones((101, 1)), 0.05)
    # 101 x 0.05 = 5.05, so the sixth smallest minimises the loss, and it alone.
    assert found[0] == pytest.approx(np.sort(response)[5], rel=1e-15)
    assert basis[0] == np.argsort(response)[5]


def test_two_points_by_hand() -> None:
    # Median regression through (0, 0), (1, 1), (2, 2) and one outlier (1, 9): the line y = x.
    design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 1.0]])
    found, _ = quantile_regression_nb(np.array([0.0, 1.0, 2.0, 9.0]), design, 0.5)
    assert_allclose(found, [0.0, 1.0], atol=1e-14)


def test_agrees_with_statsmodels_to_its_own_precision() -> None:
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(400), rng.standard_normal((400, 2))])
    response = design @ [0.1, 0.5, -1.0] + rng.standard_t(4, size=400)
    found, _ = quantile_regression_nb(response, design, 0.25)
    theirs = QuantReg(response, design).fit(q=0.25, p_tol=1e-12, max_iter=10_000).params
    assert_allclose(found, theirs, atol=1e-6)  # iterated least squares stops near a vertex


def test_constant_and_doubled_responses_do_not_cycle() -> None:
    design = np.column_stack([np.ones(40), np.tile([0.0, 1.0], 20)])
    found, _ = quantile_regression_nb(np.zeros(40), design, 0.05)
    assert_array_equal(found, [0.0, 0.0])
    doubled = np.repeat(np.arange(20.0), 2)
    found, _ = quantile_regression_nb(doubled, design, 0.5)
    assert loss(doubled, design, 0.5, found) == pytest.approx(
        smallest_loss(doubled, design, 0.5), rel=TOLERANCE
    )


def test_collinear_columns_and_too_few_rows_give_nan() -> None:
    rng = np.random.default_rng(1)
    column = rng.standard_normal(30)
    design = np.column_stack([np.ones(30), column, 2 * column])
    found, basis = quantile_regression_nb(rng.standard_normal(30), design, 0.5)
    assert np.isnan(found).all()
    assert (basis == -1).all()
    found, _ = quantile_regression_nb(np.ones(2), np.ascontiguousarray(design[:2]), 0.5)
    assert np.isnan(found).all()


def test_equivariance_of_scale_and_of_the_other_tail() -> None:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(90), rng.standard_normal((90, 3))])
    response = rng.standard_normal(90)
    found, _ = quantile_regression_nb(response, design, 0.1)
    scaled, _ = quantile_regression_nb(1e-3 * response, design, 0.1)
    mirrored, _ = quantile_regression_nb(-response, design, 0.9)
    assert_allclose(scaled, 1e-3 * found, rtol=TOLERANCE)
    assert_allclose(mirrored, -found, rtol=TOLERANCE)
