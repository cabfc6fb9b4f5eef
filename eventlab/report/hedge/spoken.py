"""A strategy in a sentence: what it saved or cost, the risk it took away, and the doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import listed, number, rows_of, sentence
from eventlab.report.hedge.measures import (
    COSTS,
    cost_shares,
    gains,
    per_event,
    several_events,
    value_of,
)
from eventlab.report.hedge.rest_views import reasons
from eventlab.report.hedge.wording import change, label, share, wording
from eventlab.report.numbers import counted, pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.hedge.measures import PerEvent
    from eventlab.report.hedge.wording import Wording

__all__ = ["LEVEL", "Spoken", "spoken"]

LEVEL: Final = 0.05
FEW: Final = 20  # events below which an average says little
# What can be told of money and of risk (1 good, 0 nothing, -1 bad): kind and words.
BRIEF: Final = {
    (1, 1): ("up", "more money, less risk"),
    (1, 0): ("up", "more money"),
    (1, -1): ("open", "more money, more risk"),
    (0, 1): ("up", "less risk; money not shown"),
    (0, 0): ("chance", "not shown"),
    (0, -1): ("down", "more risk; money not shown"),
    (-1, 1): ("open", "less risk, at a cost"),
    (-1, 0): ("down", "less money"),
    (-1, -1): ("down", "less money, more risk"),
}
SURE: Final = 0.95  # deflated Sharpe from which the best is more than luck


@dataclass(frozen=True, slots=True)
class Spoken:
    """The answer, what else is known, and the reasons for doubt, strongest first.

    ``brief`` is the answer in a few words, for a list of strategies; ``kind`` is ``up`` (it made
    money or took risk away), ``down`` (it cost money or added risk), ``open`` (some of both) or
    ``chance`` (nothing can be told).
    """

    sentence: str
    lines: tuple[str, ...]
    doubts: tuple[str, ...]
    brief: str
    kind: str


def spoken(result: Backtest, sweep: Sweep | None = None) -> Spoken:
    """Say what a strategy saved or cost per event, and whether random dates would have, too."""
    said = wording(result.strategy)
    found = per_event(gains(result))
    p = value_of(result.placebo, "pvalue", statistic=said.statistic)
    lines = [
        *((_trade_risk(result),) if said.way == "trade" else ()),
        _costs(result, said),
        _whole(result, said),
        *_random_risk(result, said),
        *_tried(sweep),
    ]
    doubts = [
        *_overfitted(sweep, said),
        *_chance(found, p),
        *_few(found),
        *_one_event(result, found),
        *_wrong_ratio(result),
        *_refused(result),
        *_left_out(result),
        *_stale(result),
    ]
    money, risk = _money(found, p, said), _risk(result, said)
    kind, brief = _kind(found, p, _risk_told(result, said))
    whole = f"{money} {risk}".strip()
    return Spoken(whole, tuple(filter(None, lines)), tuple(doubts), brief, kind)


def _kind(found: PerEvent, p: float, risk: int) -> tuple[str, str]:
    """Return the verdict and its words; nothing is a gain that random dates give as often."""
    money = 0
    if found.told and (found.mean < 0 or p < LEVEL):
        money = 1 if found.mean > 0 else -1
    return BRIEF[money, risk]


def _risk_told(result: Backtest, said: Wording) -> int:
    """Return 1 where variance was taken away, -1 where it was added, 0 where it cannot be told."""
    table = result.effectiveness
    own = table[(table["scope"] == said.scope) & (table["measure"] == "variance")]
    if said.way == "trade" or own.empty:
        return 0
    low, high = float(own["low"].iloc[0]), float(own["high"].iloc[0])
    return int(low > 0) - int(high < 0)


def _money(found: PerEvent, p: float, said: Wording) -> str:
    """Answer with money: nothing is claimed where the interval holds zero."""
    if found.n == 0:
        return f"No event has an equity to measure {said.subject} on."
    if not found.told:
        return _untold(found, p, said)
    least, most = sorted((abs(found.low), abs(found.high)))
    size = (
        f"{change(abs(found.mean), sign=False)} of equity per event "
        f"({change(least, sign=False)} to {change(most, sign=False)}, "
        f"{counted(found.n, 'event')}), after costs"
    )
    subject = said.subject[:1].upper() + said.subject[1:]
    if found.mean < 0:
        return f"{subject} {'lost' if said.way == 'trade' else 'cost'} {size}{_dates(p)}."
    if p < LEVEL:
        size += f", more than on random dates (p {pvalue(p)})"
    elif math.isfinite(p):
        size += f", but could not be told from random dates (p {pvalue(p)})"
    else:
        size += ", but no placebo says whether random dates would have, too"
    return f"{subject} {'made' if said.way == 'trade' else 'saved'} {size}."


def _untold(found: PerEvent, p: float, said: Wording) -> str:
    """Say that money cannot be told, and how wide it is open."""
    saved = "made or lost money" if said.way == "trade" else "saved or cost money"
    what, mean = f"Whether {said.subject} {saved} cannot be told", change(found.mean)
    if not math.isfinite(found.low):
        return f"{what} from one event ({mean} of equity, after costs)."
    return (
        f"{what}: {mean} of equity per event after costs, but anywhere from {change(found.low)} to "
        f"{change(found.high)} over {counted(found.n, 'event')}{_dates(p)}."
    )


def _dates(p: float) -> str:
    if not math.isfinite(p):
        return ""
    if p < LEVEL:
        return f"; random dates seldom did as well (p {pvalue(p)})"
    return f"; it could not be told from random dates (p {pvalue(p)})"


def _risk(result: Backtest, said: Wording) -> str:
    """Say how much variance and expected shortfall went, on the bars where it can be compared."""
    if said.way == "trade":
        return ""
    table = result.effectiveness
    table = table[(table["scope"] == said.scope) & table["value"].notna()]
    bars = "event bars" if said.scope == "event" else "all bars"
    away, added, open_ = [], [], []
    for row in rows_of(table):
        size = share(row["value"])
        name = f"the {str(row['measure']).replace('_', ' ')}"
        if not math.isfinite(row["low"]):
            open_.append(f"{name} ({size}, without an interval)")
            continue
        reach = f"({share(row['low'])} to {share(row['high'])})"
        if row["low"] > 0:
            away.append(f"{size} of {name} {reach}")
        elif row["high"] < 0:
            added.append(
                f"{share(-row['value'])} to {name} ({share(-row['high'])} to {share(-row['low'])})"
            )
        else:
            open_.append(f"{name} ({size}, {reach[1:-1]})")
    parts = [
        *([f"took away {listed(away)}"] if away else []),
        *([f"added {listed(added)}"] if added else []),
    ]
    text = f"On {bars} it {listed(parts)}" if parts else ""
    if open_:
        doubt = f"whether it took away any of {listed(open_)} cannot be told"
        text = f"{text}; {doubt}" if text else f"On {bars}, {doubt}"
    return f"{text}." if text else ""


def _trade_risk(result: Backtest) -> str:
    exposed = value_of(result.metrics, "value", run="hedged", scope="all", metric="gross")
    fall = value_of(result.comparisons, "max_drawdown", run="hedged")
    return (
        f"Risk: {share(exposed)} of equity was at stake on average, counting the time out; the "
        f"deepest fall was {share(-fall)}."
    )


def _costs(result: Backtest, said: Wording) -> str:
    found = cost_shares(result)
    total = sum(found.values())
    parts = [
        f"{kind} {change(found[kind], 3, sign=False)}" for kind in COSTS if abs(found[kind]) >= 5e-6
    ]

    if not parts:
        return "Costs: none."
    what = "received" if total < 0 else "paid"
    own = "; borrow and funding of the hedge's own legs" if said.way == "hedge" else ""
    return (
        f"Costs: {change(abs(total), sign=False)} of equity {what} per event "
        f"({', '.join(parts)}{own})."
    )


def _whole(result: Backtest, said: Wording) -> str:
    table = result.comparisons
    parts = [
        f"{said.compared(run)} {change(value_of(table, 'total_return', run=run), 1)}"
        for run in ("hedged", "unhedged", "always", "cash")
        if (table["run"] == run).any()
    ]
    first, last = (f"{result.curves['session'].iloc[at]:%Y-%m-%d}" for at in (0, -1))
    return f"Over the whole time, {first} to {last}: {', '.join(parts)}."


def _random_risk(result: Backtest, said: Wording) -> Iterator[str]:
    """Say whether random dates took away as much: the hedge then has nothing to do with events."""
    if said.way != "hedge":
        return
    table = result.placebo[result.placebo["statistic"] == "variance_reduction"]
    for row in table.to_dict("records"):
        if not math.isfinite(row["pvalue"]):
            continue
        told = "more here" if row["pvalue"] < LEVEL else "not told apart from here"
        yield (
            f"On random dates {said.subject} takes away {share(row['mean'])} of the variance on "
            f"average: {told} (p {pvalue(row['pvalue'])})."
        )


def _statistic(sweep: Sweep, name: str) -> float:
    return value_of(sweep.overfitting, "value", statistic=name)


def _tried(sweep: Sweep | None) -> Iterator[str]:
    if sweep is None or sweep.sets.empty:
        return
    best = sweep.sets["sharpe"].max()
    base = sweep.sets.loc[sweep.sets["base"].astype(bool), "sharpe"]
    own = f", the file's own {number(base.iloc[0])}" if len(base) else ""
    deflated, pbo = _statistic(sweep, "deflated_sharpe"), _statistic(sweep, "pbo")
    beats = _statistic(sweep, "spa_consistent")
    yield (
        f"Tried: {counted(len(sweep.sets), 'set')}; best Sharpe {number(best)}{own}; deflated "
        f"Sharpe {number(deflated)}, PBO {number(pbo)}, SPA against the book p {pvalue(beats)}."
    )


def _chance(found: PerEvent, p: float) -> Iterator[str]:
    if not math.isfinite(p):
        yield "No placebo: whether random dates would have done the same is not known."
    elif p < LEVEL and not found.told:
        yield "The interval over events holds zero: a few more events could turn the sign."


def _overfitted(sweep: Sweep | None, said: Wording) -> Iterator[str]:
    if sweep is None:
        return
    deflated, pbo = _statistic(sweep, "deflated_sharpe"), _statistic(sweep, "pbo")
    beats = _statistic(sweep, "spa_consistent")
    found = []
    if beats >= LEVEL and said.way != "trade":
        found.append(
            f"none of {counted(len(sweep.sets), 'set')} earns more than the book alone once all "
            f"tries are counted (SPA p {pvalue(beats)})"
        )
    if deflated < SURE:
        found.append(
            f"the best Sharpe is not beyond what so many tries give by luck (deflated "
            f"{number(deflated)}, {SURE:g} would be)"
        )
    if pbo >= 0.5:
        found.append(
            f"the best in sample falls below the median out of sample in {share(pbo, 0)} of splits"
            " (PBO)"
        )
    if found:
        yield sentence("; ".join(found))


def _few(found: PerEvent) -> Iterator[str]:
    if 0 < found.n < FEW:
        yield f"Only {counted(found.n, 'event')}: one or two decide the average."


def _one_event(result: Backtest, found: PerEvent) -> Iterator[str]:
    """Name the event without which the sign would be another."""
    if found.n > 1 and found.mean > 0 > found.without_best:
        several = several_events(result)
        name = label(rows_of(result.events)[found.best], several=several)
        yield f"Without its best event, {name}, the average would be {change(found.without_best)}."


def _wrong_ratio(result: Backtest) -> Iterator[str]:
    """Say how far the ratios that were used lay from the right ones."""
    known = result.events[
        result.events["ideal_ratio"].notna() & result.events["hedge_ratio"].notna()
    ]
    if len(known) < 2:
        return
    used, right = known["hedge_ratio"], known["ideal_ratio"]
    low, high = right.quantile([0.1, 0.9])
    yield (
        f"The ratio was {number(used.mean(), 1)} on average; the right one, known only afterwards, "
        f"lay between {number(low, 1)} and {number(high, 1)} in four events of five: a few bars "
        "each, so part of that is noise."
    )


def _refused(result: Backtest) -> Iterator[str]:
    counts = result.orders["status"].value_counts()
    odd = [f"{counts[name]:,} {name}" for name in ("rolled", "refused") if name in counts]
    if odd:
        orders = counted(len(result.orders), "order")
        yield f"Of {orders} {listed(odd)}, each listed with its reason."
    if (result.orders["kind"] == "liquidation").any():
        yield "Everything was liquidated: equity fell below the margin."


def _left_out(result: Backtest) -> Iterator[str]:
    groups = reasons(result.exclusions)
    if groups:
        first = groups[0]
        yield (
            f"{counted(len(result.exclusions), 'exclusion')}, {first['count']:,} of them as this: "
            f"{str(first['reason']).rstrip('.')}."
        )


def _stale(result: Backtest) -> Iterator[str]:
    late = result.sampling[result.sampling["stale"] > 0]
    if len(late):
        bars = int(late["stale"].sum())
        yield (
            f"{listed(late['symbol'].tolist())} had no price in {counted(bars, 'bar')} while held "
            "and were valued at an earlier one."
        )
