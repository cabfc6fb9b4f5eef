"""Every mistake inside a section of a strategy: signal, hedge, limits, costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import pytest

from eventlab.definitions.schema import json_schema
from eventlab.definitions.yaml_reader import compose
from tests.definitions.strategy_texts import BOOK, HEAD, OLS, OUT, PUT, WHEN

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND = {
    "hedge": BOOK + OLS + WHEN,
    "out of the book": BOOK + OUT + WHEN,
    "on a state": BOOK + OUT + "when: {enter: 1, exit: {easing: fomc, falling: QQQ}}\n",
    "entry on a state": BOOK + OUT + "when: {enter: {volatility_above: 1, at_most: 8}, exit: 10}\n",
    "from state to state": BOOK + OUT + "when: {enter: {falling: QQQ, at_most: 9}, exit: {rising: "
    "QQQ, at_most: 10}}\n",
    "puts on what the book holds": BOOK + PUT + WHEN,
    "puts of the defaults": BOOK + "hedge: {instruments: [BTC], ratio: {method: put}}\n" + WHEN,
    "two instruments": BOOK + OLS.replace("QQQ", "QQQ, NVDA").replace("ols", "dcc") + WHEN,
    "signal of the issuer": BOOK + "exposure: {inside: 1, outside: 0}\n"
    'signal: {symbol: "@issuer", bars: [0, 1], below: -0.02, above: 0.02}\n'
    "when: {enter: 2, exit: 5}\n",
    "signal turns what is held": BOOK + "signal: {symbol: QQQ}\nwhen: {enter: 1, exit: 5}\n",
    "scaled": BOOK + "scale: {volatility: 0.4}\n" + WHEN,
    "the issuer": 'book: {"@issuer": 1.0}\n' + OLS + WHEN,
    "costs of the issuer": 'book: {"@issuer": 1.0}\n' + OLS + WHEN
    + "costs: {by_symbol: {ORCL: {fee_bps: 1}, QQQ: {fee_bps: 1}}}\n",
    "a member of a group that is a perpetual": 'book: {"@ai_tokens": 1.0}\n' + OLS + WHEN
    + "costs: {funding: perpetual, perpetuals: [FET]}\n",
    "a group of perpetuals": BOOK + OLS + WHEN
    + 'costs: {funding: perpetual, perpetuals: ["@ai_tokens"]}\n',
    "limits": BOOK + OLS + WHEN + "limits: {gross: 2, stop: 0.1, maintenance: 0.25}\n",
    "interest": BOOK + OLS + WHEN + "costs: {interest: SPY}\n",
    "shocks after the news": (HEAD + BOOK + OUT).replace("oracle-earnings", "shocks")
    + "when: {enter: 1, exit: 5}\n",
    "scheduled statements": (HEAD + BOOK + OUT + WHEN).replace("oracle-earnings", "fomc")
    + "tags: [scheduled]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_what_is_right(report: Callable[[str], list[str]], name: str) -> None:
    body = SOUND[name]
    assert report(body) == []
    root, faults = compose(body if body.startswith("strategy:") else HEAD + body)
    assert root is not None
    assert faults == ()
    jsonschema.Draft202012Validator(json_schema("strategy")).validate(root.plain())


SECTIONS = {
    "signal that is not known yet": (
        BOOK + OUT + "signal: {symbol: QQQ, bars: [0, 1], take: gate, below: -0.02}\n"
        "when: {enter: 1, exit: 5}\n",
        [("6:29: signal.bars: [0, 1] ends at bar 1, but when.enter: 1 is decided at the close of "
          "bar 0; end it at 0 or earlier, or enter later")],
    ),
    "signal after the state": (
        BOOK + OUT + "signal: {symbol: QQQ, bars: [0, 2], take: gate, below: -0.02}\n"
        "when: {enter: {rising: QQQ, at_most: 5}, exit: 9}\n",
        [("6:29: signal.bars: [0, 2] ends at bar 2, but when.enter looks from bar 1 on; end it at "
          "1 or earlier, or enter later")],
    ),
    "signal backwards": (
        BOOK + OUT + "signal: {symbol: QQQ, bars: [0, -1], take: gate, below: -0.02}\n"
        "when: {enter: 1, exit: 5}\n",
        ["6:29: signal.bars: [0, -1] runs backwards; write [-1, 0]"],
    ),
    "gate without a threshold": (
        BOOK + OUT + "signal: {symbol: QQQ, take: gate}\nwhen: {enter: 1, exit: 5}\n",
        [("6:29: signal.take: gate lets everything through; say below or above, as in below: "
          "-0.02")],
    ),
    "thresholds that cross": (
        BOOK + OUT + "signal: {symbol: QQQ, take: gate, below: 0.02, above: -0.02}\n"
        "when: {enter: 1, exit: 5}\n",
        [("6:42: signal.below: 0.02 is not less than above: -0.02, so that every reaction would "
          "do; drop both, or swap them")],
    ),
    "signal of a group": (
        BOOK + 'signal: {symbol: "@tech"}\nwhen: {enter: 1, exit: 5}\n',
        [("5:18: signal.symbol: '@tech' is a group; a reaction is that of one symbol or "
          "@issuer")],
    ),
    "signal of no symbol": (
        BOOK + "signal: {symbol: QQK}\nwhen: {enter: 1, exit: 5}\n",
        ["5:18: signal.symbol: 'QQK' is no symbol of universes/; did you mean 'QQQ'?"],
    ),
    "nothing to do": (
        BOOK + WHEN,
        [("4:1: book: is held the same at all times: there is no hedge, and exposure is 1.0 inside "
          "and outside; give a hedge, or make the two differ")],
    ),
    "a gate in front of nothing": (
        BOOK + "signal: {symbol: QQQ, take: gate, below: -0.02}\nwhen: {enter: 1, exit: 5}\n",
        [("4:1: book: is held the same at all times: there is no hedge, and exposure is 1.0 inside "
          "and outside; give a hedge, or make the two differ")],
    ),
    "never held": (
        BOOK + "exposure: {inside: 0, outside: 0}\n" + WHEN,
        ["5:20: exposure.inside: 0 inside and outside: the book is never held; raise one of them"],
    ),
    "nothing to hedge": (
        BOOK + OLS + OUT + WHEN,
        [("6:20: exposure.inside: 0 leaves nothing to hedge between entry and exit; drop the "
          "hedge, or raise it")],
    ),
    "nothing to scale": (
        BOOK + OUT + "scale: {volatility: 0.4}\n" + WHEN,
        [("5:20: exposure.inside: 0 leaves nothing to scale between entry and exit; drop scale, or "
          "raise it")],
    ),
    "rebalance without a hedge": (
        BOOK + OUT + "when: {enter: -2, exit: 5, rebalance: daily}\n",
        ["6:39: when.rebalance: daily sets the hedge anew, and there is none; drop it"],
    ),
    "maintenance that is all": (
        BOOK + OLS + WHEN + "limits: {gross: 4, maintenance: 0.25}\n",
        [("7:33: limits.maintenance: 0.25 liquidates before gross: 4.0 is reached; stay below "
          "0.25, or lower gross")],
    ),
    "liquidated at once": (
        "book: {BTC: 2.0}\n" + OLS + WHEN + "limits: {maintenance: 0.5}\n",
        [("7:23: limits.maintenance: 0.5 of positions of 2 times equity is all of it: they would "
          "be liquidated at once; stay below 0.5")],
    ),
    "gross less than the book": (
        BOOK + OLS + WHEN + "limits: {gross: 0.5}\n",
        [("7:17: warning: limits.gross: 0.5 is less than the book itself, which is 1 of equity: "
          "its orders will be cut")],
    ),
    "perpetuals without funding": (
        BOOK + OLS + WHEN + "costs: {perpetuals: [BTC]}\n",
        ["7:9: costs.perpetuals: perpetuals go with funding: perpetual; say so, or drop them"],
    ),
    "no perpetuals": (
        BOOK + OLS + WHEN + "costs: {funding: perpetual, perpetuals: []}\n",
        [("7:41: costs.perpetuals: is empty; name the legs that are perpetuals, or drop it for all "
          "crypto legs")],
    ),
    "perpetual that is no leg": (
        BOOK + OLS + WHEN + "costs: {funding: perpetual, perpetuals: [BTC, FET]}\n",
        [("7:47: costs.perpetuals[1]: 'FET' is no leg of this strategy; it holds BTC, QQQ")],
    ),
    "costs of no leg": (
        BOOK + OLS + WHEN + "costs: {by_symbol: {QQK: {fee_bps: 1}}}\n",
        [("7:21: warning: costs.by_symbol.QQK: 'QQK' is no leg of this strategy; did you mean "
          "'QQQ'?")],
    ),
    "costs that say nothing": (
        BOOK + OLS + WHEN + "costs: {by_symbol: {QQQ: {}}}\n",
        [("7:26: costs.by_symbol.QQQ: says nothing; give fee_bps, slippage_bps or "
          "borrow_bps_per_year, or drop it")],
    ),
    "interest in small letters": (
        BOOK + OLS + WHEN + "costs: {interest: dgs2}\n",
        [("7:19: costs.interest: 'dgs2' has none of the forms allowed: interest per year on cash, "
          "paid on debt: a rate in decimals, or the symbol of a yield in percent (DGS2)")],
    ),
    "interest of no symbol": (
        BOOK + OLS + WHEN + "costs: {interest: DGS3}\n",
        [("7:19: costs.interest: 'DGS3' is no symbol of universes/; add it to a file there, or "
          "correct it")],
    ),
    "period backwards": (
        BOOK + OLS + WHEN + "since: 2025-12-31\nuntil: 2025-01-01\n",
        ["3:9: events: since, until and tags leave no occurrence; widen them",
         "7:8: since: '2025-12-31' is after until: 2025-01-01; swap them"],
    ),
    "no such day": (
        BOOK + OLS + WHEN + "since: 2025-02-30\n",
        ["7:8: since: '2025-02-30' does not exist: day is out of range for month"],
    ),
    "period without an occurrence": (
        BOOK + OLS + WHEN + "until: 2020-01-01\n",
        ["3:9: events: since, until and tags leave no occurrence; widen them"],
    ),
    "tag of no occurrence": (
        (HEAD + BOOK + OUT + WHEN).replace("oracle-earnings", "fomc") + "tags: [schedulled]\n",
        ["7:8: tags[0]: 'schedulled' is a tag of no occurrence; did you mean 'scheduled'?"],
    ),
    "tag where there are none": (
        BOOK + OLS + WHEN + "tags: [cut]\n",
        ["7:8: tags[0]: 'cut' is a tag of no occurrence; none has a tag"],
    ),
    "issuer of what has none": (
        (HEAD + OLS + WHEN).replace("oracle-earnings", "shocks") + 'book: {"@issuer": 1}\n',
        [("6:8: book.@issuer: '@issuer' is nobody for event 'shocks'; name a symbol, or add "
          "issuer: to the event"),
         ("5:15: warning: when.enter: -2 is decided before the news, which nobody could know for "
          "shocks/ftx: left out; enter at 1 or later, or choose others by tags")],
    ),
}  # fmt: skip

HEDGES = {
    "puts without method put": (
        BOOK + PUT.replace("method: put", "method: ols").replace("[BTC]", "[QQQ]") + WHEN,
        ["5:51: hedge.put: puts go with method: put, not ols; drop them, or say so"],
    ),
    "puts that expire before the exit": (
        BOOK + PUT.replace("30", "7") + WHEN,
        [("5:65: hedge.put.expiry: 7 bars from the decision end before the exit, which may be 8 "
          "bars from it; at least 8")],
    ),
    "puts that expire while a state is waited for": (
        BOOK + PUT + "when: {enter: -2, exit: {rising: QQQ, at_most: 40}}\n",
        [("5:65: hedge.put.expiry: 30 bars from the decision end before the exit, which may be 44 "
          "bars from it; at least 44")],
    ),
    "puts on two": (
        BOOK + PUT.replace("[BTC]", "[BTC, QQQ]") + WHEN,
        [("5:22: hedge.instruments: method put takes one instrument, not 2; keep one, or choose "
          "fixed, ols, ewma, ridge, kalman or dcc")],
    ),
    "puts sold": (
        BOOK + PUT.replace("put}", "put, value: -1}") + WHEN,
        [("5:57: hedge.ratio.value: -1.0 would sell puts; give how many are bought per unit of the "
          "book")],
    ),
    "shortfall of two": (
        BOOK + OLS.replace("ols", "min_es").replace("QQQ", "QQQ, NVDA") + WHEN,
        [("5:22: hedge.instruments: method min_es takes one instrument, not 2; keep one, or choose "
          "fixed, ols, ewma, ridge, kalman or dcc")],
    ),
    "shortfall of less than a bar": (
        BOOK + OLS.replace("ols", "min_es, level: 0.01, lookback: 60") + WHEN,
        [("5:60: hedge.ratio.level: 0.01 of 60 bars is less than one; raise it to 0.017, or "
          "lengthen lookback")],
    ),
    "in the book and in the hedge": (
        BOOK + OLS.replace("QQQ", "QQQ, BTC") + WHEN,
        [("5:28: hedge.instruments[1]: 'BTC' is in the book as well; change its weight there, or "
          "remove it")],
    ),
    "in a group of the book and in the hedge": (
        'book: {"@ai_tokens": 1}\n' + OLS.replace("QQQ", "FET") + WHEN,
        [("5:23: hedge.instruments[0]: 'FET' and '@ai_tokens' both hold FET: no symbol can be held "
          "twice; remove one of them, or write the symbols out")],
    ),
    "twice in the book": (
        'book: {BTC: 1, "@ai_tokens": 1}\n' + OLS + WHEN,
        [("4:16: book.@ai_tokens: '@ai_tokens' and 'BTC' both hold BTC: no symbol can be held "
          "twice; remove one of them, or write the symbols out")],
    ),
    "ratio of nothing": (
        BOOK + OLS.replace("ols", "fixed, value: 0") + WHEN,
        ["5:59: hedge.ratio.value: 0 is no hedge; give the ratio, or drop hedge"],
    ),
    "ratio below the smallest": (
        BOOK + OLS.replace("ols", "fixed, value: 1.0e-25") + WHEN,
        ["5:59: hedge.ratio.value: 1e-25 is as good as no hedge; at least 1e-09"],
    ),
    "ratio beyond its cap": (
        BOOK + OLS.replace("ols", "fixed, value: -3, cap: 2") + WHEN,
        ["5:59: hedge.ratio.value: -3.0 is beyond cap: 2.0; raise the cap, or drop it"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECTIONS)
def test_section(report: Callable[[str], list[str]], name: str) -> None:
    body, expected = SECTIONS[name]
    assert sorted(report(body)) == sorted(expected)


@pytest.mark.parametrize("name", HEDGES)
def test_hedge(report: Callable[[str], list[str]], name: str) -> None:
    body, expected = HEDGES[name]
    assert sorted(report(body)) == sorted(expected)


def test_everything_at_once(report: Callable[[str], list[str]]) -> None:
    body = (
        BOOK + "hedge: {instruments: [BTC, QQQ], ratio: {method: put, value: -1}, put: {expiry: 3}}"
        "\nsignal: {symbol: QQK, take: gate}\nwhen: {enter: -2, exit: 5}\nsince: 2025-02-30\n"
    )
    found = report(body)
    assert [line.split(": ")[1] for line in found] == [
        *("hedge.instruments", "hedge.ratio.value", "hedge.put.expiry", "signal.bars"),
        *("signal.symbol", "signal.take", "since"),
    ]
