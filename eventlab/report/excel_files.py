"""The tables of an event or a strategy as one workbook: a sheet that says what it is, then tables.

xlsxwriter makes the workbook and everything in it but the rows of tables, of which each sheet gets
one as a pattern; `excel_rows` writes the rows in bulk in its place.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from eventlab.report.excel_rows import (
    Styles,
    column_letters,
    excel_column,
    number_format,
    sheet_rows,
)
from eventlab.report.stored import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from eventlab.report.flat_tables import FlatTables
    from eventlab.report.stored import AnyResult

__all__ = ["write_workbook"]

MOST_ROWS: Final = 1_048_576  # of a sheet, its header among them
LONGEST_NAME: Final = 31  # of a sheet
LEAST_WIDTH, MOST_WIDTH, LOOKED_AT = 8, 60, 500
FIRST_SHEET: Final = "about"
MADE: Final = datetime(1980, 1, 1)
SQUEEZED: Final = 2  # of 9: the usual 6 takes three times as long for a sixth fewer bytes
PATTERN: Final = re.compile(rb'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
STYLE: Final = re.compile(rb'<c r="[A-Z]+2"(?: s="(\d+)")?')
DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
SIMULATED: Final = "SIMULATED PRICES: a made-up market with known effects, not a finding"
Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table, or as many of its rows as a sheet holds."""

    name: str
    table: pa.Table
    total: int  # rows of the whole table


def write_workbook(
    path: Path, results: Sequence[AnyResult], tables: FlatTables, facts: Facts
) -> None:
    """Write every table of the results of one event or strategy as one workbook.

    Cells are numbers, booleans, days, instants (UTC) or texts, never formulas; NaN is an empty
    cell, an infinite number the text ``inf``. A table with more rows than a sheet holds goes on in
    the next. The same results give the same bytes.

    Parameters
    ----------
    path
        Of the workbook, in a folder that exists.
    results
        Of one event or one strategy, at least one.
    tables
        Those of the results.
    facts
        What the run rested on, name and value, for the first sheet.
    """
    sheets = list(_sheets(tables))
    about = [*_about(results), *facts]
    framed = zipfile.ZipFile(BytesIO(_frame(sheets, about, results[0])))
    with zipfile.ZipFile(path, "w") as book:
        for entry in framed.infolist():
            text = framed.read(entry)
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", entry.filename)
            if found and int(found[1]) > 1:
                text = _filled(text, sheets[int(found[1]) - 2].table)
            made = zipfile.ZipInfo(entry.filename, MADE.timetuple()[:6])
            book.writestr(made, text, zipfile.ZIP_DEFLATED, SQUEEZED)


def _sheets(tables: FlatTables) -> Iterator[Sheet]:
    taken = {FIRST_SHEET}
    for stem, table in tables:
        names = [_header(each) for each in table.schema]
        shown = pa.table([excel_column(column) for column in table.columns], names=names)
        for first in range(0, max(len(table), 1), MOST_ROWS - 1):
            name = _name(stem, taken)
            taken.add(name)
            yield Sheet(name, shown.slice(first, MOST_ROWS - 1), len(table))


def _header(field: pa.Field) -> str:
    zoned = pa.types.is_timestamp(field.type) and field.type.tz
    return f"{field.name} (UTC)" if zoned else str(field.name)


def _name(stem: str, taken: set[str]) -> str:
    name, number = stem[:LONGEST_NAME], 1
    while name in taken:
        number += 1
        end = f" ({number})"
        name = stem[: LONGEST_NAME - len(end)] + end
    return name


def _about(results: Sequence[AnyResult]) -> Facts:
    facts: Facts = []
    for result in results:
        stamp = result.stamp
        facts += [
            ("Prices", stamp.source),
            ("Fingerprint", stamp.fingerprint),
            ("Simulated", "yes" if stamp.simulated else "no"),
            ("Seed", str(result.seed)),
        ]
    return list(dict.fromkeys(facts))


def _frame(sheets: Sequence[Sheet], about: Facts, result: AnyResult) -> bytes:
    """Return the workbook with one row of a pattern in the place of each table's rows."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - an extra, and only this needs it

    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, options)
    title, simulated = title_of(result), result.stamp.simulated
    book.set_properties({"title": title, "created": MADE, "comments": "Written by eventlab"})
    first = book.add_worksheet(FIRST_SHEET)
    bold = book.add_format({"bold": True})
    first.set_column(0, 0, LONGEST_NAME)
    first.set_column(1, 2, MOST_WIDTH / 4)
    first.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    if simulated:
        first.write_string(
            1, 0, SIMULATED, book.add_format({"bold": True, "font_color": "#B00020"})
        )
    place = _write_facts(first, about, bold)
    _write_contents(first, sheets, place, bold)
    formats = _Formats(book)
    for each in sheets:
        _write_pattern(book.add_worksheet(each.name), each.table, formats, simulated=simulated)
    book.close()
    return file.getvalue()


def _write_facts(sheet: Any, facts: Facts, bold: Any) -> int:
    """Write names and values from the fourth row; return the row after a gap."""
    for place, (name, value) in enumerate(facts, start=3):
        sheet.write_string(place, 0, name, bold)
        sheet.write_string(place, 1, value)
    return len(facts) + 4


def _write_contents(sheet: Any, sheets: Sequence[Sheet], place: int, bold: Any) -> None:
    for column, word in enumerate(("sheet", "rows", "of the table")):
        sheet.write_string(place, column, word, bold)
    for row, each in enumerate(sheets, start=place + 1):
        sheet.write_url(row, 0, f"internal:'{each.name}'!A1", string=each.name)
        sheet.write_number(row, 1, len(each.table))
        sheet.write_number(row, 2, each.total)


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.header = book.add_format({"bold": True, "bottom": 1})
        self.quoted = book.add_format({"quote_prefix": True})
        self._book, self._made = book, dict[str, Any]()

    def number(self, shown: str) -> Any:
        """Return the format that shows numbers so."""
        if shown not in self._made:
            self._made[shown] = self._book.add_format({"num_format": shown})
        return self._made[shown]


def _write_pattern(sheet: Any, table: pa.Table, formats: _Formats, *, simulated: bool) -> None:
    """Write the header, and the row whose formats the table's rows get; a quoted cell is last."""
    last = table.num_columns
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        sheet.write_string(0, place, name, formats.header)
        sheet.write_blank(1, place, None, formats.number(number_format(name, column)))
        sheet.set_column(place, place, _width(name, column))
    sheet.write_blank(1, last, None, formats.quoted)
    sheet.freeze_panes(1, 0)
    if last:
        sheet.autofilter(0, 0, len(table), last - 1)
    if simulated:
        sheet.set_tab_color("#B00020")
        sheet.set_header(f"&C{SIMULATED}")
        sheet.repeat_rows(0)


def _width(name: str, column: pa.ChunkedArray) -> int:
    """Return how many characters wide a column is shown: what its first rows need."""
    longest = len(name) + 3  # the arrow of the filter
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        longest = max(longest, pc.max(pc.utf8_length(column.slice(0, LOOKED_AT))).as_py() or 0)
    elif pa.types.is_timestamp(kind):
        longest = max(longest, 19)
    return min(max(longest + 1, LEAST_WIDTH), MOST_WIDTH)


def _filled(sheet: bytes, table: pa.Table) -> bytes:
    """Put a table's rows in the place of the pattern."""
    pattern = PATTERN.search(sheet)
    if pattern is None:
        raise ValueError("the sheet has no row to take formats from")
    *columns, quoted = [found.decode() or "0" for found in STYLE.findall(pattern[0])]
    rows = sheet_rows(table, Styles(columns, quoted))
    last = f"{column_letters(max(table.num_columns - 1, 0))}{len(table) + 1}"
    head = DIMENSION.sub(
        f'<dimension ref="A1:{last}"/>'.encode(), sheet[: pattern.start()], count=1
    )
    return b"".join((head, rows, sheet[pattern.end() :]))
