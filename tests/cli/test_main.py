"""Errors, exit codes and start-up of the command line as a whole."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from eventlab import __version__
from eventlab.cli import main as cli
from eventlab.errors import DataError, DefinitionError, EventlabError, GateError, UsageError

HEAVY = ("pandas", "numba", "pydantic", "yaml", "arch", "altair", "vl_convert", "scipy", "rich")
COMMANDS = ("run", "study", "report", "validate", "schema", "new", "init", "data", "doctor")


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def invoke(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_invoke", invoke)


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("no"), 2), (DataError("no"), 3), (GateError("no"), 1)],
)
def test_a_mistake_is_one_line_and_its_exit_code(
    error: EventlabError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fail_with(error, monkeypatch)
    assert cli.run(["study"]) == code
    assert capsys.readouterr() == ("", "error: no\n")


def test_definition_problems_are_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(DefinitionError(("a.yaml:1:1: x: no", "b.yaml:2:3: y: no")), monkeypatch)
    assert cli.run(["run"]) == 2
    assert capsys.readouterr().err == "a.yaml:1:1: x: no\nb.yaml:2:3: y: no\n"


def test_a_bug_is_one_line_and_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    fail_with(ZeroDivisionError("two\nlines"), monkeypatch)
    assert cli.run(["study", "a b"]) == 4
    (log,) = (tmp_path / "eventlab").iterdir()
    said = capsys.readouterr().err
    assert said == f"a bug: ZeroDivisionError: two lines; the log is {log}\n"
    text = log.read_text("utf-8")
    assert "command: eventlab study 'a b'" in text
    assert "Traceback" in text


def test_a_bug_without_a_home_is_logged_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "file")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    fail_with(ValueError("x"), monkeypatch)
    assert cli.run([]) == 4
    assert f"the log is {tmp_path / 'temporary'}" in capsys.readouterr().err


def test_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    assert cli.run(["run"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["study", "--nope"], ["study", "--draws", "many"], ["run", "--seed", "-1"]],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "Error" in found.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"eventlab {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert f"\n  {name} " in text
        assert cli.run([name, "--help"]) == 0
        assert "..." not in text.rpartition("Commands:")[2]  # each description fits


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        (["-C", "ws", "run"], ["run", "-C", "ws"]),
        (["--data=x", "--json", "study", "a"], ["study", "--data=x", "--json", "a"]),
        (["study", "-C", "ws"], ["study", "-C", "ws"]),
        (["-C", "ws"], ["-C", "ws"]),
        (["--nope", "run"], ["--nope", "run"]),
        ([], []),
    ],
)
def test_shared_options_may_stand_first(given: list[str], parsed: list[str]) -> None:
    assert cli.shared_options_last(given) == parsed


@pytest.mark.parametrize("arguments", [["--help"], ["study", "--help"], ["run", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from eventlab.cli.main import run; assert run(sys.argv[1:]) == 0; "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


def test_a_reader_that_has_gone_is_no_error() -> None:
    code = (
        "import sys; from eventlab.cli.main import main; sys.argv = ['eventlab', '--help']; main()"
    )
    reader, writer = os.pipe()
    os.close(reader)  # before the command starts, so that it cannot win
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("redirect", "code", "message"),
    [
        (">&-", 0, ""),
        (
            ">/dev/full",
            2,
            "error: No space left on device; make room or write elsewhere\n",
        ),
    ],
)
def test_output_that_cannot_be_written_is_no_bug(redirect: str, code: int, message: str) -> None:
    if "full" in redirect and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    command = f"{shlex.quote(sys.executable)} -m eventlab data list {redirect}"
    process = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - the shell closes stdout
    assert (process.returncode, process.stderr) == (code, message)
