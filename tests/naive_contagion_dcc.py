"""Plain transcriptions: GARCH variances, conditional correlations, volatility that travels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm

Array = npt.NDArray[np.float64]


def variances(
    resid: Array, values: tuple[float, float, float, float], before: float, *, logs: bool = False
) -> Array:
    """Glosten, Jagannathan & Runkle (1993); with ``logs`` Nelson (1991)."""
    omega, alpha, gamma, beta = values
    found: list[float] = []
    for t in range(len(resid)):
        if logs:
            last = math.log(found[-1]) if found else math.log(before)
            value = omega + beta * last
            if found:
                z = resid[t - 1] / math.sqrt(found[-1])
                value += alpha * (abs(z) - math.sqrt(2 / math.pi)) + gamma * z
            found.append(math.exp(value))
        elif found:
            square = resid[t - 1] ** 2
            fall = gamma * square if resid[t - 1] < 0 else 0.0
            found.append(omega + alpha * square + fall + beta * found[-1])
        else:
            found.append(omega + (alpha + gamma / 2 + beta) * before)
    return np.array(found)


class Correlations(NamedTuple):
    loglik: Array
    Q: Array
    R: Array


def conditional_correlations(
    z: Array, qbar: Array, nbar: Array, parameters: tuple[float, float, float], *, corrected: bool
) -> Correlations:
    """Engle (2002), eq. 18 and 26; Aielli (2013), eq. 8; Cappiello, Engle & Sheppard (2006)."""
    a, b, g = parameters
    Q = qbar.copy()
    logliks, Qs, Rs = [], [], []
    for t in range(len(z)):
        if t > 0:
            last = z[t - 1]
            s = np.sqrt(np.diag(Q)) * last if corrected else last
            n = np.where(last < 0, last, 0.0)
            Q = (1 - a - b) * qbar - g * nbar + a * np.outer(s, s) + g * np.outer(n, n) + b * Q
        scale = np.diag(1 / np.sqrt(np.diag(Q)))
        R = scale @ Q @ scale
        logliks.append(
            -0.5 * (math.log(np.linalg.det(R)) + z[t] @ np.linalg.inv(R) @ z[t] - z[t] @ z[t])
        )
        Qs.append(Q)
        Rs.append(R)
    return Correlations(np.array(logliks), np.array(Qs), np.array(Rs))


def aielli_target(z: Array, a: float, b: float) -> Array:
    """Aielli (2013), eq. 9: S as the mean of the corrected outer products."""
    T, N = z.shape
    q = np.ones(N)
    total: Array = np.zeros((N, N))
    for t in range(T):
        if t > 0:
            q = (1 - a - b) + a * z[t - 1] ** 2 * q + b * q
        star = np.sqrt(q) * z[t]
        total = total + np.outer(star, star)
    mean: Array = total / T
    return mean


def har_rows(y: Array, rows: range) -> tuple[Array, Array]:
    """Corsi (2009), eq. 9: log volatilities, and a constant with means of 1, 5 and 22 bars."""
    Y, X = [], []
    for t in rows:
        regressors = [1.0]
        for lag in (1, 5, 22):
            past = [y[t - k] for k in range(1, lag + 1) if t - k >= 0 and math.isfinite(y[t - k])]
            enough = t >= lag and math.isfinite(y[t - 1]) and len(past) >= 0.8 * lag
            regressors.append(sum(past) / len(past) if enough else math.nan)
        Y.append(y[t])
        X.append(regressors)
    return np.array(Y), np.array(X)


class Transmission(NamedTuple):
    correlations: tuple[float, float]
    z: float
    excess: tuple[float, float]  # mean forecast error and its t
    over_link: tuple[float, float]


def transmission(source: Array, target: Array, calm: range, crisis: range) -> Transmission:
    """The three statistics of volatility that travels, one regression after another."""
    u: dict[str, tuple[Array, Array]] = {}
    designs = {}
    for name, series in (("source", source), ("target", target)):
        Y, X = har_rows(series, calm)
        ok = np.isfinite(Y) & np.isfinite(X).all(axis=1)
        fit = sm.OLS(Y[ok], X[ok]).fit()
        later_Y, later_X = har_rows(series, crisis)
        u[name] = (Y - X @ fit.params, later_Y - later_X @ fit.params)
        designs[name] = (Y, X, later_Y, later_X)
    found, counts = [], []
    for window in (0, 1):
        x, y = u["source"][window], u["target"][window]
        both = np.isfinite(x) & np.isfinite(y)
        found.append(float(np.corrcoef(x[both], y[both])[0, 1]))
        counts.append(int(both.sum()))
    spread = math.sqrt(1 / (counts[0] - 3) + 1 / (counts[1] - 3))
    z = (math.atanh(found[1]) - math.atanh(found[0])) / spread
    Y, X, later_Y, later_X = designs["target"]
    own = forecast_t(Y, X, later_Y, later_X)
    linked = forecast_t(
        Y,
        np.column_stack([X, u["source"][0]]),
        later_Y,
        np.column_stack([later_X, u["source"][1]]),
    )
    return Transmission((found[0], found[1]), z, own, linked)


def forecast_t(Y: Array, X: Array, later_Y: Array, later_X: Array) -> tuple[float, float]:
    """Mean forecast error, and the t of a dummy that is one in all later rows together.

    Its variance: s^2 (1/m + x'(X'X)^-1 x), x being the mean of the later regressors.
    """
    ok = np.isfinite(Y) & np.isfinite(X).all(axis=1)
    later = np.isfinite(later_Y) & np.isfinite(later_X).all(axis=1)
    fit = sm.OLS(Y[ok], X[ok]).fit()
    mean = float((later_Y[later] - later_X[later] @ fit.params).mean())
    x = later_X[later].mean(axis=0)
    spread = float(x @ np.linalg.inv(X[ok].T @ X[ok]) @ x)
    return mean, mean / math.sqrt(fit.mse_resid * (1 / later.sum() + spread))
