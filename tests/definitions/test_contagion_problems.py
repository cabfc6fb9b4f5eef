"""Every mistake of a contagion section: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

EVENT = "events/oracle-earnings.yaml"
LAST = "  crisis_window: [0, 10]\n"

Edited = Callable[[str, str, str], list[str]]

# What is added to the section, or (old, new) of it, and what is said then.
ADDED = {
    "mark without a side": (
        "marks: [{symbol: BTC}]",
        ["contagion.marks[0]: a mark has a side; add below: or above: with a price"],
    ),
    "mark with both sides": (
        "marks: [{symbol: BTC, below: 90000, above: 92000}]",
        ["contagion.marks[0]: a mark has one side, below or above; write two marks"],
    ),
    "mark of an unknown symbol": (
        "marks: [{symbol: BTCC, below: 90000}]",
        [
            "contagion.marks[0].symbol: 'BTCC' is no symbol of universes/; did you mean 'BTC'?",
        ],
    ),
    "mark at no price": (
        "marks: [{symbol: BTC, below: 0}]",
        ["contagion.marks[0].below: 0 is out of bounds; greater than 0"],
    ),
    "unknown symbols and groups": (
        "chain: [ORCL, [NVDA, QQQQ], '@ai_token']",
        [
            "contagion.chain[1][1]: 'QQQQ' is no symbol of universes/; did you mean 'QQQ'?",
            "contagion.chain[2]: '@ai_token' is no group of universes/; did you mean '@ai_tokens'?",
        ],
    ),
    "unknown factor": (
        "factors: [SPYY]",
        ["contagion.factors[0]: 'SPYY' is no symbol of universes/; did you mean 'SPY'?"],
    ),
    "the source as a factor": (
        "factors: [ORCL]",
        [
            (
                "contagion.factors[0]: 'ORCL' is the source itself: nothing of it is left once it "
                "is adjusted for; remove it"
            )
        ],
    ),
    "a target as a factor": (
        "factors: [QQQ]",
        [
            (
                "warning: contagion.factors[0]: 'QQQ' is a target too, which has no adjusted "
                "returns then"
            )
        ],
    ),
    "a chain of one": (
        "chain: [ORCL]",
        ["contagion.chain: one link is no chain; name at least two, the first to move first"],
    ),
    "a chain that turns back": (
        "chain: [ORCL, [NVDA, ORCL]]",
        ["contagion.chain[1][1]: 'ORCL' is in link 1 already; keep one"],
    ),
    "an empty link": (
        "chain: [ORCL, [], BTC]",
        ["contagion.chain[1]: the link is empty; name a symbol or @group, or drop it"],
    ),
    "the issuer in a chain": ("chain: ['@issuer', NVDA]", []),
    "unknown tag": (
        "by_tag: [surprise]",
        ["contagion.by_tag[0]: 'surprise' is a tag of no occurrence; none has a tag"],
    ),
    "no such day": (
        "since: '2023-02-30'",
        [
            "contagion.since: '2023-02-30' does not exist: day is out of range for month",
        ],
    ),
    "days that run backwards": (
        "since: '2025-01-01'\n  until: '2024-01-01'",
        ["contagion.since: '2025-01-01' is after until: 2024-01-01; swap them"],
    ),
    "intraday bars that are the section's": (
        "intraday: {bar: session}",
        [
            (
                "contagion.intraday.bar: session is what the section itself counts; name a width "
                "of bars, as in 60min"
            )
        ],
    ),
    "hours twice": (
        "bar: 60min\n  intraday: {bar: 60min}",
        [
            (
                "contagion.intraday.bar: 60min is what the section itself counts; choose another, "
                "or drop it"
            )
        ],
    ),
    "sessions inside hours": (
        "bar: 60min\n  intraday: {bar: session}",
        ["contagion.intraday.bar: session is no bar inside a session; name a width, as in 60min"],
    ),
    "unknown width": (
        "intraday: {bar: 7min}",
        [
            (
                "contagion.intraday.bar: '7min' is not allowed; one of session, 1min, 2min, 3min, "
                "4min, 5min, 6min, 10min, 12min, 15min, 20min, 30min, ... (13 in all); did you "
                "mean '6min'?"
            )
        ],
    ),
    "a short intraday window": (
        "intraday: {crisis_window: [0, 2]}",
        ["contagion.intraday.crisis_window: [0, 2] has 3 bars; a correlation needs 4; lengthen it"],
    ),
    "intraday windows that overlap": (
        "intraday: {calm_window: [-100, 3], crisis_window: [0, 20]}",
        [
            (
                "contagion.intraday.calm_window: [-100, 3] overlaps or follows crisis_window [0, "
                "20]; end it at -1 or earlier"
            )
        ],
    ),
    "a VAR without rows": (
        "connectedness: {lags: 5, after: [0, 34]}",
        [
            (
                "contagion.connectedness.after: [0, 34] has 35 bars; a VAR of 6 series with 5 lags "
                "needs 37; lengthen it, or choose estimator: ridge"
            )
        ],
    ),
    "a VAR with just enough rows": ("connectedness: {lags: 5, after: [0, 36]}", []),
    "a VAR that shrinks": ("connectedness: {lags: 5, after: [0, 20], estimator: ridge}", []),
    "before that reaches into after": (
        "connectedness: {before: [-120, 4]}",
        [
            (
                "contagion.connectedness.before: [-120, 4] overlaps or follows after [0, 59]; end "
                "it at -1 or earlier"
            )
        ],
    ),
    "two buckets of the same": (
        "regimes: {buckets: {top: [BTC, NVDA], rest: [FET, BTC]}}",
        ["contagion.regimes.buckets.rest[1]: 'BTC' is in top as well; keep one"],
    ),
    "a bucket of nothing": (
        "regimes: {buckets: {top: [], rest: [FET, BTC]}}",
        ["contagion.regimes.buckets.top: is empty; name symbols or a @group"],
    ),
    "the groups that buckets stand for": (
        "regimes: {buckets: {}}",
        [
            (
                "contagion.regimes.buckets.rest[0]: '@ranks_50_100' is no group of universes/; "
                "there are @ai_tokens, @tech"
            ),
            (
                "contagion.regimes.buckets.top[0]: '@ranks_1_10' is no group of universes/; there "
                "are @ai_tokens, @tech"
            ),
        ],
    ),
    "a beta on itself": (
        "regimes: {betas: {assets: [NVDA, FET], factors: [BTC, NVDA]}}",
        [
            (
                "contagion.regimes.betas.assets[0]: 'NVDA' is a factor as well; its beta on itself "
                "is 1; remove it"
            )
        ],
    ),
    "betas on one factor": (
        "regimes: {betas: {assets: [FET], factors: [BTC]}}",
        ["contagion.regimes.betas.factors: has 1 entries; at least 2"],
    ),
    "a bubble twice": (
        "regimes: {bubbles: [BTC, BTC]}",
        ["contagion.regimes.bubbles[1]: 'BTC' is listed twice; keep one"],
    ),
    "unknown key": (
        "placebos: 100",
        ["contagion.placebos: is no known key"],
    ),
}
CHANGED = {
    "crisis of three bars": (
        "crisis_window: [0, 10]",
        "crisis_window: [0, 2]",
        ["contagion.crisis_window: [0, 2] has 3 bars; a correlation needs 4; lengthen it"],
    ),
    "crisis of one bar": (
        "crisis_window: [0, 10]",
        "crisis_window: [0, 0]",
        ["contagion.crisis_window: [0, 0] has 1 bar; a correlation needs 4; lengthen it"],
    ),
    "calm of three bars": (
        "calm_window: [-120, -6]",
        "calm_window: [-8, -6]",
        ["contagion.calm_window: [-8, -6] has 3 bars; a correlation needs 4; lengthen it"],
    ),
    "groups that share members": (
        'targets: [NVDA, AMD, QQQ, BTC, "@ai_tokens"]\n  calm',
        'targets: ["@tokens", "@ai_tokens"]\n  calm',
        [
            (
                "warning: contagion.targets[1]: '@ai_tokens' and '@tokens' both hold FET, which "
                "are measured once but count in both baskets"
            )
        ],
    ),
}
TOKENS = "universe: tokens\ntitle: Tokens\ncalendar: 24/7\nsymbols: {FET: {}}\n"


def said(found: list[str]) -> list[str]:
    assert all(line.startswith(f"{EVENT}:") for line in found)
    return [line.split(": ", 1)[1] for line in found]


@pytest.mark.parametrize("name", ADDED)
def test_added(edited: Edited, name: str) -> None:
    text, wanted = ADDED[name]
    found = said(edited(EVENT, LAST, f"{LAST}  {text}\n"))
    if name == "unknown key":
        assert len(found) == 1
        assert found[0].startswith(wanted[0])
    else:
        assert found == wanted


@pytest.mark.parametrize("name", CHANGED)
def test_changed(edited: Edited, write: Callable[[str, str], object], name: str) -> None:
    old, new, wanted = CHANGED[name]
    if "tokens" in new:
        write("universes/tokens.yaml", TOKENS)
    assert said(edited(EVENT, old, new)) == wanted
