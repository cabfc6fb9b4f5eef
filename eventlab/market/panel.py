"""Returns of many assets on one clock, each sampled from its own bars without looking ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.errors import UsageError
from eventlab.market.given_returns import given_returns
from eventlab.market.types import NO_BAR, Panel, PanelColumn
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

__all__ = [
    "NEAREST_REACH",
    "PREVIOUS_REACH",
    "build_panel",
    "equal_at",
    "nearest_rows",
    "open_at",
    "own_clock",
]

# A close half a day away is as near to the next session as to this one.
NEAREST_REACH = 12 * HOUR
PREVIOUS_REACH = 24 * HOUR
# Own sessions are laid out a little beyond the clock's, so that its ends have neighbours too.
MARGIN = timedelta(days=3)


def build_panel(
    market: Market,
    symbols: Iterable[str],
    clock: Clock,
    sampling: Literal["nearest", "previous"] = "nearest",
) -> Panel:
    """Sample prices at the closes of a clock and compute simple returns between the samples.

    Each symbol that the market holds gets, in the order given:

    - from daily bars on the clock's own calendar, ``own close``;
    - from daily bars on another calendar, ``nearest close``: the own close nearest to the session's
      close, the earlier one of two that are equally near, at most 12 hours away; or with
      ``sampling="previous"`` the latest own close at or before it, at most 24 hours away. An own
      close serves one session, the nearest (the earlier of two);
    - from intraday bars, where the calendars differ or there are no daily bars, ``intraday``: the
      bar that closes at the session's close or less than one bar width before it, provided the
      symbol's market is open at that instant; no column where it never is;
    - on a clock of bars from intraday bars only: one column for each series whose own bars make up
      the clock's without a rest, sampled in the same way. Bars outside regular hours are in none.

    Which bar is sampled depends on calendars alone, never on which bars the data happen to hold.

    Parameters
    ----------
    market, symbols
        Symbols that the market does not hold get no column; naming them is up to the caller.
    clock
        T sessions.

    Returns
    -------
    Panel
        ``returns`` (C, T), simple returns in decimals; for a ``level`` the change over 100, and
        a ``return`` as given, compounded over own bars that were not sampled. Row t
        runs from the previous session at which the symbol's market offered a bar. Sessions at which
        it was closed are NaN, and the next return compounds over them. A bar that is missing in an
        open market (or whose price is) makes its own return and the next one NaN.
        ``minutes_apart`` (C, T) is NaN where no price was sampled. On a clock of bars ``spans``
        (C, T) marks returns that begin more than one bar width before they end.

        Timing: row t uses prices of bars that close at or before the session's close, save
        ``nearest close``, which may use one that closes up to 12 hours after it.

    Raises
    ------
    UsageError
        ``sampling`` is neither ``nearest`` nor ``previous``.
    """
    if sampling not in {"nearest", "previous"}:
        raise UsageError(f"sampling {sampling!r} is not known; it is nearest or previous")
    samples = [
        (column, sample)
        for symbol in dict.fromkeys(symbols)
        for column, sample in _columns(market, symbol, clock, sampling)
    ]
    shape = (len(samples), len(clock))
    returns, apart = np.full(shape, np.nan), np.full(shape, np.nan)
    closes = np.full(shape, NO_BAR)
    for row, (_, sample) in enumerate(samples):
        closes[row, sample.offered] = sample.scheduled[sample.offered]
        returns[row] = _returns(sample, closes[row])
        there = sample.offered & ~np.isnan(sample.prices)
        apart[row, there] = (sample.closes[there] - clock.closes[there]) / MINUTE
    spans = None
    if clock.bar_minutes:
        spans = np.zeros(shape, dtype=np.bool_)
        for row, (_, sample) in enumerate(samples):
            spans[row] = _spans(sample, clock)
    return Panel(clock, tuple(column for column, _ in samples), returns, apart, closes, spans=spans)


@dataclass(frozen=True, slots=True)
class _Sample:
    """One price per session.

    Attributes
    ----------
    offered
        (T,) bool: whether the symbol's market offers a bar for this session.
    prices
        (T,) float64: its price; NaN where it is missing or none is offered.
    closes
        (T,) int64: when that bar closes; without meaning where there is no price.
    scheduled
        (T,) int64: when the bar on offer is due to close, priced or not.
    """

    series: PriceSeries
    offered: npt.NDArray[np.bool_]
    prices: npt.NDArray[np.float64]
    closes: npt.NDArray[np.int64]
    scheduled: npt.NDArray[np.int64]


def _columns(
    market: Market, symbol: str, clock: Clock, sampling: Literal["nearest", "previous"]
) -> list[tuple[PanelColumn, _Sample]]:
    if clock.bar_minutes:
        return _bar_columns(market, symbol, clock)
    daily, intraday = market.daily.get(symbol), market.intraday.get(symbol)
    found: list[tuple[PanelColumn, _Sample]] = []
    if daily is not None and daily.calendar == clock.code:
        places = np.arange(len(clock))
        found.append((PanelColumn(symbol, "own close"), _daily(daily, clock, places)))
    elif daily is not None:
        own = own_clock(daily, clock)
        places = (
            nearest_rows(own.closes, clock.closes)
            if sampling == "nearest"
            else _previous(own.closes, clock.closes)
        )
        basis: Literal["nearest close", "previous close"] = (
            "nearest close" if sampling == "nearest" else "previous close"
        )
        found.append((PanelColumn(symbol, basis), _daily(daily, own, places)))
    if intraday is not None and (daily is None or intraday.calendar != clock.code):
        sample = _intraday(intraday, clock)
        if sample.offered.any():  # stocks never trade at a UTC midnight
            found.append((PanelColumn(symbol, "intraday"), sample))
    return found


def _bar_columns(market: Market, symbol: str, clock: Clock) -> list[tuple[PanelColumn, _Sample]]:
    samples = [_intraday(one, clock) for one in market.dividing(symbol, clock.bar_minutes)]
    # A market that is never open at the clock's closes keeps a column, which says that by itself.
    some = [one for one in samples if one.offered.any()] or samples[:1]
    return [(PanelColumn(symbol, "intraday"), one) for one in some]


def _spans(sample: _Sample, clock: Clock) -> npt.NDArray[np.bool_]:
    """Where a return begins more than a bar before it ends: calendars decide, not prices."""
    spans = np.zeros(len(clock), dtype=np.bool_)
    rows = np.flatnonzero(sample.offered)
    elapsed = np.diff(sample.scheduled[rows])
    spans[rows[1:]] = elapsed > clock.bar_minutes * MINUTE
    return spans


def own_clock(series: PriceSeries, clock: Clock) -> Clock:
    """Sessions of the symbol's calendar around those of the clock, priced or not."""
    if not len(clock):
        return clock
    first, last = clock.days[0].astype(object), clock.days[-1].astype(object)
    return make_clock(series.calendar, first - MARGIN, last + MARGIN)


def nearest_rows(own: npt.NDArray[np.int64], closes: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Row of the own close nearest to each session's; -1 where none is near enough or left."""
    if not len(own):
        return np.full(len(closes), -1)
    after = np.searchsorted(own, closes)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(own) - 1)
    places = np.where(np.abs(closes - own[before]) <= np.abs(own[after] - closes), before, after)
    return _once(places, np.abs(own[places] - closes), NEAREST_REACH)


def _previous(own: npt.NDArray[np.int64], closes: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Row of the latest own close at or before each session's; -1 where it is too old or taken."""
    if not len(own):
        return np.full(len(closes), -1)
    places = np.searchsorted(own, closes, side="right") - 1
    distance = np.where(places < 0, PREVIOUS_REACH + 1, closes - own[np.maximum(places, 0)])
    return _once(places, distance, PREVIOUS_REACH)


def _once(
    places: npt.NDArray[np.intp], distance: npt.NDArray[np.int64], reach: int
) -> npt.NDArray[np.intp]:
    """Keep each place for the session that is nearest to it (the earlier of two), within reach."""
    order = np.lexsort((np.arange(len(places)), distance, places))
    ranked = places[order]
    first = np.ones(len(places), dtype=np.bool_)
    first[1:] = ranked[1:] != ranked[:-1]
    kept = np.full(len(places), -1)
    best = order[first]
    kept[best] = places[best]
    kept[distance > reach] = -1
    return kept


def _daily(series: PriceSeries, own: Clock, places: npt.NDArray[np.intp]) -> _Sample:
    """Prices of the own sessions at ``places`` (-1: none offered)."""
    closes = own.closes[places] if len(own) else np.zeros(len(places), np.int64)
    offered = places >= 0
    rows = np.searchsorted(series.closes, closes)
    prices = _at(series, rows, offered & equal_at(series.closes, rows, closes))
    return _Sample(series, offered, prices, closes, closes)


def _intraday(series: PriceSeries, clock: Clock) -> _Sample:
    """Prices of the bars that have just closed at each session's close."""
    rows = np.searchsorted(series.closes, clock.closes, side="right") - 1
    closes = (
        series.closes[np.maximum(rows, 0)] if len(series.closes) else np.zeros(len(clock), np.int64)
    )
    offered = open_at(own_clock(series, clock), clock.closes)
    fresh = (rows >= 0) & (clock.closes - closes < series.bar_minutes * MINUTE)
    prices = _at(series, rows, offered & fresh)
    return _Sample(series, offered, prices, closes, clock.closes)


def open_at(own: Clock, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether an own session has opened before each instant and closes at or after it."""
    if not len(own):
        return np.zeros(len(instants), dtype=np.bool_)
    rows = np.searchsorted(own.closes, instants)
    started: npt.NDArray[np.bool_] = own.opens[np.minimum(rows, len(own) - 1)] < instants
    return (rows < len(own)) & started


def equal_at(
    values: npt.NDArray[np.int64], rows: npt.NDArray[np.intp], wanted: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether ``values`` at ``rows`` (n,), as `searchsorted` found them, are those ``wanted``."""
    if not len(values):
        return np.zeros(len(wanted), dtype=np.bool_)
    equal: npt.NDArray[np.bool_] = values[np.minimum(rows, len(values) - 1)] == wanted
    return (rows < len(values)) & equal


def _at(
    series: PriceSeries, rows: npt.NDArray[np.intp], there: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    prices = np.full(len(rows), np.nan)
    prices[there] = series.prices[rows[there]]
    return prices


def _returns(sample: _Sample, closes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return from the previous offered session to each; a missing price spoils both its returns."""
    if sample.series.kind == "return":
        return given_returns(sample.series, closes)
    returns = np.full(len(sample.prices), np.nan)
    rows = np.flatnonzero(sample.offered)
    if len(rows) < 2:
        return returns
    prices = sample.prices[rows]
    if sample.series.kind == "level":
        returns[rows[1:]] = np.diff(prices) / 100.0
    else:
        returns[rows[1:]] = prices[1:] / prices[:-1] - 1.0
    return returns
