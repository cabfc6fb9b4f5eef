"""How a table of results becomes a table of a reader: which columns, in which words."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.report.numbers import MINUS, MISSING, counted, integer, pvalue
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Column",
    "Row",
    "at",
    "blank",
    "count_of",
    "instant",
    "interval",
    "lay_out",
    "listed",
    "minutes",
    "number",
    "p_of",
    "percents",
    "rows_of",
    "sentence",
    "signed",
    "words",
]

Row = dict[str, Any]
LONG: Final = 36  # characters of a note that stands below its table
REPEATED: Final = 24  # and of one that several rows have
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the text of a row, what stands small below, when it is loud.

    ``wide`` columns are the first to go where a terminal is narrow.
    """

    name: str
    text: Callable[[Row], str]
    below: Callable[[Row], str] | None = None
    loud: Callable[[Row], bool] | None = None
    numeric: bool = True
    wide: bool = False

    def show(self, row: Row) -> Shown:
        """Return the cell of a row."""
        return Shown(
            self.text(row),
            self.below(row) if self.below else "",
            loud=bool(self.loud and self.loud(row)),
        )


def lay_out(
    caption: str,
    table: pd.DataFrame | Sequence[Row],
    columns: Sequence[Column],
    *,
    most: int = 60,
    file: str = "",
    notes: Sequence[tuple[str, str]] = (),
) -> View:
    """Lay out at most ``most`` rows; ``file`` is where the others are.

    The caption's first sentence is its title. A column that is empty in every row is left out;
    notes that are long or repeated stand below the table.
    """
    first = table[:most]
    rows = rows_of(first) if isinstance(first, pd.DataFrame) else list(first)
    shown = [[column.show(row) for column in columns] for row in rows]
    place = next((k for k, column in enumerate(columns) if column.name == "note"), -1)
    below = _footnotes(shown, place) if place > 0 else []
    kept = [
        k
        for k in range(len(columns))
        if k == 0 or any(cells[k].text not in {"", MISSING} for cells in shown)
    ]
    left = max(0, len(table) - len(rows))
    return View(
        caption=caption,
        columns=tuple(columns[place].name for place in kept),
        rows=tuple(tuple(cells[place] for place in kept) for cells in shown),
        numeric=tuple(k for k, place in enumerate(kept) if columns[place].numeric),
        more=f"{counted(left, 'more row')} {'is' if left == 1 else 'are'} in {file}"
        if left > 0
        else "",
        notes=(*notes, *below),
        wide=tuple(k for k, place in enumerate(kept) if columns[place].wide),
        left=left,
    )


def _footnotes(shown: list[list[Shown]], place: int) -> list[tuple[str, str]]:
    """Put letters in the place of long and of repeated notes; return what the letters mean."""
    parts = [[_of_its_row(part, row) for part in row[place].text.split("; ")] for row in shown]
    counts = Counter(part for row in parts for part in row if part != MISSING)
    below = [part for part, n in counts.items() if len(part) > (LONG if n == 1 else REPEATED)]
    marks = {
        part: LETTERS[k % len(LETTERS)] * (1 + k // len(LETTERS)) for k, part in enumerate(below)
    }
    for row, own in zip(shown, parts, strict=True):
        row[place] = Shown(", ".join(marks.get(part, part) for part in own))
    return [(mark, part) for part, mark in marks.items()]


def _of_its_row(part: str, row: list[Shown]) -> str:
    """Say ``it`` of the symbol that heads a row, so that the same note of another is the same."""
    for cell in row[:2]:
        if len(cell.text) > 1 and not cell.text.isdigit():
            part = re.sub(rf"(?<![\w@]){re.escape(cell.text)}(?!\w)", "it", part)
    return part


def blank() -> View:
    """Return a table without rows, of which nothing is shown."""
    return View("", (), ())


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table as they are."""
    names = [str(name) for name in table.columns]
    columns = (table[name].tolist() for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def at(table: pd.DataFrame, occurrence: str) -> pd.DataFrame:
    """Return the rows of an occurrence; none of a table that was not filled."""
    return table[table["occurrence"] == occurrence] if len(table) else table


def number(value: object, digits: int = 2) -> str:
    """Write a number with a true minus; a dash for NaN and nothing."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return MISSING
    shown = f"{abs(value):.{digits}f}"
    return (MINUS if value < 0 and float(shown) else "") + shown


def signed(value: object, digits: int = 2) -> str:
    """Write a number with its sign, also a plus."""
    shown = number(value, digits)
    return shown if shown in {MISSING} or shown.startswith(MINUS) else f"+{shown}"


def percents(value: object, digits: int = 2) -> str:
    """Write a decimal as percent with its sign; a dash for NaN."""
    shown = signed(100 * value if isinstance(value, int | float) else value, digits)
    return shown if shown == MISSING else f"{shown}%"


def interval(row: Row, digits: int = 2, *, sign: bool = False) -> str:
    """Write ``low`` to ``high``; nothing where there is no interval."""
    if not math.isfinite(row["low"]):
        return ""
    write = signed if sign else number
    return f"{write(row['low'], digits)} to {write(row['high'], digits)}"


def minutes(value: object) -> str:
    """Write minutes as minutes, hours or days, whichever reads best."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return MISSING
    size, sign = abs(value), MINUS if value < 0 else ""
    if size < 120:
        return f"{sign}{size:.0f} min"
    if size < 2880:
        rest = f" {size % 60:02.0f} min" if size % 60 else ""
        return f"{sign}{int(size // 60)} h{rest}"
    return f"{sign}{size / 1440:.1f} days"


def instant(value: object) -> str:
    """Write a UTC instant to the minute; a dash for none."""
    if not isinstance(value, pd.Timestamp) or pd.isna(value):
        return MISSING
    return f"{value:%Y-%m-%d %H:%M} UTC" if value.tzinfo is not None else f"{value:%Y-%m-%d}"


def words(key: str) -> Callable[[Row], str]:
    """Write a column of words as it is; a dash for an empty one."""
    return lambda row: row[key] if isinstance(row.get(key), str) and row[key] else MISSING


def p_of(key: str) -> Callable[[Row], str]:
    """Write a column of p-values."""
    return lambda row: pvalue(row.get(key, math.nan))


def count_of(key: str) -> Callable[[Row], str]:
    """Write a column of counts."""
    return lambda row: integer(row.get(key, math.nan))


def listed(names: Sequence[str], most: int = 4) -> str:
    """Write names with commas and an ``and``; beyond ``most`` how many more there are."""
    shown, more = list(names[:most]), len(names) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def sentence(text: str) -> str:
    """Write words as a sentence: a capital first, a full stop last."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""
