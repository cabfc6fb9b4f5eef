"""``eventlab claims``: published statements against the data."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.load import Outcome, open_market, open_workspace
from eventlab.cli.messages import command_line, print_json, say, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.progress import steps_bar
from eventlab.errors import DefinitionError, GateError, UsageError

if TYPE_CHECKING:
    from eventlab.claims.results import Claims
    from eventlab.definitions import Problem

__all__ = ["claims", "say_failed"]


def claims(  # noqa: PLR0913 - one parameter per option of the command line
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EVENT...", help="Events, or files of claims (claims-NAME); all by default."
        ),
    ] = None,
    *,
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", metavar="ID", help="Only this claim; repeatable."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every reading of every claim.")
    ] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Put published statements to the data, under every reading that their words allow.

    Exit code 1: a claim with `strict: true` is contradicted.
    """
    workspace, problems = open_workspace(directory, calendars=False)
    broken = _faulty(problems)
    for line in broken:
        say_error(line)
    known = {*workspace.events, *workspace.claims}
    spoilt = {each.path.stem for each in problems if each.severity == "error"} - known
    if events and not (events := [name for name in events if name not in spoilt]):
        return DefinitionError.exit_code
    from eventlab.claims import run_claims
    from eventlab.definitions.questions import questions_of

    questions = questions_of(workspace, events or None, claim or None)
    if not questions:
        whose = " and ".join(events or ()) or "the workspace"
        raise UsageError(
            f"nothing is claimed in {whose}; add `claims:` to an event file, or write "
            "events/claims-NAME.yaml (eventlab new claims NAME)"
        )
    if out is not None:
        from eventlab.cli.run import check_folder

        check_folder(out)
    from eventlab.market.workspace_market import claim_symbols, modelled_events, workspace_source

    source = workspace_source(workspace, data)
    number = seed if seed is not None else workspace.settings.seed
    market = open_market(
        source,
        modelled_events(questions),
        workspace,
        number,
        extra=claim_symbols(questions, workspace),
        problems=problems,
    )
    if not as_json:
        for line in market.understood:
            say(line, quiet=quiet)
    with steps_bar("claims", quiet=quiet) as progress:
        found = run_claims(
            market,
            workspace,
            owners=events or None,
            ids=claim or None,
            seed=number,
            progress=progress,
        )
    command = command_line()
    _show(found, command, as_json=as_json, verbose=verbose)
    if out is not None:
        from eventlab.cli.run import record_run, write_folder

        outcome = Outcome((), (), claims=found)
        write_folder(record_run(outcome, workspace, command, (source, number)), out)
    return max(say_failed(found), DefinitionError.exit_code if broken else 0)


def say_failed(found: "Claims") -> int:
    """Name the strict claims that are contradicted; return the exit code of that."""
    for row in found.failed.to_dict("records"):
        named = f"{row['claim']} of {row['event']}"
        say_error(f"error: claim {named}: contradicted, and strict: {row['reason']}")
    return GateError.exit_code if len(found.failed) else 0


def _faulty(problems: "tuple[Problem, ...]") -> list[str]:
    return [str(each) for each in problems if each.severity == "error"]


def _show(found: "Claims", command: str, *, as_json: bool, verbose: bool) -> None:
    """Print a document, or tables."""
    if as_json:
        from eventlab.report.claims.document import claims_document

        print_json(claims_document(found, command))
        return
    from eventlab.report.claims.text import print_claims

    print_claims(found, sys.stdout, verbose=verbose)
