"""Which tables of a result are compared, by which keys, and the differences that they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.report.hedge.sweep_views import named_set, swept

if TYPE_CHECKING:
    from eventlab.hedge.results import Sweep

__all__ = [
    "CHANGE_COLUMNS",
    "COMPARED",
    "ComparedTable",
    "other_changes",
    "table_changes",
    "with_named_sets",
]

RELATIVE: Final = 1e-12  # numbers this near are the same number
CHANGE_COLUMNS: Final = (
    "part",
    "item",
    "field",
    "before",
    "after",
    "before_value",
    "after_value",
    "difference",
    "flipped",
    "drawn",
)


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """A table of a result: what tells its rows apart, and which columns are compared.

    ``drawn`` are the columns that a seed moves; ``words`` those whose change is another answer.
    Without columns to compare, rows themselves are: which are there in one run only.
    """

    table: str
    part: str
    keys: tuple[str, ...]
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()


PLACEBO: Final = ComparedTable(
    "placebo", "placebo", ("statistic",), numbers=("value", "pvalue"), drawn=("value", "pvalue")
)
LEFT_OUT: Final = ComparedTable("exclusions", "exclusion", ("occurrence", "symbol", "reason"))
COMPARED: Final[dict[str, tuple[ComparedTable, ...]]] = {
    "study": (
        ComparedTable("occurrences", "occurrence", ("occurrence",), ("event_session",)),
        ComparedTable(
            "aggregates", "CAAR", ("group", "tag", "window"), numbers=("caar", "n_events")
        ),
        ComparedTable(
            "tests",
            "test",
            ("group", "tag", "window", "test"),
            numbers=("pvalue",),
            drawn=("pvalue",),
        ),
        ComparedTable("exclusions", "exclusion", ("occurrence", "symbol", "window", "reason")),
    ),
    "contagion": (
        ComparedTable("occurrences", "occurrence", ("bar", "occurrence"), ("source",)),
        ComparedTable(
            "pairs",
            "pair",
            ("bar", "occurrence", "source", "target"),
            ("verdict",),
            ("rho_calm", "rho_crisis"),
            ("verdict",),
        ),
        ComparedTable(
            "averages",
            "average",
            ("bar", "tag", "source", "target"),
            ("verdict",),
            ("change",),
            ("verdict",),
        ),
        ComparedTable("exclusions", "exclusion", ("bar", "occurrence", "symbol", "part", "reason")),
    ),
    "backtest": (
        ComparedTable(
            "metrics",
            "metric",
            ("run", "scope", "metric"),
            numbers=("value", "low", "high"),
            drawn=("low", "high"),
        ),
        ComparedTable(
            "effectiveness",
            "effectiveness",
            ("scope", "measure"),
            numbers=("value", "low", "high"),
            drawn=("low", "high"),
        ),
        ComparedTable(
            "events",
            "event",
            ("event", "occurrence"),
            numbers=("unhedged_return", "hedged_return", "hedge_ratio"),
        ),
        PLACEBO,
        LEFT_OUT,
    ),
    "sweep": (
        ComparedTable("sets", "set", (), ("chosen",), ("sharpe", "total_return")),
        ComparedTable(
            "overfitting", "overfitting", ("statistic",), numbers=("value",), drawn=("value",)
        ),
        PLACEBO,
        LEFT_OUT,
    ),
    "claims": (
        ComparedTable(
            "claims",
            "claim",
            ("event", "claim"),
            ("verdict", "reading", "published"),
            ("value", "low", "high", "smallest", "largest"),
            ("verdict", "reading", "low", "high"),
        ),
    ),
}


def with_named_sets(sweep: Sweep) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the sets of a sweep with their values in words, and the paths that tell them apart."""
    paths = tuple(swept(sweep))
    return sweep.sets.assign(**{path: sweep.sets[path].map(named_set) for path in paths}), paths


def other_changes(name: str, tables: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Count the cells of a table that differ, row by row as they stand; none is a row of its own.

    For tables that `COMPARED` does not hold, and columns of those that it does.
    """
    before, after = tables
    if before.shape != after.shape or list(before) != list(after):
        sizes = [f"{len(each):,} rows, {each.shape[1]} columns" for each in tables]
        return _table_row(name, "size", *sizes)
    differ = sum(int(_differ(before[column], after[column]).sum()) for column in before)
    if not differ:
        return _changes(pd.Series(dtype=object), [], _Side(np.array([]), np.array([])))
    return _table_row(name, "cells that differ", "", f"{differ:,} of {before.size:,}")


def _table_row(name: str, field: str, before: str, after: str) -> pd.DataFrame:
    sides = _Side(np.array([before], dtype=object), np.array([after], dtype=object))
    about = {"part": "table", "field": field, "drawn": True}
    return _changes(pd.Series([name], dtype=object), [True], sides, **about)


def _differ(before: pd.Series[Any], after: pd.Series[Any]) -> np.ndarray:
    if before.equals(after):
        return np.zeros(len(before), bool)
    if before.dtype.kind in "fiu" and after.dtype.kind in "fiu":
        return _unequal(before.to_numpy(np.float64), after.to_numpy(np.float64))
    other: np.ndarray = _texts(before) != _texts(after)
    return other


def _unequal(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    same: np.ndarray = np.isclose(x, y, rtol=RELATIVE, atol=0.0, equal_nan=True)
    return ~same


def table_changes(
    tables: tuple[pd.DataFrame, pd.DataFrame], spec: ComparedTable, level: float
) -> tuple[pd.DataFrame, int]:
    """Return what differs between a table before and after, and how many values were compared.

    A p-value that crosses ``level`` and words that differ are flipped; numbers that are equal to
    1e-12, and NaN and NaN, are the same.
    """
    before, after = tables
    keys = [key for key in spec.keys if key in before and key in after]
    merged = _numbered(before, keys).merge(
        _numbered(after, keys),
        on=[*keys, "again"],
        how="outer",
        sort=False,
        suffixes=("_before", "_after"),
        indicator="where",
    )
    items = _items(merged, keys)
    found = [_one_sided(merged, items, spec)]
    both = merged["where"] == "both"
    compared = int((~both).sum())
    for name in (*spec.words, *spec.numbers):
        if f"{name}_before" in merged:
            found.append(_column(merged[both], items[both], spec, name, level))
            compared += int(both.sum())
    if not spec.words and not spec.numbers:
        compared = len(merged)
    return pd.concat(found, ignore_index=True), compared


def _numbered(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Tell rows of the same keys apart by their order."""
    texts = table.assign(**{key: _texts(table[key]) for key in keys})
    if not keys or texts.empty:
        return texts.assign(again=range(len(texts)))
    return texts.assign(again=texts.groupby(keys, sort=False).cumcount())


def _items(merged: pd.DataFrame, keys: list[str]) -> pd.Series[Any]:
    columns = (merged[key].tolist() for key in keys)
    words = [" ".join(part for part in row if part) for row in zip(*columns, strict=True)]
    return pd.Series(words, index=merged.index, dtype=object)


def _one_sided(merged: pd.DataFrame, items: pd.Series[Any], spec: ComparedTable) -> pd.DataFrame:
    """Return rows that one run has alone."""
    where = merged["where"].astype(str)
    old, new = where == "left_only", where == "right_only"
    there = np.where(old, "there", ""), np.where(new, "there", "")
    return _changes(items, old | new, _Side(*there), part=spec.part)


def _column(
    both: pd.DataFrame, items: pd.Series[Any], spec: ComparedTable, name: str, level: float
) -> pd.DataFrame:
    """Return what differs in one column of the rows that both runs have."""
    before, after = both[f"{name}_before"], both[f"{name}_after"]
    about = {"part": spec.part, "field": name, "drawn": name in spec.drawn}
    if name in spec.words:
        old, new = _texts(before), _texts(after)
        return _changes(items, old != new, _Side(old, new), flipped=True, **about)
    x, y = before.to_numpy(np.float64), after.to_numpy(np.float64)
    other = _unequal(x, y)
    crossed = (x < level) != (y < level) if name.endswith("pvalue") else np.zeros(len(x), bool)
    return _changes(items, other, _Side(x, y), flipped=crossed[other], **about)


@dataclass(frozen=True, slots=True)
class _Side:
    """The values of a column in the two runs."""

    before: np.ndarray
    after: np.ndarray


def _changes(items: pd.Series[Any], other: Any, sides: _Side, **about: Any) -> pd.DataFrame:
    """Return the rows of `CHANGE_COLUMNS` for the places where ``other`` is true."""
    chosen = np.asarray(other, dtype=bool)
    old, new = sides.before[chosen], sides.after[chosen]
    numbers = old.dtype == np.float64
    nothing = np.full(len(old), np.nan)
    columns = {
        "item": items[chosen].tolist(),
        "field": "",
        "before": list(map(repr, old.tolist())) if numbers else list(map(str, old)),
        "after": list(map(repr, new.tolist())) if numbers else list(map(str, new)),
        "before_value": old if numbers else nothing,
        "after_value": new if numbers else nothing,
        "difference": new - old if numbers else nothing,
        "flipped": False,
        "drawn": False,
        **about,
    }
    return pd.DataFrame(columns, columns=list(CHANGE_COLUMNS))


def _texts(values: pd.Series[Any]) -> np.ndarray:
    """Write values as words, each different one once."""
    if values.dtype == object:  # lists among them
        return np.array(list(map(_text, values)), dtype=object)
    codes, unique = pd.factorize(values, use_na_sentinel=False)
    texts: np.ndarray = np.array([*map(_text, unique)], dtype=object)
    return texts[codes]


def _text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp) and value.tz is None and value == value.normalize():
        return f"{value:%Y-%m-%d}"
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return str(value)
