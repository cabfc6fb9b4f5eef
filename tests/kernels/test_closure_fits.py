"""Bars that span a closure: naive twin, hand-worked, collapsed, against scipy and statsmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.errors import UsageError
from eventlab.kernels.closure_fits import MIN_CLOSURES, dof_nb
from eventlab.study.closures import standardise
from eventlab.study.fits import Fits, fit_events, prepare
from eventlab.study.specs import EventArrays, StudySpec
from tests.naive_closures import naive_closure_fit

# Least squares by Householder and by a plain inverse agree to about eleven digits here.
CLOSE, ROUNDING = 1e-9, 1e-15
# One bar is estimated from the very same numbers in both.
EXACT = 1e-12
# Two thousand samples of a rate of 5% have a standard error of 0.5 points; this is four of them.
SIZE_ERROR = 0.02

SLOTS, NIGHTS = 13, 45
T = SLOTS * NIGHTS
SPEC = StudySpec(
    estimation_window=(-SLOTS * 31, -SLOTS - 1),
    event_window=(-6, SLOTS),
    windows=((0, 0), (1, 1), (-6, -1), (0, SLOTS), (-6, SLOTS)),
)
DAY0 = SLOTS * 35  # a first bar of its session
Bools = npt.NDArray[np.bool_]


def close(found: object, wanted: object, name: str = "") -> None:
    np.testing.assert_allclose(
        np.asarray(found), np.asarray(wanted), rtol=CLOSE, atol=ROUNDING, err_msg=name
    )


def exact(found: object, wanted: object) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=EXACT)


def nights(columns: int, length: int = T) -> Bools:
    spans = np.zeros((columns, length), dtype=np.bool_)
    spans[:, ::SLOTS] = True
    return spans


def world(seed: int = 0, columns: int = 3, holes: float = 0.0) -> npt.NDArray[np.float64]:
    """Columns of returns, the first the market; nights are six times as wild and drift."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.002, (columns, T))
    returns[1:] += np.linspace(0.6, 1.4, columns - 1)[:, None] * returns[0]
    returns[:, ::SLOTS] = 6.0 * returns[:, ::SLOTS] + 0.004
    returns[rng.random(returns.shape) < holes] = np.nan
    return np.ascontiguousarray(returns)


def events(
    returns: npt.NDArray[np.float64],
    spans: Bools | None,
    position: tuple[int, ...] = (DAY0, DAY0 + 4),
    factors: tuple[int, ...] = (0,),
) -> EventArrays:
    n = len(position)
    rows = np.array(position, dtype=np.int64)
    return EventArrays(
        returns=returns,
        column=np.ones(n, dtype=np.int64),
        factors=np.tile(np.array(factors, dtype=np.int64), (n, 1)),
        position=rows,
        asset=np.ones(n, dtype=np.int64),
        anchor=rows,
        controls=np.empty((n, 0), dtype=np.int64),
        spans=spans,
    )


def fitted(arrays: EventArrays, spec: StudySpec) -> Fits:
    return fit_events(prepare(arrays, spec), spec)


@pytest.mark.parametrize(
    "model", ["market_adjusted", "constant_mean", "market_model", "factor_model"]
)
@pytest.mark.parametrize("holes", [0.0, 0.02])
def test_every_number_equals_the_naive_one(model: str, holes: float) -> None:
    returns, spec = world(1, holes=holes), replace(SPEC, model=model)
    factors = {"constant_mean": (), "factor_model": (0, 2)}.get(model, (0,))
    arrays = events(returns, nights(3), factors=factors)
    made = fitted(arrays, spec)
    assert made.closures is not None
    y, x = returns[1], returns[list(factors)].T.reshape(T, len(factors))
    if model == "market_adjusted":
        y, x = returns[1] - returns[0], np.empty((T, 0))
    for i, day0 in enumerate(arrays.position.tolist()):
        estimation, event = (
            slice(day0 + first, day0 + last + 1)
            for first, last in (spec.estimation_window, spec.event_window)
        )
        naive = naive_closure_fit(
            y, x, nights(1)[0], estimation, event, constant=model != "market_adjusted"
        )
        close(made.coefficients[i], naive.coefficients)
        close(made.sigma[i] ** 2, naive.s2)
        assert (made.n_rows[i], made.closures.n_rows[i]) == (naive.n_regular, naive.n_closures)
        close(made.closures.kappa[i], naive.kappa)
        close(made.closures.shift[i], naive.shift)
        close(made.ar[i], naive.ar)
        known = np.isfinite(naive.ar)
        close(made.ar_variance[i, known], naive.ar_variance[known])
        for w, (first, last) in enumerate(spec.windows):
            car, variance, dof = naive.car(first + 6, last + 6)
            if np.isnan(car):
                assert np.isnan(made.car[i, w])
                continue
            close(made.car[i, w], car)
            close(made.car_variance[i, w], variance)
            close(made.car_dof[i, w], dof)


def test_a_case_by_hand() -> None:
    # Bars are +-1%, nights 2% +- 4%: s^2 = 1e-4 M/(M-1), v = 16e-4 n/(n-1), n = 30, M = 360.
    returns = np.zeros((2, T))
    returns[1] = 0.01 * (-1.0) ** np.arange(T)
    returns[1, ::SLOTS] = 0.02 + 0.04 * (-1.0) ** np.arange(NIGHTS)
    returns[1, DAY0] = 0.12
    arrays = events(returns, nights(2), position=(DAY0,), factors=())
    made = fitted(arrays, replace(SPEC, model="constant_mean"))
    assert made.closures is not None
    kappa = 16.0 * (30 / 29) / (360 / 359)
    assert (made.n_rows[0], made.closures.n_rows[0]) == (360, 30)
    exact(made.closures.kappa[0], kappa)
    exact(made.ar[0, 6], 0.10)
    exact(made.car_variance[0, 0], kappa * (1 + 1 / 30))
    # AR over its standard error: 0.10 / (0.04 sqrt(30/29) sqrt(31/30)), with 29 degrees of freedom.
    t = 0.10 / (0.04 * np.sqrt(30 / 29 * 31 / 30))
    exact(made.car[0, 0] / made.car_error[0, 0], t)
    exact(made.car_dof[0, 0], 29.0)
    exact(made.car_dof[0, 1], 359.0)


@pytest.mark.parametrize(
    "model", ["market_adjusted", "constant_mean", "market_model", "factor_model"]
)
def test_without_closures_it_is_the_usual_fit(model: str) -> None:
    returns, spec = world(2), replace(SPEC, model=model)
    factors = {"constant_mean": (), "factor_model": (0, 2)}.get(model, (0,))
    apart = fitted(events(returns, np.zeros((3, T), dtype=np.bool_), factors=factors), spec)
    usual = fitted(events(returns, None, factors=factors), spec)
    for name in (
        "sigma",
        "n_rows",
        "ar",
        "ar_variance",
        "car",
        "car_variance",
        "car_dof",
        "ar_dof",
    ):
        close(getattr(apart, name), getattr(usual, name), name)
    assert apart.closures is not None
    assert np.isnan(apart.closures.kappa).all()


def test_a_closure_inside_no_window_changes_no_bar_of_a_session() -> None:
    # The nights only drop out: the regular rows alone give the same as statsmodels on them.
    returns = world(3)
    made = fitted(events(returns, nights(3), position=(DAY0,)), SPEC)
    rows = np.arange(DAY0 + SPEC.estimation_window[0], DAY0 + SPEC.estimation_window[1] + 1)
    rows = rows[rows % SLOTS != 0]
    fit = sm.OLS(returns[1, rows], sm.add_constant(returns[0, rows])).fit()
    close(made.coefficients[0], fit.params)
    close(made.sigma[0] ** 2, fit.scale)
    ahead = fit.get_prediction(np.array([[1.0, returns[0, DAY0 + 1]]]))
    close(made.car_error[0, 1], ahead.se_obs[0])


def test_the_night_of_a_constant_mean_is_the_forecast_of_its_own_sample() -> None:
    returns = world(4)
    arrays = events(returns, nights(3), position=(DAY0,), factors=())
    made = fitted(arrays, replace(SPEC, model="constant_mean"))
    rows = np.arange(DAY0 - SLOTS * 31, DAY0 - SLOTS)
    fit = sm.OLS(returns[1, rows[rows % SLOTS == 0]], np.ones(30)).fit()
    ahead = fit.get_prediction(np.ones((1, 1)))
    close(made.ar[0, 6], returns[1, DAY0] - fit.params[0])
    close(made.car_error[0, 0], ahead.se_obs[0])


def test_degrees_of_freedom_are_those_of_welch() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.0, 1.0, 12), rng.normal(0.0, 3.0, 31)
    welch = stats.ttest_ind(a, b, equal_var=False)
    found = dof_nb(a.var(ddof=1) / 12, b.var(ddof=1) / 31, 11.0, 30.0)
    exact(found, welch.df)
    assert dof_nb(2.0, 0.0, 11.0, 0.0) == 11.0


@pytest.mark.parametrize("known", [MIN_CLOSURES - 1, MIN_CLOSURES])
def test_too_few_closures_leave_only_their_own_bars_without_a_value(known: int) -> None:
    returns, spans = world(6), nights(3)
    spans[:, : DAY0 - SLOTS * (known + 1)] = False
    made = fitted(events(returns, spans, position=(DAY0,)), SPEC)
    assert made.closures is not None
    assert made.closures.n_rows[0] == known
    there = np.isfinite(made.ar[0])
    at_night = np.flatnonzero(spans[0, DAY0 - 6 : DAY0 + SLOTS + 1])
    assert np.flatnonzero(~there).tolist() == (at_night.tolist() if known < MIN_CLOSURES else [])
    enough = known == MIN_CLOSURES
    assert np.isfinite(made.car[0]).tolist() == [enough, True, True, enough, enough]


def test_closures_that_do_not_vary_give_no_value() -> None:
    returns = world(7)
    returns[:, ::SLOTS] = 0.0
    returns[1, DAY0] = 0.05
    made = fitted(events(returns, nights(3), position=(DAY0,)), SPEC)
    assert np.isnan(made.car[0]).tolist() == [True, False, False, True, True]


def test_a_return_counts_as_a_closure_where_a_regressor_spans_one() -> None:
    # A token that never closes against an index that does.
    returns, spans = world(8), nights(3)
    spans[1] = False
    made, both = (fitted(events(returns, each), SPEC) for each in (spans, nights(3)))
    for name in ("coefficients", "ar", "ar_variance", "car", "car_variance"):
        np.testing.assert_array_equal(getattr(made, name), getattr(both, name))
    adjusted = replace(SPEC, model="market_adjusted")
    np.testing.assert_array_equal(
        fitted(events(returns, spans), adjusted).car,
        fitted(events(returns, nights(3)), adjusted).car,
    )


def test_the_bars_after_a_bar_change_nothing_before_it() -> None:
    returns = world(9)
    wild = returns.copy()
    wild[:, DAY0 + 3 :] = 7.0
    before, after = (
        fitted(events(each, nights(3), position=(DAY0,)), SPEC) for each in (returns, wild)
    )
    for name in ("coefficients", "sigma", "n_rows"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    for name in ("ar", "ar_variance", "ar_dof"):
        np.testing.assert_array_equal(
            getattr(before, name)[0, :9], getattr(after, name)[0, :9], err_msg=name
        )


def test_standardised_residuals_of_nights_have_the_variance_of_bars() -> None:
    returns = world(11)
    arrays = events(returns, nights(3), position=(DAY0,))
    made = fitted(arrays, SPEC)
    rows = np.arange(DAY0 + SPEC.estimation_window[0], DAY0 + SPEC.estimation_window[1] + 1)
    resid = returns[1, rows] - made.coefficients[0, 0] - made.coefficients[0, 1] * returns[0, rows]
    scaled = standardise(resid[None], arrays, made, np.array([0]), SPEC.estimation_window[0])[0]
    night = rows % SLOTS == 0
    np.testing.assert_array_equal(scaled[~night], resid[~night])
    close(scaled[night].mean(), 0.0)
    close(scaled[night].var(ddof=1), made.sigma[0] ** 2)
    usual = fitted(events(returns, None, position=(DAY0,)), SPEC)
    same = standardise(resid[None], arrays, usual, np.array([0]), SPEC.estimation_window[0])
    np.testing.assert_array_equal(same[0], resid)


@pytest.mark.parametrize("model", ["scholes_williams", "garch_market_model"])
def test_models_without_a_rule_for_closures_are_refused(model: str) -> None:
    with pytest.raises(UsageError, match="no variance for bars that span a closure"):
        fitted(events(world(), nights(3)), replace(SPEC, model=model))


def test_nights_have_their_size_and_would_not_have_it_without_a_variance_of_their_own() -> None:
    rng = np.random.default_rng(10)
    n = 2000
    market = rng.normal(0.0, 0.001, T)
    returns = 0.8 * market + rng.normal(0.0, 0.002, (n, T))
    returns[:, ::SLOTS] *= 6.0
    returns = np.ascontiguousarray(np.vstack([market, returns]))
    arrays = replace(
        events(returns, nights(n + 1), position=(DAY0,) * n),
        column=np.arange(1, n + 1),
    )
    rates = []
    for spans in (arrays.spans, None):
        made = fitted(replace(arrays, spans=spans), SPEC)
        pvalue = 2.0 * stats.t.sf(np.abs(made.car / made.car_error), made.car_dof)
        rates.append(np.mean(pvalue < 0.05, axis=0))
    assert np.abs(rates[0] - 0.05).max() < SIZE_ERROR
    assert rates[1][0] > 0.2  # a night held against the variance of all bars together
    assert rates[1][1] < 0.02  # and a bar of the day against it
