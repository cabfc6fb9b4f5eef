"""The tables of slower states: rank buckets, betas on two factors, bubbles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    count_of,
    instant,
    interval,
    lay_out,
    number,
    p_of,
    rows_of,
    signed,
    words,
)
from eventlab.report.contagion.views import level_of
from eventlab.report.numbers import MISSING, pvalue

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["betas", "bubbles", "buckets"]


def buckets(result: EventContagion, occurrence: str) -> View:
    """Lay out whether two groups move as one, before and after."""
    table = at(result.buckets, occurrence)
    rows: dict[str, Row] = {}
    for row in rows_of(table):
        rows.setdefault(row["bucket"], {"bucket": row["bucket"], **_empty()})[row["period"]] = row
    level = level_of(result)
    columns = (
        Column("bucket", words("bucket"), numeric=False),
        Column("series", lambda row: count_of("n_series")(row["change"])),
        *_moved("mean_correlation", "correlation", "placebo_pvalue", level),
        *_moved("absorption_ratio", "absorbed", "absorption_placebo_pvalue", level),
    )
    return lay_out(
        "Rank buckets. Do the large move as one and the small apart? Correlation: mean over all "
        "pairs of a bucket, below each its interval; absorbed: share of the variance that the few "
        "first components take up (Kritzman and others 2011); p: placebo dates",
        list(rows.values()),
        columns,
        file="contagion_buckets.csv",
        notes=[("how", note) for note in dict.fromkeys(_notes(rows))],
    )


def _empty() -> Row:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "mean_correlation", "absorption_ratio", "low", "high", "placebo_pvalue",
            "absorption_placebo_pvalue", "n_series",
        ),
        math.nan,
    )  # fmt: skip
    return {period: {**nothing, "note": ""} for period in ("before", "after", "change")}


def _moved(key: str, name: str, p: str, level: float) -> tuple[Column, ...]:
    def below(period: str) -> Any:
        if key != "mean_correlation":
            return None
        return lambda row: interval(row[period], sign=period == "change")

    return (
        Column(f"{name} before", lambda row: number(row["before"][key]), below("before")),
        Column("after", lambda row: number(row["after"][key]), below("after")),
        Column(
            "change",
            lambda row: signed(row["change"][key]),
            below("change"),
            loud=lambda row: row["change"][p] <= level,
        ),
        Column("p", lambda row: pvalue(row["change"][p])),
    )


def _notes(rows: dict[str, Row]) -> list[str]:
    return [
        row[period]["note"]
        for row in rows.values()
        for period in ("before", "after", "change")
        if row[period]["note"]
    ]


def betas(result: EventContagion, occurrence: str) -> View:
    """Lay out the two betas of each symbol at the end of both windows."""
    table = at(result.beta_changes, occurrence)
    if table.empty:
        return blank()
    rows: dict[str, Row] = {}
    for row in rows_of(table):
        rows.setdefault(row["symbol"], {"symbol": row["symbol"]})[row["factor"] or ""] = row
    factors = [name for name in dict.fromkeys(table["factor"]) if name]
    level = level_of(result)
    columns = (
        Column("asset", words("symbol"), numeric=False),
        *(column for factor in factors for column in _factor(factor, level)),
        Column("nearer to", lambda row: _nearer(row, factors), numeric=False),
        Column("note", _note, numeric=False),
    )
    caption = (
        f"A proxy of which factor? Betas on {' and '.join(factors)} together, which drift with "
        "time (Kalman filter). From the end of the calm to the end of the crisis window, below it "
        "the placebo p of the change; share: of the asset's variance. Nearer to: the factor with "
        "the larger share, which is often most of nothing"
    )
    return lay_out(caption, list(rows.values()), columns, file="contagion_beta_changes.csv")


def _factor(factor: str, level: float) -> tuple[Column, ...]:
    def of(row: Row, key: str) -> float:
        return float(row[factor][key]) if factor in row else math.nan

    def path(row: Row) -> str:
        calm, crisis = of(row, "beta_calm"), of(row, "beta_crisis")
        return f"{number(calm)} to {number(crisis)}" if math.isfinite(crisis) else MISSING

    def p_below(row: Row) -> str:
        p = of(row, "placebo_pvalue")
        return f"p {pvalue(p)}" if math.isfinite(p) else ""

    return (
        Column(
            f"beta on {factor}", path, p_below, loud=lambda row: of(row, "placebo_pvalue") <= level
        ),
        Column(f"share of {factor}", lambda row: _percent(of(row, "share_crisis"))),
    )


def _percent(share: float) -> str:
    return f"{number(100 * share, 0)}%" if math.isfinite(share) else MISSING


def _nearer(row: Row, factors: list[str]) -> str:
    shares = [
        (row[factor]["share_crisis"], factor)
        for factor in factors
        if factor in row and math.isfinite(row[factor]["share_crisis"])
    ]
    return max(shares)[1] if len(shares) > 1 else MISSING


def _note(row: Row) -> str:
    notes = [one["note"] for one in row.values() if isinstance(one, dict) and one["note"]]
    return "; ".join(dict.fromkeys(notes)) or MISSING


def bubbles(result: EventContagion, occurrence: str) -> View:
    """Lay out the tests of explosive prices and the stretches they date."""
    level = level_of(result)
    columns = (
        Column("series", words("symbol"), numeric=False),
        Column("test", lambda row: str(row["test"]).upper(), numeric=False),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("95% critical", lambda row: number(row["critical_95"])),
        Column("p", p_of("pvalue"), loud=lambda row: row["pvalue"] <= level),
        Column("simulated p", p_of("simulated_pvalue"), wide=True),
        Column("explosive from", lambda row: instant(row["first"]), numeric=False),
        Column("to", lambda row: instant(row["last"]), numeric=False),
        Column("bars", count_of("n")),
        Column("note", words("note"), numeric=False),
    )
    caption = (
        "Bubbles. Was the log price explosive up to the event? SADF and GSADF (Phillips, Shi & Yu "
        "2015). p: wild bootstrap, which holds where volatility changes; simulated p: normal "
        "random walks, as published"
    )
    return lay_out(caption, at(result.bubbles, occurrence), columns, file="contagion_bubbles.csv")
