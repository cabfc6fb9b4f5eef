"""Empirical tail dependence: references, twins, ties and unusable data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventlab.contagion.tails.dependence import joint_tails, tail_dependence
from eventlab.errors import UsageError
from tests import naive_contagion_tails as naive

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = 1e-8  # the agreement that is asked for


@pytest.mark.parametrize("level", [0.05, 0.1])
def test_tail_dependence_agrees_with_the_reference(reference_dir: Path, level: float) -> None:
    folder = reference_dir / "contagion"
    vectors = json.loads((folder / "asymmetry_vectors.json").read_text(encoding="utf-8"))
    returns = pd.read_csv(folder / "arch_returns.csv", index_col=0)
    found = tail_dependence(returns["NASDAQ"], returns["SP500"], level)
    assert found.lower == pytest.approx(vectors[f"tail_dep_lower_emp_q{level}"], rel=REFERENCE)
    assert found.upper == pytest.approx(vectors[f"tail_dep_upper_emp_q{level}"], rel=REFERENCE)


@pytest.mark.parametrize("level", [0.02, 0.05, 0.1, 0.3])
@pytest.mark.parametrize("n", [50, 99, 120])
def test_counts_agree_with_the_twin_ties_among_them(level: float, n: int) -> None:
    rng = np.random.default_rng(n)
    x = np.round(rng.standard_normal(n), 1)
    y = np.round(0.8 * x + 0.6 * rng.standard_normal(n), 1)
    both, _ = joint_tails(x, y, level)
    for side, sign in enumerate((1.0, -1.0)):
        expected = naive.tail_dependence(list(sign * x), list(sign * y), level)
        assert min(1.0, both[side] / (level * n)) == pytest.approx(expected, rel=1e-14)


def test_a_case_by_hand() -> None:
    # 20 rows, level .1: the two worst rows of x are 0 and 1, of y 0 and 5; the two best 18, 19.
    x = pd.Series(np.arange(20.0), name="x")
    y = x.rename("y").copy()
    y[5], y[1] = -1.0, 5.0
    found = tail_dependence(x, y, 0.1)
    assert (found.lower, found.n_lower, found.upper, found.n_upper) == (0.5, 1, 1.0, 2)
    # One of two rows in common: 1 - C(18,2)/C(20,2); both: 1/C(20,2).
    assert found.lower_pvalue == pytest.approx(1 - 153 / 190, rel=1e-12)
    assert found.upper_pvalue == pytest.approx(1 / 190, rel=1e-12)
    assert found.sentence.startswith("y is among its worst 10% on 50% of such days of x")


def test_p_is_hypergeometric_and_the_interval_is_wilsons() -> None:
    rng = np.random.default_rng(2)
    x = pd.Series(rng.standard_normal(400))
    y = 0.5 * x + pd.Series(rng.standard_normal(400))
    found = tail_dependence(x, y)
    assert found.lower_pvalue == pytest.approx(
        stats.hypergeom.sf(found.n_lower - 1, 400, 20, 20), rel=1e-10
    )
    assert found.upper_pvalue == pytest.approx(
        naive.independence(found.n_upper, 20, 20, 400), rel=1e-10
    )
    wilson = stats.binomtest(found.n_lower, 20).proportion_ci(0.95, method="wilson")
    assert found.lower_interval == pytest.approx((wilson.low, wilson.high), rel=1e-12)


def test_the_upper_tail_is_the_lower_tail_of_losses() -> None:
    rng = np.random.default_rng(3)
    x, y = (pd.Series(one) for one in rng.standard_t(3, (2, 333)))
    found, turned = tail_dependence(x, y), tail_dependence(-x, -y)
    assert (found.lower, found.upper) == (turned.upper, turned.lower)
    assert found.lower_interval == turned.upper_interval
    same = tail_dependence(x, x, 0.1)
    assert (same.n_lower, same.n_upper) == (33, 33)
    assert tail_dependence(x, -x).lower == 0.0


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.arange(19.0), np.arange(19.0), "only 19 complete rows; at least 20"),
        (np.arange(30.0), np.full(30, 1.0), "a series is constant"),
        (np.full(30, np.nan), np.arange(30.0), "only 0 complete rows"),
    ],
)
def test_what_cannot_be_computed_says_why(x: np.ndarray, y: np.ndarray, words: str) -> None:
    found = tail_dependence(pd.Series(x), pd.Series(y))
    assert words in found.note
    assert np.isnan([found.lower, found.upper, found.lower_pvalue]).all()
    assert words in repr(found)


def test_missing_rows_are_left_out() -> None:
    rng = np.random.default_rng(4)
    x, y = (pd.Series(one) for one in rng.standard_normal((2, 100)))
    x[3], y[7] = np.nan, np.nan
    found = tail_dependence(x, y, 0.1)
    assert (found.n, found.n_missing) == (98, 2)
    assert found.lower == tail_dependence(x.drop([3, 7]), y.drop([3, 7]), 0.1).lower


def test_wrong_arguments_are_refused() -> None:
    x = pd.Series(np.arange(50.0))
    with pytest.raises(UsageError, match=r"level=0.5 must lie between 0 and 0.5"):
        tail_dependence(x, x, 0.5)
    with pytest.raises(UsageError, match="confidence=1 "):
        tail_dependence(x, x, confidence=1.0)
