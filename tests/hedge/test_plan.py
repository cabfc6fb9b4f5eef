"""Plans: every intended order is accounted for; groups whose members come and go; the issuer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.hedge.answers.orders import order_table
from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from eventlab.hedge.types import Fate, Kind
from tests.hedge.worlds import CALENDARS, World, ending, random_world, told, without

if TYPE_CHECKING:
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.types import Simulation

FIXED = {"method": "fixed", "value": 0.8}
CHOICES: dict[str, list[Any]] = {
    "book": [{"BTC": 1.0}, {"@tokens": 0.8}, {"@issuer": 1.0}, {"@techs": 0.5, "ETH": -0.3}],
    "hedge": [
        {"instruments": ["QQQ"], "ratio": FIXED},
        {"instruments": ["QQQ", "LSEG"], "ratio": {"method": "ols", "lookback": 15}},
        {"instruments": ["QQQ"], "ratio": {"method": "put", "value": 1.0}},
        {"instruments": ["QQQ"], "ratio": {"method": "ewma", "lookback": 15, "half_life": 5}},
    ],
    "exposure": [{}, {"reset": "none"}, {"inside": 1.0, "outside": 0.0}, {"inside": 0.6}],
    "when": [
        {"enter": -1, "exit": 2},
        {"enter": -3, "exit": 12, "rebalance": "daily"},
        {"enter": 1, "exit": 30, "fill": "open", "rebalance": "weekly"},
        {"enter": -2, "exit": {"volatility_below": 0.2, "bars": 5, "symbol": "BTC", "at_most": 9}},
    ],
    "clock": ["24/7", "XNYS"],
    "when_closed": ["next_open", "previous_close", "cancel"],
    "limits": [{}, {"stop": 0.01}, {"maintenance": 0.9}, {"gross": 1.1}],
    "costs": [{"fee_bps": 0, "slippage_bps": 0}, {"fee_bps": 9, "slippage_bps": 9}],
}


def random_plan(seed: int) -> World:
    """A random strategy on a market with random holes, in which one leg is delisted."""
    random = np.random.default_rng(seed)
    said = {name: each[random.integers(len(each))] for name, each in CHOICES.items()}
    if said["hedge"]["ratio"]["method"] == "put":
        said["when"] = {**said["when"], "rebalance": "none"}
    world = random_world(seed % 5, **said, missing="roll")
    held = world.market
    for symbol in CALENDARS:
        days = held.daily[symbol].sessions.astype(str)
        for opens_only in (True, False):
            gone = days[random.random(len(days)) < 0.06].tolist()
            held = without(held, symbol, *gone, opens_only=opens_only)
    if seed % 3 == 0:
        held = ending(held, ("SOL", "NVDA")[seed % 2], "2025-09-05")
    return replace(world, market=held)


def run_of(world: World) -> tuple[Decided, Simulation]:
    decided = decide_all(prepare(*world.parts))
    return decided, simulate_plan(decided.setting, decided.planned.plan)


@pytest.mark.parametrize("seed", range(60))
def test_every_intended_order_is_filled_rolled_or_refused(seed: int) -> None:
    """Intended are all targets but those that are held already; orders of a liquidation are not."""
    decided, run = run_of(random_plan(seed))
    plan = decided.planned.plan
    table = order_table(decided.setting, decided.planned, run, decided.episodes)
    own = table[table["kind"] != "liquidation"]
    asked = np.isfinite(plan.targets) & (run.fates != Fate.UNCHANGED)
    assert len(own) == asked.sum()
    wanted: Counter[tuple[str, Any]] = Counter()
    for decision, at in np.argwhere(asked).tolist():
        name = Kind(int(plan.kind[decision])).name.lower()
        wanted[decided.setting.grid.symbols[at], name] += 1
    kinds = own["kind"].replace("stop", "exit")
    assert Counter(zip(own["symbol"], kinds, strict=True)) == wanted
    filled = own["status"] != "refused"
    assert filled.sum() == (run.fates == Fate.FILLED).sum()
    assert own.loc[filled, "filled_at"].notna().all()
    assert (own.loc[own["status"] != "filled", "reason"] != "").all()
    assert own.loc[~filled, ["shares", "price", "value", "fee"]].isna().all(axis=None)
    planned = own[filled & (own["kind"] != "stop")]
    # A UTC day opens at the instant of the close before, at which it was decided.
    assert (planned["filled_at"] >= planned["decided_at"]).all()


@pytest.mark.parametrize("seed", range(60))
def test_rolled_orders_are_those_that_are_not_filled_when_they_were_due(seed: int) -> None:
    decided, run = run_of(random_plan(seed))
    grid, planned = decided.setting.grid, decided.planned
    rows = run.order_decision
    for at in np.flatnonzero((rows >= 0) & (run.order_kind != Kind.STOP)):
        point, due = run.order_point[at], planned.due[rows[at], run.order_leg[at]]
        rolled = planned.ways[rows[at], run.order_leg[at]] != 0
        assert rolled == (point != due)
        assert np.isfinite(grid.fills[point, run.order_leg[at]])


ASIDE = {"inside": 1.0, "outside": 0.0}


def basket(**said: Any) -> World:
    return random_world(
        2, book={"@tokens": 0.9}, hedge=None, when={"enter": -1, "exit": 5}, exposure=ASIDE, **said
    )


def held_at(decided: Decided, run: Simulation, kind: Kind, number: int) -> dict[str, float]:
    """Weights of equity that a decision of an episode set."""
    plan = decided.planned.plan
    at = int(np.flatnonzero((plan.episode == number) & (plan.kind == kind))[0])
    symbols = decided.setting.grid.symbols
    return {s: float(w) for s, w in zip(symbols, plan.targets[at], strict=True) if w == w}  # noqa: PLR0124


def test_a_member_without_a_price_is_left_out_and_the_others_share() -> None:
    """SOL begins on 1 August: two halves before, three thirds after."""
    world = basket()
    one = world.market.daily["SOL"]
    late = one.sessions >= np.datetime64("2025-08-01")
    fields = ("closes", "sessions", "prices", "raw", "volume", "open")
    cut = replace(one, **{name: getattr(one, name)[late] for name in fields})
    held = replace(world.market, daily={**world.market.daily, "SOL": cut})
    decided, run = run_of(replace(world, market=held))
    assert held_at(decided, run, Kind.ENTER, 0) == {"BTC": 0.45, "ETH": 0.45}
    third = pytest.approx(0.3, rel=1e-15)
    assert held_at(decided, run, Kind.ENTER, 5) == {"BTC": third, "ETH": third, "SOL": third}


def test_a_member_that_is_delisted_is_closed_at_its_last_price() -> None:
    """Five sessions after its last price; the others go on, and no order of it lacks a price."""
    world = basket(missing="raise").saying(when={"enter": -1, "exit": 14})
    held = replace(world, market=ending(world.market, "SOL", "2025-09-09"))
    decided, run = run_of(held)
    grid = decided.setting.grid
    leg = grid.symbols.index("SOL")
    row = decided.setting.ends[leg]
    assert str(grid.clock.days[row]) == "2025-09-15"  # five days without one, and the next close
    assert run.shares[2 * row, leg] > 0
    assert not run.shares[2 * row + 1 :, leg].any()
    last = run.order_price[(run.order_leg == leg)][-1]
    assert last == held.market.daily["SOL"].prices[-1]
    half = pytest.approx(0.45, rel=1e-15)
    assert held_at(decided, run, Kind.ENTER, 5) == {"BTC": half, "ETH": half}
    found = run_backtest(*held.parts, draws=0)
    notes = found.sampling.set_index("symbol")["note"]
    assert notes["SOL"] == "prices end early: closed at the last one on 2025-09-15"
    assert set(found.orders["status"]) <= {"filled", "refused"}


def test_a_hedge_that_is_delisted_within_an_episode_is_not_ordered_again() -> None:
    """Its exit is due after its end: what is not held any more needs no price."""
    said: dict[str, Any] = {"when": {"enter": -1, "exit": 14}, "missing": "raise"}
    world = random_world(2, hedge={"instruments": ["@techs"], "ratio": FIXED}, **said)
    held = replace(world, market=ending(world.market, "NVDA", "2025-08-14"))
    found = run_backtest(*held.parts, draws=0)
    own = found.orders[(found.orders["symbol"] == "NVDA") & (found.orders["shares"] > 0)]
    # Five sessions without a price end on Thursday, the 21st: Friday's UTC day closes at midnight.
    assert own["filled_at"].max().date().isoformat() == "2025-08-23"
    assert not found.orders["reason"].str.contains("lacked").any()


def test_the_issuer_is_held_at_its_own_reports() -> None:
    """Oracle and Nvidia report in turn; each is held at its own, and half of it is sold as QQQ."""
    world = random_world(4, book={"@issuer": 1.0}, exposure=ASIDE, clock="XNYS")
    found = run_backtest(*world.parts, draws=0)
    entered = found.orders[found.orders["kind"] == "enter"]
    by_event = entered.groupby("occurrence")["symbol"].agg(set)
    for number, name in enumerate(sorted(by_event.index)):
        assert by_event[name] == {("ORCL", "NVDA")[number % 2], "QQQ"}
    for name, rows in entered.groupby("occurrence"):
        value = rows.set_index("symbol")["shares"] * rows.set_index("symbol")["price"]
        assert np.sign(value["QQQ"]) == -1
        assert len(rows) == 2, name


def test_a_ratio_at_an_issuer_is_that_of_the_issuer() -> None:
    """The same as that of a strategy which names it."""
    rule = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 30}}
    of_issuer = random_world(4, book={"@issuer": 1.0}, hedge=rule, clock="XNYS")
    decided, run = run_of(of_issuer)
    for number, symbol in enumerate(("ORCL", "NVDA")):
        own, _ = run_of(replace(of_issuer, strategy=told(of_issuer.strategy, book={symbol: 1.0})))
        ratio = held_at(decided, run, Kind.ENTER, number)["QQQ"]
        assert ratio == held_at(own, run, Kind.ENTER, number)["QQQ"]


def test_the_limit_of_gross_exposure_cuts_and_says_so() -> None:
    """All of the equity and 0.8 of it short are 1.8; 1.2 leaves a quarter of the short."""
    world = random_world(2, hedge={"instruments": ["QQQ"], "ratio": FIXED}, limits={"gross": 1.2})
    found = run_backtest(*world.parts, draws=0)
    cut = found.orders[found.orders["reason"].str.contains("limits.gross")]
    assert len(cut) > 0
    gross = found.curves["gross"]
    assert gross.max() < 1.35  # prices move it between decisions
