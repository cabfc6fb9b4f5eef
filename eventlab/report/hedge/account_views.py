"""The books of a backtest for those who check them: every metric, and payments by month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import Column, Row, blank, lay_out, number, rows_of, words
from eventlab.report.hedge.views import SCOPES
from eventlab.report.hedge.wording import change, money, share, wording
from eventlab.report.numbers import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.hedge.results import Backtest
    from eventlab.report.views import View

__all__ = ["ledger", "metrics"]

MOST_MONTHS: Final = 180
# How a metric is written; every other is a plain number.
SHARES: Final = frozenset({"volatility", "gross", "net", "expected_shortfall"})
RETURNS: Final = {"total_return": 1, "mean": 3}  # digits of their percents


def metrics(result: Backtest) -> View:
    """Lay out every metric, a column per run."""
    said = wording(result.strategy)
    names = list(dict.fromkeys(result.metrics["run"]))
    found: dict[tuple[str, str], Row] = {}
    for row in rows_of(result.metrics):
        key = (row["metric"], row["scope"])
        found.setdefault(key, {"metric": key[0], "scope": key[1]})[row["run"]] = row
    columns = (
        Column("metric", lambda row: str(row["metric"]).replace("_", " "), numeric=False),
        Column("bars", lambda row: SCOPES.get(row["scope"], ""), numeric=False),
        *(Column(said.compared(name), _value(name), _reach(name)) for name in names),
    )
    return lay_out(
        "Metrics. Mean: of a bar; volatility and Sharpe: a year; expected shortfall: mean of the "
        "worst 5% of bars; gross, net: exposure over equity. Below a number its 95% interval",
        list(found.values()),
        columns,
        file="backtest_metrics.csv",
    )


def _value(run: str) -> Callable[[Row], str]:
    return lambda row: _writer(row["metric"])(row[run]["value"]) if run in row else MISSING


def _reach(run: str) -> Callable[[Row], str]:
    def reach(row: Row) -> str:
        own = row.get(run)
        if own is None or not math.isfinite(own["low"]):
            return ""
        write = _writer(row["metric"])
        return f"{write(own['low'])} to {write(own['high'])}"

    return reach


def _writer(metric: str) -> Callable[[float], str]:
    if metric in RETURNS:
        return lambda value: change(value, RETURNS[metric])
    return share if metric in SHARES else number


def ledger(result: Backtest) -> View:
    """Lay out what was paid and received for holding, by month."""
    table = result.ledger
    if table.empty:
        return blank()
    capital = result.strategy.capital
    month = table["at"].dt.strftime("%Y-%m").rename("month")
    kind = (table["kind"] + " " + table["symbol"]).str.strip().rename("kind")
    sums = table["amount"].groupby([month, kind]).sum().unstack().fillna(0.0)

    def paid(name: str) -> Callable[[Row], str]:
        return lambda row: money(row[name], capital, sign=True)

    kinds = [str(name) for name in sums.columns]
    columns = (
        Column("month", words("month"), numeric=False),
        *(Column(name, paid(name)) for name in kinds),
        *((Column("together", paid("together")),) if len(kinds) > 1 else ()),
    )
    return lay_out(
        "Paid and received for holding, by month. In money; below zero it was paid",
        sums.assign(together=sums.sum(axis=1)).reset_index(),
        columns,
        most=MOST_MONTHS,
        file="backtest_ledger.csv",
    )
