"""The tables of who moved first: the chain, price levels, what went through the middle, leads."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from eventlab.contagion.phrases import NO_MOVE, NOTHING_TO_SHARE, TOGETHER, UNRELATED
from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    count_of,
    instant,
    lay_out,
    listed,
    minutes,
    number,
    p_of,
    percents,
    rows_of,
    sentence,
    signed,
    words,
)
from eventlab.report.numbers import MISSING

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["leads", "marks", "marks_said", "mediation", "order", "order_said"]

MEMBER: Final = "member of "
NO_EFFECT: Final = re.compile(f"{NOTHING_TO_SHARE}.*to share")
READINGS: Final = {UNRELATED: "unrelated", TOGETHER: "together"}


def order_said(result: EventContagion, occurrence: str) -> str:
    """Say what the data say of the whole order; nothing where there is no chain."""
    table = at(result.chain, occurrence)
    return sentence(_verdict_and_note(str(table["note"].iloc[0] or ""))[0]) if len(table) else ""


def _verdict_and_note(note: str) -> tuple[str, str]:
    """Tell the verdict on the whole chain, which begins the note of the source, from the note."""
    first, *rest = note.split("; ")
    of_chain = [part for part in rest if part.startswith(("in ", "bars of "))]
    own = [part for part in rest if part not in of_chain]
    return "; ".join([first, *of_chain]), "; ".join(own)


def order(result: EventContagion, occurrence: str, *, members: bool = False) -> View:
    """Lay out which link of the chain moved first, or the ``members`` of its groups."""
    rows = rows_of(at(result.chain, occurrence))
    if rows:
        rows[0]["note"] = _verdict_and_note(str(rows[0]["note"]))[1]  # the rest: `order_said`
    own = [row for row in rows if str(row.get("order") or "").startswith(MEMBER) == members]
    columns = (
        Column("link", lambda row: f"{row['link']}", numeric=False),
        Column("symbol", words("symbol"), numeric=False),
        Column("after the news", lambda row: minutes(row["minutes_after"])),
        Column("by", lambda row: instant(row["first_move"]), numeric=False),
        Column("bars of", lambda row: minutes(row.get("bar_minutes")), wide=True),
        Column("move", lambda row: percents(row["move"])),
        Column("needed", lambda row: percents(row["threshold"]).replace("+", ""), wide=True),
        Column("p", p_of("placebo_pvalue")),
        Column("order", _order, numeric=False),
        Column("leads by", _led, wide=True),
        Column("note", _chain_note, numeric=False),
    )
    title = "Members of the groups." if members else "The chain, link by link."
    caption = (
        f"{title} The close of the first bar by which each moved further than by that time on 95% "
        "of days without news; without one, how far it went in all. p: share of those days on "
        "which it went as far. Leads by: how far the link before runs ahead after the news "
        "(Hayashi & Yoshida 2005), where the two are related at all"
    )
    return lay_out(title if members else caption, own, columns, file="contagion_chain.csv", most=80)


def _chain_note(row: Row) -> str:
    """Return a note; that there was no move is said by the dash in its place."""
    notes = str(row["note"] or "").split("; ")
    return "; ".join(note for note in notes if not note.startswith(NO_MOVE)) or MISSING


def _order(row: Row) -> str:
    order_of = str(row.get("order") or "")
    return MISSING if order_of.startswith(MEMBER) else order_of or MISSING


def _led(row: Row) -> str:
    shown = minutes(row["lead_minutes"])
    if shown == MISSING:
        return MISSING
    return f"{row['previous']} {shown}" if row.get("previous") else shown


def marks_said(result: EventContagion, occurrence: str) -> list[str]:
    """Say when prices first traded beyond the levels that the definition names."""
    return [
        f"{row['symbol']} {_again(row)} {row['direction']} {row['price']:,.10g} in the "
        f"{minutes(row['bar_minutes'])} from {instant(row['first_crossing'])}, "
        f"{minutes(row['minutes_after'])} after the news."
        for row in rows_of(at(result.marks, occurrence))
        if math.isfinite(row["minutes_after"])
    ]


def _again(row: Row) -> str:
    """Tell a first time from the way back: the price was there already at the news."""
    return "was back" if "at the news" in str(row["note"]) else "first traded"


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
    caption = "Price levels after the news. The opening of the first bar that trades beyond each"
    return lay_out(caption, at(result.marks, occurrence), columns, file="contagion_marks.csv")


def mediation(result: EventContagion, occurrence: str) -> View:
    """Lay out how much of the first link's effect on the last goes through the middle."""
    rows = rows_of(at(result.mediation, occurrence))
    known = [row for row in rows if math.isfinite(row["total"])]
    columns = (
        Column("path", _path, numeric=False),
        Column("window", words("horizon"), numeric=False),
        Column("in all", lambda row: signed(row["total"])),
        Column("p", p_of("total_pvalue")),
        Column("placebo p", p_of("total_placebo_pvalue")),
        Column("directly", lambda row: signed(row["direct"])),
        Column("through it", lambda row: _share(row["share"]), _share_interval),
        Column("on placebo dates", lambda row: _share(row.get("placebo_share", math.nan))),
        Column("p of share", p_of("placebo_pvalue")),
        Column("note", lambda row: NO_EFFECT.sub("no effect to share", row["note"]),
               numeric=False),
    )  # fmt: skip
    caption = (
        "What goes through the middle. Effect of the first on the last in all (slope of returns), "
        "directly (with the middle held fixed), and the share that then disappears. A share is "
        "given only where there is an effect to share, and it is no proof of a path"
    )
    return lay_out(
        caption,
        known or rows,
        columns,
        file="contagion_mediation.csv",
        notes=_not_measured([row for row in rows if row not in known] if known else []),
    )


def _not_measured(rows: list[Row]) -> list[tuple[str, str]]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        by_reason.setdefault((str(row["horizon"]), str(row["note"])), []).append(_path(row))
    return [
        ("not measured", f"{horizon}, {listed(paths, 3)}: {note}")
        for (horizon, note), paths in by_reason.items()
    ]


def _path(row: Row) -> str:
    names = [row[key] for key in ("source", "middle", "last") if isinstance(row[key], str)]
    return " to ".join(names)


def _share(value: float) -> str:
    return f"{number(100 * value, 0)}%" if math.isfinite(value) else MISSING


def _share_interval(row: Row) -> str:
    if not math.isfinite(row["low"]):
        return ""
    return f"{_share(row['low'])} to {_share(row['high'])}"


def leads(result: EventContagion, occurrence: str, *, members: bool = False) -> View:
    """Lay out at which lag source and target go together most, before and after the news."""
    table = at(result.lead_lag_peaks, occurrence)
    if table.empty:
        return blank()
    definition = result.event.contagion
    if definition is not None:
        table = table[table["target"].isin(definition.targets) != members]
    keys = ["target", "bar"]
    calm, crisis = (table[table["window"] == window] for window in ("calm", "crisis"))
    both = crisis.merge(calm, on=keys, how="left", suffixes=("", "_calm"))
    columns = (
        Column("target", words("target"), numeric=False),
        Column("bars", words("bar"), numeric=False),
        Column("calm peak", lambda row: number(row["peak_correlation_calm"])),
        Column("at", lambda row: minutes(row["peak_minutes_calm"])),
        Column("crisis peak", lambda row: number(row["peak_correlation"])),
        Column("at lag", lambda row: minutes(row["peak_minutes"])),
        Column("p", p_of("pvalue")),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("LLR", lambda row: number(row["llr"]), wide=True),
        Column("p of LLR", p_of("llr_placebo_pvalue"), wide=True),
        Column("dates", count_of("n_placebo"), wide=True),
        Column("reading", _reading, _calm_reading, numeric=False),
    )
    caption = (
        "Leads and lags inside days. The largest correlation over all lags and the lag it is at; "
        "above zero the source leads. p: of no correlation at any lag; placebo p: of a peak that "
        "high on other dates. LLR: what the source's leads explain over what the target's do, "
        "above 1 the source leads (Hoffmann, Rosenbaum & Yoshida 2013). Together: at one lag, as "
        "far as such bars can tell"
    )
    return lay_out(
        "Leads and lags: members of groups." if members else caption,
        both,
        columns,
        file="contagion_lead_lag_peaks.csv",
    )


def _reading(row: Row, key: str = "reading") -> str:
    said = row[key]
    return READINGS.get(said, said) if isinstance(said, str) and said else MISSING


def _calm_reading(row: Row) -> str:
    said = _reading(row, "reading_calm")
    return "" if said in {MISSING, _reading(row)} else f"before: {said}"
