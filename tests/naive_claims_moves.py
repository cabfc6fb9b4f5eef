"""Slow, literal transcriptions of what claims about prices measure.

Nothing here imports the package. Prices are plain lists of numbers, oldest first.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Numbers = Sequence[float]


def change(prices: Numbers) -> float:
    return prices[-1] / prices[0] - 1.0


def basket(members: Sequence[Numbers], how: str) -> float:
    """Change of a basket of members whose prices are complete."""
    if how == "held":
        return statistics.fmean(change(prices) for prices in members)
    if how == "median":
        return statistics.median(change(prices) for prices in members)
    return path(members, how)[-1] - 1.0


def path(members: Sequence[Numbers], how: str) -> list[float]:
    """Worth of a basket at every close, 1 at the first."""
    worth = [1.0]
    for row in range(1, len(members[0])):
        if how == "equal":
            steps = [prices[row] / prices[row - 1] - 1.0 for prices in members]
            worth.append(worth[-1] * (1.0 + statistics.fmean(steps)))
            continue
        each = [prices[row] / prices[0] for prices in members]
        worth.append(statistics.fmean(each) if how == "held" else statistics.median(each))
    return worth


def falls(prices: Numbers) -> list[float]:
    """Distance of each price below the highest one up to it."""
    return [price / max(prices[: row + 1]) - 1.0 for row, price in enumerate(prices)]


def rises(prices: Numbers) -> list[float]:
    """Distance of each price above the lowest one up to it."""
    return [price / min(prices[: row + 1]) - 1.0 for row, price in enumerate(prices)]


def agreement(values: Numbers) -> float:
    """Kendall's tau-a of values with their own order: pairs that ascend less those that fall."""
    total = pairs = 0
    for early in range(len(values)):
        for late in range(early + 1, len(values)):
            pairs += 1
            total += (values[late] > values[early]) - (values[late] < values[early])
    return total / pairs


def rank_from_worst(values: Numbers) -> int:
    """Rank of the first value among all, 1 for the smallest."""
    return 1 + sum(value < values[0] for value in values[1:])


def crossing(reached: Numbers, closes: Numbers, before: float, level: float, *, below: bool) -> int:
    """First bar that reaches beyond a level from a close that is not beyond it; -1 if none."""
    for row, price in enumerate(reached):
        previous = closes[row - 1] if row else before
        if below and price < level <= previous:
            return row
        if not below and price > level >= previous:
            return row
    return -1


def longest(values: Numbers, times: Numbers, step: float, sign: int) -> list[tuple[int, int]]:
    """First and last row of each run of values of a sign without a gap in time."""
    runs: list[tuple[int, int]] = []
    for row, value in enumerate(values):
        if not value * sign > 0.0:
            continue
        follows = row > 0 and times[row] - times[row - 1] <= 1.5 * step
        if runs and follows and runs[-1][1] == row - 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    return runs
