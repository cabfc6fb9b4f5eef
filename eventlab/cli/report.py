"""``eventlab report``: the pages of a run again, from its stored results."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from pathlib import Path
from typing import Annotated

import typer

from eventlab.cli.messages import print_json, say
from eventlab.cli.options import JsonOption, OutOption, QuietOption, WorkspaceOption
from eventlab.cli.run import default_folder, write_folder
from eventlab.cli.sending import PdfOption, Sending, SingleFileOption

__all__ = ["report"]


def report(  # noqa: PLR0913 - one parameter per option of the command line
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="RUN", help="A run folder; reports/ of the workspace by default."),
    ] = None,
    *,
    directory: WorkspaceOption = Path(),
    out: OutOption = None,
    single_file: SingleFileOption = False,
    pdf: PdfOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the pages of a run again from its stored results, without computing anything."""
    from eventlab.report.numbers import counted
    from eventlab.report.store import read_run, run_document

    sending = Sending(single_file, pdf, quiet)
    sending.check()
    source = folder if folder is not None else default_folder(directory)
    stored = read_run(source)
    target = out if out is not None else source
    index = write_folder(stored, target, sending, stored=source)
    said = counted(len(stored.studies), "event")
    if stored.contagions:
        said += f", {counted(len(stored.contagions), 'contagion')}"
    if stored.backtests:
        said += f", {counted(len(stored.backtests), 'backtest')}"
    if stored.sweeps:
        said += f", {counted(len(stored.sweeps), 'sweep')}"
    if stored.claims is not None:
        said += f", {counted(len(stored.claims.claims), 'claim')}"
    say(f"{said} from {source}: {index}", quiet=quiet)
    sending.say_where(target)
    if as_json:
        print_json(run_document(stored))
