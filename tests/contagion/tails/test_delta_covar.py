"""Delta-CoVaR: references, twins, collapse, timing and unusable data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.regression.quantile_regression import QuantReg

from eventlab.contagion.tails.delta_covar import delta_covar, delta_of
from eventlab.contagion.tails.gaussian import delta_covar_dcc, gaussian_delta_covar
from eventlab.contagion.volatility.dcc import dcc
from eventlab.errors import UsageError
from tests import naive_contagion_tails as naive

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = 1e-9  # R's simplex ends on the same two rows; asked for is 1e-5
NAMES = {
    "alpha": "alpha",
    "beta": "beta",
    "var_source": "VaR_i_q",
    "var_median": "VaR_i_med",
    "covar": "CoVaR",
    "covar_median": "CoVaR_med",
    "delta": "DeltaCoVaR",
}


def pair(n: int = 200, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    x, e = 0.01 * rng.standard_t(4, (2, n))
    return pd.Series(0.8 * x + e, name="BTC"), pd.Series(x, name="NVDA")


@pytest.fixture(scope="module")
def returns(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "contagion" / "arch_returns.csv", index_col=0)


@pytest.fixture(scope="module")
def reference(reference_dir: Path) -> dict[str, Any]:
    text = (reference_dir / "contagion" / "delta_covar_quantreg.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize(("key", "level"), [("q01", 0.01), ("q05", 0.05)])
def test_it_agrees_with_quantreg(
    returns: pd.DataFrame, reference: dict[str, Any], key: str, level: float
) -> None:
    found = delta_covar(returns["SP500"], returns["NASDAQ"], level, draws=0)
    for ours, theirs in NAMES.items():
        assert getattr(found, ours) == pytest.approx(reference[key][theirs], rel=REFERENCE), ours


def test_with_a_state_it_agrees_with_quantreg(
    returns: pd.DataFrame, reference: dict[str, Any]
) -> None:
    found = delta_covar(returns["SP500"], returns["NASDAQ"], states=returns[["DVIX"]], draws=0)
    expected = reference["conditional_q05"]
    table = found.coefficients
    np.testing.assert_allclose(table["covar"], expected["CoVaR_coef"], rtol=REFERENCE)
    np.testing.assert_allclose(table["var_source"][:2], expected["VaR_coef"], rtol=REFERENCE)
    np.testing.assert_allclose(table["var_median"][:2], expected["med_coef"], rtol=REFERENCE)
    delta = found.path["delta"]
    np.testing.assert_allclose(delta.iloc[:5], expected["Delta_first5"], rtol=REFERENCE)
    np.testing.assert_allclose(delta.iloc[-5:], expected["Delta_last5"], rtol=REFERENCE)
    assert found.delta == pytest.approx(expected["Delta_mean"], rel=REFERENCE)
    assert (found.n, found.n_missing) == (1255, 1)
    assert delta.index[0] == returns.index[1]


def test_the_normal_form_agrees_with_the_reference(reference_dir: Path) -> None:
    text = (reference_dir / "contagion" / "delta_covar_dcc.json").read_text(encoding="utf-8")
    expected = json.loads(text)
    found = gaussian_delta_covar(
        expected["rho"], expected["sigma_sys"], expected["sigma_inst"], expected["q"]
    ).iloc[0]
    for ours, theirs in (
        ("gamma", "gamma"),
        ("var_source", "VaR_inst_q"),
        ("covar", "CoVaR"),
        ("delta", "DeltaCoVaR"),
    ):
        assert found[ours] == pytest.approx(expected[theirs], rel=1e-12), ours


def test_statsmodels_finds_no_smaller_loss() -> None:
    y, x = pair(400)
    found = delta_covar(y, x, draws=0)
    X = np.column_stack([np.ones(400), x])
    other = QuantReg(y.to_numpy(), X).fit(q=0.05, max_iter=5000, p_tol=1e-10)
    ours = naive.check_loss(list(y), list(x), found.alpha, found.beta, 0.05)
    theirs = naive.check_loss(list(y), list(x), other.params[0], other.params[1], 0.05)
    assert ours <= theirs * (1 + 1e-12)
    assert found.beta == pytest.approx(other.params[1], rel=1e-4)


@pytest.mark.parametrize("n", [40, 61])
@pytest.mark.parametrize("level", [0.05, 0.13])
def test_it_agrees_with_the_best_of_all_lines(n: int, level: float) -> None:
    y, x = pair(n, seed=n)
    found = delta_covar(y, x, level, draws=0)
    assert found.delta == pytest.approx(naive.delta_covar(list(y), list(x), level), rel=1e-10)
    assert delta_of(y.to_numpy(), x.to_numpy(), level) == pytest.approx(found.delta, rel=1e-12)


def test_quantiles_are_those_of_numpy() -> None:
    for n in (20, 21, 57, 400):
        y, x = pair(n)
        found = delta_covar(y, x, draws=0)
        assert found.var_source == pytest.approx(np.quantile(x, 0.05), rel=1e-14)
        assert found.var_median == pytest.approx(np.median(x), rel=1e-14)


def test_a_straight_line_hands_the_sources_quantiles_on() -> None:
    _, x = pair()
    found = delta_covar(2 * x - 0.001, x, draws=30)
    assert (found.alpha, found.beta) == pytest.approx((-0.001, 2.0), rel=1e-9)
    assert found.delta == pytest.approx(2 * (found.var_source - found.var_median), rel=1e-9)
    assert found.covar == pytest.approx(2 * found.var_source - 0.001, rel=1e-9)


def test_the_normal_form_collapses() -> None:
    z = norm.ppf(0.05)
    same = gaussian_delta_covar(1.0, 0.02, 0.02).iloc[0]
    assert (same["covar"], same["delta"]) == pytest.approx((z * 0.02, z * 0.02))
    apart = gaussian_delta_covar(0.0, 0.03, 0.02).iloc[0]
    assert apart["delta"] == 0.0
    assert (apart["covar"], apart["covar_median"]) == pytest.approx((z * 0.03, z * 0.03))


def test_both_forms_agree_on_many_normal_rows() -> None:
    rng = np.random.default_rng(9)
    x, e = rng.standard_normal((2, 20_000))
    y = 0.6 * x + 0.8 * e
    found = delta_covar(pd.Series(y), pd.Series(x), draws=0)
    normal = gaussian_delta_covar(0.6, 1.0, 1.0).iloc[0]
    assert found.delta == pytest.approx(normal["delta"], abs=0.05)
    assert found.covar == pytest.approx(normal["covar"], abs=0.05)


@dataclass
class Fit:
    """As much of a DCC as is needed."""

    volatilities: pd.DataFrame
    rho: pd.Series

    def correlation(self, one: object, other: object, /) -> pd.Series:
        return self.rho


def test_the_form_of_a_dcc_uses_each_rows_own_correlation() -> None:
    rows = pd.date_range("2025-01-01", periods=3)
    sigma = pd.DataFrame({"BTC": [0.02, 0.04, np.nan], "NVDA": [0.01, 0.02, 0.03]}, index=rows)
    fit = Fit(sigma, pd.Series([0.5, 0.9, np.nan], index=rows))
    found = delta_covar_dcc(fit, "BTC", "NVDA", 0.01)
    z = norm.ppf(0.01)
    np.testing.assert_allclose(found["delta"], [z * 0.5 * 0.02, z * 0.9 * 0.04, np.nan])
    assert found.index.equals(rows)
    with pytest.raises(UsageError, match="source 'ETH' is no column of the fit; it has BTC, NVDA"):
        delta_covar_dcc(fit, "BTC", "ETH")


def test_our_dcc_gives_the_number_of_rmgarch(returns: pd.DataFrame, reference_dir: Path) -> None:
    text = (reference_dir / "contagion" / "delta_covar_dcc.json").read_text(encoding="utf-8")
    fit = dcc(returns[["SP500", "NASDAQ"]])
    last = delta_covar_dcc(fit, "SP500", "NASDAQ")["delta"].iloc[-1]
    # Their GARCH begins from another first variance; the parameters agree to 1e-3.
    assert last == pytest.approx(json.loads(text)["DeltaCoVaR"], rel=1e-3)


def test_a_path_uses_the_states_of_the_row_before() -> None:
    y, x = pair()
    states = pd.DataFrame({"vix": np.random.default_rng(4).standard_normal(200)})
    found = delta_covar(y, x, states=states, draws=0)
    states.loc[199, "vix"] = 1e6
    again = delta_covar(y, x, states=states, draws=0)
    pd.testing.assert_frame_equal(found.path, again.path, check_exact=True)
    states.loc[100, "vix"] = np.nan
    missing = delta_covar(y, x, states=states, draws=0)
    assert 101 not in missing.path.index
    assert (missing.n, missing.n_missing) == (198, 2)


def test_the_bootstrap_is_seeded_and_near_the_spread_over_samples() -> None:
    y, x = pair(400)
    found = delta_covar(y, x, draws=200, seed=3)
    again = delta_covar(y, x, draws=200, seed=3)
    assert (found.low, found.high, found.stderr) == (again.low, again.high, again.stderr)
    assert found.low != delta_covar(y, x, draws=200, seed=4).low
    assert found.low < found.delta < found.high
    assert found.pvalue < 0.01
    assert (found.draws, found.block) == (200, 7)
    samples = [delta_covar(*pair(400, seed=s), draws=0).delta for s in range(100, 300)]
    assert found.stderr == pytest.approx(np.std(samples), rel=0.4)


@pytest.mark.parametrize(
    ("y", "x", "words"),
    [
        (np.arange(19.0), np.arange(19.0), "only 19 complete rows; at least 20"),
        (np.arange(30.0), np.full(30, 1.0), "the source is constant"),
        (np.full(30, np.nan), np.arange(30.0), "only 0 complete rows"),
    ],
)
def test_what_cannot_be_computed_says_why(y: np.ndarray, x: np.ndarray, words: str) -> None:
    found = delta_covar(pd.Series(y), pd.Series(x), draws=10)
    assert words in found.note
    assert np.isnan([found.delta, found.alpha, found.low, found.pvalue]).all()
    assert words in repr(found)


def test_collinear_states_are_named() -> None:
    y, x = pair()
    states = pd.DataFrame({"one": np.ones(200)})
    found = delta_covar(y, x, states=states, draws=5)
    assert found.note == "the regressors are collinear"
    assert np.isnan(found.delta)


def test_tied_returns_are_fitted() -> None:
    y, x = pair(150)
    y, x = y.round(2), x.round(2)
    found = delta_covar(y, x, draws=0)
    ours = naive.check_loss(list(y), list(x), found.alpha, found.beta, 0.05)
    best = naive.check_loss(list(y), list(x), *naive.quantile_line(list(y), list(x), 0.05), 0.05)
    assert ours == pytest.approx(best, rel=1e-9)


def test_a_missing_row_is_left_out() -> None:
    y, x = pair()
    y[5], x[9] = np.nan, np.inf
    found = delta_covar(y, x, draws=0)
    assert (found.n, found.n_missing) == (198, 2)
    assert found.delta == delta_covar(y.drop([5, 9]), x.drop([5, 9]), draws=0).delta


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": 0.5}, "level=0.5 must lie between"),
        ({"level": 0.0}, "level=0 must lie between"),
        ({"draws": -1}, "draws=-1"),
        ({"states": pd.DataFrame({"s": [1.0]})}, "states and system have different rows"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        delta_covar(*pair(), **options)


def test_wrong_correlations_are_refused() -> None:
    with pytest.raises(UsageError, match=r"outside \[-1, 1\]"):
        gaussian_delta_covar(1.1, 1.0, 1.0)
    rows = pd.Series([0.1, 0.2])
    with pytest.raises(UsageError, match="different rows"):
        gaussian_delta_covar(rows, rows[1:], 1.0)


def test_the_finding_is_said_in_words() -> None:
    found = delta_covar(*pair(), draws=50)
    assert found.sentence.startswith("Where NVDA is at its worst 5%, the 5% quantile of BTC is -0.")
    assert "95% interval" in repr(found)
