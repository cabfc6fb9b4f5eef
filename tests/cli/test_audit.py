from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from eventlab.cli.main import run
from eventlab.hedge import audit as audit_module
from tests.cli.make_workspace import STRATEGY, add_strategy, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.hedge.results import Audit

Captured = pytest.CaptureFixture[str]
FEW = ("--cuts", "2")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    add_strategy(root)
    monkeypatch.chdir(root)
    return root


def plant(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
    """Make the audit of some strategies find a changed target."""
    honest = audit_module.run_audit

    def audited(strategy: Any, *args: Any, **options: Any) -> Audit:
        found = honest(strategy, *args, **options)
        if strategy.strategy not in names:
            return found
        at = pd.Timestamp("2025-04-11 20:00", tz="UTC")
        rows = [
            (at, "scrambled", at, "", "bar", "", "equity", 10.0, 11.0),
            (at, "scrambled", at, "q1", "enter", "MKT", "target", -0.5, float("nan")),
        ]
        return replace(found, changes=pd.DataFrame(rows, columns=found.changes.columns))

    monkeypatch.setattr(audit_module, "run_audit", audited)


def test_a_clean_strategy(workspace: Path, capsys: Captured) -> None:
    assert run(["audit", "acme-hedge", *FEW, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out)
    assert (found["schema"], found["clean"], found["changes"]) == ("eventlab.audit/1", True, [])
    assert [row["future"] for row in found["cuts"]] == ["truncated", "scrambled", "delayed"] * 2
    assert all(row["decisions"] > 0 and row["changed"] == 0 for row in found["cuts"])
    assert run(["audit", "acme-hedge", *FEW, "--quiet"]) == 0
    shown = capsys.readouterr()
    assert "Clean: nothing that acme-hedge decided changed when the future did." in shown.out
    assert shown.err == ""


def test_the_first_decision_that_changed_is_named(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, ("acme-hedge",))
    assert run(["audit", "acme-hedge", *FEW]) == 1
    shown = capsys.readouterr().out
    assert (
        "It looks ahead: the target of MKT (enter) at q1, 2025-04-11 20:00 UTC, was \N{MINUS SIGN}"
        "0.5 with the future and is none without it."
    ) in shown.replace("\n", "")
    assert run(["audit", "acme-hedge", *FEW, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["clean"] is False
    assert found["changes"][1]["with_future"] == -0.5
    assert found["changes"][1]["without"] is None


def test_one_that_looks_ahead_fails_them_all_and_missing_data_even_more(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_strategy(workspace, "other")
    plant(monkeypatch, ("other",))
    assert run(["audit", "acme-hedge", "other", *FEW, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [each["clean"] for each in found] == [True, False]
    universe = workspace / "universes" / "stocks.yaml"
    universe.write_text(universe.read_text() + "  ZZZ: {title: Nobody has it}\n")
    add_strategy(workspace, "nothing", STRATEGY.replace("AAA", "ZZZ"))
    assert run(["audit", "other", "nothing", *FEW, "-q"]) == 3
    assert "error: nothing: " in capsys.readouterr().err


def test_values_are_exchanged_for_one_call(workspace: Path, capsys: Captured) -> None:
    words = ["--set", "hedge.ratio.method=min_es", "--since", "2025-06-01"]
    assert run(["audit", "acme-hedge", *words, *FEW, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["definition"]["hedge"]["ratio"]["method"] == "min_es"
    assert found["definition"]["since"] == "2025-06-01"


def test_unknown_names_suggest_the_nearest(workspace: Path, capsys: Captured) -> None:
    assert run(["audit", "acme-hegde"]) == 2
    assert "did you mean 'acme-hedge'?" in capsys.readouterr().err
    assert run(["audit", "acme-hedge", "--cuts", "0"]) == 2
