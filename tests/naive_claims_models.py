"""What claims about models measure, written out once more with plain loops."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def market_model_car(
    y: Sequence[float],
    m: Sequence[float],
    day0: int,
    rows: tuple[int, int],
    window: tuple[int, int],
) -> tuple[float, float, int]:
    """CAR over a window, its forecast standard error and degrees of freedom.

    MacKinlay (1997), eqs. 5 to 10: OLS over the estimation rows; the error of a sum of forecasts
    has the variance of the disturbances and that of both coefficients.
    """
    own = [day0 + tau for tau in range(rows[0], rows[1] + 1)]
    n = len(own)
    mean_m, mean_y = sum(m[t] for t in own) / n, sum(y[t] for t in own) / n
    spread = sum((m[t] - mean_m) ** 2 for t in own)
    beta = sum((m[t] - mean_m) * (y[t] - mean_y) for t in own) / spread
    alpha = mean_y - beta * mean_m
    variance = sum((y[t] - alpha - beta * m[t]) ** 2 for t in own) / (n - 2)
    bars = [day0 + tau for tau in range(window[0], window[1] + 1)]
    car = sum(y[t] - alpha - beta * m[t] for t in bars)
    length, apart = len(bars), sum(m[t] - mean_m for t in bars)
    error = variance * (length + length**2 / n + apart**2 / spread)
    return car, math.sqrt(error), n - 2


def correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson's correlation."""
    n = len(x)
    mean_x, mean_y = sum(x) / n, sum(y) / n
    both = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    var_x, var_y = sum((a - mean_x) ** 2 for a in x), sum((b - mean_y) ** 2 for b in y)
    return both / math.sqrt(var_x * var_y)


def last_of_week(days: Sequence[date]) -> list[int]:
    """Positions of the last day of every ISO week."""
    found: list[int] = []
    for place, day in enumerate(days):
        last = place + 1 == len(days)
        if last or days[place + 1].isocalendar()[:2] != day.isocalendar()[:2]:
            found.append(place)
    return found
