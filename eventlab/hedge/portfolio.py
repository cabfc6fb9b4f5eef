"""Every reported backtest once more, by vectorbt: its Portfolio replays the orders.

The one module that imports ``vectorbt``, and only when a replay is asked for: that takes seconds.
All of it runs on vectorbt's Rust engine, named at every call; its numba engine would compile for a
quarter of a minute first.
"""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.types import Carry, Grid, Simulation

    Floats = npt.NDArray[np.float64]

__all__ = ["TOLERANCE", "ParityError", "Portfolio", "check_parity", "drawdowns", "replay"]

ENGINE: Final = "rust"
TOLERANCE: Final = 1e-12  # of the largest equity
ALL_BUT_A_DIGIT: Final = float(np.nextafter(1.0, 0.0))
SHARES_AS_POWER_OF_TWO: Final = 40
BUY: Final = 0  # codes in vectorbt's records
SHORT: Final = 1
CLOSED: Final = 1
RECOVERED: Final = 1


class ParityError(RuntimeError):
    """The simulation and vectorbt's portfolio disagree: a bug of eventlab, not of its user."""


@dataclass(frozen=True, repr=False)
class Portfolio:
    """What vectorbt makes of a simulation's orders, with our financing ledger added to the money.

    Attributes
    ----------
    equity, cash
        (2T,) float64: vectorbt's value and cash plus what the ledger (funding, borrow, interest
        and the shortfall that the lender lost) has added up to.
    orders
        A row per order of the simulation, in its order: point, leg (columns of the grid), size
        (signed shares), price (paid, slippage included), fees (money).
    filled
        vectorbt's own Portfolio, in shares times ``scale``, without capital and ledger.
    """

    equity: npt.NDArray[np.float64]
    cash: npt.NDArray[np.float64]
    orders: pd.DataFrame
    filled: Any
    scale: float

    @cached_property
    def trades(self) -> pd.DataFrame:
        """Exit trades of vectorbt: a row per order that reduces a position and per open one.

        leg, entry_point, exit_point (the last point while open), size (signed shares),
        entry_price, exit_price, fees, pnl (after fees and slippage, before the ledger), return
        (pnl over the value at entry), status (closed, open).
        """
        records = self.filled.get_exit_trades(group_by=False).records_arr
        short = records["direction"] == SHORT
        return pd.DataFrame(
            {
                "leg": records["col"],
                "entry_point": records["entry_idx"],
                "exit_point": records["exit_idx"],
                "size": np.where(short, -records["size"], records["size"]) / self.scale,
                "entry_price": records["entry_price"],
                "exit_price": records["exit_price"],
                "fees": (records["entry_fees"] + records["exit_fees"]) / self.scale,
                "pnl": records["pnl"] / self.scale,
                "return": records["return"],
                "status": np.where(records["status"] == CLOSED, "closed", "open"),
            }
        )

    @cached_property
    def drawdowns(self) -> pd.DataFrame:
        """Drawdowns of the equity at bar closes, as of `drawdowns`."""
        return drawdowns(self.equity[1::2])

    def __repr__(self) -> str:
        return f"Portfolio({len(self.equity)} points, {len(self.orders)} orders)"


def replay(grid: Grid, carry: Carry, simulation: Simulation, *, capital: float) -> Portfolio:
    """Fill the simulation's orders in vectorbt's Portfolio and value them at the grid's marks.

    Orders are targets in shares at explicit prices, with the simulation's slippage and the
    carry's fees; all legs share one cash account.

    Parameters
    ----------
    capital
        What the account starts with, > 0.

    Raises
    ------
    ParityError
        If an order was not filled.

    Notes
    -----
    vectorbt cuts a purchase that its cash does not cover, while ours may be lent: the orders are
    filled from infinite cash (its own ``init_cash="auto"`` does the same), and ``capital`` is put
    in afterwards. It also takes an order under 1e-12 shares for none, so sizes are scaled by a
    power of two, which is exact, until they are large; and it sets a sum to 0 where the terms are
    within 1e-9 of each other, so cash is summed here from its cash flows.
    """
    scale = _scale(grid, capital)
    filled = _fill(grid, carry, simulation, scale)
    ledger = _ledger(simulation)
    # Leg by leg: vectorbt's own sums over the group take twice the time.
    flow = filled.cash_flow(group_by=False).to_numpy().sum(axis=1)
    value = filled.asset_value(group_by=False).to_numpy().sum(axis=1)
    cash = capital + np.cumsum(flow) / scale + ledger
    equity = cash + value / scale
    orders = _orders(filled, simulation, scale)
    return Portfolio(equity=equity, cash=cash, orders=orders, filled=filled, scale=scale)


def check_parity(simulation: Simulation, portfolio: Portfolio) -> None:
    """Refuse a simulation whose equity, cash or orders are not vectorbt's.

    Raises
    ------
    ParityError
        If a number differs by more than 1e-12 of the largest equity (prices: of the price).
    """
    orders = {name: portfolio.orders[name].to_numpy() for name in ("size", "price", "fees")}
    side = np.sign(simulation.order_shares)
    paid = simulation.order_price * (1.0 + side * simulation.order_slippage)
    largest = np.abs(portfolio.equity).max()
    _agree("equity", simulation.equity, portfolio.equity, largest)
    _agree("cash", simulation.cash, portfolio.cash, largest)
    _agree("size of order", simulation.order_shares, orders["size"], largest / orders["price"])
    _agree(
        "price of order", paid, orders["price"], np.maximum(orders["price"], simulation.order_price)
    )
    _agree("fee of order", simulation.order_fee, orders["fees"], largest)


def _agree(name: str, ours: Floats, theirs: Floats, unit: Floats | float) -> None:
    if len(ours) != len(theirs):
        raise ParityError(f"{name}: {len(ours)} in the simulation, {len(theirs)} in vectorbt")
    allowed = TOLERANCE * np.broadcast_to(unit, theirs.shape)
    wrong = ~(np.abs(ours - theirs) <= allowed)  # NaN is wrong too
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ParityError(
            f"{name} {at}: {float(ours[at])!r} in the simulation, {float(theirs[at])!r} in "
            f"vectorbt; they may differ by {float(allowed[at])!r}"
        )


def drawdowns(equity: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Drawdowns of a curve, by vectorbt.

    Parameters
    ----------
    equity
        (T,) money at bar closes, without NaN.

    Returns
    -------
    pandas.DataFrame
        In order of time: peak, trough, recovered (bars; -1: not yet), depth (equity at the trough
        over that at the peak, less 1: negative).
    """
    records = _vectorbt().Drawdowns.from_ts(pd.Series(equity), engine=ENGINE).records_arr
    return pd.DataFrame(
        {
            "peak": records["peak_idx"],
            "trough": records["valley_idx"],
            "recovered": np.where(records["status"] == RECOVERED, records["end_idx"], -1),
            "depth": records["valley_val"] / records["peak_val"] - 1.0,
        }
    )


def _scale(grid: Grid, capital: float) -> float:
    """Power of two that makes the capital worth about 2^40 shares of the dearest leg."""
    _, exponent = math.frexp(capital / float(np.nanmax(grid.marks)))
    return math.ldexp(1.0, SHARES_AS_POWER_OF_TWO - exponent)


def _fill(grid: Grid, carry: Carry, simulation: Simulation, scale: float) -> Any:
    at = (simulation.order_point, simulation.order_leg)
    shape = grid.marks.shape
    size, price, slippage = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    size[at] = simulation.shares[at] * scale
    price[at] = simulation.order_price
    # Its trades refuse a price of zero, at which whoever loses all to slippage sells.
    sold = simulation.order_shares < 0.0
    slippage[at] = np.minimum(simulation.order_slippage, np.where(sold, ALL_BUT_A_DIGIT, np.inf))
    return _vectorbt().Portfolio.from_orders(
        pd.DataFrame(grid.marks),
        size=size,
        size_type="targetamount",
        direction="both",
        price=price,
        slippage=slippage,
        fees=np.tile(carry.fee, (shape[0], 1)),
        fixed_fees=0.0,
        init_cash=np.inf,
        cash_sharing=True,
        group_by=True,
        call_seq="default",  # cash is no limit, so the order of legs is that of the simulation
        lock_cash=False,
        allow_partial=False,
        raise_reject=True,
        max_orders=max(len(simulation.order_point), 1),
        fillna_close=True,
        engine=ENGINE,
    )


def _ledger(simulation: Simulation) -> npt.NDArray[np.float64]:
    """Money that financing has added up to at each point."""
    paid = simulation.funding.sum(axis=1) + simulation.borrow.sum(axis=1)
    received = simulation.interest - paid
    if simulation.liquidated >= 0:
        received[simulation.liquidated] += simulation.shortfall
    return np.cumsum(received)


def _orders(filled: Any, simulation: Simulation, scale: float) -> pd.DataFrame:
    records = filled.order_records
    wanted = (simulation.order_point, simulation.order_leg)
    if not all(map(np.array_equal, (records["idx"], records["col"]), wanted)):
        raise ParityError(f"vectorbt filled {len(records)} orders of {len(wanted[0])}")
    bought = records["side"] == BUY
    return pd.DataFrame(
        {
            "point": records["idx"],
            "leg": records["col"],
            "size": np.where(bought, records["size"], -records["size"]) / scale,
            "price": records["price"],
            "fees": records["fees"] / scale,
        }
    )


def _vectorbt() -> Any:
    """Import vectorbt, without the garbage collector: a fifth of the seconds that it takes."""
    collects = gc.isenabled()
    gc.disable()
    try:
        import vectorbt  # noqa: PLC0415
    finally:
        if collects:
            gc.enable()
    return vectorbt
