"""The GARCH market models against `arch` itself, a plain recursion, and the market model."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from arch import arch_model
from scipy import stats

from eventlab.study.models import garch, likelihood
from eventlab.study.models.fits import Fits, fit_events
from eventlab.study.models.garch import VarianceModel
from eventlab.study.models.specs import EventArrays, StudySpec
from tests.naive_models import Array, variance_path

FITTED = 2e-4  # two runs of an optimiser on differently scaled series
STEP = 1e-12  # the same arithmetic
RECURSION = 1e-10  # 290 steps on scaled series, with a variance recovered from its root
SIMULATED = 5e-3  # 400,000 simulated paths of EGARCH variances
ESTIMATION, EVENT, WINDOWS = (-300, -11), (-5, 10), ((0, 0), (-1, 1), (-5, 10))
POSITION, T = 330, 420
FORMS = ("garch", "gjr", "egarch")
ERRORS = ("normal", "t")


def returns(seed: int = 5) -> Array:
    """Rows: an asset with GARCH errors, its market, and an indicator of another event."""
    rng = np.random.default_rng(seed)
    m = rng.normal(0.0004, 0.009, T)
    e, h = np.empty(T), 2e-4
    for t in range(T):
        e[t] = math.sqrt(h * 4 / 6) * rng.standard_t(6)
        h = 1e-5 + (0.09 + 0.06 * (e[t] < 0)) * e[t] ** 2 + 0.83 * h
    indicator = np.zeros(T)
    indicator[60::40] = 1.0
    return np.stack([0.0005 + 1.2 * m + e, m, indicator])


def arrays(
    values: Array, positions: tuple[int, ...] = (POSITION,), control: int = -1
) -> EventArrays:
    n = len(positions)
    rows = np.array(positions, dtype=np.int64)
    zeros = np.zeros(n, dtype=np.int64)
    controls = np.full((n, int(control >= 0)), control, dtype=np.int64)
    # Rows in memory one after the other, as the study lays them out.
    values = np.ascontiguousarray(values)
    return EventArrays(values, zeros, np.ones((n, 1), dtype=np.int64), rows, zeros, rows, controls)


def spec(form: str = "garch", errors: str = "normal", **options: Any) -> StudySpec:
    chosen: dict[str, Any] = {
        "model": "garch_market_model",
        "estimation_window": ESTIMATION,
        "event_window": EVENT,
        "windows": WINDOWS,
        "volatility": form,
        "errors": errors,
    }
    return StudySpec(**(chosen | options))


def market(values: Array, **options: Any) -> Fits:
    given = arrays(values, **options)
    return fit_events(given, replace(spec(), model="market_model", volatility=None, errors=None))


def own_variance(fits: Fits, least_squares: Fits) -> Array:
    """(N, L): h_t, without what the estimated mean adds."""
    ratio = fits.ar_variance - (least_squares.ar_variance - 1.0)
    variance: Array = fits.sigma[:, None] ** 2 * ratio
    return variance


def by_arch(values: Array, form: str, errors: Any) -> Any:
    """Fit percentages up to the event window, the likelihood ending with the estimation window."""
    before = slice(POSITION + ESTIMATION[0], POSITION + EVENT[0])
    vol: Any = "EGARCH" if form == "egarch" else "GARCH"
    asked = arch_model(
        100.0 * values[0, before],
        x=100.0 * values[1, before, None],
        mean="LS",
        vol=vol,
        p=1,
        o=0 if form == "garch" else 1,
        q=1,
        dist=errors,
        rescale=False,
    )
    count = ESTIMATION[1] - ESTIMATION[0] + 1
    return asked.fit(disp="off", last_obs=count, options={"maxiter": 1000}, tol=1e-10)


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("form", ["garch", "gjr"])
def test_coefficients_and_forecasts_of_arch(form: str, errors: str) -> None:
    values = returns()
    found, result = fit_events(arrays(values), spec(form, errors)), by_arch(values, form, errors)
    bars = len(spec().taus)
    forecast = result.forecast(
        horizon=bars, start=len(result.resid) - 1, x=np.zeros((1, bars)), method="analytic"
    )
    wanted = forecast.variance.to_numpy()[-1] / 100.0**2
    np.testing.assert_allclose(own_variance(found, market(values))[0], wanted, rtol=FITTED)
    np.testing.assert_allclose(found.coefficients[0, 1], result.params["x0"], rtol=FITTED)
    resid = values[0] - found.coefficients[0, 0] - found.coefficients[0, 1] * values[1]
    np.testing.assert_allclose(
        found.ar[0], resid[POSITION + EVENT[0] : POSITION + EVENT[1] + 1], rtol=STEP, atol=1e-16
    )


def test_egarch_forecasts_of_arch() -> None:
    values = returns()
    found, result = (
        fit_events(arrays(values), spec("egarch")),
        by_arch(values, "egarch", "normal"),
    )
    bars = len(spec().taus)
    forecast = result.forecast(
        horizon=bars,
        start=len(result.resid) - 1,
        x=np.zeros((1, bars)),
        method="simulation",
        simulations=400_000,
        random_state=np.random.RandomState(3),
    )
    wanted = forecast.variance.to_numpy()[-1] / 100.0**2
    own = own_variance(found, market(values))[0]
    np.testing.assert_allclose(own[0], wanted[0], rtol=FITTED)
    np.testing.assert_allclose(own, wanted, rtol=SIMULATED)


def test_egarch_with_t_forecasts_what_shocks_without_their_farthest_tails_would_do() -> None:
    values = returns()
    found, result = fit_events(arrays(values), spec("egarch", "t")), by_arch(values, "egarch", "t")
    forecast = result.forecast(horizon=1, start=len(result.resid) - 1, x=np.zeros((1, 1)))
    own = own_variance(found, market(values))[0]
    np.testing.assert_allclose(own[0], forecast.variance.to_numpy()[-1, 0] / 100.0**2, rtol=FITTED)
    omega, alpha, gamma, beta, nu = found.variance[0]
    rng, most = np.random.default_rng(4), stats.t.ppf(1.0 - garch.RAREST / 2.0, nu)
    logs = np.full(400_000, math.log(own[0]))
    for wanted in own[1:]:
        z = np.clip(rng.standard_t(nu, len(logs)), -most, most) * math.sqrt((nu - 2.0) / nu)
        logs = omega + alpha * (np.abs(z) - math.sqrt(2 / math.pi)) + gamma * z + beta * logs
        assert np.exp(logs).mean() == pytest.approx(wanted, rel=SIMULATED)


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("form", FORMS)
def test_the_recursion_runs_on_to_the_event_window(form: str, errors: str) -> None:
    values = returns()
    found = fit_events(arrays(values), spec(form, errors))
    omega, alpha, gamma, beta, nu = found.variance[0]
    parameters = {"omega": omega, "alpha": alpha, "gamma": gamma, "beta": beta}
    assert math.isnan(nu) == (errors == "normal")
    rows = slice(POSITION + ESTIMATION[0], POSITION + EVENT[0])
    resid = values[0] - found.coefficients[0, 0] - found.coefficients[0, 1] * values[1]
    fitting = slice(rows.start, POSITION + ESTIMATION[1] + 1)
    fitted = sm.OLS(values[0, fitting], sm.add_constant(values[1, fitting])).fit()
    weights = 0.94 ** np.arange(75)
    before = float(fitted.resid[:75] ** 2 @ weights / weights.sum())
    if form == "egarch":
        first = math.exp(omega + beta * math.log(before))
    else:
        first = omega + (alpha + gamma / 2 + beta) * before
    path = variance_path(form, first, resid[rows], parameters)
    own = own_variance(found, market(values))[0]
    assert own[0] == pytest.approx(path[-1], rel=RECURSION)


def test_forecasts_by_hand() -> None:
    one = VarianceModel("garch", omega=1.0, alpha=0.25, gamma=0.0, beta=0.5)
    assert one.after(4.0, 2.0) == one.after(4.0, -2.0) == 1.0 + 1.0 + 2.0
    np.testing.assert_array_equal(one.forecast(8.0, 3), [8.0, 7.0, 6.25])
    bent = replace(one, form="gjr", gamma=0.5)
    assert bent.after(4.0, 2.0) == 4.0
    assert bent.after(4.0, -2.0) == 6.0
    np.testing.assert_array_equal(bent.forecast(8.0, 3), [8.0, 9.0, 10.0])
    logs = VarianceModel("egarch", omega=0.5, alpha=0.0, gamma=0.0, beta=0.5)
    assert logs.after(math.e, 3.0) == pytest.approx(math.e, rel=STEP)
    np.testing.assert_allclose(logs.forecast(math.e**3, 3), np.exp([3.0, 2.0, 1.5]), rtol=STEP)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.2, -0.1), (0.0, 0.3), (-0.1, 0.0)])
def test_egarch_expectations_by_quadrature(alpha: float, gamma: float) -> None:
    # E exp(g(z)) of a standard normal z by the trapezoidal rule, exact to rounding for it.
    z = np.linspace(-40.0, 40.0, 400_001)
    density = np.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    g = alpha * (np.abs(z) - math.sqrt(2.0 / math.pi)) + gamma * z
    wanted = float((np.exp(g) * density).sum() * (z[1] - z[0]))
    one = VarianceModel("egarch", 0.0, alpha, gamma, 0.9)
    assert one.forecast(1.0, 2)[1] == pytest.approx(wanted, rel=1e-8)  # |z| has a corner at 0


def test_egarch_with_t_becomes_that_with_normal_errors() -> None:
    normal = VarianceModel("egarch", -0.1, 0.2, -0.05, 0.95)
    # Shocks are cut at one in 10,000, which takes up to 1e-4 of the variance of each of 19 steps.
    near = replace(normal, nu=1e7).forecast(2e-4, 20)
    np.testing.assert_allclose(near, normal.forecast(2e-4, 20), rtol=2e-3)
    assert (near[1:] < normal.forecast(2e-4, 20)[1:]).all()  # less the farthest tails


def test_constant_variance_is_the_market_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # With alpha = beta = 0 fed in and the coefficients of least squares, nothing may differ.
    values = returns()
    least_squares = market(values)
    rows = slice(POSITION + ESTIMATION[0], POSITION + ESTIMATION[1] + 1)

    def constant(sample: garch.EventSample, asked: StudySpec) -> garch.VarianceFit:
        assert len(sample.y) == POSITION + EVENT[0] - rows.start
        assert sample.n_fit == rows.stop - rows.start
        sigma = float(least_squares.sigma[0])
        flat = VarianceModel("garch", sigma**2, 0.0, 0.0, 0.0)
        for e in sample.y:
            assert flat.after(sigma**2, float(e)) == sigma**2
        path = flat.forecast(sigma**2, len(asked.taus))
        return garch.VarianceFit(least_squares.coefficients[0], sigma, np.full(5, np.nan), path)

    monkeypatch.setattr(garch, "fit_variance", constant)
    found = fit_events(arrays(values), spec())
    for name in ("coefficients", "sigma", "ar", "ar_variance", "car", "car_variance"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(least_squares, name), rtol=STEP, atol=1e-16
        )


def test_simulated_constant_variance_is_near_the_market_model() -> None:
    rng = np.random.default_rng(11)
    values = returns()
    values[0] = 0.0005 + 1.2 * values[1] + rng.normal(0.0, 0.015, T)
    found, least_squares = fit_events(arrays(values), spec()), market(values)
    # Beta's standard error is 0.1; the estimated variance wanders by some per cent of itself.
    assert found.coefficients[0, 1] == pytest.approx(least_squares.coefficients[0, 1], abs=0.02)
    np.testing.assert_allclose(found.sar, least_squares.sar, rtol=0.1, atol=0.02)


def test_variances_add_up_over_a_window() -> None:
    values = returns()
    found, least_squares = fit_events(arrays(values), spec("gjr", "t")), market(values)
    h = own_variance(found, least_squares)[0] / found.sigma[0] ** 2
    for w, (a, b) in enumerate(WINDOWS):
        inside = slice(a - EVENT[0], b - EVENT[0] + 1)
        wanted = h[inside].sum() + least_squares.car_variance[0, w] - (b - a + 1)
        assert found.car_variance[0, w] == pytest.approx(wanted, rel=STEP)
        assert found.car[0, w] == pytest.approx(found.ar[0, inside].sum(), rel=STEP)
    # What the estimated mean adds is there: dropping it would lose this much.
    assert (found.ar_variance > h).all()


def test_missing_rows_drop_out_of_the_fit_and_of_the_recursion() -> None:
    # Taking rows out and closing the gap by hand must give the same fit.
    values = returns()
    holes = [
        100,
        101,
        180,
        POSITION - 8,
    ]  # two of the estimation window next to each other; the gap
    missing = values.copy()
    missing[0, holes[:3]] = np.nan
    missing[1, holes[3]] = np.nan
    found = fit_events(arrays(missing), spec())
    closed = np.delete(values, holes, axis=1)
    shorter = replace(spec(), estimation_window=(ESTIMATION[0] + 4, ESTIMATION[1] + 1))
    wanted = fit_events(arrays(closed, (POSITION - 4,)), shorter)
    assert found.n_rows[0] == wanted.n_rows[0] == 290 - 3
    for name in ("coefficients", "sigma", "ar", "ar_variance", "car", "car_variance", "variance"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-12)


def test_a_missing_return_in_the_event_window_leaves_the_other_bars() -> None:
    values = returns()
    whole = fit_events(arrays(values), spec())
    values[0, POSITION] = np.nan
    found = fit_events(arrays(values), spec())
    assert np.isnan(found.ar[0, 5])
    assert np.isnan(found.car[0]).all()
    kept = np.arange(16) != 5
    np.testing.assert_array_equal(found.ar[0, kept], whole.ar[0, kept])
    np.testing.assert_array_equal(found.ar_variance[0, kept], whole.ar_variance[0, kept])


def test_controls_enter_the_likelihood() -> None:
    values = returns()
    values[0] += 0.03 * values[2]
    found = fit_events(arrays(values, control=2), spec())
    plain = fit_events(arrays(values), spec())
    assert found.n_parameters[0] == 3
    assert found.coefficients[0, 2] == pytest.approx(0.03, abs=0.012)  # six bars of 1.5%
    assert found.sigma[0] < plain.sigma[0]


def test_fewer_than_100_rows_have_no_fit() -> None:
    values = returns()
    values[0, : POSITION + ESTIMATION[1] + 1 - 99] = np.nan
    found = fit_events(arrays(values), spec())
    assert found.n_rows[0] == 99
    assert np.isnan(found.sigma[0])
    assert found.problems == {}
    values = returns()
    values[0, : POSITION + ESTIMATION[1] + 1 - 100] = np.nan
    assert np.isfinite(fit_events(arrays(values), spec()).sigma[0])


def test_a_likelihood_without_a_maximum_is_a_problem_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(likelihood, "MOST_ITERATIONS", 2)
    found = fit_events(arrays(returns(), (POSITION, POSITION + 20)), spec("egarch", "t"))
    assert found.problems == dict.fromkeys(
        (0, 1), "the egarch likelihood did not converge (none of 9 searches came to an end)"
    )
    for name in ("sigma", "coefficients", "ar", "ar_variance", "car", "car_variance", "variance"):
        assert np.isnan(getattr(found, name)).all()
    assert not found.fitted.any()


def test_the_same_arrays_give_the_same_bits() -> None:
    first, second = (fit_events(arrays(returns()), spec("egarch", "t")) for _ in range(2))
    for name in ("coefficients", "sigma", "ar", "ar_variance", "car", "car_variance", "variance"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("form", FORMS)
def test_the_future_leaves_the_past_bit_for_bit(form: str) -> None:
    values = returns()
    before = fit_events(arrays(values), spec(form))
    later = values.copy()
    later[:2, POSITION + 1 :] = np.random.default_rng(1).normal(1.0, 3.0, (2, T - POSITION - 1))
    after = fit_events(arrays(later), spec(form))
    for name in ("coefficients", "sigma", "variance", "n_rows"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    for name in ("ar", "ar_variance"):
        np.testing.assert_array_equal(getattr(before, name)[:, :6], getattr(after, name)[:, :6])
    # The gap changes the variances, as the docstring says, and nothing else.
    later = values.copy()
    later[0, POSITION - 7] += 0.1
    after = fit_events(arrays(later), spec(form))
    np.testing.assert_array_equal(before.ar, after.ar)
    assert (after.ar_variance > before.ar_variance).all()


def test_a_fit_that_is_always_astray_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch, "constant_likelihood", lambda _: math.inf)
    assert fit_events(arrays(returns()), spec()).problems == {
        0: "the garch likelihood did not converge (it ends below that of a constant variance)"
    }
    monkeypatch.undo()
    monkeypatch.setattr(VarianceModel, "forecast", lambda self, first, bars: np.full(bars, np.inf))
    assert fit_events(arrays(returns()), spec()).problems == {
        0: "the garch likelihood did not converge (its variances run to zero or infinity)"
    }


def test_the_likelihood_of_a_constant_variance() -> None:
    values = returns()
    y, x = values[0], values[1:2].T
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    assert garch.constant_likelihood(fitted.resid) == pytest.approx(fitted.llf, rel=1e-10)
