"""Reactions and what follows from them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from eventlab.definitions.strategy import SignalDefinition
from eventlab.hedge.signals import direction, reaction, why_unknown

NAN = math.nan
CLOSES = np.array([100.0, 110.0, NAN, 99.0, 120.0])
OPEN = np.array([True, True, False, True, True])


def signal(**said: Any) -> SignalDefinition:
    return SignalDefinition.model_validate({"symbol": "NVDA", **said})


def test_reaction_runs_from_the_close_before() -> None:
    assert reaction(CLOSES, 1, (0, 0)) == pytest.approx(0.1)
    assert reaction(CLOSES, 1, (0, 2)) == pytest.approx(-0.01)
    assert reaction(CLOSES, 4, (0, 0)) == pytest.approx(120 / 99 - 1)
    assert reaction(CLOSES, 4, (-2, 0), trades=OPEN) == pytest.approx(120 / 110 - 1)


def test_a_closed_bar_keeps_its_last_close_and_a_missing_price_does_not() -> None:
    assert reaction(CLOSES, 3, (0, 0), trades=OPEN) == pytest.approx(-0.1)
    assert why_unknown(CLOSES, 3, (0, 0), trades=OPEN) == ""
    assert math.isnan(reaction(CLOSES, 3, (0, 0)))
    assert why_unknown(CLOSES, 3, (0, 0)) == "no price at the close of bar -1"


def test_reaction_beyond_the_clock_is_not_known() -> None:
    assert math.isnan(reaction(CLOSES, 0, (0, 0)))
    assert math.isnan(reaction(CLOSES, 4, (0, 1)))
    said = why_unknown(CLOSES, 0, (0, 5))
    assert said == "no price at the close of bar -1 and bar +5"


def test_reaction_knows_no_future() -> None:
    rng = np.random.default_rng(1)
    closes = 100 * np.exp(np.cumsum(rng.normal(size=50)))
    other = closes.copy()
    other[31:] = rng.permutation(other[31:])
    for day0 in range(1, 29):
        assert reaction(closes, day0, (0, 2)) == reaction(other, day0, (0, 2))


@pytest.mark.parametrize(
    ("said", "seen", "multiple", "reason"),
    [
        ({"take": "follow"}, 0.03, 1.0, ""),
        ({"take": "follow"}, -0.03, -1.0, ""),
        ({"take": "fade"}, 0.03, -1.0, ""),
        ({"take": "fade"}, -0.03, 1.0, ""),
        ({"take": "gate"}, -0.03, 1.0, ""),
        ({"take": "gate"}, 0.0, 1.0, ""),
        ({"take": "follow"}, 0.0, 0.0, "reaction 0% has no direction to follow"),
        ({"take": "fade"}, 0.0, 0.0, "reaction 0% has no direction to fade"),
        ({"below": -0.02}, 0.012, 0.0, "reaction +1.2% is not below -2%"),
        ({"below": -0.02}, -0.02, 0.0, "reaction -2% is not below -2%"),
        ({"below": -0.02}, -0.0201, -1.0, ""),
        ({"above": 0.02}, 0.02, 0.0, "reaction +2% is not above +2%"),
        ({"above": 0.02, "take": "fade"}, 0.05, -1.0, ""),
        ({"below": -0.02, "above": 0.02}, 0.05, 1.0, ""),
        ({"below": -0.02, "above": 0.02}, -0.05, -1.0, ""),
        (
            {"below": -0.02, "above": 0.02},
            0.01,
            0.0,
            "reaction +1% is not below -2% and is not above +2%",
        ),
        ({"below": 0.05, "above": 0.02}, 0.03, 1.0, ""),
        ({"below": 0.05, "above": 0.02}, 0.06, 0.0, "reaction +6% is not below +5%"),
        ({"below": 0.05, "above": 0.02}, 0.01, 0.0, "reaction +1% is not above +2%"),
        ({}, NAN, 0.0, "its reaction is not known"),
    ],
)
def test_direction(said: dict[str, Any], seen: float, multiple: float, reason: str) -> None:
    assert direction(signal(**said), seen) == (multiple, reason)


def test_direction_says_what_lacks() -> None:
    found = direction(signal(), NAN, "no price at the close of bar 0")
    assert found == (0.0, "its reaction is not known: no price at the close of bar 0")
