"""Which own bars of an asset lie between two samples of a panel, and how many there should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["Between", "own_bars", "reduce_between"]

MARGIN = timedelta(days=5)  # a session before the first sample, whatever the holidays


@dataclass(frozen=True, slots=True)
class Between:
    """The own bars since the previous sample, for every sample but the first.

    Attributes
    ----------
    rows
        (n,) int64: rows of the panel.
    begin, end
        (n,) int64: the previous sample and this one, UTC ns; a bar belongs to the sample if it
        closes after the one and not after the other.
    expected
        (n,) float64: how many own bars that is while the asset's market is open.
    own
        The asset's own sessions around them.
    """

    rows: npt.NDArray[np.int64]
    begin: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    expected: npt.NDArray[np.float64]
    own: Clock

    def slices(
        self, closes: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """First bar, and the one behind the last, of each sample among bars that close so."""
        start = np.searchsorted(closes, self.begin, side="right").astype(np.int64)
        return start, np.searchsorted(closes, self.end, side="right").astype(np.int64)

    def open_time(self, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """(n,) ns for which the asset's market had been open by each instant."""
        return _open_time(self.own, instants)

    def within(self, closes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether bars close inside an own session: thin bars outside of them do not count."""
        place = np.minimum(np.searchsorted(self.own.closes, closes), len(self.own) - 1)
        inside: npt.NDArray[np.bool_] = (closes > self.own.opens[place]) & (
            closes <= self.own.closes[place]
        )
        return inside


def own_bars(series: PriceSeries, closes: npt.NDArray[np.int64]) -> Between:
    """Lay out the samples of one panel column.

    Parameters
    ----------
    series
        What the column is sampled from.
    closes
        (T,) int64: ``Panel.closes`` of the column.

    Returns
    -------
    Between
        From calendars alone, never from which bars the data hold. Empty with fewer than two
        samples.
    """
    rows = np.flatnonzero(closes != NO_BAR).astype(np.int64)
    begin, end = closes[rows[:-1]], closes[rows[1:]]
    if len(rows) < 2:
        nothing = np.empty(0, np.int64)
        empty = make_clock(series.calendar, _day(0), _day(0))
        return Between(nothing, nothing, nothing, np.empty(0), empty)
    own = make_clock(series.calendar, _day(int(begin[0])) - MARGIN, _day(int(end[-1])) + MARGIN)
    if series.frequency == "daily":
        counts = np.searchsorted(own.closes, end, "right") - np.searchsorted(
            own.closes, begin, "right"
        )
        expected = counts.astype(np.float64)
    else:
        expected = (_open_time(own, end) - _open_time(own, begin)) / (series.bar_minutes * MINUTE)
    return Between(rows[1:], begin, end, expected, own)


def reduce_between(
    ufunc: np.ufunc,
    values: npt.NDArray[np.float64],
    start: npt.NDArray[np.int64],
    stop: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """(n,): ``ufunc`` over ``values[start:stop]`` of each sample; NaN over none.

    A slice is reduced by itself: differences of a running sum would carry rounding of all bars
    before it.
    """
    places = np.stack([start, stop], axis=1).reshape(-1)
    found = ufunc.reduceat(np.append(values, 0.0), places)[::2] if len(start) else np.empty(0)
    reduced: npt.NDArray[np.float64] = np.where(stop > start, found, np.nan)
    return reduced


def _open_time(own: Clock, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    before = np.concatenate([[0], np.cumsum(own.closes - own.opens)])
    place = np.searchsorted(own.closes, instants, side="right")
    inside = np.minimum(place, len(own) - 1)
    begun = np.where(place < len(own), np.maximum(0, instants - own.opens[inside]), 0)
    total: npt.NDArray[np.int64] = before[place] + begun
    return total


def _day(instant: int) -> date:
    return date(1970, 1, 1) + timedelta(days=instant // DAY)
