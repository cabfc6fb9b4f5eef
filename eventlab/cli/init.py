"""``eventlab init``: a new workspace."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from eventlab.cli.messages import say
from eventlab.cli.options import QuietOption

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the workspace is made.")],
    *,
    github: Annotated[
        bool,
        typer.Option(
            "--github",
            help="Also a workflow for GitHub Actions and a pre-commit hook; only these where DIR "
            "is a workspace.",
        ),
    ] = False,
    quiet: QuietOption = False,
) -> int:
    """Make a small workspace that runs as it stands; nothing is overwritten."""
    from eventlab.definitions.templates import make_workspace  # noqa: PLC0415 - see main.py

    for each in make_workspace(folder, github=github):
        say(f"wrote {folder / each}", quiet=quiet)
    say(f"now: eventlab -C {shlex.quote(str(folder))} run", quiet=quiet)
    return 0
