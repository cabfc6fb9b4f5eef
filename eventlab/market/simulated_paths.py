"""Prices of one symbol of the simulated market, from the common factors and its own noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.simulated_factors import Clustering, day_scales
from eventlab.market.simulated_grid import (
    DAYS,
    FIRST_DAY,
    HOURLY_FROM,
    HOURS,
    ORIGIN,
    activity,
    hour_close,
    segments,
    stream,
)
from eventlab.market.simulated_news import effects
from eventlab.market.types import PriceSeries
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import DAY

if TYPE_CHECKING:
    from datetime import date
    from typing import Literal

    import numpy.typing as npt

    from eventlab.market.simulated_factors import Factors
    from eventlab.market.simulated_news import News
    from eventlab.market.simulated_symbols import SymbolModel

__all__ = ["Injection", "SymbolPaths", "World", "symbol_paths"]

_OWN_CLUSTERING = Clustering(persistence=0.95, deviation=0.35, dof=5.0)
_RATE_SWING = 15.0  # of a rate around its mean, in means
_LEVEL_REVERSION = 0.004  # per session: half-life of 173 sessions
_WORST_BAR = -0.9  # no bar loses more; a simple return under -1 would be no price
_FIRST_HOURLY = 24 * (HOURLY_FROM - FIRST_DAY).days
ORIGIN_OF_PRICES = "simulated"


@dataclass(frozen=True, slots=True)
class World:
    """What all symbols share; ``known`` keeps what has been summed up for one of them."""

    news: News
    factors: Factors
    seed: int
    known: dict[tuple[str, str, str], npt.NDArray[np.float64]] = field(default_factory=dict)

    def sums(self, calendar: str, factor: str) -> npt.NDArray[np.float64]:
        """(S,) return of a factor over each session, from the close before on."""
        key = ("session", calendar, factor)
        if key not in self.known:
            self.known[key] = segments(calendar).sums(self.factors.returns[factor])
        return self.known[key]

    def sums_to_open(self, calendar: str, factor: str) -> npt.NDArray[np.float64]:
        """(S,) return of a factor from the close before each session to its open."""
        key = ("night", calendar, factor)
        if key not in self.known:
            self.known[key] = segments(calendar).sums_to_open(self.factors.returns[factor])
        return self.known[key]

    def night_share(self, calendar: str) -> npt.NDArray[np.float64]:
        """(S,) share of a session's variance that has come at its open."""
        key = ("share", calendar, "")
        if key not in self.known:
            sessions, variance = segments(calendar), activity().equity
            self.known[key] = sessions.sums_to_open(variance) / sessions.sums(variance)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Injection:
    """True effects on one symbol.

    Attributes
    ----------
    rows
        (K,) rows of the news that reach a bar of the symbol.
    closes
        (K,) int64 UTC ns: close of the finest published bar that carries the effect.
    abnormal_returns
        (K,) float64, zeros included.
    """

    rows: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]
    abnormal_returns: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SymbolPaths:
    """The published series of one symbol; ``injection`` is None where no effect is defined."""

    daily: PriceSeries
    hourly: PriceSeries | None
    injection: Injection | None


@dataclass(frozen=True, slots=True)
class _Bars:
    """Where the bars of a symbol lie: all of them, from its first day on."""

    closes: npt.NDArray[np.int64]
    sessions: npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class _Moves:
    """Returns (n,) per session of the factors and the symbol itself; ``own`` is its own part.

    ``scale`` is the standard deviation of ``own`` given the session's volatility.
    """

    returns: npt.NDArray[np.float64]
    own: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]


def symbol_paths(model: SymbolModel, calendar: str, world: World) -> SymbolPaths:
    """Simulate one symbol on its own calendar.

    A symbol reads the factors and its own stream only, so that its prices are bit for bit the same
    whatever else is loaded. Prices carry 24 bits as a feed's do: differences in the last bit of
    ``exp`` between processors all but never reach them, and the fingerprint stays the same.
    """
    if model.behaviour in {"level", "rate"}:
        return SymbolPaths(_level(model, calendar, world), None, None)
    if model.behaviour == "volatility index":
        return SymbolPaths(_volatility_index(model, calendar, world), None, None)
    if calendar == ALWAYS_OPEN:
        return _around_the_clock(model, world)
    return _on_sessions(model, calendar, world)


def _around_the_clock(model: SymbolModel, world: World) -> SymbolPaths:
    """Hourly path; the daily bars are its values at UTC midnights."""
    first_day = max((model.listed - FIRST_DAY).days, 0)
    first = 24 * first_day
    weights = activity().crypto[first:]
    rng = stream(world.seed, "noise", model.symbol)
    draws = rng.standard_normal(HOURS - first) * np.sqrt(weights)
    volatility, tails = day_scales(rng, np.zeros(DAYS - first_day), _OWN_CLUSTERING)
    returns = draws * np.repeat(model.noise * volatility[:-1] * tails, 24)
    returns += model.drift * weights
    for name, loading in model.loadings.items():
        if loading != 0.0:
            returns += loading * world.factors.returns[name][first:]
    # The first day has no return, so that news of that day could not be seen.
    rows = np.flatnonzero(world.news.hours >= first + 24)
    own = effects(world.news, model, world.seed)[rows]
    np.add.at(returns, world.news.hours[rows] - first, own)
    prices = _prices(model.start, returns)
    before = np.concatenate((_rounded(np.array([model.start])), prices[:-1]))

    published = max(first, _FIRST_HOURLY)
    carried = np.where(
        world.news.hours[rows] >= published,
        hour_close(world.news.hours[rows]),
        ORIGIN + (world.news.hours[rows] // 24 + 1) * DAY,
    )
    days = np.arange(first_day, DAYS)
    hours = np.arange(published, HOURS)
    return SymbolPaths(
        _series(
            model, ALWAYS_OPEN, _bars(hour_close(24 * days + 23)), prices[23::24], before[::24]
        ),
        _series(
            model,
            ALWAYS_OPEN,
            _bars(hour_close(hours)),
            prices[published - first :],
            before[published - first :],
            minutes=60,
        ),
        Injection(rows, carried, own),
    )


def _bars(closes: npt.NDArray[np.int64]) -> _Bars:
    """Label bars with the UTC day in which they end, midnight counting to the day before."""
    return _Bars(closes, (closes - 1).astype("datetime64[ns]").astype("datetime64[D]"))


def _on_sessions(model: SymbolModel, calendar: str, world: World) -> SymbolPaths:
    """Daily path: each session's return is the sum of the factors' hours since the last close."""
    clock = segments(calendar).clock
    first = _first_session(clock.sessions, model.listed)
    moves = _common_and_own(model, calendar, world)
    returns = moves.returns + model.drift
    position = np.searchsorted(clock.closes, world.news.instants, side="right")
    rows = np.flatnonzero((position > first) & (position < len(clock)))
    own = effects(world.news, model, world.seed)[rows]
    np.add.at(returns, position[rows] - first, own)
    nights = _nights(model, calendar, world, moves)
    early = world.news.hours[rows] < segments(calendar).opening[position[rows]]
    np.add.at(nights, position[rows][early] - first, own[early])
    prices = _prices(model.start, returns)
    before = np.concatenate(([model.start], prices[:-1]))
    bars = _Bars(clock.closes[first:], clock.sessions[first:])
    return SymbolPaths(
        _series(
            model, calendar, bars, prices, _rounded(before * (1.0 + np.maximum(nights, _WORST_BAR)))
        ),
        None,
        Injection(rows, clock.closes[position[rows]], own),
    )


def _level(model: SymbolModel, calendar: str, world: World) -> PriceSeries:
    """Percent level whose log reverts to its mean, so that it stays positive; or a rate around it.

    A rate (of funding) lies below zero on about a fifth of its days.
    """
    clock = segments(calendar).clock
    first = _first_session(clock.sessions, model.listed)
    shocks = _common_and_own(model, calendar, world).returns
    kept = 1.0 - _LEVEL_REVERSION
    logs = np.fromiter(
        accumulate(shocks.tolist(), lambda state, shock: kept * state + shock), dtype=np.float64
    )
    bars = _Bars(clock.closes[first:], clock.sessions[first:])
    relative = 1.0 + _RATE_SWING * logs if model.behaviour == "rate" else np.exp(logs)
    return _series(model, calendar, bars, _rounded(model.start * relative))


def _volatility_index(model: SymbolModel, calendar: str, world: World) -> PriceSeries:
    """Index points: the market's volatility of the coming session, known at the close."""
    clock = segments(calendar).clock
    row = np.searchsorted(segments("XNYS").clock.closes, clock.closes, side="right") - 1
    expected = world.factors.expected_volatility[np.maximum(row, 0)]
    rng = stream(world.seed, "noise", model.symbol)
    wobble = np.exp(model.noise * rng.standard_normal(len(clock)))
    bars = _Bars(clock.closes, clock.sessions)
    return _series(model, calendar, bars, _rounded(model.start * expected * wobble))


def _nights(
    model: SymbolModel, calendar: str, world: World, moves: _Moves
) -> npt.NDArray[np.float64]:
    """Return of each session from the close before to its open, without the symbol's own news.

    The factors have their hours. Own noise is drawn per session: it is split as a random walk that
    ends where the session does (a Brownian bridge), with a stream of its own, so that no close
    depends on it.
    """
    first = len(segments(calendar).clock) - len(moves.own)
    share = world.night_share(calendar)[first:]
    draws = stream(world.seed, "open", model.symbol).standard_normal(len(share))
    nights = share * (moves.own + model.drift)
    nights += np.sqrt(share * (1.0 - share)) * moves.scale * draws
    for name, loading in model.loadings.items():
        if loading != 0.0:
            nights += loading * world.sums_to_open(calendar, name)[first:]
    return nights


def _common_and_own(model: SymbolModel, calendar: str, world: World) -> _Moves:
    """Sum loadings times factors, and own noise, per session from the first day on."""
    sessions = segments(calendar)
    first = _first_session(sessions.clock.sessions, model.listed)
    count = len(sessions.clock) - first
    rng = stream(world.seed, "noise", model.symbol)
    draws = rng.standard_normal(count)
    volatility, tails = day_scales(rng, np.zeros(count), _OWN_CLUSTERING)
    own = model.noise * draws * volatility[:-1] * tails
    returns = own.copy()
    for name, loading in model.loadings.items():
        if loading != 0.0:
            returns += loading * world.sums(calendar, name)[first:]
    return _Moves(returns, own, model.noise * volatility[:-1] * tails)


def _first_session(labels: npt.NDArray[np.datetime64], listed: date) -> int:
    return int(np.searchsorted(labels, np.datetime64(listed, "D")))


def _prices(start: float, returns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return _rounded(start * np.cumprod(1.0 + np.maximum(returns, _WORST_BAR)))


def _rounded(prices: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return prices.astype(np.float32).astype(np.float64)


def _series(
    model: SymbolModel,
    calendar: str,
    bars: _Bars,
    prices: npt.NDArray[np.float64],
    opens: npt.NDArray[np.float64] | None = None,
    *,
    minutes: int = 1440,
) -> PriceSeries:
    level = model.behaviour in {"level", "rate"}
    kind: Literal["price", "level"] = "level" if level else "price"
    prices = np.ascontiguousarray(prices)
    return PriceSeries(
        symbol=model.symbol,
        kind=kind,
        frequency="daily" if minutes == 1440 else "intraday",
        bar_minutes=minutes,
        calendar=calendar,
        closes=bars.closes,
        sessions=bars.sessions,
        prices=prices,
        raw=prices,
        volume=np.full(len(prices), np.nan),
        origin=ORIGIN_OF_PRICES,
        open=None if opens is None else np.ascontiguousarray(opens),
    )
