"""A backtest, a sweep or an audit as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.report.documents import header
from eventlab.report.plain import json_text, records, records_text

if TYPE_CHECKING:
    from eventlab.hedge.results import Audit, Backtest, Sweep

__all__ = [
    "AUDIT_SCHEMA",
    "BACKTEST_SCHEMA",
    "SWEEP_SCHEMA",
    "audit_document",
    "backtest_document",
    "backtest_text",
    "sweep_document",
    "sweep_text",
]

BACKTEST_SCHEMA: Final = "eventlab.backtest/1"
SWEEP_SCHEMA: Final = "eventlab.sweep/1"
AUDIT_SCHEMA: Final = "eventlab.audit/1"
BACKTEST_TABLES: Final = (
    "events",
    "orders",
    "legs",
    "ratios",
    "effectiveness",
    "comparisons",
    "placebo",
    "drawdowns",
    "identity",
    "exclusions",
    "sampling",
    "notes",
    "trades",
    "ledger",
    "curves",
)
SWEEP_TABLES: Final = (
    "sets",
    "overfitting",
    "walk_forward",
    "logits",
    "placebo",
    "exclusions",
)
Json = dict[str, Any]


def backtest_document(result: Backtest, command: str) -> Json:
    """Return a backtest as plain JSON values: NaN is null, instants ISO-8601.

    ``metrics`` has a number by name, as in ``hedged.all.sharpe``; ``metric_table`` the same with
    intervals.
    """
    return _plain(_backtest_parts(result, command))


def backtest_text(result: Backtest, command: str) -> str:
    """Return `backtest_document` as JSON: the same values in less time."""
    return _text(_backtest_parts(result, command))


def sweep_document(result: Sweep, command: str) -> Json:
    """Return a sweep as plain JSON values."""
    return _plain(_sweep_parts(result, command))


def sweep_text(result: Sweep, command: str) -> str:
    """Return `sweep_document` as JSON."""
    return _text(_sweep_parts(result, command))


def audit_document(result: Audit, command: str) -> Json:
    """Return an audit as plain JSON values."""
    parts = {
        **_head(AUDIT_SCHEMA, result, command),
        "clean": result.clean,
        "cuts": result.cuts,
        "changes": result.changes,
    }
    return _plain(parts)


def _backtest_parts(result: Backtest, command: str) -> Json:
    table = result.metrics
    names = table["run"] + "." + table["scope"] + "." + table["metric"]
    values = records(table[["value"]])
    return {
        **_head(BACKTEST_SCHEMA, result, command),
        "metrics": {name: each["value"] for name, each in zip(names.tolist(), values, strict=True)},
        "metric_table": table,
        **{name: getattr(result, name) for name in BACKTEST_TABLES},
    }


def _sweep_parts(result: Sweep, command: str) -> Json:
    return {
        **_head(SWEEP_SCHEMA, result, command),
        **{name: getattr(result, name) for name in SWEEP_TABLES},
    }


def _head(schema: str, result: Backtest | Sweep | Audit, command: str) -> Json:
    strategy = result.strategy
    return {
        **header(schema, result.stamp, result.seed, command),
        "strategy": strategy.strategy,
        "title": strategy.title,
        "definition": strategy.model_dump(mode="json"),
    }


def _plain(parts: Json) -> Json:
    return {
        name: records(part) if isinstance(part, pd.DataFrame) else part
        for name, part in parts.items()
    }


def _text(parts: Json) -> str:
    texts = {
        name: records_text(part) if isinstance(part, pd.DataFrame) else json_text(part)
        for name, part in parts.items()
    }
    return "{" + ",".join(f"{json_text(name)}:{text}" for name, text in texts.items()) + "}"
