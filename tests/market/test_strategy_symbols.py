"""Which symbols and bars a strategy needs, and that loading a market brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eventlab.definitions import StrategyDefinition, load_workspace
from eventlab.errors import UsageError
from eventlab.market.workspace_market import market_for, strategy_minutes, strategy_symbols

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.definitions import Workspace

EVENTS = {
    "one": "event: one\ntitle: One\nkind: earnings\nissuer: ORCL\n",
    "two": "event: two\ntitle: Two\nkind: other\n",
}
OCCURRENCES = """occurrences:
  - {id: a, announced_at: '2025-12-10 16:05+00:00'%s}
  - {id: b, announced_at: '2025-12-11 16:05+00:00'%s}
"""
UNIVERSES = {
    "tokens": "universe: tokens\ntitle: Tokens\ncalendar: 24/7\nsymbols: {BTC: {}, TAO: {}}\n",
    "stocks": "universe: stocks\ntitle: Stocks\ncalendar: XNYS\n"
    "symbols: {ORCL: {}, NVDA: {}, AMD: {}, QQQ: {}, UUP: {}}\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root: Path = tmp_path_factory.mktemp("workspace")
    (root / "events").mkdir()
    (root / "universes").mkdir()
    two = OCCURRENCES % (", issuer: NVDA", ", issuer: AMD")
    (root / "events" / "one.yaml").write_text(EVENTS["one"] + OCCURRENCES % ("", ""))
    (root / "events" / "two.yaml").write_text(EVENTS["two"] + two)
    for name, text in UNIVERSES.items():
        (root / "universes" / f"{name}.yaml").write_text(text)
    return load_workspace(root)


def strategy(**changes: Any) -> StrategyDefinition:
    plain = {
        "strategy": "s",
        "title": "S",
        "events": ["one"],
        "book": {"BTC": 1.0},
        "when": {"enter": -2, "exit": 5},
        "exposure": {"outside": 0.0},
    }
    return StrategyDefinition.model_validate(plain | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "BTC"),
        ({"hedge": {"instruments": ["QQQ", "NVDA"]}}, "BTC QQQ NVDA"),
        ({"book": {"@tokens": 1.0}, "hedge": {"instruments": ["BTC", "QQQ"]}}, "BTC TAO QQQ"),
        ({"book": {"@issuer": 1.0}}, "ORCL"),
        ({"book": {"@issuer": 1.0}, "events": ["two", "one"]}, "NVDA AMD ORCL"),
        ({"signal": {"symbol": "@issuer"}, "when": {"enter": 1, "exit": 5}}, "BTC ORCL"),
        ({"costs": {"funding": "perpetual"}}, "BTC BTC-FUNDING"),
        (
            {"costs": {"funding": "perpetual"}, "hedge": {"instruments": ["QQQ", "TAO"]}},
            "BTC QQQ TAO BTC-FUNDING TAO-FUNDING",
        ),
        (
            {"book": {"@tokens": 1.0}, "costs": {"funding": "perpetual", "perpetuals": ["TAO"]}},
            "BTC TAO TAO-FUNDING",
        ),
        ({"costs": {"funding": "perpetual"}, "book": {"UNKNOWN": 1.0}}, "UNKNOWN UNKNOWN-FUNDING"),
        ({"costs": {"funding": "perpetual"}, "book": {"QQQ": 1.0}}, "QQQ"),
        ({"costs": {"interest": "DGS2"}}, "BTC DGS2"),
        ({"costs": {"interest": 0.04}}, "BTC"),
        (
            {"when": {"enter": 0, "exit": {"funding_below": 0.0, "falling": "UUP"}}},
            "BTC UUP BTC-FUNDING",
        ),
        ({"when": {"enter": {"volatility_below": 0.5, "symbol": "TAO"}, "exit": 150}}, "BTC TAO"),
        (
            {"when": {"enter": {"funding_above": 0.0, "symbol": "TAO"}, "exit": 150}},
            "BTC TAO TAO-FUNDING",
        ),
        ({"when": {"enter": 0, "exit": {"rising": "NVDA", "easing": "two"}}}, "BTC NVDA"),
        (
            {
                "hedge": {"instruments": ["QQQ"]},
                "sweep": {"hedge.instruments": [["NVDA"], ["AMD"]]},
            },
            "BTC QQQ NVDA AMD",
        ),
        (
            {
                "hedge": {"instruments": ["QQQ"]},
                "sweep": {
                    "hedge.instruments": [["TAO"], ["QQQ"]],
                    "costs.funding": ["none", "perpetual"],
                },
            },
            "BTC QQQ TAO BTC-FUNDING TAO-FUNDING",
        ),
        ({"sweep": {"when.exit": [3, 5], "book.BTC": [0.5, 1.0]}}, "BTC"),
    ],
)
def test_every_place_that_names_a_symbol(
    workspace: Workspace, changes: dict[str, Any], expected: str
) -> None:
    assert sorted(strategy_symbols(strategy(**changes), workspace)) == sorted(expected.split())


def test_the_order_is_that_of_the_file_and_the_book_comes_first(workspace: Workspace) -> None:
    both = strategy(
        hedge={"instruments": ["QQQ", "NVDA"]}, costs={"funding": "perpetual", "interest": "DGS2"}
    )
    assert strategy_symbols(both, workspace) == ("BTC", "QQQ", "NVDA", "BTC-FUNDING", "DGS2")


def test_what_never_closes_is_traded_on_hourly_bars_at_an_exchange_s_hours(
    workspace: Workspace,
) -> None:
    on_nyse, around = strategy(), strategy(clock="24/7")
    assert strategy_minutes(on_nyse, "BTC", workspace) == {60}
    assert strategy_minutes(on_nyse, "UNKNOWN", workspace) == {60}
    assert strategy_minutes(on_nyse, "QQQ", workspace) == set()
    assert strategy_minutes(on_nyse, "BTC-FUNDING", workspace) == set()
    assert strategy_minutes(around, "BTC", workspace) == set()


def test_unknown_events_and_groups_are_named(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="'three' is no event"):
        strategy_symbols(strategy(events=["three"]), workspace)
    with pytest.raises(UsageError, match="'@tokns' is no group of universes/; did you mean"):
        strategy_symbols(strategy(book={"@tokns": 1.0}), workspace)


def test_a_market_for_strategies_holds_their_symbols_and_no_others(workspace: Workspace) -> None:
    hedged = strategy(hedge={"instruments": ["QQQ"]}, costs={"funding": "perpetual"})
    alone = market_for(workspace, "sample", events=(), strategies=(hedged,))
    assert set(alone.symbols) == {"BTC", "QQQ"}  # the workspace defines no BTC-FUNDING
    assert alone.workspace is workspace
    assert market_for(workspace, "sample", events=()).symbols == ()
    more = market_for(workspace, "sample", events=(), strategies=[hedged], extra=["NVDA"])
    assert set(more.symbols) == {"BTC", "QQQ", "NVDA"}
    assert more.daily["BTC"].prices.tobytes() == alone.daily["BTC"].prices.tobytes()


def test_hourly_bars_of_another_file_are_kept_for_a_strategy(
    workspace: Workspace, tmp_path: Path
) -> None:
    days = "".join(f"2025-12-{day:02},BTC,{90_000 + day}\n" for day in range(1, 31))
    (tmp_path / "days.csv").write_text("date,symbol,close\n" + days)
    for name, step, first in (("long", 240, 1), ("hours", 60, 8)):
        rows = "".join(
            f"2025-12-{day:02} {minute // 60:02}:00,BTC,{90_000 + day}\n"
            for day in range(first, 31)
            for minute in range(0, 1440, step)
        )
        (tmp_path / f"{name}.csv").write_text("ts_utc,symbol,close\n" + rows)
    source = str(tmp_path)
    found = market_for(workspace, source, events=(), strategies=[strategy()])
    assert found.intraday["BTC"].bar_minutes == 240
    assert [one.bar_minutes for one in found.bars["BTC"]] == [60]
    around = market_for(workspace, source, events=(), strategies=[strategy(clock="24/7")])
    assert dict(around.bars) == {}


def test_real_prices_of_every_shipped_strategy(market_dir: Path) -> None:
    shipped = load_workspace(".")
    for one in shipped.strategies.values():
        asked = strategy_symbols(one, shipped)
        found = market_for(shipped, str(market_dir), events=(), strategies=[one])
        legs = {name for name in asked if not name.endswith("-FUNDING")}
        assert legs <= set(found.symbols), one.strategy
        assert set(found.symbols) <= set(asked)
        assert dict(found.refused) == {}
