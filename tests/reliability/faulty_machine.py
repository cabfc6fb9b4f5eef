"""The real command on a machine where something is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.make_workspace import add_strategy, make_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
LIMIT = 120.0  # seconds: a machine that does much else takes a minute for a run of four seconds


def small_workspace(root: Path) -> Path:
    """Make a workspace of one event and one strategy, which others than its owner can read."""
    make_workspace(root)
    add_strategy(root)
    for folder in (root, *root.parents):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith("pytest"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return root


def start(
    arguments: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str | None] | None = None,
    before: Callable[[], None] | None = None,
    code: str = "",
) -> subprocess.Popen[str]:
    """Start ``python -m eventlab`` in a group of its own, after ``code`` if there is any."""
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    command = f"import sys, runpy; sys.argv[0] = 'eventlab'\n{code}\n"
    command += "runpy.run_module('eventlab', run_name='__main__')"
    return subprocess.Popen(  # noqa: S603 - our own interpreter and command
        [sys.executable, "-P", "-c", command, *arguments],
        cwd=folder,
        env={name: value for name, value in whole.items() if value is not None},
        preexec_fn=before,  # noqa: PLW1509 - no threads are started here
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; return its exit code and what it said, which is never a traceback."""
    try:
        _, said = process.communicate(timeout=LIMIT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert "Traceback" not in said, said
    return process.returncode, said


def wait_for(found: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something is there, or the process has ended."""
    limit = time.monotonic() + LIMIT
    while not found() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.001)


def left_beside(folder: Path) -> list[str]:
    """Name what is hidden in a folder: what a writer did not remove."""
    return sorted(path.name for path in folder.glob(".*"))


def seed_of(folder: Path) -> int:
    """Return the seed of a run, from its file."""
    seed: int = json.loads((folder / "run.json").read_text("utf-8"))["seed"]
    return seed
