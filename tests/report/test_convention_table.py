from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from eventlab.report.cells import cells
from eventlab.report.convention_table import convention_table
from eventlab.report.verdict import verdict
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy


def foreign() -> EventStudy:
    """A study under estudy2: one test has a number, of one asset nothing is known."""
    study = make_study(n_occurrences=4)
    tests = study.tests.assign(headline=False, note="estudy2 has no such test")
    known = (tests["test"] == "bmp") & (tests["group"] != "BTC")
    tests.loc[known, "note"] = "estudy2 boehmer: in words"
    tests.loc[~known, ["statistic", "pvalue"]] = np.nan
    return replace(study, tests=tests, convention="estudy2")


def printed(study: EventStudy) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(convention_table(study, "[0,0]"))
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_numbers_with_words_or_the_reason() -> None:
    text = printed(foreign())
    assert "Tests of [0,0] as estudy2 has them, none a headline" in text
    rows = [line.split() for line in text.splitlines()]
    (orcl,) = [row for row in rows if row[:1] == ["ORCL"]]
    assert orcl[1] == "BMP"
    assert " ".join(orcl).endswith("estudy2 boehmer: in words")
    (btc,) = [row for row in rows if row[:1] == ["BTC"]]
    assert " ".join(btc).endswith("estudy2 has no such test")


def test_intervals_and_verdicts_do_not_lean_on_another_program() -> None:
    study = foreign()
    cell = cells(study)["ORCL", "[0,0]"]
    assert math.isnan(cell.interval.low)
    assert not cell.headline
    spoken = verdict(study)
    assert spoken.kind == "untested"
    assert spoken.doubts[0] == (
        "The tests are what estudy2 prints, to reconcile with it; none is ours."
    )
