"""Likelihoods with a conditional variance: a plain transcription, differences, and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from eventlab.kernels.garch import egarch_likelihood_nb, garch_likelihood_nb
from tests.naive_models import Array, variance_likelihood, variance_path

FORMS = ("garch", "gjr", "egarch")
FREEDOMS = (math.nan, 5.5)
SAME = 1e-11  # a sum of 150 logarithms
DIFFERENCES = 1e-6  # central, of steps of 1e-6
BEFORE = 1.3


def series(n: int = 150) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(3)
    x = np.column_stack([np.ones(n), random.standard_normal(n)])
    y = x @ [0.1, 0.7] + 1.1 * random.standard_t(6, n)
    return y, x, np.array([0.05, 0.8, 0.15, 0.12, 0.08, 0.7])


def theta_of(form: str) -> Array:
    theta = series()[2]
    theta[4] = {"garch": 0.0, "gjr": 0.08, "egarch": -0.06}[form]
    return theta


def kernel(form: str) -> Any:
    return egarch_likelihood_nb if form == "egarch" else garch_likelihood_nb


def constants(n: int, nu: float) -> float:
    if math.isnan(nu):
        return -0.5 * n * math.log(2 * math.pi)
    return n * (
        math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(math.pi * (nu - 2))
    )


@pytest.mark.parametrize("nu", FREEDOMS)
@pytest.mark.parametrize("form", FORMS)
def test_a_plain_transcription(form: str, nu: float) -> None:
    y, x, _ = series()
    theta = theta_of(form)
    parameters = dict(zip(("omega", "alpha", "gamma", "beta"), map(float, theta[2:]), strict=True))
    wanted = variance_likelihood(form, y - x @ theta[:2], parameters, BEFORE, nu)
    found = kernel(form)(y, x, theta, BEFORE, nu)[0] + constants(len(y), nu)
    assert found == pytest.approx(wanted, rel=SAME)


@pytest.mark.parametrize("nu", FREEDOMS)
@pytest.mark.parametrize("form", FORMS)
def test_derivatives_are_those_of_differences(form: str, nu: float) -> None:
    y, x, _ = series()
    theta = theta_of(form)
    likelihood = kernel(form)
    gradient, by_nu = likelihood(y, x, theta, BEFORE, nu)[1:3]
    for place, move in enumerate(np.diag(np.full(6, 1e-6))):
        up, down = (likelihood(y, x, theta + sign * move, BEFORE, nu)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((up - down) / 2e-6, rel=DIFFERENCES, abs=1e-5)
    if math.isnan(nu):
        assert by_nu == 0.0
    else:
        up, down = (likelihood(y, x, theta, BEFORE, nu + move)[0] for move in (1e-5, -1e-5))
        # Less what the constants add, which the kernel leaves out; they are the same in all bars.
        assert by_nu == pytest.approx((up - down) / 2e-5, rel=1e-5)


def test_two_bars_by_hand() -> None:
    y, x = np.array([2.0, -1.0]), np.ones((2, 1))
    # e = 1, -2; h = 0.5 + (0.1 + 0.1 + 0.5) 2 = 1.9, then 0.5 + 0.1 + 0.5 1.9 = 1.55.
    theta = np.array([1.0, 0.5, 0.1, 0.2, 0.5])
    wanted = -0.5 * (math.log(1.9) + 1 / 1.9 + math.log(1.55) + 4 / 1.55)
    assert garch_likelihood_nb(y, x, theta, 2.0, math.nan)[0] == pytest.approx(wanted, rel=1e-15)


def test_a_constant_variance_is_least_squares() -> None:
    y, x, _ = series()
    b, square = np.linalg.lstsq(x, y)[0], 0.0
    square = float(((y - x @ b) ** 2).mean())
    for likelihood, omega in ((garch_likelihood_nb, square), (egarch_likelihood_nb, None)):
        level = math.log(square) if omega is None else omega
        found = likelihood(y, x, np.array([*b, level, 0.0, 0.0, 0.0]), BEFORE, math.nan)
        assert found[0] == pytest.approx(-0.5 * len(y) * (math.log(square) + 1.0), rel=1e-13)
        np.testing.assert_allclose(found[1][:3], 0.0, atol=1e-10)  # where it is largest


@pytest.mark.parametrize("form", FORMS)
def test_student_with_many_degrees_of_freedom_is_normal(form: str) -> None:
    y, x, _ = series()
    normal = kernel(form)(y, x, theta_of(form), BEFORE, math.nan)
    near = kernel(form)(y, x, theta_of(form), BEFORE, 1e8)
    assert near[0] == pytest.approx(normal[0], rel=1e-6)
    np.testing.assert_allclose(near[1], normal[1], rtol=1e-5, atol=1e-5)


def test_how_fast_an_egarch_forgets_is_what_a_nudge_of_its_beginning_becomes() -> None:
    y, x, _ = series()
    theta = theta_of("egarch")
    growth = egarch_likelihood_nb(y, x, theta, BEFORE, math.nan)[3]
    parameters = dict(zip(("omega", "alpha", "gamma", "beta"), map(float, theta[2:]), strict=True))
    resid = y - x @ theta[:2]
    first = math.exp(theta[2] + theta[5] * math.log(BEFORE))
    logs = [
        np.log(variance_path("egarch", first * math.exp(nudge), resid[:20], parameters)[-1])
        for nudge in (1e-4, -1e-4)
    ]
    short = egarch_likelihood_nb(y[:20], x[:20], theta, BEFORE, math.nan)[3]
    assert growth < 0.0
    assert abs(logs[0] - logs[1]) / 2e-4 == pytest.approx(math.exp(20 * short), rel=1e-3)
