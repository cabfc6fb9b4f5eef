"""``eventlab backtest``: a hedge strategy event by event, with all its costs."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.load import Outcome, open_workspace
from eventlab.cli.messages import print_json, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.strategies import (
    Computed,
    compute,
    find_strategies,
    open_strategy_market,
    say_refused,
    say_understood,
)
from eventlab.errors import DataError

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
    workspace, problems = open_workspace(directory, calendars=False)
    found = find_strategies(workspace, problems, strategies or [], directory)
    if out is not None:
        from eventlab.cli.run import check_folder

        check_folder(out)
    from eventlab.market.workspace_market import workspace_source

    source = workspace_source(workspace, data)
    number = seed if seed is not None else workspace.settings.seed
    market = open_strategy_market(source, found, workspace, number)
    say_understood(market, quiet=quiet or as_json)

    def one(strategy: "StrategyDefinition") -> "Backtest":
        from eventlab.hedge.run import run_backtest

        return run_backtest(strategy, market, workspace, seed=number, draws=draws)

    computed = compute(found, one)
    command = shlex.join(["eventlab", *sys.argv[1:]])
    show(computed, command, as_json=as_json, verbose=verbose, several=len(found) > 1)
    for failure in computed.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    if out is not None:
        from eventlab.cli.run import record_run, write_folder

        outcome = Outcome((), computed.failures, (), computed.results)
        write_folder(record_run(outcome, workspace, command, (source, number)), out)
    refused = say_refused(found, workspace, market)
    return max(computed.exit_code, DataError.exit_code if refused else 0)


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
    if documents or several:
        print_json(documents if several else documents[0])
