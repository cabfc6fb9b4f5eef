"""Tests of the mean CAR that take variances from the estimation window or from the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.kernels.ranks import column_sums_nb
from eventlab.study.inference.outcomes import Column, because, normal, student

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.samples import Moments, Sample

__all__ = [
    "bmp",
    "bmp_naive",
    "clm_j1",
    "clm_j2",
    "cross_sectional",
    "cross_sectional_t",
    "crude_dependence",
    "kolari_pynnonen_bmp",
    "kolari_pynnonen_patell",
    "patell_z",
    "patell_z_naive",
    "skewness",
    "skewness_t",
]

NO_VARIANCE = "all events have the same value: no variance to test with"
NO_HISTORY = "needs the residuals of the estimation windows"


def cross_sectional(moments: Moments) -> Column:
    """Student t of a mean over events, t(n - 1)."""
    return student(moments.t, moments.n - 1.0, spread_reasons(moments))


def spread_reasons(moments: Moments) -> npt.NDArray[Any]:
    """Why there is no cross-sectional standard deviation."""
    return because(
        (moments.n < 2, "a cross-sectional variance needs two events"),
        (np.isnan(moments.sd), NO_VARIANCE),
    )


def cross_sectional_t(sample: Sample) -> Column:
    """Mean CAR over its cross-sectional standard error, t(N - 1)."""
    return cross_sectional(sample.moments(sample.car))


def clm_j1(sample: Sample) -> Column:
    """Campbell, Lo & MacKinlay (1997), eq. 4.4.22: CAAR over its forecast standard error."""
    variance = total(sample, sample.error**2)
    return estimated(total(sample, sample.car), variance)


def clm_j2(sample: Sample) -> Column:
    """Campbell, Lo & MacKinlay (1997), eq. 4.4.24: mean SCAR over its standard error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(sample, sample.scar) / sample.n
        return estimated(np.sqrt(sample.n) * mean, sample.q / sample.n)


def patell_z(sample: Sample) -> Column:
    """Patell (1976) with the exact forecast variance of a multi-bar CAR."""
    return estimated(total(sample, sample.scar), sample.q)


def patell_z_naive(sample: Sample) -> Column:
    """Patell (1976) with independent SARs, which over-rejects in long windows."""
    return estimated(total(sample, sample.naive), sample.q)


def total(sample: Sample, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(W,): sum over the events of each window."""
    summed: npt.NDArray[np.float64] = np.where(sample.known, values, 0.0).sum(axis=0)
    return summed


def estimated(value: npt.NDArray[np.float64], variance: npt.NDArray[np.float64]) -> Column:
    """Column of a sum with a known variance, N(0, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return normal(value / np.sqrt(variance), np.full(len(value), "", dtype=object))


def bmp(sample: Sample) -> Column:
    """Boehmer, Musumeci & Poulsen (1991): cross-sectional t of the SCARs."""
    return cross_sectional(sample.moments(sample.scar))


def bmp_naive(sample: Sample) -> Column:
    """Boehmer, Musumeci & Poulsen (1991) on sums of SARs."""
    return cross_sectional(sample.moments(sample.naive))


def kolari_pynnonen_bmp(sample: Sample) -> Column:
    """Kolari & Pynnonen (2010), eq. 4: BMP times sqrt((1 - r)/(1 + (N - 1) r)), t(N - 1)."""
    base = bmp(sample)
    value, reason = adjusted(base, sample, 1.0 - sample.shared.correlation)
    return student(value, sample.n - 1.0, reason)


def kolari_pynnonen_patell(sample: Sample) -> Column:
    """Kolari & Pynnonen (2010): Patell times sqrt(1/(1 + (N - 1) r))."""
    return normal(*adjusted(patell_z(sample), sample, np.ones(sample.n_windows)))


def adjusted(
    base: Column, sample: Sample, own_variance: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Divide by what cross-correlation adds to the variance; NaN where that leaves none."""
    r = sample.shared.correlation
    spread = 1.0 + (sample.n - 1) * r
    defined = (spread > 0.0) & (own_variance > 0.0)
    reason = base.reason.copy()
    for w in np.flatnonzero(~defined & (reason == "")):
        reason[w] = f"the mean correlation {r[w]:.3f} gives no positive variance"
    ratio = np.sqrt(np.where(defined, own_variance, np.nan) / np.where(defined, spread, 1.0))
    return base.statistic * ratio, reason


def skewness(moments: Moments) -> Column:
    """Hall (1992): the transformed t that a skewed population leaves nearly normal.

    J = sqrt(N)(S + g S^2/3 + g^2 S^3/27 + g/(6 N)), S = mean/sd, N(0, 1).
    """
    n = moments.n.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        S = moments.mean / moments.sd
        g = n / ((n - 1.0) * (n - 2.0)) * ((moments.centred / moments.sd) ** 3).sum(axis=0)
        J = np.sqrt(n) * (S + g * S**2 / 3.0 + g**2 * S**3 / 27.0 + g / (6.0 * n))
    reason = because(
        (moments.n < 3, "skewness needs three events"), (np.isnan(moments.sd), NO_VARIANCE)
    )
    return normal(np.where(reason == "", J, np.nan), reason)


def skewness_t(sample: Sample) -> Column:
    """Skewness-adjusted t of the CARs, Hall (1992)."""
    return skewness(sample.moments(sample.car))


def crude_dependence(sample: Sample) -> Column:
    """Brown & Warner (1980): CAAR over sqrt(L) times the sd of the AAR over the estimation window.

    t with one degree of freedom less than the estimation bars have an AAR. The AAR of a bar is
    the mean over the residuals there, by relative bar. It takes one variance for all bars.
    """
    W = sample.n_windows
    statistic, dof = np.full(W, np.nan), np.full(W, np.nan)
    reason = np.full(W, "", dtype=object)
    if sample.past is None:
        reason[:] = NO_HISTORY
        return student(statistic, dof, reason)
    if sample.past.history.by_slot:
        reason[:] = "takes one variance for all bars, and those of a session differ"
        return student(statistic, dof, reason)
    for events, windows in sample.sets:
        summed, seen = column_sums_nb(sample.past.history.resid, sample.past.rows[events])
        aar = summed[seen > 0] / seen[seen > 0]
        sd = float(aar.std(ddof=1))
        caar = sample.car[np.ix_(events, windows)].mean(axis=0)
        dof[windows] = len(aar) - 1.0
        if sd > 0.0:
            statistic[windows] = caar / (np.sqrt(sample.length[windows]) * sd)
        else:
            reason[windows] = "the mean abnormal return of the estimation window does not vary"
    return student(np.where(reason == "", statistic, np.nan), dof, reason)
