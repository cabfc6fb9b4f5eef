"""When a price first stood beyond a level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from eventlab.claims.joint_series import EXCHANGE
from eventlab.claims.price_baskets import FACT
from eventlab.claims.price_tracks import bars_between, every_series
from eventlab.claims.types import PRICE_WORDS, Measured, Reading, Untestable
from eventlab.claims.windows import place_window
from eventlab.market.panel import own_clock
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.instants import utc_text
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_tracks import Bars
    from eventlab.claims.windows import Window
    from eventlab.definitions.claim import ClaimDefinition, PriceKind, ReadingsDefinition
    from eventlab.definitions.questions import Question
    from eventlab.market.types import PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["first_crossing", "level_crossing"]

NEW_YORK: Final = ZoneInfo("America/New_York")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SIDES: Final = {"below": -1, "above": 1}


def level_crossing(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """First bar of a window in which a price crosses a level, and whether on the published day.

    A price crosses when it stood on the other side at the bar before: one that begins the window
    beyond the level has to come back first. With ``after_level`` it crosses in a later bar than
    the first that crossed that other level to the other side; a first one that reaches beyond both
    levels leaves it open.

    Returns
    -------
    tuple of Measured
        ``value`` is the price of the bar: its low (or high) where the bars' extremes are read, the
        literal reading as in ``fell below``, else its close; ``at`` the UTC instant at which the
        bar closes, ``note`` when it opened. Bars: hours, shorter ones, days; other bars where
        there are no hours. Days are those of UTC and of New York for what never closes, else
        sessions. NaN where it never crosses, which answers the statement, and where days of the
        window have no bars, which does not; such days before a crossing leave its day open.

        Timing: bars that close after the window's beginning and not after its end.

    Raises
    ------
    Untestable
        No level or direction, or no prices of the symbol.
    """
    claim = question.claim
    if claim.level is None or claim.direction is None:
        raise Untestable("the claim names no level and direction")
    symbol = bench.members(claim.symbols[0], question)[0]
    series = every_series(bench.market, symbol)
    if not series:
        raise Untestable(bench.lacking(symbol))
    # Hours first: they have the longest history, and are what commentary looks at.
    ranked = sorted(series, key=lambda one: (one.frequency == "daily", one.bar_minutes != 60))
    sections = [(True, claim.readings), (False, claim.beyond)]
    return tuple(
        _measured(question, stretch, one, price, within=within)
        for within, section in sections
        if within or section is not None
        for stretch in _stretches(question, bench, ranked[0], section)
        for one in ranked
        for price in (section and section.prices) or ("intraday", "close")
        # A UTC day's bar is of no New York day.
        if one.frequency != "daily" or isinstance(stretch, str) or stretch.zone is None
    )


def first_crossing(bars: Bars, level: float, side: int, *, extremes: bool, after: int = -1) -> int:
    """Row of the first bar later than ``after`` that crosses a level; -1 where none does.

    ``side`` is -1 for below and 1 for above; a price at the level is on neither side. The close
    before the bar must not be beyond the level, and is known: that of the bar before, or
    ``bars.before``. ``extremes``: whether a low or high is enough, or the close has to be beyond.
    """
    reached = bars.close if not extremes else bars.low if side < 0 else bars.high
    before = np.concatenate([[bars.before], bars.close[:-1]])
    crossed = (side * reached > side * level) & (side * before <= side * level)
    crossed[: after + 1] = False
    rows = np.flatnonzero(crossed)
    return int(rows[0]) if len(rows) else -1


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A window in time: after ``begin`` and up to ``end``, UTC ns; days end in ``zone``.

    ``zone`` None are the days of the symbol's own calendar, which end in UTC, or are sessions.
    """

    window: Window
    clock: Clock
    begin: int
    end: int
    zone: ZoneInfo | None = None

    @property
    def words(self) -> str:
        """Whose days they are."""
        if self.zone is not None:
            return "New York days"
        return "UTC days" if self.clock.code == ALWAYS_OPEN else self.clock.code

    def day(self, instant: int) -> str:
        """ISO day that a bar ending at an instant belongs to."""
        # A bar that closes at midnight belongs to the day that it ends.
        moment = EPOCH + timedelta(microseconds=(instant - 1) // 1000)
        return moment.astimezone(self.zone or UTC).date().isoformat()


def _stretches(
    question: Question, bench: Bench, series: PriceSeries, section: ReadingsDefinition | None
) -> Iterator[_Stretch | str]:
    """Yield every window of a section on every calendar's days, the claim's own first.

    In place of one that the data do not hold, the reason.
    """
    own = (ALWAYS_OPEN, EXCHANGE) if series.calendar == ALWAYS_OPEN else (series.calendar,)
    calendars = (section and section.calendars) or own
    windows = [question.claim.window, *((section and section.windows) or ())]
    for calendar, spec in product(calendars, windows):
        home = ALWAYS_OPEN if series.calendar == ALWAYS_OPEN else calendar
        clock = bench.clock(home)
        try:
            window = place_window(spec, question, clock)
        except Untestable as reason:
            yield str(reason)
            continue
        if home == calendar:
            begin, end = int(clock.closes[window.base]), int(clock.closes[window.last])
            yield _Stretch(window, clock, begin, end)
        else:
            begin, end = _midnight_after(window.first_day), _midnight_after(window.last_day)
            yield _Stretch(window, clock, begin, end, NEW_YORK)


def _measured(
    question: Question,
    stretch: _Stretch | str,
    series: PriceSeries,
    price: PriceKind,
    *,
    within: bool,
) -> Measured:
    if isinstance(stretch, str):
        return Measured(Reading(within=within), np.nan, "level", 0, note=stretch)
    claim = question.claim
    bars = bars_between(series, stretch.clock, stretch.begin, stretch.end)
    reading = Reading(
        price=PRICE_WORDS[price],
        window=stretch.window.words,
        calendar=stretch.words,
        detail=bars.words,
        first=stretch.window.first_day,
        last=stretch.window.last_day,
        within=within,
    )
    if not len(bars):
        note = f"no {bars.words} of {series.symbol} in the window"
        return Measured(reading, np.nan, "level", 0, note=note)
    try:
        row, note = _crossing(claim, bars, extremes=price == "intraday")
    except Untestable as reason:
        return Measured(reading, np.nan, "level", 0, note=str(reason))
    # What a day without a bar may have held nobody knows.
    lacking = _lacking(series, stretch, bars, stretch.end if row < 0 else int(bars.closes[row]))
    if row < 0:
        if lacking:
            return Measured(reading, np.nan, "level", len(bars), note=f"{note}, but {lacking}")
        return Measured(
            reading, np.nan, "level", len(bars), word="not crossed", holds=False, note=note
        )
    side, close = SIDES[str(claim.direction)], int(bars.closes[row])
    prices = bars.close if price != "intraday" else bars.low if side < 0 else bars.high
    day = stretch.day(close)
    return Measured(
        reading,
        float(prices[row]),
        "level",
        len(bars),
        interval=FACT,
        at=day if series.frequency == "daily" else utc_text(close),
        word=f"crossed on {day}",
        holds=claim.published is None or (None if lacking else claim.published == day),
        note=f"{note}, but {lacking} before" if lacking else note,
    )


def _lacking(series: PriceSeries, stretch: _Stretch, bars: Bars, until: int) -> str:
    """Say how many of a symbol's own days up to ``until`` have no bar; empty where all have."""
    own = own_clock(series, stretch.clock).closes
    due = own[(own > stretch.begin) & (own <= until)]
    rows = np.searchsorted(bars.closes, due, side="right")
    none = int((np.diff(rows, prepend=0) == 0).sum())
    has = "has" if none == 1 else "have"
    return f"{none} of {len(due)} days {has} no {bars.words}" if none else ""


def _crossing(claim: ClaimDefinition, bars: Bars, *, extremes: bool) -> tuple[int, str]:
    """Row of the bar that crosses as the claim says, or -1; and what happened, in words.

    Raises
    ------
    Untestable
        The bar that crosses the first level is beyond the second one as well.
    """
    assert claim.level is not None  # noqa: S101 - asked for above
    assert claim.direction is not None  # noqa: S101
    side, after, said = SIDES[claim.direction], -1, ""
    if claim.after_level is not None:
        other = "above" if side < 0 else "below"
        after = first_crossing(bars, claim.after_level, -side, extremes=extremes)
        if after < 0:
            return -1, f"never came to stand {other} {claim.after_level:,g} in the window"
        said = f"{other} {claim.after_level:,g} {_when(bars, after)}; "
        reached = bars.low[after] if side < 0 else bars.high[after]
        if extremes and side * reached > side * claim.level:
            raise Untestable(
                f"{said}{claim.direction} {claim.level:,g} in the same bar, in an order that it "
                "does not tell"
            )
    row = first_crossing(bars, claim.level, side, extremes=extremes, after=after)
    if row >= 0:
        return row, f"{said}{claim.direction} {claim.level:,g} {_when(bars, row)}"
    beyond = side * bars.before > side * claim.level
    already = ", where it stood before the window" if beyond else ""
    return -1, f"{said}never crossed to {claim.direction} {claim.level:,g}{already}"


def _when(bars: Bars, row: int) -> str:
    close = int(bars.closes[row])
    if bars.minutes == DAY // MINUTE:
        return f"in the daily bar of {np.datetime64(close - 1, 'ns').astype('datetime64[D]')}"
    return f"in the bar from {utc_text(close - bars.minutes * MINUTE)[:-4]} to {utc_text(close)}"


def _midnight_after(day: str) -> int:
    """UTC ns at which a day ends in New York."""
    following = date.fromisoformat(day) + timedelta(days=1)
    moment = datetime.combine(following, time(0), tzinfo=NEW_YORK)
    return int((moment - EPOCH) / timedelta(microseconds=1)) * 1000
