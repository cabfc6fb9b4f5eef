"""A system whose news came out at 21:05 UTC, and the prices behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.definitions.contagion import ContagionDefinition
from eventlab.timeline.types import HOUR, MINUTE, EventInstant
from tests.contagion.systems import make_system
from tests.market.series import intraday

if TYPE_CHECKING:
    from eventlab.contagion.system import System
    from eventlab.market.types import PriceSeries

LATE = 5 * MINUTE  # after the close


def system(names: tuple[str, ...] = ("SRC", "AAA", "BBB"), **rest: Any) -> System:
    """Systems of `make_system` with the news five minutes after the close before the session."""
    made = make_system(names, **rest)
    news = int(made.clock.closes[made.anchor - 1]) + LATE
    return replace(made, news=EventInstant(news, news, "minute"))


def news_of(made: System) -> int:
    """Instant of the news, UTC ns."""
    assert made.news is not None
    return made.news.earliest


def definition(**rest: Any) -> ContagionDefinition:
    """Return a contagion section."""
    given: dict[str, Any] = {
        "source": "SRC",
        "targets": ["AAA", "BBB"],
        "calm_window": [-120, -6],
        "crisis_window": [0, 10],
    }
    return ContagionDefinition.model_validate(given | rest)


def bars(
    symbol: str, made: System, minutes: int, *, jump: float = 0.0, after: int = 0, seed: int = 0
) -> PriceSeries:
    """Bars around the clock from 150 sessions before the news to 10 after, 0.5% an hour.

    The first bar that closes ``after`` or more ns after the news jumps; until then nothing moves.
    """
    clock, width = made.clock, minutes * MINUTE
    begin = int(clock.closes[made.anchor - 150]) // HOUR * HOUR
    closes = np.arange(begin, int(clock.closes[made.anchor + 10]), width, dtype=np.int64)
    rng = np.random.default_rng([seed, *symbol.encode()])
    steps = 0.005 * np.sqrt(minutes / 60) * rng.normal(size=len(closes))
    if jump:
        first, place = np.searchsorted(closes, [news_of(made), news_of(made) + after])
        steps[first:place] = 0.0
        steps[place] += np.log1p(jump)
    prices = 100.0 * np.exp(steps.cumsum())
    return intraday(symbol, "24/7", closes.tolist(), prices.tolist(), minutes)
