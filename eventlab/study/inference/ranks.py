"""Tests by the rank of an event's abnormal return among its own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.ranks import column_sums_nb, grank_sums_nb, zivney_sums_nb
from eventlab.study.inference.outcomes import Column, because, normal, student
from eventlab.study.inference.parametric import NO_HISTORY, NO_VARIANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.history import History
    from eventlab.study.inference.samples import Sample

__all__ = ["corrado_rank", "corrado_zivney", "grank_t", "grank_z"]

Floats = tuple["npt.NDArray[np.float64]", "npt.NDArray[np.float64]"]


def corrado_rank(sample: Sample) -> Column:
    """Corrado (1989) by ranks of raw residuals and ARs, missing ones as Corrado & Zivney (1992).

    U = rank/(1 + M_i); S^2 = T^-1 sum over all T bars of (n_t/N)(mean U_t - 1/2)^2;
    z = sqrt(L)(mean of mean U over the window - 1/2)/S, N(0, 1).
    """
    z = np.full(sample.n_windows, np.nan)
    if sample.past is None:
        return normal(z, because((np.isnan(z), NO_HISTORY)))
    last_bar = sample.past.history.last_bar
    for events, windows in sample.sets:
        sums = column_sums_nb(sample.past.history.ranks, sample.past.rows[events])
        z[windows] = rank_z(sums, len(events), sample.windows[windows], last_bar)
    return normal(z, because((np.isnan(z), NO_VARIANCE)))


def corrado_zivney(sample: Sample) -> Column:
    """Corrado & Zivney (1992): event bars first divided by their cross-sectional sd.

    The ranks are those of residuals over sigma and of SARs over the sd of the bar's SARs, so that
    an event-induced variance does not look like an effect.
    """
    z = np.full(sample.n_windows, np.nan)
    if sample.past is None:
        return normal(z, because((np.isnan(z), NO_HISTORY)))
    last_bar = sample.past.history.last_bar
    for events, windows in sample.sets:
        if len(events) > 1:
            sums = zivney_sums(sample.past.history, sample.past.rows[events])
            z[windows] = rank_z(sums, len(events), sample.windows[windows], last_bar)
    few = sample.n < 2
    return normal(
        z, because((few, "a cross-sectional variance needs two events"), (np.isnan(z), NO_VARIANCE))
    )


def zivney_sums(history: History, rows: npt.NDArray[np.int64]) -> Floats:
    """Add up rank / (1 + M_i) by bar, and count the events there, with rescaled event bars."""
    sar = history.sar[rows]
    known = np.isfinite(sar)
    n = known.sum(axis=0)
    kept = np.where(known, sar, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = np.where(known, sar - kept.sum(axis=0) / n, 0.0)
        sd = np.sqrt((centred**2).sum(axis=0) / (n - 1.0))
        varies = sd > 1e-14 * np.abs(kept).max(axis=0)
        bars = sar / np.where(varies, sd, np.nan)
    own = history.standard
    return zivney_sums_nb(own.values, own.order, own.ranks, own.count, rows, bars)


def rank_z(
    sums: Floats, n: int, windows: npt.NDArray[np.int64], last_bar: int
) -> npt.NDArray[np.float64]:
    """Return z of each of ``windows`` (w, 2) from the sums of U by bar, ``last_bar`` last."""
    total, seen = sums
    there = seen > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = total / seen - 0.5
    S = np.sqrt(float((seen[there] / n * excess[there] ** 2).sum()) / int(there.sum()))
    start = len(total) - 1 - last_bar  # of bar 0
    found = np.array(
        [
            excess[start + first : start + last + 1].mean() * np.sqrt(last - first + 1.0)
            for first, last in windows
        ]
    )
    return found / S if S > 0.0 else np.full(len(windows), np.nan)


def grank_t(sample: Sample) -> Column:
    """GRANK-T of Kolari & Pynnonen (2011), t(T - 2) with T = estimation bars + 1.

    The re-standardised SCAR, SCAR/sd(SCAR), is one more observation beside the residuals over
    sigma. U = rank/(M_i + 2) - 1/2; S^2 = T^-1 sum (n_t/N) mean U_t^2; Z = mean U_0 / S;
    t = Z sqrt((T - 2)/(T - 1 - Z^2)).
    """
    Z, _, columns = grank(sample)
    with np.errstate(invalid="ignore"):
        t = Z * np.sqrt((columns - 2.0) / (columns - 1.0 - Z**2))
    return student(t, columns - 2.0, grank_reasons(sample, t))


def grank_z(sample: Sample) -> Column:
    """GRANK-Z of Kolari & Pynnonen (2011): N mean U_0 / sqrt(sum M_i/(12 (M_i + 2))), N(0, 1)."""
    _, z, _ = grank(sample)
    return normal(z, grank_reasons(sample, z))


def grank_reasons(sample: Sample, value: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """Why there is no GRANK."""
    missing = NO_HISTORY if sample.past is None else NO_VARIANCE
    few = (sample.n < 2) & (sample.past is not None)
    return because((few, "a cross-sectional variance needs two events"), (np.isnan(value), missing))


def grank(
    sample: Sample,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Z, GRANK-Z and the number of columns T, each (W,); computed once for both tests."""
    found: tuple[npt.NDArray[np.float64], ...] | None = sample.__dict__.get("_grank")
    if found is None:
        found = tuple(grank_columns(sample))
        sample.__dict__["_grank"] = found  # as functools.cached_property does on a frozen class
    return found[0], found[1], found[2]


def grank_columns(sample: Sample) -> npt.NDArray[np.float64]:
    """(3, W): Z, GRANK-Z and T."""
    found = np.full((3, sample.n_windows), np.nan)
    if sample.past is None:
        return found
    scaled = sample.scar / sample.moments(sample.scar).sd
    own = sample.past.history.standard
    for events, windows in sample.sets:
        if len(events) < 2:
            continue
        rows = sample.past.rows[events]
        cumulated = np.ascontiguousarray(scaled[np.ix_(events, windows)])
        total, seen = grank_sums_nb(own.values, own.ranks, own.count, rows, cumulated)
        there = seen > 0
        mean = total[:, there] / seen[there]
        S = np.sqrt((seen[there] / len(events) * mean**2).sum(axis=1) / there.sum())
        M = own.count[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            found[0, windows] = mean[:, -1] / S
        found[1, windows] = total[:, -1] / np.sqrt((M / (12.0 * (M + 2.0))).sum())
        found[2, windows] = there.sum()
        found[:, windows[np.isnan(cumulated[0])]] = np.nan
    return found
