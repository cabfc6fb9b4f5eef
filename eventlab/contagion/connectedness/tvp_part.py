"""Connectedness bar by bar around one occurrence and on average, against ordinary dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.connectedness.spillover import Measures
from eventlab.contagion.connectedness.tvp import tvp_path
from eventlab.contagion.placebo import MIN_DATES, apart, evenly, pseudo_rows
from eventlab.contagion.system import ENOUGH
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.timeline.windows import Window

__all__ = ["PathTables", "spillover_path_tables"]

PATH: Final = (-20, 40)  # bars around the event session
PRIOR_ROWS: Final = 120
HISTORY: Final = 3000  # bars before the occurrence; half of their weight lies in the last 69
MOST_SERIES: Final = 10  # the filter's covariance has N^4 numbers
MOST_DATES: Final = 500  # neighbouring dates share most of their path
MOST_DRAWS: Final = 1000
KAPPAS: Final = (0.99, 0.99)

COLUMNS: Final = (
    "occurrence",
    "tau",
    "measure",
    "series",
    "value",
    "low",
    "high",
    "n_events",
    "note",
)


@dataclass(frozen=True, slots=True)
class PathTables:
    """Tables of `EventContagion` under their names there."""

    spillover_paths: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Paths:
    """What paths are cut from.

    ``values`` (T, 1 + N): TCI, then NET of each series, by row of the clock, NaN where unknown.
    """

    values: npt.NDArray[np.float64]
    calm: Window

    def around(self, row: int) -> npt.NDArray[np.float64]:
        """(taus, 1 + N) around ``row``, NaN outside the rows."""
        found = np.full((PATH[1] - PATH[0] + 1, self.values.shape[1]), np.nan)
        first, last = max(0, row + PATH[0]), min(len(self.values), row + PATH[1] + 1)
        if last > first:
            start = first - row - PATH[0]
            found[start : start + last - first] = self.values[first:last]
        return found

    def calm_mean(self, row: int) -> npt.NDArray[np.float64]:
        """(1 + N,) mean over the calm bars of ``row``; NaN if half of them or more are unknown."""
        bars = self.values[max(0, row + self.calm[0]) : max(0, row + self.calm[1] + 1)]
        known = np.isfinite(bars).all(axis=1)
        if 2 * np.count_nonzero(known) <= self.calm[1] - self.calm[0] + 1:
            return np.full(bars.shape[1], np.nan)
        return np.asarray(bars[known].mean(axis=0), dtype=np.float64)

    def relative(self, rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """(n, taus, 1 + N) paths less their calm means, of the rows where all of it is known."""
        shape = (0, PATH[1] - PATH[0] + 1, self.values.shape[1])
        found = [self.around(row) - self.calm_mean(row) for row in rows]
        whole = [path for path in found if np.isfinite(path).all()]
        return np.array(whole) if whole else np.empty(shape)


def spillover_path_tables(
    system: System, definition: ContagionDefinition, *, seed: int
) -> PathTables:
    """Follow TCI and NET from 20 bars before to 40 after an occurrence, and on average over all.

    Parameters
    ----------
    system
        The occurrence and its N series.
    definition
        ``connectedness`` gives lags and horizon; ``level`` and ``draws`` the bands.
    seed
        Of the draws of placebo dates that the band of the average is made of.

    Returns
    -------
    PathTables
        One TVP-VAR without look-ahead (`tvp_spillover`, both forgetting factors 0.99, prior of 120
        bars) over at most 3,000 bars before the occurrence and all after it, of at most ten series:
        the source and the first nine targets that have nine tenths of the bars from the prior to
        the end of the path. A series left out is a row with the reason. The band is the calm mean
        of the path plus what paths around at most 500 placebo dates, evenly spread over those that
        hold no bar after this news, differ from their own calm means. ``average`` is over the
        occurrences whose whole path is known, its band over averages of as many placebo dates drawn
        with replacement. The value at tau uses bars up to tau.

    Raises
    ------
    DataError
        If the prior cannot be fitted.

    References
    ----------
    Antonakakis, Chatziantoniou & Gabauer (2020).
    """
    held, reasons = _held(system)
    rows = [_row(system.occurrence, "net", name, note=why) for name, why in reasons.items()]
    if len(held) < 2 or held[0] != 0:
        why = reasons.get(system.source, "fewer than two series have the bars")
        rows.insert(0, _row(system.occurrence, "tci", "", note=why))
        return PathTables(pd.DataFrame(rows, columns=list(COLUMNS)))
    paths = _paths(system, definition, held)
    labels = [("tci", ""), *(("net", system.names[k]) for k in held)]
    reach = (min(PATH[0], system.calm[0]), PATH[1])
    dates = evenly(apart(pseudo_rows(system), system.anchor, reach), MOST_DATES)
    found = paths.relative([int(row) for row in dates])
    level, draws = definition.level, min(definition.draws, MOST_DRAWS)
    few = f"only {len(found)} placebo dates with a path" if len(found) < MIN_DATES else ""
    band = _band(found, level)
    value, calm = paths.around(system.anchor), paths.calm_mean(system.anchor)
    made = list(_path_rows(system.occurrence, labels, value, calm + band, 1, few))
    whole = [row for row in system.anchors.values() if len(paths.relative([row]))]
    if whole:
        value = np.mean([paths.around(row) for row in whole], axis=0)
        calm = np.mean([paths.calm_mean(row) for row in whole], axis=0)
        band = _band(_averages(found, len(whole), draws, seed), level)
        made += _path_rows("average", labels, value, calm + band, len(whole), few)
    else:
        made.append(_row("average", "tci", "", note="no occurrence has its whole path"))
    return PathTables(pd.DataFrame([*made, *rows], columns=list(COLUMNS)))


def _held(system: System) -> tuple[list[int], dict[str, str]]:
    """Positions of the series that enter, and why the others do not."""
    first = system.anchor + min(system.calm[0], PATH[0]) - PRIOR_ROWS
    window = (first - system.anchor, PATH[1])
    bars = system.window(window)
    held: list[int] = []
    reasons: dict[str, str] = {}
    for k, name in enumerate(system.names):
        known = bars[k][np.isfinite(bars[k])]
        if first < 0 or len(known) < ENOUGH * bars.shape[1]:
            reasons[name] = f"less than nine tenths of bars {window_label(window)} have a return"
        elif np.ptp(known) == 0.0:
            reasons[name] = "constant"
        elif len(held) == MOST_SERIES:
            reasons[name] = f"the path follows {MOST_SERIES} series, the first in the definition"
        else:
            held.append(k)
    return held, reasons


def _paths(system: System, definition: ContagionDefinition, held: Sequence[int]) -> Paths:
    values = np.ascontiguousarray(system.returns[list(held)].T)
    begun = max(int(np.argmax(np.isfinite(column))) for column in values.T)
    begin = max(begun, system.anchor - HISTORY)
    _, tables, _, _ = tvp_path(
        values[begin:],
        (definition.connectedness.lags, definition.connectedness.horizon),
        KAPPAS,
        prior_rows=PRIOR_ROWS,
        center="prior",
        names=[system.names[k] for k in held],
    )
    measures = Measures.of(tables)
    found = np.full((len(values), len(held) + 1), np.nan)
    found[begin:, 0], found[begin:, 1:] = measures.tci, measures.net
    return Paths(found, system.calm)


def _averages(
    found: npt.NDArray[np.float64], n: int, draws: int, seed: int
) -> npt.NDArray[np.float64]:
    """(draws, taus, 1 + N) means of ``n`` of K placebo paths drawn with replacement."""
    if n == 1 or len(found) < MIN_DATES:
        return found
    K = len(found)
    counts = np.random.default_rng(seed).multinomial(n, np.full(K, 1.0 / K), size=draws)
    return (counts.astype(np.float64) @ found.reshape(K, -1) / n).reshape(draws, *found.shape[1:])


def _band(found: npt.NDArray[np.float64], level: float) -> npt.NDArray[np.float64]:
    """(2, taus, 1 + N) low and high of paths, NaN of too few."""
    if len(found) < MIN_DATES:
        return np.full((2, *found.shape[1:]), np.nan)
    return np.quantile(found, [level / 2, 1 - level / 2], axis=0)


def _path_rows(
    occurrence: str,
    labels: Sequence[tuple[str, str]],
    value: npt.NDArray[np.float64],
    band: npt.NDArray[np.float64],
    n_events: int,
    few: str,
) -> Iterator[dict[str, object]]:
    for k, (measure, series) in enumerate(labels):
        for place, tau in enumerate(range(PATH[0], PATH[1] + 1)):
            unknown = "" if np.isfinite(value[place, k]) else "a return is missing at this bar"
            yield _row(occurrence, measure, series, note=unknown or few) | {
                "tau": tau,
                "value": value[place, k],
                "low": band[0, place, k],
                "high": band[1, place, k],
                "n_events": n_events,
            }


def _row(occurrence: str, measure: str, series: str, *, note: str) -> dict[str, object]:
    return {
        "occurrence": occurrence,
        "tau": 0,
        "measure": measure,
        "series": series,
        "value": np.nan,
        "low": np.nan,
        "high": np.nan,
        "n_events": 0,
        "note": note,
    }
