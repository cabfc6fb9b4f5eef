"""When a strategy is on: from occurrences to the bars of entry and exit, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.definitions.strategy import StateDefinition
from eventlab.hedge.states import first_row, holds_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.occasions import Occasion
    from eventlab.hedge.states import Observed
    from eventlab.hedge.types import Grid

__all__ = ["Span", "span_of", "spans_of"]


@dataclass(frozen=True, slots=True)
class Span:
    """The bars between which one occurrence wants the position on.

    Attributes
    ----------
    decided
        Row at whose close the entry is decided; it is filled in the next bar.
    leave
        Row in which the exit is filled; T or more where prices end before.
    note
        That an exit did not wait for its state any longer.
    """

    occasion: Occasion
    decided: int
    leave: int
    note: str = ""


def spans_of(
    strategy: StrategyDefinition,
    occasions: Iterable[Occasion],
    grid: Grid,
    states: Mapping[str, Observed],
) -> tuple[tuple[Span, ...], tuple[tuple[str, str], ...]]:
    """Lay out entries and exits; the second value lists (occurrence, reason) without an entry.

    ``states`` are those of ``enter`` and ``exit``, where they are states. Spans are in the order of
    their decisions.
    """
    spans: list[Span] = []
    left_out: list[tuple[str, str]] = []
    for occasion in occasions:
        span = span_of(strategy, occasion, grid, states)
        if isinstance(span, str):
            left_out.append((occasion.name, span))
        else:
            spans.append(span)
    spans.sort(key=lambda each: (each.decided, each.occasion.day0))
    return tuple(spans), tuple(left_out)


def span_of(
    strategy: StrategyDefinition, occasion: Occasion, grid: Grid, states: Mapping[str, Observed]
) -> Span | str:
    """Lay out one occurrence; a text says why it has no entry."""
    enter, exit_ = strategy.when.enter, strategy.when.exit
    if isinstance(enter, StateDefinition):
        seen = holds_for(states["enter"], occasion.news.latest)
        row, reached = first_row(seen, occasion.day0, enter)
        if row is None or not reached:
            return f"the state of when.enter was not seen within {enter.at_most} bars"
        decided = row
    else:
        decided = occasion.day0 + enter - 1
    unknown = unforeseen(occasion, decided, grid)
    if unknown:
        return unknown
    if not isinstance(exit_, StateDefinition):
        return Span(occasion, decided, occasion.day0 + exit_)
    seen = holds_for(states["exit"], occasion.news.latest)
    row, reached = first_row(seen, occasion.day0, exit_, not_before=decided + 1)
    if row is None:
        return Span(occasion, decided, len(grid) + 1)  # not decided at the last close either
    note = "" if reached else f"the state was not seen in {exit_.at_most} bars, left anyway"
    return Span(occasion, decided, row + 1, note)


def unforeseen(occasion: Occasion, decided: int, grid: Grid) -> str:
    """Say why an entry cannot be decided at the close of a bar; empty where it can."""
    if decided < 0:
        return f"the prices begin on {grid.clock.days[0]}, after its entry is decided"
    if decided >= len(grid) - 1:
        return f"the prices end on {grid.clock.days[-1]}, before its entry"
    if not occasion.scheduled and grid.instants[2 * decided + 1] < occasion.news.latest:
        return "it was not scheduled: nobody could know of it when the entry is decided"
    return ""
