"""Small price series and files for the tests of the market."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.market.types import DataStamp, Market, PriceSeries
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MINUTE = 60_000_000_000


def daily(
    symbol: str,
    calendar: str,
    start: date,
    prices: Sequence[float],
    *,
    drop: Iterable[int] = (),
    kind: Literal["price", "level", "return"] = "price",
) -> PriceSeries:
    """Daily bars on the sessions of a calendar from ``start`` on; rows of ``drop`` are left out."""
    clock = make_clock(calendar, start, start + timedelta(days=len(prices) * 2 + 12))
    rows = np.setdiff1d(np.arange(len(prices)), np.array(sorted(drop), dtype=np.int64))
    values = np.array(prices, dtype=np.float64)[rows]
    nothing = np.full(len(rows), np.nan)
    return PriceSeries(
        symbol,
        kind,
        "daily",
        1440,
        calendar,
        clock.closes[rows],
        clock.sessions[rows],
        values,
        values,
        nothing,
        "made up",
    )


def intraday(
    symbol: str, calendar: str, closes: Sequence[int], prices: Sequence[float], bar_minutes: int
) -> PriceSeries:
    """Bars that close at the given UTC ns."""
    ends = np.array(closes, dtype=np.int64)
    values = np.array(prices, dtype=np.float64)
    days = ends.astype("datetime64[ns]").astype("datetime64[D]")
    nothing = np.full(len(ends), np.nan)
    return PriceSeries(
        symbol,
        "price",
        "intraday",
        bar_minutes,
        calendar,
        ends,
        days,
        values,
        values,
        nothing,
        "made up",
    )


def market(*series: PriceSeries) -> Market:
    """A market of these series."""
    return Market(
        DataStamp("made up", "", simulated=False),
        {one.symbol: one for one in series if one.frequency == "daily"},
        {one.symbol: one for one in series if one.frequency == "intraday"},
    )


def ns(text: str) -> int:
    """UTC nanoseconds of an ISO time."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def write(folder: Path, **files: str) -> str:
    """Write ``name=text`` as ``name.csv``; return the folder as a source."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return str(folder)


def long_csv(symbol: str, rows: Iterable[tuple[str, float | str]]) -> str:
    """Text of a long CSV file of one symbol."""
    return "date,symbol,close\n" + "".join(f"{day},{symbol},{price}\n" for day, price in rows)
