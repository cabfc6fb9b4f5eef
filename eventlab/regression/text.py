"""A regression test on the terminal: every item, then what moved and why."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from eventlab.regression.words import (
    HEADINGS,
    MOST_LINES,
    cause_lines,
    change_rows,
    headline,
    left_out,
    ordered,
    verdict_words,
)
from eventlab.report.terminal import Unbroken, ViewTable, faint, print_shown, simulated_mark
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from eventlab.regression.check import Check
    from eventlab.regression.types import Item, OrderMove

__all__ = ["item_text", "print_check"]

STYLES: Final = {"-": "red", "+": "green", " ": "dim"}


def print_check(
    found: Check, stream: TextIO, *, verbose: bool = False, simulated: bool = False
) -> None:
    """Print each item, in full those that fail; ``verbose`` also what moved without a failure."""
    shown: list[RenderableType] = [simulated_mark()] if simulated else []
    shown += [part for item in found.items for part in _item(item, verbose=verbose)]
    shown.append(Text(headline(found), style="bold"))
    if stream.isatty():
        print_shown(Group(*shown), stream, crop=False)
    else:
        stream.write(_plain(Group(*shown)))


def item_text(item: Item) -> str:
    """Return what is said of an item that fails, for pytest: plain lines."""
    return _plain(Group(*_failing(item, verbose=False), *_accept(item))).rstrip()


def _plain(shown: RenderableType) -> str:
    """Return what is printed to a pipe, without the blanks that fill a terminal's lines."""
    stream = StringIO()
    print_shown(shown, stream, crop=False)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def _item(item: Item, *, verbose: bool) -> Iterator[RenderableType]:
    failing = item.status != "same"
    head = Text(f"{verdict_words(item):<20} ", style="bold red" if failing else "green")
    head.append(item.id, style="bold" if failing else "")
    head.append(f"  {item.subject.file.as_posix()}", style="dim")
    yield head
    if failing:
        yield Padding(Group(*_failing(item, verbose=verbose)), (0, 0, 0, 2), expand=False)
        yield from _accept(item, "  ")
        yield Text()
    elif verbose:
        yield from (faint(f"  {line}") for line in cause_lines(item.causes, failing=False))


def _failing(item: Item, *, verbose: bool) -> Iterator[RenderableType]:
    if item.reason:
        yield Text(item.reason)
    if item.status == "moved":
        numbers = bool(item.changes or item.orders)
        yield from (Text(line) for line in cause_lines(item.causes, failing=numbers))
    if item.changes:
        yield _table(item, verbose=verbose)
    if item.orders is not None:
        yield from _orders(item.orders, verbose=verbose)


def _accept(item: Item, margin: str = "") -> Iterator[RenderableType]:
    if item.accept:
        yield Unbroken(f"{margin}accept it: {item.accept}", style="bold")


def _table(item: Item, *, verbose: bool) -> ViewTable:
    changes = ordered(item.changes)
    kept = changes if verbose else changes[:MOST_LINES]
    rows = tuple(tuple(Shown(text) for text in row) for row in change_rows(kept))
    more = len(changes) - len(kept)
    return ViewTable(
        View(
            f"{len(changes)} of {item.n_metrics} metrics moved",
            HEADINGS,
            rows,
            numeric=(1, 2, 3),
            more=left_out(more, "metric", "--verbose or --json") if more else "",
        ),
        whole=True,
    )


def _orders(move: OrderMove, *, verbose: bool) -> Iterator[RenderableType]:
    (before, old), (now, new) = move.before, move.now
    yield Text(
        f"\norders: {move.moved} moved; baseline {before} ({old[:12]}), now {now} ({new[:12]})",
        style="bold",
    )
    kept = move.lines if verbose else move.lines[: 2 * MOST_LINES]
    for line in kept:
        yield Text(line, style=STYLES[line[0]], overflow="fold")
    if len(kept) < len(move.lines):
        yield faint(left_out(len(move.lines) - len(kept), "line", "--verbose or --json"))
