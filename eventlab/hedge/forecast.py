"""Volatility: what was realised, what is forecast, and how a position is scaled by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.errors import UsageError
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import ScaleDefinition
    from eventlab.timeline.types import Clock

__all__ = [
    "LEAST_RETURNS",
    "bars_per_year",
    "forecast_volatility",
    "realised_volatility",
    "scale_factor",
]

LEAST_RETURNS: Final = 10  # a volatility of fewer returns says next to nothing


def bars_per_year(clock: Clock) -> float:
    """Bars in a year of a clock of sessions: 365 around the clock, 252 on exchanges."""
    return 365.0 if clock.code == ALWAYS_OPEN else 252.0


def realised_volatility(
    closes: npt.NDArray[np.float64], bars: int, periods: float
) -> npt.NDArray[np.float64]:
    """Realised volatility per year over a trailing number of bars.

    sqrt(periods / bars * sum of squared log returns), around a mean of zero: the realised variance
    of Andersen, Bollerslev, Diebold and Labys (2003) with returns from close to close. A
    bar without a close adds nothing, and the next return spans it, so that weekends of an asset on
    a clock that has none count as time in which it did not trade.

    Parameters
    ----------
    closes
        (T,) own closes; NaN where it did not trade.
    bars
        Length of the window in bars of the clock.
    periods
        Bars per year.

    Returns
    -------
    (T,) float64
        Row t uses closes of rows up to t. NaN until a close lies ``bars`` bars back, and where
        fewer than half of the window's bars have a close.

    Raises
    ------
    UsageError
        ``bars`` or ``periods`` is not positive, or a close is not.
    """
    _require_positive(bars=bars, periods=periods)
    found = np.full(len(closes), np.nan)
    rows = np.flatnonzero(~np.isnan(closes))
    prices = closes[rows]
    if not ((prices > 0) & np.isfinite(prices)).all():
        raise UsageError("closes must be above zero and finite: a log return needs prices")
    if len(rows) < 2 or rows[0] + bars >= len(closes):
        return found
    squares, counts = np.zeros(len(closes)), np.zeros(len(closes))
    squares[rows[1:]] = np.log1p(np.diff(prices) / prices[:-1]) ** 2
    counts[rows[1:]] = 1.0
    # Each window is summed by itself: differences of a running sum carry the rounding of all before
    window = np.lib.stride_tricks.sliding_window_view
    total = window(squares[1:], bars).sum(axis=1)
    traded = window(counts[1:], bars).sum(axis=1)
    enough = (traded >= bars / 2) & (np.arange(bars, len(closes)) >= rows[0] + bars)
    found[bars:][enough] = np.sqrt(total[enough] * (periods / bars))
    return found


def forecast_volatility(
    returns: npt.NDArray[np.float64], half_life: float, periods: float
) -> float:
    """Volatility per year that an exponentially weighted average forecasts for the next bar.

    sqrt(periods * sum(d^k r_k^2) / sum(d^k)) over the returns k bars old, d = 0.5^(1 / half_life):
    RiskMetrics Technical Document (1996, table 5.1) with weights that add to one, mean zero.

    Parameters
    ----------
    returns
        (n,) simple or log returns, the latest last. NaN, where the asset did not trade, is left
        out; its bar still makes those before it older.
    half_life
        Bars after which a return counts half; inf for equal weights.
    periods
        Bars per year.

    Returns
    -------
    float
        NaN with fewer returns than `LEAST_RETURNS`, or than the half-life where that is finite.

    Raises
    ------
    UsageError
        ``half_life`` or ``periods`` is not positive.
    """
    _require_positive(half_life=half_life, periods=periods)
    known = ~np.isnan(returns)
    if np.count_nonzero(known) < least_returns(half_life):
        return math.nan
    weights = np.power(0.5 ** (1.0 / half_life), np.arange(len(returns))[::-1])
    squares = np.where(known, returns, 0.0) ** 2
    return math.sqrt(periods * float(np.sum(weights * squares)) / float(np.sum(weights * known)))


def least_returns(half_life: float) -> int:
    """How many returns a forecast needs."""
    return LEAST_RETURNS if math.isinf(half_life) else max(LEAST_RETURNS, math.ceil(half_life))


def scale_factor(
    definition: ScaleDefinition, returns: npt.NDArray[np.float64], periods: float
) -> tuple[float, str]:
    """Multiple of a position at which its forecast volatility is the target, and why it is so.

    ``returns`` (n,) are the book's at multiple 1, known at the decision. The multiple is the target
    over `forecast_volatility`, ``cap`` at most. The text says that the cap was reached, or why the
    multiple is NaN.
    """
    forecast = forecast_volatility(returns, definition.half_life, periods)
    if math.isnan(forecast):
        known = int(np.count_nonzero(~np.isnan(returns)))
        least = least_returns(definition.half_life)
        return math.nan, f"a forecast of volatility needs {least} returns; {known} are known"
    if forecast * definition.cap <= definition.volatility:
        return (
            definition.cap,
            f"capped at {definition.cap:g}: volatility {forecast:.1%} is forecast",
        )
    return definition.volatility / forecast, ""


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise UsageError(f"{name} {value:g} must be above zero")
