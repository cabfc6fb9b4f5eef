"""What a universe file says: which symbols exist, on which calendar, in which groups."""

from __future__ import annotations

from eventlab.definitions.base import Identifier, StrictModel, SymbolName


class SymbolDefinition(StrictModel):
    """One tradable or observable series."""

    title: str | None = None
    calendar: str | None = None  # overrides the universe's
    kind: str | None = None  # price or level


class UniverseDefinition(StrictModel):
    """One universe file: a group of symbols, used as ``@name``."""

    universe: Identifier  # ids in universes use underscores in @names: see loader
    title: str
    calendar: str = "XNYS"
    symbols: dict[SymbolName, SymbolDefinition]
