"""The placebo table of factor models against a refit at every row, two-pass and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.factor_tables import factor_table_nb
from tests import naive
from tests.kernels.arrays import Array, Case, Window, close, factor, ints, table

if TYPE_CHECKING:
    from collections.abc import Callable

# Sums of products keep 1e-13 of the sums of squares where their condition is below the bound of
# the kernel (1e3); rows beyond it are fitted in two passes.
RTOL = 1e-11
WINDOWS: list[Window] = [(0, 0), (-1, 1), (-5, 5)]
ESTIMATION, EVENT = (-60, -6), (-5, 5)
LEAST = 20


def panel(seed: int = 0, n_factors: int = 3, T: int = 200) -> Array:
    """Row 0 the asset, then correlated factors (0.7 with one another)."""
    rng = np.random.default_rng(seed)
    common = rng.standard_t(4, T) * 0.008
    factors = [common + rng.standard_t(5, T) * 0.005 for _ in range(n_factors)]
    betas = np.linspace(1.0, 0.2, n_factors)
    y = 0.0004 + betas @ np.array(factors).reshape(n_factors, T) + rng.standard_t(5, T) * 0.015
    return np.array([y, *factors])


def fast(
    returns: Array,
    kernel: Callable[..., None] = factor_table_nb,
    estimation: Window = ESTIMATION,
    least: int = LEAST,
) -> tuple[Array, Array]:
    shape = (returns.shape[1], len(WINDOWS))
    car, variance = np.full(shape, -999.0), np.full(shape, -999.0)
    factors = np.arange(1, len(returns))
    kernel(returns, 0, factors, ints(estimation), ints(WINDOWS), least, car, variance)
    return car, variance


def two_pass(returns: Array) -> tuple[Array, Array]:
    """The same by Householder's fits, an event at every row."""
    T = returns.shape[1]
    own = list(range(1, len(returns)))
    case = Case(returns, [0] * T, [own] * T, list(range(T)), ESTIMATION, EVENT, WINDOWS, LEAST)
    found = factor(case)
    return found.car, found.sigma[:, None] ** 2 * found.car_variance


def check(returns: Array, rtol: float = RTOL, exact_rtol: float = RTOL) -> Array:
    """Compare with the naive twin to ``rtol`` and with Householder's fits to ``exact_rtol``."""
    car, variance = fast(returns)
    size = float(np.nanmax(np.abs(returns[0]), initial=0.0))
    exact = two_pass(returns)
    close(car, exact[0], exact_rtol, exact_rtol * size)
    close(variance, exact[1], exact_rtol)
    wanted = naive.placebo_table(
        returns[0],
        returns[1:].T,
        ESTIMATION,
        WINDOWS,
        min_rows=max(LEAST, len(returns) + naive.MIN_DOF),
    )
    close(car, wanted[0], rtol, rtol * size)
    close(variance, wanted[1], rtol)
    return car


@pytest.mark.parametrize("n_factors", [0, 1, 2, 5, 12])
def test_every_row_is_a_refit(n_factors: int) -> None:
    car = check(panel(n_factors=n_factors))
    rows = max(LEAST, n_factors + 1 + naive.MIN_DOF)
    assert np.isfinite(car).all(axis=1).sum() == 200 - rows - 5 - 5  # the rows, the gap, 5 after


def test_missing_returns_drop_out_of_the_fit() -> None:
    returns = panel(1)
    returns[0, [0, 60, 61, 150]] = np.nan
    returns[2, [3, 100]] = np.nan
    returns[3, 30:50] = np.nan
    check(returns)


def test_one_factor_is_the_market_model() -> None:
    returns = panel(2, 1)
    case = Case(np.empty((0, 0)), [], [], [], ESTIMATION, EVENT, WINDOWS, LEAST)
    car, variance = table(returns[0], returns[1], 2, case)
    found = fast(returns)
    close(found[0], car, RTOL, 1e-14)
    close(found[1], variance, RTOL)


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_scale(scale: float) -> None:
    returns = panel(3)
    returns[0] *= scale
    returns[1] /= scale
    check(returns)


def test_levels_far_from_zero() -> None:
    # A mean of 1e5 standard deviations costs five digits of the returns themselves, and ten when
    # squared: such rows have to be fitted in two passes.
    check(1e3 + panel(4), rtol=1e-7, exact_rtol=1e-10)


def test_a_quiet_time_after_a_wild_one() -> None:
    # The squares before are 1e16 times those after: plain prefix sums would keep no digit.
    returns = panel(5)
    returns[:, :80] *= 1e4
    returns[:, 80:] *= 1e-4
    # Two wild rows among quiet ones: a condition of 1e8, on which two factorisations differ.
    check(returns, rtol=1e-8)


@pytest.mark.parametrize("near", [1e-3, 1e-5])
def test_factors_close_to_one_another(near: float) -> None:
    # Correlations of 1 - 1e-6 and 1 - 1e-10: their products keep ten digits, and six.
    returns = panel(6)
    returns[2] = returns[1] + near * returns[3]
    check(returns, rtol=1e-8)


def test_an_asset_close_to_its_factors() -> None:
    returns = panel(7)
    returns[0] = 0.5 * returns[1] + 0.5 * returns[2] + 1e-5 * returns[0]
    check(returns, rtol=1e-10)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-7])
def test_stale_or_collinear_factors_have_no_placebo(value: float) -> None:
    stale = panel(8)
    stale[1, 40:130] = value
    assert np.isnan(check(stale)[106:130]).all()
    twice = panel(8)
    twice[2] = 3.0 * twice[1]
    assert np.isnan(fast(twice)[0]).all()
    alone = panel(8)
    alone[0, 40:130] = value
    assert np.isnan(check(alone)[106:130]).all()


@given(
    seed=st.integers(0, 2**32 - 1),
    T=st.integers(0, 90),
    length=st.integers(8, 40),
    holes=st.sampled_from([0.0, 0.1]),
    n_factors=st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_any_shape(seed: int, T: int, length: int, holes: float, n_factors: int) -> None:
    returns = panel(seed, n_factors, T)
    returns[np.random.default_rng(seed).random(returns.shape) < holes] = np.nan
    car, variance = fast(returns, estimation=(-length - 5, -6), least=8)
    wanted = naive.placebo_table(
        returns[0],
        returns[1:].T,
        (-length - 5, -6),
        WINDOWS,
        min_rows=max(8, n_factors + 1 + naive.MIN_DOF),
    )
    close(car, wanted[0], 1e-10, 1e-12)  # a few rows may be badly conditioned
    close(variance, wanted[1], 1e-10)


@given(seed=st.integers(0, 2**32 - 1), t=st.integers(0, 199))
@settings(max_examples=40, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, t: int) -> None:
    returns = panel(seed, 2)
    later = returns.copy()
    later[:, t + 1 :] = np.random.default_rng(t).normal(3.0, 100.0, later[:, t + 1 :].shape)
    before, after = fast(returns), fast(later)
    for w, (_, last) in enumerate(WINDOWS):
        stop = max(0, t - last + 1)
        np.testing.assert_array_equal(before[0][:stop, w], after[0][:stop, w])
        np.testing.assert_array_equal(before[1][:stop, w], after[1][:stop, w])


def test_python_says_what_the_machine_code_says() -> None:
    returns = panel(9, 2, 90)
    returns[1, 30] = np.nan
    python = fast(returns, factor_table_nb.py_func)  # type: ignore[attr-defined]
    machine = fast(returns)
    close(python[0], machine[0], RTOL, 1e-14)
    close(python[1], machine[1], RTOL)
