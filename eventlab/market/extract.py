"""From one file to the series of each of its symbols, still with every row as it was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlab.errors import DataError
from eventlab.market.detect import LONGEST_NAME, is_name
from eventlab.market.files import read_columns
from eventlab.market.stamps import Place, Stamps, day_text, read_stamps
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    from eventlab.market.detect import Layout
    from eventlab.market.files import SourceFile

__all__ = ["Extract", "Label", "RawSeries", "extract"]

NUMBERS = ("close", "adj_close", "volume", "high", "low", "open")
LABELS = ("source", "price_basis", "day_tz", "asset_class")


@dataclass(frozen=True, slots=True)
class Label:
    """A text column of one symbol: ``values[codes[i]]`` is row i; a code of -1 is an empty cell."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]

    def first(self) -> str | None:
        """Return the first value that is not empty."""
        filled = self.codes[self.codes >= 0]
        return self.values[filled[0]] if len(filled) else None


@dataclass(frozen=True, slots=True)
class RawSeries:
    """The rows of one symbol in one file.

    Attributes
    ----------
    frequency, bar_minutes
        ``daily`` (1440) or ``intraday`` with the commonest distance between bars.
    stamps
        (n,) int64 nanoseconds: the day label's midnight (daily), or the UTC instant at which the
        bar opens (intraday; closes, where ``stamped_at`` says so). In the order of the file.
    prices, raw, volume
        (n,) float64: what returns come from, the close as given, the volume; NaN where missing.
    high, low
        (n,) float64: highest and lowest price of the bar; None where the file has no such column.
    open
        (n,) float64: first price of the bar; None where the file has no such column.
    price_column
        The column that ``prices`` are.
    adjusted
        True where that column is an adjusted close beside another close.
    """

    symbol: str
    origin: str
    frequency: Literal["daily", "intraday"]
    bar_minutes: int
    stamped_at: Literal["opening", "closing"]
    stamps: npt.NDArray[np.int64]
    prices: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64]
    price_column: str
    adjusted: bool
    labels: dict[str, Label]
    high: npt.NDArray[np.float64] | None = None
    low: npt.NDArray[np.float64] | None = None
    open: npt.NDArray[np.float64] | None = None

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> RawSeries:
        """Return the same series with only these rows, in this order."""
        labels = {
            name: Label(label.codes[rows], label.values) for name, label in self.labels.items()
        }
        return replace(
            self,
            stamps=self.stamps[rows],
            prices=self.prices[rows],
            raw=self.raw[rows],
            volume=self.volume[rows],
            labels=labels,
            high=None if self.high is None else self.high[rows],
            low=None if self.low is None else self.low[rows],
            open=None if self.open is None else self.open[rows],
        )

    def label(self, name: str) -> str | None:
        """Return the first filled value of a text column; None where the file has none."""
        return self.labels[name].first() if name in self.labels else None


@dataclass(frozen=True, slots=True)
class Extract:
    """What one file of prices holds.

    Attributes
    ----------
    symbols
        Every symbol of the file, wanted or not, sorted.
    rows
        Rows of the file.
    span
        First and last day, ISO; empty strings where no wanted symbol is in the file.
    series
        The wanted symbols; of a long file of daily prices all of them.
    """

    symbols: tuple[str, ...]
    rows: int
    span: tuple[str, str]
    frequency: Literal["daily", "intraday"]
    bar_minutes: int
    series: dict[str, RawSeries]
    note: str = ""


def extract(file: SourceFile, layout: Layout, wanted: AbstractSet[str] | None) -> Extract:
    """Read the wanted symbols of a file that holds prices.

    Raises
    ------
    DataError
        As :func:`~eventlab.market.files.read_columns` and
        :func:`~eventlab.market.stamps.read_stamps`; or intraday times without a zone, or daily
        rows whose day is ambiguous.
    """
    if layout.form == "wide":
        return _wide(file, layout, wanted)
    held = () if wanted is None else _names(file, layout)
    if wanted is not None and held and wanted.isdisjoint(held):
        return Extract(held, file.rows, ("", ""), "daily", 1440, {})
    symbol_column = layout.column("symbol") if layout.form == "long" else None
    numbers = [name for role in NUMBERS if (name := layout.column(role))]
    labels = [name for role in LABELS if (name := layout.column(role))]
    table = read_columns(
        file,
        texts=[layout.stamp],
        labels=labels + ([symbol_column] if symbol_column else []),
        numbers=list(dict.fromkeys(numbers)),
    )
    stamps = _stamps(table, file, layout)
    if symbol_column:
        groups = _groups(table, symbol_column, file, layout.suffix)
    else:
        groups = {next(iter((layout.symbols or {}).values())): slice(0, table.num_rows)}
    frequency, note = _frequency(file, layout, stamps, groups)
    columns = _columns(file, layout, table, _Stamped(frequency, _when(stamps, frequency)))
    # Daily rows cost nothing more (slices), and tell how far the source reaches on each calendar.
    keep = wanted if wanted is not None and frequency == "intraday" else groups.keys()
    series = {symbol: _series(columns, symbol, groups[symbol]) for symbol in groups.keys() & keep}
    return _finish(columns, groups, series, note)


Rows = slice | np.ndarray[tuple[int], np.dtype[np.intp]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """All rows of a file; columns that it does not have are None."""

    file: SourceFile
    layout: Layout
    frequency: Literal["daily", "intraday"]
    when: npt.NDArray[np.int64]
    close: npt.NDArray[np.float64]
    adjusted: npt.NDArray[np.float64] | None
    volume: npt.NDArray[np.float64] | None
    labels: dict[str, Label]
    high: npt.NDArray[np.float64] | None = None
    low: npt.NDArray[np.float64] | None = None
    open: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class _Stamped:
    frequency: Literal["daily", "intraday"]
    when: npt.NDArray[np.int64]


def _columns(file: SourceFile, layout: Layout, table: pa.Table, stamps: _Stamped) -> _Columns:
    numbers = {
        role: table.column(name).to_numpy() for role in NUMBERS if (name := layout.column(role))
    }
    labels = {}
    for role in LABELS:
        name = layout.column(role)
        if name is not None:
            codes, values = _codes(table.column(name))
            labels[role] = Label(codes, tuple(values))
    adjusted, volume = numbers.get("adj_close"), numbers.get("volume")
    close = numbers["close"]
    both = "high" in numbers and "low" in numbers  # one alone says nothing
    return _Columns(
        file,
        layout,
        stamps.frequency,
        stamps.when,
        close,
        adjusted,
        volume,
        labels,
        numbers["high"] if both else None,
        numbers["low"] if both else None,
        numbers.get("open"),
    )


def _when(stamps: Stamps, frequency: Literal["daily", "intraday"]) -> npt.NDArray[np.int64]:
    if frequency == "daily":
        return stamps.wall // DAY * DAY
    return stamps.wall if stamps.utc is None else stamps.utc


def _names(file: SourceFile, layout: Layout) -> tuple[str, ...]:
    """Symbols of a file without its prices; none for long CSV files, which are read whole."""
    column = layout.column("symbol")
    if layout.form == "single":
        return tuple((layout.symbols or {}).values())
    if file.form == "csv" or column is None:
        return ()
    table = read_columns(file, texts=[], labels=[column], numbers=[])
    values = {v for chunk in table.column(column).chunks for v in chunk.dictionary.to_pylist()}
    tidy = (value.strip().upper() for value in values if value is not None)
    return tuple(sorted(name + layout.suffix for name in tidy))


def _stamps(table: pa.Table, file: SourceFile, layout: Layout) -> Stamps:
    if table.num_rows == 0:
        raise DataError(
            f"{file.name}: has a header and no rows. Fill it, or take it out of the folder"
        )
    place = Place(file.name, layout.stamp or "index", file.form == "csv", file.above)
    return read_stamps(table.column(layout.stamp), place)


def _groups(table: pa.Table, column: str, file: SourceFile, suffix: str) -> dict[str, Rows]:
    """Rows of each symbol; slices, which copy nothing, where the file is grouped by symbol."""
    codes, values = _codes(table.column(column))
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0]) + (2 if file.form == "csv" else 1)
        raise DataError(f"{file.name}:{row}: {column}: no symbol. Write one, or remove the row")
    for code, value in enumerate(values):
        if not is_name(value) and (codes == code).any():
            row = int(np.argmax(codes == code)) + (2 if file.form == "csv" else 1)
            raise DataError(
                f"{file.name}:{row}: {column}: {value[:40]!r} is no symbol. Write one of at most "
                f"{LONGEST_NAME} letters, digits and signs"
            )
    tidy = [value.strip().upper() + suffix for value in values]
    unique = {name: place for place, name in enumerate(dict.fromkeys(tidy))}
    if len(unique) < len(values):
        codes = np.array([unique[name] for name in tidy], dtype=np.int32)[codes]
    names = list(unique)
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    if len(starts) == np.count_nonzero(np.bincount(codes)):
        ends = np.append(starts[1:], len(codes))
        return {names[codes[a]]: slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True)}
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=len(names))
    parts = np.split(order, np.cumsum(counts)[:-1])
    return {name: rows for name, rows in zip(names, parts, strict=True) if len(rows)}


def _codes(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], list[str]]:
    whole = (
        column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    )
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    codes = pc.fill_null(whole.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, whole.dictionary.to_pylist()


def _frequency(
    file: SourceFile, layout: Layout, stamps: Stamps, groups: dict[str, Rows]
) -> tuple[Literal["daily", "intraday"], str]:
    """Daily where every stamp is a midnight, or rows of a symbol lie twenty hours or more apart."""
    if not (stamps.wall % DAY).any():
        return "daily", ""
    some = list(groups.values())[:10]
    gaps = np.concatenate([np.diff(np.sort(stamps.wall[rows])) for rows in some])
    gaps = gaps[gaps > 0]
    if len(gaps) and float(np.mean(gaps < 20 * 60 * MINUTE)) > 0.5:
        if stamps.utc is None:
            raise DataError(
                f"{file.name}: {layout.stamp}: times of day without a zone. Name the column "
                "ts_utc if they are UTC, or write an offset (2025-12-10 16:05:00-05:00)"
            )
        if float(np.median(gaps)) < MINUTE:
            raise DataError(
                f"{file.name}: {layout.stamp}: rows less than a minute apart. Write bars of a "
                "minute or more"
            )
        return "intraday", ""
    if stamps.utc is not None:
        odd = int(stamps.wall[np.flatnonzero(stamps.wall % DAY)[0]])
        raise DataError(
            f"{file.name}: {layout.stamp}: daily rows are stamped {_second(odd)} in a zone, and "
            "which day that means is ambiguous. Write the trading day (2025-12-10) in a column date"
        )
    return "daily", "the time of day of its dates left out"


def _series(columns: _Columns, symbol: str, rows: Rows) -> RawSeries:
    """Prices of one symbol: its adjusted close where it has any, else its close; never both."""
    close, adjusted, volume = columns.close[rows], columns.adjusted, columns.volume
    use_adjusted = adjusted is not None and not np.isnan(adjusted[rows]).all()
    stamps = columns.when[rows]
    return RawSeries(
        symbol,
        columns.file.name,
        columns.frequency,
        _bar_minutes(stamps) if columns.frequency == "intraday" else 1440,
        columns.layout.stamped_at,
        stamps,
        adjusted[rows] if adjusted is not None and use_adjusted else close,
        close,
        np.full(len(stamps), np.nan) if volume is None else volume[rows],
        columns.layout.column("adj_close" if use_adjusted else "close") or "",
        use_adjusted,
        {name: Label(label.codes[rows], label.values) for name, label in columns.labels.items()},
        None if columns.high is None else columns.high[rows],
        None if columns.low is None else columns.low[rows],
        None if columns.open is None else columns.open[rows],
    )


def _bar_minutes(stamps: npt.NDArray[np.int64]) -> int:
    gaps = np.diff(np.sort(stamps)) // MINUTE
    gaps = gaps[(gaps > 0) & (gaps < 1440)]
    return int(np.bincount(gaps).argmax()) if len(gaps) else 60


def _finish(
    columns: _Columns, groups: dict[str, Rows], series: dict[str, RawSeries], note: str
) -> Extract:
    widths = [one.bar_minutes for one in series.values()] or [1440]
    return Extract(
        tuple(sorted(groups)),
        len(columns.when),
        (day_text(int(columns.when.min())), day_text(int(columns.when.max()))),
        columns.frequency,
        int(np.median(widths)),
        dict(sorted(series.items())),
        note,
    )


def _wide(file: SourceFile, layout: Layout, wanted: AbstractSet[str] | None) -> Extract:
    named = layout.symbols or {}
    keep = {name: symbol for name, symbol in named.items() if wanted is None or symbol in wanted}
    if not keep:
        return Extract(tuple(sorted(named.values())), file.rows, ("", ""), "daily", 1440, {})
    table = read_columns(file, texts=[layout.stamp], labels=[], numbers=list(keep))
    stamps = _stamps(table, file, layout)
    frequency, note = _frequency(file, layout, stamps, {"": slice(0, table.num_rows)})
    series, groups = {}, dict.fromkeys(named.values(), slice(0, table.num_rows))
    for name, symbol in keep.items():
        prices: npt.NDArray[np.float64] = table.column(name).to_numpy()
        one = replace(layout, roles={"close": name})
        when = _when(stamps, frequency)
        columns = _Columns(file, one, frequency, when, prices, None, None, {})
        # An empty cell is no row: it says that other columns have that day, open or not.
        series[symbol] = _series(columns, symbol, np.flatnonzero(~np.isnan(prices)))
    return _finish(columns, dict(groups), series, note)


def _second(stamp: int) -> str:
    return str(np.datetime64(stamp, "ns").astype("datetime64[s]"))
