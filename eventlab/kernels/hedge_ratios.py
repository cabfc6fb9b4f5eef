"""Hedge ratios by least squares on many windows of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import householder_nb
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COLLINEAR", "CONSTANT", "FINE", "INFINITE", "hedge_slopes_nb", "window_flaw_nb"]

# Why a window has no ratio. CONSTANT + c says which column is constant: 0 is the book, 1 + k
# instrument k.
FINE = 0
INFINITE = 1
COLLINEAR = 2
CONSTANT = 3

STILL = 1e-12  # range over largest size, below which a series is constant


@kernel
def window_flaw_nb(
    book: npt.NDArray[np.float64], instruments: npt.NDArray[np.float64], start: int, stop: int
) -> int:
    """Say what makes rows [start, stop) of ``book`` (T,) and ``instruments`` (T, K) unusable."""
    K = instruments.shape[1]
    for c in range(K + 1):
        low, high = np.inf, -np.inf
        for t in range(start, stop):
            x = book[t] if c == 0 else instruments[t, c - 1]
            if np.isinf(x):
                return INFINITE
            low, high = min(low, x), max(high, x)
        if high - low <= STILL * max(abs(low), abs(high)):
            return CONSTANT + c
    return FINE


@kernel
def hedge_slopes_nb(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    spans: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    penalty: float,
    below: int,
    slopes: npt.NDArray[np.float64],
    flaws: npt.NDArray[np.int64],
) -> None:
    """Fit book = a + instruments' b on the rows [start, stop) of each of ``spans`` (R, 2).

    Minimises sum w (book - a - x'b)^2 + penalty * mean(diag S) b'b, S = sum w (x - m)(x - m)' about
    the weighted means m. ``book`` (T,) and ``instruments`` (T, K) hold no NaN; ``weights`` (L,) are
    by age, that of the last row first, L the longest span; with ``below`` 1, rows on which the
    first instrument is at or above its mean over the span count nothing. Written into ``slopes``
    (R, K), NaN where ``flaws`` (R,) is not FINE or the span is empty.

    Householder on centred rows: the penalty is K rows more, so that one factorisation serves all.
    """
    K = instruments.shape[1]
    A = np.empty((len(weights) + K, K + 1))
    share, mean = np.empty(len(weights)), np.empty(K + 1)
    for r in range(len(spans)):
        start, stop = spans[r, 0], spans[r, 1]
        for k in range(K):
            slopes[r, k] = np.nan
        flaws[r] = FINE
        n = stop - start
        if n == 0:
            continue
        flaws[r] = window_flaw_nb(book, instruments, start, stop)
        if flaws[r] != FINE:
            continue
        cut = np.inf
        if below == 1:
            cut = 0.0
            for t in range(start, stop):
                cut += instruments[t, 0]
            cut /= n
        total = 0.0
        for c in range(K + 1):
            mean[c] = 0.0
        for t in range(n):
            row = start + t
            share[t] = weights[n - 1 - t] if instruments[row, 0] < cut else 0.0
            total += share[t]
            for k in range(K):
                mean[k] += share[t] * instruments[row, k]
            mean[K] += share[t] * book[row]
        squares = 0.0
        for t in range(n):
            row, root = start + t, np.sqrt(share[t])
            for k in range(K):
                A[t, k] = root * (instruments[row, k] - mean[k] / total)
                squares += A[t, k] * A[t, k]
            A[t, K] = root * (book[row] - mean[K] / total)
        rows = n
        if penalty > 0.0:
            rows = n + K
            for k in range(K):
                for c in range(K + 1):
                    A[n + k, c] = 0.0
                A[n + k, k] = np.sqrt(penalty * squares / K)
        if not householder_nb(A, rows, K):
            flaws[r] = COLLINEAR
            continue
        for k in range(K - 1, -1, -1):
            value = A[k, K]
            for j in range(k + 1, K):
                value -= A[k, j] * slopes[r, j]
            slopes[r, k] = value / A[k, k]
