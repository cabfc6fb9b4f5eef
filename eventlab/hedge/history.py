"""Joint returns of the book and the instruments: what hedge ratios are estimated on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.hedge.sleeves import Sleeve, Sleeves
    from eventlab.hedge.types import Grid

__all__ = ["History", "make_history"]


@dataclass(frozen=True, slots=True)
class History:
    """Returns between consecutive bars at which the book and all instruments traded.

    Attributes
    ----------
    rows
        (n,) int64, ascending: bar of the grid at whose close each return ends; it is known there.
    book
        (n,) float64: sum(w r) / sum(|w|) over the sleeves of the book.
    instruments
        (n, K) float64: returns of the hedge's sleeves. A group's return is the mean of its
        members that have a price at both ends.
    """

    rows: npt.NDArray[np.int64]
    book: npt.NDArray[np.float64]
    instruments: npt.NDArray[np.float64]

    def last(self, row: int) -> int:
        """How many returns are known at the close of a bar."""
        return int(np.searchsorted(self.rows, row, side="right"))


def make_history(grid: Grid, sleeves: Sleeves, issuer: str | None = None) -> History:
    """Compute the joint returns of a strategy's sleeves; ``issuer`` is what ``@issuer`` means."""
    every = (*sleeves.book, *sleeves.hedge)
    closes = grid.closes
    groups = [each.of(issuer) for each in every]
    there = np.ones(len(closes), dtype=np.bool_)
    for legs in groups:
        there &= np.isfinite(closes[:, legs]).any(axis=1) if legs else np.False_
    rows = np.flatnonzero(there)
    if len(rows) < 2:
        return History(np.empty(0, np.int64), np.empty(0), np.empty((0, len(sleeves.hedge))))
    series = [sleeve_returns(closes[rows][:, legs]) for legs in groups]
    book = book_returns(sleeves.book, series[: len(sleeves.book)])
    instruments = series[len(sleeves.book) :]
    stacked = np.column_stack(instruments) if instruments else np.empty((len(rows) - 1, 0))
    return History(rows[1:], book, np.ascontiguousarray(stacked))


def book_returns(
    sleeves: Sequence[Sleeve], series: Sequence[npt.NDArray[np.float64]]
) -> npt.NDArray[np.float64]:
    """(n,): return of the book per unit of its gross value."""
    gross = math.fsum(abs(each.weight) for each in sleeves)
    total = sum(each.weight * one for each, one in zip(sleeves, series, strict=True))
    return np.asarray(total / gross, dtype=np.float64)


def sleeve_returns(prices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n - 1,): mean return of the columns of (n, M) that have prices at both ends; else NaN."""
    returns = prices[1:] / prices[:-1] - 1.0
    if returns.shape[1] == 1:
        return returns[:, 0]
    known = np.isfinite(returns)
    counts = known.sum(axis=1)
    total = np.where(known, returns, 0.0).sum(axis=1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
