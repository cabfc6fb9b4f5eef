"""Fills, funding and impact as slowly and plainly as they can be said: bar by bar, row by row."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from eventlab.market.types import PriceSeries
    from eventlab.timeline.types import Clock

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE
Fill = tuple[float, int] | None  # price, when


class Session(NamedTuple):
    """One session of the leg's own calendar with its prices."""

    opens_at: int
    closes_at: int
    open: Fill
    close: Fill


def naive_leg(
    daily: PriceSeries | None, bars: PriceSeries | None, clock: Clock
) -> list[tuple[Fill, Fill, bool]]:
    """Fill at the open, fill at the close and whether the market trades, bar by bar."""
    first = daily or bars
    assert first is not None
    found: list[tuple[Fill, Fill, bool]] = []
    used: set[int] = set()
    for row in range(len(clock)):
        start, end = int(clock.opens[row]), int(clock.closes[row])
        if first.calendar == "24/7" and clock.code != "24/7":
            opened, closed = _token(daily, bars, clock, row, used)
            trades = True
        else:
            session = _session(daily, bars, clock, row, used)
            opened = closed = None
            trades = session is not None
            if session is not None:
                closed = session.close
                if session.open and start <= session.open[1] < end:
                    opened = session.open
        if opened and closed and closed[1] < opened[1]:
            closed = None
        found.append((opened, closed, trades))
    return found


def _token(
    daily: PriceSeries | None, bars: PriceSeries | None, clock: Clock, row: int, used: set[int]
) -> tuple[Fill, Fill]:
    opened: Fill = None
    closed: Fill = None
    if bars is not None:
        opened, closed = _of_bars(bars, int(clock.opens[row]), int(clock.closes[row]))
        opened = opened if opened and naive_agreed(daily, bars, opened[1]) else None
        closed = closed if closed and naive_agreed(daily, bars, closed[1]) else None
    if daily is not None:
        nearest = _nearest(_sessions(daily, None, clock), clock, row, used)
        if closed is None and nearest is not None:
            closed = nearest.close
    return opened, closed


def _session(
    daily: PriceSeries | None, bars: PriceSeries | None, clock: Clock, row: int, used: set[int]
) -> Session | None:
    own = _sessions(daily, bars, clock)
    start, end = int(clock.opens[row]), int(clock.closes[row])
    calendar = (daily or bars).calendar  # type: ignore[union-attr]
    if calendar == clock.code:
        return next(one for one in own if one.closes_at == end)
    if clock.code == "24/7":
        inside = [one for one in own if start < one.closes_at <= end]
        return inside[-1] if inside else None
    return _nearest(own, clock, row, used)


def _nearest(own: list[Session], clock: Clock, row: int, used: set[int]) -> Session | None:
    """Own session of the nearest close, unless it is nearer to another bar."""
    end = int(clock.closes[row])
    best = min(own, key=lambda one: (abs(one.closes_at - end), one.closes_at))
    distance = abs(best.closes_at - end)
    if distance > 12 * HOUR:
        return None
    rivals = [(abs(best.closes_at - int(other)), place) for place, other in enumerate(clock.closes)]
    mine = [
        rival
        for rival in rivals
        if rival[0] <= 12 * HOUR and _is_nearest(own, best, int(clock.closes[rival[1]]))
    ]
    if min(mine)[1] != row:
        return None
    pauses = [int(clock.opens[i + 1] - clock.closes[i]) for i in range(len(clock) - 1)]
    pause = pauses[row] if row < len(pauses) else min(pauses, default=12 * HOUR)
    if best.closes_at >= end + pause:
        place = own.index(best) - 1
        if place < 0:
            return None
        best = own[place]
    if used and best.closes_at <= max(used):
        return None
    used.add(best.closes_at)
    return best


def _is_nearest(own: list[Session], one: Session, end: int) -> bool:
    return min(own, key=lambda each: (abs(each.closes_at - end), each.closes_at)) == one


def _sessions(daily: PriceSeries | None, bars: PriceSeries | None, clock: Clock) -> list[Session]:
    series = daily or bars
    assert series is not None
    own = clock
    if series.calendar != clock.code:
        first, last = clock.sessions[0].astype(object), clock.sessions[-1].astype(object)
        own = make_clock(series.calendar, first - timedelta(days=3), last + timedelta(days=3))
    found = []
    for start, end in zip(own.opens.tolist(), own.closes.tolist(), strict=True):
        opened: Fill = None
        closed: Fill = None
        if daily is None:
            opened, closed = _of_bars(series, start, end)
        else:
            for row, when in enumerate(daily.closes.tolist()):
                if when == end:
                    if not math.isnan(daily.prices[row]):
                        closed = float(daily.prices[row]), end
                    if daily.open is not None:
                        price = daily.open[row] * (daily.prices[row] / daily.raw[row])
                        opened = None if math.isnan(price) else (float(price), start)
        found.append(Session(start, end, opened, closed))
    return found


def _of_bars(bars: PriceSeries, start: int, end: int) -> tuple[Fill, Fill]:
    width = bars.bar_minutes * MINUTE
    opened: Fill = None
    closed: Fill = None
    for row, when in enumerate(bars.closes.tolist()):
        price = float(bars.prices[row])
        first, at = (price, when) if bars.open is None else (float(bars.open[row]), when - width)
        if opened is None and when - width >= start and not math.isnan(first):
            opened = first, at
        if when <= end:
            closed = (price, when) if end - when < width and not math.isnan(price) else None
    if opened and opened[1] >= end:
        opened = None
    return opened, closed


def naive_agreed(daily: PriceSeries | None, bars: PriceSeries, instant: int) -> bool:
    """Whether a common close was seen by then, and none was a tenth apart."""
    if daily is None:
        return True
    seen = False
    for when, price in zip(daily.closes.tolist(), daily.prices.tolist(), strict=True):
        for other, bar in zip(bars.closes.tolist(), bars.prices.tolist(), strict=True):
            if other == when <= instant and not math.isnan(price) and not math.isnan(bar):
                seen = True
                if abs(bar / price - 1.0) > 0.1:
                    return False
    return seen


def naive_last_price(daily: PriceSeries | None, bars: PriceSeries | None, instant: int) -> float:
    """Latest own close at or before an instant; an intraday one before a daily one."""
    best: tuple[int, int, float] = (-(2**63), 0, math.nan)
    for rank, series in ((1, daily), (2, bars)):
        if series is None or (rank == 2 and daily is not None and daily.calendar != "24/7"):
            continue
        latest: tuple[int, int, float] | None = None
        for when, price in zip(series.closes.tolist(), series.prices.tolist(), strict=True):
            if when <= instant and not math.isnan(price):
                latest = (when, rank, price)
        if latest and (rank == 1 or naive_agreed(daily, series, latest[0])):
            best = max(best, latest)
    return best[2]


def naive_funding(
    rates: PriceSeries, daily: PriceSeries | None, bars: PriceSeries | None, instants: list[int]
) -> list[float]:
    """Money paid per share in the interval that ends at each instant."""
    paid = [0.0] * len(instants)
    for when, rate in zip(rates.closes.tolist(), rates.prices.tolist(), strict=True):
        price = naive_last_price(daily, bars, when)
        for point in range(1, len(instants)):
            if instants[point - 1] < when <= instants[point] and not math.isnan(rate * price):
                paid[point] += rate * price
    return paid


def naive_impact(daily: PriceSeries, before: int, coefficient: float) -> float:
    """Impact from the 20 own daily bars that closed by an instant; 0 where too few are known."""
    rows = [row for row in range(len(daily.closes)) if daily.closes[row] <= before][-20:]
    returns, values = [], []
    for row in rows:
        if row > 0:
            change = daily.prices[row] / daily.prices[row - 1] - 1.0
            if not math.isnan(change):
                returns.append(float(change))
        price = daily.prices[row] if math.isnan(daily.raw[row]) else daily.raw[row]
        value = float(price * daily.volume[row])
        if daily.calendar == "24/7" and value > 2e11:
            value = float(daily.volume[row])
        if value > 0:
            values.append(value)
    if len(returns) < 10 or len(values) < 10:
        return 0.0
    mean = sum(returns) / len(returns)
    sigma = math.sqrt(sum((one - mean) ** 2 for one in returns) / (len(returns) - 1))
    return coefficient * sigma / math.sqrt(sum(values) / len(values))
