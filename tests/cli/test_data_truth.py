"""``eventlab data truth``: what the simulation put in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab import load_workspace
from eventlab.cli.main import run
from eventlab.market.simulated import contagion_truth, simulated_market

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]


def test_the_document_holds_betas_crises_and_effects(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "truth", "--json", "--seed", "3", "-C", str(ROOT)]) == 0
    document = json.loads(capsys.readouterr().out)
    workspace = load_workspace(ROOT)
    events = tuple(workspace.events.values())
    market = simulated_market(None, workspace.symbols, events, 3)
    assert market.truth is not None
    assert document["schema"] == "eventlab.truth/1"
    assert document["data"]["simulated"] is True
    assert document["data"]["fingerprint"] == market.stamp.fingerprint
    assert document["betas"]["SPY"] == 1.0
    assert len(document["effects"]) == len(market.truth)
    assert document["effects"][0]["abnormal_return"] == market.truth["abnormal_return"].iloc[0]
    crises = contagion_truth(events, 3)
    assert [one["name"] for one in document["crises"]] == [one.name for one in crises]
    assert {one["kind"] for one in document["crises"]} == {"contagion", "volatility"}


def test_the_tables_say_that_nothing_of_it_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "truth", "-C", str(ROOT)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("SIMULATED")
    for expected in ("SPY 1.00", "crypto-shocks/", "contagion", "volatility"):
        assert expected in printed
