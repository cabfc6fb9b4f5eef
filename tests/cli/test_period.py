"""``eventlab study --since --until``: some years of an event, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eventlab.cli.main import run

ROOT = str(Path(__file__).parents[2])


def test_a_half_of_the_fomc_days(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["study", "fomc", "-C", ROOT, "--data", "arch", "--until", "2011-03-31", "--draws", "0"]
    assert run([*call, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["definition"]["study"]["until"] == "2011-03-31"
    (found,) = (
        row
        for row in document["event_days"]
        if (row["symbol"], row["tag"]) == ("^GSPC", "scheduled")
    )
    assert (found["n"], round(found["mean"], 5)) == (98, 0.00371)
    assert round(found["mean_statistic"], 2) == 2.91
    assert max(row["date"] for row in document["occurrences"]) <= "2011-03-31"
    assert {row["state"] for row in document["states"]} == {
        "cut",
        "vix_high",
        "spread_rising",
        "funding_negative",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--since", "2011-02-30"], "--since '2011-02-30' is no day"),
        (["--since", "yesterday"], "--since 'yesterday' is no day"),
        (["--since", "2040-01-01"], "no occurrence since 2040-01-01; they run from 1994-02-04 to"),
    ],
)
def test_a_period_that_cannot_be(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run(["study", "fomc", "-C", ROOT, "--data", "arch", "--draws", "0", *options]) == 2
    assert message in capsys.readouterr().err
