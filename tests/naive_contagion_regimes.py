"""Rank buckets, moving betas and bubbles, as plainly as the formulas can be said."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def adf_t(levels: Floats, lags: int = 0) -> float:
    """t of b in dy_t = a + b y_{t-1} + sum c_k dy_{t-k} + e_t by least squares."""
    y, X = [], []
    for t in range(lags + 1, len(levels)):
        y.append(levels[t] - levels[t - 1])
        steps = [levels[t - k] - levels[t - k - 1] for k in range(1, lags + 1)]
        X.append([1.0, levels[t - 1], *steps])
    design, regressand = np.array(X), np.array(y)
    coefficients = np.linalg.lstsq(design, regressand, rcond=None)[0]
    resid = regressand - design @ coefficients
    s2 = float(resid @ resid) / (len(y) - design.shape[1])
    covariance = s2 * np.linalg.inv(design.T @ design)
    return float(coefficients[1] / np.sqrt(covariance[1, 1]))


def bsadf(levels: Floats, min_window: int, lags: int = 0) -> Floats:
    """(2, T): the largest t of all windows that end in a row, and that from row 0."""
    T = len(levels)
    found = np.full((2, T), np.nan)
    for e in range(min_window - 1, T):
        windows = [adf_t(levels[s : e + 1], lags) for s in range(e - min_window + 2)]
        found[0, e], found[1, e] = max(windows), windows[0]
    return found


def kalman(
    y: Floats, design: Floats, Q: Floats, state: Floats, P: Floats
) -> tuple[Floats, Floats, Floats]:
    """States (T, K), covariances (T, K, K), and forecast errors with their variances (2, T)."""
    b, T = state, len(y)
    states, covariances, errors = [], [], np.full((2, T), np.nan)
    for t in range(T):
        P = P + Q
        if np.isfinite(y[t]) and np.isfinite(design[t]).all():
            h = design[t]
            errors[:, t] = y[t] - h @ b, h @ P @ h + 1.0
            K = P @ h / errors[1, t]
            b = b + K * errors[0, t]
            P = (np.eye(len(h)) - np.outer(K, h)) @ P
        states.append(b)
        covariances.append(P)
    return np.array(states), np.array(covariances), errors


def lmg(y: Floats, first: Floats, second: Floats) -> tuple[float, float]:
    """Shares of R^2 of two regressors: what each adds, averaged over both orders."""

    def r2(*columns: Floats) -> float:
        X = np.column_stack([np.ones(len(y)), *columns])
        resid = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
        return 1.0 - float(resid @ resid) / float(((y - y.mean()) ** 2).sum())

    both, one, two = r2(first, second), r2(first), r2(second)
    return (one + both - two) / 2.0, (two + both - one) / 2.0


def mean_pairwise(rows: Floats) -> float:
    """Mean of the correlations of all pairs of columns."""
    N = rows.shape[1]
    pairs = [float(np.corrcoef(rows[:, i], rows[:, j])[0, 1]) for i in range(N) for j in range(i)]
    return float(np.mean(pairs))


def absorption(rows: Floats, k: int) -> float:
    """Share of the k largest squared singular values of the standardised rows."""
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    squares = np.linalg.svd(z, compute_uv=False) ** 2
    return float(squares[:k].sum() / squares.sum())
