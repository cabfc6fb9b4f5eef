"""The tables of a backtest, for the terminal and for the page."""

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
from eventlab.report.hedge.measures import COSTS, episode_of, several_events
from eventlab.report.hedge.wording import change, label, money, share, wording
from eventlab.report.numbers import MISSING, counted

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
    "events",
    "legs",
    "placebo",
    "ratios",
]

MOST_EVENTS: Final = 100
MOST_FALLS: Final = 3  # drawdowns of each run
SCOPES: Final = {"event": "event bars", "all": "all bars"}
MEASURES: Final = {"variance": "variance", "expected_shortfall": "expected shortfall (worst 5%)"}


def events(result: Backtest) -> View:
    """Lay out episodes in order of time: the book, what was added, each cost, what was left."""
    said, capital = wording(result.strategy), result.strategy.capital
    several = several_events(result)

    def over(key: str) -> Column:
        return _over_equity(said.part if key == "hedge" else said.compared(key), key, capital)

    columns = (
        Column("event", lambda row: str(row["occurrence"]), _event(several=several), numeric=False),
        Column("day 0", lambda row: instant(row["event_session"]), _held, numeric=False),
        over("unhedged"),
        over("hedge"),
        *(
            Column(kind, _money_of(kind, capital), wide=True)
            for kind in (*COSTS, "interest")
            if (result.events[kind] != 0).any()
        ),
        over("hedged"),
        Column("ratio", lambda row: number(row["hedge_ratio"])),
        Column("right ratio", lambda row: number(row["ideal_ratio"])),
        Column("note", words("note"), numeric=False),
    )
    caption = (
        f"Event by event. Percent of equity at entry, money below; {said.part}: what it added to "
        "the book's own price move, before costs."
    )
    if (result.events["ideal_ratio"].notna()).any():
        caption += (
            " Right ratio: the one that would have left the least variance in the bars of the "
            "episode, known only afterwards; of so few bars it is rough."
        )
    return lay_out(caption, result.events, columns, most=MOST_EVENTS, file="backtest_events.csv")


def _in_words(names: dict[str, str], key: str) -> Callable[[Row], str]:
    return lambda row: names.get(row[key], str(row[key]))


def _over_equity(name: str, key: str, capital: float) -> Column:
    return Column(
        name,
        lambda row: change(row[key] / row["equity"] if row["equity"] > 0 else math.nan),
        lambda row: money(row[key], capital, sign=True),
    )


def _money_of(key: str, capital: float) -> Callable[[Row], str]:
    return lambda row: money(row[key], capital)


def _event(*, several: bool) -> Callable[[Row], str]:
    """Name the event where there are several, and who shares the episode."""

    def below(row: Row) -> str:
        parts = [str(row["event"]) if several else "", f"with {row['also']}" if row["also"] else ""]
        return ", ".join(filter(None, parts))

    return below


def _held(row: Row) -> str:
    bars = counted(int(row["bars"]), "bar")
    return bars if row["complete"] else f"{bars}, still on at the end"


def legs(result: Backtest) -> View:
    """Lay out what every leg held and made, summed over episodes."""
    capital = result.strategy.capital
    table = result.legs
    if table.empty:
        return blank()
    sums = table.groupby(["role", "symbol"], sort=False)
    columns = ["pnl", *COSTS]
    rows = (
        sums[columns].sum().assign(weight=sums["weight"].mean(), episodes=sums["occurrence"].size())
    )
    shown = (
        Column("leg", lambda row: row["symbol"], numeric=False),
        Column("role", lambda row: row["role"], numeric=False),
        Column("episodes", count_of("episodes")),
        Column("mean weight", lambda row: change(row["weight"], 1)),
        Column("P&L", lambda row: money(row["pnl"], capital, sign=True)),
        *(Column(kind, _money_of(kind, capital)) for kind in COSTS if (table[kind] != 0).any()),
    )
    return lay_out(
        "What each leg made inside the episodes. In money, over all of them; weight: at entry, "
        "over equity; costs are paid where positive, received where negative",
        rows.reset_index(),
        shown,
        file="backtest_legs.csv",
    )


def ratios(result: Backtest) -> View:
    """Lay out every ratio that was used beside the right one."""
    if result.ratios.empty:
        return blank()
    owner = episode_of(result, result.ratios)
    several = several_events(result)
    names = [label(row, several=several) for row in rows_of(result.events)]
    columns = (
        Column("event", lambda row: row["name"], numeric=False),
        Column("decided", lambda row: instant(row["decided_at"]), numeric=False),
        Column("instrument", lambda row: row["symbol"], numeric=False),
        Column("ratio", lambda row: number(row["ratio"])),
        Column("right ratio", lambda row: number(row["ideal_ratio"])),
        Column("returns", count_of("n")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        "Ratio used against the ratio that would have been right, which is rough, as it rests on "
        "the bars of the episode alone. Value of the instrument sold per value of the book; "
        "returns: how many the ratio used was estimated on",
        result.ratios.assign(name=[names[at] for at in owner]),
        columns,
        most=MOST_EVENTS,
        file="backtest_ratios.csv",
    )


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
    table = result.metrics[result.metrics["metric"].str.startswith("beta_")]
    found: dict[tuple[str, str], Row] = {}
    for row in rows_of(table):
        key = (row["metric"].removeprefix("beta_"), row["scope"])
        found.setdefault(key, {"symbol": key[0], "scope": key[1]})[row["run"]] = row

    def of(run: str) -> Column:
        return Column(
            run,
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
    return placebo_view(result.placebo, _statistics(result), "backtest_placebo.csv")


def placebo_view(table: pd.DataFrame, names: dict[str, str], file: str) -> View:
    """Lay out a placebo table with the names of its statistics."""
    columns = (
        Column("per event", _in_words(names, "statistic"), numeric=False),
        Column("here", lambda row: _in_kind(row, row["value"])),
        Column("random dates", lambda row: _in_kind(row, row["mean"]), _middle),
        Column("placebo p", p_of("pvalue"), loud=lambda row: row["pvalue"] < 0.05),
        Column("draws", count_of("draws")),
        Column("note", words("note"), numeric=False),
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
