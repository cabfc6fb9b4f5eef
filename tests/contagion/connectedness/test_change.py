"""The change of connectedness: draws, intervals, their coverage, and what cannot be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal

from eventlab.contagion.connectedness.change import spillover_change
from eventlab.contagion.connectedness.period import facts_of, labels_of
from eventlab.contagion.connectedness.spillover import spillover
from eventlab.errors import UsageError
from eventlab.kernels.connectedness import fevd_nb

if TYPE_CHECKING:
    from eventlab.contagion.connectedness.var import Estimator

NAMES = ["A", "B", "C"]


def sample(T: int, correlation: float, seed: int, N: int = 3) -> pd.DataFrame:
    """Equally correlated Gaussian rows without dynamics."""
    rng = np.random.default_rng(seed)
    common = np.sqrt(correlation) * rng.standard_normal((T, 1))
    noise = np.sqrt(1 - correlation) * rng.standard_normal((T, N))
    return pd.DataFrame(0.01 * (common + noise), columns=[f"{chr(65 + i)}" for i in range(N)])


def test_values_are_those_of_the_two_tables() -> None:
    before, after = sample(115, 0.2, 0), sample(60, 0.7, 1)
    found = spillover_change(before, after, draws=50)
    keys = ["period", "measure", "series", "other"]
    own: dict[tuple[str, ...], float] = found.table.set_index(keys)["value"].to_dict()  # type: ignore[assignment]
    one, two = spillover(before, 1), spillover(after, 1)
    assert own["before", "tci", "", ""] == pytest.approx(one.tci, rel=1e-12)
    assert own["after", "from", "B", ""] == pytest.approx(two.from_["B"], rel=1e-12)
    assert own["change", "tci", "", ""] == pytest.approx(two.tci - one.tci, rel=1e-12)
    assert own["change", "net", "C", ""] == pytest.approx(two.net["C"] - one.net["C"], rel=1e-9)
    moved = (two.pairwise - one.pairwise).to_numpy()[0, 2]
    assert own["change", "pairwise", "A", "C"] == pytest.approx(moved, rel=1e-9)
    assert found.note == ""
    assert repr(found).startswith("SpilloverChange(tci +")


def test_a_rise_of_correlation_shows_and_none_does_not() -> None:
    for correlation, seen in ((0.8, True), (0.2, False)):
        found = spillover_change(sample(115, 0.2, 0), sample(60, correlation, 1)).table
        row = found[(found["period"] == "change") & (found["measure"] == "tci")].iloc[0]
        assert (row["low"] > 0) == seen
        assert (row["pvalue"] < 0.05) == seen
        assert row["low"] < row["value"] < row["high"]


def test_the_same_sample_twice_changes_nothing() -> None:
    found = spillover_change(sample(80, 0.4, 0), sample(80, 0.4, 0), draws=60).table
    change = found[found["period"] == "change"]
    assert_array_equal(change["value"], 0.0)
    assert_array_equal(change["pvalue"], 1.0)
    assert ((change["low"] < 0) & (change["high"] > 0)).all()


def test_threads_and_further_draws_change_no_draw() -> None:
    before, after = sample(90, 0.3, 0), sample(60, 0.5, 1)
    one, three = (spillover_change(before, after, draws=170, threads=n) for n in (1, 3))
    assert_frame_equal(one.table, three.table, check_exact=True)
    assert_array_equal(one.after.spread, three.after.spread)
    other = spillover_change(before, after, draws=170, seed=1)
    assert not one.table["low"].equals(other.table["low"])


@pytest.mark.parametrize("estimator", ["ridge", "lasso"])
def test_penalised_periods_are_drawn_with_their_own_penalty(estimator: Estimator) -> None:
    found = spillover_change(sample(115, 0.3, 0), sample(60, 0.6, 1), draws=60, estimator=estimator)
    again = spillover_change(sample(115, 0.3, 0), sample(60, 0.6, 1), draws=60, estimator=estimator)
    assert_frame_equal(found.table, again.table, check_exact=True)
    assert np.isfinite(found.table[["value", "low", "high"]]).all(axis=None)


def test_coverage_and_bias_in_short_samples() -> None:
    """Sixty pairs of samples, true change zero: 95% intervals of TCI cover it 57 times of 60.

    Fewer than 48 (80%) would be a bug, as is the bias of the second period left unseen: noise
    alone connects 60 rows of three series by about four points more than the truth.
    """
    covered, bias, excess = 0, 0.0, 0.0
    truth = facts_of(fevd_nb(np.zeros((3, 3)), np.full((3, 3), 0.2) + 0.8 * np.eye(3), 10, True))[0]
    for seed in range(60):
        before, after = sample(115, 0.2, 2 * seed), sample(60, 0.2, 2 * seed + 1)
        found = spillover_change(before, after, draws=100, seed=seed)
        row = found.table[found.table["period"] == "change"].iloc[0]
        covered += row["low"] <= 0.0 <= row["high"]
        bias += found.after.bias[0] / 60
        excess += (found.after.facts[0] - truth) / 60
    assert covered >= 48
    assert 0.5 * excess < bias < 1.5 * excess
    assert excess > 3.0


def test_what_cannot_be_measured_says_why() -> None:
    before, after = sample(115, 0.2, 0), sample(60, 0.7, 1)
    few = spillover_change(before, after.iloc[:7])
    assert few.note == (
        "after: 6 usable rows are too few: 4 coefficients per series and a covariance of 3 "
        "residuals need at least 7"
    )
    change = few.table[few.table["period"] == "change"]
    assert change["value"].isna().all()
    assert (change["note"] == few.note).all()
    assert few.table[few.table["period"] == "before"]["value"].notna().all()
    still = spillover_change(before.assign(B=0.0), after)
    assert still.note.startswith("before: B is constant")
    rng = np.random.default_rng(0)
    values = np.zeros((60, 3))
    for t in range(1, 60):
        values[t] = 1.1 * values[t - 1] + rng.standard_normal(3)
    explosive = spillover_change(before, pd.DataFrame(values, columns=NAMES))
    assert "after: the VAR is explosive" in explosive.note
    assert explosive.table[explosive.table["period"] == "after"]["value"].isna().all()


def test_missing_rows_are_counted_and_few_draws_give_no_interval() -> None:
    before, after = sample(115, 0.2, 0), sample(60, 0.7, 1)
    before.iloc[[5, 50], 1] = np.nan
    table = spillover_change(before, after, draws=60).table
    assert (
        table[table["period"] == "before"]["note"] == "2 bars with a missing value left out"
    ).all()
    none = spillover_change(before, after, draws=0).table
    assert none[["low", "high", "pvalue"]].isna().all(axis=None)
    assert none["value"].notna().all()
    assert (none[none["period"] == "after"]["note"] == "only 0 draws (an interval needs 40)").all()


def test_facts_are_in_the_order_of_their_labels() -> None:
    table = np.array([[80.0, 15.0, 5.0], [10.0, 70.0, 20.0], [0.0, 2.0, 98.0]])
    labels = labels_of(NAMES)
    assert labels[0] == ("tci", "", "")
    assert labels[-3:] == [("pairwise", "A", "B"), ("pairwise", "A", "C"), ("pairwise", "B", "C")]
    expected = [52 / 3, 10, 17, 25, 20, 30, 2, -10, -13, 23, 5, 5, 18]
    assert_allclose(facts_of(table), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": -1}, "draws=-1"),
        ({"block": 0}, "block=0"),
        ({"lags": 0}, "lags=0"),
        ({"level": 1.5}, "level=1.5"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        spillover_change(sample(60, 0.2, 0), sample(60, 0.2, 1), **options)


def test_other_columns() -> None:
    with pytest.raises(UsageError, match="different columns"):
        spillover_change(sample(60, 0.2, 0), sample(60, 0.2, 1)[list("CBA")])
