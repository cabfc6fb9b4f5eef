"""A small made-up market with highs, lows, dividends and hours, and questions about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.claims.bench import Bench
from eventlab.definitions.claim import ClaimDefinition
from eventlab.definitions.questions import Question
from eventlab.definitions.workspace import load_workspace
from tests.market.series import daily, intraday, market, ns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eventlab.claims.types import Measured
    from eventlab.market.types import Market, PriceSeries

HOUR = 3_600_000_000_000
MONDAY = date(2025, 3, 3)
UNIVERSES = {
    "stocks": "calendar: XNYS\nsymbols: {AAA: {}, BBB: {}}",
    "tokens": "calendar: 24/7\nsymbols: {TA: {}, TB: {}, TC: {}, TD: {}}",
    "pair": "calendar: 24/7\nsymbols: {TA: {}, TB: {}}",
    "lone": "calendar: 24/7\nsymbols: {TA: {}}",
}


def workspace_in(folder: Path) -> Path:
    """Write a workspace of the groups above and nothing else."""
    (folder / "universes").mkdir(parents=True)
    (folder / "events").mkdir()
    (folder / "eventlab.toml").write_text("title = 'x'\n", encoding="utf-8")
    for name, text in UNIVERSES.items():
        path = folder / "universes" / f"{name}.yaml"
        path.write_text(f"universe: {name}\ntitle: {name}\n{text}\n", encoding="utf-8")
    return folder


def bench_of(folder: Path, *series: PriceSeries) -> Bench:
    """A bench of some series; ``folder`` holds a workspace."""
    return bench_on(folder, market(*series))


def bench_on(folder: Path, prices: Market) -> Bench:
    """A bench of a market; ``folder`` holds a workspace."""
    symbols = ("AAA", "BBB", "TA", "TB", "TC", "TD")
    return Bench(prices, load_workspace(folder), symbols)


def ask(measure: str, *symbols: str, **claim: Any) -> Question:
    """A question of a claim of these keys."""
    given: dict[str, Any] = {"id": "a", "statement": "s", "measure": measure, "symbols": symbols}
    return Question("owner", ClaimDefinition.model_validate(given | claim))


def stock(symbol: str, prices: Sequence[float], **columns: Sequence[float]) -> PriceSeries:
    """Daily bars of a stock from Monday on; columns: raw, high, low."""
    return _with(daily(symbol, "XNYS", MONDAY, prices), columns)


def token(symbol: str, prices: Sequence[float], **columns: Sequence[float]) -> PriceSeries:
    """Daily bars of what never closes, from Monday on; columns: raw, high, low."""
    return _with(daily(symbol, "24/7", MONDAY, prices), columns)


def hours(
    symbol: str, start: str, closes: Sequence[float], **columns: Sequence[float]
) -> PriceSeries:
    """Hourly bars of what never closes; the first one closes at ``start`` (UTC)."""
    ends = [ns(start) + row * HOUR for row in range(len(closes))]
    return _with(intraday(symbol, "24/7", ends, closes, 60), columns)


def _with(series: PriceSeries, columns: dict[str, Sequence[float]]) -> PriceSeries:
    made: dict[str, Any] = {name: np.array(each, float) for name, each in columns.items()}
    return replace(series, **made)


def walk(rows: int, seed: int, spread: float = 0.03) -> list[float]:
    """Prices of a random walk from 100."""
    moves = spread * np.random.default_rng(seed).standard_normal(rows)
    return [float(each) for each in 100.0 * np.exp(np.cumsum(moves))]


def found(measured: Sequence[Measured], **axes: str) -> Measured:
    """The one reading whose axes hold these words."""
    hits = [
        each
        for each in measured
        if all(getattr(each.reading, axis) == said for axis, said in axes.items())
    ]
    assert len(hits) == 1, [each.reading.words for each in measured]
    return hits[0]


def scrambled(prices: Market, after: int) -> Market:
    """The same market with every price after an instant (UTC ns) replaced by nonsense."""
    random = np.random.default_rng(99)

    def later(series: PriceSeries) -> PriceSeries:
        rows = series.closes > after
        factor = np.where(rows, 0.2 + 5.0 * random.random(len(rows)), 1.0)
        factor = np.where(rows & (random.random(len(rows)) < 0.3), np.nan, factor)
        return replace(
            series,
            prices=series.prices * factor,
            raw=series.raw * factor,
            high=None if series.high is None else series.high * factor,
            low=None if series.low is None else series.low * factor,
        )

    return replace(
        prices,
        daily={name: later(each) for name, each in prices.daily.items()},
        intraday={name: later(each) for name, each in prices.intraday.items()},
    )
