"""``validate``, ``schema``, ``new`` and ``init``: what they print where, and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from eventlab import __version__
from eventlab.cli.main import run
from eventlab.definitions.schema import schema_text
from eventlab.definitions.templates import make_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh workspace, which is the current folder."""
    make_workspace(tmp_path / "ws")
    monkeypatch.chdir(tmp_path / "ws")
    return tmp_path / "ws"


def test_a_sound_workspace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate"]) == 0
    assert capsys.readouterr() == ("", "1 event, 1 strategy, 2 universes: no problems\n")
    assert run(["validate", "--quiet", "-C", str(folder)]) == 0
    assert capsys.readouterr() == ("", "")


def test_problems_go_to_stderr_with_exit_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "events/oracle-earnings.yaml"
    text = path.read_text("utf-8").replace("clock: XNYS ", "clock: XNYZ ")
    text = text.replace('"2025-03-10"', "2025-03-09").replace("event: oracle-e", "event: o-e")
    path.write_text(text, "utf-8")
    assert run(["validate", "events"]) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == (
        "events/oracle-earnings.yaml:2:8: warning: event: 'o-earnings' is not how the file is "
        "called; rename one of them"
    )
    # 2025-03-09 is a Sunday; what follows is the timeline's own wording.
    assert lines[1].startswith("events/oracle-earnings.yaml:11:35: occurrences[0].announced_at: ")
    assert lines[2].startswith("events/oracle-earnings.yaml:20:10: study.clock: ")
    assert "XNYS" in lines[2]
    assert lines[3:] == ["2 problems and 1 warning; sound are 0 events, 0 strategies, 2 universes"]


def test_a_warning_does_not_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "universes/crypto.yaml").rename(folder / "universes/coins.yaml")
    said = (
        "universes/coins.yaml:2:11: warning: universe: 'crypto' is not how the file is called; "
        "rename one of them\n"
    )
    assert run(["validate"]) == 0
    err = capsys.readouterr().err
    assert err == f"{said}1 event, 1 strategy, 2 universes: 1 warning\n"
    assert run(["validate", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_json_is_one_document_on_stdout(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["eventlab", "validate", "--json"])
    (folder / "strategies/b.yaml").write_text("strategy: b\ntitle: [\n", "utf-8")
    assert run(["validate", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "schema": "eventlab.validate/1",
        "eventlab": __version__,
        "data": None,
        "seed": None,
        "command": "eventlab validate --json",
        "events": ["oracle-earnings"],
        "strategies": ["btc-ai-hedge"],
        "universes": ["crypto", "stocks"],
        "claims": [],
        "problems": [
            {
                "path": "strategies/b.yaml",
                "line": 3,
                "column": 1,
                "key": "",
                "message": (
                    "is not valid YAML: while parsing a flow node did not find expected node "
                    "content"
                ),
                "severity": "error",
            }
        ],
    }


def test_no_workspace_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "-C", str(tmp_path)]) == 2
    assert "`eventlab init DIR`" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["event", "strategy", "universe", "workspace", "claims"])
def test_schema(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert capsys.readouterr() == (schema_text(kind), "")


def test_a_kind_that_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "evnt"]) == 2
    assert capsys.readouterr() == (
        "",
        "error: KIND: 'evnt' is no kind of definition; did you mean 'event'?\n",
    )
    assert run(["new", "evnt", "x"]) == 2
    assert "did you mean 'event'?" in capsys.readouterr().err
    assert run(["new", "universe", "x"]) == 2
    assert "event, strategy or claims" in capsys.readouterr().err


def test_new_and_validate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "event", "deepseek"]) == 0
    assert run(["new", "strategy", "fade", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "wrote events/deepseek.yaml\n")
    assert run(["new", "event", "deepseek"]) == 2
    assert "there is an event deepseek already" in capsys.readouterr().err
    assert run(["validate"]) == 0
    assert "2 events, 2 strategies, 2 universes: no problems" in capsys.readouterr().err
    assert run(["new", "claims", "press"]) == 0
    assert capsys.readouterr().err == "wrote events/claims-press.yaml\n"
    assert run(["new", "claims", "claims-press"]) == 2
    assert "there is a file of claims claims-press already" in capsys.readouterr().err
    assert run(["validate"]) == 0
    assert "2 events, 2 strategies, 2 universes, 1 claim: no problems" in capsys.readouterr().err


def test_init_says_what_it_wrote_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "my lab"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "wrote my lab/.gitignore"
    assert err.splitlines()[-1] == "now: eventlab -C 'my lab' run"
    assert run(["init", "my lab"]) == 2
    assert "nothing was written" in capsys.readouterr().err


def test_definitions_import_neither_pandas_nor_calendars() -> None:
    heavy = ["pandas", "numpy", "numba", "exchange_calendars", "arch"]
    code = f"import sys, eventlab.definitions; print([m for m in {heavy} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout == "[]\n"
