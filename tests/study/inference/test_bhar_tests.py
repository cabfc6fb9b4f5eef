"""Tests of buy-and-hold returns: transcriptions, special cases, and what is relied on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from eventlab.study.inference.bhar_tests import BHAR_TESTS, mean_tests
from eventlab.study.inference.samples import Overlaps
from tests import naive_battery as slow
from tests.study.panels import WINDOWS, Array, panel

RTOL = 1e-10  # third powers of some forty numbers


def table(values: Array, pairs: int = 0, draws: int = 99, seed: int = 3) -> dict[str, tuple]:  # type: ignore[type-arg]
    """Statistic, p-value, headline and note of one window, by test."""
    nothing = np.zeros(1, dtype=np.int64)
    shared = Overlaps(np.zeros(1), nothing + pairs, nothing, nothing + len(values), nothing)
    found = mean_tests(values.reshape(-1, 1), shared, draws=draws, seed=seed)
    return {
        one.test: (one.statistic, one.pvalue, one.headline, one.note) for one in found.outcomes(0)
    }


def draws_of(n: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).gamma(2.0, 0.02, n) - 0.035


def test_statistics_and_pvalues() -> None:
    values = draws_of(43)
    found = table(values)
    t, p = slow.bootstrap_skewness(values.tolist(), 99, 3)
    assert found["bootstrap_skewness_t"][:2] == (pytest.approx(t, rel=RTOL), p)
    assert found["skewness_t"][0] == pytest.approx(slow.skewness_t(values.tolist()), rel=RTOL)
    own = stats.ttest_1samp(values, 0.0)
    assert found["cross_sectional_t"][:2] == pytest.approx((own.statistic, own.pvalue), rel=RTOL)
    assert found["sign"][0] == pytest.approx(slow.sign(values.tolist()), rel=RTOL)
    assert found["wilcoxon"][0] == pytest.approx(slow.wilcoxon(values.tolist())[1], rel=RTOL)


def test_draws_depend_on_the_seed_alone() -> None:
    values = draws_of(40)
    same, again, other = (table(values, seed=seed) for seed in (1, 1, 2))
    assert same == again
    assert same["bootstrap_skewness_t"][1] != other["bootstrap_skewness_t"][1]
    assert same["bootstrap_skewness_t"][0] == other["bootstrap_skewness_t"][0]


@pytest.mark.parametrize(
    ("values", "pairs", "test", "reason"),
    [
        (np.full(30, 0.02), 0, "cross_sectional_t", "no variance"),
        (np.full(30, 0.02), 0, "bootstrap_skewness_t", "no variance"),
        (np.zeros(30), 0, "wilcoxon", "every value is zero"),
        (draws_of(19), 0, "bootstrap_skewness_t", "that needs 20 of them"),
        (draws_of(19), 0, "cross_sectional_t", "19 events are too few for skewed returns"),
        (draws_of(2), 0, "skewness_t", "skewness needs three events"),
        (draws_of(1), 0, "sign", "one event"),
        (draws_of(30), 4, "cross_sectional_t", "4 of 435 pairs share bars"),
        (np.full(30, np.nan), 0, "sign", "no event has a complete window"),
    ],
)
def test_what_is_not_relied_on_says_why(values: Array, pairs: int, test: str, reason: str) -> None:
    _, _, headline, note = table(values, pairs)[test]
    assert not headline
    assert reason in note


def test_headline_of_independent_events() -> None:
    values = np.random.default_rng(1).normal(0.01, 0.05, 60)
    assert [test for test, one in table(values).items() if one[2]] == ["cross_sectional_t"]
    assert not table(np.append(values[:30], 3.0))["cross_sectional_t"][2]  # one long right tail


def test_without_draws() -> None:
    statistic, pvalue, _, note = table(draws_of(40), draws=0)["bootstrap_skewness_t"]
    assert math.isnan(statistic)
    assert math.isnan(pvalue)
    assert note == "no draws asked for"


def test_the_table_of_a_study() -> None:
    case = panel(1, holes=0.02)
    found = case.study()
    tests = found.bhar_tests
    assert tests["test"].tolist() == list(BHAR_TESTS) * len(WINDOWS)
    wanted = found.bhar.mean()
    by_window = tests.groupby("window", sort=False)["bhar"].first()
    np.testing.assert_allclose(by_window.loc[wanted.index], wanted, rtol=1e-12)
    assert tests.groupby("window")["n_events"].first().to_dict() == found.bhar.count().to_dict()
