"""How far a metric may move: general and own tolerances, and what has no distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eventlab.definitions.baseline import BaselineDefinition
from eventlab.regression.tolerances import ABSENT, Tolerances, metric_changes

if TYPE_CHECKING:
    from eventlab.regression.types import Value


def tolerances(**said: Any) -> Tolerances:
    return Tolerances(BaselineDefinition.model_validate(said))


@pytest.mark.parametrize(
    ("said", "before", "now", "allowed"),
    [
        ({}, 1.0, 1.0 + 0.9e-9, True),
        ({}, 1.0, 1.0 + 1.1e-9, False),
        ({}, -1e12, -1e12 - 1000.0, True),
        ({}, -1e12, -1e12 - 1001.0, False),
        ({}, 0.0, 5e-324, False),  # nothing is near to zero by a relative tolerance
        ({}, 0.0, -0.0, True),
        # In binary, so that bounds are exact: 0.25 of 8 is 2.
        ({"rtol": 0.25}, 8.0, 10.0, True),
        ({"rtol": 0.25}, 8.0, 10.0000000001, False),
        ({"rtol": 0.25}, 10.0, 8.0, True),  # of the baseline, not of what is now
        ({"rtol": 0.25}, 8.0, 6.0, True),
        ({"rtol": 0, "atol": 0.5}, 8.0, 8.5, True),
        ({"rtol": 0, "atol": 0.5}, 8.0, 8.500000001, False),
        ({"rtol": 0.25, "atol": 0.5}, 8.0, 10.0, True),  # the larger of both
        ({"rtol": 0.25, "atol": 4.0}, 8.0, 12.0, True),
        ({"rtol": 0}, 3, 3, True),
        ({"rtol": 0}, 3, 3.0, True),
        ({}, 3, 4, False),
        ({"atol": 1}, 3, 4, True),  # counts are numbers
        ({"rtol": 1, "atol": 1e9}, None, 0.0, False),
        ({"rtol": 1, "atol": 1e9}, 0.0, None, False),
        ({}, None, None, True),
        ({"rtol": 1, "atol": 1e9}, 1.0, "inf", False),
        ({"rtol": 1, "atol": 1e9}, "inf", "-inf", False),
        ({}, "inf", "inf", True),
        ({"rtol": 1, "atol": 1e9}, "holds", "open", False),
        ({"rtol": 1, "atol": 1e9}, True, 1, False),
        ({"rtol": 1, "atol": 1e9}, True, False, False),
        ({}, True, True, True),
    ],
)
def test_within_the_larger_of_both_or_not(
    said: dict[str, Any], before: Value, now: Value, allowed: bool
) -> None:
    assert tolerances(**said).allow("any", before, now) is allowed


def test_the_last_pattern_that_fits_counts() -> None:
    own = tolerances(
        rtol=0,
        metrics={
            "hedged.*": {"atol": 1.0},
            "*.sharpe": {"atol": 2.0},
            "hedged.all.sharpe.*": {"atol": 3.0},
            "[x]": {"atol": 4.0},
        },
    )
    said = {
        name: own.of(name).atol
        for name in ("hedged.all.mean", "hedged.all.sharpe", "cash.sharpe", "hedged.all.sharpe.low",
                     "hedged", "sharpe", "x", "[x]")
    }  # fmt: skip
    assert said == {
        "hedged.all.mean": 1.0,
        "hedged.all.sharpe": 2.0,
        "cash.sharpe": 2.0,
        "hedged.all.sharpe.low": 3.0,
        "hedged": 0.0,
        "sharpe": 0.0,
        "x": 0.0,  # no sign but the star stands for others
        "[x]": 4.0,
    }
    assert own.unused(dict.fromkeys(("hedged.a", "cash.sharpe", "[x]"))) == ("hedged.all.sharpe.*",)


def test_tolerances_in_words() -> None:
    own = tolerances(rtol=1e-9, metrics={"a": {"atol": 0.01}, "b": {}, "c": {"rtol": 1, "atol": 2}})
    assert [own.said(name) for name in "abcd"] == [
        "atol 0.01", "exact", "rtol 1 or atol 2", "rtol 1e-09",
    ]  # fmt: skip


def test_new_metrics_and_those_that_are_gone_are_changes() -> None:
    before: dict[str, Value] = {"kept": 1.0, "gone": 2.0, "word": ABSENT, "none": None, "zero": 0.0}
    now: dict[str, Value] = {"zero": 1.0, "new": 3.0, "kept": 1.0}
    found = metric_changes(before, now, tolerances())
    assert [(each.metric, each.before, each.now, each.tolerance) for each in found] == [
        ("gone", 2.0, ABSENT, "exact"),
        ("word", ABSENT, ABSENT, "exact"),  # a word that is written like what is not there
        ("none", None, ABSENT, "exact"),
        ("zero", 0.0, 1.0, "rtol 1e-09"),
        ("new", ABSENT, 3.0, "exact"),
    ]
    assert found[3].change == float("inf")
