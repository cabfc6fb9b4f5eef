"""A comparison of two runs as tables of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TextIO

from rich.console import Group
from rich.text import Text

from eventlab.report.compare import views
from eventlab.report.terminal import ViewTable, faint, print_shown, simulated_mark

if TYPE_CHECKING:
    from rich.console import RenderableType

    from eventlab.report.compare.comparison import Comparison

__all__ = ["comparison_table", "print_comparison"]

FEW: Final = 12
ALL: Final = 10**9
Json = dict[str, Any]


def print_comparison(
    found: Comparison, names: tuple[str, str], stream: TextIO, *, verbose: bool = False
) -> None:
    """Write a comparison to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(comparison_table(found, names, verbose=verbose), stream)


def comparison_table(
    found: Comparison, names: tuple[str, str], *, verbose: bool = False
) -> RenderableType:
    """Return a comparison as what rich can print; ``verbose`` cuts no list.

    Every list that is cut says how many rows there are more.
    """
    most = ALL if verbose else FEW
    parts: list[RenderableType] = []
    for word, name, run in zip(
        ("before", "after"), names, (found.before, found.after), strict=True
    ):
        parts.append(faint(f"{word + ':':8}{name}, made at {run['generated_at']}"))
    if found.simulated:
        parts.append(simulated_mark())
    parts += [Text(line) for line in views.sentences(found)]
    shown = (
        views.moved(found),
        views.definitions(found, most),
        views.answers(found, most, every=verbose),
        views.numbers(found, most, flipped=True),
        views.numbers(found, most, flipped=False),
        views.results(found, every=verbose),
    )
    parts += [ViewTable(view, whole=verbose) for view in shown if view]
    return Group(*parts)
