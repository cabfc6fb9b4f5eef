"""Processes that measure contagion and backtest strategies while the first studies events.

None needs another, and the interpreter runs one thread at a time. The job goes out as JSON on
stdin and the results come back as a run folder's files: the process computes what the command
itself would have, bit for bit, and if it fails for any reason the command does so.
"""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eventlab.cli.load import Outcome, contagion_events, open_market, open_workspace
from eventlab.cli.strategies import backtest_all, open_strategy_market
from eventlab.report.record import Failure

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition
    from eventlab.report.stored import Kind

__all__ = ["Job", "SideProcess", "main", "started"]

FEWEST: Final = 2  # contagion sections: one is measured before a second process has started
FAILURES: Final = "failures.json"  # written last: the results are whole
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


@dataclass(frozen=True, slots=True)
class SideProcess:
    """A job that is under way."""

    job: Job
    folder: Path
    process: subprocess.Popen[bytes]

    def outcome(self) -> Outcome | None:
        """Wait for the results; None where the process could not give them."""
        if self.process.wait() != 0 or not (self.folder / FAILURES).exists():
            return None
        from eventlab.report.stored import BACKTESTS, CONTAGIONS, SWEEPS, read_result

        found = json.loads((self.folder / FAILURES).read_text(encoding="utf-8"))
        events, strategies = self.job.events, self.job.strategies
        return Outcome(
            (),
            tuple(Failure(**each) for each in found),
            tuple(
                read_result(CONTAGIONS, name, self.folder)
                for name in self._held(events, CONTAGIONS)
            ),
            tuple(
                read_result(BACKTESTS, name, self.folder)
                for name in self._held(strategies, BACKTESTS)
            ),
            tuple(
                read_result(SWEEPS, name, self.folder) for name in self._held(strategies, SWEEPS)
            ),
        )

    def _held(self, names: Sequence[str], kind: "Kind[Any]") -> Iterator[str]:
        """Yield the names that the process has stored a result of."""
        return (name for name in names if (self.folder / kind.folder / name).is_dir())


@contextmanager
def started(job: Job) -> Iterator[SideProcess | None]:
    """Start a job beside this process; None where one process is as fast, or cannot start."""
    small = len(job.events) < FEWEST and not job.strategies
    if small or processors() < 2 or not sys.executable:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="eventlab-") as name:
        try:
            process = start(job, Path(name))
        except OSError:
            yield None
            return
        try:
            yield SideProcess(job, Path(name), process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def start(job: Job, folder: Path) -> subprocess.Popen[bytes]:
    """Start the process; its working folder is on no path that code is imported from."""
    paths = (str(PACKAGES), os.environ.get("PYTHONPATH", ""))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "eventlab.cli.side_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what fails there is done again, and said, here
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(json.dumps({**asdict(job), "folder": str(folder)}).encode())
    return process


def processors() -> int:
    """Count the processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def main() -> int:
    """Measure the job on stdin and write its results into the folder that it names."""
    given = json.load(sys.stdin)
    folder = Path(given.pop("folder"))
    for name in ("loaded", "extra", "events", "strategies"):
        given[name] = tuple(given[name])
    measure(Job(**given), folder)
    return 0


def measure(job: Job, folder: Path) -> None:
    """Measure the contagion of a job's events, backtest its strategies, and store the results."""
    from eventlab.report.stored import BACKTESTS, CONTAGIONS, SWEEPS, write_result

    workspace, _ = open_workspace(Path(job.directory), calendars=False)
    failures: tuple[Failure, ...] = ()
    if job.events:

        def named(ids: Sequence[str]) -> "list[EventDefinition]":
            return [workspace.events[name] for name in ids]

        market = open_market(job.source, named(job.loaded), workspace, job.seed, extra=job.extra)
        found = contagion_events(named(job.events), workspace, market, job.seed)
        failures += found.failures
        for contagion in found.contagions:
            write_result(CONTAGIONS, contagion, "", folder)
    if job.strategies:
        strategies = [workspace.strategies[name] for name in job.strategies]
        market = open_strategy_market(job.source, strategies, workspace, job.seed)
        found = backtest_all(strategies, workspace, market, job.seed)
        failures += found.failures
        for backtest in found.backtests:
            write_result(BACKTESTS, backtest, "", folder)
        for sweep in found.sweeps:
            write_result(SWEEPS, sweep, "", folder)
    text = json.dumps([asdict(failure) for failure in failures])
    (folder / FAILURES).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
