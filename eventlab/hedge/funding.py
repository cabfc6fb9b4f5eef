"""What perpetuals pay: funding at its real times, and what is done where a rate lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError
from eventlab.hedge.leg_prices import last_price, leg_series
from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.instants import utc_text
from eventlab.timeline.types import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market, PriceSeries

__all__ = [
    "FUNDING",
    "Due",
    "Funding",
    "MissingFunding",
    "RolledRate",
    "expand_names",
    "funding_paid",
    "missing_intervals",
    "perpetual_symbols",
    "require_funding",
    "rolled_rates",
    "unknown_funding",
]

FUNDING = "-FUNDING"  # what the market calls the funding rates of a symbol
USUAL = 8 * HOUR  # between two rates, where no series says otherwise
FRESH = DAY  # a rate older than this is not known any more
COMMON = 0.05  # share of all steps between rates


class MissingFunding(DataError):  # noqa: N818 - the name that its users look for
    """A perpetual was held over a time at which funding was due and its rate is not in the data."""

    def __init__(self, symbol: str, due: int, message: str) -> None:
        self.symbol = symbol
        self.due = due
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Due:
    """The n times at which one leg's funding was due and is not known.

    Attributes
    ----------
    at
        (n,) int64 UTC ns, ascending.
    points
        (n,) int64: the point at which the interval ends that holds each.
    rates, rates_at
        (n,): the last rate known before, per interval, and when it was; NaN and `NO_BAR` where
        there was none.
    """

    at: npt.NDArray[np.int64]
    points: npt.NDArray[np.int64]
    rates: npt.NDArray[np.float64]
    rates_at: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RolledRate:
    """A rate that was charged again in place of one that lacks."""

    symbol: str
    due: int
    rate: float
    rate_at: int


@dataclass(frozen=True, slots=True)
class Funding:
    """Funding of the A legs of a grid at its 2T points.

    Attributes
    ----------
    paid
        (2T, A) float64: money that a long position of one share pays in the interval that ends at
        the point, which begins after the instant of the point before. 0 for other legs.
    known
        (2T, A) bool: whether every rate that was due in the interval is in the data.
    rolled
        (2T, A) float64: as ``paid``, but the last known rate is charged where one lacks.
    missing
        (A,) per leg the rates that lack; none for legs that are no perpetuals.
    perpetual
        (A,) bool: which legs pay funding.
    first, last
        (A,) int64 UTC ns: first and last rate in the data, `NO_BAR` where there is none.
    last_before
        (T, A) int64: when the last rate at or before the close of each bar was; `NO_BAR` if none.
    """

    paid: npt.NDArray[np.float64]
    known: npt.NDArray[np.bool_]
    rolled: npt.NDArray[np.float64]
    missing: tuple[Due, ...]
    perpetual: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    last_before: npt.NDArray[np.int64]


def perpetual_symbols(
    strategy: StrategyDefinition, market: Market, symbols: Iterable[str]
) -> tuple[str, ...]:
    """Name the legs that are perpetuals: those the strategy says, else all that never close.

    Raises
    ------
    UsageError
        ``costs.perpetuals`` names a group that the workspace does not have.
    """
    costs = strategy.costs
    if costs.funding == "none":
        return ()
    if costs.perpetuals is not None:
        named = expand_names(market, costs.perpetuals)
        return tuple(symbol for symbol in dict.fromkeys(symbols) if symbol in named)
    return tuple(symbol for symbol in dict.fromkeys(symbols) if _never_closes(market, symbol))


def expand_names(market: Market, names: Iterable[str]) -> tuple[str, ...]:
    """Resolve symbols and groups by the workspace that the prices were loaded for.

    Without a workspace names stand for themselves.
    """
    if market.workspace is None:
        return tuple(names)
    return market.workspace.expand(names)


def funding_paid(market: Market, grid: Grid, symbols: Sequence[str]) -> Funding:
    """Sum the funding of a long position of one share over the intervals of a grid.

    A rate of ``<SYMBOL>-FUNDING``, in decimals per interval of its own, is paid at its stamp on
    the leg's latest own price at or before it. Rates are due at the widest of the series' common
    spacings; every 8 hours from midnight UTC where there is no series.

    Parameters
    ----------
    symbols
        Which legs of the grid are perpetuals.

    Returns
    -------
    Funding
        An interval without a due rate is known. A leg without a price yet is not.

    Raises
    ------
    DataError
        A perpetual has no prices in the market.
    """
    shape, bars = grid.fills.shape, len(grid)
    paid, rolled = np.zeros(shape), np.zeros(shape)
    known = np.ones(shape, dtype=np.bool_)
    first, last = (np.full(shape[1], NO_BAR) for _ in range(2))
    last_before = np.full((bars, shape[1]), NO_BAR)
    missing = []
    for leg, symbol in enumerate(grid.symbols):
        if symbol not in symbols:
            missing.append(_due_at(_NONE, _Rates.none(), _NONE))
            continue
        rates = _rates(market, symbol)
        stamped = _stamped(market, symbol, grid, rates)
        paid[:, leg], known[:, leg] = stamped
        gaps = _gaps(rates, grid.instants)
        missing.append(gaps)
        known[gaps.points, leg] = False
        extra = gaps.rates * last_price(market, symbol, gaps.at)
        rolled[:, leg] = paid[:, leg] + _by_point(gaps.points, np.nan_to_num(extra), shape[0])
        if len(rates.at):
            first[leg], last[leg] = rates.at[0], rates.at[-1]
            before = np.searchsorted(rates.at, grid.clock.closes, side="right") - 1
            last_before[:, leg] = np.where(before >= 0, rates.at[before], NO_BAR)
    return Funding(
        paid=paid,
        known=known,
        rolled=rolled,
        missing=tuple(missing),
        perpetual=np.isin(np.array(grid.symbols), np.array(symbols, dtype=str)),
        first=first,
        last=last,
        last_before=last_before,
    )


def missing_intervals(funding: Funding, grid: Grid) -> npt.NDArray[np.bool_]:
    """Whether a perpetual's rate is unknown at the close of each bar: none in the last 24 hours.

    Returns
    -------
    ndarray
        (T, A) bool, False for legs that are no perpetuals. Uses nothing after the close.
    """
    old = funding.last_before < grid.clock.closes[:, None] - FRESH
    return old & funding.perpetual


def unknown_funding(setting: Setting, row: int) -> tuple[str, str] | None:
    """Name a perpetual without a funding rate in the 24 hours before a close, and say so.

    Only of the legs that had a price by then; what comes after the close is not looked at.
    """
    grid, funding = setting.grid, setting.funding
    close = int(grid.clock.closes[row])
    for leg in np.flatnonzero(funding.perpetual & setting.fresh[row]):
        last = int(funding.last_before[row, leg])
        if last < close - FRESH:
            symbol = grid.symbols[leg]
            when = "there is none before" if last == NO_BAR else f"the last is of {utc_text(last)}"
            return symbol, (
                f"no funding rate of {symbol} in the 24 hours before {utc_text(close)}, when its "
                f"entry is decided ({when})"
            )
    return None


def require_funding(
    funding: Funding, grid: Grid, shares: npt.NDArray[np.float64], *, rolled: bool = False
) -> None:
    """Refuse a run that held a perpetual over a rate that is not known.

    Parameters
    ----------
    shares
        (2T, A): positions after the orders of each point; they are held until the next one.
    rolled
        Whether a rate that lacks is replaced by the last known one: then only one that has none
        before it is refused.

    Raises
    ------
    MissingFunding
        With the first rate that lacks, and what to do.
    """
    for leg, due in enumerate(funding.missing):
        lacking = _held(due, shares[:, leg]) & (np.isnan(due.rates) | (not rolled))
        if lacking.any():
            place = int(np.flatnonzero(lacking)[0])
            raise _refusal(grid.symbols[leg], due, place, int(np.count_nonzero(lacking)))


def rolled_rates(
    funding: Funding, grid: Grid, shares: npt.NDArray[np.float64]
) -> tuple[RolledRate, ...]:
    """List every rate that was charged in place of one that lacks, in order of leg and time."""
    found = []
    for leg, due in enumerate(funding.missing):
        for place in np.flatnonzero(_held(due, shares[:, leg]) & ~np.isnan(due.rates)):
            rate, rate_at = float(due.rates[place]), int(due.rates_at[place])
            found.append(RolledRate(grid.symbols[leg], int(due.at[place]), rate, rate_at))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Rates:
    """The known rates of one perpetual and when they are; ``spacing`` and ``phase`` in ns."""

    at: npt.NDArray[np.int64]
    rates: npt.NDArray[np.float64]
    spacing: int
    phase: int

    @classmethod
    def none(cls) -> _Rates:
        return cls(_NONE, np.empty(0), USUAL, 0)


_NONE: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)


def _never_closes(market: Market, symbol: str) -> bool:
    return any(
        one is not None and one.calendar == ALWAYS_OPEN for one in leg_series(market, symbol)
    )


def _rates(market: Market, symbol: str) -> _Rates:
    name = symbol + FUNDING
    series: PriceSeries | None = market.intraday.get(name, market.daily.get(name))
    if series is None or not np.isfinite(series.prices).any():
        return _Rates.none()
    there = np.isfinite(series.prices)
    at = series.closes[there]
    minutes = (at + MINUTE // 2) // MINUTE  # exchanges stamp some milliseconds late
    spacing = _widest(np.diff(minutes), series.bar_minutes)
    phase = _commonest(minutes % spacing)
    return _Rates(at, series.prices[there], spacing * MINUTE, phase * MINUTE)


def _widest(steps: npt.NDArray[np.int64], usual: int) -> int:
    """Widest of the common steps: exchanges shorten the interval of a token when it is volatile."""
    values, counts = np.unique(steps, return_counts=True)
    common = values[(counts > 1) & (counts >= COMMON * len(steps))]
    return int(common[-1]) if len(common) else usual


def _commonest(values: npt.NDArray[np.int64]) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[np.argmax(counts)])


def _stamped(
    market: Market, symbol: str, grid: Grid, rates: _Rates
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Money paid by point (2T,), and whether every rate met a price."""
    points = np.searchsorted(grid.instants, rates.at)
    inside = (points > 0) & (points < len(grid.instants))
    points = points[inside]
    money = rates.rates[inside] * last_price(market, symbol, rates.at[inside])
    known = np.ones(len(grid.instants), dtype=np.bool_)
    known[points[np.isnan(money)]] = False
    return _by_point(points, np.nan_to_num(money), len(known)), known


def _gaps(rates: _Rates, instants: npt.NDArray[np.int64]) -> Due:
    """Find the times inside the grid at which a rate was due and is not there."""
    if not len(instants):
        return _due_at(_NONE, rates, instants)
    first = (int(instants[0]) - rates.phase) // rates.spacing + 1
    last = (int(instants[-1]) - rates.phase) // rates.spacing
    numbers = np.arange(first, last + 1, dtype=np.int64)
    ahead = (rates.at - rates.phase + MINUTE) % rates.spacing
    served = (rates.at - rates.phase + MINUTE)[ahead <= 2 * MINUTE] // rates.spacing
    return _due_at(
        numbers[~np.isin(numbers, served)] * rates.spacing + rates.phase, rates, instants
    )


def _due_at(at: npt.NDArray[np.int64], rates: _Rates, instants: npt.NDArray[np.int64]) -> Due:
    before = np.searchsorted(rates.at, at) - 1
    return Due(
        at,
        np.searchsorted(instants, at),
        np.append(rates.rates, np.nan)[before],
        np.append(rates.at, NO_BAR)[before],
    )


def _by_point(
    points: npt.NDArray[np.int64], money: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """Sum what falls into each point's interval, in order of time: (count,)."""
    return np.bincount(points, weights=money, minlength=count).astype(np.float64)


def _held(due: Due, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    held: npt.NDArray[np.bool_] = shares[due.points - 1] != 0.0
    return held


def _refusal(symbol: str, due: Due, place: int, count: int) -> MissingFunding:
    at = int(due.at[place])
    further = f" (and {count - 1} more)" if count > 1 else ""
    if np.isnan(due.rates[place]):
        remedy = "there is none before it either: costs.funding: none, or costs.perpetuals"
        remedy += f" without {symbol}, goes without"
    else:
        remedy = (
            f"say missing: roll to charge the last known rate again ({due.rates[place]:g} of "
            f"{utc_text(int(due.rates_at[place]))}), or costs.funding: none"
        )
    return MissingFunding(
        symbol,
        at,
        f"{symbol}: funding was due on {utc_text(at)}{further} while it was held, and "
        f"{symbol}{FUNDING} has no rate; {remedy}",
    )
