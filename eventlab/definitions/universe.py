"""What a universe file says: which symbols exist, on which calendar, in which group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from eventlab.definitions.base import ClockCode, StrictModel, SymbolName, Text, UniverseId

__all__ = ["SymbolDefinition", "SymbolInfo", "SymbolKind", "SymbolUnit", "UniverseDefinition"]

SymbolKind = Literal["price", "level", "return"]
SymbolUnit = Literal["percent", "decimal"]


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """What the universes of a workspace, taken together, say of one symbol.

    ``kind`` is ``price`` (returns are relative changes), ``level`` (a rate or spread: its return
    is the change) or ``return`` (the series is one of returns, as factors are), of which ``unit``
    says how they are written.
    """

    symbol: str
    title: str
    calendar: str
    kind: SymbolKind
    unit: SymbolUnit = "decimal"


class SymbolDefinition(StrictModel):
    """One tradable or observable series."""

    title: Text | None = Field(default=None, description="Name to print beside the symbol.")
    calendar: ClockCode | None = Field(
        default=None,
        description="Calendar the symbol trades on, where it is not the universe's.",
    )
    kind: SymbolKind | None = Field(
        default=None,
        description="price (returns are relative changes), level (a rate, spread or index in "
        "points: its return is the change) or return (the series holds returns, as Fama-French "
        "factors do). Left out: as the universe says.",
    )
    unit: SymbolUnit | None = Field(
        default=None,
        description="How a series of kind return is written: percent (1.5) or decimal (0.015). "
        "Left out: as the universe says.",
    )


class UniverseDefinition(StrictModel):
    """One universe file: a group of symbols, used as ``@name``."""

    universe: UniverseId = Field(
        description="Name of the group, as the file is called; written @name where assets are "
        "listed. @issuer is reserved."
    )
    title: Text = Field(description="One line that says what the group is.")
    description: Text | None = Field(default=None, description="Whatever a reader should know.")
    source: Text | None = Field(default=None, description="Where the membership comes from.")
    calendar: ClockCode = Field(
        default="XNYS",
        description="Calendar of the symbols: an exchange code such as XNYS, or 24/7.",
    )
    kind: SymbolKind = Field(
        default="price",
        description="price, level or return, for symbols that do not say it themselves.",
    )
    unit: SymbolUnit | None = Field(
        default=None,
        description="How series of kind return are written: percent, as Kenneth French does, or "
        "decimal, which is the default.",
    )
    symbols: Annotated[dict[SymbolName, SymbolDefinition], Field(min_length=1)] = Field(
        description="The members, each with title, calendar and kind where they differ; {} "
        "where there is nothing to say."
    )

    def info(self) -> dict[str, SymbolInfo]:
        """Describe every member, with what it takes over from the universe filled in."""
        return {
            symbol: SymbolInfo(
                symbol=symbol,
                title=said.title or symbol,
                calendar=said.calendar or self.calendar,
                kind=said.kind or self.kind,
                unit=said.unit or self.unit or "decimal",
            )
            for symbol, said in self.symbols.items()
        }
