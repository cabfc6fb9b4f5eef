"""Random schedules and where the observed value stands among their draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError, UsageError
from eventlab.hedge.robustness.placebo import placebo_summary, random_schedules
from tests import naive_hedge_robustness as naive


@pytest.mark.parametrize(
    ("n_rows", "lengths", "closed"),
    [(7, [2, 1, 2], []), (9, [3, 2], [0, 4]), (6, [1], [1, 2]), (5, [2, 3], []), (8, [2, 2], [7])],
)
def test_every_schedule_is_as_likely(n_rows: int, lengths: list[int], closed: list[int]) -> None:
    is_open = np.ones(n_rows, dtype=bool)
    is_open[closed] = False
    expected = naive.schedules(n_rows, lengths, is_open.tolist())
    draws = 4_000 * len(expected)
    found = random_schedules(
        n_rows, np.array(lengths), is_open, draws, np.random.default_rng(len(expected))
    )
    kinds, counts = np.unique(found, axis=0, return_counts=True)
    assert kinds.tolist() == sorted(expected)
    # Counts of about 4,000 have a standard deviation of at most 63: five of them.
    assert np.abs(counts - 4_000).max() < 5 * np.sqrt(4_000)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_schedules_are_admissible(data: st.DataObject) -> None:
    n_rows = data.draw(st.integers(1, 60))
    lengths = data.draw(st.lists(st.integers(1, 9), min_size=0, max_size=6))
    seed = data.draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    is_open = generator.random((len(lengths), n_rows)) < 0.7
    try:
        found = random_schedules(n_rows, np.array(lengths), is_open, 50, generator)
    except DataError:
        return
    assert found.shape == (50, len(lengths))
    for e, length in enumerate(lengths):
        assert is_open[e, found[:, e]].all()
        after = found[:, e + 1] if e + 1 < len(lengths) else n_rows
        assert np.all(found[:, e] + length <= after)


def test_many_episodes_in_a_long_history() -> None:
    generator = np.random.default_rng(0)
    found = random_schedules(5_000, np.full(400, 7), np.ones(5_000, dtype=bool), 200, generator)
    assert np.diff(found, axis=1).min() >= 7
    assert (found[:, 0].min(), found.max()) >= (0, 4_000)
    # Gaps between episodes are alike from the first to the last: (5000 - 2800)/401 on average.
    gaps = np.diff(found, axis=1) - 7
    assert gaps[:, :50].mean() == pytest.approx(2_200 / 401, rel=0.05)
    assert gaps[:, -50:].mean() == pytest.approx(2_200 / 401, rel=0.05)


def test_the_only_schedule_is_found() -> None:
    found = random_schedules(
        6, np.array([2, 3, 1]), np.ones(6, dtype=bool), 5, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(found, np.tile([0, 2, 5], (5, 1)))


def test_schedule_refusals() -> None:
    generator = np.random.default_rng(0)
    is_open = np.ones(10, dtype=bool)
    with pytest.raises(DataError, match="no schedule fits: 3 episodes cover 12 of 10 rows"):
        random_schedules(10, np.array([4, 4, 4]), is_open, 5, generator)
    with pytest.raises(DataError, match="of which 0 are open to an entry"):
        random_schedules(10, np.array([4]), np.zeros(10, dtype=bool), 5, generator)
    with pytest.raises(UsageError, match="lengths has 0"):
        random_schedules(10, np.array([4, 0]), is_open, 5, generator)
    with pytest.raises(UsageError, match=r"admissible has shape \(9,\)"):
        random_schedules(10, np.array([4]), is_open[1:], 5, generator)
    with pytest.raises(UsageError, match="draws=0 is below 1"):
        random_schedules(10, np.array([4]), is_open, 0, generator)


def test_summary_by_hand() -> None:
    draws = pd.DataFrame({"pnl": [1.0, 2.0, 3.0, 4.0], "loss": [-1.0, -2.0, np.nan, -4.0]})
    found = placebo_summary(
        {"pnl": 3.0, "loss": -2.0}, draws, side={"pnl": "greater", "loss": "less"}
    ).set_index("statistic")
    assert found.loc["pnl", "pvalue"] == 3 / 5  # 3 and 4 are not below
    assert found.loc["loss", "pvalue"] == 3 / 4  # -2 and -4 are not above
    assert (found.loc["loss", "draws"], found.loc["pnl", "draws"]) == (3, 4)
    assert found.loc["loss", "note"] == "1 of 4 draws have no value and are left out"
    assert found.loc["pnl", "mean"] == 2.5
    assert found.loc["pnl", "low"] == pytest.approx(1.075)
    assert found.loc["pnl", "high"] == pytest.approx(3.925)
    # The median is 2.5: 1 and 4 are at least as far from it as 4.
    both = placebo_summary({"pnl": 4.0}, draws, side="two-sided")
    assert both.loc[0, "pvalue"] == 3 / 5


def test_a_value_beyond_all_draws_has_the_smallest_p_and_never_zero() -> None:
    drawn = {"pnl": np.random.default_rng(0).standard_normal(99)}
    assert placebo_summary({"pnl": 9.0}, drawn).loc[0, "pvalue"] == 0.01
    assert placebo_summary({"pnl": -9.0}, drawn).loc[0, "pvalue"] == 1.0


def test_what_cannot_be_said() -> None:
    none = placebo_summary({"pnl": 1.0}, {"pnl": np.full(4, np.nan)})
    assert none.loc[0, "note"] == "no draw has a value"
    assert none["pvalue"].isna().all()
    missing = placebo_summary({"pnl": np.nan}, {"pnl": np.ones(4)})
    assert missing.loc[0, "note"] == "the observed value is missing"
    assert missing["pvalue"].isna().all()
    with pytest.raises(UsageError, match="draws has no 'pnl'"):
        placebo_summary({"pnl": 1.0}, {"other": np.ones(4)})
    with pytest.raises(UsageError, match="side='above' is unknown"):
        placebo_summary({"pnl": 1.0}, {"pnl": np.ones(4)}, side="above")  # type: ignore[arg-type]
