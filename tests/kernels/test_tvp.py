"""The kernel of drifting VARs against its formulas, and eigenvalues without eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eventlab.kernels.tvp import COLLAPSED, EXPLOSIVE, MISSING, STABLE, explosive_nb, tvp_nb
from tests.naive_contagion_tvp import generalised, recursion

# The covariance of the coefficients is updated in another order than in the formulas; forgetting
# keeps the difference from growing.
TOLERANCE = 1e-9


def prior(N: int, p: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = 0.2 * rng.standard_normal((N, N * p)) / np.sqrt(N * p)
    root = rng.standard_normal((N * N * p, N * N * p)) * 0.05
    return start, root @ root.T + 0.01 * np.eye(N * N * p), np.eye(N) + 0.3


@pytest.mark.parametrize(("N", "p"), [(2, 1), (3, 2), (5, 1)])
@pytest.mark.parametrize("first", [0.0, 0.1])
def test_agrees_with_the_formulas(N: int, p: int, first: float) -> None:
    x = np.random.default_rng(N).standard_normal((150, N))
    start, spread, sigma = prior(N, p)
    kappa = (0.98, 0.97, first)
    tables, coefficients, status = tvp_nb(x, start, spread, sigma, np.array(kappa), 10, True)
    expected, explosive = recursion(x, (start, spread, sigma), kappa, 10)
    assert_allclose(tables, expected, rtol=TOLERANCE)
    assert_array_equal(status == EXPLOSIVE, explosive)
    assert np.isfinite(coefficients).all()


def test_explosive_coefficients_are_rejected_and_the_last_stable_ones_stand() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((120, 2))
    for t in range(60, 75):  # grows by half in every row
        x[t] += 1.5 * x[t - 1]
    start, spread, sigma = prior(2, 1)
    kappa = (0.9, 0.9, 0.0)
    tables, coefficients, status = tvp_nb(x, start, spread, sigma, np.array(kappa), 5, True)
    expected, explosive = recursion(x, (start, spread, sigma), kappa, 5)
    assert_array_equal(status == EXPLOSIVE, explosive)
    assert 3 < np.count_nonzero(explosive) < 60
    assert_allclose(tables, expected, rtol=1e-7)  # the state is large, and rounding with it
    first = int(np.argmax(explosive))
    assert_array_equal(coefficients[first], coefficients[first - 1])


def test_without_spread_and_without_forgetting_it_is_one_static_decomposition() -> None:
    x = np.random.default_rng(2).standard_normal((40, 3))
    start, _, sigma = prior(3, 1)
    tables, coefficients, _ = tvp_nb(x, start, np.zeros((9, 9)), sigma, np.ones(3), 10, True)
    assert_allclose(coefficients, np.broadcast_to(start, (40, 3, 3)), rtol=1e-14)
    assert_allclose(tables, np.broadcast_to(generalised(start, sigma, 10), (40, 3, 3)), rtol=1e-12)


def test_a_missing_row_teaches_nothing_and_has_no_table() -> None:
    x = np.random.default_rng(3).standard_normal((60, 2))
    start, spread, sigma = prior(2, 1)
    kappa = np.array([0.99, 0.99, 0.0])
    x[30, 1] = np.nan
    tables, coefficients, status = tvp_nb(x, start, spread, sigma, kappa, 10, True)
    assert_array_equal(np.flatnonzero(status == MISSING), [30, 31])
    assert np.isnan(tables[30:32]).all()
    before = tvp_nb(np.ascontiguousarray(x[:30]), start, spread, sigma, kappa, 10, True)
    assert_array_equal(tables[:30], before[0])
    assert (status[32:] == STABLE).all()
    assert np.abs(coefficients[32] - coefficients[29]).max() < 0.5


def test_collinear_series_have_no_table() -> None:
    x = np.random.default_rng(3).standard_normal((20, 1)) @ np.array([[1.0, 2.0]])
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    kappa = np.array([0.99, 0.99, 0.1])
    tables, _, status = tvp_nb(x, np.zeros((2, 2)), np.zeros((4, 4)), singular, kappa, 10, True)
    assert (status == COLLAPSED).all()
    assert np.isnan(tables).all()


@pytest.mark.parametrize("away", [1e-3, 1e-10, -1e-10, -1e-3])
@pytest.mark.parametrize("N", [1, 2, 5, 12])
def test_explosive_agrees_with_eigenvalues(N: int, away: float) -> None:
    rng = np.random.default_rng(N)
    for _ in range(20):
        matrix = rng.standard_normal((N, N))
        matrix *= (1.0 + away) / np.abs(np.linalg.eigvals(matrix)).max()
        assert explosive_nb(matrix) == (away > 0)


def test_explosive_looks_at_the_companion_of_several_lags() -> None:
    # x_t = 0.6 x_{t-1} + 0.5 x_{t-2}: the larger root is (0.6 + sqrt(0.36 + 2)) / 2 = 1.068.
    assert explosive_nb(np.array([[0.6, 0.5]]))
    assert not explosive_nb(np.array([[0.6, 0.3]]))
    assert not explosive_nb(np.zeros((2, 4)))


def test_nilpotent_coefficients_of_any_size_are_stable() -> None:
    assert not explosive_nb(np.array([[0.0, 1e6], [0.0, 0.0]]))
