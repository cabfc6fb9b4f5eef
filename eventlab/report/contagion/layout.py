"""How a table of results becomes a table of a reader: which columns, in which words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventlab.report.numbers import MINUS, MISSING
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Column", "instant", "lay_out", "minutes", "number", "signed", "words"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the text of a row, what stands small below, when it is loud."""

    name: str
    text: Callable[[Row], str]
    below: Callable[[Row], str] | None = None
    loud: Callable[[Row], bool] | None = None
    numeric: bool = True

    def show(self, row: Row) -> Shown:
        """Return the cell of a row."""
        return Shown(
            self.text(row),
            self.below(row) if self.below else "",
            loud=bool(self.loud and self.loud(row)),
        )


def lay_out(
    caption: str,
    table: pd.DataFrame,
    columns: Sequence[Column],
    *,
    most: int = 60,
    file: str = "",
) -> View:
    """Lay out at most ``most`` rows; ``file`` is where the others are."""
    names = [str(name) for name in table.columns]
    head = table.head(most)
    columns_of = (head[name].tolist() for name in names)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns_of, strict=True)]
    shown = tuple(tuple(column.show(row) for column in columns) for row in rows)
    left = len(table) - len(rows)
    return View(
        caption=caption,
        columns=tuple(column.name for column in columns),
        rows=shown,
        numeric=tuple(k for k, column in enumerate(columns) if column.numeric),
        more=f"{left:,} more rows are in {file}" if left > 0 else "",
    )


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


def minutes(value: object) -> str:
    """Write minutes as minutes, hours or days, whichever reads best."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return MISSING
    size, sign = abs(value), MINUS if value < 0 else ""
    if size < 120:
        return f"{sign}{size:.0f} min"
    if size < 2880:
        return f"{sign}{int(size // 60)} h {size % 60:02.0f} min"
    return f"{sign}{size / 1440:.1f} days"


def instant(value: object) -> str:
    """Write a UTC instant to the minute; a dash for none."""
    if not isinstance(value, pd.Timestamp) or pd.isna(value):
        return MISSING
    return f"{value:%Y-%m-%d %H:%M} UTC" if value.tzinfo is not None else f"{value:%Y-%m-%d}"


def words(key: str) -> Callable[[Row], str]:
    """Write a column of words as it is; a dash for an empty one."""
    return lambda row: str(row[key]).replace("_", " ") if row[key] else MISSING
