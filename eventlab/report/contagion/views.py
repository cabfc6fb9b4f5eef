"""The tables of pairs and of their averages, for the terminal and for the page."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from eventlab.contagion.phrases import IN_FULL
from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    count_of,
    lay_out,
    listed,
    number,
    p_of,
    rows_of,
    signed,
)
from eventlab.report.numbers import MISSING, integer, pvalue

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = [
    "ALL",
    "CHANGED",
    "MEANING",
    "SESSIONS",
    "averages",
    "bar_words",
    "bars",
    "by_tag",
    "family_size",
    "focus",
    "level_of",
    "named",
    "pairs",
    "with_pvalues",
]

SESSIONS: Final = "session"
ALL: Final = "all"
# What each verdict says of the pairs that have it, the strongest first.
MEANING: Final = {
    "contagion": "correlation changed beyond placebo dates, and by more than the source's own "
    "variance explains",
    "interdependence": "correlation changed, no more than a constant link explains",
    "common volatility shock": "both variances rose; correlation did not change beyond placebo "
    "dates",
    "no change": "nothing changed, and a stronger link worth knowing would have shown",
    "underpowered": "nothing stands out, but a stronger link worth knowing could have gone unseen",
}
# Confounders are among the doubts, and how many events an average has is in a column.
SAID_ELSEWHERE: Final = re.compile(r"(; )?(confounded by .*|\d+ events without a statistic.*)")
CHANGED: Final = ("contagion", "interdependence")
# Column of the table to column of the tests: Fisher's for the change of correlation, that of
# Forbes and Rigobon, given the variances of the event, for the link.
PVALUES: Final = {
    "change_p": ("fisher", "placebo_pvalue"),
    "change_family": ("fisher", "romano_wolf_pvalue"),
    "link_p": ("forbes_rigobon", "transmission_pvalue"),
    "link_family": ("forbes_rigobon", "romano_wolf_transmission"),
}

BASES: Final = sorted({test for test, _ in PVALUES.values()})


def focus(result: EventContagion) -> str:
    """Return the latest occurrence that is described in full, or else that has a verdict.

    Pages and sentences speak of it first.
    """
    known = set(result.pairs.loc[result.pairs["verdict"] != "", "occurrence"])
    order = result.occurrences[result.occurrences["occurrence"].isin(known)]
    order = order.sort_values("event_session", kind="stable")
    full = order[order["note"].astype(str).str.startswith(IN_FULL)]
    found = (full if len(full) else order)["occurrence"].tolist()
    return str(found[-1]) if found else ""


def bars(result: EventContagion) -> tuple[str, ...]:
    """Return the widths of bars that pairs were measured in, sessions first."""
    found = list(dict.fromkeys(result.pairs["bar"])) if len(result.pairs) else []
    return tuple(sorted(found, key=lambda bar: bar != SESSIONS))


def bar_words(bar: str) -> str:
    """Write what bars are: ``sessions``, ``bars of 60 minutes``."""
    return "sessions" if bar == SESSIONS else f"bars of {bar.replace('min', ' minutes')}"


def level_of(result: EventContagion) -> float:
    """Return the level below which a p-value counts as more than chance."""
    return result.event.contagion.level if result.event.contagion is not None else 0.05


def named(result: EventContagion, table: pd.DataFrame, *, members: bool = False) -> pd.DataFrame:
    """Keep the targets that the definition names, or the ``members`` of its groups."""
    definition = result.event.contagion
    if definition is None:
        return table
    return table[table["target"].isin(definition.targets) != members]


def with_pvalues(owners: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """Add the p-values that verdicts rest on, by themselves and over the family."""
    keys = [key for key in ("bar", "occurrence", "tag", "target") if key in owners]
    wanted = tests[(tests["kind"] == "raw") & tests["test"].isin(BASES)]
    found = {tuple(row[key] for key in (*keys, "test")): row for row in rows_of(wanted)}
    places = list(zip(*(owners[key].tolist() for key in keys), strict=True))
    nothing: Row = {}
    return owners.assign(
        **{
            name: [found.get((*place, test), nothing).get(own, math.nan) for place in places]
            for name, (test, own) in PVALUES.items()
        }
    )


def family_size(result: EventContagion, occurrence: str, bar: str) -> int:
    """Return over how many pairs the p-values of the named targets are taken."""
    own = named(result, at(result.pairs, occurrence))
    return int(((own["bar"] == bar) & (own["verdict"] != "")).sum())


def pairs(
    result: EventContagion, occurrence: str, bar: str = SESSIONS, *, members: bool = False
) -> View:
    """Lay out the pairs of an occurrence: correlations, what they would be, and the verdict."""
    table = named(result, at(result.pairs, occurrence), members=members)
    table = with_pvalues(table[table["bar"] == bar], result.tests)
    if table.empty:
        return blank()
    same_bars = table[["n_calm", "n_crisis"]].drop_duplicates().shape[0] == 1
    level = level_of(result)
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        *(
            ()
            if same_bars
            else (Column("bars", lambda row: f"{_bars(row['n_calm'])} / {_bars(row['n_crisis'])}"),)
        ),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("at calm variance", lambda row: number(row["rho_adjusted"])),
        *_pvalue_columns(level),
        Column("variance ratio", lambda row: number(row["variance_ratio_target"], 1), wide=True),
        Column("its p", p_of("placebo_target"), wide=True),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    caption = _pairs_caption(
        table,
        occurrence,
        bar,
        same_bars=same_bars,
        members=members,
        explained=bar != bars(result)[0],
    )
    return lay_out(caption, table, columns, file="contagion_pairs.csv", notes=_meanings(table))


def _bars(value: float) -> str:
    return integer(value)


def _pvalue_columns(level: float) -> tuple[Column, ...]:
    return (
        Column("p", p_of("change_p")),
        Column(
            "p, all pairs",
            p_of("change_family"),
            loud=lambda row: row["change_family"] <= level,
        ),
        Column("p of link", p_of("link_p"), wide=True),
        Column(
            "link, all pairs",
            p_of("link_family"),
            loud=lambda row: row["link_family"] <= level,
            wide=True,
        ),
    )


def _pairs_caption(
    table: pd.DataFrame,
    occurrence: str,
    bar: str,
    *,
    same_bars: bool,
    members: bool,
    explained: bool,
) -> str:
    source = table["source"].iloc[0]
    whom = "members of groups" if members else "each target"
    title = f"{source} and {whom} at {occurrence}, in {bar_words(bar)}"
    if same_bars:
        calm, crisis = (_bars(table[key].iloc[0]) for key in ("n_calm", "n_crisis"))
        title += f" ({calm} calm, {crisis} crisis)"
    title += "."
    if members:
        return title
    if explained:
        return f"{title} Columns as above. {_source_variance(table)}"
    return (
        f"{title} Correlation of returns before and after the shock, and after it at the calm "
        "variance of the source. p: share of placebo dates on which it changed as much (Fisher). "
        "p of link: the same of the adjusted correlation (Forbes & Rigobon 2002), against dates "
        "with the variances of this event. All pairs: with every pair tried accounted for (Romano "
        f"& Wolf 2005). {_source_variance(table)} Detectable: the smallest rise that would have "
        "been shown four times in five."
    )


def _source_variance(table: pd.DataFrame) -> str:
    known = table[table["variance_ratio_source"].notna()]
    if known.empty:
        return "Variance ratio: of the target, crisis over calm."
    row = known.iloc[0]
    return (
        f"Variance ratio: of the target, crisis over calm, and the share of placebo dates with "
        f"one as high; that of {row['source']} is {number(row['variance_ratio_source'], 1)} "
        f"(p {pvalue(row['placebo_source'])})."
    )


def _verdict(row: Row) -> str:
    return str(row["verdict"]) or "not tested"


def _because(row: Row) -> str:
    """Return what numbers and verdict do not say: a fall, p-values that do not hold, a note."""
    rule = str(row["rule"])
    said = []
    if rule.startswith("decoupling"):
        said.append("the correlation fell" if row["rho_calm"] > 0 else "decoupling")
    if "target's beta on the source rose" in rule:
        said.append("though beta rose")
    if "ASYMPTOTIC" in rule:
        said.append(f"asymptotic p, only {integer(row['n_placebo'])} placebo dates")
    note = SAID_ELSEWHERE.sub("", str(row["note"] or ""))
    return "; ".join(filter(None, [*said, note]))


def _meanings(table: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Say what each verdict of a table means, and why a detectable change is missing."""
    found = [(one, means) for one, means in MEANING.items() if (table["verdict"] == one).any()]
    blind = table[table["detectable"].isna() & (table["verdict"] != "")]
    if len(blind):
        why = f"{listed(blind['target'].tolist())}: no change could have shown, or there are too "
        found.append(("no detectable change", f"{why}few placebo dates to say"))
    return tuple(found)


def averages(
    result: EventContagion, tag: str = ALL, bar: str = SESSIONS, *, members: bool = False
) -> View:
    """Lay out the average change of each pair over repeated events."""
    if not _repeated(result):
        return blank()
    table = named(result, result.averages, members=members)
    table = with_pvalues(table[(table["tag"] == tag) & (table["bar"] == bar)], result.average_tests)
    if table.empty:
        return blank()
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("events", count_of("n_events")),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("change", lambda row: signed(row["change"])),
        *_pvalue_columns(level_of(result)),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    which = "all occurrences" if tag == ALL else f"occurrences with {tag}"
    whom = ", members of groups" if members else ""
    return lay_out(
        f"Average over {which}, in {bar_words(bar)}{whom}. Correlation before and after, and its "
        "change; p-values as above, from dates drawn jointly for all events",
        table,
        columns,
        file="contagion_averages.csv",
        notes=_meanings(table),
    )


def by_tag(result: EventContagion, bar: str = SESSIONS) -> View:
    """Lay out the average change of each named pair by tag and state, side by side."""
    if not _repeated(result):
        return blank()
    table = named(result, result.averages)
    table = with_pvalues(table[table["bar"] == bar], result.average_tests)
    tags = list(dict.fromkeys(table["tag"]))
    if len(tags) < 2:
        return blank()
    cells = {(row["target"], row["tag"]): row for row in table.to_dict("records")}
    level = level_of(result)
    rows: list[Row] = [
        {"target": target, **{tag: cells.get((target, tag)) for tag in tags}}
        for target in dict.fromkeys(table["target"])
    ]
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        *(_tag_column(tag, level) for tag in tags),
    )
    return lay_out(
        "Average change of correlation by tag and state. Below each: placebo p with every pair of "
        f"the tag accounted for, and the events. {listed(tags[1:], 3)}: only occurrences with it",
        rows,
        columns,
        file="contagion_averages.csv",
    )


def _tag_column(tag: str, level: float) -> Column:
    def below(row: Row) -> str:
        own = row[tag]
        if own is None:
            return ""
        said = f"p {pvalue(own['change_family'])}, n {integer(own['n_events'])}"
        return f"{own['verdict']}, {said}" if own["verdict"] in CHANGED else said

    return Column(
        tag,
        lambda row: MISSING if row[tag] is None else signed(row[tag]["change"]),
        below,
        loud=lambda row: row[tag] is not None and row[tag]["change_family"] <= level,
    )


def _repeated(result: EventContagion) -> bool:
    return len(result.averages) > 0 and bool(result.averages["n_events"].max() > 1)
