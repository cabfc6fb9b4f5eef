"""Volume and volatility as slowly and plainly as they can be said: sample by sample, bar by bar."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from eventlab.market.types import PriceSeries
    from eventlab.timeline.types import Clock

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE
NO_BAR = -(2**63)
NAN = float("nan")
Bar = dict[str, float]


def naive_volume(series: PriceSeries, closes: list[int]) -> list[float]:
    """Log of the mean volume of the own bars since the previous sample."""
    found = []
    for begin, end in _spans(closes):
        if begin is None:
            found.append(NAN)
            continue
        bars = [bar["volume"] for bar in _bars(series) if begin < bar["close"] <= end]
        known = [volume for volume in bars if volume >= 0]
        enough = len(known) >= 0.8 * _expected(series, begin, end)
        mean = sum(known) / len(known) if known and enough else 0.0
        found.append(math.log(mean) if mean > 0 else NAN)
    return found


def naive_realised(series: PriceSeries, closes: list[int]) -> list[float]:
    """Log of the root of the squared log returns since the previous sample, per own bar."""
    bars = [bar for bar in _bars(series) if not math.isnan(bar["price"])]
    found = []
    for begin, end in _spans(closes):
        if begin is None:
            found.append(NAN)
            continue
        inside = [i for i, bar in enumerate(bars) if begin < bar["close"] <= end]
        expected = _expected(series, begin, end)
        if not inside or inside[0] == 0 or len(inside) < 0.8 * expected:
            found.append(NAN)
            continue
        lost = _open(series, begin) - _open(series, bars[inside[0] - 1]["close"])
        if lost > (1.0 - 0.8) * (_open(series, end) - _open(series, begin)):
            found.append(NAN)
            continue
        total = sum(math.log(bars[i]["price"] / bars[i - 1]["price"]) ** 2 for i in inside)
        found.append(0.5 * math.log(total / expected) if total > 0 else NAN)
    return found


def naive_daily(series: PriceSeries, closes: list[int], definition: str) -> list[float]:
    """Log of the root of the mean variance of the own daily bars: ``range`` or ``return``."""
    bars, own = _bars(series), _own(series).closes.tolist()
    squares: dict[float, float] = {}
    for before, bar in itertools.pairwise(bars):
        if own.index(bar["close"]) != own.index(before["close"]) + 1:
            continue
        if definition == "range":
            scale = bar["price"] / bar["raw"]
            highest = max(bar["high"] * scale, before["price"])
            lowest = min(bar["low"] * scale, before["price"])
            square = math.log(highest / lowest) ** 2 / (4 * math.log(2))
        elif series.kind == "level":
            square = ((bar["price"] - before["price"]) / 100) ** 2
        else:
            square = math.log(bar["price"] / before["price"]) ** 2
        if not math.isnan(square):
            squares[bar["close"]] = square
    found = []
    for begin, end in _spans(closes):
        known = [] if begin is None else [v for at, v in squares.items() if begin < at <= end]
        enough = begin is not None and len(known) >= 0.8 * _expected(series, begin, end)
        mean = sum(known) / len(known) if known and enough else 0.0
        found.append(0.5 * math.log(mean) if mean > 0 else NAN)
    return found


def _spans(closes: list[int]) -> list[tuple[int | None, int]]:
    """The previous sample and this one, (None, ...) where there is none of either."""
    found: list[tuple[int | None, int]] = []
    before: int | None = None
    for close in closes:
        found.append((None, close) if close == NO_BAR else (before, close))
        before = before if close == NO_BAR else close
    return found


def _bars(series: PriceSeries) -> list[Bar]:
    nothing = [NAN] * len(series.closes)
    columns = {
        "close": series.closes.tolist(),
        "price": series.prices.tolist(),
        "raw": series.raw.tolist(),
        "volume": series.volume.tolist(),
        "high": nothing if series.high is None else series.high.tolist(),
        "low": nothing if series.low is None else series.low.tolist(),
    }
    bars = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    if series.frequency == "daily":
        return bars
    sessions = _own(series)
    hours = list(zip(sessions.opens.tolist(), sessions.closes.tolist(), strict=True))
    return [bar for bar in bars if any(opens < bar["close"] <= end for opens, end in hours)]


def _own(series: PriceSeries) -> Clock:
    first = date(1970, 1, 1) + timedelta(days=int(series.closes[0]) // DAY - 9)
    last = date(1970, 1, 1) + timedelta(days=int(series.closes[-1]) // DAY + 9)
    return make_clock(series.calendar, first, last)


def _open(series: PriceSeries, instant: float) -> float:
    own = _own(series)
    return sum(
        max(0.0, float(min(instant, end) - start))
        for start, end in zip(own.opens.tolist(), own.closes.tolist(), strict=True)
    )


def _expected(series: PriceSeries, begin: int, end: int) -> float:
    if series.frequency == "daily":
        return float(sum(begin < close <= end for close in _own(series).closes.tolist()))
    return (_open(series, end) - _open(series, begin)) / (series.bar_minutes * MINUTE)
