"""``eventlab audit``: whether a strategy's decisions depend on what came after them."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.messages import command_line, print_documents
from eventlab.cli.options import (
    DataOption,
    JsonOption,
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
from eventlab.errors import GateError

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
    changed: SetOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
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
    """Decide again on prices that end early, that go on differently and that come late.

    Every decision up to the cut has to be the same, bit for bit. Exit code 1 where one is not;
    the first is named.
    """
    overrides = StrategyOverrides(tuple(changed or ()), since, until, tuple(event or ()))
    asked = Asked(strategies or [], directory, data, seed, overrides, quiet or as_json)
    opened = open_strategies(asked)

    def one(strategy: "StrategyDefinition") -> "Audit":
        from eventlab.hedge.audit import run_audit

        with steps_bar(strategy.strategy, quiet=quiet) as progress:
            return run_audit(
                strategy,
                opened.market,
                opened.workspace,
                seed=opened.seed,
                cuts=cuts,
                progress=progress,
            )

    computed = compute(opened.strategies, one)
    several = len(set(asked.names)) > 1
    show(computed, as_json=as_json, verbose=verbose, several=several)
    dirty = any(not each.clean for each in computed.results)
    return opened.exit_code(computed) or (GateError.exit_code if dirty else 0)


def show(computed: "Computed[Audit]", *, as_json: bool, verbose: bool, several: bool) -> None:
    """Print documents, or tables; nothing for no audit."""
    if not as_json:
        from eventlab.report.hedge.text import print_audit

        for each in computed.results:
            print_audit(each, sys.stdout, verbose=verbose)
        return
    from eventlab.report.hedge.document import audit_document

    command = command_line()
    documents = [audit_document(each, command) for each in computed.results]
    print_documents(documents, several=several)
