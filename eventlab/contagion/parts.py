"""The heavy parts: each measures one system, and one that fails takes nothing else with it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventlab.contagion.assembly import Assembly
    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.market.types import Market

__all__ = ["PARTS", "HeavyTables", "Part", "heavy_tables"]

Scope = Literal["section", "chain", "regimes"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: where its function lives, and what it is given.

    Attributes
    ----------
    name
        As in `exclusions`.
    home, function
        Module below `eventlab.contagion`, and the function: of a system and the definition, and
        of ``market=`` and ``seed=`` as said here. It returns one DataFrame or a dataclass of them.
    tables
        Names in `EventContagion` of what it returns: of its fields, or of the one DataFrame.
    market, seed
        Whether it is given the prices themselves, and the seed.
    scope
        Which series its system holds beside source and targets: those of the section's
        ``regimes``, or none.
    wanted
        Whether a definition asks for the part.
    """

    name: str
    home: str
    function: str
    tables: tuple[str, ...]
    market: bool = False
    seed: bool = True
    scope: Scope = "section"
    wanted: Callable[[ContagionDefinition], bool] = lambda _: True

    def load(self) -> Callable[..., Any]:
        """Import the function: each part brings kernels of its own."""
        found: Callable[..., Any] = getattr(
            import_module(f"eventlab.contagion.{self.home}"), self.function
        )
        return found


PARTS: Final[tuple[Part, ...]] = (
    Part(
        "marks",
        "leads.marks",
        "mark_tables",
        ("marks",),
        market=True,
        seed=False,
        wanted=lambda section: bool(section.marks),
    ),
)


@dataclass(slots=True)
class HeavyTables:
    """Tables of all parts over the focus; (occurrence, symbol, part, reason) of failures."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    left_out: list[tuple[str, str, str, str]] = field(default_factory=list)


def heavy_tables(
    assembly: Assembly,
    market: Market,
    focus: Sequence[str],
    seed: int,
    parts: Sequence[Part] = PARTS,
) -> HeavyTables:
    """Measure every part that the definition asks for at every occurrence in focus.

    An EventlabError of a part is listed and costs that part of that occurrence, nothing else.
    """
    found = HeavyTables()
    made: dict[str, list[pd.DataFrame]] = {}
    for occurrence in focus:
        systems: dict[Scope, System] = {}
        for part in parts:
            if not part.wanted(assembly.section):
                continue
            if part.scope not in systems:
                systems[part.scope] = assembly.system(occurrence, extra_of(assembly, part.scope))
            try:
                measured = measure(part, systems[part.scope], assembly.section, market, seed)
            except EventlabError as error:
                found.left_out.append((occurrence, "all", part.name, str(error)))
                continue
            for name, table in measured.items():
                if len(table):
                    made.setdefault(name, []).append(table)
    found.tables = {
        name: pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        for name, tables in made.items()
    }
    return found


def measure(
    part: Part, system: System, section: ContagionDefinition, market: Market, seed: int
) -> dict[str, pd.DataFrame]:
    """Call one part; its tables by their names in `EventContagion`."""
    options: dict[str, Any] = {}
    if part.market:
        options["market"] = market
    if part.seed:
        options["seed"] = seed
    result = part.load()(system, section, **options)
    if isinstance(result, pd.DataFrame):
        return {part.tables[0]: result}
    assert is_dataclass(result)  # noqa: S101 - that is what parts return
    held = {one.name: getattr(result, one.name) for one in fields(result)}
    return {name: held[name] for name in part.tables}


def extra_of(assembly: Assembly, scope: Scope) -> tuple[str, ...]:
    """Symbols and groups that a scope adds to the source and the targets."""
    section = assembly.section
    if scope == "chain":
        links = ((link,) if isinstance(link, str) else link for link in section.chain)
        return tuple(name for link in links for name in link)
    if scope == "regimes":
        regimes = section.regimes
        buckets = () if regimes.buckets is None else (*regimes.buckets.top, *regimes.buckets.rest)
        betas = () if regimes.betas is None else (*regimes.betas.assets, *regimes.betas.factors)
        return (*buckets, *betas, *regimes.bubbles)
    return ()
