"""A regression test as Markdown, for the summary of a pull request."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

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
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.regression.check import Check
    from eventlab.regression.types import Item

__all__ = ["check_markdown"]

SPECIAL: Final = "\\`*_{}[]<>()#+-.!|~&@:"
MOST_ITEMS: Final = 30  # in full: hosts cut long summaries off


def check_markdown(found: Check, *, simulated: bool = False) -> str:
    """Return a summary: a line in bold, a table of items, and what moved, item by item."""
    return "\n".join(_lines(found, simulated=simulated)) + "\n"


def _lines(found: Check, *, simulated: bool) -> Iterator[str]:
    failing = [item for item in found.items if item.status != "same"]
    mark = "\N{WHITE HEAVY CHECK MARK}" if found.passed else "\N{CROSS MARK}"
    yield f"## {mark} eventlab check"
    yield ""
    yield f"**{_escaped(headline(found))}**"
    if simulated:
        yield ""
        yield "Simulated prices: nothing here happened."
    yield ""
    yield from _problems(found.problems)
    yield "| item | verdict | metrics | moved | orders moved |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for item in found.items:
        orders = "" if item.orders is None else str(item.orders.moved)
        yield (
            f"| {_escaped(f'{item.subject.file.as_posix()}::{item.id}')} | {verdict_words(item)} "
            f"| {item.n_metrics} | {len(item.changes) or ''} | {orders} |"
        )
    for item in failing[:MOST_ITEMS]:
        yield ""
        yield from _section(item)
    if len(failing) > MOST_ITEMS:
        yield ""
        yield left_out(len(failing) - MOST_ITEMS, "item", "eventlab check")


def _problems(lines: tuple[str, ...]) -> Iterator[str]:
    yield from (f"- {_escaped(line)}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield ""
        yield left_out(len(lines) - MOST_LINES, "error", "eventlab validate")
    if lines:
        yield ""


def _section(item: Item) -> Iterator[str]:
    yield f"### {_escaped(item.id)}: {verdict_words(item)}"
    yield ""
    said = [item.reason] if item.reason else []
    if item.status == "moved":
        said += cause_lines(item.causes, failing=bool(item.changes or item.orders))
    yield from (f"- {_escaped(line)}" for line in said)
    changes = ordered(item.changes)
    if changes:
        yield ""
        yield f"| {' | '.join(HEADINGS)} |"
        yield "| --- | ---: | ---: | ---: | --- |"
        for row in change_rows(changes[:MOST_LINES]):
            yield f"| {' | '.join(map(_escaped, row))} |"
        if len(changes) > MOST_LINES:
            yield ""
            yield left_out(len(changes) - MOST_LINES, "metric", "eventlab check --verbose")
    if item.orders is not None:
        yield from _orders(item)
    if item.accept:
        yield ""
        yield "Accept it:"
        yield ""
        yield f"    {item.accept}"


def _orders(item: Item) -> Iterator[str]:
    if item.orders is None:
        return
    lines = item.orders.lines[: 2 * MOST_LINES]
    yield ""
    yield f"<details><summary>{counted(item.orders.moved, 'order')} moved</summary>"
    yield ""
    # Inside <pre> nothing is Markdown, whatever the orders say.
    yield f"<pre>{html.escape(chr(10).join(lines))}</pre>"
    if len(lines) < len(item.orders.lines):
        yield left_out(len(item.orders.lines) - len(lines), "line", "eventlab check --verbose")
    yield ""
    yield "</details>"


def _escaped(text: str) -> str:
    """Write text so that Markdown shows it as it is, on one line."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in SPECIAL else sign for sign in flat)
