"""Least squares against NIST's certified values, and the exact solution of the same doubles.

An orthogonal factorisation in doubles can promise 15.9 - log10(condition) digits of a coefficient.
Longley's columns about their means have a condition of 110 (of 43,000 beside the constant),
Wampler's of 1,600, Filip's of 4e9: that is 13.9, 12.7 and 6.3 digits. Rounding Filip's powers to
doubles moves the true coefficients in the eighth digit already. In Wampler1 to Wampler5 the powers
reach 3,200,000 and the coefficients are 1, which costs as many digits again; in Wampler4 and
Wampler5 a coefficient is a hundred thousandth or less of its standard error, and against that error
it is right to 10 digits and more.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab import cross_section
from eventlab.contagion.connectedness.var import least_squares
from eventlab.contagion.networks.wald import _wald
from eventlab.contagion.tails.hac import hac_fit
from eventlab.kernels.correlation_breaks import loadings_nb
from eventlab.kernels.factor_fits import factor_fits_nb
from eventlab.kernels.factor_tables import factor_table_nb
from eventlab.kernels.fits import simple_fits_nb
from eventlab.kernels.hedge_ratios import FINE, hedge_slopes_nb
from eventlab.kernels.orthogonal import orthogonal_fit
from eventlab.kernels.placebo import placebo_table_nb
from eventlab.kernels.rolling_var import sweep_nb
from eventlab.kernels.slot_fits import fit_nb
from eventlab.study.inference.clustered import clustered_ols
from tests.kernels import nist

if TYPE_CHECKING:
    import numpy.typing as npt

PRINTED = 15  # digits of the certified values, the last of which may be off by one
# Correct digits of the worst coefficient: what every path reaches, less half a digit for processors
# that contract sums differently. An error or residual deviation does not lose what correlated
# columns take from each other, except in Filip, and is right to 13.
DIGITS = {
    "Norris": 11.7,
    "Pontius": 11.7,
    "NoInt1": 14.0,
    "NoInt2": 14.0,
    "Filip": 6.3,
    "Longley": 12.0,
    "Wampler1": 8.2,
    "Wampler2": 12.2,
    "Wampler3": 8.4,
    "Wampler4": 7.0,
    "Wampler5": 5.0,
}
SIGMA = 13.0
FILIP_SIGMA = 6.3
IN_ERRORS = 1e-10  # of a standard error, where there is noise; of Filip's 1e-6
NOISY = [name for name in DIGITS if name not in {"Wampler1", "Wampler2"}]
WITH_CONSTANT = [name for name in DIGITS if not name.startswith("NoInt")]


def numbers(printed: tuple[str, ...]) -> npt.NDArray[np.float64]:
    return np.array(printed, dtype=np.float64)


def least(name: str) -> float:
    return FILIP_SIGMA if name == "Filip" else SIGMA


def agrees(found: npt.NDArray[np.float64], name: str, first: int = 0) -> None:
    """Coefficients from number ``first`` on are the certified ones."""
    data = nist.datasets()[name]
    certified = numbers(data.coefficients)[first:]
    assert nist.digits(found, certified) >= DIGITS[name]
    errors = numbers(data.errors)[first:]
    if name in NOISY:
        allowed = 1e-6 if name == "Filip" else IN_ERRORS
        assert (np.abs(found - certified) <= allowed * errors).all()


@pytest.mark.parametrize("name", list(DIGITS))
def test_data_and_certified_values_are_typed_as_nist_printed_them(name: str) -> None:
    data = nist.datasets()[name]
    true = nist.exact(data.y, data.columns)
    pairs = [
        *zip(map(nist.decimal, true.coefficients), data.coefficients, strict=True),
        *zip(true.errors, data.errors, strict=True),
        (nist.root(true.variance), data.sigma),
        (nist.decimal(true.r_squared), data.r_squared),
    ]
    for found, printed in pairs:
        certified = Decimal(printed)
        unit = Decimal(1).scaleb(certified.adjusted() - PRINTED + 1)
        assert abs(found - certified) <= unit


@pytest.mark.parametrize("name", list(DIGITS))
def test_the_orthogonal_fit(name: str) -> None:
    data = nist.datasets()[name]
    fit = orthogonal_fit(data.response, data.x)
    agrees(fit.coefficients, name)
    n, k = data.x.shape
    size = np.linalg.norm(data.x, axis=0)
    found = (fit.weights * size).T @ (data.x / size)
    np.testing.assert_allclose(found, np.eye(k), atol=1e-6 if name == "Filip" else 1e-11)
    if name in NOISY:
        sigma = np.sqrt(fit.residual @ fit.residual / (n - k))
        errors = sigma * np.sqrt(np.diag(fit.inverse))
        assert nist.digits(sigma, float(data.sigma)) >= least(name)
        assert nist.digits(errors, numbers(data.errors)) >= least(name)


def robust_errors(name: str) -> list[float]:
    """White's standard errors (HC0) without rounding: of (X'X)^-1 X'EX (X'X)^-1."""
    data = nist.datasets()[name]
    true = nist.exact(data.y, data.columns)
    found = []
    for row in true.inverse:
        weights = [nist.dot(tuple(row), cells) for cells in zip(*data.columns, strict=True)]
        squares = [(w * e) ** 2 for w, e in zip(weights, true.residuals, strict=True)]
        found.append(float(nist.root(sum(squares, Fraction()))))
    return found


@pytest.mark.parametrize("name", NOISY)
def test_errors_that_bear_heteroscedasticity(name: str) -> None:
    data = nist.datasets()[name]
    n, k = data.x.shape
    true = np.array(robust_errors(name))
    white = hac_fit(data.response, data.x, 0)
    agrees(white.coefficients, name)
    robust = min(least(name), 11.8)
    assert nist.digits(np.sqrt(np.diag(white.covariance)), true) >= robust
    each = clustered_ols(data.response, data.x, np.arange(n, dtype=np.int64))
    agrees(each.coefficient, name)
    assert nist.digits(each.stderr, true * np.sqrt(n / (n - k))) >= robust


@pytest.mark.parametrize("name", ["Norris", "Pontius", "Longley", "Wampler3", "Wampler5"])
def test_the_regression_of_cars(name: str) -> None:
    data = nist.datasets()[name]
    labels = pd.RangeIndex(len(data.y))
    features = pd.DataFrame(data.x[:, 1:], index=labels).rename(columns=str)
    table = cross_section(pd.Series(data.response, labels), features, pd.Series(labels)).table
    agrees(table["coefficient"].to_numpy(), name)


def event_fit(name: str, kernel: str) -> tuple[float, float, npt.NDArray[np.float64]]:
    """AR and its variance in a row of zeros after the data, and the coefficients.

    The AR there is minus the constant, its variance that of the regression plus the constant's.
    """
    data = nist.datasets()[name]
    n, k = data.x.shape
    returns = np.zeros((k, n + 1))
    returns[0, :n], returns[1:, :n] = data.response, data.x[:, 1:].T
    arrays = (np.array([-n, -1]), np.zeros(2, np.int64), np.zeros((1, 2), np.int64))
    coefficients, sigma, rows = np.empty((1, k)), np.empty(1), np.empty(1, np.int64)
    ar, ar_variance, car, car_variance = (np.empty((1, 1)) for _ in range(4))
    out: Any = (coefficients, sigma, rows, ar, ar_variance, car, car_variance)
    zero, last = np.zeros(1, np.int64), np.array([n])
    if kernel == "market":
        simple_fits_nb(returns, zero, zero + 1, last, 2, *arrays, 10, *out)
    else:
        factors = np.arange(1, k)[None]
        factor_fits_nb(returns, zero, factors, last, *arrays, 10, *out)
    return float(car[0, 0]), float(car_variance[0, 0] * sigma[0] ** 2), coefficients[0]


@pytest.mark.parametrize(
    ("name", "kernel"),
    [("Norris", "market"), *((name, "factors") for name in WITH_CONSTANT if name in NOISY)],
)
def test_normal_returns(name: str, kernel: str) -> None:
    car, variance, coefficients = event_fit(name, kernel)
    agrees(coefficients, name)
    data = nist.datasets()[name]
    assert nist.digits(-car, float(data.coefficients[0])) >= DIGITS[name]
    of_one = float(data.sigma) ** 2 + float(data.errors[0]) ** 2
    assert nist.digits(variance, of_one) >= least(name)


@pytest.mark.parametrize("name", ["Norris", "Pontius", "Longley", "Filip", "Wampler4"])
def test_placebo_tables_keep_the_digits_of_two_passes(name: str) -> None:
    """Prefix sums alone would be normal equations; where they lose digits the rows are read."""
    data = nist.datasets()[name]
    n, k = data.x.shape
    returns = np.zeros((k, n + 1))
    returns[0, :n], returns[1:, :n] = data.response, data.x[:, 1:].T
    car, variance = np.empty((n + 1, 1)), np.empty((n + 1, 1))
    window = np.zeros((1, 2), np.int64)
    tail = (np.array([-n, -1]), window, 10, car, variance)
    factor_table_nb(returns, 0, np.arange(1, k), *tail)
    of_one = float(data.sigma) ** 2 + float(data.errors[0]) ** 2
    tables = [(car[n, 0], variance[n, 0])]
    if k == 2:
        placebo_table_nb(returns[0], returns[1], k, *tail)
        tables.append((car[n, 0], variance[n, 0]))
    for value, square in tables:
        assert nist.digits(-value, float(data.coefficients[0])) >= DIGITS[name]
        assert nist.digits(square, of_one) >= least(name)


@pytest.mark.parametrize("name", ["Wampler1", "Wampler2"])
def test_a_fit_without_residuals_is_refused(name: str) -> None:
    assert np.isnan(event_fit(name, "factors")[1])


def test_without_a_constant() -> None:
    data = nist.datasets()["NoInt1"]
    A, beta = np.column_stack([data.x, data.response]), np.empty(1)
    sigma = fit_nb(A, len(A), 1, 5, beta)
    agrees(beta, "NoInt1")
    assert nist.digits(sigma, float(data.sigma)) >= SIGMA
    assert nist.digits(sigma / abs(A[0, 0]), float(data.errors[0])) >= SIGMA


@pytest.mark.parametrize("name", WITH_CONSTANT)
def test_hedge_ratios_and_factor_loadings(name: str) -> None:
    data = nist.datasets()[name]
    n, k = data.x.shape
    instruments = np.ascontiguousarray(data.x[:, 1:])
    slopes, flaws = np.empty((1, k - 1)), np.empty(1, np.int64)
    span = np.array([[0, n]])
    hedge_slopes_nb(data.response, instruments, span, np.ones(n), 0.0, 0, slopes, flaws)
    assert flaws[0] == FINE
    agrees(slopes[0], name, 1)
    if name in NOISY:
        rows, beta = np.vstack([data.response, instruments.T]), np.empty(k - 1)
        loadings_nb(rows, 0, np.arange(1, k), 0, n, np.empty((k, n)), beta)
        agrees(beta, name, 1)


@pytest.mark.parametrize("name", ["Norris", "Pontius", "Longley"])
def test_vector_autoregressions(name: str) -> None:
    """The solver as `fit_var` calls it, on standardised columns, and the one that slides."""
    data = nist.datasets()[name]
    rows = np.column_stack([data.x[:, 1:], data.response])
    scale = rows.std(axis=0)
    z = (rows - rows.mean(axis=0)) / scale
    k = rows.shape[1]
    found = least_squares(z[:, :-1], z[:, -1:], [str(c) for c in range(k - 1)]).coefficients[0]
    agrees(found * scale[-1] / scale[:-1], name, 1)
    moved = np.column_stack([np.ones(len(z)), rows - rows.mean(axis=0)])
    fit = moved.T @ moved
    sweep_nb(fit, k, 0.0)
    certified = numbers(data.coefficients)[1:]
    # Cross-products square the condition: windows of an inflation above 1e7 are solved otherwise.
    # Residual squares lose what the fit explains, seven digits of Pontius, whose R^2 is 0.9999999.
    assert nist.digits(fit[1:k, k], certified) >= 9.5
    sse = float(data.sigma) ** 2 * (len(z) - k)
    assert nist.digits(fit[k, k], sse) >= 8.0


@pytest.mark.parametrize("name", ["Norris", "Pontius", "Longley", "Wampler3", "Wampler4"])
def test_wald_statistics(name: str) -> None:
    """With plain errors F of one coefficient is the square of its t."""
    data = nist.datasets()[name]
    slopes, errors = numbers(data.coefficients)[1:], numbers(data.errors)[1:]
    x = data.x[:, 1:]
    for j in range(x.shape[1]):
        beside = np.delete(x, j, axis=1)
        found = _wald(data.response[None], beside[None], x[None, None, :, j : j + 1], "plain")
        assert nist.digits(found, (slopes[j] / errors[j]) ** 2) >= min(DIGITS[name] - 1.5, 11)
