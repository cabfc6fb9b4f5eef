"""The prices that a workspace's events, strategies and claims need."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from eventlab.definitions.bars import bar_minutes
from eventlab.definitions.contagion import contagion_names
from eventlab.definitions.cross_section import read_symbols
from eventlab.definitions.questions import questions_of
from eventlab.definitions.sweep import with_values
from eventlab.market.detect import OBSERVED, is_observed
from eventlab.market.sources import BUILT_IN, load_market
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventlab.definitions import (
        EventDefinition,
        StrategyDefinition,
        StudyDefinition,
        Workspace,
    )
    from eventlab.definitions.questions import Question
    from eventlab.definitions.strategy_parts import StateDefinition
    from eventlab.market.types import Market

__all__ = [
    "claim_symbols",
    "contagion_factors",
    "contagion_symbols",
    "market_for",
    "modelled_events",
    "state_symbols",
    "strategy_minutes",
    "strategy_symbols",
    "studied_symbols",
    "workspace_source",
]

Named = TypeVar("Named")
# What a measure reads of a symbol in the place of its prices, or beside them.
OBSERVED_OF = {
    "funding_sign": (OBSERVED["funding_rate"],),
    "open_interest_change": (OBSERVED["open_interest"], ""),  # and prices, for coins
}
MODELLED = frozenset({"event_car", "contagion_verdict"})  # measures that read all that events read


def market_for(  # noqa: PLR0913 - whose prices, from where, and for whom
    workspace: Workspace,
    source: str | None = None,
    *,
    events: Iterable[EventDefinition | str] | None = None,
    seed: int | None = None,
    extra: Iterable[str] = (),
    contagion: bool = True,
    strategies: Iterable[StrategyDefinition | str] = (),
    claims: bool = False,
) -> Market:
    """Load the prices that the studies, contagions, strategies and claims of a workspace read.

    Parameters
    ----------
    workspace
        Says which symbols there are, on which calendar; the result remembers it.
    source
        ``sample``, ``arch``, or the path of a file or folder of Parquet or CSV; the workspace's
        own (``data`` in eventlab.toml) by default.
    events
        Whose symbols are loaded, definitions or ids; all of the workspace's by default.
    seed
        Of the simulated market; the workspace's by default.
    extra
        Further symbols, where the source has them.
    contagion
        Whether what the events' contagions read is loaded too.
    strategies
        Whose symbols are loaded too, definitions or ids; none by default. With ``events=()``
        only theirs.
    claims
        Whether what the claims of the workspace name is loaded too, and what the events read that
        some of them model. With ``events=()`` only that.

    Raises
    ------
    DataError
        No such source, or nothing in it holds prices.
    UsageError
        An id is not one of the workspace, or a strategy names an event or a group that it does not
        have.
    """
    chosen = tuple(
        workspace.event(each) if isinstance(each, str) else each
        for each in (workspace.events.values() if events is None else _several(events))
    )
    questions = questions_of(workspace) if claims else ()
    symbols: dict[str, set[int]] = {}
    for event in (*chosen, *(one for one in modelled_events(questions) if one not in chosen)):
        minutes = bar_minutes(event.study.bar) if event.study is not None else 0
        for symbol in studied_symbols(event, workspace):
            symbols.setdefault(symbol, set()).update({minutes} - {0})
        for symbol in state_symbols(event.study):
            symbols.setdefault(symbol, set())
        for symbol in contagion_symbols(event, workspace) if contagion else ():
            symbols.setdefault(symbol, set()).update(contagion_minutes(event))
    for each in _several(strategies):
        strategy = workspace.strategy(each) if isinstance(each, str) else each
        for symbol in strategy_symbols(strategy, workspace):
            symbols.setdefault(symbol, set()).update(strategy_minutes(strategy, symbol, workspace))
    for symbol in (*extra, *claim_symbols(questions, workspace)):
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


def _several(names: Iterable[Named]) -> Iterable[Named | str]:
    """Return what was named; a text alone is one id, not its letters."""
    return [names] if isinstance(names, str) else names


def claim_symbols(questions: Iterable[Question], workspace: Workspace) -> tuple[str, ...]:
    """Every symbol whose prices the questions need, groups expanded, in order and once."""
    found: dict[str, None] = {}
    for question in questions:
        suffixes = OBSERVED_OF.get(question.claim.measure, ("",))
        for issuer in _issuers(question):
            members = workspace.expand(question.claim.symbols, issuer=issuer)
            found |= dict.fromkeys(one + suffix for one in members for suffix in suffixes)
            found |= dict.fromkeys(workspace.expand(_models_read(question), issuer=issuer))
    return tuple(found)


def _issuers(question: Question) -> Iterable[str | None]:
    """Who announced: at the claim's occurrence, or at any of its event."""
    if question.occurrence is not None:
        return (question.occurrence.issuer,)
    if question.event is None:
        return (None,)
    return dict.fromkeys(one.issuer for one in question.event.resolved_occurrences())


def _models_read(question: Question) -> tuple[str, ...]:
    """Name what the models of an event read beside the symbols of a claim about it."""
    event, measure = question.event, question.claim.measure
    if event is None:
        return ()
    if measure == "event_car" and event.study is not None:
        benchmark = event.study.benchmark
        return (*event.study.factors, *([] if benchmark is None else [benchmark]))
    if measure == "contagion_verdict" and event.contagion is not None:
        return (event.contagion.source, *contagion_factors(event))
    return ()


def modelled_events(questions: Iterable[Question]) -> tuple[EventDefinition, ...]:
    """Return the events whose studies or contagions claims are judged by, in order and once."""
    found = {
        question.event.event: question.event
        for question in questions
        if question.claim.measure in MODELLED and question.event is not None
    }
    return tuple(found.values())


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


def strategy_symbols(strategy: StrategyDefinition, workspace: Workspace) -> tuple[str, ...]:
    """Every symbol that a backtest of ``strategy``, or a sweep of it, reads prices of.

    Returns
    -------
    tuple of str
        In order and once: book, hedge instruments and the symbol of the signal, groups and
        ``@issuer`` expanded for every occurrence; symbols of states; ``<SYMBOL>-FUNDING`` of
        perpetuals (of all that never close, and of all that the workspace knows no calendar of,
        unless ``costs.perpetuals`` names them) and of states of funding; the symbol of the interest
        rate; and the same of every strategy of the sweep that names others.

    Raises
    ------
    UsageError
        The strategy names an event or a group that the workspace does not have.
    """
    issuers: dict[str | None, None] = {}
    for name in strategy.events:
        each = workspace.event(name).resolved_occurrences()
        issuers |= dict.fromkeys(one.issuer for one in each)
    found: dict[str, None] = {}
    for variant in _naming_variants(strategy):
        found |= dict.fromkeys(_symbols_of(variant, workspace, tuple(issuers)))
    return tuple(found)


def strategy_minutes(strategy: StrategyDefinition, symbol: str, workspace: Workspace) -> set[int]:
    """Widths of the bars of a symbol that a strategy reads, in minutes; sessions are none.

    What never closes is traded at an exchange's opens and closes on hourly bars.
    """
    never_closes = _calendar(symbol, workspace) in {ALWAYS_OPEN, None} and not is_observed(symbol)
    return {60} if never_closes and strategy.clock != ALWAYS_OPEN else set()


# Last parts of the paths of a sweep whose values name symbols, or decide which ones are read.
_NAMING = frozenset(
    {"instruments", "symbol", "falling", "rising", "interest", "perpetuals", "funding"}
    | {"funding_below", "funding_above"}
)


def _naming_variants(strategy: StrategyDefinition) -> Iterator[StrategyDefinition]:
    """Yield the strategy, and those of its sweep that may read other symbols."""
    yield strategy
    swept = {
        path: values
        for path, values in strategy.sweep.items()
        if path.rpartition(".")[2] in _NAMING
    }
    for values in itertools.product(*swept.values()) if swept else ():
        # Values that fit one by one need not fit together; a sweep says so when it runs.
        with suppress(ValueError):
            yield with_values(strategy, dict(zip(swept, values, strict=True)))


def _symbols_of(
    strategy: StrategyDefinition, workspace: Workspace, issuers: Iterable[str | None]
) -> Iterator[str]:
    costs, signal = strategy.costs, strategy.signal
    legs = [*strategy.book, *(() if strategy.hedge is None else strategy.hedge.instruments)]
    held = _expanded(legs, workspace, issuers)
    yield from held
    if signal is not None:
        yield from _expanded([signal.symbol], workspace, issuers)
    for state in (strategy.when.enter, strategy.when.exit):
        if not isinstance(state, int):
            yield from _waited_for(state, held[0])
    if costs.funding == "perpetual":
        paying = _expanded(costs.perpetuals or [], workspace, issuers)
        if costs.perpetuals is None:
            paying = [one for one in held if _calendar(one, workspace) in {ALWAYS_OPEN, None}]
        yield from (symbol + OBSERVED["funding_rate"] for symbol in paying)
    if isinstance(costs.interest, str):
        yield costs.interest


def _waited_for(state: StateDefinition, first: str) -> Iterator[str]:
    """Yield what a state reads; ``first`` is the book's first symbol."""
    yield from (one for one in (state.falling, state.rising, state.symbol) if one is not None)
    if state.funding_below is not None or state.funding_above is not None:
        yield (state.symbol or first) + OBSERVED["funding_rate"]


def _expanded(
    names: Iterable[str], workspace: Workspace, issuers: Iterable[str | None]
) -> list[str]:
    return list(dict.fromkeys(one for who in issuers for one in workspace.expand(names, who)))


def _calendar(symbol: str, workspace: Workspace) -> str | None:
    """Calendar of a symbol as the workspace knows it; None where it does not."""
    info = workspace.symbols.get(symbol)
    return info.calendar if info is not None else None
