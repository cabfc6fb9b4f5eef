"""Money of every parameter set through time, and all of it on the bars that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.errors import DataError
from eventlab.hedge.funding import MissingFunding, require_funding
from eventlab.hedge.runs import alone, decide_all, limits_of, simulate_plan
from eventlab.hedge.setting import with_strategy
from eventlab.hedge.simulate import pack, simulate_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.hedge.runs import Decided
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.sweep_plans import PlannedSet
    from eventlab.hedge.types import Plan

__all__ = ["Curve", "Curves", "book_alone", "common_curves", "funded", "simulate_sets"]


class Curve(NamedTuple):
    """One run: equity (T,) at the closes of a grid, money traded, point of liquidation or -1."""

    equity: npt.NDArray[np.float64]
    traded: float
    liquidated: int


class Curves(NamedTuple):
    """S sets and the book alone on the B closes at which all of them have begun.

    ``instants`` (B,) UTC ns; ``equity`` (S, B) and ``book`` (B,) money; ``returns`` (B - 1, S) and
    ``book_returns`` (B - 1,) per bar, 0 where nothing is left; ``idle`` (B - 1,) what cash earns.
    """

    instants: npt.NDArray[np.int64]
    equity: npt.NDArray[np.float64]
    book: npt.NDArray[np.float64]
    returns: npt.NDArray[np.float64]
    book_returns: npt.NDArray[np.float64]
    periods: float
    idle: npt.NDArray[np.float64]

    @property
    def above(self) -> npt.NDArray[np.float64]:
        """(B - 1, S) returns less those of cash, which Sharpe ratios are of."""
        return self.returns - self.idle[:, None] if self.idle.any() else self.returns

    @property
    def book_above(self) -> npt.NDArray[np.float64]:
        """(B - 1,) returns of the book less those of cash."""
        return self.book_returns - self.idle


def simulate_sets(planned: Sequence[PlannedSet]) -> list[Curve]:
    """Simulate all sets, those on the same prices at the same costs together."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, each in enumerate(planned):
        strategy, setting = each.variant.strategy, each.setting
        limits = limits_of(strategy)
        key = id(setting.grid), id(setting.carry), strategy.capital, limits
        groups.setdefault(key, []).append(at)
    found: dict[int, Curve] = {}
    for members in groups.values():
        setting = planned[members[0]].setting
        runs = simulate_many(
            setting.grid,
            setting.carry,
            pack([planned[at].plan for at in members]),
            capital=setting.strategy.capital,
            limits=limits_of(setting.strategy),
        )
        for at, *one in zip(members, *runs, strict=True):
            found[at] = Curve(one[0], float(one[1]), int(one[2]))
    return [found[at] for at in range(len(planned))]


def funded(
    planned: Sequence[PlannedSet],
) -> tuple[list[PlannedSet], list[tuple[int, str]]]:
    """Leave out sets that hold a perpetual over a rate that nobody knows, as (number, reason)."""
    kept, refused = [], []
    for each in planned:
        try:
            require_rates(each)
        except MissingFunding as error:
            refused.append((each.variant.number, str(error).splitlines()[0]))
        else:
            kept.append(each)
    return kept, refused


def require_rates(each: PlannedSet) -> None:
    """Refuse a set as a backtest of it would be; it is simulated in full only where it may be.

    Raises
    ------
    MissingFunding
        A rate lacks that was due while the perpetual was held.
    """
    setting, rolled = each.setting, each.variant.strategy.missing == "roll"
    begun = np.where(each.plan.points >= 0, each.plan.points, np.iinfo(np.int64).max)
    first = begun.min(axis=0)  # also of puts: they come last, and pay no funding
    late = [
        len(due.points) and due.points[-1] > first[leg]
        for leg, due in enumerate(setting.funding.missing)
    ]
    if not any(late):
        return
    try:
        shares = possibly_held(each.plan, setting)
        require_funding(setting.funding, setting.grid, shares, rolled=rolled)
    except MissingFunding:
        shares = simulate_plan(setting, each.plan).shares
        require_funding(setting.funding, setting.grid, shares, rolled=rolled)


def possibly_held(plan: Plan, setting: Setting) -> npt.NDArray[np.float64]:
    """(2T, A): 1 after each order that is not a sale of all, until one that is; else 0."""
    shares = np.zeros(setting.grid.fills.shape)
    for leg in range(len(setting.grid.symbols)):
        asked = np.flatnonzero((plan.points[:, leg] >= 0) & np.isfinite(plan.targets[:, leg]))
        points = plan.points[asked, leg]
        for at in np.argsort(points, kind="stable"):
            shares[points[at] :, leg] = plan.targets[asked[at], leg] != 0
    return shares


def book_alone(
    base: Setting, planned: Sequence[PlannedSet]
) -> tuple[Setting, Plan, npt.NDArray[np.float64]]:
    """Simulate the book of the file without its hedge: setting, plan and equity (T,).

    It is that of the first set where the file's own values cannot be traded.
    """
    decided: Decided | None
    try:
        decided = decide_all(base)
    except DataError:
        decided = None
    if decided is None or not decided.episodes:
        decided = decide_all(with_strategy(base, planned[0].variant.strategy))
    plan = alone(decided)
    return decided.setting, plan, simulate_plan(decided.setting, plan).equity[1::2]


def common_curves(
    planned: Sequence[PlannedSet],
    found: Sequence[Curve],
    book: tuple[Setting, Plan, npt.NDArray[np.float64]],
) -> Curves:
    """Put all sets and the book alone on the closes from which on each of them has decided.

    Raises
    ------
    DataError
        Fewer than two closes are shared.
    """
    where, plan, alone_ = book
    runs = [(each.setting, each.plan, one.equity) for each, one in zip(planned, found, strict=True)]
    every = [*runs, (where, plan, alone_)]
    grids = {id(one.grid.instants): one.grid.instants[1::2] for one, _, _ in every}
    first = max(
        int(one.grid.instants[2 * int(made.decided.min()) + 1]) if len(made) else 0
        for one, made, _ in every
    )
    shared = next(iter(grids.values()))
    for closes in grids.values():
        shared = shared if len(grids) == 1 else np.intersect1d(shared, closes)
    shared = shared[shared >= first]
    if len(shared) < 2:
        raise DataError(
            f"{where.strategy.strategy}: its sets share {len(shared)} bars; drop values with which "
            "the strategy begins late"
        )
    rows = {key: np.searchsorted(closes, shared) for key, closes in grids.items()}
    equity = np.empty((len(runs), len(shared)))
    for at, (one, _, money) in enumerate(runs):
        equity[at] = money[rows[id(one.grid.instants)]]
    own = alone_[rows[id(where.grid.instants)]]
    return Curves(
        instants=shared,
        equity=equity,
        book=own,
        returns=np.ascontiguousarray(bar_moves(equity).T),
        book_returns=bar_moves(own),
        periods=where.periods,
        idle=bar_moves(lent(where)[rows[id(where.grid.instants)]]),
    )


def lent(setting: Setting) -> npt.NDArray[np.float64]:
    """(T,) what one unit of cash has become at the closes."""
    return np.asarray(np.cumprod(1.0 + setting.carry.interest)[1::2])


def bar_moves(equity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(..., B - 1) returns of (..., B) money; 0 where nothing is left."""
    before, after = equity[..., :-1], equity[..., 1:]
    if before.min() > 0:
        return after / before - 1.0
    alive = before > 0
    return np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)
