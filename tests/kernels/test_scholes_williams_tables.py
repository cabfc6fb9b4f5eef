"""The placebo table of Scholes and Williams' model against a fit at every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.scholes_williams import scholes_williams_nb
from eventlab.kernels.scholes_williams_tables import products_fit_nb, scholes_williams_table_nb
from tests.kernels.arrays import Array, Case, Window, close, ints, outputs, table, windows_of
from tests.naive_models import forecast_variance, scholes_williams

if TYPE_CHECKING:
    from collections.abc import Callable

# Sums of products keep fourteen digits of the raw squares; what is left of them and of 1 + 2 rho
# is at least a hundredth, or the row is fitted in two passes.
RTOL = 1e-10
ESTIMATION, EVENT = (-60, -6), (-5, 5)
WINDOWS: list[Window] = [(0, 0), (-1, 1), (-5, 5)]
LEAST = 20


def pair(seed: int = 0, T: int = 200) -> tuple[Array, Array]:
    """An asset that follows its benchmark half on the same bar and half a bar later."""
    rng = np.random.default_rng(seed)
    m = rng.standard_t(4, T + 1) * 0.01
    return 0.0003 + 0.6 * m[1:] + 0.5 * m[:-1] + rng.standard_t(5, T) * 0.015, m[1:]


def with_neighbours(y: Array, m: Array) -> Array:
    """Rows: the asset, then the benchmark, its last and its next bar."""
    last, following = np.full_like(m, np.nan), np.full_like(m, np.nan)
    last[1:], following[:-1] = m[:-1], m[1:]
    return np.stack([y, m, last, following])


def fast(
    returns: Array,
    kernel: Callable[..., None] = scholes_williams_table_nb,
    *,
    estimation: Window = ESTIMATION,
    least: int = LEAST,
) -> tuple[Array, Array]:
    shape = (returns.shape[1], len(WINDOWS))
    car, variance = np.full(shape, -999.0), np.full(shape, -999.0)
    kernel(returns, 0, ints([1, 2, 3]), ints(estimation), ints(WINDOWS), least, car, variance)
    return car, variance


def two_pass(
    returns: Array, *, estimation: Window = ESTIMATION, least: int = LEAST
) -> tuple[Array, Array]:
    """The same by the kernel of the fits, an event at every row."""
    T = returns.shape[1]
    case = Case(returns, [0] * T, [[1, 2, 3]] * T, [*range(T)], estimation, EVENT, WINDOWS, least)
    found = outputs(case, 4)
    given = (ints(case.column), ints(case.regressors).reshape(-1, 3), ints(case.position))
    scholes_williams_nb(
        returns,
        *given,
        ints(estimation),
        ints(EVENT),
        windows_of(case),
        least,
        *(getattr(found, name) for name in found.__dataclass_fields__),
    )
    return found.car, found.sigma[:, None] ** 2 * found.car_variance


def check(returns: Array) -> Array:
    """Compare with the kernel of the fits; return the CARs."""
    found, wanted = fast(returns), two_pass(returns)
    size = float(np.nanmax(np.abs(returns[0]), initial=0.0))
    close(found[0], wanted[0], RTOL, RTOL * size)
    close(found[1], wanted[1], RTOL)
    return found[0]


def from_products(returns: Array, row: int) -> bool:
    """Whether the row is fitted from its sums of products, or needs two passes."""
    part = returns[:, row + ESTIMATION[0] : row + ESTIMATION[1] + 1]
    columns = np.stack([np.ones(part.shape[1]), part[1], part[2], part[3], part[0]])
    return bool(np.isfinite(products_fit_nb(columns @ columns.T)[2]))


def test_every_row_is_a_refit() -> None:
    returns = with_neighbours(*pair())
    car = check(returns)
    assert np.isfinite(car).all(axis=1).sum() == 200 - 1 - LEAST - 5 - 5  # one without a last bar
    assert from_products(returns, 100)


def test_a_row_against_the_formula() -> None:
    y, m = pair(1)
    t = 120
    fit = scholes_williams(y, m, t, ESTIMATION)
    assert not isinstance(fit, int)
    car, variance = fast(with_neighbours(y, m))
    for w, (first, last) in enumerate(WINDOWS):
        own = np.arange(t + first, t + last + 1)
        close(car[t, w], (y[own] - fit.alpha - fit.beta * m[own]).sum(), RTOL, 1e-14)
        wanted = fit.sigma**2 * forecast_variance(fit, m, own.tolist())
        close(variance[t, w], np.array(wanted), RTOL)


def test_by_hand() -> None:
    # m = 1, -1, 0 in turn: each neighbour has slope b + c, and 1 + 2 rho = 1 - 1 = 0: no fit. With
    # m = 1, 1, -1, -1 neighbours are uncorrelated with m: beta is the sum of the three slopes.
    m = np.tile([1.0, 1.0, -1.0, -1.0], 20)
    last = np.concatenate([[np.nan], m[:-1]])
    noise = np.tile([1.0, -1.0, 1.0, -1.0], 20)  # at a right angle to m and to its neighbours
    y = 2.0 * m + 0.5 * last + noise
    car, variance = fast(with_neighbours(y, m), estimation=(-45, -6), least=40)
    # The next bar is the negative of the last: slopes 2, 0.5 and -0.5. sigma^2 is what 0.5 of the
    # last bar and the noise leave: 40 (0.25 + 1)/38.
    t = 60
    close(car[t, 0], 0.5 * last[t] + noise[t], RTOL)
    close(variance[t, 0], np.array(50.0 / 38.0 * (1.0 + 2.0 / 40.0)), RTOL)
    never = np.tile([1.0, -1.0, 0.0], 27)[:80]
    assert np.isnan(fast(with_neighbours(y, never), estimation=(-47, -6), least=40)[0]).all()


def test_without_serial_correlation_in_the_slopes_it_is_the_market_model() -> None:
    # A benchmark of +-1 in turns of two, and an asset that follows it on the same bar only.
    m = np.tile([1.0, 1.0, -1.0, -1.0], 20)
    y = 2.0 * m + np.tile([1.0, -1.0, 1.0, -1.0], 20)
    case = Case(np.empty((0, 0)), [], [], [], (-45, -6), EVENT, WINDOWS, 40)
    wanted = table(y, m, 2, case)
    found = fast(with_neighbours(y, m), estimation=(-45, -6), least=40)
    rows = slice(48, 74)  # the first row has no last bar
    for one, other in zip(found, wanted, strict=True):
        close(one[rows], other[rows], RTOL, 1e-13)


def test_missing_returns_drop_out_of_the_fit() -> None:
    y, m = pair(2)
    y[[0, 60, 61, 150]] = np.nan
    m[[30, 31, 100]] = np.nan
    car = check(with_neighbours(y, m))
    # Bar 101 has no last bar of the benchmark, which a fit reads and a CAR does not.
    assert np.isfinite(car[101, 0])
    assert np.isnan(car[101, 1])


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_scale(scale: float) -> None:
    y, m = pair(3)
    check(with_neighbours(scale * y, m / scale))


def test_levels_far_from_zero_are_fitted_in_two_passes() -> None:
    y, m = pair(4)
    returns = with_neighbours(1e3 + y, 1e3 + m)
    assert not from_products(returns, 100)
    check(returns)


def test_a_quiet_time_after_a_wild_one() -> None:
    # The squares before are 1e16 times those after: plain prefix sums would keep no digit.
    y, m = pair(5)
    size = np.where(np.arange(200) < 80, 1e4, 1e-4)
    check(with_neighbours(y * size, m * size))


def test_an_asset_close_to_its_benchmark_is_fitted_in_two_passes() -> None:
    y, m = pair(6)
    returns = with_neighbours(m + 1e-6 * y, m)
    check(returns)


def test_a_benchmark_that_turns_at_every_bar() -> None:
    # 1 + 2 rho is near zero, and its digits are lost before those of the products.
    y, m = pair(7)
    swing = m.copy()
    swing[1:] -= m[:-1]
    check(with_neighbours(y, swing))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-7])
def test_stale_series_have_no_placebo(value: float) -> None:
    y, m = pair(8)
    stale = m.copy()
    stale[38:132] = value
    assert np.isnan(check(with_neighbours(y, stale))[106:130]).all()
    alone = y.copy()
    alone[40:130] = value
    assert np.isfinite(check(with_neighbours(alone, m))[140:190]).all()


@given(
    seed=st.integers(0, 2**32 - 1),
    T=st.integers(0, 90),
    length=st.integers(8, 40),
    holes=st.sampled_from([0.0, 0.1]),
)
@settings(max_examples=40, deadline=None)
def test_any_shape(seed: int, T: int, length: int, holes: float) -> None:
    returns = with_neighbours(*pair(seed, T))
    returns[np.random.default_rng(seed).random(returns.shape) < holes] = np.nan
    estimation = (-length - 5, -6)
    found = fast(returns, estimation=estimation, least=8)
    wanted = two_pass(returns, estimation=estimation, least=8)
    # Few rows: 1 + 2 rho may come near zero, and beta then is of any size.
    close(found[0], wanted[0], 1e-9, 1e-11)
    close(found[1], wanted[1], 1e-9)


@given(seed=st.integers(0, 2**32 - 1), t=st.integers(0, 198))
@settings(max_examples=40, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, t: int) -> None:
    y, m = pair(seed)
    rng = np.random.default_rng(t)
    both = np.stack([y, m])
    later = both.copy()
    later[:, t + 1 :] = rng.normal(3.0, 100.0, later[:, t + 1 :].shape)
    before, after = fast(with_neighbours(*both)), fast(with_neighbours(*later))
    for w, (_, last) in enumerate(WINDOWS):
        stop = max(0, t - last + 1)  # the fit's last row reads the benchmark's next, still earlier
        np.testing.assert_array_equal(before[0][:stop, w], after[0][:stop, w])
        np.testing.assert_array_equal(before[1][:stop, w], after[1][:stop, w])


def test_python_says_what_the_machine_code_says() -> None:
    y, m = pair(9, 90)
    m[30] = np.nan
    returns = with_neighbours(y, m)
    python = fast(returns, scholes_williams_table_nb.py_func)  # type: ignore[attr-defined]
    machine = fast(returns)
    close(python[0], machine[0], RTOL, 1e-14)
    close(python[1], machine[1], RTOL)
