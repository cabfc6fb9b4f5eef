"""The column of puts of a strategy that is hedged with them: struck anew for every episode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.definitions.strategy import PutDefinition
from eventlab.hedge.carry import BPS, YEAR
from eventlab.hedge.options import put_leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.hedge.episodes import Episode
    from eventlab.hedge.options import PutLeg
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Carry, Grid

__all__ = ["holds_puts", "put_ratio", "with_puts"]

LEAST = 1e-12  # of the asset's price: what a worthless put is sold at, as nothing trades at zero


def holds_puts(setting: Setting) -> bool:
    """Whether the hedge of a strategy is puts."""
    hedge = setting.strategy.hedge
    return hedge is not None and hedge.ratio.method == "put"


def with_puts(
    setting: Setting, episodes: Sequence[Episode]
) -> tuple[Setting, tuple[Episode, ...], tuple[tuple[str, str, str], ...]]:
    """Add the column of puts to the grid, and leave out episodes that cannot have one.

    Returns
    -------
    setting
        The last column of its grid are the puts, which are the hedge.
    episodes
        Those that have a put.
    left_out
        (occurrence, symbol, reason) of the others.
    """
    hedge = setting.strategy.hedge
    assert hedge is not None  # noqa: S101 - the caller has looked
    under = setting.sleeves.hedge[0].legs[0]
    last = len(setting.grid) - 1
    puts = put_leg(
        setting.grid,
        under,
        [(each.first.span.decided, min(each.leave, last)) for each in episodes],
        hedge.put or PutDefinition(),
        rate=yearly_interest(setting),
        periods=setting.periods,
    )
    notes = [note or worthless(puts, one) for one, note in zip(episodes, puts.notes, strict=True)]
    kept = tuple(one for one, note in zip(episodes, notes, strict=True) if not note)
    left_out = tuple(
        (entry.span.occasion.name, puts.symbol, note)
        for one, note in zip(episodes, notes, strict=True)
        if note
        for entry in one.entries
    )
    fills = np.maximum(puts.fills, LEAST * setting.grid.marks[:, under])
    grid = with_column(setting.grid, under, puts.symbol, fills, puts.marks)
    sleeve = replace(setting.sleeves.hedge[0], name=puts.symbol, legs=(len(grid.symbols) - 1,))
    found = replace(
        setting,
        grid=grid,
        carry=with_put_costs(setting.carry, under, hedge.put or PutDefinition()),
        fresh=np.column_stack([setting.fresh, setting.fresh[:, under]]),
        sleeves=replace(setting.sleeves, hedge=(sleeve,), symbols=grid.symbols),
        put=puts,
        tables={},
    )
    return found, kept, left_out


def worthless(puts: PutLeg, episode: Episode) -> str:
    """Say that the put of an episode is worth nothing when it is struck; empty where it is not."""
    if puts.marks[2 * episode.first.span.decided + 1] > 0.0:
        return ""
    return f"{puts.symbol}: worth nothing when it is struck; raise moneyness or expiry"


def put_ratio(setting: Setting, row: int) -> npt.NDArray[np.float64]:
    """Return minus the value of the puts per gross value of the book, as decided at a close (1,).

    ``ratio.value`` puts are held per unit of the underlying that the book's value would buy.
    """
    hedge = setting.strategy.hedge
    assert hedge is not None  # noqa: S101 - the caller has looked
    cover = 1.0 if hedge.ratio.value is None else hedge.ratio.value
    if setting.put is None:  # before the episodes are known, any finite number will do
        return np.array([-cover])
    symbol = setting.put.symbol.removesuffix(" put")
    under = setting.grid.symbols.index(symbol)
    point = 2 * row + 1
    return np.array([-cover * setting.put.marks[point] / setting.grid.marks[point, under]])


def yearly_interest(setting: Setting) -> npt.NDArray[np.float64]:
    """(T,): interest per year on cash as known at each close, from what the next night pays."""
    nights, paid = setting.grid.nights[1:], setting.carry.interest[2::2]
    rates = np.where(nights > 0, paid * YEAR / np.maximum(nights, 1), 0.0)
    return np.append(rates, rates[-1:])


def with_column(
    grid: Grid,
    under: int,
    symbol: str,
    fills: npt.NDArray[np.float64],
    marks: npt.NDArray[np.float64],
) -> Grid:
    """Add a leg that trades when another does."""
    return replace(
        grid,
        symbols=(*grid.symbols, symbol),
        fills=np.column_stack([grid.fills, fills]),
        filled_at=np.column_stack([grid.filled_at, grid.filled_at[:, under]]),
        marks=np.column_stack([grid.marks, marks]),
        trades=np.column_stack([grid.trades, grid.trades[:, under]]),
        basis=(*grid.basis, "Black-Scholes on realised volatility"),
    )


def with_put_costs(carry: Carry, under: int, put: PutDefinition) -> Carry:
    """Give puts their fee and slippage, those of the underlying unless said, on their own value.

    They are paid for, and need no borrow.
    """
    zeros = np.zeros(len(carry.interest))
    fee = carry.fee[under] if put.fee_bps is None else put.fee_bps * BPS
    slippage = carry.slippage[under] if put.slippage_bps is None else put.slippage_bps * BPS
    return replace(
        carry,
        fee=np.append(carry.fee, fee),
        slippage=np.append(carry.slippage, slippage),
        impact=np.column_stack([carry.impact, zeros]),
        funding=np.column_stack([carry.funding, zeros]),
        borrow=np.column_stack([carry.borrow, zeros]),
        in_cash=np.append(carry.in_cash, 1.0),
    )
