"""The contagion of one event as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.report.documents import header
from eventlab.report.plain import json_text, record_texts, records, records_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.contagion.results import EventContagion

__all__ = ["CONTAGION_SCHEMA", "CONTAGION_TABLES", "contagion_document", "contagion_text"]

CONTAGION_SCHEMA: Final = "eventlab.contagion/1"
# Tables that the document holds as they are; `pairs` and `averages` hold their tests.
CONTAGION_TABLES: Final = (
    "spillover_paths",
    "correlation_paths",
    "dcc_fits",
    "volatility",
    "tails",
    "lead_lag",
    "lead_lag_peaks",
    "chain",
    "mediation",
    "marks",
    "network",
    "network_density",
    "buckets",
    "betas",
    "beta_changes",
    "bubbles",
    "exclusions",
    "overlaps",
    "sampling",
    "truth",
)
# Tables that hold those of their tests: which, and what both are told apart by.
NESTED: Final = {
    "pairs": ("tests", ("bar", "occurrence", "source", "target")),
    "averages": ("average_tests", ("bar", "tag", "source", "target")),
}
Json = dict[str, Any]


def contagion_document(result: EventContagion, command: str) -> Json:
    """Return a contagion as plain JSON values: NaN is null, instants ISO-8601, windows pairs.

    ``spillover`` is that of the last occurrence in focus by period and measure, in percent;
    ``spillovers`` has the rows of all of them.
    """
    parts = _parts(result, command)
    nested = {
        name: _with_tests(parts[name], getattr(result, tests), keys)
        for name, (tests, keys) in NESTED.items()
    }
    return {
        name: nested.get(name, records(part) if isinstance(part, pd.DataFrame) else part)
        for name, part in parts.items()
    }


def contagion_text(result: EventContagion, command: str) -> str:
    """Return `contagion_document` as JSON: the same values in less time."""
    parts = _parts(result, command)
    found = {
        name: records_text(part) if isinstance(part, pd.DataFrame) else json_text(part)
        for name, part in parts.items()
        if name not in NESTED
    }
    for name, (tests, keys) in NESTED.items():
        found[name] = _with_tests_text(parts[name], getattr(result, tests), keys)
    return "{" + ",".join(f"{json_text(name)}:{found[name]}" for name in parts) + "}"


def _parts(result: EventContagion, command: str) -> Json:
    definition = result.event.contagion
    document = header(CONTAGION_SCHEMA, result.stamp, result.seed, command)
    document["event"] = result.event.event
    document["definition"] = None if definition is None else definition.model_dump(mode="json")
    document["occurrences"] = result.occurrences
    document["pairs"] = result.pairs
    document["averages"] = result.averages
    document["spillover"] = _spillover(result.spillover)
    document["spillovers"] = result.spillover
    for name in CONTAGION_TABLES:
        document[name] = getattr(result, name)
    return document


def _with_tests(owners: pd.DataFrame, tests: pd.DataFrame, keys: Sequence[str]) -> list[Json]:
    """Return the rows of ``owners``, each with its tests inside."""
    if owners.empty:
        return []
    inside: dict[tuple[str, ...], list[Json]] = {}
    for key, row in zip(_keys(tests, keys), records(tests.drop(columns=[*keys])), strict=True):
        inside.setdefault(key, []).append(row)
    pairs = zip(_keys(owners, keys), records(owners), strict=True)
    return [row | {"tests": inside.get(key, [])} for key, row in pairs]


def _with_tests_text(owners: pd.DataFrame, tests: pd.DataFrame, keys: Sequence[str]) -> str:
    """Return `_with_tests` as JSON."""
    if owners.empty:
        return "[]"
    inside: dict[tuple[str, ...], list[str]] = {}
    for key, row in zip(_keys(tests, keys), record_texts(tests.drop(columns=[*keys])), strict=True):
        inside.setdefault(key, []).append(row)
    pairs = zip(_keys(owners, keys), record_texts(owners), strict=True)
    rows = (f'{row[:-1]},"tests":[{",".join(inside.get(key, []))}]}}' for key, row in pairs)
    return f"[{','.join(rows)}]"


def _keys(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table[key].tolist() for key in keys), strict=True))


def _spillover(table: pd.DataFrame) -> Json | None:
    """Return by period: tci, and to, from and net by series; of ``change`` the intervals too."""
    if table.empty:
        return None
    occurrence = table["occurrence"].iloc[-1]
    own = table[(table["occurrence"] == occurrence) & table["measure"].isin(_BY_PERIOD)]
    document: Json = {"occurrence": occurrence}
    for row in records(own):
        period = document.setdefault(row["period"], {})
        _put(period, row, row["value"])
        if row["period"] == "change":
            _put(period.setdefault("intervals", {}), row, [row["low"], row["high"]])
    return document


_BY_PERIOD: Final = ("tci", "to", "from", "net")


def _put(place: Json, row: Json, value: object) -> None:
    if row["measure"] == "tci":
        place["tci"] = value
    else:
        place.setdefault(row["measure"], {})[row["series"]] = value
