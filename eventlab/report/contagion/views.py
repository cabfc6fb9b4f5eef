"""The tables of one event's contagion, for the terminal and for the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion.layout import (
    Column,
    instant,
    lay_out,
    minutes,
    number,
    signed,
    words,
)
from eventlab.report.numbers import MISSING, integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = [
    "averages",
    "bars",
    "focus",
    "marks",
    "mediation",
    "network",
    "order",
    "pair_tests",
    "pairs",
    "spillover",
    "tails",
    "volatility",
]

Row = dict[str, Any]
SESSIONS: Final = "session"
ALL: Final = "all"
TEST_WORDS: Final = {
    "fisher": "Fisher",
    "forbes_rigobon": "Forbes-Rigobon",
    "forbes_rigobon_delta": "Forbes-Rigobon, delta method",
    "cs12": "co-skewness 12",
    "cs21": "co-skewness 21",
    "ck13": "co-kurtosis 13",
    "ck31": "co-kurtosis 31",
    "cv22": "co-volatility 22",
}


def focus(result: EventContagion) -> str:
    """Return the latest occurrence with a verdict, which pages and sentences speak of first."""
    known = result.pairs[result.pairs["verdict"] != ""]
    named = set(known["occurrence"])
    order = result.occurrences.drop_duplicates("occurrence").sort_values("event_session")
    found = [one for one in order["occurrence"] if one in named]
    return found[-1] if found else ""


def bars(result: EventContagion) -> tuple[str, ...]:
    """Return the widths of bars that pairs were measured in, sessions first."""
    found = list(dict.fromkeys(result.pairs["bar"])) if len(result.pairs) else []
    return tuple(sorted(found, key=lambda bar: bar != SESSIONS))


def pairs(result: EventContagion, occurrence: str, bar: str = SESSIONS) -> View:
    """Lay out every pair of an occurrence: correlations, what they would be, and the verdict."""
    table = result.pairs
    table = table[(table["occurrence"] == occurrence) & (table["bar"] == bar)]
    table = table.merge(_placebo(result), on=["bar", "occurrence", "source", "target"], how="left")
    definition = result.event.contagion
    level = definition.level if definition is not None else 0.05
    source = table["source"].iloc[0] if len(table) else ""
    what = "sessions" if bar == SESSIONS else f"bars of {bar.replace('min', ' minutes')}"
    caption = (
        f"{source} to each target at {occurrence}, in {what}: correlation of returns before and "
        "after the shock, at the calm variance of the source, and the placebo p of its change "
        "(Fisher). Variance: crisis over calm, of source and target. Detectable: the smallest "
        "change that these windows would have shown four times in five."
    )
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("bars", lambda row: f"{integer(row['n_calm'])} / {integer(row['n_crisis'])}"),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("adjusted", lambda row: number(row["rho_adjusted"])),
        Column(
            "variance",
            lambda row: (
                f"{number(row['variance_ratio_source'], 1)} / "
                f"{number(row['variance_ratio_target'], 1)}"
            ),
        ),
        Column("p", _p("fisher"), loud=lambda row: row["fisher"] < level),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    return lay_out(caption, table, columns, file="contagion_pairs.csv")


def _placebo(result: EventContagion) -> pd.DataFrame:
    """Return the placebo p of Fisher's test on raw returns, a row per pair."""
    keys = ["bar", "occurrence", "source", "target"]
    own = result.tests[(result.tests["test"] == "fisher") & (result.tests["kind"] == "raw")]
    return own[[*keys, "placebo_pvalue"]].rename(columns={"placebo_pvalue": "fisher"})


def _p(key: str) -> Callable[[Row], str]:
    return lambda row: pvalue(row[key])


def _verdict(row: Row) -> str:
    if not row["verdict"]:
        return "not tested"
    return str(row["verdict"]) + (", confounded" if row.get("confounded") else "")


def _because(row: Row) -> str:
    return "; ".join(str(row[key]) for key in ("rule", "note") if row[key])


def pair_tests(result: EventContagion, occurrence: str, target: str, bar: str = SESSIONS) -> View:
    """Lay out every test of one pair, on returns and on what factors leave of them."""
    table = result.tests
    table = table[
        (table["occurrence"] == occurrence) & (table["target"] == target) & (table["bar"] == bar)
    ]
    columns = (
        Column("test", lambda row: TEST_WORDS.get(row["test"], str(row["test"])), numeric=False),
        Column("returns", words("kind"), numeric=False),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("p", _p("pvalue")),
        Column("placebo p", _p("placebo_pvalue")),
        Column("over targets", _p("romano_wolf_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(f"{target}: every test", table, columns, file="contagion_tests.csv")


def averages(result: EventContagion, tag: str = ALL, bar: str = SESSIONS) -> View:
    """Lay out the average change of each pair over repeated events."""
    table = result.averages
    if table.empty:
        return lay_out("", table, ())
    table = table[(table["tag"] == tag) & (table["bar"] == bar)]
    tests = result.average_tests
    fisher = tests[(tests["test"] == "fisher") & (tests["kind"] == "raw")]
    keys = ["bar", "tag", "source", "target"]
    table = table.merge(fisher[[*keys, "placebo_pvalue"]], on=keys, how="left")
    which = "all occurrences" if tag == ALL else f"occurrences: {tag}"
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("events", lambda row: integer(row["n_events"])),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("change", lambda row: signed(row["change"])),
        Column("placebo p", _p("placebo_pvalue")),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    caption = f"Average over {which}: correlation before and after, and its change"
    return lay_out(caption, table, columns, file="contagion_averages.csv")


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
        Column("placebo p", _p("placebo_pvalue")),
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
        Column("placebo p", _p("placebo_pvalue")),
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
        Column("p", _p("pvalue")),
        Column("placebo p", _p("placebo_pvalue")),
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
        Column("p", _p("pvalue")),
        Column("placebo p", _p("placebo_pvalue")),
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
        Column("p", _p("pvalue")),
        Column("over all pairs", _p("adjusted_pvalue")),
    )
    caption = "Granger causality that stands with all pairs accounted for (Billio et al. 2012)"
    return lay_out(caption, table, columns, file="contagion_network.csv")


def _of(table: pd.DataFrame, occurrence: str) -> pd.DataFrame:
    return table[table["occurrence"] == occurrence] if len(table) else table
