"""Rejection rates of every test under many designs, and the page that shows them.

Run ``python -m benchmarks.size_power --out docs/size.md``, a quarter of an hour on two idle
processors; with ``--check``, exit with 1 if a headline test is off its level or a known rate is
missed. ``--counts`` keeps the counts, ``--from`` writes the page from kept ones.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import eventlab
from benchmarks.size_battery import all_tests
from benchmarks.size_counts import Counts, count_designs
from benchmarks.size_designs import KNOWN, designs
from benchmarks.size_judge import problems
from benchmarks.size_page import Run, page
from benchmarks.size_picture import draw_power

if TYPE_CHECKING:
    from benchmarks.size_designs import Design

FIELDS = ("computed", "rejected", "offered", "both")


def main(arguments: list[str]) -> int:
    wanted = read_arguments(arguments)
    if wanted.kept:
        counts, run = load(wanted.kept)
    else:
        counts, run = measure(wanted)
    if wanted.counts:
        save(wanted.counts, counts, run)
    if wanted.out:
        wanted.out.write_text(page(counts, run), encoding="utf-8")
        draw_power(counts, wanted.out.with_name("power.svg"))
    found = problems(counts)
    print("\n".join(found) or "every rate judged is as it should be")
    return int(wanted.check and bool(found))


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.size_power", description=__doc__)
    add = parser.add_argument
    add("--samples", type=int, default=8_000, help="samples of a design")
    add("--power", type=int, default=1_000, help="samples of a design with an effect")
    add("--drawn", type=int, default=4_000, help="samples of a design of the tests that draw")
    add("--seed", type=int, default=20251210)
    add("--processes", type=int, default=2)
    add("--only", nargs="+", choices=list(designs()), metavar="DESIGN", help="some designs only")
    add("--out", type=Path, help="where to write the page, and power.svg beside it")
    add("--counts", type=Path, help="where to keep the counts")
    add("--from", type=Path, dest="kept", help="write the page from kept counts")
    add("--check", action="store_true", help="exit with 1 if a rate is off")
    return parser.parse_args(arguments)


def measure(wanted: argparse.Namespace) -> tuple[dict[str, Counts], Run]:
    def samples(design: Design) -> int:
        if not design.is_null and design.key not in KNOWN:
            return int(wanted.power)
        if design.history:
            return int(wanted.drawn)
        return int(wanted.samples) // (2 if design.n > 100 else 1)

    begin = time.perf_counter()
    counts = count_designs(
        wanted.only or list(designs()),
        samples,
        seed=wanted.seed,
        processes=wanted.processes,
        say=lambda text: print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr),
    )
    run = Run(
        command=(
            f"python -m benchmarks.size_power --samples {wanted.samples} --drawn {wanted.drawn} "
            f"--power {wanted.power} --seed {wanted.seed}"
        ),
        seed=wanted.seed,
        samples=wanted.samples,
        drawn=wanted.drawn,
        power=wanted.power,
        seconds=time.perf_counter() - begin,
        processes=wanted.processes,
        versions=versions(),
    )
    return counts, run


def versions() -> str:
    named = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "numba"))
    return f"eventlab {eventlab.__version__}, Python {platform.python_version()}, {named}"


def save(path: Path, counts: dict[str, Counts], run: Run) -> None:
    rows = {
        key: {"samples": one.samples} | {field: getattr(one, field).tolist() for field in FIELDS}
        for key, one in counts.items()
    }
    text = {"run": {name: getattr(run, name) for name in Run.__slots__}, "tests": all_tests()}
    path.write_text(json.dumps(text | {"designs": rows}), encoding="utf-8")


def load(path: Path) -> tuple[dict[str, Counts], Run]:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if tuple(kept["tests"]) != all_tests():
        raise SystemExit(f"{path}: counts of other tests than today's; measure again")
    counts = {
        key: Counts(row["samples"], *(np.array(row[field]) for field in FIELDS))
        for key, row in kept["designs"].items()
    }
    return counts, Run(**kept["run"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
