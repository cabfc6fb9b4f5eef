"""From names on the command line to strategies, their prices and their results."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from eventlab.cli.load import Outcome
from eventlab.cli.messages import say
from eventlab.errors import DefinitionError, EventlabError, UsageError
from eventlab.report.record import Failure

if TYPE_CHECKING:
    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.market.types import Market

__all__ = [
    "Computed",
    "backtest_all",
    "compute",
    "find_strategies",
    "open_strategy_market",
    "say_refused",
    "say_understood",
]

T = TypeVar("T")
MOST_SETS = 1_000  # a larger grid is for `eventlab sweep` alone


@dataclass(frozen=True, slots=True)
class Computed(Generic[T]):
    """Results in order of the strategies, and why others could not be computed."""

    results: tuple[T, ...]
    failures: tuple[Failure, ...]

    @property
    def exit_code(self) -> int:
        """The worst exit code of the failures; 0 when there is none."""
        return max((failure.exit_code for failure in self.failures), default=0)


def find_strategies(
    workspace: "Workspace", problems: "tuple[Problem, ...]", names: Sequence[str], directory: Path
) -> "tuple[StrategyDefinition, ...]":
    """Find the strategies that are named, by id or path.

    Raises
    ------
    UsageError
        None is named, or one that the workspace does not have.
    DefinitionError
        The file of one is faulty: all of its problems, and those of the events it needs.
    """
    from eventlab.definitions.problem import listed

    if not names:
        known = listed(workspace.strategies, most=40) or "none"
        raise UsageError(f"name at least one strategy; {directory} has: {known}")
    found: dict[str, StrategyDefinition] = {}
    for name in names:
        own = [str(each) for each in problems if each.severity == "error" and concerns(each, name)]
        try:
            strategy = workspace.strategy(name)
        except UsageError as error:
            if own:
                raise DefinitionError(tuple(own)) from error
            raise
        lacking = [event for event in strategy.events if event not in workspace.events]
        if lacking:
            raise DefinitionError(
                tuple(
                    str(each)
                    for each in problems
                    if each.severity == "error" and any(concerns(each, name) for name in lacking)
                )
                or (f"error: {strategy.strategy}: event {lacking[0]} is not in the workspace",)
            )
        found[strategy.strategy] = strategy
    return tuple(found.values())


def concerns(problem: "Problem", name: str) -> bool:
    """Whether a problem lies in the file of what is named."""
    return problem.path.stem == Path(name).stem


def open_strategy_market(
    source: str | None,
    strategies: "Sequence[StrategyDefinition]",
    workspace: "Workspace",
    seed: int,
) -> "Market":
    """Load the prices that strategies need.

    Raises
    ------
    DataError
        The source does not exist or holds no usable price.
    """
    from eventlab.market.workspace_market import market_for

    return market_for(workspace, source, events=(), seed=seed, strategies=strategies)


def compute(
    strategies: "Iterable[StrategyDefinition]",
    one: "Callable[[StrategyDefinition], T]",
    progress: Callable[[str], None] = lambda _: None,
) -> "Computed[T]":
    """Compute one strategy after another; one that fails does not stop the rest."""
    results: list[T] = []
    failures: list[Failure] = []
    for strategy in strategies:
        progress(strategy.strategy)
        try:
            results.append(one(strategy))
        except EventlabError as error:
            reason = str(error).removeprefix(f"{strategy.strategy}: ")
            failures.append(Failure(strategy.strategy, reason, error.exit_code))
    return Computed(tuple(results), tuple(failures))


def backtest_all(
    strategies: "Sequence[StrategyDefinition]",
    workspace: "Workspace",
    market: "Market",
    seed: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Backtest strategies, and sweep those that have a grid of at most `MOST_SETS`."""
    from eventlab.hedge.run import run_backtest
    from eventlab.hedge.sweep import run_sweep

    backtests = compute(
        strategies, lambda one: run_backtest(one, market, workspace, seed=seed), progress
    )
    done = {each.strategy.strategy for each in backtests.results}
    swept = [one for one in strategies if one.strategy in done and 1 < sets_of(one) <= MOST_SETS]
    sweeps = compute(swept, lambda one: run_sweep(one, market, workspace, seed=seed))
    failures = tuple(
        Failure(each.event, f"sweep: {each.reason}", each.exit_code) for each in sweeps.failures
    )
    return Outcome((), (*backtests.failures, *failures), (), backtests.results, sweeps.results)


def sets_of(strategy: "StrategyDefinition") -> int:
    """Size of a strategy's grid; 1 without one."""
    return prod(len(values) for values in strategy.sweep.values())


def say_refused(
    strategies: "Sequence[StrategyDefinition]", workspace: "Workspace", market: "Market"
) -> bool:
    """Name symbols of strategies whose prices are wrong; whether there are any."""
    from eventlab.cli.messages import say_error
    from eventlab.market.workspace_market import strategy_symbols

    names = {each for one in strategies for each in strategy_symbols(one, workspace)}
    refused = sorted(names & set(market.refused))
    for symbol in refused:
        say_error(f"error: {symbol} was refused: {market.refused[symbol]}")
    return bool(refused)


def say_understood(market: "Market", *, quiet: bool) -> None:
    """Say what each file of prices was taken for."""
    for line in market.understood:
        say(line, quiet=quiet)
