"""``eventlab sweep``: the parameter grid of a strategy, and what its best is worth."""
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
from eventlab.cli.progress import steps_bar
from eventlab.cli.strategies import (
    compute,
    find_strategies,
    open_strategy_market,
    say_refused,
    say_understood,
)
from eventlab.errors import DataError

if TYPE_CHECKING:
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.results import Sweep

__all__ = ["sweep"]


def sweep(  # noqa: PLR0913 - one parameter per option of the command line
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="STRATEGY...", help="Ids or paths of strategies with a sweep."),
    ] = None,
    *,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", min=0, help="Bootstrap and placebo draws.")
    ] = 1000,
    splits: Annotated[
        int, typer.Option("--splits", metavar="N", min=2, help="Blocks of the CSCV, even.")
    ] = 16,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every set.")] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Run the parameter grid of strategies, with what many tries do to the best of them.

    Deflated Sharpe ratio, probability of overfitting, SPA and StepM against the book alone,
    walk-forward over the events, and the chosen set on random dates.
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

    def one(strategy: "StrategyDefinition") -> "Sweep":
        from eventlab.hedge.sweep import run_sweep

        with steps_bar(strategy.strategy, quiet=quiet) as progress:
            return run_sweep(
                strategy,
                market,
                workspace,
                seed=number,
                draws=draws,
                splits=splits,
                progress=progress,
            )

    computed = compute(found, one)
    command = shlex.join(["eventlab", *sys.argv[1:]])
    if as_json:
        from eventlab.report.hedge.document import sweep_document

        documents = [sweep_document(each, command) for each in computed.results]
        if documents or len(found) > 1:
            print_json(documents if len(found) > 1 else documents[0])
    else:
        from eventlab.report.hedge.text import print_sweep

        for each in computed.results:
            print_sweep(each, sys.stdout, verbose=verbose)
    for failure in computed.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    if out is not None:
        from eventlab.cli.run import record_run, write_folder

        outcome = Outcome((), computed.failures, sweeps=computed.results)
        write_folder(record_run(outcome, workspace, command, (source, number)), out)
    refused = say_refused(found, workspace, market)
    return max(computed.exit_code, DataError.exit_code if refused else 0)
