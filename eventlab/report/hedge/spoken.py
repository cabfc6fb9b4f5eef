"""A strategy in a sentence: what it saved or cost, the risk it took away, and the doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import listed, number, rows_of
from eventlab.report.hedge.doubts import LEVEL, doubts, no_signal, statistic
from eventlab.report.hedge.measures import (
    COSTS,
    cost_shares,
    gains,
    per_event,
    value_of,
)
from eventlab.report.hedge.wording import change, share, wording
from eventlab.report.numbers import counted, integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.hedge.measures import PerEvent
    from eventlab.report.hedge.wording import Wording

__all__ = ["Spoken", "shared_bars", "spoken"]

# What can be told of money and of risk (1 good, 0 nothing, -1 bad): kind and words.
BRIEF: Final = {
    (1, 1): ("up", "more money, less risk"),
    (1, 0): ("up", "more money"),
    (1, -1): ("open", "more money, more risk"),
    (0, 1): ("up", "less risk; money unclear"),
    (0, 0): ("chance", "not shown"),
    (0, -1): ("down", "more risk; money unclear"),
    (-1, 1): ("open", "less risk, at a cost"),
    (-1, 0): ("down", "less money"),
    (-1, -1): ("down", "less money, more risk"),
}
MOST_SHARED: Final = 0.95  # share of the bars below which a sweep's Sharpe is another sample's


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
    shown = f"p {pvalue(p)}{_added_up(result, found, said)}"
    lines = [
        *((_trade_risk(result),) if said.way == "trade" else ()),
        _costs(result, said),
        _whole(result, said),
        *_random_risk(result, said),
        *no_signal(result),
        *_tried(sweep, len(result.curves)),
    ]
    money, risk = _money(found, p, shown, said), _risk(result, said)
    kind, brief = _kind(found, p, _risk_told(result, said))
    whole = f"{money} {risk}".strip()
    return Spoken(whole, tuple(filter(None, lines)), doubts(result, sweep), brief, kind)


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


def _added_up(result: Backtest, found: PerEvent, said: Wording) -> str:
    """Give the number that p belongs to where it is not the one beside it, which compounds."""
    value = change(value_of(result.placebo, "value", statistic=said.statistic))
    return "" if value == change(found.mean) else f" for {value}, bar returns added up"


def _money(found: PerEvent, p: float, shown: str, said: Wording) -> str:
    """Answer with money: nothing is claimed where the interval holds zero.

    ``shown`` is the placebo ``p`` in words.
    """
    if found.n == 0:
        return f"No event has an equity to measure {said.subject} on."
    if not found.told:
        return _untold(found, _dates(p, shown), said)
    least, most = sorted((abs(found.low), abs(found.high)))
    size = (
        f"{change(abs(found.mean), sign=False)} of equity per event "
        f"({change(least, sign=False)} to {change(most, sign=False)}, "
        f"{counted(found.n, 'event')}), after costs"
    )
    subject = said.subject[:1].upper() + said.subject[1:]
    if found.mean < 0:
        return f"{subject} {'lost' if said.way == 'trade' else 'cost'} {size}{_dates(p, shown)}."
    if p < LEVEL:
        size += f", more than on random dates ({shown})"
    elif math.isfinite(p):
        size += f", but could not be told from random dates ({shown})"
    else:
        size += ", but no placebo says whether random dates would have, too"
    return f"{subject} {'made' if said.way == 'trade' else 'saved'} {size}."


def _untold(found: PerEvent, dates: str, said: Wording) -> str:
    """Say that money cannot be told, how wide it is open, and what random ``dates`` did."""
    saved = "made or lost money" if said.way == "trade" else "saved or cost money"
    what, mean = f"Whether {said.subject} {saved} cannot be told", change(found.mean)
    if not math.isfinite(found.low):
        return f"{what} from one event ({mean} of equity, after costs)."
    return (
        f"{what}: {mean} of equity per event after costs, but anywhere from {change(found.low)} to "
        f"{change(found.high)} over {counted(found.n, 'event')}{dates}."
    )


def _dates(p: float, shown: str) -> str:
    if not math.isfinite(p):
        return ""
    if p < LEVEL:
        return f"; random dates seldom did as well ({shown})"
    if p > 1.0 - LEVEL:
        return f"; random dates nearly always did better ({shown})"
    return f"; it could not be told from random dates ({shown})"


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
    total = math.fsum(found.values())
    if math.isnan(total):
        return "Costs: no episode was traded, as everything had been liquidated before."
    parts = [
        f"{kind} {'received ' if found[kind] < 0 else ''}{change(abs(found[kind]), 3, sign=False)}"
        for kind in COSTS
        if abs(found[kind]) >= 5e-6
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
        told = "not told apart from here"
        if row["pvalue"] < LEVEL:
            told = "more here"
        elif row["pvalue"] > 1.0 - LEVEL:
            told = "less here"
        yield (
            f"On random dates {said.subject} takes away {share(row['mean'])} of the variance on "
            f"average: {told} (p {pvalue(row['pvalue'])})."
        )


def _tried(sweep: Sweep | None, bars: int) -> Iterator[str]:
    if sweep is None or sweep.sets.empty:
        return
    best = sweep.sets["sharpe"].max()
    base = sweep.sets.loc[sweep.sets["base"].astype(bool), "sharpe"]
    own = f", the file's own {number(base.iloc[0])}" if len(base) else ""
    deflated, pbo = statistic(sweep, "deflated_sharpe"), statistic(sweep, "pbo")
    beats = statistic(sweep, "spa_consistent")
    yield (
        f"Tried: {counted(len(sweep.sets), 'set')}{shared_bars(sweep, bars)}; best Sharpe "
        f"{number(best)}{own}; deflated Sharpe {number(deflated)}, PBO {number(pbo)}, SPA "
        f"against the book p {pvalue(beats)}."
    )


def shared_bars(sweep: Sweep, bars: int) -> str:
    """Say on how few bars the sets are compared: those from the last beginning of a set on."""
    shared = statistic(sweep, "bars")
    if not shared < MOST_SHARED * bars:
        return ""
    return f", compared on the last {integer(shared)} of {bars:,} bars, which all of them share"
