"""The tables of a whole backtest: what it is compared with, risk, drawdowns, random dates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import (
    Column,
    Row,
    blank,
    count_of,
    instant,
    lay_out,
    number,
    p_of,
    rows_of,
    words,
)
from eventlab.report.hedge.wording import (
    change,
    money,
    share,
    wording,
)
from eventlab.report.numbers import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.hedge.results import Backtest
    from eventlab.report.views import View

__all__ = [
    "betas",
    "comparisons",
    "drawdowns",
    "effectiveness",
    "placebo",
]

MOST_FALLS: Final = 3  # drawdowns of each run
SCOPES: Final = {"event": "event bars", "all": "all bars"}
MEASURES: Final = {"variance": "variance", "expected_shortfall": "expected shortfall (worst 5%)"}


def comparisons(result: Backtest) -> View:
    """Lay out the strategy beside nothing, the hedge always on, and cash."""
    said, capital = wording(result.strategy), result.strategy.capital
    sharpe = result.metrics[
        (result.metrics["metric"] == "sharpe") & (result.metrics["scope"] == "all")
    ]
    found = {row["run"]: row for row in rows_of(sharpe)}
    cash = {"low": math.nan, "high": math.nan}

    def reach(row: Row) -> str:
        own = found.get(row["run"], cash)
        if row["run"] == "cash" or not math.isfinite(own["low"]):
            return ""
        return f"{number(own['low'], 1)} to {number(own['high'], 1)}"

    columns = (
        Column("run", _in_words(said.runs, "run"), numeric=False),
        Column("total return", lambda row: change(row["total_return"], 1)),
        Column("a year", lambda row: change(row["annual_return"], 1)),
        Column("volatility", lambda row: share(row["volatility"])),
        Column("Sharpe", _sharpe, reach),
        Column("deepest fall", lambda row: change(row["max_drawdown"], 1)),
        Column(
            "turnover a year", lambda row: f"{number(row['turnover'], 1)}\N{MULTIPLICATION SIGN}"
        ),
        Column("costs", lambda row: money(row["costs"], capital)),
        Column("costs a year", lambda row: change(row["cost_rate"], 2, sign=False)),
        Column("strategy less this", _difference),
    )
    return lay_out(
        "Against doing nothing, against always, against cash. Over all bars, from the same close "
        "on. Sharpe ratio a year of returns less those of cash, below it the 95% interval of Lo "
        "(2002); turnover: value traded a year, in times mean equity; costs: fees, slippage, "
        "borrow and funding, in money and a year in percent of mean equity; below zero where more "
        "funding was received than all else cost",
        result.comparisons,
        columns,
        file="backtest_comparisons.csv",
    )


def _in_words(names: dict[str, str], key: str) -> Callable[[Row], str]:
    return lambda row: names.get(row[key], str(row[key]))


def _sharpe(row: Row) -> str:
    """Leave out that of cash: its volatility is next to nothing."""
    return MISSING if row["run"] == "cash" else number(row["sharpe"])


def _difference(row: Row) -> str:
    return MISSING if row["run"] == "hedged" else change(row["difference"], 1)


def effectiveness(result: Backtest) -> View:
    """Lay out the share of risk that was taken away."""
    said = wording(result.strategy)
    columns = (
        Column("measure", _in_words(MEASURES, "measure"), numeric=False),
        Column("bars", _in_words(SCOPES, "scope"), numeric=False),
        Column(
            "taken away",
            lambda row: share(row["value"]),
            _interval,
            loud=lambda row: row["low"] > 0 or row["high"] < 0,
        ),
        Column("n", count_of("n")),
        Column("note", words("note"), numeric=False),
    )
    table = result.effectiveness
    if said.way == "trade":
        return blank()
    return lay_out(
        f"Share of the risk taken away. One less that of {said.compared('hedged')} over that of "
        f"{said.compared('unhedged')}: 100% is all of it, below 0% risk was added. Below it the "
        "95% bootstrap interval; event bars are drawn by whole episodes",
        table,
        columns,
        file="backtest_effectiveness.csv",
    )


def _interval(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{share(row['low'])} to {share(row['high'])}"


def betas(result: Backtest) -> View:
    """Lay out how much of each instrument is left in the hedged returns."""
    said = wording(result.strategy)
    table = result.metrics[result.metrics["metric"].str.startswith("beta_")]
    found: dict[tuple[str, str], Row] = {}
    for row in rows_of(table):
        key = (row["metric"].removeprefix("beta_"), row["scope"])
        found.setdefault(key, {"symbol": key[0], "scope": key[1]})[row["run"]] = row

    def of(run: str) -> Column:
        return Column(
            said.compared(run),
            lambda row: number(row[run]["value"]),
            lambda row: (
                f"{number(row[run]['low'])} to {number(row[run]['high'])}"
                if math.isfinite(row[run]["low"])
                else ""
            ),
            loud=lambda row: row[run]["low"] > 0 or row[run]["high"] < 0,
        )

    columns = (
        Column("instrument", lambda row: row["symbol"], numeric=False),
        Column("bars", _in_words(SCOPES, "scope"), numeric=False),
        of("unhedged"),
        of("hedged"),
        Column("n", lambda row: count_of("n")(row["hedged"])),
    )
    return lay_out(
        "Residual beta. Slope of returns on each instrument, without and with the hedge; 0 would "
        "be a complete hedge. Below it the 95% interval, Newey-West",
        list(found.values()),
        columns,
        file="backtest_metrics.csv",
    )


def drawdowns(result: Backtest) -> View:
    """Lay out the deepest falls of each run."""
    said = wording(result.strategy)
    table = result.drawdowns.groupby("run", sort=False).head(MOST_FALLS)
    columns = (
        Column("run", _in_words(said.runs, "run"), numeric=False),
        Column("depth", lambda row: change(row["depth"], 1)),
        Column("from", lambda row: instant(row["peak"]), numeric=False),
        Column("lowest", lambda row: instant(row["trough"]), numeric=False),
        Column("recovered", lambda row: _recovered(row["recovered"]), numeric=False),
        Column("bars", count_of("bars")),
    )
    return lay_out(
        f"Falls from a peak. The {MOST_FALLS} deepest of each run, at closes",
        table,
        columns,
        file="backtest_drawdowns.csv",
    )


def _recovered(value: object) -> str:
    shown = instant(value)
    return "not yet" if shown == MISSING else shown


def placebo(result: Backtest) -> View:
    """Lay out the strategy beside itself on random dates."""
    table, way = result.placebo, wording(result.strategy).way
    if way != "hedge":  # who is out, or in only then, has no variance to take away there
        table = table[table["statistic"] != "variance_reduction"]
    return placebo_view(table, _statistics(result), "backtest_placebo.csv")


def placebo_view(table: pd.DataFrame, names: dict[str, str], file: str) -> View:
    """Lay out a placebo table with the names of its statistics."""
    columns = (
        Column("per event", _in_words(names, "statistic"), numeric=False),
        Column("here", lambda row: _in_kind(row, row["value"])),
        Column("random dates", lambda row: _in_kind(row, row["mean"]), _middle),
        Column("placebo p", p_of("pvalue"), loud=lambda row: row["pvalue"] < 0.05),
        Column("draws", count_of("draws")),
        Column("note", lambda row: words("note")(row).replace("; ", ": "), numeric=False),
    )
    return lay_out(
        "The same strategy on random dates. Below their mean, where 95% of draws lie; p: the share "
        "of draws that did at least as well. Returns of bars are added up here, not compounded as "
        "in the events above",
        table,
        columns,
        file=file,
    )


def _middle(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{_in_kind(row, row['low'])} to {_in_kind(row, row['high'])}"


def _in_kind(row: Row, value: float) -> str:
    """Write a share without a plus, a return with one."""
    return share(value) if row["statistic"] == "variance_reduction" else change(value)


def _statistics(result: Backtest) -> dict[str, str]:
    said = wording(result.strategy)
    return {
        "event_return": "return of the strategy",
        "hedge_return": f"return beyond {said.compared('unhedged')}"
        if said.way == "trade"
        else f"what {said.subject} added, after costs",
        "variance_reduction": "share of the variance taken away, event bars",
    }
