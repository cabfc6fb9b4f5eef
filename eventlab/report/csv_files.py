"""The tables of a result as CSV, for readers who want every row that a page cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.report.flat_tables import FlatTables

__all__ = ["RISKY", "write_csv_files"]

# What spreadsheets take for the beginning of a formula, full-width signs and what they trim before
# it included; and the apostrophe itself, so that taking one away gives every text back.
RISKY: Final = (
    r"^(\s*[=+\-@"
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
    r"|[\t\r\n'])"
)


def write_csv_files(tables: FlatTables, folder: Path) -> None:
    """Write the tables of results; texts that a spreadsheet would run begin with an apostrophe.

    The files are ``<table>.csv`` of a study, and ``contagion_<table>.csv``,
    ``backtest_<table>.csv``, ``sweep_<table>.csv``, ``claims_<table>.csv`` of the others. Numbers
    stay numbers. Each row of simulated prices begins with a column that says so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stem, table in tables:
        # pandas writes the same ten times slower.
        csv.write_csv(_safe(table), folder / f"{stem}.csv")


def _safe(table: pa.Table) -> pa.Table:
    named = pc.replace_substring_regex(pa.array(table.column_names, pa.string()), RISKY, r"'\1")
    columns = [_safe_texts(column) for column in table.columns]
    return pa.table(columns, names=named.to_pylist())


def _safe_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.replace_substring_regex(column, RISKY, r"'\1")
