"""Everything that a backtest of one strategy rests on, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.definitions.strategy import StateDefinition
from eventlab.errors import DataError, UsageError
from eventlab.hedge.carry import build_carry
from eventlab.hedge.forecast import bars_per_year
from eventlab.hedge.funding import FUNDING, funding_paid, perpetual_symbols
from eventlab.hedge.history import make_history
from eventlab.hedge.occasions import Occasions, find_occasions
from eventlab.hedge.prices import build_grid
from eventlab.hedge.rolls import roll_table
from eventlab.hedge.sleeves import ISSUER, Sleeves, make_sleeves
from eventlab.hedge.states import state_series
from eventlab.market.sources import missing_symbol_reason
from eventlab.timeline.clock import ALWAYS_OPEN, calendar_bounds, make_clock
from eventlab.timeline.instants import utc_day
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import RatioDefinition, StrategyDefinition
    from eventlab.hedge.funding import Funding
    from eventlab.hedge.history import History
    from eventlab.hedge.options import PutLeg
    from eventlab.hedge.rolls import Rolls
    from eventlab.hedge.states import Observed
    from eventlab.hedge.types import Carry, Grid
    from eventlab.market.types import Market
    from eventlab.timeline.types import Clock

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["FRESH", "Estimate", "Setting", "prepare", "with_strategy"]

FRESH = 5  # bars: a leg without a price for longer is neither bought nor part of a group
AHEAD = timedelta(days=370)
PAUSE = timedelta(days=14)  # no exchange is closed for longer
SETTLED = 5  # sessions without a price after which a leg is closed at its last one


class Estimate(NamedTuple):
    """Hedge ratios (K,) at one close, on how many returns, and what is to be said of them."""

    values: Floats
    n: int
    note: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What one strategy is simulated on.

    Attributes
    ----------
    fresh
        (T, A) bool: whether the leg had a price at one of the last `FRESH` closes.
    ends
        Leg to the row at whose close it is taken for delisted: its prices ended before those of
        the others, and it is closed there at its last price.
    states
        Those that ``when`` waits for, by ``enter`` and ``exit``.
    periods
        Bars per year.
    """

    strategy: StrategyDefinition
    workspace: Workspace
    market: Market
    occasions: Occasions
    sleeves: Sleeves
    grid: Grid
    carry: Carry
    funding: Funding
    fresh: npt.NDArray[np.bool_]
    ends: Mapping[int, int]
    states: Mapping[str, Observed]
    periods: float
    put: PutLeg | None = None  # the column of puts, once the episodes are known
    histories: dict[str | None, History] = field(default_factory=dict)  # by issuer, as asked for
    ratios: dict[tuple[RatioDefinition, str | None, int], Estimate] = field(default_factory=dict)
    signals: dict[str, tuple[Floats, Flags]] = field(default_factory=dict)  # by symbol, too
    tables: dict[tuple[str, ...], Rolls] = field(default_factory=dict)  # of rolls, by their rules

    def rolls(self) -> Rolls:
        """Where an order that is due in each bar is filled, leg by leg."""
        strategy = self.strategy
        key = strategy.when.fill, strategy.when_closed, strategy.missing
        if key not in self.tables:
            self.tables[key] = roll_table(self.grid, strategy)
        return self.tables[key]

    def history(self, issuer: str | None = None) -> History:
        """Joint returns of the book and the instruments, at an occurrence of ``issuer``."""
        every = (*self.sleeves.book, *self.sleeves.hedge)
        key = issuer if any(each.issuers for each in every) else None
        if key not in self.histories:
            self.histories[key] = make_history(self.grid, self.sleeves, key)
        return self.histories[key]

    def signal_closes(self, issuer: str | None) -> tuple[Floats, Flags]:
        """(T,) closes of the symbol whose reaction is the signal, and whether its market was open.

        Raises
        ------
        DataError
            It has no prices.
        """
        assert self.strategy.signal is not None  # noqa: S101 - the caller has looked
        named = self.strategy.signal.symbol
        symbol = (issuer or "") if named == ISSUER else named
        if symbol not in self.signals:
            if symbol not in self.market.symbols:
                said = missing_symbol_reason(self.market, symbol)
                raise DataError(f"{self.strategy.strategy}: signal.symbol: {said}")
            grid = build_grid(self.market, [symbol], [], self.grid.clock)
            self.signals[symbol] = grid.closes[:, 0], grid.trades[:, 0]
        return self.signals[symbol]


def prepare(
    strategy: StrategyDefinition, market: Market, workspace: Workspace | None = None
) -> Setting:
    """Put the legs of a strategy on its clock, with their costs and the occurrences around them.

    Events and groups are those of ``workspace``, else of the one that ``market`` was loaded for.

    Raises
    ------
    DataError
        A leg that the strategy needs has no prices.
    UsageError
        No workspace is known, or no occurrence is left of its events.
    """
    workspace = workspace or market.workspace
    if workspace is None:
        raise UsageError(
            f"{strategy.strategy}: events and groups need a workspace; load the prices with "
            "eventlab.load_market(workspace, source) or pass workspace="
        )
    # Names alone decide which legs there are; rows come with the clock.
    sleeves = make_sleeves(strategy, workspace, market)
    clock = shared_clock(strategy, sleeves, market)
    occasions = find_occasions(strategy, workspace, calendar_beyond(clock))
    book, hedge = sleeves.symbols[: sleeves.n_book], sleeves.symbols[sleeves.n_book :]
    grid, ends = settle_ends(build_grid(market, book, hedge, clock))
    funding = funding_paid(market, grid, perpetual_symbols(strategy, market, grid.symbols))
    return Setting(
        strategy=strategy,
        workspace=workspace,
        market=market,
        occasions=occasions,
        sleeves=sleeves,
        grid=grid,
        carry=build_carry(strategy, market, grid, funding=funding),
        funding=funding,
        fresh=freshness(grid),
        ends=ends,
        states=waited_for(strategy, market, workspace, clock),
        periods=bars_per_year(clock),
    )


def with_strategy(setting: Setting, strategy: StrategyDefinition) -> Setting:
    """Return the setting of a variant of its strategy, which keeps what has not changed."""
    old = setting.strategy
    if layout_of(old) != layout_of(strategy):
        return prepare(strategy, setting.market, setting.workspace)
    found = replace(setting, strategy=strategy)
    if strategy.book != old.book:
        weighted = [replace(s, weight=strategy.book[s.name]) for s in setting.sleeves.book]
        found = replace(found, sleeves=replace(setting.sleeves, book=tuple(weighted)))
        found = replace(found, histories={}, ratios={})
    if (strategy.costs, strategy.missing) != (old.costs, old.missing):
        perpetuals = perpetual_symbols(strategy, setting.market, setting.grid.symbols)
        funding = funding_paid(setting.market, setting.grid, perpetuals)
        carry = build_carry(strategy, setting.market, setting.grid, funding=funding)
        found = replace(found, carry=carry, funding=funding)
    if (strategy.when.enter, strategy.when.exit) != (old.when.enter, old.when.exit):
        clock = setting.grid.clock
        states = waited_for(strategy, setting.market, setting.workspace, clock)
        found = replace(found, states=states)
    if (strategy.since, strategy.until, strategy.tags) != (old.since, old.until, old.tags):
        calendar = calendar_beyond(setting.grid.clock)
        occasions = find_occasions(strategy, setting.workspace, calendar)
        found = replace(found, occasions=occasions)
    return found


def layout_of(strategy: StrategyDefinition) -> tuple[object, ...]:
    """Return what decides which bars and legs there are: funding rates end the bars, too."""
    costs = strategy.costs
    return (
        tuple(strategy.book), strategy.events, strategy.clock, instruments(strategy),
        costs.funding, costs.perpetuals,
    )  # fmt: skip


def instruments(strategy: StrategyDefinition) -> tuple[str, ...]:
    """Names of what the book is hedged with."""
    return strategy.hedge.instruments if strategy.hedge else ()


def shared_clock(strategy: StrategyDefinition, sleeves: Sleeves, market: Market) -> Clock:
    """Bars in which every leg that is needed by itself has prices, and some member of each group.

    It ends before a rate is due that lacks, of perpetuals that are needed by themselves.

    Raises
    ------
    DataError
        There is no such bar.
    """
    first, last = -(2**62), 2**62
    for sleeve in (*sleeves.book, *sleeves.hedge):
        symbols = [sleeves.symbols[a] for a in sleeve.legs]
        begins = [price_range(market, one)[0] for one in symbols]
        ends = [next_session(market, one) for one in symbols]
        first, last = max(first, min(begins)), min(last, max(ends))
    days = [utc_day(each).astype(object) for each in (first - 1, last - 1)]
    if first >= last:
        raise DataError(
            f"{strategy.strategy}: its legs have no prices at the same time: the last one begins "
            f"on {days[0]} and the first one ends on {days[1]}"
        )
    clock = make_clock(strategy.clock, days[0], days[1])
    funded = np.searchsorted(clock.closes, next_funding(strategy, sleeves, market))
    if 0 < funded < len(clock):
        clock = make_clock(strategy.clock, days[0], clock.days[funded - 1].astype(object))
    if len(clock) < 3 or not funded:
        raise DataError(
            f"{strategy.strategy}: its legs have prices at the same time from {days[0]} to "
            f"{days[1]} only, {len(clock)} sessions of {strategy.clock}; a backtest needs 3"
        )
    return clock


def calendar_beyond(clock: Clock) -> Clock:
    """Return a clock with the sessions of a year after its last: an event to come has a row, too.

    What is entered before an event is entered whether or not prices reach the event.
    """
    first, last = (clock.days[at].astype(object) for at in (0, -1))
    end = min(last + AHEAD, calendar_bounds(clock.code)[1])
    return make_clock(clock.code, first, max(last, end))


def next_funding(strategy: StrategyDefinition, sleeves: Sleeves, market: Market) -> int:
    """When the first rate is due that lacks at the end, of perpetuals needed by themselves, UTC ns.

    A perpetual cannot be held over funding that nobody knows; members of groups can be left.
    """
    single = {sleeves.symbols[s.legs[0]] for s in (*sleeves.book, *sleeves.hedge) if s.single}
    due = [2**62]
    for symbol in perpetual_symbols(strategy, market, sleeves.symbols):
        name = symbol + FUNDING
        if symbol in single and name in market.symbols:
            series = market.intraday.get(name) or market.daily[name]
            due.append(int(series.closes[-1]) + series.bar_minutes * MINUTE)
    return min(due)


def price_range(market: Market, symbol: str) -> tuple[int, int]:
    """First and last close of a symbol, UTC ns."""
    series = [one for held in (market.daily, market.intraday) if (one := held.get(symbol))]
    return min(int(s.closes[0]) for s in series), max(int(s.closes[-1]) for s in series)


def next_session(market: Market, symbol: str) -> int:
    """Midnight UTC before the first session without a price, or the last close around the clock.

    Nothing lacks over a weekend: a clock that has one goes on until the next session.
    """
    last = price_range(market, symbol)[1]
    series = market.daily.get(symbol) or market.intraday[symbol]
    if series.calendar == ALWAYS_OPEN:
        return last
    day = utc_day(last - 1).astype(object)
    end = min(day + PAUSE, calendar_bounds(series.calendar)[1])
    later = make_clock(series.calendar, day, max(day, end))
    after = later.days[later.closes > last]
    return int(after[0].astype("datetime64[ns]").astype(np.int64)) if len(after) else last


def freshness(grid: Grid) -> npt.NDArray[np.bool_]:
    """(T, A): whether a leg had a price at one of the last `FRESH` closes."""
    rows = np.arange(len(grid))[:, None]
    last = np.maximum.accumulate(np.where(np.isfinite(grid.closes), rows, -FRESH), axis=0)
    return np.asarray(rows - last < FRESH)


def settle_ends(grid: Grid) -> tuple[Grid, dict[int, int]]:
    """Give legs whose prices end before the others' one last price, at which they can be closed.

    A leg without a price for `SETTLED` of its own sessions is taken to be delisted: its last price
    stands once more, at the close of the bar after the last of them. Nothing before knows of it.
    """
    fills, filled_at, ends = grid.fills.copy(), grid.filled_at.copy(), {}
    for leg in range(len(grid.symbols)):
        priced = np.flatnonzero(np.isfinite(grid.closes[:, leg]))
        if not len(priced):
            continue
        later = np.flatnonzero(grid.trades[:, leg])
        later = later[later > priced[-1]]
        if len(later) >= SETTLED and later[SETTLED - 1] + 1 < len(grid):
            row = int(later[SETTLED - 1]) + 1
            point = 2 * row + 1
            fills[point, leg] = grid.marks[point, leg]
            filled_at[point, leg] = grid.instants[point]
            ends[leg] = row
    if not ends:
        return grid, ends
    return replace(grid, fills=fills, filled_at=filled_at), ends


def waited_for(
    strategy: StrategyDefinition, market: Market, workspace: Workspace, clock: Clock
) -> dict[str, Observed]:
    """Observe the states that entry and exit wait for."""
    found = {}
    for name, asked in (("enter", strategy.when.enter), ("exit", strategy.when.exit)):
        if isinstance(asked, StateDefinition):
            symbol = asked.symbol or first_symbol(strategy, workspace)
            found[name] = state_series(
                asked, market=market, workspace=workspace, clock=clock, symbol=symbol
            )
    return found


def first_symbol(strategy: StrategyDefinition, workspace: Workspace) -> str:
    """Return the first symbol of the book, which a state is of unless it says otherwise."""
    name = next(iter(strategy.book))
    if name == ISSUER:
        raise UsageError(
            f"{strategy.strategy}: when: the state needs its own symbol, as the book is @issuer"
        )
    return workspace.expand((name,))[0]
