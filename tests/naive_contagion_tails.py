"""Slow, literal transcriptions of the tail statistics of contagion, straight from the papers.

Nothing here imports the package. Series are plain lists of numbers without NaN.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    Numbers = Sequence[float]


def mean(values: Numbers) -> float:
    return math.fsum(values) / len(values)


def standard_deviation(values: Numbers) -> float:
    centre = mean(values)
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1))


def slope(x: Numbers, y: Numbers) -> float:
    xbar, ybar = mean(x), mean(y)
    above = math.fsum((a - xbar) * (b - ybar) for a, b in zip(x, y, strict=True))
    return above / math.fsum((a - xbar) ** 2 for a in x)


def correlation(x: Numbers, y: Numbers) -> float:
    return slope(x, y) * standard_deviation(x) / standard_deviation(y)


def newey_west(y: Numbers, X: Sequence[Numbers], lags: int) -> tuple[list[float], list[float]]:
    """Coefficients and standard errors, the covariance summed row by row (Newey & West 1987)."""
    T, k = len(y), len(X[0])
    XX, Xy = np.zeros((k, k)), np.zeros(k)
    for t in range(T):
        for i in range(k):
            Xy[i] += X[t][i] * y[t]
            for j in range(k):
                XX[i, j] += X[t][i] * X[t][j]
    b = np.linalg.solve(XX, Xy)
    e = [y[t] - sum(X[t][i] * b[i] for i in range(k)) for t in range(T)]
    S = np.zeros((k, k))
    for t in range(T):
        for s in range(T):
            weight = 1.0 - abs(t - s) / (lags + 1.0)
            if weight > 0:
                S += weight * e[t] * e[s] * np.outer(X[t], X[s])
    bread = np.linalg.inv(XX)
    covariance = bread @ S @ bread
    return list(b), [math.sqrt(covariance[i, i]) for i in range(k)]


def asymmetric(y: Numbers, m: Numbers, lags: int) -> tuple[list[float], list[float]]:
    """Alpha, beta, lambda of r = alpha + beta m + lambda m 1{m < 0}, and standard errors."""
    return newey_west(y, [[1.0, one, one if one < 0 else 0.0] for one in m], lags)


def downside(y: Numbers, m: Numbers, cut: float) -> tuple[float, float]:
    """Ang, Chen & Xing (2006): cov(r, m | m < cut)/var(m | m < cut), and above."""
    below = [(a, b) for a, b in zip(m, y, strict=True) if a < cut]
    above = [(a, b) for a, b in zip(m, y, strict=True) if a > cut]
    return slope(*zip(*below, strict=True)), slope(*zip(*above, strict=True))


def exceedance(x: Numbers, y: Numbers, theta: float, sign: int) -> tuple[float, int]:
    """Longin & Solnik (2001): correlation where both exceed theta standard deviations."""
    zx = [(v - mean(x)) / standard_deviation(x) for v in x]
    zy = [(v - mean(y)) / standard_deviation(y) for v in y]
    both = [(a, b) for a, b in zip(zx, zy, strict=True) if sign * a > theta and sign * b > theta]
    return correlation(*zip(*both, strict=True)), len(both)


def hong_tu_zhou(x: Numbers, y: Numbers, thetas: Numbers, lags: int) -> float:
    """Hong, Tu & Zhou (2007): T (rho+ - rho-)' Omega^-1 (rho+ - rho-)."""
    T, m = len(x), len(thetas)
    zx = [(v - mean(x)) / standard_deviation(x) for v in x]
    zy = [(v - mean(y)) / standard_deviation(y) for v in y]
    xi = [[0.0] * m for _ in range(T)]
    gap = [0.0] * m
    for k, theta in enumerate(thetas):
        for sign in (1, -1):
            rows = [t for t in range(T) if sign * zx[t] > theta and sign * zy[t] > theta]
            a, b = [zx[t] for t in rows], [zy[t] for t in rows]
            rho = correlation(a, b)
            gap[k] += sign * rho
            for t in rows:
                X1 = (zx[t] - mean(a)) / standard_deviation(a)
                X2 = (zy[t] - mean(b)) / standard_deviation(b)
                xi[t][k] += sign * T / len(rows) * (X1 * X2 - rho)
    omega = np.zeros((m, m))
    for i, j in itertools.product(range(m), repeat=2):
        for lag in range(-lags, lags + 1):
            first = max(0, lag)
            last = min(T, T + lag)
            gamma = math.fsum(xi[t][i] * xi[t - lag][j] for t in range(first, last)) / T
            omega[i, j] += (1.0 - abs(lag) / (lags + 1.0)) * gamma
    return float(T * np.array(gap) @ np.linalg.inv(omega) @ np.array(gap))


def tail_dependence(x: Numbers, y: Numbers, level: float) -> float:
    """Lower: rows whose two ranks over n + 1 are at most level, over level n."""
    n = len(x)
    u, v = ([mean_rank(one, w) / (n + 1) for w in one] for one in (x, y))
    both = sum(a <= level and b <= level for a, b in zip(u, v, strict=True))
    return min(1.0, both / (level * n))


def mean_rank(values: Numbers, one: float) -> float:
    below = sum(v < one for v in values)
    return below + (sum(v == one for v in values) + 1) / 2


def independence(both: int, n_x: int, n_y: int, n: int) -> float:
    """P of at least ``both`` common rows of two random sets."""
    ways = sum(math.comb(n_x, k) * math.comb(n - n_x, n_y - k) for k in range(both, n_y + 1))
    return ways / math.comb(n, n_y)


def type_7(values: Numbers, level: float) -> float:
    """Hyndman & Fan (1996), definition 7."""
    ordered = sorted(values)
    place = (len(values) - 1) * level
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def check_loss(y: Numbers, x: Numbers, alpha: float, beta: float, level: float) -> float:
    """Koenker & Bassett (1978): the sum that a quantile regression minimises."""
    total = 0.0
    for a, b in zip(x, y, strict=True):
        e = b - alpha - beta * a
        total += e * (level if e > 0 else level - 1.0)
    return total


def quantile_line(y: Numbers, x: Numbers, level: float) -> tuple[float, float]:
    """The best of all lines through two rows: one of them minimises the check loss."""
    best, found = math.inf, (math.nan, math.nan)
    for i, j in itertools.combinations(range(len(x)), 2):
        if x[i] == x[j]:
            continue
        beta = (y[j] - y[i]) / (x[j] - x[i])
        alpha = y[i] - beta * x[i]
        loss = check_loss(y, x, alpha, beta, level)
        if loss < best:
            best, found = loss, (alpha, beta)
    return found


def delta_covar(y: Numbers, x: Numbers, level: float) -> float:
    """Adrian & Brunnermeier (2016): beta (VaR_q - VaR_0.5)."""
    _, beta = quantile_line(y, x, level)
    return beta * (type_7(x, level) - type_7(x, 0.5))
