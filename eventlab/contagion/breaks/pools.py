"""Which pseudo-dates every pair is put on, and which dates the pairs of a family share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Pool", "lend", "make_pool"]

STRIDE: Final = 7919  # a prime: neighbouring dates are not lent to neighbouring dates
SILVER: Final = 2**0.5 - 1  # not the golden ratio, which gives every date its noise


@dataclass(frozen=True, slots=True)
class Pool:
    """The pseudo-dates of a family of J items.

    Attributes
    ----------
    own, count
        (J, n) places of the dates of each item, ascending; the first (J,) count, then zeros.
    at
        (J, B): which of its own dates an item has on each of the B dates of the family.
    """

    own: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]


def make_pool(known: npt.NDArray[np.bool_], dates: npt.NDArray[np.int64], most: int) -> Pool:
    """Put every item on at most ``most`` of ``dates``, evenly spaced over those it has.

    Parameters
    ----------
    known
        (J, R): on which places an item has a statistic.
    dates
        Places that are admissible, ascending. The n-th comes in the order of n times an irrational
        number modulo 1, the first of which are evenly spaced however many are taken. Items take the
        first they have, so that those with the same history have the same dates, and those with a
        short one lose none of it.

    Returns
    -------
    Pool; its family's dates are the first that any item has.
    """
    order = np.argsort(np.arange(len(dates)) * SILVER % 1.0, kind="stable")
    ranked = dates[order]
    has = known[:, ranked]
    taken = has & (np.cumsum(has, axis=1) <= most)
    shared = np.sort(ranked[has.any(axis=0)][:most])
    count = np.count_nonzero(taken, axis=1).astype(np.int64)
    own = np.zeros((len(known), max(1, int(count.max(initial=0)))), dtype=np.int64)
    at = np.zeros((len(known), len(shared)), dtype=np.int64)
    for j, mask in enumerate(taken):
        own[j, : count[j]] = np.sort(ranked[mask])
        at[j] = lend(own[j, : count[j]], shared)
    return Pool(own, count, at)


def lend(own: npt.NDArray[np.int64], shared: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return which of its ``own`` dates, ascending, an item has on each of the ``shared``.

    On dates that are not among its own it is lent one of them: an item with a short history then
    takes part on every date of the family. What is lent does not move with the other items, which
    makes a family no smaller than it is (the more independent its members, the more easily one of
    them is extreme by chance).
    """
    if not len(own):
        return np.zeros(len(shared), dtype=np.int64)
    place = np.minimum(np.searchsorted(own, shared), len(own) - 1)
    gaps = np.flatnonzero(own[place] != shared)
    place[gaps] = gaps * STRIDE % len(own)
    return place.astype(np.int64)
