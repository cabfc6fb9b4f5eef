"""Transcriptions of the formulas of hedge/robustness, slow and plain: one loop per sum."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NORMAL = NormalDist()
EULER = 0.57721566490153286


def mean(x: Sequence[float]) -> float:
    return math.fsum(x) / len(x)


def sharpe(x: Sequence[float]) -> float:
    m = mean(x)
    return m / math.sqrt(math.fsum((v - m) ** 2 for v in x) / (len(x) - 1))


def moment(x: Sequence[float], order: int) -> float:
    m = mean(x)
    second = math.fsum((v - m) ** 2 for v in x) / len(x)
    return math.fsum((v - m) ** order for v in x) / len(x) / math.pow(second, order / 2)


def probabilistic_sharpe(x: Sequence[float], benchmark: float) -> float:
    """Bailey & Lopez de Prado (2012), eq. 11."""
    ratio, g3, g4 = sharpe(x), moment(x, 3), moment(x, 4)
    below = math.sqrt(1 - g3 * ratio + (g4 - 1) / 4 * ratio**2)
    return NORMAL.cdf((ratio - benchmark) * math.sqrt(len(x) - 1) / below)


def expected_max(trials: float, variance: float) -> float:
    """Bailey & Lopez de Prado (2014), eq. 1."""
    first = NORMAL.inv_cdf(1 - 1 / trials)
    second = NORMAL.inv_cdf(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * ((1 - EULER) * first + EULER * second)


def hac_stderr(x: Sequence[float], lags: int) -> float:
    """Lo (2002), GMM: gradient of mu/sigma times the long-run covariance of the two moments."""
    n, m = len(x), mean(x)
    s2 = math.fsum((v - m) ** 2 for v in x) / n
    conditions = [(v - m, (v - m) ** 2 - s2) for v in x]
    long_run = [[0.0, 0.0], [0.0, 0.0]]
    for i in range(2):
        for j in range(2):
            for lag in range(-lags, lags + 1):
                weight = 1 - abs(lag) / (lags + 1)
                total = math.fsum(
                    conditions[t][i] * conditions[t - lag][j] for t in range(n) if 0 <= t - lag < n
                )
                long_run[i][j] += weight * total / n
    # With mu / sigma the ratio of ddof 1, and n - 1 for n, as in the rest of the room.
    gradient = (1 / math.sqrt(s2), -sharpe(x) / (2 * s2))
    variance = sum(gradient[i] * long_run[i][j] * gradient[j] for i in range(2) for j in range(2))
    return math.sqrt(variance / (n - 1))


def lo_factor(x: Sequence[float], lags: int, periods: int) -> float:
    """Lo (2002), eq. 20, autocorrelations after ``lags`` taken as 0."""
    m, n = mean(x), len(x)
    total = math.fsum((v - m) ** 2 for v in x)
    below = float(periods)
    for k in range(1, min(lags, periods - 1) + 1):
        rho = math.fsum((x[t] - m) * (x[t - k] - m) for t in range(k, n)) / total
        below += 2 * (periods - k) * rho
    return periods / math.sqrt(below)


def correlation(x: Sequence[float], y: Sequence[float]) -> float:
    mx, my = mean(x), mean(y)
    above = math.fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    xx, yy = math.fsum((a - mx) ** 2 for a in x), math.fsum((b - my) ** 2 for b in y)
    return above / math.sqrt(xx * yy)


def average_correlation(sets: Sequence[Sequence[float]]) -> float:
    pairs = list(combinations(range(len(sets)), 2))
    return math.fsum(correlation(sets[i], sets[j]) for i, j in pairs) / len(pairs)


def cscv(sets: Sequence[Sequence[float]], splits: int) -> list[tuple[int, float, float, float]]:
    """Chosen set, its Sharpe ratio in both halves, its relative rank: Bailey et al. (2017), 3."""
    length = len(sets[0]) // splits
    found = []
    for chosen_blocks in combinations(range(splits), splits // 2):
        inside = [b for block in chosen_blocks for b in range(block * length, (block + 1) * length)]
        outside = [b for b in range(length * splits) if b not in set(inside)]
        here = [_half(one, inside) for one in sets]
        there = [_half(one, outside) for one in sets]
        best = here.index(max(here))
        below = sum(value < there[best] for value in there)
        equal = sum(value == there[best] for value in there)
        rank = below + (equal + 1) / 2
        found.append((best, here[best], there[best], rank / (len(sets) + 1)))
    return found


def _half(one: Sequence[float], bars: Sequence[int]) -> float:
    held = [one[b] for b in bars]
    return 0.0 if len(set(held)) == 1 else sharpe(held)


def stationary_variance(x: Sequence[float], block: int) -> float:
    """Politis & Romano (1994), lemma 1, lag by lag."""
    n, m, q = len(x), mean(x), 1 - 1 / block
    total = math.fsum((v - m) ** 2 for v in x) / n
    for i in range(1, n):
        weight = (1 - i / n) * q**i + (i / n) * q ** (n - i)
        total += 2 * weight * math.fsum((x[t] - m) * (x[t + i] - m) for t in range(n - i)) / n
    return total


def spa(
    sets: Sequence[Sequence[float]], draws: Sequence[Sequence[int]], block: int, *, scale: str
) -> tuple[float, float, float]:
    """Lower, consistent and upper p of Hansen (2005) for differences ``sets`` and given rows."""
    n = len(sets[0])
    means = [mean(one) for one in sets]
    errors = [math.sqrt(stationary_variance(one, block) / n) for one in sets]
    units = {
        "none": [1.0 for _ in sets],
        "hac": errors,
        "deviation": [math.sqrt(stationary_variance(one, 1) / n) for one in sets],
    }[scale]
    bound = math.sqrt(2 * math.log(math.log(n)))
    centres = (
        [max(m, 0.0) for m in means],
        [m if m >= -e * bound else 0.0 for m, e in zip(means, errors, strict=True)],
        means,
    )
    observed = max(m / u for m, u in zip(means, units, strict=True))
    found = []
    for centre in centres:
        above = 0
        for rows in draws:
            largest = max(
                (mean([one[t] for t in rows]) - c) / u
                for one, c, u in zip(sets, centre, units, strict=True)
            )
            above += largest > observed
        found.append(above / len(draws))
    return found[0], found[1], found[2]


def stationary_rows(n: int, block: int, draws: int, seed: int) -> list[list[int]]:
    """Rows of the stationary bootstrap, one after the other, from the numbers that arch draws."""
    import numpy as np  # noqa: PLC0415 - the only transcription that needs its generator

    generator = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        starts, uniform = generator.integers(n, size=n), generator.random(n)
        rows = [int(starts[0])]
        for t in range(1, n):
            rows.append(int(starts[t]) if uniform[t] <= 1 / block else (rows[-1] + 1) % n)
        found.append(rows)
    return found


def shortfall(x: Sequence[float], level: float) -> float:
    """Mean loss of the worst share ``level``, the boundary counted by its fraction."""
    left, loss = level * len(x), 0.0
    for value in sorted(x):
        taken = min(1.0, left)
        loss -= taken * value
        left -= taken
    return loss / (level * len(x))


def variance(x: Sequence[float]) -> float:
    m = mean(x)
    return math.fsum((v - m) ** 2 for v in x) / len(x)


def purged(
    spans: Sequence[tuple[int, int, int]], test: Sequence[int], embargo: int
) -> tuple[list[int], list[int]]:
    """Training episodes kept and purged: bar by bar."""
    held = {bar for e in test for bar in range(spans[e][0], spans[e][1] + 1)}
    kept: list[int] = []
    out: list[int] = []
    for e in range(test[0]):
        first, last, lookback = spans[e]
        reach = range(first - lookback, last + embargo + 1)
        (out if any(bar in held for bar in reach) else kept).append(e)
    return kept, out
