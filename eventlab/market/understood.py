"""One line per file: what it was taken for, what comes from it, what does not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.market.calendars import OwnCalendar
    from eventlab.market.detect import Layout
    from eventlab.market.extract import Extract, RawSeries
    from eventlab.market.files import SourceFile

__all__ = ["Reading", "Used", "understood"]

NAMED = 8
SAID = {
    "workspace": "as the workspace says",
    "file": "as the file says",
    "rows": "from its weekend rows",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, its layout, and what was read of it (None: left aside or nothing asked for)."""

    file: SourceFile
    layout: Layout
    extract: Extract | None

    @property
    def series(self) -> tuple[RawSeries, ...]:
        """Series read from this file."""
        return tuple(self.extract.series.values()) if self.extract is not None else ()


@dataclass(frozen=True, slots=True)
class Hours:
    """Of the intraday bars of one symbol in one file.

    Attributes
    ----------
    stamped_at
        Which end of a bar its time is.
    late
        Minutes into the session at which the first bar opens.
    outside
        Bars outside of the regular hours.
    """

    stamped_at: str
    late: int
    outside: int


@dataclass(frozen=True, slots=True)
class Used:
    """What became of the files.

    Attributes
    ----------
    daily, intraday
        Symbol to the series that is used.
    bars
        Symbol to further intraday series, used in studies of bars only.
    unused
        (symbol, file) to the reason why that file's rows are not.
    hours
        (symbol, file) of every intraday series that is used.
    """

    daily: Mapping[str, RawSeries]
    intraday: Mapping[str, RawSeries]
    bars: Mapping[str, Sequence[RawSeries]]
    unused: Mapping[tuple[str, str], str]
    hours: Mapping[tuple[str, str], Hours]


def understood(
    readings: Sequence[Reading], used: Used, calendars: Mapping[str, OwnCalendar]
) -> tuple[str, ...]:
    """Describe every file in the order in which they were read."""
    return tuple(f"{reading.file.name}: {_one(reading, used, calendars)}" for reading in readings)


def _one(reading: Reading, used: Used, calendars: Mapping[str, OwnCalendar]) -> str:
    if reading.layout.form == "aside":
        return f"{reading.layout.reason}; left aside"
    found = reading.extract
    if found is None or not found.span[0]:
        return "prices of none of the symbols asked for; not read"
    form = {
        "long": "a row per symbol",
        "wide": "a column per symbol",
        "single": "one symbol, named by the file",
    }
    rows = f"{found.rows:,} rows, {len(found.symbols):,} symbol{'s' * (len(found.symbols) != 1)}"
    parts = [f"{form[reading.layout.form]}; {rows}, {found.span[0]} to {found.span[1]}"]
    mine = used.daily if found.frequency == "daily" else used.intraday
    taken = [raw for raw in mine.values() if raw.origin == reading.file.name]
    further: list[RawSeries] = []
    if found.frequency == "daily":
        parts += _daily(taken, calendars)
        title = "daily prices"
    else:
        every = (raw for raws in used.bars.values() for raw in raws)
        further = [raw for raw in every if raw.origin == reading.file.name]
        parts += _hours([used.hours[raw.symbol, raw.origin] for raw in (*taken, *further)], reading)
        title = f"bars of {found.bar_minutes} minutes"
    if taken or not further:
        parts.append(f"used for {_names([raw.symbol for raw in taken]) if taken else 'no symbol'}")
    if further:
        parts.append(f"used in bars for {_names([raw.symbol for raw in further])}")
    parts += _unused(reading, used)
    if found.note:
        parts.append(found.note)
    table = reading.file.table
    if table is not None:
        parts.append(f"{table.above} lines above its table and {table.below} below it are left out")
    return f"{title}, " + "; ".join(parts)


def _hours(hours: Sequence[Hours], reading: Reading) -> list[str]:
    ends = {one.stamped_at for one in hours} or {reading.layout.stamped_at}
    parts = [f"{reading.layout.stamp or 'its index'} is the {' or '.join(sorted(ends))} of a bar"]
    late = max((one.late for one in hours), default=0)
    parts += [f"no bar in the first {late} minutes of a session"] if late else []
    outside = sum(one.outside for one in hours)
    if outside:
        bars = "1 bar" if outside == 1 else f"{outside:,} bars"
        parts.append(f"{bars} outside regular hours {'is' if outside == 1 else 'are'} not used")
    return parts


def _daily(taken: Sequence[RawSeries], calendars: Mapping[str, OwnCalendar]) -> list[str]:
    parts = []
    columns = Counter(raw.price_column for raw in taken)
    by_symbol = len(columns) == len(taken) and all(
        raw.price_column.upper() == raw.symbol for raw in taken
    )
    if taken and not by_symbol:
        (main, _), *rest = columns.most_common()
        others = [
            f"from {name} for {_names([raw.symbol for raw in taken if raw.price_column == name])}"
            for name, _ in rest
        ]
        parts.append(", ".join([f"returns from {main}", *others]))
    said = Counter((calendars[raw.symbol].code, calendars[raw.symbol].said_by) for raw in taken)
    if said:
        parts.append(
            "calendar "
            + ", ".join(
                f"{code} for {count} {SAID[by]}" for (code, by), count in sorted(said.items())
            )
        )
    return parts


def _unused(reading: Reading, used: Used) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for (symbol, name), reason in used.unused.items():
        if name == reading.file.name:
            reasons.setdefault(reason, []).append(symbol)
    return [
        f"not used for {_names(symbols)}: {reason}" for reason, symbols in sorted(reasons.items())
    ]


def _names(symbols: Sequence[str]) -> str:
    listed = sorted(symbols)
    if len(listed) <= NAMED:
        return ", ".join(listed)
    return f"{len(listed)} symbols ({', '.join(listed[: NAMED - 2])}, ...)"
