"""Ranks of abnormal returns among an event's own history, summed over events by relative bar.

Ties take the mean of the ranks they share; a missing value has no rank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "column_sums_nb",
    "grank_sums_nb",
    "mean_ranks_nb",
    "signed_ranks_nb",
    "zivney_sums_nb",
]


@kernel
def mean_ranks_nb(
    values: npt.NDArray[np.float64], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Ranks (N, T) from 1 of each row of ``values`` (N, T), and how many of each are finite (N,).

    ``order`` (N, T) sorts each row, NaN last. NaN where the value is NaN.
    """
    N, T = values.shape
    ranks = np.full((N, T), np.nan)
    count = np.zeros(N, dtype=np.int64)
    for i in range(N):
        row, own = values[i], order[i]
        k = 0
        while k < T and row[own[k]] == row[own[k]]:
            last = k
            while last + 1 < T and row[own[last + 1]] == row[own[k]]:
                last += 1
            for j in range(k, last + 1):
                ranks[i, own[j]] = 0.5 * (k + last) + 1.0
            k = last + 1
        count[i] = k
    return ranks, count


@kernel
def column_sums_nb(
    values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Add up the finite entries of some rows of ``values`` (N, T), and count them: each (T,)."""
    T = values.shape[1]
    total, seen = np.zeros(T), np.zeros(T)
    for n in range(len(rows)):
        row = values[rows[n]]
        for t in range(T):
            known = row[t] - row[t] == 0.0
            total[t] += row[t] if known else 0.0
            seen[t] += 1.0 if known else 0.0
    return total, seen


@kernel
def position_nb(
    row: npt.NDArray[np.float64], order: npt.NDArray[np.int64], count: int, value: float
) -> float:
    """Rank that ``value`` would have among the ``count`` finite entries of ``row``, less 1."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if row[order[middle]] < value:
            low = middle + 1
        else:
            high = middle
    equal = 0
    while low + equal < count and row[order[low + equal]] == value:
        equal += 1
    return low + 0.5 * equal


@kernel
def zivney_sums_nb(
    history: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    ranks: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    bars: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Add up rank / (1 + M_i) over events, and count the events, by bar (E + L,).

    ``history`` (N, E) are standardised residuals, sorted by ``order``, with ``ranks`` and
    ``count`` among themselves. Event n of the group is row ``rows[n]`` and has the event-window
    values ``bars[n]`` (L,). Its history is sorted already, so that its L bars are merged into it
    and nothing is sorted a second time for another group.
    """
    E, L = history.shape[1], bars.shape[1]
    total, seen = np.zeros(E + L), np.zeros(E + L)
    among = np.empty(L)
    for n in range(len(rows)):
        i = rows[n]
        row, own, M = history[i], order[i], count[i]
        K = 0
        for j in range(L):
            if bars[n, j] - bars[n, j] == 0.0:  # insert: np.sort would compile for a second
                place = K
                while place > 0 and among[place - 1] > bars[n, j]:
                    among[place] = among[place - 1]
                    place -= 1
                among[place] = bars[n, j]
                K += 1
        scale = 1.0 / (1.0 + M + K)
        below, upto = 0, 0
        for k in range(M):
            t = own[k]
            while below < K and among[below] < row[t]:
                below += 1
            while upto < K and among[upto] <= row[t]:
                upto += 1
            total[t] += (ranks[i, t] + 0.5 * (below + upto)) * scale
            seen[t] += 1.0
        for j in range(L):
            value = bars[n, j]
            if value - value == 0.0:
                rank = position_nb(row, own, M, value) + 0.5
                for k in range(K):
                    rank += 1.0 if among[k] < value else (0.5 if among[k] == value else 0.0)
                total[E + j] += rank * scale
                seen[E + j] += 1.0
    return total, seen


@kernel
def grank_sums_nb(
    history: npt.NDArray[np.float64],
    ranks: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    cumulated: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Add up rank / (M_i + 2) - 1/2 over events (W, E + 1), and count the events (E + 1,).

    ``history`` (N, E) with ``ranks`` and ``count`` among themselves. Event n is row ``rows[n]``;
    its ``cumulated`` (n, W) values stand each for one more observation, in the last column. One
    insertion moves the ranks above it up by one: counting replaces W sorts.
    """
    E, W = history.shape[1], cumulated.shape[1]
    total, seen = np.zeros((W, E + 1)), np.zeros(E + 1)
    base = np.zeros(E)
    for n in range(len(rows)):
        i = rows[n]
        row = history[i]
        scale = 1.0 / (count[i] + 2.0)
        for t in range(E):
            known = row[t] - row[t] == 0.0
            base[t] += ranks[i, t] * scale - 0.5 if known else 0.0
            seen[t] += 1.0 if known else 0.0
        seen[E] += 1.0
        for w in range(W):
            value, own = cumulated[n, w], total[w]
            half, below = 0.5 * scale, 0.0
            for t in range(E):
                above = (1.0 if row[t] > value else 0.0) + (1.0 if row[t] >= value else 0.0)
                own[t] += half * above
                below += above
            # count - below/2 values lie under it, ties by half.
            own[E] += (count[i] - 0.5 * below + 1.0) * scale - 0.5
    for w in range(W):
        for t in range(E):
            total[w, t] += base[t]
    return total, seen


@kernel
def signed_ranks_nb(
    values: npt.NDArray[np.float64], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Wilcoxon's sum of the positive ranks of each column of ``values`` (N, W), as (W,).

    ``order`` (N, W) sorts each column by size, NaN last. Also how many entries took part, zeros
    and NaN left out, and the sum of t^3 - t over ties of t.
    """
    N, W = values.shape
    positive, taking, ties = np.zeros(W), np.zeros(W, dtype=np.int64), np.zeros(W)
    kept = np.empty(N)
    for w in range(W):
        n = 0
        for i in range(N):
            value = values[order[i, w], w]
            if value - value == 0.0 and value != 0.0:
                kept[n] = value
                n += 1
        k = 0
        while k < n:
            last = k
            while last + 1 < n and abs(kept[last + 1]) == abs(kept[k]):
                last += 1
            tied = last - k + 1.0
            ties[w] += tied * tied * tied - tied
            for j in range(k, last + 1):
                if kept[j] > 0.0:
                    positive[w] += 0.5 * (k + last) + 1.0
            k = last + 1
        taking[w] = n
    return positive, taking, ties
