"""``eventlab contagion``: whether a shock travelled, pair by pair and through the network."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.contagion_overrides import ContagionOverrides, apply_contagion
from eventlab.cli.load import (
    Outcome,
    contagion_events,
    open_market,
    open_workspace,
    say_refused,
)
from eventlab.cli.messages import command_line, print_documents, say, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.study import find_events
from eventlab.cli.windows import BarOption, given_window
from eventlab.errors import DataError, DefinitionError

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition

__all__ = ["contagion"]


def contagion(  # noqa: PLR0913 - one parameter per option of the command line
    events: Annotated[
        list[str] | None, typer.Argument(metavar="EVENT...", help="Ids or paths of events.")
    ] = None,
    *,
    occurrence: Annotated[
        list[str] | None,
        typer.Option(
            "--occurrence", metavar="ID", help="Only this occurrence, in full; repeatable."
        ),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="TAG", help="Only occurrences with this tag.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="SYMBOL", help="Where the shock began.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", metavar="SYMBOL", help="This target or @group, not the file's; repeatable."
        ),
    ] = None,
    clock: Annotated[
        str | None, typer.Option("--clock", metavar="CODE", help="XNYS, 24/7 or another calendar.")
    ] = None,
    bar: BarOption = None,
    calm_window: Annotated[
        str | None, typer.Option("--calm-window", metavar="A,B", help="Bars before the shock.")
    ] = None,
    crisis_window: Annotated[
        str | None, typer.Option("--crisis-window", metavar="A,B", help="Bars of the shock.")
    ] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(
            "--factor", metavar="SYMBOL", help="Adjust returns for this series; repeatable."
        ),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option("--variant", metavar="FORM", help="Of the co-moment tests: raw or nu."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option("--draws", metavar="N", min=0, help="Placebo draws of the averages."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every pair, test, part and exclusion.")
    ] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Whether the shock of one or more events travelled, pair by pair and through the network.

    Pairs and their averages are measured at every occurrence; spillovers, paths, tails, leads,
    networks and regimes at those named by --occurrence, or else at the latest with prices.
    """
    overrides = ContagionOverrides(
        occurrences=tuple(occurrence or ()),
        tag=tag,
        source=source,
        targets=tuple(target or ()),
        clock=clock,
        bar=bar,
        calm_window=given_window("--calm-window", calm_window),
        crisis_window=given_window("--crisis-window", crisis_window),
        factors=tuple(factor or ()),
        variant=variant,
        draws=draws,
    )
    workspace, problems = open_workspace(directory, calendars=False)
    found, broken = find_events(workspace, problems, events or [], directory)
    lacking = [_no_section(event) for event in found if event.contagion is None]
    broken = (*broken, *lacking)
    if len(lacking) == len(found):
        raise DefinitionError(broken)
    asked = [apply_contagion(event, overrides) for event in found if event.contagion is not None]
    if out is not None:
        from eventlab.cli.run import check_folder

        check_folder(out)
    for problem in broken:
        say_error(problem)
    from eventlab.market.workspace_market import workspace_source

    named = workspace_source(workspace, data)
    number = seed if seed is not None else workspace.settings.seed
    market = open_market(named, asked, workspace, number, problems=problems)
    if not as_json:
        for line in market.understood:
            say(line, quiet=quiet)
    focus = overrides.focus or None
    outcome = contagion_events(asked, workspace, market, number, focus=focus, quiet=quiet)
    command = command_line()
    _show(outcome, command, as_json=as_json, verbose=verbose, several=len(set(events or [])) > 1)
    for failure in outcome.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    if out is not None:
        from eventlab.cli.run import record_run, write_folder

        write_folder(record_run(outcome, workspace, command, (named, number)), out)
    refused = say_refused(asked, workspace, market)
    codes = [outcome.exit_code, DefinitionError.exit_code if broken else 0]
    return max(*codes, DataError.exit_code if refused else 0)


def _no_section(event: "EventDefinition") -> str:
    return (
        f"error: {event.event}: no `contagion` section; add one with source, targets, calm_window "
        "and crisis_window"
    )


def _show(outcome: Outcome, command: str, *, as_json: bool, verbose: bool, several: bool) -> None:
    """Print documents, or tables; nothing for no contagion."""
    if not as_json:
        from eventlab.report.contagion.text import print_contagion

        for each in outcome.contagions:
            print_contagion(each, sys.stdout, verbose=verbose)
        return
    from eventlab.report.contagion.document import contagion_document

    documents = [contagion_document(each, command) for each in outcome.contagions]
    print_documents(documents, several=several)
