"""The tables of connectedness: what every series gives and takes, by horizon, in tails, by pair."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from eventlab.contagion.phrases import NO_INTERVAL
from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    interval,
    lay_out,
    number,
    p_of,
    rows_of,
    signed,
    words,
)
from eventlab.report.numbers import MISSING

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["pairwise", "parts_of_tci", "spillover"]

FILE: Final = "contagion_spillover.csv"
MEASURES: Final = ("tci", "to", "from", "net")
NOTHING: Final[Row] = {"value": math.nan, "low": math.nan, "high": math.nan, "note": ""}


def spillover(result: EventContagion, occurrence: str) -> View:
    """Lay out TCI, and what every series gives, takes and gives on balance, before and after."""
    found = _by_period(at(result.spillover, occurrence), MEASURES)
    if not found:
        return blank()
    series = list(dict.fromkeys(name for _, name in found if name))
    rows = [{"series": "all (TCI)", "net": found.get(("tci", ""), {}), "to": {}, "from": {}}]
    rows += [
        {"series": name} | {one: found.get((one, name), {}) for one in MEASURES[1:]}
        for name in series
    ]
    columns = (
        Column("series", lambda row: str(row["series"]), numeric=False),
        *_measure("net", wide=False),
        *_measure("to", wide=True),
        *_measure("from", wide=True),
        Column("note", _note, numeric=False),
    )
    estimator = at(result.spillover, occurrence)["estimator"].iloc[0]
    return lay_out(
        f"Connectedness before and after {occurrence}, in percent. TCI: the share of forecast "
        "errors that comes from other series; TO: what a series gives them, FROM: what it takes, "
        f"NET: TO less FROM (generalised decomposition of a VAR, {estimator}; Diebold & Yilmaz "
        "2012). Below each change its bootstrap interval; p: share of placebo dates with as "
        "large a change",
        rows,
        columns,
        file=FILE,
    )


def _measure(name: str, *, wide: bool) -> tuple[Column, ...]:
    def change(row: Row) -> Row:
        found: Row = row[name].get("change", NOTHING)
        return found

    title = name.upper()
    return (
        Column(title, lambda row: _path(row[name]), wide=wide),
        Column(
            "change" if name == "net" else f"{title} change",
            lambda row: signed(change(row)["value"], 1),
            lambda row: interval(change(row), 1, sign=True),
            loud=lambda row: _beyond(change(row)),
            wide=wide,
        ),
        Column(
            "p" if name == "net" else f"p of {title}",
            lambda row: p_of("placebo_pvalue")(change(row)),
            wide=wide,
        ),
    )


def _path(periods: dict[str, Row]) -> str:
    calm, crisis = (periods.get(name, NOTHING)["value"] for name in ("calm", "crisis"))
    if not math.isfinite(calm) and not math.isfinite(crisis):
        return MISSING
    if not math.isfinite(crisis):
        return f"{number(calm, 1)} before"
    return f"{number(calm, 1)} to {number(crisis, 1)}"


def _beyond(row: Row) -> bool:
    """Whether zero lies outside of the interval."""
    return bool(row["low"] > 0.0 or row["high"] < 0.0)


def _note(row: Row) -> str:
    notes = [
        re.sub("^(calm|crisis): ", "", one["note"])
        for name in MEASURES[1:]
        for one in row[name].values()
        if one["note"] and not one["note"].startswith(NO_INTERVAL)
    ]
    return "; ".join(dict.fromkeys(notes)) or MISSING


def parts_of_tci(result: EventContagion, occurrence: str) -> View:
    """Lay out the total by horizon (bands) and where all series are in their tails (quantiles)."""
    table = at(result.spillover, occurrence)
    found = _by_period(table, ("band_tci", "quantile_tci"), "other")
    if not found:
        return blank()
    rows = [{"measure": measure, "part": part, **one} for (measure, part), one in found.items()]
    names = {"band_tci": "horizon", "quantile_tci": "quantile"}
    columns = (
        Column("part", lambda row: f"{names[row['measure']]}: {row['part']}", numeric=False),
        Column("before", lambda row: number(row.get("calm", NOTHING)["value"], 1)),
        Column("after", lambda row: number(row.get("crisis", NOTHING)["value"], 1)),
        Column(
            "change",
            lambda row: signed(row.get("change", NOTHING)["value"], 1),
            lambda row: interval(row.get("change", NOTHING), 1, sign=True),
        ),
        Column("p", lambda row: p_of("placebo_pvalue")(row.get("change", {}))),
    )
    return lay_out(
        "Total connectedness by horizon and in the tails, in percent. Horizon: the part that "
        "passes within so many bars (Barunik & Krehlik 2018); quantile: of a VAR through that "
        "quantile of every series, not the mean; p: placebo dates",
        rows,
        columns,
        file=FILE,
    )


def pairwise(result: EventContagion, occurrence: str) -> View:
    """Lay out who gives to whom on balance, those of the source first."""
    table = at(result.spillover, occurrence)
    if len(table):
        table = table[(table["measure"] == "pairwise") & (table["period"] == "change")]
    if table.empty:
        return blank()
    other = at(result.spillover, occurrence)
    other = other[(other["measure"] == "pairwise") & (other["period"] != "change")]
    values = {(r["series"], r["other"], r["period"]): r["value"] for r in rows_of(other)}
    columns = (
        Column("gives", words("series"), numeric=False),
        Column("to", words("other"), numeric=False),
        Column("before", lambda row: number(values.get((row["series"], row["other"], "calm")), 1)),
        Column("after", lambda row: number(values.get((row["series"], row["other"], "crisis")), 1)),
        Column(
            "change",
            lambda row: signed(row["value"], 1),
            lambda row: interval(row, 1, sign=True),
            loud=_beyond,
        ),
        Column("p", p_of("placebo_pvalue")),
    )
    caption = (
        "Who gives to whom, in percent of the forecast error: what the first gives the second less "
        "what it takes; negative where it takes more"
    )
    return lay_out(caption, table, columns, most=40, file=FILE)


def _by_period(
    table: pd.DataFrame, measures: tuple[str, ...], key: str = "series"
) -> dict[tuple[str, str], dict[str, Row]]:
    """Return by measure and series the rows of each period."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    if len(table):
        for row in rows_of(table[table["measure"].isin(measures)]):
            found.setdefault((row["measure"], row[key]), {})[row["period"]] = row
    return found
