"""Paths of a parameter grid: what can be swept, in sections that are there and that are not."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.sweep import sweep_paths, with_value, with_values

HEDGED: dict[str, Any] = {
    "strategy": "mine",
    "title": "Mine",
    "events": ["some"],
    "book": {"BRK.B": 1.0},
    "hedge": {"instruments": ["QQQ"]},
    "when": {"enter": -2, "exit": 5},
    "costs": {"by_symbol": {"BRK.B": {"fee_bps": 1.0}}},
}
ON_A_STATE = HEDGED | {"when": {"enter": 1, "exit": {"falling": "UUP", "at_most": 60}}}


def strategy(**said: Any) -> StrategyDefinition:
    return StrategyDefinition.model_validate(HEDGED | said)


def value_at(found: StrategyDefinition, path: str) -> object:
    inner: Any = found.model_dump()
    for part in path.split("."):
        inner = inner[part]
    return inner


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hedge.ratio.lookback", 60),
        ("hedge.ratio.cap", 1.5),  # null before
        ("hedge.instruments", ("NVDA", "AMD")),
        ("limits.stop", 0.1),  # null before
        ("limits.gross", 2.0),
        ("scale.volatility", 0.4),  # of a section that is left out
        ("signal.symbol", "QQQ"),
        ("since", "2020-01-01"),
        ("tags", ("cut",)),
        ("clock", "24/7"),
        ("costs.interest", "DGS2"),
        ("costs.interest", 0.02),
        ("exposure.outside", 0.5),
        ("when.exit", 10),
        ("when.fill", "open"),
    ],
)
def test_a_value_is_exchanged(path: str, value: object) -> None:
    base = strategy(when={"enter": 2, "exit": 5}) if path == "signal.symbol" else strategy()
    assert path in sweep_paths(base)
    found = with_value(base, path, value)
    assert value_at(found, path) == value
    assert found == strategy(**found.model_dump())


def test_symbols_with_dots() -> None:
    base = strategy()
    assert {"book.BRK.B", "costs.by_symbol.BRK.B.fee_bps"} <= set(sweep_paths(base))
    assert with_value(base, "book.BRK.B", 0.5).book == {"BRK.B": 0.5}
    costs = with_value(base, "costs.by_symbol.BRK.B.slippage_bps", 7.0).costs
    assert costs.by_symbol["BRK.B"].slippage_bps == 7.0
    assert costs.by_symbol["BRK.B"].fee_bps == 1.0


def test_a_state_is_swept_inside_and_as_a_whole() -> None:
    base = StrategyDefinition.model_validate(ON_A_STATE)
    assert {"when.exit", "when.exit.at_most", "when.exit.easing"} <= set(sweep_paths(base))
    assert "when.exit.at_most" not in sweep_paths(strategy())
    assert value_at(with_value(base, "when.exit.at_most", 20), "when.exit.at_most") == 20
    assert with_value(base, "when.exit", 9).when.exit == 9


def test_puts_are_swept_where_they_are_left_out() -> None:
    base = strategy(hedge={"instruments": ["BRK.B"], "ratio": {"method": "put"}})
    assert "hedge.put.moneyness" in sweep_paths(base)
    found = with_value(base, "hedge.put.moneyness", 0.9)
    assert found.hedge is not None
    assert found.hedge.put is not None
    assert (found.hedge.put.moneyness, found.hedge.put.expiry) == (0.9, 30)
    with pytest.raises(ValueError, match="puts go with method: put, not ols"):
        with_value(strategy(), "hedge.put.moneyness", 0.9)


def test_values_that_only_fit_together() -> None:
    found = with_values(strategy(), {"when.enter": 6, "when.exit": 9})
    assert (found.when.enter, found.when.exit) == (6, 9)
    with pytest.raises(ValueError, match="6 is not before exit 5"):
        with_value(strategy(), "when.enter", 6)


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({"hedge.put.moneyness": [0.9]}, "hedge.put: puts go with method: put, not ols"),
        ({"signal.below": [-0.1]}, "does not fit signal.below: signal.symbol is missing: whose"),
        ({"limits.stop": [2.0]}, "does not fit limits.stop: 2.0 is out of bounds; less than 1"),
        ({"when.exit": ["x"]}, "does not fit when.exit: 'x' has none of the forms allowed"),
        ({"when.exit.at_most": [3]}, "'when.exit.at_most' is no path of this strategy"),
        ({"events": [["a"]]}, "'events' is no path of this strategy"),
        ({"book.QQQ": [0.5]}, "'book.QQQ' is no path of this strategy"),
    ],
)
def test_what_does_not_fit(sweep: dict[str, list[object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        strategy(sweep=sweep)


def test_a_part_and_the_whole() -> None:
    sweep = {"when.exit": [5, 9], "when.exit.at_most": [20, 60]}
    with pytest.raises(ValueError, match="swept as a whole, and so is when"):
        StrategyDefinition.model_validate(ON_A_STATE | {"sweep": sweep})


def test_the_strategy_itself_stays() -> None:
    base = strategy(sweep={"when.exit": [5, 9]})
    before = base.model_dump()
    assert with_value(base, "when.exit", 9).sweep == {}
    assert base.model_dump() == before
