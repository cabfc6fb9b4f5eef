"""What a strategy names as one thing: a symbol, a @group, the @issuer; and its legs in the grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.errors import DataError
from eventlab.market.sources import missing_symbol_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.market.types import Market

__all__ = ["ISSUER", "Sleeve", "Sleeves", "make_sleeves"]

ISSUER = "@issuer"


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One name of the book or of the hedge.

    Attributes
    ----------
    weight
        Of equity, for the book; 1 for a hedge instrument.
    legs
        Columns of the grid: one, or the members of a group, which share the weight equally.
    issuers
        For ``@issuer``: column by issuer; of an occurrence only its own counts.
    """

    name: str
    weight: float
    legs: tuple[int, ...]
    issuers: Mapping[str, int] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether it is one symbol whatever the occurrence."""
        return len(self.legs) == 1 and not self.issuers and not self.name.startswith("@")

    def of(self, issuer: str | None) -> tuple[int, ...]:
        """Legs at an occurrence of an issuer."""
        if not self.issuers:
            return self.legs
        return (self.issuers[issuer],) if issuer is not None and issuer in self.issuers else ()


@dataclass(frozen=True, slots=True)
class Sleeves:
    """The book and the hedge of one strategy, as columns of a grid.

    ``symbols`` are those of the grid: ``n_book`` of the book, then those of the hedge only.
    ``left_out`` are (symbol, reason) of members that the market does not have.
    """

    book: tuple[Sleeve, ...]
    hedge: tuple[Sleeve, ...]
    symbols: tuple[str, ...]
    n_book: int
    left_out: tuple[tuple[str, str], ...]


def make_sleeves(strategy: StrategyDefinition, workspace: Workspace, market: Market) -> Sleeves:
    """Lay out the legs of a strategy.

    Raises
    ------
    DataError
        A symbol of its own, or every member of a group, has no prices.
    """
    resolved = (
        one for name in strategy.events for one in workspace.event(name).resolved_occurrences()
    )
    issuers = tuple(dict.fromkeys(one.issuer for one in resolved if one.issuer))
    left_out: dict[str, str] = {}

    def members(name: str) -> tuple[str, ...]:
        if name == ISSUER:
            every = issuers
        else:
            every = workspace.expand((name,)) if name.startswith("@") else (name,)
        there = tuple(one for one in every if one in market.symbols)
        lacking = {one: missing_symbol_reason(market, one) for one in every if one not in there}
        if not there:
            said = "; ".join(lacking.values()) or "it has no member"
            raise DataError(f"{strategy.strategy}: {name} cannot be held: {said}")
        left_out.update(lacking)
        return there

    names = [*strategy.book, *(strategy.hedge.instruments if strategy.hedge else ())]
    held = {name: members(name) for name in names}
    symbols: dict[str, int] = {}
    for name in names:
        for one in held[name]:
            symbols.setdefault(one, len(symbols))
    n_book = len({one for name in strategy.book for one in held[name]})

    def sleeve(name: str, weight: float) -> Sleeve:
        legs = tuple(symbols[one] for one in held[name])
        own = {one: symbols[one] for one in held[name]} if name == ISSUER else {}
        return Sleeve(name, weight, legs, own)

    return Sleeves(
        book=tuple(sleeve(name, weight) for name, weight in strategy.book.items()),
        hedge=tuple(
            sleeve(name, 1.0) for name in (strategy.hedge.instruments if strategy.hedge else ())
        ),
        symbols=tuple(symbols),
        n_book=n_book,
        left_out=tuple(left_out.items()),
    )
