from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd

from eventlab import __version__
from eventlab.report.documents import records, study_document, study_text
from eventlab.report.plain import records_text
from tests.report.make_study import make_study


def refuse(constant: str) -> None:
    raise AssertionError(constant)


def test_document_is_strict_json_with_the_contracts_keys() -> None:
    study = make_study(n_occurrences=2, simulated=True, by_tag=("beat",))
    document = study_document(study, "eventlab study oracle-earnings --json")
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text, parse_constant=refuse) == document
    assert {key: document[key] for key in ("schema", "eventlab", "data", "seed", "command")} == {
        "schema": "eventlab.study/1",
        "eventlab": __version__,
        "data": {"source": "sample", "fingerprint": "ab" * 32, "simulated": True},
        "seed": 3,
        "command": "eventlab study oracle-earnings --json",
    }


def test_rows_say_the_same_as_the_tables() -> None:
    study = make_study(n_occurrences=1)
    document = study_document(study, "")
    assert document["fits"][0] == {
        "occurrence": "q0",
        "symbol": "ORCL",
        "event_session": "2025-12-11",
        "model": "market_model",
        "benchmark": "SPY",
        "alpha": 1e-4,
        "beta": 1.2,
        "sigma": 0.02,
        "n_estimation": 240,
    }
    assert [row["car"] for row in document["cars"]] == study.cars["car"].tolist()
    assert document["cars"][2]["window"] == [-1, 1]
    assert document["occurrences"][0]["announced_at"] == "2025-12-10T21:05:00+00:00"
    assert document["occurrences"][0]["tags"] == ["miss"]
    assert document["overlaps"][0] == {
        "occurrence": "q0",
        "other": "fomc/2025-12-10",
        "bars": -1,
        "title": "FOMC statement: cut",
        "window": "event",
    }
    assert document["exclusions"][0]["window"] is None
    assert document["exclusions"][2]["window"] == [0, 5]


def test_tests_stand_inside_their_aggregate() -> None:
    study = make_study(n_occurrences=2, by_tag=("beat",))
    document = study_document(study, "")
    assert len(document["aggregates"]) == len(study.aggregates)
    for row in document["aggregates"]:
        own = study.tests[
            (study.tests["group"] == row["group"])
            & (study.tests["tag"] == row["tag"])
            & (study.tests["window"] == str(row["window"]).replace(" ", ""))
        ]
        assert [each["test"] for each in row["tests"]] == own["test"].tolist()
    total = sum(len(row["tests"]) for row in document["aggregates"])
    assert total == len(study.tests)


def test_the_text_of_a_document_is_its_json() -> None:
    study = make_study(n_occurrences=3, simulated=True, by_tag=("beat",))
    document = study_document(study, "a command")
    wanted = json.loads(json.dumps(document, allow_nan=False))
    found = json.loads(study_text(study, "a command"))
    assert found == wanted
    assert json.dumps(found) == json.dumps(wanted)  # in the same order


def test_missing_values_become_null() -> None:
    frame = pd.DataFrame(
        {
            "number": [1.5, math.nan, math.inf],
            "day": pd.to_datetime(["2025-12-11", "NaT", "2025-12-12"]),
            "word": pd.Series(["a", None, "b"], dtype="str"),
            "thing": [np.float64("nan"), (1, np.int64(2)), np.bool_(True)],
        }
    )
    assert records(frame) == [
        {"number": 1.5, "day": "2025-12-11", "word": "a", "thing": None},
        {"number": None, "day": None, "word": None, "thing": [1, 2]},
        {"number": None, "day": "2025-12-12", "word": "b", "thing": True},
    ]
    assert json.loads(records_text(frame)) == json.loads(json.dumps(records(frame)))
