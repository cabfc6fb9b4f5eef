"""Compute a result under regression test, and record it with everything it rests on."""
# ruff: noqa: PLC0415 - a room is imported where it is run: pytest imports the plugin everywhere

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from eventlab.definitions.questions import questions_of
from eventlab.errors import DataError
from eventlab.market.series_prints import series_named
from eventlab.market.workspace_market import market_for, modelled_events
from eventlab.regression.causes import prints_of
from eventlab.regression.content import content_of, symbols_of, tested_strategy
from eventlab.regression.readings import (
    backtest_parts,
    claims_parts,
    contagion_parts,
    study_parts,
)
from eventlab.regression.types import Baseline
from eventlab.report.versions import dependency_versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.definitions import Workspace
    from eventlab.market.types import Market, PriceSeries
    from eventlab.regression.types import Part, Subject

__all__ = ["Measured", "measure"]


class Measured(NamedTuple):
    """A result as a baseline would record it, and the prices that it was computed from."""

    record: Baseline
    series: Mapping[str, PriceSeries]


def measure(subject: Subject, workspace: Workspace, source: str | None, seed: int) -> Measured:
    """Compute a subject on prices of its own.

    Only what it reads is loaded: a result that stands in no company is the same in ``check``, in
    a worker of pytest and alone.

    Raises
    ------
    EventlabError
        It cannot be computed: prices lack, an occurrence cannot be entered, and so on.
    """
    market = _market(subject, workspace, source, seed)
    symbols = symbols_of(subject, workspace)
    refused = [name for name in symbols if name in market.refused]
    if refused:
        raise DataError(f"{refused[0]} was refused: {market.refused[refused[0]]}")
    series = series_named(market, symbols)
    record = Baseline(
        kind=subject.kind,
        name=subject.name,
        seed=seed,
        engine=_engine() if subject.kind == "strategy" else "",
        versions=dependency_versions(),
        definition=content_of(subject, workspace),
        source=_source_name(market.stamp.source),
        simulated=market.stamp.simulated,
        series=prints_of(series),
        parts=_parts(subject, workspace, market, seed),
    )
    return Measured(record, series)


def _market(subject: Subject, workspace: Workspace, source: str | None, seed: int) -> Market:
    if subject.kind == "strategy":
        own = tested_strategy(subject.name, workspace)
        return market_for(workspace, source, events=(), seed=seed, strategies=[own])
    if subject.kind == "claims":
        questions = questions_of(workspace, [subject.name])
        return market_for(
            workspace,
            source,
            events=modelled_events(questions),
            seed=seed,
            extra=symbols_of(subject, workspace),
        )
    event = workspace.events[subject.name]
    contagion = subject.kind == "contagion"
    return market_for(workspace, source, events=[event], seed=seed, contagion=contagion)


def _parts(subject: Subject, workspace: Workspace, market: Market, seed: int) -> dict[str, Part]:
    """Run it."""
    if subject.kind == "strategy":
        from eventlab.hedge.run import run_backtest

        own = workspace.strategies[subject.name]
        return backtest_parts(run_backtest(own, market, workspace, seed=seed))
    if subject.kind == "claims":
        from eventlab.claims.run import run_claims

        return claims_parts(run_claims(market, workspace, owners=[subject.name], seed=seed))
    event = workspace.events[subject.name]
    if subject.kind == "study":
        from eventlab.study.run import run_study

        return study_parts(run_study(event, market, workspace, seed=seed))
    from eventlab.contagion.run import run_contagion

    return contagion_parts(run_contagion(event, market, workspace, seed=seed))


def _engine() -> str:
    from eventlab.hedge.portfolio import ENGINE

    return f"vectorbt {ENGINE}"


def _source_name(source: str) -> str:
    """Name a file or folder of prices without where it lies, which differs by machine."""
    return PurePath(source).name or source
