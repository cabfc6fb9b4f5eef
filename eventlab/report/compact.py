"""Tables of tests as JSON of a tenth of their size: every test's numbers side by side.

A study tests 20 statistics in each bar of each group, and as rows of their own they would repeat
twenty thousand times which group, bar and test they belong to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.report.plain import plain_values, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

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
        found[name] = _spread(plain_values(table[name]), row, column, shape, missing=None)
    for name in WORDS:
        spelled = ["" if word is None else str(word) for word in plain_values(table[name])]
        places_in = [words.setdefault(word, len(words)) for word in spelled]
        found[name] = _spread(places_in, row, column, shape, missing=0)
    relied = _spread(table["headline"].tolist(), row, column, shape, missing=False)
    found["headline"] = [
        [test for test, yes in zip(tests, own, strict=True) if yes] for own in relied
    ]
    rows = [
        place | dict(zip(found, own, strict=True))
        for place, own in zip(records(first), zip(*found.values(), strict=True), strict=True)
    ]
    return {"tests": tests, "words": list(words), "rows": rows}


def _spread(
    values: Sequence[object],
    row: npt.NDArray[np.integer[Any]],
    column: npt.NDArray[np.integer[Any]],
    shape: tuple[int, int],
    *,
    missing: object,
) -> list[Any]:
    """Set values to their places in a table (rows, tests), the others are ``missing``."""
    grid = np.full(shape, missing, dtype=object)
    grid[row, column] = np.array([*values, None], dtype=object)[:-1]
    spread: list[Any] = grid.tolist()
    return spread
