"""The process that writes tables beside the pages writes what the command itself would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.cli import table_process
from eventlab.cli.table_process import tables_beside
from eventlab.report.record import Run
from eventlab.report.store import write_run
from eventlab.report.table_files import run_facts, write_table_files
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("xlsxwriter", reason="needs the extra eventlab[report]")


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Run, Path]:
    study = make_study(n_occurrences=3, title="=1+1", by_tag=("beat",))
    run = Run((study,), (), "eventlab run", 3, "prices", "2026-01-02T03:04:05+00:00")
    write_run(run, tmp_path / "run")
    return run, tmp_path / "run"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "tables").rglob("*.*")}


def test_its_files_are_those_of_one_process(
    stored: tuple[Run, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    write_table_files(run.results, tmp_path / "own", run_facts(run))
    monkeypatch.setattr(table_process, "FEWEST", 1)
    monkeypatch.setattr(table_process, "processors", lambda: 2)

    def not_here(*_: object) -> None:
        pytest.fail("the process was to write them")

    monkeypatch.setattr("eventlab.report.table_files.write_table_files", not_here)
    with tables_beside(run, folder):
        pass
    own, found = contents(tmp_path / "own"), contents(folder)
    assert len(own) > 20
    assert found == own


def test_where_it_fails_the_command_writes_them(
    stored: tuple[Run, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    monkeypatch.setattr(table_process, "FEWEST", 1)
    monkeypatch.setattr(table_process, "processors", lambda: 2)
    (folder / "study/oracle-earnings/about.json").unlink()  # the process cannot read it
    with tables_beside(run, folder):
        pass
    assert "oracle-earnings.xlsx" in contents(folder)


def test_where_pages_fail_it_is_stopped(
    stored: tuple[Run, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    monkeypatch.setattr(table_process, "FEWEST", 1)
    monkeypatch.setattr(table_process, "processors", lambda: 2)
    processes = []
    start = table_process.start_module

    def kept(*arguments: object) -> object:
        processes.append(start(*arguments))  # type: ignore[arg-type]
        return processes[0]

    monkeypatch.setattr(table_process, "start_module", kept)
    with pytest.raises(ZeroDivisionError), tables_beside(run, folder):
        raise ZeroDivisionError
    assert processes[0].poll() is not None
