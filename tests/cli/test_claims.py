"""What ``eventlab claims`` says of strict claims."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from eventlab.cli.claims import say_failed
from tests.report.claims.make_claims import make_claims

if TYPE_CHECKING:
    import pytest


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
