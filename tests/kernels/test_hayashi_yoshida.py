"""Covariances on unequal clocks against the double sum of the paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.hayashi_yoshida import hy_curve_nb
from tests.kernels.arrays import close, ints
from tests.naive_contagion_lead_lag import overlapping

RTOL = 1e-12  # sums of some hundred products of either sign
LAGS = ints([-700, -50, -7, -1, 0, 1, 7, 50, 700])


def paths(seed: int, n: int, m: int, span: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    tx, ty = (np.sort(rng.choice(span, size, replace=False)).astype(np.int64) for size in (n, m))
    return tx, rng.normal(size=n).cumsum(), ty, rng.normal(size=m).cumsum()


@pytest.mark.parametrize(("n", "m", "span"), [(60, 40, 200), (40, 90, 99), (2, 30, 600), (1, 5, 9)])
def test_the_double_sum(n: int, m: int, span: int) -> None:
    tx, x, ty, y = paths(n, n, m, span)
    found = hy_curve_nb(tx, x, ty, y, LAGS)
    wanted = np.array([overlapping(tx, x, ty, y, int(lag)) for lag in LAGS])
    close(found, wanted, RTOL, atol=RTOL * np.abs(np.diff(x)).sum() * np.abs(np.diff(y)).sum())
    close(hy_curve_nb.py_func(tx, x, ty, y, LAGS), found, 0.0)  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 25), st.integers(-40, 40))
def test_a_shift_is_a_shift_of_the_times(seed: int, n: int, m: int, lag: int) -> None:
    tx, x, ty, y = paths(seed, n, m, 30)
    shifted = hy_curve_nb(tx, x, ty, y, ints([lag]))
    close(shifted, hy_curve_nb(tx, x, ty - lag, y, ints([0])), 0.0)
    close(shifted[0], np.array(overlapping(tx, x, ty, y, lag)), 1e-9, atol=1e-9)
    # Seen from the other side: the same products, added up in another order.
    mirrored = hy_curve_nb(ty, y, tx, x, ints([-lag]))
    close(mirrored[0, :2], shifted[0, :2], 1e-9, atol=1e-9)


def test_by_hand() -> None:
    # x: +1 over (0, 10], -2 over (10, 20]. y: +3 over (5, 15]. Both increments of x meet it.
    tx, x = ints([0, 10, 20]), np.array([0.0, 1.0, -1.0])
    ty, y = ints([5, 15]), np.array([0.0, 3.0])
    # One later: y over (-5, 5] meets the first only; at 15 or more, nothing.
    found = hy_curve_nb(tx, x, ty, y, ints([0, 10, 15, -10, -15]))
    wanted = [[-3.0, 45.0, 2], [3.0, 9.0, 1], [0.0, 0.0, 0], [-6.0, 36.0, 1], [0.0, 0.0, 0]]
    assert found.tolist() == wanted


def test_nothing_to_compare() -> None:
    none = np.empty(0)
    assert hy_curve_nb(ints([]), none, ints([]), none, ints([0])).tolist() == [[0.0, 0.0, 0.0]]
