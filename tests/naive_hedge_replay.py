"""A portfolio bar by bar in plain Python: orders for shares, costs, financing, liquidation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.types import Carry, Grid, Kind, Simulation
from eventlab.timeline.types import DAY, Clock

if TYPE_CHECKING:
    import numpy.typing as npt


def grid_of(prices: npt.NDArray[np.float64], n_book: int = 1) -> Grid:
    """(2T, A) prices at the points of a clock of UTC days."""
    points, legs = prices.shape
    opens = np.arange(points // 2, dtype=np.int64) * DAY
    days = opens.astype("datetime64[ns]").astype("datetime64[D]")
    clock = Clock("24/7", days, opens, opens + DAY)
    instants = np.stack([clock.opens, clock.closes], axis=1).ravel()
    marks = prices.copy()
    for point in range(1, points):
        lacks = np.isnan(marks[point])
        marks[point, lacks] = marks[point - 1, lacks]
    return Grid(
        symbols=tuple("ABCDEFGH"[:legs]),
        n_book=n_book,
        clock=clock,
        instants=instants,
        fills=prices,
        filled_at=np.repeat(instants[:, None], legs, axis=1),
        marks=marks,
        trades=np.ones((points // 2, legs), dtype=bool),
        basis=("own bars",) * legs,
        nights=np.r_[0, np.ones(points // 2 - 1)].astype(np.int64),
    )


def free(points: int, legs: int) -> Carry:
    """Nothing costs anything."""
    return Carry(
        fee=np.zeros(legs),
        slippage=np.zeros(legs),
        impact=np.zeros((points, legs)),
        funding=np.zeros((points, legs)),
        borrow=np.zeros((points, legs)),
        interest=np.zeros(points),
        in_cash=np.ones(legs),
    )


@dataclass
class Account:
    """One account; ``orders`` holds (point, leg, shares, price, slippage, fee)."""

    grid: Grid
    carry: Carry
    cash: float
    shares: list[float] = field(default_factory=list)
    orders: list[tuple[int, int, float, float, float, float]] = field(default_factory=list)

    def trade(self, point: int, leg: int, shares: float) -> None:
        if shares == 0.0:
            return
        price = float(self.grid.marks[point, leg])
        impact = float(self.carry.impact[point, leg])
        slippage = float(self.carry.slippage[leg]) + impact * (abs(shares) * price) ** 0.5
        paid = price * (1 + slippage) if shares > 0 else price * (1 - slippage)
        fee = abs(shares) * paid * float(self.carry.fee[leg])
        self.cash -= shares * paid + fee
        self.shares[leg] += shares
        self.orders.append((point, leg, shares, price, slippage, fee))

    def value(self, point: int) -> float:
        held = zip(self.shares, self.grid.marks[point], strict=True)
        return self.cash + sum(shares * float(mark) for shares, mark in held if shares)


def simulate(
    grid: Grid,
    carry: Carry,
    targets: dict[tuple[int, int], float],
    *,
    capital: float,
    liquidate_at: int = -1,
) -> Simulation:
    """Trade each leg to ``targets[point, leg]`` shares; after ``liquidate_at`` nothing is left."""
    points, legs = grid.marks.shape
    account = Account(grid, carry, capital, [0.0] * legs)
    cash, equity = np.zeros(points), np.zeros(points)
    shares = np.zeros((points, legs))
    funding, borrow, interest = np.zeros((points, legs)), np.zeros((points, legs)), np.zeros(points)
    shortfall = 0.0
    for point in range(points):
        paid_for = account.value(point - 1) if point else capital
        for leg in range(legs):
            held = account.shares[leg]
            if held and carry.in_cash[leg]:
                paid_for -= held * grid.marks[point - 1, leg]
            funding[point, leg] = held * carry.funding[point, leg]
            borrow[point, leg] = max(-held, 0.0) * carry.borrow[point, leg]
        interest[point] = paid_for * carry.interest[point]
        account.cash += interest[point] - funding[point].sum() - borrow[point].sum()
        for leg in range(legs):
            if (point, leg) in targets and (liquidate_at < 0 or point <= liquidate_at):
                account.trade(point, leg, targets[point, leg] - account.shares[leg])
        if point == liquidate_at:
            for leg in range(legs):
                account.trade(point, leg, -account.shares[leg])
            if account.cash < 0:
                shortfall, account.cash = -account.cash, 0.0
        cash[point], equity[point] = account.cash, account.value(point)
        shares[point] = account.shares
    rows = np.array(account.orders, dtype=np.float64).reshape(-1, 6)
    kinds = [Kind.LIQUIDATION if row[0] == liquidate_at else Kind.REBALANCE for row in rows]
    return Simulation(
        equity=equity,
        cash=cash,
        shares=shares,
        funding=funding,
        borrow=borrow,
        interest=interest,
        order_point=rows[:, 0].astype(np.int64),
        order_leg=rows[:, 1].astype(np.int64),
        order_decision=np.zeros(len(rows), dtype=np.int64),
        order_kind=np.array(kinds, dtype=np.int64),
        order_shares=rows[:, 2],
        order_price=rows[:, 3],
        order_slippage=rows[:, 4],
        order_fee=rows[:, 5],
        order_cut=np.ones(len(rows)),
        fates=np.empty((0, legs), dtype=np.int64),
        liquidated=liquidate_at,
        shortfall=shortfall,
    )
