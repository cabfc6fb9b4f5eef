"""A sweep in a sentence: whether the best of so many sets is worth anything, and the doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import listed, number
from eventlab.report.hedge.doubts import LEVEL, SURE, statistic
from eventlab.report.hedge.sweep_views import named_set, swept
from eventlab.report.hedge.wording import share, wording
from eventlab.report.numbers import counted, integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from eventlab.hedge.results import Sweep

__all__ = ["SweepSpoken", "sweep_spoken"]

OVERFITTED: Final = 0.5  # PBO at which choosing by the past is no better than a coin


@dataclass(frozen=True, slots=True)
class SweepSpoken:
    """The answer, what else is known, and the reasons for doubt."""

    sentence: str
    lines: tuple[str, ...]
    doubts: tuple[str, ...]


def sweep_spoken(sweep: Sweep) -> SweepSpoken:
    """Say whether the best set is beyond what so many tries give by luck."""
    best = sweep.sets[sweep.sets["chosen"].astype(bool)].iloc[0]
    return SweepSpoken(
        _answer(sweep, best),
        (*_sets(sweep, best), *_explained(sweep), *_forward(sweep)),
        (*_overfitted(sweep), *_random(sweep), *_few(best), *_left_out(sweep)),
    )


def _answer(sweep: Sweep, best: pd.Series) -> str:
    deflated, spa = statistic(sweep, "deflated_sharpe"), statistic(sweep, "spa_consistent")
    name = f"The best of {counted(len(sweep.sets), 'set')} ({named(sweep, best)})"
    if not (math.isfinite(deflated) and math.isfinite(spa)):
        return f"{name} has Sharpe {number(best['sharpe'])}; what it is worth cannot be told."
    luck, beats = deflated < SURE, spa < LEVEL
    size = f"Sharpe {number(best['sharpe'])}"
    what = (
        f"deflated Sharpe {number(deflated)}, {SURE:g} would be more than luck; no set beats the "
        f"book alone: p {pvalue(spa)}"
    )
    if not luck and beats:
        return (
            f"{name} is beyond what so many tries give by luck, and beats the book: {size}; {what}."
        )
    if luck and not beats:
        return f"Nothing shows that the best set is worth anything. {name}: {size}; {what}."
    if beats:
        return f"{name} beats the book alone, but its Sharpe may be luck: {size}; {what}."
    return (
        f"Nothing shows that the best set adds to its book. {name}: {size}, more than luck, "
        f"but that may be the book's own; {what}."
    )


def named(sweep: Sweep, row: pd.Series) -> str:
    """Name a set by its values: ``hedge.ratio.lookback 60, when.exit 5``."""
    return ", ".join(f"{path} {named_set(row[path])}" for path in swept(sweep))


def _sets(sweep: Sweep, best: pd.Series) -> Iterator[str]:
    """Say on which bars sets are compared, and set the file's own values beside the best."""
    table = sweep.overfitting[sweep.overfitting["statistic"] == "bars"]
    for row in table.to_dict("records"):
        if row["note"] and math.isfinite(row["value"]):
            yield f"Compared on {counted(int(row['value']), 'bar')}: {row['note']}."
    base = sweep.sets[sweep.sets["base"].astype(bool)]
    if base.empty:
        yield "The file's own values are not among the sets that could be run."
        return
    own = base.iloc[0]
    if own["number"] == best["number"]:
        yield "The best set is that of the file."
        return
    rank = int((sweep.sets["sharpe"] > own["sharpe"]).sum()) + 1
    yield (
        f"The file's own set ({named(sweep, own)}): Sharpe {number(own['sharpe'])}, rank {rank} of "
        f"{len(sweep.sets):,}."
    )


def _explained(sweep: Sweep) -> Iterator[str]:
    """Say what the statistics mean here."""
    luck, tries = statistic(sweep, "expected_max_sharpe"), statistic(sweep, "effective_trials")
    if math.isfinite(luck):
        free = f", as good as {tries:.3g} independent ones," if math.isfinite(tries) else ""
        yield (
            f"Luck: of {len(sweep.sets):,} tries{free} without any skill the best would show a "
            f"Sharpe of {number(luck)}."
        )
    pbo = statistic(sweep, "pbo")
    if math.isfinite(pbo):
        yield (
            f"PBO: in {share(pbo, 0)} of splits the set that was best on one half of the bars was "
            "at or below the median on the other."
        )
    found = statistic(sweep, "stepm")
    if math.isfinite(found):
        yield (
            f"StepM: {integer(found)} of {len(sweep.sets):,} sets beat the book, with all tries "
            "accounted for."
        )


def _forward(sweep: Sweep) -> Iterator[str]:
    table = sweep.walk_forward
    table = table[table["out_of_sample"].notna() & table["unhedged"].notna()]
    if table.empty:
        return
    better = int((table["out_of_sample"] > table["unhedged"]).sum())
    yield (
        f"Walk forward: chosen on past events and traded on the next, {better} of "
        f"{counted(len(table), 'fold')} did better than the book; Sharpe "
        f"{number(table['out_of_sample'].mean())} against {number(table['unhedged'].mean())} on "
        "average."
    )


def _overfitted(sweep: Sweep) -> Iterator[str]:
    pbo = statistic(sweep, "pbo")
    if pbo >= OVERFITTED:
        yield f"Choosing by the past is no better than a coin here (PBO {number(pbo)})."


def _random(sweep: Sweep) -> Iterator[str]:
    """Name what random dates did as well, of the best set."""
    names = {
        "hedge_return": "what it added to the book",
        "event_return": "its return",
        "variance_reduction": "the variance it took away",
    }
    table = sweep.placebo
    if wording(sweep.strategy).way != "hedge":
        table = table[table["statistic"] != "variance_reduction"]
    unlike = [
        f"{names[row['statistic']]} (p {pvalue(row['pvalue'])})"
        for row in table.to_dict("records")
        if row["pvalue"] >= LEVEL and row["statistic"] in names
    ]
    if unlike:
        yield f"On random dates the best set does as well by {listed(unlike)}."


def _few(best: pd.Series) -> Iterator[str]:
    if best["episodes"] < 20:
        yield f"Only {counted(int(best['episodes']), 'event')}: one or two decide."


def _left_out(sweep: Sweep) -> Iterator[str]:
    numbers = set(sweep.exclusions["number"].dropna()) - set(sweep.sets["number"])
    if numbers:
        yield f"{counted(len(numbers), 'set')} could not be run: the reasons are below."
