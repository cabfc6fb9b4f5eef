"""Same inputs, same bytes: a run in another folder, zone and order of hashes is the same run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from eventlab.report.sums import SUMS_FILE
from tests.cli.make_workspace import EVENT, add_strategy, make_workspace

pytest.importorskip("altair", reason="needs the extra eventlab[report]")

ROOT = Path(__file__).resolve().parents[2]
MORE = """\
contagion:
  source: AAA
  targets: [BBB, MKT]
  calm_window: [-60, -6]
  crisis_window: [0, 10]
claims:
  - id: acme-fell
    statement: Acme fell by a tenth in a month
    measure: return
    symbols: [AAA]
    window: 20 bars
    as_of: "2025-07-15"
    published: -0.1
"""
PLACES = (
    ("one", {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "LANG": "C.UTF-8"}),
    ("another place/of two", {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LANG": "C"}),
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Run folders of the same workspace, written by two processes that share nothing."""
    base = tmp_path_factory.mktemp("same")
    running = [_started(base / name, variables) for name, variables in PLACES]
    for process in running:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    return [base / name / "reports" for name, _ in PLACES]


def _started(root: Path, variables: dict[str, str]) -> subprocess.Popen[str]:
    make_workspace(root)
    (root / "events" / "acme-earnings.yaml").write_text(EVENT + MORE, encoding="utf-8")
    add_strategy(root)
    return subprocess.Popen(
        [sys.executable, "-m", "eventlab", "run", "--single-file"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def when(folder: Path) -> str:
    made: str = json.loads((folder / "run.json").read_text(encoding="utf-8"))["generated_at"]
    return made


def contents(folder: Path) -> dict[str, bytes]:
    """Path to content with every mention of the moment replaced; those of workbooks unpacked."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found |= {f"{name}/{part}": book.read(part) for part in book.namelist()}
        elif path.is_file():
            found[name] = path.read_bytes()
    # The sum of the record of the run, which says when.
    found[SUMS_FILE] = re.sub(rb".{64}  run\.json\n", b"", found[SUMS_FILE])
    return {name: text.replace(when(folder).encode(), b"WHEN") for name, text in found.items()}


def test_every_file_is_the_same_but_for_when(folders: list[Path]) -> None:
    one, two = (contents(folder) for folder in folders)
    assert list(one) == list(two)
    assert [name for name in one if one[name] != two[name]] == []
    kinds = {Path(name).suffix for name in one}
    assert {".html", ".parquet", ".json", ".csv", ".js"} <= kinds
    for kind in ("study", "contagion", "backtest", "sweep", "claims", "strategies", "events"):
        assert any(name.startswith(f"{kind}/") for name in one)


def test_one_line_of_each_page_and_of_the_record_says_when(folders: list[Path]) -> None:
    folder = folders[0]
    said = when(folder)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) >= 5
    whole = folder / "report.html"  # holds all the others
    for path in (*pages, folder / "run.json"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if said in line]
        assert len(lines) == (len(pages) - 1 if path == whole else 1), path.name
        assert all(len(line) < 100 for line in lines)
    elsewhere = (path for path in folder.rglob("*") if path.suffix in {".js", ".csv", ".parquet"})
    assert [path.name for path in elsewhere if said.encode() in path.read_bytes()] == []


def test_nothing_names_the_folder_or_the_moment_in_another_way(folders: list[Path]) -> None:
    folder = folders[0]
    day = when(folder)[:10]
    for name, text in contents(folder).items():
        assert str(folder.parent).encode() not in text, name
        if not name.startswith("assets/"):
            assert day.encode() not in text, name
