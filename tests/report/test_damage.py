"""Run folders of which one file is damaged: it is named, the code is 3, and nothing is computed."""

from __future__ import annotations

import random  # noqa: TC003 - hypothesis reads the annotation
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.cli.main import run as run_command
from eventlab.errors import DataError
from eventlab.report.store import read_run
from eventlab.report.sums import SUMS_FILE
from tests.report.damage import damaged, faults_of, stored_files, write_whole

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_whole(tmp_path_factory.mktemp("runs"))


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_damaged_file_is_named(runs: Path, draw: random.Random) -> None:
    with damaged(runs / "after", draw) as (name, how):
        assert faults_of(runs, name) == [], how


def test_every_file_that_is_read_has_a_sum(runs: Path) -> None:
    held = {
        path.relative_to(runs / "before").as_posix()
        for path in (runs / "before").rglob("*")
        if path.is_file()
    }
    assert held == set(stored_files(runs / "before"))
    lines = (runs / "before" / SUMS_FILE).read_text("utf-8").splitlines()
    assert lines == sorted(lines, key=lambda line: line[66:])


def test_two_tables_in_each_others_place(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(runs / "after", tmp_path / "run")
    one, two = (tmp_path / "run/study/oracle-earnings" / name for name in ("a", "b"))
    one, two = one.with_name("cars.parquet"), two.with_name("tests.parquet")
    held = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(held)
    before = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    for command in (["report", "run"], ["compare", str(runs / "before"), "run"]):
        words = [str(tmp_path / "run") if word == "run" else word for word in command]
        assert run_command(words) == 3
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "cars.parquet is damaged: it is not what the run wrote" in shown.err
        assert shown.err.endswith("make the run again, or take its folder from a backup\n")
    assert before == {
        path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()
    }


def test_a_damaged_record_of_a_run_is_damage_and_not_no_run(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "after", tmp_path / "run")
    for text in ("", "{", "[" * 100_000, '{"schema": 1}', "null"):
        (tmp_path / "run/run.json").write_text(text)
        with pytest.raises(DataError, match=r"run\.json is damaged"):
            read_run(tmp_path / "run")
    (tmp_path / "run/run.json").unlink()
    with pytest.raises(DataError, match=r"run\.json is missing"):
        read_run(tmp_path / "run")
