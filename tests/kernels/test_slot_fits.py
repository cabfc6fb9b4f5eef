"""Bars inside sessions: naive twin, hand-worked, collapsed, against scipy and statsmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.errors import UsageError
from eventlab.kernels.slot_fits import MIN_ALIKE, forecast_nb
from eventlab.study.models.fits import Fits, fit_events, prepare
from eventlab.study.models.slots import bar_classes, standardise
from eventlab.study.models.specs import EventArrays, StudySpec
from tests.naive_slots import CLOSURE, naive_slot_fit

# Least squares by Householder and by a plain inverse agree to about eleven digits here.
CLOSE, ROUNDING = 1e-9, 1e-15
# One bar is estimated from the very same numbers in both.
EXACT = 1e-12
# Two thousand samples of a rate of 5% have a standard error of 0.5 points; this is four of them.
SIZE_ERROR = 0.02

SLOTS, NIGHTS = 13, 45
NIGHT = SLOTS  # the class of bars that span a closure
T = SLOTS * NIGHTS
SPEC = StudySpec(
    estimation_window=(-SLOTS * 31, -SLOTS - 1),
    event_window=(-6, SLOTS),
    windows=((0, 0), (1, 1), (-6, -1), (0, SLOTS), (-6, SLOTS)),
)
DAY0 = SLOTS * 35  # a first bar of its session
SLOT = np.tile(np.arange(SLOTS), NIGHTS)
ONE = np.zeros(T, dtype=np.int64)  # every bar in one slot
for slots in (SLOT, ONE):
    slots.flags.writeable = False  # as those of a clock are: compiled for one kind of array
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


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
    """Columns of returns, the first the market; nights are six times as wild and drift.

    Bars are four times as wild after the open as at noon, and twice as much before the close.
    """
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.002, (columns, T))
    returns[1:] += np.linspace(0.6, 1.4, columns - 1)[:, None] * returns[0]
    returns *= np.tile(np.interp(np.arange(SLOTS), [0, 6, 12], [4.0, 1.0, 2.0]), NIGHTS)
    returns[:, ::SLOTS] = 6.0 * returns[:, ::SLOTS] + 0.004
    returns[rng.random(returns.shape) < holes] = np.nan
    return np.ascontiguousarray(returns)


def events(
    returns: npt.NDArray[np.float64],
    spans: Bools | None,
    position: tuple[int, ...] = (DAY0, DAY0 + 4),
    factors: tuple[int, ...] = (0,),
    slot: Ints | None = SLOT,
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
        slot=slot,
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
    assert made.slots is not None
    y, x = returns[1], returns[list(factors)].T.reshape(T, len(factors))
    if model == "market_adjusted":
        y, x = returns[1] - returns[0], np.empty((T, 0))
    for i, day0 in enumerate(arrays.position.tolist()):
        estimation, event = (
            slice(day0 + first, day0 + last + 1)
            for first, last in (spec.estimation_window, spec.event_window)
        )
        naive = naive_slot_fit(
            *(y, x, np.where(nights(1)[0], CLOSURE, SLOT), estimation, event),
            constant=model != "market_adjusted",
        )
        close(made.coefficients[i], naive.coefficients)
        close(made.sigma[i] ** 2, naive.s2)
        assert made.n_rows[i] == naive.n_regular
        # No regular bar is in slot 0: its rows are those that span a night, the last class.
        assert made.slots.n_rows[i, 0] == 0
        for c in (*range(1, SLOTS), CLOSURE):
            assert made.slots.n_rows[i, c] == naive.n_rows[c]
            close(made.slots.kappa[i, c] * naive.s2, naive.variance[c])
        close(made.slots.shift[i], naive.shift)
        close(made.ar[i], naive.ar)
        for j in np.flatnonzero(np.isfinite(naive.ar)).tolist():
            _, variance, dof = naive.car(j, j)
            close(made.ar_variance[i, j] * naive.s2, variance)
            close(made.ar_dof[i, j], dof)
        for w, (first, last) in enumerate(spec.windows):
            car, variance, dof = naive.car(first + 6, last + 6)
            if np.isnan(car):
                assert np.isnan(made.car[i, w])
                continue
            close(made.car[i, w], car)
            close(made.car_variance[i, w] * naive.s2, variance)
            close(made.car_dof[i, w], dof)


def test_a_case_by_hand() -> None:
    # +-3% in slot 1, else +-1%, nights 2% +- 4%; 30 rows a slot, M = 360 of mean 0.
    returns = np.zeros((2, T))
    returns[1] = 0.01 * (-1.0) ** np.repeat(np.arange(NIGHTS), SLOTS)
    returns[1, 1::SLOTS] *= 3.0
    returns[1, ::SLOTS] = 0.02 + 0.04 * (-1.0) ** np.arange(NIGHTS)
    returns[1, DAY0] = 0.12
    arrays = events(returns, nights(2), position=(DAY0,), factors=())
    made = fitted(arrays, replace(SPEC, model="constant_mean"))
    assert made.slots is not None
    assert (made.n_rows[0], made.slots.n_rows[0].tolist()) == (360, [0] + [30] * 13)
    # Each row has leverage 1/360, a slot 30/360: 30 (1 - 1/360) degrees of freedom.
    wild, calm = 30 * 9e-4 / (30 - 1 / 12), 30 * 1e-4 / (30 - 1 / 12)
    exact(made.slots.kappa[0, 1] * made.sigma[0] ** 2, wild)
    exact(made.slots.kappa[0, 2:13] * made.sigma[0] ** 2, calm)
    # The night over its standard error: 0.10 / (0.04 sqrt(30/29) sqrt(31/30)), with 29 dof.
    exact(made.ar[0, 6], 0.10)
    exact(made.car[0, 0] / made.car_error[0, 0], 0.10 / (0.04 * np.sqrt(30 / 29 * 31 / 30)))
    exact(made.car_dof[0, 0], 29.0)
    # The bar after it: its own variance, and that of the mean of 30 wild and 330 calm rows.
    mean = 30 * wild / 360**2, 330 * calm / 360**2
    exact(made.car_error[0, 1] ** 2, wild + sum(mean))
    each = (30 - 1 / 12) / ((wild + mean[0]) ** 2 + 11 * (mean[1] / 11) ** 2)
    exact(made.car_dof[0, 1], (wild + sum(mean)) ** 2 * each)


@pytest.mark.parametrize(
    "model", ["market_adjusted", "constant_mean", "market_model", "factor_model"]
)
def test_bars_of_one_kind_have_the_usual_fit(model: str) -> None:
    returns, spec = world(2), replace(SPEC, model=model)
    factors = {"constant_mean": (), "factor_model": (0, 2)}.get(model, (0,))
    apart = fitted(events(returns, None, factors=factors, slot=ONE), spec)
    usual = fitted(events(returns, None, factors=factors, slot=None), spec)
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
    assert apart.slots is not None
    close(apart.slots.kappa[:, 0], 1.0)
    assert np.isnan(apart.slots.kappa[:, 1]).all()


def test_slots_of_one_variance_have_the_usual_variance() -> None:
    # +-1% by turns: 13 slots, so that each has 15 of either sign in 30 sessions.
    returns = np.zeros((2, T))
    returns[1] = 0.01 * (-1.0) ** np.arange(T)
    spec = replace(SPEC, model="constant_mean")
    by_slot, usual = (
        fitted(events(returns, None, factors=(), slot=slot), spec) for slot in (SLOT, None)
    )
    exact(by_slot.ar_variance, usual.ar_variance)
    exact(by_slot.car_variance, usual.car_variance)
    assert (by_slot.car_dof < usual.car_dof).all()


def test_a_closure_inside_no_window_changes_no_bar_of_a_session() -> None:
    # The nights only drop out: the regular rows alone give the same as statsmodels on them.
    returns = world(3)
    made = fitted(events(returns, nights(3), position=(DAY0,)), SPEC)
    rows = np.arange(DAY0 + SPEC.estimation_window[0], DAY0 + SPEC.estimation_window[1] + 1)
    rows = rows[rows % SLOTS != 0]
    design = sm.add_constant(returns[0, rows])
    fit = sm.OLS(returns[1, rows], design).fit()
    close(made.coefficients[0], fit.params)
    close(made.sigma[0] ** 2, fit.scale)
    # White's covariance of the estimates, with the variance of the slot for each squared residual.
    assert made.slots is not None
    variance = made.slots.kappa[0] * fit.scale
    of_row = variance[rows % SLOTS]
    inverse = fit.normalized_cov_params
    estimates = inverse @ (design * of_row[:, None]).T @ design @ inverse
    bar = np.array([1.0, returns[0, DAY0 + 1]])
    close(made.car_error[0, 1] ** 2, variance[1] + bar @ estimates @ bar)
    leverage = fit.get_influence().hat_matrix_diag
    own = rows % SLOTS == 1
    close(variance[1], (fit.resid[own] ** 2).sum() / (1.0 - leverage[own]).sum())


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
    kappa = np.array([a.var(ddof=1) / 12, b.var(ddof=1) / 31, np.nan])

    def forecast(*many: int) -> tuple[float, float]:
        """Without parameters, of so many bars of either class."""
        return forecast_nb(
            np.empty((0, 0)),
            np.empty(0),
            np.array([*many, 0]),
            kappa,
            np.array([12, 31, 0]),
            np.array([11.0, 30.0, 0.0]),
            41.0,
            0,
            np.empty((2, 0, 0)),
        )

    exact(forecast(1, 1), [kappa[:2].sum(), welch.df])
    exact(forecast(2, 0), [2 * kappa[0], 11.0])


@pytest.mark.parametrize("known", [MIN_ALIKE - 1, MIN_ALIKE])
def test_too_few_closures_leave_only_their_own_bars_without_a_value(known: int) -> None:
    returns, spans = world(6), nights(3)
    spans[:, : DAY0 - SLOTS * (known + 1)] = False
    made = fitted(events(returns, spans, position=(DAY0,)), SPEC)
    assert made.slots is not None
    assert made.slots.n_rows[0, NIGHT] == known
    there = np.isfinite(made.ar[0])
    at_night = np.flatnonzero(spans[0, DAY0 - 6 : DAY0 + SLOTS + 1])
    assert np.flatnonzero(~there).tolist() == (at_night.tolist() if known < MIN_ALIKE else [])
    enough = known == MIN_ALIKE
    assert np.isfinite(made.car[0]).tolist() == [enough, True, True, enough, enough]


@pytest.mark.parametrize("known", [MIN_ALIKE - 1, MIN_ALIKE])
def test_too_few_bars_of_a_slot_leave_only_these_without_a_value(known: int) -> None:
    returns = world(6)
    first = DAY0 + SPEC.estimation_window[0]
    returns[1, first + 1 : DAY0 - SLOTS * (known + 1) : SLOTS] = np.nan
    made = fitted(events(returns, nights(3), position=(DAY0,)), SPEC)
    assert made.slots is not None
    assert made.slots.n_rows[0, 1] == known
    enough = known == MIN_ALIKE
    assert np.isfinite(made.ar[0]).tolist() == [j != 7 or enough for j in range(20)]
    # What the slot leaves uncertain in alpha and beta is still there, with the common variance.
    assert np.isfinite(made.car_error[0]).tolist() == [True, enough, True, enough, enough]


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


def test_standardised_residuals_have_one_variance() -> None:
    returns = world(11)
    arrays = events(returns, nights(3), position=(DAY0,))
    made = fitted(arrays, SPEC)
    rows = np.arange(DAY0 + SPEC.estimation_window[0], DAY0 + SPEC.estimation_window[1] + 1)
    resid = returns[1, rows] - made.coefficients[0, 0] - made.coefficients[0, 1] * returns[0, rows]
    scaled = standardise(resid[None], arrays, made, np.array([0]), SPEC.estimation_window[0])[0]
    night = rows % SLOTS == 0
    close(scaled[night].mean(), 0.0)
    close(scaled[night].var(ddof=1), made.sigma[0] ** 2)
    squares = (scaled.reshape(30, SLOTS)[:, 1:] ** 2).sum(axis=0) / made.sigma[0] ** 2
    # Over their degrees of freedom 1: 30 less what the two parameters take, 2 over all slots.
    assert ((squares > 29.0) & (squares < 30.0)).all()
    close(squares.sum(), 30 * 12 - 2.0)
    event = made.ar[:1].copy()
    moved = standardise(event, arrays, made, np.array([0]), SPEC.event_window[0], centred=True)
    assert made.slots is not None
    kind = bar_classes(arrays, 0, DAY0 + SPEC.taus)
    close(moved[0], made.ar[0] / np.sqrt(made.slots.kappa[0, kind]))
    usual = fitted(events(returns, None, position=(DAY0,), slot=None), SPEC)
    same = standardise(resid[None], arrays, usual, np.array([0]), SPEC.estimation_window[0])
    np.testing.assert_array_equal(same[0], resid)


@pytest.mark.parametrize("model", ["scholes_williams", "garch_market_model"])
def test_models_without_a_rule_for_slots_are_refused(model: str) -> None:
    with pytest.raises(UsageError, match="no variance for each bar of a session"):
        fitted(events(world(), nights(3)), replace(SPEC, model=model))


@pytest.mark.parametrize("day0", [DAY0, DAY0 + 6])
def test_bars_and_windows_have_their_size_and_would_not_have_it_with_one_variance(
    day0: int,
) -> None:
    # Fat tails: t with five degrees of freedom, in a shape of 4 to 1 to 2 and nights of 24.
    rng = np.random.default_rng(10)
    n = 2000
    shape = np.interp(np.arange(SLOTS), [0, 6, 12], [4.0, 1.0, 2.0])
    shape[0] *= 6.0
    drawn = rng.standard_t(5, (n + 1, T)) * np.tile(shape, NIGHTS)
    drawn[1:] += 0.8 * drawn[0]
    returns = np.ascontiguousarray(0.001 * drawn)
    windows = (*((tau, tau) for tau in (0, 1, 2, 6, 12)), (0, 11), (1, 12), (0, 77))
    spec = replace(SPEC, event_window=(0, 77), windows=windows)
    rates = []
    for slot in (SLOT, ONE):
        arrays = replace(
            events(returns, nights(n + 1), position=(day0,) * n, slot=slot),
            column=np.arange(1, n + 1),
        )
        made = fitted(arrays, spec)
        pvalue = 2.0 * stats.t.sf(np.abs(made.car / made.car_error), made.car_dof)
        rates.append(np.mean(pvalue < 0.05, axis=0))
    assert np.abs(rates[0] - 0.05).max() < SIZE_ERROR
    after_open, noon = (1, 3) if day0 == DAY0 else (7, 0)
    assert rates[1][noon] < 0.01
    assert rates[1][after_open] > 0.15 or day0 != DAY0
