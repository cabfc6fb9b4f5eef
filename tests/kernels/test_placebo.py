"""The placebo table against a refit at every row, and the joint draws against Python integers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.placebo import mix_nb, placebo_draws_nb, placebo_table_nb
from tests import naive
from tests.kernels.arrays import Array, Case, close, ints, simple, table

# Prefix sums keep 1e-14 of the sums of squares (rows that lose more are fitted in two passes).
RTOL = 1e-12
CASE = Case(np.empty((0, 0)), [], [], [], (-60, -6), (-5, 5), [(0, 0), (-1, 1), (-5, 5)], 10)


def pair(seed: int = 0, T: int = 200) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    x = rng.standard_t(4, T) * 0.008
    return 0.0004 + 1.3 * x + rng.standard_t(5, T) * 0.015, x


def check(y: Array, x: Array, k: int, rtol: float = RTOL, case: Case = CASE) -> Array:
    X = x[:, None] if k == 2 else np.empty((len(y), 0))
    wanted = naive.placebo_table(
        y, X, case.estimation, case.windows, intercept=k > 0, min_rows=case.min_rows
    )
    car, variance = table(y, x if k == 2 else y, k, case)
    close(car, wanted[0], rtol, rtol * 10 * float(np.nanmax(np.abs(y), initial=0.0)))
    close(variance, wanted[1], rtol)
    return car


@pytest.mark.parametrize("k", [0, 1, 2])
def test_every_row_is_a_refit(k: int) -> None:
    car = check(*pair(), k)
    assert np.isfinite(car).all(axis=1).sum() == 200 - 15 - 5  # 10 rows, the gap, 5 after


@pytest.mark.parametrize("k", [0, 1, 2])
def test_missing_returns(k: int) -> None:
    y, x = pair(1)
    y[[0, 60, 61, 150]] = np.nan
    x[[3, 100]] = np.nan
    check(y, x, k)


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_scale(k: int, scale: float) -> None:
    y, x = pair(2)
    check(scale * y, x / scale, k)


@pytest.mark.parametrize("k", [1, 2])
def test_levels_far_from_zero(k: int) -> None:
    # A mean of 1e5 standard deviations costs five digits, and as many again when squared in
    # prefix sums: such rows have to be fitted in two passes.
    y, x = pair(3)
    check(1e3 + y, 1e3 + x, k, rtol=1e-7)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_quiet_time_after_a_wild_one(k: int) -> None:
    # The squares before are 1e16 times those after: plain prefix sums would keep no digit.
    y, x = pair(4)
    y[:80] *= 1e4
    x[:80] *= 1e4
    y[80:], x[80:] = y[80:] * 1e-4, x[80:] * 1e-4
    check(y, x, k)


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e-7])
def test_a_stale_time_has_no_placebo(k: int, value: float) -> None:
    y, x = pair(5)
    y[40:130] = value
    car = check(y, x, k)
    assert np.isnan(car[106:130]).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-7])
def test_a_constant_benchmark_has_no_placebo(value: float) -> None:
    y, x = pair(6)
    x[40:130] = value
    car = check(y, x, 2)
    assert np.isnan(car[106:130]).all()


def test_an_asset_close_to_its_benchmark() -> None:
    # A fund against its index: R^2 of 1 - 1e-10, so that Syy - b Sxy would keep six digits.
    y, x = pair(7)
    check(x + 1e-5 * y, x, 2, rtol=1e-11)
    car, _ = table(x.copy(), x, 2, CASE)
    assert np.isnan(car).all()


def test_the_fits_of_events_are_rows_of_the_table() -> None:
    y, x = pair(8)
    position = [70, 111, 190]
    case = Case(
        np.stack([y, x]),
        [0] * 3,
        [[1]] * 3,
        position,
        CASE.estimation,
        CASE.event,
        CASE.windows,
        10,
    )
    found = simple(case, 2)
    car, variance = table(y, x, 2, CASE)
    close(car[position], found.car, RTOL, 1e-14)
    close(variance[position], found.sigma[:, None] ** 2 * found.car_variance, RTOL)


@given(
    seed=st.integers(0, 2**32 - 1),
    T=st.integers(0, 90),
    length=st.integers(8, 40),
    holes=st.sampled_from([0.0, 0.1]),
    k=st.sampled_from([0, 1, 2]),
)
@settings(max_examples=40, deadline=None)
def test_any_shape(seed: int, T: int, length: int, holes: float, k: int) -> None:
    rng = np.random.default_rng(seed)
    y, x = pair(seed, T)
    y[rng.random(T) < holes] = np.nan
    case = Case(np.empty((0, 0)), [], [], [], (-length, -1), (0, 3), [(0, 0), (1, 3)], 8)
    check(y, x, k, rtol=1e-10, case=case)  # eight rows may be badly conditioned


@given(seed=st.integers(0, 2**32 - 1), t=st.integers(0, 199), k=st.sampled_from([0, 1, 2]))
@settings(max_examples=40, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, t: int, k: int) -> None:
    y, x = pair(seed)
    later = y.copy(), x.copy()
    for series in later:
        series[t + 1 :] = np.random.default_rng(t).normal(3.0, 100.0, 199 - t)
    before, after = table(y, x, k, CASE), table(*later, k, CASE)
    for w, (_, last) in enumerate(CASE.windows):
        stop = max(0, t - last + 1)
        np.testing.assert_array_equal(before[0][:stop, w], after[0][:stop, w])
        np.testing.assert_array_equal(before[1][:stop, w], after[1][:stop, w])


def draws_of(
    car: Array, variance: Array, series: list[list[int]], pools: list[list[int]], seed: int, K: int
) -> tuple[Any, ...]:
    return (
        car,
        variance,
        ints([s for own in series for s in own]),
        np.cumsum([0, *map(len, series)]),
        ints([row for pool in pools for row in pool]),
        np.cumsum([0, *map(len, pools)]),
        np.uint64(seed),
        0,
        np.empty((K, car.shape[2])),
    )


def numbers(seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 50, 3)), rng.uniform(0.5, 2.0, (4, 50, 3))


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_joint_draws(seed: int) -> None:
    car, variance = numbers()
    series = [[0, 1, 2], [3], [0, 3]]
    pools = [list(range(10, 40)), list(range(5, 50)), list(range(12, 30))]
    args = draws_of(car, variance, series, pools, seed, 200)
    placebo_draws_nb(*args)
    wanted = naive.joint_draws(car, variance, series, pools, seed, 200)
    close(args[-1], wanted, RTOL, 1e-13)


def test_a_draw_depends_on_its_own_number_only() -> None:
    car, variance = numbers(1)
    series, pools = [[0], [1, 2]], [list(range(50))] * 2
    few, many = (draws_of(car, variance, series, pools, 7, K) for K in (10, 500))
    placebo_draws_nb(*few)
    placebo_draws_nb(*many)
    np.testing.assert_array_equal(few[-1], many[-1][:10])


@given(parts=st.lists(st.integers(0, 60), max_size=5), seed=st.integers(0, 2**64 - 1))
@settings(max_examples=30, deadline=None)
def test_any_division_of_the_draws_gives_the_same_bits(parts: list[int], seed: int) -> None:
    car, variance = numbers(4)
    whole = draws_of(car, variance, [[0], [1, 2]], [list(range(50)), [3, 4, 5]], seed, 61)
    placebo_draws_nb(*whole)
    pieces = np.full_like(whole[-1], np.nan)
    for start, stop in pairwise([0, *sorted(parts), 61]):
        part: tuple[Any, ...] = (*whole[:-2], start, pieces[start:stop])
        placebo_draws_nb(*part)
    np.testing.assert_array_equal(pieces, whole[-1])


def test_every_row_of_a_pool_is_drawn_equally_often() -> None:
    car = np.arange(50.0).reshape(1, 50, 1)
    args = draws_of(car, np.ones_like(car), [[0]], [list(range(10, 35))], 3, 50_000)
    placebo_draws_nb(*args)
    rows, counts = np.unique(args[-1], return_counts=True)
    np.testing.assert_array_equal(rows, np.arange(10.0, 35.0))
    chi2 = ((counts - 2000) ** 2 / 2000).sum()  # 24 degrees of freedom; 60 has p of 6e-5
    assert chi2 < 60


def test_the_dates_of_a_draw_are_independent() -> None:
    # Two dates on a pool of two. Without replacement every draw would take both rows, whose sum
    # is always the same: no real event would ever look like a placebo.
    car = np.array([0.0, 1.0, 10.0]).reshape(1, 3, 1)
    args = draws_of(car, np.ones_like(car), [[0], [0]], [[1, 2], [1, 2]], 5, 4000)
    placebo_draws_nb(*args)
    sums, counts = np.unique(np.round(args[-1] * np.sqrt(2.0), 9), return_counts=True)
    np.testing.assert_array_equal(sums, [2.0, 11.0, 20.0])
    # Binomial with standard deviations of 27 and 32; within four of them.
    np.testing.assert_allclose(counts, [1000, 2000, 1000], atol=110)


def test_the_generator_is_split_mix() -> None:
    # First outputs of SplitMix64 seeded with 1234567, as published with the Java code.
    state, step = 1234567, 0x9E3779B97F4A7C15
    wanted = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    for value in wanted:
        state = (state + step) % 2**64
        assert naive.split_mix(state) == value
        assert int(mix_nb(np.uint64(state))) == value


def test_python_says_what_the_machine_code_says() -> None:
    y, x = pair(9, 90)
    y[30] = np.nan
    python = table(y, x, 2, CASE, placebo_table_nb.py_func)  # type: ignore[attr-defined]
    machine = table(y, x, 2, CASE)
    close(python[0], machine[0], RTOL, 1e-14)
    close(python[1], machine[1], RTOL)
    args = draws_of(*numbers(2), [[0, 1], [2]], [[1, 2, 3, 4], [5, 6]], 9, 20)
    again = (*args[:-1], np.empty_like(args[-1]))
    placebo_draws_nb(*args)
    with np.errstate(over="ignore"):  # the counter wraps, as it must
        placebo_draws_nb.py_func(*again)  # type: ignore[attr-defined]
    close(again[-1], args[-1], 1e-14)
