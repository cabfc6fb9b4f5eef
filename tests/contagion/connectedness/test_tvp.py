"""Connectedness by a TVP-VAR: published numbers, no look-ahead, collapse, edges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal

from eventlab.contagion.connectedness.tvp import tvp_prior, tvp_spillover
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_tvp import recursion

if TYPE_CHECKING:
    from pathlib import Path

# Published numbers are in percent, printed with 15 digits; rounding builds up over 2,771 rows.
TOLERANCE = 1e-8


def returns(T: int = 260, N: int = 3, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    noise = 0.01 * rng.standard_normal((T, N))
    noise[1:, 1:] += 0.4 * noise[:-1, :1]
    index = pd.bdate_range("2021-01-04", periods=T)
    return pd.DataFrame(noise + 0.3 * noise[:, :1], index=index, columns=list("ABCDE")[:N])


@pytest.fixture
def volatilities(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "contagion" / "dy2012.csv", index_col=0, parse_dates=True)


def test_every_published_row(volatilities: pd.DataFrame, reference_dir: Path) -> None:
    folder = reference_dir / "contagion"
    expected = pd.read_csv(
        folder / "dy2012_tvpvar_p1_H10_k1_99_k2_99.csv", index_col=0, parse_dates=True
    )
    found = tvp_spillover(volatilities, center="sample")
    assert_allclose(found.tci, expected["TCI"], atol=TOLERANCE)
    assert_frame_equal(
        found.net, expected.drop(columns="TCI"), rtol=0.0, atol=TOLERANCE, check_names=False
    )
    assert found.stable.all()


def test_the_published_prior(volatilities: pd.DataFrame, reference_dir: Path) -> None:
    name = reference_dir / "contagion" / "dy2012_tvpvar_bayesprior.json"
    expected = json.loads(name.read_text())
    prior = tvp_prior(volatilities.to_numpy()[:199].copy(), 1, [str(name) for name in volatilities])
    assert_allclose(prior.coefficients.ravel(), expected["bprior"], atol=1e-11)
    assert_allclose(np.kron(np.eye(4), prior.spread), expected["Vprior"], atol=1e-13)
    assert_allclose(prior.sigma, expected["Q"], rtol=1e-12)


@pytest.mark.parametrize("lags", [1, 2])
def test_without_look_ahead_it_is_the_recursion_after_the_prior(lags: int) -> None:
    frame = returns()
    found = tvp_spillover(frame, lags, 8, 0.98, 0.97, prior_rows=100)
    prior = found.prior
    x = frame.to_numpy() - frame.to_numpy()[:100].mean(axis=0)
    spread = np.asarray(np.kron(prior.sigma, prior.spread), dtype=np.float64)
    start = (prior.coefficients, spread, prior.sigma)
    tables, _ = recursion(x[100 - lags :], start, (0.98, 0.97, 0.0), 8)
    assert_allclose(found.tables[100:], tables[lags:], rtol=1e-8)
    assert np.isnan(found.tables[:100]).all()
    assert set(found.reasons[:100]) == {"the prior is fitted on this row"}


@pytest.mark.parametrize("t", [110, 180])
def test_the_future_leaves_the_past_bit_for_bit(t: int) -> None:
    frame = returns()
    changed = frame.copy()
    changed.iloc[t:] = np.random.default_rng(9).permutation(7 * frame.to_numpy()[t:])
    found, other = (tvp_spillover(one, prior_rows=100) for one in (frame, changed))
    cut = tvp_spillover(frame.iloc[:t], prior_rows=100)
    assert_array_equal(found.tables[:t], other.tables[:t])
    assert_array_equal(found.tables[:t], cut.tables)
    assert_array_equal(found.coefficients[:t], other.coefficients[:t])
    assert not np.array_equal(found.tables[t:], other.tables[t:])


def test_the_published_convention_looks_ahead_and_says_so() -> None:
    frame = returns()
    changed = frame.copy()
    changed.iloc[200:] += 1.0
    found, other = (tvp_spillover(one, center="sample") for one in (frame, changed))
    assert not np.array_equal(found.tables[150], other.tables[150])
    assert "rows after it" in found.note
    assert tvp_spillover(frame).note == ""


def test_the_unit_does_not_matter_without_look_ahead() -> None:
    frame = returns()
    found, percent = tvp_spillover(frame), tvp_spillover(100 * frame)
    assert_allclose(percent.tables, found.tables, rtol=1e-8)


def test_summaries_agree_with_the_tables() -> None:
    found = tvp_spillover(returns())
    table = found.tables[-1]
    off = table - np.diag(np.diag(table))
    assert_allclose(table.sum(axis=1), 100.0)
    assert found.tci.iloc[-1] == pytest.approx(off.sum() / 3)
    assert_allclose(found.to.iloc[-1], off.sum(axis=0))
    assert_allclose(found.from_.iloc[-1], off.sum(axis=1))
    assert_allclose(found.net.sum(axis=1).dropna(), 0.0, atol=1e-10)
    assert found.pairwise[("A", "B")].iloc[-1] == pytest.approx(table[0, 1] - table[1, 0])
    assert repr(found).startswith("TvpSpillover(260 rows, 3 series, lags=1")


def test_missing_rows_have_no_table_and_are_counted() -> None:
    frame = returns()
    frame.iloc[220, 1] = np.nan
    frame.iloc[10, 0] = np.inf  # inside the prior
    found = tvp_spillover(frame)
    assert found.n_missing == 2
    assert_array_equal(np.flatnonzero(np.isnan(found.tci)[199:]) + 199, [220, 221])
    assert found.reasons.iloc[220] == "a missing value in this row or its lags"


def test_rejected_rows_are_marked() -> None:
    frame = returns()
    values = frame.to_numpy().copy()
    for t in range(220, 235):
        values[t] += 1.5 * values[t - 1]
    found = tvp_spillover(
        pd.DataFrame(values, index=frame.index, columns=frame.columns), kappa1=0.9, kappa2=0.9
    )
    rejected = np.flatnonzero(~found.stable)
    assert 3 < len(rejected) < 40
    assert f"{len(rejected)} rows rejected" in found.note
    assert "explosive" in found.reasons.iloc[rejected[0]]
    assert_array_equal(found.coefficients[rejected[0]], found.coefficients[rejected[0] - 1])


def test_what_it_refuses() -> None:
    frame = returns()
    with pytest.raises(UsageError, match=r"kappa2=1\.5 must lie above 0"):
        tvp_spillover(frame, kappa2=1.5)
    with pytest.raises(UsageError, match="lags=0 is below 1"):
        tvp_spillover(frame, 0)
    with pytest.raises(UsageError, match="prior_rows=1 must exceed lags=1"):
        tvp_spillover(frame, prior_rows=1)
    with pytest.raises(UsageError, match="center='mean' is unknown; use prior or sample"):
        tvp_spillover(frame, center="mean")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="150 rows leave none after the prior's 199"):
        tvp_spillover(frame.iloc[:150])
    with pytest.raises(DataError, match="the prior, on the first 6 rows: 5 usable rows"):
        tvp_spillover(frame, prior_rows=6)
    with pytest.raises(DataError, match="the prior, on the first 199 rows: C is constant"):
        tvp_spillover(frame.assign(C=1.0))
    with pytest.raises(DataError, match="mixture"):
        tvp_spillover(frame.assign(C=frame["A"] - 2 * frame["B"]))
    trend = frame.cumsum() + 1.02 ** np.arange(260)[:, None]
    with pytest.raises(DataError, match=r"is explosive .* pass changes of the series"):
        tvp_spillover(trend)
