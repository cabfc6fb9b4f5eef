"""A run backtests every strategy, in a process beside the studies or by itself, and counts them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from eventlab.cli import run as run_module
from eventlab.cli import side_process, strategies
from eventlab.cli.load import open_workspace
from eventlab.cli.main import run
from eventlab.cli.side_process import Job, started
from eventlab.report.store import read_run
from tests.cli.make_workspace import EVENT, STRATEGY, add_strategy, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("altair", reason="needs the extra eventlab[report]")

Captured = pytest.CaptureFixture[str]
PLAIN = STRATEGY[: STRATEGY.index("sweep:")]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    add_strategy(root)
    monkeypatch.chdir(root)
    monkeypatch.setattr(side_process, "processors", lambda: 1)
    return root


def test_a_run_backtests_and_sweeps_and_counts_them(workspace: Path, capsys: Captured) -> None:
    assert run(["run", "--out", "out"]) == 0
    said = capsys.readouterr().err
    last = said.splitlines()[-1]
    assert last == "1 event studied, 1 strategy backtested, 1 of them swept: out/index.html"
    assert "not computed" not in said
    stored = read_run(workspace / "out")
    assert [each.strategy.strategy for each in stored.backtests] == ["acme-hedge"]
    assert [each.strategy.strategy for each in stored.sweeps] == ["acme-hedge"]
    assert "strategies/acme-hedge.yaml" in stored.definitions
    add_strategy(workspace, "plain", PLAIN)
    assert run(["run", "--out", "out"]) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "1 event studied, 2 strategies backtested, 1 of them swept: out/index.html"


def test_a_run_gives_what_the_commands_give(workspace: Path, capsys: Captured) -> None:
    assert run(["run", "--out", "out", "-q"]) == 0
    capsys.readouterr()
    for kind in ("backtest", "sweep"):
        assert run([kind, "acme-hedge", "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        stored = json.loads((workspace / f"out/{kind}/acme-hedge.json").read_text("utf-8"))
        assert {**shown, "command": ""} == {**stored, "command": ""}


def test_what_fails_is_counted_and_the_rest_runs(workspace: Path, capsys: Captured) -> None:
    add_strategy(workspace, "broken", STRATEGY.replace("title:", "titel:"))
    universe = workspace / "universes" / "stocks.yaml"
    universe.write_text(universe.read_text() + "  ZZZ: {title: Nobody has it}\n")
    add_strategy(workspace, "nothing", PLAIN.replace("AAA", "ZZZ"))
    other = EVENT.replace("acme-earnings", "other-earnings")
    (workspace / "events/other-earnings.yaml").write_text(other.replace("kind:", "kint:"))
    add_strategy(workspace, "homeless", PLAIN.replace("acme-earnings", "other-earnings"))
    assert run(["run", "--out", "out"]) == 3
    said = capsys.readouterr().err
    assert "strategies/broken.yaml:2:1: titel" in said
    assert "error: nothing: " in said
    assert "error: homeless: its event other-earnings has a file with errors" in said
    assert said.splitlines()[-1] == (
        "1 event studied, 1 strategy backtested, 1 of them swept, 4 could not be (the reasons are "
        "above and in the index): out/index.html"
    )
    stored = read_run(workspace / "out")
    failed = {each.event: each.exit_code for each in stored.failures if each.exit_code}
    assert failed == {"broken": 2, "other-earnings": 2, "homeless": 2, "nothing": 3}
    index = (workspace / "out/index.html").read_text("utf-8")
    for name in failed:
        assert name in index


def test_a_grid_too_large_for_a_run_is_said(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (strategies, run_module):
        monkeypatch.setattr(module, "MOST_SETS", 3)
    assert run(["run", "--out", "out"]) == 0
    said = capsys.readouterr().err
    assert "acme-hedge: its grid of 4 sets is left to eventlab sweep acme-hedge" in said
    assert "1 strategy backtested: " in said
    assert read_run(workspace / "out").sweeps == ()


def test_without_prices_every_strategy_fails(workspace: Path, capsys: Captured) -> None:
    assert run(["run", "--data", "nowhere", "--out", "out"]) == 3
    assert "nowhere" in capsys.readouterr().err
    failed = [each.event for each in read_run(workspace / "out").failures if each.exit_code]
    assert sorted(failed) == ["acme-earnings", "acme-hedge"]


def test_a_process_beside_gives_what_one_process_does(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_process, "processors", lambda: 2)
    prices = str(workspace / "prices")
    with started(Job(str(workspace), prices, 3, (), (), (), ("acme-hedge",))) as beside:
        assert beside is not None
        found = beside.outcome()
    assert found is not None
    definitions, _ = open_workspace(workspace, calendars=False)
    chosen = [definitions.strategies["acme-hedge"]]
    market = strategies.open_strategy_market(prices, chosen, definitions, 3)
    own = strategies.backtest_all(chosen, definitions, market, 3)
    assert found.failures == own.failures == ()
    theirs: list[Any] = [*found.backtests, *found.sweeps]
    ours: list[Any] = [*own.backtests, *own.sweeps]
    assert len(ours) == 2
    for there, here in zip(theirs, ours, strict=True):
        assert (there.strategy, there.stamp, there.seed) == (here.strategy, here.stamp, here.seed)
        for field in fields(here):
            table = getattr(here, field.name)
            if isinstance(table, pd.DataFrame):
                pd.testing.assert_frame_equal(
                    getattr(there, field.name), table, check_exact=True, obj=field.name
                )
