"""One sha256 over the prices that were used, however they were read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.market.types import PriceSeries

__all__ = ["fingerprint"]


def fingerprint(
    daily: Mapping[str, PriceSeries],
    intraday: Mapping[str, PriceSeries],
    bars: Mapping[str, Sequence[PriceSeries]] | None = None,
) -> str:
    """Sha256 (hex) over what returns are computed from, independent of file layout and order.

    Symbols go in sorted order, daily before intraday before further ``bars``; each contributes its
    name, kind, frequency, calendar and bar width, then its closes (int64) and prices (float64),
    little-endian. NaN prices count with their bits. File names, volumes and unadjusted prices do
    not count: they change no return.
    """
    digest = hashlib.sha256()
    further = bars or {}
    ordered = [held[symbol] for held in (daily, intraday) for symbol in sorted(held)]
    for series in (*ordered, *(one for symbol in sorted(further) for one in further[symbol])):
        head = (
            f"{series.symbol}|{series.kind}|{series.frequency}|{series.calendar}|"
            f"{series.bar_minutes}|{len(series.closes)}\n"
        )
        digest.update(head.encode())
        digest.update(series.closes.astype("<i8").tobytes())
        digest.update(series.prices.astype("<f8").tobytes())
    return digest.hexdigest()
