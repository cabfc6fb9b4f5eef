"""Hostile files of prices by the thousand: ``python -m benchmarks.fuzz_prices --count 5000``."""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.market.hostile_check import faults_of
from tests.market.hostile_prices import write_hostile

HANGS = 120  # seconds after which the process ends with where it was


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of one input of the seed")
    asked = parser.parse_args()
    numbers = range(asked.count) if asked.only is None else [asked.only]
    became: Counter[str] = Counter()
    found: list[str] = []
    began, slowest = time.perf_counter(), 0.0
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            faulthandler.dump_traceback_later(HANGS, exit=True)
            source = write_hostile(Path(folder), random.Random(f"{asked.seed}/{number}"))  # noqa: S311 - nothing is kept secret
            start = time.perf_counter()
            what, faults = faults_of(source)
            slowest = max(slowest, time.perf_counter() - start)
            faulthandler.cancel_dump_traceback_later()
        became[what] += 1
        found += [
            json.dumps({"number": number, "file": source.name[:80], "fault": fault})
            for fault in faults
        ]
        if number % 500 == 499:
            print(f"{number + 1} of {asked.count}, {len(found)} faults", file=sys.stderr)
    said = {
        "tried": sum(became.values()),
        **became,
        "faults": len(found),
        "seconds": round(time.perf_counter() - began, 1),
        "slowest": round(slowest, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    print("\n".join([json.dumps(said), *found[:40]]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
