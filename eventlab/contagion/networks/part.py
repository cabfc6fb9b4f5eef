"""Who led whom before, during and after one occurrence, and how dense that network was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.networks.granger import adjusted_pvalues, pair_reasons
from eventlab.contagion.networks.wald import granger_tests, rows_needed
from eventlab.contagion.placebo import apart, evenly, placebo_pvalue, pseudo_rows
from eventlab.contagion.system import ENOUGH
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.timeline.windows import Window

__all__ = ["NetworkTables", "network_tables"]

EVENT: Final = (-60, 20)  # a crisis window alone has too few bars for a regression
AFTER: Final = (0, 120)
MOST_DATES: Final = 40  # each costs a network per period
MIN_ROWS: Final = 40  # below, a robust covariance is noise

COLUMNS: Final = (
    "occurrence",
    "period",
    "cause",
    "effect",
    "lags",
    "statistic",
    "pvalue",
    "adjusted_pvalue",
    "edge",
    "note",
)
DENSITY_COLUMNS: Final = (
    "occurrence",
    "period",
    "window",
    "n_series",
    "n_rows",
    "pairs",
    "edges",
    "density",
    "placebo_pvalue",
    "n_placebo",
    "note",
)


@dataclass(frozen=True, slots=True)
class NetworkTables:
    """Tables of `EventContagion` under their names there."""

    network: pd.DataFrame
    network_density: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Period:
    """The network of one window: its series, the tests among them, and what stands in the way."""

    name: str
    window: Window
    held: npt.NDArray[np.bool_]
    values: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    pvalue: npt.NDArray[np.float64]
    n_rows: int
    note: str


def network_tables(system: System, definition: ContagionDefinition) -> NetworkTables:
    """Test of every ordered pair of series whether one led the other, in three periods.

    Parameters
    ----------
    system
        The occurrence and its N series.
    definition
        Its level and the lags of ``connectedness``.

    Returns
    -------
    NetworkTables
        Periods: ``calm`` is the calm window, ``event`` bars -60 to 20, ``after`` bars 0 to 120 as
        far as they exist. Wald tests with hc3 errors, adjusted over all pairs of a period by
        Benjamini & Hochberg. A series without nine tenths of a window's bars stays out of it, and
        its pairs say so. ``density`` is the share of pairs with p at most the level before any
        adjustment, ``edges`` how many stand after it; the placebo p counts how many of at most 40
        pseudo-dates have at least that density in the same bars around them; these hold no bar of
        the window after this news.

    References
    ----------
    Billio, Getmansky, Lo & Pelizzon (2012), section 4.2.
    """
    lags, level = definition.connectedness.lags, definition.level
    windows = {"calm": system.calm, "event": EVENT, "after": AFTER}
    tests: list[dict[str, object]] = []
    densities: list[dict[str, object]] = []
    for name, window in windows.items():
        period = period_of(system, name, window, lags)
        adjusted = adjusted_pvalues(period.pvalue, "bh")
        own = list(_pair_rows(system, period, adjusted, lags, level))
        tests += own
        edges = sum(bool(row["edge"]) for row in own)
        densities.append(_density_row(system, period, edges, lags, level))
    return NetworkTables(
        network=pd.DataFrame(tests, columns=list(COLUMNS)),
        network_density=pd.DataFrame(densities, columns=list(DENSITY_COLUMNS)),
    )


def period_of(system: System, name: str, window: Window, lags: int) -> Period:
    """Test all pairs of the series that have the bars of a window."""
    bars = system.window(window)
    wanted = window[1] - window[0] + 1
    held = np.isfinite(bars).mean(axis=1) >= ENOUGH if bars.size else np.zeros(len(bars), bool)
    values = np.ascontiguousarray(bars[held].T)
    short = f"only {bars.shape[1]} of {wanted} bars lie inside the prices"
    N = int(np.count_nonzero(held))
    statistic = pvalue = np.full((N, N), np.nan)
    n, note = 0, "" if bars.shape[1] == wanted else short
    if N >= 2:
        statistic, pvalue, n = granger_tests(values, lags, "hc3", conditional=False)
        needed = max(MIN_ROWS, rows_needed(N, lags, conditional=False))
        if n < needed:
            note = f"only {n} usable rows; at least {needed} are needed"
            statistic = pvalue = np.full((N, N), np.nan)
    elif not note:
        note = f"fewer than two series have {ENOUGH:.0%} of the bars"
    return Period(name, window, held, values, statistic, pvalue, n, note)


def _pair_rows(
    system: System, period: Period, adjusted: npt.NDArray[np.float64], lags: int, level: float
) -> Iterator[dict[str, object]]:
    reasons = pair_reasons(period.values, period.pvalue)
    few = "" if np.isfinite(period.pvalue).any() else period.note
    place = {int(series): k for k, series in enumerate(np.flatnonzero(period.held))}
    for i, cause in enumerate(system.names):
        for j, effect in enumerate(system.names):
            if i == j:
                continue
            row: dict[str, object] = {
                "occurrence": system.occurrence,
                "period": period.name,
                "cause": cause,
                "effect": effect,
                "lags": lags,
                "statistic": np.nan,
                "pvalue": np.nan,
                "adjusted_pvalue": np.nan,
                "edge": False,
            }
            if i in place and j in place:
                at = place[i], place[j]
                row |= {
                    "statistic": period.statistic[at],
                    "pvalue": period.pvalue[at],
                    "adjusted_pvalue": adjusted[at],
                    "edge": bool(adjusted[at] <= level),
                    "note": few or reasons[at[0]][at[1]] or period.note,
                }
            else:
                absent = cause if i not in place else effect
                row["note"] = (
                    f"{absent} lacks more than a tenth of bars {window_label(period.window)}"
                )
            yield row


def _density_row(
    system: System, period: Period, edges: int, lags: int, level: float
) -> dict[str, object]:
    density = _density(period.pvalue, level)
    pseudo = np.array(
        [
            _pseudo_density(system, period, row, lags, level)
            for row in (_dates(system, period) if np.isfinite(density) else ())
        ]
    )
    placebo = placebo_pvalue(density, pseudo, "greater")
    return {
        "occurrence": system.occurrence,
        "period": period.name,
        "window": window_label(period.window),
        "n_series": int(np.count_nonzero(period.held)),
        "n_rows": period.n_rows,
        "pairs": int(np.count_nonzero(np.isfinite(period.pvalue))),
        "edges": edges,
        "density": density,
        "placebo_pvalue": placebo.pvalue,
        "n_placebo": placebo.n,
        "note": "; ".join(filter(None, (period.note, _absent(system, period), placebo.note))),
    }


def _absent(system: System, period: Period) -> str:
    """Name the series that a network is without; densities with and without them differ."""
    names = [name for name, held in zip(system.names, period.held, strict=True) if not held]
    if not names or not period.held.any():
        return ""
    return f"without {', '.join(names)}: more than a tenth of the bars are missing"


def _density(pvalue: npt.NDArray[np.float64], level: float) -> float:
    tested = int(np.count_nonzero(np.isfinite(pvalue)))
    return float(np.count_nonzero(pvalue <= level) / tested) if tested else np.nan


def _dates(system: System, period: Period) -> list[int]:
    """Pseudo-dates, evenly spread over those with every series and without the occurrence."""
    rows = apart(pseudo_rows(system), system.anchor, period.window)
    begun = max(int(np.argmax(np.isfinite(series))) for series in system.returns[period.held])
    first, last = period.window[0], period.window[0] + len(period.values) - 1
    room = (rows + first >= begun) & (rows + last < system.returns.shape[1])
    return [int(row) for row in evenly(rows[room], MOST_DATES)]


def _pseudo_density(system: System, period: Period, row: int, lags: int, level: float) -> float:
    """Density of the same series in the same number of bars around a pseudo-date, or NaN."""
    first, last = period.window[0], period.window[0] + len(period.values) - 1
    bars = system.window((first, last), row)[period.held]
    if np.isfinite(bars).mean(axis=1).min() < ENOUGH:
        return np.nan
    _, pvalue, n = granger_tests(np.ascontiguousarray(bars.T), lags, "hc3", conditional=False)
    return _density(pvalue, level) if n >= MIN_ROWS else np.nan
