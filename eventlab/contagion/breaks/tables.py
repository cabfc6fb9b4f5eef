"""Moments of every pair around every date, and the pseudo-statistics of one event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.contagion.breaks.statistics import (
    FEWEST,
    RHO,
    N,
    Ratios,
    break_statistics,
    lift,
    link_wander,
    transmit,
    variance_ratios,
)
from eventlab.kernels.correlation_breaks import N_MOMENTS, break_moments_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakItems, BreakSpec

__all__ = ["SHIFTS", "Event", "Pseudo", "Tables", "fewest_rows", "make_tables"]

MIN_SHARE: Final = 0.5  # of a window's rows
CLEAR: Final = 1.96  # standard errors that a calm correlation is below 0 to be negative
SHIFTS: Final = np.geomspace(0.02, 4.0, 28)  # of atanh(rho)
GOLDEN: Final = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Event:
    """One item at its own event.

    ``moments`` (2, 11) of its windows, ``statistic`` (8,), ``ratios`` of its variances, and
    ``side``: -1 where the calm correlation is clearly negative, so that a stronger link is a fall.
    """

    moments: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    ratios: Ratios
    side: float

    @property
    def known(self) -> bool:
        """Whether there is a correlation in both windows."""
        return bool(np.isfinite(self.statistic[0]))


@dataclass(frozen=True, slots=True)
class Pseudo:
    """The same at n pseudo-dates: as they are, and at the event's variances and a constant link.

    ``plain`` and ``transmitted`` (n, 8), ``variance`` (n, 2): log ratios of source and target,
    ``lifted`` (n, G): Fisher's statistic at each of `SHIFTS` of the correlation.
    """

    plain: npt.NDArray[np.float64]
    transmitted: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    lifted: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """Moments (P, R, 2, 11) of distinct pairs around R rows; where each item stands in them."""

    spec: BreakSpec
    rows: npt.NDArray[np.int64]
    moments: npt.NDArray[np.float64]
    pair: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    def event(self, item: int) -> Event:
        """Test an item at its own row."""
        moments = self.moments[self.pair[item], self.place[item]]
        calm, crisis = moments
        n = np.maximum(calm[N] - 3.0, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            negative = np.arctanh(calm[RHO]) * np.sqrt(n) < -CLEAR
        statistic = break_statistics(calm, crisis, self.spec.variant)
        return Event(moments, statistic, variance_ratios(calm, crisis), -1.0 if negative else 1.0)

    def pseudo(self, item: int, event: Event, pool: npt.NDArray[np.int64]) -> Pseudo:
        """Put an item on the pseudo-dates ``pool`` (places in ``rows``).

        The co-moment tests keep the calm window of the event: only the crisis window moves.
        Co-moments of a calm window hang on its one or two largest returns, hardly change from date
        to date, and would leave the placebo with no more independent dates than there are calm
        windows side by side (7 in 900 bars: a nominal 5% is 7 to 9%). The correlation of a calm
        window does not have that weakness, and follows the level of its time.
        """
        moments = np.ascontiguousarray(self.moments[self.pair[item], pool].T)
        calm, crisis = moments[:, 0].T, moments[:, 1].T  # each moment contiguous: half the time
        noise = special.ndtri((self.rows[pool] * GOLDEN + 0.5) % 1.0)
        ratios = variance_ratios(calm, crisis)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.log(np.stack([ratios.source, ratios.target], axis=-1))
        made = transmit(calm, crisis, event.ratios, noise, link_wander(calm, crisis))
        return Pseudo(
            self._statistics(calm, crisis, event),
            self._statistics(calm, made, event),
            variance,
            lift(calm, crisis, event.side, SHIFTS),
        )

    def _statistics(
        self, calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64], event: Event
    ) -> npt.NDArray[np.float64]:
        found = break_statistics(calm, crisis, self.spec.variant, kept=event.moments[0])
        if not event.known:
            found[:] = np.nan
        return found


def make_tables(
    returns: npt.NDArray[np.float64],
    items: BreakItems,
    spec: BreakSpec,
    dates: npt.NDArray[np.int64],
) -> Tables:
    """Compute the moments of every distinct pair at the rows of the items and at ``dates``."""
    both = np.stack([items.source, items.target], axis=1).reshape(-1, 2)
    distinct, pair = np.unique(both, axis=0, return_inverse=True)
    rows = np.union1d(items.row, dates).astype(np.int64)
    columns, places = np.unique(distinct, return_inverse=True)
    pairs = np.ascontiguousarray(places.reshape(-1, 2).astype(np.int64))
    data = np.ascontiguousarray(returns, dtype=np.float64)
    factors = np.array(spec.factors, dtype=np.int64)
    windows = np.array([spec.calm, spec.crisis], dtype=np.int64)
    least = np.array([fewest_rows(spec.calm), fewest_rows(spec.crisis)], dtype=np.int64)

    def fill(part: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        out = np.empty((len(pairs), len(part), 2, N_MOMENTS))
        break_moments_nb(data, factors, columns.astype(np.int64), pairs, part, windows, least, out)
        return out

    threads = max(1, min(spec.threads, len(rows)))
    parts = np.array_split(rows, threads)
    if threads == 1:
        moments = fill(rows)
    else:
        with ThreadPoolExecutor(threads) as pool:
            moments = np.concatenate(list(pool.map(fill, parts)), axis=1)
    place = np.searchsorted(rows, items.row).astype(np.int64)
    return Tables(spec, rows, moments, pair.reshape(-1).astype(np.int64), place)


def fewest_rows(window: tuple[int, int]) -> int:
    """Complete rows that a window needs: half of its bars, and 4."""
    return max(FEWEST, int(np.ceil(MIN_SHARE * (window[1] - window[0] + 1))))
