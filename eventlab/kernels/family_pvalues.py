"""Placebo p-values of tests that are made together, and what it takes to be significant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["add_draws_nb", "critical_nb", "family_pvalues_nb"]

SMALL = 1e-9  # rounding of shares


@kernel
def add_draws_nb(
    scores: npt.NDArray[np.float64],
    at: npt.NDArray[np.int64],
    drawn: npt.NDArray[np.int64],
    uses: npt.NDArray[np.int64],
    totals: npt.NDArray[np.float64],
) -> None:
    """Add the scores (S, J, n) of drawn dates to sums over events (S, K, d).

    Date ``b`` of the family is date ``at[j, b]`` of item j; ``drawn`` (d,) are dates of the family;
    ``uses`` (U, 2) are items and the sums that each is added to.
    """
    place = np.empty(len(drawn), dtype=np.int64)
    for u in range(len(uses)):
        j, k = uses[u, 0], uses[u, 1]
        for t in range(len(drawn)):
            place[t] = at[j, drawn[t]]
        for s in range(len(scores)):
            for t in range(len(drawn)):
                totals[s, k, t] += scores[s, j, place[t]]


@kernel
def chances_nb(
    real: float,
    scores: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    n: int,
    chance: npt.NDArray[np.float64],
) -> float:
    """Return the p-value of ``real`` among n scores, and write that of each of them (n,).

    Both are shares of the same n + 1 scores that are at least as high. The first n of ``order``
    sort the scores.
    """
    above, last, size = 0, n, n + 1.0
    while last > 0:
        value, first = scores[order[last - 1]], last - 1
        while first > 0 and scores[order[first - 1]] == value:
            first -= 1
        share = (n - first + (real >= value)) / size
        for m in range(first, last):
            chance[order[m]] = share
        if value >= real:
            above = n - first
        last = first
    return (1.0 + above) / size


@kernel
def family_pvalues_nb(
    real: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    least: int,
    alone: npt.NDArray[np.float64],
    joint: npt.NDArray[np.float64],
) -> None:
    """Write p-values (K, J) of K tests of J items, each alone and stepped down over the items.

    ``real`` (K, J) and ``scores`` (K, J, n), of which the first ``count`` (J,) are known and sorted
    by ``order``; high is extreme. Date b of the family is ``at[j, b]`` among the dates of item j,
    (J, B). Items without a score, or with fewer than ``least`` dates, have NaN and are no part of
    the family. Romano & Wolf (2005), algorithm 4.1, over the smallest p-value: Westfall & Young
    (1993), algorithm 2.8.
    """
    K, J, n = scores.shape
    B = at.shape[1]
    chance, smallest = np.empty((J, n)), np.empty(B)
    ranked = np.empty(J, dtype=np.int64)
    for k in range(K):
        usable = 0
        for j in range(J):
            alone[k, j], joint[k, j] = np.nan, np.nan
            if count[j] < least or real[k, j] - real[k, j] != 0.0:
                continue
            p = chances_nb(real[k, j], scores[k, j], order[k, j], count[j], chance[j])
            alone[k, j] = p
            place = usable  # insertion: ties stay in their order
            while place > 0 and alone[k, ranked[place - 1]] > p:
                ranked[place] = ranked[place - 1]
                place -= 1
            ranked[place] = j
            usable += 1
        smallest[:] = np.inf
        for i in range(usable - 1, -1, -1):
            j, beyond = ranked[i], 0
            for b in range(B):
                smallest[b] = min(smallest[b], chance[j, at[j, b]])
                beyond += smallest[b] <= alone[k, j]
            # An item with a short history cannot have a smaller p than on its own.
            joint[k, j] = max((1.0 + beyond) / (1.0 + B), alone[k, j])
        for i in range(1, usable):
            joint[k, ranked[i]] = max(joint[k, ranked[i]], joint[k, ranked[i - 1]])


@kernel
def critical_nb(
    scores: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    least: int,
    level: float,
    critical: npt.NDArray[np.float64],
) -> None:
    """Write the score (J,) that an item has to exceed for a joint p-value within the level.

    By the first step of `family_pvalues_nb`, of which this is one test; infinite where dates are
    too few for any score.
    """
    J, n = scores.shape
    B = at.shape[1]
    chance, lowest, second = np.empty((J, n)), np.empty(B), np.empty(B)
    whose = np.empty(B, dtype=np.int64)
    lowest[:], second[:], allowed = np.inf, np.inf, int(level * (1.0 + B) + SMALL) - 1
    for j in range(J):
        critical[j] = np.inf
        if count[j] < least:
            continue
        chances_nb(-np.inf, scores[j], order[j], count[j], chance[j])
        for b in range(B):
            own = chance[j, at[j, b]]
            if own < lowest[b]:
                lowest[b], second[b], whose[b] = own, lowest[b], j
            elif own < second[b]:
                second[b] = own
    for j in range(J):
        if count[j] < least or allowed < 0:
            continue
        # With b own scores beyond it the event has p (1 + b) / size, and a date is as extreme where
        # another item has that p, or this one is among the b.
        size, tally = 1.0 + count[j], np.zeros(count[j] + 1, dtype=np.int64)
        for b in range(B):
            others = second[b] if whose[b] == j else lowest[b]
            from_b = min(chance[j, at[j, b]] * size, np.ceil(others * size - SMALL) - 1.0)
            tally[int(from_b + 0.5)] += 1
        beyond, dates = -1, 0
        while beyond < count[j] and dates + tally[beyond + 1] <= allowed:
            beyond += 1
            dates += tally[beyond]
        beyond = min(beyond, int(level * size + SMALL) - 1)  # a short history
        if beyond >= 0:
            critical[j] = scores[j, order[j, count[j] - 1 - beyond]]
