"""Penalised VARs: closed forms, conditions, collapses, and what they are for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eventlab.contagion.connectedness.regularised import RIDGE_PENALTIES, lasso, ridge
from eventlab.contagion.connectedness.spillover import spillover
from eventlab.contagion.connectedness.var import Estimator, fit_var
from eventlab.errors import DataError
from tests import naive_contagion_connectedness as naive

SAME = 1e-9


def system(T: int, N: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a sparse VAR(1) and its coefficients: each series moves with its own yesterday."""
    rng = np.random.default_rng(seed)
    A = 0.4 * np.eye(N)
    A[1:, 0] = 0.3
    values = np.zeros((T, N))
    for t in range(1, T):
        values[t] = A @ values[t - 1] + rng.standard_normal(N)
    return values, A


@pytest.mark.parametrize("penalty", [1e-3, 0.1, 5.0])
def test_ridge_is_a_longer_least_squares(penalty: float) -> None:
    values, _ = system(80, 4)
    A, constant, _ = naive.var(values, 1, penalty)
    found = ridge(values[:-1], values[1:], penalty)
    assert_allclose(found.coefficients, A[0], atol=SAME)
    assert_allclose(found.constant, constant, atol=SAME)
    z = (values[:-1] - values[:-1].mean(axis=0)) / values[:-1].std(axis=0)
    smoother = z @ np.linalg.solve(z.T @ z + 79 * penalty * np.eye(4), z.T)
    assert found.dof == pytest.approx(79 - 1 - np.trace(smoother))


@pytest.mark.parametrize("fit", [ridge, lasso])
def test_no_penalty_is_least_squares_and_an_endless_one_is_nothing(fit: object) -> None:
    assert callable(fit)
    values, _ = system(80, 4)
    plain = fit_var(values, 1)
    x, y = values[:-1], values[1:]
    found = fit(x, y, 0.0)
    assert_allclose(found.coefficients, plain.coefficients, atol=SAME)
    assert_allclose(found.constant, plain.constant, atol=SAME)
    assert found.dof == pytest.approx(plain.dof)
    nothing = fit(x, y, 1e9)
    assert_allclose(nothing.coefficients, 0.0, atol=1e-8)
    assert nothing.dof == pytest.approx(78, abs=1e-6)
    assert_allclose(nothing.constant, y.mean(axis=0), atol=1e-7)


def test_lasso_meets_its_conditions_at_the_penalty_it_chose() -> None:
    values, _ = system(150, 6)
    x, y = values[:-1], values[1:]
    found = lasso(x, y)
    scale = x.std(axis=0)
    residuals = y - found.constant - x @ found.coefficients.T
    slope = residuals.T @ ((x - x.mean(axis=0)) / scale) / len(x)
    used = found.coefficients != 0.0
    assert 0 < np.count_nonzero(used) < used.size
    sign = np.sign(found.coefficients)
    assert_allclose(slope[used], found.penalty * sign[used], atol=1e-8)
    assert (np.abs(slope[~used]) <= found.penalty + 1e-8).all()
    assert found.dof == pytest.approx(len(x) - 1 - used.sum(axis=1).mean())


def test_the_criterion_is_the_lowest_of_all_penalties() -> None:
    values, _ = system(150, 5)
    x, y = values[:-1], values[1:]
    chosen = lasso(x, y)

    def criterion(penalty: float) -> float:
        at = lasso(x, y, penalty)
        squares = np.square(y - at.constant - x @ at.coefficients.T).mean(axis=0)
        used = np.count_nonzero(at.coefficients, axis=1)
        return float((149 * np.log(squares) + used * np.log(149)).sum())

    best = criterion(chosen.penalty)
    assert all(criterion(chosen.penalty * times) >= best - 5 for times in (0.25, 0.5, 2, 4))
    assert criterion(chosen.penalty * 100) > best


def test_blocks_forecast_one_another() -> None:
    """The chosen ridge penalty is the best of a plain loop over blocks."""
    values, _ = system(100, 5, seed=3)
    x, y = values[:-1], values[1:]
    errors = []
    for penalty in RIDGE_PENALTIES:
        total = 0.0
        for fold in range(5):
            first, stop = 99 * fold // 5, 99 * (fold + 1) // 5
            train = [t for t in range(99) if t < first - 1 or t >= stop + 1]
            fit = ridge(x[train], y[train], float(penalty))
            ahead = fit.constant + x[first:stop] @ fit.coefficients.T
            total += float(np.square(y[first:stop] - ahead).sum())
        errors.append(total)
    assert ridge(x, y, lags=1).penalty == RIDGE_PENALTIES[int(np.argmin(errors))]


@pytest.mark.parametrize("estimator", ["ridge", "lasso"])
def test_closer_to_the_truth_than_least_squares_with_many_series(estimator: Estimator) -> None:
    values, A = system(90, 20)
    plain, penalised = fit_var(values, 1), fit_var(values, 1, estimator=estimator)
    off = np.abs(plain.coefficients - A).mean()
    assert np.abs(penalised.coefficients - A).mean() < 0.8 * off


@pytest.mark.parametrize("estimator", ["ridge", "lasso"])
def test_tables_neither_change_from_run_to_run_nor_with_units(estimator: Estimator) -> None:
    values, _ = system(120, 12)
    frame = pd.DataFrame(values).rename(columns=str)
    one, two = spillover(frame, 2, estimator=estimator), spillover(frame, 2, estimator=estimator)
    assert_array_equal(one.table, two.table)
    scaled = spillover(frame * np.logspace(-6, 6, 12), 2, estimator=estimator)
    assert_allclose(scaled.table, one.table, atol=1e-6)
    assert one.estimator == estimator


def test_few_rows_that_least_squares_cannot_use() -> None:
    values, _ = system(30, 14)
    frame = pd.DataFrame(values).rename(columns=str)
    with pytest.raises(DataError, match="at least 43"):
        spillover(frame, 2)
    assert np.isfinite(spillover(frame, 2, estimator="ridge").tci)
    with pytest.raises(DataError, match=r"14 usable rows are too few.*at least 16"):
        spillover(frame.iloc[:16], 2, estimator="ridge")
