"""The frozen types that the backtest hands on: prices, costs, plan and simulation as arrays.

A bar has two points, its open and its close: point 2 t is the open of bar t, point 2 t + 1 its
close. What is decided at the close of bar t is filled at a point after 2 t + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from eventlab.timeline.types import Clock

__all__ = ["Carry", "Fate", "Grid", "Kind", "Plan", "Simulation"]


class Kind(IntEnum):
    """Why an order was placed."""

    START = 0
    ENTER = 1
    REBALANCE = 2
    EXIT = 3
    STOP = 4
    LIQUIDATION = 5


class Fate(IntEnum):
    """What became of a decision's order for a leg."""

    NONE = 0  # the leg is left alone, or the planner gave it no point
    OPEN = 1  # not decided or not filled by the end
    FILLED = 2
    UNCHANGED = 3  # the position was already the wanted one
    REPLACED = 4  # by a newer decision for the leg, before it was filled
    STOPPED = 5  # dropped with the rest of its episode, which was left at its stop
    LIQUIDATED = 6  # dropped because everything had been liquidated


@dataclass(frozen=True, slots=True)
class Grid:
    """What A legs cost at the 2 T points of a clock.

    Attributes
    ----------
    symbols
        A legs, those of the book first.
    n_book
        How many of them are the book's.
    instants
        (2T,) int64 UTC ns: opens and closes of the clock's bars.
    fills
        (2T, A) float64, C-contiguous: price at which an order of this point is filled, the first
        of the leg at or after the instant and inside the bar; NaN where there is none. Prices are
        adjusted for splits and dividends.
    filled_at
        (2T, A) int64 UTC ns: when that price is.
    marks
        (2T, A) float64: last fill price up to and including the point, by which positions are
        valued; NaN before the first.
    trades
        (T, A) bool: whether the leg's own market has a session (or is open) inside the bar:
        calendars decide, not prices.
    basis
        (A,) per leg how its prices were taken, in words.
    nights
        (T,) int64: calendar days from the previous bar's label to this one's; 0 for the first.
    """

    symbols: tuple[str, ...]
    n_book: int
    clock: Clock
    instants: npt.NDArray[np.int64]
    fills: npt.NDArray[np.float64]
    filled_at: npt.NDArray[np.int64]
    marks: npt.NDArray[np.float64]
    trades: npt.NDArray[np.bool_]
    basis: tuple[str, ...]
    nights: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.clock)

    @property
    def closes(self) -> npt.NDArray[np.float64]:
        """(T, A): price of each leg in each bar in which it traded at the close, else NaN."""
        return self.fills[1::2]


@dataclass(frozen=True, slots=True)
class Carry:
    """What it costs to trade and to hold, per leg.

    Attributes
    ----------
    fee, slippage
        (A,) of the traded value, in decimals. A buyer pays price x (1 + slippage).
    impact
        (2T, A): further slippage of an order of one unit of money at each point; that of an order
        of value V is ``impact * sqrt(V)``. 0 where there is none.
    funding
        (2T, A): money that a long position of one share pays in the interval that ends at the
        point (from the point before, exclusive, on): sum over the funding times of rate x price.
        A short one receives it. 0 for legs that are no perpetuals.
    borrow
        (2T, A): money that a short position of one share pays in the interval that ends at the
        point: price at the previous close x rate x nights / 365, at opens. 0 for perpetuals.
    interest
        (2T,): interest in the interval that ends at the point, in decimals of the cash that earns
        it: rate x nights / 365, at opens.
    in_cash
        (A,) float64: 1 for legs that are paid for in cash, 0 for perpetuals: interest is earned on
        equity less the value of legs that are paid for.
    """

    fee: npt.NDArray[np.float64]
    slippage: npt.NDArray[np.float64]
    impact: npt.NDArray[np.float64]
    funding: npt.NDArray[np.float64]
    borrow: npt.NDArray[np.float64]
    interest: npt.NDArray[np.float64]
    in_cash: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a strategy wants, in order of time: D decisions about A legs.

    Attributes
    ----------
    decided
        (D,) int64, ascending: row of the bar at whose close it is decided; sizes are taken from the
        marks and the equity there.
    kind, episode
        (D,) int64: a `Kind`; number of the episode (a window around one or more occurrences), -1
        outside of any.
    targets
        (D, A) float64: for legs of the book, weight of equity; for legs of the hedge, value per
        gross value of the book (the ratio with its sign turned). NaN: the leg is left alone.
    of_equity
        (D, A) bool: whether a target is a weight of equity (else of the book's gross value, which
        is the sum of |shares x mark| over the legs of the book after this decision's targets).
    points
        (D, A) int64: point at which the leg's order is filled, after rolls; -1: there is no order.
    stop
        (D,) float64: loss of equity since this decision at which the position is left; NaN: none.
        At a stop the targets of the episode's EXIT rows are due at once, and its later decisions
        fall away; so there is such a row (decided at T or later, with points of -1, where the
        episode outlasts the data).
    """

    decided: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    episode: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float64]
    of_equity: npt.NDArray[np.bool_]
    points: npt.NDArray[np.int64]
    stop: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.decided)


@dataclass(frozen=True, slots=True)
class Simulation:
    """One run of a plan.

    Attributes
    ----------
    equity, cash
        (2T,) float64: money after what happened at each point; equity = cash + shares x marks.
    shares
        (2T, A) float64: positions after the orders of the point.
    funding, borrow
        (2T, A) float64: money paid (received where negative) in the interval up to the point.
    interest
        (2T,) float64: money received (paid where negative).
    order_point, order_leg, order_decision, order_kind
        (N,) int64: the orders that were filled, in order of time and leg; ``order_decision`` is the
        row of the plan, -1 for a liquidation.
    order_shares, order_price, order_slippage, order_fee
        (N,) float64: signed shares; price before slippage; slippage in decimals of the price,
        impact included; fee in money.
    order_cut
        (N,) float64: share of the wanted size that the limit of gross exposure left, 1 for all.
    fates
        (D, A) int64, a `Fate`: what became of each order of the plan. The EXIT rows of an episode
        that was left at its stop are filled ahead of their points, with kind STOP.
    liquidated
        Point at which everything was liquidated; -1: never.
    shortfall
        Money below zero at that moment, which the lender lost: equity is 0 from there on.
    """

    equity: npt.NDArray[np.float64]
    cash: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]
    funding: npt.NDArray[np.float64]
    borrow: npt.NDArray[np.float64]
    interest: npt.NDArray[np.float64]
    order_point: npt.NDArray[np.int64]
    order_leg: npt.NDArray[np.int64]
    order_decision: npt.NDArray[np.int64]
    order_kind: npt.NDArray[np.int64]
    order_shares: npt.NDArray[np.float64]
    order_price: npt.NDArray[np.float64]
    order_slippage: npt.NDArray[np.float64]
    order_fee: npt.NDArray[np.float64]
    order_cut: npt.NDArray[np.float64]
    fates: npt.NDArray[np.int64]
    liquidated: int
    shortfall: float
