"""Ctrl-C, SIGTERM and kill -9: the right code, one line, nothing left, no process that goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from benchmarks.kills import AT_A_CHANGE, COMMANDS, MOMENTS, Place, Tally
from tests.reliability.faulty_machine import (
    LIMIT,
    ROOT,
    finish,
    left_beside,
    small_workspace,
    start,
    wait_for,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence

SWEEP = ("sweep", "acme-hedge", "-q", "--draws", "20", "--splits", "4", "--out", "out")
SAID = "interrupted; nothing was left half written\n"
# Holds a run while its processes are there: two more have started.
HELD = """
import time
from eventlab.cli import run
from eventlab.cli import side_process
side_process.processors = lambda: 2
run._study = lambda *_, **__: time.sleep(100)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_workspace(tmp_path_factory.mktemp("signals") / "ws")


def group(number: int) -> list[int]:
    """Return the processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, own = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(own) == number and state != "Z":
            found.append(int(path.parent.name))
    return found


def held_run(workspace: Path) -> subprocess.Popen[str]:
    """Start a run and wait until it has a folder and a process beside it that has its job."""
    process = start(("run", "-q", "--out", "out"), workspace, code=HELD)
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc to see processes")
    wait_for(lambda: len(group(process.pid)) == 2, process)
    time.sleep(0.1)
    return process


def alone(process: subprocess.Popen[str], number: int) -> None:
    os.kill(process.pid, number)


def together(process: subprocess.Popen[str], number: int) -> None:
    os.killpg(process.pid, number)


@pytest.mark.parametrize(
    ("number", "send", "code"),
    [
        pytest.param(signal.SIGINT, alone, 130, marks=pytest.mark.slow),
        (signal.SIGINT, together, 130),
        (signal.SIGTERM, alone, 143),
        pytest.param(signal.SIGHUP, together, 129, marks=pytest.mark.slow),
    ],
)
def test_what_stops_a_run_stops_all_of_it_and_leaves_nothing(
    workspace: Path,
    number: int,
    send: Callable[[subprocess.Popen[str], int], None],
    code: int,
) -> None:
    process = held_run(workspace)
    pid = process.pid
    send(process, number)
    assert process.wait(LIMIT) == code
    assert group(pid) == []
    assert finish(process) == (code, SAID)
    assert left_beside(workspace) == []


COMMAND = """
import time
from eventlab.cli.side_process import start_module
start_module("beside", {})
time.sleep(100)
"""
BESIDE = """
import os, time
from pathlib import Path
from eventlab.cli.side_process import given_document
given_document()
Path(__file__).with_name("began").touch()
time.sleep(100)
"""


def test_a_process_beside_a_command_ends_when_that_is_killed(tmp_path: Path) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc to see processes")
    (tmp_path / "beside.py").write_text(BESIDE)
    path = os.pathsep.join((str(ROOT), str(tmp_path)))
    process = start((), tmp_path, {"PYTHONPATH": path}, code=COMMAND)
    wait_for((tmp_path / "began").exists, process)
    assert len(group(process.pid)) == 2
    process.kill()
    process.wait()
    limit = time.monotonic() + 10
    while group(process.pid) and time.monotonic() < limit:
        time.sleep(0.01)
    left = group(process.pid)
    finish(process)
    assert left == []


@pytest.mark.slow
def test_an_ignored_signal_stays_ignored(workspace: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = start(("run", "-q", "--out", "out"), workspace, before=ignore, code=HELD)
    wait_for(lambda: left_beside(workspace) != [], process)
    alone(process, signal.SIGHUP)
    time.sleep(0.05)
    alone(process, signal.SIGTERM)
    assert finish(process) == (143, SAID)


@pytest.mark.parametrize(
    "moment", ["typer", "eventlab.report.stored", pytest.param("pandas", marks=pytest.mark.slow)]
)
def test_ctrl_c_while_modules_are_imported(workspace: Path, moment: str) -> None:
    code = f"""
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == {moment!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
    assert finish(start(SWEEP, workspace, code=code)) == (130, SAID)


def test_a_few_kills(tmp_path: Path) -> None:
    kill_at((MOMENTS[0], AT_A_CHANGE, MOMENTS[1]), "study", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_more_kills(tmp_path: Path, command: str) -> None:
    kill_at((*MOMENTS, *[AT_A_CHANGE] * 4), command, tmp_path)


def kill_at(moments: Sequence[str], command: str, folder: Path) -> None:
    tally, rng = Tally(), Random(1)  # noqa: S311 - moments, no secrets
    place = Place(folder / "ws", command, rng)
    place.prepare()
    for moment in moments:
        place.kill_once(tally, alone=rng.random() < 0.3, moment=moment, cold=None)
    place.finish(tally)
    assert tally.faults == []
    assert sum(tally.phases.values()) == len(moments)
