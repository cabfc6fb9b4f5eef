"""Fuzzed definition files, one after another: problems or results, and nothing else.

Run ``python -m benchmarks.fuzz_definitions --count 100000 --seed 1 --jobs 2``. Every file is made
from its number and the seed (`tests.fuzz_cases`), put into a workspace of the definitions that
ship and read as ``eventlab validate`` reads it, exchange calendars included. What is found valid
is used: occurrences placed on clocks, sweeps, questions; one file in ``--runs``, if valid, is
studied, measured, backtested or judged on simulated prices. One file in ``--commands`` goes through
the command line itself.

A fault is any error that is no ``EventlabError``, a problem without a place in its file, a wrong
exit code, a control character in what is printed, more than two seconds of processor time, or a
jump in memory. Its bytes and its traceback are kept in ``--keep``; ``--only NUMBER`` does one file
again, with everything that can be done with it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz_cases import FuzzCase, FuzzCases
from tests.fuzz_use import run_it, use
from tests.fuzz_workspace import FuzzWorkspace, Verdict, require_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

CHUNK = 250
SLOW = 2.0  # seconds of processor time that reading and using one file may take
HANGS = 120.0  # seconds of it after which anything is stopped
JUMP_MB = 600  # that one file may add to the peak of a process
PEAK_MB = 2_000
ADDRESSES = 16 * 2**30  # compiled kernels and tables of prices map far more than they hold
SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What came of some files."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    peak_mb: int = 0

    def add(self, other: Tally) -> None:
        self.counts += other.counts
        self.faults += other.faults
        self.slowest = sorted(self.slowest + other.slowest, reverse=True)[:SHOWN]
        self.peak_mb = max(self.peak_mb, other.peak_mb)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files, and how far each is taken."""

    seed: int
    runs: int
    commands: int
    keep: Path


class HangError(Exception):
    """A file took so long that it was given up."""


class Fuzzer:
    """Does one file after another in a workspace of its own."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._cases = FuzzCases(plan.seed)
        memory = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk
        self._folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._workspace = FuzzWorkspace(Path(self._folder.name), self._cases.base)

    def do(self, number: int, tally: Tally, *, all_of_it: bool = False) -> None:
        """Do one file; what goes wrong is kept and counted."""
        case = self._cases.make(number)
        before, began = peak_mb(), time.process_time()
        try:
            with limited(HANGS):
                verdict = self._workspace.judge(case)
                if verdict.valid:
                    use(verdict)
                took = time.process_time() - began
                self._further(case, verdict, tally, all_of_it=all_of_it)
            assert took < SLOW, f"took {took:.1f} s"
            assert peak_mb() - before < JUMP_MB, f"took {peak_mb() - before} MB more"
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            self._keep(case, error, tally)
            return
        tally.counts[f"{case.way}: {'valid' if verdict.valid else 'refused'}"] += 1
        tally.slowest.append((round(took, 3), number, case.name))

    def _further(self, case: FuzzCase, verdict: Verdict, tally: Tally, *, all_of_it: bool) -> None:
        if verdict.valid and (all_of_it or case.number % self._plan.runs == 0):
            tally.counts["runs"] += 1
            tally.counts["results of runs"] += run_it(verdict)
        if all_of_it or case.number % self._plan.commands == 0:
            tally.counts["commands"] += 1
            with self._workspace.holding(case):
                require_command(self._folder.name, verdict, as_json=case.number % 2 == 0)

    def _keep(self, case: FuzzCase, error: Exception, tally: Tally) -> None:
        said = "".join(traceback.format_exception(error))
        tally.faults.append((case.number, f"{case.name}: {said.strip().splitlines()[-1]}"))
        self._plan.keep.mkdir(parents=True, exist_ok=True)
        (self._plan.keep / f"{case.number}.yaml").write_bytes(case.raw)
        text = f"{case.name!r} ({case.way})\n{said}"
        (self._plan.keep / f"{case.number}.txt").write_text(
            text, encoding="utf-8", errors="replace"
        )


def require_command(folder: str, verdict: Verdict, *, as_json: bool) -> None:
    """Require of ``eventlab validate`` the right exit code and lines that can be printed."""
    command = [sys.executable, "-m", "eventlab", "validate", "-C", folder]
    done = subprocess.run(  # noqa: S603 - this program
        [*command, *(["--json"] if as_json else [])], capture_output=True, timeout=600, check=False
    )
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == verdict.exit_code, f"exit code {done.returncode}: {said[-500:]}"
    assert "Traceback" not in said, said[-2000:]
    for line in said.split("\n"):
        if line:
            require_plain(line)
    if as_json:
        assert len(json.loads(done.stdout)["problems"]) == len(verdict.every)
    else:
        assert len(done.stderr.decode().splitlines()) == len(verdict.every) + 1


class limited:  # noqa: N801 - reads like a function
    """Stop what takes more than ``seconds`` of processor time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def _stop(_: int, __: FrameType | None) -> None:
    raise HangError(f"stopped after {HANGS:g} s of processor time")


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


_fuzzer: list[Fuzzer] = []


def start(plan: Plan) -> None:
    """Make a process ready: one thread, a bounded address space, a workspace."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    _fuzzer[:] = [Fuzzer(plan)]


def do_chunk(last: int, first: int) -> Tally:
    """Do the files from ``first`` on, up to ``last``."""
    tally = Tally()
    for number in range(first, min(first + CHUNK, last)):
        _fuzzer[0].do(number, tally)
    tally.slowest = sorted(tally.slowest, reverse=True)[:SHOWN]
    tally.peak_mb = peak_mb()
    if tally.peak_mb > PEAK_MB:
        tally.faults.append((first, f"memory: a process has come to hold {tally.peak_mb} MB"))
    return tally


def chunks(options: argparse.Namespace, plan: Plan) -> Iterator[Tally]:
    """Yield what came of chunk after chunk."""
    last = options.start + options.count
    firsts = range(options.start, last, CHUNK)
    if options.jobs == 1:
        start(plan)
        yield from map(partial(do_chunk, last), firsts)
        return
    with ProcessPoolExecutor(
        options.jobs, mp_context=get_context("spawn"), initializer=start, initargs=(plan,)
    ) as pool:
        yield from pool.map(partial(do_chunk, last), firsts)


def main() -> int:
    """Do all files and print a summary; exit code 1 where there was a fault."""
    options = _options()
    plan = Plan(options.seed, options.runs, options.commands, options.keep)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    began, tally = time.perf_counter(), Tally()
    if options.only is not None:
        start(plan)
        _fuzzer[0].do(options.only, tally, all_of_it=True)
    else:
        done = 0
        for part in chunks(options, plan):
            tally.add(part)
            done += CHUNK
            for number, fault in part.faults:
                print(f"FAULT {number}: {fault}", file=sys.stderr, flush=True)
            if done % 5_000 < CHUNK:
                print(
                    f"{done:,} in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True
                )
    print(json.dumps(_summary(options, tally, time.perf_counter() - began), indent=2))
    return 1 if tally.faults else 0


def _summary(options: argparse.Namespace, tally: Tally, seconds: float) -> dict[str, object]:
    counts = tally.counts
    ended = {
        end: sum(count for name, count in counts.items() if name.endswith(f": {end}"))
        for end in ("valid", "refused")
    }
    return {
        "seed": options.seed,
        "files": sum(ended.values()) + len(tally.faults),
        **ended,
        "faults": [f"{number}: {what}" for number, what in tally.faults],
        "by way": dict(sorted(counts.items())),
        "slowest": [f"{took} s: {number} {name!r}" for took, number, name in tally.slowest],
        "peak MB of a process": tally.peak_mb or peak_mb(),
        "seconds": round(seconds, 1),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many files")
    parser.add_argument("--start", type=int, default=0, help="number of the first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--runs", type=int, default=250, help="one in so many is run, if valid")
    parser.add_argument("--commands", type=int, default=1_000, help="one in so many as a command")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-faults"), help="folder of faults")
    parser.add_argument("--only", type=int, help="number of the one file to do")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
