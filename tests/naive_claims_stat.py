"""Correlations, betas, volatilities and dispersion of claims, as plainly as can be said."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.market.types import Market


def closes(market: Market, symbol: str) -> dict[str, float]:
    """Price by day."""
    series = market.daily[symbol]
    return {
        str(day): float(price) for day, price in zip(series.sessions, series.prices, strict=True)
    }


def on_days(prices: Mapping[str, float], days: Sequence[str]) -> list[float]:
    """Simple return from each of the days to the next one."""
    return [prices[b] / prices[a] - 1.0 for a, b in pairwise(days)]


def pearson(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson correlation."""
    n = len(x)
    mx, my = sum(x) / n, sum(y) / n
    xy = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    xx, yy = sum((a - mx) ** 2 for a in x), sum((b - my) ** 2 for b in y)
    return xy / math.sqrt(xx * yy)


def mean_pairwise(series: Sequence[Sequence[float]]) -> float:
    """Mean correlation of all pairs."""
    found = [
        pearson(series[i], series[j]) for i in range(len(series)) for j in range(i + 1, len(series))
    ]
    return sum(found) / len(found)


def slope(y: Sequence[float], x: Sequence[float]) -> float:
    """Least-squares slope with an intercept."""
    mx, my = sum(x) / len(x), sum(y) / len(y)
    xy = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return xy / sum((a - mx) ** 2 for a in x)


def held(members: Sequence[Sequence[float]]) -> list[float]:
    """Returns of members bought in equal parts and held."""
    worth, found = [1.0] * len(members), []
    for t in range(len(members[0])):
        before = sum(worth)
        worth = [w * (1.0 + m[t]) for w, m in zip(worth, members, strict=True)]
        found.append(sum(worth) / before - 1.0)
    return found


def in_blocks(returns: Sequence[float], length: int) -> list[float]:
    """Compounded returns of whole blocks that end with the last return."""
    found, end = [], len(returns)
    while end >= length:
        worth = 1.0
        for one in returns[end - length : end]:
            worth *= 1.0 + one
        found.append(worth - 1.0)
        end -= length
    return found[::-1]


def deviation(returns: Sequence[float], *, around_mean: bool) -> float:
    """Standard deviation (ddof 1), or root mean square."""
    centre = sum(returns) / len(returns) if around_mean else 0.0
    total = sum((one - centre) ** 2 for one in returns)
    return math.sqrt(total / (len(returns) - (1 if around_mean else 0)))


def spread(series: Sequence[Sequence[float]]) -> float:
    """Mean over time of the standard deviation (ddof 1) across members."""
    found = [deviation([one[t] for one in series], around_mean=True) for t in range(len(series[0]))]
    return sum(found) / len(found)
