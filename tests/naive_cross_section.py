"""Slow transcriptions of the formulas of splits and cross-sections, one event at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]


def clustered_covariance(y: Array, design: Array, cluster: Sequence[int]) -> Array:
    """CR1: G/(G - 1) (N - 1)/(N - k) (X'X)^-1 [sum_g X_g' e_g e_g' X_g] (X'X)^-1."""
    n, k = design.shape
    inverse = np.linalg.inv(design.T @ design)
    residual = y - design @ (inverse @ design.T @ y)
    groups = sorted(set(cluster))
    meat = np.zeros((k, k))
    for g in groups:
        rows = [i for i in range(n) if cluster[i] == g]
        score = np.zeros(k)
        for i in rows:
            score = score + design[i] * residual[i]
        meat += np.outer(score, score)
    factor = len(groups) / (len(groups) - 1) * (n - 1) / (n - k)
    return np.asarray(factor * inverse @ meat @ inverse)


def clustered_t(y: Array, design: Array, cluster: Sequence[int], j: int) -> float:
    """Coefficient j over its CR1 error."""
    coefficient = np.linalg.solve(design.T @ design, design.T @ y)
    return float(coefficient[j] / math.sqrt(clustered_covariance(y, design, cluster)[j, j]))


def wild_pvalue(y: Array, design: Array, cluster: Sequence[int], j: int, weights: Array) -> float:
    """Refit every draw: y* = fit without column j + weight of the cluster times its residual."""
    others = np.delete(design, j, axis=1)
    fitted = others @ np.linalg.lstsq(others, y, rcond=None)[0] if others.shape[1] else 0.0 * y
    groups = {g: place for place, g in enumerate(sorted(set(cluster)))}
    observed = abs(clustered_t(y, design, cluster, j))
    count = 0
    for draw in weights:
        drawn = fitted + np.array([draw[groups[g]] for g in cluster]) * (y - fitted)
        count += abs(clustered_t(drawn, design, cluster, j)) >= observed * (1 - 1e-9)
    return (1 + count) / (1 + len(weights))


def split_t(car: Array, inside: Sequence[bool], dates: Sequence[int]) -> float:
    """CR1 t of the indicator in a regression on a constant and the indicator."""
    design = np.column_stack([np.ones(len(car)), np.array(inside, dtype=np.float64)])
    return clustered_t(car, design, dates, 1)


def permutation_pvalue(
    car: Array, inside: Sequence[bool], dates: Sequence[int], orders: Sequence[Sequence[int]]
) -> float:
    """Deal the states anew over the dates, each time with the t of a whole regression."""
    days = sorted(set(dates))
    state = [next(bool(s) for s, d in zip(inside, dates, strict=True) if d == day) for day in days]
    observed = abs(split_t(car, inside, dates))
    count = 0
    for order in orders:
        dealt = {day: state[place] for day, place in zip(days, order, strict=True)}
        count += abs(split_t(car, [dealt[d] for d in dates], dates)) >= observed * (1 - 1e-9)
    return (1 + count) / (1 + len(orders))


def last_known(
    closes: Sequence[int], values: Sequence[float], lag: int, instant: int
) -> tuple[int, float]:
    """Row among finite values, and value, of the last one known strictly before an instant."""
    found, row, value = -1, -1, math.nan
    for i, each in enumerate(values):
        if math.isfinite(each) and i + lag < len(closes):
            row += 1
            if closes[i + lag] < instant:
                found, value = row, each
    return found, value
