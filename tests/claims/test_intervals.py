"""Intervals: against closed forms and scipy, with their coverage, and what they leave open."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from eventlab.claims.bench import DRAWS
from eventlab.claims.intervals import (
    Interval,
    chi_square_interval,
    correlation_interval,
    draw_counts,
    drawn_interval,
    open_words,
    resampled_correlations,
    sided,
)

EXACT = 1e-12  # sums of a few dozen products


def test_without_more_spread_the_interval_is_fishers() -> None:
    # r = .5, n = 28: z = .549306, standard error 1/5; tanh of z -+ .391993.
    found = correlation_interval(0.5, np.array([0.5, 0.5, 0.5 + 1e-9]), 28)
    assert found.low == pytest.approx(0.156028, abs=1e-6)
    assert found.high == pytest.approx(0.735818, abs=1e-6)


def test_draws_that_spread_more_widen_it() -> None:
    draws = np.tanh(np.array([0.0, 1.0]))  # z deviates by sqrt(1/2)
    stderr = math.sqrt(0.5) * math.sqrt(28 / 25)
    found = correlation_interval(0.0, draws, 28)
    assert found.high == pytest.approx(math.tanh(stats.norm.ppf(0.975) * stderr), rel=EXACT)
    assert found.low == pytest.approx(-found.high, rel=EXACT)


@pytest.mark.parametrize(("value", "n"), [(1.0, 50), (-1.0, 50), (0.3, 3)])
def test_a_complete_correlation_has_none(value: float, n: int) -> None:
    found = correlation_interval(value, np.array([0.1, 0.2]), n)
    assert math.isnan(found.low)
    assert found.words.startswith("none")


def test_draws_count_rows_of_whole_blocks() -> None:
    counts = draw_counts(64, np.random.default_rng(3))
    assert counts.shape == (DRAWS, 64)
    np.testing.assert_array_equal(counts.sum(axis=1), 64)
    np.testing.assert_array_equal(counts, draw_counts(64, np.random.default_rng(3)))
    # Blocks of four neighbours: a row that is drawn has one that is drawn beside it.
    drawn = counts > 0
    assert (np.roll(drawn, 1, axis=1) | np.roll(drawn, -1, axis=1))[drawn].all()


def test_resampled_correlations_are_those_of_the_drawn_rows() -> None:
    random = np.random.default_rng(4)
    values = random.standard_normal((3, 40)) + 5.0
    counts = draw_counts(40, random)[:20]
    found = resampled_correlations(values, counts)
    for count, matrix in zip(counts, found, strict=True):
        rows = np.repeat(np.arange(40), count.astype(int))
        np.testing.assert_allclose(matrix, np.corrcoef(values[:, rows]), rtol=1e-10)


def test_a_draw_of_one_row_has_no_correlation() -> None:
    counts = np.zeros((1, 12))
    counts[0, 5] = 12.0
    values = np.random.default_rng(5).standard_normal((2, 12))
    assert np.isnan(resampled_correlations(values, counts)).all()


def test_drawn_interval_is_as_wide_as_the_draws() -> None:
    draws = np.random.default_rng(6).standard_normal(500)
    found = drawn_interval(2.0, draws, 12)
    reach = stats.norm.ppf(0.975) * draws.std(ddof=1) * math.sqrt(12 / 9)
    assert (found.low, found.high) == pytest.approx((2.0 - reach, 2.0 + reach), rel=EXACT)
    assert math.isnan(drawn_interval(2.0, np.full(5, np.nan), 12).low)


def test_chi_square_interval_is_that_of_a_normal_variance() -> None:
    found = chi_square_interval(0.4, 6.0, "")
    expected = 0.4 * np.sqrt(6.0 / stats.chi2(6).ppf([0.975, 0.025]))
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-10)
    assert math.isnan(chi_square_interval(math.nan, 6.0, "").low)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.1, 0.2, True), (-0.2, -0.1, False), (-0.1, 0.1, None), (math.nan, math.nan, None)],
)
def test_an_interval_answers_or_leaves_open(low: float, high: float, expected: object) -> None:
    assert sided(Interval(low, high), 0.0, above=True) is expected
    opposite = None if expected is None else not expected
    assert sided(Interval(low, high), 0.0, above=False) is opposite
    assert bool(open_words(sided(Interval(low, high), 0.0, above=True), 0.0)) is (expected is None)


@pytest.mark.parametrize("fat", [False, True])
def test_the_interval_of_a_correlation_holds_it_about_as_often_as_it_says(*, fat: bool) -> None:
    random = np.random.default_rng(7)
    held, runs, rho, n = 0, 100, 0.5, 63
    for _ in range(runs):
        x, e = random.standard_normal((2, n))
        values = np.vstack([x, rho * x + math.sqrt(1 - rho**2) * e])
        if fat:  # a common scale: t with 4 degrees of freedom in both, at the same time
            values /= np.sqrt(random.chisquare(4, n) / 4)
        draws = resampled_correlations(values, draw_counts(n, random)[:199])[:, 0, 1]
        found = correlation_interval(float(np.corrcoef(values)[0, 1]), draws, n)
        held += found.low <= rho <= found.high
    # Fisher's alone holds 78% of fat tails; three standard errors of 100 runs are 7 points.
    assert held / runs > (0.84 if fat else 0.88)
    assert held / runs < 1.0
