"""States of the market that an entry or an exit waits for: what is seen of them at each close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import UsageError
from eventlab.hedge.forecast import bars_per_year, realised_volatility
from eventlab.hedge.funding import FUNDING
from eventlab.market.panel import build_panel
from eventlab.market.sources import missing_symbol_reason
from eventlab.market.types import NO_BAR
from eventlab.timeline.instants import event_instant
from eventlab.timeline.types import MINUTE, OutsideClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StateDefinition
    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["Observed", "first_row", "holds_for", "state_series"]

CUT = "cut"  # the tag of a central bank's occurrence that eases
_SHOWN = 4  # stretches of a note


@dataclass(frozen=True, slots=True)
class Observed:
    """One state on a clock of T sessions.

    Attributes
    ----------
    closes
        (T,) int64 UTC ns: the clock's closes.
    holds
        (T,) bool: whether all of its conditions hold at the close; False where one is not known.
        An easing is not in it before `holds_for` has put it there.
    known
        (T,) bool: whether everything that it is measured on is known at the close.
    notes
        From when to when something is not known, and why.
    easings
        (n, 2) int64 UTC ns, ascending: earliest and latest instant of each cut that it waits for;
        None where it waits for none (any more).
    """

    closes: npt.NDArray[np.int64]
    holds: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    notes: tuple[str, ...]
    easings: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class _Measured:
    """What one condition says: NaN where it is not known; ``name`` and ``why`` are for its note."""

    values: npt.NDArray[np.float64]
    name: str
    why: str


def state_series(
    definition: StateDefinition, *, market: Market, workspace: Workspace, clock: Clock, symbol: str
) -> Observed:
    """Look at a state at every close of a clock.

    Parameters
    ----------
    definition
        Its conditions; all of them have to hold:

        - funding: mean of the rates of ``<SYMBOL>-FUNDING`` that are stamped after the close
          ``bars`` bars before and up to this one, in decimals per 8 hours;
        - volatility: `realised_volatility` of the symbol's closes over ``bars`` bars, per year;
        - falling, rising: last close against the last one ``bars`` bars before;
        - easing: depends on the episode, see `holds_for`.
    market, workspace, clock
        Prices, events, and T sessions.
    symbol
        Whose funding and volatility it is where the definition does not say.

    Returns
    -------
    Observed
        Timing: row t uses what is stamped at or before the close of bar t; of a symbol on another
        calendar its last own close at or before it. A condition on what is not known does not
        hold: a symbol without prices, too short a history, a rate or a close that lacks.

    Raises
    ------
    UsageError
        No condition is given, or the event of ``easing`` is not in the workspace.
    """
    chosen = definition.symbol or symbol
    holds, known = np.ones(len(clock), np.bool_), np.ones(len(clock), np.bool_)
    notes: list[str] = []
    conditions = tuple(_conditions(definition, chosen, market, clock))
    if not conditions and definition.easing is None:
        raise UsageError("a state without conditions; give one, as in funding_below: 0")
    for measured, below, above in conditions:
        there = ~np.isnan(measured.values)
        known &= there
        if below is not None:
            holds &= there & (measured.values < below)
        if above is not None:
            holds &= there & (measured.values > above)
        notes += _unknown_notes(measured, clock)
    easings = None
    if definition.easing is not None:
        easings, left_out = _easings(workspace, definition.easing)
        notes += left_out
    return Observed(clock.closes, holds, known, tuple(notes), easings)


def holds_for(observed: Observed, news_instant: int) -> Observed:
    """Put into a state whether the central bank has eased since some news.

    It has at the close of bar t where a cut came out after ``news_instant`` (UTC ns) and at or
    before that close; of a cut whose minute is not known, the whole interval has to lie between
    the two. A state that waits for no easing is returned as it is.
    """
    if observed.easings is None:
        return observed
    after = observed.easings[observed.easings[:, 0] > news_instant, 1]
    first = after.min() if len(after) else np.iinfo(np.int64).max
    return replace(observed, holds=observed.holds & (observed.closes >= first), easings=None)


def first_row(
    observed: Observed, day0: int, definition: StateDefinition, *, not_before: int = 0
) -> tuple[int | None, bool]:
    """Find the bar at whose close a wait for a state ends.

    Parameters
    ----------
    observed
        With easing, of the episode: see `holds_for`.
    day0
        Row of the event session.
    definition
        It is looked at from bar ``after`` to bar ``at_most`` relative to day 0.
    not_before
        First row that may be looked at.

    Returns
    -------
    row
        First row at which it holds; else the row of ``at_most`` (``not_before`` where that is
        later); None where the clock ends before.
    reached
        Whether it holds there.
    """
    if observed.easings is not None:
        raise ValueError("whether it has eased depends on the news: call holds_for before")
    start = max(day0 + definition.after, not_before, 0)
    end = max(day0 + definition.at_most, not_before)
    found = np.flatnonzero(observed.holds[start : end + 1])
    if len(found):
        return start + int(found[0]), True
    return (end, False) if end < len(observed.holds) else (None, False)


def _conditions(
    definition: StateDefinition, symbol: str, market: Market, clock: Clock
) -> Iterator[tuple[_Measured, float | None, float | None]]:
    """Measure what each condition is on, with what it has to be below and above."""
    low, high = definition.funding_below, definition.funding_above
    if low is not None or high is not None:
        yield _funding(symbol, definition.bars, market, clock), low, high
    low, high = definition.volatility_below, definition.volatility_above
    if low is not None or high is not None:
        yield _volatility(symbol, definition.bars, market, clock), low, high
    if definition.falling is not None:
        yield _change(definition.falling, definition.bars, market, clock), 0.0, None
    if definition.rising is not None:
        yield _change(definition.rising, definition.bars, market, clock), None, 0.0


def _funding(symbol: str, bars: int, market: Market, clock: Clock) -> _Measured:
    """Mean rate between the closes of bars t - ``bars`` and t, NaN unless all that is due is there.

    Rates are due at multiples of their own spacing since midnight UTC.
    """
    name = symbol + FUNDING
    values = np.full(len(clock), np.nan)
    what = f"funding of {symbol} over {_bars(bars)}"
    series = market.intraday.get(name) or market.daily.get(name)
    if series is None:
        return _Measured(values, what, missing_symbol_reason(market, name))
    there = ~np.isnan(series.prices)
    stamps, rates = series.closes[there], series.prices[there]
    begin, end = clock.closes[:-bars], clock.closes[bars:]
    width = series.bar_minutes * MINUTE
    start, stop = (np.searchsorted(stamps, each, side="right") for each in (begin, end))
    due = end // width - begin // width
    for row in np.flatnonzero((stop - start >= due) & (stop > start)):
        # Each window is summed by itself, so that no rounding of others decides about a sign.
        values[row + bars] = rates[start[row] : stop[row]].mean()
    return _Measured(values, what, "rates lack")


def _volatility(symbol: str, bars: int, market: Market, clock: Clock) -> _Measured:
    what = f"volatility of {symbol} over {_bars(bars)}"
    found = _closes(symbol, market, clock)
    if isinstance(found, str):
        return _Measured(np.full(len(clock), np.nan), what, found)
    closes, stale = found
    values = realised_volatility(closes, bars, bars_per_year(clock))
    values[stale] = np.nan
    return _Measured(values, what, "closes lack")


def _change(symbol: str, bars: int, market: Market, clock: Clock) -> _Measured:
    """Last close less the last one ``bars`` bars before; its sign is all that is asked for."""
    what = f"change of {symbol} over {_bars(bars)}"
    values = np.full(len(clock), np.nan)
    found = _closes(symbol, market, clock, levels=True)
    if isinstance(found, str):
        return _Measured(values, what, found)
    closes, stale = found
    last = np.maximum.accumulate(np.where(np.isnan(closes), -1, np.arange(len(closes))))
    carried = np.where((last >= 0) & ~stale, closes[np.maximum(last, 0)], np.nan)
    values[bars:] = carried[bars:] - carried[:-bars]
    return _Measured(values, what, "closes lack")


def _closes(
    symbol: str, market: Market, clock: Clock, *, levels: bool = False
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]] | str:
    """(T,) the symbol's own closes on the clock, none of them later than the clock's; or why not.

    The second array says where the last close that its market offered lacks. Of a symbol with
    daily and intraday bars the daily ones are read, which reach further back.
    """
    panel = build_panel(market, (symbol,), clock, sampling="previous")
    if not panel.columns:
        return missing_symbol_reason(market, symbol)
    intraday = panel.columns[0].basis == "intraday"
    series = market.intraday[symbol] if intraday else market.daily[symbol]
    if series.kind == "return" or (series.kind == "level" and not levels):
        return f"{symbol} is a {series.kind}, not a price"
    offered = panel.closes[0] != NO_BAR
    closes = np.where(offered, _at(series, panel.closes[0]), np.nan)
    last = np.maximum.accumulate(np.where(offered, np.arange(len(clock)), -1))
    stale = (last < 0) | np.isnan(closes[np.maximum(last, 0)])
    return closes, stale


def _at(series: PriceSeries, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(T,) price of the bar that closes at each instant, or less than its width before."""
    rows = np.searchsorted(series.closes, instants, side="right") - 1
    width = series.bar_minutes * MINUTE if series.frequency == "intraday" else 1
    fresh = (rows >= 0) & (instants - series.closes[np.maximum(rows, 0)] < width)
    return np.where(fresh, series.prices[np.maximum(rows, 0)], np.nan)


def _easings(workspace: Workspace, event_id: str) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """(n, 2) earliest and latest instants of the event's cuts, ascending; and what is left out."""
    instants, notes = [], []
    for occurrence in workspace.event(event_id).resolved_occurrences():
        if CUT not in occurrence.tags:
            continue
        try:
            news = event_instant(occurrence)
        except OutsideClock as outside:
            notes.append(f"not counted as easing: {outside.reason}")
            continue
        instants.append((news.earliest, news.latest))
    if not instants:
        notes.append(f"{event_id} has no occurrence tagged {CUT}: it never eases")
    return np.array(sorted(instants), dtype=np.int64).reshape(-1, 2), tuple(notes)


def _unknown_notes(measured: _Measured, clock: Clock) -> Iterator[str]:
    """One note per condition: the stretches in which it is not known, with their first days."""
    unknown = np.isnan(measured.values)
    if unknown.all():
        yield f"{measured.name} is never known: {measured.why}"
        return
    edges = np.flatnonzero(np.diff(unknown, prepend=False, append=False))
    stretches = [
        f"{clock.sessions[first]}" + (f" to {clock.sessions[end - 1]}" if end - first > 1 else "")
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    if stretches:
        more = f" and {len(stretches) - _SHOWN} more" if len(stretches) > _SHOWN else ""
        yield f"{measured.name} is not known {', '.join(stretches[:_SHOWN])}{more}: {measured.why}"


def _bars(count: int) -> str:
    return "1 bar" if count == 1 else f"{count} bars"
