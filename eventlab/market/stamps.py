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

__all__ = ["DAY", "MINUTE", "Stamps", "read_stamps"]

MINUTE = 60_000_000_000
DAY = 24 * 60 * MINUTE
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the wall clock, which has no zone
EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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


def read_stamps(column: pa.ChunkedArray, name: str, file: str, first_line: int) -> Stamps:
    """Read a column of dates or times: dates, timestamps, ISO text, or epochs in s, ms, us or ns.

    ``first_line`` is the line (CSV) or row (Parquet) number of the first value, for messages.

    Raises
    ------
    DataError
        A value is missing or unreadable, or some values carry a zone and others do not.
    """
    if column.null_count:
        row = int(np.flatnonzero(pc.is_null(column).to_numpy())[0])
        raise DataError(f"{file}:{row + first_line}: {name}: no date. Write one, or remove the row")
    kind = column.type
    if pa.types.is_date(kind):
        wall = column.cast(pa.timestamp("ns")).cast(pa.int64()).to_numpy()
        return Stamps(wall, None)
    if pa.types.is_timestamp(kind):
        return _timestamps(column, name)
    if pa.types.is_integer(kind):
        return _numbers(column.cast(pa.int64()).to_numpy(), name, file, first_line)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return _text(column, name, file, first_line)
    raise DataError(
        f"{file}: {name}: {kind} is no date. Write ISO dates (2025-12-10) or timestamps"
    )


def _timestamps(column: pa.ChunkedArray, name: str) -> Stamps:
    zone = column.type.tz
    instants = column.cast(pa.timestamp("ns", tz=zone)).cast(pa.int64()).to_numpy()
    if zone is None:
        return Stamps(instants, instants if "utc" in name.lower() else None)
    if zone.upper() in {"UTC", "ETC/UTC", "+00:00", "Z"}:
        return Stamps(instants, instants)
    wall = pc.local_timestamp(column).cast(pa.timestamp("ns")).cast(pa.int64()).to_numpy()
    return Stamps(wall, instants)


def _numbers(values: npt.NDArray[np.int64], name: str, file: str, first_line: int) -> Stamps:
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if low >= 19_000_101 and high <= 21_001_231:
        text = pa.chunked_array([pa.array(values).cast(pa.string())])
        return _text(text, name, file, first_line)
    for scale, bound in ((10**9, 10**11), (10**6, 10**14), (10**3, 10**17), (1, 9 * 10**18)):
        if bound // 1000 <= low and high < bound:
            instants = values * scale
            return Stamps(instants, instants)
    bad = int(np.argmin(values))
    raise DataError(
        f"{file}:{bad + first_line}: {name}: {values[bad]} is neither a date like 20251210 nor an epoch "
        "in s, ms, us or ns. Write ISO dates (2025-12-10)"
    )


def _text(column: pa.ChunkedArray, name: str, file: str, first_line: int) -> Stamps:
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    if column.num_chunks != 1:
        column = pa.chunked_array([column.combine_chunks()])
    encoded = column.chunk(0).dictionary_encode()
    codes = encoded.indices.to_numpy()
    values = encoded.dictionary.to_pylist()
    wall, utc = np.empty(len(values), np.int64), np.empty(len(values), np.int64)
    zoned = np.empty(len(values), np.bool_)
    for place, value in enumerate(values):
        try:
            wall[place], utc[place], zoned[place] = _parse(value)
        except ValueError as error:
            line = int(np.flatnonzero(codes == place)[0]) + first_line
            raise DataError(
                f"{file}:{line}: {name}: {value[:40]!r} is not an ISO date. Write 2025-12-10, or "
                "2025-12-10 16:05:00-05:00 for a time (day and month are not guessed)"
            ) from error
    if zoned.any() and not zoned.all():
        _refuse_mixed(values, zoned, codes, f"{file}:{{line}}: {name}: ", first_line)
    known = bool(zoned.all()) or "utc" in name.lower()
    return Stamps(wall[codes], utc[codes] if known and len(values) else None)


def _parse(value: str) -> tuple[int, int, bool]:
    moment = datetime.fromisoformat(value.strip())
    wall = (moment.replace(tzinfo=None) - EPOCH) // MICROSECOND * 1000
    if moment.tzinfo is None:
        return wall, wall, False
    return wall, (moment - EPOCH_UTC) // MICROSECOND * 1000, True


def _refuse_mixed(
    values: list[str],
    zoned: npt.NDArray[np.bool_],
    codes: npt.NDArray[np.int32],
    place: str,
    first_line: int,
) -> None:
    bare = int(np.flatnonzero(~zoned[codes])[0])
    full = int(np.flatnonzero(zoned[codes])[0])
    raise DataError(
        place.format(line=bare + first_line)
        + f"{values[codes[bare]]!r} has no zone, while line {full + first_line} has one "
        f"({values[codes[full]]!r}). Write all of them with an offset, or all in UTC in a column ts_utc"
    )
