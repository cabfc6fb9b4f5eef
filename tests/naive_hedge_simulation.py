"""The simulation of one plan, point by point, in plain loops: what the kernel has to equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isnan, sqrt
from typing import TYPE_CHECKING

from eventlab.hedge.types import Fate, Kind

if TYPE_CHECKING:
    from eventlab.hedge.simulate import Limits
    from eventlab.hedge.types import Carry, Grid, Plan


@dataclass
class Filled:
    point: int
    leg: int
    decision: int
    kind: int
    shares: float
    price: float
    slippage: float
    fee: float
    cut: float


@dataclass
class Portfolio:
    cash: float
    shares: list[float]
    waiting: dict[int, dict[str, float]] = field(default_factory=dict)  # by leg
    orders: list[Filled] = field(default_factory=list)
    fates: dict[tuple[int, int], int] = field(default_factory=dict)
    liquidated: int = -1
    shortfall: float = 0.0
    # Of every point.
    equities: list[float] = field(default_factory=list)
    cashes: list[float] = field(default_factory=list)
    held: list[list[float]] = field(default_factory=list)
    funding: list[list[float]] = field(default_factory=list)
    borrow: list[list[float]] = field(default_factory=list)
    interest: list[float] = field(default_factory=list)


def simulate(  # noqa: C901, PLR0912, PLR0915 - read from top to bottom, as the rules are
    grid: Grid, carry: Carry, plan: Plan, capital: float, limits: Limits
) -> Portfolio:
    A = len(grid.symbols)
    legs = range(A)
    own = Portfolio(capital, [0.0] * A)
    earning = capital
    dropped: set[int] = set()
    watched: int | None = None
    reference = 0.0
    for d in range(len(plan)):
        for a in legs:
            wanted = plan.points[d, a] >= 0 and not isnan(plan.targets[d, a])
            own.fates[d, a] = Fate.OPEN if wanted else Fate.NONE
    for p in range(2 * len(grid)):
        t, at_close = p // 2, p % 2 == 1
        marks = marks_at(grid, p)
        # 1. What the interval cost, on what was held.
        funding = [s * f if s else 0.0 for s, f in zip(own.shares, carry.funding[p], strict=True)]
        borrow = [
            -s * b if s < 0 else 0.0 for s, b in zip(own.shares, carry.borrow[p], strict=True)
        ]
        begun = not len(plan) or p > 2 * plan.decided[0]
        interest = earning * float(carry.interest[p]) if begun else 0.0
        own.cash += interest - sum(funding) - sum(borrow)
        own.funding.append(funding)
        own.borrow.append(borrow)
        own.interest.append(interest)
        # 2. The margin.
        if own.liquidated < 0 and breached(own, marks, limits.maintenance):
            liquidate(grid, carry, own, p, limits.maintenance)
            earning = own.cash
        # 3. Orders.
        for a in legs:
            order = own.waiting.get(a)
            if order is not None and order["point"] == p:
                del own.waiting[a]
                own.fates[int(order["decision"]), a] = Fate.FILLED
                change = order["shares"] - own.shares[a]
                filled = trade(carry, own, p, a, change, float(grid.fills[p, a]))
                filled.decision, filled.kind = int(order["decision"]), int(order["kind"])
                filled.cut = order["cut"]
                own.shares[a] = order["shares"]
        # 4. Equity.
        equity = own.cash + sum(s * m for s, m in zip(own.shares, marks, strict=True))
        if at_close:
            earning = equity - sum(own.shares[a] * marks[a] for a in legs if carry.in_cash[a] == 1)
        # 5. Stop and decisions.
        if at_close and own.liquidated < 0:
            if watched is not None and equity / reference - 1 <= -plan.stop[watched]:
                for d in range(len(plan)):
                    if plan.episode[d] != plan.episode[watched] or plan.decided[d] < t:
                        continue
                    if d in dropped:
                        continue
                    dropped.add(d)
                    if plan.kind[d] == Kind.EXIT:
                        points = [
                            next_fill(grid, p, a, at_close=limits.stop_at_close) for a in legs
                        ]
                        decide(grid, own, plan, d, Kind.STOP, points, p, equity, limits)
                    else:
                        for a in legs:
                            if own.fates[d, a] == Fate.OPEN:
                                own.fates[d, a] = Fate.STOPPED
                watched = None
            for d in range(len(plan)):
                if plan.decided[d] != t or d in dropped:
                    continue
                points = [int(x) for x in plan.points[d]]
                decide(grid, own, plan, d, int(plan.kind[d]), points, p, equity, limits)
                if not isnan(plan.stop[d]):
                    watched, reference = d, equity
                elif watched is not None and not exits_to_come(plan, watched, d):
                    watched = None
        own.equities.append(equity)
        own.cashes.append(own.cash)
        own.held.append(list(own.shares))
    if own.liquidated >= 0:
        for key, fate in own.fates.items():
            own.fates[key] = Fate.LIQUIDATED if fate == Fate.OPEN else fate
    return own


def marks_at(grid: Grid, p: int) -> list[float]:
    return [0.0 if isnan(m) else float(m) for m in grid.marks[p]]


def exits_to_come(plan: Plan, watched: int, decided: int) -> bool:
    rows = range(decided + 1, len(plan))
    episode = plan.episode[watched]
    return any(plan.kind[d] == Kind.EXIT and plan.episode[d] == episode for d in rows)


def next_fill(grid: Grid, p: int, a: int, *, at_close: bool) -> int:
    later = [q for q in range(p + 1, 2 * len(grid)) if not isnan(grid.fills[q, a])]
    preferred = [q for q in later if (q % 2 == 1) == at_close]
    return (preferred or later or [-1])[0]


def breached(own: Portfolio, marks: list[float], maintenance: float) -> bool:
    equity = own.cash + sum(s * m for s, m in zip(own.shares, marks, strict=True))
    gross = sum(abs(s * m) for s, m in zip(own.shares, marks, strict=True))
    return equity < maintenance * gross or equity <= 0


def trade(carry: Carry, own: Portfolio, p: int, a: int, change: float, price: float) -> Filled:
    """Pay for ``change`` shares; the position itself is the caller's."""
    impact = float(carry.impact[p, a]) * sqrt(abs(change) * price)
    slippage = float(carry.slippage[a]) + impact
    if change < 0:
        slippage = min(slippage, 1.0)
    paid = price * (1 + slippage) if change > 0 else price * (1 - slippage)
    fee = abs(change) * paid * float(carry.fee[a])
    own.cash -= change * paid
    own.cash -= fee
    filled = Filled(p, a, -1, Kind.LIQUIDATION, change, price, slippage, fee, 1.0)
    own.orders.append(filled)
    return filled


def liquidate(grid: Grid, carry: Carry, own: Portfolio, p: int, maintenance: float) -> None:
    legs = [a for a, s in enumerate(own.shares) if s != 0]
    last = marks_at(grid, p)
    first = marks_at(grid, p - 1) if p % 2 == 1 else last

    def margin(marks: list[float]) -> float:
        return own.cash + sum(
            own.shares[a] * marks[a] - maintenance * abs(own.shares[a]) * marks[a] for a in legs
        )

    crossing = 0.0
    if margin(first) > 0:
        crossing = margin(first) / (margin(first) - margin(last))
    for a in legs:
        price = first[a] + crossing * (last[a] - first[a])
        trade(carry, own, p, a, -own.shares[a], price)
        own.shares[a] = 0.0
    if own.cash < 0:
        own.shortfall = -own.cash
        own.cash = 0.0
    own.waiting.clear()
    own.liquidated = p


def decide(
    grid: Grid,
    own: Portfolio,
    plan: Plan,
    d: int,
    kind: int,
    points: list[int],
    p: int,
    equity: float,
    limits: Limits,
) -> None:
    marks = marks_at(grid, p)
    A = len(marks)
    equity = max(equity, 0.0)
    chosen = [a for a in range(A) if points[a] >= 0 and not isnan(plan.targets[d, a])]
    position = [own.waiting[a]["shares"] if a in own.waiting else own.shares[a] for a in range(A)]
    for a in chosen:
        if plan.of_equity[d, a]:
            position[a] = plan.targets[d, a] * equity / marks[a] if plan.targets[d, a] else 0.0
    gross_book = sum(abs(position[a] * marks[a]) for a in range(grid.n_book))
    for a in chosen:
        if not plan.of_equity[d, a]:
            position[a] = plan.targets[d, a] * gross_book / marks[a] if plan.targets[d, a] else 0.0
    placed = sum(abs(position[a] * marks[a]) for a in chosen)
    kept = sum(abs(position[a] * marks[a]) for a in range(A) if a not in chosen)
    cut = 1.0
    if limits.gross < inf and placed > 0 and placed + kept > limits.gross * equity * (1 + 1e-12):
        cut = max(0.0, limits.gross * equity - kept) / placed
    for a in chosen:
        if a in own.waiting:
            own.fates[int(own.waiting.pop(a)["decision"]), a] = Fate.REPLACED
        shares = position[a] * cut
        if shares == own.shares[a]:
            own.fates[d, a] = Fate.UNCHANGED
        else:
            own.fates[d, a] = Fate.OPEN
            own.waiting[a] = {
                "shares": shares, "point": points[a], "decision": d, "kind": kind, "cut": cut,
            }  # fmt: skip
