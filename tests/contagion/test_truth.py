"""What the simulation truly did to a pair, set beside its verdict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.truth import truth_table
from eventlab.market.simulated_crises import Crisis, SimulatedCrises
from eventlab.timeline.types import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

TECH = {"NVDA": 1.2, "QQQ": 0.7, "SPY": 0.0, "BTC": 0.5, "ETH": 0.6, "TLT": 0.0}
CONTAGION = {"NVDA": 0.0, "QQQ": 0.0, "SPY": 0.0, "BTC": 1.0, "ETH": 1.1, "TLT": 0.0}
GROUPS = {"@coins": ("BTC", "ETH")}


def crisis(kind: Any, first: int = 100, end: int = 130) -> Crisis:
    added = 1.0 if kind == "contagion" else 0.0
    return Crisis("one", first * DAY, end * DAY, kind, 2.0, 1.4, added)


def kinds(source: str, targets: Sequence[str], *crises: Crisis) -> list[str]:
    """Kinds of an occurrence on day 101: calm from day 1 to 96, crisis window to day 111."""
    days = np.arange(200, dtype=np.int64) * DAY
    clock = SimpleNamespace(opens=days, closes=days + DAY // 4)
    scale = SimpleNamespace(bar="session", calm=(-100, -5), crisis=(0, 10))
    assembly: Any = SimpleNamespace(
        schedule=SimpleNamespace(clock=clock),
        scale=scale,
        anchors={"n0": 101},
        members=lambda name, _source: GROUPS.get(name, ()),
    )
    market: Any = SimpleNamespace(crises=SimulatedCrises(crises, TECH, CONTAGION))
    pairs = pd.DataFrame({"target": list(targets)})
    pairs = pairs.assign(occurrence="n0", source=source, verdict="no change")
    return truth_table(market, assembly, pairs)["kind"].tolist()


@pytest.mark.parametrize(
    ("source", "target", "kind"),
    [
        ("NVDA", "BTC", "contagion"),
        ("QQQ", "@coins", "contagion"),
        ("NVDA", "QQQ", "volatility"),  # both load on tech as before
        ("SPY", "BTC", "volatility"),  # loadings on the market never change
        ("BTC", "ETH", "common"),  # both take on tech: neither from the other
        ("BTC", "NVDA", "common"),  # it runs the other way
        ("BTC", "TLT", "volatility"),
    ],
)
def test_contagion_runs_from_what_loads_on_tech_to_crypto(
    source: str, target: str, kind: str
) -> None:
    assert kinds(source, [target], crisis("contagion")) == [kind]


@pytest.mark.parametrize("source", ["NVDA", "BTC"])
def test_a_rise_of_volatility_and_quiet_times_are_that_for_every_pair(source: str) -> None:
    assert kinds(source, ["ETH"], crisis("volatility")) == ["volatility"]
    assert kinds(source, ["ETH"]) == ["none"]


def test_loadings_of_two_crises_at_once_are_the_larger() -> None:
    both = crisis("contagion"), crisis("volatility", 95 + 3, 140)
    assert kinds("NVDA", ["BTC"], *both) == ["contagion"]
    assert kinds("NVDA", ["BTC"], *both[::-1]) == ["contagion"]


def test_windows_that_a_crisis_touches_otherwise_have_no_row() -> None:
    assert kinds("NVDA", ["BTC"], crisis("contagion", 90, 130)) == []  # the calm window too
    assert kinds("NVDA", ["BTC"], crisis("contagion", 105, 130)) == []  # half of the crisis window
    assert kinds("NVDA", ["XXX"], crisis("contagion")) == []  # no loadings
