"""Backtests, sweeps and audits of a strategy as tables for the terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Group
from rich.text import Text

from eventlab.report.contagion.sections import Piece
from eventlab.report.hedge import account_views, audit_views, sweep_views
from eventlab.report.hedge.rest_views import exclusions
from eventlab.report.hedge.sections import sections
from eventlab.report.hedge.spoken import spoken
from eventlab.report.hedge.sweep_spoken import sweep_spoken
from eventlab.report.terminal import ViewTable, faint, point, print_shown, simulated_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.results import Audit, Backtest, Sweep
    from eventlab.report.views import View

__all__ = [
    "audit_table",
    "backtest_table",
    "print_audit",
    "print_backtest",
    "print_sweep",
    "sweep_table",
]

# A terminal is read from the top: events first, what they add up to, what it rests on.
ORDER: Final = (
    "events", "compared", "risk", "ratios", "placebo", "money", "orders", "left_out", "sampling",
)  # fmt: skip
FEW_SETS: Final = 10
OPEN: Final = frozenset({"money"})  # sections whose details a terminal shows without --verbose


def print_backtest(result: Backtest, stream: TextIO, *, verbose: bool = False) -> None:
    """Write a backtest to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(backtest_table(result, verbose=verbose), stream)


def print_sweep(result: Sweep, stream: TextIO, *, verbose: bool = False) -> None:
    """Write a sweep to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(sweep_table(result, verbose=verbose), stream)


def print_audit(result: Audit, stream: TextIO, *, verbose: bool = False) -> None:
    """Write an audit to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(audit_table(result, verbose=verbose), stream)


def backtest_table(result: Backtest, *, verbose: bool = False) -> RenderableType:
    """Return a backtest as what rich can print: the answer, event by event, and what it rests on.

    ``verbose`` adds legs, ratios, every order, drawdowns, metrics, round trips and the ledger.
    """
    said = spoken(result)
    parts = [*_head(result), *_said(said.sentence, said.lines, said.doubts), faint(_basis(result))]
    hidden = 0
    for piece in _backtest_pieces(result):
        if verbose or not piece.detail:
            parts.append(ViewTable(piece.view, whole=verbose))
        else:
            hidden += 1
    if hidden:
        parts.append(
            faint(
                f"\n{hidden} more tables (legs, ratios, every order, drawdowns, metrics, round "
                "trips, payments by month, prices): --verbose; everything: --json or --out DIR"
            )
        )
    return Group(*parts)


def _backtest_pieces(result: Backtest) -> Iterator[Piece]:
    """Yield the tables in the order of the terminal; those with rows only."""
    found = sections(result)
    for name in (*ORDER, *(name for name in found if name not in ORDER)):
        for piece in found.get(name, ()):
            yield Piece(piece.view, piece.file, detail=piece.detail and name not in OPEN)
    rest = (
        Piece(account_views.metrics(result), "backtest_metrics.csv", detail=True),
        Piece(account_views.ledger(result), "backtest_ledger.csv", detail=True),
    )
    yield from (piece for piece in rest if piece.view)


def sweep_table(result: Sweep, *, verbose: bool = False) -> RenderableType:
    """Return a sweep as what rich can print: what its best is worth, the sets, and the doubts.

    ``verbose`` shows every set and the splits behind the probability of overfitting.
    """
    said = sweep_spoken(result)
    parts = [*_head(result), *_said(said.sentence, said.lines, said.doubts), faint(_basis(result))]
    pieces = (
        sweep_views.sets(result) if verbose else _best(sweep_views.sets(result)),
        sweep_views.overfitting(result),
        sweep_views.walk_forward(result),
        sweep_views.placebo_chosen(result),
        exclusions(result),
    )
    parts += [ViewTable(view, whole=verbose) for view in pieces if view]
    return Group(*parts)


def _best(view: View) -> View:
    """Keep the best sets of a table and that of the file."""
    rows = (*view.rows[:FEW_SETS], *(row for row in view.rows[FEW_SETS:] if row[0].below))
    left = len(view.rows) - len(rows)
    more = f"{left:,} of them: --verbose; all: --json or --out DIR"
    return replace(view, rows=rows, more=more) if left else view


def audit_table(result: Audit, *, verbose: bool = False) -> RenderableType:
    """Return an audit as what rich can print: clean, or the first decision that changed.

    ``verbose`` shows every cut and every change.
    """
    parts: list[RenderableType] = [
        *_head(result),
        Text(audit_views.answer(result), style="bold"),
        *(point(line) for line in audit_views.details(result)),
        faint(_basis(result)),
    ]
    pieces = (
        audit_views.changes(result, whole=verbose),
        *([audit_views.cuts(result)] if verbose else []),
    )
    parts += [ViewTable(view, whole=verbose) for view in pieces if view]
    return Group(*parts)


def _head(result: Backtest | Sweep | Audit) -> Iterator[RenderableType]:
    strategy = result.strategy
    yield Text.assemble((f"\n{strategy.title}", "bold"), f"  ({strategy.strategy})")
    if result.stamp.simulated:
        yield simulated_mark()


def _said(sentence: str, lines: Sequence[str], doubts: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(sentence, style="bold")
    yield from (point(line) for line in lines)
    yield from (Text.assemble(("Doubt: ", "bold"), doubt) for doubt in doubts)


def _basis(result: Backtest | Sweep | Audit) -> str:
    """Say what is held when, and what the numbers rest on."""
    strategy = result.strategy
    book = ", ".join(f"{weight:g} {name}" for name, weight in strategy.book.items())
    hedge = strategy.hedge
    against = ""
    if hedge is not None:
        how = "puts" if hedge.ratio.method == "put" else hedge.ratio.method
        against = f" against {', '.join(hedge.instruments)} ({how})"
    return (
        f"{book}{against}; {timing(strategy)}, clock {strategy.clock}; capital "
        f"{strategy.capital:,.0f}; prices {result.stamp.source} "
        f"{result.stamp.fingerprint[:12]}; seed {result.seed}"
    )


def timing(strategy: StrategyDefinition) -> str:
    """Say in bars when the position is on, and how much of the book is held then."""
    when, held = strategy.when, strategy.exposure
    bars = [
        f"bar {each}" if isinstance(each, int) else "a state" for each in (when.enter, when.exit)
    ]
    said = f"from {bars[0]} to {bars[1]} of each event, filled at the {when.fill}"
    if held.inside == held.outside == 1.0:
        return said
    return f"{said}; {held.inside:g} times the book inside, {held.outside:g} times outside"
