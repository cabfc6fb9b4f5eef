"""The same market with another future: cut off, made up or late, for audits of look-ahead.

In each, bars that close at or before an instant are bit for bit what they were. A bar that is
under way at the instant (it opened at or before it and closes after it) belongs to the future, but
for its open, which is known: :func:`scrambled` and :func:`delayed` keep it, also on the adjusted
scale, while :func:`truncated` has no bar to hold it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventlab.errors import UsageError
from eventlab.market.future_bars import (
    delayed_bars,
    future_path,
    known_bars,
    scrambled_bars,
    with_rows,
)
from eventlab.market.types import DataStamp
from eventlab.timeline.instants import event_instant, utc_text
from eventlab.timeline.types import OutsideClock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from eventlab.definitions import EventDefinition, Workspace
    from eventlab.definitions.occurrence import Occurrence, ResolvedOccurrence
    from eventlab.market.future_bars import FuturePath
    from eventlab.market.types import Market, PriceSeries

__all__ = ["delayed", "events_known", "scrambled", "truncated"]

_NEVER: Final = 2**63 - 1


def truncated(market: Market, instant: int) -> Market:
    """Return the market as its bars stood at an instant: what closes later is gone.

    Parameters
    ----------
    market
        Any; it stays as it is, and arrays are shared.
    instant
        UTC ns.

    Returns
    -------
    Market
        Every series, daily, intraday and further bars, rates and levels among them, ends with its
        last bar that closes at or before the instant. A bar that is under way is gone with its
        open. A symbol left without bars is in none of the mappings. The true effects and crises
        of a simulated market end there too; ``issues`` and ``refused`` are kept, which were found
        in whole files.
    """

    def cut(series: PriceSeries) -> PriceSeries | None:
        known = known_bars(series, instant)
        return with_rows(series, slice(0, known)) if known else None

    return _changed(market, instant, "truncated", cut)


def scrambled(market: Market, instant: int, seed: int) -> Market:
    """Return the market with made-up values in every bar that closes after an instant.

    Parameters
    ----------
    market
        Any; it stays as it is.
    instant
        UTC ns.
    seed
        0 or more. The same seed makes up the same values, whatever other symbols there are.

    Returns
    -------
    Market
        The same bars at the same times, NaN where there was NaN. After the instant a symbol's
        prices are multiplied by a path in time that begins with a jump of 3% or more and moves by
        3% a day: opens by its value at the open, closes at the close, so that daily and intraday
        bars of a symbol go on agreeing. Highs and lows keep their distance, in per cent, from the
        higher and lower of open and close; volumes change and stay what volumes are. A level moves
        in the same way, one that has been zero or below by sums in place of products; returns in
        decimals compound to the path.

        The open of a bar that is under way stays, and so does its adjusted open,
        open x prices / raw, bit for bit.

    Raises
    ------
    UsageError
        The seed is negative.
    """
    if seed < 0:
        raise UsageError(f"seed {seed}: must be 0 or more")
    paths: dict[str, FuturePath] = {}
    for series in _every(market):
        known = paths.get(series.symbol)
        last = int(series.closes[-1]) if len(series.closes) else instant
        if known is None or last > known.last:
            paths[series.symbol] = future_path(series.symbol, instant, last, seed)

    def change(series: PriceSeries) -> PriceSeries:
        return scrambled_bars(series, paths[series.symbol])

    return _changed(market, instant, f"scrambled with seed {seed}", change)


def delayed(market: Market, instant: int, sessions: int = 3) -> Market:
    """Return the market in which all that closes after an instant happens some sessions later.

    Parameters
    ----------
    market
        Any; it stays as it is.
    instant
        UTC ns.
    sessions
        1 or more: daily bars are delayed by so many bars, intraday ones by so many times the bars
        of their fullest day.

    Returns
    -------
    Market
        The same bars at the same times, NaN where there was NaN. After the instant the known
        values of each column are moved on among the bars that have one. In between a price, its
        open, high and low stand at the last known close, a level at its last value and volume at
        its last; a return is 0; where nothing was known, the first value to come stands in. The
        last ``sessions`` never come. Highs and lows are widened where they would no longer hold
        open and close.

        The open of a bar that is under way stays, and so does its adjusted open,
        open x prices / raw, bit for bit.

    Raises
    ------
    UsageError
        ``sessions`` is not positive.
    """
    if sessions < 1:
        raise UsageError(f"sessions {sessions}: must be 1 or more")
    what = f"delayed by {sessions} sessions"
    return _changed(market, instant, what, lambda series: delayed_bars(series, instant, sessions))


def events_known(
    workspace: Workspace, instant: int, tags: Collection[str] = ("scheduled",)
) -> Workspace:
    """Return the workspace as it was known at an instant: calendars, but not what came out.

    Parameters
    ----------
    workspace
        Any; it stays as it is.
    instant
        UTC ns. An occurrence of which only the day or session is known came out when its interval
        ends.
    tags
        Those that are known beforehand and stay.

    Returns
    -------
    Workspace
        Occurrences that came out later keep id, time, issuer and source, and lose title, facts,
        surprise and all other tags. That is right for what is scheduled; the times of shocks stay
        too, and a strategy that enters before one has seen it coming. Occurrences without a time
        (their exchange was closed) are taken for later ones.
    """
    events = {name: _event_known(one, instant, tags) for name, one in workspace.events.items()}
    return replace(workspace, events=events)


def _changed(
    market: Market, instant: int, what: str, change: Callable[[PriceSeries], PriceSeries | None]
) -> Market:
    """Put every series through ``change``; those that it makes None are left out."""
    daily = {name: one for name, old in market.daily.items() if (one := change(old)) is not None}
    intraday = {
        name: one for name, old in market.intraday.items() if (one := change(old)) is not None
    }
    bars = {
        name: tuple(one for old in every if (one := change(old)) is not None)
        for name, every in market.bars.items()
    }
    truth, crises = market.truth, market.crises
    if truth is not None:
        truth = truth[truth["instant"] <= instant].reset_index(drop=True)
    if crises is not None:
        past = tuple(one for one in crises.crises if one.start <= instant)
        crises = replace(crises, crises=past)
    said = f"{market.stamp.source}, {what} after {utc_text(instant)}"
    digest = hashlib.sha256(f"{market.stamp.fingerprint}|{what}|{instant}".encode())
    return replace(
        market,
        stamp=DataStamp(said, digest.hexdigest(), market.stamp.simulated),
        daily=daily,
        intraday=intraday,
        bars={name: every for name, every in bars.items() if every},
        truth=truth,
        crises=crises,
    )


def _every(market: Market) -> list[PriceSeries]:
    further = [one for every in market.bars.values() for one in every]
    return [*market.daily.values(), *market.intraday.values(), *further]


def _event_known(event: EventDefinition, instant: int, tags: Collection[str]) -> EventDefinition:
    times = {one.index: _latest(one) for one in event.resolved_occurrences()}
    kept = tuple(
        one if times.get(index, _NEVER) <= instant else _announced(one, tags)
        for index, one in enumerate(event.occurrences)
    )
    return event.model_copy(update={"occurrences": kept})


def _latest(occurrence: ResolvedOccurrence) -> int:
    try:
        return event_instant(occurrence).latest
    except OutsideClock:
        return _NEVER


def _announced(occurrence: Occurrence, tags: Collection[str]) -> Occurrence:
    known = tuple(tag for tag in occurrence.tags if tag in tags)
    nothing: dict[str, object] = {"title": None, "tags": known, "facts": {}, "surprise": {}}
    return occurrence.model_copy(update=nothing)
