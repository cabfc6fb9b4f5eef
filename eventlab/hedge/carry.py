"""What it costs to trade and to hold each leg, from what a strategy file says and the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError
from eventlab.hedge.funding import expand_names, funding_paid, perpetual_symbols
from eventlab.hedge.impact import impact_notes, square_root_impact
from eventlab.hedge.types import Carry
from eventlab.market.sources import missing_symbol_reason
from eventlab.timeline.instants import utc_day
from eventlab.timeline.types import DAY

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.funding import Funding
    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market, PriceSeries

__all__ = ["BPS", "YEAR", "build_carry", "carry_notes"]

YEAR = 365.0  # nights, of borrow fees and interest
BPS = 1e-4
STALE_YIELD = 7 * DAY
LEAST_YIELD, MOST_YIELD = -10.0, 100.0  # percent; the bounds of a rate that the file states


def build_carry(
    strategy: StrategyDefinition, market: Market, grid: Grid, *, funding: Funding | None = None
) -> Carry:
    """Lay out the costs of every leg of a grid over its T bars.

    - Fee and slippage: in decimals of the traded value; ``by_symbol`` goes before what holds for
      all, a symbol by name before its group, a later group before an earlier one.
    - Funding of perpetuals: that of `funding_paid`; with ``missing: roll`` the last known rate
      is charged where one lacks.
    - Borrow at the open of bar t: price at the close of bar t - 1 x rate x nights / 365; a weekend
      has three nights. On a 24/7 clock every bar has one, charged at its open. Perpetuals need
      none.
    - Interest at the open of bar t: rate x nights / 365. Of a yield in percent the last value
      stamped before the close of bar t - 1, over 100; 0 before its first value.
    - Impact at both points of bar t: see `square_root_impact`.

    Parameters
    ----------
    funding
        That of the strategy's perpetuals, where it is at hand.

    Raises
    ------
    DataError
        A yield is not in the market, or a perpetual has no prices.
    UsageError
        ``by_symbol`` or ``perpetuals`` names a group that the workspace does not have.
    """
    costs = strategy.costs
    perpetuals = perpetual_symbols(strategy, market, grid.symbols)
    if funding is None:
        funding = funding_paid(market, grid, perpetuals)
    perpetual = funding.perpetual
    borrow = np.where(perpetual, 0.0, _per_leg(strategy, market, grid, "borrow_bps_per_year"))
    return Carry(
        fee=_per_leg(strategy, market, grid, "fee_bps"),
        slippage=_per_leg(strategy, market, grid, "slippage_bps"),
        impact=square_root_impact(market, grid, costs.impact),
        funding=funding.rolled if strategy.missing == "roll" else funding.paid,
        borrow=_borrow(grid, borrow),
        interest=_interest(strategy, market, grid),
        in_cash=np.where(perpetual, 0.0, 1.0),
    )


def carry_notes(
    strategy: StrategyDefinition, market: Market, grid: Grid, *, begun: int = 0
) -> tuple[str, ...]:
    """Say in words what the costs leave out: impact without volume, interest without a yield.

    ``begun`` is the point from which on interest is earned.
    """
    notes = impact_notes(market, grid) if strategy.costs.impact else ()
    if not isinstance(strategy.costs.interest, str):
        return notes
    series = _yield_series(strategy, market)
    due = np.flatnonzero(grid.nights)
    due = due[2 * due > begun]
    if not len(due):
        return notes
    first, last = series.closes[0], series.closes[-1]
    if first >= grid.instants[2 * due[0] - 1]:
        notes += (f"{series.symbol} begins on {utc_day(int(first))}: no interest before",)
    if grid.instants[-1] - last > STALE_YIELD:
        ended = utc_day(int(last))
        notes += (f"{series.symbol} ends on {ended}: its last value is used from then on",)
    return notes


def _per_leg(
    strategy: StrategyDefinition, market: Market, grid: Grid, key: str
) -> npt.NDArray[np.float64]:
    """Cost of each leg (A,), in decimals."""
    costs = strategy.costs
    found = dict.fromkeys(grid.symbols, float(getattr(costs, key)))
    # Groups first, so that what is said of a symbol itself prevails.
    for name in sorted(costs.by_symbol, key=lambda each: not each.startswith("@")):
        value = getattr(costs.by_symbol[name], key)
        if value is not None:
            found |= dict.fromkeys(expand_names(market, (name,)), float(value))
    return np.array([found[symbol] for symbol in grid.symbols]) * BPS


def _borrow(grid: Grid, rates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Money per share sold short, (2T, A): charged at opens on the mark of the close before."""
    charged = np.zeros_like(grid.marks)
    years = grid.nights[1:] / YEAR
    charged[2::2] = np.nan_to_num(grid.marks[1:-1:2]) * rates * years[:, None]
    return charged


def _interest(strategy: StrategyDefinition, market: Market, grid: Grid) -> npt.NDArray[np.float64]:
    """Interest in decimals of the cash, (2T,), at opens."""
    charged = np.zeros(len(grid.instants))
    said = strategy.costs.interest
    rates: float | npt.NDArray[np.float64]
    if isinstance(said, str):
        series = _yield_series(strategy, market)
        known = np.flatnonzero(np.isfinite(series.prices))
        places = np.searchsorted(series.closes[known], grid.instants[1:-1:2]) - 1
        # The appended value stands for the time before the first one.
        rates = np.append(series.prices[known], 0.0)[places] / 100.0
    else:
        rates = said
    charged[2::2] = rates * grid.nights[1:] / YEAR
    return charged


def _yield_series(strategy: StrategyDefinition, market: Market) -> PriceSeries:
    symbol = strategy.costs.interest
    assert isinstance(symbol, str)  # noqa: S101 - a number has no series
    series = market.daily.get(symbol, market.intraday.get(symbol))
    remedy = "Give costs.interest a rate in decimals, or a yield that the data hold"
    if series is None:
        raise DataError(f"costs.interest: {missing_symbol_reason(market, symbol)}. {remedy}")
    if series.kind == "return":
        raise DataError(f"costs.interest: {symbol} holds returns, no yield. {remedy}")
    beyond = np.flatnonzero((series.prices <= LEAST_YIELD) | (series.prices >= MOST_YIELD))
    if len(beyond):
        value, close = float(series.prices[beyond[0]]), int(series.closes[beyond[0]])
        raise DataError(
            f"costs.interest: {symbol} is {value:g} on {utc_day(close)}, which is no yield in "
            f"percent, from {LEAST_YIELD:g} to {MOST_YIELD:g}. {remedy}"
        )
    return series
