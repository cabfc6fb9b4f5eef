"""What is shown of a strategy, section by section: the same for the page and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.report.contagion.sections import Piece
from eventlab.report.hedge import event_views, rest_views, sweep_views, views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.hedge.results import Backtest, Sweep

__all__ = ["sections"]


def sections(result: Backtest, sweep: Sweep | None = None) -> dict[str, tuple[Piece, ...]]:
    """Return the tables of a strategy by section: only those with rows, in reading order.

    The keys are ``compared``, ``events``, ``risk``, ``ratios``, ``placebo``, ``overfitting``,
    ``orders``, ``left_out``, ``money`` and ``sampling``.
    """
    found = {
        "compared": _compared(result),
        "events": _events(result),
        "risk": _risk(result),
        "ratios": _ratios(result),
        "placebo": _placebo(result),
        "overfitting": _overfitting(sweep),
        "orders": _orders(result),
        "left_out": _left_out(result),
        "money": _money(result),
        "sampling": _sampling(result),
    }
    return {name: tuple(piece for piece in own if piece.view) for name, own in found.items()}


def _compared(result: Backtest) -> Iterator[Piece]:
    yield Piece(views.comparisons(result), "backtest_comparisons.csv")


def _events(result: Backtest) -> Iterator[Piece]:
    yield Piece(event_views.events(result), "backtest_events.csv")
    yield Piece(event_views.legs(result), "backtest_legs.csv", detail=True)


def _risk(result: Backtest) -> Iterator[Piece]:
    yield Piece(views.effectiveness(result), "backtest_effectiveness.csv")
    yield Piece(views.betas(result), "backtest_metrics.csv", detail=True)
    yield Piece(views.drawdowns(result), "backtest_drawdowns.csv", detail=True)


def _ratios(result: Backtest) -> Iterator[Piece]:
    yield Piece(event_views.ratios(result), "backtest_ratios.csv", "Every ratio", detail=True)


def _placebo(result: Backtest) -> Iterator[Piece]:
    yield Piece(views.placebo(result), "backtest_placebo.csv")


def _overfitting(sweep: Sweep | None) -> Iterator[Piece]:
    if sweep is None:
        return
    yield Piece(sweep_views.overfitting(sweep), "sweep_overfitting.csv")
    yield Piece(sweep_views.walk_forward(sweep), "sweep_walk_forward.csv", detail=True)
    yield Piece(sweep_views.placebo_chosen(sweep), "sweep_placebo.csv", detail=True)
    yield Piece(sweep_views.sets(sweep), "sweep_sets.csv", "Every set", detail=True)


def _orders(result: Backtest) -> Iterator[Piece]:
    file = "backtest_orders.csv"
    yield Piece(rest_views.orders(result), file)
    yield Piece(rest_views.orders_all(result), file, "Every order", detail=True)
    yield Piece(rest_views.trades(result), "backtest_trades.csv", "Round trips", detail=True)


def _left_out(result: Backtest) -> Iterator[Piece]:
    yield Piece(rest_views.exclusions(result), "backtest_exclusions.csv")
    yield Piece(rest_views.notes(result), "backtest_notes.csv")


def _money(result: Backtest) -> Iterator[Piece]:
    yield Piece(rest_views.identity(result), "backtest_identity.csv", detail=True)


def _sampling(result: Backtest) -> Iterator[Piece]:
    yield Piece(rest_views.sampling(result), "backtest_sampling.csv", detail=True)
