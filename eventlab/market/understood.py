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
class Used:
    """What became of the files.

    Attributes
    ----------
    daily, intraday
        Symbol to the series that is used.
    unused
        (symbol, file) to the reason why that file's rows are not.
    stamped_at, late
        Of intraday series: which end of a bar its time is, and how many minutes into the session
        the first bar opens.
    """

    daily: Mapping[str, RawSeries]
    intraday: Mapping[str, RawSeries]
    unused: Mapping[tuple[str, str], str]
    stamped_at: Mapping[str, str]
    late: Mapping[str, int]


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
    if found.frequency == "daily":
        parts += _daily(taken, calendars)
        title = "daily prices"
    else:
        ends = {used.stamped_at[raw.symbol] for raw in taken} or {reading.layout.stamped_at}
        parts.append(
            f"{reading.layout.stamp or 'its index'} is the {' or '.join(sorted(ends))} of a bar"
        )
        late = max((used.late.get(raw.symbol, 0) for raw in taken), default=0)
        parts += [f"no bar in the first {late} minutes of a session"] if late else []
        title = f"bars of {found.bar_minutes} minutes"
    parts.append(
        f"used for {_names([raw.symbol for raw in taken])}" if taken else "used for no symbol"
    )
    parts += _unused(reading, used)
    if found.note:
        parts.append(found.note)
    return f"{title}, " + "; ".join(parts)


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
