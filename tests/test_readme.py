"""The README's commands print what it says they print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from eventlab.cli.main import run

ROOT = Path(__file__).parent.parent
PROMPT = "$ .venv/bin/eventlab "
# A block shows the lines that matter; an ellipsis on a line of its own stands for the others.
ELLIPSIS = "..."


def shown() -> list[tuple[str, list[str]]]:
    """Every command with the lines that the README shows below it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found: list[tuple[str, list[str]]] = []
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    for block in (body for language, body in fences if not language):
        for line in block.splitlines():
            if line.startswith(PROMPT):
                found.append((line.removeprefix(PROMPT), []))
            elif found and block.startswith("$") and line.strip() not in {"", ELLIPSIS}:
                found[-1][1].append(line)
    return [(command, lines) for command, lines in found if lines]


def squeezed(line: str) -> str:
    """A line without its rules and its runs of blanks: tables are as wide as their widest cell."""
    return " ".join(line.replace("─", " ").split())


@pytest.mark.parametrize(("command", "lines"), shown(), ids=[command for command, _ in shown()])
def test_a_command_prints_what_the_readme_shows(
    command: str,
    lines: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    run(shlex.split(command))
    captured = capsys.readouterr()
    printed = {squeezed(line) for line in (captured.out + captured.err).splitlines()}
    missing = [line for line in lines if squeezed(line) not in printed]
    assert not missing, captured.out + captured.err


def test_the_readme_shows_output_of_each_kind_of_user() -> None:
    commands = [command.split()[0] for command, _ in shown()]
    assert commands.count("study") >= 2
    assert {"validate", "contagion", "backtest", "sweep"} <= set(commands)
