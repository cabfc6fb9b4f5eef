"""Checks where definitions have errors or lie in folders below, or files are another program's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from tests.regression.make_tested import OTHER, changed, replace, state, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("remembered")
Captured = pytest.CaptureFixture[str]
STRATEGY = "strategies/acme-hedge.yaml"
QUICK = ("acme-hedge",)


def test_what_another_program_keeps_beside_baselines_is_none(
    tested: Path, capsys: Captured
) -> None:
    write(tested, "baselines/speed.json", '{"seconds": 1}')
    (tested / "baselines/folder.json").mkdir()
    assert run(["check", "--update"]) == 0
    assert "orphan" not in capsys.readouterr().out
    assert (tested / "baselines/speed.json").exists()


@pytest.mark.parametrize("place", ["strategies/crypto/acme-hedge.yaml", "strategies/other.yaml"])
def test_a_file_is_named_where_it_lies(tested: Path, capsys: Captured, place: str) -> None:
    (tested / place).parent.mkdir(exist_ok=True)
    (tested / STRATEGY).rename(tested / place)
    assert run(["check", place]) == 0
    assert f"same                 acme-hedge  {place}" in capsys.readouterr().out


@pytest.mark.parametrize("update", [(), ("--update",)])
def test_a_definition_with_errors_in_a_folder_below_keeps_its_baseline(
    tested: Path, update: tuple[str, ...]
) -> None:
    before = state(tested)
    place = "strategies/crypto/acme-hedge.yaml"
    write(tested, place, (tested / STRATEGY).read_text().replace("exit: 5", "exit: five"))
    (tested / STRATEGY).unlink()
    assert run(["check", *update]) == 2
    assert changed(before, tested) == set()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("eventlab.toml", "seed = 7", 'seed = "x"'),
        ("universes/stocks.yaml", "title: Stocks", "titel: Stocks"),
        ("universes/us/stocks.yaml", "title: Stocks", "titel: Stocks"),
    ],
)
def test_without_settings_and_groups_nothing_is_checked(
    tested: Path, capsys: Captured, file: str, old: str, new: str
) -> None:
    before = state(tested)
    (tested / file).parent.mkdir(exist_ok=True)
    (tested / file.replace("us/", "")).rename(tested / file)
    replace(tested, file, old, new)
    for update in ((), ("--update",)):
        assert run(["check", *update]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert file in shown.err
    assert changed(before, tested) == set()


@pytest.mark.parametrize("file", ["events/other.yaml", "events/2025/other.yaml"])
def test_nothing_is_accepted_while_an_event_has_errors(
    tested: Path, capsys: Captured, file: str
) -> None:
    before = state(tested)
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    write(tested, file, OTHER.replace("kind: other", "kind: x"))
    assert run(["check", "--update"]) == 2
    assert f"{file}:3" in capsys.readouterr().err
    assert changed(before, tested) == set()


@pytest.mark.parametrize("update", [(), ("--update",)])
def test_a_definition_with_errors_is_no_orphan_and_keeps_its_baseline(
    tested: Path, capsys: Captured, update: tuple[str, ...]
) -> None:
    before = state(tested)
    replace(tested, STRATEGY, "exit: 5", "exit: five")
    assert run(["check", *update]) == 2
    shown = capsys.readouterr()
    assert "strategies/acme-hedge.yaml:8" in shown.err
    assert "orphan" not in shown.out
    assert changed(before, tested) == set()


@pytest.mark.parametrize("names", [(), QUICK])
def test_errors_of_definitions_are_in_every_form(
    tested: Path, capsys: Captured, names: Sequence[str]
) -> None:
    write(tested, "events/other.yaml", OTHER.replace("kind: other", "kind: x"))
    assert run(["check", *names, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is False
    assert {item["status"] for item in found["items"]} == {"same"}
    assert [line.partition(": ")[0] for line in found["problems"]] == ["events/other.yaml:3:7"]
    assert run(["check", *names, "--markdown"]) == 2
    assert "kind\\: 'x' is not allowed" in capsys.readouterr().out
    assert run(["check", *names]) == 2
    assert capsys.readouterr().out.endswith("the same; 1 error in definitions\n")
