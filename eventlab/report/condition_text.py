"""States, splits and cross-sections for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from eventlab.report import conditions, summary
from eventlab.report.numbers import counted, integer, pvalue
from eventlab.report.units import unit_of

if TYPE_CHECKING:
    from typing import Any

    from rich.console import RenderableType

    from eventlab.study.results import EventStudy

__all__ = ["condition_text"]


def condition_text(study: EventStudy, *, verbose: bool) -> list[RenderableType]:
    """Return the differences by state and the slopes of the features; nothing where none is asked.

    ``verbose`` shows every window; without it the first.
    """
    if len(study.occurrences) == 1:
        return _one_occurrence(study)
    windows, explained = summary.windows(study), conditions.windows_explained(study)
    states = conditions.split_states(study)
    shown = (windows if verbose else windows[:1]) if states else ()
    parts: list[RenderableType] = [_splits(study, states, window) for window in shown]
    for count in conditions.state_counts(study):
        if count.unknown:
            said = f"{count.name} is not known at {counted(count.unknown, 'occurrence')}"
            parts.append(_faint(f"{said}: {count.reason}"))
    for window in explained if verbose else explained[:1]:
        found = _regression(study, window)
        parts += [found] if found.row_count else []
    if states or explained:
        parts.append(_faint("* rests on few dates, or on one: --json has the note of each"))
    hidden = len(windows) - 1 if states and not verbose else 0
    if hidden:
        parts.append(_faint(f"differences in {hidden} more windows: --verbose or --json"))
    return parts


def _one_occurrence(study: EventStudy) -> list[RenderableType]:
    """Say of each state whether it held, and what was read."""
    lines: list[RenderableType] = []
    words = {count.name: count.words for count in conditions.state_counts(study)}
    for row in summary.rows(study.states):
        asked = words[row["state"]] or row["state"]
        if row["note"]:
            lines.append(_faint(f"before the news, {asked}: not known, {row['note']}"))
            continue
        answer = "yes" if row["value"] else "no"
        read = f", {row['reading']:g} against {row['threshold']:g}"
        known = math.isfinite(row["reading"])
        lines.append(_faint(f"before the news, {asked}: {answer}{read if known else ''}"))
    return lines


def _splits(study: EventStudy, states: tuple[str, ...], window: str) -> Table:
    caption = unit_of(study).caption
    table = _table(f"Difference of the {caption} of {window} by state, yes less no, and its p")
    table.add_column("asset", no_wrap=True)
    found = {
        state: {row["group"]: row for row in conditions.split_rows(study, state, window)}
        for state in states
    }
    for state in states:
        # Those of one asset: in a group, assets of different closes count one event on two dates.
        own = {name: row for name, row in found[state].items() if not _several(name)}
        sizes = [(row["dates_in"], row["dates_out"]) for row in (own or found[state]).values()]
        most = max(sizes, key=sum, default=(0, 0))
        table.add_column(f"{state}\n{most[0]} and {most[1]} dates", justify="right")
    for group in summary.groups(study):
        rows = [found[state].get(group) for state in states]
        if any(rows):
            table.add_row(group, *(_difference(study, row) for row in rows))
    return table


def _several(group: str) -> bool:
    return group == summary.ALL or group.startswith("@")


def _difference(study: EventStudy, row: dict[str, Any] | None) -> Text:
    if row is None:
        return Text("none", style="dim")
    p = conditions.best_pvalue(row)
    style = "bold" if p < summary.level(study) else ""
    shown = unit_of(study).write(row["difference"])
    return Text.assemble((shown, style), (f" {pvalue(p):>6}{_mark(row)}", "dim"))


def _regression(study: EventStudy, window: str) -> Table:
    names = [name for name in conditions.features(study) if name != "constant"]
    table = _table(f"CAR of {window} per unit of each feature, and its p clustered by date")
    for name in ("asset", "n"):
        table.add_column(name, justify="right" if name == "n" else "left", no_wrap=True)
    for name in names:
        table.add_column(name.replace(".", ".\n", 1), justify="right")
    for group, own in conditions.regression_rows(study, window).items():
        n = next(iter(own.values()))["n_events"]
        table.add_row(group, integer(n), *(_slope(study, own.get(name)) for name in names))
    return table


def _slope(study: EventStudy, row: dict[str, Any] | None) -> Text:
    if row is None:
        return Text("dropped", style="dim")
    p = conditions.best_pvalue(row)
    style = "bold" if p < summary.level(study) else ""
    shown = conditions.slope(study, row["coefficient"])
    return Text.assemble((shown, style), (f" {pvalue(p):>6}{_mark(row)}", "dim"))


def _mark(row: dict[str, Any]) -> str:
    """Mark a number with a doubt of its own; of equal width, so that columns stay straight."""
    return "*" if row["note"] else " "


def _table(title: str) -> Table:
    return Table(
        title=Text(title, style="bold", no_wrap=True, overflow="ignore"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def _faint(text: str) -> Text:
    return Text(text, style="dim")
