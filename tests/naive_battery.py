"""Slow transcriptions of the rank, sign, portfolio and bootstrap tests: loops over events.

Everything is a plain list or a small array; a missing value is NaN. ``past`` are the estimation
residuals of an event by relative bar, ``bars`` its abnormal returns of the event window.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from tests.naive import MASK, split_mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.naive import Array

STEP = 0x9E3779B97F4A7C15


def mean_rank(value: float, among: Sequence[float]) -> float:
    """Rank from 1 of one of the values, ties by their mean; NaN has none and counts for none."""
    if math.isnan(value):
        return math.nan
    return sum(x < value for x in among) + (sum(x == value for x in among) + 1) / 2


def deviation(values: Sequence[float]) -> float:
    """Standard deviation with divisor n - 1."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


def mean_ranks(rows: Sequence[Sequence[float]]) -> tuple[list[float], list[int]]:
    """Mean over events of rank/(1 + M_i) - 1/2 by bar, and how many events each bar has."""
    shares = []
    for row in rows:
        M = sum(not math.isnan(x) for x in row)
        shares.append([mean_rank(x, row) / (1 + M) for x in row])
    means, counts = [], []
    for bar in zip(*shares, strict=True):
        known = [u for u in bar if not math.isnan(u)]
        counts.append(len(known))
        means.append(sum(known) / len(known) - 0.5 if known else math.nan)
    return means, counts


def rank_z(rows: Sequence[Sequence[float]], window: Sequence[int]) -> float:
    """A.7: sqrt(L) times the window's mean excess rank over S; ``window`` are columns."""
    means, counts = mean_ranks(rows)
    N = len(rows)
    parts = [c / N * u**2 for u, c in zip(means, counts, strict=True) if c]
    S = math.sqrt(sum(parts) / len(parts))
    excess: float = sum(means[t] for t in window) / len(window)
    z: float = math.sqrt(len(window)) * excess / S
    return z


def corrado_rank(past: Sequence[Array], bars: Sequence[Array], window: Sequence[int]) -> float:
    """A.7 by raw residuals and abnormal returns; ``window`` are bars of the event window."""
    rows = [[*e, *a] for e, a in zip(past, bars, strict=True)]
    return rank_z(rows, [len(past[0]) + t for t in window])


def corrado_zivney(
    past: Sequence[Array], sigma: Sequence[float], sar: Sequence[Array], window: Sequence[int]
) -> float:
    """A.7 by residuals over sigma and by SARs over the sd of their bar."""
    sds = []
    for bar in zip(*sar, strict=True):
        known = [x for x in bar if not math.isnan(x)]
        sds.append(deviation(known) if len(known) > 1 else math.nan)
    rows = [
        [*(x / s for x in e), *(x / sd for x, sd in zip(a, sds, strict=True))]
        for e, s, a in zip(past, sigma, sar, strict=True)
    ]
    return rank_z(rows, [len(past[0]) + t for t in window])


def grank(
    past: Sequence[Array], sigma: Sequence[float], scar: Sequence[float]
) -> tuple[float, float]:
    """A.8: GRANK-T and GRANK-Z."""
    sd, N = deviation(scar), len(scar)
    shares, spread = [], 0.0
    for e, s, one in zip(past, sigma, scar, strict=True):
        row = [*(x / s for x in e), one / sd]
        M = sum(not math.isnan(x) for x in e)
        shares.append([mean_rank(x, row) / (M + 2) - 0.5 for x in row])
        spread += M / (12 * (M + 2))
    parts, last = [], 0.0
    for bar in zip(*shares, strict=True):
        known = [u for u in bar if not math.isnan(u)]
        if known:
            last = sum(known) / len(known)
            parts.append(len(known) / N * last**2)
    T = len(parts)
    Z = last / math.sqrt(sum(parts) / T)
    return Z * math.sqrt((T - 2) / (T - 1 - Z**2)), N * last / math.sqrt(spread)


def sign(car: Sequence[float]) -> float:
    """A.9 with p = 1/2, zeros left out."""
    N = sum(c != 0 for c in car)
    return (sum(c > 0 for c in car) - N / 2) / math.sqrt(N / 4)


def generalized_sign(car: Sequence[float], past: Sequence[Array]) -> float:
    """A.9."""
    N = len(car)
    shares = [float(sum(x > 0 for x in e) / sum(not math.isnan(x) for x in e)) for e in past]
    p = sum(shares) / N
    return (sum(c > 0 for c in car) - N * p) / math.sqrt(N * p * (1 - p))


def skewness_t(values: Sequence[float]) -> float:
    """A.10."""
    N, mean, sd = len(values), sum(values) / len(values), deviation(values)
    S = mean / sd
    g = N / ((N - 1) * (N - 2)) * sum(((v - mean) / sd) ** 3 for v in values)
    return math.sqrt(N) * (S + g * S**2 / 3 + g**2 * S**3 / 27 + g / (6 * N))


def wilcoxon(values: Sequence[float]) -> tuple[float, float]:
    """A.11: W and z."""
    kept = [v for v in values if v != 0]
    sizes = [abs(v) for v in kept]
    N = len(kept)
    W = sum(mean_rank(abs(v), sizes) for v in kept if v > 0)
    ties = sum(sizes.count(size) ** 3 - sizes.count(size) for size in set(sizes))
    variance = N * (N + 1) * (2 * N + 1) / 24 - ties / 48
    return W, (W - N * (N + 1) / 4) / math.sqrt(variance)


def crude_dependence(car: Sequence[float], past: Sequence[Array], L: int) -> float:
    """A.12."""
    aar = []
    for bar in zip(*past, strict=True):
        known = [x for x in bar if not math.isnan(x)]
        if known:
            aar.append(sum(known) / len(known))
    return sum(car) / len(car) / (math.sqrt(L) * deviation(aar))


def newey_west(values: Sequence[float], lags: int) -> float:
    """Variance of the mean of the values that are not NaN, Bartlett weights, times n/(n - 1)."""
    known = [v for v in values if not math.isnan(v)]
    n, mean = len(known), sum(known) / len(known)
    variance = sum((v - mean) ** 2 for v in known)
    for j in range(1, lags + 1):
        pairs = zip(values[j:], values[:-j], strict=True)
        products = [(a - mean) * (b - mean) for a, b in pairs if not math.isnan(a + b)]
        variance += 2 * (1 - j / (lags + 1)) * sum(products)
    return variance / (n * (n - 1))


def calendar_time(
    bars: Sequence[Array], position: Sequence[int], window: tuple[int, int], first_bar: int
) -> float:
    """A.13: mean over calendar bars of the mean AR of the events inside their window."""
    held: dict[int, list[float]] = {}
    for a, p in zip(bars, position, strict=True):
        for tau in range(window[0], window[1] + 1):
            held.setdefault(p + tau, []).append(float(a[tau - first_bar]))
    series = [
        sum(held[t]) / len(held[t]) if t in held else math.nan
        for t in range(min(held), max(held) + 1)
    ]
    n = len(held)
    lags = min(math.floor(4 * (n / 100) ** (2 / 9)), n - 1)
    mean = sum(x for x in series if not math.isnan(x)) / n
    return mean / math.sqrt(newey_west(series, lags))


def cluster_t(scar: Sequence[float], date: Sequence[int]) -> float:
    """Mean over its cluster-robust standard error, factor U/(U - 1)."""
    N, U, mean = len(scar), len(set(date)), sum(scar) / len(scar)
    total = 0.0
    for d in set(date):
        total += sum(s - mean for s, own in zip(scar, date, strict=True) if own == d) ** 2
    return mean / (math.sqrt(total * U / (U - 1)) / N)


def wild_bootstrap(
    scar: Sequence[float], date: Sequence[int], draws: int, seed: int
) -> tuple[float, float]:
    """A.14: p-values of the percentile form and of the t form."""
    dates = sorted(set(date))
    vectors: list[tuple[int, ...]]
    exact = 2 ** len(dates) <= draws + 1
    if exact:
        vectors = list(itertools.product((1, -1), repeat=len(dates)))
    else:
        vectors = []
        for draw in range(draws):
            state = split_mix((seed + (draw + 1) * STEP) & MASK)
            bits = [split_mix((state + (d + 1) * STEP) & MASK) & 1 for d in dates]
            vectors.append(tuple(-1 if bit else 1 for bit in bits))
    mean, t = abs(sum(scar) / len(scar)), abs(cluster_t(scar, date))
    count = [0, 0]
    for vector in vectors:
        flip = dict(zip(dates, vector, strict=True))
        moved = [s * flip[d] for s, d in zip(scar, date, strict=True)]
        count[0] += abs(sum(moved) / len(moved)) >= mean * (1 - 1e-10)
        count[1] += abs(cluster_t(moved, date)) >= t * (1 - 1e-10)
    if exact:
        return count[0] / len(vectors), count[1] / len(vectors)
    return (1 + count[0]) / (1 + draws), (1 + count[1]) / (1 + draws)


def johnson_t(values: Sequence[float]) -> float:
    """Lyon, Barber & Tsai (1999), eq. 5."""
    n, mean, sd = len(values), sum(values) / len(values), deviation(values)
    S, g = mean / sd, sum(((v - mean) / sd) ** 3 for v in values) / len(values)
    return math.sqrt(n) * (S + g * S**2 / 3 + g / (6 * n))


def bootstrap_skewness(values: Sequence[float], draws: int, seed: int) -> tuple[float, float]:
    """Skewness-adjusted t, and its p-value from resamples of a quarter of the values."""
    n, mean = len(values), sum(values) / len(values)
    t, found = johnson_t(values), []
    for draw in range(draws):
        state = split_mix((seed + (draw + 1) * STEP) & MASK)
        chosen = []
        for _ in range(n // 4):
            state = (state + STEP) & MASK
            chosen.append(values[int((split_mix(state) >> 11) * 2.0**-53 * n)] - mean)
        found.append(johnson_t(chosen))
    tail = min(sum(x <= t for x in found), sum(x >= t for x in found))
    return t, min(1.0, 2 * (1 + tail) / (1 + draws))


def past_bars(resid: dict[int, float], position: int, estimation: tuple[int, int]) -> Array:
    """Residuals by relative bar, NaN where a row has none."""
    rows = range(position + estimation[0], position + estimation[1] + 1)
    return np.array([resid.get(t, math.nan) for t in rows])
