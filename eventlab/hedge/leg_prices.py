"""At which prices one leg can be traded on a clock that need not be its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError
from eventlab.market.panel import NEAREST_REACH, equal_at, nearest_rows, open_at, own_clock
from eventlab.market.sources import missing_symbol_reason
from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["LARGEST_BASIS", "LegPrices", "agreed", "last_price", "leg_prices", "leg_series"]

# Further apart than this at the same instant, two series are two instruments of one name.
LARGEST_BASIS = 0.1


@dataclass(frozen=True, slots=True)
class LegPrices:
    """One leg at the points of a clock.

    Attributes
    ----------
    opens, closes
        (T,) float64: prices of fills at the open and at the close of each bar; NaN: none.
    opened_at, closed_at
        (T,) int64 UTC ns: when those prices are; `NO_BAR` where there is none.
    trades
        (T,) bool: whether the leg's own market has a session inside the bar, by calendars.
    basis
        How the prices were taken, in words.
    """

    opens: npt.NDArray[np.float64]
    opened_at: npt.NDArray[np.int64]
    closes: npt.NDArray[np.float64]
    closed_at: npt.NDArray[np.int64]
    trades: npt.NDArray[np.bool_]
    basis: str


@dataclass(frozen=True, slots=True)
class _Fills:
    """Prices (n,) and when they are; NaN and `NO_BAR` where there is none."""

    prices: npt.NDArray[np.float64]
    at: npt.NDArray[np.int64]

    @classmethod
    def none(cls, n: int) -> _Fills:
        return cls(np.full(n, np.nan), np.full(n, NO_BAR))

    def where(self, kept: npt.NDArray[np.bool_]) -> _Fills:
        """Keep some of them."""
        return _Fills(np.where(kept, self.prices, np.nan), np.where(kept, self.at, NO_BAR))

    def take(self, places: npt.NDArray[np.intp]) -> _Fills:
        """Those at ``places``; -1: none."""
        if not len(self.at):
            return self.none(len(places))
        return _Fills(self.prices[places], self.at[places]).where(places >= 0)

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: whether there is a price."""
        return np.isfinite(self.prices)


def leg_series(market: Market, symbol: str) -> tuple[PriceSeries | None, PriceSeries | None]:
    """Daily and intraday prices of what is held as a leg.

    Raises
    ------
    DataError
        The market has no prices of it, or they are rates or returns, which nobody can buy.
    """
    daily, bars = market.daily.get(symbol), market.intraday.get(symbol)
    for one in (daily, bars):
        if one is not None and one.kind != "price":
            what = "a level (a rate, a spread or an index)" if one.kind == "level" else "returns"
            raise DataError(
                f"{symbol}: {one.origin} holds {what}, not prices; it cannot be bought or sold. "
                "Take an instrument that can, or say kind: price in universes/"
            )
    if daily is None and bars is None:
        raise DataError(missing_symbol_reason(market, symbol))
    return daily, bars


def leg_prices(market: Market, symbol: str, clock: Clock) -> LegPrices:
    """Put one leg on the opens and closes of a clock of T bars, from its own market's prices.

    - On the clock's own calendar: own open, adjusted as the close is, and own close.
    - A leg that never closes, on an exchange's clock: from intraday bars the first price of a bar
      that opens at or after the open and before the close, and the close of the bar that closes at
      the close or less than its width before it. Bars count from their first close in common with
      the daily ones on, and as long as such closes are within `LARGEST_BASIS`. Where no bar
      serves the close, the own daily close nearest to it does, at most 12 hours away and before
      the next bar opens; it may lie after the close. There is then no fill at the open.
    - An exchange's leg on the 24/7 clock: the session that closes inside the UTC day, at its real
      times; its open only where that lies inside the same day.
    - Any other pair of calendars: the session whose close is nearest, as for the daily closes
      above; its open only where that lies inside the bar.

    Timing: a fill at the open of bar t is at or after it and before its close. One at the close is
    after the fill at the open and before bar t + 1 opens. Both use nothing later than `opened_at`
    and `closed_at`, save that an open is adjusted by the factor of its own day's close.

    Raises
    ------
    DataError
        As `leg_series`.
    """
    daily, bars = leg_series(market, symbol)
    series = daily if daily is not None else bars
    assert series is not None  # noqa: S101 - leg_series has raised
    if series.calendar == ALWAYS_OPEN != clock.code:
        return _around_the_clock(daily, bars, clock)
    own = clock if series.calendar == clock.code else own_clock(series, clock)
    opens, closes = _daily_fills(series, own) if daily is not None else _bar_fills(series, own)
    if own is clock:
        words = "own open and close" if opens.there.any() else "own close"
        return _leg(opens, closes, np.ones(len(clock), np.bool_), words)
    if clock.code == ALWAYS_OPEN:
        places, words = _inside(own, clock), "own session inside the UTC day"
    else:
        places, words = _nearest(own.closes, clock), "nearest own close"
    opens = opens.take(places)
    inside = (opens.at >= clock.opens) & (opens.at < clock.closes)
    return _leg(opens.where(inside), closes.take(places), places >= 0, words)


def agreed(
    daily: PriceSeries | None, bars: PriceSeries, instants: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether intraday bars had been those of the daily instrument at each instant (n,), UTC ns.

    That is: the two have had a close at the same instant by then, and none was further apart than
    `LARGEST_BASIS`. True everywhere without daily prices. Uses nothing after the instants.
    """
    if daily is None:
        return np.ones(len(instants), dtype=np.bool_)
    rows = np.searchsorted(bars.closes, daily.closes)
    mine = np.flatnonzero(equal_at(bars.closes, rows, daily.closes))
    apart = np.abs(bars.prices[rows[mine]] / daily.prices[mine] - 1.0)
    mine, apart = mine[~np.isnan(apart)], apart[~np.isnan(apart)]
    near = np.append(np.logical_and.accumulate(apart <= LARGEST_BASIS), False)  # the last: none yet
    found: npt.NDArray[np.bool_] = near[
        np.searchsorted(daily.closes[mine], instants, side="right") - 1
    ]
    return found


def last_price(
    market: Market, symbol: str, instants: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Find the latest close of a leg at or before each instant (n,), UTC ns; NaN before the first.

    Of a leg that never closes, of a daily or an `agreed` intraday bar, whichever is later; the
    intraday one of two at the same time. Otherwise of daily bars, where there are any.

    Raises
    ------
    DataError
        As `leg_series`.
    """
    daily, bars = leg_series(market, symbol)
    if daily is not None and daily.calendar != ALWAYS_OPEN:
        bars = None  # it is not adjusted as daily closes are
    found = _Fills.none(len(instants)) if daily is None else _last_close(daily, instants)
    if bars is not None:
        finer = _last_close(bars, instants)
        finer = finer.where(agreed(daily, bars, finer.at))
        return np.where(finer.at >= found.at, finer.prices, found.prices)
    return found.prices


def _last_close(series: PriceSeries, instants: npt.NDArray[np.int64]) -> _Fills:
    priced = np.flatnonzero(np.isfinite(series.prices))
    places = np.searchsorted(series.closes[priced], instants, side="right") - 1
    return _Fills(series.prices[priced], series.closes[priced]).take(places)


def _leg(opens: _Fills, closes: _Fills, trades: npt.NDArray[np.bool_], words: str) -> LegPrices:
    closes = closes.where(closes.at >= opens.at)  # nobody trades back in time
    opens, closes = opens.where(opens.there), closes.where(closes.there)
    return LegPrices(opens.prices, opens.at, closes.prices, closes.at, trades, words)


def _daily_fills(series: PriceSeries, own: Clock) -> tuple[_Fills, _Fills]:
    """Take opens and closes of the own sessions from daily bars."""
    rows = np.searchsorted(series.closes, own.closes)
    held = np.where(equal_at(series.closes, rows, own.closes), rows, -1)
    closes = _Fills(series.prices, series.closes).take(held)
    if series.open is None:
        return _Fills.none(len(own)), closes
    adjusted = _Fills(series.open * (series.prices / series.raw), series.closes).take(held)
    return _Fills(adjusted.prices, own.opens).where(adjusted.there), closes


def _bar_fills(series: PriceSeries, clock: Clock) -> tuple[_Fills, _Fills]:
    """Take the first and last price inside each bar of the clock from narrower bars."""
    width = series.bar_minutes * MINUTE
    last = np.searchsorted(series.closes, clock.closes, side="right") - 1
    closes = _Fills(series.prices, series.closes).take(last)
    open_then = open_at(own_clock(series, clock), clock.closes)
    closes = closes.where(open_then & (clock.closes - closes.at < width) & (last >= 0))
    starts = series.closes - width
    # Without a first price the bar is known by its last one, when it closes.
    firsts, known = (series.prices, series.closes) if series.open is None else (series.open, starts)
    priced = np.flatnonzero(np.isfinite(firsts))
    first = np.append(priced, -1)[np.searchsorted(starts[priced], clock.opens)]
    opens = _Fills(firsts, known).take(first)
    return opens.where((opens.at >= clock.opens) & (opens.at < clock.closes)), closes


def _around_the_clock(
    daily: PriceSeries | None, bars: PriceSeries | None, clock: Clock
) -> LegPrices:
    """Prices of a leg that never closes, on an exchange's clock."""
    always = np.ones(len(clock), dtype=np.bool_)
    opens = closes = _Fills.none(len(clock))
    if bars is not None:
        opens, closes = _bar_fills(bars, clock)
        opens = opens.where(agreed(daily, bars, opens.at))
        closes = closes.where(agreed(daily, bars, closes.at))
    from_bars = closes.there
    if daily is not None:
        own = own_clock(daily, clock)
        _, ends = _daily_fills(daily, own)
        nearest = ends.take(_nearest(own.closes, clock))
        closes = _Fills(
            np.where(from_bars, closes.prices, nearest.prices),
            np.where(from_bars, closes.at, nearest.at),
        )
    words = "daily close nearest to the session's"
    if bars is not None and from_bars.any():
        words = _spliced(bars, clock, from_bars, closes.there)
    elif bars is not None and daily is not None:
        words += f"; bars of {bars.origin} agree with no daily close and are not used"
    return _leg(opens, closes, always, words)


def _nearest(own: npt.NDArray[np.int64], clock: Clock) -> npt.NDArray[np.intp]:
    """Row of the own close nearest to each of the clock's that comes before its next open."""
    places = nearest_rows(own, clock.closes)
    if not len(own) or not len(clock):
        return places
    pauses = clock.opens[1:] - clock.closes[:-1]
    pause = np.append(pauses, pauses.min() if len(pauses) else NEAREST_REACH)
    late = (places >= 0) & (own[places] >= clock.closes + pause)
    places = np.where(late, places - 1, places)
    used = np.append(-1, np.maximum.accumulate(places)[:-1])
    return np.where(places > used, places, -1)


def _inside(own: Clock, clock: Clock) -> npt.NDArray[np.intp]:
    """Row of the last own session that closes after each bar's open and by its close; -1: none."""
    places = np.searchsorted(own.closes, clock.closes, side="right") - 1
    if not len(own):
        return places
    return np.where((places >= 0) & (own.closes[places] > clock.opens), places, -1)


def _spliced(
    bars: PriceSeries,
    clock: Clock,
    from_bars: npt.NDArray[np.bool_],
    there: npt.NDArray[np.bool_],
) -> str:
    """Say where prices are of bars and where daily."""
    name = "hourly" if bars.bar_minutes == 60 else f"{bars.bar_minutes}-minute"
    rows = np.flatnonzero(from_bars)
    other = np.flatnonzero(there & ~from_bars)
    before, after = other < rows[0], other > rows[-1]
    between = int(np.count_nonzero(~before & ~after))
    when = [
        *(["before"] if before.any() else []),
        *([f"in {between} sessions between"] if between else []),
        *(["after"] if after.any() else []),
    ]
    text = f"{name} bars"
    if before.any() or between:
        text += f" from {clock.days[rows[0]]}"
    if after.any() or between:
        text += f" to {clock.days[rows[-1]]}"
    return f"{text}, daily closes {' and '.join(when)}" if when else text
