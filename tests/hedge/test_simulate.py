"""Each cost, limit and liquidation worked by hand, and what `simulate` refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.hedge.simulate import Limits, ground_of, pack, simulate, simulate_many, simulate_on
from eventlab.hedge.types import Fate, Kind, Simulation
from tests.hedge.simulation_cases import CAPITAL, Case, free, grid_of, plan_of, random_case

if TYPE_CHECKING:
    from eventlab.hedge.types import Carry, Grid, Plan

# Products and sums of a few round numbers.
RTOL = 1e-14
BUY = {"decided": 0, "targets": {0: 1.0}}  # all of 1,000, sized at the close of bar 0
SELL_SHORT = {"decided": 0, "targets": {0: -1.0}}


def run(grid: Grid, carry: Carry, plan: Plan, **limits: Any) -> Simulation:
    return simulate(grid, carry, plan, capital=CAPITAL, limits=Limits(**limits))


def flat(bars: int, *prices: float, n_book: int = 1) -> Grid:
    return grid_of(np.tile(prices, (2 * bars, 1)), n_book)


def at(value: float) -> Any:
    return pytest.approx(value, rel=RTOL, abs=1e-12)


def test_an_order_is_sized_at_the_decision_and_filled_later() -> None:
    grid = grid_of([[100], [100], [105], [110], [110], [121]])
    found = run(grid, free(grid), plan_of(BUY, A=1))
    assert found.order_point.tolist() == [3]
    assert found.order_shares[0] == at(10.0)  # 1,000 / 100, though it costs 110 by then
    assert found.cash[3] == at(-100.0)
    assert found.equity[5] == at(1_110.0)
    assert found.fates.tolist() == [[Fate.FILLED]]


def test_fee_and_slippage_of_a_purchase_and_a_sale() -> None:
    grid = flat(4, 100.0)
    carry = free(grid, fee=[0.001], slippage=[0.002])
    rows = BUY, {"decided": 1, "kind": Kind.EXIT, "targets": {0: 0.0}}
    found = run(grid, carry, plan_of(*rows, A=1))
    assert found.order_fee.tolist() == [at(10 * 100.2 * 0.001), at(10 * 99.8 * 0.001)]
    assert found.cash[3] == at(1_000 - 1_002 - 1.002)
    assert found.equity[-1] == at(1_000 - 2 - 1.002 - 2 - 0.998)


def test_impact_grows_with_the_root_of_the_order() -> None:
    grid = flat(3, 100.0)
    carry = free(grid, slippage=[0.001], impact=np.full((6, 1), 1e-4))
    found = run(grid, carry, plan_of(BUY, A=1))
    assert found.order_slippage[0] == at(0.001 + 1e-4 * np.sqrt(1_000))
    assert found.equity[-1] == at(1_000 * (1 - found.order_slippage[0]))


def test_a_sale_is_never_paid_for() -> None:
    grid = flat(4, 100.0)
    impact = np.zeros((8, 1))
    impact[5] = 1.0  # of 1,000: 3,162% off
    rows = BUY, {"decided": 1, "kind": Kind.EXIT, "targets": {0: 0.0}}
    found = run(grid, free(grid, impact=impact), plan_of(*rows, A=1))
    assert found.order_slippage[1] == 1.0
    assert found.equity[-1] == at(0.0)


def test_a_short_pays_borrow_for_each_night_of_a_weekend() -> None:
    grid = flat(4, 100.0)
    nights = np.zeros((8, 1))
    nights[4], nights[6] = 3, 1  # bought on Friday: three nights to Monday, one to Tuesday
    borrow = 100 * 0.0365 * nights / 365
    found = run(grid, free(grid, borrow=borrow), plan_of(SELL_SHORT, A=1))
    assert found.borrow[:, 0].tolist() == [0, 0, 0, 0, at(0.3), 0, at(0.1), 0]
    assert found.equity[[3, 4, 6]].tolist() == [1_000, at(999.7), at(999.6)]
    long = run(grid, free(grid, borrow=borrow), plan_of(BUY, A=1))
    assert not long.borrow.any()


@pytest.mark.parametrize(("row", "sign"), [(BUY, 1), (SELL_SHORT, -1)])
def test_funding_is_paid_at_its_three_times_of_the_day(row: dict[str, Any], sign: int) -> None:
    # 00:00 falls into the night, 08:00 and 16:00 into the bar: 1, 2 and 3 bp of 100 per share.
    grid = flat(3, 100.0)
    funding = np.zeros((6, 1))
    funding[4], funding[5] = 100 * 1e-4, 100 * 2e-4 + 100 * 3e-4
    found = run(grid, free(grid, funding=funding), plan_of(row, A=1))
    assert found.funding[:, 0].tolist() == [0, 0, 0, 0, at(sign * 0.1), at(sign * 0.5)]
    assert found.equity[-1] == at(1_000 - sign * 0.6)


def test_interest_is_earned_on_cash_and_paid_on_debt() -> None:
    grid = flat(5, 100.0)
    interest = np.zeros(10)
    interest[2::2] = 0.01
    none = run(grid, free(grid, interest=interest), plan_of(A=1))
    assert none.equity[-1] == at(1_000 * 1.01**4)
    twice = plan_of({"decided": 0, "targets": {0: 2.0}}, A=1)
    found = run(grid, free(grid, interest=interest), twice)
    # Sized at 1,000, bought for 2,000 a bar later, after a night's interest on all of it.
    assert found.interest[2] == at(10.0)
    assert found.interest[4] == at(-0.01 * 990)
    assert found.interest[6] == at(-0.01 * 990 * 1.01)


def test_a_perpetual_leaves_all_of_equity_in_cash() -> None:
    grid = flat(4, 100.0)
    interest = np.zeros(8)
    interest[4] = 0.01
    found = run(grid, free(grid, interest=interest, in_cash=[0]), plan_of(BUY, A=1))
    assert found.interest[4] == at(10.0)
    paid = run(grid, free(grid, interest=interest), plan_of(BUY, A=1))
    assert paid.interest[4] == 0.0


def test_the_hedge_is_sized_by_the_gross_value_of_the_book() -> None:
    grid = flat(3, 100.0, 50.0, 20.0, n_book=2)
    row = {"decided": 0, "targets": {0: 0.6, 1: -0.2, 2: -0.5}}
    found = run(grid, free(grid), plan_of(row, A=3, n_book=2))
    assert found.order_shares.tolist() == [at(6.0), at(-4.0), at(-0.5 * 800 / 20)]


def test_a_hedge_alone_is_sized_by_the_book_that_is_still_to_come() -> None:
    grid = flat(4, 100.0, 50.0)
    book = {"decided": 0, "targets": {0: 0.8}, "point": 7}
    hedge = {"decided": 1, "targets": {1: -1.0}}
    found = run(grid, free(grid), plan_of(book, hedge, A=2))
    assert found.order_leg.tolist() == [1, 0]
    assert found.order_shares[0] == at(-800 / 50)


def test_the_gross_limit_cuts_what_a_decision_sets() -> None:
    grid = flat(4, 100.0, 50.0)
    both = plan_of({"decided": 0, "targets": {0: 1.0, 1: -1.0}}, A=2)
    found = run(grid, free(grid), both, gross=1.5)
    assert found.order_cut.tolist() == [at(0.75), at(0.75)]
    assert found.order_shares.tolist() == [at(7.5), at(-15.0)]
    rows = {"decided": 0, "targets": {0: 1.0}}, {"decided": 1, "targets": {1: -1.0}}
    later = run(grid, free(grid), plan_of(*rows, A=2), gross=1.5)
    assert later.order_cut.tolist() == [1.0, at(0.5)]  # the book is left as it is
    assert run(grid, free(grid), plan_of(BUY, A=2), gross=1.0).order_cut.tolist() == [1.0]


def squeeze(**costs: Any) -> Case:
    """A short of weight 1 at 100; in one bar the price goes to 400."""
    grid = grid_of([[100], [100], [100], [100], [100], [400], [400], [50]])
    return Case(grid, free(grid, **costs), plan_of(SELL_SHORT, A=1), Limits(maintenance=0.25))


def test_a_short_squeezed_by_300_percent_is_liquidated_where_its_margin_ends() -> None:
    found = squeeze().run(simulate)
    # 2,000 - 10 price = 0.25 x 10 price at a price of 160: a fifth of the way.
    assert found.liquidated == 5
    assert found.order_price[1] == at(160.0)
    assert found.order_kind.tolist() == [Kind.ENTER, Kind.LIQUIDATION]
    assert found.equity[5:].tolist() == [at(400.0)] * 3
    assert found.shortfall == 0.0


def test_without_a_margin_it_is_liquidated_where_equity_ends() -> None:
    found = replace(squeeze(), limits=Limits()).run(simulate)
    assert found.order_price[1] == at(200.0)
    assert found.equity[5:] == pytest.approx([0.0] * 3, abs=1e-10)


def test_costs_of_a_liquidation_beyond_equity_are_a_shortfall() -> None:
    found = replace(squeeze(fee=[0.01]), limits=Limits()).run(simulate)
    # 2,000 less 10 of fees; bought back where 10 shares cost 1,990; the fee on that is missing.
    assert found.order_price[1] == at(199.0)
    assert found.shortfall == at(19.9)
    assert found.equity[5:].tolist() == [0.0] * 3


def test_a_gap_is_liquidated_at_the_open_with_a_shortfall() -> None:
    grid = grid_of([[100], [100], [100], [100], [300], [100], [100], [100]])
    again = {"decided": 2, "targets": {0: 1.0}}
    found = run(grid, free(grid), plan_of(SELL_SHORT, again, A=1), maintenance=0.25)
    assert found.liquidated == 4
    assert found.order_price[1] == 300.0
    assert found.shortfall == at(1_000.0)
    assert found.equity[4:].tolist() == [0.0] * 4
    assert found.fates[:, 0].tolist() == [Fate.FILLED, Fate.LIQUIDATED]


def test_a_leg_of_a_closed_market_is_taken_over_at_its_mark() -> None:
    closed = float("nan")
    grid = grid_of([[100, 50], [100, 50], [100, 50], [100, 50], [100, closed], [400, closed]])
    row = {"decided": 0, "targets": {0: -1.0, 1: 0.5}}
    found = run(grid, free(grid), plan_of(row, A=2, n_book=2), maintenance=0.2)
    # Cash 1,500, 10 short and 10 long at 50: 2,000 - 10 p = 0.2 (10 p + 500) at p = 1,900 / 12.
    assert found.order_leg[2:].tolist() == [0, 1]
    assert found.order_price[2:].tolist() == [at(1_900 / 12), 50.0]


def stopped(**limits: Any) -> Simulation:
    grid = grid_of([[100], [100], [100], [100], [100], [94], [94], [89], [88], [85], [85], [85]])
    rows = (
        BUY | {"stop": 0.1},
        {"decided": 4, "kind": Kind.REBALANCE, "targets": {0: 0.5}},
        {"decided": 9, "kind": Kind.EXIT, "targets": {0: 0.0}, "point": -1},
    )
    return run(grid, free(grid), plan_of(*rows, A=1), **limits)


@pytest.mark.parametrize(("at_close", "point", "price"), [(True, 9, 85.0), (False, 8, 88.0)])
def test_a_stop_leaves_the_episode_at_the_next_price(
    at_close: bool, point: int, price: float
) -> None:
    found = stopped(stop_at_close=at_close)  # -6% at the close of bar 2, -11% at that of bar 3
    assert found.order_kind.tolist() == [Kind.ENTER, Kind.STOP]
    assert (found.order_point[1], found.order_price[1]) == (point, price)
    assert found.order_decision[1] == 2
    assert found.fates[:, 0].tolist() == [Fate.FILLED, Fate.STOPPED, Fate.FILLED]
    assert found.equity[-1] == at(10 * price)


def test_the_stop_looks_back_to_the_equity_of_the_decision() -> None:
    grid = grid_of([[100], [100], [100], [95], [95], [89], [89], [89]])
    leave = {"decided": 7, "kind": Kind.EXIT, "targets": {0: 0.0}, "point": -1}
    found = run(grid, free(grid), plan_of(BUY | {"stop": 0.08}, leave, A=1))
    assert found.order_kind.tolist() == [Kind.ENTER]  # 10 shares from 95 to 89: -6% of 1,000


def test_a_newer_decision_replaces_what_waits() -> None:
    grid = flat(5, 100.0)
    first = {"decided": 0, "targets": {0: 1.0}, "point": 9}
    second = {"decided": 1, "targets": {0: 0.5}}
    third = {"decided": 3, "targets": {0: 0.5}}
    found = run(grid, free(grid), plan_of(first, second, third, A=1))
    assert found.order_decision.tolist() == [1]
    assert found.fates[:, 0].tolist() == [Fate.REPLACED, Fate.FILLED, Fate.UNCHANGED]


def test_a_plan_without_decisions_keeps_its_capital() -> None:
    grid = flat(3, 100.0)
    found = run(grid, free(grid), plan_of(A=1))
    assert found.equity.tolist() == [CAPITAL] * 6
    assert len(found.order_leg) == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"decided": 0, "targets": {0: 1.0}, "point": 2},
            "A at the open of 2024-01-02 .* no price",
        ),
        ({"decided": 1, "targets": {0: 1.0}, "point": 3}, "filled before it is decided"),
        ({"decided": 1, "targets": {0: 1.0}, "point": 6}, "outside of the grid"),
        ({"decided": 0, "targets": {0: np.inf}}, "infinite target"),
        ({"decided": 0, "targets": {1: 1.0}}, "B .* sized by at its decision"),
        ({"decided": 0, "targets": {0: 1.0}, "stop": 0.1}, "no EXIT row"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(row: dict[str, Any], message: str) -> None:
    missing = float("nan")
    grid = grid_of([[100, missing], [100, missing], [missing, 50], [100, 50], [100, 50], [100, 50]])
    plan = plan_of(row, A=2)
    with pytest.raises(ValueError, match=message):
        run(grid, free(grid), plan)
    with pytest.raises(ValueError, match=message):
        simulate_many(grid, free(grid), [plan], capital=CAPITAL, limits=Limits())


def test_plans_that_share_a_ground_are_simulated_as_if_alone() -> None:
    case = random_case(3, 60, 2, wild=3.0)
    ground = ground_of(case.grid, case.carry, capital=CAPITAL, limits=case.limits)
    later = replace(case.plan, targets=case.plan.targets * 0.5)
    for plan in (case.plan, later, case.plan):
        alone = replace(case, plan=plan).run(simulate)
        found = simulate_on(ground, plan)
        for name in Simulation.__slots__:
            np.testing.assert_array_equal(getattr(found, name), getattr(alone, name), name)


def test_other_mistakes_are_refused() -> None:
    grid = flat(4, 100.0)
    with pytest.raises(ValueError, match="ascending"):
        run(grid, free(grid), plan_of(BUY | {"decided": 1}, BUY, A=1))
    plan = plan_of(BUY, A=1)
    with pytest.raises(ValueError, match="sizes the book by the book"):
        run(grid, free(grid), replace(plan, of_equity=np.zeros((1, 1), dtype=bool)))
    funding = np.full((8, 1), np.nan)
    with pytest.raises(ValueError, match=r"carry\.funding of A is NaN at the close of 2024-01-01"):
        run(grid, free(grid, funding=funding), plan)
    with pytest.raises(ValueError, match="no plans"):
        pack([])
