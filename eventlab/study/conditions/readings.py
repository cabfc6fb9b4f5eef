"""The last value of a series that was known before an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.sources import missing_symbol_reason
from eventlab.market.stamps import day_text
from eventlab.timeline.types import DAY

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

__all__ = ["MAX_AGE", "Known", "Readings", "known_values"]

MAX_AGE: Final = 7  # days
NO_TIME: Final = -(2**63)  # NaT as an integer


@dataclass(frozen=True, slots=True)
class Known:
    """The values of one series, each with the instant from which it was known.

    Attributes
    ----------
    value
        (n,) float64, finite: rows without a value are stepped over.
    known_at
        (n,) int64 UTC ns, ascending: the close of the bar ``lag`` bars later.
    """

    symbol: str
    value: npt.NDArray[np.float64]
    known_at: npt.NDArray[np.int64]

    def before(self, instants: npt.NDArray[np.int64], max_age: int = MAX_AGE) -> Readings:
        """Read the series strictly before each of (M,) ``instants``, UTC ns.

        A value that became known at the very instant of the news is not read. One that is older
        than ``max_age`` days is no reading.
        """
        row = np.searchsorted(self.known_at, instants, side="left") - 1
        found = np.maximum(row, 0)
        value, as_of = self.value[found], self.known_at[found]
        notes = np.full(len(instants), "", dtype=object)
        old = (row >= 0) & (instants - as_of > max_age * DAY)
        for i in np.flatnonzero(row < 0):
            notes[i] = f"{self.symbol} is known from {day_text(int(self.known_at[0]))} on"
        for i in np.flatnonzero(old):
            notes[i] = (
                f"{self.symbol} was last known on {day_text(int(as_of[i]))}, more than {max_age} "
                "days before"
            )
        bad = (row < 0) | old
        return Readings(
            np.where(bad, -1, row),
            np.where(bad, np.nan, value),
            np.where(row < 0, NO_TIME, as_of),
            notes,
        )


@dataclass(frozen=True, slots=True)
class Readings:
    """What was known at M instants.

    Attributes
    ----------
    row
        (M,) int64: row of the series; -1 where nothing was known.
    value
        (M,) float64: NaN where nothing was known.
    as_of
        (M,) int64 UTC ns: since when the value was known; NaT where there is none.
    note
        (M,) object: why there is no value; empty where there is one.
    """

    row: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    as_of: npt.NDArray[np.int64]
    note: npt.NDArray[np.object_]

    @staticmethod
    def nothing(count: int, reason: str) -> Readings:
        """Return ``count`` readings of a series that the source does not hold."""
        return Readings(
            np.full(count, -1, dtype=np.int64),
            np.full(count, np.nan),
            np.full(count, NO_TIME, dtype=np.int64),
            np.full(count, reason, dtype=object),
        )


def known_values(market: Market, symbol: str, lag: int | None = None) -> Known | str:
    """Return the values of a symbol with the instants at which they were known.

    Daily bars where the symbol has any, else its intraday ones. A value is known ``lag`` bars of
    the series after the bar that it closes. The default is 0, and 1 for daily series of kind
    ``level``: yields and spreads are published the day after. What comes later in the series
    changes no earlier value or instant.

    Returns
    -------
    Known, or str
        Or why there is none: the source does not hold the symbol, refused it, or it is too short.
    """
    series = market.daily.get(symbol) or market.intraday.get(symbol)
    if series is None:
        if symbol in market.available and symbol not in market.refused:
            return f"{symbol} is in {market.stamp.source} but was not loaded"
        return missing_symbol_reason(market, symbol)
    if lag is None:
        lag = 1 if series.frequency == "daily" and series.kind == "level" else 0
    return _lagged(series, lag)


def _lagged(series: PriceSeries, lag: int) -> Known | str:
    there = np.isfinite(series.prices)
    known_at = np.full(len(series.closes), np.iinfo(np.int64).max)
    known_at[: len(known_at) - lag] = series.closes[lag:]
    there &= known_at < np.iinfo(np.int64).max
    if not there.any():
        return f"{series.symbol} has no value that was known {lag} bars later"
    return Known(series.symbol, series.prices[there], known_at[there])
