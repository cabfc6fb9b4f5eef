"""What ``eventlab claims`` says of strict claims."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from eventlab.cli.claims import say_failed
from eventlab.cli.main import run
from tests.cli.make_workspace import make_workspace
from tests.report.claims.make_claims import make_claims

if TYPE_CHECKING:
    from pathlib import Path

PRESS = """\
title: What was said
source: A newspaper
claims:
  - id: tenfold
    statement: Acme rose tenfold in October
    measure: return
    symbols: [AAA]
    window: 1 month
    as_of: 2025-10-31
    published: 9.0
    strict: true
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("claims") / "ws")
    for event in (root / "events").iterdir():
        event.unlink()
    (root / "events" / "claims-press.yaml").write_text(PRESS)
    return root


def test_a_strict_claim_that_is_contradicted_fails_the_command_and_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["-C", str(folder), "--quiet"]
    assert run(["claims", *place, "--json"]) == 1
    said = capsys.readouterr()
    (claim,) = json.loads(said.out)["claims"]
    assert claim["verdict"] == "contradicted"
    error = "error: claim tenfold of claims-press: contradicted, and strict: none of"
    assert error in said.err
    assert run(["run", *place, "--out", str(folder / "out")]) == 1
    assert error in capsys.readouterr().err
    assert (folder / "out" / "claims" / "claims.json").exists()


def test_a_file_with_a_mistake_is_not_said_to_be_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = folder / "events" / "claims-wrong.yaml"
    wrong.write_text(PRESS.replace("9.0", "900%").replace("tenfold\n", "tenfold-again\n"))
    place = ["-C", str(folder), "--quiet"]
    assert run(["claims", *place, "claims-wrong"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("claims[0].published: '900%' is a text; write the number 9")
    # The sound one beside it is measured all the same, and its gate does not hide the mistake.
    assert run(["claims", *place, "claims-wrong", "claims-press"]) == 2
    said = capsys.readouterr()
    assert "tenfold" in said.out
    assert "error: claim tenfold of claims-press: contradicted" in said.err
    assert run(["claims", *place, "claims-wrnog"]) == 2
    assert "'claims-wrnog' is neither an event nor a file of claims" in capsys.readouterr().err
    wrong.unlink()


def test_strict_claims_of_one_id_in_two_files_are_both_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = make_claims()
    again = claims.claims[claims.claims["claim"] == "three"].assign(event="oracle")
    assert say_failed(replace(claims, claims=pd.concat([claims.claims, again]))) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": contradicted")[0] for line in said] == [
        "error: claim three of fomc",
        "error: claim three of oracle",
    ]


def test_claims_that_hold_fail_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    claims = make_claims()
    assert say_failed(replace(claims, claims=claims.claims.assign(strict=False))) == 0
    assert capsys.readouterr().err == ""
