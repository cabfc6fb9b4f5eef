"""The panel as slowly and plainly as it can be said: session by session, bar by bar."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

MINUTE = 60_000_000_000
NAN = float("nan")
Sample = tuple[float, float] | None  # price and minutes apart; None: the market offers nothing
Column = tuple[str, str, list[float], list[float]]


def naive_panel(market: Market, symbols: list[str], clock: Clock, sampling: str) -> list[Column]:
    """Columns of ``build_panel``: symbol, basis, returns, minutes apart."""
    columns: list[Column] = []
    for symbol in symbols:
        bars = market.daily.get(symbol)
        if bars is not None:
            basis = "own close" if bars.calendar == clock.code else f"{sampling} close"
            columns.append((symbol, basis, *_walk(_daily(bars, clock, basis), bars.kind)))
        finer = market.intraday.get(symbol)
        if finer is not None and (bars is None or finer.calendar != clock.code):
            samples = _intraday(finer, clock)
            if any(sample is not None for sample in samples):
                columns.append((symbol, "intraday", *_walk(samples, finer.kind)))
    return columns


def _walk(samples: list[Sample], kind: str) -> tuple[list[float], list[float]]:
    returns, apart = [], []
    before: float | None = None
    for sample in samples:
        if sample is None:
            returns.append(NAN)
            apart.append(NAN)
            continue
        price, minutes = sample
        if before is None:
            returns.append(NAN)
        elif kind == "level":
            returns.append((price - before) / 100.0)
        else:
            returns.append(price / before - 1.0)
        apart.append(NAN if math.isnan(price) else minutes)
        before = price
    return returns, apart


def _own(series: PriceSeries, clock: Clock) -> Clock:
    first, last = clock.sessions[0].astype(object), clock.sessions[-1].astype(object)
    return make_clock(series.calendar, first - timedelta(days=9), last + timedelta(days=9))


def _daily(series: PriceSeries, clock: Clock, basis: str) -> list[Sample]:
    prices = dict(zip(series.closes.tolist(), series.prices.tolist(), strict=True))
    own = _own(series, clock).closes.tolist()
    claims: dict[int, int] = {}  # session to own close
    for row, close in enumerate(clock.closes.tolist()):
        if basis == "own close":
            near = [bar for bar in own if bar == close]
        elif basis == "nearest close":
            near = [bar for bar in own if abs(bar - close) <= 12 * 60 * MINUTE]
        else:
            near = [bar for bar in own if 0 <= close - bar <= 24 * 60 * MINUTE]
        if near:
            claims[row] = min(near, key=lambda bar: (abs(bar - close), bar))
    samples: list[Sample] = []
    for row, close in enumerate(clock.closes.tolist()):
        bar = claims.get(row)
        if bar is None:
            samples.append(None)
            continue
        rivals = [other for other, claimed in claims.items() if claimed == bar]
        winner = min(rivals, key=lambda other: (abs(int(clock.closes[other]) - bar), other))
        samples.append((prices.get(bar, NAN), (bar - close) / MINUTE) if winner == row else None)
    return samples


def _intraday(series: PriceSeries, clock: Clock) -> list[Sample]:
    own = _own(series, clock)
    samples: list[Sample] = []
    for close in clock.closes.tolist():
        hours = zip(own.opens.tolist(), own.closes.tolist(), strict=True)
        if not any(opens < close <= closes for opens, closes in hours):
            samples.append(None)
            continue
        width = series.bar_minutes * MINUTE
        fresh = [
            (bar, price)
            for bar, price in zip(series.closes.tolist(), series.prices.tolist(), strict=True)
            if 0 <= close - bar < width
        ]
        bar, price = max(fresh) if fresh else (close, NAN)
        samples.append((price, (bar - close) / MINUTE))
    return samples
