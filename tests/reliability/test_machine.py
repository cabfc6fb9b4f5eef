"""A full disk, no rights, no home, little memory: one line that says it, code 2, nothing lost."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from eventlab.cli import run as run_module
from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.reliability.faulty_machine import ROOT, finish, left_beside, small_workspace, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STUDY = ("study", "acme-earnings", "-q", "--json")
NO_HOME = """
import pwd
def nobody(*_):
    raise KeyError("uid not found")
pwd.getpwuid = nobody
"""
DROP, OVERRIDE, SEARCH = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workspace with a stored run in ``old``."""
    root = small_workspace(tmp_path_factory.mktemp("machine") / "ws")
    assert run(["study", "acme-earnings", "-q", "-C", str(root), "--out", str(root / "old")]) == 0
    return root


@pytest.fixture
def old(workspace: Path, tmp_path: Path) -> Path:
    """Return a stored run of its own for a test."""
    shutil.copytree(workspace / "old", tmp_path / "place" / "old")
    return tmp_path / "place" / "old"


def limited(what: int, most: int) -> Callable[[], None]:
    """Return what limits a process that is about to start."""
    return lambda: resource.setrlimit(what, (most, most))


def bound_by_modes() -> None:
    """Let a process that is about to start obey the modes of files, also as root."""
    if os.geteuid() == 0:
        for capability in (OVERRIDE, SEARCH):
            ctypes.CDLL(None).prctl(DROP, capability, 0, 0, 0)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Each writes to the disk in its own way: pyarrow, text, a workbook, the rename.
WRITERS = (
    "pyarrow.parquet.write_table",
    "eventlab.report.stored.write_json",
    "pyarrow.csv.write_csv",
    "eventlab.report.table_files.write_workbook",
    "pathlib.Path.write_text",
    "pathlib.Path.mkdir",
    "pathlib.Path.rename",
    "eventlab.report.store.write_sums",
)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_disk_that_is_full_at_any_file_keeps_the_old_run(
    old: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], writer: str
) -> None:
    before = contents(old)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("eventlab.report.store.copy_results", lambda *_: None)
    monkeypatch.setattr(writer, full)
    assert run(["report", str(old), "-q"]) == 2
    monkeypatch.undo()
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert said.count("\n") == 1
    assert contents(old) == before
    assert left_beside(old.parent) == []


def test_a_disk_that_fills_up(workspace: Path, old: Path) -> None:
    """A file system of 200 kB where one can be mounted; else no file may have more than 20."""
    before = contents(old)
    script = 'mount -t tmpfs -o size=200k none "$1" && shift && exec "$@"'
    mounted = ["unshare", "-rm", "sh", "-c", script, "-", str(old.parent)]
    command = [sys.executable, "-m", "eventlab", *STUDY, "--out", str(old.parent / "new")]
    able = (
        shutil.which("unshare")
        and not subprocess.run(  # noqa: S603
            [*mounted, "true"], capture_output=True, check=False
        ).returncode
    )
    if able:
        done = subprocess.run(  # noqa: S603 - our own interpreter and command
            [*mounted, *command, "-C", str(workspace)],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        found = done.returncode, done.stderr
    else:
        size = limited(resource.RLIMIT_FSIZE, 20_000)
        found = finish(start((*STUDY, "--out", str(old)), workspace, before=size))
    assert found[0] == 2
    assert "cannot be written" in found[1]
    assert found[1].count("\n") == 1
    assert contents(old) == before
    assert left_beside(old.parent) == []


@pytest.mark.slow
def test_a_file_too_large_keeps_the_old_run(workspace: Path, old: Path) -> None:
    before = contents(old)
    size = limited(resource.RLIMIT_FSIZE, 20_000)
    code, said = finish(start(("report", str(old)), workspace, before=size))
    assert (code, said.count("\n")) == (2, 1)
    assert "File too large; name another with --out" in said
    assert contents(old) == before
    assert left_beside(old.parent) == []


def test_a_folder_that_cannot_be_written(workspace: Path, old: Path) -> None:
    before = contents(old)
    old.parent.chmod(0o555)
    try:
        code, said = finish(start(("report", str(old)), workspace, before=bound_by_modes))
    finally:
        old.parent.chmod(0o755)
    assert (code, said) == (
        2, f"error: {old} cannot be written: Permission denied; name another with --out\n"
    )  # fmt: skip
    assert contents(old) == before


def test_prices_that_cannot_be_read(workspace: Path, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    shutil.copytree(workspace, root)
    (root / "prices/daily.csv").chmod(0)
    code, said = finish(start(STUDY, root, before=bound_by_modes))
    assert (code, said.count("\n")) == (3, 1)
    assert "Permission denied" in said


@pytest.mark.slow  # compiles every kernel that a study takes
def test_without_a_home_a_temporary_folder_and_a_cache(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "eventlab", tmp_path / "tree" / "eventlab",
                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for folder in (tmp_path / "tree").rglob("*/"):
        folder.chmod(0o555)
    environment = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "NUMBA_CACHE_DIR"))
    environment |= {"PYTHONPATH": str(tmp_path / "tree"), "TMPDIR": "/nonexistent"}
    held = [path.name for path in workspace.iterdir()]
    process = start(STUDY, workspace, environment, bound_by_modes, NO_HOME)
    assert finish(process) == (0, "")
    assert [path.name for path in workspace.iterdir()] == held  # no folder called ~


@pytest.mark.parametrize("home", [None, pytest.param("/nonexistent", marks=pytest.mark.slow)])
def test_without_a_home(workspace: Path, tmp_path: Path, home: str | None) -> None:
    environment = {"HOME": home, "XDG_CACHE_HOME": None, "TMPDIR": str(tmp_path / "none")}
    code = NO_HOME if home is None else ""
    held = [path.name for path in workspace.iterdir()]
    process = start(("validate",), workspace, environment, code=code)
    assert finish(process)[0] == 0
    assert [path.name for path in workspace.iterdir()] == held


@pytest.mark.parametrize(
    ("megabytes", "code"), [(400, 2), pytest.param(700, 2, marks=pytest.mark.slow)]
)
def test_too_little_memory(workspace: Path, megabytes: int, code: int) -> None:
    most = limited(resource.RLIMIT_AS, megabytes << 20)
    found, said = finish(start(STUDY, workspace, before=most))
    assert (found, said.count("\n")) == (code, 1), said
    assert said.startswith("error: not enough memory")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "error: not enough memory; end other programs, or ask for less at once\n"),
        (MemoryError("9 GB"), "error: not enough memory (9 GB); end other programs, or ask "),
        (OSError(errno.EMFILE, "Too many open files", "a"), "error: Too many open files for a; ra"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "error: Permission denied for a"),
        (ImportError("a.so: failed to map segment"), "error: not enough memory; end"),
    ],
)
def test_what_the_machine_lacks_is_no_bug(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    message: str,
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("eventlab.cli.main._invoke", fail)
    assert run(["run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(message)
    assert said.count("\n") == 1


def test_memory_that_is_short_is_no_fault_of_a_file(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    monkeypatch.setattr("pyarrow.csv.read_csv", fail)
    assert run([*STUDY, "-C", str(workspace)]) == 2
    assert "not enough memory (malloc of size 64 failed)" in capsys.readouterr().err


@pytest.mark.slow
def test_few_open_files_are_enough_to_write_a_run(workspace: Path, old: Path) -> None:
    few = limited(resource.RLIMIT_NOFILE, 20)
    assert finish(start(("report", str(old), "-q"), workspace, before=few)) == (0, "")


def test_stderr_that_takes_nothing_changes_no_code(workspace: Path) -> None:
    code = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 2)"
    assert finish(start(("study", "nope"), workspace, code=code)) == (2, "")
    assert finish(start(("study", "nope"), workspace, code="import os; os.close(2)")) == (2, "")


# A clock that jumps


@pytest.mark.parametrize("year", [1970, 2038])
def test_a_clock_that_jumps_changes_the_line_that_says_when(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            assert tz is UTC
            return cls(year, 1, 1, tzinfo=UTC)

    root = tmp_path / "ws"
    shutil.copytree(workspace, root)
    for path in [root, *root.rglob("*")]:
        os.utime(path, (2**31 + 10, 2**31 + 10))  # files of the future
    monkeypatch.setattr(run_module, "datetime", Clock)
    monkeypatch.setattr("time.time", lambda: float((year - 1970) * 31_556_952))
    command = ["study", "acme-earnings", "-q", "-C", str(root), "--out", str(root / "old")]
    assert run(command) == 0
    was, found = read_run(workspace / "old"), read_run(root / "old")
    assert found.generated_at == f"{year}-01-01T00:00:00+00:00"
    assert found.studies[0].cars.equals(was.studies[0].cars)
    assert left_beside(root) == []


CLOCK = re.compile(
    r"\b(?:datetime|date|Timestamp)\.(?:now|today|utcnow)\b|\btime\.(?:time|localtime|gmtime|ctime)\b"
    r"|st_mtime|getmtime"
)


def test_nothing_else_asks_what_time_it_is() -> None:
    found = {
        str(path.relative_to(ROOT)): CLOCK.findall(path.read_text("utf-8"))
        for path in (ROOT / "eventlab").rglob("*.py")
    }
    found = {name: said for name, said in found.items() if said}
    assert found == {"eventlab/cli/run.py": ["datetime.now"]}


# Two at once


def test_two_runs_into_one_folder_and_readers_meanwhile(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(workspace / "old", out)
    commands = [("report", str(workspace / "old"), "-q", "--out", str(out))] * 2
    running = [start(command, workspace) for command in commands]
    reads = 0
    while any(process.poll() is None for process in running):
        assert len(read_run(out).studies) == 1
        reads += 1
    assert [finish(process) for process in running] == [(0, ""), (0, "")]
    assert reads > 3
    assert {name.name for name in out.iterdir()} == {
        name.name for name in (workspace / "old").iterdir()
    }
    assert left_beside(tmp_path) == []
