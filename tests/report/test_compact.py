from __future__ import annotations

import json

import numpy as np
import pandas as pd

from eventlab.report.compact import compact_tests
from eventlab.report.documents import study_document
from tests.report.make_study import make_study

NAMES = "group tau aar n_events test statistic dof distribution pvalue headline note"


def make_table() -> pd.DataFrame:
    rows = [
        ("BTC", 0, 0.01, 9, "bmp", 2.5, 8.0, "t", 0.03, True, ""),
        ("BTC", 0, 0.01, 9, "sign", np.nan, np.nan, "none", np.nan, False, "all are zero"),
        ("ETH", 0, 0.02, 1, "sign", 1.0, np.nan, "normal", 0.31, False, "one event"),
        ("BTC", 1, -0.01, 9, "sign", -1.0, np.nan, "normal", 0.31, False, "one event"),
    ]
    return pd.DataFrame(rows, columns=NAMES.split())


def test_tests_of_a_place_stand_side_by_side() -> None:
    found = compact_tests(make_table(), ("group", "tau"), ("aar", "n_events"))
    assert found["tests"] == ["bmp", "sign"]
    assert found["words"] == ["", "t", "none", "normal", "all are zero", "one event"]
    assert found["rows"][0] == {
        "group": "BTC",
        "tau": 0,
        "aar": 0.01,
        "n_events": 9,
        "statistic": [2.5, None],
        "dof": [8.0, None],
        "pvalue": [0.03, None],
        "distribution": [1, 2],
        "note": [0, 4],
        "headline": ["bmp"],
    }
    # A place keeps to its own tests, whatever the order of the rows: ETH has no bmp.
    eth, later = found["rows"][1:]
    assert (eth["group"], eth["statistic"], eth["note"]) == ("ETH", [None, 1.0], [0, 5])
    assert (later["group"], later["tau"], later["pvalue"]) == ("BTC", 1, [None, 0.31])


def test_a_table_without_rows_is_compact_too() -> None:
    found = compact_tests(make_table().head(0), ("group", "tau"), ("aar", "n_events"))
    assert found == {"tests": [], "words": [], "rows": []}


def test_a_document_holds_every_test_of_bars_and_of_buying_and_holding() -> None:
    study = make_study(n_occurrences=3, by_tag=("beat",))
    document = json.loads(json.dumps(study_document(study, ""), allow_nan=False))
    for key, table, places in (
        ("aars", study.aar_tests, ["group", "tag", "tau"]),
        ("bhars", study.bhar_tests, ["group", "tag", "window"]),
    ):
        found = document[key]
        rows = [
            (*(str(row[name]).replace(" ", "") for name in places), test, p, found["words"][note])
            for row in found["rows"]
            for test, p, note in zip(found["tests"], row["pvalue"], row["note"], strict=True)
        ]
        names = [*places, "test", "pvalue", "note"]
        expected = [
            (*(str(part) for part in row[:-2]), None if np.isnan(row[-2]) else row[-2], row[-1])
            for row in table[names].itertuples(index=False, name=None)
        ]
        assert sorted(rows, key=str) == sorted(expected, key=str)
        relied = sum(len(row["headline"]) for row in found["rows"])
        assert relied == int(table["headline"].sum())
