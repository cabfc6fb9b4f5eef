"""Hedge ratios, as plainly as the formulas can be said."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from tests.naive_contagion_dcc import conditional_correlations

Floats = npt.NDArray[np.float64]


def solved(A: list[list[float]], right: list[float]) -> list[float]:
    """Solve A x = right by Gauss's elimination with pivots."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(A, right, strict=True)]
    for j in range(size):
        best = max(range(j, size), key=lambda i: abs(rows[i][j]))
        rows[j], rows[best] = rows[best], rows[j]
        for i in range(size):
            if i != j:
                factor = rows[i][j] / rows[j][j]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[j], strict=True)]
    return [rows[j][size] / rows[j][j] for j in range(size)]


def least_squares(b: Floats, X: Floats, weights: list[float], penalty: float = 0.0) -> Floats:
    """(S + penalty mean(diag S) I)^-1 c with weighted, centred S and c; weights by row."""
    n, K = X.shape
    total = sum(weights)
    mean_b = sum(weights[t] * b[t] for t in range(n)) / total
    mean = [sum(weights[t] * X[t, k] for t in range(n)) / total for k in range(K)]
    S = [
        [
            sum(weights[t] * (X[t, i] - mean[i]) * (X[t, j] - mean[j]) for t in range(n)) / total
            for j in range(K)
        ]
        for i in range(K)
    ]
    c = [
        sum(weights[t] * (X[t, k] - mean[k]) * (b[t] - mean_b) for t in range(n)) / total
        for k in range(K)
    ]
    added = penalty * sum(S[k][k] for k in range(K)) / K
    for k in range(K):
        S[k][k] += added
    return np.array(solved(S, c))


def fading(n: int, half_life: float) -> list[float]:
    """Weights by row, the last one's being 1."""
    return [0.5 ** ((n - 1 - t) / half_life) for t in range(n)]


def below_mean(b: Floats, x: Floats) -> float:
    """cov(b, x | x < mean x) / var(x | x < mean x)."""
    mean = sum(x) / len(x)
    rows = [t for t in range(len(x)) if x[t] < mean]
    x_bar, b_bar = sum(x[t] for t in rows) / len(rows), sum(b[t] for t in rows) / len(rows)
    cov = sum((x[t] - x_bar) * (b[t] - b_bar) for t in rows)
    return float(cov / sum((x[t] - x_bar) ** 2 for t in rows))


def shortfall(hedged: list[float], tail: float) -> float:
    """Mean of the ``tail`` largest losses, the last of them by its fraction."""
    losses, left, total = sorted((-h for h in hedged), reverse=True), tail, 0.0
    for loss in losses:
        part = min(1.0, left)
        total += part * loss
        left -= part
        if left <= 0.0:
            break
    return total / tail


def least_shortfall(b: Floats, x: Floats, tail: float) -> tuple[float, float]:
    """Ratio and shortfall of the best of all points at which two losses are equal, and of 0."""
    pairs = [(i, j) for i in range(len(b)) for j in range(i) if x[i] != x[j]]
    points = [0.0, *((b[i] - b[j]) / (x[i] - x[j]) for i, j in pairs)]
    found = [(shortfall([b[t] - r * x[t] for t in range(len(b))], tail), abs(r), r) for r in points]
    least = min(found)
    near = [each for each in found if each[0] <= least[0] + 1e-15]
    best = min(near, key=lambda each: each[1])
    return best[2], best[0]


def filtered(b: Floats, X: Floats, noise: float) -> tuple[Floats, float]:
    """Last betas of the random walk, and the log-likelihood after the prior less its constant."""
    n, K = X.shape
    unit, spread = b.std(), X.std(axis=0)
    y, design = b / unit, np.column_stack([np.ones(n), X / spread])
    first = max(2 * (K + 1), n // 4)
    P = np.linalg.inv(design[:first].T @ design[:first])
    state = P @ design[:first].T @ y[:first]
    step = np.diag([0.0] + [noise] * K)
    squares, logs = 0.0, 0.0
    for t in range(first, n):
        h = design[t]
        P = P + step
        error, f = y[t] - h @ state, h @ P @ h + 1.0
        gain = P @ h / f
        state = state + gain * error
        P = P - np.outer(gain, h @ P)
        squares += error**2 / f
        logs += math.log(f)
    T = n - first
    return state[1:] * unit / spread, -0.5 * (T * math.log(squares / T) + logs)


def forecast(
    values: Floats,
    marginals: list[tuple[float, float, float, float]],
    ab: tuple[float, float],
) -> Floats:
    """H_ii^-1 H_ib of the row after the last, from (mu, omega, alpha, beta) of each and a, b."""
    n, N = values.shape
    z, ahead = np.empty((n, N)), []
    for j, (mu, omega, alpha, beta) in enumerate(marginals):
        e = values[:, j] - mu
        h = omega + (alpha + beta) * values[:, j].var()
        for t in range(n):
            z[t, j] = e[t] / math.sqrt(h)
            h = omega + alpha * e[t] ** 2 + beta * h
        ahead.append(math.sqrt(h))
    qbar = np.cov(z, rowvar=False)
    # A bar of ones comes first, and any bar last: its correlations are those before it.
    rows = np.vstack([np.ones(N), z, np.zeros(N)])
    R = conditional_correlations(rows, qbar, np.zeros((N, N)), (*ab, 0.0), corrected=False).R[-1]
    H = R * np.outer(ahead, ahead)
    return np.array(solved(H[1:, 1:].tolist(), H[1:, 0].tolist()))
