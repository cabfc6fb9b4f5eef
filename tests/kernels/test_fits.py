"""The fit kernels against least squares by numpy, on good and on bad data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.factor_fits import factor_fits_nb
from eventlab.kernels.fits import simple_fits_nb
from tests.kernels.arrays import Array, Case, Found, assert_same, expected, factor, simple

# Two orders of summation of 250 products differ by 1e-14 relative; a wrong formula by far more.
RTOL = 1e-12
MODELS = (0, 1, 2, None)  # parameters of the simple kernel; None is the factor kernel


def run(case: Case, k: int | None) -> Found:
    return factor(case) if k is None else simple(case, k)


def check(case: Case, k: int | None, rtol: float = RTOL) -> None:
    scale = np.nanmax(np.abs(case.returns), axis=1, initial=0.0)[case.column]
    assert_same(run(case, k), expected(case, k), scale, rtol)


def market(seed: int = 0, T: int = 160, C: int = 6) -> Array:
    """A common factor in all columns, so that the factors are correlated as real ones are."""
    rng = np.random.default_rng(seed)
    return rng.normal(0.0, 0.02, (C, T)) + rng.normal(0.0, 0.01, T)


def standard(returns: Array) -> Case:
    """Events in the middle and where either window meets an end of the data."""
    position = [120, 60, 61, 30, 12, 5, 0, 155, 159]
    return Case(
        returns=returns,
        column=[3, 4, 5, 3, 4, 5, 3, 4, 5],
        regressors=[[0, 1, 2]] * 9,
        position=position,
        estimation=(-60, -6),
        event=(-5, 5),
        windows=[(0, 0), (-1, 1), (-5, 5), (2, 4)],
        min_rows=10,
    )


@pytest.mark.parametrize("k", MODELS)
def test_complete_data(k: int | None) -> None:
    case = standard(market())
    check(case, k)
    found = run(case, k)
    assert np.isfinite(found.car[0]).all()
    assert np.isnan(found.car[-1, 1:3]).all()  # beyond the last session
    assert np.isnan(found.sigma[4:7]).all()  # fewer than ten rows


@pytest.mark.parametrize("k", MODELS)
def test_missing_returns(k: int | None) -> None:
    returns = market(1)
    returns[np.random.default_rng(2).random(returns.shape) < 0.06] = np.nan
    check(standard(returns), k)


@pytest.mark.parametrize("k", MODELS)
def test_missing_only_in_the_regressor(k: int | None) -> None:
    returns = market(3)
    returns[0, [70, 80, 120, 124]] = np.nan
    check(standard(returns), k)


@pytest.mark.parametrize("k", MODELS)
@pytest.mark.parametrize("value", [0.0, 0.1, -3e-5])
def test_a_stale_asset_has_no_fit(k: int | None, value: float) -> None:
    returns = market(4)
    returns[3] = value
    case = standard(returns)
    check(case, k)
    stale = np.array(case.column) == 3
    has = np.isfinite(run(case, k).sigma)
    assert not has[stale & (value == 0.0 or k != 0)].any()
    assert has[1:3].all()


@pytest.mark.parametrize("k", [2, None])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e-3, 7e5])
def test_a_constant_benchmark_is_refused(k: int | None, value: float) -> None:
    # 250 x 0.1 over 250 is not 0.1: without a bound, rounding would be regressed on.
    returns = market(5)
    returns[0] = value
    found = run(standard(returns), k)
    assert np.isnan(found.sigma).all()
    assert np.isnan(found.coefficients).all()


@pytest.mark.parametrize("k", [2, None])
def test_an_asset_that_is_its_benchmark_has_no_fit(k: int | None) -> None:
    returns = market(6)
    returns[3] = returns[0]
    returns[4] = 0.001 + 2.0 * returns[0]
    case = standard(returns)
    check(case, k)
    found = run(case, k)
    assert np.isnan(found.sigma[[0, 1, 3, 7]]).all()
    assert np.isfinite(found.sigma[2])


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-5])
def test_an_asset_close_to_its_benchmark(distance: float) -> None:
    # R^2 of 1 - 1e-10 at the closest: Syy - b Sxy alone would keep six digits.
    returns = market(16)
    returns[3:6] = 1.5 * returns[0] + distance * returns[3:6]
    check(standard(returns), 2, rtol=1e-10)  # sigma is measured against returns 1e5 times larger


def test_collinear_factors_are_refused() -> None:
    returns = market(7)
    returns[2] = 0.5 * returns[0] - 2.0 * returns[1] + 0.01
    found = factor(standard(returns))
    assert np.isnan(found.sigma).all()
    assert np.isnan(found.ar).all()


def test_nearly_collinear_factors_keep_their_digits() -> None:
    # Sector and market with correlation 1 - 1e-8: the normal equations would leave no digit.
    returns = market(8)
    returns[1] = returns[0] + 1e-6 * returns[1]
    check(standard(returns), None, rtol=1e-8)  # the condition of the design takes eight digits


def test_lists_of_factors_of_different_length() -> None:
    case = standard(market(9))
    regressors = [[0], [0, 1], [0, 1, 2], [], [0], [0], [0], [1, 2], [2]]
    case = dataclasses.replace(case, regressors=regressors)
    check(case, None)


@pytest.mark.parametrize("k", MODELS)
@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_scale(k: int | None, scale: float) -> None:
    check(standard(scale * market(10)), k)


@pytest.mark.parametrize("k", MODELS)
def test_mixed_scales(k: int | None) -> None:
    returns = market(11)
    returns[:3] *= np.array([1e-9, 1e6, 1.0])[:, None]
    check(standard(returns), k)


@pytest.mark.parametrize("k", MODELS)
def test_levels_far_from_zero(k: int | None) -> None:
    # A mean of 1e6 standard deviations costs six digits of whatever is left of it.
    check(standard(1.0 + 1e-6 * market(12)), k, rtol=1e-8)


def test_no_events_and_no_windows() -> None:
    case = dataclasses.replace(standard(market()), column=[], regressors=[], position=[])
    for simple_k in (0, 1, 2):
        assert simple(case, simple_k).ar.shape == (0, 11)
    bare = dataclasses.replace(standard(market()), windows=[])
    for k in MODELS:
        check(bare, k)


def test_an_event_far_outside_the_data_is_missing() -> None:
    case = dataclasses.replace(standard(market()), position=[2**40] * 9)
    for k in MODELS:
        found = run(case, k)
        assert (found.n_rows == 0).all()
        assert np.isnan(found.sigma).all()
        assert np.isnan(found.car).all()


@given(
    seed=st.integers(0, 2**32 - 1),
    T=st.integers(12, 70),
    holes=st.sampled_from([0.0, 0.05, 0.4]),
    length=st.integers(8, 40),
    first=st.integers(-6, 2),
    bars=st.integers(1, 9),
    k=st.sampled_from(MODELS),
)
@settings(max_examples=60, deadline=None)
def test_any_shape(
    seed: int, T: int, holes: float, length: int, first: int, bars: int, k: int | None
) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.02, (5, T)) + rng.normal(0.0, 0.01, T)
    returns[rng.random(returns.shape) < holes] = np.nan
    n = int(rng.integers(1, 6))
    last = first + bars - 1
    starts = rng.integers(first, last + 1, 3)
    case = Case(
        returns=returns,
        column=rng.integers(2, 5, n).tolist(),
        regressors=[[0, 1]] * n,
        position=rng.integers(0, T, n).tolist(),
        estimation=(first - length, first - 1),
        event=(first, last),
        windows=[(int(start), int(rng.integers(start, last + 1))) for start in starts],
        min_rows=8,
    )
    # Eight random rows on three columns: the design may be a thousand times less well conditioned.
    check(case, k, rtol=1e-9)


@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-1e3, 1e3), k=st.sampled_from(MODELS))
@settings(max_examples=30, deadline=None)
def test_returns_after_a_bar_do_not_move_it(seed: int, shift: float, k: int | None) -> None:
    returns = market(seed)
    case = standard(returns)
    before = run(case, k)
    later = returns.copy()
    later[:, 121:] += shift
    after = run(dataclasses.replace(case, returns=later), k)
    for name in ("coefficients", "sigma", "n_rows"):
        np.testing.assert_array_equal(getattr(before, name)[:7], getattr(after, name)[:7])
    np.testing.assert_array_equal(before.ar[0, :6], after.ar[0, :6])
    np.testing.assert_array_equal(before.ar_variance[0, :6], after.ar_variance[0, :6])
    np.testing.assert_array_equal(before.car[0, 0], after.car[0, 0])


@pytest.mark.parametrize("k", MODELS)
def test_returns_of_the_event_window_do_not_move_the_fit(k: int | None) -> None:
    returns = market(13)
    case = standard(returns)
    moved = returns.copy()
    moved[:, 115:126] = 5.0
    a, b = run(case, k), run(dataclasses.replace(case, returns=moved), k)
    np.testing.assert_array_equal(a.coefficients[0], b.coefficients[0])
    assert a.sigma[0] == b.sigma[0]


@pytest.mark.parametrize("k", MODELS)
def test_python_says_what_the_machine_code_says(k: int | None) -> None:
    returns = market(14)
    returns[3, 100] = np.nan
    case = standard(returns)
    if k is None:
        python, machine = factor(case, factor_fits_nb.py_func), factor(case)  # type: ignore[attr-defined]
    else:
        python = simple(case, k, simple_fits_nb.py_func)  # type: ignore[attr-defined]
        machine = simple(case, k)
    for field in dataclasses.fields(Found):
        np.testing.assert_allclose(
            getattr(python, field.name), getattr(machine, field.name), rtol=1e-12, atol=1e-15
        )


@pytest.mark.parametrize("k", MODELS)
def test_twice_is_the_same(k: int | None) -> None:
    case = standard(market(15))
    a, b = run(case, k), run(case, k)
    for field in dataclasses.fields(Found):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))
