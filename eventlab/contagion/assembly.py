"""From definitions and prices to the series and pairs of one scale, and the systems of parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.contagion.admissible import admissible_rows, inside_clock
from eventlab.contagion.baskets import Book
from eventlab.contagion.system import System
from eventlab.definitions.contagion import contagion_names
from eventlab.market.panel import build_panel
from eventlab.market.workspace_market import contagion_factors, contagion_symbols
from eventlab.study.bar_prices import absence, usable_symbols
from eventlab.study.period import in_period, within_period
from eventlab.study.schedule import make_schedule, price_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from eventlab.contagion.scales import Scale
    from eventlab.definitions import Workspace
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.market.types import Market
    from eventlab.study.schedule import Schedule

__all__ = ["Assembly", "Item", "assemble"]

ISSUER = "@issuer"


class Item(NamedTuple):
    """One pair at one occurrence: names, rows of `Book.returns` and of the clock."""

    occurrence: str
    source: str
    target: str
    source_row: int
    target_row: int
    anchor: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """The series and pairs of one scale.

    Attributes
    ----------
    book
        Every series, baskets included, and how each was made.
    items
        Pairs in the order of the occurrences and of the definition's targets.
    names
        By occurrence: the source, then the targets of its pairs, baskets before their members.
    anchors
        By occurrence that is asked for: its row, where both windows lie inside the clock.
    left_out
        (occurrence or "all", symbol or "all", reason).
    factors
        Rows of `Book.returns` of the factors that the market has.
    """

    event: EventDefinition
    workspace: Workspace
    scale: Scale
    schedule: Schedule
    book: Book
    items: tuple[Item, ...]
    names: Mapping[str, tuple[str, ...]]
    anchors: Mapping[str, int]
    factors: tuple[int, ...]
    left_out: tuple[tuple[str, str, str], ...]

    @property
    def section(self) -> ContagionDefinition:
        """The contagion section of the event."""
        assert self.event.contagion is not None  # noqa: S101 - it was assembled from one
        return self.event.contagion

    def source(self, occurrence: str) -> str:
        """Where the shock of an occurrence began."""
        return self.names[occurrence][0]

    def admissible(self, occurrence: str) -> npt.NDArray[np.bool_]:
        """(T,): rows that a pseudo-event of an occurrence may lie on; see `System`.

        Of occurrences that have different sources (``@issuer``) those of the same source count:
        with twenty companies that report four times a year no other day is left.
        """
        own = self.source(occurrence)
        placed = (*self.schedule.occurrences, *self.schedule.siblings)
        same = [
            self.schedule.sessions[one.id].position
            for one in placed
            if one.id in self.schedule.sessions and source_of(self.section, one) == own
        ]
        asked = [row for name, row in self.anchors.items() if self.source(name) == own]
        clock = self.schedule.clock
        free = admissible_rows(clock, self.scale, same, max(asked, default=-1))
        if clock.bar_minutes:
            free &= clock.slots == clock.slots[self.anchors[occurrence]]
        return np.asarray(free & in_period(self.section, clock))

    def system(self, occurrence: str) -> System:
        """Lay out the source and the targets around an occurrence."""
        anchor = self.anchors[occurrence]
        names = self.names[occurrence]
        own = names[0]
        rows = [self.book.row(name, anchor, self.members(name, own)) for name in names]
        groups = dict.fromkeys(
            name for _, name in contagion_names(self.section) if name.startswith("@")
        )
        spans = self.book.spans
        return System(
            names=names,
            returns=np.ascontiguousarray(self.book.returns[rows]),
            clock=self.schedule.clock,
            occurrence=occurrence,
            anchor=anchor,
            anchors={one: row for one, row in self.anchors.items() if self.source(one) == own},
            admissible=self.admissible(occurrence),
            calm=self.scale.calm,
            crisis=self.scale.crisis,
            members={name: self.members(name, own) for name in groups if name != ISSUER},
            spans=None if spans is None else spans[rows],
            news=self.schedule.sessions[occurrence].instant,
        )

    def members(self, name: str, source: str) -> tuple[str, ...]:
        """Symbols of a basket that have prices, the source not among them; none of a symbol."""
        if not name.startswith("@"):
            return ()
        held = self.book.symbols
        return tuple(one for one in self.workspace.expand((name,)) if one in held and one != source)


@dataclass(slots=True)
class Draft:
    """What assembling collects."""

    items: list[Item] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    anchors: dict[str, int] = field(default_factory=dict)
    left_out: dict[tuple[str, str, str], None] = field(default_factory=dict)

    def leave(self, occurrence: str, symbol: str, reason: str) -> None:
        """List what is not in the numbers, once."""
        self.left_out[occurrence, symbol, reason] = None


def assemble(
    event: EventDefinition, workspace: Workspace, market: Market, scale: Scale
) -> Assembly:
    """Sample every price on the scale's clock and lay out the pairs of every occurrence.

    Raises
    ------
    DataError
        No symbol has prices of the scale.
    """
    section = event.contagion
    assert section is not None  # noqa: S101 - the caller has looked
    symbols = contagion_symbols(event, workspace)
    clock = price_clock(scale.code, scale.minutes, market, symbols, asker="contagion")
    asked = within_period(event, section)
    schedule = make_schedule(asked, workspace, clock, scale.windows)
    known = usable_symbols(market, scale.minutes)
    sampling = event.study.daily_sampling if event.study is not None else "nearest"
    panel = build_panel(market, [one for one in symbols if one in known], clock, sampling)
    book = Book(panel, scale)
    draft = Draft()
    placed = [one for one in schedule.occurrences if place(one, schedule, scale, draft)]
    factors = tuple(one for one in contagion_factors(event) if one in known)
    for factor in contagion_factors(event):
        if factor not in known:
            draft.leave("all", factor, f"factor: {absence(factor, market, clock)}")
    book.settle(factors, tuple(draft.anchors.values()))
    for one in placed:
        for name, reason in pair_up(one, section, workspace, book, draft):
            said = reason or absence(name, market, clock)
            draft.leave(one.id if reason else "all", name, said)
    return Assembly(
        event,
        workspace,
        scale,
        schedule,
        book,
        tuple(draft.items),
        draft.names,
        {one: row for one, row in draft.anchors.items() if one in draft.names},
        tuple(book.row(one, -1) for one in factors),
        tuple(draft.left_out),
    )


def place(occurrence: ResolvedOccurrence, schedule: Schedule, scale: Scale, draft: Draft) -> bool:
    """Note the row of an occurrence whose windows lie inside the clock; else why they do not."""
    session = schedule.sessions.get(occurrence.id)
    if session is None:
        draft.leave(occurrence.id, "all", schedule.outside[occurrence.id])
        return False
    reason = inside_clock(schedule.clock, scale, session.position)
    if reason:
        draft.leave(occurrence.id, "all", reason)
        return False
    draft.anchors[occurrence.id] = session.position
    return True


def source_of(section: ContagionDefinition, occurrence: ResolvedOccurrence) -> str:
    """Where the shock of an occurrence began; its issuer for ``@issuer``."""
    return (occurrence.issuer or "") if section.source == ISSUER else section.source


def pair_up(
    occurrence: ResolvedOccurrence,
    section: ContagionDefinition,
    workspace: Workspace,
    book: Book,
    draft: Draft,
) -> Iterator[tuple[str, str]]:
    """Add the pairs of an occurrence; yield (symbol, reason) of those that cannot be.

    An empty reason stands for no prices.
    """
    source, anchor = source_of(section, occurrence), draft.anchors[occurrence.id]
    if source not in book.symbols:
        yield source, ""
        yield "all", f"no prices of the source {source}"
        return
    source_row = book.row(source, anchor)
    if reason := book.emptiness(source_row, anchor):
        yield "all", f"source {source}: {reason}"
        return
    names = [source]
    for name, members in targets_of(section, occurrence, workspace):
        if name == source:
            if name in section.targets:
                yield name, "it is the source of this occurrence"
            continue
        if name.startswith("@"):
            held = tuple(one for one in members if one in book.symbols and one != source)
            if len(held) < 2:
                yield name, f"prices of {len(held)} of its members; a basket needs two"
                continue
        elif name not in book.symbols:
            yield name, ""
            continue
        else:
            held = ()
        row = book.row(name, anchor, held)
        reason = book.emptiness(row, anchor)
        if reason:
            yield name, reason
            continue
        names.append(name)
        draft.items.append(Item(occurrence.id, source, name, source_row, row, anchor))
    draft.names[occurrence.id] = tuple(names)


def targets_of(
    section: ContagionDefinition, occurrence: ResolvedOccurrence, workspace: Workspace
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every target once, a basket with its members before them."""
    seen: set[str] = set()
    for token in section.targets:
        members = workspace.expand((token,), issuer=occurrence.issuer)
        basket = token.startswith("@") and token != ISSUER
        for name in (token, *members) if basket else members:
            if name not in seen:
                yield name, members if name == token and basket else ()
            seen.add(name)
