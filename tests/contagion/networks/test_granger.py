"""Granger networks against statsmodels, the formulas, collapse cases and edges."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import grangercausalitytests

from eventlab.contagion.networks.granger import adjusted_pvalues, granger_network
from eventlab.contagion.networks.wald import granger_tests
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_granger import wald_hc3

# Ours solves what is left of each cause, theirs the whole regression.
TOLERANCE = 1e-9
NAMES = ("A", "B", "C", "D")
COVARIANCES: dict[str, dict[str, Any]] = {
    "hc3": {"cov_type": "HC3"},
    "hc1": {"cov_type": "HC1"},
    "hac": {"cov_type": "HAC", "cov_kwds": {"maxlags": 4, "use_correction": True}},
}


def returns(T: int = 160, N: int = 4, seed: int = 0) -> pd.DataFrame:
    x = np.random.default_rng(seed).standard_t(5, size=(T, N))
    x[1:, 1] += 0.5 * x[:-1, 0]
    return pd.DataFrame(x * [0.01, 1.0, 5.0, 0.1][:N], columns=list("ABCD")[:N])


def cell(frame: pd.DataFrame, row: str, column: str) -> float:
    return float(frame.to_numpy()[frame.index.get_loc(row), frame.columns.get_loc(column)])


def lagged(values: np.ndarray, p: int) -> np.ndarray:
    return np.column_stack([values[p - lag : len(values) - lag] for lag in range(1, p + 1)])


@pytest.mark.filterwarnings("ignore:verbose is deprecated")
@pytest.mark.parametrize("lags", [1, 3])
def test_plain_agrees_with_statsmodels(lags: int) -> None:
    frame = returns()
    found = granger_network(frame, lags, covariance="plain", adjust=None)
    for cause, effect in permutations(NAMES, 2):
        pair = frame[[effect, cause]].to_numpy()
        F, p, _, _ = grangercausalitytests(pair, [lags])[lags][0]["ssr_ftest"]
        assert cell(found.statistic, cause, effect) == pytest.approx(F, rel=TOLERANCE)
        assert cell(found.pvalue, cause, effect) == pytest.approx(p, rel=TOLERANCE)


@pytest.mark.parametrize("covariance", list(COVARIANCES))
@pytest.mark.parametrize("conditional", [False, True])
def test_robust_agrees_with_statsmodels(covariance: str, conditional: bool) -> None:
    frame, p = returns(), 2
    x = frame.to_numpy()
    found = granger_network(
        frame,
        p,
        covariance=covariance,  # type: ignore[arg-type]
        conditional=conditional,
    )
    for i in range(4):
        for j in range(4):
            if i == j:
                continue
            others = [m for m in range(4) if m not in (i, j)] if conditional else []
            design = np.column_stack([lagged(x[:, m], p) for m in (i, j, *others)])
            model = sm.OLS(x[p:, j], sm.add_constant(design, prepend=False))
            test = model.fit(use_t=True, **COVARIANCES[covariance]).f_test(
                np.eye(p, design.shape[1] + 1)
            )
            assert found.statistic.iloc[i, j] == pytest.approx(float(test.fvalue), rel=TOLERANCE)
            assert found.pvalue.iloc[i, j] == pytest.approx(float(test.pvalue), rel=TOLERANCE)


def test_the_default_agrees_with_the_formula() -> None:
    frame = returns()
    found = granger_network(frame, 2)
    for cause, effect in permutations(NAMES, 2):
        expected = wald_hc3(frame[effect].to_numpy(), frame[cause].to_numpy(), 2)
        assert cell(found.statistic, cause, effect) == pytest.approx(expected, rel=TOLERANCE)


def test_one_lag_plain_is_the_square_of_t() -> None:
    x = returns(N=2).to_numpy()
    design = np.column_stack([np.ones(159), x[:-1, 1], x[:-1, 0]])
    beta, rss, *_ = np.linalg.lstsq(design, x[1:, 1], rcond=None)
    t = beta[2] / np.sqrt(rss[0] / 156 * np.linalg.inv(design.T @ design)[2, 2])
    found = granger_network(returns(N=2), 1, covariance="plain", adjust=None)
    assert cell(found.statistic, "A", "B") == pytest.approx(t**2, rel=1e-12)
    assert cell(found.pvalue, "A", "B") == pytest.approx(2 * stats.t.sf(abs(t), 156), rel=1e-9)


def test_of_two_series_conditional_changes_nothing() -> None:
    frame = returns(N=2)
    pairwise, conditional = (granger_network(frame, 2, conditional=c) for c in (False, True))
    assert_allclose(pairwise.statistic, conditional.statistic, rtol=1e-12)


def test_a_chain_is_direct_only_link_by_link() -> None:
    x = np.random.default_rng(2).standard_normal((3000, 3))
    for t in range(1, 3000):
        x[t, 1] += 0.7 * x[t - 1, 0]
        x[t, 2] += 0.7 * x[t - 1, 1]
    frame = pd.DataFrame(x, columns=["first", "middle", "last"])
    through = granger_network(frame, 2)
    direct = granger_network(frame, 2, conditional=True)
    assert bool(through.edges.loc["first", "last"])
    assert not bool(direct.edges.loc["first", "last"])
    for found in (through, direct):
        assert bool(found.edges.loc["first", "middle"])
        assert bool(found.edges.loc["middle", "last"])
        assert not bool(found.edges.loc["last", "middle"])


@pytest.mark.parametrize(("adjust", "theirs"), [("bh", "fdr_bh"), ("holm", "holm")])
def test_adjusts_over_all_pairs(adjust: str, theirs: str) -> None:
    found = granger_network(returns(), 1, adjust=adjust)  # type: ignore[arg-type]
    off = ~np.eye(4, dtype=bool)
    expected = multipletests(found.pvalue.to_numpy()[off], method=theirs)[1]
    assert_allclose(found.adjusted.to_numpy()[off], expected, rtol=1e-12)
    assert np.isnan(np.diag(found.adjusted)).all()


def test_holm_by_hand() -> None:
    # Sorted .01, .02, .03, .04 times 4, 3, 2, 1, never falling: .04, .06, .06, .06.
    found = adjusted_pvalues(np.array([0.04, 0.01, np.nan, 0.03, 0.02]), "holm")
    assert_allclose(found, [0.06, 0.04, np.nan, 0.06, 0.06], rtol=1e-12)


def test_degrees_and_density() -> None:
    found = granger_network(returns(500), 1)
    edges = found.edges.to_numpy()
    assert bool(found.edges.loc["A", "B"])
    assert found.density == edges.sum() / 12
    assert_array_equal(found.out_degree, edges.sum(axis=1))
    assert_array_equal(found.in_degree, edges.sum(axis=0))
    assert repr(found).startswith("GrangerNetwork(4 series, 499 rows, lags=1")


def test_the_scale_of_a_series_does_not_matter() -> None:
    frame = returns()
    expected = granger_network(frame, 2).statistic
    found = granger_network(frame * [1e6, 1e-6, 1.0, 1.0] + 5.0, 2).statistic
    assert_allclose(found, expected, rtol=1e-6)


def test_missing_rows_are_left_out_with_the_rows_they_are_lags_of() -> None:
    frame = returns()
    frame.iloc[80, 2] = np.nan
    found = granger_network(frame, 2)
    assert (found.n_rows, found.n_missing) == (160 - 2 - 3, 1)


def test_constant_and_collinear_series_have_a_reason() -> None:
    frame = returns().assign(C=3.0)
    found = granger_network(frame, 1)
    assert found.reasons.loc["A", "C"] == "the effect is constant"
    assert found.reasons.loc["C", "A"] == "the cause is constant"
    assert found.reasons.loc["A", "B"] == ""
    assert np.isfinite(cell(found.pvalue, "A", "B"))
    double = granger_network(returns().assign(C=lambda f: 2 * f["A"]), 1)
    assert np.isnan(cell(double.pvalue, "C", "A"))
    assert str(double.reasons.loc["C", "A"]).startswith("collinear")
    assert np.isfinite(cell(double.pvalue, "C", "B"))
    exact = returns()
    exact.iloc[1:, 1] = exact.iloc[:-1, 0].to_numpy()
    assert np.isnan(cell(granger_network(exact.iloc[1:], 1).pvalue, "A", "B"))


def test_all_constant_has_no_density() -> None:
    found = granger_network(pd.DataFrame({"A": np.ones(50), "B": np.zeros(50)}), 1)
    assert np.isnan(found.density)
    assert not found.edges.to_numpy().any()


def test_what_it_refuses() -> None:
    frame = returns()
    with pytest.raises(UsageError, match="lags=0 is below 1"):
        granger_network(frame, 0)
    with pytest.raises(UsageError, match="level=5 must lie"):
        granger_network(frame, 1, level=5.0)
    with pytest.raises(UsageError, match="adjust='bonferroni' is unknown"):
        granger_network(frame, 1, adjust="bonferroni")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="covariance='hc9' is unknown; use hc3, hc1, hac or plain"):
        granger_network(frame, 1, covariance="hc9")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="7 usable rows are too few for 1 lags: at least 8"):
        granger_network(frame.iloc[:8], 1)


def test_size_under_clustered_volatility() -> None:
    """Unrelated-in-the-past GARCH-t4 series: the default keeps its size, the plain F does not."""
    R, T, rng = 600, 1000, np.random.default_rng(11)
    z = rng.standard_t(4, size=(T + 200, R, 2)) / np.sqrt(2.0)
    z[..., 1] = 0.5 * z[..., 0] + np.sqrt(0.75) * z[..., 1]
    h, x = np.ones((R, 2)), np.empty((T + 200, R, 2))
    for t in range(T + 200):
        x[t] = np.sqrt(h) * z[t]
        h = 0.04 + 0.10 * x[t] ** 2 + 0.86 * h
    first = granger_network(pd.DataFrame(x[200:, 0], columns=["A", "B"]), 1, adjust=None)
    rejected = {"hc3": 0, "plain": 0}
    for r in range(R):
        for covariance in rejected:
            values = np.ascontiguousarray(x[200:, r])
            _, pvalue, _ = granger_tests(values, 1, covariance, conditional=False)  # type: ignore[arg-type]
            rejected[covariance] += bool(pvalue[0, 1] <= 0.05)
            if r == 0 and covariance == "hc3":
                assert pvalue[0, 1] == first.pvalue.loc["A", "B"]
    # 5% of 600 is 30, with a standard error of 5.3; the plain F rejects about 10%.
    assert 14 <= rejected["hc3"] <= 46
    assert rejected["plain"] >= 46
