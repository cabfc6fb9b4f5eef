"""``eventlab compare``: what changed between two runs, and why."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from pathlib import Path
from typing import Annotated

import typer

from eventlab.cli.messages import print_json, say
from eventlab.cli.options import JsonOption, QuietOption

__all__ = ["compare"]


def compare(
    before: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="That of another.")],
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every change.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A page to write, side by side: FILE.html."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say what changed between two runs and why: verdicts first, then numbers.

    What moved (data, definitions, versions, seed) is named beside each change. Differences are no
    failure: the exit code is 0.
    """
    from eventlab.report.compare.comparison import compare_runs

    found = compare_runs(before, after)
    names = (str(before), str(after))
    if out is not None:
        from eventlab.report.compare.page import write_comparison

        write_comparison(found, names, out)
        say(f"written: {out}", quiet=quiet)
    if as_json:
        from eventlab.report.compare.document import comparison_document

        print_json(comparison_document(found, names))
    elif out is None or verbose:
        from eventlab.report.compare.text import print_comparison

        print_comparison(found, names, sys.stdout, verbose=verbose)
