"""Betas that move: recursive least squares, statsmodels' likelihood, shares, causality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from statsmodels.regression.recursive_ls import RecursiveLS
from statsmodels.tsa.statespace.mlemodel import MLEModel

from eventlab.contagion.regimes.betas import FactorBetas, factor_betas
from eventlab.contagion.regimes.shares import rolling_shares, shapley_shares
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_regimes import lmg

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

RTOL = 1e-8  # a recursion over some hundred rows against statsmodels' own
OPTIMUM = 1e-3  # log-likelihood that another optimiser may find more of

WINDOW = 60


def data(
    seed: int = 0, T: int = 400, step: tuple[float, float] = (0.04, 0.0)
) -> tuple[pd.Series, pd.DataFrame, npt.NDArray[np.float64]]:
    """A series on two correlated factors, and its true betas."""
    rng = np.random.default_rng(seed)
    index = pd.bdate_range("2022-01-03", periods=T)
    f = 0.02 * rng.standard_normal((T, 2))
    f[:, 1] += 0.5 * f[:, 0]
    betas = np.array([1.2, 0.5]) + (np.array(step) * rng.standard_normal((T, 2))).cumsum(axis=0)
    y = 0.0005 + (betas * f).sum(axis=1) + 0.02 * rng.standard_normal(T)
    return pd.Series(y, index), pd.DataFrame(f, index, ["BTC", "NVDA"]), betas


def model_of(y: pd.Series, X: npt.NDArray[np.float64], variances: npt.NDArray[np.float64]) -> Any:
    """statsmodels' filter behind the least squares fit of the first rows."""
    first = X[:WINDOW]
    P = np.linalg.inv(first.T @ first)
    state = P @ first.T @ y.to_numpy()[:WINDOW]
    steps = np.diag([0.0, *variances[1:]])
    model: Any = MLEModel(y.to_numpy()[WINDOW:], k_states=3)
    model["design"] = X[WINDOW:].T[None]
    model["transition"] = model["selection"] = np.eye(3)
    model["state_cov"], model["obs_cov"] = steps, [[variances[0]]]
    model.ssm.initialize_known(state, variances[0] * P + steps)
    return model.ssm


def test_betas_that_do_not_move_are_recursive_least_squares() -> None:
    y, f, _ = data(1, step=(0.0, 0.0))
    found = factor_betas(y, f)
    assert found.step.tolist() == [0.0, 0.0]
    assert found.note == "the beta on BTC does not move; the beta on NVDA does not move"
    X = np.column_stack([np.ones(len(y)), f.to_numpy()])
    wanted = RecursiveLS(y.to_numpy(), X).fit()
    states = wanted.recursive_coefficients.filtered.T[WINDOW:]
    np.testing.assert_allclose(found.filtered.to_numpy()[WINDOW:], states, RTOL)
    assert found.filtered[:WINDOW].isna().all(axis=None)
    # The variance of standardised one-step errors after the first rows.
    errors = wanted.resid_recursive[WINDOW:]
    assert found.sigma == pytest.approx(np.sqrt(np.mean(errors**2)), rel=RTOL)
    spread = np.linalg.inv(X.T @ X).diagonal()
    np.testing.assert_allclose(found.stderr.iloc[-1], found.sigma * np.sqrt(spread), RTOL)


@pytest.mark.parametrize("seed", [2, 3])
def test_statsmodels_has_the_same_likelihood_and_no_better_one(seed: int) -> None:
    y, f, _ = data(seed, step=(0.06, 0.03))
    found = factor_betas(y, f, smooth=True)
    X = np.column_stack([np.ones(len(y)), f.to_numpy()])
    ours = np.array([found.sigma**2, *found.step**2])
    model = model_of(y, X, ours)
    wanted = model.smooth()
    assert found.loglik == pytest.approx(wanted.llf, rel=RTOL)
    paths = found.filtered.to_numpy()[WINDOW:], found.stderr.to_numpy()[WINDOW:]
    np.testing.assert_allclose(paths[0], wanted.filtered_state.T, RTOL, 1e-10)
    variances = np.diagonal(wanted.filtered_state_cov)
    np.testing.assert_allclose(paths[1], np.sqrt(variances), RTOL, 1e-12)
    assert found.smoothed is not None
    assert found.smoothed_stderr is not None
    smoothed = found.smoothed.to_numpy()[WINDOW:]
    np.testing.assert_allclose(smoothed, wanted.smoothed_state.T, 1e-6, 1e-9)
    np.testing.assert_allclose(
        found.smoothed_stderr.to_numpy()[WINDOW:],
        np.sqrt(np.diagonal(wanted.smoothed_state_cov)),
        1e-6,
    )

    def loss(logs: npt.NDArray[np.float64]) -> float:
        return -float(model_of(y, X, np.exp(logs)).loglike())

    start = np.log([4e-4, 1e-4, 1e-4])
    best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
    assert -best.fun <= found.loglik + OPTIMUM


def test_true_betas_lie_inside_the_bands() -> None:
    inside = []
    for seed in range(12):
        y, f, betas = data(seed, 500, (0.05, 0.03))
        found = factor_betas(y, f)
        away = (found.filtered[f.columns] - betas).abs() / found.stderr[f.columns]
        inside.append((away[WINDOW:] < 1.96).mean())
    # Rows of one path are dependent: twelve paths give a standard error of some two points.
    assert 0.89 <= np.mean(inside) <= 0.98


def test_a_diffuse_prior_forgets_itself() -> None:
    y, f, _ = data(4, 600)
    one, other = (factor_betas(y, f, prior=prior) for prior in ("ols", "diffuse"))
    assert other.filtered.notna().all(axis=None)
    np.testing.assert_allclose(one.filtered.iloc[-1], other.filtered.iloc[-1], 0.02, 1e-4)
    # Without steps, three rows determine it and all rows give least squares.
    y, f, _ = data(1, step=(0.0, 0.0))
    still = factor_betas(y, f, prior="diffuse")
    X = np.column_stack([np.ones(len(y)), f.to_numpy()])
    wanted = np.linalg.lstsq(X, y.to_numpy(), rcond=None)[0]
    assert (still.step == 0.0).all()
    np.testing.assert_allclose(still.filtered.iloc[-1], wanted, 1e-4, 1e-6)


@given(seed=st.integers(0, 1000), after=st.integers(1, 99))
@settings(max_examples=10, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, after: int) -> None:
    y, f, _ = data(seed, 300)
    rng = np.random.default_rng(seed)
    cut = 200 + after
    later_y, later_f = y.copy(), f.copy()
    later_y.iloc[cut:] = rng.normal(1.0, 3.0, 300 - cut)
    later_f.iloc[cut:] = rng.normal(-1.0, 3.0, (300 - cut, 2))
    before, scrambled, short = (
        factor_betas(*each, fit_until=y.index[199])
        for each in ((y, f), (later_y, later_f), (y[:cut], f[:cut]))
    )
    assert before.sigma == scrambled.sigma == short.sigma
    for name in ("filtered", "stderr", "shares"):
        one = getattr(before, name)[:cut]
        for other in (scrambled, short):
            pd.testing.assert_frame_equal(one, getattr(other, name)[:cut], check_exact=True)


def test_smoothed_paths_look_ahead_and_filtered_ones_are_their_end() -> None:
    y, f, _ = data(5)
    found = factor_betas(y, f, smooth=True, fit_until=y.index[299])
    later = y.copy()
    later.iloc[350:] += 0.5 * f["BTC"].iloc[350:]
    other = factor_betas(later, f, smooth=True, fit_until=y.index[299])
    assert found.smoothed is not None
    assert other.smoothed is not None
    pd.testing.assert_series_equal(found.smoothed.iloc[-1], found.filtered.iloc[-1])
    assert (found.smoothed["BTC"][300:350] != other.smoothed["BTC"][300:350]).all()
    assert (found.filtered["BTC"][300:350] == other.filtered["BTC"][300:350]).all()


def test_units_carry_over() -> None:
    y, f, _ = data(6)
    one = factor_betas(y, f)
    # Powers of two, so that not even the search for the variances differs.
    other = factor_betas(128.0 * y, f * np.array([128.0, 1.0]))
    for name in ("filtered", "stderr"):
        mine, theirs = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(theirs["BTC"], mine["BTC"], 1e-12)
        np.testing.assert_allclose(theirs["NVDA"], 128.0 * mine["NVDA"], 1e-12)
    np.testing.assert_allclose(other.shares, one.shares, 1e-12)
    assert other.sigma == pytest.approx(128.0 * one.sigma, rel=1e-12)
    assert other.loglik == pytest.approx(one.loglik - one.n * np.log(128.0), rel=1e-12)


def test_shares_are_those_of_both_orders_of_entry() -> None:
    y, f, _ = data(7, 200)
    values = f.to_numpy()
    X = np.column_stack([np.ones(200), values])
    beta = np.linalg.lstsq(X, y.to_numpy(), rcond=None)[0]
    resid = y.to_numpy() - X @ beta
    errors = np.stack([resid * np.sqrt(200 / 199), np.ones(200)])
    found = rolling_shares(values, np.tile(beta[1:], (200, 1)), errors, 200)
    assert np.isnan(found[:-1]).all()
    np.testing.assert_allclose(found[-1, :2], lmg(y.to_numpy(), *values.T), 1e-10)
    assert found[-1].sum() == pytest.approx(1.0)


def test_shares_by_hand() -> None:
    # b = (1, 0), S = [[1, 1/2], [1/2, 1]]: both explain 1, the first alone 1, the second 1/4.
    covariance = np.array([[[1.0, 0.5], [0.5, 1.0]]])
    parts = shapley_shares(np.array([[1.0, 0.0]]), covariance)
    np.testing.assert_allclose(parts, [[(1.0 + 0.75) / 2.0, (0.25 + 0.0) / 2.0]])
    # Uncorrelated factors: b^2 times their variance, in any number.
    three = shapley_shares(np.array([[2.0, 1.0, 0.5]]), np.diag([1.0, 3.0, 4.0])[None])
    np.testing.assert_allclose(three, [[4.0, 3.0, 1.0]])


def test_which_proxy_a_series_is() -> None:
    y, f, _ = data(8, step=(0.0, 0.0))
    shares = factor_betas(y, f).shares
    assert shares.columns.tolist() == ["BTC", "NVDA", "own"]
    known = shares.dropna()
    assert len(known) == len(y) - 2 * WINDOW + 1
    np.testing.assert_allclose(known.sum(axis=1), 1.0)
    assert (known >= 0.0).all(axis=None)
    assert (known["BTC"] > known["NVDA"]).all()


def test_missing_rows_are_counted_and_left_out() -> None:
    y, f, _ = data(9)
    y.iloc[:20] = np.nan
    f.iloc[200, 1] = np.nan
    found = factor_betas(y, f)
    assert found.n_missing == 21
    assert found.n == 400 - 21 - WINDOW
    assert found.filtered.iloc[200].isna().all()
    assert found.shares.iloc[200].isna().all()
    assert found.filtered["BTC"].first_valid_index() == y.index[20 + WINDOW]
    assert "21 rows missing" in repr(found)


def test_one_factor() -> None:
    y, f, _ = data(10)
    found = factor_betas(y, f[["BTC"]])
    assert isinstance(found, FactorBetas)
    assert found.shares.columns.tolist() == ["BTC", "own"]


def test_unusable_series() -> None:
    y, f, _ = data(11)
    with pytest.raises(DataError, match="a series does not vary in the first 60 complete rows"):
        factor_betas(y * 0.0 + 0.1, f)
    with pytest.raises(DataError, match="the factors are collinear"):
        factor_betas(y, f.assign(NVDA=2.0 * f["BTC"]))
    with pytest.raises(DataError, match="100 rows are complete, 40 of them after the first 60"):
        factor_betas(y[:100], f[:100])
    with pytest.raises(DataError, match="400 rows are complete, 30 of them after"):
        factor_betas(y, f, fit_until=y.index[89])


def test_wrong_options() -> None:
    y, f, _ = data(12)
    with pytest.raises(UsageError, match="did you mean 'diffuse'"):
        factor_betas(y, f, prior="difuse")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="window 5 is below 6"):
        factor_betas(y, f, window=5)
    with pytest.raises(UsageError, match="different indexes"):
        factor_betas(y[1:], f)
    with pytest.raises(UsageError, match="factors has 0 columns"):
        factor_betas(y, f[[]])


def test_a_miner_is_a_proxy_of_bitcoin(market_dir: Path) -> None:
    daily = pd.read_parquet(market_dir / "daily.parquet", columns=["date", "symbol", "adj_close"])
    chosen = daily[daily["symbol"].isin(["MARA", "BTC", "NVDA"])]
    wide = chosen.set_index(["date", "symbol"])["adj_close"].unstack()  # noqa: PD010 - one a day
    returns = wide.dropna().pct_change().dropna()
    returns = returns[pd.to_datetime(returns.index) >= pd.Timestamp("2021-01-01")]
    shares = factor_betas(returns["MARA"], returns[["BTC", "NVDA"]]).shares.dropna()
    assert shares["BTC"].median() > 0.3
    assert shares["NVDA"].median() < 0.15
