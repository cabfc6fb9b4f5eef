"""Prices, costs and plans laid out as the arrays that the simulation kernel reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.types import Kind
from eventlab.kernels.hedge_simulation import Orders, Tables

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.simulate import Limits
    from eventlab.hedge.types import Carry, Grid

__all__ = ["check", "lay_out", "what_is_paid"]


def lay_out(grid: Grid, carry: Carry, limits: Limits, *, every: bool) -> Tables:
    """Lay prices and costs out for the kernel.

    Parameters
    ----------
    every
        Whether equity is wanted at every point, else at the closes.

    Raises
    ------
    ValueError
        A cost that is NaN where it is needed.
    """
    marks = np.nan_to_num(grid.marks, nan=0.0)
    funding, borrow = what_is_paid(grid, carry)
    paid = np.stack([funding, funding - borrow], axis=-1).cumsum(axis=0)
    worth = marks[:, :, None] - paid
    impact = _known("impact", carry.impact, ~np.isnan(grid.marks), grid)
    columns = [grid.fills[:, :, None], marks[:, :, None], paid, worth, impact[:, :, None]]
    rate = np.ascontiguousarray(carry.interest, dtype=np.float64)
    if np.isnan(rate).any():
        raise ValueError(f"carry.interest is NaN {_where(grid, int(np.isnan(rate).argmax()))}")
    margin = worth * np.array([1.0, -1.0]) - limits.maintenance * marks[:, :, None]
    curve = worth if every else worth[1::2]
    return Tables(
        points=np.ascontiguousarray(np.concatenate(columns, axis=2)),
        lows=_lows(margin),
        levels=np.frexp(np.arange(len(marks) + 1))[1].astype(np.int64) - 1,
        curve=np.ascontiguousarray(curve.transpose(2, 1, 0)),
        interest=rate,
        accruals=np.concatenate([[0], np.cumsum(rate != 0)]).astype(np.int64),
        legs=np.ascontiguousarray(np.stack([carry.fee, carry.slippage, carry.in_cash], axis=1)),
        exits=_next_fills(grid.fills, at_close=limits.stop_at_close),
    )


def what_is_paid(
    grid: Grid, carry: Carry
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give funding and borrow per share, (2T, A) each: 0 where the leg had no price before."""
    held = np.zeros(grid.marks.shape, dtype=np.bool_)
    held[1:] = ~np.isnan(grid.marks[:-1])
    funding = _known("funding", carry.funding, held, grid)
    return funding, _known("borrow", carry.borrow, held, grid)


def _known(
    name: str, values: npt.NDArray[np.float64], needed: npt.NDArray[np.bool_], grid: Grid
) -> npt.NDArray[np.float64]:
    lacking = np.argwhere(np.isnan(values) & needed)
    if len(lacking):
        p, a = (int(i) for i in lacking[0])
        raise ValueError(f"carry.{name} of {grid.symbols[a]} is NaN {_where(grid, p)}")
    return np.where(needed, values, 0.0)


def _where(grid: Grid, p: int) -> str:
    return f"at the {'close' if p % 2 else 'open'} of {grid.clock.sessions[p // 2]} (point {p})"


def _lows(margin: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Minimum over 2 ** level points from each on: (L, 2T, A, 2), a sparse table."""
    n = len(margin)
    lows = np.empty((max(n, 1).bit_length(), *margin.shape))
    lows[0] = margin
    for level in range(1, len(lows)):
        half = 1 << (level - 1)
        lows[level] = lows[level - 1]
        np.minimum(lows[level - 1, :-half], lows[level - 1, half:], out=lows[level, :-half])
    return lows


def _next_fills(fills: npt.NDArray[np.float64], *, at_close: bool) -> npt.NDArray[np.int64]:
    """First point after each close at which a leg can be filled: (T, A), -1 where there is none.

    Closes (or opens) only; where there is none to come, any point.
    """
    points, A = fills.shape
    where = np.arange(points)[:, None]
    able = np.isfinite(fills)
    preferred = able & (where % 2 == int(at_close))
    found = [_next(np.where(kind, where, points)) for kind in (preferred, able)]
    first = np.where(found[0] < points, found[0], found[1])
    exits = np.full((points // 2, A), -1, dtype=np.int64)
    exits[:-1] = np.where(first < points, first, -1)[2::2]
    return exits


def _next(candidates: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Smallest of each row and those below it."""
    return np.minimum.accumulate(candidates[::-1], axis=0)[::-1]


def check(grid: Grid, plans: Orders) -> npt.NDArray[np.int64]:
    """Refuse plans that cannot be carried out; give each row the last EXIT row of its episode.

    Returns
    -------
    until
        (D,) int64, -1 where the episode has no EXIT.

    Raises
    ------
    ValueError
        Decisions out of order; a point that is not after the decision, or outside of the grid, or
        has no price; no mark to size by; an infinite target; a leg of the book sized by the book;
        a stop whose episode has no EXIT row after it.
    """
    plan = np.repeat(np.arange(len(plans.offsets) - 1), np.diff(plans.offsets))
    backwards = (np.diff(plans.decided) < 0) & (np.diff(plan) == 0)
    if len(plans.decided) and (plans.decided.min() < 0 or backwards.any()):
        raise ValueError("plan.decided has to be ascending rows of the grid, from 0 on")
    _check_orders(grid, plans)
    key = plan * (plans.episode.max(initial=-1) + 2) + plans.episode + 1
    rows = np.arange(len(key))
    last_exit = np.full(key.max(initial=-1) + 1, -1, dtype=np.int64)
    np.maximum.at(last_exit, key[plans.kind == Kind.EXIT], rows[plans.kind == Kind.EXIT])
    until: npt.NDArray[np.int64] = last_exit[key]
    endless = rows[~np.isnan(plans.stop) & (until <= rows)]
    if len(endless):
        row = int(endless[0])
        raise ValueError(
            f"decision {row} has a stop, but its episode {plans.episode[row]} has no EXIT row "
            "after it to be left by; add one (decided at T or later where the data end before)"
        )
    return until


def _check_orders(grid: Grid, plans: Orders) -> None:
    rows, legs = np.nonzero((plans.points >= 0) & ~np.isnan(plans.targets))
    points, target = plans.points[rows, legs], plans.targets[rows, legs]
    close = 2 * plans.decided[rows] + 1
    inside = (points < len(grid.instants)) & (close < len(grid.instants))
    safe = np.where(inside, points, 0)
    mark = grid.marks[np.where(inside, close, 0), legs]
    problems = (
        (np.isinf(target), "has an infinite target"),
        (~inside, "falls outside of the grid"),
        (points <= close, "is filled before it is decided"),
        (~(grid.fills[safe, legs] > 0), "has no price to be filled at"),
        ((target != 0) & ~(mark > 0), "has no price to be sized by at its decision"),
        (~plans.of_equity[rows, legs] & (legs < grid.n_book), "sizes the book by the book"),
    )
    for bad, what in problems:
        if bad.any():
            n = int(bad.argmax())
            p = min(int(points[n]), len(grid.instants) - 1)
            symbol = grid.symbols[legs[n]]
            raise ValueError(
                f"the order of decision {rows[n]} for {symbol} {_where(grid, p)} {what}"
            )
