"""A sweep of 1,000 parameter sets, stage by stage, beside vectorbt on the same plans.

Run ``python benchmarks/bench_sweep.py``: generated prices of bitcoin, QQQ and ether on 1,100
calendar days with 40 events; the grid is lookbacks of the ratio x entries x exits x caps. Stages
are timed inside one run each, warm, wall and processor time (the least of several runs: on a busy
machine the rest is noise); the set-up of `eventlab sweep` (imports, definitions, prices) is not in
them. vectorbt replays the orders of the same plans with fees and slippage, all sets in one
broadcast, on its Rust engine; its time is that of the money alone, which is one stage here.
"""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from eventlab.definitions import EventDefinition, StrategyDefinition, Workspace
from eventlab.definitions.universe import SymbolInfo
from eventlab.definitions.workspace_file import WorkspaceDefinition
from eventlab.hedge import sweep
from eventlab.hedge.setting import prepare
from eventlab.hedge.simulate import Limits, pack, simulate, simulate_many
from eventlab.hedge.sweep_grid import parameter_sets
from eventlab.hedge.sweep_plans import plan_sets
from eventlab.market.types import DataStamp, Market, PriceSeries
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.hedge.sweep_plans import PlannedSet

    Floats = np.ndarray[Any, np.dtype[np.float64]]

START, DAYS, EVENTS = date(2022, 1, 3), 1_100, 40
REPEATS = 5
EQUAL = 1e-12  # of the largest equity
CALENDARS = {"BTC": "24/7", "QQQ": "XNYS", "ETH": "24/7"}
STAGES = (
    "parameter_sets", "prepare", "plan_sets", "funded", "simulate_sets", "book_alone",
    "common_curves", "set_table", "overfitting_tables", "walk_forward_table", "placebo_of",
    "exclusion_table", "priced_stamp",
)  # fmt: skip


def main() -> None:
    """Print the stages, and the kernel beside vectorbt."""
    world = made_up()
    strategy = world[0]
    sets = int(np.prod([len(values) for values in strategy.sweep.values()]))
    sweep.run_sweep(*world)  # kernels are compiled or read from the cache
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in (*STAGES, "run_sweep")}
    for name, taken in times.items():
        setattr(sweep, name, timed(getattr(sweep, name), taken))
    for _ in range(REPEATS):
        found = sweep.run_sweep(*world)
    bars = int(found.overfitting["value"].to_numpy()[1])
    print(f"{sets:,} sets, {bars:,} shared bars, {len(CALENDARS)} assets, {EVENTS} events")
    print(f"{'stage':<24}{'wall':>10}{'processor':>12}")
    for name, taken in times.items():
        wall, processor = (1e3 * min(each) for each in zip(*taken, strict=True))
        print(f"{name:<24}{wall:>7.1f} ms{processor:>9.1f} ms")
    beside_vectorbt(plan_sets(prepare(*world), parameter_sets(strategy)[0])[0])


def timed(function: Callable[..., Any], taken: list[tuple[float, float]]) -> Callable[..., Any]:
    """Note the wall and the processor time of every call."""

    def noted(*given: Any, **named: Any) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        found = function(*given, **named)
        taken.append((time.perf_counter() - wall, time.process_time() - processor))
        return found

    return noted


def made_up() -> tuple[StrategyDefinition, Market, Workspace]:
    """A strategy with a grid of 1,000 sets, on prices moved by one factor."""
    random = np.random.default_rng(0)
    factor = random.normal(0.0003, 0.01, DAYS + 1)
    series = {}
    for number, (symbol, calendar) in enumerate(CALENDARS.items()):
        clock = make_clock(calendar, START, START + timedelta(days=DAYS))
        at = (clock.days - np.datetime64(START)).astype(np.int64)
        moves = (1.5 - 0.5 * (number == 1)) * np.diff(factor.cumsum()[at], prepend=0.0)
        prices = 100.0 * np.exp((moves + random.normal(0.0, 0.02, len(at))).cumsum())
        series[symbol] = PriceSeries(
            symbol, "price", "daily", 1440, calendar, clock.closes, clock.sessions, prices, prices,
            np.full(len(at), np.nan), "made up",
        )  # fmt: skip
    first = START + timedelta(days=240)
    step = (DAYS - 260) // EVENTS
    days = [first + timedelta(days=step * number) for number in range(EVENTS)]
    event = EventDefinition.model_validate(
        {
            "event": "news", "title": "News", "kind": "other",
            "defaults": {"zone": "America/New_York"},
            "occurrences": [
                {"id": f"n{number}", "announced_at": f"{day} 12:00"}
                for number, day in enumerate(days)
            ],
        }
    )  # fmt: skip
    strategy = StrategyDefinition.model_validate(
        {
            "strategy": "made-up", "title": "Made up", "events": ["news"], "book": {"BTC": 1.0},
            "hedge": {"instruments": ["QQQ", "ETH"], "ratio": {"method": "ols", "lookback": 60}},
            "when": {"enter": -2, "exit": 5},
            "sweep": {
                "hedge.ratio.lookback": list(range(30, 130, 10)),
                "when.enter": [-5, -4, -3, -2, -1],
                "when.exit": list(range(1, 11)),
                "hedge.ratio.cap": [None, 1.0],
            },
        }
    )  # fmt: skip
    symbols = {one: SymbolInfo(one, one, calendar, "price") for one, calendar in CALENDARS.items()}
    workspace = Workspace(
        Path("nowhere"), WorkspaceDefinition(), {"news": event}, {}, {}, symbols, {}
    )
    stamp = DataStamp("made up", "", simulated=True)
    return strategy, Market(stamp, series, {}), workspace


def beside_vectorbt(planned: list[PlannedSet]) -> None:
    """Time the money of the plans in the kernel and in vectorbt, and compare their curves."""
    setting = planned[0].setting
    grid, capital, limits = setting.grid, setting.strategy.capital, Limits()
    carry = setting.carry
    nothing = np.zeros_like(carry.borrow)
    carry = type(carry)(
        fee=carry.fee, slippage=carry.slippage, impact=nothing, funding=nothing, borrow=nothing,
        interest=np.zeros(len(carry.interest)), in_cash=carry.in_cash,
    )  # fmt: skip
    packed = pack([each.plan for each in planned])
    kernel = [time.perf_counter()]
    for _ in range(REPEATS):
        curves = simulate_many(grid, carry, packed, capital=capital, limits=limits).equity
        kernel.append(time.perf_counter())
    taken, other = replayed(planned, grid, carry)
    apart = float(np.abs(curves - other).max() / np.abs(curves).max())
    fast = float(np.diff(kernel).min())
    print(f"\nmoney of the same plans: kernel {1e3 * fast:.1f} ms, vectorbt {1e3 * taken:.0f} ms")
    print(f"ratio {taken / fast:.0f}; curves differ by {apart:.1e} of the largest equity")
    assert apart < EQUAL, apart


def replayed(planned: list[PlannedSet], grid: Any, carry: Any) -> tuple[float, Floats]:
    """Fill the orders of all plans in one broadcast of vectorbt: seconds, equity (S, T)."""
    import vectorbt  # noqa: PLC0415 - the import takes seconds

    capital, sets, legs = planned[0].setting.strategy.capital, len(planned), len(grid.symbols)
    size = np.full((len(grid), sets * legs), np.nan)
    price = np.tile(grid.marks[1::2], (1, sets))
    for number, each in enumerate(planned):
        run = simulate(grid, carry, each.plan, capital=capital, limits=Limits())
        assert (run.order_point % 2 == 1).all()
        column = number * legs + run.order_leg
        size[run.order_point // 2, column] = run.shares[run.order_point, run.order_leg]
    first = int(np.flatnonzero(np.isfinite(price).all(axis=1))[0])
    best, shape = np.inf, (len(grid) - first, sets, legs)
    for _ in range(2):
        start = time.perf_counter()
        filled: Any = vectorbt.Portfolio.from_orders(
            pd.DataFrame(price[first:]), size=size[first:], size_type="targetamount",
            direction="both", fees=carry.fee[0], slippage=carry.slippage[0], init_cash=np.inf,
            cash_sharing=True, group_by=np.repeat(np.arange(sets), legs), raise_reject=True,
            engine="rust",
        )  # fmt: skip
        flow = filled.cash_flow(group_by=False).to_numpy().reshape(shape)
        value = filled.asset_value(group_by=False).to_numpy().reshape(shape)
        equity = capital + flow.sum(axis=2).cumsum(axis=0) + value.sum(axis=2)
        best = min(best, time.perf_counter() - start)
    before = np.full((first, sets), capital)
    return best, np.concatenate([before, equity]).T


if __name__ == "__main__":
    main()
