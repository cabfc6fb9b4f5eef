"""The tables of what surrounds the pairs: chain, network, tails, regimes, and what was left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eventlab.report.contagion.layout import (
    Column,
    instant,
    lay_out,
    minutes,
    number,
    signed,
    words,
)
from eventlab.report.contagion.views import p_of
from eventlab.report.numbers import MISSING, integer

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = [
    "betas",
    "bubbles",
    "buckets",
    "exclusions",
    "marks",
    "mediation",
    "network",
    "order",
    "overlaps",
    "sampling",
    "spillover",
    "tails",
    "truth",
    "volatility",
]

Row = dict[str, Any]


def spillover(result: EventContagion, occurrence: str) -> View:
    """Lay out TCI and what every series gives and takes, before and after, in percent."""
    table = result.spillover
    if table.empty:
        return lay_out("", table, ())
    own = table[(table["occurrence"] == occurrence) & table["measure"].isin(["tci", "net"])]
    index = ["measure", "series"]
    wide = own.set_index([*index, "period"])["value"].unstack(sort=False)  # noqa: PD010 - has NaN
    change = own[own["period"] == "change"].set_index(index)
    wide = wide.join(change[["low", "high", "placebo_pvalue", "note"]]).reset_index()
    for period in ("calm", "crisis", "change"):
        if period not in wide:
            wide[period] = math.nan
    columns = (
        Column(
            "series",
            lambda row: "all (TCI)" if row["measure"] == "tci" else f"{row['series']}, net",
            numeric=False,
        ),
        Column("before", lambda row: number(row["calm"], 1)),
        Column("after", lambda row: number(row["crisis"], 1)),
        Column("change", lambda row: signed(row["change"], 1), _interval),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("note", lambda row: str(row["note"] or "") or MISSING, numeric=False),
    )
    caption = (
        "Connectedness in percent (generalised variance decomposition; Diebold & Yilmaz 2012): how "
        "much of the forecast error comes from the others, and what each gives less what it takes"
    )
    return lay_out(caption, wide, columns, file="contagion_spillover.csv")


def _interval(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{signed(row['low'], 1)} to {signed(row['high'], 1)}"


def order(result: EventContagion, occurrence: str) -> View:
    """Lay out which link of the chain moved first."""
    table = _of(result.chain, occurrence)
    columns = (
        Column("link", lambda row: f"{row['link']}", numeric=False),
        Column("symbol", lambda row: str(row["symbol"]), numeric=False),
        Column("first move", lambda row: instant(row["first_move"]), numeric=False),
        Column("after the news", lambda row: minutes(row["minutes_after"])),
        Column("move", lambda row: f"{signed(100 * row['move'])}%"),
        Column("needed", lambda row: f"{number(100 * row['threshold'])}%"),
        Column("leads by", lambda row: minutes(row["lead_minutes"])),
        Column("note", words("note"), numeric=False),
    )
    caption = (
        "The chain: the first bar by which each moved more than it does by that time on 95% of "
        "placebo days, and by how long the link before it leads (Hayashi & Yoshida 2005)"
    )
    return lay_out(caption, table, columns, file="contagion_chain.csv")


def mediation(result: EventContagion, occurrence: str) -> View:
    """Lay out how much of the first link's effect on the last goes through the middle."""
    columns = (
        Column(
            "path",
            lambda row: f"{row['source']} to {row['middle']} to {row['last']}",
            numeric=False,
        ),
        Column("window", words("horizon"), numeric=False),
        Column("in all", lambda row: number(row["total"])),
        Column("directly", lambda row: number(row["direct"])),
        Column("through the middle", _share, _share_interval),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    caption = (
        "How much of the effect of the first on the last disappears with the middle held fixed"
    )
    table = _of(result.mediation, occurrence)
    return lay_out(caption, table, columns, file="contagion_mediation.csv")


def _share(row: Row) -> str:
    return f"{100 * row['share']:.0f}%" if math.isfinite(row["share"]) else MISSING


def _share_interval(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{100 * row['low']:.0f}% to {100 * row['high']:.0f}%"


def marks(result: EventContagion, occurrence: str) -> View:
    """Lay out when prices crossed the levels that the definition names."""
    columns = (
        Column(
            "price",
            lambda row: f"{row['symbol']} {row['direction']} {row['price']:,.10g}",
            numeric=False,
        ),
        Column("first bar", lambda row: instant(row["first_crossing"]), numeric=False),
        Column("after the news", lambda row: minutes(row["minutes_after"])),
        Column("bars of", lambda row: minutes(row["bar_minutes"])),
        Column("extreme", lambda row: f"{row['extreme']:,.8g}"),
        Column("note", words("note"), numeric=False),
    )
    caption = "Price levels after the news: the first bar that trades beyond each"
    return lay_out(caption, _of(result.marks, occurrence), columns, file="contagion_marks.csv")


def _level(row: Row) -> str:
    return f"{row['symbol']} {row['direction']} {row['price']:,.10g}"


def tails(result: EventContagion, occurrence: str) -> View:
    """Lay out what happens in the tails: CoVaR, asymmetric betas, exceedance correlations."""
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("measure", words("measure"), numeric=False),
        Column("value", lambda row: number(row["value"], 3), _number_interval),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("p", p_of("pvalue")),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("n", lambda row: integer(row["n"])),
        Column("note", words("note"), numeric=False),
    )
    table = _of(result.tails, occurrence)
    caption = "Tails: how much more the target falls when the source falls"
    return lay_out(caption, table, columns, file="contagion_tails.csv")


def _number_interval(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{number(row['low'], 3)} to {number(row['high'], 3)}"


def volatility(result: EventContagion, occurrence: str) -> View:
    """Lay out whether volatility itself travelled."""
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("measure", words("measure"), numeric=False),
        Column("test", words("test"), numeric=False),
        Column("calm", lambda row: number(row["calm"])),
        Column("crisis", lambda row: number(row["crisis"])),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("p", p_of("pvalue")),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    table = _of(result.volatility, occurrence)
    return lay_out("Volatility contagion", table, columns, file="contagion_volatility.csv")


def network(result: EventContagion, occurrence: str) -> View:
    """Lay out which series Granger-cause which, period by period."""
    table = _of(result.network, occurrence)
    if len(table):
        table = table[table["edge"]]
    columns = (
        Column("period", words("period"), numeric=False),
        Column("cause", lambda row: str(row["cause"]), numeric=False),
        Column("effect", lambda row: str(row["effect"]), numeric=False),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("p", p_of("pvalue")),
        Column("over all pairs", p_of("adjusted_pvalue")),
    )
    caption = "Granger causality that stands with all pairs accounted for (Billio et al. 2012)"
    return lay_out(caption, table, columns, file="contagion_network.csv")


def buckets(result: EventContagion, occurrence: str) -> View:
    """Lay out whether two groups move as one, before and after."""
    columns = (
        Column("bucket", words("bucket"), numeric=False),
        Column("period", words("period"), numeric=False),
        Column("series", lambda row: integer(row["n_series"])),
        Column("mean correlation", lambda row: number(row["mean_correlation"]), _number_interval),
        Column("absorption ratio", lambda row: number(row["absorption_ratio"])),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    caption = "Buckets: mean pairwise correlation, and the share that few factors absorb"
    return lay_out(caption, _of(result.buckets, occurrence), columns, file="contagion_buckets.csv")


def betas(result: EventContagion, occurrence: str) -> View:
    """Lay out the time-varying betas at the last bar before the event and at the last one."""
    table = _of(result.betas, occurrence)
    if len(table):
        before = table[table["tau"] == table.loc[table["tau"] < 0, "tau"].max()]
        last = table[table["tau"] == table["tau"].max()]
        table = before.merge(last, on=["symbol", "factor"], suffixes=("_before", ""))
    columns = (
        Column("asset", lambda row: str(row["symbol"]), numeric=False),
        Column("factor", lambda row: str(row["factor"]), numeric=False),
        Column("beta before", lambda row: number(row["beta_before"])),
        Column("beta at the end", lambda row: number(row["beta"]), _number_interval),
        Column("share of variance", lambda row: number(row["share"])),
        Column("note", words("note"), numeric=False),
    )
    caption = "Two betas that change with time (Kalman filter): a proxy of which factor?"
    return lay_out(caption, table, columns, file="contagion_betas.csv")


def bubbles(result: EventContagion, occurrence: str) -> View:
    """Lay out the tests of explosive prices and the stretches they date."""
    columns = (
        Column("series", lambda row: str(row["symbol"]), numeric=False),
        Column("test", lambda row: str(row["test"]).upper(), numeric=False),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("95% critical", lambda row: number(row["critical_95"])),
        Column("p", p_of("pvalue")),
        Column("explosive from", lambda row: instant(row["first"]), numeric=False),
        Column("to", lambda row: instant(row["last"]), numeric=False),
        Column("bars", lambda row: integer(row["n"])),
        Column("note", words("note"), numeric=False),
    )
    caption = "Bubbles: explosive stretches of the log price (Phillips, Shi & Yu 2015)"
    return lay_out(caption, _of(result.bubbles, occurrence), columns, file="contagion_bubbles.csv")


def overlaps(result: EventContagion, occurrence: str) -> View:
    """Lay out the other events inside the gap and the crisis window."""
    table = _of(result.overlaps, occurrence)
    if len(table):
        table = table[table["window"] != "calm"].sort_values("tau", kind="stable")
    columns = (
        Column(
            "event", lambda row: f"{row['other_event']}/{row['other_occurrence']}", numeric=False
        ),
        Column("title", words("title"), numeric=False),
        Column("bar", lambda row: number(row["tau"], 0)),
        Column("window", words("window"), numeric=False),
        Column("bars of", words("bar"), numeric=False),
    )
    caption = f"Other events of the workspace between the calm window of {occurrence} and its end"
    return lay_out(caption, table, columns, file="contagion_overlaps.csv")


def exclusions(result: EventContagion) -> View:
    """Lay out what was left out, and why."""
    columns = (
        Column("occurrence", words("occurrence"), numeric=False),
        Column("symbol", words("symbol"), numeric=False),
        Column("part", words("part"), numeric=False),
        Column("bars", words("bar"), numeric=False),
        Column("reason", words("reason"), numeric=False),
    )
    return lay_out("What was left out", result.exclusions, columns, file="contagion_exclusions.csv")


def sampling(result: EventContagion, occurrence: str) -> View:
    """Lay out which prices each series was sampled from."""
    columns = (
        Column("series", lambda row: str(row["symbol"]), numeric=False),
        Column("bars", words("bar"), numeric=False),
        Column("basis", words("basis"), numeric=False),
        Column("from the close", lambda row: minutes(row["minutes_apart"])),
        Column("at most", lambda row: minutes(row["max_minutes_apart"])),
        Column("members", lambda row: integer(row["n_members"])),
        Column("note", words("note"), numeric=False),
    )
    table = _of(result.sampling, occurrence)
    caption = "Which prices each series comes from, and how far their closes lie from the clock's"
    return lay_out(caption, table, columns, file="contagion_sampling.csv")


def truth(result: EventContagion) -> View:
    """Lay out what the simulation did against what was found."""
    table = result.truth
    columns = (
        Column("occurrence", words("occurrence"), numeric=False),
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("simulated", words("kind"), numeric=False),
        Column("verdict", words("verdict"), numeric=False),
    )
    caption = "What the simulation did to the link, and the verdict"
    return lay_out(caption, table, columns, file="contagion_truth.csv")


def _of(table: pd.DataFrame, occurrence: str) -> pd.DataFrame:
    return table[table["occurrence"] == occurrence] if len(table) else table
