"""One series with another future: its bars up to an instant, and others behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.simulated_grid import stream
from eventlab.timeline.clock import ALWAYS_OPEN, exchange_schedule
from eventlab.timeline.types import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import PriceSeries

    Floats = npt.NDArray[np.float64]

__all__ = [
    "FuturePath",
    "bar_opens",
    "delayed_bars",
    "future_path",
    "known_bars",
    "scrambled_bars",
    "with_rows",
]

# The made-up part of a price: a jump at once, so that the first bar differs already, and a random
# walk of 3% a day, which overrules most trends within months.
_JUMP, _JUMP_SPREAD = 0.03, 0.02
_HOURLY: Final = 0.03 / 24**0.5
_VOLUME = 5.0  # log volume moves by so many times the log price
_LEVEL = 5.0  # rates around zero move by so many times their usual size


def bar_opens(series: PriceSeries) -> npt.NDArray[np.int64]:
    """(n,) UTC ns at which the bars of a series open.

    Intraday bars by their width, daily ones by their calendar: the open of the session that closes
    when the bar does (a day before, where no session closes then).
    """
    if series.frequency == "intraday":
        return series.closes - series.bar_minutes * MINUTE
    if series.calendar == ALWAYS_OPEN or not len(series.closes):
        return series.closes - DAY
    first, last = (series.sessions[end].astype(object) for end in (0, -1))
    clock = exchange_schedule(series.calendar, first, last)
    rows = np.minimum(np.searchsorted(clock.closes, series.closes), len(clock) - 1)
    there = clock.closes[rows] == series.closes
    return np.where(there, clock.opens[rows], series.closes - DAY)


def known_bars(series: PriceSeries, instant: int) -> int:
    """How many bars close at or before the instant."""
    return int(np.searchsorted(series.closes, instant, side="right"))


def with_rows(series: PriceSeries, rows: slice | npt.NDArray[np.intp]) -> PriceSeries:
    """Take some rows of everything."""
    return replace(
        series,
        closes=series.closes[rows],
        sessions=series.sessions[rows],
        prices=series.prices[rows],
        raw=series.raw[rows],
        volume=series.volume[rows],
        high=None if series.high is None else series.high[rows],
        low=None if series.low is None else series.low[rows],
        open=None if series.open is None else series.open[rows],
    )


@dataclass(frozen=True, slots=True)
class FuturePath:
    """The made-up part of a symbol's log prices, from an instant on, by the hour."""

    instant: int
    last: int
    jump: float
    walk: Floats

    def at(self, instants: npt.NDArray[np.int64]) -> Floats:
        """(n,) value at each instant; 0 up to the beginning."""
        hours = (instants - self.instant) / HOUR
        found = self.jump + np.interp(hours, np.arange(len(self.walk)), self.walk)
        return np.where(instants > self.instant, found, 0.0)


def future_path(symbol: str, instant: int, last: int, seed: int) -> FuturePath:
    """Draw the path until the symbol's last close; a longer one begins in the same way."""
    rng = stream(seed, "future", symbol)
    size, sign = abs(float(rng.standard_normal())), float(rng.choice((-1.0, 1.0)))
    steps = rng.standard_normal(max(last - instant, 0) // HOUR + 1) * _HOURLY
    walk = np.concatenate(([0.0], np.cumsum(steps)))
    return FuturePath(instant, last, sign * (_JUMP + _JUMP_SPREAD * size), walk)


def scrambled_bars(series: PriceSeries, path: FuturePath) -> PriceSeries:
    """Make up what closes after an instant; :func:`~eventlab.market.futures.scrambled`."""
    first = known_bars(series, path.instant)
    if first == len(series.closes):
        return series
    old = with_rows(series, slice(first, None))
    begun, closed = bar_opens(old), path.at(old.closes)
    by = _level_size(series)
    volume = old.volume * np.exp(_VOLUME * closed)
    if old.kind == "return":
        prices = (1.0 + old.prices) * np.exp(np.diff(closed, prepend=0.0)) - 1.0
        return _joined(series, first, replace(old, prices=prices, raw=prices, volume=volume))
    new = replace(
        old,
        prices=_moved(old.prices, closed, by),
        raw=_moved(old.raw, closed, by),
        # Of a bar that is under way the path is still zero at the open: it stays bit for bit.
        open=None if old.open is None else _moved(old.open, path.at(begun), by),
        volume=volume,
    )
    for row in np.flatnonzero(begun <= path.instant):
        _keep_ratio(new, int(row), _ratio(old, int(row)))
    extremes: list[Floats | None] = []
    for extreme, edge in ((old.high, np.fmax), (old.low, np.fmin)):
        before, after = _edge(old, edge), _edge(new, edge)
        extremes.append(None if extreme is None else _beyond(extreme, before, after, by))
    return _joined(series, first, replace(new, high=extremes[0], low=extremes[1]))


def delayed_bars(series: PriceSeries, instant: int, sessions: int) -> PriceSeries:
    """Delay what closes after an instant; :func:`~eventlab.market.futures.delayed`."""
    first = known_bars(series, instant)
    if first == len(series.closes):
        return series
    bars = sessions
    if series.frequency == "intraday":
        bars *= int(np.unique(series.sessions, return_counts=True)[1].max())
    old = with_rows(series, slice(first, None))
    price, raw = (0.0, 0.0) if series.kind == "return" else _standing(series, first)
    new = replace(
        old,
        prices=_later(old.prices, bars, price),
        raw=_later(old.raw, bars, raw),
        volume=_later(old.volume, bars, _last(series.volume[:first])),
        open=None if old.open is None else _later(old.open, bars, raw),
        high=None if old.high is None else _later(old.high, bars, raw),
        low=None if old.low is None else _later(old.low, bars, raw),
    )
    for row in np.flatnonzero(bar_opens(old) <= instant):
        if old.open is not None and new.open is not None:
            new.open[row] = old.open[row]
        _keep_ratio(new, int(row), _ratio(old, int(row)))
    return _joined(series, first, _widened(new))


def _standing(series: PriceSeries, first: int) -> tuple[float, float]:
    """Return the price and the unadjusted price that stood before a row; NaN for none."""
    price, raw = (_last(values[:first]) for values in (series.prices, series.raw))
    return price, price if np.isnan(raw) else raw


def _last(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else np.nan


def _later(values: Floats, bars: int, still: float) -> Floats:
    """Move the known values on by some of them: ``still`` comes first, or else the first of all."""
    places = np.flatnonzero(np.isfinite(values))
    found = values.copy()
    if len(places):
        first = values[places[0]] if np.isnan(still) else still
        found[places] = np.append(np.full(bars, first), values[places])[: len(places)]
    return found


def _widened(series: PriceSeries) -> PriceSeries:
    """Let highs and lows hold open and close."""
    sides = ((series.high, np.fmax), (series.low, np.fmin))
    high, low = (
        None if old is None else np.where(np.isnan(old), old, edge(old, _edge(series, edge)))
        for old, edge in sides
    )
    return replace(series, high=high, low=low)


def _level_size(series: PriceSeries) -> float:
    """Say what a level around zero is moved by per unit of the path; 0: values are multiplied."""
    known = series.prices[np.isfinite(series.prices)]
    if series.kind == "price" or not len(known) or known.min() > 0:
        return 0.0
    return _LEVEL * (float(np.median(np.abs(known))) or 1.0)


def _moved(values: Floats, path: Floats, by: float) -> Floats:
    return values + by * path if by else values * np.exp(path)


def _beyond(extreme: Floats, before: Floats, after: Floats, by: float) -> Floats:
    """Put an extreme as far from the new edge of open and close as it was from the old one.

    It stays where there is no edge, or where the old one was no price.
    """
    if by:
        return np.where(np.isnan(before), extreme, after + (extreme - before))
    usable = before > 0
    ratio = np.divide(extreme, before, out=np.ones_like(extreme), where=usable)
    return np.where(usable, after * ratio, extreme)


def _edge(series: PriceSeries, edge: np.ufunc) -> Floats:
    """(n,) higher or lower of open and close; NaN where there is neither."""
    return series.raw if series.open is None else np.asarray(edge(series.raw, series.open))


def _ratio(series: PriceSeries, row: int) -> float:
    """By how much the prices of a row are adjusted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(series.prices[row] / series.raw[row])


def _keep_ratio(series: PriceSeries, row: int, ratio: float) -> None:
    """Choose a row's price, within 1e-13 of what it is, so that price / raw is exactly ``ratio``.

    Adjusted opens are open x prices / raw; a product that rounds otherwise would change one that
    was known. Every second price or so has an unadjusted one that divides to the very ratio.
    """
    if series.kind != "price" or not np.isfinite(series.prices[row]):
        return
    if not np.isfinite(ratio) or ratio <= 0:
        series.raw[row] = np.nan  # there was no adjusted open, and there is none
        return
    tried = series.prices[row] * (1.0 + np.arange(256) * 2.0**-51)
    raw = tried / ratio
    fitting = np.flatnonzero(tried / raw == ratio)
    series.prices[row], series.raw[row] = tried[fitting[0]], raw[fitting[0]]


def _joined(series: PriceSeries, first: int, later: PriceSeries) -> PriceSeries:
    """Bars before ``first`` as they are, and what came of the others behind them."""

    def both(old: Floats | None, new: Floats | None) -> Floats | None:
        return None if old is None or new is None else np.concatenate((old[:first], new))

    return replace(
        series,
        prices=np.concatenate((series.prices[:first], later.prices)),
        raw=np.concatenate((series.raw[:first], later.raw)),
        volume=np.concatenate((series.volume[:first], later.volume)),
        high=both(series.high, later.high),
        low=both(series.low, later.low),
        open=both(series.open, later.open),
    )
