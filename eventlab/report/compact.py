"""Tables of tests as JSON of a tenth of their size: every test's numbers side by side.

A study tests 20 statistics in each bar of each group, and as rows of their own they would repeat
twenty thousand times which group, bar and test they belong to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.report.plain import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["compact_tests"]

NUMBERS: Final = ("statistic", "dof", "pvalue")
WORDS: Final = ("distribution", "note")
Json = dict[str, Any]


def compact_tests(table: pd.DataFrame, places: Sequence[str], values: Sequence[str]) -> Json:
    """Return a table of tests with one row per place.

    Parameters
    ----------
    table
        One row per place and test: ``places``, ``values``, test, statistic, dof, distribution,
        pvalue, headline, note.
    places
        The columns that together say what was tested, as group, tag and tau.
    values
        Columns that are the same for all tests of a place, as aar and n_events.

    Returns
    -------
    dict
        ``tests``: the names of the T tests. ``words``: the distributions and notes. ``rows``: of
        each place its ``places`` and ``values``; ``statistic``, ``dof`` and ``pvalue``, T numbers
        each in the order of ``tests``, null where a test has none; ``distribution`` and ``note``,
        T places in ``words`` each; ``headline``: the names of the tests that are relied on.
    """
    tests = list(dict.fromkeys(table["test"].tolist()))
    keys = [*places, *values]
    if not tests:
        return {"tests": [], "words": [], "rows": []}
    row = table.groupby(list(places), sort=False, dropna=False).ngroup().to_numpy()
    column = table["test"].map({test: j for j, test in enumerate(tests)}).to_numpy()
    shape = (int(row.max()) + 1, len(tests))
    first = table.loc[~table.duplicated(list(places)), keys]
    words: dict[str, int] = {"": 0}
    found: dict[str, list[Any]] = {}
    for name in NUMBERS:
        found[name] = _numbers(table[name].to_numpy(dtype=float), row, column, shape)
    for name in WORDS:
        codes, known = pd.factorize(table[name].fillna(""))
        places_in = np.array([words.setdefault(str(word), len(words)) for word in known])
        grid = np.zeros(shape, dtype=np.int64)
        grid[row, column] = places_in[codes]
        found[name] = grid.tolist()
    relied = np.zeros(shape, dtype=np.bool_)
    relied[row, column] = table["headline"].to_numpy(dtype=bool)
    found["headline"] = [[tests[j] for j in np.flatnonzero(own)] for own in relied]
    rows = [
        place | dict(zip(found, own, strict=True))
        for place, own in zip(records(first), zip(*found.values(), strict=True), strict=True)
    ]
    return {"tests": tests, "words": list(words), "rows": rows}


def _numbers(
    values: npt.NDArray[np.float64],
    row: npt.NDArray[np.integer[Any]],
    column: npt.NDArray[np.integer[Any]],
    shape: tuple[int, int],
) -> list[Any]:
    """Set values to their places in a table (rows, tests); null where there is none."""
    grid = np.full(shape, np.nan)
    grid[row, column] = values
    plain = grid.astype(object)
    plain[~np.isfinite(grid)] = None
    spread: list[Any] = plain.tolist()
    return spread
