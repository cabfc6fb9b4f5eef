"""``eventlab sweep``: the parameter grid of a strategy, and what its best is worth."""
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
from eventlab.cli.progress import steps_bar
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
    from eventlab.hedge.results import Sweep

__all__ = ["sweep"]


def sweep(  # noqa: PLR0913 - one parameter per option of the command line
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="STRATEGY...", help="Ids or paths of strategies with a sweep."),
    ] = None,
    *,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid",
            metavar="PATH=LIST",
            help="Sweep these values, not the file's, as in when.exit=[1,5,10]; repeatable.",
        ),
    ] = None,
    changed: SetOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
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
    overrides = StrategyOverrides(
        tuple(changed or ()), since, until, tuple(event or ()), tuple(grid or ())
    )
    asked = Asked(strategies or [], directory, data, seed, overrides, quiet or as_json)
    opened = open_strategies(asked, out)

    def one(strategy: "StrategyDefinition") -> "Sweep":
        from eventlab.hedge.sweep import run_sweep

        with steps_bar(strategy.strategy, quiet=quiet) as progress:
            return run_sweep(
                strategy,
                opened.market,
                opened.workspace,
                seed=opened.seed,
                draws=draws,
                splits=splits,
                progress=progress,
            )

    computed = compute(opened.strategies, one)
    command = command_line()
    several = len(set(asked.names)) > 1
    show(computed, command, as_json=as_json, verbose=verbose, several=several)
    if out is not None:
        opened.write(Outcome((), computed.failures, sweeps=computed.results), command, out)
    return opened.exit_code(computed)


def show(
    computed: "Computed[Sweep]", command: str, *, as_json: bool, verbose: bool, several: bool
) -> None:
    """Print documents, or tables; nothing for no sweep."""
    if not as_json:
        from eventlab.report.hedge.text import print_sweep

        for each in computed.results:
            print_sweep(each, sys.stdout, verbose=verbose)
        return
    from eventlab.report.hedge.document import sweep_document

    documents = [sweep_document(each, command) for each in computed.results]
    print_documents(documents, several=several)
