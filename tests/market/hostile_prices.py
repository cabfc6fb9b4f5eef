"""Files of prices as they should not be: wrong cells, wrong bytes, wrong shapes, wrong folders.

Everything is drawn from one source of randomness, which hypothesis can shrink.
"""

from __future__ import annotations

import gzip
import io
import os
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import random
    from pathlib import Path

__all__ = ["write_hostile"]

# ruff: noqa: C901, PLR0911 - one of many kinds is drawn
DATES: Final = (
    *("", "0001-01-01", "9999-12-31", "1899-12-31", "2100-01-01", "2025-02-30", "20251210"),
    *("12/10/2025", "2025-12-10T16:05:00Z", "2025-12-10 16:05:00-05:00", "2025-12-10 16:05"),
    *("1765324800", "1765324800000", "1765324800000000000", "9" * 30, "-1", "0", "now"),
    *("2262-04-12", "1677-09-20", "\u0662\u0660\u0662\u0665-\u0660\u0661-\u0660\u0661", "9" * 5000),
    *("2025-W01-1", "99999999999", "0001-01-01T00:00:00+14:00"),
)  # fmt: skip
PRICES: Final = (
    *("", "inf", "-inf", "nan", "NaN", "-1", "0", "-0.0", "1e308", "1e-320", "1e400", "1e12"),
    *("1,234.5", "1.234,5", "1234,5", "1_000", "0x1F", "$5", "#N/A", "--", " 5 ", "'5'"),
    *("1e-12", "=1+1", "5e"),
    *("9" * 400, "x" * 200_000, "\x00", "\x1b[31m5", "\u0665", "true", "1e30", "1.1e30", "1e-31"),
)  # fmt: skip
SYMBOLS: Final = (
    *("", " ", "aaa", "BTC/USD", "../../etc/passwd", "[red]X[/red]", "<b>X</b>", "\x1b[31mX"),
    *("X" * 100, "X\tY", "X\u202eY", "null", "^GSPC", "=1+1", "@issuer", "💥", "X\x00Y", "a b"),
    *("NaN", "NA"),
)  # fmt: skip
HEADERS: Final = (
    *("date", "ts_utc", "time", "close", "adj_close", "open", "high", "low", "volume", "symbol"),
    *("Date", " close ", "", "source", "price_basis", "day_tz", "asset_class", "AAA", "BBB", "aaa"),
    *("btc_funding_rate", "open_interest", "\x1b[31m", "close\n", '"close', "x" * 5000),
    *("\ufeffdate",),
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp037", "utf-32")
ENDINGS: Final = ("\n", "\r\n", "\r", "\n\n", "\x0b", "\u2028")
ZONES: Final = ("America/New_York", "UTC", "Nowhere/Land", "", "Etc/UTC", "\x1b[31m")
CLASSES: Final = ("crypto", "crypto:ai", "index", "stock", "rate")


def write_hostile(folder: Path, draw: random.Random) -> Path:
    """Write one hostile source into an empty folder; returns what to give as ``--data``."""
    kind = draw.choice((*["csv"] * 10, *["parquet"] * 6, "bytes", "folder", "folder", "odd"))
    if kind == "csv":
        return _written(folder, draw, _csv(draw), draw.choice(("p.csv", "AAA.csv", "P.CSV")))
    if kind == "parquet":
        return _written(folder, draw, _parquet(draw), draw.choice(("p.parquet", "AAA.pq")))
    if kind == "bytes":
        name = draw.choice(("p.csv", "p.parquet", "p.csv.gz", "p.pq"))
        return _written(folder, draw, draw.randbytes(draw.randrange(400)), name)
    if kind == "folder":
        for number in range(draw.randrange(1, 4)):
            inner = folder / draw.choice((".", "deep/er", ".hidden", "p.parquet"))
            inner.mkdir(parents=True, exist_ok=True)
            content, end = (_csv(draw), "csv") if draw.random() < 0.6 else (_parquet(draw), "pq")
            (inner / f"f{number}.{end}").write_bytes(content)
        return folder
    return _odd_place(folder, draw)


def _written(folder: Path, draw: random.Random, content: bytes, name: str) -> Path:
    changes = ("flip", "flips", "cut", "insert", "gz", "renamed", "null")
    change = draw.choice((*[""] * 14, *changes))
    if change == "gz" and name.lower().endswith(".csv"):
        content, name = gzip.compress(content, 1, mtime=0), name + ".gz"
        change = draw.choice(("", "", "flip", "cut"))
    if change == "renamed":
        name = draw.choice(("p.csv", "p.parquet", "p.csv.gz"))
    for _ in range({"flip": 1, "flips": 30}.get(change, 0)):
        at = draw.randrange(len(content) or 1)
        flipped = bytes([content[at] ^ (1 << draw.randrange(8))]) if content else b"x"
        content = content[:at] + flipped + content[at + 1 :]
    if change == "cut":
        content = content[: draw.randrange(len(content) + 1)]
    if change in {"insert", "null"}:
        at = draw.randrange(len(content) + 1)
        junk = b"\x00" * draw.randrange(1, 9) if change == "null" else draw.randbytes(9)
        content = content[:at] + junk + content[at:]
    (folder / name).write_bytes(content)
    return folder / name if draw.random() < 0.7 else folder


def _csv(draw: random.Random) -> bytes:
    rows = _rows(draw)
    separator = draw.choice((*"," * 12, ";", "\t", "|", " "))
    lines = []
    for row in rows:
        cells = [_quoted(cell, draw) for cell in row]
        if draw.random() < 0.001:
            cells = draw.choice((cells[:-1], [*cells, "x"], [], ["#", *cells]))
        lines.append(separator.join(cells))
    if draw.random() < 0.05:
        lines.insert(0, draw.choice(("", "Words above,", "sep=,", lines[0], "{" * 3000)))
    ending = draw.choice(ENDINGS) if draw.random() < 0.1 else "\n"
    text = ending.join(lines) + draw.choice(("", ending))
    encoding = draw.choice(ENCODINGS) if draw.random() < 0.07 else "utf-8"
    return text.encode(encoding, "replace")


def _quoted(cell: str, draw: random.Random) -> str:
    return draw.choice((f'"{cell}"', f'"{cell}', f"{cell}\n")) if draw.random() < 0.001 else cell


def _rows(draw: random.Random) -> list[list[str]]:
    """Rows of cells: a sound table, in which some cells, rows and columns are changed."""
    shape = draw.choice(("long", "wide", "single", "french", "columns"))
    days = _days(draw)
    prices = [f"{100 + draw.uniform(-4.0, 4.0):.2f}" for _ in days]
    if shape == "long":
        symbols = ["AAA", "BBB", "BTC"][: draw.randrange(1, 4)]
        rows = [
            [day, one, price] for one in symbols for day, price in zip(days, prices, strict=True)
        ]
        rows.insert(0, ["date", "symbol", "close"])
    elif shape == "single":
        rows = [["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]]
        rows += [[day, *[price] * 5, "1000"] for day, price in zip(days, prices, strict=True)]
    elif shape == "columns":
        names = [f"S{number}" for number in range(draw.choice((1, 3, 300)))]
        rows = [["date", *names], *([day, *["5"] * len(names)] for day in days[:5])]
    else:
        rows = [["date", "AAA", "BBB"]]
        rows += [[day, price, price] for day, price in zip(days, prices, strict=True)]
        if shape == "french":
            plain = [[row[0].replace("-", "")[:8], *row[1:]] for row in rows[1:]]
            rows = [["Words"], ["", "Mkt-RF", " RF "], *plain, [""], ["Copyright"]]
    for _ in range(draw.choice((0, 0, 1, 1, 2, 5))):
        _spoil(rows, draw)
    return rows


def _days(draw: random.Random) -> list[str]:
    """Days or times of bars, most of them sound."""
    count, style = draw.choice((0, 1, 2, 40, 40, 40)), draw.randrange(8)
    first = date(draw.choice((1900, 1926, 2024, 2024, 2099)), 1, 2)
    step = timedelta(days=draw.choice((1, 1, 1, 7)))
    days = [first + min(number, 300) * step for number in range(count)]
    if style == 0:
        start = datetime(2025, 12, 8, 14, 30, tzinfo=UTC)
        bar = timedelta(seconds=draw.choice((1, 60, 3600, 50_000)))
        return [str(start + number * bar) for number in range(count)]
    if style == 1:
        scale = draw.choice((1, 1000, 10**6, 10**9))
        return [str(1_700_000_000 * scale + number * 86_400 * scale) for number in range(count)]
    if style == 2:
        return [f"{day} 16:00:00" for day in days]
    return [str(day) for day in days if style == 3 or day.weekday() < 5]


def _spoil(rows: list[list[str]], draw: random.Random) -> None:
    row = draw.randrange(len(rows))
    cell = draw.randrange(len(rows[row]) or 1)
    what = draw.randrange(9)
    if what < 4 and rows[row]:
        rows[row][cell] = draw.choice(draw.choice((DATES, PRICES, SYMBOLS)))
    elif what == 4 and rows[0]:
        rows[0][draw.randrange(len(rows[0]))] = draw.choice(HEADERS)
    elif what == 5:
        rows.insert(row, rows[draw.randrange(len(rows))])
    elif what == 6:
        draw.shuffle(rows)
    elif what == 7:
        name, values = draw.choice(
            (("day_tz", ZONES), ("asset_class", CLASSES), ("source", SYMBOLS), ("volume", PRICES))
        )
        for number, each in enumerate(rows):
            each.append(name if number == 0 else draw.choice(values))
    else:
        value = draw.choice(PRICES)
        for each in rows[1:]:
            if each:
                each[-1] = value


def _parquet(draw: random.Random) -> bytes:
    count = draw.choice((0, 1, 2, 40, 40))
    arrays: dict[str, Any] = {
        draw.choice(("date", "ts_utc", "timestamp", "time", "__index_level_0__")): _stamps(
            draw, count
        )
    }
    if draw.random() < 0.6:
        arrays["symbol"] = _labels(draw, count)
    for name in draw.choice(
        (("close",), ("AAA", "BBB"), ("close", "adj_close", "volume", "high", "low"))
    ):
        arrays[name] = _numbers(draw, count)
    names = list(arrays)
    if draw.random() < 0.05:
        names[-1] = draw.choice((*HEADERS, names[0]))
    table = pa.Table.from_arrays([pa.array(one) for one in arrays.values()], names=names)
    if draw.random() < 0.2:
        table = table.replace_schema_metadata({"pandas": draw.choice(("{", "null", '{"a": [1]}'))})
    held = io.BytesIO()
    with suppress(pa.ArrowException):  # what Parquet cannot hold is cut short there
        pq.write_table(
            table,
            held,
            compression=draw.choice(("snappy", "none", "zstd", "gzip")),
            row_group_size=draw.choice((None, 7)),
            use_dictionary=draw.random() < 0.7,
            data_page_size=draw.choice((None, 64)),
        )
    return held.getvalue()


def _stamps(draw: random.Random, count: int) -> pa.Array:
    days = [date(2024, 1, 2) + timedelta(days=number) for number in range(count)]
    times = [datetime(2024, 1, 2, tzinfo=UTC) + timedelta(hours=number) for number in range(count)]
    kind = draw.randrange(30)
    if kind == 0:
        return pa.array(
            times,
            pa.timestamp(
                draw.choice(("s", "ms", "us", "ns")),
                draw.choice(("UTC", "America/New_York", "Nowhere/Land", "+05:00")),
            ),
        )
    if kind == 1:
        bound = draw.choice((2**62, -(2**62), 2**40, -(10**15)))
        return pa.array([bound] * count, pa.int64()).cast(
            pa.timestamp(draw.choice(("s", "ms", "us", "ns")))
        )
    if kind == 2:
        numbers = [
            draw.choice((0, 1_700_000_000, 2**62, 20251210, 99_999_999_999, -5)) + number
            for number in range(count)
        ]
        return pa.array(numbers, pa.int64())
    if kind == 3:
        return pa.array([2**64 - 1] * count, pa.uint64())
    if kind == 4:
        return pa.array([b"2024-01-02\xff"] * count, pa.binary())
    if kind == 5:
        return pa.array([draw.choice(DATES) for _ in days], pa.string())
    if kind == 6:
        return pa.array([{"a": 1}] * count, pa.struct([("a", pa.int64())]))
    if kind == 7:
        return pa.array([str(day) for day in days], pa.string()).dictionary_encode()
    if kind == 8:
        return pa.array([None if draw.random() < 0.1 else day for day in days], pa.date32())
    if kind == 9:
        return pa.array([draw.choice((-(2**31), 2**31 - 1, 0)) for _ in days], pa.int32()).cast(
            pa.date32()
        )
    return pa.array(days, pa.date64() if kind == 10 else pa.date32())


def _labels(draw: random.Random, count: int) -> pa.Array:
    kind = draw.randrange(14)
    if kind == 0:
        return pa.array(range(count), pa.int64())
    if kind == 1:
        return pa.array(range(count), pa.int64()).dictionary_encode()
    if kind == 2:
        return pa.array([["AAA"]] * count, pa.list_(pa.string()))
    if kind == 3:
        return pa.array([b"\xff\xfe"] * count, pa.binary())
    if kind == 4:
        return pa.array([draw.choice((*SYMBOLS, None)) for _ in range(count)], pa.string())
    return pa.array(
        ["AAA"] * count, draw.choice((pa.string(), pa.large_string(), pa.string_view()))
    )


def _numbers(draw: random.Random, count: int) -> pa.Array:
    values = [100 + draw.uniform(-4.0, 4.0) for _ in range(count)]
    kind = draw.randrange(24)
    if kind == 0:
        return pa.array([Decimal(f"{value:.2f}") for value in values], pa.decimal128(38, 2))
    if kind == 1:
        return pa.array([f"{value:.2f}" for value in values], pa.string())
    if kind == 2:
        return pa.array([[value] for value in values], pa.list_(pa.float64()))
    if kind == 3:
        return pa.array([2**63 - 1] * count, pa.int64())
    if kind == 4:
        return pa.array([None] * count, pa.null())
    if kind == 5:
        return pa.array(values, pa.float64()).dictionary_encode()
    if kind == 6:
        return pa.array(np.array(values, np.float16))
    if kind == 7:
        return pa.array([True] * count)
    if kind == 8:
        odd = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e308, 5e-324, 1e31, None)
        return pa.array([draw.choice((*odd, value)) for value in values], pa.float64())
    if kind == 9:
        return pa.array(values, pa.float32())
    return pa.array(values, pa.float64())


def _odd_place(folder: Path, draw: random.Random) -> Path:
    """A place that is no file, or no readable one."""
    what = draw.randrange(10)
    path = folder / "p.csv"
    if what == 0:
        os.mkfifo(path)
    elif what == 1:
        path.symlink_to("p.csv")
    elif what == 2:
        path.symlink_to("nowhere.csv")
    elif what == 3:
        path.symlink_to("/dev/zero")
    elif what == 4:
        (folder / "loop").symlink_to(folder)
        path.write_bytes(_csv(draw))
    elif what == 5:
        path.mkdir()
    elif what == 6:
        path = folder / "p.csv.gz"
        bomb = b"date,close\n" + b"0" * (1 << 20)
        path.write_bytes(gzip.compress(bomb, 9, mtime=0))
    elif what == 7:
        path.write_bytes(b"date,AAA\n" + b"x" * (1 << 22))
    elif what == 8:
        path.write_bytes(b"date" + b",x" * 3_000_000)
    else:
        path = folder / ("y" * 255)
    return draw.choice((path, folder))
