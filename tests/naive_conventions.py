"""Formulas of other programs as their sources write them: rows are days, columns are events.

Written from the facts in ``eventlab/study/conventions*.py``: running sums down the days, the last
row taken at the end, ranks by scipy, standard errors of forecasts by statsmodels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm
from scipy import stats

Array = npt.NDArray[np.float64]


def forecast_errors(y: Array, x: Array, rows: int) -> tuple[Array, Array, Array]:
    """Abnormal returns, their forecast standard errors and residuals of one event.

    ``y`` and ``x`` begin with the estimation window of ``rows`` rows; the errors are of all rows,
    also of those fitted, as Stata's ``predict, stdf`` gives them.
    """
    fit = sm.OLS(y[:rows], sm.add_constant(x[:rows])).fit()
    frame = fit.get_prediction(sm.add_constant(x))
    return y - frame.predicted_mean, frame.se_obs, fit.resid


def estimation_and_event(
    Y: Array, X: Array, rows: int
) -> tuple[Array, Array, Array, Array]:  # days by events
    """AR (rows, N) and ARE (L, N) with their forecast standard errors."""
    found = [forecast_errors(Y[:, i], X[:, i], rows) for i in range(Y.shape[1])]
    ar = np.column_stack([one[0] for one in found])
    error = np.column_stack([one[1] for one in found])
    return ar[:rows], ar[rows:], error[:rows], error[rows:]


def stata_eventstudy2(Y: Array, X: Array, rows: int) -> dict[str, float]:
    """Last row of the CAR file of a market model: ``Y`` and ``X`` (rows + L, N)."""
    ar, are, stdf, stdfe = estimation_and_event(Y, X, rows)
    T, N = ar.shape
    s = np.sqrt((ar**2).sum(axis=0) / (T - 2))
    found: dict[str, float] = {}

    number = np.cumsum(np.ones_like(are), axis=0)
    v = are / s / np.sqrt(stdfe / s)
    w = np.cumsum(v / np.sqrt(number), axis=0)[-1]
    found["patell_z"] = w.sum() / np.sqrt(N * (T - 2) / (T - 4))
    found["bmp"] = w.mean() / np.sqrt(w.var(ddof=1) / N)

    fitted = ar / s / np.sqrt(stdf / s)
    pairs = [
        np.corrcoef(fitted[:, i], fitted[:, j])[0, 1] for i in range(N) for j in range(N) if i != j
    ]
    r = np.mean(pairs)
    factor = np.sqrt((1 - r) / (1 + (N - 1) * r))
    found["kolari_pynnonen_patell"] = found["patell_z"] * factor
    found["kolari_pynnonen_bmp"] = found["bmp"] * factor

    car = np.cumsum(are, axis=0)[-1]
    mean = X[:rows].mean(axis=0)
    running = np.cumsum(X[rows:] - number * mean, axis=0)[-1]
    last = number[-1]
    c = last + last / N + running**2 / ((X[:rows] - mean) ** 2).sum(axis=0)
    found["clm_j1"] = car.mean() / np.sqrt((s**2 * c).sum() / N**2)

    aar = ar.mean(axis=1)
    crude = aar.var(ddof=1) * (T - 1) / (T - 2)
    found["crude_dependence"] = car.mean() / np.sqrt(len(are) * crude)

    every = np.vstack([ar, are])
    rank = np.column_stack([stats.rankdata(every[:, i]) for i in range(N)])
    found["corrado_rank"] = cowan(rank, len(every) / 2 + 0.5, T)

    deviation = np.sqrt(ar.var(axis=0, ddof=1) * T / (T - 1))
    scaled = are / deviation
    across = np.sqrt(scaled.var(axis=1, ddof=1) * N / (N - 1))
    every = np.vstack([ar / deviation, scaled / across[:, None]])
    rank = np.column_stack([stats.rankdata(every[:, i]) for i in range(N)])
    found["corrado_zivney"] = cowan(rank / (len(every) + 1), 0.5, T)

    star = w * factor / np.sqrt(w.var(ddof=1) / N)
    every = np.vstack([ar / s, star])
    u = np.column_stack([stats.rankdata(every[:, i]) for i in range(N)]) / (T + 2) - 0.5
    daily = u.mean(axis=1)
    z = daily[-1] / np.sqrt((daily[:-1] ** 2).sum() / T)
    found["grank_t"] = z * np.sqrt((T - 2) / (T - 1 - z**2))

    p = np.sign(ar).sum() / (2 * ar.size) + 0.5
    found["generalized_sign"] = ((car >= 0).sum() - N * p) / np.sqrt(N * p * (1 - p))

    flat = are.ravel()
    n = flat.size
    total = (stats.rankdata(np.abs(flat)) * (flat >= 0)).sum()
    found["wilcoxon"] = (total - n * (n + 1) / 4) / np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return {name: float(value) for name, value in found.items()}


def cowan(rank: Array, middle: float, rows: int) -> float:
    """Cowan (1992): sqrt(L) times the mean rank of the last days over the daily deviation."""
    daily = rank.mean(axis=1) - middle
    scale = np.sqrt((daily**2).sum() / len(rank))
    L = len(rank) - rows
    return float(np.sqrt(L) * (rank[rows:].mean() - middle) / scale)


def r_estudy2(Y: Array, X: Array, rows: int, day: int) -> dict[str, float]:
    """Daily tests of day ``day`` (row after the estimation window) on one calendar date."""
    found_ar, are, _, _ = estimation_and_event(Y, X, rows)
    N = Y.shape[1]
    a = are[day]
    sd = found_ar.std(axis=0, ddof=1)
    market, m = X[:rows, 0], X[rows + day, 0]
    c = 1 + 1 / rows + (m - market.mean()) ** 2 / ((market - market.mean()) ** 2).sum()
    sar = a / sd / np.sqrt(c)
    every = np.vstack([found_ar, are])
    rank = np.column_stack([stats.rankdata(every[:, i]) for i in range(N)]) / (len(every) + 1)
    scale = np.sqrt(((np.sqrt(N) * (rank.mean(axis=1) - 0.5)) ** 2).sum() / len(every))
    p = (found_ar > 0).mean()
    found = {
        "cross_sectional_t": a.mean() / a.std(ddof=1) * np.sqrt(N),
        "clm_j1": a.mean() / (np.sqrt((sd**2).sum()) / N),
        "patell_z": sar.sum() / np.sqrt(N * (rows - 2) / (rows - 4)),
        "bmp": sar.mean() / sar.std(ddof=1) * np.sqrt(N),
        "sign": ((a > 0).sum() - N * 0.5) / np.sqrt(N * 0.25),
        "generalized_sign": ((a > 0).sum() - N * p) / np.sqrt(N * p * (1 - p)),
        "corrado_rank": (rank[rows + day] - 0.5).sum() / np.sqrt(N) / scale,
        "wilcoxon": stats.rankdata(np.abs(a))[a > 0].sum(),
        "crude_dependence": a.mean() / found_ar.mean(axis=1).std(ddof=1),
    }
    return {name: float(value) for name, value in found.items()}


def r_eventstudy(Y: Array, X: Array, rows: int, window: tuple[int, int]) -> dict[str, float]:
    """Multi-event tests at the last day of an event window that begins at the first one."""
    ar, are, _, stdfe = estimation_and_event(Y, X, rows)
    first, last = window
    N, L = Y.shape[1], last - first + 1
    inside = are[first : last + 1]
    sigma = np.sqrt((ar**2).sum(axis=0) / (rows - 2))
    q = (rows - 2) / (rows - 4)
    csar = np.cumsum(inside / stdfe[first : last + 1], axis=0)[-1]
    car = np.cumsum(inside, axis=0)[-1]
    standard = np.cumsum(inside / sigma, axis=0)[-1]
    r = np.corrcoef(ar.T)
    r_bar = (r.sum() - N) / (N * (N - 1))
    p = (ar > 0).mean(axis=0).mean()
    ts_sd = ar.mean(axis=1).std(ddof=1)
    bmp = np.sqrt(N) * standard.mean() / standard.std(ddof=1)
    found = {
        "cross_sectional_t": np.sqrt(N) * car.mean() / car.std(ddof=1),
        "patell_z": (csar / np.sqrt(L * q)).sum() / np.sqrt(N),
        "bmp": bmp,
        "kolari_pynnonen_bmp": bmp * np.sqrt((1 - r_bar) / (1 + (N - 1) * r_bar)),
        "sign": ((car > 0).sum() - 0.5 * N) / (0.5 * np.sqrt(N)),
        "generalized_sign": ((car > 0).sum() - N * p) / np.sqrt(N * p * (1 - p)),
        "crude_dependence": car.mean() / (ts_sd * np.sqrt(L)),
    }
    if L == 1:
        every = np.vstack([ar, are])
        rank = np.column_stack([stats.rankdata(every[:, i]) for i in range(N)])
        daily = (rank / (len(every) + 1) - 0.5).mean(axis=1)
        found["corrado_rank"] = daily[rows + first] / daily.std(ddof=1)
    return {name: float(value) for name, value in found.items()}
