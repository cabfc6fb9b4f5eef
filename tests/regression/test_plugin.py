"""The pytest plugin, run as a user of another project runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from eventlab.definitions import load_workspace
from eventlab.regression import pytest_plugin
from eventlab.regression.check import run_check
from tests.regression.make_tested import replace, write

pytestmark = pytest.mark.usefixtures("remembered")
HERE = Path(__file__).parents[2]
PLUGIN = "eventlab.regression.pytest_plugin"
EVENT, STRATEGY = "events/acme-earnings.yaml", "strategies/acme-hedge.yaml"
ITEMS = [
    "events/acme-earnings.yaml::acme-earnings[study]",
    "events/acme-earnings.yaml::acme-earnings[claims]",
    "strategies/acme-hedge.yaml::acme-hedge",
    "strategies/acme-hedge.yaml::acme-hedge[acme-earnings]",
]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def project(tested: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a workspace a project of its own, in which no plugin is loaded unasked."""
    write(tested, "pytest.ini", "[pytest]\naddopts = -p no:cacheprovider\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return tested


def inside(capsys: Captured, *words: str) -> tuple[int, str]:
    """Run pytest in this process; return its exit code and what it wrote."""
    capsys.readouterr()
    code = pytest.main(
        ["--color=no", "-p", "no:unraisableexception", *words], plugins=[pytest_plugin]
    )
    return int(code), capsys.readouterr().out


def test_the_entry_point_is_named_and_leads_to_the_plugin() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"eventlab": PLUGIN}


def test_an_item_per_part_and_results_as_the_command_has_them(
    project: Path, capsys: Captured
) -> None:
    code, shown = inside(capsys, "--collect-only", "-q")
    assert code == 0
    assert [line for line in shown.splitlines() if "::" in line] == ITEMS
    code, shown = inside(capsys, "-W", "error", "-q", "--strict-markers", "--junit-xml=junit.xml")
    assert code == 0
    assert "4 passed" in shown
    assert "warning" not in shown
    cases = {case.get("name"): case for case in ET.parse("junit.xml").iter("testcase")}  # noqa: S314 - own file
    for item in run_check(load_workspace(project)).items:
        said = {each.get("name"): each.get("value") for each in cases[item.id].iter("property")}
        assert said.pop("simulated") == "False"
        assert said == {
            name: "NaN" if value is None else str(value) for name, value in item.values.items()
        }


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ([ITEMS[3]], [ITEMS[3]]),
        ([ITEMS[0].partition("::")[0]], ITEMS[:2]),
        (["-k", "acme-hedge and acme-earnings"], [ITEMS[3]]),
    ],
)
def test_items_are_chosen_as_any_other(
    project: Path, capsys: Captured, words: list[str], items: list[str]
) -> None:
    code, shown = inside(capsys, "--collect-only", "-q", *words)
    assert code == 0
    assert [line for line in shown.splitlines() if "::" in line] == items
    assert project.is_dir()


@pytest.mark.parametrize("place", ["strategies/crypto/acme-hedge.yaml", "strategies/other.yaml"])
def test_a_definition_in_a_folder_below_or_of_another_name_is_collected(
    project: Path, capsys: Captured, place: str
) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    (project / STRATEGY).rename(project / place)
    code, shown = inside(capsys, "strategies", "baselines", "-v")
    assert code == 0
    assert re.findall(r"^(\S+) PASSED", shown, re.MULTILINE) == [
        f"{place}::acme-hedge",
        f"{place}::acme-hedge[acme-earnings]",
    ]
    replace(project, place, "exit: 5", "exit: five")
    code, shown = inside(capsys, "strategies", "-q")
    assert code == 2
    assert f"{place}:8:" in shown


def test_a_failure_is_a_table_and_a_command_and_no_traceback(
    project: Path, capsys: Captured
) -> None:
    replace(project, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    code, shown = inside(capsys, "-q", "strategies", "--tb=long")
    assert code == 1
    assert "2 failed" in shown
    assert "FAILED strategies/acme-hedge.yaml::acme-hedge - numbers moved" in shown
    assert "the definition moved: strategy.costs.fee_bps: 5.0 -> 6.0" in shown
    assert re.search(r"metric +baseline +now +change +tolerance", shown)
    assert "accept it: eventlab check acme-hedge --update" in shown
    assert re.search(r"^- 2024-\d\d-\d\d", shown, re.MULTILINE)
    for word in ("Traceback", "MovedError(", "pytest_plugin.py", "raise "):
        assert word not in shown


@pytest.mark.parametrize("how", ["moved", "orphaned"])
def test_what_failed_is_run_again(project: Path, capsys: Captured, how: str) -> None:
    write(project, "pytest.ini", "[pytest]\n")
    if how == "moved":
        replace(project, STRATEGY, "fee_bps: 5", "fee_bps: 6")
        failed = ITEMS[2:]
    else:
        replace(project, EVENT, "baseline: {}", "baseline: {of: [claims]}")
        failed = ["baselines/study/acme-earnings.json::acme-earnings[study]"]
    assert inside(capsys, "-q", "strategies", "baselines", "--tb=no")[0] == 1
    code, shown = inside(capsys, "--lf", "--collect-only", "-q", "strategies", "baselines")
    assert code == 0
    assert [line for line in shown.splitlines() if "::" in line] == failed


def test_prices_and_seed_of_the_options_are_in_the_command(project: Path, capsys: Captured) -> None:
    words = ("strategies", "-q", "--eventlab-seed=9", "--eventlab-data=prices/daily.csv")
    code, shown = inside(capsys, *words)
    assert code == 1
    assert "the seed moved: 7 -> 9" in shown
    assert "eventlab check acme-hedge --update --data prices/daily.csv --seed 9" in shown
    assert project.is_dir()


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (STRATEGY, "exit: 5", "exit: five", "strategies/acme-hedge.yaml:8:"),
        ("universes/stocks.yaml", "title: Stocks", "titel: Stocks", "universes/stocks.yaml:2:"),
        ("eventlab.toml", "seed = 7", 'seed = "7"', "eventlab.toml:3:"),
    ],
)
def test_a_file_with_errors_is_an_error_of_collection(
    project: Path, capsys: Captured, file: str, old: str, new: str, line: str
) -> None:
    replace(project, file, old, new)
    code, shown = inside(capsys, "-q", "strategies", "baselines")
    assert code == 2
    assert line in shown
    assert "Traceback" not in shown
    assert "orphan" not in shown


def test_errors_of_an_event_are_why_its_strategy_fails(project: Path, capsys: Captured) -> None:
    replace(project, EVENT, "kind: earnings", "kind: earning")
    code, shown = inside(capsys, "-q", "strategies")
    assert code == 1
    assert "its events have errors: acme-earnings (eventlab validate)" in shown


def test_an_orphan_fails(project: Path, capsys: Captured) -> None:
    (project / STRATEGY).unlink()
    code, shown = inside(capsys, "-q", "baselines")
    assert code == 1
    assert "baselines/acme-hedge.json is the baseline of nothing" in shown
    assert "accept it: eventlab check acme-hedge --update" in shown
    code, shown = inside(capsys, "-q", "baselines/study")
    assert code == 5  # nothing to run


def test_a_project_that_is_no_workspace_is_left_alone(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("strategies/x.yaml", "events/x.yaml", "strategies/baselines/x.json", "test_a.py"):
        write(tmp_path, name, "def test_a(): pass\n" if name.endswith(".py") else ": no [yaml")
    write(tmp_path, "other/strategies/x.yaml", ": no [yaml")
    write(tmp_path, "other/baselines/x.json", "no json")
    write(tmp_path, "pytest.ini", "[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    code, shown = inside(capsys, "-q", "-p", "no:cacheprovider")
    assert code == 0
    assert "1 passed" in shown


def test_folders_of_other_programs_are_left_alone(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("events/train.yaml", "strategies/x.yaml"):
        write(tmp_path, name, "rate: 0.1\nof:\n  event: x\n")
    write(tmp_path, "baselines/ppo.json", '{"reward": 1}')
    write(tmp_path, "pytest.ini", "[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    code, shown = inside(capsys, "-q", "-p", "no:cacheprovider")
    assert code == 5, shown  # nothing to run
    write(tmp_path, "events/train.yaml", "# mine\n\nevent: x\n")
    assert inside(capsys, "-q", "-p", "no:cacheprovider")[0] == 2


def test_two_workers_share_the_items(project: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "xdist", "-n", "2", "--dist", "load",
         "-v", "--color=no", "-W", "error", "events"],
        cwd=project, env=os.environ | {"PYTHONPATH": str(HERE)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert sorted(re.findall(r"PASSED (\S+)", done.stdout)) == sorted(ITEMS[:2])


def test_the_plugin_alone_imports_nothing_heavy() -> None:
    code = (
        f"import sys, {PLUGIN}\n"
        "heavy = {'pandas', 'numba', 'numpy', 'scipy', 'vectorbt', 'pydantic', 'rich', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
