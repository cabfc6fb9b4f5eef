"""The tables of a result as files hold them: one type a column, no lists, simulated said so."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from eventlab.report.stored import kind_of, table_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from eventlab.report.stored import AnyResult

__all__ = ["SIMULATED", "FlatTables", "file_stem", "file_stems", "flat_tables"]

SIMULATED: Final = "simulated"
FlatTables = list[tuple[str, pa.Table]]


def flat_tables(results: Iterable[AnyResult]) -> FlatTables:
    """Return every table of results with the name of its file, without its ending.

    Numbers, instants (UTC), dates and booleans stay what they are, with null for what there is
    not; lists are words with spaces between, values of any type are JSON. Rows of simulated prices
    begin with a column ``simulated`` that is true: a file that left its folder still says so.
    """
    found: FlatTables = []
    for result in results:
        for name in table_names(type(result)):
            table = _flat(getattr(result, name))
            if result.stamp.simulated:
                table = table.add_column(0, SIMULATED, pa.array([True] * len(table), pa.bool_()))
            found.append((file_stem(result, name), table))
    return found


def file_stems(result: AnyResult) -> list[str]:
    """Return the names of the files of a result's tables, without their endings."""
    return [file_stem(result, name) for name in table_names(type(result))]


def file_stem(result: AnyResult, table: str) -> str:
    """Name the file of a table: those of a study have no prefix."""
    folder = kind_of(result).folder
    return table if folder == "study" else f"{folder}_{table}"


def _flat(frame: pd.DataFrame) -> pa.Table:
    columns = {str(name): _column(frame[name]) for name in frame.columns}
    return pa.table(columns)


def _column(values: pd.Series[Any]) -> pa.ChunkedArray | pa.Array:
    if values.dtype == object and any(not isinstance(each, str) for each in values):
        return _of_objects(values)
    found = pa.Array.from_pandas(values)
    if pa.types.is_timestamp(found.type):
        return _instants(found)
    if pa.types.is_dictionary(found.type):
        found = found.cast(found.type.value_type)
    if pa.types.is_null(found.type):
        found = found.cast(pa.large_string())
    return found


def _instants(found: Any) -> Any:
    """Write sessions as days, instants to the second, or finer where they are finer.

    What is stored comes back with another resolution: the same instants have to give one text.
    """
    if found.type.tz is None:
        days = found.cast(pa.date32())
        if pc.all(pc.equal(days.cast(found.type), found)).as_py() is not False:
            return days
    for unit in ("s", "us"):
        with suppress(pa.ArrowInvalid):
            return found.cast(pa.timestamp(unit, found.type.tz))
    return found


def _of_objects(values: pd.Series[Any]) -> pa.ChunkedArray | pa.Array:
    """Keep dates and missing words; write lists of words with spaces, anything else as JSON."""
    if all(isinstance(each, (tuple, list)) for each in values):
        return pa.array([" ".join(map(str, each)) for each in values], pa.large_string())
    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = [None if each is None else _as_json(each) for each in values]
        return pa.array(texts, pa.large_string())


def _as_json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
