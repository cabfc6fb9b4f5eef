"""Leads, lags, first moves and mediated shares, as plainly as the papers put them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def overlapping(tx: Ints, x: Floats, ty: Ints, y: Floats, lag: int) -> tuple[float, float, int]:
    """Hayashi & Yoshida's double sum, its squares, and how many increments of x meet one of y."""
    total, squares, met = 0.0, 0.0, 0
    for i in range(1, len(tx)):
        meets = False
        for j in range(1, len(ty)):
            begin, end = max(tx[i - 1], ty[j - 1] - lag), min(tx[i], ty[j] - lag)
            if begin < end:
                product = (x[i] - x[i - 1]) * (y[j] - y[j - 1])
                total, squares, meets = total + product, squares + product**2, True
        met += meets
    return total, squares, met


def as_of(times: Ints, logs: Floats, moment: int) -> tuple[int, float] | None:
    """Latest time at or before a moment, and its price."""
    known = [(t, v) for t, v in zip(times.tolist(), logs.tolist(), strict=True) if t <= moment]
    return known[-1] if known else None


def first_at(times: Ints, logs: Floats, moment: int) -> tuple[int, float] | None:
    """First time at or after a moment, and its price."""
    for t, v in zip(times.tolist(), logs.tolist(), strict=True):
        if t >= moment:
            return t, v
    return None


def day_moves(
    times: Ints, logs: Floats, start: int, elapsed: list[int], horizon: int, oldest: int
) -> list[float] | None:
    """Absolute cumulative returns of one placebo day; None if a price lacks."""
    base = as_of(times, logs, start)
    if base is None or base[0] < start - oldest:
        return None
    found = []
    for gone in elapsed:
        later = first_at(times, logs, start + gone)
        if later is None or later[0] > start + horizon:
            return None
        found.append(abs(math.expm1(later[1] - base[1])))
    return found


def order_statistic(values: list[float], level: float) -> float:
    """Smallest value that a further draw exceeds with a probability of at most ``level``."""
    rank = min(math.ceil((1 - level) * (len(values) + 1)), len(values))
    return sorted(values)[rank - 1]


def first_move(
    times: Ints, logs: Floats, news: int, placebo: Ints, horizon: int, oldest: int, level: float
) -> tuple[int, int, float, float, float, int]:
    """At, since, move, threshold, p and placebo days of a series that does move."""
    base = as_of(times, logs, news)
    assert base is not None
    own = [
        (t, v)
        for t, v in zip(times.tolist(), logs.tolist(), strict=True)
        if news < t <= news + horizon
    ]
    elapsed = [t - news for t, _ in own]
    days = []
    for start in placebo.tolist():
        if start + horizon <= news:
            moves = day_moves(times, logs, start, elapsed, horizon, oldest)
            if moves is not None:
                days.append(moves)
    bars = range(len(own))
    limits = [order_statistic([day[b] for day in days], level) for b in bars]
    moves = [math.expm1(v - base[1]) for _, v in own]
    farthest = max(abs(moves[b]) / limits[b] for b in bars)
    as_far = 0
    for k, day in enumerate(days):
        others = days[:k] + days[k + 1 :]
        ratios = [day[b] / order_statistic([one[b] for one in others], level) for b in bars]
        as_far += max(ratios) >= farthest
    first = min(b for b in bars if abs(moves[b]) > limits[b])
    since = own[first - 1][0] if first else news
    pvalue = (1 + as_far) / (1 + len(days))
    return own[first][0], since, moves[first], limits[first], pvalue, len(days)


def slopes(y: Floats, *regressors: Floats) -> Floats:
    """Least squares with an intercept; the slopes."""
    design = np.column_stack([np.ones(len(y)), *regressors])
    found: Floats = np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)
    return found[1:]


def cross_correlation(x: Floats, y: Floats, lag: int) -> float:
    """Correlation of x_t with y_{t+lag}, over the sums of squares of all rows."""
    a, b = x - np.nanmean(x), y - np.nanmean(y)
    total = 0.0
    for t in range(len(x)):
        if 0 <= t + lag < len(y) and not math.isnan(a[t] * b[t + lag]):
            total += a[t] * b[t + lag]
    return total / math.sqrt(np.nansum(a**2) * np.nansum(b**2))
