"""Every mistake of a strategy or a universe by itself: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

STRATEGY = "strategies/btc-ai-hedge.yaml"
TECH = "universes/tech.yaml"

Edited = Callable[[str, str, str], list[str]]


STRATEGY_EDITS = {
    "unknown event": (
        "nvidia-earnings]",
        "nvidia-earning]",
        [("3:27: events[1]: 'nvidia-earning' is no event of this workspace; did you mean "
         "'nvidia-earnings'?")],
    ),
    "event like no other": (
        "nvidia-earnings]",
        "xyz]",
        [("3:27: events[1]: 'xyz' is no event of this workspace; there are nvidia-earnings, "
         "oracle-earnings")],
    ),
    "event listed twice": (
        "nvidia-earnings]",
        "oracle-earnings]",
        ["3:27: events[1]: 'oracle-earnings' is listed twice; keep one"],
    ),
    "unknown symbol in the book": (
        "book: {BTC: 1.0}",
        "book: {BTX: 1.0}",
        ["5:8: book.BTX: 'BTX' is no symbol of universes/; did you mean 'BTC'?"],
    ),
    "book of nothing": ("book: {BTC: 1.0}", "book: {BTC: 0}",
        ["5:7: book: every weight is zero; give one at least"]),
    "empty book": ("book: {BTC: 1.0}", "book: {}", ["5:7: book: has 0 entries; at least 1"]),
    "symbol of the book in small letters": (
        "book: {BTC: 1.0}",
        "book: {btc: 1.0}",
        [("5:8: book.btc: 'btc' is not a symbol in capitals, @group or @issuer; did you mean "
         "'BTC'?")],
    ),
    "method": (
        "method: ols",
        "method: olz",
        [("8:19: hedge.ratio.method: 'olz' is not allowed; one of fixed, ols, ewma, ridge, "
         "kalman, dcc, min_es, downside_beta, put; did you mean 'ols'?")],
    ),
    "fixed without a value": (
        "method: ols",
        "method: fixed",
        ["8:10: hedge.ratio.value: method fixed needs a value, as in value: 1.0"],
    ),
    "value without fixed": (
        "method: ols",
        "value: 1",
        ["8:18: hedge.ratio.value: 1.0 goes with method: fixed or put, not ols"],
    ),
    "ewma without a half-life": (
        "method: ols",
        "method: ewma",
        ["8:51: hedge.ratio.half_life: method ewma needs a half_life, as in half_life: 30"],
    ),
    "exit before entry": (
        "enter: -2",
        "enter: 2",
        [
         "12:59: sweep.when.exit[0]: does not fit when.exit: when.enter: 2 is not before exit 1"],
    ),
    "boolean of another YAML": (
        "rebalance: none",
        "rebalance: no",
        [("9:39: when.rebalance: 'no' is not allowed; one of none, daily, weekly; did you mean "
         "'none'?")],
    ),
    "negative fee": (
        "fee_bps: 5, s",
        "fee_bps: -5, s",
        ["11:18: costs.fee_bps: -5 is out of bounds; at least 0"],
    ),
    "sweep over a path that does not exist": (
        "hedge.ratio.lookback: [60",
        "hedge.ratio.lokback: [60",
        [("12:9: sweep.hedge.ratio.lokback: 'hedge.ratio.lokback' is no path of this strategy; did "
         "you mean 'hedge.ratio.lookback'?")],
    ),
    "sweep over a value that does not fit": (
        "when.exit: [1, 5, 10]",
        "when.exit: [1, x, -3, 1]",
        [("12:62: sweep.when.exit[1]: does not fit when.exit: 'x' has none of the forms allowed: "
          "bar in which the position is left; or a state to wait for"),
         "12:65: sweep.when.exit[2]: does not fit when.exit: when.enter: -2 is not before exit -3",
         "12:69: sweep.when.exit[3]: 1 is listed twice; keep one"],
    ),
    "sweep over nothing": (
        "when.exit: [1, 5, 10]",
        "when.exit: []",
        ["12:58: sweep.when.exit: has 0 entries; at least 1"],
    ),
    "sweep over instruments": ("when.exit: [1, 5, 10]", "hedge.instruments: [[QQQ], [NVDA]]", []),
    "sweep without end": (
        "when.exit: [1, 5, 10]",
        f"when.exit: {list(range(1, 1001))}, costs.fee_bps: {list(range(1001))}",
        ["12:8: sweep: is a grid of 3,003,000 strategies; at most 1,000,000"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STRATEGY_EDITS)
def test_strategy(edited: Edited, name: str) -> None:
    old, new, expected = STRATEGY_EDITS[name]
    assert edited(STRATEGY, old, new) == [f"{STRATEGY}:{line}" for line in expected]


UNIVERSE_EDITS = {
    "reserved name": (
        "universe: tech",
        "universe: issuer",
        ["1:11: warning: universe: 'issuer' is not how the file is called; rename one of them",
         "1:11: universe: @issuer stands for the issuer of an occurrence; choose another name"],
    ),
    "name with a hyphen": (
        "universe: tech",
        "universe: Big-Tech",
        [("1:11: universe: 'Big-Tech' is not lower-case words joined by underscores, as in "
         "ai_tokens; did you mean 'big_tech'?")],
    ),
    "symbol that is a number": (
        "SPY: {}}",
        "SPY: {}, 700: {}}",
        ["3:80: symbols: the key 700 is an integer; a key is a string: put it in quotes"],
    ),
    "symbol without a value": (
        "AMD: {}",
        "AMD: ",
        [("3:36: symbols.AMD: null is no mapping of key: value; known keys are title, calendar, "
         "kind, unit")],
    ),
    "kind": (
        "AMD: {}",
        "AMD: {kind: prize}",
        [("3:43: symbols.AMD.kind: 'prize' is not allowed; one of price, level, return; did you "
         "mean 'price'?")],
    ),
    "unit of a price": (
        "AMD: {}",
        "AMD: {unit: percent}",
        [("3:43: symbols.AMD.unit: a unit goes with kind: return, not price; drop it, or say kind: "
         "return")],
    ),
    "disagreement": (
        "AMD: {}",
        "AMD: {}, BTC: {kind: level}",
        ["3:40: symbols.BTC: calendar XNYS here, but 24/7 in ai_tokens.yaml; make them agree",
         "3:40: symbols.BTC: kind level here, but price in ai_tokens.yaml; make them agree"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNIVERSE_EDITS)
def test_universe(edited: Edited, name: str) -> None:
    old, new, expected = UNIVERSE_EDITS[name]
    assert edited(TECH, old, new) == [f"{TECH}:{line}" for line in expected]
