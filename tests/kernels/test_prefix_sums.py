"""Prefix sums against two passes over a million bars: large means, drifting levels, holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.kernels.factor_tables import factor_table_nb
from eventlab.kernels.placebo import between_nb, placebo_table_nb, prefix_sums_nb

if TYPE_CHECKING:
    import numpy.typing as npt

BARS = 1_000_000
SD = 0.01
ESTIMATION = np.array([-250, -11])
WINDOWS = np.array([[0, 0], [-1, 1], [-5, 5]])
LEAST = 60
# A CAR is right to this share of its standard error, and to the rounding of the means (which are
# doubles too) that are taken from each of its bars: half a unit in the last place of each, times
# some for the sums behind them. Its variance is right to twice that, relative to itself.
CAR, ULPS = 1e-11, 8.0
MEANS = {"large": 1e3, "huge": 1e6}  # in standard deviations of the wild bars
ROWS = np.random.default_rng(1).choice(np.arange(300, BARS - 10), 40, replace=False)


def series(kind: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return an asset and a benchmark of a million bars; quiet and wild stretches follow."""
    random = np.random.default_rng(7)
    spread = np.where(np.arange(BARS) // 5_000 % 2, 1.0, 1e-3)  # a quiet stretch after a wild one
    x = SD * random.standard_normal(BARS) * spread
    y = 0.8 * x + SD * random.standard_normal(BARS) * spread
    if kind == "drifting":
        level = np.linspace(0.0, 1e3 * SD, BARS)
        x, y = x + level, y - level
    elif kind == "holes":
        y[random.random(BARS) < 0.05] = np.nan
        x[random.random(BARS) < 0.05] = np.nan
    else:
        x, y = x + MEANS[kind] * SD, y + MEANS[kind] * SD
    return x, y


def two_passes(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], row: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """CARs (W,) and their variances in extended precision, the rows read again."""
    at = slice(row + ESTIMATION[0], row + ESTIMATION[1] + 1)
    known = np.isfinite(x[at]) & np.isfinite(y[at])
    u, v = x[at][known].astype(np.longdouble), y[at][known].astype(np.longdouble)
    n, u_mean, v_mean = len(u), u.mean(), v.mean()
    sxx = ((u - u_mean) ** 2).sum()
    beta = ((u - u_mean) * (v - v_mean)).sum() / sxx
    resid = (v - v_mean) - beta * (u - u_mean)
    square = (resid**2).sum() / (n - 2)
    cars, variances = [], []
    for first, last in WINDOWS:
        window = slice(row + first, row + last + 1)
        moved = x[window].astype(np.longdouble) - u_mean
        own = y[window].astype(np.longdouble) - v_mean
        length = last - first + 1
        cars.append((own - beta * moved).sum())
        variances.append(square * (length + length**2 / n + moved.sum() ** 2 / sxx))
    return np.array(cars, dtype=np.float64), np.array(variances, dtype=np.float64)


@pytest.mark.parametrize("kind", ["holes", "large", "drifting", "huge"])
def test_a_million_bars(kind: str) -> None:
    x, y = series(kind)
    tables = [(np.empty((BARS, 3)), np.empty((BARS, 3)))]
    placebo_table_nb(y, x, 2, ESTIMATION, WINDOWS, LEAST, *tables[0])
    if kind == "holes":
        tables.append((np.empty((BARS, 3)), np.empty((BARS, 3))))
        factor_table_nb(np.vstack([y, x]), 0, np.array([1]), ESTIMATION, WINDOWS, LEAST, *tables[1])
    lengths = WINDOWS[:, 1] - WINDOWS[:, 0] + 1
    for row in ROWS.tolist():
        cars, variances = two_passes(x, y, row)
        known = np.isfinite(cars)
        size = np.nanmax(np.abs(y[row - 250 : row])) + np.nanmax(np.abs(x[row - 250 : row]))
        rounding = ULPS * np.finfo(float).eps * lengths * size
        for car, variance in tables:
            assert (np.isfinite(car[row]) == known).all()
            allowed = CAR * np.sqrt(variances) + rounding
            assert (np.abs(car[row] - cars) <= allowed)[known].all()
            apart = np.abs(variance[row] / variances - 1.0)
            assert (apart <= 2.0 * allowed / np.sqrt(variances))[known].all()


def test_plain_sums_would_not_do() -> None:
    """The errors that run beside the sums are what keeps a quiet window after a wild million."""
    random = np.random.default_rng(3)
    y = np.concatenate([1e3 * random.standard_normal(BARS), 1e-6 * random.standard_normal(250)])
    P = prefix_sums_nb(y, y)
    start, stop = BARS, BARS + 250
    true = float((y[start:].astype(np.longdouble) ** 2).sum())
    assert between_nb(P, start, stop, 3) == pytest.approx(true, rel=1e-4)
    assert abs((P[stop, 3] - P[start, 3]) / true - 1.0) > 0.5
