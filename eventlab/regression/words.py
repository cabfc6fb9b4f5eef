"""A regression test in words: what terminal, Markdown and pytest say alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.regression.causes import LOGIC
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventlab.regression.check import Check
    from eventlab.regression.types import Causes, Change, Item, Value

__all__ = [
    "HEADINGS",
    "MOST_LINES",
    "cause_lines",
    "change_rows",
    "change_text",
    "headline",
    "left_out",
    "ordered",
    "value_text",
    "verdict_words",
]

HEADINGS: Final = ("metric", "baseline", "now", "change", "tolerance")
STRATEGY: Final = "hedged."
MOST_LINES: Final = 12  # of a table, of an order diff
MOST_CAUSES: Final = 6  # of one kind
STATUS_WORDS: Final = {
    "same": "same",
    "moved": "moved",
    "missing": "no baseline",
    "orphaned": "orphaned baseline",
    "failed": "could not be checked",
}


def headline(found: Check) -> str:
    """Say how it went: ``12 items: 10 the same, 2 moved; 1 error in definitions``."""
    items = found.items
    counts = dict.fromkeys(STATUS_WORDS, 0)
    for item in items:
        counts[item.status] += 1
    said = [
        f"{count} {'the same' if status == 'same' else STATUS_WORDS[status]}"
        for status, count in counts.items()
        if count
    ]
    text = f"{counted(len(items), 'item')}: {', '.join(said)}" if items else "nothing is under test"
    if found.problems:
        text += f"; {counted(len(found.problems), 'error')} in definitions"
    return text


def verdict_words(item: Item) -> str:
    """Say what became of an item."""
    return STATUS_WORDS[item.status]


def ordered(changes: Iterable[Change]) -> list[Change]:
    """Return changes, those of the strategy itself first, then the largest; words at the end."""

    def place(change: Change) -> tuple[bool, float]:
        size = -1.0 if math.isnan(change.change) else abs(change.change)
        return not change.metric.startswith(STRATEGY), -size

    return sorted(changes, key=place)


def change_rows(changes: Iterable[Change]) -> list[tuple[str, str, str, str, str]]:
    """Return the rows of the table of metrics."""
    return [
        (
            each.metric,
            value_text(each.before, each.now),
            value_text(each.now, each.before),
            change_text(each),
            each.tolerance,
        )
        for each in changes
    ]


def value_text(value: Value, other: Value) -> str:
    """Write a value with as many digits as tell it from the other."""
    if value is None:
        return "no number"
    if not isinstance(value, float):
        return str(value)
    for digits in range(6, 17):
        said = f"{value:.{digits}g}"
        if not isinstance(other, float) or said != f"{other:.{digits}g}":
            return said
    return repr(value)


def change_text(change: Change) -> str:
    """Write the difference over the baseline's value, in percent where a person reads it so."""
    size = abs(change.change)
    if math.isnan(size):
        return "other"
    if math.isinf(size):
        return "from zero"
    return f"{change.change:+.3g}" if size < 1e-4 else f"{change.change:+.4%}"


def cause_lines(causes: Causes, *, failing: bool) -> list[str]:
    """Say which of data, versions and definition moved; where numbers did, that none of them."""
    named = {
        "the data": causes.data,
        "the definition": causes.definition,
        "the versions": causes.versions,
        "the seed": causes.seed,
    }
    lines = [f"{name} moved: {_joined(said)}" for name, said in named.items() if said]
    if failing and not lines:
        lines.append(LOGIC)
    return lines


def _joined(said: Sequence[str]) -> str:
    more = f"; and {len(said) - MOST_CAUSES} more" if len(said) > MOST_CAUSES else ""
    return "; ".join(said[:MOST_CAUSES]) + more


def left_out(count: int, what: str, where: str) -> str:
    """Say how many lines are not shown, and how to see them."""
    return f"... and {counted(count, what)} more ({where})"
