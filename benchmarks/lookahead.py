"""Try every function of time on other futures, at many instants: the long form of the tests."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1] / "tests" / "lookahead"


class Tally:
    """Counts properties by file, and keeps the names of those that failed."""

    def __init__(self) -> None:
        self.passed: dict[str, int] = {}
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome of one test; an error of its setup is a failure."""
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.when == "call" and report.passed:
            name = Path(report.nodeid.split("::")[0]).stem
            self.passed[name] = self.passed.get(name, 0) + 1
            print(f"{report.nodeid.split('::')[-1]}: {report.duration:.0f} s", file=sys.stderr)


def main() -> int:
    """Run the properties and print a summary as JSON; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="instants per property")
    parser.add_argument("--seed", type=int, default=0, help="of hypothesis")
    parser.add_argument("--only", default="", help="expression of pytest's -k")
    asked = parser.parse_args()
    os.environ["EVENTLAB_LOOKAHEAD"] = str(asked.count)
    tally, begun = Tally(), time.monotonic()
    options = ["-q", "--no-header", "-p", "no:cacheprovider", f"--hypothesis-seed={asked.seed}"]
    code = pytest.main([str(TESTS), *options, "-k", asked.only], plugins=[tally])
    summary = {
        "instants per property": asked.count,
        "seed": asked.seed,
        "passed": tally.passed,
        "failed": tally.failed,
        "seconds": round(time.monotonic() - begun),
    }
    print(json.dumps(summary, indent=2))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
