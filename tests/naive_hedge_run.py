"""A whole backtest as slowly and plainly as it can be said: dictionaries of days, one at a time.

For the 24/7 clock, legs with daily prices, entries and exits in bars, fixed and least-squares
ratios, all closed-session policies, fees, slippage, borrow and interest at a rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eventlab.definitions.strategy import StrategyDefinition

DAY = timedelta(days=1)
OPEN, CLOSE = 0, 1
Point = tuple[date, int]
LEAD = 20


@dataclass
class Naive:
    """What is known, and what comes of it."""

    strategy: StrategyDefinition
    prices: Mapping[str, Mapping[Point, float]]
    trades: Callable[[str, date], bool]
    first: date
    last: date
    cash: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, tuple[Point, float]] = field(default_factory=dict)
    equity: dict[Point, float] = field(default_factory=dict)
    fills: list[tuple[Point, str, float, float]] = field(default_factory=list)

    @property
    def hedges(self) -> tuple[str, ...]:
        return self.strategy.hedge.instruments if self.strategy.hedge else ()

    def mark(self, leg: str, at: Point) -> float:
        """Last price up to a point; 0 before the first."""
        day, kind = at
        while day >= self.first:
            for each in (CLOSE, OPEN) if (day, kind) != (at[0], OPEN) else (OPEN,):
                if (day, each) in self.prices[leg]:
                    return self.prices[leg][day, each]
            day, kind = day - DAY, CLOSE
        return 0.0

    def value(self, at: Point) -> float:
        return self.cash + sum(n * self.mark(leg, at) for leg, n in self.shares.items())


def naive_backtest(world: Naive, news: Sequence[date]) -> Naive:
    """Run it; equity at every open and close, and fills in order of time."""
    decisions = decisions_of(world, news)
    world.cash = world.strategy.capital
    world.shares = dict.fromkeys((*world.strategy.book, *world.hedges), 0.0)
    day = world.first
    while day <= world.last:
        for kind in (OPEN, CLOSE):
            at = (day, kind)
            if kind == OPEN and decisions and day > decisions[0]["row"]:
                pay_for_the_night(world, day)
            for leg, (point, wanted) in sorted(
                world.waiting.items(), key=lambda one: rank(world, one[0])
            ):
                if point == at:
                    trade(world, leg, wanted, at)
            world.equity[at] = world.value(at)
        for decision in decisions:
            if decision["row"] == day:
                decide(world, decision)
        day += DAY
    return world


def rank(world: Naive, leg: str) -> int:
    return (*world.strategy.book, *world.hedges).index(leg)


def pay_for_the_night(world: Naive, day: date) -> None:
    """Borrow on what was short at the close before, interest on the cash there."""
    before = (day - DAY, CLOSE)
    costs = world.strategy.costs
    earned = world.cash * float(costs.interest) / 365
    rate = costs.borrow_bps_per_year / 10_000 / 365
    paid = sum(max(-n, 0.0) * world.mark(leg, before) * rate for leg, n in world.shares.items())
    world.cash += earned - paid


def trade(world: Naive, leg: str, wanted: float, at: Point) -> None:
    costs, price = world.strategy.costs, world.prices[leg][at]
    change = wanted - world.shares[leg]
    paid = price * (1 + (costs.slippage_bps if change > 0 else -costs.slippage_bps) / 10_000)
    world.cash -= change * paid + abs(change) * paid * costs.fee_bps / 10_000
    world.shares[leg] = wanted
    world.fills.append((at, leg, change, price))
    del world.waiting[leg]


def decide(world: Naive, decision: dict[str, Any]) -> None:
    """Size what is wanted at this close, and let it wait for its point."""
    at = (decision["row"], CLOSE)
    equity, book = max(world.value(at), 0.0), 0.0
    sized = {}
    for leg in world.strategy.book:
        wanted = world.waiting[leg][1] if leg in world.waiting else world.shares[leg]
        if leg in decision["points"]:
            wanted = sized[leg] = decision["weights"][leg] * equity / world.mark(leg, at)
        book += abs(wanted) * world.mark(leg, at)
    for leg in world.hedges:
        if leg in decision["points"]:
            of = equity if decision["kind"] == "exit" or decision.get("of_equity") else book
            sized[leg] = decision["weights"][leg] * of / world.mark(leg, at)
    for leg, wanted in sized.items():
        world.waiting.pop(leg, None)
        if wanted != world.shares[leg]:
            world.waiting[leg] = (decision["points"][leg], wanted)


def decisions_of(world: Naive, news: Sequence[date]) -> list[dict[str, Any]]:
    """Every decision in order of time, with weights and points by leg."""
    windows = windows_of(world, news)
    if not windows:
        return []
    outside = world.strategy.exposure.outside
    start = start_of(world, windows[0][0][0])
    found = [draft("start", start, book_weights(world, start, outside) if outside else {})]
    for rows, leave in windows:
        found += window_drafts(world, rows, leave)
    found.sort(key=lambda each: each["row"])
    placed = [one for each in found for one in place(world, each)]
    return sorted(placed, key=lambda each: each["row"])


def windows_of(world: Naive, news: Sequence[date]) -> list[tuple[list[date], date]]:
    """Days at whose close entries are decided, and the day of the exit; what overlaps is one."""
    when, legs = world.strategy.when, (*world.strategy.book, *world.hedges)
    assert isinstance(when.enter, int)
    assert isinstance(when.exit, int)
    windows: list[tuple[list[date], date]] = []
    for day in sorted(news):
        row, leave = day + (when.enter - 1) * DAY, day + when.exit * DAY
        if not world.first <= row < world.last or ratio(world, row) is None:
            continue
        if not all(fresh(world, leg, row) for leg in legs):
            continue
        if windows and row < windows[-1][1]:
            rows, last = windows.pop()
            windows.append(([*rows, row], max(last, leave)))
        else:
            windows.append(([row], max(leave, row + 2 * DAY)))
    return windows


def window_drafts(world: Naive, rows: list[date], leave: date) -> list[dict[str, Any]]:
    strategy, found = world.strategy, []
    inside, outside = strategy.exposure.inside, strategy.exposure.outside
    assert isinstance(strategy.when.enter, int)
    for row in rows:
        entry = hedge_weights(world, row)
        if inside != outside:
            entry |= book_weights(world, row, inside)
        found.append(draft("enter", row, entry, early=strategy.when.enter <= 0))
    if strategy.when.rebalance == "daily":
        row = rows[0] + DAY
        while row < min(leave - 2 * DAY, world.last):
            if row not in rows and ratio(world, row) is not None:
                found.append(draft("rebalance", row, hedge_weights(world, row)))
            row += DAY
    held = {leg for each in found for leg in each["weights"] if leg in world.hedges}
    left = dict.fromkeys(held, 0.0)
    if outside == 0 != inside:
        left |= dict.fromkeys(strategy.book, 0.0)
    if outside and (strategy.exposure.reset == "exit" or inside != outside):
        left |= book_weights(world, min(leave - DAY, world.last), outside)
    return [*found, draft("exit", leave - DAY, left, early=True)]


def start_of(world: Naive, entry: date) -> date:
    """The last day at least `LEAD` before an entry on which all can be bought, else the first."""
    day, able = world.first, []
    while day <= entry:
        if all(
            fresh(world, leg, day) and world.trades(leg, day + DAY) for leg in world.strategy.book
        ):
            able.append(day)
        day += DAY
    early = [day for day in able if day <= entry - LEAD * DAY]
    return early[-1] if early else able[0]


def fresh(world: Naive, leg: str, row: date) -> bool:
    """Whether one of the last five closes was there."""
    return any((row - n * DAY, CLOSE) in world.prices[leg] for n in range(5))


def book_weights(world: Naive, row: date, multiple: float) -> dict[str, float]:
    book = world.strategy.book
    return {leg: multiple * w for leg, w in book.items() if fresh(world, leg, row)}


def draft(
    kind: str, row: date, weights: dict[str, float], *, early: bool = False
) -> dict[str, Any]:
    return {"kind": kind, "row": row, "weights": weights, "early": early}


def hedge_weights(world: Naive, row: date) -> dict[str, float]:
    held = [leg for leg in world.hedges if fresh(world, leg, row)]
    return {leg: -(ratio(world, row) or 0.0) for leg in held}


def ratio(world: Naive, row: date) -> float | None:
    """Ratio per instrument at a close; None where there are too few returns."""
    hedge = world.strategy.hedge
    if hedge is None:
        return 0.0
    if hedge.ratio.method == "fixed":
        return (hedge.ratio.value or 0.0) / len(hedge.instruments)
    (one,), legs = world.hedges, (*world.strategy.book, *world.hedges)
    days, day = [], world.first
    while day <= row:
        if all((day, CLOSE) in world.prices[leg] for leg in legs):
            days.append(day)
        day += DAY
    gross = sum(abs(w) for w in world.strategy.book.values())
    x, y = [], []
    for a, b in pairwise(days):
        moves = {leg: world.prices[leg][b, CLOSE] / world.prices[leg][a, CLOSE] - 1 for leg in legs}
        y.append(sum(w * moves[leg] for leg, w in world.strategy.book.items()) / gross)
        x.append(moves[one])
    x, y = x[-hedge.ratio.lookback :], y[-hedge.ratio.lookback :]
    if len(x) < max(0.8 * hedge.ratio.lookback, 10):
        return None
    middle, level = sum(x) / len(x), sum(y) / len(y)
    shared = sum((a - middle) * (b - level) for a, b in zip(x, y, strict=True))
    found = shared / sum((a - middle) ** 2 for a in x)
    cap = hedge.ratio.cap
    return found if cap is None else max(-cap, min(cap, found))


def place(world: Naive, each: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every leg its point; those that are brought forward become decisions of their own."""
    due, kind = each["row"] + DAY, OPEN if world.strategy.when.fill == "open" else CLOSE
    points: dict[str, Point] = {}
    earlier: dict[date, dict[str, Point]] = {}
    for leg in each["weights"]:
        at = where(world, leg, due, kind)
        if at is not None and at[0] > each["row"]:
            points[leg] = at
        elif at is not None and each["early"] and at[0] - DAY >= world.first:
            earlier.setdefault(at[0] - DAY, {})[leg] = at
    found = []
    for row in sorted(earlier):
        one = {**each, "row": row, "points": earlier[row]}
        if each["kind"] == "enter":
            hedges = hedge_weights(world, row) if ratio(world, row) is not None else {}
            book = [abs(w) for leg, w in each["weights"].items() if leg in world.strategy.book]
            one["of_equity"] = bool(book)
            hedges = {leg: w * sum(book) if book else w for leg, w in hedges.items()}
            weights = {leg: w for leg, w in each["weights"].items() if leg in world.strategy.book}
            one["weights"] = {**weights, **hedges}
            one["points"] = {leg: at for leg, at in earlier[row].items() if leg in one["weights"]}
        found.append(one)
    return [*found, {**each, "points": points}]


def where(world: Naive, leg: str, due: date, kind: int) -> Point | None:
    """Point at which an order is filled that is due on a day; None: it is not."""
    if due > world.last:
        return None
    own = world.prices[leg]
    if world.trades(leg, due):
        kinds = (OPEN, CLOSE) if kind == OPEN else (CLOSE,)
        there = [each for each in kinds if (due, each) in own]
        return (due, there[0]) if there else after(world, leg, due + DAY)
    if world.strategy.when_closed == "cancel":
        return None
    if world.strategy.when_closed == "previous_close":
        before = last_session(world, leg, due)
        if before < world.first or (before, CLOSE) in own:
            return before, CLOSE
    return after(world, leg, due + DAY)


def last_session(world: Naive, leg: str, due: date) -> date:
    before = due - DAY
    while before >= world.first and not world.trades(leg, before):
        before -= DAY
    return before


def after(world: Naive, leg: str, day: date) -> Point | None:
    while day <= world.last:
        for kind in (OPEN, CLOSE):
            if (day, kind) in world.prices[leg]:
                return day, kind
        day += DAY
    return None
