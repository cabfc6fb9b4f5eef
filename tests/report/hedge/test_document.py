from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from eventlab.report.hedge.document import (
    audit_document,
    backtest_document,
    backtest_text,
    sweep_document,
    sweep_text,
)
from eventlab.report.stored import BACKTESTS, SWEEPS, read_result, write_result
from tests.report.hedge.make_results import make_results

if TYPE_CHECKING:
    from eventlab.report.stored import Kind

COMMAND = "eventlab backtest acme-hedge"
DOCUMENTED = Path(__file__).parents[3] / "docs" / "json.md"
SECTIONS = ("`eventlab backtest STRATEGY --json`", "`eventlab sweep STRATEGY --json`")


def tables(result: Any) -> dict[str, pd.DataFrame]:
    """Every table of a result by name."""
    found = {each.name: getattr(result, each.name) for each in fields(result)}
    return {name: each for name, each in found.items() if isinstance(each, pd.DataFrame)}


@pytest.mark.parametrize("kind", [BACKTESTS, SWEEPS], ids=["backtest", "sweep"])
def test_a_result_is_read_back_as_it_was(kind: Kind[Any], tmp_path: Path) -> None:
    made: Any = make_results()[0 if kind is BACKTESTS else 1]
    write_result(kind, made, COMMAND, tmp_path)
    found = read_result(kind, "acme-hedge", tmp_path)
    assert (found.strategy, found.stamp, found.seed) == (made.strategy, made.stamp, made.seed)
    for name, table in tables(made).items():
        pd.testing.assert_frame_equal(getattr(found, name), table, check_exact=True, obj=name)


def test_swept_values_of_any_kind_come_back(tmp_path: Path) -> None:
    made = make_results().sweep
    values: dict[str, Any] = {
        "a": [None, 20.0, 3.5, 1.0],
        "b": ["ols", "ewma", None, "x"],
        "c": [True] * 4,
    }
    sweep = replace(made, sets=made.sets.assign(**values))
    write_result(SWEEPS, sweep, COMMAND, tmp_path)
    found = read_result(SWEEPS, "acme-hedge", tmp_path)
    pd.testing.assert_frame_equal(found.sets, sweep.sets)


@pytest.mark.parametrize("kind", [BACKTESTS, SWEEPS], ids=["backtest", "sweep"])
def test_empty_tables_come_back_with_their_columns(kind: Kind[Any], tmp_path: Path) -> None:
    made: Any = make_results()[0 if kind is BACKTESTS else 1]
    empty = replace(made, **{name: table.iloc[:0] for name, table in tables(made).items()})
    write_result(kind, empty, COMMAND, tmp_path)
    found = read_result(kind, "acme-hedge", tmp_path)
    for name, table in tables(empty).items():
        pd.testing.assert_frame_equal(getattr(found, name), table, obj=name)


def test_every_table_is_in_the_document() -> None:
    made = make_results()
    backtest = backtest_document(made.backtest, COMMAND)
    assert backtest["schema"] == "eventlab.backtest/1"
    assert set(tables(made.backtest)) - {"metrics"} < set(backtest)
    sweep = sweep_document(made.sweep, COMMAND)
    assert sweep["schema"] == "eventlab.sweep/1"
    assert set(tables(made.sweep)) < set(sweep)
    audit = audit_document(made.audit, COMMAND)
    assert audit["schema"] == "eventlab.audit/1"
    assert set(tables(made.audit)) < set(audit)
    for document in (backtest, sweep, audit):
        assert list(document)[:5] == ["schema", "eventlab", "data", "seed", "command"]
        assert document["definition"]["strategy"] == document["strategy"] == "acme-hedge"


def test_rows_are_those_of_the_tables() -> None:
    made = make_results().backtest
    document = backtest_document(made, COMMAND)
    for name in ("events", "orders", "legs", "curves", "ledger"):
        table = getattr(made, name)
        assert len(document[name]) == len(table)
        assert list(document[name][0]) == list(table.columns)
    first = document["events"][0]
    assert first["hedged"] == made.events["hedged"].iloc[0]
    assert first["entered_at"] == made.events["entered_at"].iloc[0].isoformat()


def test_metrics_have_a_number_by_name() -> None:
    made = make_results().backtest
    document = backtest_document(made, COMMAND)
    assert len(document["metrics"]) == len(made.metrics) == len(document["metric_table"])
    for row in document["metric_table"]:
        name = f"{row['run']}.{row['scope']}.{row['metric']}"
        assert document["metrics"][name] == row["value"]


def test_the_text_is_the_document_and_has_no_nan() -> None:
    made = make_results()

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    pairs = (
        (backtest_text(made.backtest, COMMAND), backtest_document(made.backtest, COMMAND)),
        (sweep_text(made.sweep, COMMAND), sweep_document(made.sweep, COMMAND)),
    )
    for text, document in pairs:
        found = json.loads(text, parse_constant=refuse)
        assert found == json.loads(json.dumps(document, allow_nan=False))
        assert "null" in text


def test_every_column_is_documented() -> None:
    made, whole = make_results(), DOCUMENTED.read_text("utf-8")
    starts = [*(whole.index(name) for name in SECTIONS), whole.index("`eventlab audit")]
    results: tuple[Any, ...] = (made.backtest, made.sweep)
    for place, result in enumerate(results):
        lines = whole[starts[place] : starts[place + 1]].splitlines()
        for name, table in tables(result).items():
            key = "metric_table" if name == "metrics" else name
            (line,) = (each for each in lines if each.startswith(f"| `{key}`"))
            runs = {"hedged", "unhedged", "always", "cash"} if name == "curves" else set()
            own = {str(column) for column in table.columns} - set(result.strategy.sweep)
            own = {each for each in own if each.split("_")[0] not in runs}
            assert own <= set(re.findall(r"\w+", line)), name
    audit = whole[starts[2] :].split("\n\n")[0]
    for table in tables(made.audit).values():
        assert set(table.columns) <= set(re.findall(r"\w+", audit))
