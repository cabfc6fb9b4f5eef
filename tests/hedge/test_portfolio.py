"""vectorbt's Portfolio replays what the simulation did, and refuses what it did not do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import vectorbt as vbt
from hypothesis import given
from hypothesis import strategies as st

from eventlab.hedge.portfolio import ParityError, check_parity, drawdowns
from eventlab.hedge.portfolio import replay as replay_orders
from eventlab.hedge.simulate import Limits
from eventlab.hedge.simulate import simulate as simulate_plan
from eventlab.hedge.types import Kind, Plan
from tests.naive_hedge_replay import free, grid_of, simulate

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.portfolio import Portfolio
    from eventlab.hedge.types import Carry, Grid, Simulation

# Rounding of a few thousand sums of numbers of the size of the equity.
RTOL = 1e-12


def walk(points: int, legs: int, seed: int = 7) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    steps = 0.02 * rng.standard_normal((points, legs))
    return np.array([40_000.0, 450.0, 0.31, 12.0])[:legs] * np.exp(np.cumsum(steps, axis=0))


def costly(grid: Grid, seed: int = 8) -> Carry:
    rng = np.random.default_rng(seed)
    points, legs = 2 * len(grid), len(grid.symbols)
    return replace(
        free(points, legs),
        fee=np.linspace(1e-4, 2e-3, legs),
        slippage=np.linspace(5e-4, 0.0, legs),
        impact=np.full((points, legs), 1e-7),
        funding=1e-4 * rng.standard_normal((points, legs)) * grid.marks,
        borrow=1e-5 * rng.random((points, legs)) * grid.marks,
        interest=1e-5 * rng.random(points),
        in_cash=np.r_[0.0, np.ones(legs - 1)],
    )


def random_targets(grid: Grid, seed: int, share: float = 0.2) -> dict[tuple[int, int], float]:
    rng = np.random.default_rng(seed)
    points, legs = grid.marks.shape
    return {
        (point, leg): rng.normal() * 1e6 / grid.marks[point, leg] * float(rng.random() > 0.2)
        for point in range(2, points)
        for leg in range(legs)
        if rng.random() < share
    }


def replayed(grid: Grid, carry: Carry, simulation: Simulation, capital: float = 1e6) -> Portfolio:
    portfolio = replay_orders(grid, carry, simulation, capital=capital)
    check_parity(simulation, portfolio)
    return portfolio


def test_a_round_trip_by_hand() -> None:
    # 10 shares bought at 100 (1% slippage, 0.1% fee) and sold at 120, marked at 110 between.
    grid = grid_of(np.array([[100.0], [100.0], [110.0], [120.0]]))
    carry = replace(free(4, 1), fee=np.array([0.001]), slippage=np.array([0.01]))
    portfolio = replayed(
        grid, carry, simulate(grid, carry, {(1, 0): 10.0, (3, 0): 0.0}, capital=5000.0), 5000.0
    )
    after = 5000.0 - 1010.0 - 1.01
    end = after + 1188.0 - 1.188
    np.testing.assert_allclose(portfolio.cash, [5000.0, after, after, end], rtol=RTOL)
    np.testing.assert_allclose(
        portfolio.equity, [5000.0, after + 1000.0, after + 1100.0, end], rtol=RTOL
    )
    orders = portfolio.orders
    assert orders[["point", "leg", "size"]].to_numpy().tolist() == [[1, 0, 10.0], [3, 0, -10.0]]
    np.testing.assert_allclose(orders[["price", "fees"]], [[101.0, 1.01], [118.8, 1.188]], RTOL)
    trade = portfolio.trades.iloc[0]
    assert (trade["leg"], trade["entry_point"], trade["exit_point"]) == (0, 1, 3)
    assert (trade["size"], trade["status"]) == (10.0, "closed")
    np.testing.assert_allclose(trade["pnl"], end - 5000.0, rtol=RTOL)
    np.testing.assert_allclose(trade["return"], (end - 5000.0) / 1010.0, rtol=RTOL)


def test_a_short_still_open_is_a_trade_of_its_own_sign() -> None:
    grid = grid_of(np.array([[100.0], [100.0], [90.0], [80.0]]))
    carry = free(4, 1)
    trades = replayed(grid, carry, simulate(grid, carry, {(1, 0): -3.0}, capital=1e6)).trades
    assert trades[["size", "pnl", "status"]].to_numpy().tolist() == [[-3.0, 60.0, "open"]]


def test_no_order_at_all_leaves_the_capital() -> None:
    grid, carry = grid_of(walk(20, 2)), free(20, 2)
    portfolio = replayed(grid, carry, simulate(grid, carry, {}, capital=1e6))
    assert portfolio.equity.tolist() == [1e6] * 20
    assert (len(portfolio.orders), len(portfolio.trades), len(portfolio.drawdowns)) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_random_orders_with_all_costs_agree(seed: int) -> None:
    # Targets of the size of the capital: cash goes far below zero, and back.
    grid = grid_of(walk(300, 4, seed), n_book=2)
    carry = costly(grid, seed)
    simulation = simulate(grid, carry, random_targets(grid, seed), capital=1e6)
    assert simulation.cash.min() < 0.0
    portfolio = replayed(grid, carry, simulation)
    ledger = (simulation.interest - (simulation.funding + simulation.borrow).sum(axis=1)).sum()
    # P&L of vectorbt's trades, and our ledger beside it, are all that happened.
    assert portfolio.equity[-1] == pytest.approx(1e6 + portfolio.trades["pnl"].sum() + ledger)


@given(
    capital=st.floats(1e-3, 1e12),
    price=st.floats(1e-6, 1e6),
    nudge=st.sampled_from([0.0, 1e-6, 1e-9, 1e-11, 1e-13, 1e-15]),
)
def test_nothing_is_too_small_for_vectorbt(capital: float, price: float, nudge: float) -> None:
    # vectorbt takes 1e-12 shares for none, and terms within 1e-9 of each other for equal.
    grid = grid_of(np.array([[1.0], [1.0], [1.0 + nudge], [1.0 - nudge], [1.1], [1.2]]) * price)
    carry = free(6, 1)
    whole = capital / price
    targets = {(1, 0): whole, (2, 0): whole * (1 + 1e-10), (3, 0): whole * 0.5, (4, 0): -whole}
    replayed(grid, carry, simulate(grid, carry, targets, capital=capital), capital)


def test_a_leg_without_a_price_yet_is_not_valued() -> None:
    prices = walk(20, 2)
    prices[:10, 1] = np.nan
    grid, carry = grid_of(prices), free(20, 2)
    simulation = simulate(grid, carry, {(3, 0): 5.0, (12, 1): -100.0}, capital=1e6)
    assert np.isfinite(replayed(grid, carry, simulation).equity).all()


def test_a_liquidation_and_its_shortfall() -> None:
    # 100 shorted at 10, then +300%: the account is closed, below zero, and stays at zero.
    grid = grid_of(np.array([[10.0, 5.0]] * 3 + [[40.0, 5.0]] * 5))
    carry = replace(free(8, 2), fee=np.array([0.001, 0.001]))
    targets = {(1, 0): -100.0, (1, 1): 20.0}
    simulation = simulate(grid, carry, targets, capital=1000.0, liquidate_at=3)
    assert simulation.shortfall == pytest.approx(-(1000.0 - 3000.0 - 1.0 - 0.1 - 4.0 - 0.1))
    portfolio = replayed(grid, carry, simulation, 1000.0)
    np.testing.assert_allclose(portfolio.equity[3:], 0.0, atol=1e-12 * 1000.0)
    assert portfolio.orders["size"].tolist() == [-100.0, 20.0, 100.0, -20.0]
    assert portfolio.drawdowns["depth"].tolist()[-1] == -1.0


def test_two_orders_of_a_leg_at_one_point_are_refused() -> None:
    # vectorbt takes one; the kernel never makes two.
    grid, carry = grid_of(np.array([[10.0]] * 3 + [[40.0]])), free(4, 1)
    targets = {(1, 0): -100.0, (3, 0): -150.0}
    simulation = simulate(grid, carry, targets, capital=1000.0, liquidate_at=3)
    with pytest.raises(ParityError, match="vectorbt filled 2 orders of 3"):
        replay_orders(grid, carry, simulation, capital=1000.0)


def bent(simulation: Simulation, name: str, at: int, by: float) -> Simulation:
    array = getattr(simulation, name).copy()
    array[at] += by
    return replace(simulation, **{name: array})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("equity", "equity 30: "),
        ("cash", "cash 30: "),
        ("order_shares", "size of order 30: "),
        ("order_fee", "fee of order 30: "),
        ("order_price", "price of order 30: "),
    ],
)
def test_what_differs_is_named(name: str, message: str) -> None:
    grid = grid_of(walk(100, 3))
    carry = costly(grid)
    simulation = simulate(grid, carry, random_targets(grid, 3), capital=1e6)
    portfolio = replayed(grid, carry, simulation)
    largest = np.abs(portfolio.equity).max()
    price = simulation.order_price[30]
    unit = {"order_shares": largest / price, "order_price": price}.get(name, largest)
    with pytest.raises(ParityError, match=message):
        check_parity(bent(simulation, name, 30, 2e-12 * unit), portfolio)
    with pytest.raises(ParityError, match=message):
        check_parity(bent(simulation, name, 30, np.nan), portfolio)


def test_an_order_more_or_less_is_refused() -> None:
    grid, carry = grid_of(walk(100, 2)), free(100, 2)
    simulation = simulate(grid, carry, random_targets(grid, 3), capital=1e6)
    portfolio = replayed(grid, carry, simulation)
    fewer = replace(portfolio, orders=portfolio.orders.iloc[1:])
    with pytest.raises(ParityError, match="size of order: "):
        check_parity(simulation, fewer)


def test_an_order_that_cannot_be_filled_is_refused() -> None:
    # A missing price: vectorbt alone drops such an order without a word.
    grid, carry = grid_of(walk(100, 2)), free(100, 2)
    simulation = simulate(grid, carry, random_targets(grid, 3), capital=1e6)
    with pytest.raises(ParityError, match="vectorbt filled"):
        replay_orders(grid, carry, bent(simulation, "order_price", 5, np.nan), capital=1e6)


def test_shares_that_the_orders_do_not_add_up_to_are_found() -> None:
    grid, carry = grid_of(walk(100, 2)), free(100, 2)
    simulation = simulate(grid, carry, random_targets(grid, 3), capital=1e6)
    point, leg = simulation.order_point[9], simulation.order_leg[9]
    shares = simulation.shares.copy()
    shares[point:, leg] += 1e-3
    wrong = replace(simulation, shares=shares)
    with pytest.raises(ParityError, match="equity"):
        check_parity(wrong, replay_orders(grid, carry, wrong, capital=1e6))


def plan_of(decided: npt.NDArray[np.int64], targets: npt.NDArray[np.float64], lag: int) -> Plan:
    """Weights of equity, decided at closes and filled ``lag`` points later."""
    n = len(decided)
    return Plan(
        decided=decided,
        kind=np.full(n, Kind.REBALANCE),
        episode=np.full(n, -1),
        targets=targets,
        of_equity=np.ones(targets.shape, dtype=np.bool_),
        points=np.where(np.isnan(targets), -1, (2 * decided + 1 + lag)[:, None]),
        stop=np.full(n, np.nan),
    )


def random_plan(points: int, legs: int, seed: int) -> Plan:
    rng = np.random.default_rng(seed)
    decided = np.arange(0, points // 2 - 1, 3)
    targets = rng.normal(scale=0.5, size=(len(decided), legs))
    targets[rng.random(targets.shape) < 0.3] = np.nan
    return plan_of(decided, targets, 1 + seed % 2)


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_agrees_with_all_costs(seed: int) -> None:
    grid = grid_of(walk(400, 4, seed), n_book=2)
    carry = costly(grid, seed)
    limits = Limits(gross=2.0) if seed % 3 else Limits()
    simulation = simulate_plan(grid, carry, random_plan(400, 4, seed), capital=1e5, limits=limits)
    assert len(simulation.order_point) > 50
    replayed(grid, carry, simulation, 1e5)


@pytest.mark.parametrize("maintenance", [0.0, 0.25])
@pytest.mark.parametrize("jump_at", [20, 21])
def test_a_squeezed_short_of_the_kernel_agrees(maintenance: float, jump_at: int) -> None:
    # +300% over a night (open) or inside a bar (close), shorted with the whole account.
    prices = walk(40, 2)
    prices[jump_at:, 1] *= 4.0
    grid = grid_of(prices)
    carry = costly(grid)
    plan = plan_of(np.array([3]), np.array([[0.5, -1.0]]), 1)
    limits = Limits(maintenance=maintenance)
    simulation = simulate_plan(grid, carry, plan, capital=1e6, limits=limits)
    assert simulation.liquidated == jump_at
    assert simulation.shortfall > 0.0 or (jump_at, maintenance) == (21, 0.25)
    assert replayed(grid, carry, simulation).equity.min() >= -1e-12 * 1e6


@pytest.mark.parametrize("seed", range(4))
def test_vectorbt_alone_sizes_orders_as_the_kernel_does(seed: int) -> None:
    # Every open is the close before, so that what is sized at a close is filled at its price:
    # vectorbt sets weights of its own value there, and pays from its own cash. No financing.
    rng = np.random.default_rng(seed)
    closes = walk(200, 3, seed)
    grid = grid_of(np.stack([np.r_[closes[:1], closes[:-1]], closes], axis=1).reshape(-1, 3))
    carry = replace(free(400, 3), fee=np.array([1e-4, 5e-4, 0.0]), slippage=np.full(3, 5e-4))
    decided = np.arange(2, 198, 4)
    weights = rng.uniform(0.1, 0.4, size=(len(decided), 3)) * np.array([1.0, 1.0, -1.0])
    weights[rng.random(weights.shape) < 0.2] = 0.0
    plan = plan_of(decided, weights, 1)
    simulation = simulate_plan(grid, carry, plan, capital=1e6, limits=Limits())
    size = np.full(closes.shape, np.nan)
    size[decided] = weights
    portfolio = vbt.Portfolio.from_orders(
        pd.DataFrame(closes),
        size=size,
        size_type="targetpercent",
        fees=np.tile(carry.fee, (200, 1)),
        slippage=5e-4,
        init_cash=1e6,
        cash_sharing=True,
        call_seq="auto",
        raise_reject=True,
        freq="1D",
        engine="rust",
    )
    opens = slice(
        2, None, 2
    )  # what the kernel fills at an open, vectorbt fills at the close before
    unit = RTOL * simulation.equity.max()
    value, cash = portfolio.value().to_numpy(), portfolio.cash().to_numpy()
    np.testing.assert_allclose(simulation.equity[opens], value[:-1], rtol=0, atol=unit)
    np.testing.assert_allclose(simulation.cash[opens], cash[:-1], rtol=0, atol=unit)
    shares = portfolio.assets().to_numpy()[:-1]
    gap = np.abs(simulation.shares[opens] - shares) * closes[:-1]
    assert gap.max() <= unit
    assert len(portfolio.order_records) == len(simulation.order_point) > 100
    replayed(grid, carry, simulation)


def test_a_later_price_changes_nothing_before() -> None:
    grid = grid_of(walk(100, 3))
    carry = costly(grid)
    targets = random_targets(grid, 3)
    simulation = simulate(grid, carry, targets, capital=1e6)
    prices = grid.fills.copy()
    prices[60:] *= 1.5
    later = grid_of(prices)
    full = replayed(grid, carry, simulation)
    changed = replayed(later, carry, simulate(later, carry, targets, capital=1e6))
    assert full.equity[:60].tobytes() == changed.equity[:60].tobytes()
    assert full.cash[:60].tobytes() == changed.cash[:60].tobytes()


def test_drawdowns_by_hand() -> None:
    found = drawdowns(np.array([100.0, 90.0, 95.0, 100.0, 120.0, 60.0, 30.0, 90.0]))
    assert found[["peak", "trough", "recovered"]].to_numpy().tolist() == [[0, 1, 3], [4, 6, -1]]
    np.testing.assert_allclose(found["depth"], [-0.1, -0.75], rtol=RTOL)


def test_drawdowns_agree_with_a_running_maximum() -> None:
    equity = walk(400, 1)[:, 0]
    below = equity / np.maximum.accumulate(equity) - 1.0
    found = drawdowns(equity)
    assert found["depth"].min() == pytest.approx(below.min(), rel=RTOL)
    assert below[found["trough"]].tolist() == pytest.approx(found["depth"].tolist(), rel=RTOL)
    in_one = np.zeros(len(equity), dtype=bool)
    for peak, recovered in found[["peak", "recovered"]].to_numpy():
        in_one[peak + 1 : recovered if recovered >= 0 else None] = True
    assert in_one.tolist() == (below < 0).tolist()


def test_drawdowns_of_an_account_that_lost_all() -> None:
    found = drawdowns(np.array([100.0, 110.0, 0.0, 0.0]))
    assert found.to_numpy().tolist() == [[1, 2, -1, -1.0]]


def test_loading_the_module_leaves_vectorbt_where_it_is() -> None:
    code = "import eventlab.hedge.portfolio, sys; sys.exit('vectorbt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own text
    assert done.returncode == 0


def compiled() -> list[str]:
    """Functions of vectorbt that numba has compiled in this process."""
    modules = [module for name, module in sys.modules.items() if name.startswith("vectorbt.")]
    return [
        f"{module.__name__}.{name}"
        for module in modules
        for name, function in vars(module).items()
        if not isinstance(function, type) and getattr(function, "signatures", None)
    ]


def test_nothing_is_compiled_by_numba() -> None:
    # vectorbt's numba functions would compile for a quarter of a minute at their first call. The
    # one that counts the columns of a group has no twin in Rust: it takes a third of a second.
    grid = grid_of(walk(60, 3))
    carry = costly(grid)
    targets = random_targets(grid, 1)
    portfolio = replayed(grid, carry, simulate(grid, carry, targets, capital=1e6))
    assert len(portfolio.trades) > 0 < len(portfolio.drawdowns)
    assert compiled() == ["vectorbt.base.column_grouper.get_group_lens_nb"]
    vbt.utils.math_.add_nb(1.0, 2.0)
    assert "vectorbt.utils.math_.add_nb" in compiled()
