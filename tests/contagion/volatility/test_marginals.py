"""Variances of single series: forms, errors, and how well they are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from arch.univariate import EGARCH, GARCH, ConstantMean, Normal, StudentsT

from eventlab.contagion.volatility.marginals import fit_marginal, scores
from eventlab.study.models.garch import MarginalFit, VarianceModel
from tests.naive_contagion_dcc import Array, variances

SCORES = 0.05  # numerical derivatives with other steps, of other starting variances


def simulated(T: int = 1500, seed: int = 3) -> Array:
    rng = np.random.default_rng(seed)
    e, h = np.empty(T), 1.0
    for t in range(T):
        e[t] = math.sqrt(h * 6 / 8) * rng.standard_t(8)
        h = 0.05 + (0.05 + 0.08 * (e[t] < 0)) * e[t] ** 2 + 0.85 * h
    return 0.0004 + 0.01 * e


FORMS = [(form, errors) for form in ("garch", "gjr", "egarch") for errors in ("normal", "t")]


@pytest.mark.parametrize(("form", "errors"), FORMS)
def test_fits_and_robust_errors_are_those_of_arch(form: str, errors: str) -> None:
    values = 100.0 * simulated()
    found = fit_marginal(values, len(values), form, errors)
    assert isinstance(found.fit, MarginalFit)
    volatility = EGARCH(1, 1, 1) if form == "egarch" else GARCH(1, int(form == "gjr"), 1)
    distribution = StudentsT() if errors == "t" else Normal()
    model = ConstantMean(values, volatility=volatility, distribution=distribution)
    peer: Any = model.fit(disp="off", backcast=float(values.var()), options={"maxiter": 500})
    np.testing.assert_allclose(found.parameters, peer.params, rtol=0.02, atol=2e-3)
    assert found.fit.loglik == pytest.approx(peer.loglikelihood, abs=1e-3)
    np.testing.assert_allclose(found.sigma, peer.conditional_volatility, rtol=0.01)
    own = scores(values, found.fit)
    known = np.array(peer.std_err)
    if form == "egarch":  # arch steps mu across the kink of |z| too shortly: see the next test
        known[0] = own.stderr[0]
    np.testing.assert_allclose(own.stderr, known, rtol=SCORES)
    assert np.abs(own.influence.sum(axis=0) / own.stderr).max() < 0.05  # the scores sum to nothing


@pytest.mark.parametrize("errors", ["normal", "t"])
def test_the_mean_is_as_well_known_in_every_form(errors: str) -> None:
    values = simulated()
    known = []
    for form in ("garch", "gjr", "egarch"):
        fit = fit_marginal(values, len(values), form, errors).fit
        assert isinstance(fit, MarginalFit)
        known.append(scores(values, fit).stderr[0])
    np.testing.assert_allclose(known, 0.01 / math.sqrt(1500.0) * np.ones(3), rtol=0.25)


@pytest.mark.parametrize("form", ["garch", "gjr", "egarch"])
def test_the_filter_runs_on_with_the_parameters_of_the_first_rows(form: str) -> None:
    values = simulated(700)
    found = fit_marginal(values, 500, form, "normal")
    alone = fit_marginal(np.ascontiguousarray(values[:500]), 500, form, "normal")
    assert found.fit == alone.fit
    assert np.array_equal(found.z[:500], alone.z)
    assert isinstance(found.fit, MarginalFit)
    model = found.fit.model
    naive = variances(
        values - found.fit.mu,
        (model.omega, model.alpha, model.gamma, model.beta),
        found.fit.before,
        logs=form == "egarch",
    )
    np.testing.assert_allclose(found.sigma, np.sqrt(naive), rtol=1e-11)


def test_residuals_answer_the_parameters_as_they_do() -> None:
    values = simulated(600)
    found = fit_marginal(values, 600, "garch", "normal")
    assert isinstance(found.fit, MarginalFit)
    own = scores(values, found.fit)
    mu = found.fit.mu
    h = 1e-4 * found.fit.before**0.5
    model = found.fit.model
    parameters = (model.omega, model.alpha, 0.0, model.beta)

    def z(mean: float) -> Array:
        resid = values - mean
        return np.asarray(resid / np.sqrt(variances(resid, parameters, found_before)))

    found_before = found.fit.before
    slope = (z(mu + h) - z(mu - h)) / (2.0 * h)
    np.testing.assert_allclose(own.by_parameter[:, 0], slope, rtol=1e-3, atol=1e-2)


def test_a_likelihood_without_a_maximum_inside_has_no_errors() -> None:
    # With alpha = 0 the variance is constant: omega and beta say the same.
    values = 0.01 * np.random.default_rng(8).standard_normal(400)
    square = float(values.var())
    flat = MarginalFit(0.0, VarianceModel("garch", 0.5 * square, 0.0, 0.0, 0.5), square, 0.0)
    assert np.isnan(scores(values, flat).stderr).all()


def test_a_variance_that_never_returns_is_said() -> None:
    rng = np.random.default_rng(1)
    growing = 0.01 * np.exp(np.linspace(-2.0, 2.0, 600)) * rng.standard_normal(600)
    found = fit_marginal(growing, 600, "garch", "normal")
    assert found.note == "its variance returns to no mean"


def test_a_search_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlab.study.models.likelihood.MOST_ITERATIONS", 1)
    found = fit_marginal(simulated(300), 300, "garch", "normal")
    assert found.fit == "the garch likelihood did not converge (none of 4 searches came to an end)"
    assert found.note == found.fit
    assert np.isnan(found.z).all()
    assert found.names == ()
