"""Short ways to read one fact out of a tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def pick(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    """Rows in which every named column has the value."""
    kept = pd.Series(data=True, index=table.index)
    for column, value in where.items():
        kept &= table[column] == value
    return table[kept]


def row(table: pd.DataFrame, **where: object) -> dict[str, object]:
    """The one row in which every named column has the value."""
    (found,) = pick(table, **where).to_dict("records")
    return {str(key): value for key, value in found.items()}


def number(table: pd.DataFrame, column: str, **where: object) -> float:
    """A cell of the one row in which every other named column has the value."""
    found = row(table, **where)[column]
    assert isinstance(found, (int, float))
    return float(found)


def values(table: pd.DataFrame, column: str, **where: object) -> npt.NDArray[np.float64]:
    """Cells of the rows in which every other named column has the value."""
    return pick(table, **where)[column].to_numpy(dtype="float64")


def session(table: pd.DataFrame, **where: object) -> str:
    """``event_session`` of the one row, as a date; empty without one."""
    found = row(table, **where)["event_session"]
    return "" if found is pd.NaT else str(found)[:10]


def reasons(exclusions: pd.DataFrame, **where: object) -> list[tuple[str, str]]:
    """Windows and reasons of the exclusions."""
    chosen = pick(exclusions, **where)
    return list(zip(chosen["window"], chosen["reason"], strict=True))
