"""The contagion of an event as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from eventlab.report.contagion import part_views, views
from eventlab.report.contagion.spoken import spoken
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import Shown, View

__all__ = ["contagion_table", "print_contagion"]

PIPED_WIDTH = 140
SHOWN = 8  # exclusions before the rest is counted


def print_contagion(result: EventContagion, stream: TextIO, *, verbose: bool = False) -> None:
    """Write a contagion to a terminal, or without colours and at a fixed width to a pipe."""
    width = None if stream.isatty() else PIPED_WIDTH
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    console.print(contagion_table(result, verbose=verbose))


def contagion_table(result: EventContagion, *, verbose: bool = False) -> RenderableType:
    """Return a contagion as what rich can print: the answer, the pairs, and what surrounds them.

    ``verbose`` adds every test of every pair, tails, volatility and network.
    """
    said = spoken(result)
    parts: list[RenderableType] = [*_head(result)]
    if not said.occurrence:
        return Group(*parts, *_foot(result, verbose=verbose))
    for bar in views.bars(result):
        parts += _shown(views.pairs(result, said.occurrence, bar))
        if verbose:
            parts += _shown(views.pairs(result, said.occurrence, bar, members=True))
            parts += _tests(result, said.occurrence, bar)
    for tag in _tags(result) if verbose else (views.ALL,):
        parts += _shown(views.averages(result, tag))
        parts += _shown(views.averages(result, tag, members=True)) if verbose else []
    beside = [part_views.spillover, part_views.order, part_views.mediation, part_views.marks]
    if verbose:
        beside += [part_views.volatility, part_views.tails, part_views.network]
    for view in beside:
        parts += _shown(view(result, said.occurrence))
    if not verbose:
        parts.append(
            _faint("members of groups, every test, volatility, tails, network: --verbose or --json")
        )
    return Group(*parts, *_foot(result, verbose=verbose))


def _head(result: EventContagion) -> Iterator[RenderableType]:
    said, definition = spoken(result), result.event.contagion
    yield Text.assemble((f"\n{result.event.title}", "bold"), f"  ({result.event.event})")
    if result.stamp.simulated:
        yield Text(" SIMULATED PRICES: nothing here happened ", style="black on yellow")
    yield Text(said.sentence)
    yield from (Text(f"  {line}") for line in said.lines)
    yield from (Text(f"Doubt: {doubt}") for doubt in said.doubts)
    if definition is not None:
        calm, crisis = list(definition.calm_window), list(definition.crisis_window)
        yield _faint(
            f"calm {calm}, crisis {crisis}; correlations of returns, not of levels; prices "
            f"{result.stamp.source} {result.stamp.fingerprint[:12]}; seed {result.seed}"
        )


def _tests(result: EventContagion, occurrence: str, bar: str) -> Iterator[RenderableType]:
    own = result.pairs[(result.pairs["occurrence"] == occurrence) & (result.pairs["bar"] == bar)]
    for target in own["target"]:
        yield from _shown(views.pair_tests(result, occurrence, target, bar))


def _tags(result: EventContagion) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.averages["tag"])) if len(result.averages) else ()


def _foot(result: EventContagion, *, verbose: bool) -> Iterator[RenderableType]:
    table = result.exclusions
    if table.empty:
        return
    yield Text(f"\n{counted(len(table), 'exclusion')}")
    rows = table if verbose else table.head(SHOWN)
    for bar, occurrence, symbol, reason in zip(
        rows["bar"], rows["occurrence"], rows["symbol"], rows["reason"], strict=True
    ):
        yield _faint(f"  {occurrence} {symbol} ({bar}): {reason}")
    if len(rows) < len(table):
        yield _faint(f"  {len(table) - len(rows)} more: --verbose or --json")


def _shown(view: View) -> list[RenderableType]:
    """Return a view as a table; nothing of one without rows."""
    if not view:
        return []
    table = Table(
        title=f"\n{view.caption}",
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for place, name in enumerate(view.columns):
        numeric = place in view.numeric
        table.add_column(name, justify="right" if numeric else "left", no_wrap=numeric)
    for row in view.rows:
        table.add_row(*(_cell(cell) for cell in row))
    return [table, *([_faint(view.more)] if view.more else [])]


def _cell(cell: Shown) -> Text:
    text = Text(cell.text, style="bold" if cell.loud else "")
    if cell.below:
        text.append(f"\n{cell.below}", style="dim")
    return text


def _faint(text: str) -> Text:
    return Text(text, style="dim")
