"""Bootstrap tests. A draw depends on the seed and its own number, not on threads or groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.resampling import skewness_draws_nb, wild_draws_nb
from eventlab.study.inference.outcomes import Column, because, named
from eventlab.study.inference.parametric import NO_HISTORY, NO_VARIANCE
from eventlab.study.inference.samples import Moments

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.samples import Sample

__all__ = ["MAX_DRAWS", "bootstrap_skewness", "wild_bootstrap", "wild_bootstrap_percentile"]

# 999 draws make .05 one of the possible p-values; more of them move a p of 5% by less than 1.4
# points (two standard errors), and every group pays for them.
MAX_DRAWS = 999
MIN_RESAMPLE = 5  # Lyon, Barber & Tsai resample a quarter of the events: 20 of them at least


def wild_bootstrap(sample: Sample) -> Column:
    """Cluster t of the mean SCAR against its wild bootstrap, one cluster for each event date.

    t = mean SCAR over sqrt(U/(U-1) sum_c (S_c - n_c mean)^2)/N, S_c the sum of the n_c SCARs of
    date c of U: BMP where every event has a date of its own. The draws flip the signs of whole
    dates (Cameron, Gelbach & Miller 2008); p = (1 + #{|t*| >= |t|})/(1 + B), or the exact share
    where all 2^U sign vectors are no more than B + 1.
    """
    return wild(sample)[1]


def wild_bootstrap_percentile(sample: Sample) -> Column:
    """Mean SCAR against the means of the same draws: the percentile form."""
    return wild(sample)[0]


def wild(sample: Sample) -> tuple[Column, Column]:
    """Percentile and t form; computed once for both."""
    found: tuple[Column, Column] | None = sample.__dict__.get("_wild")
    if found is None:
        found = wild_forms(sample)
        sample.__dict__["_wild"] = found  # as functools.cached_property does on a frozen class
    return found


def wild_forms(sample: Sample) -> tuple[Column, Column]:
    """Both forms in every window."""
    W = sample.n_windows
    statistic, pvalue = np.full((2, W), np.nan), np.full((2, W), np.nan)
    everywhere = np.ones(W, dtype=np.bool_)
    if sample.past is None:
        return forms(statistic, pvalue, because((everywhere, NO_HISTORY)))
    history = sample.past.history
    draws = min(history.draws, MAX_DRAWS)
    for events, windows in sample.sets:
        dates, cluster = np.unique(history.date[sample.past.rows[events]], return_inverse=True)
        if len(dates) < 2 or draws == 0:
            continue
        values = sample.scar[np.ix_(events, windows)]
        sums = np.zeros((len(dates), len(windows)))
        np.add.at(sums, cluster, values)
        sizes = np.repeat(np.bincount(cluster)[:, None].astype(np.float64), len(windows), axis=1)
        statistic[:, windows] = cluster_t(sums, sizes)
        exact = len(dates) < 62 and 2 ** len(dates) <= draws + 1
        count = 2 ** len(dates) if exact else draws
        extreme = wild_draws_nb(sums, sizes, dates, count, np.uint64(history.seed), exact)
        pvalue[:, windows] = extreme / count if exact else (1.0 + extreme) / (1.0 + count)
    reason = because(
        (everywhere & (draws == 0), "no draws asked for"),
        (sample.shared.dates < 2, "all events share one date: nothing to resample over"),
        (np.isnan(statistic[1]), NO_VARIANCE),
    )
    return forms(statistic, pvalue, reason)


def forms(
    statistic: npt.NDArray[np.float64],
    pvalue: npt.NDArray[np.float64],
    reason: npt.NDArray[np.object_],
) -> tuple[Column, Column]:
    """Columns of both forms from rows of both."""
    void = np.full(len(reason), np.nan)
    known = reason == ""
    percentile, t = (
        Column(
            np.where(known, own, np.nan),
            void,
            np.where(known, p, np.nan),
            named(np.where(known, own, np.nan), "bootstrap"),
            reason,
        )
        for own, p in zip(statistic, pvalue, strict=True)
    )
    return percentile, t


def cluster_t(
    sums: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(2, W): the mean over all events, and its cluster-robust t, from (U, W) sums and sizes."""
    U, n = len(sums), sizes.sum(axis=0)
    mean = sums.sum(axis=0) / n
    spread = ((sums - sizes * mean) ** 2).sum(axis=0) * U / (U - 1.0)
    varies = spread > 1e-14 * (sums**2).sum(axis=0)
    return np.stack([mean, mean * n / np.sqrt(np.where(varies, spread, np.nan))])


def bootstrap_skewness(values: npt.NDArray[np.float64], *, draws: int, seed: int) -> Column:
    """Skewness-adjusted t of each column of ``values`` (n, W) with bootstrapped critical values.

    t = sqrt(n)(S + g S^2/3 + g/(6n)), S = mean/sd, g = mean of ((x - mean)/sd)^3 (Johnson 1978).
    The draws are resamples of a quarter of the events, around their mean (Lyon, Barber & Tsai
    1999, section II.C); p is twice the smaller tail, each with one added to both counts.
    """
    known = np.isfinite(values)
    n = known.sum(axis=0)
    moments = Moments.of(values, known, n)
    W = values.shape[1]
    statistic, pvalue = np.full(W, np.nan), np.full(W, np.nan)
    few = n // 4 < MIN_RESAMPLE
    draws = min(draws, MAX_DRAWS)
    for w in np.flatnonzero(~few & np.isfinite(moments.sd) & (draws > 0)):
        unit = moments.centred[known[:, w], w] / moments.sd[w]
        S, skew = moments.mean[w] / moments.sd[w], float((unit**3).mean())
        statistic[w] = np.sqrt(n[w]) * (S + skew * S * S / 3.0 + skew / (6.0 * n[w]))
        drawn = skewness_draws_nb(unit[:, None], int(n[w]) // 4, draws, np.uint64(seed))[:, 0]
        drawn = drawn[np.isfinite(drawn)]
        tail = min(int((drawn <= statistic[w]).sum()), int((drawn >= statistic[w]).sum()))
        pvalue[w] = min(1.0, 2.0 * (1.0 + tail) / (1.0 + len(drawn)))
    reason = because(
        (np.full(W, draws == 0), "no draws asked for"),
        (few, f"a quarter of the events is resampled; that needs {4 * MIN_RESAMPLE} of them"),
        (np.isnan(moments.sd), NO_VARIANCE),
    )
    return Column(statistic, np.full(W, np.nan), pvalue, named(statistic, "bootstrap"), reason)
