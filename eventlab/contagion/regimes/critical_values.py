"""What sup ADF statistics look like where nothing is explosive."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.kernels.gsadf import bsadf_lags_nb, bsadf_nb
from eventlab.study.placebo.pseudo_dates import shared

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "LEVELS",
    "MIN_DRAWS",
    "BubbleSpec",
    "NullDistribution",
    "backward_suprema",
    "simulated_null",
    "wild_null",
]

LEVELS: Final = (90, 95, 99)
MIN_DRAWS: Final = 99  # fewer have no 99% critical value
THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class BubbleSpec:
    """Which windows are compared, and with how many draws.

    Attributes
    ----------
    lags
        Lagged differences in each regression.
    min_window
        Levels in the shortest window.
    draws, seed
        Paths drawn under the null, and their seed.
    """

    lags: int
    min_window: int
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class NullDistribution:
    """Draws under the null, row 0 of the backward suprema (GSADF), row 1 of the ADF from row 0.

    Attributes
    ----------
    suprema
        (2, draws), ascending: GSADF and SADF of each path.
    sequences
        (2, 3, T): critical values of each end at 90, 95 and 99%.
    """

    suprema: npt.NDArray[np.float64]
    sequences: npt.NDArray[np.float64]

    def critical(self, kind: int) -> npt.NDArray[np.float64]:
        """(3,) values that the statistic exceeds exactly where p <= 10, 5 and 1%."""
        return self.suprema[kind, _orders(self.suprema.shape[1])]

    def pvalue(self, kind: int, statistic: float) -> float:
        """(1 + b) / (1 + draws), b of the draws being at least as large."""
        draws: int = self.suprema.shape[1]
        below = int(np.searchsorted(self.suprema[kind], statistic, side="left"))
        return float((1 + draws - below) / (1 + draws))


@lru_cache(maxsize=32)
def simulated_null(T: int, spec: BubbleSpec) -> NullDistribution:
    """Random walks of T levels with a drift of 1/T and normal steps; kept while the process runs.

    Phillips, Shi & Yu (2015), section 3.3 (d = eta = 1): what their Table 1 is made of.
    """
    steps = np.random.default_rng(spec.seed).standard_normal((spec.draws, T))
    return _null((steps + 1.0 / T).cumsum(axis=1), spec)


def wild_null(
    differences: npt.NDArray[np.float64], spec: BubbleSpec, threads: int = THREADS
) -> NullDistribution:
    """Random walks whose steps are the series' own with random signs: a wild bootstrap.

    Parameters
    ----------
    differences
        (T - 1,) first differences of the series. Their mean stays as the drift of every path; what
        is left keeps its place and size and gets a random sign, so that volatility that clusters,
        breaks or trends is that of the series.
    spec, threads
        What to compute, on how many threads; the numbers are the same, bit for bit.

    Notes
    -----
    Size of GSADF and SADF at nominal 5%, 250 bars, 400 series: normal 3.5 and 3.5%, t(4) 2.3 and
    2.8%, GARCH-t(4) (.04, .10, .86) 4.0 and 4.5%, variance times nine from bar 170 on 4.5 and 4.5%,
    drift of a tenth of the standard deviation 3.8 and 3.8%. The simulated null: 6 and 6, 9 and 6,
    22 and 17, 33 and 36, 9 and 12%. Rejected: normal weights as published (0.7% where returns are
    normal: they fatten tails), a null without the drift (9 and 13% under the drift), differences
    drawn from all places (9 and 12% under GARCH-t(4), 18 and 31% under the jump of the variance).
    A bubble that grows 2% a bar for 40 bars is found in 57 and 49%; by the simulated null in 59%.

    References
    ----------
    Harvey, Leybourne, Sollis & Taylor (2016), Tests for explosive financial bubbles in the
    presence of non-stationary volatility, Journal of Empirical Finance 38, section 4 (normal
    weights, no drift); Phillips & Shi (2020) draw the differences from all places.
    """
    mean = differences.mean()
    around = differences - mean
    shape = (spec.draws, len(differences))
    up = np.random.default_rng(spec.seed).random(shape) < 0.5
    paths = np.zeros((spec.draws, len(differences) + 1))
    np.cumsum(mean + np.where(up, around, -around), axis=1, out=paths[:, 1:])
    return _null(paths, spec, threads)


def backward_suprema(
    paths: npt.NDArray[np.float64], spec: BubbleSpec, threads: int = 1
) -> npt.NDArray[np.float64]:
    """(2, R, T): BSADF and, from row 0, ADF of every end; see `eventlab.kernels.gsadf`."""
    R, T = paths.shape
    parts = [np.empty((2, 0, T))] * R

    def work(start: int, stop: int) -> None:
        found = np.full((2, stop - start, T), np.nan)
        own = paths[start:stop]
        own.flags.writeable = False  # whoever calls: the kernel is compiled for one kind of array
        if spec.lags:
            bsadf_lags_nb(own, spec.lags, spec.min_window, found)
        else:
            bsadf_nb(own, spec.min_window, found)
        parts[start] = found

    shared(work, R, threads)
    return np.concatenate(parts, axis=1)


def _null(
    paths: npt.NDArray[np.float64], spec: BubbleSpec, threads: int = THREADS
) -> NullDistribution:
    found = backward_suprema(paths, spec, threads)
    found[np.isnan(found)] = -np.inf  # a stretch without any movement is not explosive
    orders = _orders(spec.draws)
    sequences = np.partition(found, orders, axis=1)[:, orders]
    sequences[np.isneginf(sequences)] = np.nan
    return NullDistribution(np.sort(found.max(axis=2), axis=1), sequences)


def _orders(draws: int) -> list[int]:
    """Places of the critical values among ascending draws, 90% first."""
    return [draws - int((100 - level) / 100.0 * (draws + 1) + 1e-9) for level in LEVELS]
