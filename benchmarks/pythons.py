"""The same job under every Python that is installed: do all numbers agree?

Run ``python -m benchmarks.pythons``, or with ``--python /path/to/python3.13`` for each interpreter
that is not on the PATH. Each gets an environment of its own from requirements.lock (about 1.4 GB,
kept in ``--folder`` for the next time), runs a study, a contagion, the backtest of every strategy
and all claims of this workspace with ``--json``, on the simulated market and, where EVENTLAB_MARKET
names one, on real prices; then every number is compared with that of the first interpreter. What is
not a number has to be equal too. Progress goes to stderr, a summary as JSON to stdout; the exit
code is 1 where a number differs by more than 1e-12 of its size.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("python3.11", "python3.12", "python3.13", "python3.14")
ALLOWED = 1e-12
EVENT = "oracle-earnings"
# Where, when and by which command a result was made is no result.
STATED = {"command", "eventlab", "versions", "seconds", "made_at"}
COMMAND = "import sys; from eventlab.cli.main import main; sys.exit(main())"


def main() -> int:
    asked = arguments()
    pythons = asked.python or [found for name in NAMES if (found := shutil.which(name))]
    jobs = jobs_of(asked.market)
    results: dict[str, dict[str, Any]] = {}
    summary: dict[str, Any] = {"jobs": list(jobs), "pythons": {}}
    for python in pythons:
        version = version_of(python)
        executable = environment(python, asked.folder / version)
        say(f"Python {version}")
        results[version] = {name: run(executable, job, asked.folder) for name, job in jobs.items()}
        first = next(iter(results))
        summary["pythons"][version] = compare(results[first], results[version])
    print(json.dumps(summary, indent=2))
    worst = max((found["largest"] for found in summary["pythons"].values()), default=0.0)
    others = any(found["other"] for found in summary["pythons"].values())
    return int(others or not worst <= ALLOWED)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--python", action="append", help="an interpreter; repeatable")
    parser.add_argument("--folder", type=Path, default=cache(), help="of the environments")
    parser.add_argument("--market", default=os.environ.get("EVENTLAB_MARKET"), help="real prices")
    return parser.parse_args()


def cache() -> Path:
    held = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(held) / "eventlab" / "pythons"


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def version_of(python: str) -> str:
    words = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    done = subprocess.run(  # noqa: S603 - named by who runs this
        [python, "-c", words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def environment(python: str, folder: Path) -> str:
    """Make the environment of an interpreter unless it is there; its executable."""
    executable = str(folder.absolute() / "bin" / "python")
    done = folder / "installed"
    if done.is_file():
        return executable
    say(f"installing the locked packages for {python}")
    lock = str(ROOT / "requirements.lock")
    if uv := shutil.which("uv"):
        steps: list[list[str]] = [
            [
                uv,
                "venv",
                "--quiet",
                "--clear",
                "--no-python-downloads",
                "--python",
                python,
                str(folder),
            ],
            [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", executable, lock],
        ]
    else:
        pip = [executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        steps = [
            [python, "-m", "venv", "--clear", str(folder)],
            [*pip, "--require-hashes", "-r", lock],
        ]
    for step in steps:
        subprocess.run(step, check=True)  # noqa: S603 - the steps above
    done.touch()
    return executable


def jobs_of(market: str | None) -> dict[str, list[str]]:
    """Arguments of the command line by name."""
    strategies = sorted(path.stem for path in (ROOT / "strategies").glob("*.yaml"))
    commands = {
        "study": ["study", EVENT],
        "contagion": ["contagion", EVENT],
        "backtest": ["backtest", *strategies],
        "claims": ["claims"],
    }
    sources = {"sample": "sample"} | ({"market": market} if market else {})
    return {
        f"{name} on {label}": [*command, "--data", source, "--json", "-C", str(ROOT)]
        for label, source in sources.items()
        for name, command in commands.items()
    }


def run(executable: str, job: list[str], folder: Path) -> Any:
    """Return what one command prints, read as JSON."""
    began = time.monotonic()
    settings = os.environ | {
        "PYTHONPATH": str(ROOT),
        "NUMBA_CACHE_DIR": str(folder.absolute() / "numba"),
    }
    done = subprocess.run(  # noqa: S603 - an environment of ours, a command of ours
        [executable, "-c", COMMAND, *job], check=False, capture_output=True, text=True, env=settings
    )
    if not done.stdout:
        raise SystemExit(f"eventlab {' '.join(job)} ended with {done.returncode}: {done.stderr}")
    say(f"  {job[0]}: {time.monotonic() - began:.0f} s")
    return json.loads(done.stdout)


def compare(first: Any, other: Any) -> dict[str, Any]:
    """Count the numbers, those that are not the same, and say where the largest difference is."""
    found: dict[str, Any] = {"numbers": 0, "unequal": 0, "largest": 0.0, "where": "", "other": []}
    walk(first, other, "", found)
    return found


def walk(first: Any, other: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(first, dict) and isinstance(other, dict) and first.keys() == other.keys():
        for key in first.keys() - STATED:
            walk(first[key], other[key], f"{path}.{key}", found)
    elif isinstance(first, list) and isinstance(other, list) and len(first) == len(other):
        for place, (a, b) in enumerate(zip(first, other, strict=True)):
            walk(a, b, f"{path}[{place}]", found)
    elif is_number(first) and is_number(other):
        found["numbers"] += 1
        if first != other:
            apart = abs(first - other) / max(abs(first), abs(other))
            found["unequal"] += 1
            if apart > found["largest"]:
                found["largest"], found["where"] = apart, path
    elif first != other and len(found["other"]) < 20:
        found["other"].append(f"{path}: {str(first)[:60]!r} and {str(other)[:60]!r}")


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


if __name__ == "__main__":
    sys.exit(main())
