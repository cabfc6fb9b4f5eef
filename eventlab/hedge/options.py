"""Puts by Black and Scholes, and a leg of puts on one leg of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.errors import UsageError
from eventlab.hedge.forecast import realised_volatility

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.definitions.strategy import PutDefinition
    from eventlab.hedge.types import Grid

__all__ = ["PutLeg", "black_scholes_put", "put_leg"]


def black_scholes_put(
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    volatility: npt.ArrayLike,
    rate: npt.ArrayLike = 0.0,
) -> npt.NDArray[np.float64]:
    """Value of a European put on an asset without dividends.

    K e^(-rT) N(-d2) - S N(-d1): the call of Black and Scholes (1973, eq. 13) less S - K e^(-rT).

    Parameters
    ----------
    spot, strike
        Price of the asset now and that at which it may be sold, not negative.
    years
        Until expiry; at 0 the value is exactly ``max(strike - spot, 0)``.
    volatility
        Per year, in decimals; at 0 the value is exactly ``max(strike * e^(-rT) - spot, 0)``.
    rate
        Continuously compounded, per year, in decimals.

    Returns
    -------
    ndarray
        Of the shape that the arguments broadcast to, in the unit of ``spot``; never below the
        value without volatility. NaN where any argument is NaN.

    Raises
    ------
    UsageError
        An argument is infinite; or one other than ``rate`` is negative.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - few strategies hold puts

    terms = _terms(spot, strike, years, volatility, rate)
    floor = np.maximum(terms.discounted - terms.spot, 0.0)
    value = terms.discounted * ndtr(-terms.d2) - terms.spot * ndtr(-terms.d1)
    # Both products round: far from the strike their difference may fall short of the bound.
    return np.where(terms.certain, floor, np.maximum(value, floor))


class _Terms(NamedTuple):
    """Of the formula; ``certain`` where there is no time or volatility left and d1, d2 are none."""

    spot: npt.NDArray[np.float64]
    discounted: npt.NDArray[np.float64]
    d1: npt.NDArray[np.float64]
    d2: npt.NDArray[np.float64]
    certain: npt.NDArray[np.bool_]


def _terms(
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    volatility: npt.ArrayLike,
    rate: npt.ArrayLike,
) -> _Terms:
    given = {"spot": spot, "strike": strike, "years": years, "volatility": volatility, "rate": rate}
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in given.items()}
    for name, values in arrays.items():
        bad = np.isinf(values) | ((values < 0) & (name != "rate"))
        if bad.any():
            bound = "must be finite" if name == "rate" else "must be finite and not negative"
            raise UsageError(f"{name} {np.atleast_1d(values[bad])[0]:g} {bound}")
    s, k, t, v, r = np.broadcast_arrays(*arrays.values())
    discounted = k * np.exp(-r * t)
    deviation = v * np.sqrt(t)
    certain = (deviation == 0) | (s == 0) | (k == 0)
    safe = np.where(certain, 1.0, deviation)
    ratio = np.log(np.where(certain, 1.0, s)) - np.log(np.where(certain, 1.0, k)) + r * t
    with np.errstate(over="ignore"):  # a deviation near the least float: d1 is infinite, rightly
        d1 = ratio / safe + 0.5 * safe
    return _Terms(s, discounted, d1, d1 - safe, certain)


@dataclass(frozen=True, slots=True)
class PutLeg:
    """Puts on one leg of a grid, a fresh put for each episode, as a column of prices.

    Attributes
    ----------
    symbol
        As in ``BTC put``.
    fills, marks
        (2T,) float64, as the grid's, in its unit of price per put on one share. Outside of the
        episodes fills are NaN and marks 0: no put exists that could be held.
    strikes
        (E,) float64 per episode; NaN where it has no put.
    volatilities
        (T,) float64 per year: implied at the close of each bar; NaN where history is too short.
    notes
        (E,) why an episode has no put; else an empty text.
    """

    symbol: str
    fills: npt.NDArray[np.float64]
    marks: npt.NDArray[np.float64]
    strikes: npt.NDArray[np.float64]
    volatilities: npt.NDArray[np.float64]
    notes: tuple[str, ...]


def put_leg(
    grid: Grid,
    leg: int,
    episodes: Sequence[tuple[int, int]],
    definition: PutDefinition,
    *,
    rate: npt.NDArray[np.float64] | float,
    periods: float,
) -> PutLeg:
    """Price a put per episode on a leg, on its own realised volatility plus a premium.

    Parameters
    ----------
    grid, leg
        T bars, and the column of the asset that may be sold.
    episodes
        (E) pairs of rows in order: the put is struck at the close of the first, at ``moneyness``
        times the mark there, and may be held to the close of the second; where the asset has no
        fill there, to its next close, so that a rolled exit has a price.
    definition
        The put expires at the close ``expiry`` bars after it was struck. Implied volatility is
        `realised_volatility` over ``lookback`` bars times 1 + ``premium``.
    rate
        Per year, continuously compounded, as known at each close: (T,) or one for all.
    periods
        Bars per year; the years left are the bars left over them. At an open the whole bar is
        left: its price moves by what the asset does, not by time.

    Returns
    -------
    PutLeg
        Timing: at the open of bar t volatility and rate are those of the close of t - 1, at its
        close those of t; where one of them gets lost on the way, the last one stands.
        Fills are NaN where the asset has none; marks carry the last fill of the episode on, first
        the value at which the put is struck. From expiry on the value is what it was worth there,
        ``max(strike - mark, 0)``. An episode has no put where at its first row history is too
        short, the rate unknown, or the put of the episode before still held.

    Raises
    ------
    UsageError
        A rate is infinite; ``periods`` is not positive.
    """
    realised = realised_volatility(grid.closes[:, leg], definition.lookback, periods)
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), (len(grid),))
    implied = realised * (1.0 + definition.premium)
    under = _Under(grid.fills[:, leg], grid.marks[:, leg], implied, rates, periods)
    strikes, notes, spans = np.full(len(episodes), np.nan), [], []
    held_until = -1
    for number, (first, last) in enumerate(episodes):
        why = "" if first > held_until else "the put of the episode before is still held"
        why = why or _why_none(under, first, definition)
        notes.append(
            why and f"no put on {grid.symbols[leg]} on {grid.clock.sessions[first]}: {why}"
        )
        if not why:
            held_until = _first_close(under.fills, last)
            strikes[number] = definition.moneyness * under.marks[2 * first + 1]
            spans.append(_Span(first, held_until, first + definition.expiry, strikes[number]))
    fills, marks = _priced(under, spans)
    return PutLeg(f"{grid.symbols[leg]} put", fills, marks, strikes, implied, tuple(notes))


class _Under(NamedTuple):
    """The leg below a put: (2T,) prices, (T,) implied volatility and rate by close."""

    fills: npt.NDArray[np.float64]
    marks: npt.NDArray[np.float64]
    implied: npt.NDArray[np.float64]
    rates: npt.NDArray[np.float64]
    periods: float


class _Span(NamedTuple):
    """One put: rows at whose close it is struck, last held and expires; its strike."""

    first: int
    last: int
    expiry: int
    strike: float


def _why_none(under: _Under, first: int, definition: PutDefinition) -> str:
    if np.isnan(under.implied[first]):
        return (
            f"its volatility needs closes over {definition.lookback} bars, in half of them at least"
        )
    return "the rate is not known" if np.isnan(under.rates[first]) else ""


def _first_close(fills: npt.NDArray[np.float64], row: int) -> int:
    """Row of the first close with a fill from ``row`` on, the last row where there is none."""
    there = np.flatnonzero(~np.isnan(fills[2 * row + 1 :: 2]))
    return row + int(there[0]) if len(there) else len(fills) // 2 - 1


def _priced(
    under: _Under, spans: Sequence[_Span]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Price the puts at all points at once: (2T,) fills and marks."""
    fills, marks = np.full(len(under.fills), np.nan), np.zeros(len(under.fills))
    if not spans:
        return fills, marks
    points = np.concatenate([np.arange(2 * one.first + 1, 2 * one.last + 2) for one in spans])
    lengths = [2 * (one.last - one.first) + 1 for one in spans]
    first, _, expiry, strike = (np.repeat(each, lengths) for each in zip(*spans, strict=True))
    known = points // 2 - (points % 2 == 0)  # the last close up to the point
    struck = points == 2 * first + 1
    spot = np.where(struck, under.marks[points], under.fills[points])
    left = np.maximum(expiry - known, 0) / under.periods
    # Where a put is struck everything is known, so that nothing is carried from one to the next.
    volatility, rates = _carried(under.implied[known]), _carried(under.rates[known])
    values = black_scholes_put(spot, strike, left, volatility, rates)
    ended = points >= 2 * expiry + 1
    values[ended] = np.maximum(strike[ended] - under.marks[2 * expiry[ended] + 1], 0.0)
    marks[points] = _carried(values)
    fills[points] = np.where(np.isnan(under.fills[points]), np.nan, values)
    return fills, marks


def _carried(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Each value, or where it is NaN the last one before it; the first is none."""
    rows = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return np.asarray(values[rows], dtype=np.float64)
