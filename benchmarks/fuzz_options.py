"""Hostile command lines by the thousand: ``python -m benchmarks.fuzz_options --count 3000``."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shlex
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from eventlab.cli.main import COMMANDS
from tests.cli.hostile_options import HEAVY, faults_of, fresh, make_small, words_of

MEMORY = 8 << 30  # bytes of address space: what asks for more fails


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--light", action="store_true", help="no command that computes for long")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    commands = tuple(name for name in COMMANDS if not (asked.light and name in HEAVY))
    codes: Counter[str] = Counter()
    found: list[str] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = f"{folder}/state"
        small = make_small(Path(folder) / "small")
        for number in range(asked.count):
            words = words_of(random.Random(f"{asked.seed}/{number}"), commands)  # noqa: S311 - nothing is kept secret
            with fresh(small, Path(folder) / "box" / "ws"):
                code, faults = faults_of(words)
            codes[str(code)] += 1
            found += [
                json.dumps({"number": number, "words": shlex.join(words)[:400], "fault": fault})
                for fault in faults
            ]
            if number % 200 == 199:
                print(f"{number + 1} of {asked.count}, {len(found)} faults", file=sys.stderr)
    seconds = round(time.perf_counter() - began, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    said = {"tried": sum(codes.values()), "codes": dict(codes), "faults": len(found)}
    print(json.dumps({**said, "seconds": seconds, "peak_mb": peak}))
    print("\n".join(found[:40]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
