"""The stamp of what was traded on: opens, extremes and volumes beside the prices."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from eventlab.market.series_prints import beside_prices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.market.types import DataStamp, Market

__all__ = ["priced_stamp"]


def priced_stamp(market: Market, symbols: Iterable[str]) -> DataStamp:
    """Stamp of the prices, its fingerprint over everything else of some symbols' bars as well.

    Studies of returns use closes only, and so does ``Market.stamp``. What trades at opens, reads
    ranges or weighs its orders by volume depends on more: here on the unadjusted closes, opens,
    highs, lows and volumes of all daily and intraday series of ``symbols``, in sorted order, NaN
    with their bits. Symbols that the market does not hold count by their name.
    """
    digest = hashlib.sha256(f"{market.stamp.fingerprint}|priced\n".encode())
    for symbol in sorted(set(symbols)):
        held = [own[symbol] for own in (market.daily, market.intraday) if symbol in own]
        held += market.bars.get(symbol, ())
        digest.update(f"{symbol}|{len(held)}\n".encode())
        for series in held:
            for name, values in beside_prices(series).items():
                digest.update(f"{name}|{-1 if values is None else len(values)}\n".encode())
                if values is not None:
                    digest.update(values.astype("<f8").tobytes())
    return replace(market.stamp, fingerprint=digest.hexdigest())
