"""The heavy parts: each measures one system, and one that fails takes nothing else with it."""
# ruff: noqa: PLC0415 - each part brings kernels of its own, imported when it is wanted

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eventlab.contagion.assembly import Assembly
    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.market.types import Market
    from eventlab.study.steps import Progress

__all__ = ["PARTS", "HeavyTables", "Work", "heavy_tables"]

EXCLUSIONS: Final = "exclusions"


@dataclass(frozen=True, slots=True)
class Work:
    """What parts are given: one occurrence of an assembly, its series, the prices and the seed.

    ``system`` holds every target; the parts measure its `core`, in which a group is one basket.
    """

    assembly: Assembly
    system: System
    market: Market
    seed: int

    @property
    def core(self) -> System:
        """The source, the targets that are named, and the baskets; no member of a basket alone.

        A basket is the mean of its members: no model may hold both.
        """
        names, members = self.system.names, self.system.members
        inside = {one for name in names for one in members.get(name, ())}
        named = {names[0], *self.section.targets}
        at = [k for k, name in enumerate(names) if name in named or name not in inside]
        spans = self.system.spans
        return replace(
            self.system,
            names=tuple(names[k] for k in at),
            returns=np.ascontiguousarray(self.system.returns[at]),
            spans=None if spans is None else np.ascontiguousarray(spans[at]),
        )

    @property
    def section(self) -> ContagionDefinition:
        """The contagion section."""
        return self.assembly.section


@dataclass(slots=True)
class HeavyTables:
    """Tables of all parts over the focus, and (occurrence, symbol, part, reason) of the missing."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    left_out: list[tuple[str, str, str, str]] = field(default_factory=list)


def heavy_tables(
    assembly: Assembly,
    market: Market,
    focus: Sequence[str],
    seed: int,
    progress: Progress,
    parts: Mapping[str, Callable[[Work], Any]] | None = None,
) -> HeavyTables:
    """Measure every part at every occurrence in focus; `PARTS` unless given.

    A part returns DataFrames as the fields of a dataclass, called as in `EventContagion`; rows of
    ``exclusions`` join those of the run. An EventlabError of a part is listed and costs that part
    of that occurrence, nothing else.
    """
    found = HeavyTables()
    made: dict[str, list[pd.DataFrame]] = {}
    chosen = PARTS if parts is None else parts
    for at, occurrence in enumerate(focus):
        work = Work(assembly, assembly.system(occurrence), market, seed)
        for place, (name, part) in enumerate(chosen.items(), 1):
            try:
                result = part(work)
            except EventlabError as error:
                found.left_out.append((occurrence, "all", name, str(error)))
                continue
            finally:
                progress(at * len(chosen) + place, len(focus) * len(chosen))
            for one in fields(result):
                table = getattr(result, one.name)
                if one.name == EXCLUSIONS:
                    columns = ["occurrence", "symbol", "part", "reason"]
                    found.left_out += list(table[columns].itertuples(index=False, name=None))
                else:
                    made.setdefault(one.name, []).append(table)
    found.tables = {name: joined(tables) for name, tables in made.items()}
    return found


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below each other; empty ones would change the types of columns."""
    held = [table for table in tables if len(table)]
    if len(held) > 1:
        return pd.concat(held, ignore_index=True)
    return held[0] if held else tables[0]


def leads(work: Work) -> object:
    """Leads and lags, the chain, what mediates it, marks."""
    from eventlab.contagion.leads.part import lead_lag_tables

    return lead_lag_tables(work.core, work.section, work.market, seed=work.seed)


def tails(work: Work) -> object:
    """Delta-CoVaR, exceedances, asymmetric betas."""
    from eventlab.contagion.tails.part import tail_tables

    return tail_tables(work.core, work.section, seed=work.seed)


def volatility(work: Work) -> object:
    """Conditional correlations around the event, and volatility that travels."""
    from eventlab.contagion.volatility.part import volatility_tables

    return volatility_tables(work.core, work.market)


def connectedness(work: Work) -> object:
    """Connectedness before and after, its change, intervals and placebo dates."""
    from eventlab.contagion.connectedness.part import spillover_tables

    return spillover_tables(work.core, work.section, seed=work.seed)


def quantiles(work: Work) -> object:
    """Connectedness at quantiles."""
    from eventlab.contagion.connectedness.quantile_part import quantile_tables

    return quantile_tables(work.core, work.section)


def drifting(work: Work) -> object:
    """Paths of connectedness by a VAR whose coefficients drift."""
    from eventlab.contagion.connectedness.tvp_part import spillover_path_tables

    return spillover_path_tables(work.core, work.section, seed=work.seed)


def networks(work: Work) -> object:
    """Granger-causality before, during and after."""
    from eventlab.contagion.networks.part import network_tables

    return network_tables(work.core, work.section)


def regimes(work: Work) -> object:
    """Buckets, betas that move, bubbles."""
    from eventlab.contagion.regimes.part import regime_tables

    assembly = work.assembly
    book, anchor = assembly.book, work.system.anchor
    returns = {name: book.returns[book.row(name, anchor)] for name in book.symbols}
    return regime_tables(
        work.core,
        work.section,
        returns,
        lambda group: assembly.workspace.expand((group,)),
        seed=work.seed,
    )


PARTS: Final[Mapping[str, Callable[[Work], Any]]] = {
    "tails": tails,
    "leads": leads,
    "volatility": volatility,
    "connectedness": connectedness,
    "connectedness in the tails": quantiles,
    "connectedness over time": drifting,
    "networks": networks,
    "regimes": regimes,
}
