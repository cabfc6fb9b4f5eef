"""Legs with opening prices, volumes and funding, and random markets of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from eventlab.definitions.strategy import StrategyDefinition
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import HOUR, MINUTE
from tests.market.series import daily, intraday, market

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

CALENDARS = ("XNYS", "24/7", "XTKS", "XLON")
CLOCKS = (*CALENDARS, "CMES")
SYMBOLS = tuple(f"{letter}{number}" for letter in "SDI" for number in range(len(CALENDARS)))
BARS = 32
NAN = float("nan")


def with_opens(series: PriceSeries, opens: Sequence[float], factor: float = 1.0) -> PriceSeries:
    """The same bars with opening prices; ``factor`` is what adjusts raw prices."""
    return replace(series, open=np.array(opens, dtype=np.float64), raw=series.prices / factor)


def funding(symbol: str, stamps: Sequence[int], rates: Sequence[float]) -> PriceSeries:
    """Rates at their stamps, every 8 hours."""
    series = intraday(f"{symbol}-FUNDING", "24/7", stamps, rates, 480)
    return replace(series, kind="level")


def hedged(missing: str = "raise", **costs: object) -> StrategyDefinition:
    """Long bitcoin against a stock, with costs."""
    return StrategyDefinition.model_validate(
        {
            "strategy": "hedge",
            "title": "Hedge",
            "events": ["fomc"],
            "book": {"BTC": 1.0},
            "hedge": {"instruments": ["AAA"]},
            "when": {"enter": -1, "exit": 1},
            "missing": missing,
            "costs": costs,
        }
    )


def random_market(clock: Clock, start: date, seed: int) -> Market:
    """Per calendar a leg of both kinds of bars (S), of daily (D) and of intraday ones (I).

    The intraday bars of some legs are another instrument, or become one; prices are missing.
    """
    random = np.random.default_rng(seed)
    series: list[PriceSeries] = []
    for number, calendar in enumerate(CALENDARS):
        begin = start - timedelta(days=int(random.integers(10, 23)))
        path = np.exp(random.normal(0, 0.03, BARS).cumsum())
        path[random.random(BARS) < 0.06] = NAN
        opens = np.where(random.random(BARS) < 0.2, NAN, path * 1.01)
        bars = daily(f"S{number}", calendar, begin, path.tolist())
        bars = replace(with_opens(bars, opens.tolist(), 0.75), volume=random.uniform(1, 9, BARS))
        series += [bars, replace(bars, symbol=f"D{number}")]
        width = int(random.choice([30, 60, 240]))
        first = int(clock.opens[0]) // HOUR * HOUR + int(random.choice([0, 7])) * MINUTE
        first += int(random.integers(-96, 96)) * HOUR
        ends = np.arange(first, first + 10 * 24 * HOUR, width * MINUTE)
        ends = ends[random.random(len(ends)) > 0.1]
        latest = np.searchsorted(bars.closes, ends, side="right") - 1
        level = np.where(np.isnan(path[latest]), 1.0, path[latest])
        level *= np.exp(random.normal(0, 0.01, len(ends)))
        level *= random.choice([1.0, 1.0, 1.5])
        level[len(level) // 2 :] *= random.choice([1.0, 1.0, 1.2])
        finer = intraday(f"S{number}", calendar, ends.tolist(), level.tolist(), width)
        if random.random() < 0.7:
            starts = np.where(random.random(len(ends)) < 0.1, NAN, level * 0.999)
            finer = replace(finer, open=starts)
        series += [finer, replace(finer, symbol=f"I{number}")]
    stamps = np.arange(int(clock.opens[0]) // HOUR // 8 * 8 * HOUR, int(clock.closes[-1]), 8 * HOUR)
    stamps = stamps[random.random(len(stamps)) > 0.15]
    for symbol in ("S1", "D1", "I1"):
        series.append(
            funding(symbol, stamps.tolist(), random.normal(0, 1e-4, len(stamps)).tolist())
        )
    series.append(daily("RATE", "XNYS", start, random.uniform(-1, 5, 9).tolist(), kind="level"))
    return market(*series)


WORLDS = st.tuples(
    st.sampled_from([date(2025, 10, 24), date(2025, 3, 4), date(2024, 12, 20)]),
    st.sampled_from(CLOCKS),
    st.integers(0, 2**32 - 1),
)


def world(drawn: tuple[date, str, int]) -> tuple[Market, Clock]:
    """A random market around daylight saving and holidays, and a clock of two weeks."""
    start, code, seed = drawn
    clock = make_clock(code, start, start + timedelta(days=15))
    return random_market(clock, start, seed), clock


def scrambled(held: Market, instant: int, seed: int) -> Market:
    """The same market with every number after an instant another one."""
    random = np.random.default_rng(seed)
    return replace(
        held,
        daily={name: _scramble(one, instant, random) for name, one in held.daily.items()},
        intraday={name: _scramble(one, instant, random) for name, one in held.intraday.items()},
    )


def _scramble(one: PriceSeries, instant: int, random: np.random.Generator) -> PriceSeries:
    later = one.closes > instant
    # Powers of two leave the factor of an adjustment, which is known in the morning, as it was.
    factor = np.where(later, 2.0 ** random.integers(1, 4, len(later)), 1.0)
    opens = one.open
    if opens is not None:
        if one.frequency == "daily":
            own = make_clock(one.calendar, date(2024, 1, 1), date(2026, 12, 31))
            starts = own.opens[np.searchsorted(own.closes, one.closes)]
        else:
            starts = one.closes - one.bar_minutes * MINUTE
        opens = np.where(starts > instant, opens * 3.0, opens)
    return replace(
        one,
        prices=one.prices * factor,
        raw=one.raw * factor,
        volume=np.where(later, one.volume * 5.0, one.volume),
        open=opens,
    )
