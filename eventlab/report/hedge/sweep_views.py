"""The tables of a sweep: the sets that were tried, and what the best is worth after so many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from eventlab.report.contagion.layout import (
    Column,
    Row,
    blank,
    count_of,
    lay_out,
    number,
    words,
)
from eventlab.report.hedge.views import placebo_view
from eventlab.report.hedge.wording import change, money, share, wording
from eventlab.report.numbers import MISSING, integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.hedge.results import Sweep
    from eventlab.report.views import View

__all__ = ["named_set", "overfitting", "placebo_chosen", "sets", "swept", "walk_forward"]

MOST_SETS: Final = 40
RESULTS: Final = frozenset(
    {
        "number", "total_return", "annual_return", "volatility", "sharpe", "sharpe_stderr",
        "max_drawdown", "hedge_pnl", "effectiveness", "turnover", "episodes", "probabilistic",
        "chosen", "base", "note",
    }
)  # fmt: skip
# Statistic to what it says, as probabilities and counts are no percentages.
STATISTICS: Final = {
    "sets": "sets",
    "bars": "bars",
    "deflated_sharpe": "deflated Sharpe: chance that the best is above 0, so many tries counted",
    "expected_max_sharpe": "Sharpe a year that the best of so many tries without skill would show",
    "effective_trials": "independent tries among the sets",
    "deflated_sharpe_effective": "deflated Sharpe of that many tries",
    "pbo": "PBO: chance that the best in sample is at or below the median out of sample",
    "pbo_slope": "slope of Sharpe out of sample on that in sample, over splits",
    "probability_of_loss": "chance that the best in sample loses out of sample",
    "spa_lower": "SPA p, lower bound",
    "spa_consistent": "SPA p: no set earns more than the book alone (Hansen 2005)",
    "spa_upper": "SPA p, upper bound",
    "stepm": "sets that earn more than the book alone, all tries counted (StepM)",
}
COUNTS: Final = frozenset({"sets", "bars", "stepm"})
PVALUES: Final = frozenset({"spa_lower", "spa_consistent", "spa_upper"})


def swept(sweep: Sweep) -> list[str]:
    """Return the paths that were swept, in the order of the file."""
    paths = [path for path in sweep.strategy.sweep if path in sweep.sets]
    return paths or [str(name) for name in sweep.sets.columns if name not in RESULTS]


def named_set(value: object) -> str:
    """Write a swept value as a file does."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return f"[{', '.join(str(part) for part in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sets(sweep: Sweep) -> View:
    """Lay out the sets, the best Sharpe first."""
    table = sweep.sets
    if table.empty:
        return blank()
    capital = sweep.strategy.capital
    columns = (
        Column("set", lambda row: integer(row["number"]), _marked),
        *(Column(_last(path), _value(path), numeric=False) for path in swept(sweep)),
        Column("Sharpe", lambda row: number(row["sharpe"])),
        Column("P(Sharpe > 0)", lambda row: number(row.get("probabilistic", math.nan))),
        Column("total return", lambda row: change(row["total_return"], 1)),
        Column("deepest fall", lambda row: change(row["max_drawdown"], 1)),
        Column("added P&L", lambda row: money(row["hedge_pnl"], capital, sign=True)),
        Column("variance taken away", lambda row: share(row["effectiveness"])),
        Column("episodes", count_of("episodes")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        f"Every set of the sweep, the best Sharpe first: {len(table):,} tries",
        table.sort_values("sharpe", ascending=False, kind="stable"),
        columns,
        most=MOST_SETS,
        file="sweep_sets.csv",
    )


def _marked(row: Row) -> str:
    marks = {"chosen": "the best", "base": "of the file"}
    return ", ".join(words for key, words in marks.items() if row.get(key) is True)


def _last(path: str) -> str:
    """Shorten ``hedge.ratio.lookback`` to its last two parts: paths are long."""
    return ".".join(path.split(".")[-2:])


def _value(path: str) -> Callable[[Row], str]:
    return lambda row: named_set(row[path])


def overfitting(sweep: Sweep) -> View:
    """Lay out what is known of overfitting, in words."""
    columns = (
        Column("statistic", lambda row: _statistic(row["statistic"]), numeric=False),
        Column("value", _figure, _reach),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        "What the best set is worth after so many tries",
        sweep.overfitting,
        columns,
        file="sweep_overfitting.csv",
    )


def _statistic(name: str) -> str:
    return STATISTICS.get(name, name.replace("_", " "))


def _figure(row: Row) -> str:
    if row["statistic"] in COUNTS:
        return integer(row["value"])
    return pvalue(row["value"]) if row["statistic"] in PVALUES else number(row["value"])


def _reach(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{number(row['low'])} to {number(row['high'])}"


def walk_forward(sweep: Sweep) -> View:
    """Lay out the folds: what was chosen on the past, and what it then did."""
    book = wording(sweep.strategy).runs["unhedged"]
    columns = (
        Column("fold", count_of("fold"), numeric=False),
        Column("events tested", _span, numeric=False),
        Column("set chosen", count_of("chosen")),
        Column("in sample", lambda row: number(row["in_sample"])),
        Column("out of sample", lambda row: number(row["out_of_sample"])),
        Column(book, lambda row: number(row["unhedged"])),
        Column("purged", count_of("purged")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        "Walk forward. The set with the best Sharpe on all events before a fold, tested on the "
        "fold; Sharpe ratios a year on bars of episodes; purged: events whose bars reach into it",
        sweep.walk_forward,
        columns,
        file="sweep_walk_forward.csv",
    )


def _span(row: Row) -> str:
    first, last = (_name(row[key]) for key in ("first", "last"))
    return first if first == last else f"{first} to {last}"


def _name(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return MISSING if value is None else str(value)


def placebo_chosen(sweep: Sweep) -> View:
    """Lay out the best set beside itself on random dates."""
    names = {
        "event_return": "return of the best set",
        "hedge_return": "what it added, after costs",
        "variance_reduction": "share of the variance taken away",
    }
    table = sweep.placebo
    if wording(sweep.strategy).way != "hedge":
        table = table[table["statistic"] != "variance_reduction"]
    return placebo_view(table, names, "sweep_placebo.csv")
