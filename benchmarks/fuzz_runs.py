"""Damaged run folders by the thousand: ``python -m benchmarks.fuzz_runs --count 3000 --seed 1``."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.report.damage import damaged, faults_of, write_whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tried: Counter[str] = Counter()
    found: list[dict[str, object]] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        runs = write_whole(Path(folder))
        for number in range(asked.count):
            draw = random.Random(f"{asked.seed}/{number}")  # noqa: S311 - nothing is kept secret
            with damaged(runs / "after", draw) as (name, how):
                tried[how] += 1
                found += [
                    {"number": number, "file": name, "how": how, "fault": fault}
                    for fault in faults_of(runs, name)
                ]
            if number % 100 == 99:
                print(f"{number + 1} of {asked.count}, {len(found)} faults", file=sys.stderr)
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({"tried": sum(tried.values()), "how": dict(tried), "seconds": seconds}))
    for fault in found[:20]:
        print(json.dumps(fault))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
