"""Raw returns on event sessions against all other sessions, model-free."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.study.inference import t_pvalue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.study.assembly import Assembly

__all__ = ["MeanDifference", "event_day_table", "mean_difference"]

COLUMNS = [
    "symbol",
    "basis",
    "tag",
    "n",
    "mean",
    "n_other",
    "mean_other",
    "difference",
    "statistic",
    "pvalue",
]


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Means of two groups of returns and the heteroskedasticity-robust t of their difference."""

    n: int
    mean: float
    n_other: int
    mean_other: float
    statistic: float
    pvalue: float


def mean_difference(
    inside: npt.NDArray[np.float64], outside: npt.NDArray[np.float64]
) -> MeanDifference:
    """Compare two groups of returns (finite values only).

    The t is that of the indicator in a regression of returns on a constant and the indicator,
    with HC1 errors (White 1980; MacKinnon & White 1985), t(n - 2). NaN where a group has fewer
    than two returns.
    """
    n, m = len(inside), len(outside)
    mean = float(inside.mean()) if n else math.nan
    other = float(outside.mean()) if m else math.nan
    if n < 2 or m < 2:
        return MeanDifference(n, mean, m, other, math.nan, math.nan)
    square = (
        float(((inside - mean) ** 2).sum()) / n**2 + float(((outside - other) ** 2).sum()) / m**2
    )
    statistic = (mean - other) / math.sqrt(square * (n + m) / (n + m - 2))
    return MeanDifference(n, mean, m, other, statistic, t_pvalue(statistic, n + m - 2.0))


def event_day_table(
    assembly: Assembly,
    tags: Mapping[str, tuple[str, ...]],
    by_tag: tuple[str, ...],
) -> pd.DataFrame:
    """Compare event sessions with all others, by asset and tag.

    Event sessions are the asset's own day 0 of every occurrence that it was to be studied at, also
    where a fit was not possible.
    """
    rows = []
    for symbol in dict.fromkeys(pair.symbol for pair in assembly.pairs):
        own = [pair for pair in assembly.pairs if pair.symbol == symbol]
        column = assembly.column_of(symbol)
        returns = assembly.panel.returns[column]
        known = np.isfinite(returns)
        instants = np.array([pair.instant for pair in own], dtype=np.int64)
        days = assembly.panel.positions_after(column, instants)
        for tag in ("all", *by_tag):
            event = np.zeros(len(returns), dtype=np.bool_)
            asked = [tag == "all" or tag in tags[pair.occurrence] for pair in own]
            event[days[np.array(asked) & (days < len(event))]] = True
            found = mean_difference(returns[event & known], returns[~event & known])
            rows.append(
                {
                    "symbol": symbol,
                    "basis": assembly.panel.columns[column].basis,
                    "tag": tag,
                    "n": found.n,
                    "mean": found.mean,
                    "n_other": found.n_other,
                    "mean_other": found.mean_other,
                    "difference": found.mean - found.mean_other,
                    "statistic": found.statistic,
                    "pvalue": found.pvalue,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
