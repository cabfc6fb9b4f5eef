"""Look-ahead: none in any rule, on made-up futures at any instant; and planted ones are caught."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import UsageError
from eventlab.hedge import episodes as episodes_module
from eventlab.hedge import options, setting, timing
from eventlab.hedge import plan as plan_module
from eventlab.hedge.audit import last_known, run_audit
from eventlab.hedge.forecast import realised_volatility, scale_factor
from eventlab.hedge.prices import build_grid
from eventlab.hedge.puts import put_ratio
from eventlab.hedge.ratios.many import ratios_at
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from eventlab.hedge.signals import reaction
from eventlab.hedge.states import first_row
from tests.hedge.priced import scrambled
from tests.hedge.told_rules import ALL, EASING, hedge, world_of
from tests.hedge.worlds import random_world

if TYPE_CHECKING:
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.types import Grid, Simulation
    from eventlab.market.types import Market
    from tests.hedge.worlds import World


def run_of(world: World, market: Market | None = None) -> tuple[Decided, Simulation]:
    decided = decide_all(prepare(world.strategy, market or world.market, world.workspace))
    return decided, simulate_plan(decided.setting, decided.planned.plan)


@pytest.mark.parametrize("name", ALL)
def test_no_rule_looks_ahead(name: str) -> None:
    """Cut off and made up after decisions: targets, orders and money are the same to the bit."""
    found = run_audit(*world_of(name).parts, cuts=2)
    assert found.clean, found.changes.head(3).to_string()
    compared = found.cuts.groupby("future")["decisions"].max()
    assert (compared > 200).all()
    assert not found.cuts["changed"].any()


@pytest.mark.parametrize("name", ALL)
def test_nothing_depends_on_prices_after_any_instant(name: str) -> None:
    """Compared without the audit, and with futures of another kind, at instants between bars."""
    world = world_of(name)
    decided, whole = run_of(world)
    plan, grid = decided.planned.plan, decided.setting.grid
    first = decided.episodes[0].first.span.decided
    random = np.random.default_rng(len(name))
    for row in random.integers(first + 1, len(grid) - 1, size=2).tolist():
        instant = last_known(grid, row) + int(random.integers(0, 3_600_000_000_000))
        other, run = run_of(world, scrambled(world.market, instant, row))
        points = 2 * row + 2
        assert run.equity[:points].tobytes() == whole.equity[:points].tobytes()
        assert run.shares[:points].tobytes() == whole.shares[:points].tobytes()
        own = plan.decided <= row
        count = int(own.sum())
        assert (other.planned.plan.decided <= row).sum() == count
        then = other.planned.plan
        assert then.targets[:count].tobytes() == plan.targets[:count].tobytes()
        np.testing.assert_array_equal(then.points[:count], plan.points[:count])
        np.testing.assert_array_equal(then.kind[:count], plan.kind[:count])
        orders, others = whole.order_point < points, run.order_point < points
        assert run.order_shares[others].tobytes() == whole.order_shares[orders].tobytes()
        assert run.order_price[others].tobytes() == whole.order_price[orders].tobytes()
        assert not np.array_equal(run.equity[points:], whole.equity[points:]) or not other.episodes


def fault(world: World, **said: Any) -> tuple[str, str, str]:
    """Kind, symbol and field of the first change, which is just before the future that it saw."""
    found = run_audit(*world.parts, **{"cuts": 40, **said})
    assert not found.clean
    first = found.changes.iloc[0]
    # From Friday's close the next joint return ends with Monday's UTC day.
    assert pd.Timedelta(0) <= first["cut_at"] - first["decided_at"] <= pd.Timedelta(days=3)
    return first["kind"], first["symbol"], first["field"]


RATIOS = [name for name, said in ALL.items() if (said["hedge"] or {}).get("ratio", {}).get("method")
          not in {None, "fixed", "put"} and "state" not in name]  # fmt: skip


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_that_reads_one_row_further_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ahead(definition: Any, book: Any, instruments: Any, rows: Any) -> Any:
        return ratios_at(definition, book, instruments, np.minimum(rows + 1, len(book) - 1))

    monkeypatch.setattr(episodes_module, "ratios_at", ahead)
    kind, symbol, field = fault(world_of(name), cuts=12 if name == "dcc" else 40)
    assert kind in {"enter", "rebalance"}
    assert symbol in {"QQQ", "NVDA", "LSEG", "ORCL"}
    assert field == "target"


def test_a_fixed_ratio_that_waits_for_tomorrow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it where the instrument will fall by more than it usually does."""

    def ahead(definition: Any, book: Any, instruments: Any, rows: Any) -> Any:
        values, counts, notes = ratios_at(definition, book, instruments, rows)
        tomorrow = instruments[np.minimum(rows + 1, len(book) - 1)]
        return values * (1.0 + tomorrow), counts, notes

    monkeypatch.setattr(episodes_module, "ratios_at", ahead)
    assert fault(world_of("fixed")) == ("enter", "QQQ", "target")


def test_a_put_on_the_volatility_of_tomorrow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def ahead(closes: Any, bars: int, periods: float) -> Any:
        found = realised_volatility(closes, bars, periods)
        return np.append(found[1:], found[-1:])

    monkeypatch.setattr(options, "realised_volatility", ahead)
    # Before the next put is decided, the one that is held is worth what nobody knows.
    assert fault(world_of("put"))[2] == "equity"


def test_a_put_sized_by_its_price_of_tomorrow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "put_ratio", lambda held, row: put_ratio(held, row + 1))
    assert fault(world_of("put")) == ("enter", "BTC put", "target")


def test_a_forecast_that_reads_one_return_further_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ahead(definition: Any, returns: Any, periods: float) -> Any:
        return scale_factor(definition, returns.base[: len(returns) + 1], periods)

    monkeypatch.setattr(episodes_module, "scale_factor", ahead)
    assert fault(world_of("scale")) == ("enter", "BTC", "target")


def test_a_reaction_of_one_bar_more_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry of the next bar is decided on what that bar does."""

    def ahead(closes: Any, day0: int, bars: tuple[int, int], *, trades: Any) -> float:
        return reaction(closes, day0, (bars[0], bars[1] + 1), trades=trades)

    monkeypatch.setattr(episodes_module, "reaction", ahead)
    kind, symbol, field = fault(world_of("signal to follow"))
    assert (kind, field) == ("enter", "target")
    assert symbol in {"ORCL", "NVDA"}


def test_a_state_that_is_seen_a_bar_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def ahead(observed: Any, *given: Any, **said: Any) -> Any:
        early = replace(observed, holds=np.append(observed.holds[1:], False))
        return first_row(early, *given, **said)

    monkeypatch.setattr(timing, "first_row", ahead)
    world = world_of("state to leave").saying(when={"enter": 0, "exit": EASING})
    kind, _, field = fault(world)
    assert (kind, field) == ("exit", "target")


def test_prices_of_the_bar_after_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order is filled, and all are valued, at the close of the next bar."""

    def ahead(*given: Any) -> Grid:
        grid = build_grid(*given)
        found = {}
        for name in ("fills", "marks"):
            values = getattr(grid, name).copy()
            values[1:-2:2] = values[3::2]
            found[name] = values
        return replace(grid, **found)

    monkeypatch.setattr(setting, "build_grid", ahead)
    assert fault(world_of("ols"))[2] in {"equity", "price"}


def test_exclusions_rest_on_what_is_known_at_the_decision() -> None:
    """A market that ends the bar after gives the same reasons for what was left out before."""
    world = random_world(5, hedge=hedge("ols", lookback=180))
    decided, _ = run_of(world)
    assert any("returns" in why for _, _, why in decided.left_out)
    row = decided.episodes[0].first.span.decided
    instant = last_known(decided.setting.grid, row)
    other, _ = run_of(world, scrambled(world.market, instant, 1))
    assert other.left_out == decided.left_out


def test_an_audit_needs_a_cut() -> None:
    with pytest.raises(UsageError, match="cuts 0: must be 1 or more"):
        run_audit(*world_of("fixed").parts, cuts=0)


def test_the_same_seed_makes_the_same_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def ahead(definition: Any, book: Any, instruments: Any, rows: Any) -> Any:
        return ratios_at(definition, book, instruments, np.minimum(rows + 1, len(book) - 1))

    monkeypatch.setattr(episodes_module, "ratios_at", ahead)
    world = world_of("ols")
    one, two, other = (run_audit(*world.parts, cuts=2, seed=seed) for seed in (3, 3, 4))
    assert one.changes.equals(two.changes)
    assert not one.changes.equals(other.changes)
