"""Ratios from forecast covariances: `contagion.dcc`, the twin, and what they collapse to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.volatility.dcc import Dcc, dcc
from eventlab.errors import DataError
from eventlab.hedge.ratios.choose import hedge_ratio
from eventlab.hedge.ratios.conditional import forecast_ratio
from tests import naive_hedge_ratios as naive

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SAME = 1e-12  # the same numbers by another way
ROWS = 400


def returns(seed: int = 0, K: int = 1, T: int = ROWS) -> tuple[Floats, Floats]:
    """GARCH variances and a correlation that swings."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((T, K + 1))
    swing = 0.5 + 0.3 * np.sin(np.arange(T) / 40.0)
    z[:, 1:] = swing[:, None] * z[:, :1] + np.sqrt(1.0 - swing**2)[:, None] * z[:, 1:]
    found, h = np.empty_like(z), np.full(K + 1, 1e-4)
    for t in range(T):
        found[t] = np.sqrt(h) * z[t]
        h = 4e-6 + 0.08 * found[t] ** 2 + 0.88 * h
    return found[:, 0], found[:, 1:]


def fitted(b: Floats, X: Floats) -> Dcc:
    """The model of contagion on these rows and one more, which is not fitted on."""
    frame = pd.DataFrame(np.column_stack([b, X]))
    frame.loc[len(frame)] = 0.0
    return dcc(frame, fit_until=len(b) - 1, stderr=False)


@pytest.mark.parametrize("K", [1, 2])
def test_it_is_the_forecast_of_contagion(K: int) -> None:
    b, X = returns(K=K)
    found, model = forecast_ratio(b, X)[0], fitted(b, X)
    sigma = model.volatilities.to_numpy()[-1]
    H = model.matrices[-1] * np.outer(sigma, sigma)
    np.testing.assert_allclose(found, np.linalg.solve(H[1:, 1:], H[1:, 0]), SAME)
    if K == 1:
        assert found[0] == pytest.approx(model.beta(0, 1).iloc[-1], rel=SAME)


@pytest.mark.parametrize("K", [1, 2])
def test_the_twin_at_the_fitted_parameters(K: int) -> None:
    b, X = returns(1, K)
    found, model = forecast_ratio(b, X)[0], fitted(b, X)
    values = model.marginals.set_index(["series", "parameter"])["value"]
    marginals = [
        tuple(float(values[j, name]) for name in ("mu", "omega", "alpha", "beta"))
        for j in range(K + 1)
    ]
    wanted = naive.forecast(
        np.column_stack([b, X]),
        [(mu, omega, alpha, beta) for mu, omega, alpha, beta in marginals],
        (model.a, model.b),
    )
    np.testing.assert_allclose(found, wanted, 1e-10)


def test_a_constant_correlation_leaves_correlation_times_volatilities() -> None:
    # White noise of one correlation: where a is 0, the ratio is rho s_b / s_x with the correlation
    # of the standardised residuals and the volatilities forecast.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = 0.01 * rng.standard_normal(300)
        b = 0.6 * x + 0.008 * rng.standard_normal(300)
        found, note = forecast_ratio(b, x[:, None])
        if not note.startswith("a is 0"):
            continue
        model = fitted(b, x[:, None])
        sigma = model.volatilities.to_numpy()
        z = np.column_stack([b, x])
        means = model.marginals.query("parameter == 'mu'")["value"].to_numpy()
        z = (z - means) / sigma[:-1]
        rho = np.corrcoef(z, rowvar=False)[0, 1]
        assert found[0] == pytest.approx(rho * sigma[-1, 0] / sigma[-1, 1], rel=1e-6)
        assert found[0] == pytest.approx(0.6, abs=0.15)
        return
    pytest.fail("no history of constant correlation: choose other seeds")


def test_the_forecast_reads_the_last_row() -> None:
    b, X = returns(2)
    before = forecast_ratio(b, X)[0]
    b[-1], X[-1, 0] = 0.2, 0.2  # a joint jump raises the covariance of the bar after
    assert forecast_ratio(b, X)[0][0] != before[0]


def test_units_do_not_matter() -> None:
    b, X = returns(3, K=2)
    one = forecast_ratio(b, X)[0]
    two = forecast_ratio(100.0 * b, X * np.array([100.0, 1.0]))[0]
    np.testing.assert_allclose(two, one * np.array([1.0, 100.0]), 1e-4)  # where searches end


def test_what_cannot_be_fitted_is_said() -> None:
    b, X = returns(4, K=2)
    short = hedge_ratio(b, X, method="dcc", lookback=60)
    assert np.isnan(short.values).all()
    assert short.note == "60 joint returns up to the decision; dcc needs 100"
    same = hedge_ratio(b, np.column_stack([X[:, 0], 2.0 * X[:, 0]]), method="dcc")
    assert np.isnan(same.values).all()
    assert same.note == "the book or an instrument moves as the others together do"


def test_a_likelihood_that_does_not_converge_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    b, X = returns(5)

    def lost(values: Floats, form: str, errors: str) -> str:
        return "the garch likelihood did not converge (it was told not to)"

    monkeypatch.setattr("eventlab.contagion.volatility.marginals.marginal_fit", lost)
    found = hedge_ratio(b, X, method="dcc")
    assert np.isnan(found.values).all()
    assert found.note.startswith("the book: the garch likelihood did not converge (it was told")
    assert "; instrument 1: the garch" in found.note


def test_without_arch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    b, X = returns(6)
    monkeypatch.setitem(sys.modules, "arch.univariate", None)
    with pytest.raises(DataError, match="GARCH needs the package"):
        hedge_ratio(b, X, method="dcc")
