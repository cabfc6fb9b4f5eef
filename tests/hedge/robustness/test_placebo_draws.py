"""Where the observed value stands among its draws."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.errors import UsageError
from eventlab.hedge.robustness.placebo import placebo_summary


def test_summary_by_hand() -> None:
    draws = {
        "pnl": np.array([1.0, 2.0, 3.0, 4.0]),
        "loss": np.array([-1.0, -2.0, np.nan, -4.0]),
    }
    found = placebo_summary({"pnl": 3.0, "loss": -2.0}, draws).set_index("statistic")
    assert found.loc["pnl", "pvalue"] == 3 / 5  # 3 and 4 are not below
    assert found.loc["loss", "pvalue"] == 3 / 4  # -1 and -2 are not below
    assert (found.loc["loss", "draws"], found.loc["pnl", "draws"]) == (3, 4)
    assert found.loc["loss", "note"] == "1 of 4 draws have no value and are left out"
    assert found.loc["pnl", "mean"] == 2.5
    assert found.loc["pnl", "low"] == pytest.approx(1.075)
    assert found.loc["pnl", "high"] == pytest.approx(3.925)


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
