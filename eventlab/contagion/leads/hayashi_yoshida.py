"""Correlation of two price series on clocks of their own, and which of them leads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.leads.observations import lag_nanoseconds, observed_pair, spacing
from eventlab.kernels.hayashi_yoshida import hy_curve_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from pandas._libs.tslibs import NaTType

    from eventlab.contagion.leads.observations import Observed

__all__ = [
    "Curve",
    "HayashiYoshida",
    "LeadLag",
    "hayashi_yoshida",
    "lead_lag",
    "measure_curve",
]

SECOND = 10**9
CURVE_COLUMNS = ["lag", "lag_seconds", "correlation", "covariance", "stderr", "n_overlapping"]


@dataclass(frozen=True, slots=True)
class HayashiYoshida:
    """Covariance of two series over the time that they share.

    Attributes
    ----------
    correlation, covariance
        ``covariance`` is in squared units of the inputs over the whole sample, not per bar.
    variance_x, variance_y
        Realised variances: sums of squared increments.
    stderr, pvalue
        Standard error of the correlation if the two were independent, whatever their volatilities
        (the root of the sum of squared products of overlapping increments), and the two-sided
        normal p of that null. It is not the error of a correlation that differs from zero.
    n_x, n_y, n_missing
        Increments of each series, and rows of both that were left out because they were missing.
    note
        Why there is no correlation; empty where there is one.
    """

    correlation: float
    covariance: float
    variance_x: float
    variance_y: float
    stderr: float
    pvalue: float
    n_x: int
    n_y: int
    n_missing: int
    note: str

    def __repr__(self) -> str:
        """Return the correlation and what it rests on, in one line."""
        said = f"; {self.note}" if self.note else ""
        return (
            f"HayashiYoshida(correlation={self.correlation:.4f}, stderr={self.stderr:.4f}, "
            f"n_x={self.n_x}, n_y={self.n_y}{said})"
        )


@dataclass(frozen=True, slots=True)
class LeadLag:
    """The correlation of x with y shifted in time, lag by lag.

    Attributes
    ----------
    curve
        A row per lag, ascending: lag (Timedelta), lag_seconds, correlation, covariance, stderr (of
        independence), n_overlapping (increments of x that meet one of y). A positive lag compares x
        with what y does that much later: **positive lag: x leads**.
    peak, peak_correlation
        The lag at which the correlation is largest in absolute value, the estimator of Hoffmann,
        Rosenbaum & Yoshida (2013); of equal ones the nearest to zero. NaT and NaN without a curve.
    llr
        Lead-lag ratio, Huth & Abergel (2014): the sum of squared correlations at positive lags over
        that at the same negative ones. Above 1: x leads. NaN without pairs of lags.
    pvalue
        Of no correlation at any lag: the normal p at the peak times the number of lags, at most 1.
    resolution
        The larger of the median distances between observations: the peak is not known better.
    n_x, n_y, n_missing, note
        As in `HayashiYoshida`.
    """

    curve: pd.DataFrame
    peak: pd.Timedelta | NaTType
    peak_correlation: float
    llr: float
    pvalue: float
    resolution: pd.Timedelta | NaTType
    n_x: int
    n_y: int
    n_missing: int
    note: str

    def __repr__(self) -> str:
        """Return the peak in one line."""
        said = f"; {self.note}" if self.note else ""
        return (
            f"LeadLag(peak={self.peak}, peak_correlation={self.peak_correlation:.4f}, "
            f"llr={self.llr:.3f}, pvalue={self.pvalue:.3g}{said})"
        )


def hayashi_yoshida(x: pd.Series, y: pd.Series) -> HayashiYoshida:
    """Correlation of two series of log prices, each observed at times of its own.

    Sums the products of all increments whose intervals overlap, so neither series is put on a grid
    or filled, and trading at different times does not pull the correlation to zero. On a common
    grid it is the realised correlation (no means subtracted).

    Parameters
    ----------
    x, y
        (n,), (m,): log prices, the index holding the instants at which they are known, ascending.
        Both zoned, or both naive. Missing rows are left out before differencing, so that one longer
        increment takes the place of two; ``n_missing`` counts them. Prices themselves give the
        correlation of their changes. Row t uses rows t - 1 and t.

    Returns
    -------
    HayashiYoshida
        NaN with a ``note`` where a series has fewer than two rows, does not move, or the two
        share no time.

    Raises
    ------
    UsageError
        No Series with a DatetimeIndex, or one zoned and one naive.
    DataError
        Times that are missing, repeated or out of order; infinite values.

    References
    ----------
    Hayashi & Yoshida (2005), On covariance estimation of non-synchronously observed diffusion
    processes, Bernoulli 11, eq. 3.1.
    """
    left, right = observed_pair(x, y)
    lags = np.zeros(1, dtype=np.int64)
    curve = measure_curve(left, right, lags)
    correlation, stderr = float(curve.correlation[0]), float(curve.stderr[0])
    return HayashiYoshida(
        correlation,
        float(curve.covariance[0]),
        left.variance,
        right.variance,
        stderr,
        normal_pvalue(correlation, stderr),
        left.n,
        right.n,
        left.n_missing + right.n_missing,
        curve.note,
    )


def lead_lag(
    x: pd.Series, y: pd.Series, lags: Sequence[float | pd.Timedelta] | pd.TimedeltaIndex
) -> LeadLag:
    """Hayashi-Yoshida correlation of x with y shifted by each lag: which of them moves first.

    Positive lag: x leads. At lag l the increments of x over (s, t] are compared with those of y
    over (s + l, t + l].

    Parameters
    ----------
    x, y
        As in `hayashi_yoshida`. An increment over a closure counts as one that lasts as long as the
        closure, and blurs the curve by that much.
    lags
        Seconds, or Timedeltas; each once, in any order. Finer than the observations they add
        nothing: see ``resolution``.

    Returns
    -------
    LeadLag
        Correlations are scaled by the variances of the whole of both series, so that they fall
        with the part of the sample that a lag leaves out. NaN with a ``note`` as in
        `hayashi_yoshida`.

    Raises
    ------
    UsageError, DataError
        As `hayashi_yoshida`; or lags that are none, not finite, or given twice.

    References
    ----------
    Hoffmann, Rosenbaum & Yoshida (2013), Estimation of the lead-lag parameter from non-synchronous
    data, Bernoulli 19, eq. 3 and 5; Huth & Abergel (2014), High frequency lead/lag relationships,
    Journal of Empirical Finance 26, section 2.3.
    """
    left, right = observed_pair(x, y)
    shifts = lag_nanoseconds(lags)
    curve = measure_curve(left, right, shifts)
    place, mesh = curve.peak, spacing(left, right)
    frame = pd.DataFrame(
        {
            "lag": pd.to_timedelta(shifts, unit="ns"),
            "lag_seconds": shifts / SECOND,
            "correlation": curve.correlation,
            "covariance": curve.covariance,
            "stderr": curve.stderr,
            "n_overlapping": curve.n_overlapping,
        },
        columns=CURVE_COLUMNS,
    )
    return LeadLag(
        frame,
        pd.NaT if place < 0 else pd.Timedelta(int(shifts[place]), "ns"),
        math.nan if place < 0 else float(curve.correlation[place]),
        curve.llr,
        curve.pvalue,
        pd.Timedelta(mesh, "ns") if mesh else pd.NaT,
        left.n,
        right.n,
        left.n_missing + right.n_missing,
        curve.note,
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """Correlations by lag as arrays (L,), lags ascending; ``peak`` is a row, -1 without one."""

    lags: npt.NDArray[np.int64]
    correlation: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    stderr: npt.NDArray[np.float64]
    n_overlapping: npt.NDArray[np.int64]
    note: str

    @property
    def peak(self) -> int:
        """Row of the largest absolute correlation; of equal ones the lag nearest to zero."""
        sizes = np.abs(self.correlation)
        largest = np.fmax.reduce(sizes, initial=-1.0)
        if not largest >= 0.0:
            return -1
        best = np.flatnonzero(sizes == largest)
        return int(best[np.argmin(np.abs(self.lags[best]))])

    @property
    def pvalue(self) -> float:
        """Normal p at the peak times the number of lags, at most 1."""
        if self.peak < 0:
            return math.nan
        once = normal_pvalue(float(self.correlation[self.peak]), float(self.stderr[self.peak]))
        return min(1.0, once * int(np.isfinite(self.correlation).sum()))

    @property
    def llr(self) -> float:
        """Squared correlations at positive lags over those at the same negative ones."""
        squares = self.correlation * self.correlation
        if not np.array_equal(self.lags, -self.lags[::-1]):
            squares = np.where(np.isin(-self.lags, self.lags), squares, 0.0)
        ahead, behind = float(squares[self.lags > 0].sum()), float(squares[self.lags < 0].sum())
        return ahead / behind if behind > 0.0 else math.nan


def measure_curve(x: Observed, y: Observed, lags: npt.NDArray[np.int64]) -> Curve:
    """Correlations of x with y at each of ``lags`` (L,), ns, ascending; NaN where none exists."""
    note, scale = _unusable(x, y), math.sqrt(x.variance * y.variance)
    if note:
        nothing = np.full(len(lags), np.nan)
        empty = np.zeros(len(lags), dtype=np.int64)
        return Curve(lags, nothing, nothing, nothing, empty, note)
    found = hy_curve_nb(x.times, x.logs, y.times, y.logs, lags)
    covariance, square, count = found[:, 0], found[:, 1], found[:, 2]
    met = count > 0.0
    if not met.any():
        note = "the two series share no time at any of the lags"
    elif x.n == 1 and y.n == 1:
        note = "one increment of each: whatever moved, their correlation is 1 or -1"
    covariance = np.where(met, covariance, np.nan)
    stderr = np.where(met, np.sqrt(square) / scale, np.nan)
    return Curve(lags, covariance / scale, covariance, stderr, count.astype(np.int64), note)


def _unusable(x: Observed, y: Observed) -> str:
    for name, series in (("x", x), ("y", y)):
        if len(series.times) < 2:
            return f"{name} has {len(series.times)} rows with a price; two give the first increment"
        if not series.variance > 0.0:
            return f"{name} does not move: its {series.n} increments are all zero"
    return ""


def normal_pvalue(value: float, stderr: float) -> float:
    """Two-sided normal p of value over its standard error; NaN where there is none."""
    if not (math.isfinite(value) and stderr > 0.0):
        return math.nan
    return 2.0 * NormalDist().cdf(-abs(value) / stderr)
