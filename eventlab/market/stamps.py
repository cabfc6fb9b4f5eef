"""Dates and times as files write them, turned into integers without guessing a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlab.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Place", "Stamps", "day_text", "first_line", "read_stamps"]

EPOCH = datetime(1970, 1, 1)  # the wall clock, which has no zone
EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Two days short of what clocks reach: the bar of the last day closes on another.
FIRST, LAST = "1900-01-01", "2099-12-29"
FIRST_NS, LAST_NS = (int(np.datetime64(day, "ns").astype(np.int64)) for day in (FIRST, LAST))
OUTSIDE = f"is not from {FIRST} to {LAST}. Correct the date, or remove the row"


@dataclass(frozen=True, slots=True)
class Stamps:
    """When each row is stamped.

    Attributes
    ----------
    wall
        (n,) int64: nanoseconds since 1970 of the wall clock as written; its day is the day label.
    utc
        (n,) int64: the instant in UTC nanoseconds; None where the column says no zone.
    """

    wall: npt.NDArray[np.int64]
    utc: npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands, for messages: lines of a CSV file count its header, rows do not.

    ``above`` is how many lines stand above that header.
    """

    file: str
    column: str
    is_csv: bool
    above: int = 0

    def at(self, row: int) -> str:
        """Name a row (counted from 0) of the column."""
        place = (
            f"{self.file}:{row + 2 + self.above}" if self.is_csv else f"{self.file}: row {row + 1}"
        )
        return f"{place}: {self.column}"


def read_stamps(column: pa.ChunkedArray, place: Place) -> Stamps:
    """Read a column of dates or times: dates, timestamps, ISO text, or epochs in s, ms, us or ns.

    Raises
    ------
    DataError
        A value is missing, unreadable or beyond the years that calendars know, or some values
        carry a zone and others do not.
    """
    if column.null_count:
        row = int(np.flatnonzero(pc.is_null(column).to_numpy())[0])
        raise DataError(f"{place.at(row)}: no date. Write one, or remove the row")
    kind = column.type
    try:
        stamps = _read(column, place)
    except (pa.ArrowException, OverflowError, UnicodeDecodeError) as error:
        raise DataError(
            f"{place.file}: {place.column}: holds what is no date from {FIRST} to {LAST} "
            f"({kind}; {first_line(error)}). Write ISO dates (2025-12-10)"
        ) from error
    for instants in (stamps.wall, stamps.utc):
        outside = None if instants is None else (instants < FIRST_NS) | (instants > LAST_NS)
        if outside is not None and outside.any():
            row = int(np.argmax(outside))
            raise DataError(f"{place.at(row)}: {column[row].as_py()!s:.40} {OUTSIDE}")
    return stamps


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its name where it says nothing."""
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def _read(column: pa.ChunkedArray, place: Place) -> Stamps:
    kind = column.type
    if pa.types.is_date(kind):
        wall = column.cast(pa.timestamp("ns")).cast(pa.int64()).to_numpy()
        return Stamps(wall, None)
    if pa.types.is_timestamp(kind):
        return _timestamps(column, place)
    if pa.types.is_integer(kind):
        return _numbers(column.cast(pa.int64()).to_numpy(), place)
    if pa.types.is_dictionary(kind):
        column = column.cast(pa.string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _text(column, place)
    raise DataError(
        f"{place.file}: {place.column}: {kind} is no date. Write ISO dates (2025-12-10) or "
        "timestamps"
    )


def day_text(stamp: int) -> str:
    """Write the day of a stamp (nanoseconds since 1970) as ``2025-12-10``."""
    return str(np.datetime64(stamp, "ns").astype("datetime64[D]"))


def _timestamps(column: pa.ChunkedArray, place: Place) -> Stamps:
    zone = column.type.tz
    instants = column.cast(pa.timestamp("ns", tz=zone)).cast(pa.int64()).to_numpy()
    if zone is None:
        return Stamps(instants, instants if _says_utc(place) else None)
    if zone.upper() in {"UTC", "ETC/UTC", "+00:00", "Z"}:
        return Stamps(instants, instants)
    wall = pc.local_timestamp(column).cast(pa.timestamp("ns")).cast(pa.int64()).to_numpy()
    return Stamps(wall, instants)


def _numbers(values: npt.NDArray[np.int64], place: Place) -> Stamps:
    low, high = int(values.min()), int(values.max())
    if low >= 19_000_101 and high <= 21_001_231:
        return _text(pa.chunked_array([pa.array(values).cast(pa.string())]), place)
    # 1973 to 5138 in seconds, and so on: the ranges do not overlap, so nothing is guessed.
    for scale, bound in ((10**9, 10**11), (10**6, 10**14), (10**3, 10**17), (1, 9 * 10**18)):
        if bound // 1000 <= low and high < bound:
            if high > LAST_NS // scale:
                late = int(np.argmax(values))
                raise DataError(f"{place.at(late)}: {values[late]} {OUTSIDE}")
            instants = values * scale
            return Stamps(instants, instants)
    bad = int(np.argmin(values))
    raise DataError(
        f"{place.at(bad)}: {values[bad]} is neither a date like 20251210 nor an epoch in s, ms, "
        "us or ns. Write ISO dates (2025-12-10)"
    )


def _text(column: pa.ChunkedArray, place: Place) -> Stamps:
    encoded = pa.chunked_array(column.chunks, column.type).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    codes = encoded.indices.to_numpy()
    values = encoded.dictionary.to_pylist()
    if values and all(value.isdecimal() and 8 < len(value) < 20 for value in values):
        return _numbers(np.array([int(value) for value in values], dtype=np.int64)[codes], place)
    wall, utc = np.empty(len(values), np.int64), np.empty(len(values), np.int64)
    zoned = np.empty(len(values), np.bool_)
    for number, value in enumerate(values):
        try:
            wall[number], utc[number], zoned[number] = _parse(value)
        except OverflowError as error:
            row = int(np.argmax(codes == number))
            raise DataError(f"{place.at(row)}: {value[:40]!r} {OUTSIDE}") from error
        except ValueError as error:
            row = int(np.argmax(codes == number))
            raise DataError(
                f"{place.at(row)}: {value[:40]!r} is not an ISO date. Write 2025-12-10, or "
                "2025-12-10 16:05:00-05:00 for a time (day and month are not guessed)"
            ) from error
    if zoned.any() and not zoned.all():
        bare, full = int(np.argmin(zoned[codes])), int(np.argmax(zoned[codes]))
        raise DataError(
            f"{place.at(bare)}: {values[codes[bare]]!r} has no zone, while {values[codes[full]]!r} "
            "has one. Write all of them with an offset, or all in UTC in a column ts_utc"
        )
    return Stamps(wall[codes], utc[codes] if zoned.all() or _says_utc(place) else None)


def _says_utc(place: Place) -> bool:
    return "utc" in place.column.lower()


def _parse(value: str) -> tuple[int, int, bool]:
    moment = datetime.fromisoformat(value.strip())
    wall = (moment.replace(tzinfo=None) - EPOCH) // MICROSECOND * 1000
    if moment.tzinfo is None:
        return wall, wall, False
    return wall, (moment - EPOCH_UTC) // MICROSECOND * 1000, True
