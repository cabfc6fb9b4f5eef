"""Known vulnerabilities of the locked packages, by pip-audit in an environment of its own.

Exit code 0: every package of the lock that this machine would install was looked up, and nothing
is known against any. 1: something is. 2: it could not be found out, and the last line says why.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
TOOL = "pip-audit==2.10.1"
PATIENCE = 60  # seconds for everything, the download of the tool included
CLEAN, FOUND, UNKNOWN = 0, 1, 2


def main() -> int:
    """Run the audit and say how it went."""
    runner = command()
    if not runner:
        return say(UNKNOWN, ["could not run: neither uv nor pipx is on the PATH"])
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "audit.json"
        try:
            done = subprocess.run(  # noqa: S603 - a list of words, and the tool is pinned
                [*runner, *options(answer)], capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return say(UNKNOWN, [f"could not run: no answer in {PATIENCE} seconds"])
        if not answer.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            return say(UNKNOWN, [f"could not run: {said[-1][:300]}"])
        return say(*judged(json.loads(answer.read_text(encoding="utf-8"))))


def command() -> list[str]:
    """Return how the tool is started apart from the project's own environment; empty: it cannot."""
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "--no-python-downloads", "--python", sys.executable, TOOL]
    if pipx := shutil.which("pipx"):
        return [pipx, "run", TOOL]
    return []


def options(answer: Path) -> list[str]:
    """Return what is asked: the lock as it is, by its hashes, nothing installed."""
    asked = ["--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
    return [*asked, "--progress-spinner", "off", "--format", "json", "--output", str(answer)]


def judged(document: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and what to say; a package that nobody looked up is not clean."""
    packages = document["dependencies"]
    skipped = [each for each in packages if "skip_reason" in each]
    lines = [
        f"{each['name']} {each['version']}: {known['id']}"
        f" (mended in {', '.join(known['fix_versions']) or 'no version'})"
        for each in packages
        for known in each.get("vulns", ())
    ]
    if lines:
        return FOUND, lines
    if skipped or not packages:
        first = f", as in: {skipped[0]['skip_reason']}" if skipped else ""
        unknown = f"{len(skipped)} of {len(packages)} packages could not be looked up{first}"
        return UNKNOWN, [f"could not run: {unknown}"]
    return CLEAN, [f"nothing is known against any of {len(packages)} packages"]


def say(code: int, lines: list[str]) -> int:
    """Write what was found, and pass the exit code on."""
    sys.stdout.write("".join(f"audit: {line}\n" for line in lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
