"""Whatever is on the command line, it ends with a code of ours, and never in a bug."""

from __future__ import annotations

import os
import random  # noqa: TC003 - hypothesis reads the annotation
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventlab.cli.main import COMMANDS, run
from tests.cli.hostile_options import HEAVY, faults_of, fresh, make_small, words_of

if TYPE_CHECKING:
    from pathlib import Path

LIGHT = tuple(name for name in COMMANDS if name not in HEAVY)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small(tmp_path_factory.mktemp("options") / "small")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_command_line_ends_in_a_bug(small: Path, draw: random.Random) -> None:
    words = words_of(draw, LIGHT)
    with fresh(small, small.parent / "copy"):
        assert faults_of(words)[1] == [], words


@pytest.mark.parametrize(
    "words",
    [
        ["validate", "-C", "x" * 5000],
        ["doctor", "-C", "x" * 5000],
        ["run", "--out", "x" * 300],
        ["run", "--data", "\udcff", "--json"],
        ["study", "acme-earnings", "--event-window", "[5,-5]"],
        ["study", "acme-earnings", "--since", "0000"],
        ["run", "--out", "/"],
        ["run", "--out", ".."],
        ["run", "--out", "eventlab.toml/inside"],
    ],
)
def test_what_once_was_a_bug_or_might_be(small: Path, words: list[str]) -> None:
    with fresh(small, small.parent / "copy"):
        code, faults = faults_of(words)
    assert faults == []
    assert code in {2, 3}


def test_a_long_name_is_told_in_short(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with fresh(small, small.parent / "copy"):
        assert run(["validate", "-C", "x" * 5000]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: File name too long for xxx")
    assert said.endswith("x; name another file or folder\n")
    assert len(said) < 300


def test_bytes_that_are_no_text_in_a_process_of_its_own(small: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "eventlab", "data", "list", "--json", b"\xff\xfe"],
        cwd=small,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"error: the argument '\\udcff\\udcfe' is no text in UTF-8")
