"""The reasons to doubt what is said of a strategy, strongest first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import instant, listed, number, rows_of, sentence
from eventlab.report.hedge.measures import (
    gains,
    per_event,
    several_events,
    value_of,
    was_held,
)
from eventlab.report.hedge.rest_views import reasons
from eventlab.report.hedge.wording import change, label, share, true_minus, wording
from eventlab.report.numbers import counted, pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.hedge.measures import PerEvent
    from eventlab.report.hedge.wording import Wording

__all__ = ["LEVEL", "SURE", "doubts", "no_signal", "statistic"]

LEVEL: Final = 0.05
SURE: Final = 0.95  # deflated Sharpe from which the best is more than luck
FEW: Final = 20  # events below which an average says little
# How the notes of a backtest begin that say what a signal or a state did.
NO_SIGNAL: Final = r"(?:^|: )reaction [+-]?[\d.]"
UNSEEN: Final = "the state was not seen"


def doubts(result: Backtest, sweep: Sweep | None = None) -> tuple[str, ...]:
    """Return why what is said of a strategy may not hold, a sentence each."""
    said = wording(result.strategy)
    found = per_event(gains(result))
    p = value_of(result.placebo, "pvalue", statistic=said.statistic)
    return (
        *_liquidated(result),
        *_overfitted(sweep, said),
        *_chance(found, p),
        *_few(found),
        *_one_event(result, found),
        *_unseen_state(result),
        *_wrong_ratio(result),
        *_refused(result),
        *_left_out(result),
        *_stale(result),
    )


def statistic(sweep: Sweep, name: str) -> float:
    """Return one number of what is known of overfitting; NaN where it is not there."""
    return value_of(sweep.overfitting, "value", statistic=name)


def _liquidated(result: Backtest) -> Iterator[str]:
    """Say when it was, and how many events found nothing left to hold."""
    at = result.orders.loc[result.orders["kind"] == "liquidation", "filled_at"]
    if at.empty:
        return
    missed = int((~was_held(result)).sum())
    after = (
        f"; {missed:,} of {counted(len(result.events), 'event')} came after it" if missed else ""
    )
    yield f"Everything was liquidated at {instant(at.min())}: equity fell below the margin{after}."


def _chance(found: PerEvent, p: float) -> Iterator[str]:
    if not math.isfinite(p):
        yield "No placebo: whether random dates would have done the same is not known."
    elif p < LEVEL and not found.told:
        yield "The interval over events holds zero: a few more events could turn the sign."


def _overfitted(sweep: Sweep | None, said: Wording) -> Iterator[str]:
    if sweep is None:
        return
    deflated, pbo = statistic(sweep, "deflated_sharpe"), statistic(sweep, "pbo")
    beats = statistic(sweep, "spa_consistent")
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
            "the best in sample is at or below the median out of sample in "
            f"{share(pbo, 0)} of splits (PBO)"
        )
    if found:
        yield sentence("; ".join(found))


def _few(found: PerEvent) -> Iterator[str]:
    if 1 < found.n < FEW:  # of one event the answer itself says so
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


def _left_out(result: Backtest) -> Iterator[str]:
    table = result.exclusions[~_without_signal(result)]
    groups = reasons(table)
    if not groups:
        return
    first = groups[0]
    of_all = "" if first["count"] == len(table) == 1 else f", {first['count']:,} of them as this"
    if len(groups) == 1 < len(table):
        of_all = ", all for this reason"
    yield (
        f"{counted(len(table), 'exclusion')}{of_all}: "
        f"{true_minus(str(first['reason']).rstrip('.'))}."
    )


def no_signal(result: Backtest) -> Iterator[str]:
    """Say how many occurrences gave no signal: that is the rule at work, and no doubt."""
    table = result.exclusions[_without_signal(result)]
    if len(table):
        everything = len(table) + len(result.events)
        reason = str(reasons(table)[0]["reason"])
        yield (
            f"Signal: {len(table):,} of {counted(everything, 'event')} gave none, for instance as "
            f"{true_minus(reason)}."
        )


def _without_signal(result: Backtest) -> pd.Series:
    """(X,) bool: the exclusions by what the file's signal asks for."""
    return result.exclusions["reason"].astype(str).str.contains(NO_SIGNAL, regex=True)


def _unseen_state(result: Backtest) -> Iterator[str]:
    """Say how often a position was left because time was up, and not as its state was seen."""
    late = int(result.events["note"].str.contains(UNSEEN, regex=False).sum())
    if late:
        yield (
            f"In {late:,} of {counted(len(result.events), 'event')} the state that should end it "
            "was not seen in time: the position was left because its bars were over."
        )


def _stale(result: Backtest) -> Iterator[str]:
    late = result.sampling[result.sampling["stale"] > 0]
    if len(late):
        bars = int(late["stale"].sum())
        yield (
            f"{listed(late['symbol'].tolist())} had no price in {counted(bars, 'bar')} while held "
            "and were valued at an earlier one."
        )
