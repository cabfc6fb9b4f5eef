"""The tables of pairs and of their averages, for the terminal and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion.layout import (
    Column,
    lay_out,
    number,
    signed,
    words,
)
from eventlab.report.numbers import integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = [
    "ALL",
    "SESSIONS",
    "averages",
    "bar_words",
    "bars",
    "focus",
    "named",
    "p_of",
    "pair_tests",
    "pairs",
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


def bar_words(bar: str) -> str:
    """Write what bars are: ``sessions``, ``bars of 60 minutes``."""
    return "sessions" if bar == SESSIONS else f"bars of {bar.replace('min', ' minutes')}"


def named(result: EventContagion, table: pd.DataFrame, *, members: bool = False) -> pd.DataFrame:
    """Keep the targets that the definition names, or the ``members`` of its groups."""
    definition = result.event.contagion
    if definition is None:
        return table
    return table[table["target"].isin(definition.targets) != members]


def pairs(
    result: EventContagion, occurrence: str, bar: str = SESSIONS, *, members: bool = False
) -> View:
    """Lay out the pairs of an occurrence: correlations, what they would be, and the verdict."""
    table = named(result, result.pairs, members=members)
    table = table[(table["occurrence"] == occurrence) & (table["bar"] == bar)]
    table = table.merge(_placebo(result), on=["bar", "occurrence", "source", "target"], how="left")
    definition = result.event.contagion
    level = definition.level if definition is not None else 0.05
    source = table["source"].iloc[0] if len(table) else ""
    caption = f"{source} to the members of groups at {occurrence}, in {bar_words(bar)}"
    if not members:
        caption = (
            f"{source} to each target at {occurrence}, in {bar_words(bar)}: correlation of returns "
            "before and after the shock, and after it at the calm variance of the source. p: "
            "placebo p of the change (Fisher), below it with all pairs of the family tried. "
            "Variance: crisis over calm, of source and target. Detectable: the smallest change "
            "that these windows would have shown four times in five."
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
        Column("p", p_of("fisher"), p_of("family"), loud=lambda row: row["family"] < level),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    return lay_out(caption, table, columns, file="contagion_pairs.csv")


def _placebo(result: EventContagion) -> pd.DataFrame:
    """Return the placebo p of Fisher's test on raw returns, alone and over the family."""
    keys = ["bar", "occurrence", "source", "target"]
    own = result.tests[(result.tests["test"] == "fisher") & (result.tests["kind"] == "raw")]
    names = {"placebo_pvalue": "fisher", "romano_wolf_pvalue": "family"}
    return own[[*keys, *names]].rename(columns=names)


def p_of(key: str) -> Callable[[Row], str]:
    """Write a column of p-values."""
    return lambda row: pvalue(row[key])


def _verdict(row: Row) -> str:
    if not row["verdict"]:
        return "not tested"
    return str(row["verdict"]) + (", confounded" if row.get("confounded") else "")


def _because(row: Row) -> str:
    """Return the rule that gave the verdict; what confounds it stands in the doubts, once."""
    said = (str(row[key]).split("; confounded by")[0] for key in ("rule", "note") if row[key])
    return "; ".join(said)


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
        Column("p", p_of("pvalue")),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("over targets", p_of("romano_wolf_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(f"{target}: every test", table, columns, file="contagion_tests.csv")


def averages(
    result: EventContagion, tag: str = ALL, bar: str = SESSIONS, *, members: bool = False
) -> View:
    """Lay out the average change of each pair over repeated events."""
    if result.averages.empty or result.averages["n_events"].max() < 2:
        return lay_out("", result.averages.head(0), ())
    table = named(result, result.averages, members=members)
    table = table[(table["tag"] == tag) & (table["bar"] == bar)]
    tests = result.average_tests
    fisher = tests[(tests["test"] == "fisher") & (tests["kind"] == "raw")]
    keys = ["bar", "tag", "source", "target"]
    names = ["placebo_pvalue", "romano_wolf_pvalue"]
    table = table.merge(fisher[[*keys, *names]], on=keys, how="left")
    which = "all occurrences" if tag == ALL else f"occurrences: {tag}"
    columns = (
        Column("target", lambda row: str(row["target"]), numeric=False),
        Column("events", lambda row: integer(row["n_events"])),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("change", lambda row: signed(row["change"])),
        Column("placebo p", p_of("placebo_pvalue"), p_of("romano_wolf_pvalue")),
        Column("detectable", lambda row: signed(row["detectable"])),
        Column("verdict", _verdict, _because, numeric=False),
    )
    caption = f"Average over {which}: correlation before and after, and its change"
    return lay_out(caption, table, columns, file="contagion_averages.csv")
