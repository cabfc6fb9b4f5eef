"""Size, power and verdicts of the contagion battery, and the page that shows them.

Run ``python -m benchmarks.contagion_size --out docs/contagion-size.md``, half an hour on one idle
processor; with ``--check``, exit with 1 if a size is off. ``--counts`` keeps the counts, ``--from``
writes the page from kept ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contagion_counts import AVERAGES, FAMILY, Counts, count_all
from benchmarks.contagion_designs import WORLDS
from benchmarks.contagion_judge import problems
from benchmarks.contagion_page import Run, page
from benchmarks.contagion_parts import Rate, measure_parts
from benchmarks.size_power import versions

ISSUE = ("link", "shock")  # worlds of the two most quoted tables: twice the samples


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that the page is made from."""

    counts: dict[str, Counts]
    rates: list[Rate]
    run: Run


def main(arguments: list[str]) -> int:
    wanted = read_arguments(arguments)
    found = load(wanted.kept) if wanted.kept else measure(wanted)
    if wanted.counts:
        save(wanted.counts, found)
    if wanted.out:
        wanted.out.write_text(page(found.counts, found.rates, found.run), encoding="utf-8")
    off = problems(found.counts)
    print("\n".join(off) or "every size judged is within two points of 5%")
    return int(wanted.check and bool(off))


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.contagion_size", description=__doc__
    )
    add = parser.add_argument
    add("--samples", type=int, default=4_000, help="samples of a world of one pair")
    add("--family", type=int, default=2_000, help="samples of families, and of averages")
    add("--parts", type=float, default=1.0, help="what the samples of parts are multiplied by")
    add("--seed", type=int, default=20251210)
    add("--processes", type=int, default=2)
    add("--out", type=Path, help="where to write the page")
    add("--counts", type=Path, help="where to keep the counts")
    add("--from", type=Path, dest="kept", help="write the page from kept counts")
    add("--check", action="store_true", help="exit with 1 if a size is off")
    return parser.parse_args(arguments)


def measure(wanted: argparse.Namespace) -> Measured:
    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    samples = dict.fromkeys(WORLDS, wanted.samples)
    samples |= {FAMILY: wanted.family, AVERAGES: wanted.family}
    options: dict[str, Any] = {"seed": wanted.seed, "processes": wanted.processes, "say": say}
    counts = count_all(samples, **options)
    rates = measure_parts(wanted.parts, **options)
    command = (
        f"python -m benchmarks.contagion_size --samples {wanted.samples} --family {wanted.family} "
        f"--parts {wanted.parts:g} --seed {wanted.seed}"
    )
    seconds = time.perf_counter() - begin
    return Measured(counts, rates, Run(command, wanted.seed, seconds, wanted.processes, versions()))


def save(path: Path, found: Measured) -> None:
    rows = {
        key: {f.name: np.asarray(getattr(one, f.name)).tolist() for f in fields(Counts)}
        for key, one in found.counts.items()
    }
    rates = [asdict(rate) for rate in found.rates]
    path.write_text(
        json.dumps({"run": asdict(found.run), "worlds": rows, "rates": rates}), encoding="utf-8"
    )


def load(path: Path) -> Measured:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    counts = {
        key: Counts(
            row["samples"], *(np.array(row[f.name]) for f in fields(Counts) if f.name != "samples")
        )
        for key, row in kept["worlds"].items()
    }
    return Measured(counts, [Rate(**rate) for rate in kept["rates"]], Run(**kept["run"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
