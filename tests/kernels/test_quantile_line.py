"""The line by turns agrees with the simplex, and says where it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.kernels.quantile_line import quantile_line_nb, weighted_quantile_nb
from eventlab.kernels.quantile_regression import quantile_regression_nb
from tests import naive_contagion_tails as naive

SAME = 1e-12  # relative: the same two rows, so rounding of one division


@pytest.mark.parametrize("level", [0.01, 0.05, 0.5, 0.93])
@pytest.mark.parametrize("n", [3, 20, 75, 400])
def test_it_is_the_line_of_the_simplex(n: int, level: float) -> None:
    rng = np.random.default_rng(n)
    for draw in range(20):
        x, y = rng.standard_t(3, (2, n))
        y += 2.0 * x
        if draw % 2 and n > 20:  # rows that a bootstrap draws twice
            rows = rng.integers(n, size=n)
            x, y = x[rows], y[rows]
        X = np.ascontiguousarray(np.stack([np.ones(n), x], axis=1))
        expected = quantile_regression_nb(y, X, level)[0]
        np.testing.assert_allclose(quantile_line_nb(y, x, level), expected, rtol=SAME, atol=SAME)


def test_it_is_the_best_of_all_lines() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 41))
    found = quantile_line_nb(y, x, 0.1)
    np.testing.assert_allclose(found, naive.quantile_line(list(y), list(x), 0.1), rtol=1e-10)


def test_cases_by_hand() -> None:
    assert quantile_line_nb(np.array([1.0, 5.0]), np.array([0.0, 2.0]), 0.3) == (1.0, 2.0)
    # Three rows on 0, 1, 2: the median line leaves out the middle one.
    found = quantile_line_nb(np.array([0.0, 9.0, 4.0]), np.array([0.0, 1.0, 2.0]), 0.5)
    assert found == (0.0, 2.0)


@pytest.mark.parametrize(
    ("y", "x"),
    [
        (np.arange(9.0), np.ones(9)),
        (2 * np.arange(9.0), np.arange(9.0)),
        (np.ones(1), np.ones(1)),
        (np.zeros(9), np.arange(9.0)),
        (np.empty(0), np.empty(0)),
    ],
)
def test_ties_and_one_place_are_left_to_the_simplex(y: np.ndarray, x: np.ndarray) -> None:
    assert np.isnan(quantile_line_nb(y, x, 0.25)).all()


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), min_size=1, max_size=30),
    st.floats(0.0, 1.0),
)
def test_the_quantile_reaches_its_target(pairs: list[tuple[int, int]], share: float) -> None:
    n = len(pairs)
    values, weights = np.zeros((3, n)), np.zeros((3, n))
    rows = np.zeros((3, n), dtype=np.int64)
    values[0], weights[0] = np.array(pairs, dtype=np.float64).T
    rows[0] = np.arange(n)
    given_values, given_weights = values[0].copy(), weights[0].copy()
    target = share * given_weights.sum()
    row = weighted_quantile_nb(values, weights, rows, n, target)
    found = given_values[row]
    assert given_weights[given_values <= found].sum() >= target - 1e-9
    assert given_weights[given_values < found].sum() <= target + 1e-9
