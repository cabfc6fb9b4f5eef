"""Slow, literal transcriptions of connectedness by a VAR; nothing here imports the package.

Numbering of the formulas: Pesaran & Shin (1998), Diebold & Yilmaz (2012), Barunik & Krehlik (2018).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15


def var(x: Array, p: int, penalty: float = 0.0) -> tuple[list[Array], Array, Array]:
    """A_1 ... A_p, constant and residuals of x (T, N); ridge solves a longer least squares."""
    T, N = x.shape
    rows = [t for t in range(p, T) if np.isfinite(x[t - p : t + 1]).all()]
    Z = np.array([np.concatenate([x[t - lag] for lag in range(1, p + 1)]) for t in rows])
    Y = np.array([x[t] for t in rows])
    n, K = Z.shape
    centre, scale = Z.mean(axis=0), Z.std(axis=0)
    design = (Z - centre) / scale
    left = Y - Y.mean(axis=0)
    longer = np.vstack([design, math.sqrt(n * penalty) * np.eye(K)])
    b = np.linalg.lstsq(longer, np.vstack([left, np.zeros((K, N))]), rcond=None)[0]
    b /= scale[:, None]
    constant = Y.mean(axis=0) - centre @ b
    residuals = Y - Z @ b - constant
    return [b[lag * N : (lag + 1) * N].T for lag in range(p)], constant, residuals


def responses(A: list[Array], terms: int) -> list[Array]:
    """Psi_h = A_1 Psi_{h-1} + ... + A_p Psi_{h-p}, h = 0 to terms - 1."""
    N = len(A[0])
    psi = [np.eye(N)]
    for h in range(1, terms):
        total = np.zeros((N, N))
        for lag in range(1, len(A) + 1):
            if h - lag >= 0:
                total = total + A[lag - 1] @ psi[h - lag]
        psi.append(total)
    return psi


def generalised(A: list[Array], sigma: Array, H: int) -> Array:
    """Pesaran & Shin, eq. 10; rows normalised to 100 (Diebold & Yilmaz, eq. 3)."""
    N = len(sigma)
    psi = responses(A, H)
    theta = np.empty((N, N))
    for i in range(N):
        variance = sum((P @ sigma @ P.T)[i, i] for P in psi)
        for j in range(N):
            theta[i, j] = sum((P @ sigma)[i, j] ** 2 for P in psi) / sigma[j, j] / variance
    return np.array([100 * row / sum(row) for row in theta])


def orthogonalised(A: list[Array], sigma: Array, H: int) -> Array:
    """Shares with shocks orthogonalised in the order given."""
    L = np.linalg.cholesky(sigma)
    total = np.sum([np.square(P @ L) for P in responses(A, H)], axis=0)
    return np.array([100 * row / sum(row) for row in total])


def table(x: Array, p: int, H: int, penalty: float = 0.0) -> Array:
    A, _, residuals = var(x, p, penalty)
    return generalised(A, residuals.T @ residuals, H)


def bands(A: list[Array], sigma: Array, H: int, edges: list[float]) -> list[Array]:
    """Barunik & Krehlik, definitions 2.2 and 2.3; frequencies of a transform of H + 1 terms."""
    N, terms = len(sigma), H + 1
    psi = responses(A, terms)
    total = [np.zeros((N, N)) for _ in range(len(edges) + 1)]
    for k in range(terms):
        turn = [np.exp(-2j * np.pi * k * h / terms) for h in range(terms)]
        moved = np.sum([w * P for w, P in zip(turn, psi, strict=True)], axis=0)
        effect = np.abs(moved @ sigma) ** 2 / np.diag(sigma)
        omega = min(k, terms - k) / (terms // 2) * np.pi
        slower = sum(omega < 2 * np.pi / edge - 1e-9 for edge in edges)
        total[slower] += effect
    whole = np.sum(total, axis=(0, 2))[:, None]
    return [100 * one / whole for one in total]


def mix(state: int) -> int:
    """SplitMix64."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def simulated(
    A: list[Array], constant: Array, residuals: Array, block: int, seed: int, before: Array
) -> Array:
    """Rows ``before``, then as many more as there are residuals, in circular blocks."""
    p, m = len(A), len(residuals)
    path, state = [row.copy() for row in before], mix(seed)
    order: list[int] = []
    while len(order) < m:
        state = (state + STEP) & MASK
        start = int((mix(state) >> 11) * 2.0**-53 * m)
        order += [(start + i) % m for i in range(block)]
    for place in order[:m]:
        ahead = constant + residuals[place]
        for lag in range(1, p + 1):
            ahead = ahead + A[lag - 1] @ path[-lag]
        path.append(ahead)
    return np.array(path[-(m + p) :])


def draw(
    x: Array, p: int, H: int, block: int, seed: int, number: int, penalty: float = 0.0
) -> list[Array]:
    """Tables of bootstrap draw ``number`` of x (complete rows), and of the draw from that draw."""
    own = mix((seed + (number + 1) * STEP) & MASK)
    found = []
    for seeded in (own, mix(~own & MASK)):
        A, constant, residuals = var(x, p, penalty)
        x = simulated(A, constant, residuals, block, seeded, x[:p])
        found.append(table(x, p, H, penalty))
    return found
