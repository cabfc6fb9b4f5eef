"""Slow, literal transcriptions of puts, volatilities, states and rules of hedge strategies.

Nothing here imports the package. Series are plain sequences; what lacks is NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Numbers = Sequence[float]


def normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def call(spot: float, strike: float, years: float, volatility: float, rate: float) -> float:
    """Black and Scholes (1973, eq. 13)."""
    deviation = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation
    return spot * normal(d1) - strike * math.exp(-rate * years) * normal(d1 - deviation)


def put(spot: float, strike: float, years: float, volatility: float, rate: float) -> float:
    """The same for a put, term by term; its limits without time or volatility."""
    discounted = strike * math.exp(-rate * years)
    if years == 0 or volatility == 0:
        return max(discounted - spot, 0.0)
    deviation = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation
    return discounted * normal(deviation - d1) - spot * normal(-d1)


def realised(closes: Numbers, t: int, bars: int, periods: float) -> float:
    """Root of the squared log returns of the last bars, per year; each from the close before."""
    total, traded, before = 0.0, 0, math.nan
    first = next((i for i, close in enumerate(closes) if not math.isnan(close)), None)
    if first is None or first > t - bars:
        return math.nan
    for i, close in enumerate(closes[: t + 1]):
        if math.isnan(close):
            continue
        if i > t - bars:
            total += math.log1p((close - before) / before) ** 2
            traded += 1
        before = close
    return math.sqrt(total * periods / bars) if 2 * traded >= bars else math.nan


def weighted_volatility(returns: Numbers, half_life: float, periods: float) -> float:
    above, below = 0.0, 0.0
    for age, value in enumerate(reversed(returns)):
        if not math.isnan(value):
            above += 0.5 ** (age / half_life) * value**2
            below += 0.5 ** (age / half_life)
    return math.sqrt(periods * above / below)


def put_path(
    fills: Numbers,
    first: int,
    last: int,
    terms: tuple[float, int, int, float],
    *,
    rate: float,
    periods: float,
) -> list[tuple[int, float, float]]:
    """(point, fill, mark) of one put; ``terms``: moneyness, expiry, lookback, premium."""
    moneyness, expiry, lookback, premium = terms
    closes = fills[1::2]
    struck_at = next(fills[p] for p in range(2 * first + 1, -1, -1) if not math.isnan(fills[p]))
    strike, rows, mark = moneyness * struck_at, [], math.nan
    asset, ended = struck_at, math.nan
    for point in range(2 * first + 1, 2 * last + 2):
        t = point // 2
        through = t if point % 2 else t - 1
        price = fills[point]
        asset = asset if math.isnan(price) else price
        used = struck_at if point == 2 * first + 1 else price
        left = first + expiry - through
        if point == 2 * (first + expiry) + 1:
            ended = max(strike - asset, 0.0)
        if point > 2 * (first + expiry):
            value = ended
        elif math.isnan(used):
            value = math.nan
        else:
            volatility = realised(closes, through, lookback, periods) * (1.0 + premium)
            value = put(used, strike, left / periods, volatility, rate)
        mark = mark if math.isnan(value) else value
        rows.append((point, math.nan if math.isnan(price) else value, mark))
    return rows


def mean_rate(stamps: Sequence[int], rates: Numbers, begin: int, end: int) -> float:
    held = [rate for stamp, rate in zip(stamps, rates, strict=True) if begin < stamp <= end]
    return math.fsum(held) / len(held) if held else math.nan
