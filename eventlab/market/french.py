"""Tables inside a text, as Kenneth French publishes his factors: words above, a copyright below."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["SEARCHED", "FactorTable", "factor_table"]

SEARCHED = 40  # lines in which the table has to begin
ROW = re.compile(r"^\s*\d{8}\s*,")
HEADER = re.compile(r"^\s*,\s*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class FactorTable:
    """Where the daily table of a file is.

    Attributes
    ----------
    columns
        Names of its columns without blanks around them; the first, of the dates, is empty.
    above, rows, below
        Lines above its header, rows below it, and lines that are not empty after those.
    """

    columns: tuple[str, ...]
    above: int
    rows: int
    below: int

    def text(self, whole: str) -> str:
        """Cut the table out of the text of its file, its header tidied."""
        lines = whole.splitlines()[self.above + 1 : self.above + 1 + self.rows]
        return "\n".join([",".join(self.columns), *lines]) + "\n"


def factor_table(whole: str) -> FactorTable | None:
    """Find the daily table in the text of a file; None where the first line is the header.

    A header begins with an empty cell and stands below words; rows begin with a date of eight
    digits. The table ends with the first line that does not: yearly tables below it, the copyright
    and blank lines are left out.
    """
    lines = whole.splitlines()
    for above in range(1, min(SEARCHED, len(lines) - 1)):
        if HEADER.match(lines[above]) and ROW.match(lines[above + 1]):
            end = above + 1
            while end < len(lines) and ROW.match(lines[end]):
                end += 1
            columns = tuple(cell.strip() for cell in lines[above].split(","))
            below = sum(bool(line.strip()) for line in lines[end:])
            return FactorTable(columns, above, end - above - 1, below)
    return None
