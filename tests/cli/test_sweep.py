from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.cli.make_workspace import STRATEGY, add_strategy, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]
FEW = ("--draws", "50", "--splits", "4")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    add_strategy(root)
    monkeypatch.chdir(root)
    return root


def document(capsys: Captured) -> Any:
    return json.loads(capsys.readouterr().out)


def test_every_set_is_in_the_document(workspace: Path, capsys: Captured) -> None:
    assert run(["sweep", "acme-hedge", *FEW, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out)
    assert (found["schema"], found["strategy"]) == ("eventlab.sweep/1", "acme-hedge")
    sets = [(row["hedge.ratio.lookback"], row["when.exit"]) for row in found["sets"]]
    assert sets == [(30, 3), (30, 5), (60, 3), (60, 5)]
    assert [row["base"] for row in found["sets"]] == [False, False, False, True]
    assert sum(row["chosen"] for row in found["sets"]) == 1
    names = {row["statistic"] for row in found["overfitting"]}
    assert {"deflated_sharpe", "expected_max_sharpe", "pbo", "spa_consistent", "stepm"} <= names
    assert {row["statistic"] for row in found["placebo"]} >= {"event_return", "hedge_return"}


def test_the_verdict_stands_first(workspace: Path, capsys: Captured) -> None:
    assert run(["sweep", "acme-hedge", *FEW, "--quiet"]) == 0
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if line]
    assert "best" in lines[1]
    for said in ("The file's own set", "Luck: of 4 tries", "PBO", "Walk forward", "of the file"):
        assert said in shown.out, said
    assert shown.err == ""


def test_another_grid_for_one_call(workspace: Path, capsys: Captured) -> None:
    words = ["--grid", "when.exit=[2, 4, 6]", "--grid", "hedge.ratio.method=[ols, min_es]"]
    assert run(["sweep", "acme-hedge", *words, *FEW, "--json"]) == 0
    found = document(capsys)
    assert found["definition"]["sweep"] == {
        "when.exit": [2, 4, 6],
        "hedge.ratio.method": ["ols", "min_es"],
    }
    assert len(found["sets"]) == 6


def test_a_value_that_is_set_is_swept_no_longer(workspace: Path, capsys: Captured) -> None:
    assert run(["sweep", "acme-hedge", "--set", "when.exit=4", *FEW, "--json"]) == 0
    found = document(capsys)
    assert found["definition"]["sweep"] == {"hedge.ratio.lookback": [30, 60]}
    assert found["definition"]["when"]["exit"] == 4
    assert {row["episodes"] for row in found["sets"]} == {3}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grid", "when.exot=[1, 2]"], "is no path of acme-hedge; did you mean 'when.exit'?"),
        (["--grid", "when.exit=[-5]"], "--grid when.exit[0]: does not fit when.exit: when.enter"),
        (["--grid", "hedge.ratio.lookback=[3]"], "3 is out of bounds; at least 10"),
        (["--grid", "when.exit=[]"], "--grid when.exit: "),
    ],
)
def test_a_grid_that_does_not_fit(
    workspace: Path, capsys: Captured, words: list[str], said: str
) -> None:
    assert run(["sweep", "acme-hedge", *words]) == 2
    assert said in capsys.readouterr().err


def test_numbers_and_names_in_one_column(workspace: Path, capsys: Captured) -> None:
    """A rate by itself or by the name of its series: tables have one type per column."""
    path = workspace / "prices" / "daily.csv"
    days = [line.split(",")[0] for line in path.read_text().splitlines() if ",MKT," in line]
    rates = [f"{day},RATE,{4 + at % 3 / 10:.1f}" for at, day in enumerate(days)]
    path.write_text(path.read_text() + "\n".join(rates) + "\n")
    universe = workspace / "universes" / "stocks.yaml"
    universe.write_text(universe.read_text() + "  RATE: {title: A yield in percent}\n")
    words = ["--grid", "costs.interest=[0.02, RATE]", "--grid", "hedge.ratio.half_life=[null, 20]"]
    assert run(["sweep", "acme-hedge", *words, *FEW, "--json", "--out", "out", "-q"]) == 0
    found = document(capsys)
    assert [row["costs.interest"] for row in found["sets"]] == ["0.02", "0.02", "RATE", "RATE"]
    assert [row["hedge.ratio.half_life"] for row in found["sets"]] == [None, 20, None, 20]
    assert len(read_run(workspace / "out").sweeps[0].sets) == 4


def test_nothing_to_sweep(workspace: Path, capsys: Captured) -> None:
    add_strategy(workspace, "plain", STRATEGY[: STRATEGY.index("sweep:")])
    assert run(["sweep", "plain"]) == 2
    assert "plain: there is nothing to sweep; add values by path" in capsys.readouterr().err
    assert run(["sweep", "plain", "acme-hedge", *FEW, "--json"]) == 2
    assert [each["strategy"] for each in document(capsys)] == ["acme-hedge"]


def test_a_folder_of_it(workspace: Path, capsys: Captured) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    assert run(["sweep", "acme-hedge", *FEW, "--json", "--out", "out", "-q"]) == 0
    shown = document(capsys)
    stored = read_run(workspace / "out")
    assert [each.strategy.strategy for each in stored.sweeps] == ["acme-hedge"]
    assert json.loads((workspace / "out/sweep/acme-hedge.json").read_text("utf-8")) == shown
    assert (workspace / "out/index.html").is_file()
