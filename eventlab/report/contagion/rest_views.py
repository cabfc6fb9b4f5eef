"""The tables of what a result rests on: other news, what was left out, sampling, the truth."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    lay_out,
    listed,
    minutes,
    number,
    rows_of,
    words,
)
from eventlab.report.contagion.views import MEANING, SESSIONS, bar_words
from eventlab.report.numbers import MISSING, counted, integer

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["exclusions", "overlaps", "sampling", "truth", "truth_counts"]

INJECTED: Final = {
    "none": "nothing",
    "volatility": "higher volatility, the same link",
    "common": "a shock from outside to both",
    "contagion": "a stronger link",
}


def overlaps(result: EventContagion, occurrence: str, *, calm: bool = False) -> View:
    """Lay out the other events from the end of the calm window on, or those inside it."""
    table = at(result.overlaps, occurrence)
    if len(table):
        first = table["bar"].iloc[0]
        table = table[((table["window"] == "calm") == calm) & (table["bar"] == first)]
        table = table.sort_values("tau", kind="stable")
    columns = (
        Column(
            "event", lambda row: f"{row['other_event']}/{row['other_occurrence']}", numeric=False
        ),
        Column("title", words("title"), numeric=False),
        Column("bar", lambda row: number(row["tau"], 0)),
        Column("from the news", lambda row: minutes(row.get("minutes"))),
        Column("window", words("window"), numeric=False),
        Column("confounds", lambda row: "yes" if row.get("confounds") else MISSING, numeric=False),
    )
    caption = (
        f"Other events inside the calm window of {occurrence}."
        if calm
        else f"Other events from the calm window of {occurrence} to the end of its crisis window. "
        "Confounds: so near that it may have moved the pairs itself"
    )
    return lay_out(caption, table, columns, file="contagion_overlaps.csv")


def exclusions(result: EventContagion) -> View:
    """Lay out what was left out: how often for each reason, the most frequent first."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows_of(result.exclusions):
        key = (row["part"], row["bar"], _kind(str(row["reason"]), str(row["symbol"])))
        groups.setdefault(key, []).append(row)
    rows = [
        {"part": part, "bar": bar, "reason": reason, "rows": own}
        for (part, bar, reason), own in groups.items()
    ]
    rows.sort(key=lambda row: -len(row["rows"]))
    columns = (
        Column("reason", words("reason"), numeric=False),
        Column("times", lambda row: integer(len(row["rows"]))),
        Column("symbols", lambda row: _several(row, "symbol"), numeric=False),
        Column("occurrences", lambda row: _several(row, "occurrence"), numeric=False),
        Column("of", lambda row: f"{row['part']}, {_width(row['bar'])}", numeric=False),
    )  # fmt: skip
    caption = f"What was left out. {counted(len(result.exclusions), 'exclusion')} by reason"
    return lay_out(caption, rows, columns, file="contagion_exclusions.csv", most=40)


def _kind(reason: str, symbol: str) -> str:
    """Return a reason without what differs from case to case: its symbol, dates, and counts."""
    if symbol:
        reason = re.sub(rf"(?<![\w@]){re.escape(symbol)}(?!\w)", "it", reason)
    reason = re.sub(r"^[\w-]+/[\w-]+: ", "", reason)
    reason = re.sub(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?( UTC)?)?", "…", reason)
    return re.sub(r"\b\d+( of \d+)?(?= (complete|rows|bars|sessions|before))", "…", reason)


def _several(row: Row, key: str) -> str:
    names = list(dict.fromkeys(str(one[key]) for one in row["rows"] if one[key]))
    if not names or names == ["all"]:
        return "all" if names else MISSING
    return (
        listed(names, 4) if len(names) <= 4 else f"{names[0]} to {names[-1]}, {len(names)} in all"
    )


def _width(bar: str) -> str:
    return "sessions" if bar == SESSIONS else bar_words(bar)


def sampling(result: EventContagion, occurrence: str) -> View:
    """Lay out which prices the series were sampled from: a row per way."""
    ways: dict[tuple[str, ...], list[Row]] = {}
    for row in rows_of(at(result.sampling, occurrence)):
        key = (
            row["bar"],
            str(row["basis"]),
            minutes(row["minutes_apart"]),
            minutes(row["max_minutes_apart"]),
            str(row["note"] or ""),
        )
        ways.setdefault(key, []).append(row)
    rows: list[Row] = [
        {"way": way, "names": [row["symbol"] for row in own]} for way, own in ways.items()
    ]
    columns = (
        Column("series", lambda row: listed(row["names"], 6), numeric=False),
        Column("bars", lambda row: _width(row["way"][0]), numeric=False),
        Column("prices", lambda row: row["way"][1], numeric=False),
        Column("from the close", lambda row: row["way"][2]),
        Column("at most", lambda row: row["way"][3]),
        Column("note", lambda row: row["way"][4] or MISSING, numeric=False),
    )
    caption = (
        "Where prices are sampled. How far the price of each series lies from the clock's close"
    )
    return lay_out(caption, rows, columns, file="contagion_sampling.csv")


def truth_counts(result: EventContagion) -> View:
    """Count the verdicts for what the simulation did to the link."""
    if result.truth.empty:
        return blank()
    counts = Counter((row["kind"], row["verdict"] or "not tested") for row in rows_of(result.truth))
    verdicts = [one for one in (*MEANING, "not tested") if _any(counts, one)]
    rows: list[Row] = [
        {"kind": kind, "counts": {verdict: counts[kind, verdict] for verdict in verdicts}}
        for kind in INJECTED
        if any(counts[kind, verdict] for verdict in verdicts)
    ]

    def shown(verdict: str) -> Column:
        return Column(verdict, lambda row: integer(row["counts"][verdict]))

    columns = (
        Column("the simulation added", lambda row: INJECTED[row["kind"]], numeric=False),
        Column("pairs", lambda row: integer(sum(row["counts"].values()))),
        *(shown(verdict) for verdict in verdicts),
    )
    return lay_out(
        "The truth of the simulation. What it did to the link between the windows, and how many "
        "pairs got which verdict: contagion is right in the last row only",
        rows,
        columns,
    )


def _any(counts: Counter[tuple[str, str]], verdict: str) -> bool:
    return any(counts[kind, verdict] for kind in INJECTED)


def truth(result: EventContagion) -> View:
    """Lay out the verdicts on pairs whose link the simulation did change."""
    table = result.truth
    if len(table):
        table = table[table["kind"] == "contagion"]
    columns = (
        Column("occurrence", words("occurrence"), numeric=False),
        Column("bars", words("bar"), numeric=False),
        Column("target", words("target"), numeric=False),
        Column("verdict", words("verdict"), numeric=False),
    )
    caption = "Pairs whose link the simulation made stronger"
    return lay_out(caption, table, columns, file="contagion_truth.csv", most=40)
