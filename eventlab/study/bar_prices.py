"""Which prices a study in bars can use: those whose own bars make up the study's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.sources import missing_symbol_reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.market.types import Market, Panel, PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["absence", "fullest", "series_of", "usable_symbols"]


def series_of(market: Market, symbol: str, minutes: int) -> tuple[PriceSeries, ...]:
    """Series that a study in bars of ``minutes`` (0: in whole sessions) reads of a symbol."""
    if minutes:
        return market.dividing(symbol, minutes)
    return tuple(held[symbol] for held in (market.daily, market.intraday) if symbol in held)


def usable_symbols(market: Market, minutes: int) -> set[str]:
    """Symbols that a study in bars of ``minutes`` (0: in whole sessions) has prices of."""
    return {symbol for symbol in market.symbols if series_of(market, symbol, minutes)}


def absence(name: str, market: Market, clock: Clock | None = None) -> str:
    """Why the market has no prices of a symbol for a clock, in one line."""
    held = name in market.symbols
    loaded = held or name not in market.available or name in market.refused
    if not loaded:
        return (
            f"{name} is in {market.stamp.source} but was not loaded; load the market for this "
            "event too"
        )
    if not held or clock is None or not clock.bar_minutes:
        return missing_symbol_reason(market, name)
    main = market.intraday.get(name)
    there = f"bars of {main.bar_minutes} minutes" if main is not None else "daily prices only"
    return (
        f"{name} has no bars that make up {clock.bar_minutes} minutes in {market.stamp.source}, "
        f"which has {there} of it"
    )


def fullest(panel: Panel, columns: Iterable[int], rows: slice) -> int:
    """Column with most returns in ``rows``; of equal ones the first, whose history is longest."""
    return max(columns, key=lambda c: int(np.isfinite(panel.returns[c, rows]).sum()))
