"""Conditional correlations on GARCH marginals, against rmgarch, `arch` and what must hold."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from arch.univariate import GARCH, ConstantMean

from eventlab import contagion
from eventlab.contagion.volatility.dcc import dcc
from eventlab.contagion.volatility.marginals import fit_marginal, long_run_variance, scores
from eventlab.contagion.volatility.second_stage import (
    filter_stage,
    fit_stage,
    likelihood,
    stage_stderr,
)
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_dcc import Array, aielli_target, conditional_correlations

if TYPE_CHECKING:
    from pathlib import Path

PARAMETER = 1e-3  # what the issue of the reference promises; both programs stop searching
LIKELIHOOD = 0.05
PATH = 1e-4  # correlations of rmgarch: the parameters differ by 1e-5
SECOND = 1e-8  # second stage alone, at its maximum, where it is flat
UNITS = 1e-5  # a search on differently scaled numbers
OPTIONS = [
    (model, marginal, errors)
    for model in ("dcc", "cdcc", "adcc")
    for marginal, errors in (("garch", "normal"), ("gjr", "t"), ("egarch", "normal"))
]


def simulated(T: int = 800, N: int = 3, seed: int = 0, a: float = 0.06, b: float = 0.9) -> Array:
    """GARCH(1,1) returns in decimals whose correlations are .5 on average."""
    rng = np.random.default_rng(seed)
    C = np.full((N, N), 0.5) + 0.5 * np.eye(N)
    Q, h, out = C.copy(), np.ones(N), np.empty((T, N))
    for t in range(T):
        root = 1.0 / np.sqrt(np.diag(Q))
        z = np.linalg.cholesky(Q * np.outer(root, root)) @ rng.standard_normal(N)
        out[t] = np.sqrt(h) * z
        h = 0.05 + 0.08 * out[t] ** 2 + 0.87 * h
        Q = (1.0 - a - b) * C + a * np.outer(z, z) + b * Q
    return 0.01 * out


def frame(values: Array) -> pd.DataFrame:
    index = pd.date_range("2020-01-01", periods=len(values), freq="D")
    return pd.DataFrame(values, index=index, columns=list("ABCDEFGH"[: values.shape[1]]))


@pytest.fixture(scope="module")
def indices(reference_dir: Path) -> pd.DataFrame:
    path = reference_dir / "contagion" / "arch_returns.csv"
    return pd.read_csv(path, index_col=0, parse_dates=True)[["SP500", "NASDAQ"]]


@pytest.fixture(scope="module")
def fitted() -> Any:
    return dcc(frame(simulated()))


def test_sp500_and_nasdaq_are_as_in_rmgarch(indices: pd.DataFrame, reference_dir: Path) -> None:
    folder = reference_dir / "contagion"
    known = json.loads((folder / "dcc_sp_nq.json").read_text())
    found = dcc(indices)
    for series in ("SP500", "NASDAQ"):
        own = found.marginals[found.marginals["series"] == series].set_index("parameter")
        for name, peer in (
            ("mu", "mu"),
            ("omega", "omega"),
            ("alpha", "alpha1"),
            ("beta", "beta1"),
        ):
            assert own.loc[name, "value"] == pytest.approx(
                known["coef"][f"[{series}].{peer}"], abs=PARAMETER
            )
    assert found.a == pytest.approx(known["coef"]["[Joint]dcca1"], abs=PARAMETER)
    assert found.b == pytest.approx(known["coef"]["[Joint]dccb1"], abs=PARAMETER)
    assert found.loglik == pytest.approx(known["loglik"], abs=LIKELIHOOD)
    path = pd.read_csv(folder / "dcc_sp_nq_R12.csv")["R12"].to_numpy()
    np.testing.assert_allclose(found.correlations[("SP500", "NASDAQ")], path, atol=PATH)
    np.testing.assert_allclose(found.qbar, known["Qbar"], atol=PARAMETER)
    last = found.covariances.iloc[-1]
    assert last[("SP500", "SP500")] == pytest.approx(known["H_last"][0][0], rel=1e-3)
    assert last[("SP500", "NASDAQ")] == pytest.approx(known["H_last"][0][1], rel=1e-3)
    # rmgarch counts marginals in its errors, not the targets and no persistence of the scores.
    assert found.stderr["a"] == pytest.approx(known["se"]["[Joint]dcca1"], rel=0.2)
    assert found.stderr["b"] == pytest.approx(known["se"]["[Joint]dccb1"], rel=0.2)


def test_the_second_stage_is_the_reference_s(reference_dir: Path) -> None:
    folder = reference_dir / "contagion"
    z = np.ascontiguousarray(pd.read_csv(folder / "stdresid_arch.csv").to_numpy())
    vectors = json.loads((folder / "dcc_stage2_vectors.json").read_text())
    known = vectors["qbar_cov_ddof1_rmgarch"]
    found = fit_stage(z, "dcc")
    np.testing.assert_allclose(found.qbar, known["Qbar"], rtol=1e-12)
    assert found.loglik == pytest.approx(known["opt_ll"], abs=SECOND)
    assert found.parameters[0] == pytest.approx(known["opt_a"], abs=1e-6)
    assert found.parameters[1] == pytest.approx(known["opt_b"], abs=1e-6)


def test_marginals_are_those_of_arch(indices: pd.DataFrame) -> None:
    found = dcc(indices)
    for series in indices:
        own = found.marginals[found.marginals["series"] == series]
        values = indices[series].to_numpy()
        model = ConstantMean(values, volatility=GARCH(1, 0, 1))
        peer = model.fit(disp="off", backcast=float(values.var()))
        np.testing.assert_allclose(own["value"], peer.params, rtol=2e-3)
        np.testing.assert_allclose(own["loglik"], peer.loglikelihood, atol=1e-4)
        np.testing.assert_allclose(own["stderr"], peer.std_err, rtol=0.02)
        volatility = found.volatilities[series]
        np.testing.assert_allclose(volatility, peer.conditional_volatility, rtol=1e-3)


@pytest.mark.parametrize(("model", "marginal", "errors"), OPTIONS)
def test_every_form_agrees_with_the_plain_loops(model: Any, marginal: Any, errors: Any) -> None:
    returns = frame(simulated(500))
    found = dcc(returns, model=model, marginal=marginal, errors=errors)
    mu = found.marginals[found.marginals["parameter"] == "mu"]["value"].to_numpy()
    z = (returns.to_numpy() - mu) / found.volatilities.to_numpy()
    if model == "cdcc":
        np.testing.assert_allclose(found.qbar, aielli_target(z, found.a, found.b), rtol=1e-9)
    else:
        np.testing.assert_allclose(found.qbar, np.cov(z.T), rtol=1e-9)
    falls = np.minimum(z, 0.0)
    g = found.g if model == "adcc" else 0.0
    begun = np.concatenate([np.ones((1, 3)), z])  # the path begins after a bar of ones
    naive = conditional_correlations(
        begun,
        found.qbar.to_numpy(),
        falls.T @ falls / len(z),
        (found.a, found.b, g),
        corrected=model == "cdcc",
    )
    np.testing.assert_allclose(found.matrices, naive.R[1:], rtol=1e-8)
    h = found.volatilities.to_numpy()
    total = naive.loglik[1:] - 0.5 * (np.log(2 * np.pi * h**2) + z**2).sum(axis=1)
    assert found.loglik == pytest.approx(total.sum(), rel=1e-9)
    assert math.isnan(found.g) == (model != "adcc")


def test_the_maximum_is_one() -> None:
    z = np.ascontiguousarray(
        np.random.default_rng(0).standard_normal((400, 3)) + simulated(400) / 0.01
    )
    for model in ("dcc", "cdcc", "adcc"):
        stage = fit_stage(z, model)
        for away in np.concatenate([0.003 * np.eye(3), -0.003 * np.eye(3)]):
            near = stage.parameters + away
            if (
                (near >= 0.0).all()
                and near[:2].sum() < 0.99
                and (model == "adcc" or near[2] == 0.0)
            ):
                assert likelihood(z, near, model) <= stage.loglik


def test_conditional_betas_and_covariances_follow_from_correlations(fitted: Any) -> None:
    rho, sigma = fitted.correlation("A", "C"), fitted.volatilities
    np.testing.assert_allclose(fitted.beta("C", "A"), rho * sigma["C"] / sigma["A"], rtol=1e-14)
    covariances = fitted.covariances
    np.testing.assert_allclose(covariances[("A", "A")], sigma["A"] ** 2, rtol=1e-14)
    np.testing.assert_allclose(covariances[("A", "C")], rho * sigma["A"] * sigma["C"], rtol=1e-14)
    assert list(fitted.correlations.columns) == [("A", "B"), ("A", "C"), ("B", "C")]
    with pytest.raises(UsageError, match="'Z' is no series of this model; it has A, B, C"):
        fitted.beta("Z", "A")


def test_the_truth_is_found_and_shown(fitted: Any) -> None:
    assert fitted.a == pytest.approx(0.06, abs=3 * fitted.stderr["a"])
    assert fitted.b == pytest.approx(0.90, abs=3 * fitted.stderr["b"])
    assert 0.0 < fitted.stderr["a"] < 0.03
    assert fitted.persistence == pytest.approx(fitted.a + fitted.b)
    assert repr(fitted) == (
        f"<dcc of 3 series on 800 rows: a={fitted.a:.4f}, b={fitted.b:.4f}, "
        f"loglik={fitted.loglik:.2f}>"
    )


def test_units_do_not_matter() -> None:
    returns = frame(simulated(500, 2))
    small, large = dcc(returns), dcc(100.0 * returns)
    assert large.a == pytest.approx(small.a, rel=UNITS)
    assert large.b == pytest.approx(small.b, rel=UNITS)
    np.testing.assert_allclose(large.stderr, small.stderr, rtol=1e-3)
    assert large.loglik == pytest.approx(small.loglik - 1000 * math.log(100.0), abs=1e-4)
    np.testing.assert_allclose(large.volatilities, 100.0 * small.volatilities, rtol=1e-4)
    scale = np.tile([100.0, 100.0**2, 1.0, 1.0], 2)
    np.testing.assert_allclose(
        large.marginals["value"], scale * small.marginals["value"], rtol=2e-3
    )


@pytest.mark.parametrize("model", ["dcc", "cdcc", "adcc"])
def test_what_comes_later_changes_nothing(model: Any) -> None:
    returns = frame(simulated(600))
    end = returns.index[399]
    found = dcc(returns, model=model, fit_until=end)
    assert found.n_fit == 400
    row = 450
    later = returns.copy()
    later.iloc[row:] *= -4.0
    other = dcc(later, model=model, fit_until=end)
    cut = dcc(returns.iloc[:row], model=model, fit_until=399)
    for one in (other, cut):
        assert (one.a, one.b, one.loglik) == (found.a, found.b, found.loglik)
        pd.testing.assert_series_equal(one.stderr, found.stderr, check_exact=True)
        assert np.array_equal(one.matrices[:row], found.matrices[:row])
        assert np.array_equal(
            one.volatilities.to_numpy()[:row], found.volatilities.to_numpy()[:row]
        )
    assert np.array_equal(other.matrices[row], found.matrices[row])  # it knows rows before it
    assert not np.array_equal(other.matrices[row + 1], found.matrices[row + 1])


def test_rows_with_a_gap_are_left_out_and_counted() -> None:
    returns = frame(simulated(500, 2))
    gaps = returns.copy()
    gaps.iloc[[17, 230, 231], 0] = np.nan
    found = dcc(gaps)
    without = dcc(returns.drop(returns.index[[17, 230, 231]]))
    assert (found.n_fit, found.n_missing) == (497, 3)
    assert (found.a, found.b, found.loglik) == (without.a, without.b, without.loglik)
    lost = found.correlations.isna().any(axis=1).to_numpy()
    assert np.flatnonzero(lost).tolist() == [17, 230, 231]
    assert found.volatilities["B"].isna().sum() == 3


def with_joint_falls(g: float = 0.10, T: int = 4000) -> Array:
    """Residuals whose correlation rises after joint falls."""
    rng = np.random.default_rng(5)
    C = np.array([[1.0, 0.4], [0.4, 1.0]])
    falls = np.minimum(rng.multivariate_normal([0, 0], C, 200_000), 0.0)
    N = falls.T @ falls / len(falls)
    Q, z = C.copy(), np.empty((T, 2))
    for t in range(T):
        root = 1.0 / np.sqrt(np.diag(Q))
        z[t] = np.linalg.cholesky(Q * np.outer(root, root)) @ rng.standard_normal(2)
        n = np.minimum(z[t], 0.0)
        Q = 0.08 * C - g * N + 0.02 * np.outer(z[t], z[t]) + g * np.outer(n, n) + 0.90 * Q
    return z


def test_joint_falls_that_count_more_are_found() -> None:
    z = with_joint_falls()
    found, plain = fit_stage(z, "adcc"), fit_stage(z, "dcc")
    assert found.parameters[2] == pytest.approx(0.10, abs=0.05)
    assert 2.0 * (found.loglik - plain.loglik) > 6.63  # chi2(1) at 1%


def test_adcc_is_dcc_where_joint_falls_count_less() -> None:
    z = -with_joint_falls()
    found, plain = fit_stage(z, "adcc"), fit_stage(z, "dcc")
    assert found.note == "g is on its bound 0: rises and falls count alike"
    assert found.loglik == pytest.approx(plain.loglik, abs=1e-6)
    np.testing.assert_allclose(found.parameters, plain.parameters, atol=1e-4)
    a, b, g = stage_stderr(found, z, None)
    assert math.isnan(g)
    np.testing.assert_allclose([a, b], stage_stderr(plain, z, None)[:2], rtol=0.01)


def test_correlations_that_shocks_do_not_raise_are_called_constant() -> None:
    # The correlation alternates from bar to bar: a shock says that the next bar has the opposite.
    rng = np.random.default_rng(11)
    common, own = rng.standard_normal((2, 300))
    signs = np.where(np.arange(300) % 2, 1.0, -1.0)
    z = np.ascontiguousarray(np.column_stack([common, 0.8 * signs * common + 0.6 * own]))
    found = fit_stage(z, "dcc")
    assert found.constant
    assert found.note == "a is 0: the correlations are constant, and b means nothing"
    R = np.corrcoef(z.T)
    np.testing.assert_allclose(filter_stage(found, z)[1], np.tile(R, (300, 1, 1)), atol=1e-4)
    assert np.isnan(stage_stderr(found, z, None)).all()


@pytest.mark.parametrize("model", ["dcc", "cdcc", "adcc"])
def test_persistence_stays_below_its_bound(model: Any) -> None:
    # Correlations that jump once look as if they never came back.
    rng = np.random.default_rng(4)
    low = rng.multivariate_normal([0, 0], [[1, -0.6], [-0.6, 1]], 400)
    high = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 400)
    z = np.ascontiguousarray(np.concatenate([low, high]))
    found = fit_stage(z, model)
    a, b, g = found.parameters
    assert a + b + found.asymmetry * g <= 0.999 + 1e-9
    assert math.isfinite(found.loglik)
    if a + b + found.asymmetry * g > 0.999 - 1e-5:
        assert "the persistence is on its bound 0.999" in found.note


def test_a_variance_that_does_not_converge_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fit_marginal

    def failing(values: Array, n: int, form: str, errors: str) -> Any:
        one = real(values, n, form, errors)
        nothing = np.full(len(values), np.nan)
        failed = type(one)("the garch likelihood did not converge (x)", n, nothing, nothing)
        return failed if values[0] == returns.iloc[0, 1] else one

    returns = frame(simulated(300))
    monkeypatch.setattr("eventlab.contagion.volatility.dcc.fit_marginal", failing)
    found = dcc(returns)
    assert found.note == "B: the garch likelihood did not converge (x)"
    assert math.isnan(found.a)
    assert math.isnan(found.loglik)
    assert found.correlations.isna().all(axis=None)
    assert found.volatilities["A"].notna().all()
    lost = found.marginals[~found.marginals["converged"]]
    assert lost["series"].tolist() == ["B"]
    assert lost["note"].tolist() == ["the garch likelihood did not converge (x)"]


def test_a_variance_without_errors_leaves_none_to_the_correlations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    returns = frame(simulated(300))

    def unknown(values: Array, fit: Any) -> Any:
        one = scores(values, fit)
        lost = values[0] == returns.iloc[0, 1]
        return (
            replace(one, stderr=one.stderr * np.nan, influence=one.influence * np.nan)
            if lost
            else one
        )

    monkeypatch.setattr("eventlab.contagion.volatility.dcc.scores", unknown)
    found = dcc(returns)
    assert found.marginals.groupby("series")["stderr"].count().to_dict() == {"A": 4, "B": 0, "C": 4}
    assert found.note == "no standard errors: the likelihood of B has no maximum inside"
    assert found.stderr.isna().all()
    assert math.isfinite(found.a)


def test_what_cannot_be_fitted_is_refused() -> None:
    returns = frame(simulated(300))
    with pytest.raises(DataError, match="99 complete rows to fit on; 100 are needed"):
        dcc(returns, fit_until=98)
    still = returns.copy()
    still["B"] = 0.001
    with pytest.raises(DataError, match="B is constant over the rows to fit on"):
        dcc(still)
    twin = returns.copy()
    twin["C"] = 2.0 * twin["A"]
    with pytest.raises(DataError, match="A and C move as one"):
        dcc(twin)
    wild = returns.copy()
    wild.iloc[3, 2] = np.inf
    with pytest.raises(DataError, match="C has an infinite value"):
        dcc(wild)


def test_the_function_is_public() -> None:
    assert contagion.dcc is dcc


def test_wrong_options_are_refused() -> None:
    returns = frame(simulated(300))
    wrong: dict[str, Any] = {"model": "dc", "marginal": "arch", "errors": "laplace"}
    for name, value in wrong.items():
        with pytest.raises(UsageError, match=f"{name}='{value}' is unknown; use"):
            dcc(returns, **{name: value})
    with pytest.raises(UsageError, match="frame has 1 column; at least 2 are needed"):
        dcc(returns[["A"]])
    with pytest.raises(UsageError, match="frame has the column A twice"):
        dcc(returns[["A", "A"]])
    with pytest.raises(UsageError, match="fit_until 'soon' is no label"):
        dcc(returns, fit_until="soon")


def test_the_caller_s_frame_stays_as_it_is() -> None:
    returns = frame(simulated(300, 2))
    before = returns.copy()
    dcc(returns, stderr=False)
    pd.testing.assert_frame_equal(returns, before)


def test_the_long_run_variance_of_a_few_rows() -> None:
    # n = 4: floor(4 (4/100)^(2/9)) = 1 lag of weight 1/2. Sum of squares 1+4+1+4 = 10, of
    # neighbours 1*2 + 2*(-1) + (-1)*(-2) = 2: 10 + (1/2) * 2 * 2 = 12.
    rows = np.array([[1.0], [2.0], [-1.0], [-2.0]])
    assert long_run_variance(rows)[0, 0] == pytest.approx(12.0)
