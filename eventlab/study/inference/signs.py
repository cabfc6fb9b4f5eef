"""Tests by the signs of the CARs, and by their signed ranks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from eventlab.kernels.ranks import signed_ranks_nb
from eventlab.study.inference.outcomes import Column, because, normal
from eventlab.study.inference.parametric import NO_HISTORY

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.samples import Sample

__all__ = ["EXACT_EVENTS", "generalized_sign", "sign", "sign_of", "wilcoxon", "wilcoxon_of"]

EXACT_EVENTS = 25  # up to here the distribution of Wilcoxon's sum is counted, not approximated
ALL_ZERO = "every value is zero: no signs"


def sign(sample: Sample) -> Column:
    """Sign test: z = (#{CAR > 0} - N/2)/sqrt(N/4), N(0, 1); zeros have no sign and are left out."""
    return sign_of(np.where(sample.known, sample.car, np.nan))


def sign_of(values: npt.NDArray[np.float64]) -> Column:
    """Sign test of each column of ``values`` (n, W), NaN left out."""
    up = (values > 0.0).sum(axis=0)
    n = up + (values < 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (up - 0.5 * n) / np.sqrt(0.25 * n)
    return normal(z, because((n == 0, ALL_ZERO)))


def generalized_sign(sample: Sample) -> Column:
    """Cowan (1992): as many CARs above zero as the estimation residuals lead to expect.

    p is the mean over events of the share of residuals above zero; z = (#{CAR > 0} - N p) over
    sqrt(N p (1 - p)), N(0, 1). A zero is not above zero, in both windows.
    """
    nothing = np.full(sample.n_windows, np.nan)
    if sample.past is None:
        return normal(nothing, because((np.isnan(nothing), NO_HISTORY)))
    n = sample.n
    share = sample.past.history.positive[sample.past.rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(sample.known, share[:, None], 0.0).sum(axis=0) / n
        up = (sample.known & (np.where(sample.known, sample.car, 0.0) > 0.0)).sum(axis=0)
        z = (up - n * p) / np.sqrt(n * p * (1.0 - p))
    z = np.where(np.isfinite(z), z, np.nan)
    return normal(z, because((np.isnan(z), "no estimation residual differs in sign")))


def wilcoxon(sample: Sample) -> Column:
    """Wilcoxon's signed ranks of the CARs.

    z = (W - N(N+1)/4) / sqrt(N(N+1)(2N+1)/24 - sum(t^3 - t)/48), W the sum of the ranks of
    positive CARs, zeros left out, no correction for continuity. The p-value is exact up to 25
    events without ties and zeros, otherwise normal.
    """
    return wilcoxon_of(np.where(sample.known, sample.car, np.nan))


def wilcoxon_of(values: npt.NDArray[np.float64]) -> Column:
    """Signed-rank test of each column of ``values`` (n, W), NaN left out."""
    values = np.ascontiguousarray(values)
    positive, n, ties = signed_ranks_nb(values, np.argsort(np.abs(values), axis=0))
    variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (positive - n * (n + 1.0) / 4.0) / np.sqrt(variance)
    found = normal(z, because((n == 0, ALL_ZERO)))
    whole = (n > 0) & (n <= EXACT_EVENTS) & (ties == 0.0) & (n == np.isfinite(values).sum(axis=0))
    for w in np.flatnonzero(whole):
        lower = signed_rank_distribution(int(n[w]))
        at = int(positive[w])
        upper = 1.0 - (lower[at - 1] if at else 0.0)
        found.pvalue[w] = min(1.0, 2.0 * min(float(lower[at]), float(upper)))
        found.distribution[w] = "exact"
    return found


@lru_cache(maxsize=EXACT_EVENTS)
def signed_rank_distribution(n: int) -> npt.NDArray[np.float64]:
    """P(W <= s) for s = 0, ..., n(n+1)/2: subsets of 1..n by their sum, each as likely."""
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    lower: npt.NDArray[np.float64] = np.cumsum(ways) / special.exp2(float(n))
    return lower
