"""The recursion of a TVP-VAR with forgetting factors, straight from its formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def generalised(
    B: npt.NDArray[np.float64], Q: npt.NDArray[np.float64], horizon: int
) -> npt.NDArray[np.float64]:
    """(N, N) percent. Pesaran & Shin (1998), eq. 10, rows normalised."""
    N, wide = B.shape
    companion = np.zeros((wide, wide))
    companion[:N] = B
    for i in range(N, wide):
        companion[i, i - N] = 1.0
    above, below = np.zeros((N, N)), np.zeros(N)
    power = np.eye(wide)
    for _ in range(horizon):
        psi = power[:N, :N]
        for i in range(N):
            for j in range(N):
                above[i, j] += (psi @ Q)[i, j] ** 2 / Q[j, j]
            below[i] += (psi @ Q @ psi.T)[i, i]
        power = power @ companion
    theta = above / below[:, None]
    return np.asarray(100.0 * theta / theta.sum(axis=1, keepdims=True))


def recursion(
    x: npt.NDArray[np.float64],
    prior: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]],
    kappa: tuple[float, float, float],
    horizon: int,
) -> tuple[npt.NDArray[np.float64], list[bool]]:
    """(T, N, N) tables of rows without gaps, and which rows were explosive.

    ``prior`` b0 (N, N p), V0 (m, m), Q0; ``kappa`` of the coefficients, of the covariance, and the
    share of its own square by which the first observation enters (0: its forecast error).
    """
    b0, V0, Q = prior
    T, N = x.shape
    p = b0.shape[1] // N
    tables, explosive = np.full((T, N, N), np.nan), [False] * T
    b, S, last, stable = b0.ravel(), V0, b0, b0
    for t in range(T):
        if t >= p:
            z = np.concatenate([x[t - lag] for lag in range(1, p + 1)])
            first = t == p
            e = np.sqrt(kappa[2]) * x[t] if first and kappa[2] > 0 else x[t] - last @ z
            Q = kappa[1] * Q + (1 - kappa[1]) * np.outer(e, e)
            R = S if first else S / kappa[0]
            F = np.kron(np.eye(N), z)
            K = R @ F.T @ np.linalg.pinv(Q + F @ R @ F.T)
            new = b + K @ (x[t] - F @ b)
            S = R - K @ F @ R
            S = (S + S.T) / 2
            last = new.reshape(N, N * p)
            companion = np.eye(N * p, k=-N)
            companion[:N] = last
            explosive[t] = bool(np.abs(np.linalg.eigvals(companion)).max() > 1)
            if explosive[t]:
                b = 0.99 * b
            else:
                b, stable = new, last
        tables[t] = generalised(stable, Q, horizon)
    return tables, explosive
