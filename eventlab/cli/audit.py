"""``eventlab audit``: whether a strategy's decisions depend on what came after them."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.load import open_workspace
from eventlab.cli.messages import print_json, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
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
from eventlab.errors import DataError, GateError

if TYPE_CHECKING:
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.results import Audit

__all__ = ["audit"]


def audit(  # noqa: PLR0913 - one parameter per option of the command line
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="STRATEGY...", help="Ids or paths of strategies."),
    ] = None,
    *,
    cuts: Annotated[
        int, typer.Option("--cuts", metavar="N", min=1, help="Instants at which to cut.")
    ] = 12,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every change.")] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Decide again on prices that end early and on prices that go on differently.

    Every decision up to the cut has to be the same, bit for bit. Exit code 1 where one is not;
    the first is named.
    """
    workspace, problems = open_workspace(directory, calendars=False)
    found = find_strategies(workspace, problems, strategies or [], directory)
    from eventlab.market.workspace_market import workspace_source

    number = seed if seed is not None else workspace.settings.seed
    market = open_strategy_market(workspace_source(workspace, data), found, workspace, number)
    say_understood(market, quiet=quiet or as_json)

    def one(strategy: "StrategyDefinition") -> "Audit":
        from eventlab.hedge.audit import run_audit

        with steps_bar(strategy.strategy, quiet=quiet) as progress:
            return run_audit(strategy, market, workspace, seed=number, cuts=cuts, progress=progress)

    computed = compute(found, one)
    if as_json:
        from eventlab.report.hedge.document import audit_document

        command = shlex.join(["eventlab", *sys.argv[1:]])
        documents = [audit_document(each, command) for each in computed.results]
        if documents or len(found) > 1:
            print_json(documents if len(found) > 1 else documents[0])
    else:
        from eventlab.report.hedge.text import print_audit

        for each in computed.results:
            print_audit(each, sys.stdout, verbose=verbose)
    for failure in computed.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    refused = say_refused(found, workspace, market)
    dirty = any(not each.clean for each in computed.results)
    codes = (computed.exit_code, DataError.exit_code if refused else 0)
    return max(codes) or (GateError.exit_code if dirty else 0)
