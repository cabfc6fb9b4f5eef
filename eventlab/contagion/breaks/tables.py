"""Moments of every pair around every date, and of every item at its own event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from scipy import special

from eventlab.contagion.breaks.statistics import (
    FEWEST,
    PERFECT,
    RHO,
    N,
    adjusted_correlation,
    break_statistics,
    variance_ratios,
)
from eventlab.kernels.break_placebo import N_FACTS, date_facts_nb
from eventlab.kernels.correlation_breaks import N_MOMENTS, break_moments_nb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakItems, BreakSpec

__all__ = ["Events", "Tables", "fewest_rows", "make_tables", "spread"]

MIN_SHARE: Final = 0.5  # of a window's rows
CLEAR: Final = 1.96  # standard errors that a calm correlation is from 0 to have a sign
GOLDEN: Final = (5**0.5 - 1) / 2

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Events:
    """M items at their own events.

    ``moments`` (M, 2, 11) of both windows, ``statistic`` (M, 8), ``ratios`` (M, 3) of variances and
    the logarithms ``variance`` (M, 2) of the first two, ``z`` (M, 3): atanh(rho) of calm, crisis
    and the crisis at the calm variance of the source, and ``side`` (M,): -1 where a stronger link
    is a fall, for the calm correlation is clearly negative, or clearly neither and the crisis' is.
    """

    moments: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    ratios: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    side: npt.NDArray[np.float64]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(M,): whether there is a correlation in both windows."""
        return np.isfinite(self.statistic[:, 0])


@dataclass(frozen=True, slots=True)
class Tables:
    """Moments (P, R, 2, 11) of distinct pairs around R rows; where each item stands in them.

    ``facts`` (P, R, 4) of those dates, whatever the event; ``known`` (P, R): whether there is a
    correlation in both windows. ``noise`` (R,): standard normal numbers, of the row alone.
    """

    spec: BreakSpec
    rows: npt.NDArray[np.int64]
    moments: npt.NDArray[np.float64]
    facts: npt.NDArray[np.float64]
    known: npt.NDArray[np.bool_]
    noise: npt.NDArray[np.float64]
    pair: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    def events(self) -> Events:
        """Test every item at its own row."""
        moments = np.ascontiguousarray(self.moments[self.pair, self.place])
        ratios = np.stack([variance_ratios(*one) for one in moments])
        adjusted = np.array([adjusted_correlation(*one) for one in moments])
        free = np.maximum(moments[:, 0, N] - 3.0, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            z = np.arctanh(np.column_stack([moments[..., RHO], adjusted]))
            variance = np.log(ratios[:, :2])
            calm = z[:, 0] * np.sqrt(free)
            negative = np.where(np.abs(calm) > CLEAR, calm, z[:, 1]) < 0.0
        return Events(
            moments,
            np.stack([break_statistics(one[0], one[1], self.spec.variant) for one in moments]),
            ratios,
            variance,
            z,
            np.where(negative, -1.0, 1.0),
        )


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

    moments = np.empty((len(pairs), len(rows), 2, N_MOMENTS))
    facts = np.empty((len(pairs), len(rows), N_FACTS))

    def fill(part: npt.NDArray[np.int64]) -> None:
        own = np.empty((len(pairs), len(part), 2, N_MOMENTS))
        said = np.empty((len(pairs), len(part), N_FACTS))
        break_moments_nb(
            data, factors, columns.astype(np.int64), pairs, rows[part], windows, least, own
        )
        date_facts_nb(own, said)
        moments[:, part], facts[:, part] = own, said

    parts = np.array_split(np.arange(len(rows)), max(1, min(spec.threads, len(rows))))
    spread(fill, parts, spec.threads)
    known = np.all(1.0 - np.abs(moments[..., RHO]) > PERFECT, axis=2)
    noise = special.ndtri((rows * GOLDEN + 0.5) % 1.0)
    place = np.searchsorted(rows, items.row).astype(np.int64)
    return Tables(
        spec, rows, moments, facts, known, noise, pair.reshape(-1).astype(np.int64), place
    )


def spread(work: Callable[[Part], Result], parts: Sequence[Part], threads: int) -> Sequence[Result]:
    """Do ``work`` on every part, on some threads; results are in the order of the parts."""
    if threads <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))


def fewest_rows(window: tuple[int, int]) -> int:
    """Complete rows that a window needs: half of its bars, and 4."""
    return max(FEWEST, int(np.ceil(MIN_SHARE * (window[1] - window[0] + 1))))
