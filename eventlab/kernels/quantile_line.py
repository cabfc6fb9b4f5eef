"""Quantile regression on one regressor, where many are needed: bootstraps and placebo dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["quantile_line_nb"]

STEPS = 200  # a few are usual


@kernel
def quantile_line_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], level: float
) -> tuple[float, float]:
    """Intercept and slope of the line that minimises the sum of check losses of ``y`` on ``x``.

    An optimal line runs through two rows. Among the lines through one row the best slope is a
    weighted quantile of the slopes to all others; the row that it meets is turned about next, until
    turning about either changes nothing. That is optimal unless further rows, in other places of
    ``x``, lie on the line: then, as with fewer than two places, the answer is NaN and the simplex
    of `quantile_regression_nb` has to be asked.

    Parameters
    ----------
    y, x
        (n,) finite.
    level
        Between 0 and 1.

    References
    ----------
    Koenker & Bassett (1978), theorem 3.3.
    """
    n = len(y)
    values, candidates, weights = np.empty(n), np.empty((3, n)), np.empty((3, n))
    rows = np.empty((3, n), dtype=np.int64)
    if n < 2:
        return np.nan, np.nan
    xbar, ybar = np.mean(x), np.mean(y)
    xx, xy = 0.0, 0.0
    for t in range(n):
        xx += (x[t] - xbar) ** 2
        xy += (x[t] - xbar) * (y[t] - ybar)
    for t in range(n):  # begin at the row that is the quantile of the least squares residuals
        candidates[0, t], weights[0, t], rows[0, t] = y[t] - xy / xx * x[t], 1.0, t
    centre = weighted_quantile_nb(candidates, weights, rows, n, level * n)
    slope, other = xy / xx, -1
    for _ in range(STEPS):
        less, upto, target = 0.0, 0.0, 0.0
        for t in range(n):
            apart = x[t] - x[centre]
            if apart != 0.0:
                values[t] = (y[t] - y[centre]) / apart
                less += abs(apart) if values[t] < slope else 0.0
                upto += abs(apart) if values[t] <= slope else 0.0
                target += apart * level if apart > 0.0 else apart * (level - 1.0)
            else:
                values[t] = slope
        if less < target <= upto:
            if other >= 0:
                return line_nb(y, x, centre, other)
            for t in range(n):  # least squares met a row; the line may still turn about that one
                if values[t] == slope and x[t] != x[centre]:
                    other = t
            centre, other = other, centre
            continue
        sign = -1.0 if target <= less else 1.0
        count = 0
        for t in range(n):
            candidates[0, count], rows[0, count] = values[t], t
            weights[0, count] = abs(x[t] - x[centre])
            count += sign * (values[t] - slope) > 0.0
        if count == 0:
            break
        target -= upto if sign > 0.0 else 0.0
        other = centre
        centre = weighted_quantile_nb(candidates, weights, rows, count, target)
        slope = (y[centre] - y[other]) / (x[centre] - x[other])
    return np.nan, np.nan


@kernel
def weighted_quantile_nb(
    values: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    count: int,
    target: float,
) -> int:
    """Row of the smallest of ``count`` values up to which the weights reach ``target``.

    The first of the three rows of each (3, n) array is given, all are overwritten. A quickselect
    that copies every value to both sides and then moves one of the two ends: without a branch that
    the processor cannot foresee it takes a third of the time.
    """
    source, low, high = 0, 1, 2
    while count > 1:
        first, middle = values[source, 0], values[source, count // 2]
        last = values[source, count - 1]
        pivot = max(min(first, middle), min(max(first, middle), last))
        below, above, held = 0, 0, 0
        less, same = 0.0, 0.0
        for t in range(count):
            value, weight, row = values[source, t], weights[source, t], rows[source, t]
            values[low, below], weights[low, below], rows[low, below] = value, weight, row
            values[high, above], weights[high, above], rows[high, above] = value, weight, row
            below += value < pivot
            above += value > pivot
            less += weight if value < pivot else 0.0
            same += weight if value == pivot else 0.0
            held = row if value == pivot else held
        if target <= less and below > 0:
            source, low, count = low, source, below
        elif target <= less + same or above == 0:
            return held
        else:
            target -= less + same
            source, high, count = high, source, above
    return int(rows[source, 0])


@kernel
def line_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], one: int, other: int
) -> tuple[float, float]:
    """Return the line through two rows; NaN if a third place of ``x`` has a row on it."""
    slope = (y[other] - y[one]) / (x[other] - x[one])
    for t in range(len(y)):
        if x[t] != x[one] and x[t] != x[other]:
            resid = (y[t] - y[one]) - slope * (x[t] - x[one])
            if abs(resid) <= 1e-12 * (abs(y[t]) + abs(y[one]) + abs(slope * (x[t] - x[one]))):
                return np.nan, np.nan
    return y[one] - slope * x[one], slope
