"""A fingerprint of each series of prices, year by year: which of them moved, and where."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

__all__ = ["beside_prices", "series_named", "series_print", "year_prints"]


def series_named(market: Market, symbols: Iterable[str]) -> Mapping[str, PriceSeries]:
    """Return every series of some symbols by symbol and width: ``BTC daily``, ``BTC 60 min``.

    Symbols without prices are left out.
    """
    found: dict[str, PriceSeries] = {}
    for symbol in sorted(set(symbols)):
        if symbol in market.daily:
            found[f"{symbol} daily"] = market.daily[symbol]
        further = market.bars.get(symbol, ())
        own = (market.intraday[symbol],) if symbol in market.intraday else ()
        for series in sorted((*own, *further), key=lambda each: each.bar_minutes):
            found[f"{symbol} {series.bar_minutes} min"] = series
    return found


def series_print(series: PriceSeries, last: int | None = None) -> str:
    """Sha256 (hex) over all that a result can read of a series, up to the bar closing at ``last``.

    ``last`` is in UTC ns; all bars by default. Kind, calendar and width count, then closes, prices,
    unadjusted closes, opens, highs, lows and volumes as little-endian bytes, NaN with their bits;
    the file that it came from does not.
    """
    end = len(series.closes)
    if last is not None:
        end = int(np.searchsorted(series.closes, last, side="right"))
    return _digest(series, 0, end)


def year_prints(series: PriceSeries) -> dict[str, str]:
    """Return `series_print` of the bars of each UTC year of their close."""
    years = series.closes.astype("datetime64[ns]").astype("datetime64[Y]")
    names, starts = np.unique(years, return_index=True)
    ends = [*starts[1:], len(years)]
    return {
        str(name): _digest(series, int(start), int(end))
        for name, start, end in zip(names, starts, ends, strict=True)
    }


def beside_prices(series: PriceSeries) -> dict[str, npt.NDArray[np.float64] | None]:
    """Return what a series holds beside its adjusted closes, (n,) each; None where it has none.

    By name: raw, open, high, low, volume, in this order, which fingerprints hang on.
    """
    return {
        "raw": series.raw,
        "open": series.open,
        "high": series.high,
        "low": series.low,
        "volume": series.volume,
    }


def _digest(series: PriceSeries, start: int, end: int) -> str:
    head = f"{series.kind}|{series.frequency}|{series.calendar}|{series.bar_minutes}\n"
    digest = hashlib.sha256(head.encode())
    digest.update(series.closes[start:end].astype("<i8").tobytes())
    for name, values in {"prices": series.prices, **beside_prices(series)}.items():
        digest.update(f"{name}|{values is not None}\n".encode())
        if values is not None:
            digest.update(values[start:end].astype("<f8").tobytes())
    return digest.hexdigest()
