"""Tables of tests as DataFrames, whole columns at once: a study has some ten thousand rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.study.inference.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.study.inference.registry import Table

__all__ = ["AAR_COLUMNS", "BHAR_COLUMNS", "OUTCOME_COLUMNS", "tests_frame"]

OUTCOME_COLUMNS: Final = Outcome.__slots__
AAR_COLUMNS: Final = (
    "tau",
    "aar",
    "n_events",
    "test",
    "statistic",
    "dof",
    "distribution",
    "pvalue",
    "headline",
    "note",
)
BHAR_COLUMNS: Final = ("window", "bhar", *AAR_COLUMNS[2:])


def tests_frame(
    tables: Sequence[Table],
    places: Mapping[str, Sequence[object]],
    *,
    each: Mapping[str, Sequence[object]],
    columns: Sequence[str],
) -> pd.DataFrame:
    """One row per table, window and test.

    Parameters
    ----------
    tables
        Tables with the same tests, W windows each.
    places
        What to write beside each table, by column.
    each
        What to write beside each window, by column.
    columns
        Columns of the result and their order; ``aar`` and ``bhar`` are the mean that is tested.
    """
    if not tables:
        return pd.DataFrame(columns=list(columns))
    T, W = len(tables[0].tests), len(tables[0].mean)
    found: dict[str, Any] = {
        name: np.repeat(np.array(values, dtype=object), W * T) for name, values in places.items()
    }
    found |= {
        name: np.tile(np.repeat(objects(values), T), len(tables)) for name, values in each.items()
    }
    found["test"] = np.tile(np.array(tables[0].tests, dtype=object), W * len(tables))
    for name in ("statistic", "dof", "distribution", "pvalue", "headline", "note"):
        found[name] = np.concatenate([getattr(table, name).reshape(-1) for table in tables])
    found["n_events"] = np.repeat(np.concatenate([table.n_events for table in tables]), T)
    for name in ("aar", "bhar"):
        found[name] = np.repeat(np.concatenate([table.mean for table in tables]), T)
    return pd.DataFrame({name: found[name] for name in columns})


def objects(values: Sequence[object]) -> npt.NDArray[Any]:
    """Numbers as numbers, text as objects."""
    array = np.array(values)
    return array if array.dtype.kind in "biuf" else array.astype(object)
