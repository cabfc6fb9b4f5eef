"""A small made-up market with stocks, tokens and groups, and questions about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.claims.bench import Bench
from eventlab.definitions.claim import ClaimDefinition
from eventlab.definitions.questions import Question
from eventlab.definitions.workspace import load_workspace
from eventlab.timeline.clock import make_clock
from tests.market.series import daily, intraday, market

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

FIRST, SESSIONS, DAYS = date(2023, 1, 3), 610, 900
YOUNG = 820  # day on which the youngest token is listed
STOCKS, TOKENS = ("AAA", "BBB", "CCC"), ("TA", "TB", "TC", "TD")
LAST = "2025-03-31"  # last day of most claims; prices go on after it
HOUR = 3600 * 10**9
UNIVERSES = {
    "stocks": "calendar: XNYS\nsymbols: {AAA: {}, BBB: {}, CCC: {}}",
    "tokens": "calendar: 24/7\nsymbols: {TA: {}, TB: {}, TC: {}, TD: {}, YOUNG: {}}",
    "twins": "calendar: 24/7\nsymbols: {TA: {}, TB: {}}",
    "others": "calendar: 24/7\nsymbols: {TC: {}, TD: {}}",
}
EVENTS = """event: none
title: Nothing
kind: other
occurrences: [{id: a, announced_at: "2024-01-02T15:00:00Z"}]
"""


def world() -> Market:
    """Prices from one seed: stocks share a factor, tokens another that moves with it."""
    random = np.random.default_rng(20)
    common = random.standard_normal(DAYS)
    token = 0.5 * common + random.standard_normal(DAYS)
    series = []
    sessions = make_clock("XNYS", FIRST, date(2025, 6, 20)).sessions[:SESSIONS]
    rows = (sessions - np.datetime64(FIRST)).astype(int)
    for symbol in STOCKS:
        moves = 0.01 * (common[rows] + random.standard_normal(SESSIONS))
        series.append(daily(symbol, "XNYS", FIRST, list(100.0 * np.cumprod(1.0 + moves))))
    for symbol in (*TOKENS, "YOUNG"):
        moves = 0.02 * (token + random.standard_normal(DAYS))
        path = 50.0 * np.cumprod(1.0 + moves)
        listed = YOUNG if symbol == "YOUNG" else 0
        one = daily(symbol, "24/7", FIRST, list(path), drop=range(listed))
        spread = np.exp(0.01 + 0.02 * random.random(len(one.prices)))
        series.append(replace(one, high=one.prices * spread, low=one.prices / spread))
        if symbol == "TA":
            series.append(hours(one.closes, one.prices, random))
    return market(*series)


def hours(
    closes: npt.NDArray[np.int64], prices: npt.NDArray[np.float64], random: np.random.Generator
) -> PriceSeries:
    """Hourly bars that agree with the daily closes at midnight."""
    ends = np.arange(closes[0], closes[-1] + HOUR, HOUR)
    level = np.interp(ends, closes, np.log(prices))
    noise = 0.003 * random.standard_normal(len(ends))
    noise[np.isin(ends, closes)] = 0.0
    return intraday("TA", "24/7", list(ends), list(np.exp(level + noise)), 60)


def bench_of(folder: Path, prices: Market) -> Bench:
    """A bench of the market, with a workspace of its groups below ``folder``."""
    if not (folder / "universes").is_dir():
        (folder / "universes").mkdir(parents=True)
        (folder / "events").mkdir()
        (folder / "eventlab.toml").write_text("title = 'x'\n", encoding="utf-8")
        for name, text in UNIVERSES.items():
            path = folder / "universes" / f"{name}.yaml"
            path.write_text(f"universe: {name}\ntitle: {name}\n{text}\n", encoding="utf-8")
    return Bench(prices, load_workspace(folder), (*STOCKS, *TOKENS, "YOUNG"))


def ask(measure: str, *symbols: str, **claim: Any) -> Question:
    """A question: the window ends at LAST unless it says otherwise."""
    given: dict[str, Any] = {"published": 0.5, "as_of": LAST, "window": "63 bars"} | claim
    given |= {"id": "a", "statement": "s", "measure": measure, "symbols": symbols}
    return Question("owner", ClaimDefinition(**given))
