"""Means inside and outside of a state, and the test of their difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.study.conditions.splits import SPLIT_COLUMNS, _orders, split_difference
from eventlab.study.event_days import mean_difference
from tests.naive_cross_section import permutation_pvalue, split_t

EXTERNAL, EXACT = 1e-10, 1e-12
FEW = "3 dates on one side: the t rejects too often, read the permutation p"


def test_the_t_is_that_of_an_indicator_in_statsmodels() -> None:
    rng = np.random.default_rng(0)
    dates = rng.integers(0, 20, 120)
    inside, car = dates % 3 == 0, rng.standard_t(4, 120) * 0.02
    found = split_difference(car, inside, dates)
    design = sm.add_constant(inside.astype(float))
    theirs = sm.OLS(car, design).fit(cov_type="cluster", cov_kwds={"groups": dates}, use_t=True)
    assert found.difference == pytest.approx(theirs.params[1], rel=EXTERNAL)
    assert found.stderr == pytest.approx(theirs.bse[1], rel=EXTERNAL)
    assert found.pvalue == pytest.approx(theirs.pvalues[1], rel=1e-8)
    assert found.dof == len(set(dates.tolist())) - 1
    assert found.caar_in == pytest.approx(car[inside].mean(), rel=EXACT)
    assert (found.n_in, found.n_out) == (inside.sum(), (~inside).sum())


def test_by_hand() -> None:
    """Dates a, b hold the state with CARs (1, 3), (5); dates c, d do not, with (0), (2).

    Means 3 and 1. Sums of deviations by date: a -4... (1-3)+(3-3) = -2, b 2; c -1, d 1. Influences
    -2/3, 2/3, 1/2, -1/2: squares sum to 8/9 + 1/2 = 25/18. c = 4/3 * 4/3 = 16/9. V = 200/81.
    """
    found = split_difference(
        np.array([1.0, 3.0, 5.0, 0.0, 2.0]),
        np.array([True, True, True, False, False]),
        np.array([10, 10, 11, 12, 13]),
        draws=0,
    )
    assert found.difference == pytest.approx(2.0, rel=EXACT)
    assert found.stderr == pytest.approx(math.sqrt(200 / 81), rel=EXACT)
    assert (found.dates_in, found.dates_out, found.dof) == (2, 2, 3.0)
    assert math.isnan(found.permutation_pvalue)


def test_with_a_date_for_every_event_it_is_the_hc1_t_of_event_days() -> None:
    rng = np.random.default_rng(4)
    car, inside = rng.normal(0, 0.02, 50), np.arange(50) < 18
    found = split_difference(car, inside, np.arange(50))
    other = mean_difference(car[inside], car[~inside])
    assert found.statistic == pytest.approx(other.statistic, rel=EXACT)


@given(seed=st.integers(0, 10_000), n=st.integers(8, 40))
@settings(max_examples=25, deadline=None)
def test_the_transcriptions_agree(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    dates = np.concatenate([np.arange(8), rng.integers(0, 8, n - 8)])
    state = rng.permutation([True, True, True, False, False, False, False, False])
    car = rng.normal(0, 0.02, n) + 0.5  # far from zero: what is summed must not cancel
    inside = state[dates]
    found = split_difference(car, inside, dates, draws=30, seed=2)
    assert found.statistic == pytest.approx(split_t(car, inside.tolist(), dates.tolist()), rel=1e-9)
    naive = permutation_pvalue(car, inside.tolist(), dates.tolist(), _orders(8, 30, 2).tolist())
    assert found.permutation_pvalue == pytest.approx(naive, rel=EXACT)
    assert found.note == FEW


@pytest.mark.parametrize(
    ("inside", "dates", "reason"),
    [
        ([False] * 4, [1, 2, 3, 4], "the state holds at no event with a CAR"),
        ([True] * 4, [1, 2, 3, 4], "the state holds at every event with a CAR"),
        ([True, True, False, False], [1, 1, 2, 3], "one date where it holds: a single date"),
        ([True, True, False, False], [1, 2, 3, 3], "one date where it does not hold: a single"),
        ([True, False], [1, 1], "one date where it holds"),
    ],
)
def test_what_has_no_statistic_says_why(inside: list[bool], dates: list[int], reason: str) -> None:
    car = np.array([0.01, 0.02, -0.01, 0.03])[: len(inside)]
    found = split_difference(car, np.array(inside), np.array(dates))
    assert math.isnan(found.statistic)
    assert math.isnan(found.pvalue)
    assert found.note.startswith(reason)


def test_no_events_at_all() -> None:
    nothing = np.empty(0)
    found = split_difference(nothing, nothing.astype(bool), nothing.astype(np.int64))
    assert (found.n_in, found.n_out, found.note) == (0, 0, "the state holds at no event with a CAR")


def test_equal_cars_have_no_variance() -> None:
    car = np.array([0.01, 0.01, 0.02, 0.02])
    found = split_difference(car, car > 0.015, np.arange(4))
    assert found.difference == pytest.approx(0.01)
    assert math.isnan(found.statistic)
    assert found.note == "no CAR differs from its side's mean"


def test_a_date_with_events_of_both_sides_is_clustered_but_not_permuted() -> None:
    car = np.array([0.01, 0.03, -0.02, 0.00, 0.04, 0.02, 0.01])
    inside = np.array([True, False, True, False, True, False, True])
    dates = [1, 1, 2, 3, 4, 5, 6]
    found = split_difference(car, inside, np.array(dates))
    assert found.statistic == pytest.approx(split_t(car, inside.tolist(), dates), rel=1e-9)
    assert math.isnan(found.permutation_pvalue)
    assert found.note == "a date has events of both sides: no permutation over dates"


def test_names_of_the_columns_are_the_fields() -> None:
    found = split_difference(np.array([0.0, 1.0]), np.array([True, False]), np.array([0, 1]))
    assert set(found.row()) < set(SPLIT_COLUMNS)


def test_size_where_events_share_dates() -> None:
    """Four of forty dates in the state, ten assets a date: the permutation holds its level.

    Nominal 5%, 400 samples: two standard errors are 2.2 points. Without clusters it is 33%.
    """
    rng = np.random.default_rng(7)
    dates = np.repeat(np.arange(40), 10)
    rejected = np.zeros(2)
    for _ in range(400):
        common = rng.standard_t(5, 40)[dates]
        car = math.sqrt(0.3) * common + math.sqrt(0.7) * rng.standard_t(5, 400)
        inside = dates < 4
        found = split_difference(car, inside, dates, draws=199, seed=1)
        plain = mean_difference(car[inside], car[~inside])
        rejected += [found.permutation_pvalue <= 0.05, plain.pvalue < 0.05]
    assert abs(rejected[0] / 400 - 0.05) < 0.022
    assert rejected[1] / 400 > 0.25
