"""Slow, literal transcriptions of the formulas; every fast result is compared with them.

Nothing here imports the package, and nothing is shared between two formulas but the fit. Windows
are inclusive pairs of bars relative to the event's row. Numbering of the formulas: the package's
documentation of the statistics, A.1 to A.6 and A.15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = npt.NDArray[np.float64]
Window = tuple[int, int]

# What the package calls no variance and no information; see eventlab/kernels/fits.py.
NO_VARIANCE = 1e-24
COLLINEAR = 1e-10
MIN_DOF = 5


@dataclass(frozen=True)
class Fit:
    """Coefficients, sigma, M, k, residuals and abnormal return by row, and G of some rows."""

    coefficients: Array
    sigma: float
    M: int
    k: int
    resid: dict[int, float]
    ar: Callable[[int], float]
    covariance: Callable[[list[int]], Array]


def count_rows(y: Array, X: Array, position: int, estimation: Window) -> list[int]:
    """Rows of the estimation window that exist and are complete."""
    return [
        t
        for t in range(position + estimation[0], position + estimation[1] + 1)
        if 0 <= t < len(y) and np.isfinite(y[t]) and np.isfinite(X[t]).all()
    ]


def fit(
    y: Array,
    X: Array,
    position: int,
    estimation: Window,
    *,
    intercept: bool = True,
    min_rows: int = 1,
) -> Fit | None:
    """Least squares by `numpy.linalg.lstsq`, columns brought to one size first.

    y (T,); X (T, F) the regressors. None where there are too few rows, a column that the earlier
    ones explain, or no residual variance.
    """
    rows = count_rows(y, X, position, estimation)
    ones = np.ones((len(y), 1))
    Z = np.column_stack([ones, X]) if intercept else np.empty((len(y), 0))
    M, k = len(rows), Z.shape[1]
    if min_rows > M or k >= M:
        return None
    size = np.abs(Z[rows]).max(axis=0)
    if (size == 0.0).any():
        return None
    _, R = np.linalg.qr(Z[rows] / size)
    for j in range(k):
        if abs(R[j, j]) <= COLLINEAR * math.sqrt(float((R[:, j] ** 2).sum())):
            return None
    b = np.linalg.lstsq(Z[rows] / size, y[rows])[0]
    e = y[rows] - (Z[rows] / size) @ b
    if not float(e @ e) > NO_VARIANCE * float(y[rows] @ y[rows]):
        return None
    sigma = math.sqrt(float(e @ e) / (M - k))

    def ar(t: int) -> float:
        if not 0 <= t < len(y):
            return math.nan
        return float(y[t] - (Z[t] / size) @ b)

    def covariance(window: list[int]) -> Array:
        Xw = Z[window] / size
        V = np.linalg.solve(R.T, Xw.T)  # X'X = R'R
        G: Array = np.eye(len(window)) + V.T @ V
        return G

    return Fit(b / size, sigma, M, k, dict(zip(rows, e.tolist(), strict=True)), ar, covariance)


@dataclass(frozen=True)
class EventNumbers:
    """What one event gives: ar, its variance C_t, sar by bar; car, its w'Gw, bhar by window."""

    fit: Fit | None
    n_rows: int
    ar: Array
    ar_variance: Array
    sar: Array
    car: Array
    car_variance: Array
    bhar: Array


def event_numbers(
    y: Array,
    X: Array,
    position: int,
    estimation: Window,
    event: Window,
    windows: Sequence[Window],
    *,
    intercept: bool = True,
    min_rows: int = 1,
    own: Array | None = None,
) -> EventNumbers:
    """All numbers of one event; ``own`` are the asset's returns where y is market-adjusted."""
    held = y if own is None else own
    taus = range(event[0], event[1] + 1)
    n_rows = len(count_rows(y, X, position, estimation))
    ar, c = np.full(len(taus), np.nan), np.full(len(taus), np.nan)
    car, wGw, bhar = (np.full(len(windows), np.nan) for _ in range(3))
    found = fit(y, X, position, estimation, intercept=intercept, min_rows=min_rows)
    if found is None:
        return EventNumbers(None, n_rows, ar, c, ar.copy(), car, wGw, bhar)
    for j, tau in enumerate(taus):
        ar[j] = found.ar(position + tau)
        if np.isfinite(ar[j]):
            c[j] = found.covariance([position + tau])[0, 0]
    for n, (first, last) in enumerate(windows):
        rows = [position + tau for tau in range(first, last + 1)]
        values = [found.ar(t) for t in rows]
        if np.isfinite(values).all():
            w = np.ones(len(rows))
            car[n] = sum(values)
            wGw[n] = w @ found.covariance(rows) @ w
            bhar[n] = math.prod(1.0 + held[t] for t in rows) - math.prod(
                1.0 + held[t] - found.ar(t) for t in rows
            )
    return EventNumbers(found, n_rows, ar, c, ar / (found.sigma * np.sqrt(c)), car, wGw, bhar)


def market_model_variance(m: Array, window: Array) -> float:
    """A.1: L + L^2/M + (sum over the window of (m_t - mean m))^2 / S_mm."""
    L, M = len(window), len(m)
    return float(L + L**2 / M + (window - m.mean()).sum() ** 2 / ((m - m.mean()) ** 2).sum())


# --- tests of a window: car, scar (N,), forecast variances (N,), dof M - k (N,) -----------------


def cross_sectional_t(car: Array) -> float:
    """A.2."""
    N = len(car)
    caar = sum(car) / N
    sd = math.sqrt(sum((c - caar) ** 2 for c in car) / (N - 1))
    return math.sqrt(N) * caar / sd


def clm_j1(car: Array, variance: Array) -> float:
    """A.3: CAAR over the root of N^-2 sum s^2 w'Gw."""
    N = len(car)
    return (sum(car) / N) / math.sqrt(sum(variance) / N**2)


def clm_j2(scar: Array, dof: Array) -> float:
    """A.3: sqrt(N) mean SCAR over the root of the mean Q."""
    N = len(scar)
    Q = [d / (d - 2) for d in dof]
    return math.sqrt(N) * (sum(scar) / N) / math.sqrt(sum(Q) / N)


def patell_z(scar: Array, dof: Array) -> float:
    """A.4: sum of SCARs over the root of the sum of Q."""
    return float(sum(scar) / math.sqrt(sum(d / (d - 2) for d in dof)))


def naive_scar(sar: Array) -> Array:
    """A.4: L^-1/2 times the sum of the SARs (N, L)."""
    return np.array([sum(row) / math.sqrt(len(row)) for row in sar])


def bmp(scar: Array) -> float:
    """A.5."""
    return cross_sectional_t(scar)


def kolari_pynnonen_bmp(scar: Array, r: float) -> float:
    """A.6."""
    return bmp(scar) * math.sqrt((1 - r) / (1 + (len(scar) - 1) * r))


def kolari_pynnonen_patell(scar: Array, dof: Array, r: float) -> float:
    """A.6."""
    return patell_z(scar, dof) * math.sqrt(1 / (1 + (len(scar) - 1) * r))


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r; 0 where one of the two does not vary."""
    x, y = np.array(a), np.array(b)
    u, v = x - x.mean(), y - y.mean()
    for centred, raw in ((u, x), (v, y)):
        if not centred @ centred > NO_VARIANCE * (raw @ raw):
            return 0.0
    return float(u @ v / math.sqrt((u @ u) * (v @ v)))


def overlap_r(
    resid: Sequence[dict[int, float]], position: Sequence[int], L: int, min_rows: int = 30
) -> tuple[float, int]:
    """A.6: mean over all pairs of rho_ij times the bars shared by both windows over L.

    ``resid`` maps calendar rows to residuals. Also the number of pairs that share bars.
    """
    N, total, overlapping = len(position), 0.0, 0
    for i in range(N):
        for j in range(i + 1, N):
            shared = max(0, L - abs(position[i] - position[j]))
            if shared == 0:
                continue
            overlapping += 1
            common = sorted(set(resid[i]) & set(resid[j]))
            if len(common) >= min_rows:
                rho = correlation([resid[i][t] for t in common], [resid[j][t] for t in common])
                total += rho * shared / L
    return (total / (N * (N - 1) / 2) if N > 1 else 0.0), overlapping


# --- placebo -------------------------------------------------------------------------------------


def placebo_table(
    y: Array,
    X: Array,
    estimation: Window,
    windows: Sequence[Window],
    *,
    intercept: bool = True,
    min_rows: int = 1,
) -> tuple[Array, Array]:
    """A.15: CAR and s^2 w'Gw (T, W), refitted with the event at every row."""
    T, W = len(y), len(windows)
    car, variance = np.full((T, W), np.nan), np.full((T, W), np.nan)
    for t in range(T):
        found = fit(y, X, t, estimation, intercept=intercept, min_rows=min_rows)
        for w, (first, last) in enumerate(windows):
            rows = [t + tau for tau in range(first, last + 1)]
            if found is None or rows[0] < 0 or rows[-1] >= T:
                continue
            values = [found.ar(row) for row in rows]
            if np.isfinite(values).all():
                car[t, w] = sum(values)
                variance[t, w] = found.sigma**2 * found.covariance(rows).sum()
    return car, variance


def admissible_rows(car: Array, events: Sequence[int], event: Window, last_event: int) -> list[int]:
    """Rows that are complete, not after the last event, and share no bar with any event window."""
    rows = []
    for t in range(min(len(car), last_event + 1)):
        here = set(range(t + event[0], t + event[1] + 1))
        touched = any(here & set(range(p + event[0], p + event[1] + 1)) for p in events)
        if np.isfinite(car[t]).all() and not touched:
            rows.append(t)
    return rows


def studentised(car: Sequence[float], variance: Sequence[float]) -> float:
    """Sum of CARs over the root of the sum of their variances."""
    return sum(car) / math.sqrt(sum(variance))


MASK = 2**64 - 1


def split_mix(state: int) -> int:
    """64 random bits of a counter (Steele, Lea & Flood 2014), in Python's unbounded integers."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def joint_draws(
    car: Array,
    variance: Array,
    series: Sequence[Sequence[int]],
    pools: Sequence[Sequence[int]],
    seed: int,
    K: int,
) -> Array:
    """(K, W): the statistic when all series of a date move to one pseudo-date of its pool."""
    step = 0x9E3779B97F4A7C15
    out = np.empty((K, car.shape[2]))
    for draw in range(K):
        state = split_mix((seed + (draw + 1) * step) & MASK)
        chosen: list[int] = []
        for pool in pools:
            state = (state + step) & MASK
            chosen.append(pool[int((split_mix(state) >> 11) * 2.0**-53 * len(pool))])
        members = [(s, row) for own, row in zip(series, chosen, strict=True) for s in own]
        for w in range(car.shape[2]):
            out[draw, w] = studentised(
                [car[s, row, w] for s, row in members], [variance[s, row, w] for s, row in members]
            )
    return out


def placebo_pvalue(statistic: float, draws: Sequence[float]) -> float:
    """(1 + #{|S_k| >= |S_0|}) / (1 + K)."""
    return (1 + sum(abs(s) >= abs(statistic) for s in draws)) / (1 + len(draws))
