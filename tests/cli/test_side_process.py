"""The process that measures contagion beside the studies gives what the command itself would."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from eventlab.cli import run as run_module
from eventlab.cli import side_process
from eventlab.cli.load import Outcome, contagion_events, open_market, open_workspace
from eventlab.cli.main import run
from eventlab.cli.side_process import Job, SideProcess, started
from eventlab.report.record import Failure
from eventlab.report.store import read_run
from tests.cli.make_workspace import EVENT, make_workspace
from tests.cli.test_contagion import SECTION

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("acme-earnings", "bolt-earnings")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    for name in NAMES:
        text = (EVENT + SECTION).replace("acme-earnings", name)
        (root / "events" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(root)
    monkeypatch.setattr(side_process, "processors", lambda: 2)
    return root


def job_of(root: Path) -> Job:
    return Job(str(root), str(root / "prices"), 3, NAMES, (), NAMES)


def test_its_results_are_those_of_one_process(workspace: Path) -> None:
    with started(job_of(workspace)) as beside:
        assert beside is not None
        found = beside.outcome()
    assert found is not None
    definitions, _ = open_workspace(workspace, calendars=False)
    events = [definitions.events[name] for name in NAMES]
    market = open_market(str(workspace / "prices"), events, definitions, 3)
    own = contagion_events(events, definitions, market, 3)
    assert found.failures == own.failures == ()
    for there, here in zip(found.contagions, own.contagions, strict=True):
        assert (there.event, there.stamp, there.seed) == (here.event, here.stamp, here.seed)
        for field in fields(here):
            table = getattr(here, field.name)
            if isinstance(table, pd.DataFrame):
                other = getattr(there, field.name)
                pd.testing.assert_frame_equal(
                    other, table, check_exact=True, check_column_type=False, check_dtype=False
                )


def test_a_reason_comes_back_too(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure("bolt-earnings", "contagion: none of the symbols has prices", 3)
    monkeypatch.setattr(side_process, "contagion_events", lambda *_: Outcome((), (failure,), ()))
    job = replace(job_of(workspace), events=("bolt-earnings",))
    side_process.measure(job, tmp_path)
    with subprocess.Popen([sys.executable, "-c", ""]) as done:
        found = SideProcess(job, tmp_path, done).outcome()
    assert found == Outcome((), (failure,), ())


def test_what_it_cannot_give_the_command_computes(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    broken = workspace / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    assert run(["run", "-q", "--out", "out"]) == 0
    assert len(read_run(workspace / "out").contagions) == 2


def test_it_is_gone_when_the_command_stops(workspace: Path) -> None:
    kept = []

    def interrupted() -> None:
        with started(job_of(workspace)) as beside:
            kept.append(beside)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (beside,) = kept
    assert beside is not None
    assert beside.process.poll() is not None
    assert not beside.folder.exists()


def test_code_beside_the_definitions_is_not_imported(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (workspace / "json.py").write_text("raise SystemExit('imported from the workspace')\n")
    with started(job_of(workspace)) as beside:
        assert beside is not None
        assert beside.outcome() is not None


@pytest.mark.parametrize("events", [(), NAMES[:1]])
def test_one_section_needs_no_second_process(workspace: Path, events: tuple[str, ...]) -> None:
    with started(Job(str(workspace), "sample", 3, NAMES, (), events)) as beside:
        assert beside is None


def test_a_run_uses_it(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("computed in the command's own process")

    monkeypatch.setattr(run_module, "contagion_events", refuse)
    assert run(["run", "-q", "--out", "out"]) == 0
    assert len(read_run(workspace / "out").contagions) == 2
