"""Where the money went: profit and cost of every leg at every point, and the identity they obey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.types import Grid, Simulation

__all__ = ["Flows", "flows_of"]


@dataclass(frozen=True, slots=True)
class Flows:
    """Money by point and leg, all (2T, A) but interest, which is (2T,).

    Attributes
    ----------
    pnl
        What prices did to the positions, before every cost: orders count at their price before
        slippage.
    fees, slippage, funding, borrow
        Money paid; funding is negative where it was received.
    interest
        Money received.
    """

    pnl: npt.NDArray[np.float64]
    fees: npt.NDArray[np.float64]
    slippage: npt.NDArray[np.float64]
    funding: npt.NDArray[np.float64]
    borrow: npt.NDArray[np.float64]
    interest: npt.NDArray[np.float64]


def flows_of(grid: Grid, run: Simulation) -> Flows:
    """Split what a simulation earned and paid; sums agree with its equity to rounding."""
    marks = np.nan_to_num(grid.marks)
    pnl = np.zeros_like(marks)
    pnl[1:] = run.shares[:-1] * np.diff(marks, axis=0)
    fees, slippage = np.zeros_like(marks), np.zeros_like(marks)
    place = run.order_point, run.order_leg
    # An order is not always at the mark: a liquidation happens between two of them.
    np.add.at(pnl, place, run.order_shares * (marks[place] - run.order_price))
    np.add.at(fees, place, run.order_fee)
    np.add.at(slippage, place, np.abs(run.order_shares) * run.order_price * run.order_slippage)
    return Flows(pnl, fees, slippage, run.funding, run.borrow, run.interest)
