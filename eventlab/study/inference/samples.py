"""The events of a group in every window: all that the tests look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.history import History

__all__ = ["Moments", "Overlaps", "Past", "Sample", "same_columns", "shared_bars"]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What the events of each window share.

    Attributes
    ----------
    correlation
        (W,): overlap-weighted mean correlation of the residuals over all pairs of events; 0 where
        no two windows share a bar.
    pairs
        (W,): pairs of events whose windows share a bar.
    partial
        (W,): those of them that do not have the same day 0.
    dates
        (W,): different event sessions.
    unmeasured
        (W,): pairs with shared bars that count as uncorrelated for want of common residuals.
    """

    correlation: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.int64]
    partial: npt.NDArray[np.int64]
    dates: npt.NDArray[np.int64]
    unmeasured: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Past:
    """Rows (n,) of a group's events in the history of its study."""

    history: History
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """n events of a group in W windows.

    Attributes
    ----------
    car, error, naive
        (n, W): CARs, their forecast standard errors, and L^-1/2 times the sum of the SARs. NaN
        where an AR of the window is missing: the event is then in none of that window's tests.
    dof
        (n,): residual degrees of freedom M - k; (n, W) where windows differ in them.
    windows
        (W, 2) int64: first and last bar.
    overlaps
        What events share; None: nothing, every event has a date of its own.
    past
        The events' estimation windows. None: tests that need more than CARs are not available.
    """

    car: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]
    naive: npt.NDArray[np.float64]
    dof: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    windows: npt.NDArray[np.int64]
    overlaps: Overlaps | None = None
    past: Past | None = None

    @property
    def n_windows(self) -> int:
        """W."""
        return len(self.windows)

    @cached_property
    def length(self) -> npt.NDArray[np.int64]:
        """(W,): L, bars of each window."""
        bars: npt.NDArray[np.int64] = self.windows[:, 1] - self.windows[:, 0] + 1
        return bars

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """(n, W): the event has a CAR."""
        return np.isfinite(self.car)

    @cached_property
    def n(self) -> npt.NDArray[np.int64]:
        """(W,): events of each window."""
        count: npt.NDArray[np.int64] = self.known.sum(axis=0)
        return count

    @cached_property
    def scar(self) -> npt.NDArray[np.float64]:
        """(n, W): CARs over their forecast standard errors."""
        scaled: npt.NDArray[np.float64] = self.car / self.error
        return scaled

    @cached_property
    def q(self) -> npt.NDArray[np.float64]:
        """(W,): sum over events of (M - k)/(M - k - 2), the variance of a t."""
        ratio = self.dof / (self.dof - 2.0)
        each = ratio if ratio.ndim == 2 else ratio[:, None]
        total: npt.NDArray[np.float64] = np.where(self.known, each, 0.0).sum(axis=0)
        return total

    @cached_property
    def shared(self) -> Overlaps:
        """``overlaps``, or that nothing is shared."""
        nothing = np.zeros(self.n_windows, dtype=np.int64)
        return self.overlaps or Overlaps(
            np.zeros(self.n_windows), nothing, nothing, self.n, nothing
        )

    @cached_property
    def sets(self) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Events (of n) that share windows (of W): usually all of them all."""
        return same_columns(self.known)

    def moments(self, values: npt.NDArray[np.float64]) -> Moments:
        """Mean and spread of ``values`` (n, W) in each window, missing ones left out."""
        return Moments.of(values, self.known, self.n)


@dataclass(frozen=True, slots=True)
class Moments:
    """n, mean, standard deviation (divisor n - 1) and third central sum, each (W,).

    ``sd`` is NaN with fewer than two events or where all values are the same up to rounding.
    """

    n: npt.NDArray[np.int64]
    mean: npt.NDArray[np.float64]
    sd: npt.NDArray[np.float64]
    centred: npt.NDArray[np.float64]

    @classmethod
    def of(
        cls,
        values: npt.NDArray[np.float64],
        known: npt.NDArray[np.bool_],
        n: npt.NDArray[np.int64],
    ) -> Moments:
        """Moments of the ``known`` entries of each column."""
        kept = np.where(known, values, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = kept.sum(axis=0) / n
            centred = np.where(known, values - mean, 0.0)
            sd = np.sqrt((centred**2).sum(axis=0) / (n - 1.0))
        varies = (n > 1) & (sd > 1e-14 * np.abs(kept).max(axis=0, initial=0.0))
        return cls(n, mean, np.where(varies, sd, np.nan), centred)

    @property
    def t(self) -> npt.NDArray[np.float64]:
        """(W,): sqrt(n) mean / sd."""
        return np.sqrt(self.n) * self.mean / self.sd


def same_columns(
    known: npt.NDArray[np.bool_],
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Collect the columns of ``known`` (n, W) that are equal: their rows, and their numbers."""
    if known.size and known.all():
        return [(np.arange(len(known)), np.arange(known.shape[1]))]
    packed = np.packbits(known, axis=0).T
    keys: dict[bytes, list[int]] = {}
    for w, column in enumerate(packed):
        keys.setdefault(column.tobytes(), []).append(w)
    found = [
        (np.flatnonzero(known[:, windows[0]]), np.array(windows, dtype=np.intp))
        for windows in keys.values()
    ]
    return [(rows, windows) for rows, windows in found if len(rows)]


def shared_bars(
    history: History,
    rows: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
    length: npt.NDArray[np.int64],
) -> Overlaps:
    """Find what the events ``rows`` (n,), ``known`` (n, W) in windows of ``length`` (W,), share.

    Windows with the same events and length share the work.
    """
    W = len(length)
    found = Overlaps(np.zeros(W), *(np.zeros(W, dtype=np.int64) for _ in range(4)))
    for events, windows in same_columns(known):
        own = rows[events]
        same = sum(
            math.comb(int(c), 2) for c in np.unique(history.position[own], return_counts=True)[1]
        )
        found.dates[windows] = len(np.unique(history.date[own]))
        for bars in np.unique(length[windows]):
            mine = windows[length[windows] == bars]
            correlation, pairs, unmeasured = history.shared_bars(own, int(bars))
            found.correlation[mine], found.pairs[mine] = correlation, pairs
            found.partial[mine], found.unmeasured[mine] = pairs - same, unmeasured
    return found
