"""Leads and lags around one occurrence: curves, the order of the chain, its middle, and marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.contagion.leads.chain_table import chain_table
from eventlab.contagion.leads.curves import curve_tables
from eventlab.contagion.leads.marks import mark_tables
from eventlab.contagion.leads.mediation_table import mediation_table
from eventlab.contagion.leads.prices import Prices, moment_of, prices

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.market.types import Market

__all__ = ["LeadLagTables", "chain_links", "lead_lag_tables"]


@dataclass(frozen=True, slots=True)
class LeadLagTables:
    """Tables of `EventContagion` under their names there."""

    lead_lag: pd.DataFrame
    lead_lag_peaks: pd.DataFrame
    chain: pd.DataFrame
    mediation: pd.DataFrame
    marks: pd.DataFrame


def lead_lag_tables(
    system: System, definition: ContagionDefinition, market: Market, *, seed: int
) -> LeadLagTables:
    """Who moved first around one occurrence, on the finest prices there are.

    Parameters
    ----------
    system
        The occurrence: its series and when its news came out.
    definition
        Its chain (the source, then all targets, unless given), marks and level.
    market
        Intraday prices, extended hours included where the files have them.
    seed
        Of the bootstrap and of the placebo samples of ``mediation``.

    Returns
    -------
    LeadLagTables
        The calm window is the 20 sessions to the last close before the news, the crisis window
        goes from the news to the close of the second session after it. What has no bars inside
        days is measured in daily ones, with the reason in ``note``. Thresholds, and placebo dates
        on intraday prices, lie before the news; placebo dates in bars of the clock are those of
        every part. A first move at t uses prices up to t.
    """
    moment = moment_of(system)
    links = chain_links(system, definition)
    held: dict[str, Prices] = {}
    if moment is not None:
        chained = [name for link in links for name in link]
        inside = [one for name in chained for one in system.members.get(name, ())]
        names = dict.fromkeys((*system.names, *chained, *inside))
        held = {name: prices(name, system, market, moment) for name in names}
    curves, peaks = curve_tables(system, held, moment, definition.level)
    return LeadLagTables(
        lead_lag=curves,
        lead_lag_peaks=peaks,
        chain=chain_table(system, links, held, moment, definition.level),
        mediation=mediation_table(system, links, level=definition.level, seed=seed),
        marks=mark_tables(system, definition, market),
    )


def chain_links(system: System, definition: ContagionDefinition) -> tuple[tuple[str, ...], ...]:
    """Links of the chain: those of the definition, or the source and then all targets at once.

    ``@issuer`` is the source. Without a chain nothing is claimed of the order among the targets;
    members of a basket that is a target stay out.
    """
    if not definition.chain:
        inside = {one for members in system.members.values() for one in members}
        named = set(definition.targets)
        return (
            (system.source,),
            tuple(one for one in system.targets if one in named or one not in inside),
        )
    links = ((link,) if isinstance(link, str) else tuple(link) for link in definition.chain)
    return tuple(
        tuple(system.source if name == "@issuer" else name for name in link) for link in links
    )
