"""When prices crossed the levels that a definition names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.contagion.leads.prices import finest, moment_of
from eventlab.study.bar_prices import absence
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.contagion.leads.prices import Moment
    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition, MarkDefinition
    from eventlab.market.types import Market, PriceSeries

__all__ = ["MARK_COLUMNS", "mark_tables"]

MARK_COLUMNS = [
    "occurrence",
    "symbol",
    "direction",
    "price",
    "first_crossing",
    "minutes_after",
    "bar_minutes",
    "extreme",
    "note",
]


def mark_tables(system: System, definition: ContagionDefinition, market: Market) -> pd.DataFrame:
    """First bar after the news that trades below, or above, each price of ``definition.marks``.

    Parameters
    ----------
    system
        Says when the news came out; marks are looked for to the end of its crisis window.
    definition
        Marks with both sides count as two, below first.
    market
        Prices: of the finest bars that reach from before the news past it, daily ones else. Low and
        high where the file has them, the close else, all as traded (not adjusted).

    Returns
    -------
    DataFrame
        occurrence, symbol, direction (below, above), price, first_crossing (UTC opening of the
        bar), minutes_after (of that opening; below zero for the bar that the news fell into),
        bar_minutes, extreme (lowest or highest price of all bars looked at), note. Only bars that
        close after the news count.

        A price that lies beyond the mark at the news already has to come back first: then the mark
        is looked for after the symbol's mark before it was crossed (so ``below: 90000, above:
        92000`` finds the return), or else after the first bar that closes on its other side.
    """
    moment = moment_of(system)
    rows = []
    crossed: dict[str, int] = {}
    for mark, direction, price in _sides(definition.marks):
        base = {
            "occurrence": system.occurrence,
            "symbol": mark.symbol,
            "direction": direction,
            "price": price,
        }
        found = _Crossing(note="too few sessions on the clock around the news")
        if moment is not None:
            bars = _bars(mark.symbol, market, moment, _end(system))
            found = (
                bars
                if isinstance(bars, _Crossing)
                else _cross(
                    bars, _Mark(direction == "above", price, crossed.get(mark.symbol, -1)), moment
                )
            )
            if found.row >= 0:
                crossed[mark.symbol] = found.row
        rows.append(base | _row(found, moment))
    table = pd.DataFrame(rows, columns=MARK_COLUMNS)
    table["first_crossing"] = pd.to_datetime(table["first_crossing"], utc=True)
    return table


@dataclass(frozen=True, slots=True)
class _Bars:
    """Bars of one symbol that close after the news, and the last price before (NaN without)."""

    opens: npt.NDArray[np.int64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    close: npt.NDArray[np.float64]
    before: float
    minutes: int
    note: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A level, from which side, and the bar that crossed the symbol's mark before (-1: none)."""

    upward: bool
    price: float
    previous: int


@dataclass(frozen=True, slots=True)
class _Crossing:
    row: int = -1
    opened: int = 0
    extreme: float = math.nan
    minutes: float = math.nan
    note: str = ""


def _sides(marks: Sequence[MarkDefinition]) -> Iterator[tuple[MarkDefinition, str, float]]:
    for mark in marks:
        if mark.below is not None:
            yield mark, "below", mark.below
        if mark.above is not None:
            yield mark, "above", mark.above


def _end(system: System) -> int:
    """Close of the last bar of the crisis window, ns."""
    return int(system.clock.closes[min(system.anchor + system.crisis[1], len(system.clock) - 1)])


def _bars(symbol: str, market: Market, moment: Moment, end: int) -> _Bars | _Crossing:
    series = finest(symbol, market, moment)
    if series is None:
        reason = (
            absence(symbol, market) if symbol not in market.symbols else "no prices at the news"
        )
        return _Crossing(note=reason)
    start, stop = (
        int(np.searchsorted(series.closes, instant, side="right")) for instant in (moment.news, end)
    )
    close, low, high = _traded(series)
    known = np.flatnonzero(np.isfinite(close[:start]))
    note = "daily prices only" if series.frequency == "daily" else ""
    if series.low is None:
        note = "; ".join(filter(None, (note, "no lows and highs: closes")))
    return _Bars(
        _opens(series)[start:stop],
        low[start:stop],
        high[start:stop],
        close[start:stop],
        float(close[known[-1]]) if len(known) else math.nan,
        series.bar_minutes,
        "; ".join(filter(None, (note, moment.note))),
    )


def _opens(series: PriceSeries) -> npt.NDArray[np.int64]:
    """Return the opening of every bar; of daily ones that of the session."""
    if series.frequency == "intraday" or not len(series.closes):
        return series.closes - series.bar_minutes * MINUTE
    days = (series.sessions[row].astype("datetime64[D]").astype(object) for row in (0, -1))
    own = make_clock(series.calendar, *days)
    return own.opens[np.searchsorted(own.closes, series.closes)]


def _traded(series: PriceSeries) -> tuple[npt.NDArray[np.float64], ...]:
    """Close, low and high as traded; the close where the others are missing."""
    close = np.where(np.isfinite(series.raw), series.raw, series.prices)
    if series.low is None or series.high is None:
        return close, close, close
    low = np.where(np.isfinite(series.low), series.low, close)
    return close, low, np.where(np.isfinite(series.high), series.high, close)


def _cross(bars: _Bars, mark: _Mark, moment: Moment) -> _Crossing:
    if not len(bars.opens):
        return _Crossing(note="no bars after the news")
    edge = bars.high if mark.upward else bars.low
    extreme = float(np.nanmax(edge) if mark.upward else np.nanmin(edge))
    beyond = edge > mark.price if mark.upward else edge < mark.price
    start, note = _start(bars, mark)
    places = np.flatnonzero(beyond[start:]) + start if start >= 0 else np.empty(0, dtype=np.int64)
    said = [bars.note, note]
    if not len(places):
        if start >= 0:
            said.append("not crossed by the end of the crisis window")
        return _Crossing(extreme=extreme, minutes=bars.minutes, note=_joined(said))
    row = int(places[0])
    opened = int(bars.opens[row])
    if opened < moment.news:
        ahead = (moment.news - opened) / MINUTE
        said.append(f"the bar opened {ahead:.0f} minutes before the news")
    return _Crossing(row, opened, extreme, bars.minutes, _joined(said))


def _start(bars: _Bars, mark: _Mark) -> tuple[int, str]:
    """First bar to look at, -1 where the price never comes back, and why it is not the first."""
    side = "above" if mark.upward else "below"
    already = bars.before > mark.price if mark.upward else bars.before < mark.price
    if not already:
        return 0, ""
    if mark.previous >= 0:
        return mark.previous + 1, f"{side} it at the news: the return after the mark before"
    back = bars.close <= mark.price if mark.upward else bars.close >= mark.price
    places = np.flatnonzero(back)
    if not len(places):
        return -1, f"{side} it at the news, and at every close since"
    return int(places[0]) + 1, f"{side} it at the news: the return after a close on the other side"


def _joined(said: Sequence[str]) -> str:
    return "; ".join(text for text in said if text)


def _row(found: _Crossing, moment: Moment | None) -> dict[str, Any]:
    crossed = found.row >= 0 and moment is not None
    return {
        "first_crossing": pd.Timestamp(found.opened, unit="ns", tz="UTC") if crossed else pd.NaT,
        "minutes_after": (found.opened - moment.news) / MINUTE if crossed and moment else math.nan,
        "bar_minutes": found.minutes,
        "extreme": found.extreme,
        "note": found.note,
    }
