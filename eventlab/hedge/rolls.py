"""Where an order is filled: on closed sessions, without an opening price, at missing prices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.types import Grid

__all__ = ["MissingPrice", "Roll", "Rolls", "previous_sessions", "roll_table"]


class MissingPrice(DataError):  # noqa: N818 - the name that its users look for
    """A price lacks at which an order had to be filled, in a market that was open."""


class Roll(IntEnum):
    """What becomes of an order that is due in a bar."""

    AS_DUE = 0
    NEXT_OPEN = 1  # the market is closed: first price of its next session
    PREVIOUS_CLOSE = 2  # the market is closed: close of its session before
    CANCELLED = 3  # the market is closed
    NO_OPEN = 4  # no opening price: the close of the bar
    ROLLED = 5  # a price lacks in an open market: the next there is
    MISSING = 6  # a price lacks in an open market, and that is an error
    AFTER_END = 7  # prices end before


@dataclass(frozen=True, slots=True)
class Rolls:
    """By the bar that an order is due in and its leg; the last row is after the end of prices.

    Attributes
    ----------
    due
        (T + 1,) int64: the point that was asked for.
    points
        (T + 1, A) int64: the point at which it is filled; -1 where it is not.
    ways
        (T + 1, A) int8: the `Roll` that it takes.
    """

    due: npt.NDArray[np.int64]
    points: npt.NDArray[np.int64]
    ways: npt.NDArray[np.int8]


def roll_table(grid: Grid, strategy: StrategyDefinition) -> Rolls:
    """Work out for every bar and leg where an order that is due there is filled.

    An order that is due at the open takes the bar's close where the leg has no opening price. A
    roll looks at later bars only for where the next price is: sizes were decided before.
    """
    n, at_open = len(grid), strategy.when.fill == "open"
    bars = np.arange(n)
    there = np.isfinite(grid.fills)
    ahead, before = next_points(there), previous_sessions(grid.trades)
    due = 2 * bars + (0 if at_open else 1)
    points = np.repeat(due[:, None], there.shape[1], axis=1)
    ways = np.full(points.shape, Roll.AS_DUE, dtype=np.int8)
    filled = there[due]
    late = grid.trades & ~filled & there[1::2]
    points[late], ways[late] = (
        np.broadcast_to(2 * bars[:, None] + 1, points.shape)[late],
        (Roll.NO_OPEN),
    )
    lacking = grid.trades & ~filled & ~late
    points[lacking] = ahead[2 * bars + 2][lacking] if strategy.missing == "roll" else -1
    ways[lacking] = Roll.ROLLED if strategy.missing == "roll" else Roll.MISSING
    closed = ~grid.trades
    if strategy.when_closed == "cancel":
        points[closed], ways[closed] = -1, Roll.CANCELLED
    elif strategy.when_closed == "previous_close":
        close = np.where(before >= 0, 2 * before + 1, -1)
        points[closed], ways[closed] = close[closed], Roll.PREVIOUS_CLOSE
        # Nobody knows a session before that the price of its close is going to lack.
        gone = closed & (before >= 0) & ~np.take_along_axis(there, np.maximum(close, 0), axis=0)
        rolled = strategy.missing == "roll"
        points[gone] = ahead[2 * bars + 2][gone] if rolled else -1
        ways[gone] = Roll.ROLLED if rolled else Roll.MISSING
    else:
        points[closed], ways[closed] = ahead[2 * bars + 2][closed], Roll.NEXT_OPEN
        skipped = closed & (points // 2 > next_sessions(grid.trades)) & (points >= 0)
        if strategy.missing == "raise":
            points[skipped], ways[skipped] = -1, Roll.MISSING
    ended = (points < 0) & ~np.isin(ways, (Roll.CANCELLED, Roll.MISSING, Roll.PREVIOUS_CLOSE))
    ways[ended] = Roll.AFTER_END
    legs = points.shape[1]
    return Rolls(
        np.append(due, 2 * n + (0 if at_open else 1)),
        np.vstack([points, np.full((1, legs), -1)]),
        np.vstack([ways, np.full((1, legs), Roll.AFTER_END, dtype=np.int8)]),
    )


def next_points(there: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(P + 1, A): the first point at or after each that has a price; -1 where none has."""
    n, legs = there.shape
    places = np.where(there, np.arange(n)[:, None], n)
    first = np.minimum.accumulate(places[::-1], axis=0)[::-1]
    return np.vstack([np.where(first < n, first, -1), np.full((1, legs), -1)])


def previous_sessions(trades: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(T, A): the last earlier bar in which the leg's market is open; -1 where there is none."""
    rows = np.where(trades, np.arange(len(trades))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)
    return np.vstack([np.full((1, trades.shape[1]), -1), last[:-1]])


def next_sessions(trades: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(T, A): the first later bar in which the leg's market is open; T where there is none."""
    n, legs = trades.shape
    bars = np.where(trades, np.arange(n)[:, None], n)
    first = np.minimum.accumulate(bars[::-1], axis=0)[::-1]
    return np.vstack([first[1:], np.full((1, legs), n)])
