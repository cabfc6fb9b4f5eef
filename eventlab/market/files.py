"""The files of a source: which there are, their columns, and reading a few columns of one.

Everything that pyarrow can complain about is turned into one line that names the file, the line,
the column, the value and the remedy.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from eventlab.errors import DataError
from eventlab.market.french import SEARCHED, factor_table
from eventlab.market.places import place_of
from eventlab.market.stamps import first_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.market.french import FactorTable

__all__ = ["SourceFile", "find_files", "open_file", "read_columns"]

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz")
NULLS = ["", ".", "-", "NA", "N/A", "#N/A", "n/a", "NaN", "nan", "null", "NULL", "None"]
LONGEST = 10_000  # characters of a line of words
LONGEST_HEADER = 1 << 22  # and of a header: 10,000 columns have a tenth of that
# Deflate packs no more than 1032 bytes into one; of prices that never move, 200.
MOST_DEFLATED, MOST_EXPANDED, LARGEST_EXPANDED = 1032, 400, 256 << 20
NO_FILE = "neither a file nor a folder (a pipe, a device, or a link that leads nowhere)"
REWRITE = "Fetch or write the file again, or take it out of the folder"
# What Arrow raises over the bytes of a file, by the way in which they are wrong.
# Arrow's MemoryError is an ArrowException, too, and no fault of a file: it comes first.
DAMAGED = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError)
BROKEN = (OSError, EOFError, zlib.error, csv.Error)
LABEL = pa.dictionary(pa.int32(), pa.string())
DECIMAL_COMMA = re.compile(r"^[+-]?\d{1,3}(\.?\d{3})*,\d+$")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file and its header.

    Attributes
    ----------
    path, name
        Where it is, and its name relative to the source's folder, as messages show it.
    columns
        Column names as they stand in the file.
    rows
        Number of rows; -1 for a CSV file that has not been read yet.
    delimiter
        What separates the columns of a CSV file.
    table
        Where the table of a CSV file begins and ends that has words around it; None for all others.
    """

    path: Path
    name: str
    form: Literal["parquet", "csv"]
    columns: tuple[str, ...]
    rows: int
    delimiter: str = ","
    table: FactorTable | None = None

    @property
    def above(self) -> int:
        """Lines above the header."""
        return self.table.above if self.table is not None else 0


def find_files(source: str) -> tuple[tuple[Path, str], ...]:
    """Find every Parquet and CSV file of a folder and its subfolders, or take the one file.

    Raises
    ------
    DataError
        The path does not exist, is another kind of file, or the folder holds neither kind.
    """
    path, there = place_of(source)
    if not there:
        raise DataError(f"{source}: no such file or folder. Give --data a folder or file of prices")
    if not path.is_file() and not path.is_dir():
        raise DataError(f"{source}: {NO_FILE}. Give --data a folder or file of prices")
    if path.is_file():
        if not path.name.lower().endswith(PARQUET + CSV):
            raise DataError(
                f"{source}: cannot read {path.suffix or 'a file without suffix'}; "
                f"prices come as {', '.join(PARQUET + CSV)}"
            )
        return ((path, path.name),)
    found = tuple(
        (file, file.relative_to(path).as_posix())
        for file in sorted(path.rglob("*"))
        if not file.is_dir()
        and file.name.lower().endswith(PARQUET + CSV)
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        held = "is empty" if not any(path.iterdir()) else "holds no Parquet or CSV file"
        raise DataError(
            f"{source}: the folder {held}. Put files of prices there ({', '.join(PARQUET + CSV)})"
        )
    return found


def open_file(path: Path, name: str) -> SourceFile:
    """Read the header of a file.

    Raises
    ------
    DataError
        The file is corrupted, empty, or not text where text is expected; it is a pipe or a link
        that leads nowhere; or what it is compressed to would fill the memory.
    """
    if not path.is_file():
        raise DataError(f"{name}: {NO_FILE}. Take it out of the folder")
    try:
        file = _opened(path, name)
    except BROKEN as error:
        raise DataError(f"{name}: not readable ({first_line(error)}). {REWRITE}") from error
    twice = next((one for one, count in Counter(file.columns).items() if count > 1), None)
    if twice is not None:
        line = "" if file.form == "parquet" else f"{1 + file.above}:"
        raise DataError(f"{name}:{line} column {twice!r} stands there twice. Rename or remove one")
    return file


def _opened(path: Path, name: str) -> SourceFile:
    if name.lower().endswith(PARQUET):
        try:
            with pq.ParquetFile(path) as file:
                return SourceFile(
                    path, name, "parquet", tuple(file.schema_arrow.names), file.metadata.num_rows
                )
        except MemoryError:
            raise
        except DAMAGED as error:
            raise DataError(
                f"{name}: not readable as Parquet ({first_line(error)}). {REWRITE}"
            ) from error
    if name.lower().endswith(".gz"):
        _check_size(path, name)
    header = _csv_header(path, name)
    table = _table(path, name)
    if table is not None:
        return SourceFile(path, name, "csv", table.columns, table.rows, table=table)
    delimiter = max(",;\t|", key=header.count)
    columns = next(csv.reader(io.StringIO(header), delimiter=delimiter), [])
    return SourceFile(path, name, "csv", tuple(columns), -1, delimiter)


def _table(path: Path, name: str) -> FactorTable | None:
    """Table with words around it; only its beginning is read of all other files."""
    opener = gzip.open if name.lower().endswith(".gz") else Path.open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace") as handle:
        first = "".join(handle.readline(LONGEST) for _ in range(SEARCHED + 1))
    return None if factor_table(first) is None else factor_table(_whole(path, name))


def _whole(path: Path, name: str) -> str:
    """Text of a file; what is not UTF-8 cannot be part of a table of numbers."""
    opener = gzip.open if name.lower().endswith(".gz") else Path.open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace") as handle:
        text: str = handle.read()
    return text


def _check_size(path: Path, name: str) -> None:
    """Refuse what expands to a thousand times its size: a bomb, which no prices are."""
    held = path.stat().st_size
    if held * MOST_DEFLATED < LARGEST_EXPANDED:
        return
    expanded = 0
    with gzip.open(path, "rb") as file:
        while part := file.read(1 << 20):
            expanded += len(part)
            if expanded > max(LARGEST_EXPANDED, held * MOST_EXPANDED):
                raise DataError(f"{name}: expands to more than {expanded >> 20} MB. {REWRITE}")


def _csv_header(path: Path, name: str) -> str:
    try:
        if name.lower().endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                header = file.readline(LONGEST_HEADER)
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                header = file.readline(LONGEST_HEADER)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: byte {error.start} (0x{error.object[error.start]:02x}) is not UTF-8 text. "
            "Save the file as CSV in UTF-8"
        ) from error
    except OSError as error:
        raise DataError(f"{name}: not readable ({first_line(error)}). {REWRITE}") from error
    if len(header) == LONGEST_HEADER:
        raise DataError(f"{name}:1: no header: a line of {LONGEST_HEADER:,} characters. {REWRITE}")
    if not header.strip():
        raise DataError(f"{name}:1: no header line; the first line must name the columns")
    if "\x00" in header:
        raise DataError(f"{name}:1: zero bytes: not a text file. Save it as CSV in UTF-8")
    return header.rstrip("\r\n")


def read_columns(
    file: SourceFile, *, texts: Sequence[str], labels: Sequence[str], numbers: Sequence[str]
) -> pa.Table:
    """Read some columns of a file.

    Parameters
    ----------
    texts
        Columns kept as they are (Parquet) or as text (CSV): dates and times.
    labels
        Columns that repeat few values; they come back dictionary-encoded.
    numbers
        Columns that come back as float64; an empty cell is null.

    Raises
    ------
    DataError
        A cell of ``numbers`` is no number, a CSV row has another number of cells than the header,
        or the pages of a Parquet file are damaged.
    """
    wanted = [*texts, *labels, *numbers]
    if file.form == "csv":
        return _read_csv(file, texts, labels, numbers)
    try:
        with pq.ParquetFile(file.path, read_dictionary=list(labels)) as parquet:
            table = parquet.read(columns=wanted, use_pandas_metadata=False).select(wanted)
    except MemoryError:
        raise
    except DAMAGED as error:
        raise DataError(f"{file.name}: damaged data ({first_line(error)}). {REWRITE}") from error
    return _typed(file, table, labels, numbers)


def _typed(
    file: SourceFile, table: pa.Table, labels: Sequence[str], numbers: Sequence[str]
) -> pa.Table:
    columns = []
    for name in table.column_names:
        column = table.column(name)
        if name in labels and column.type != LABEL:
            column = _as_label(file, name, column)
        elif name in numbers and column.type != pa.float64():
            column = _as_float(file, name, column)
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _as_label(file: SourceFile, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return pc.dictionary_encode(column.cast(pa.string())).cast(LABEL)
    except MemoryError:
        raise
    except pa.ArrowException as error:
        raise DataError(
            f"{file.name}: column {name!r} holds {column.type}, which is no text. Write it as text"
        ) from error


def _as_float(file: SourceFile, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        _refuse_text(file, name, column)
    try:
        return column.cast(pa.float64())
    except MemoryError:
        raise
    except pa.ArrowException as error:
        raise DataError(
            f"{file.name}: column {name!r} holds {column.type}, which is no number. "
            "Write it as float64"
        ) from error


def _read_csv(
    file: SourceFile, texts: Sequence[str], labels: Sequence[str], numbers: Sequence[str]
) -> pa.Table:
    types: dict[str, pa.DataType] = dict.fromkeys(texts, pa.string())
    types |= dict.fromkeys(labels, LABEL)
    types |= dict.fromkeys(numbers, pa.float64())
    try:
        return _arrow_csv(file, types)
    except MemoryError:
        raise
    except (*DAMAGED, *BROKEN) as error:
        _explain_csv(file, types, numbers, error)


def _arrow_csv(file: SourceFile, types: dict[str, pa.DataType]) -> pa.Table:
    source = file.path
    if file.table is not None:
        text = file.table.text(_whole(file.path, file.name))
        source = pa.BufferReader(text.encode())
    return pacsv.read_csv(
        source,
        read_options=pacsv.ReadOptions(block_size=16 << 20),
        parse_options=pacsv.ParseOptions(delimiter=file.delimiter),
        convert_options=pacsv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=NULLS,
            strings_can_be_null=True,
        ),
    )


def _explain_csv(
    file: SourceFile, types: dict[str, pa.DataType], numbers: Sequence[str], error: Exception
) -> NoReturn:
    """Find the line and cell that pyarrow stumbled over; it only names them now and then."""
    with suppress(*BROKEN, StopIteration, ValueError):
        _find_cell(file, types, numbers, error)
    raise DataError(f"{file.name}: not readable as CSV ({first_line(error)}). {REWRITE}") from error


def _find_cell(
    file: SourceFile, types: dict[str, pa.DataType], numbers: Sequence[str], error: Exception
) -> None:
    text = _whole(file.path, file.name)
    reader = csv.reader(
        io.StringIO(file.table.text(text) if file.table is not None else text),
        delimiter=file.delimiter,
    )
    header = next(reader)
    places = {name: header.index(name) for name in types}
    for cells in reader:
        line = reader.line_num + file.above
        if cells and len(cells) != len(header):
            raise DataError(
                f"{file.name}:{line}: {len(cells)} cells where the header has {len(header)}: "
                f"{file.delimiter.join(cells)[:80]!r}. Quote text that holds the separator, "
                "and write numbers with a decimal point"
            ) from error
        for name in numbers if cells else ():
            _refuse_cell(f"{file.name}:{line}", name, cells[places[name]])


def _refuse_text(file: SourceFile, name: str, column: pa.ChunkedArray) -> None:
    for row, value in enumerate(column.to_pylist()):
        if value is not None:
            _refuse_cell(f"{file.name}: row {row + 1}", name, value)
    raise DataError(f"{file.name}: column {name!r} holds text. Write its numbers as float64")


def _refuse_cell(place: str, name: str, value: str) -> None:
    cell = value.strip()
    if cell in NULLS:
        return
    try:
        float(cell)
    except ValueError as error:
        if DECIMAL_COMMA.match(cell):
            remedy = "It has a decimal comma: write it with a decimal point"
        elif "," in cell:
            remedy = "Leave the thousands separator out"
        else:
            remedy = "Write a number, or leave the cell empty where there is none"
        raise DataError(f"{place}: {name}: {cell[:40]!r} is not a number. {remedy}") from error
