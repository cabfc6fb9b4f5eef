"""The specification curve for the terminal, and the sentence that it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from eventlab.report.numbers import integer, percent, pvalue, statistic
from eventlab.report.summary import level, rows
from eventlab.report.terminal import safe_console
from eventlab.report.units import unit_of
from eventlab.study.specifications.columns import choice_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from eventlab.report.units import Unit
    from eventlab.study.results import EventStudy
    from eventlab.study.specifications.curve import CurveSheet

__all__ = ["CHOICE_NAMES", "curve_sentences", "print_curves"]

CHOICE_NAMES = {
    "model": "model",
    "benchmark": "benchmark",
    "estimation_window": "estimation window",
    "window": "CAR window",
    "clock": "clock",
    "sampling": "daily close",
    "overlaps": "overlaps",
    "days": "days",
}
MOST_REASONS = 6


def print_curves(study: EventStudy | CurveSheet, stream: TextIO) -> None:
    """Write every curve of a study to a terminal, or without colours to a pipe."""
    console = safe_console(stream)
    title = Text.assemble((f"\n{study.event.title}", "bold"), f"  ({study.event.event})")
    console.print(title)
    if study.stamp.simulated:
        console.print(Text(" SIMULATED PRICES: nothing here happened ", style="black on yellow"))
    specs = study.specifications
    for row in rows(study.specification_summary):
        own = specs[specs["group"] == row["group"]]
        console.print(curve_text(own, row, unit_of(study), level(study)))


def curve_text(
    specs: pd.DataFrame, row: dict[str, Any], unit: Unit, level: float
) -> RenderableType:
    """Return one curve: its sentences, its distribution, and its choices."""
    parts: list[RenderableType] = [Text(line) for line in curve_sentences(row, unit, level)]
    if row["n"]:
        parts += [_distribution(specs, unit), _choices(specs, unit)]
        parts += [Text(f"  {line}", style="dim") for line in unusable(specs)]
    return Group(*parts)


def curve_sentences(row: dict[str, Any], unit: Unit, level: float) -> list[str]:
    """Say what a curve found, how surely at ``level``, and what it rests on."""
    if not row["n"]:
        return [f"No specification curve: {row['note'] or 'no specification has an estimate'}."]
    write = unit.write
    first = (
        f"{row['group']}: {integer(row['n'])} specifications, median CAAR {write(row['median'])} "
        f"(half of them {write(row['q25'])} to {write(row['q75'])}, all "
        f"{write(row['least'])} to {write(row['most'])}); "
        f"{percent(row['share_positive'], 0, sign=False)} are positive, "
        f"{percent(row['share_significant'], 0, sign=False)} significant, "
        f"{percent(row['share_dominant'], 0, sign=False)} significant in one direction."
    )
    said = [first]
    if np.isfinite(row["median_pvalue"]):
        said.insert(0, _together(row, level))
        how = f"all {integer(row['n_draws'])}" if row["exact"] else f"{integer(row['n_draws'])}"
        dates = "placebo dates" if row["exact"] else "joint draws of placebo dates"
        z = statistic(row["joint_score"])
        said.append(
            f"Joint placebo p: median effect {pvalue(row['median_pvalue'])}, share significant in "
            f"one direction {pvalue(row['share_pvalue'])}, mean z ({z}) "
            f"{pvalue(row['score_pvalue'])}; {integer(row['n_joint'])} specifications on {how} "
            f"{dates}."
        )
    asked = []
    if row["n_same"]:
        asked.append(f"{integer(row['n_same'])} change no number and are counted once")
    if row["n_without"]:
        asked.append(f"{integer(row['n_without'])} have no estimate")
    if asked:
        said.append(f"Of {integer(row['n_asked'])} combinations {' and '.join(asked)}.")
    if row["note"]:
        said.append(f"{row['note'][0].upper()}{row['note'][1:]}.")
    return said


def _together(row: dict[str, Any], level: float) -> str:
    """Say what the joint tests mean for the question, asked in all ways at once."""
    by_name = {
        "the size of the effect": row["median_pvalue"],
        "the share of significant specifications": row["share_pvalue"],
        "their mean z": row["score_pvalue"],
    }
    sure = [name for name, p in by_name.items() if p < level]
    unsure = [name for name in by_name if name not in sure]
    begin = f"Asked in all {integer(row['n'])} ways at once, {row['group']}"
    if not unsure:
        return f"{begin} moved more than chance allows."
    if not sure:
        return f"{begin} cannot be told from chance."
    if sure == ["the size of the effect"]:
        return (
            f"{begin} moved more than on placebo dates, but its direction may be chance: event "
            "days may only be wilder."
        )
    by, not_by = " and ".join(sure), " or ".join(unsure)
    return f"{begin} moved more than chance allows by {by}, not by {not_by}."


def unusable(specs: pd.DataFrame) -> list[str]:
    """Reasons why specifications have no number or take no part in the joint tests, counted."""
    noted = specs[(specs["same_as"] < 0) & (specs["note"] != "")]
    counts = noted["note"].value_counts()
    lines = [f"{integer(count)}: {reason}" for reason, count in counts.head(MOST_REASONS).items()]
    more = len(counts) - len(lines)
    return [*lines, *([f"and {more} more reasons: --json"] if more > 0 else [])]


def _distribution(specs: pd.DataFrame, unit: Unit) -> Table:
    counted = specs[specs["rank"] >= 0]
    shares = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    table = _table("CAAR over specifications")
    names = ("least", "5%", "25%", "median", "75%", "95%", "most")
    for name in names:
        table.add_column(name, justify="right")
    table.add_row(*(unit.write(value) for value in np.quantile(counted["estimate"], shares)))
    return table


def _choices(specs: pd.DataFrame, unit: Unit) -> Table:
    """Lay out medians by choice, the choice that moves the answer most first."""
    table = _table("Median CAAR by choice; the choice that moves it most first")
    for name in ("choice", "value"):
        table.add_column(name)
    for name in ("n", "events", "median", "significant"):
        table.add_column(name, justify="right")
    before = ""
    for row in rows(ordered_choices(specs)):
        name = CHOICE_NAMES[row["choice"]]
        table.add_row(
            "" if name == before else f"{name} ({unit.write(row['spread'], sign=False)} apart)",
            str(row["value"]),
            integer(row["n"]),
            integer(row["n_events"]),
            unit.write(row["median"]),
            percent(row["share_significant"], 0, sign=False),
        )
        before = name
    return table


def ordered_choices(specs: pd.DataFrame) -> pd.DataFrame:
    """Return `choice_table` with the choice that moves the median most first."""
    return choice_table(specs).sort_values("spread", ascending=False, kind="stable")


def _table(title: str) -> Table:
    return Table(
        # On one line: rich would wrap it at the width of the table.
        title=Text(title, style="bold", no_wrap=True, overflow="ignore"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
