"""What an order moves its own price by: the square-root law, from a day's volatility and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market, PriceSeries

__all__ = ["DAYS", "MOST_TRADED", "impact_notes", "square_root_impact"]

DAYS = 20  # own daily bars before the order
LEAST = 10  # of them that have to be known
# No token trades more in a day (of dollars, the bitcoin perpetuals of all exchanges together come
# near). Where price x volume is above it, the volume is in money already, as some sources give it.
MOST_TRADED = 2e11


def square_root_impact(market: Market, grid: Grid, coefficient: float) -> npt.NDArray[np.float64]:
    """Further slippage of an order of one unit of money at each point of a grid.

    ``coefficient * sigma / sqrt(value)``: an order of value V slips by sqrt(V) times that. sigma is
    the standard deviation (n - 1) of the simple returns, and value the mean of price x volume, of
    the last 20 own daily bars that closed by the close of bar t - 1, for both points of bar t. The
    law is that of Almgren, Thum, Hauptmann and Li (2005) with an exponent of 1/2.

    Returns
    -------
    ndarray
        (2T, A) float64; 0 where fewer than 10 of the 20 returns or values are known:
        `impact_notes` says of which legs.
    """
    found = np.zeros_like(grid.fills)
    if coefficient == 0.0:
        return found
    for leg, symbol in enumerate(grid.symbols):
        per_bar = _per_bar(market.daily.get(symbol), grid)
        found[0::2, leg] = found[1::2, leg] = coefficient * np.nan_to_num(per_bar)
    return found


def impact_notes(market: Market, grid: Grid) -> tuple[str, ...]:
    """Say of each leg in how many of its bars no impact is charged because volume is unknown."""
    notes = []
    for symbol in dict.fromkeys(grid.symbols):
        leg = grid.symbols.index(symbol)
        priced = np.isfinite(grid.fills[0::2, leg]) | np.isfinite(grid.fills[1::2, leg])
        unknown = int(np.count_nonzero(priced & np.isnan(_per_bar(market.daily.get(symbol), grid))))
        if unknown:
            notes.append(
                f"{symbol}: no impact in {unknown} of {int(priced.sum())} bars, whose volume or "
                f"volatility of the {DAYS} days before is unknown"
            )
    return tuple(notes)


def _per_bar(series: PriceSeries | None, grid: Grid) -> npt.NDArray[np.float64]:
    """Compute sigma / sqrt(value) known at the close before each bar, (T,); NaN where it is not."""
    found = np.full(len(grid), np.nan)
    if series is None or len(series.closes) < LEAST:
        return found
    returns = np.full(len(series.prices), np.nan)
    returns[1:] = series.prices[1:] / series.prices[:-1] - 1.0
    value = np.where(np.isnan(series.raw), series.prices, series.raw) * series.volume
    if series.calendar == ALWAYS_OPEN:
        value = np.where(value > MOST_TRADED, series.volume, value)
    value[~(value > 0)] = np.nan
    mean, spread = _trailing(value)[0], _trailing(returns)[1]
    own = np.append(spread / np.sqrt(mean), np.nan)
    found[1:] = own[np.searchsorted(series.closes, grid.instants[1:-1:2], side="right") - 1]
    return found


def _trailing(
    values: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and standard deviation of the known ones of the last `DAYS` values at each row (n,)."""
    padded = np.concatenate((np.full(DAYS - 1, np.nan), values))
    windows = np.lib.stride_tricks.sliding_window_view(padded, DAYS)
    known = np.isfinite(windows)
    counts = known.sum(axis=1)
    enough = counts >= LEAST
    kept = np.where(known, windows, 0.0)
    n = np.where(enough, counts, 2)
    mean = kept.sum(axis=1) / n
    squares = np.where(known, (windows - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.where(enough, mean, np.nan), np.where(enough, np.sqrt(squares / (n - 1)), np.nan)
