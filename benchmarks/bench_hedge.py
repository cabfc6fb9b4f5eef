"""Hedge plans in the kernel beside vectorbt: 1,000 sets x 750 bars x 3 assets x 40 events.

Run ``python benchmarks/bench_hedge.py``: one thread, warm, minimum and median of several runs. The
machine's noise is far larger on the median. The kernel has fees, slippage, borrow, funding and
margin on; vectorbt has no financing, so that its curves are compared with those of the kernel with
fees and slippage alone, from the same orders. vectorbt runs its Rust engine on 3,000 columns in
groups of three that share their cash.
"""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from eventlab.hedge.simulate import Limits, Packed, pack, simulate, simulate_many
from eventlab.hedge.simulation_tables import check, lay_out
from eventlab.hedge.types import Carry, Grid, Kind, Plan
from eventlab.kernels.hedge_simulation import Log, simulate_nb
from eventlab.timeline.types import DAY, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

SETS, BARS, ASSETS, EVENTS = 1_000, 750, 3, 40
CAPITAL, MAINTENANCE = 1e6, 0.25
TARGET = 5.0  # ms, in the kernel
EQUAL = 1e-12  # of the largest equity


def main() -> None:
    grid = random_grid()
    plans = [random_plan(grid, s) for s in range(SETS)]
    packed = pack(plans)
    first = time.perf_counter()
    simulate_many(grid, carry(grid), plans[:1], capital=CAPITAL, limits=Limits())
    print(f"compiled or read from the cache in {time.perf_counter() - first:.1f} s\n")
    print(f"{SETS} sets x {BARS} bars x {ASSETS} assets x {EVENTS} events, one thread")
    print(f"{'what':<58}{'minimum':>10}{'median':>10}")
    kernel = kernel_of(grid, carry(grid), packed)
    fast = show(f"kernel, all costs and margin (target {TARGET:g} ms)", kernel, 60)
    show("kernel, with interest on cash each night", kernel_of(grid, carry(grid, 0.03), packed), 20)
    many = partial(simulate_many, grid, carry(grid), packed, capital=CAPITAL, limits=limits())
    show("simulate_many: with checks and tables", many, 20)
    show("packing the plans", partial(pack, plans), 5)
    costs_only = carry(grid, financed=False)
    found = simulate_many(grid, costs_only, packed, capital=CAPITAL, limits=limits())
    replay = vectorbt_of(grid, costs_only, plans)
    curves = replay()
    slow = show("vectorbt, fees and slippage alone", replay, 3)
    apart = np.abs(curves - found.equity).max() / np.abs(found.equity).max()
    print(f"\nvectorbt / kernel: {slow / fast:.0f}")
    print(f"largest difference of their curves: {apart:.1e} of the largest equity")
    assert found.liquidated.max() < 0
    assert apart < EQUAL, apart


def show(what: str, run: Callable[[], object], times: int) -> float:
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(1e3 * (time.perf_counter() - start))
    print(f"{what:<58}{min(taken):>7.2f} ms{statistics.median(taken):>7.2f} ms")
    return min(taken)


def limits() -> Limits:
    return Limits(maintenance=MAINTENANCE)


def random_grid() -> Grid:
    rng = np.random.default_rng(1)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (2 * BARS, ASSETS)), axis=0))
    labels = np.datetime64("2023-01-01") + np.arange(BARS)
    opens = labels.astype("datetime64[ns]").astype(np.int64)
    clock = Clock("24/7", labels, opens, opens + DAY - 1)
    instants = np.stack([clock.opens, clock.closes], axis=1).ravel()
    return Grid(
        symbols=("A", "B", "C"),
        n_book=1,
        clock=clock,
        instants=instants,
        fills=prices,
        filled_at=np.repeat(instants[:, None], ASSETS, axis=1),
        marks=prices,
        trades=np.ones((BARS, ASSETS), dtype=np.bool_),
        basis=("random",) * ASSETS,
        nights=np.minimum(np.arange(BARS), 1),
    )


def carry(grid: Grid, interest: float = 0.0, *, financed: bool = True) -> Carry:
    rng = np.random.default_rng(2)
    opens = np.arange(2 * BARS) % 2 == 0
    nightly = np.where(opens[:, None], grid.marks * 0.005 / 365, 0.0)
    return Carry(
        fee=np.full(ASSETS, 5e-4),
        slippage=np.full(ASSETS, 5e-4),
        impact=np.zeros(grid.marks.shape),
        funding=financed * grid.marks * rng.normal(1e-4, 1e-4, grid.marks.shape),
        borrow=financed * nightly,
        interest=np.where(opens, interest / 365, 0.0),
        in_cash=np.ones(ASSETS),
    )


def random_plan(grid: Grid, seed: int) -> Plan:
    """Enter the book and two hedges around each event, and leave them some bars later."""
    rng = np.random.default_rng(seed)
    step = BARS // EVENTS
    enter = np.arange(EVENTS) * step + 1 + rng.integers(0, 3)
    decided = np.stack([enter, enter + rng.integers(3, step - 4)], axis=1).ravel()
    targets = np.zeros((2 * EVENTS, ASSETS))
    targets[::2] = [1.0, *-rng.uniform(0.2, 0.6, ASSETS - 1)]
    return Plan(
        decided=decided,
        kind=np.tile([int(Kind.ENTER), int(Kind.EXIT)], EVENTS),
        episode=np.repeat(np.arange(EVENTS), 2),
        targets=targets,
        of_equity=np.tile(np.arange(ASSETS) < grid.n_book, (2 * EVENTS, 1)),
        points=np.repeat(2 * decided[:, None] + 3, ASSETS, axis=1),
        stop=np.full(2 * EVENTS, np.nan),
    )


def kernel_of(grid: Grid, costs: Carry, packed: Packed) -> Callable[[], None]:
    tables = lay_out(grid, costs, limits(), every=False)
    none = Log(
        cash=np.empty(0),
        fates=np.empty((0, 0), dtype=np.int64),
        ints=np.empty((0, 4), dtype=np.int64),
        floats=np.empty((0, 6)),
    )
    rules = np.array([CAPITAL, np.inf, grid.n_book, MAINTENANCE])
    out = np.empty((SETS, BARS)), np.empty((SETS, 4))
    return partial(simulate_nb, tables, packed, check(grid, packed), rules, none, *out)


def vectorbt_of(
    grid: Grid, costs: Carry, plans: list[Plan]
) -> Callable[[], npt.NDArray[np.float64]]:
    """Prepare the kernel's orders as vectorbt's targets in shares, at the closes."""
    import vectorbt  # noqa: PLC0415 - the import takes seconds

    size = np.full((BARS, SETS * ASSETS), np.nan)
    for s, plan in enumerate(plans):
        found = simulate(grid, costs, plan, capital=CAPITAL, limits=limits())
        assert (found.order_point % 2 == 1).all()
        rows, columns = found.order_point // 2, s * ASSETS + found.order_leg
        size[rows, columns] = found.shares[found.order_point, found.order_leg]
    close = pd.DataFrame(np.tile(grid.marks[1::2], (1, SETS)))
    groups = np.repeat(np.arange(SETS), ASSETS)

    def run() -> npt.NDArray[np.float64]:
        filled: Any = vectorbt.Portfolio.from_orders(
            close,
            size=size,
            size_type="targetamount",
            direction="both",
            fees=costs.fee[0],
            slippage=costs.slippage[0],
            init_cash=np.inf,  # else a purchase that cash does not cover is cut
            cash_sharing=True,
            group_by=groups,
            raise_reject=True,
            engine="rust",
        )
        flow = filled.cash_flow(group_by=False).to_numpy()
        value = filled.asset_value(group_by=False).to_numpy()
        shape = (BARS, SETS, ASSETS)
        cash = CAPITAL + flow.reshape(shape).sum(axis=2).cumsum(axis=0)
        return np.asarray((cash + value.reshape(shape).sum(axis=2)).T)

    return run


if __name__ == "__main__":
    main()
