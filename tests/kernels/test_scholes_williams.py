"""The Scholes-Williams kernel against its formula, a hand-worked case and the market model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.scholes_williams import scholes_williams_nb
from tests.kernels.arrays import Array, Case, Found, close, ints, outputs, simple, windows_of
from tests.naive_models import ScholesWilliams, forecast_variance, scholes_williams

if TYPE_CHECKING:
    from collections.abc import Callable

RTOL = 1e-12  # sums of centred products, in another order
ESTIMATION, EVENT, WINDOWS = (-60, -6), (-3, 3), [(0, 0), (-1, 1), (-3, 3)]


def with_neighbours(y: Array, m: Array) -> Array:
    """Rows: the asset, then the benchmark, its last and its next bar."""
    nothing = [np.nan]
    return np.stack([y, m, np.concatenate([nothing, m[:-1]]), np.concatenate([m[1:], nothing])])


def run(
    y: Array,
    m: Array,
    positions: list[int],
    *,
    estimation: tuple[int, int] = ESTIMATION,
    min_rows: int = 10,
    kernel: Callable[..., None] = scholes_williams_nb,
) -> Found:
    n = len(positions)
    case = Case(
        with_neighbours(y, m),
        [0] * n,
        [[1, 2, 3]] * n,
        positions,
        estimation,
        EVENT,
        WINDOWS,
        min_rows,
    )
    found = outputs(case, 4)
    kernel(
        case.returns,
        ints(case.column),
        ints(case.regressors),
        ints(case.position),
        ints(case.estimation),
        ints(case.event),
        windows_of(case),
        case.min_rows,
        *(getattr(found, name) for name in Found.__dataclass_fields__),
    )
    return found


def check(y: Array, m: Array, positions: list[int], min_rows: int = 10) -> Found:
    found = run(y, m, positions, min_rows=min_rows)
    for i, position in enumerate(positions):
        wanted = scholes_williams(y, m, position, ESTIMATION, min_rows=min_rows)
        if not isinstance(wanted, ScholesWilliams):
            assert found.n_rows[i] == wanted
            assert np.isnan(found.sigma[i])
            assert np.isnan(found.car[i]).all()
            continue
        assert found.n_rows[i] == len(wanted.rows)
        close(found.coefficients[i], np.array([wanted.alpha, wanted.beta, 0.0, 0.0]), RTOL, 1e-15)
        close(found.sigma[i : i + 1], np.array([wanted.sigma]), RTOL)
        bars = [position + tau for tau in range(EVENT[0], EVENT[1] + 1)]
        ar = np.array(
            [y[t] - wanted.alpha - wanted.beta * m[t] if 0 <= t < len(y) else np.nan for t in bars]
        )
        close(found.ar[i], ar, RTOL, 1e-15)
        for j, t in enumerate(bars):
            if np.isfinite(ar[j]):
                assert found.ar_variance[i, j] == pytest.approx(
                    forecast_variance(wanted, m, [t]), rel=RTOL
                )
            else:
                assert np.isnan(found.ar_variance[i, j])
        for w, (a, b) in enumerate(WINDOWS):
            inside = ar[a - EVENT[0] : b - EVENT[0] + 1]
            close(found.car[i, w : w + 1], np.array([inside.sum()]), RTOL, 1e-14)
            if np.isfinite(inside).all():
                wanted_variance = forecast_variance(
                    wanted, m, [position + tau for tau in range(a, b + 1)]
                )
                assert found.car_variance[i, w] == pytest.approx(wanted_variance, rel=RTOL)
    return found


def thin(seed: int = 0, T: int = 150) -> tuple[Array, Array]:
    """An autocorrelated benchmark, and an asset that follows it in part a bar later."""
    rng = np.random.default_rng(seed)
    news = rng.standard_t(5, T + 1) * 0.008
    m = news[1:] + 0.25 * news[:-1]
    y = 0.0003 + 0.6 * m + rng.standard_t(5, T) * 0.015
    y[1:] += 0.5 * m[:-1]
    return y, m


def test_the_formula() -> None:
    check(*thin(), [0, 8, 40, 61, 62, 75, 100, 146, 149, 400])


def test_missing_returns() -> None:
    y, m = thin(1)
    y[[3, 70, 71, 120]] = np.nan
    m[[20, 21, 80, 121]] = np.nan
    found = check(y, m, [40, 75, 90, 118, 140])
    # A missing benchmark return costs three rows, an asset's one; these three are together.
    assert found.n_rows[2] == 55 - 2 - 3


@given(
    seed=st.integers(0, 2**32 - 1),
    T=st.integers(2, 120),
    position=st.integers(-5, 130),
    holes=st.sampled_from([0.0, 0.1, 0.5]),
)
@settings(max_examples=40, deadline=None)
def test_any_shape(seed: int, T: int, position: int, holes: float) -> None:
    rng = np.random.default_rng(seed)
    y, m = thin(seed, T)
    y[rng.random(T) < holes] = np.nan
    m[rng.random(T) < holes] = np.nan
    check(y, m, [position])


def test_by_hand() -> None:
    # Estimation rows 1 to 4; y = 1, 2, 3, 6 has mean 3. Centred sums and products with y:
    #   m(t-1) = 3, 2, 0, 1: mean 3/2, square 5, product -3 - 1/2 + 0 - 3/2 = -5, slope -1
    #   m(t)   = 2, 0, 1, 1: mean 1, square 2, product -2 + 1 + 0 + 0 = -1, slope -1/2
    #   m(t+1) = 0, 1, 1, 6: mean 2, square 22, product 4 + 1 + 0 + 12 = 17, slope 17/22
    #   m(t) m(t-1): 3/2 - 1/2 + 0 + 0 = 1, so that rho = 1 / sqrt(2 * 5)
    m = np.array([3.0, 2.0, 0.0, 1.0, 1.0, 6.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    y = np.array([0.0, 1.0, 2.0, 3.0, 6.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = run(y, m, [10], estimation=(-9, -6), min_rows=4)
    beta = (-1.0 - 0.5 + 17.0 / 22.0) / (1.0 + 2.0 / np.sqrt(10.0))
    close(found.coefficients[0], np.array([3.0 - beta, beta, 0.0, 0.0]), RTOL)
    resid = np.array([-2.0, -1.0, 0.0, 3.0]) - beta * np.array([1.0, -1.0, 0.0, 0.0])
    close(found.sigma, np.array([np.sqrt((resid @ resid) / 2.0)]), RTOL)
    close(found.ar[0, :1], np.array([1.0 - (3.0 - beta) - 2.0 * beta]), RTOL)
    close(found.ar_variance[0, :1], np.array([1.0 + 1.0 / 4.0 + 1.0 / 2.0]), RTOL)
    close(found.car_variance[0, 2:], np.array([7.0 + 49.0 / 4.0 + 49.0 / 2.0]), RTOL)


def test_without_neighbours_it_is_the_market_model() -> None:
    # Up, up, down, down: a benchmark without first autocorrelation. An asset whose own noise has no
    # part along the benchmark's last bar (its next is the opposite) has slopes of zero on both.
    m = 0.01 * np.tile([1.0, 1.0, -1.0, -1.0], 18)
    noise = np.random.default_rng(2).normal(0.0, 0.01, 72)
    position, rows = 66, slice(6, 66)
    before = m[5:65]
    noise[rows] -= before * (noise[rows] @ before) / (before @ before)
    y = 0.001 + 1.5 * m + noise
    found = run(y, m, [position], estimation=(-60, -1))
    own = Case(np.stack([y, m]), [0], [[1]], [position], (-60, -1), EVENT, WINDOWS, 10)
    market = simple(own, 2)
    assert found.n_rows[0] == market.n_rows[0] == 60
    close(found.coefficients[:, :2], market.coefficients, RTOL, 1e-15)
    for name in ("sigma", "ar", "ar_variance", "car", "car_variance"):
        close(getattr(found, name), getattr(market, name), RTOL, 1e-15)


def test_it_sees_through_thin_trading_where_least_squares_does_not() -> None:
    # Half of each move of the market reaches the asset a bar later: least squares halves the beta.
    rng = np.random.default_rng(3)
    T = 20_000
    m = rng.normal(0.0, 0.01, T)
    y = 0.6 * m + rng.normal(0.0, 0.01, T)
    y[1:] += 0.6 * m[:-1]
    found = run(y, m, [T - 5], estimation=(-19_000, -6))
    own = Case(np.stack([y, m]), [0], [[1]], [T - 5], (-19_000, -6), EVENT, WINDOWS, 10)
    # Standard errors: 0.009 each, three slopes: within four of them.
    assert found.coefficients[0, 1] == pytest.approx(1.2, abs=0.07)
    assert simple(own, 2).coefficients[0, 1] == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-7])
def test_a_constant_benchmark_has_no_fit(value: float) -> None:
    y, m = thin(4)
    m[30:] = value
    assert np.isnan(run(y, m, [100]).sigma).all()


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_a_stale_asset_has_no_fit(value: float) -> None:
    y, m = thin(5)
    y[:] = value
    found = run(y, m, [100])
    assert np.isnan(found.sigma).all()
    assert np.isnan(found.coefficients).all()


def test_a_benchmark_that_swings_back_has_no_fit() -> None:
    # rho near -1: 1 + 2 rho is negative, and dividing by it would turn the sign of beta.
    rng = np.random.default_rng(6)
    m = np.where(np.arange(150) % 2, 0.01, -0.01) + rng.normal(0.0, 0.001, 150)
    assert np.isnan(run(rng.normal(0.0, 0.01, 150), m, [100]).sigma).all()


def test_python_says_what_the_machine_code_says() -> None:
    y, m = thin(7)
    y[40] = np.nan
    python = scholes_williams_nb.py_func  # type: ignore[attr-defined]
    for name in Found.__dataclass_fields__:
        close(
            getattr(run(y, m, [80, 120], kernel=python), name).astype(float),
            getattr(run(y, m, [80, 120]), name).astype(float),
            RTOL,
            1e-15,
        )


@given(seed=st.integers(0, 2**32 - 1), tau=st.integers(-3, 3))
@settings(max_examples=30, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, tau: int) -> None:
    y, m = thin(seed)
    position = 100
    later = y.copy(), m.copy()
    for series in later:
        series[position + tau + 1 :] = np.random.default_rng(seed).normal(3.0, 100.0, 49 - tau)
    before, after = run(y, m, [position]), run(*later, [position])
    stop = tau - EVENT[0] + 1
    for name in ("coefficients", "sigma", "n_rows"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    for name in ("ar", "ar_variance"):
        np.testing.assert_array_equal(
            getattr(before, name)[:, :stop], getattr(after, name)[:, :stop]
        )


def test_the_fit_reads_one_bar_of_the_benchmark_beyond_the_estimation_window() -> None:
    y, m = thin(8)
    position = 100
    last = position + ESTIMATION[1]
    base = run(y, m, [position]).coefficients
    for series, row, moves in ((m, last + 1, True), (m, last + 2, False), (y, last + 1, False)):
        changed = series.copy()
        changed[row] += 0.05
        own = run(*((y, changed) if series is m else (changed, m)), [position]).coefficients
        assert (own != base).any() == moves
