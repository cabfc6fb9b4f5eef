"""Kernels of conditional variances and correlations, against loops, `arch` and differences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from arch.univariate import EGARCH, GARCH, ZeroMean

from eventlab.kernels.dcc import (
    dcc_adjoint_nb,
    dcc_filter_nb,
    diagonal_adjoint_nb,
    diagonal_nb,
    variance_path_nb,
)
from tests.naive_contagion_dcc import Array, aielli_target, conditional_correlations, variances

if TYPE_CHECKING:
    from pathlib import Path

EXACT = 1e-12  # the same sums in another order
REFERENCE = 1e-8  # what the reference promises
DIFFERENCE = 1e-6  # central differences of a likelihood
T, N = 60, 4
PARAMETERS = np.array([0.06, 0.85, 0.04])


def residuals(seed: int = 1, rows: int = T, series: int = N) -> Array:
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((rows, 1))
    return np.ascontiguousarray(0.7 * common + 0.7 * rng.standard_normal((rows, series)))


def target(z: Array) -> Array:
    return np.ascontiguousarray(np.cov(z, rowvar=False))


def downside(z: Array) -> Array:
    falls = np.minimum(z, 0.0)
    return falls.T @ falls / len(z)


def filtered(z: Array, parameters: Array = PARAMETERS, corrected: int = 0) -> tuple[Array, ...]:
    return dcc_filter_nb(z, target(z), downside(z), parameters, corrected)


@pytest.mark.parametrize("gamma", [0.0, 0.07])
def test_variances_are_those_of_the_plain_recursion_and_of_arch(gamma: float) -> None:
    resid = residuals()[:, 0].copy()
    values = (0.05, 0.08, gamma, 0.8)
    found = variance_path_nb(resid, np.array(values), 1.3, 0)
    np.testing.assert_allclose(found, variances(resid, values, 1.3), rtol=EXACT)
    model = ZeroMean(resid, volatility=GARCH(1, 1, 1))
    peer = model.fix([0.05, 0.08, gamma, 0.8])
    own = variance_path_nb(resid, np.array(values), float(model.volatility.backcast(resid)), 0)
    np.testing.assert_allclose(np.sqrt(own), peer.conditional_volatility, rtol=EXACT)


def test_log_variances_are_those_of_the_plain_recursion_and_of_arch() -> None:
    resid = residuals()[:, 0].copy()
    values = (-0.02, 0.15, -0.06, 0.93)
    found = variance_path_nb(resid, np.array(values), 1.3, 1)
    np.testing.assert_allclose(found, variances(resid, values, 1.3, logs=True), rtol=EXACT)
    model = ZeroMean(resid, volatility=EGARCH(1, 1, 1))
    peer = model.fix(list(values))
    before = float(np.exp(model.volatility.backcast(resid)))
    own = variance_path_nb(resid, np.array(values), before, 1)
    np.testing.assert_allclose(np.sqrt(own), peer.conditional_volatility, rtol=EXACT)


@pytest.mark.parametrize("corrected", [0, 1])
@pytest.mark.parametrize("g", [0.0, 0.04])
def test_correlations_are_those_of_the_plain_loops(corrected: int, g: float) -> None:
    z = residuals()
    parameters = np.array([0.06, 0.85, g])
    loglik, Q, P = filtered(z, parameters, corrected)
    naive = conditional_correlations(
        z, target(z), downside(z), (0.06, 0.85, g), corrected=bool(corrected)
    )
    np.testing.assert_allclose(loglik, naive.loglik, rtol=1e-10, atol=EXACT)
    np.testing.assert_allclose(Q, naive.Q, rtol=EXACT)
    np.testing.assert_allclose(
        P @ Q @ P.transpose(0, 2, 1), np.tile(np.eye(N), (T, 1, 1)), atol=1e-10
    )


def test_two_bars_worked_by_hand() -> None:
    # Q_1 = [[1, .5], [.5, 1]]: log det = log .75, R^-1 = [[4, -2], [-2, 4]]/3, so with z_1 = (1, 1)
    # z'R^-1 z = 4/3 and the first bar has -(log .75 + 4/3 - 2)/2.
    # Q_2 = .6 Q_1 + .1 [[1, 1], [1, 1]] + .3 Q_1 = [[1, .55], [.55, 1]].
    z, qbar = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[1.0, 0.5], [0.5, 1.0]])
    loglik, Q, _ = dcc_filter_nb(z, qbar, np.zeros((2, 2)), np.array([0.1, 0.3, 0.0]), 0)
    np.testing.assert_allclose(Q[1], [[1.0, 0.55], [0.55, 1.0]], rtol=EXACT)
    np.testing.assert_allclose(
        loglik, [-0.5 * (np.log(0.75) - 2.0 / 3.0), -0.5 * np.log(1.0 - 0.55**2)], rtol=EXACT
    )


@pytest.mark.parametrize(
    "convention", ["qbar_uncentered_divT", "qbar_cov_ddof1_rmgarch", "qbar_corrcoef"]
)
def test_the_likelihood_is_the_reference_s(reference_dir: Path, convention: str) -> None:
    folder = reference_dir / "contagion"
    z = pd.read_csv(folder / "stdresid_arch.csv").to_numpy()
    known = json.loads((folder / "dcc_stage2_vectors.json").read_text())[convention]
    parameters, nothing = np.array([0.05, 0.90, 0.0]), np.zeros((2, 2))
    z, qbar = np.ascontiguousarray(z), np.array(known["Qbar"])
    plain, Q, _ = dcc_filter_nb(z, qbar, nothing, parameters, 0)
    assert plain.sum() == pytest.approx(known["stage2_ll_at_a05_b90"], abs=REFERENCE)
    last = Q[-1, 0, 1] / np.sqrt(Q[-1, 0, 0] * Q[-1, 1, 1])
    assert last == pytest.approx(known["R12_last_at_a05_b90"], abs=REFERENCE)
    corrected = dcc_filter_nb(z, qbar, nothing, parameters, 1)[0]
    assert corrected.sum() == pytest.approx(known["cDCC_ll_at_a05_b90"], abs=REFERENCE)


@pytest.mark.parametrize("corrected", [0, 1])
def test_derivatives_are_those_of_differences(corrected: int) -> None:
    z = residuals(3)
    qbar, nbar = target(z), downside(z)
    _, Q, P = dcc_filter_nb(z, qbar, nbar, PARAMETERS, corrected)
    by_parameter, by_z, by_target = dcc_adjoint_nb(
        z, np.stack([qbar, nbar]), PARAMETERS, corrected, Q, P
    )

    def total(z: Array = z, q: Array = qbar, n: Array = nbar, p: Array = PARAMETERS) -> float:
        return float(dcc_filter_nb(z, q, n, p, corrected)[0].sum())

    h = 1e-6
    for i, step in enumerate(h * np.eye(3)):
        slope = (total(p=PARAMETERS + step) - total(p=PARAMETERS - step)) / (2 * h)
        assert by_parameter[i] == pytest.approx(slope, rel=DIFFERENCE)
    for t, i in ((0, 1), (7, 0), (30, 3), (T - 1, 2)):
        away = np.zeros((T, N))
        away[t, i] = h
        slope = (total(z=z + away) - total(z=z - away)) / (2 * h)
        assert by_z[t, i] == pytest.approx(slope, rel=DIFFERENCE, abs=DIFFERENCE)
    rng = np.random.default_rng(0)
    tilt = rng.standard_normal((N, N))
    tilt = h * (tilt + tilt.T)
    slope = (total(q=qbar + tilt) - total(q=qbar - tilt)) / 2
    assert (by_target[0] * tilt).sum() == pytest.approx(slope, rel=DIFFERENCE)
    slope = (total(n=nbar + tilt) - total(n=nbar - tilt)) / 2
    assert (by_target[1] * tilt).sum() == pytest.approx(slope, rel=DIFFERENCE)


def test_corrected_diagonals_and_their_derivatives() -> None:
    z = residuals(4)
    q = diagonal_nb(z, 0.06, 0.85)
    star = z * np.sqrt(q)
    np.testing.assert_allclose(star.T @ star / T, aielli_target(z, 0.06, 0.85), rtol=EXACT)
    weights = np.random.default_rng(0).standard_normal((T, N))
    by_parameter, by_z = diagonal_adjoint_nb(z, q, weights, PARAMETERS)
    h = 1e-6

    def total(z: Array, a: float, b: float) -> float:
        return float((weights * diagonal_nb(z, a, b)).sum())

    slopes = (
        (total(z, 0.06 + h, 0.85) - total(z, 0.06 - h, 0.85)) / (2 * h),
        (total(z, 0.06, 0.85 + h) - total(z, 0.06, 0.85 - h)) / (2 * h),
        0.0,
    )
    np.testing.assert_allclose(by_parameter, slopes, rtol=DIFFERENCE)
    away = np.zeros((T, N))
    away[11, 2] = h
    slope = (total(z + away, 0.06, 0.85) - total(z - away, 0.06, 0.85)) / (2 * h)
    assert by_z[11, 2] == pytest.approx(slope, rel=DIFFERENCE)


@pytest.mark.parametrize("corrected", [0, 1])
def test_without_shocks_the_correlations_are_constant(corrected: int) -> None:
    z = residuals(5)
    Q = filtered(z, np.array([0.0, 0.9, 0.0]), corrected)[1]
    np.testing.assert_allclose(Q, np.tile(target(z), (T, 1, 1)), rtol=EXACT)


@pytest.mark.parametrize("corrected", [0, 1])
def test_bars_to_come_change_nothing(corrected: int) -> None:
    z = residuals(6)
    later = z.copy()
    later[40:] *= -3.0
    qbar, nbar = target(z), downside(z)
    before = dcc_filter_nb(z, qbar, nbar, PARAMETERS, corrected)
    after = dcc_filter_nb(later, qbar, nbar, PARAMETERS, corrected)
    cut = dcc_filter_nb(np.ascontiguousarray(z[:41]), qbar, nbar, PARAMETERS, corrected)
    assert np.array_equal(before[1][:41], after[1][:41])  # Q of bar 40 knows bars up to 39
    assert np.array_equal(before[0][:40], after[0][:40])
    assert np.array_equal(before[0][:41], cut[0])
    assert not np.array_equal(before[1][41], after[1][41])


def test_the_likelihood_ends_where_a_matrix_is_not_positive() -> None:
    z = residuals(7)
    nbar = 50.0 * downside(z)  # its share exceeds what is left of Qbar
    loglik = dcc_filter_nb(z, target(z), nbar, np.array([0.05, 0.80, 0.3]), 0)[0]
    assert np.isfinite(loglik[0])
    assert np.isnan(loglik[-1])
