"""The audit of a strategy: whether it is clean, or the first decision that changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion.layout import Column, Row, count_of, instant, lay_out, rows_of, words
from eventlab.report.numbers import MINUS, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.hedge.results import Audit
    from eventlab.report.views import View

__all__ = ["answer", "changes", "cuts", "details", "first_change"]

FEW_CHANGES: Final = 10
MOST_CHANGES: Final = 200
FUTURES: Final = {
    "truncated": "prices end there",
    "scrambled": "prices go on differently",
    "delayed": "prices come three sessions later",
}
# Of what changed at one instant, the cause before its consequences.
CAUSES: Final = ("target", "shares", "price", "equity")


def answer(result: Audit) -> str:
    """Say whether a decision depends on what came after it."""
    if result.clean:
        return (
            f"Clean: nothing that {result.strategy.strategy} decided changed when the future did."
        )
    first = first_change(result)
    where = f" at {first['occurrence']}" if first["occurrence"] else ""
    return (
        f"It looks ahead: {_what(first)}{where}, {instant(first['decided_at'])}, was "
        f"{_figure(first['with_future'])} with the future and is {_figure(first['without'])} "
        "without it."
    )


def details(result: Audit) -> Iterator[str]:
    """Say what was tried, and where it showed."""
    table = result.cuts
    instants = table["cut_at"].nunique()
    span = f"{instant(table['cut_at'].min())} to {instant(table['cut_at'].max())}"
    yield (
        f"The future was changed {counted(len(table), 'time')}, after "
        f"{counted(instants, 'instant')} ({span}): prices that end there, prices that go on "
        f"differently (seed {result.seed}), and prices that come three sessions later."
    )
    most = f"{int(table['decisions'].max()):,}"
    if result.clean:
        yield (
            f"Up to {most} targets, orders, prices and amounts of equity before each were compared "
            "bit for bit."
        )
        return
    dirty = int((table["changed"] > 0).sum())
    first = first_change(result)
    yield (
        f"{counted(len(result.changes), 'value')} changed in {counted(dirty, 'comparison')}; this "
        f"one with the future changed after {instant(first['cut_at'])} "
        f"({FUTURES[first['future']]})."
    )


def first_change(result: Audit) -> Row:
    """Return the earliest change, and of those at one instant the cause."""
    rows = rows_of(result.changes)
    earliest = min(row["decided_at"] for row in rows)
    return min(
        (row for row in rows if row["decided_at"] == earliest),
        key=lambda row: CAUSES.index(row["field"]),
    )


def changes(result: Audit, *, whole: bool = False) -> View:
    """Lay out what changed, in order of time; the first ones if not the ``whole``."""
    columns = (
        Column("at", lambda row: instant(row["decided_at"]), numeric=False),
        Column("occurrence", words("occurrence"), numeric=False),
        Column("kind", words("kind"), numeric=False),
        Column("leg", words("symbol"), numeric=False),
        Column("of it", words("field"), numeric=False),
        Column("with the future", lambda row: _figure(row["with_future"])),
        Column("without", lambda row: _figure(row["without"])),
        Column("future changed after", lambda row: instant(row["cut_at"]), numeric=False),
        Column("how", lambda row: FUTURES[row["future"]], numeric=False),
    )
    return lay_out(
        "What changed, in order of time. Nothing before the instant of a change may depend on it",
        result.changes,
        columns,
        most=MOST_CHANGES if whole else FEW_CHANGES,
        file="the document of --json",
    )


def cuts(result: Audit) -> View:
    """Lay out every instant after which the future was changed."""
    columns = (
        Column("future changed after", lambda row: instant(row["cut_at"]), numeric=False),
        Column("how", lambda row: FUTURES[row["future"]], numeric=False),
        Column("compared", count_of("decisions")),
        Column("changed", count_of("changed"), loud=lambda row: row["changed"] > 0),
    )
    return lay_out("Every comparison", result.cuts, columns, most=len(result.cuts))


def _what(row: Row) -> str:
    """Name a value: ``the target of QQQ (enter)``, ``equity``."""
    field = {"shares": "the shares", "price": "the price", "target": "the target"}.get(
        row["field"], row["field"]
    )
    leg = f" of {row['symbol']}" if row["symbol"] else ""
    kind = f" ({row['kind']})" if row["field"] != "equity" else ""
    return f"{field}{leg}{kind}"


def _figure(value: Any) -> str:
    """Write a number with as many digits as tell two apart; ``none`` where there was none."""
    if not math.isfinite(value):
        return "none"
    return f"{value:,.10g}".replace("-", MINUS)
