"""``eventlab backtest``: a hedge strategy event by event, with all its costs."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.load import Outcome
from eventlab.cli.messages import command_line, print_documents
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.strategies import Asked, Computed, compute, open_strategies
from eventlab.cli.strategy_overrides import (
    EventOption,
    SetOption,
    SinceOption,
    StrategyOverrides,
    UntilOption,
)

if TYPE_CHECKING:
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.results import Backtest

__all__ = ["backtest"]


def backtest(  # noqa: PLR0913 - one parameter per option of the command line
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="STRATEGY...", help="Ids or paths of strategies."),
    ] = None,
    *,
    changed: SetOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", min=0, help="Random schedules of the placebo.")
    ] = 500,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every leg, ratio, order and exclusion.")
    ] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Backtest strategies around their events: what the hedge gave, what it cost, event by event.

    Beside the book alone, the hedge all the time, cash, and the same strategy on random dates.
    """
    overrides = StrategyOverrides(tuple(changed or ()), since, until, tuple(event or ()))
    asked = Asked(strategies or [], directory, data, seed, overrides, quiet or as_json)
    opened = open_strategies(asked, out)

    def one(strategy: "StrategyDefinition") -> "Backtest":
        from eventlab.hedge.run import run_backtest

        return run_backtest(
            strategy, opened.market, opened.workspace, seed=opened.seed, draws=draws
        )

    computed = compute(opened.strategies, one)
    command = command_line()
    several = len(set(asked.names)) > 1
    show(computed, command, as_json=as_json, verbose=verbose, several=several)
    if out is not None:
        opened.write(Outcome((), computed.failures, backtests=computed.results), command, out)
    return opened.exit_code(computed)


def show(
    computed: "Computed[Backtest]", command: str, *, as_json: bool, verbose: bool, several: bool
) -> None:
    """Print documents, or tables; nothing for no backtest."""
    if not as_json:
        from eventlab.report.hedge.text import print_backtest

        for each in computed.results:
            print_backtest(each, sys.stdout, verbose=verbose)
        return
    from eventlab.report.hedge.document import backtest_document

    documents = [backtest_document(each, command) for each in computed.results]
    print_documents(documents, several=several)
