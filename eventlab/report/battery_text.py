"""The whole battery for the terminal: what `eventlab study --verbose` prints of every asset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from eventlab.report import summary
from eventlab.report.battery_views import bar_view, battery_view, hold_view

if TYPE_CHECKING:
    from rich.console import RenderableType

    from eventlab.report.views import Shown, View
    from eventlab.study.results import EventStudy

__all__ = ["battery_text"]


def battery_text(study: EventStudy) -> list[RenderableType]:
    """Return of every asset its tests by window and its bars, and the buy-and-hold returns."""
    parts: list[RenderableType] = []
    for group in summary.groups(study):
        if study.convention == "paper":  # another program's tests stand above, with their words
            view = battery_view(study, group)
            parts.append(_table(view, f"Every test of {group}: p and statistic by window"))
            parts += [Text(f"{mark}  {words}", style="dim") for mark, words in view.notes]
            parts.append(Text())
        bars = bar_view(study, group)
        if bars:
            parts.append(_table(bars, f"Bar by bar: AAR of {group} and p of its tests"))
            if bars.more:
                parts.append(Text(f"{bars.more}; the others: --json", style="dim"))
    hold = hold_view(study)
    return [*parts, _table(hold, "BHAR in % and p of its headline test")] if hold else [*parts]


def _table(view: View, title: str) -> Table:
    table = Table(
        title=Text(title, style="bold", no_wrap=True, overflow="ignore"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    last = len(view.columns) - 1
    for place, name in enumerate(view.columns):
        right = place in view.numeric
        # Only the last column holds sentences, which may wrap.
        table.add_column(name, justify="right" if right else "left", no_wrap=right or place < last)
    for row in view.rows:
        table.add_row(*(_cell(shown) for shown in row))
    return table


def _cell(shown: Shown) -> Text:
    style = "bold" if shown.loud else "dim" if shown.off else ""
    text = Text(shown.text, style=style)
    return text.append(f" {shown.below:>8}", style="dim") if shown.below else text
