"""Which part of a variance each of several correlated factors explains."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["rolling_shares", "shapley_shares"]


def rolling_shares(
    factors: npt.NDArray[np.float64],
    betas: npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
    window: int,
) -> npt.NDArray[np.float64]:
    """(T, K + 1) shares of variance of each factor and of none, by betas that move.

    Parameters
    ----------
    factors, betas
        (T, K) returns, and the betas known at each row.
    errors
        (2, T) forecast errors and their variances in units of the residual variance; NaN rows are
        left out.
    window
        Rows behind the factors' covariance (mean taken off) and the residual variance. NaN before
        there are as many. Row t uses rows up to t only.
    """
    T, K = factors.shape
    found = np.full((T, K + 1), np.nan)
    known = np.flatnonzero(np.isfinite(errors[0]))
    if len(known) < window:
        return found
    moving = np.lib.stride_tricks.sliding_window_view(factors[known], window, axis=0)
    moving = moving - moving.mean(axis=2, keepdims=True)
    covariance = np.einsum("tiw,tjw->tij", moving, moving) / (window - 1)
    square = errors[0, known] ** 2 / errors[1, known]
    own = np.lib.stride_tricks.sliding_window_view(square, window).mean(axis=1)
    at = known[window - 1 :]
    parts = np.column_stack([shapley_shares(betas[at], covariance), own])
    found[at] = parts / parts.sum(axis=1, keepdims=True)
    return found


def shapley_shares(
    betas: npt.NDArray[np.float64], covariance: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(T, K) parts of b' S b that each factor explains, averaged over the orders of entry.

    Parameters
    ----------
    betas, covariance
        (T, K) b and (T, K, K) S. A set of factors explains what the best prediction from it
        alone does, c' S_set^-1 c with c the covariances S b of the set. Never negative.
    """
    T, K = betas.shape
    covariances = np.einsum("tij,tj->ti", covariance, betas)
    explained: dict[tuple[int, ...], npt.NDArray[np.float64]] = {(): np.zeros(T)}
    for size in range(1, K + 1):
        for chosen in combinations(range(K), size):
            c = covariances[:, chosen]
            inside = covariance[:, chosen][:, :, chosen]
            explained[chosen] = np.einsum(
                "ti,ti->t", c, np.linalg.solve(inside, c[:, :, None])[:, :, 0]
            )
    parts = np.zeros((T, K))
    for chosen, value in explained.items():
        for k in set(range(K)) - set(chosen):
            weight = factorial(len(chosen)) * factorial(K - len(chosen) - 1) / factorial(K)
            parts[:, k] += weight * (explained[tuple(sorted((*chosen, k)))] - value)
    return parts
