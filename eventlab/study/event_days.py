"""Raw returns on event sessions against all other sessions, model-free."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.study.inference.registry import t_pvalue
from eventlab.study.measures import are_returns
from eventlab.study.period import in_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Panel
    from eventlab.study.assembly import Assembly, Pair
    from eventlab.timeline.types import Clock

__all__ = ["MeanDifference", "event_day_table", "mean_difference"]

COLUMNS = [
    "symbol",
    "basis",
    "tag",
    "n",
    "mean",
    "mean_statistic",
    "mean_pvalue",
    "n_other",
    "mean_other",
    "difference",
    "statistic",
    "pvalue",
]


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Means of two groups of returns and the heteroskedasticity-robust t of their difference.

    ``mean_statistic`` is the t(n - 1) of the first mean alone.
    """

    n: int
    mean: float
    mean_statistic: float
    mean_pvalue: float
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
    than two returns, or where no return differs from its group's mean.
    """
    n, m = len(inside), len(outside)
    mean = float(inside.mean()) if n else math.nan
    other = float(outside.mean()) if m else math.nan
    alone = mean_t(inside)
    if n < 2 or m < 2:
        return MeanDifference(n, mean, *alone, m, other, math.nan, math.nan)
    square = (
        float(((inside - mean) ** 2).sum()) / n**2 + float(((outside - other) ** 2).sum()) / m**2
    )
    if not square > 0.0:
        return MeanDifference(n, mean, *alone, m, other, math.nan, math.nan)
    statistic = (mean - other) / math.sqrt(square * (n + m) / (n + m - 2))
    return MeanDifference(n, mean, *alone, m, other, statistic, t_pvalue(statistic, n + m - 2.0))


def mean_t(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Test a mean against zero: its t(n - 1) and p; NaN for fewer than two or equal values."""
    n = len(values)
    spread = float(values.std(ddof=1)) if n > 1 else 0.0
    if not spread > 0.0:
        return math.nan, math.nan
    statistic = math.sqrt(n) * float(values.mean()) / spread
    return statistic, t_pvalue(statistic, n - 1.0)


def event_day_table(
    assembly: Assembly,
    tags: Mapping[str, tuple[str, ...]],
    study: StudyDefinition,
) -> pd.DataFrame:
    """Compare event sessions with all others, by asset and tag.

    Event sessions are the asset's own day 0 of every occurrence that it was to be studied at, also
    where a fit was not possible. Those of occurrences that the study excludes, or that were not
    asked for, are in neither group. A study of some years compares with the other days of those
    years, one in bars inside sessions with the same bars of other sessions. ``basis`` is how the
    prices are sampled: as in the fits, or where those of one asset differ, from daily bars.
    """
    if not are_returns(assembly.panel.measure):
        return pd.DataFrame(columns=COLUMNS)
    rows, period = [], in_period(study, assembly.panel.clock)
    for symbol in dict.fromkeys(pair.symbol for pair in assembly.pairs):
        column = assembly.column_of(symbol)
        returns = assembly.panel.returns[column]
        others = np.isfinite(returns) & period
        others[own_days(symbol, column, assembly.panel, assembly.set_aside)] = False
        for tag in ("all", *study.by_tag):
            tagged = [p for p in assembly.pairs if tag == "all" or tag in tags[p.occurrence]]
            event = np.zeros(len(returns), dtype=np.bool_)
            event[own_days(symbol, column, assembly.panel, tagged)] = True
            inside = event & np.isfinite(returns)
            compared = others & ~event & alike(assembly.panel.clock, event)
            found = mean_difference(returns[inside], returns[compared])
            rows.append(
                {
                    "symbol": symbol,
                    "basis": assembly.panel.columns[column].basis,
                    "tag": tag,
                    "n": found.n,
                    "mean": found.mean,
                    "mean_statistic": found.mean_statistic,
                    "mean_pvalue": found.mean_pvalue,
                    "n_other": found.n_other,
                    "mean_other": found.mean_other,
                    "difference": found.mean - found.mean_other,
                    "statistic": found.statistic,
                    "pvalue": found.pvalue,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def alike(clock: Clock, event: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(T,): bars that are the same bar of their session as one of ``event``; all sessions are."""
    if not clock.bar_minutes:
        return np.ones(len(clock), dtype=np.bool_)
    return np.isin(clock.slots, clock.slots[event])


def own_days(
    symbol: str, column: int, panel: Panel, pairs: Iterable[Pair]
) -> npt.NDArray[np.int64]:
    """Rows of the asset's own day 0 of those of ``pairs`` that are its own."""
    instants = [pair.instant for pair in pairs if pair.symbol == symbol]
    days = panel.positions_after(column, np.array(instants, dtype=np.int64))
    return days[days < len(panel.clock)]
