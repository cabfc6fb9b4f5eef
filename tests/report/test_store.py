from __future__ import annotations

import json
import threading
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from eventlab import load_workspace
from eventlab.errors import DataError, UsageError
from eventlab.report.documents import study_document
from eventlab.report.record import Failure, Run
from eventlab.report.store import (
    check_target,
    finish_run,
    read_run,
    run_document,
    start_run,
    write_run,
)
from eventlab.report.stored import STUDIES, write_results
from eventlab.report.sums import read_sums, write_sums
from tests.report.hedge.make_results import make_results
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy


ROOT = Path(__file__).parents[2]


def make_run(*studies: EventStudy, command: str = "eventlab run") -> Run:
    return Run(
        studies=studies,
        failures=(Failure("broken", "events/broken.yaml:1:1: event: is missing", 2),),
        command=command,
        seed=3,
        source="sample",
        generated_at="2026-01-02T03:04:05+00:00",
        versions={"eventlab": "0.1.0"},
        definitions={"events/oracle-earnings.yaml": "ab" * 32},
        title="A title",
    )


def seal(folder: Path) -> None:
    """Write the sums of a run as if it had written what its folder holds."""
    write_sums(folder, read_sums(folder))


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    run = make_run(make_study(n_occurrences=3, simulated=True, by_tag=("beat",)))
    write_run(run, tmp_path / "deep" / "reports")
    found = read_run(tmp_path / "deep" / "reports")
    for field in fields(Run):
        if field.name != "studies":
            assert getattr(found, field.name) == getattr(run, field.name)
    study, back = run.studies[0], found.studies[0]
    assert (back.event, back.stamp, back.seed) == (study.event, study.stamp, study.seed)
    for field in fields(study):
        table = getattr(study, field.name)
        if isinstance(table, pd.DataFrame):
            pd.testing.assert_frame_equal(getattr(back, field.name), table)


def test_the_files_of_results_are_copied_where_they_were_written_by_this_version(
    tmp_path: Path,
) -> None:
    write_run(make_run(make_study()), tmp_path / "old")
    marked = tmp_path / "old/study/oracle-earnings.json"
    marked.write_text("{}")  # what no version writes
    seal(tmp_path / "old")
    write_run(read_run(tmp_path / "old"), tmp_path / "new", stored=tmp_path / "old")
    files = [path.relative_to(tmp_path / "old") for path in (tmp_path / "old").rglob("*.*")]
    assert len(files) > 20
    for path in files:
        assert (tmp_path / "new" / path).read_bytes() == (tmp_path / "old" / path).read_bytes()
    document = json.loads((tmp_path / "old/run.json").read_text("utf-8"))
    (tmp_path / "old/run.json").write_text(json.dumps(document | {"eventlab": "0.0.1"}))
    seal(tmp_path / "old")
    write_run(read_run(tmp_path / "old"), tmp_path / "new", stored=tmp_path / "old")
    written = json.loads((tmp_path / "new/study/oracle-earnings.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(study_document(make_study(), "eventlab run")))


def test_every_definition_that_ships_is_read_back(tmp_path: Path) -> None:
    made = make_study()
    workspace = load_workspace(ROOT)
    events = [event for event in workspace.events.values() if event.study is not None]
    write_run(make_run(*(replace(made, event=event) for event in events)), tmp_path / "reports")
    found = read_run(tmp_path / "reports")
    assert [study.event for study in found.studies] == events
    assert any(event.study.states for event in events if event.study is not None)


def test_a_run_of_another_version_is_refused_by_the_table_it_lacks(tmp_path: Path) -> None:
    write_run(make_run(make_study()), tmp_path / "reports")
    (tmp_path / "reports/study/oracle-earnings/aar_tests.parquet").unlink()
    with pytest.raises(DataError, match=r"aar_tests\.parquet is missing; make the run again"):
        read_run(tmp_path / "reports")


def test_backtests_and_sweeps_are_read_back_as_they_were(tmp_path: Path) -> None:
    made = make_results()
    run = replace(make_run(), backtests=(made.backtest,), sweeps=(made.sweep,))
    write_run(run, tmp_path / "reports")
    found = read_run(tmp_path / "reports")
    pairs = ((found.backtests, run.backtests), (found.sweeps, run.sweeps))
    for (back,), (result,) in pairs:
        assert (back.strategy, back.stamp, back.seed) == (
            result.strategy,
            result.stamp,
            result.seed,
        )
        for field in fields(result):
            table = getattr(result, field.name)
            if isinstance(table, pd.DataFrame):
                pd.testing.assert_frame_equal(
                    getattr(back, field.name), table, check_exact=True, obj=field.name
                )
    document = json.loads((tmp_path / "reports/run.json").read_text("utf-8"))
    assert (document["backtests"], document["sweeps"]) == (["acme-hedge"], ["acme-hedge"])
    assert document["data"][0]["fingerprint"] == made.backtest.stamp.fingerprint
    (tmp_path / "reports/backtest/acme-hedge/ledger.parquet").unlink()
    with pytest.raises(DataError, match=r"ledger\.parquet is missing; make the run again"):
        read_run(tmp_path / "reports")


def test_a_folder_from_before_there_were_backtests_says_to_run_again(tmp_path: Path) -> None:
    write_run(make_run(make_study()), tmp_path / "reports")
    path = tmp_path / "reports/run.json"
    document = json.loads(path.read_text("utf-8"))
    del document["backtests"], document["sweeps"]
    path.write_text(json.dumps(document | {"schema": "eventlab.run/2"}))
    with pytest.raises(UsageError, match=r"another version \(eventlab\.run/2.*run it again"):
        read_run(tmp_path / "reports")
    write_run(make_run(command="second"), tmp_path / "reports")  # but it may be replaced
    assert read_run(tmp_path / "reports").command == "second"


def test_files_of_a_run(tmp_path: Path) -> None:
    study = make_study()
    write_run(make_run(study), tmp_path / "reports")
    stored = json.loads((tmp_path / "reports/study/oracle-earnings.json").read_text("utf-8"))
    assert stored == json.loads(json.dumps(study_document(study, "eventlab run")))
    run = json.loads((tmp_path / "reports/run.json").read_text("utf-8"))
    assert run == run_document(make_run(study))
    assert [(each["event"], each["status"]) for each in run["events"]] == [
        ("oracle-earnings", "studied"),
        ("broken", "failed"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]  # nothing temporary is left


def test_an_older_run_is_replaced_whole(tmp_path: Path) -> None:
    place = tmp_path / "reports"
    write_run(make_run(make_study(), command="first"), place)
    (place / "left-over.html").write_text("old")
    write_run(make_run(command="second"), place)
    assert read_run(place).command == "second"
    assert not (place / "left-over.html").exists()
    assert not (place / "study").exists()


def test_what_is_no_run_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("")
    for name in ("home", "file"):
        with pytest.raises(UsageError, match="--out"):
            write_run(make_run(), tmp_path / name)
    assert (tmp_path / "home" / "thesis.txt").read_text() == "years of work"
    (tmp_path / "home" / "run.json").write_text('{"schema": "something/1"}')
    with pytest.raises(UsageError, match="not a run of eventlab"):
        check_target(tmp_path / "home")
    (tmp_path / "empty").mkdir()
    write_run(make_run(), tmp_path / "empty")


def test_a_failure_on_the_way_leaves_the_old_run(tmp_path: Path) -> None:
    place = tmp_path / "reports"
    write_run(make_run(command="first"), place)

    def fail(run: Run, folder: Path) -> None:
        (folder / "index.html").write_text(run.command)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_run(make_run(command="second"), place, pages=fail)
    assert read_run(place).command == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_what_was_stored_on_the_way_is_not_written_again(tmp_path: Path) -> None:
    early, late = make_study(), make_study()
    late = replace(late, event=early.event.model_copy(update={"event": "late"}))
    with start_run(tmp_path / "reports") as filling:
        write_results(STUDIES, [early], "then", filling)
        finish_run(make_run(early, late, command="at last"), filling, tmp_path / "reports")
    said = {
        path.stem: json.loads(path.read_text())["command"]
        for path in (tmp_path / "reports" / "study").glob("*.json")
    }
    assert said == {early.event.event: "then", "late": "at last"}
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_runs_at_once_leave_one_whole_run(tmp_path: Path) -> None:
    place = tmp_path / "reports"
    commands = [f"run {k}" for k in range(6)]
    barrier = threading.Barrier(len(commands))
    errors: list[BaseException] = []

    def write(command: str) -> None:
        try:
            barrier.wait()
            write_run(make_run(command=command), place)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            errors.append(error)

    threads = [threading.Thread(target=write, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert read_run(place).command in commands
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_reading_what_is_no_run_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no run folder"):
        read_run(tmp_path)
    write_run(make_run(make_study()), tmp_path / "reports")
    (tmp_path / "reports/study/oracle-earnings/cars.parquet").write_bytes(b"PAR1 broken")
    with pytest.raises(DataError, match="is damaged"):
        read_run(tmp_path / "reports")
    (tmp_path / "reports/run.json").write_text('{"schema": "eventlab.run/99"}')
    with pytest.raises(UsageError, match="another version"):
        read_run(tmp_path / "reports")
