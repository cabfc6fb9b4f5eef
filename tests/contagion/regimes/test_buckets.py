"""Rank buckets and absorption ratios against plain loops, hand-worked and collapse cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.contagion.regimes.absorption import (
    absorbed,
    equal_subsets,
    mean_correlation,
    n_eigenvectors,
)
from eventlab.contagion.regimes.buckets import (
    absorption_ratio,
    bucket_change,
    bucket_correlations,
)
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_regimes import absorption, mean_pairwise

RTOL = 1e-11  # eigenvalues of a correlation matrix against singular values of the rows

TOP = [f"T{i}" for i in range(6)]
REST = [f"R{i}" for i in range(9)]


def frame(seed: int = 0, T: int = 120, top: float = 0.9, rest: float = 0.4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.standard_t(5, (T, 1))
    loading = np.array([top] * len(TOP) + [rest] * len(REST))
    values = 0.03 * (loading * common + rng.standard_t(5, (T, len(loading))) * 0.7)
    return pd.DataFrame(values, pd.date_range("2024-01-01", periods=T), [*TOP, *REST])


def row(table: pd.DataFrame, bucket: str, period: str) -> Any:
    return table[(table["bucket"] == bucket) & (table["period"] == period)].iloc[0]


def test_both_measures_by_plain_loops() -> None:
    returns = frame()
    found = bucket_correlations(returns, TOP, REST, window=30, seed=4)
    assert (found.n_equal, found.n_eigenvectors) == (6, 1)
    sets = equal_subsets(np.arange(9), 6, 10, 4)
    assert found.path[:29].isna().all(axis=None)
    for t in (29, 77, 119):
        rows = returns.iloc[t - 29 : t + 1]
        top, rest = rows[TOP].to_numpy(), rows[REST].to_numpy()
        wanted = [mean_pairwise(top), mean_pairwise(rest)]
        subsets = [absorption(rest[:, each], 1) for each in sets]
        ratios = [absorption(top, 1), sum(subsets) / 10]
        at = found.path.iloc[t]
        for name, (one, other) in (("mean_correlation", wanted), ("absorption_ratio", ratios)):
            assert at["top", name] == pytest.approx(one, rel=RTOL)
            assert at["rest", name] == pytest.approx(other, rel=RTOL)
            assert at["difference", name] == pytest.approx(one - other, rel=1e-9)


def test_the_order_of_columns() -> None:
    found = bucket_correlations(frame(), TOP, REST, window=30)
    columns: list[object] = list(found.path.columns)
    assert columns == [
        (bucket, measure)
        for bucket in ("top", "rest", "difference")
        for measure in ("mean_correlation", "absorption_ratio")
    ]


@pytest.mark.parametrize(("k", "matrix"), [(1, "correlation"), (4, "correlation")])
def test_absorption_by_singular_values(k: int, matrix: Any) -> None:
    returns = frame(1)
    found = absorption_ratio(returns, window=40, n_first=k, matrix=matrix)
    for t in (39, 100):
        wanted = absorption(returns.to_numpy()[t - 39 : t + 1], k)
        assert found.path.iloc[t] == pytest.approx(wanted, rel=RTOL)
    assert found.value == found.path.iloc[-1]
    assert "4 of 15" in repr(found) or k == 1


def test_absorption_of_covariances_counts_by_variance() -> None:
    returns = frame(2)
    values = returns.to_numpy() - returns.to_numpy().mean(axis=0)
    squares = np.linalg.svd(values, compute_uv=False) ** 2
    found = absorption_ratio(returns, n_first=2, matrix="covariance")
    assert found.value == pytest.approx(squares[:2].sum() / squares.sum(), rel=RTOL)
    big = returns.assign(T0=1000.0 * returns["T0"])
    assert absorption_ratio(big, n_first=1, matrix="covariance").value > 0.999
    one, other = (absorption_ratio(each).value for each in (returns, big))
    assert one == pytest.approx(other, rel=1e-9)


def test_absorption_by_hand() -> None:
    # Equal correlations rho: eigenvalues 1 + (N - 1) rho, and 1 - rho N - 1 times.
    matrix = np.full((1, 5, 5), 0.3)
    matrix[0][np.diag_indices(5)] = 1.0
    np.testing.assert_allclose(absorbed(matrix, 1), [2.2 / 5.0])
    np.testing.assert_allclose(absorbed(matrix, 2), [2.9 / 5.0])
    np.testing.assert_allclose(absorbed(matrix, 5), [1.0])
    np.testing.assert_allclose(mean_correlation(matrix), [0.3])
    np.testing.assert_allclose(absorbed(np.eye(10)[None], n_eigenvectors(10)), [0.2])


def test_two_series_absorb_what_they_correlate() -> None:
    two = frame(3)[["T0", "R0"]]
    rho = float(np.corrcoef(two["T0"], two["R0"])[0, 1])
    assert absorption_ratio(two).value == pytest.approx((1.0 + abs(rho)) / 2.0)


def test_a_fifth_of_the_series() -> None:
    # A half of one is rounded up.
    found = [n_eigenvectors(N) for N in (2, 5, 7, 8, 10, 12, 13, 50, 52, 53)]
    assert found == [1, 1, 1, 2, 2, 2, 3, 10, 10, 11]


def test_buckets_of_other_sizes_compare() -> None:
    # Nothing is correlated: the ratio of all nine would be lower than that of six.
    rng = np.random.default_rng(5)
    noise = pd.DataFrame(rng.standard_normal((4000, 15)), columns=[*TOP, *REST])
    path = bucket_correlations(noise, TOP, REST, window=40).path
    assert abs(path["difference", "absorption_ratio"].mean()) < 0.004
    plain = [
        absorption_ratio(noise[names], window=40, n_first=1).path.mean() for names in (TOP, REST)
    ]
    assert plain[0] - plain[1] > 0.05


def test_equal_buckets_need_no_subsets() -> None:
    found = bucket_correlations(frame(6), TOP, REST[:6], window=50)
    ratio = absorption_ratio(frame(6)[REST[:6]], window=50)
    np.testing.assert_allclose(found.path["rest", "absorption_ratio"], ratio.path, RTOL)


def test_who_lacks_rows_is_left_out_by_name() -> None:
    returns = frame(7)
    returns.iloc[3, 1] = np.nan
    returns["R2"] = 0.0
    found = bucket_correlations(returns, TOP, REST, window=30)
    assert found.left_out == {"T1": "1 of 120 rows are missing", "R2": "it does not move"}
    assert "T1" not in found.members["top"]
    assert len(found.members["rest"]) == 8
    without = bucket_correlations(
        returns, [n for n in TOP if n != "T1"], [n for n in REST if n != "R2"], window=30
    )
    pd.testing.assert_frame_equal(found.path, without.path)
    assert "2 left out" in repr(found)


def test_a_window_in_which_one_stands_still_has_no_number() -> None:
    returns = frame(8)
    returns.iloc[40:80, 0] = 0.0
    path = bucket_correlations(returns, TOP, REST, window=30).path
    lost = path["top", "mean_correlation"].isna().to_numpy()
    assert lost[29:69].sum() == 0
    assert lost[69:80].all()
    assert not lost[80:].any()


def test_the_change_by_plain_loops() -> None:
    returns = frame(9)
    returns.iloc[80:, 6:] = returns.iloc[80:, 6:] + 0.05 * np.random.default_rng(1).normal(
        size=(40, 1)
    )
    before, after = returns[:75], returns[80:100]
    found = bucket_change(before, after, TOP, REST, draws=0)
    table = found.table
    assert len(table) == 9
    for bucket, names in (("top", TOP), ("rest", REST)):
        pair = mean_pairwise(before[names].to_numpy()), mean_pairwise(after[names].to_numpy())
        assert row(table, bucket, "before")["mean_correlation"] == pytest.approx(pair[0], rel=RTOL)
        assert row(table, bucket, "after")["mean_correlation"] == pytest.approx(pair[1], rel=RTOL)
        change = row(table, bucket, "change")["mean_correlation"]
        assert change == pytest.approx(pair[1] - pair[0], rel=1e-9)
    # Three runs of twenty rows, the last ones of the 75.
    runs = [absorption(before[TOP].to_numpy()[s : s + 20], 1) for s in (15, 35, 55)]
    at = row(table, "top", "before")["absorption_ratio"]
    assert at == pytest.approx(np.mean(runs), rel=RTOL)
    difference = row(table, "difference", "change")["mean_correlation"]
    parts = [row(table, bucket, "change")["mean_correlation"] for bucket in ("top", "rest")]
    assert difference == pytest.approx(parts[0] - parts[1], rel=1e-9)
    assert row(table, "rest", "change")["mean_correlation"] > 0.2
    assert table[["low", "high"]].isna().all(axis=None)


def test_the_interval_keeps_rows_together() -> None:
    # Both buckets load on one factor alike: their mean correlations move together, so that the
    # difference is known far better than either.
    returns = frame(10, 300, top=0.6, rest=0.6)
    found = bucket_change(returns[:200], returns[200:], TOP, REST, seed=1).table
    assert (found["low"] <= found["high"]).all()
    width = found.assign(width=found["high"] - found["low"])
    for period in ("before", "after"):
        assert row(width, "difference", period)["width"] < row(width, "top", period)["width"]
    again = bucket_change(returns[:200], returns[200:], TOP, REST, seed=1).table
    pd.testing.assert_frame_equal(found, again, check_exact=True)


def test_the_interval_covers() -> None:
    # Normal rows, true mean correlation 1/2, 60 rows: nominal 95%, 60 tries, standard error 3.
    hits = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values = rng.standard_normal((120, 1)) + rng.standard_normal((120, 15))
        returns = pd.DataFrame(values, columns=[*TOP, *REST])
        found = bucket_change(returns[:60], returns[60:], TOP, REST, draws=200).table
        at = row(found, "top", "after")
        hits.append(at["low"] <= 0.5 <= at["high"])
    assert 0.80 <= np.mean(hits) <= 0.99


@given(seed=st.integers(0, 1000), cut=st.integers(31, 119))
@settings(max_examples=15, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, cut: int) -> None:
    returns = frame(seed)
    later = returns.copy()
    later.iloc[cut:] = np.random.default_rng(seed).normal(0.0, 5.0, (120 - cut, 15))
    one, other = (bucket_correlations(each, TOP, REST, window=30).path for each in (returns, later))
    pd.testing.assert_frame_equal(one[:cut], other[:cut], check_exact=True)
    one_ratio, other_ratio, short = (
        absorption_ratio(each, window=30).path for each in (returns, later, returns[:cut])
    )
    pd.testing.assert_series_equal(one_ratio[:cut], other_ratio[:cut], check_exact=True)
    pd.testing.assert_series_equal(one_ratio[:cut], short, check_exact=True)


def test_a_missing_row_empties_the_windows_that_hold_it() -> None:
    returns = frame(11)
    returns.iloc[50, 3] = np.nan
    for matrix in ("correlation", "covariance"):
        path = absorption_ratio(returns, window=20, matrix=matrix).path
        assert path[50:70].isna().all()
        assert path[19:50].notna().all()
        assert path[70:].notna().all()


@pytest.mark.parametrize(
    ("top", "rest", "message"),
    [
        (["T0", "T1", "t3"], REST, "top: 't3' is no column of frame; did you mean 'T3'"),
        (["T0", "T0", "T1"], REST, "top names a column twice"),
        (TOP, [*REST, "T2"], "T2 in both buckets"),
    ],
)
def test_wrong_members(top: list[str], rest: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        bucket_correlations(frame(), top, rest)


def test_wrong_options() -> None:
    returns = frame()
    with pytest.raises(UsageError, match=r"window 200 is outside \[3, 120\]"):
        bucket_correlations(returns, TOP, REST, window=200)
    with pytest.raises(UsageError, match=r"window 2 is outside"):
        absorption_ratio(returns, window=2)
    with pytest.raises(UsageError, match="n_first 16 of 15 series"):
        absorption_ratio(returns, n_first=16)
    with pytest.raises(UsageError, match="did you mean 'covariance'"):
        absorption_ratio(returns, matrix="covariances")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="2 of 2 members of top"):
        bucket_correlations(returns, TOP[:2], REST)
    with pytest.raises(DataError, match="40 and 4 rows"):
        bucket_change(returns[:40], returns[40:44], TOP, REST)
    with pytest.raises(UsageError, match="different columns"):
        bucket_change(returns[:40], returns[40:][TOP], TOP, REST)
