"""Conditional variances and correlations, bar by bar, and how a likelihood of them answers.

With z_t the standardised residuals, n_t = min(z_t, 0), Q_1 = Qbar and R_t = Q_t scaled to ones:
Q_{t+1} = (1-a-b) Qbar - g Nbar + a s_t s_t' + g n_t n_t' + b Q_t, where s_t = z_t, or in the
corrected form sqrt(diag Q_t) z_t. Row t of everything uses rows up to t-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "dcc_adjoint_nb",
    "dcc_filter_nb",
    "diagonal_adjoint_nb",
    "diagonal_nb",
    "variance_path_nb",
]


@kernel
def variance_path_nb(
    resid: npt.NDArray[np.float64], values: npt.NDArray[np.float64], before: float, logs: int
) -> npt.NDArray[np.float64]:
    """Variances (T,) of residuals (T,), the bar before the first having had variance ``before``.

    ``values`` are omega, alpha, gamma, beta; ``logs`` is 1 for egarch, 0 for garch and gjr.
    """
    omega, alpha, gamma, beta = values[0], values[1], values[2], values[3]
    h = np.empty(len(resid))
    centre = np.sqrt(2.0 / np.pi)
    if logs == 1:
        last = omega + beta * np.log(before)
        for t in range(len(resid)):
            h[t] = np.exp(last)
            z = resid[t] / np.sqrt(h[t])
            last = omega + alpha * (np.abs(z) - centre) + gamma * z + beta * last
        return h
    last = omega + (alpha + 0.5 * gamma + beta) * before
    for t in range(len(resid)):
        h[t] = last
        weight = alpha + gamma if resid[t] < 0.0 else alpha
        last = omega + weight * resid[t] * resid[t] + beta * last
    return h


@kernel
def likelihood_nb(
    q: npt.NDArray[np.float64], z: npt.NDArray[np.float64], p: npt.NDArray[np.float64]
) -> float:
    """-(log|R| + z'R^-1 z - z'z)/2 of one bar; ``p`` (N, N) becomes P, lower, with P Q P' = I.

    NaN where Q (N, N) is not positive definite.
    """
    N = len(z)
    total = 0.0
    for i in range(N):
        for j in range(i + 1):
            value = q[i, j]
            for k in range(j):
                value -= p[i, k] * p[j, k]
            if i > j:
                p[i, j] = value / p[j, j]
            elif value > 0.0:
                p[i, i] = np.sqrt(value)
                total += np.log(value / q[i, i])
            else:
                return np.nan
        for j in range(i + 1, N):
            p[i, j] = 0.0
    for i in range(N):
        scaled = 0.0
        for j in range(i):
            value = 0.0
            for k in range(j, i):
                value += p[i, k] * p[k, j]
            p[i, j] = -value / p[i, i]
            scaled += p[i, j] * z[j] * np.sqrt(q[j, j])
        p[i, i] = 1.0 / p[i, i]
        scaled += p[i, i] * z[i] * np.sqrt(q[i, i])
        total += scaled * scaled - z[i] * z[i]
    return -0.5 * total


@kernel
def dcc_filter_nb(
    z: npt.NDArray[np.float64],
    qbar: npt.NDArray[np.float64],
    nbar: npt.NDArray[np.float64],
    parameters: npt.NDArray[np.float64],
    corrected: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Log-likelihood (T,) of the correlations, Q (T, N, N) and P (T, N, N) with P_t Q_t P_t' = I.

    ``z`` (T, N); ``parameters`` are a, b, g; ``corrected`` is 1 for the form of Aielli. The
    likelihood is NaN from the first bar on whose Q is not positive definite.
    """
    T, N = z.shape
    a, b, g = parameters[0], parameters[1], parameters[2]
    loglik = np.full(T, np.nan)
    Q, P = np.empty((T, N, N)), np.empty((T, N, N))
    s, n = np.empty(N), np.empty(N)
    for t in range(T):
        if t > 0:
            for i in range(N):
                s[i] = z[t - 1, i]
                if corrected == 1:
                    s[i] *= np.sqrt(Q[t - 1, i, i])
                n[i] = min(z[t - 1, i], 0.0)
        for i in range(N):
            for j in range(i + 1):
                value = qbar[i, j]
                if t > 0:
                    value = (1.0 - a - b) * value - g * nbar[i, j]
                    value += a * s[i] * s[j] + g * n[i] * n[j] + b * Q[t - 1, i, j]
                Q[t, i, j] = value
                Q[t, j, i] = value
        loglik[t] = likelihood_nb(Q[t], z[t], P[t])
        if np.isnan(loglik[t]):
            break
    return loglik, Q, P


@kernel
def dcc_adjoint_nb(
    z: npt.NDArray[np.float64],
    targets: npt.NDArray[np.float64],
    parameters: npt.NDArray[np.float64],
    corrected: int,
    Q: npt.NDArray[np.float64],
    P: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Differentiate the summed log-likelihood that `dcc_filter_nb` gives, Q and P being its own.

    By a, b, g (3,), by z (T, N) and by ``targets`` (2, N, N), which are Qbar and Nbar. One pass
    backwards: the derivative by Q_t is that of bar t and, through Q_{t+1}, that of later bars.
    """
    T, N = z.shape
    a, b, g = parameters[0], parameters[1], parameters[2]
    by_parameter, by_z, by_target = np.zeros(3), np.empty((T, N)), np.zeros((2, N, N))
    later, here = np.zeros((N, N)), np.empty((N, N))  # of the bar after, of this one
    s, n, y, u = np.empty(N), np.empty(N), np.empty(N), np.empty(N)
    for t in range(T - 1, -1, -1):
        for i in range(N):
            y[i] = 0.0
            for j in range(i + 1):
                y[i] += P[t, i, j] * z[t, j] * np.sqrt(Q[t, j, j])
        for i in range(N):
            root = np.sqrt(Q[t, i, i])
            s[i] = z[t, i] * root if corrected == 1 else z[t, i]
            n[i] = min(z[t, i], 0.0)
            u[i] = 0.0
            for k in range(i, N):
                u[i] += P[t, k, i] * y[k]
        for i in range(N):
            for j in range(i + 1):
                inverse = 0.0
                for k in range(i, N):
                    inverse += P[t, k, i] * P[t, k, j]
                here[i, j] = -0.5 * (inverse - u[i] * u[j]) + b * later[i, j]
                here[j, i] = here[i, j]
        for i in range(N):
            root = np.sqrt(Q[t, i, i])
            here[i, i] += 0.5 * (1.0 / Q[t, i, i] - u[i] * z[t, i] / root)
            pull, fall = 0.0, 0.0
            for j in range(N):
                pull += later[i, j] * s[j]
                fall += later[i, j] * n[j]
                by_parameter[0] += later[i, j] * (s[i] * s[j] - targets[0, i, j])
                by_parameter[1] += later[i, j] * (Q[t, i, j] - targets[0, i, j])
                by_parameter[2] += later[i, j] * (n[i] * n[j] - targets[1, i, j])
                by_target[0, i, j] += (1.0 - a - b) * later[i, j]
                by_target[1, i, j] -= g * later[i, j]
            by_z[t, i] = z[t, i] - u[i] * root
            by_z[t, i] += 2.0 * a * pull * (root if corrected == 1 else 1.0)
            if z[t, i] < 0.0:
                by_z[t, i] += 2.0 * g * fall
            if corrected == 1:
                here[i, i] += a * pull * z[t, i] / root
        later, here = here, later
    for i in range(N):
        for j in range(N):
            by_target[0, i, j] += later[i, j]
    return by_parameter, by_z, by_target


@kernel
def diagonal_nb(z: npt.NDArray[np.float64], a: float, b: float) -> npt.NDArray[np.float64]:
    """Diagonals (T, N) of Q in the corrected form, where the targets' diagonal is one."""
    q = np.ones(z.shape)
    for t in range(1, len(z)):
        for i in range(z.shape[1]):
            growth = a * z[t - 1, i] * z[t - 1, i] + b
            q[t, i] = 1.0 - a - b + growth * q[t - 1, i]
    return q


@kernel
def diagonal_adjoint_nb(
    z: npt.NDArray[np.float64],
    q: npt.NDArray[np.float64],
    by_q: npt.NDArray[np.float64],
    parameters: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Differentiate by a, b, g (3,) and by z (T, N), given ``by_q`` (T, N), of `diagonal_nb`."""
    T, N = z.shape
    a, b = parameters[0], parameters[1]
    by_parameter, by_z, later = np.zeros(3), np.empty((T, N)), np.zeros(N)
    for t in range(T - 1, -1, -1):
        for i in range(N):
            square = z[t, i] * z[t, i]
            by_parameter[0] += later[i] * (square * q[t, i] - 1.0)
            by_parameter[1] += later[i] * (q[t, i] - 1.0)
            by_z[t, i] = 2.0 * a * z[t, i] * q[t, i] * later[i]
            later[i] = by_q[t, i] + (a * square + b) * later[i]
    return by_parameter, by_z
