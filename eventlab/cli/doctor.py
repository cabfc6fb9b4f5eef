"""``eventlab doctor``: what this installation consists of, and what is in its way."""
# ruff: noqa: PLC0415 - the parts are looked at only here

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from eventlab.cli.messages import print_json, print_line
from eventlab.cli.options import JsonOption, WorkspaceOption
from eventlab.errors import EventlabError
from eventlab.report.versions import PACKAGES, dependency_versions

__all__ = ["doctor"]

EXTRAS = {"arch": ("arch",), "report": ("altair", "jinja2", "vl_convert")}


def doctor(*, directory: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """Say which versions, caches, sources and workspace this installation has."""
    found = {
        "versions": dependency_versions(),
        "missing": [name for name in PACKAGES if name not in dependency_versions()],
        "extras": {
            name: all(find_spec(module) is not None for module in modules)
            for name, modules in EXTRAS.items()
        },
        "executable": sys.executable,
        "numba_cache": _numba_cache(),
        "cache": _folder(_cache_folder()),
        "sources": _sources(),
        "terminal": {
            "stdout": sys.stdout.isatty(),
            "stderr": sys.stderr.isatty(),
            "encoding": sys.stdout.encoding,
        },
        "workspace": _workspace(directory),
    }
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        print_line(f"{name}: {_line(value)}")


def _line(value: object) -> str:
    """Write a finding on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_line(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _numba_cache() -> dict[str, object]:
    """Where compiled kernels are kept: beside them, or where NUMBA_CACHE_DIR says."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    beside = Path(__file__).parents[1] / "kernels" / "__pycache__"
    return _folder(Path(named) if named else beside)


def _cache_folder() -> Path:
    from eventlab.report.kept import cache_folder

    return cache_folder()


def _folder(folder: Path) -> dict[str, object]:
    return {"folder": str(folder), "writable": _writable(folder)}


def _writable(folder: Path) -> bool:
    """Whether a file can be made in the folder, or in the nearest parent that exists."""
    place = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    if place is None:
        return False
    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _sources() -> dict[str, object]:
    return {"sample": True, "arch": find_spec("arch") is not None}


def _workspace(directory: Path) -> dict[str, object]:
    from eventlab.cli.load import open_workspace

    try:
        workspace, problems = open_workspace(directory, calendars=False)
    except EventlabError as error:
        return {"found": False, "reason": str(error)}
    return {
        "found": True,
        "folder": str(directory.resolve()),
        "events": len(workspace.events),
        "strategies": len(workspace.strategies),
        "universes": len(workspace.universes),
        "problems": len(problems),
    }
