"""What every leg of a strategy costs at the opens and closes of its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.leg_prices import leg_prices
from eventlab.hedge.types import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.market.types import Market
    from eventlab.timeline.types import Clock

__all__ = ["build_grid"]


def build_grid(market: Market, book: Sequence[str], hedge: Sequence[str], clock: Clock) -> Grid:
    """Put the legs of a strategy on the opens and closes of a clock.

    Parameters
    ----------
    market
        Holds every leg. Daily and intraday prices of one are spliced by level, each at its true
        time: see `eventlab.hedge.leg_prices.leg_prices`.
    book, hedge
        Symbols, the book's legs first.
    clock
        T sessions.

    Returns
    -------
    Grid
        Fills at 2T points, NaN where there is none. Nothing is filled forward but ``marks``.

    Raises
    ------
    DataError
        A leg has no prices in the market, or what it has are rates or returns.
    """
    symbols = (*book, *hedge)
    known = {symbol: leg_prices(market, symbol, clock) for symbol in dict.fromkeys(symbols)}
    legs = [known[symbol] for symbol in symbols]
    shape = (2 * len(clock), len(symbols))
    fills, filled_at = np.empty(shape), np.empty(shape, dtype=np.int64)
    trades = np.empty((len(clock), len(symbols)), dtype=np.bool_)
    for place, leg in enumerate(legs):
        fills[0::2, place], fills[1::2, place] = leg.opens, leg.closes
        filled_at[0::2, place], filled_at[1::2, place] = leg.opened_at, leg.closed_at
        trades[:, place] = leg.trades
    instants = np.empty(2 * len(clock), dtype=np.int64)
    instants[0::2], instants[1::2] = clock.opens, clock.closes
    nights = np.zeros(len(clock), dtype=np.int64)
    nights[1:] = np.diff(clock.days).astype(np.int64)
    return Grid(
        symbols=symbols,
        n_book=len(book),
        clock=clock,
        instants=instants,
        fills=fills,
        filled_at=filled_at,
        marks=_last_fill(fills),
        trades=trades,
        basis=tuple(leg.basis for leg in legs),
        nights=nights,
    )


def _last_fill(fills: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Last price up to each point, (2T, A); NaN before the first."""
    points = np.arange(len(fills))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(fills), -1, points), axis=0)
    found = np.take_along_axis(fills, np.maximum(last, 0), axis=0)
    return np.where(last < 0, np.nan, found)
