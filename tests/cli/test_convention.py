"""``eventlab study --convention``: numbers of other programs on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.cli.make_workspace import make_workspace

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    monkeypatch.chdir(root)
    return root


def test_tests_of_a_program_on_the_terminal(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings", "--convention", "eventstudytools"]) == 0
    found = capsys.readouterr().out
    for expected in (
        "as eventstudytools has them, none a headline",
        "EventStudy CSectTTest: as ours",
        "Doubt: The tests are what eventstudytools prints, to reconcile with it; none is ours.",
    ):
        assert expected in found
    assert run(["study", "acme-earnings"]) == 0
    assert "to reconcile with it" not in capsys.readouterr().out


def test_the_document_names_the_convention(workspace: Path, capsys: Captured) -> None:
    documents = {}
    for name in ("paper", "eventstudytools"):
        assert run(["study", "acme-earnings", "--convention", name, "--json"]) == 0
        documents[name] = json.loads(capsys.readouterr().out)
        assert documents[name]["convention"] == name
    ours, theirs = documents["paper"], documents["eventstudytools"]
    assert [row["car"] for row in ours["cars"]] == [row["car"] for row in theirs["cars"]]
    tests = [test for row in theirs["aggregates"] for test in row["tests"]]
    assert tests
    assert not any(test["headline"] for test in tests)
    notes = {test["note"] for test in tests if test["test"] == "clm_j1"}
    assert notes == {"EventStudy has no such test"}


def test_a_run_folder_keeps_the_convention(workspace: Path, capsys: Captured) -> None:
    arguments = ["study", "acme-earnings", "--convention", "eventstudy2", "--out", "out"]
    assert run(arguments) == 0
    (study,) = read_run(workspace / "out").studies
    assert study.convention == "eventstudy2"
    assert not study.tests["headline"].any()


def test_an_unknown_convention_is_refused(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings", "--convention", "estudi2"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "convention: 'estudi2' is none of" in found.err
    assert "Did you mean estudy2?" in found.err
    assert "daily.csv" not in found.err  # no price was read for it
