"""Kill commands at random moments: what they write is the old or the new, whole, every time.

    python -m benchmarks.kills --count 500 --seed 1 --command run --jobs 2

A command that replaces its last result is started in a workspace of three symbols and killed with
SIGKILL: the process alone or all of its processes. Half of the kills strike at a change that the
command is about to make to the disk, drawn over all of them or over the last; the others after a
random share of the time that it takes, or as soon as its own folder is there, is whole, or the old
one stands aside. Then the product reads what is there. With ``--cold`` a share of the commands
fills caches of machine code from nothing, several at once; what is computed from such a cache is
the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from eventlab.errors import EventlabError
from eventlab.report.compare.comparison import compare_runs
from eventlab.report.store import read_run
from tests.cli.make_workspace import STRATEGY, add_strategy, make_workspace

ROOT: Final = Path(__file__).resolve().parents[1]
COMMANDS: Final = {
    "run": ("run", "-q", "--out", "out"),
    "sweep": ("sweep", "acme-hedge", "-q", "--draws", "20", "--splits", "4", "--out", "out"),
    "study": ("study", "acme-earnings", "-q", "--draws", "0", "--out", "out"),
    "check": ("check", "--update", "--force", "-q"),
}
MOMENTS: Final = ("any time", "its folder is there", "it is whole", "the old stands aside")
AT_A_CHANGE: Final = "at a change"
# Counts the changes that a command makes to the disk, and kills it, or all of its group, at one.
COUNTER: Final = """
import os, runpy, signal, sys
target, alone, counted = int(sys.argv.pop(1)), sys.argv.pop(1) == "1", sys.argv.pop(1)
changes = 0
def hook(event, arguments):
    global changes
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    if event in {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}:
        if not any(isinstance(each, str) and each.startswith("/dev") for each in arguments):
            changes += 1
            if changes == target:
                (os.kill if alone else os.killpg)(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.argv[0] = "eventlab"
try:
    runpy.run_module("eventlab", run_name="__main__")
finally:
    total = changes
    with open(counted, "w") as file:
        file.write(str(total))
"""
PATIENCE: Final = 300.0  # seconds that a command may take on a busy machine
GONE: Final = 10.0  # seconds that the processes of a killed command may take to end
OFTEN: Final = 25  # kills between two commands that are left to end
LAST: Final = 20  # changes to the disk at the end of a command
BASELINES: Final = "baselines"


@dataclass(slots=True)
class Tally:
    """What came of the kills."""

    phases: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Place:
    """A workspace in which one command at a time is started and killed."""

    def __init__(self, root: Path, command: str, rng: random.Random) -> None:
        self.root, self.command, self.rng = make_workspace(root), command, rng
        add_strategy(root, text=STRATEGY + "baseline: {}\n" if command == "check" else STRATEGY)
        self.cold: Path | None = None
        self.number = 0
        self.known: dict[str, str] = {}  # what is there after the last look: kind of content
        self.seconds = self.writing = 0.0  # that a command takes, and of these to write
        self.changes = 0  # that a command makes to the disk
        self.reference, self.counted = self.root / "reference", self.root / "changes"

    def prepare(self) -> None:
        """Run the command: its files, and the time that it takes."""
        began = time.monotonic()
        process = self._start()
        self._wait(process, MOMENTS[1], 0.0)
        writing = time.monotonic()
        process.communicate(timeout=PATIENCE)
        self.changes = int(self.counted.read_text())
        self.seconds, self.writing = time.monotonic() - began, time.monotonic() - writing
        if self.command != "check":
            shutil.copytree(self.root / "out", self.reference)
        self.known = self.content()

    def kill_once(self, tally: Tally, *, alone: bool, moment: str, cold: Path | None) -> None:
        """Start the command, kill it, and look at what it left."""
        self.number += 1
        self.cold = cold
        share = self.rng.random()
        last = min(self.changes, self.rng.choice((LAST, self.changes)))  # where results are put
        at = self.changes - int(share * last) if moment == AT_A_CHANGE else 0
        process = self._start(at, alone=alone)
        if at:
            process.wait(PATIENCE)
        else:
            self._wait(process, moment, share)
        phase = f"{AT_A_CHANGE}, {self._place()}" if at else self._phase(process)
        with suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
        process.communicate()
        tally.phases[f"{phase}{', cold' if cold else ''}"] += 1
        said = f"kill {self.number} of {self.root.name}, {phase}, {'alone' if alone else 'all'}"
        if not _gone(process.pid):
            tally.faults.append(f"{said}: its processes go on")
        self._look(tally, said)

    def finish(self, tally: Tally) -> None:
        """Let a command end: it works, and nothing is left beside what it wrote."""
        self.number += 1
        said = f"command {self.number} of {self.root.name}"
        code, text = self.end()
        if code != 0:
            tally.faults.append(f"{said}: exit code {code}: {text}")
        self._look(tally, said)
        left = [str(each) for each in self.root.rglob(".*") if each.name != ".gitignore"]
        if left:
            tally.faults.append(f"{said}: left behind: {left}")

    def content(self) -> dict[str, str]:
        """Return what is there, by name: the seed of a run, the text of each baseline."""
        if self.command == "check":
            files = sorted((self.root / BASELINES).rglob("*.json"))
            return {path.name: path.read_text("utf-8") for path in files}
        return {"seed": str(read_run(self.root / "out").seed)}

    def _look(self, tally: Tally, said: str) -> None:
        """Read what is there with the product; say whether it is old or new."""
        try:
            found = self.content()
            if self.command == "check":
                self._look_at_baselines(found)
            else:
                self._look_at_run()
        except (EventlabError, OSError, ValueError, AssertionError) as error:
            tally.faults.append(f"{said}: {type(error).__name__}: {error}")
            return
        seed = str(self.number)
        new = found.get("seed") == seed or (self.command == "check" and found != self.known)
        if found != self.known and not new:
            tally.faults.append(f"{said}: {found} is neither {self.known} nor of seed {seed}")
        tally.left["new" if new else "old"] += 1
        self.known = found

    def _look_at_run(self) -> None:
        out = self.root / "out"
        files = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
        wanted = {p.relative_to(self.reference) for p in self.reference.rglob("*") if p.is_file()}
        assert files == wanted, f"other files: {sorted(map(str, files ^ wanted))}"
        for path in files:
            if path.suffix == ".html":
                text = (out / path).read_text("utf-8")
                assert text.rstrip().endswith("</html>"), f"{path} is cut off"
        compare_runs(self.reference, out)

    def _look_at_baselines(self, found: dict[str, str]) -> None:
        for text in found.values():
            json.loads(text)
        assert found.keys() == self.known.keys() or not self.known, "a baseline is missing"

    def _start(self, at: int = 0, *, alone: bool = False) -> subprocess.Popen[bytes]:
        if self.command == "check":  # what is accepted has to differ from what was
            path = self.root / "strategies" / "acme-hedge.yaml"
            text = (STRATEGY + "baseline: {}\n").replace("cap: 3.0", f"cap: {3 + self.number % 2}")
            path.write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if self.cold is not None:
            environment["NUMBA_CACHE_DIR"] = str(self.cold)
        counting = [sys.executable, "-c", COUNTER, str(at), str(int(alone)), str(self.counted)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [*counting, *COMMANDS[self.command], "--seed", str(self.number)],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def end(self, cold: Path | None = None) -> tuple[int, str]:
        """Let the command end; return its exit code and what it said."""
        self.cold = cold
        process = self._start()
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, said.decode()

    def _wait(self, process: subprocess.Popen[bytes], moment: str, share: float) -> None:
        """Wait for a share of the time that the command takes, or of that in which it writes."""
        began = time.monotonic()
        if moment == MOMENTS[0] or self.command == "check":  # whose files are there for too short
            first = 0.0 if moment == MOMENTS[0] else 0.7
            limit = began + self.seconds * (first + (1.05 - first) * share)
        else:
            limit = began + PATIENCE
        reached = MOMENTS[MOMENTS.index(moment) :]
        while time.monotonic() < limit and process.poll() is None:
            if moment != MOMENTS[0] and self._phase(process) in reached:
                time.sleep(share * (self.writing if moment == MOMENTS[1] else 0.002))
                return
            time.sleep(0.0005 if moment in MOMENTS[:2] else 0.0)

    def _phase(self, process: subprocess.Popen[bytes]) -> str:
        """Say how far a command is."""
        return "it has ended" if process.poll() is not None else self._place()

    def _place(self) -> str:
        """Say how far the files of a command are."""
        if self.command == "check":
            parts = list((self.root / BASELINES).glob(".*"))
            return MOMENTS[1] if parts else "nothing of it is there"
        for work in self.root.glob(".out.new-*"):
            with suppress(OSError):
                names = {each.name for each in work.iterdir()}
                if "new" not in names:
                    return "the new is in its place" if "old-0" in names else MOMENTS[1]
                if "old-0" in names:
                    return MOMENTS[3]
                return MOMENTS[2 if (work / "new" / "SHA256SUMS").exists() else 1]
        return "nothing of it is there"


def _gone(group: int) -> bool:
    """Whether every process of a group ends."""
    limit = time.monotonic() + GONE
    while _members(group):
        if time.monotonic() > limit:
            os.killpg(group, signal.SIGKILL)
            return False
        time.sleep(0.01)
    return True


def _members(group: int) -> list[int]:
    """Return the living processes of a group; none where the system has no /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(int(path.parent.name))
    return found


def main() -> None:
    """Kill as often as asked; print a summary as JSON, with exit code 1 where there are faults."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=COMMANDS, default="run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cold", type=float, default=0.05, help="share with a cold cache")
    asked = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        shared = Path(name) / "cold"

        def work(job: int) -> None:
            count = asked.count // asked.jobs + (job < asked.count % asked.jobs)
            rng = random.Random(f"{asked.seed} {job}")  # noqa: S311 - moments, no secrets
            place = Place(Path(name) / f"job-{job}", asked.command, rng)
            kill_often(place, tally, count, cold=asked.cold, shared=shared)

        with ThreadPoolExecutor(asked.jobs) as pool:
            list(pool.map(work, range(asked.jobs)))
        checked = shared.exists() and asked.command != "check"
        if checked:
            tally.faults += _other_results(Path(name), asked.command, shared)
    print(json.dumps(summary(tally, checked=checked), indent=1))
    sys.exit(1 if tally.faults else 0)


def kill_often(place: Place, tally: Tally, count: int, *, cold: float, shared: Path) -> None:
    """Kill a command of one place ``count`` times."""
    place.prepare()
    for number in range(count):
        cache = shared if place.rng.random() < cold else None
        moment = AT_A_CHANGE if place.rng.random() < 0.5 else place.rng.choice(MOMENTS)
        place.kill_once(tally, alone=place.rng.random() < 0.3, moment=moment, cold=cache)
        if (number + 1) % OFTEN == 0 or number + 1 == count:
            place.finish(tally)
        sys.stderr.write(f"{place.root.name}: {number + 1}/{count}, {len(tally.faults)} faults\n")


def summary(tally: Tally, *, checked: bool) -> dict[str, object]:
    """Return what came of it as plain values."""
    return {
        "kills": sum(tally.phases.values()),
        "phases": dict(sorted(tally.phases.items())),
        "found": dict(sorted(tally.left.items())),
        "a cache that killed commands filled gives the same results": checked or "not tried",
        "faults": tally.faults,
    }


def _other_results(root: Path, command: str, cold: Path) -> list[str]:
    """Compute once more with the cache that killed commands filled, and with the usual one."""
    place = Place(root / "last", command, random.Random(0))  # noqa: S311 - unused
    codes = [place.end(None)[0]]
    shutil.copytree(place.root / "out", place.reference)
    codes.append(place.end(cold)[0])
    if codes != [0, 0]:
        return [f"with the cache that killed commands filled: exit codes {codes}"]
    found = compare_runs(place.reference, place.root / "out")
    return [f"with that cache: {row}" for row in found.changes.itertuples()]


if __name__ == "__main__":
    main()
