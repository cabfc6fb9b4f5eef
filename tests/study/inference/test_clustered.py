"""Least squares with clustered errors: against statsmodels, by hand, and in special cases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.study.inference.clustered import FEW_SIGNS, _weights, clustered_ols
from tests.naive_cross_section import clustered_covariance, wild_pvalue

if TYPE_CHECKING:
    import numpy.typing as npt

EXTERNAL = 1e-10  # statsmodels inverts X'X by a pseudo-inverse
EXACT = 1e-12


def sample(
    seed: int, n: int = 90, n_clusters: int = 17, k: int = 3
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Events of unequal dates, whose features and errors share a part within a date."""
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([np.arange(n_clusters), rng.integers(0, n_clusters, n - n_clusters)])
    cluster = np.unique(drawn, return_inverse=True)[1].astype(np.int64)
    common = rng.normal(size=(n_clusters, k))
    features = common[cluster][:, 1:] + rng.normal(size=(n, k - 1))
    design = np.column_stack([np.ones(n), features])
    y = 0.01 * common[cluster][:, 0] + 0.02 * rng.standard_t(5, n) + 0.004 * features[:, 0]
    return y, design, cluster


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_clusters", [5, 17, 90])
def test_statsmodels_has_the_same_errors_and_p(seed: int, n_clusters: int) -> None:
    y, design, cluster = sample(seed, n_clusters=n_clusters)
    found = clustered_ols(y, design, cluster)
    theirs = sm.OLS(y, design).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": True}, use_t=True
    )
    np.testing.assert_allclose(found.coefficient, theirs.params, rtol=EXTERNAL)
    np.testing.assert_allclose(found.stderr, theirs.bse, rtol=EXTERNAL)
    np.testing.assert_allclose(found.covariance, theirs.cov_params(), rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(found.pvalue, theirs.pvalues, rtol=1e-8)
    assert found.n_clusters == n_clusters


def test_with_a_date_of_its_own_for_every_event_the_errors_are_hc1() -> None:
    y, design, _ = sample(3)
    found = clustered_ols(y, design, np.arange(len(y), dtype=np.int64))
    theirs = sm.OLS(y, design).fit(cov_type="HC1")
    np.testing.assert_allclose(found.stderr, theirs.bse, rtol=EXTERNAL)


def test_by_hand() -> None:
    """Two dates of two events: y = 1, 3 and 5, 11; the mean is 5.

    Residuals -4, -2, 0, 6; sums by date -6 and 6; meat 72; (X'X)^-1 = 1/4; c = 2/1 * 3/3 = 2.
    V = 2 * 72/16 = 9, the error 3, t = 5/3 with one degree of freedom: p = 2/pi atan(3/5).
    """
    y = np.array([1.0, 3.0, 5.0, 11.0])
    found = clustered_ols(y, np.ones((4, 1)), np.array([0, 0, 1, 1]))
    assert found.coefficient[0] == pytest.approx(5.0, rel=EXACT)
    assert found.stderr[0] == pytest.approx(3.0, rel=EXACT)
    assert found.pvalue[0] == pytest.approx(2.0 / math.pi * math.atan(0.6), rel=EXACT)


@given(seed=st.integers(0, 10_000), n=st.integers(12, 40), groups=st.integers(4, 11))
@settings(max_examples=25, deadline=None)
def test_the_transcription_agrees(seed: int, n: int, groups: int) -> None:
    y, design, cluster = sample(seed, n, groups)
    found = clustered_ols(y, design, cluster)
    naive = clustered_covariance(y, design, cluster.tolist())
    np.testing.assert_allclose(found.covariance, naive, rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("n_clusters", [4, 8, 12])
def test_the_bootstrap_is_that_of_whole_refits(n_clusters: int) -> None:
    y, design, cluster = sample(5, 40, n_clusters)
    weights = _weights(n_clusters, 60, 9)
    found = clustered_ols(y, design, cluster, draws=60, seed=9)
    for j in range(design.shape[1]):
        naive = wild_pvalue(y, design, cluster.tolist(), j, weights)
        assert found.bootstrap_pvalue[j] == pytest.approx(naive, rel=EXACT)


def test_few_clusters_draw_six_points_and_many_draw_signs() -> None:
    few, many = _weights(FEW_SIGNS - 1, 4000, 0), _weights(FEW_SIGNS, 4000, 0)
    six = np.sqrt([0.5, 1.0, 1.5])
    assert np.array_equal(np.unique(few), np.sort(np.concatenate([-six, six])))
    assert np.array_equal(np.unique(many), [-1.0, 1.0])
    for weights in (few, many):
        assert abs(weights.mean()) < 0.02  # mean 0 and variance 1
        assert weights.var() == pytest.approx(1.0, abs=0.02)


def test_scales_do_not_matter() -> None:
    y, design, cluster = sample(8)
    wide = design * np.array([1.0, 1e11, 1e-9])
    one = clustered_ols(y, design, cluster, draws=99, seed=1)
    other = clustered_ols(y, wide, cluster, draws=99, seed=1)
    np.testing.assert_allclose(other.statistic, one.statistic, rtol=1e-9)
    np.testing.assert_array_equal(other.bootstrap_pvalue, one.bootstrap_pvalue)
    # Event by event the feature may lie far from zero as well.
    far = design + np.array([0.0, 1e6, 0.0])
    moved = clustered_ols(y, far, cluster)
    np.testing.assert_allclose(moved.stderr[1:], one.stderr[1:], rtol=1e-7)


def test_events_on_the_line_have_no_error() -> None:
    design = np.column_stack([np.ones(6), np.arange(6.0)])
    found = clustered_ols(design @ [0.01, 0.002], design, np.arange(6), draws=99)
    assert np.isnan(found.statistic).all()
    assert np.isnan(found.bootstrap_pvalue).all()
    np.testing.assert_allclose(found.coefficient, [0.01, 0.002], rtol=1e-12)


def test_the_same_seed_draws_the_same_and_another_seed_others() -> None:
    y, design, cluster = sample(2, 40, 9)
    first, again, other = (
        clustered_ols(y, design, cluster, draws=199, seed=seed).bootstrap_pvalue
        for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
