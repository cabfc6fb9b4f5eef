"""The process that writes tables beside the pages writes what the command itself would."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventlab.cli import side_process, table_process
from eventlab.cli.table_process import tables_beside
from eventlab.report.record import Run
from eventlab.report.store import write_run
from eventlab.report.table_files import run_facts, write_table_files
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

pytest.importorskip("xlsxwriter", reason="needs the extra eventlab[report]")


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Run, Path]:
    study = make_study(n_occurrences=3, title="=1+1", by_tag=("beat",))
    run = Run((study,), (), "eventlab run", 3, "prices", "2026-01-02T03:04:05+00:00")
    write_run(run, tmp_path / "run")
    return run, tmp_path / "run"


def contents(folder: Path) -> dict[str, bytes]:
    files = (folder / "tables").rglob("*.*")
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in files}


def kept_processes(monkeypatch: pytest.MonkeyPatch) -> list[Popen[bytes]]:
    """Have a process write tables, however few they are; it is put into the list."""
    processes: list[Popen[bytes]] = []
    start = side_process.start_module

    def kept(module: str, document: dict[str, object]) -> Popen[bytes]:
        processes.append(start(module, document))
        return processes[-1]

    monkeypatch.setattr(table_process, "FEWEST", 1)
    monkeypatch.setattr(table_process, "processors", lambda: 2)
    monkeypatch.setattr(table_process, "start_module", kept)
    return processes


def test_its_files_are_those_of_one_process(
    stored: tuple[Run, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    write_table_files(run.results, tmp_path / "own", run_facts(run))

    def not_here(*_: object) -> None:
        pytest.fail("the process was to write them")

    monkeypatch.setattr("eventlab.report.table_files.write_table_files", not_here)
    processes = kept_processes(monkeypatch)
    with tables_beside(run, folder):
        assert processes[0].wait(60) == 0
    own, found = contents(tmp_path / "own"), contents(folder)
    assert len(own) > 20
    assert found == own


def test_two_processes_write_each_name_once(
    stored: tuple[Run, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = stored[0].studies[0]
    events = [study.event.model_copy(update={"event": name}) for name in ("a", "b", "c")]
    run = replace(stored[0], studies=tuple(replace(study, event=event) for event in events))
    write_run(run, tmp_path / "three")
    write_table_files(run.results, tmp_path / "own", run_facts(run))
    (tmp_path / "three/tables/a").mkdir(parents=True)  # another process has begun with it
    kept_processes(monkeypatch)
    with tables_beside(run, tmp_path / "three"):
        pass
    own, found = contents(tmp_path / "own"), contents(tmp_path / "three")
    assert found == {path: text for path, text in own.items() if not path.startswith("a/")}


def test_where_it_fails_the_command_writes_them(
    stored: tuple[Run, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    kept_processes(monkeypatch)
    (folder / "study/oracle-earnings/about.json").unlink()  # the process cannot read it
    with tables_beside(run, folder):
        pass
    assert "oracle-earnings/oracle-earnings.xlsx" in contents(folder)


def test_where_pages_fail_it_is_stopped(
    stored: tuple[Run, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = stored
    processes = kept_processes(monkeypatch)
    with pytest.raises(ZeroDivisionError), tables_beside(run, folder):
        raise ZeroDivisionError
    assert processes[0].poll() is not None
