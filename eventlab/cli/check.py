"""``eventlab check``: results against their baselines, item by item."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.load import open_workspace
from eventlab.cli.messages import command_line, print_json, print_line, say, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.progress import steps_bar
from eventlab.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from eventlab.regression.check import Check

__all__ = ["check"]


def check(  # noqa: PLR0913 - one parameter per option of the command line
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME...",
            help="Strategies, events (EVENT or EVENT:study), files of claims; all by default.",
        ),
    ] = None,
    *,
    update: Annotated[
        bool, typer.Option("--update", help="Accept what is: show what moved, write baselines.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --update, also where CI is set.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A summary for a pull request, on stdout.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every metric and order that moved.")
    ] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Compare strategies, studies and claims under regression test with `baselines/`.

    Under test is what has `baseline:` in its file. Exit code 1: something moved, or a baseline is
    missing or belongs to nothing.
    """
    if as_json and markdown:
        raise UsageError("--json and --markdown both write to stdout; choose one")
    if force and not update:
        raise UsageError("--force goes with --update")
    from eventlab.regression.accept import accept, refuse_in_ci
    from eventlab.regression.check import run_check
    from eventlab.regression.subjects import errors_in, shared_errors

    if update:
        refuse_in_ci(forced=force)
    workspace, problems = open_workspace(directory, calendars=False)
    broken = tuple(str(each) for each in problems if each.severity == "error")
    for line in broken:
        say_error(line)
    # A study looks for overlaps in all events.
    lacking = update and errors_in(problems, workspace.root / "events")
    if lacking or shared_errors(problems, workspace.root):
        say_error("error: nothing was checked: results rest on the files with errors")
        return DefinitionError.exit_code
    faulty = {each.path.stem for each in problems if each.severity == "error"}
    sound = [name for name in names or () if Path(name.partition(":")[0]).stem not in faulty]
    if names and not sound:
        return DefinitionError.exit_code
    with steps_bar("check", quiet=quiet) as progress:
        found = run_check(workspace, sound, source=data, seed=seed, progress=progress)
    found = replace(found, problems=broken)
    _show(found, as_json=as_json, markdown=markdown, verbose=verbose)
    if not update:
        return found.exit_code
    for place, done in accept(found):
        say(f"{done}: {place}", quiet=quiet)
    return found.failed_code


def _show(found: "Check", *, as_json: bool, markdown: bool, verbose: bool) -> None:
    from eventlab.regression.document import check_document, is_simulated

    if as_json:
        print_json(check_document(found, command_line()))
    elif markdown:
        from eventlab.regression.markdown import check_markdown

        print_line(check_markdown(found, simulated=is_simulated(found)).rstrip("\n"))
    else:
        from eventlab.regression.text import print_check

        print_check(found, sys.stdout, verbose=verbose, simulated=is_simulated(found))
