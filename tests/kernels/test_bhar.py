"""Buy-and-hold abnormal returns against two products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.bhar import bhar_nb
from tests import naive
from tests.kernels.arrays import Array, ints

RTOL = 1e-12  # a product of at most some forty factors
EVENT = (-3, 4)
WINDOWS = [(0, 0), (-3, 4), (1, 4)]


def fast(returns: Array, column: list[int], position: list[int], ar: Array) -> Array:
    found: Array = bhar_nb(returns, ints(column), ints(position), ar, ints(EVENT), ints(WINDOWS))
    return found


def test_hand_worked() -> None:
    # Held: 1.10 x 0.95 = 1.045; normal 1.02 x 1.01 = 1.0302; BHAR = 0.0148. The CAR is 0.02.
    returns = np.array([[0.10, -0.05]])
    ar = np.array([[0.08, -0.06]])
    found = bhar_nb(returns, ints([0]), ints([0]), ar, ints([0, 1]), ints([[0, 1], [0, 0]]))
    np.testing.assert_allclose(found, [[0.0148, 0.08]], rtol=0, atol=1e-15)


@given(seed=st.integers(0, 2**32 - 1), holes=st.sampled_from([0.0, 0.1]))
@settings(max_examples=40, deadline=None)
def test_against_the_fit(seed: int, holes: float) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.03, (2, 80))
    returns[rng.random(returns.shape) < holes] = np.nan
    position = [40, 60, 78, 20]
    wanted = [
        naive.event_numbers(returns[0], returns[1:].T, p, (-30, -4), EVENT, WINDOWS, min_rows=10)
        for p in position
    ]
    ar = np.stack([one.ar for one in wanted])
    found = fast(returns, [0] * 4, position, ar)
    np.testing.assert_allclose(found, [one.bhar for one in wanted], rtol=RTOL, atol=1e-15)


def test_one_bar_is_its_abnormal_return() -> None:
    rng = np.random.default_rng(0)
    returns, ar = rng.normal(0.0, 0.03, (1, 40)), rng.normal(0.0, 0.03, (1, 8))
    found = fast(returns, [0], [20], ar)
    assert found[0, 0] == pytest.approx(ar[0, 3], abs=1e-15)


@pytest.mark.parametrize("position", [0, 2, 36, 39, 2**40])
def test_windows_beyond_the_data_are_missing(position: int) -> None:
    returns = np.random.default_rng(1).normal(0.0, 0.03, (1, 40))
    found = fast(returns, [0], [position], np.zeros((1, 8)))
    inside = [0 <= position + a and position + b < 40 for a, b in WINDOWS]
    np.testing.assert_array_equal(np.isfinite(found[0]), inside)


def test_python_says_what_the_machine_code_says() -> None:
    rng = np.random.default_rng(2)
    args = (rng.normal(0.0, 0.03, (2, 40)), ints([1]), ints([20]), rng.normal(0, 0.03, (1, 8)))
    rest = (ints(EVENT), ints(WINDOWS))
    python = bhar_nb.py_func(*args, *rest)  # type: ignore[attr-defined]
    np.testing.assert_allclose(python, bhar_nb(*args, *rest), rtol=RTOL)
