"""The kernel against plain loops, against itself in batches, and against the future."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.hedge.simulate import pack, simulate, simulate_many
from eventlab.hedge.types import Fate, Kind
from tests import naive_hedge_simulation as naive
from tests.hedge.simulation_cases import CAPITAL, Case, random_case

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.types import Simulation

# Sums of a few hundred products, relative to all the money that was in play.
RTOL = 1e-12

cases = st.builds(
    random_case,
    seed=st.integers(0, 10**6),
    T=st.integers(2, 60),
    A=st.integers(1, 5),
    wild=st.sampled_from([0.2, 1.0, 3.0]),
    pure=st.booleans(),
)


def money_in_play(case: Case, found: Simulation) -> float:
    marks = np.nan_to_num(case.grid.marks)
    return float(CAPITAL + np.abs(found.shares * marks).sum(axis=1).max())


def close(found: Any, wanted: Any, scale: float = 0.0) -> None:
    np.testing.assert_allclose(found, wanted, rtol=RTOL, atol=RTOL * scale)


@given(cases)
@settings(max_examples=150, deadline=None)
def test_the_kernel_does_what_plain_loops_do(case: Case) -> None:
    found = case.run(simulate)
    wanted = naive.simulate(case.grid, case.carry, case.plan, CAPITAL, case.limits)
    assert found.liquidated == wanted.liquidated
    scale = money_in_play(case, found)
    for name in ("point", "leg", "decision", "kind"):
        mine = getattr(found, f"order_{name}").tolist()
        assert mine == [getattr(order, name) for order in wanted.orders], name
    size = np.maximum(np.abs([order.shares for order in wanted.orders]), 1e-300)
    close(found.order_shares / size, [o.shares for o in wanted.orders] / size, scale / CAPITAL)
    for name in ("price", "slippage", "cut"):
        close(getattr(found, f"order_{name}"), [getattr(o, name) for o in wanted.orders], 1.0)
    close(found.order_fee, [order.fee for order in wanted.orders], scale)
    close(found.equity, wanted.equities, scale)
    close(found.cash, wanted.cashes, scale)
    close(
        found.shares * np.nan_to_num(case.grid.marks),
        wanted.held * np.nan_to_num(case.grid.marks),
        scale,
    )
    close(found.funding, wanted.funding, scale)
    close(found.borrow, wanted.borrow, scale)
    close(found.interest, wanted.interest, scale)
    close(found.shortfall, wanted.shortfall, scale)
    for (d, a), fate in wanted.fates.items():
        assert found.fates[d, a] == fate, (d, a)


def pnl(case: Case, found: Simulation) -> npt.NDArray[np.float64]:
    """P&L by leg: positions times moves of their marks, and what orders differ from the mark."""
    marks = np.nan_to_num(case.grid.marks)
    moves = np.diff(marks, axis=0, prepend=0.0)
    held = np.vstack([np.zeros(marks.shape[1]), found.shares[:-1]])
    total = np.asarray((held * moves).sum(axis=0))
    for n in range(len(found.order_leg)):
        p, a = found.order_point[n], found.order_leg[n]
        total[a] += found.order_shares[n] * (marks[p, a] - found.order_price[n])
    return total


@given(cases)
@settings(max_examples=100, deadline=None)
def test_equity_is_what_came_in_less_what_went_out(case: Case) -> None:
    found = case.run(simulate)
    scale = money_in_play(case, found)
    marks = np.nan_to_num(case.grid.marks)
    close(found.equity, found.cash + (found.shares * marks).sum(axis=1), scale)
    slipped = np.abs(found.order_shares) * found.order_price * found.order_slippage
    costs = found.order_fee.sum() + slipped.sum() + found.funding.sum() + found.borrow.sum()
    gains = pnl(case, found).sum() + found.interest.sum() + found.shortfall
    close(found.equity[-1], CAPITAL + gains - costs, 10 * scale)
    assert found.equity[found.liquidated :].min() >= -RTOL if found.liquidated >= 0 else True


@given(cases)
@settings(max_examples=60, deadline=None)
def test_every_order_has_one_fate(case: Case) -> None:
    found, plan = case.run(simulate), case.plan
    wanted = (plan.points >= 0) & ~np.isnan(plan.targets)
    assert not (wanted & (found.fates == Fate.NONE)).any()
    filled = np.argwhere(found.fates == Fate.FILLED)
    logged = np.stack([found.order_decision, found.order_leg], axis=1)
    logged = logged[found.order_kind != Kind.LIQUIDATION]
    assert sorted(map(tuple, logged.tolist())) == sorted(map(tuple, filled.tolist()))
    if found.liquidated < 0:
        assert not (found.fates == Fate.LIQUIDATED).any()


@pytest.mark.parametrize("every", [1, 7])
@given(st.integers(0, 10**6), st.integers(2, 50), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_many_plans_are_single_ones_bit_for_bit(every: int, seed: int, T: int, A: int) -> None:
    first = random_case(seed, T, A)
    plans = [first.plan]
    for k in range(1, every):
        held = replace(first.plan, targets=first.plan.targets * (1.0 - 0.1 * k))
        plans.append(replace(held, stop=first.plan.stop * 0.7))
    found = simulate_many(first.grid, first.carry, plans, capital=CAPITAL, limits=first.limits)
    for s, plan in enumerate(plans):
        alone = replace(first, plan=plan).run(simulate)
        assert np.array_equal(found.equity[s], alone.equity[1::2])
        assert found.liquidated[s] == alone.liquidated
        close(found.traded[s], np.abs(alone.order_shares * alone.order_price).sum())
    again = simulate_many(
        first.grid, first.carry, pack(plans), capital=CAPITAL, limits=first.limits
    )
    assert np.array_equal(again.equity, found.equity)


@given(cases, st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_the_future_changes_nothing_before_it(case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = int(rng.integers(0, len(case.grid)))
    p = 2 * t + 2  # the first point that is not known at the close of bar t
    found, other = case.run(simulate), scrambled(case, p, rng).run(simulate)
    assert np.array_equal(found.equity[:p], other.equity[:p])
    assert np.array_equal(found.cash[:p], other.cash[:p])
    assert np.array_equal(found.shares[:p], other.shares[:p])
    for name in ("point", "leg", "decision", "kind", "shares", "price", "slippage", "fee", "cut"):
        mine, theirs = getattr(found, f"order_{name}"), getattr(other, f"order_{name}")
        assert np.array_equal(mine[found.order_point < p], theirs[other.order_point < p]), name


def scrambled(case: Case, p: int, rng: np.random.Generator) -> Case:
    """Other prices and costs from point ``p`` on, where there are any, and other later targets."""
    grid, carry, plan = case.grid, case.carry, case.plan
    factor = np.ones(grid.fills.shape)
    factor[p:] = np.exp(rng.normal(0, 0.3, factor[p:].shape))
    fills, marks = grid.fills * factor, grid.marks.copy()
    for q in range(p, len(marks)):
        marks[q] = np.where(np.isnan(fills[q]), marks[q - 1], fills[q])
    costs = {}
    for name in ("impact", "funding", "borrow", "interest"):
        values = getattr(carry, name).copy()
        values[p:] = np.abs(values[p:]) + rng.random(values[p:].shape) * 1e-3
        costs[name] = values
    later = plan.decided >= p // 2
    targets = np.where(later[:, None], plan.targets * rng.uniform(0.2, 2.0), plan.targets)
    return Case(
        replace(grid, fills=fills, marks=marks),
        replace(carry, **costs),
        replace(plan, targets=targets),
        case.limits,
    )
