"""``baselines/*.json``: written in one piece, read with every doubt."""

from __future__ import annotations

import json
import math
import stat
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from eventlab.errors import DataError
from eventlab.regression.orders import COLUMNS, log_of
from eventlab.regression.types import Baseline, Part, Series
from eventlab.report.plain import json_text
from eventlab.report.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eventlab.regression.types import OrderLog, Subject, Value

__all__ = ["BASELINE_SCHEMA", "baseline_text", "read_baseline", "write_baseline"]

BASELINE_SCHEMA: Final = "eventlab.baseline/1"
LARGEST: Final = 64 * 2**20  # bytes
DEEPEST: Final = 50
Json = dict[str, Any]


def write_baseline(baseline: Baseline, place: Path) -> bool:
    """Write a baseline in one piece, as the old file or the new one, whole; whether it changed."""
    text = baseline_text(baseline)
    with suppress(OSError, ValueError):
        if _text(place) == text:
            return False
    write_whole(place, text)
    return True


def baseline_text(baseline: Baseline) -> str:
    """Return a baseline as JSON, one fact per line, so that a review reads what moved."""
    head = {
        "schema": BASELINE_SCHEMA,
        "kind": baseline.kind,
        "name": baseline.name,
        "seed": baseline.seed,
        "engine": baseline.engine,
    }
    series = {name: asdict(each) for name, each in baseline.series.items()}
    data = {"source": baseline.source, "simulated": baseline.simulated}
    content = json.dumps(baseline.definition, indent=1, ensure_ascii=False)
    definition = content.replace("\n", "\n ")  # of what stands in text, JSON writes breaks as \\n
    lines = [f" {json_text(name)}: {json_text(value)}" for name, value in head.items()]
    lines += [
        f' "versions": {_object(baseline.versions, 1)}',
        f' "data": {_object(data, 1, series=_object(series, 2))}',
        f' "definition": {definition}',
        f' "parts": {{\n{_parts(baseline)}\n }}',
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _parts(baseline: Baseline) -> str:
    return ",\n".join(
        f"  {json_text(name)}: {{\n{_part(part)}\n  }}" for name, part in baseline.parts.items()
    )


def _part(part: Part) -> str:
    said = f'   "metrics": {_object(_grouped(part.values), 3)}'
    if part.orders is None:
        return said
    rows = ",\n".join(f"     {json_text(row)}" for row in part.orders.rows)
    return (
        f'{said},\n   "orders": {{\n    "sha256": {json_text(part.orders.sha256)},\n'
        f'    "columns": {json_text(part.orders.columns)},\n    "rows": [\n{rows}\n    ]\n   }}'
    )


def _grouped(values: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """Put metrics that differ in their last word into one object: ``{"a.b": {"low": 1.0}}``."""
    groups: dict[str, dict[str, Value]] = {}
    for name, value in values.items():
        first, _, last = name.rpartition(".")
        groups.setdefault(first, {})[last] = value
    return groups


def _object(values: Any, depth: int, **written: str) -> str:
    """Write an object with a line for each of its members; those of ``written`` as they are."""
    members = {key: json_text(value) for key, value in values.items()} | written
    pad = " " * (depth + 1)
    lines = ",\n".join(f"{pad}{json_text(key)}: {text}" for key, text in members.items())
    return f"{{\n{lines}\n{' ' * depth}}}" if lines else "{}"


def read_baseline(subject: Subject) -> Baseline:
    """Read the baseline of a subject.

    Raises
    ------
    FileNotFoundError
        There is none.
    DataError
        The file cannot be read, is damaged, of another schema or of another result.
    """
    place = subject.baseline
    try:
        text = _text(place)
        _refuse_marks(text)
        document = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object_once)
        return _baseline(document, subject)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(
            f"{place} cannot be read: {error.strerror or error}. Remove what stands in its place"
        ) from error
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{place} is damaged ({_said(error)}); take it from version control again, or accept "
            "what is now"
        ) from error


def _text(place: Path) -> str:
    about = place.stat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError(f"it is no file but {'a folder' if place.is_dir() else 'a device'}")
    if about.st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 2**20} MB")
    return place.read_text(encoding="utf-8")


def _refuse_marks(text: str) -> None:
    """Say of a merge that was not finished what it is, not which comma is wrong."""
    for line, said in enumerate(text.splitlines(), start=1):
        if said.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise ValueError(f"a merge of two branches left its marks in line {line}")


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _object_once(pairs: list[tuple[str, Any]]) -> Json:
    """Return an object whose keys stand once: a merge of two branches may leave both."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        again = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # it remembers
        raise ValueError(f"{again!r:.60} stands twice in it")
    return found


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    text = " ".join(str(error).split())
    return text[:120] or type(error).__name__


def _baseline(document: Any, subject: Subject) -> Baseline:
    schema = document["schema"]
    if schema != BASELINE_SCHEMA:
        raise DataError(
            f"{subject.baseline} is of another version of eventlab: its schema is {schema!r:.60}, "
            f"this one reads {BASELINE_SCHEMA}; check with that version, or accept what is now"
        )
    whose = (document["kind"], document["name"])
    if whose != (subject.kind, subject.name):
        raise ValueError(f"it is the baseline of {whose[0]!r:.40} {whose[1]!r:.70}")
    data = document["data"]
    return Baseline(
        kind=subject.kind,
        name=subject.name,
        seed=_typed(document["seed"], int),
        engine=_typed(document["engine"], str),
        versions=_words(document["versions"]),
        definition=_shallow(_typed(document["definition"], dict), DEEPEST),
        source=_typed(data["source"], str),
        simulated=_typed(data["simulated"], bool),
        series={_typed(name, str): _series(each) for name, each in data["series"].items()},
        parts={name: _read_part(each) for name, each in document["parts"].items()},
    )


def _series(values: Json) -> Series:
    return Series(
        rows=_typed(values["rows"], int),
        first=_instant(values["first"]),
        last=_instant(values["last"]),
        sha256=_typed(values["sha256"], str),
        years=_words(values["years"]),
    )


def _instant(value: Any) -> str:
    datetime.fromisoformat(_typed(value, str))
    return str(value)


def _shallow(value: Any, left: int) -> Any:
    """Return a value that is nested as little as definitions are."""
    if not left:
        raise ValueError(f"its definition is nested deeper than {DEEPEST}")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _shallow(each, left - 1)
    return value


def _read_part(values: Json) -> Part:
    metrics: dict[str, Value] = {}
    for first, group in values["metrics"].items():
        for last, value in group.items():
            name = f"{first}.{last}" if first else last
            metrics[name] = _plain(value, name)
    return Part(metrics, _log(values["orders"]) if "orders" in values else None)


def _log(values: Json) -> OrderLog:
    if tuple(values["columns"]) != COLUMNS:
        raise ValueError("its orders have other columns than this version's")
    rows = tuple(tuple(_typed(row, list)) for row in values["rows"])
    for row in rows:
        if len(row) != len(COLUMNS):
            raise ValueError(f"an order has {len(row)} fields of {len(COLUMNS)}")
        for value in row:
            _plain(value, "orders")
    found = log_of(COLUMNS, rows)
    if found.sha256 != values["sha256"]:
        raise ValueError("its order log does not have the sha256 that stands beside it")
    return found


def _words(values: Any) -> dict[str, str]:
    return {_typed(key, str): _typed(value, str) for key, value in values.items()}


def _plain(value: Any, name: str) -> Value:
    if not isinstance(value, (float, int, str, bool, type(None))):
        raise TypeError(f"{name} is no single value")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is not finite")
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(f"{name} is no count")
    return value


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.40} is no {kind.__name__}")
    return value
