"""Simulate plans on a grid: one with everything that happened, or thousands for their curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eventlab.hedge.simulation_tables import check, lay_out, what_is_paid
from eventlab.hedge.types import Fate, Simulation
from eventlab.kernels.hedge_orders import MARK, PAID
from eventlab.kernels.hedge_simulation import Log, Orders, Tables, simulate_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.hedge.types import Carry, Grid, Plan

__all__ = [
    "Ground",
    "Limits",
    "Packed",
    "Simulations",
    "ground_of",
    "pack",
    "simulate",
    "simulate_many",
    "simulate_on",
]

# S plans end to end: offsets (S + 1,), then the arrays of `Plan`, row after row.
Packed = Orders


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds and ends positions.

    Attributes
    ----------
    gross
        Largest sum of |shares x mark| over equity that a decision may lead to; inf: none.
    maintenance
        Margin: equity over the same sum below which everything is liquidated. At 0 that is when
        equity is gone.
    stop_at_close
        Whether a position is left at a close after a stop, else at an open: the first at which
        the leg has a price.
    """

    gross: float = np.inf
    maintenance: float = 0.0
    stop_at_close: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """What plans are simulated on, laid out once for all of them.

    Attributes
    ----------
    tables
        Of `lay_out`, with equity at every point.
    funding, borrow
        (2T, A) float64: paid per share, of `what_is_paid`.
    """

    grid: Grid
    carry: Carry
    capital: float
    limits: Limits
    tables: Tables
    funding: npt.NDArray[np.float64]
    borrow: npt.NDArray[np.float64]


class Simulations(NamedTuple):
    """What S plans came to: equity (S, T) at the closes, traded (S,), liquidated (S,).

    ``traded`` is the sum of |shares x price| of all orders, ``liquidated`` the point at which
    everything was, or -1.
    """

    equity: npt.NDArray[np.float64]
    traded: npt.NDArray[np.float64]
    liquidated: npt.NDArray[np.int64]


def simulate(grid: Grid, carry: Carry, plan: Plan, *, capital: float, limits: Limits) -> Simulation:
    """Simulate one plan and say everything that happened.

    At each point, in this order: funding, borrow and interest of the interval that ends there, on
    what was held; the margin; the orders due; at closes the stop, then the decisions, sized by the
    marks and the equity there. An order is filled at ``fills``, a buyer paying and a seller
    receiving slippage + impact x sqrt(value) less favourably (a seller gets zero at worst), and a
    fee on that amount. Cash may be negative. A newer decision replaces what waits for its leg. The
    gross limit cuts the legs that a decision sets, all by the same factor.

    Margin: everything is liquidated when equity is below ``maintenance`` times the sum of
    |shares x mark|, or not above zero. Between a close and the next open lies a gap, and the
    prices are those of the open. From the open to the close of a bar prices are taken to move
    along straight lines, and positions are closed where the margin is used up, with fees and
    slippage. A leg without a price in the bar is closed at its mark: the lender takes it over
    there. Equity below zero after that is written off as ``shortfall``; nothing is traded any more,
    and what is left earns interest.

    The capital is put in at the close of the first decision's bar: no interest is earned before. A
    plan without decisions earns it from the start.

    Equity is ``cash + shares x marks`` and ``capital + P&L by leg - fees - slippage - funding -
    borrow + interest + shortfall``, to rounding. Row p of every array uses data up to point p.

    Raises
    ------
    ValueError
        A plan that cannot be carried out (an order at a point without a price, for example), or a
        cost that is NaN where it is needed: leg and session are named.
    """
    return simulate_on(ground_of(grid, carry, capital=capital, limits=limits), plan)


def ground_of(grid: Grid, carry: Carry, *, capital: float, limits: Limits) -> Ground:
    """Lay prices and costs out for any number of plans.

    Raises
    ------
    ValueError
        A cost that is NaN where it is needed: leg and session are named.
    """
    tables = lay_out(grid, carry, limits, every=True)
    return Ground(grid, carry, capital, limits, tables, *what_is_paid(grid, carry))


def simulate_on(ground: Ground, plan: Plan) -> Simulation:
    """Simulate one plan where others may have been, as `simulate`.

    Raises
    ------
    ValueError
        A plan that cannot be carried out.
    """
    grid, capital = ground.grid, ground.capital
    plans = pack([plan])
    until = check(grid, plans)
    n, A = grid.marks.shape
    most = plan.targets.size + A
    log = Log(
        cash=np.empty(n),
        fates=_wanted(plan),
        ints=np.empty((most, 4), dtype=np.int64),
        floats=np.empty((most, 6)),
    )
    equity, ends = np.empty((1, n)), np.empty((1, 4))
    rules = _rules(grid, capital, ground.limits)
    simulate_nb(ground.tables, plans, until, rules, log, equity, ends)
    base = np.full(n, capital)
    base[: 2 * plan.decided[0] + 1 if len(plan) else 0] = 0.0
    return _tell(ground, base, log, equity[0], ends[0])


def simulate_many(
    grid: Grid, carry: Carry, plans: Sequence[Plan] | Packed, *, capital: float, limits: Limits
) -> Simulations:
    """Simulate thousands of plans on one grid, on one thread, for their equity at the closes.

    The same arithmetic as `simulate`, bit for bit.

    Raises
    ------
    ValueError
        As `simulate`; rows are counted over all plans.
    """
    packed = plans if isinstance(plans, Orders) else pack(plans)
    until = check(grid, packed)
    tables = lay_out(grid, carry, limits, every=False)
    S = len(packed.offsets) - 1
    log = Log(
        cash=np.empty(0),
        fates=np.empty((0, 0), dtype=np.int64),
        ints=np.empty((0, 4), dtype=np.int64),
        floats=np.empty((0, 6)),
    )
    equity, ends = np.empty((S, len(grid))), np.empty((S, 4))
    simulate_nb(tables, packed, until, _rules(grid, capital, limits), log, equity, ends)
    return Simulations(equity, ends[:, 0].copy(), ends[:, 1].astype(np.int64))


def pack(plans: Sequence[Plan]) -> Packed:
    """Lay plans end to end. A sweep may build the same arrays itself.

    Returns
    -------
    Packed
        ``offsets`` (S + 1,) int64, then the arrays of `Plan`, all C-contiguous, with the rows of
        plan s from ``offsets[s]`` to ``offsets[s + 1]``, exclusive.
    """
    if not plans:
        raise ValueError("there are no plans to pack")
    offsets = np.zeros(len(plans) + 1, dtype=np.int64)
    np.cumsum([len(plan) for plan in plans], out=offsets[1:])
    kinds = {"targets": np.float64, "stop": np.float64, "of_equity": np.bool_}
    rows: dict[str, npt.NDArray[Any]] = {
        name: np.ascontiguousarray(
            np.concatenate([getattr(plan, name) for plan in plans]), dtype=kinds.get(name, np.int64)
        )
        for name in Orders._fields[1:]
    }
    return Orders(offsets, **rows)


def _rules(grid: Grid, capital: float, limits: Limits) -> npt.NDArray[np.float64]:
    return np.array([capital, limits.gross, grid.n_book, limits.maintenance], dtype=np.float64)


def _wanted(plan: Plan) -> npt.NDArray[np.int64]:
    wanted = (plan.points >= 0) & ~np.isnan(plan.targets)
    return np.where(wanted, np.int64(Fate.OPEN), np.int64(Fate.NONE))


def _tell(
    ground: Ground,
    base: npt.NDArray[np.float64],
    log: Log,
    equity: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
) -> Simulation:
    """Work out from the orders what was held and paid at each point.

    ``base`` (2T,) is 0 where nothing is earned yet, else the capital; it is overwritten by what
    earns interest.
    """
    liquidated, count = int(ends[1]), int(ends[3])
    ints, floats = log.ints[:count].copy(), log.floats[:count].copy()
    points, funding, borrow = ground.tables.points, ground.funding, ground.borrow
    shares = np.zeros(points.shape[:2])
    for n in range(count):
        shares[ints[n, 0] :, ints[n, 1]] = floats[n, 5]
    held = np.vstack([np.zeros(len(ground.grid.symbols)), shares[:-1]])
    paid = np.where(shares < 0, points[:, :, PAID + 1], points[:, :, PAID])
    idle = base == 0.0
    free = (equity - (shares * points[:, :, MARK] * ground.carry.in_cash).sum(axis=1))[1::2]
    base[2:] = np.repeat(free[:-1], 2)
    base[idle] = 0.0
    fates = log.fates
    if liquidated >= 0:
        base[liquidated + 1 : liquidated + 2] = equity[liquidated]
        fates[fates == Fate.OPEN] = Fate.LIQUIDATED
    return Simulation(
        equity=equity,
        cash=log.cash - (shares * paid).sum(axis=1),
        shares=shares,
        funding=held * funding,
        borrow=np.maximum(-held, 0.0) * borrow,
        interest=base * ground.carry.interest,
        order_point=ints[:, 0],
        order_leg=ints[:, 1],
        order_decision=ints[:, 2],
        order_kind=ints[:, 3],
        order_shares=floats[:, 0],
        order_price=floats[:, 1],
        order_slippage=floats[:, 2],
        order_fee=floats[:, 3],
        order_cut=floats[:, 4],
        fates=fates,
        liquidated=liquidated,
        shortfall=float(ends[2]),
    )
