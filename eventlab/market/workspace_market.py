"""The prices that a workspace's events need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventlab.definitions.bars import bar_minutes
from eventlab.definitions.contagion import contagion_names
from eventlab.definitions.cross_section import read_symbols
from eventlab.market.sources import BUILT_IN, load_market

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.definitions import EventDefinition, StudyDefinition, Workspace
    from eventlab.market.types import Market

__all__ = [
    "contagion_factors",
    "contagion_symbols",
    "market_for",
    "state_symbols",
    "studied_symbols",
    "workspace_source",
]


def market_for(
    workspace: Workspace,
    source: str | None = None,
    *,
    events: Iterable[EventDefinition] | None = None,
    seed: int | None = None,
    extra: Iterable[str] = (),
    contagion: bool = True,
) -> Market:
    """Load the prices that the studies and contagions of a workspace read.

    Parameters
    ----------
    workspace
        Says which symbols there are, on which calendar; the result remembers it.
    source
        ``sample``, ``arch``, or the path of a file or folder of Parquet or CSV; the workspace's
        own (``data`` in eventlab.toml) by default.
    events
        Whose symbols are loaded; all of the workspace's by default.
    seed
        Of the simulated market; the workspace's by default.
    extra
        Further symbols, where the source has them.
    contagion
        Whether what the events' contagions read is loaded too.

    Raises
    ------
    DataError
        No such source, or nothing in it holds prices.
    """
    chosen = tuple(workspace.events.values() if events is None else events)
    symbols: dict[str, set[int]] = {}
    for event in chosen:
        minutes = bar_minutes(event.study.bar) if event.study is not None else 0
        for symbol in studied_symbols(event, workspace):
            symbols.setdefault(symbol, set()).update({minutes} - {0})
        for symbol in state_symbols(event.study):
            symbols.setdefault(symbol, set())
        for symbol in contagion_symbols(event, workspace) if contagion else ():
            symbols.setdefault(symbol, set()).update(contagion_minutes(event))
    for symbol in extra:
        symbols.setdefault(symbol, set())
    settings = workspace.settings
    market = load_market(
        workspace_source(workspace, source),
        symbols,
        workspace.symbols,
        tuple(workspace.events.values()),
        settings.seed if seed is None else seed,
        settings.bar_stamp,
    )
    return replace(market, workspace=workspace)


def workspace_source(workspace: Workspace, given: str | None = None) -> str:
    """Return ``given``, or the source that the settings name, looked for in the workspace first."""
    if given is not None:
        return given
    named = workspace.settings.data
    inside = workspace.root / named
    return str(inside) if named not in BUILT_IN and inside.exists() else named


def studied_symbols(event: EventDefinition, workspace: Workspace) -> tuple[str, ...]:
    """Every symbol that the study of ``event`` reads, regressors included; none without a study."""
    study = event.study
    if study is None:
        return ()
    found: dict[str, None] = {}
    for issuer in dict.fromkeys(one.issuer for one in event.resolved_occurrences()):
        found |= dict.fromkeys(workspace.expand(study.assets, issuer=issuer))
    if study.benchmark is not None:
        found[study.benchmark] = None
    return tuple(found | dict.fromkeys(study.factors))


def contagion_symbols(event: EventDefinition, workspace: Workspace) -> tuple[str, ...]:
    """Every symbol that the contagion of ``event`` reads: sources, targets, factors, all parts."""
    section = event.contagion
    if section is None:
        return ()
    tokens = [name for _, name in contagion_names(section)]
    found: dict[str, None] = {}
    for issuer in dict.fromkeys(one.issuer for one in event.resolved_occurrences()):
        found |= dict.fromkeys(workspace.expand(tokens, issuer=issuer))
    return tuple(found | dict.fromkeys(contagion_factors(event)))


def contagion_factors(event: EventDefinition) -> tuple[str, ...]:
    """Symbols that returns are adjusted for: those of the section, else the study's benchmark."""
    section, study = event.contagion, event.study
    if section is None:
        return ()
    benchmark = () if study is None or study.benchmark is None else (study.benchmark,)
    return section.factors or benchmark


def contagion_minutes(event: EventDefinition) -> set[int]:
    """Widths of the bars that the contagion of ``event`` reads, in minutes; sessions are none.

    Leads and first crossings are read off the finest bars there are, up to hours.
    """
    section = event.contagion
    if section is None:
        return set()
    intraday = set() if section.intraday is None else {bar_minutes(section.intraday.bar)}
    finest = {60} if section.marks or section.chain else set()
    return ({bar_minutes(section.bar)} | intraday | finest) - {0}


def state_symbols(study: StudyDefinition | None) -> tuple[str, ...]:
    """Every symbol that states and features of a study read; a study does without any of them."""
    if study is None:
        return ()
    read = read_symbols(study.states, study.cross_section)
    return tuple(dict.fromkeys(symbol for _, symbol in read))
