"""Kernels of connectedness: hand-worked shares, twins, and sliding against fresh fits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eventlab.kernels.connectedness import factor_nb, fevd_nb, product_nb
from eventlab.kernels.lasso import lasso_path_nb
from eventlab.kernels.rolling_var import FITTED, MISSING, REFIT, rolling_nb
from eventlab.kernels.var_draws import simulate_nb, var_draws_nb
from tests import naive_contagion_connectedness as naive

# Sums of a few hundred products in another order, in percent.
TWIN = 1e-10
# Sixty-four rows let in and out between fresh starts; in percent.
SLID = 1e-9


def path(T: int = 300, N: int = 3, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((T, N)) + 0.5 * rng.standard_normal((T, 1))
    noise[1:] += 0.3 * noise[:-1] @ rng.standard_normal((N, N)) / np.sqrt(N)
    return np.ascontiguousarray(noise)


def rolled(
    values: np.ndarray, window: int, lags: int, first: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, N = len(values) - window + 1 - first, values.shape[1]
    tables, status = np.full((n, N, N), np.nan), np.full(n, -1)
    coefficients, growth = np.empty((n, N, N * lags)), np.zeros(n)
    rolling_nb(values, window, first, 10, tables, coefficients, status, growth)
    return tables, status, growth


@pytest.mark.parametrize("width", [1, 2, 4, 7, 8])
def test_products(width: int) -> None:
    rng = np.random.default_rng(width)
    a, b, c = rng.standard_normal((3, 9)), rng.standard_normal((9, 5)), np.empty((3, 5))
    product_nb(a, b, c, width)
    assert_allclose(c, a[:, :width] @ b[:width], atol=1e-14)


def test_shares_of_a_correlation_by_hand() -> None:
    """Without dynamics a shock to j moves i by rho: shares 1 and rho^2 = 1/4, that is 80 and 20."""
    sigma = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert_allclose(fevd_nb(np.zeros((2, 2)), sigma, 7, True), [[80, 20], [20, 80]], rtol=1e-15)
    in_order = [[100, 0], [25, 75]]
    assert_allclose(fevd_nb(np.zeros((2, 2)), sigma, 7, False), in_order, atol=1e-13)


def test_shares_of_a_lag_by_hand() -> None:
    """x moves with yesterday's y: over two steps half of its variance is y's."""
    coefficients = np.array([[0.0, 1.0], [0.0, 0.0]])
    assert_allclose(fevd_nb(coefficients, np.eye(2), 1, True), np.diag([100, 100]))
    assert_allclose(fevd_nb(coefficients, np.eye(2), 2, True), [[50, 50], [0, 100]])


@pytest.mark.parametrize(("N", "p", "H"), [(2, 1, 1), (3, 2, 10), (5, 4, 3), (6, 3, 12)])
def test_decomposition_is_its_twin(N: int, p: int, H: int) -> None:
    A, _, residuals = naive.var(path(200, N), p)
    sigma = residuals.T @ residuals
    coefficients = np.ascontiguousarray(np.hstack(A))
    for generalised, twin in ((True, naive.generalised), (False, naive.orthogonalised)):
        assert_allclose(fevd_nb(coefficients, sigma, H, generalised), twin(A, sigma, H), atol=TWIN)


def test_a_singular_covariance_is_refused() -> None:
    factor = np.zeros((2, 2))
    assert not factor_nb(np.ones((2, 2)), factor)
    assert np.isnan(fevd_nb(np.zeros((2, 2)), np.ones((2, 2)), 5, True)).all()


@pytest.mark.parametrize(("N", "p"), [(2, 1), (3, 4), (6, 2)])
def test_every_window_is_a_fresh_fit(N: int, p: int) -> None:
    values = path(260, N)
    tables, status, _ = rolled(values, 90, p)
    assert (status == FITTED).all()
    fresh = [naive.table(values[at : at + 90], p, 10) for at in range(len(tables))]
    assert_allclose(tables, fresh, atol=SLID)


def test_badly_scaled_series_with_a_level_slide_as_well() -> None:
    values = path(300, 4)
    expected = rolled(values, 100, 2)[0]
    scaled = values * np.array([1e-9, 1.0, 1e6, 1e12]) + np.array([1e-5, -1e3, 1e9, 0.0])
    tables, status, _ = rolled(np.ascontiguousarray(scaled), 100, 2)
    assert (status == FITTED).all()
    assert_allclose(tables, expected, atol=1e-7)  # the levels cost three of sixteen digits
    fresh = [naive.table(scaled[at : at + 100], 2, 10) for at in range(0, 200, 7)]
    assert_allclose(tables[:200:7], fresh, atol=SLID)


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_what_an_outlier_takes_with_it_is_fitted_afresh(size: float) -> None:
    values = path(300, 3)
    values[120, 1] *= size
    tables, status, _ = rolled(values, 80, 1)
    after = [at for at in range(len(tables)) if at > 121]
    fresh = [naive.table(values[at : at + 80], 1, 10) for at in after]
    assert (status[after] == FITTED).all()
    assert_allclose(tables[after], fresh, atol=SLID)


def test_nearly_collinear_series_are_left_to_a_better_method() -> None:
    values = path(200, 3)
    values[:, 2] = values[:, 0] + 1e-7 * values[:, 2]
    assert (rolled(values, 80, 1)[1] == REFIT).all()
    values[:, 2] = values[:, 0]
    assert (rolled(values, 80, 1)[1] == REFIT).all()
    values[:, 2] = 3.0
    assert (rolled(values, 80, 1)[1] == REFIT).all()


def test_windows_with_a_missing_value_and_no_others_have_no_table() -> None:
    values = path(200, 3)
    values[100, 1] = np.nan
    tables, status, _ = rolled(values, 50, 1)
    inside = (np.arange(151) <= 100) & (np.arange(151) > 50)
    assert_array_equal(status == MISSING, inside)
    assert_array_equal(np.isnan(tables).any(axis=(1, 2)), inside)
    fresh = [naive.table(values[at : at + 50], 1, 10) for at in (50, 101, 102, 150)]
    assert_allclose(tables[[50, 101, 102, 150]], fresh, atol=SLID)


def test_pieces_that_begin_at_the_stride_join_bit_for_bit() -> None:
    values = path(400, 3)
    whole, later = rolled(values, 90, 2), rolled(values, 90, 2, first=128)
    for one, other in zip(whole, later, strict=True):
        assert_array_equal(one[128:], other)


def test_a_shock_is_followed_to_the_largest_root() -> None:
    rng = np.random.default_rng(3)
    values = np.zeros((400, 2))
    for t in range(1, 400):
        values[t] = np.array([[0.97, 0.1], [0.0, 0.3]]) @ values[t - 1] + rng.standard_normal(2)
    growth = rolled(values, 300, 1)[2]
    for at in (0, 50, 100):
        A = naive.var(values[at : at + 300], 1)[0][0]
        assert_allclose(growth[at], np.abs(np.linalg.eigvals(A)).max(), atol=2e-3)


@pytest.mark.parametrize(("p", "block", "penalty"), [(1, 1, 0.0), (2, 5, 0.0), (1, 4, 0.3)])
def test_draws_are_their_twin(p: int, block: int, penalty: float) -> None:
    values = path(60, 3)
    A, constant, residuals = naive.var(values, p, penalty)
    coefficients, seed = np.ascontiguousarray(np.hstack(A)), 12345
    tables = np.full((3, 2, 3, 3), np.nan)
    arguments = (coefficients, constant, residuals, values[:p].copy(), block, np.uint64(seed))
    var_draws_nb(*arguments, 4, 10, penalty, tables)
    for at in range(3):
        expected = naive.draw(values, p, 10, block, seed, 4 + at, penalty)
        assert_allclose(tables[at], expected, atol=1e-8)  # rounding grows along a simulated path


def test_simulation_keeps_what_happened_together_together() -> None:
    values = path(80, 3)
    residuals = naive.var(values, 1)[2]
    simulated = np.zeros((len(residuals) + 1, 3))
    simulate_nb(np.zeros((3, 3)), np.zeros(3), residuals, 6, np.uint64(7), simulated)
    places = [int(np.flatnonzero((residuals == row).all(axis=1))[0]) for row in simulated[1:]]
    steps = np.diff(places) % len(residuals)
    assert (np.delete(steps, np.arange(5, len(steps), 6)) == 1).all()
    assert len(set(places[::6])) > 8


def test_lasso_meets_its_conditions() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((120, 8)) @ rng.standard_normal((8, 8))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = x[:, :2] @ np.array([[1.0, -0.5], [0.4, 0.0]]) + rng.standard_normal((120, 2))
    y -= y.mean(axis=0)
    gram, cross = x.T @ x / 120, np.ascontiguousarray(y.T @ x / 120)
    penalties = np.array([2.0, 0.3, 0.05, 0.0])
    found = lasso_path_nb(gram, cross, penalties, 1e-12, 100_000)
    for penalty, b in zip(penalties, found, strict=True):
        slope = cross - b @ gram
        assert_allclose(slope[b != 0], penalty * np.sign(b[b != 0]), atol=1e-9)
        assert (np.abs(slope[b == 0]) <= penalty + 1e-9).all()
    assert (found[0] == 0).all()
    assert_allclose(found[-1].T, np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-8)
    assert np.isnan(lasso_path_nb(gram, cross, penalties[1:], 1e-12, 1)).all()
