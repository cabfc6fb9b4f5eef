from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd

from eventlab.report.contagion.document import (
    CONTAGION_TABLES,
    contagion_document,
    contagion_text,
)
from eventlab.report.stored import CONTAGIONS, read_result, write_result
from tests.report.make_contagion import make_contagion
from tests.report.make_leads import TARGETS

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "eventlab contagion oracle-earnings"


def test_a_contagion_is_read_back_as_it_was(tmp_path: Path) -> None:
    made = make_contagion()
    write_result(CONTAGIONS, made, COMMAND, tmp_path)
    found = read_result(CONTAGIONS, "oracle-earnings", tmp_path)
    assert (found.event, found.stamp, found.seed) == (made.event, made.stamp, made.seed)
    for field in fields(made):
        table = getattr(made, field.name)
        if isinstance(table, pd.DataFrame):
            pd.testing.assert_frame_equal(
                getattr(found, field.name), table, check_column_type=False
            )


def test_pairs_hold_their_tests() -> None:
    made = make_contagion()
    document = contagion_document(made, COMMAND)
    assert document["schema"] == "eventlab.contagion/1"
    assert [pair["target"] for pair in document["pairs"]] == list(TARGETS) * 3
    assert sum(len(pair["tests"]) for pair in document["pairs"]) == len(made.tests)
    first = document["pairs"][0]
    assert {"rho_calm", "rho_crisis", "verdict", "occurrence", "source"} <= set(first)
    assert {"test", "statistic", "pvalue", "placebo_pvalue", "adjusted_pvalue", "note"} <= set(
        first["tests"][0]
    )


def test_spillover_by_period() -> None:
    document = contagion_document(make_contagion(), COMMAND)
    spillover = document["spillover"]
    assert spillover["calm"]["tci"] == 40.0
    assert spillover["change"]["intervals"]["tci"] == [1.0, 9.0]
    assert set(spillover["change"]["net"]) == {"ORCL", *TARGETS}
    assert "intervals" not in spillover["crisis"]


def test_the_text_is_the_document() -> None:
    made = make_contagion()
    document = contagion_document(made, COMMAND)
    assert json.loads(contagion_text(made, COMMAND)) == json.loads(json.dumps(document))
    assert "null" in contagion_text(made, COMMAND)  # a detectable change that there is none of


def test_every_table_is_in_the_document() -> None:
    made = make_contagion()
    tables = {
        each.name for each in fields(made) if isinstance(getattr(made, each.name), pd.DataFrame)
    }
    nested = {"occurrences", "pairs", "tests", "averages", "average_tests", "spillover"}
    assert tables - nested == set(CONTAGION_TABLES)
