"""The specification curve on a page: its sentences, the rows of its two pictures, its choices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.report.numbers import MINUS, integer, percent
from eventlab.report.specification_text import (
    CHOICE_NAMES,
    curve_sentences,
    ordered_choices,
    unusable,
)
from eventlab.report.summary import level, rows
from eventlab.report.units import unit_of
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.study.results import EventStudy

__all__ = ["curve_context", "curve_figures", "curve_rows"]

# Beside the dots there is room for 18 letters on a phone.
SHORT_NAMES = {
    "model": "",
    "benchmark": "on",
    "estimation_window": "fit",
    "window": "CAR",
    "clock": "clock",
    "sampling": "close",
    "overlaps": "overlaps:",
    "days": "days:",
}
MOST_DRAWN = 300  # specifications in the pictures; evenly over the curve, its ends among them
Rows = list[dict[str, Any]]


def curve_context(study: EventStudy) -> dict[str, Any] | None:
    """Return what a page says of its first curve; None where there is none."""
    summary = study.specification_summary
    if summary.empty:
        return None
    row = next(rows(summary))
    specs = study.specifications
    own = specs[specs["group"] == row["group"]]
    drawn = min(MOST_DRAWN, int(row["n"]))
    more = f"{integer(drawn)} of {integer(row['n'])} are drawn, evenly over the curve. "
    return {
        "group": row["group"],
        "sentences": curve_sentences(row, unit_of(study), level(study)),
        "drawn": drawn > 1,
        "short": row["short"],
        "more": more if drawn < row["n"] else "",
        "band": math.isfinite(row["median_pvalue"]),
        "choices": _choice_view(own, study) if row["n"] else None,
        "unusable": unusable(own) if row["n"] else [],
    }


def curve_figures(study: EventStudy, group: str = "") -> dict[str, Rows]:
    """Return `curve_rows` of the study's curve of ``group``, or of its first; empty without one."""
    summary = study.specification_summary
    if summary.empty:
        return {"curve": [], "choices": []}
    specs = study.specifications
    return curve_rows(specs[specs["group"] == (group or summary.iloc[0]["group"])])


def curve_rows(specs: pd.DataFrame) -> dict[str, Rows]:
    """Return the rows of ``curve`` (one per drawn specification) and ``choices`` (its dots)."""
    own = specs[specs["rank"] >= 0].sort_values("rank")
    if own.empty:
        return {"curve": [], "choices": []}
    places = np.unique(np.linspace(0, len(own) - 1, min(len(own), MOST_DRAWN)).round().astype(int))
    drawn = own.iloc[places]
    table = ordered_choices(own)
    varied = [name for name in CHOICE_NAMES if name in set(table["choice"])]
    curve = [_curve_row(row, varied) for row in rows(drawn)]
    return {"curve": curve, "choices": _choice_rows(drawn, table)}


def _curve_row(row: dict[str, Any], varied: list[str]) -> dict[str, Any]:
    return {
        "place": row["rank"],
        "estimate": _short(row["estimate"]),
        "low": _short(row["low"]),
        "high": _short(row["high"]),
        "null_low": _short(row["null_low"]),
        "null_high": _short(row["null_high"]),
        "p": _short(row["pvalue"]),
        "n": row["n_events"],
        "loud": bool(row["significant"]),
        "choice": ", ".join(_value(str(row[name])) for name in varied),
    }


def _choice_rows(drawn: pd.DataFrame, table: pd.DataFrame) -> Rows:
    """Return a dot for each choice of each drawn specification, those that matter most on top."""
    found: Rows = []
    for one in rows(table):
        name, value = one["choice"], one["value"]
        chosen = drawn[drawn[name] == value]
        label = _label(name, str(value))
        found += [
            {"place": row["rank"], "label": label, "kind": name, "loud": bool(row["significant"])}
            for row in rows(chosen)
        ]
    return found


def _choice_view(specs: pd.DataFrame, study: EventStudy) -> View:
    write = unit_of(study).write
    table = ordered_choices(specs)
    shown = tuple(
        (
            Shown(_value(str(row["value"])), CHOICE_NAMES[row["choice"]]),
            Shown(integer(row["n"])),
            Shown(integer(row["n_events"])),
            Shown(write(row["median"])),
            Shown(percent(row["share_significant"], 0, sign=False)),
            Shown(write(row["spread"], sign=False)),
        )
        for row in rows(table)
    )
    columns = ("choice", "specifications", "events", "median CAAR", "significant", "apart")
    caption = (
        "Median CAAR by choice. The choice that moves it most stands first: apart is the distance "
        "between its largest and smallest median. Events are those of the median specification."
    )
    return View(caption, columns, shown, (1, 2, 3, 4, 5))


def _value(word: str) -> str:
    return word.replace("-", MINUS) if word.startswith("[") else word.replace("_", " ")


def _label(name: str, value: str) -> str:
    """Write one choice in few letters."""
    if (name, value) == ("benchmark", "none"):
        return "no benchmark"
    return f"{SHORT_NAMES[name]} {_value(value)}".strip()


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None
