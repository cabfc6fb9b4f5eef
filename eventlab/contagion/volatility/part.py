"""The volatility part of one occurrence: conditional correlations, volatility that travels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.placebo import pseudo_rows
from eventlab.contagion.volatility.paths import correlation_path_tables
from eventlab.contagion.volatility.transmission import COLUMNS, LAGS, TESTS, transmission_rows
from eventlab.market.measures import measure_panel
from eventlab.market.panel import build_panel

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.market.types import Market, Panel

__all__ = ["VolatilityTables", "transmission_table", "volatility_tables"]

MOST_DATES: Final = 500  # placebo dates; as many regressions for each target
HISTORY: Final = 260  # bars up to the crisis over which a symbol's columns are compared
MEMBERS: Final = 0.5  # share of a basket's members that must have a volatility
KINDS: Final = {"log range": "range", "log realised": "realised", "log absolute": "absolute return"}


@dataclass(frozen=True, slots=True)
class VolatilityTables:
    """The tables of the volatility part, called as in `EventContagion`."""

    correlation_paths: pd.DataFrame
    dcc_fits: pd.DataFrame
    volatility: pd.DataFrame


def volatility_tables(system: System, market: Market) -> VolatilityTables:
    """Follow the correlations of a system, and test whether the source's volatility travelled.

    Returns
    -------
    VolatilityTables
        ``correlation_paths`` and ``dcc_fits`` as of
        :func:`~eventlab.contagion.volatility.paths.correlation_path_tables`, and ``volatility`` as
        of `transmission_table`.
    """
    paths = correlation_path_tables(system)
    return VolatilityTables(
        paths.correlation_paths, paths.dcc_fits, transmission_table(system, market)
    )


def transmission_table(system: System, market: Market) -> pd.DataFrame:
    """Test whether the source's volatility travelled to each target of a system.

    Log volatilities are those of :func:`~eventlab.market.measures.measure_panel`: realised from
    intraday bars, or true ranges of daily bars, whichever of a symbol has more of the 260 bars up
    to the end of the crisis window (realised where both have as many). A basket's is the mean of
    its members' wherever half of them have one.

    Returns
    -------
    DataFrame
        The table ``volatility``: occurrence, source, target, measure, test, calm, crisis,
        statistic, pvalue, placebo_pvalue, n_placebo, note;
        :func:`~eventlab.contagion.volatility.transmission.volatility_contagion` says what the tests
        are, here against at most 500 placebo dates. ``measure`` names the target's kind, and the
        source's where it is another.
    """
    columns = ["occurrence", "source", "target", "measure", *COLUMNS[2:]]
    base = {"occurrence": system.occurrence, "source": system.source}
    if system.clock.bar_minutes:
        note = "volatility is compared on sessions: inside them it follows the time of day"
        rows = [
            {**base, "target": target, "test": test, "note": note}
            for target in system.targets
            for test in TESTS
        ]
        return pd.DataFrame(rows, columns=columns)
    values, kinds = log_volatilities(system, market)
    dates = placebo_dates(system, values[0])
    windows = (system.calm, system.crisis)
    found = transmission_rows(values, windows, system.anchor, dates)
    table: list[dict[str, Any]] = []
    for target, kind, tests in zip(system.targets, kinds[1:], found, strict=True):
        measure = kind if kind == kinds[0] else f"{kind} (source: {kinds[0]})"
        table += [{**base, "target": target, "measure": measure, **row} for row in tests]
    return pd.DataFrame(table, columns=columns)


def placebo_dates(system: System, source: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """At most `MOST_DATES` pseudo-events, evenly spaced, where the source has begun."""
    rows = pseudo_rows(system)
    begun = np.flatnonzero(np.isfinite(source))
    first = int(begun[0]) if len(begun) else len(source)
    rows = rows[rows + system.calm[0] >= first + max(LAGS)]
    if len(rows) <= MOST_DATES:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_DATES).round().astype(np.int64)]


def log_volatilities(
    system: System, market: Market
) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """(N, T) log volatilities of a system's series, and what each is: range, realised, ..."""
    wanted = dict.fromkeys(
        symbol for name in system.names for symbol in system.members.get(name, (name,))
    )
    panel = measure_panel(build_panel(market, wanted, system.clock), market, "volatility")
    values = np.full(system.returns.shape, np.nan)
    kinds = []
    for place, name in enumerate(system.names):
        columns = [
            column
            for symbol in system.members.get(name, (name,))
            if (column := _column(panel, symbol, system)) is not None
        ]
        if columns:
            values[place] = _mean(panel.returns[columns])
        kinds.append(" and ".join(sorted({_kind(panel, column) for column in columns})) or "none")
    return values, tuple(kinds)


def _column(panel: Panel, symbol: str, system: System) -> int | None:
    """Choose the column of a symbol that has most bars before the crisis ends."""
    stop = system.anchor + system.crisis[1] + 1
    own = [place for place, column in enumerate(panel.columns) if column.symbol == symbol]
    if not own:
        return None
    there = np.isfinite(panel.returns[own, max(0, stop - HISTORY) : stop]).sum(axis=1)
    realised = [_kind(panel, column) == "realised" for column in own]
    return max(zip(there, realised, own, strict=True))[2]


def _kind(panel: Panel, column: int) -> str:
    measured = panel.columns[column].measured
    return next((kind for begin, kind in KINDS.items() if measured.startswith(begin)), measured)


def _mean(members: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) mean of the members (m, T) that are there; NaN where fewer than half are."""
    there = np.isfinite(members)
    n = there.sum(axis=0)
    mean = np.where(there, members, 0.0).sum(axis=0) / np.maximum(n, 1)
    found: npt.NDArray[np.float64] = np.where(n >= max(1.0, MEMBERS * len(members)), mean, np.nan)
    return found
