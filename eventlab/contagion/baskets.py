"""The series of a scale: a column of the panel for each symbol, and equally weighted baskets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.assembly import Chosen, Span

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.scales import Scale
    from eventlab.market.types import Panel

__all__ = ["Book"]


@dataclass(slots=True)
class Book:
    """Series by number: the columns of the panel, then each basket that was asked for.

    A symbol with several columns is read in the one that a study of the same bars would choose at
    that occurrence; a factor in one column throughout. A basket is the mean return of its members
    on each row: NaN where fewer than two of them have a return, or fewer than half of those that
    have had one by then. So members join when they are listed, and nothing is filled.
    """

    panel: Panel
    scale: Scale
    made: list[npt.NDArray[np.float64]] = field(default_factory=list)
    columns: list[tuple[int, ...]] = field(default_factory=list)
    rows: dict[tuple[int, ...], int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    chosen: Chosen = field(init=False)
    stacked: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Choose columns over both windows."""
        span = Span(self.scale.calm[0], self.scale.crisis[0], self.scale.crisis[1])
        self.chosen = Chosen(self.panel, span, {})

    @property
    def symbols(self) -> frozenset[str]:
        """Symbols that have a column."""
        return frozenset(column.symbol for column in self.panel.columns)

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """(S, T): every series that was asked for so far."""
        n = len(self.panel.columns)
        if self.stacked is None or len(self.stacked) != n + len(self.made):
            self.stacked = np.ascontiguousarray(np.vstack([self.panel.returns, *self.made]))
        return self.stacked

    @property
    def spans(self) -> npt.NDArray[np.bool_] | None:
        """(S, T): returns that span a closure, of a basket where one of a member does."""
        spans = self.panel.spans
        if spans is None:
            return None
        return np.vstack([spans, *(spans[list(each)].any(axis=0) for each in self.columns)])

    def settle(self, symbols: tuple[str, ...], anchors: tuple[int, ...]) -> None:
        """Read each of ``symbols`` in the column that most occurrences would choose."""
        for symbol in symbols:
            votes = Counter(self.chosen.own(symbol, anchor) for anchor in anchors)
            columns = [c for c, one in enumerate(self.panel.columns) if one.symbol == symbol]
            self.settled[symbol] = max(columns, key=lambda c: votes[c])

    def row(self, name: str, anchor: int, members: tuple[str, ...] = ()) -> int:
        """Return the number of the series of a symbol, or of a basket, at an occurrence."""
        if not members:
            return self.settled[name] if name in self.settled else self.own(name, anchor)
        columns = tuple(self.row(one, anchor) for one in members)
        if columns not in self.rows:
            self.rows[columns] = len(self.panel.columns) + len(self.made)
            self.made.append(basket(self.panel.returns[list(columns)]))
            self.columns.append(columns)
        return self.rows[columns]

    def own(self, name: str, anchor: int) -> int:
        """Column of a symbol at an occurrence."""
        return self.chosen.own(name, anchor)

    def parts(self, row: int) -> tuple[int, ...]:
        """Columns of the panel that a series is made of."""
        n = len(self.panel.columns)
        return (row,) if row < n else self.columns[row - n]

    def emptiness(self, row: int, anchor: int) -> str:
        """Say that a series has no return in a window around a row; nothing where it has some."""
        n = len(self.panel.columns)
        series = self.panel.returns[row] if row < n else self.made[row - n]
        for name, (first, last) in (("calm", self.scale.calm), ("crisis", self.scale.crisis)):
            if not np.isfinite(series[anchor + first : anchor + last + 1]).any():
                return self.absence(series, anchor, name)
        return ""

    def absence(self, series: npt.NDArray[np.float64], anchor: int, window: str) -> str:
        """Say where a series has returns that has none in a window."""
        days = self.panel.clock.days
        there = np.flatnonzero(np.isfinite(series))
        if not len(there):
            return "no return on this clock"
        first, last = days[there[0]], days[there[-1]]
        where = f"they run from {first} to {last}"
        if there[0] > anchor:
            where = f"its first is of {first}"
        elif there[-1] < anchor:
            where = f"its last is of {last}"
        return f"no return in {window}_window; {where}"


def basket(returns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,): equally weighted mean of the returns (K, T) of members; see `Book`."""
    there = np.isfinite(returns)
    count = there.sum(axis=0)
    listed = np.maximum.accumulate(there, axis=1).sum(axis=0)
    enough = (count >= 2) & (2 * count >= listed)
    total = np.where(there, returns, 0.0).sum(axis=0)
    return np.where(enough, total / np.maximum(count, 1), np.nan)
