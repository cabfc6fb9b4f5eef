"""Processes that measure contagion and backtest strategies while the first studies events.

None needs another, and the interpreter runs one thread at a time. The job goes out as JSON on
stdin; the results come back as the files that a run folder has of them. The process
computes what the command itself would have, bit for bit, and if it fails for any reason the
command does so. It ends with the command, however that ends: stdin is at its end then.
"""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eventlab.cli.garbage import collect_rarely
from eventlab.cli.load import Outcome, contagion_events, open_market, open_workspace
from eventlab.cli.strategies import backtest_all, open_strategy_market
from eventlab.report.record import Failure

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition
    from eventlab.report.stored import Kind

__all__ = [
    "Job",
    "SideProcess",
    "ended",
    "given_document",
    "main",
    "processors",
    "start_module",
    "started",
]

FEWEST: Final = 2  # contagion sections: one is measured before a second process has started
FAILURES: Final = "failures.json"  # written last: the results are whole
FILES: Final = "files"
ORPHANED: Final = 1  # an exit code that nobody is there to see
PACKAGES: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Job:
    """What to measure, on the prices that the command itself has loaded."""

    directory: str
    source: str
    seed: int
    loaded: tuple[str, ...]  # events that prices are read for
    extra: tuple[str, ...]  # further symbols that they are read for
    events: tuple[str, ...]  # events whose contagion is measured
    strategies: tuple[str, ...] = ()  # strategies that are backtested, on prices of their own
    command: str = ""  # what the results' files say they were asked for by


@dataclass(frozen=True, slots=True)
class SideProcess:
    """A job that is under way."""

    job: Job
    folder: Path
    process: subprocess.Popen[bytes]
    run: Path | None = None  # the folder that the files of the results are moved to

    def outcome(self) -> Outcome | None:
        """Wait for the results; None where the process could not give them."""
        if self.process.wait() != 0 or not (self.folder / FAILURES).exists():
            return None
        from eventlab.report.stored import BACKTESTS, CONTAGIONS, SWEEPS, read_result

        failures = json.loads((self.folder / FAILURES).read_text(encoding="utf-8"))
        where, events, strategies = self._files(), self.job.events, self.job.strategies
        return Outcome(
            (),
            tuple(Failure(**each) for each in failures),
            tuple(read_result(CONTAGIONS, name, where) for name in held(events, CONTAGIONS, where)),
            tuple(
                read_result(BACKTESTS, name, where) for name in held(strategies, BACKTESTS, where)
            ),
            tuple(read_result(SWEEPS, name, where) for name in held(strategies, SWEEPS, where)),
        )

    def _files(self) -> Path:
        """Return where the results are, moved into the folder of the run if there is one."""
        files = self.folder / FILES
        if self.run is None:
            return files
        for kind in files.iterdir():
            kind.rename(self.run / kind.name)
        return self.run


def held(names: Sequence[str], kind: "Kind[Any]", folder: Path) -> Iterator[str]:
    """Yield the names of which there is a result in a folder."""
    return (name for name in names if (folder / kind.folder / name).is_dir())


@contextmanager
def started(job: Job, run: Path | None = None) -> Iterator[SideProcess | None]:
    """Start a job beside this process; None where one process is as fast, or cannot start.

    ``run`` is the folder that the files of its results are moved to, if they are wanted.
    """
    small = len(job.events) < FEWEST and not job.strategies
    if small or processors() < 2 or not sys.executable:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="eventlab-", dir=run) as name:
        try:
            process = start(job, Path(name))
        except OSError:
            yield None
            return
        with ended(process):
            yield SideProcess(job, Path(name), process, run)


def start(job: Job, folder: Path) -> subprocess.Popen[bytes]:
    """Start the process that measures a job and writes its results into a folder."""
    document = {**asdict(job), "folder": str(folder)}
    return start_module("eventlab.cli.side_process", document)


def start_module(module: str, document: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Run a module of eventlab with a document on stdin, in a process of its own.

    Its working folder is on no path that code is imported from. Stdin stays open, and says by its
    end that this process is gone.
    """
    paths = (str(PACKAGES), os.environ.get("PYTHONPATH", ""))
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and a module of ours
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what fails there is done again, and said, here
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(document).encode() + b"\n")
            process.stdin.flush()
    return process


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """See to it that a process has ended at the end."""
    try:
        yield
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()


def given_document() -> dict[str, Any]:
    """Read the document on stdin, and end this process when the one that gave it is gone."""
    document: dict[str, Any] = json.loads(sys.stdin.readline())

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)  # returns at the end of stdin
        os._exit(ORPHANED)

    threading.Thread(target=watch, daemon=True).start()
    return document


def processors() -> int:
    """Count the processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def main() -> int:
    """Measure the job on stdin and write its results into the folder that it names."""
    collect_rarely()
    given = given_document()
    folder = Path(given.pop("folder"))
    for name in ("loaded", "extra", "events", "strategies"):
        given[name] = tuple(given[name])
    measure(Job(**given), folder)
    return 0


def measure(job: Job, folder: Path) -> None:
    """Measure the contagion of a job's events, backtest its strategies, and store the results."""
    from eventlab.report.stored import BACKTESTS, CONTAGIONS, SWEEPS, write_results

    workspace, _ = open_workspace(Path(job.directory), calendars=False)
    outcome = Outcome((), ())
    if job.events:

        def named(ids: Sequence[str]) -> "list[EventDefinition]":
            return [workspace.events[name] for name in ids]

        market = open_market(job.source, named(job.loaded), workspace, job.seed, extra=job.extra)
        outcome = contagion_events(named(job.events), workspace, market, job.seed)
    if job.strategies:
        strategies = [workspace.strategies[name] for name in job.strategies]
        market = open_strategy_market(job.source, strategies, workspace, job.seed)
        found = backtest_all(strategies, workspace, market, job.seed)
        outcome = replace(
            found,
            failures=(*outcome.failures, *found.failures),
            contagions=outcome.contagions,
        )
    files = folder / FILES
    files.mkdir()
    write_results(CONTAGIONS, outcome.contagions, job.command, files)
    write_results(BACKTESTS, outcome.backtests, job.command, files)
    write_results(SWEEPS, outcome.sweeps, job.command, files)
    failures = json.dumps([asdict(failure) for failure in outcome.failures])
    (folder / FAILURES).write_text(failures, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
