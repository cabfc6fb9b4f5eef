"""Slow, literal transcriptions of the normal-return models that are no plain least squares.

Nothing here imports the package. Windows are inclusive pairs of bars relative to the event's row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]
Window = tuple[int, int]


@dataclass(frozen=True)
class ScholesWilliams:
    """Alpha, beta, sigma, the rows that entered, and the mean and spread of the benchmark there."""

    alpha: float
    beta: float
    sigma: float
    rows: list[int]
    mean: float
    square: float


def slope(y: Array, x: Array) -> float:
    """Slope of a simple regression of y on x."""
    top = sum((a - y.mean()) * (b - x.mean()) for a, b in zip(y, x, strict=True))
    return float(top / sum((b - x.mean()) ** 2 for b in x))


def scholes_williams(
    y: Array, m: Array, position: int, estimation: Window, *, min_rows: int = 1
) -> ScholesWilliams | int:
    """Scholes & Williams (1977); the number of usable rows where there is no fit.

    beta = (b(-1) + b(0) + b(+1)) / (1 + 2 rho), b(j) the slope of y_t on m_{t+j}, rho the
    correlation of m_t with m_{t-1}; alpha = mean y - beta mean m.
    """
    rows = []
    for t in range(position + estimation[0], position + estimation[1] + 1):
        if 0 <= t < len(y) and t >= 1 and t + 1 < len(m):
            values = (y[t], m[t - 1], m[t], m[t + 1])
            if all(math.isfinite(value) for value in values):
                rows.append(t)
    if len(rows) < min_rows:
        return len(rows)
    here = np.array(rows)
    if any(np.ptp(m[here + j]) == 0.0 for j in (-1, 0, 1)):
        return len(rows)
    rho = float(np.corrcoef(m[here], m[here - 1])[0, 1])
    if not 1.0 + 2.0 * rho > 0.0:
        return len(rows)
    beta = sum(slope(y[here], m[here + j]) for j in (-1, 0, 1)) / (1.0 + 2.0 * rho)
    alpha = float(y[here].mean() - beta * m[here].mean())
    resid = y[here] - alpha - beta * m[here]
    return ScholesWilliams(
        alpha,
        beta,
        math.sqrt(float(resid @ resid) / (len(rows) - 2)),
        rows,
        float(m[here].mean()),
        float(((m[here] - m[here].mean()) ** 2).sum()),
    )


def forecast_variance(found: ScholesWilliams, m: Array, bars: list[int]) -> float:
    """w'Gw over some bars: L + L^2/M + (sum of m - mean)^2/Smm."""
    moved = sum(m[t] - found.mean for t in bars)
    return float(len(bars) + len(bars) ** 2 / len(found.rows) + moved**2 / found.square)


def next_variance(form: str, h: float, e: float, parameters: dict[str, float]) -> float:
    """One step of GARCH(1,1), GJR or EGARCH, as their papers write them."""
    omega, alpha, beta = parameters["omega"], parameters["alpha"], parameters["beta"]
    gamma = parameters.get("gamma", 0.0)
    if form == "garch":
        return omega + alpha * e**2 + beta * h
    if form == "gjr":
        return omega + alpha * e**2 + gamma * e**2 * (1.0 if e < 0 else 0.0) + beta * h
    z = e / h**0.5
    return math.exp(
        omega + alpha * (abs(z) - (2 / math.pi) ** 0.5) + gamma * z + beta * math.log(h)
    )


def variance_likelihood(
    form: str, resid: Array, parameters: dict[str, float], before: float, nu: float = math.nan
) -> float:
    """Log-likelihood of residuals; ``before`` is the variance of the bar before the first."""
    gamma = parameters.get("gamma", 0.0)
    if form == "egarch":
        start = math.exp(parameters["omega"] + parameters["beta"] * math.log(before))
    else:
        start = parameters["omega"] + before * (
            parameters["alpha"] + gamma / 2 + parameters["beta"]
        )
    total = 0.0
    for h, e in zip(variance_path(form, start, resid, parameters)[:-1], resid, strict=True):
        if math.isnan(nu):
            total += stats.norm.logpdf(e, scale=h**0.5)
        else:
            total += stats.t.logpdf(e, nu, scale=(h * (nu - 2) / nu) ** 0.5)
    return total


def variance_path(form: str, start: float, resid: Array, parameters: dict[str, float]) -> Array:
    """(n + 1,): variances of n bars and of the one after them, the first being ``start``."""
    path = [start]
    for e in resid:
        path.append(next_variance(form, path[-1], float(e), parameters))
    return np.array(path)
