"""Prices of a symbol along a window of a claim, at the closes of a calendar, and between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eventlab.claims.types import Untestable
from eventlab.market.panel import equal_at, nearest_rows, open_at, own_clock
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.windows import Window
    from eventlab.definitions.claim import PriceKind
    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

__all__ = ["OWN_CLOSE", "Bars", "Track", "bars_between", "every_series", "extreme_bars", "track"]

OWN_CLOSE: Final = "own close"
NEAREST: Final = "nearest own close"
# Adjusted closes are rounded: what is less is no dividend.
DIVIDEND: Final = 1e-5
# No exchange of the data is closed for longer.
CLOSED: Final = 5 * DAY
# No dividend is a fifth of a price: an adjustment by more within one session is a split.
SPLIT: Final = float(np.log(1.25))


@dataclass(frozen=True, slots=True)
class Track:
    """One symbol at the closes of a window.

    Attributes
    ----------
    adjusted, quoted
        (n + 1,) float64: prices with and without dividends, at the close of the base and of every
        row after it; NaN where there is none. For a ``return`` an index that starts at 1.
    basis
        How they are sampled: ``own close``, ``60-minute bars`` that close with the session,
        ``last own close`` or ``nearest own close``.
    begin, end
        UTC ns: closes of the base and of the last row.
    """

    symbol: str
    kind: Literal["price", "level", "return"]
    adjusted: npt.NDArray[np.float64]
    quoted: npt.NDArray[np.float64]
    basis: str
    series: PriceSeries
    begin: int
    end: int

    def prices(self, kind: PriceKind) -> npt.NDArray[np.float64]:
        """(n + 1,): adjusted for ``total``, as quoted otherwise."""
        return self.adjusted if kind == "total" else self.quoted

    def total(self, kind: PriceKind) -> float:
        """Change from the base to the last close, a decimal; of a level the difference over 100."""
        prices = self.prices(kind)
        return _change(self.kind, float(prices[0]), float(prices[-1]))

    def steps(self, kind: PriceKind) -> npt.NDArray[np.float64]:
        """(n,): change from each close to the next; NaN beside a price that is missing."""
        prices = self.prices(kind)
        if self.kind == "level":
            return np.diff(prices) / 100.0
        return prices[1:] / prices[:-1] - 1.0

    @property
    def pays(self) -> bool:
        """Whether prices with dividends changed otherwise than those without."""
        return abs(self.total("total") - self.total("close")) > DIVIDEND


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one symbol that close within a stretch of time, oldest first.

    Attributes
    ----------
    closes
        (n,) int64 UTC ns.
    high, low, close
        (n,) float64, as quoted. A bar without extremes has its close in their place; ``filled``
        says how many.
    before
        Close of the last bar at or before the beginning; NaN where there is none.
    minutes
        Width of the bars; 1440 for daily ones.
    """

    closes: npt.NDArray[np.int64]
    high: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    close: npt.NDArray[np.float64]
    before: float
    minutes: int
    filled: int
    origin: str

    def __len__(self) -> int:
        return len(self.closes)

    @property
    def words(self) -> str:
        """The bars in words, as in ``60-minute bars``."""
        return _bar_words(self.minutes)


def track(bench: Bench, symbol: str, clock: Clock, window: Window) -> Track:
    """Sample one symbol at the closes of the rows of a window, its base among them.

    Of daily and intraday prices those are taken that have both ends, then those that have more of
    the rows, then own closes before bars before the nearest close: never a mixture.

    Parameters
    ----------
    clock, window
        Rows ``window.base`` to ``window.last``. On ``24/7`` a symbol with an exchange has the
        price of its last session that closed by then; on an exchange's clock one that never
        closes has that of bars that close with the session, or of the own close nearest to it, at
        most 12 hours away.

    Raises
    ------
    Untestable
        There are no prices of the symbol in the market, or none at one of the two ends.
    """
    instants = clock.closes[window.base : window.last + 1]
    tracks = [
        _sampled(series, clock, instants)
        for held in (bench.market.daily, bench.market.intraday)
        if (series := held.get(symbol)) is not None
    ]
    if not tracks:
        raise Untestable(bench.lacking(symbol))
    best = max(tracks, key=_worth)
    for row, day in ((0, window.first_day), (-1, window.last_day)):
        if not np.isfinite(best.quoted[row]):
            raise Untestable(f"no price of {symbol} at the close of {day}")
    return best


def every_series(market: Market, symbol: str) -> tuple[PriceSeries, ...]:
    """All series of one symbol, those with the narrowest bars first."""
    found = (
        market.daily.get(symbol),
        market.intraday.get(symbol),
        *market.bars.get(symbol, ()),
    )
    held = [each for each in found if each is not None]
    return tuple(sorted(held, key=lambda each: each.bar_minutes))


def bars_between(series: PriceSeries, clock: Clock, begin: int, end: int) -> Bars:
    """Bars of a series that close after ``begin`` and not after ``end``, inside own sessions.

    ``clock`` says how far own sessions have to be laid out. Bars without a price are left out.
    """
    inside = np.isfinite(series.raw) & (series.closes <= end)
    if series.frequency == "intraday" and series.calendar != ALWAYS_OPEN:
        inside &= open_at(own_clock(series, clock), series.closes)
    earlier = np.flatnonzero(inside & (series.closes <= begin))
    rows = np.flatnonzero(inside & (series.closes > begin))
    close = series.raw[rows]
    bare = np.full(len(rows), np.nan)
    high = bare if series.high is None else series.high[rows]
    low = bare if series.low is None else series.low[rows]
    filled = ~(np.isfinite(high) & np.isfinite(low))
    return Bars(
        closes=series.closes[rows],
        high=np.where(filled, close, high),
        low=np.where(filled, close, low),
        close=close,
        before=float(series.raw[earlier[-1]]) if len(earlier) else np.nan,
        minutes=series.bar_minutes,
        filled=int(np.count_nonzero(filled)),
        origin=series.origin,
    )


def extreme_bars(bench: Bench, sampled: Track, clock: Clock) -> Bars:
    """Bars with a high and a low between the ends of a track: its own, else the symbol's finest.

    Raises
    ------
    Untestable
        No bars with highs and lows reach from one end to the other.
    """
    # The own close nearest to a session belongs to a bar that began or ends outside of the window.
    own = [] if sampled.basis == NEAREST else [sampled.series]
    if sampled.kind == "return":
        own = []
    others = every_series(bench.market, sampled.symbol)
    for series in (*own, *(each for each in others if each.frequency == "intraday")):
        bars = bars_between(series, clock, sampled.begin, sampled.end)
        if len(bars) > bars.filled and _whole(bars, sampled):
            return bars
    raise Untestable(f"no highs and lows of {sampled.symbol} over the whole window")


def _whole(bars: Bars, sampled: Track) -> bool:
    """Whether bars reach from one end of a track to the other, but for days without trade."""
    late, early = bars.closes[0] - sampled.begin, sampled.end - bars.closes[-1]
    return bool(max(late, early) <= CLOSED)


def _sampled(series: PriceSeries, clock: Clock, instants: npt.NDArray[np.int64]) -> Track:
    rows, basis = _rows(series, clock, instants)
    adjusted, quoted = np.full((2, len(instants)), np.nan)
    there = rows >= 0
    adjusted[there], quoted[there] = series.prices[rows[there]], series.raw[rows[there]]
    if series.kind == "return":
        adjusted = quoted = _index(adjusted)
    elif _splits(adjusted, quoted):
        quoted = np.full(len(instants), np.nan)
    begin, end = int(instants[0]), int(instants[-1])
    return Track(series.symbol, series.kind, adjusted, quoted, basis, series, begin, end)


def _rows(
    series: PriceSeries, clock: Clock, instants: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], str]:
    """Row of the series for each instant, -1 where there is none, and how it was found."""
    own = own_clock(series, clock)
    if series.frequency == "intraday":
        rows = np.searchsorted(series.closes, instants, side="right") - 1
        before = series.closes[np.maximum(rows, 0)] if len(series.closes) else instants
        fresh = (rows >= 0) & (instants - before < series.bar_minutes * MINUTE)
        return np.where(fresh & open_at(own, instants), rows, -1), _bar_words(series)
    if series.calendar == clock.code:
        closes, there, basis = instants, np.ones(len(instants), dtype=np.bool_), OWN_CLOSE
    else:
        if clock.code == ALWAYS_OPEN:
            places = np.searchsorted(own.closes, instants, side="right") - 1
            basis = "last own close"
        else:
            places = nearest_rows(own.closes, instants)
            basis = NEAREST
        there = places >= 0
        closes = own.closes[places] if len(own) else instants
    rows = np.searchsorted(series.closes, closes)
    return np.where(there & equal_at(series.closes, rows, closes), rows, -1), basis


def _worth(each: Track) -> tuple[bool, int, int]:
    there = np.isfinite(each.quoted)
    ranks = {OWN_CLOSE: 2, _bar_words(each.series): 1}
    return bool(there[0] and there[-1]), int(there.sum()), ranks.get(each.basis, 0)


def _index(returns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n + 1,): what one unit of money has become, from a base of 1; NaN from a gap on."""
    return np.concatenate([[1.0], np.cumprod(1.0 + returns[1:])])


def _splits(adjusted: npt.NDArray[np.float64], quoted: npt.NDArray[np.float64]) -> bool:
    """Whether the close as quoted is cut by a split, so that its changes say nothing."""
    both = np.isfinite(adjusted) & np.isfinite(quoted) & (adjusted > 0) & (quoted > 0)
    factors = np.log(quoted[both] / adjusted[both])
    return bool((np.abs(np.diff(factors)) > SPLIT).any())


def _change(kind: str, first: float, last: float) -> float:
    return (last - first) / 100.0 if kind == "level" else last / first - 1.0


def _bar_words(given: PriceSeries | int) -> str:
    minutes = given if isinstance(given, int) else given.bar_minutes
    return "daily bars" if minutes == 1440 else f"{minutes}-minute bars"
