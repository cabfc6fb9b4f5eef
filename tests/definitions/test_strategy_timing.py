"""Every mistake in when a strategy enters and leaves, and in the states that it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.definitions.strategy_texts import BOOK, HEAD, OUT, WHEN

if TYPE_CHECKING:
    from collections.abc import Callable

TIMING = {
    "state without a condition": (
        BOOK + OUT + "when: {enter: 1, exit: {at_most: 60}}\n",
        [("6:18: when.exit: names no state to wait for; give funding_below, volatility_below, "
          "easing, falling or another condition")],
    ),
    "nothing is waited for": (
        BOOK + OUT + "when: {enter: 1, exit: {rising: QQQ, after: 30, at_most: 20}}\n",
        [("6:45: when.exit.after: 30 is after at_most: 20, so that nothing is waited for; lower "
          "it, or raise at_most")],
    ),
    "wait that ends before the entry": (
        BOOK + OUT + "when: {enter: 25, exit: {rising: QQQ, at_most: 20}}\n",
        ["6:48: when.exit.at_most: 20 is before when.enter: 25; at least 25"],
    ),
    "entry that may be after the exit": (
        BOOK + OUT + "when: {enter: {rising: QQQ, at_most: 9}, exit: 10}\n",
        [("6:38: when.enter.at_most: 9 lets the entry be in bar 10, which is not before exit 10; "
          "at most 8")],
    ),
    "two states that end together": (
        BOOK + OUT + "when: {enter: {rising: QQQ}, exit: {falling: QQQ}}\n",
        [("6:36: when.exit.at_most: 120 ends the wait for the exit no later than that for the "
          "entry (at_most: 120); at least 121")],
    ),
    "above and below nothing": (
        BOOK + OUT + "when: {enter: 1, exit: {volatility_below: 0.4, volatility_above: 0.5}}\n",
        [("6:66: when.exit.volatility_above: 0.5 is not less than volatility_below: 0.4: nothing "
          "is both above the one and below the other")],
    ),
    "falling and rising": (
        BOOK + OUT + "when: {enter: 1, exit: {falling: QQQ, rising: QQQ}}\n",
        ["6:47: when.exit.rising: 'QQQ' cannot fall and rise over the same bars; keep one"],
    ),
    "symbol of nothing": (
        BOOK + OUT + "when: {enter: 1, exit: {falling: QQQ, symbol: BTC}}\n",
        [("6:47: when.exit.symbol: 'BTC' goes with a condition on funding or volatility; drop "
          "it")],
    ),
    "volatility of a group": (
        'book: {"@ai_tokens": 1}\n' + OUT + "when: {enter: 1, exit: {volatility_below: 0.5}}\n",
        [("6:24: when.exit.symbol: is needed: the book begins with '@ai_tokens', which is no "
          "symbol")],
    ),
    "volatility of one bar": (
        BOOK + OUT + "when: {enter: 1, exit: {volatility_below: 0.5, bars: 1}}\n",
        ["6:54: when.exit.bars: 1 bar has no volatility; 2 or more"],
    ),
    "easing of no event": (
        BOOK + OUT + "when: {enter: 1, exit: {easing: fmoc}}\n",
        ["6:33: when.exit.easing: 'fmoc' is no event of this workspace; did you mean 'fomc'?"],
    ),
    "easing of what never eases": (
        BOOK + OUT + "when: {enter: 1, exit: {easing: nvidia-earnings}}\n",
        [("6:33: when.exit.easing: no occurrence of 'nvidia-earnings' is tagged cut; name the "
          "event of a central bank, or tag its cuts")],
    ),
    "falling of no symbol": (
        BOOK + OUT + "when: {enter: 1, exit: {falling: QQK}}\n",
        ["6:34: when.exit.falling: 'QQK' is no symbol of universes/; did you mean 'QQQ'?"],
    ),
    "key of a state": (
        BOOK + OUT + "when: {enter: 1, exit: {easng: fomc, at_most: 60}}\n",
        ["6:25: when.exit.easng: is no known key; did you mean 'easing'?"],
    ),
    "value in a state": (
        BOOK + OUT + "when: {enter: 1, exit: {easing: fomc, at_most: long}}\n",
        ["6:48: when.exit.at_most: 'long' is no whole number"],
    ),
    "neither bar nor state": (
        BOOK + OUT + "when: {enter: soon, exit: 5}\n",
        [("6:15: when.enter: 'soon' has none of the forms allowed: bar in which the position is "
          "entered, before exit; or a state to wait for")],
    ),
    "half a bar": (
        BOOK + OUT + "when: {enter: -0.5, exit: 5}\n",
        ["6:15: when.enter: -0.5 is no whole number"],
    ),
    "bar out of bounds": (
        BOOK + OUT + "when: {enter: 1, exit: 20000}\n",
        ["6:24: when.exit: 20000 is out of bounds; at most 10000"],
    ),
    "no bar at all": (
        BOOK + OUT + "when: {enter: null, exit: 5}\n",
        [("6:15: when.enter: null has none of the forms allowed: bar in which the position is "
          "entered, before exit; or a state to wait for")],
    ),
    "shock that nobody could know": (
        (HEAD + BOOK + OUT + WHEN).replace("oracle-earnings", "shocks"),
        [("6:15: warning: when.enter: -2 is decided before the news, which nobody could know for "
          "shocks/ftx: left out; enter at 1 or later, or choose others by tags")],
    ),
    "statement that was not scheduled": (
        (HEAD + BOOK + OUT).replace("oracle-earnings", "fomc") + "when: {enter: 0, exit: 5}\n",
        [("6:15: warning: when.enter: 0 is decided before the news, which nobody could know for "
          "fomc/b: left out; enter at 1 or later, or choose others by tags")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMING)
def test_timing(report: Callable[[str], list[str]], name: str) -> None:
    body, expected = TIMING[name]
    assert sorted(report(body)) == sorted(expected)
