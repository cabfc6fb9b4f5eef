"""Whether a strategy looks ahead: it decides again on other futures, and nothing may change."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from eventlab.errors import DataError, UsageError
from eventlab.hedge.answers.instants import moment
from eventlab.hedge.results import Audit
from eventlab.hedge.rolls import previous_sessions
from eventlab.hedge.rule_plan import decide_by_rule
from eventlab.hedge.runs import decide_all, simulate_plan, why_not_entered
from eventlab.hedge.setting import prepare
from eventlab.hedge.types import Kind
from eventlab.market.futures import delayed, events_known, scrambled, truncated
from eventlab.market.priced_stamp import priced_stamp
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.known import Rule
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Grid
    from eventlab.market.types import Market
    from eventlab.study.steps import Progress

__all__ = ["run_audit"]

FUTURES: Final = ("truncated", "scrambled", "delayed")
CUT_COLUMNS = ["cut_at", "future", "decisions", "changed"]
CHANGE_COLUMNS = [
    "cut_at", "future", "decided_at", "occurrence", "kind", "symbol", "field", "with_future",
    "without",
]  # fmt: skip
SCHEDULE_TAGS: Final = frozenset({"scheduled", "unscheduled"})
# Instant; 1 for an open, which may be at the instant of the close before; occurrence, kind, symbol,
# field.
Key = tuple[int, int, str, str, str, str]


class Facts(NamedTuple):
    """Everything a strategy decided and did, by when it was known."""

    known: dict[Key, float]
    grid: Grid


def run_audit(  # noqa: PLR0913 - the public names of the command
    strategy: StrategyDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    seed: int = 0,
    cuts: int = 12,
    rule: Rule | None = None,
    progress: Progress = quietly,
) -> Audit:
    """Decide again on prices that end at an instant, that go on differently, and that come late.

    Parameters
    ----------
    strategy, market, workspace, rule
        As of `run_backtest`.
    seed
        Of the prices that are made up.
    cuts
        At how many decisions, evenly over all of them, the future is changed.
    progress
        Called with (done, total) after each run.

    Returns
    -------
    Audit
        A cut lies at the close of a decision, or where the last price is from that the decision
        uses. With made-up prices after it, or the same ones three sessions later, every target,
        order, price and amount of equity up to the cut has to be the same, bit for bit; with prices
        that end there, everything before
        their last bar, in which nothing can be decided any more. What came out of occurrences
        after the cut (tags, facts, titles) is not known either; their dates are. Each run has a
        copy of a rule; prices that it brought along by itself are the same in all of them, and are
        not audited.

    Raises
    ------
    UsageError
        No workspace is known, or ``cuts`` is not positive.
    DataError
        As `run_backtest`.
    """
    if cuts < 1:
        raise UsageError(f"cuts {cuts}: must be 1 or more")
    decided = decide(strategy, market, workspace, rule)
    if not decided.episodes:
        raise DataError(f"{strategy.strategy}: {why_not_entered(decided.left_out)}")
    workspace = decided.setting.workspace
    whole, known = facts_of(decided), known_tags(strategy, workspace)
    rows = cut_rows(decided, cuts)
    tried, changes = [], []
    for done, row in enumerate(rows):
        cut = last_known(decided.setting.grid, row)
        then = events_known(workspace, cut, known)
        for future in FUTURES:
            other = another(future, market, cut, seed)
            facts = facts_or_none(strategy, other, then, rule)
            # Where prices end, nothing can be decided; a leg's prices may end some bars before.
            last = row if future != "truncated" else min(row - 1, reach(decided.setting, facts))
            bound = int(decided.setting.grid.instants[2 * last + 1]) if last >= 0 else -1
            found = list(compare(whole, facts, bound))
            compared = sum(key[:2] <= (bound, 0) for key in whole.known)
            tried.append((moment(cut), future, compared, len(found)))
            changes += [(moment(cut), future, *each) for each in found]
        progress(done + 1, len(rows))
    return Audit(
        strategy=strategy,
        stamp=priced_stamp(market, decided.setting.sleeves.symbols),
        seed=seed,
        cuts=pd.DataFrame(tried, columns=CUT_COLUMNS),
        changes=pd.DataFrame(changes, columns=CHANGE_COLUMNS).sort_values(
            "decided_at", kind="stable", ignore_index=True
        ),
    )


def decide(
    strategy: StrategyDefinition, market: Market, workspace: Workspace | None, rule: Rule | None
) -> Decided:
    """Plan a strategy, or a rule in its place."""
    setting = prepare(strategy, market, workspace)
    return decide_all(setting) if rule is None else decide_by_rule(setting, deepcopy(rule))


def another(future: str, market: Market, cut: int, seed: int) -> Market:
    """Return the market with one of `FUTURES`."""
    if future == "truncated":
        return truncated(market, cut)
    return delayed(market, cut) if future == "delayed" else scrambled(market, cut, seed)


def facts_or_none(
    strategy: StrategyDefinition, market: Market, workspace: Workspace, rule: Rule | None
) -> Facts | None:
    """Return what is decided on another future; None where nothing can be."""
    try:
        decided = decide(strategy, market, workspace, rule)
        return facts_of(decided) if decided.episodes else None
    except (DataError, UsageError):
        return None


def reach(whole: Setting, facts: Facts | None) -> int:
    """Return the last row whose decisions are all told by prices that end; -1 for none.

    At the last close nothing can be decided any more, nor can what is due after it be brought
    forward.
    """
    if facts is None:
        return -1
    end, grid = len(facts.grid), whole.grid
    row = end - 2
    if whole.strategy.when_closed == "previous_close" and end < len(grid):
        closed = ~grid.trades[end]
        before = previous_sessions(grid.trades)[end][closed]
        row = min([row, *(before - 2).tolist()])
    return max(row, -1)


def facts_of(decided: Decided) -> Facts:
    """Simulate a plan and collect its targets, orders and money by instant."""
    setting, plan = decided.setting, decided.planned.plan
    grid, values = setting.grid, dict[Key, float]()
    run = simulate_plan(setting, plan)
    names = [each.first.span.occasion.name for each in decided.episodes]
    for at in np.flatnonzero(plan.decided < len(grid)):
        number = int(plan.episode[at])
        where = (
            int(grid.instants[2 * plan.decided[at] + 1]),
            0,
            names[number] if number >= 0 else "",
            Kind(int(plan.kind[at])).name.lower(),
        )
        for leg in np.flatnonzero(np.isfinite(plan.targets[at])):
            values[(*where, grid.symbols[leg], "target")] = float(plan.targets[at, leg])
    for place, point in enumerate(run.order_point.tolist()):
        kind = f"order {Kind(int(run.order_kind[place])).name.lower()}"
        order = (*when(grid, point), "", kind)
        symbol = grid.symbols[run.order_leg[place]]
        values[(*order, symbol, "shares")] = float(run.order_shares[place])
        values[(*order, symbol, "price")] = float(run.order_price[place])
    for point, amount in enumerate(run.equity.tolist()):
        values[(*when(grid, point), "", "bar", "", "equity")] = amount
    return Facts(values, grid)


def when(grid: Grid, point: int) -> tuple[int, int]:
    """Return a point's instant, and 1 for an open."""
    return int(grid.instants[point]), int(point % 2 == 0)


def compare(
    whole: Facts, other: Facts | None, bound: int
) -> Iterator[tuple[pd.Timestamp, str, str, str, str, float, float]]:
    """Yield what is not the same up to an instant, in order of time."""
    found = {} if other is None else other.known
    keys = {key for key in (*whole.known, *found) if key[:2] <= (bound, 0)}
    for key in sorted(keys):
        with_future, without = (each.get(key, np.nan) for each in (whole.known, found))
        if with_future != without:
            instant, _, occurrence, kind, symbol, field = key
            yield moment(instant), occurrence, kind, symbol, field, with_future, without


def cut_rows(decided: Decided, cuts: int) -> Sequence[int]:
    """Rows of decisions, evenly over them, from the bar after the first entry on.

    When the book is bought follows from which occurrence is the first that can be entered.
    """
    plan = decided.planned.plan
    first = int(plan.decided[plan.kind == Kind.ENTER].min())
    rows = np.unique(
        plan.decided[(plan.decided > first) & (plan.decided < len(decided.setting.grid) - 1)]
    )
    if not len(rows):
        rows = np.array([min(first + 1, len(decided.setting.grid) - 2)])
    kept = np.unique(np.linspace(0, len(rows) - 1, min(cuts, len(rows))).round().astype(int))
    return [int(row) for row in rows[kept]]


def last_known(grid: Grid, row: int) -> int:
    """When the last of the prices is from that are known at the close of a bar, UTC ns.

    Daily closes of another market may lie some hours after the clock's own.
    """
    priced = np.isfinite(grid.fills[2 * row + 1])
    times: npt.NDArray[np.int64] = grid.filled_at[2 * row + 1][priced]
    latest: int = max([int(grid.instants[2 * row + 1]), *times.tolist()])
    return latest


def known_tags(strategy: StrategyDefinition, workspace: Workspace) -> frozenset[str]:
    """Tags that are known before an occurrence: its schedule's, and those its issuer always has."""
    by_issuer: dict[tuple[str, str | None], list[frozenset[str]]] = {}
    for name in strategy.events:
        for one in workspace.event(name).resolved_occurrences():
            by_issuer.setdefault((name, one.issuer), []).append(frozenset(one.tags))
    always = {tag for each in by_issuer.values() for tag in frozenset.intersection(*each)}
    sometimes = {
        tag
        for each in by_issuer.values()
        for tag in frozenset.union(*each) - frozenset.intersection(*each)
    }
    return frozenset(always - sometimes) | SCHEDULE_TAGS
