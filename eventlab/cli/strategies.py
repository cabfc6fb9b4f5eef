"""From names on the command line to strategies, their prices and their results."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from eventlab.cli.load import Outcome, open_workspace
from eventlab.cli.messages import say, say_error
from eventlab.cli.strategy_overrides import StrategyOverrides, apply_strategy
from eventlab.errors import DataError, DefinitionError, EventlabError, UsageError
from eventlab.report.record import Failure

if TYPE_CHECKING:
    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.market.types import Market

__all__ = [
    "MOST_SETS",
    "Asked",
    "Computed",
    "Opened",
    "backtest_all",
    "compute",
    "find_strategies",
    "open_strategies",
    "open_strategy_market",
    "say_refused",
    "sets_of",
    "unusable",
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which strategies, of which workspace, with which prices."""

    names: Sequence[str]
    directory: Path
    data: str | None
    seed: int | None
    overrides: StrategyOverrides
    quiet: bool  # without what the files of prices were taken for


@dataclass(frozen=True, slots=True)
class Opened:
    """The strategies as this call runs them, with their prices.

    ``broken`` says what is wrong with those of them that have no definition without errors.
    """

    workspace: "Workspace"
    strategies: "tuple[StrategyDefinition, ...]"
    broken: tuple[str, ...]
    market: "Market"
    source: str
    seed: int

    def exit_code(self, computed: "Computed[Any]") -> int:
        """Say what could not be computed; the worst exit code of it all."""
        for failure in computed.failures:
            say_error(f"error: {failure.event}: {failure.reason}")
        refused = say_refused(self.strategies, self.workspace, self.market)
        codes = (computed.exit_code, DefinitionError.exit_code if self.broken else 0)
        return max(*codes, DataError.exit_code if refused else 0)

    def write(self, outcome: Outcome, command: str, out: Path) -> None:
        """Write what came of it to a run folder."""
        from eventlab.cli.run import record_run, write_folder

        basis = (self.source, self.seed)
        write_folder(record_run(outcome, self.workspace, command, basis), out)


def open_strategies(asked: Asked, out: Path | None = None) -> Opened:
    """Find the strategies, change what this call changes, and load their prices.

    Raises
    ------
    UsageError
        None is named, or one that the workspace does not have; an option does not fit; or ``out``
        is no folder that a run may replace.
    DefinitionError
        None of the named strategies has a definition without errors.
    DataError
        The source does not exist or holds no usable price.
    """
    workspace, problems = open_workspace(asked.directory, calendars=False)
    found, broken = find_strategies(workspace, problems, asked.names, asked.directory)
    strategies = tuple(apply_strategy(each, asked.overrides, workspace) for each in found)
    if out is not None:
        from eventlab.cli.run import check_folder

        check_folder(out)
    for problem in broken:
        say_error(problem)
    from eventlab.market.workspace_market import workspace_source

    source = workspace_source(workspace, asked.data)
    seed = asked.seed if asked.seed is not None else workspace.settings.seed
    market = open_strategy_market(source, strategies, workspace, seed)
    for line in market.understood:
        say(line, quiet=asked.quiet)
    return Opened(workspace, strategies, broken, market, source, seed)


def find_strategies(
    workspace: "Workspace", problems: "tuple[Problem, ...]", names: Sequence[str], directory: Path
) -> "tuple[tuple[StrategyDefinition, ...], tuple[str, ...]]":
    """Find the strategies that are named, and what is wrong with those that cannot be used.

    Raises
    ------
    UsageError
        None is named, or one that the workspace does not have.
    DefinitionError
        None of the named strategies has a definition without errors.
    """
    from eventlab.definitions.problem import listed

    if not names:
        known = listed(workspace.strategies, most=40) or "none"
        raise UsageError(f"name at least one strategy; {directory} has: {known}")
    found: dict[str, StrategyDefinition] = {}
    broken: dict[str, None] = {}
    folder = workspace.root / "strategies"
    for name in names:
        own = [str(each) for each in problems if concerns(each, name, folder)]
        try:
            strategy = workspace.strategy(name)
        except DefinitionError as error:
            broken.update(dict.fromkeys(error.problems))
            continue
        except UsageError:
            if not own:
                raise
            broken.update(dict.fromkeys(own))
            continue
        why = unusable(strategy, workspace)
        if why:
            faulty = (each for each in problems if each.severity == "error")
            broken.update(
                (str(each), None) for each in faulty if not each.path.is_relative_to(folder)
            )
            broken[f"error: {strategy.strategy}: {why}"] = None
            continue
        found[strategy.strategy] = strategy
    if not found:
        raise DefinitionError(tuple(broken))
    return tuple(found.values()), tuple(broken)


def unusable(strategy: "StrategyDefinition", workspace: "Workspace") -> str:
    """Say what a sound strategy names that the workspace has no sound definition of."""
    from eventlab.market.workspace_market import strategy_symbols

    lacking = [event for event in strategy.events if event not in workspace.events]
    if lacking:
        return f"its event {lacking[0]} has a file with errors"
    try:
        strategy_symbols(strategy, workspace)
    except UsageError as error:
        return str(error)
    return ""


def concerns(problem: "Problem", name: str, folder: Path) -> bool:
    """Whether an error lies in the file of what is named, in a folder of definitions."""
    path = problem.path
    here = path.is_relative_to(folder) and path.stem == name
    return problem.severity == "error" and (here or path.resolve() == Path(name).resolve())


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
    from eventlab.market.workspace_market import strategy_symbols

    names = {each for one in strategies for each in strategy_symbols(one, workspace)}
    refused = sorted(names & set(market.refused))
    for symbol in refused:
        say_error(f"error: {symbol} was refused: {market.refused[symbol]}")
    return bool(refused)
