"""Everything that reads a definition which is said to be valid, and must not be surprised by it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from eventlab.claims import run_claims
from eventlab.cli.strategies import unusable
from eventlab.contagion.run import run_contagion
from eventlab.definitions.questions import questions_of
from eventlab.definitions.sweep import sweep_paths, with_values
from eventlab.errors import EventlabError
from eventlab.hedge.run import run_backtest
from eventlab.market.workspace_market import claim_symbols, market_for, workspace_source
from eventlab.study import run_study
from eventlab.study.schedule import make_schedule
from eventlab.study.specifications.grid import specification_symbols
from eventlab.timeline import event_session, make_clock
from eventlab.timeline.types import OutsideClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventlab.definitions import EventDefinition, StrategyDefinition, Workspace
    from tests.fuzz_workspace import Verdict

__all__ = ["run_it", "use"]

FIRST, LAST = date(1990, 1, 1), date(2029, 12, 31)
DRAWS = 20


def use(verdict: Verdict) -> None:
    """Read a valid file's definition in every way that needs no prices."""
    workspace = verdict.workspace
    for kind, name in _defined(verdict):
        workspace.where(kind, name, kind)  # type: ignore[arg-type] # kinds are of the workspace
        if kind == "event":
            _use_event(workspace.events[name], workspace)
        elif kind == "strategy":
            _use_strategy(workspace.strategies[name], workspace)
        elif kind == "universe":
            workspace.expand([f"@{name}"])
        for question in questions_of(workspace, [name] if kind in {"event", "claims"} else []):
            _tried(partial(claim_symbols, [question], workspace))
    if verdict.path.name == "eventlab.toml":
        _tried(lambda: market_for(workspace, workspace_source(workspace), extra=["BTC"], events=()))


def run_it(verdict: Verdict) -> int:
    """Put what a valid file defines to simulated prices; return how many results came of it."""
    workspace, results = verdict.workspace, 0
    for kind, name in _defined(verdict):
        if kind == "event":
            results += _run_event(workspace.events[name], workspace)
        elif kind == "strategy":
            strategy = workspace.strategies[name]
            results += _tried(partial(_backtest, strategy, workspace))
        if kind in {"event", "claims"}:
            results += _tried(partial(_judge, name, workspace))
    return results


def _defined(verdict: Verdict) -> Iterator[tuple[str, str]]:
    for (kind, name), origin in verdict.workspace.origins.items():
        if origin.path == verdict.path:
            yield kind, name


def _use_event(event: EventDefinition, workspace: Workspace) -> None:
    occurrences = event.resolved_occurrences()
    assert len(occurrences) == len(event.occurrences)
    codes = {"XNYS", "24/7"} | ({event.study.clock} if event.study else set())
    for code in codes:
        clock = make_clock(code, *_period(code))
        for one in occurrences:
            try:
                found = event_session(event.event, one, clock)
            except OutsideClock:
                continue
            assert clock.closes[found.position] > found.instant.earliest
        if event.study is not None:
            _tried(partial(make_schedule, event, workspace, clock))
    specification_symbols(event, workspace)


def _period(code: str) -> tuple[date, date]:
    from eventlab.timeline import calendar_bounds, canonical_code  # noqa: PLC0415

    low, high = calendar_bounds(canonical_code(code))
    return max(low, FIRST), min(high, LAST)


def _use_strategy(strategy: StrategyDefinition, workspace: Workspace) -> None:
    unusable(strategy, workspace)
    sweep_paths(strategy)
    for place in (0, -1):
        chosen = {path: values[place] for path, values in strategy.sweep.items()}
        try:
            with_values(strategy, chosen)
        except ValueError:  # they need not fit together; each of them must fit alone
            assert len(chosen) > 1
    for path, values in strategy.sweep.items():
        with_values(strategy, {path: values[0]})


def _run_event(event: EventDefinition, workspace: Workspace) -> int:
    done = 0
    if event.study is not None:
        done += _tried(lambda: _study(event, workspace))
    if event.contagion is not None:
        done += _tried(lambda: _contagion(event, workspace))
    return done


def _study(event: EventDefinition, workspace: Workspace) -> None:
    market = market_for(workspace, "sample", events=[event], contagion=False)
    run_study(event, market, workspace, draws=DRAWS)


def _contagion(event: EventDefinition, workspace: Workspace) -> None:
    assert event.contagion is not None
    less = event.contagion.connectedness.model_copy(update={"draws": DRAWS})
    section = event.contagion.model_copy(update={"draws": DRAWS, "connectedness": less})
    event = event.model_copy(update={"contagion": section})
    run_contagion(event, market_for(workspace, "sample", events=[event]), workspace)


def _backtest(strategy: StrategyDefinition, workspace: Workspace) -> None:
    market = market_for(workspace, "sample", events=(), strategies=[strategy])
    run_backtest(strategy, market, workspace, draws=DRAWS)


def _judge(name: str, workspace: Workspace) -> None:
    questions = [
        each
        for each in questions_of(workspace, [name])
        if each.claim.measure not in {"contagion_verdict", "event_car"}  # of models, run above
    ]
    if questions:
        ids = [each.claim.id for each in questions]
        market = market_for(
            workspace, "sample", events=(), extra=claim_symbols(questions, workspace)
        )
        run_claims(market, workspace, owners=[name], ids=ids)


def _tried(action: Callable[[], object]) -> int:
    """Do what a user's mistake may stop; anything else that is raised is a fault."""
    try:
        action()
    except EventlabError as error:
        if not str(error).strip():
            raise AssertionError(f"{type(error).__name__} says nothing") from error
        return 0
    return 1
