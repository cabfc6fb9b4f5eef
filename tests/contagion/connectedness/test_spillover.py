"""Static, rolling and banded connectedness: published numbers, outside fits, edges, the past."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from statsmodels.tsa.api import VAR

from eventlab.contagion.connectedness.bands import frequency_spillover
from eventlab.contagion.connectedness.rolling import rolling_spillover
from eventlab.contagion.connectedness.spillover import spillover
from eventlab.contagion.connectedness.var import fit_var
from eventlab.errors import DataError, UsageError
from tests import naive_contagion_connectedness as naive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Published by three R packages that agree with each other to 6e-14; in percent.
PUBLISHED, WINDOWS, BANDS = 1e-9, 1e-8, 1e-6
# Ours and another least squares of the same rows.
SAME = 1e-10


def returns(T: int = 260, N: int = 3, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    noise = 0.01 * rng.standard_normal((T, N))
    noise[1:, 1:] += 0.4 * noise[:-1, :1]
    index = pd.bdate_range("2021-01-04", periods=T)
    return pd.DataFrame(noise + 0.3 * noise[:, :1], index=index, columns=list("ABCDEF")[:N])


@pytest.fixture
def volatilities(reference_dir: Path) -> pd.DataFrame:
    return pd.read_csv(reference_dir / "contagion" / "dy2012.csv", index_col=0, parse_dates=True)


@pytest.fixture
def published(reference_dir: Path) -> Callable[[str], dict[str, Any]]:
    def read(name: str) -> dict[str, Any]:
        held: dict[str, Any] = json.loads((reference_dir / "contagion" / name).read_text())
        return held

    return read


def test_the_published_table(
    volatilities: pd.DataFrame, published: Callable[[str], dict[str, Any]]
) -> None:
    expected = published("dy2012_static_gen_p4_H10.json")
    found = spillover(volatilities)
    assert_allclose(found.table, expected["table_pct"], atol=PUBLISHED)
    assert_allclose(found.tci, 12.5921130697021, atol=PUBLISHED)
    assert_allclose(found.corrected_tci, expected["cTCI"], atol=PUBLISHED)
    for name, ours in (("TO", found.to), ("FROM", found.from_), ("NET", found.net)):
        assert_allclose(ours, expected[name], atol=PUBLISHED)
    assert_allclose(found.pairwise, expected["NPDC"], atol=PUBLISHED)
    assert_allclose(found.pairwise_index, expected["PCI"], atol=PUBLISHED)
    assert found.stable
    assert found.note == ""
    assert (found.n_rows, found.n_missing) == (2767, 0)
    fit = fit_var(volatilities.to_numpy(), 4)
    assert_allclose(fit.coefficients, expected["B"], atol=1e-11)


def test_every_published_window(volatilities: pd.DataFrame, reference_dir: Path) -> None:
    name = reference_dir / "contagion" / "dy2012_rolling_W200_p4_H10.csv"
    expected = pd.read_csv(name, index_col=0, parse_dates=True)
    found = rolling_spillover(volatilities)
    assert_array_equal(found.index, expected.index)
    assert_allclose(found.tci, expected["TCI"], atol=WINDOWS)
    assert_allclose(found.net, expected.drop(columns="TCI"), atol=WINDOWS)
    assert found.stable.all()
    assert found.note == ""


def test_the_published_bands(
    volatilities: pd.DataFrame, published: Callable[[str], dict[str, Any]]
) -> None:
    expected = published("dy2012_frequency_p4_n100.json")
    found = frequency_spillover(volatilities, (10, 40))
    assert list(found.tables) == ["up to 10 rows", "10 to 40 rows", "above 40 rows"]
    assert_allclose(list(found.tables.values()), expected["tables_pct"], atol=BANDS)
    assert_allclose(found.overall, expected["overall"], atol=BANDS)
    assert_allclose(found.within, expected["overall_within"], atol=BANDS)


@pytest.mark.parametrize(("N", "lags"), [(2, 1), (4, 3)])
def test_the_fit_is_that_of_statsmodels(N: int, lags: int) -> None:
    frame = returns(N=N)
    theirs = VAR(frame).fit(lags, trend="c")
    ours = fit_var(frame.to_numpy(), lags)
    assert_allclose(ours.coefficients, np.hstack(list(theirs.coefs)), atol=SAME)
    assert_allclose(ours.constant, theirs.intercept, atol=SAME)
    assert_allclose(ours.sigma, theirs.sigma_u, rtol=SAME)
    assert_allclose(ours.root, 1 / np.abs(theirs.roots).min(), rtol=1e-8)
    share = theirs.fevd(6).decomp[:, -1]
    assert_allclose(spillover(frame, lags, 6, generalised=False).table, 100 * share, atol=SAME)


def test_summaries_by_hand() -> None:
    """One lag of the second series makes half of the first one's variance over two steps."""
    rng = np.random.default_rng(1)
    y = rng.standard_normal(60_000)
    x = np.concatenate([[0.0], y[:-1]]) + rng.standard_normal(60_000)
    found = spillover(pd.DataFrame({"x": x, "y": y}), 1, 2)
    assert_allclose(found.table, [[50, 50], [0, 100]], atol=1.0)
    table = found.table.to_numpy()
    assert found.tci == pytest.approx((table[0, 1] + table[1, 0]) / 2, rel=1e-14)
    assert found.net["y"] == pytest.approx(table[0, 1] - table[1, 0], rel=1e-14)
    assert found.pairwise.loc["x", "y"] == pytest.approx(found.net["y"], rel=1e-14)
    assert_allclose(found.table.sum(axis=1), 100, rtol=1e-14)
    assert_allclose(found.net.sum(), 0.0, atol=1e-12)


def test_neither_order_nor_scale_matters() -> None:
    frame = returns(N=4)
    found = spillover(frame, 2).table
    turned = spillover((frame[list("DBCA")] + 0.7) * [1e9, 1e-9, 1.0, -3.0], 2).table
    assert_frame_equal(found, turned.loc[found.index, found.columns], rtol=1e-8)
    ordered = spillover(frame, 2, generalised=False).table
    assert (
        np.abs(ordered - spillover(frame[list("DBCA")], 2, generalised=False).table).max().max() > 1
    )


def test_bands_add_up_to_the_table_over_as_many_terms() -> None:
    """Parseval: all frequencies of H + 1 terms hold what the terms hold."""
    frame = returns()
    whole = frequency_spillover(frame, (5, 21), 2, horizon=50)
    table = spillover(frame, 2, 51)
    assert_allclose(sum(whole.tables.values()), table.table, atol=1e-10)
    assert whole.tci == pytest.approx(table.tci, rel=1e-12)
    assert whole.share.sum() == pytest.approx(100, rel=1e-12)
    one = frequency_spillover(frame, (), 2, horizon=50)
    assert_allclose(one.tables["all"], table.table, atol=1e-10)


@pytest.mark.parametrize("horizon", [9, 100])
def test_bands_are_their_twin(horizon: int) -> None:
    frame = returns()
    A, _, residuals = naive.var(frame.to_numpy(), 2)
    expected = naive.bands(A, residuals.T @ residuals, horizon, [3, 4, 12])
    found = frequency_spillover(frame, (3, 4, 12), 2, horizon=horizon)
    assert_allclose(list(found.tables.values()), expected, atol=SAME)


def test_slow_series_connect_in_the_slow_band() -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((3000, 2))
    noise[:, 1] += noise[:, 0]
    slow = pd.DataFrame(noise).ewm(alpha=0.03).mean().rename(columns=str)
    fast = frequency_spillover(pd.DataFrame(noise).rename(columns=str), (5, 21), 1).overall
    assert frequency_spillover(slow, (5, 21), 1).overall.idxmax() == "above 21 rows"
    assert fast.idxmax() == "up to 5 rows"


def test_rows_with_a_missing_value_leave_the_fit_and_no_lag_reaches_across() -> None:
    frame = returns()
    frame.iloc[50, 1] = np.nan
    found = spillover(frame, 2)
    assert (found.n_rows, found.n_missing) == (260 - 2 - 3, 1)
    assert_allclose(found.table, naive.table(frame.to_numpy(), 2, 10), atol=SAME)


def test_an_explosive_var_says_so() -> None:
    rng = np.random.default_rng(2)
    values = np.zeros((80, 2))
    for t in range(1, 80):
        values[t] = 1.1 * values[t - 1] + rng.standard_normal(2)
    found = spillover(pd.DataFrame(values, columns=["a", "b"]), 1)
    assert not found.stable
    assert "explosive (largest root 1.1" in found.note
    rolled = rolling_spillover(pd.DataFrame(values, columns=["a", "b"]), 40, 1)
    truth = [fit_var(values[at : at + 40], 1).stable for at in range(41)]
    assert_array_equal(rolled.stable, truth)
    assert not all(truth)
    assert (rolled.reasons.str.contains("explosive") == ~rolled.stable).all()
    assert "windows is explosive" in rolled.note


@pytest.mark.parametrize("lags", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_short_explosive_stretches_are_found(lags: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.zeros((320, 3))
    for t in range(1, 320):
        values[t] = (1.1 if 150 <= t < 185 else 0.5) * values[t - 1] + rng.standard_normal(3)
    found = rolling_spillover(pd.DataFrame(values, columns=list("abc")), 60, lags)
    truth = [fit_var(values[at : at + 60], lags).stable for at in range(261)]
    assert_array_equal(found.stable, truth)


def test_data_that_cannot_bear_a_var() -> None:
    frame = returns()
    with pytest.raises(DataError, match=r"9 usable rows are too few.*at least 10"):
        spillover(frame.iloc[:11], 2)
    assert spillover(frame.iloc[:12], 2).n_rows == 10
    with pytest.raises(DataError, match="B is constant"):
        spillover(frame.assign(B=0.001), 1)
    with pytest.raises(DataError, match="C is a mixture of other series"):
        spillover(frame.assign(C=frame["A"] - 2 * frame["B"]), 1)
    with pytest.raises(DataError, match="is a mixture"):
        spillover(frame.assign(C=frame["A"].shift(1).fillna(0.0)), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: spillover(f, 0), "lags=0"),
        (lambda f: spillover(f, 1, 0), "horizon=0"),
        (lambda f: spillover(f, 1, estimator=cast("Any", "olsen")), "use ols, ridge or lasso"),
        (lambda f: spillover(f[["A"]]), "at least two series"),
        (lambda f: spillover(f[::-1]), "ascending"),
        (lambda f: spillover(f.assign(B="x")), "numeric"),
        (lambda f: rolling_spillover(f, 18, 4), "window=18 is too short.*at least 20"),
        (lambda f: frequency_spillover(f, (21, 5)), "ascend"),
        (lambda f: frequency_spillover(f, (2, 5)), "above 2"),
    ],
)
def test_wrong_arguments(call: Callable[[pd.DataFrame], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call(returns())


def test_a_frame_shorter_than_the_window() -> None:
    with pytest.raises(DataError, match="260 rows; one window needs 300"):
        rolling_spillover(returns(), 300)


def test_windows_that_cannot_be_fitted_say_why() -> None:
    frame = returns(300)
    frame.iloc[20, 0] = np.nan
    frame.iloc[100:170, 1] = 0.0
    frame.iloc[230:, 2] = frame["A"].iloc[230:]
    found = rolling_spillover(frame, 60, 1)
    words = found.reasons
    assert (words.iloc[:21] == "a missing value inside the window").all()
    assert words.iloc[105].startswith("B is constant")
    assert words.iloc[-1].startswith("C is a mixture")
    assert_array_equal(found.tci.isna(), (words != "") & found.stable)
    without = np.count_nonzero(found.tci.isna())
    assert found.note.startswith(f"{without} of 241 windows have no table")
    assert found.note.endswith(": see reasons")
    assert found.n_missing == 1
    for at in np.flatnonzero(words == "")[::17]:
        expected = naive.table(frame.to_numpy()[at : at + 60], 1, 10)
        assert_allclose(found.tables[at], expected, atol=1e-9)


def test_nearly_collinear_windows_are_solved_with_more_care() -> None:
    frame = returns(120)
    rng = np.random.default_rng(0)
    frame["C"] = frame["A"] + 1e-6 * rng.standard_normal(120)
    found = rolling_spillover(frame, 60, 1)
    assert found.note == ""
    alone = spillover(frame.iloc[10:70], 1).table
    assert_array_equal(found.tables[10], alone)


@pytest.mark.parametrize("change", ["cut", "scrambled", "missing"])
def test_the_past_does_not_know_the_future(change: str) -> None:
    frame = returns(700, 4)
    until = 530
    later = frame.iloc[:until] if change == "cut" else frame.copy()
    if change == "scrambled":
        rng = np.random.default_rng(1)
        later.iloc[until:] = 1e4 * rng.standard_normal((170, 4))
    if change == "missing":
        later.iloc[until:, 2] = np.nan
    whole, other = rolling_spillover(frame, 90, 2), rolling_spillover(later, 90, 2)
    n = until - 90 + 1
    assert_array_equal(whole.tables[:n], other.tables[:n])
    assert_array_equal(whole.stable[:n], other.stable[:n])


def test_threads_change_nothing() -> None:
    frame = returns(1500, 4)
    one, three = rolling_spillover(frame, 80, 2), rolling_spillover(frame, 80, 2, threads=3)
    assert_array_equal(one.tables, three.tables)
    assert_array_equal(one.stable, three.stable)


def test_what_a_path_holds() -> None:
    frame = returns(150)
    path, last = rolling_spillover(frame, 100, 1), spillover(frame.iloc[-100:], 1)
    assert path.index[-1] == frame.index[-1]
    assert_allclose(path.tci.iloc[-1], last.tci, atol=1e-9)
    assert_allclose(path.to.iloc[-1], last.to, atol=1e-9)
    assert_allclose(path.from_.iloc[-1], last.from_, atol=1e-9)
    assert_allclose(path.net.iloc[-1], last.net, atol=1e-9)
    assert path.pairwise[("A", "C")].iloc[-1] == pytest.approx(last.pairwise.loc["A", "C"])
    assert repr(path) == "SpilloverPath(51 rows, 3 series, lags=1, horizon=10, ols)"
    assert "windows of exactly 100 rows" in path.convention
    assert repr(last).startswith("Spillover(3 series, 99 rows, lags=1, horizon=10, ols, tci=")
    assert "h = 0 to 9" in last.convention
