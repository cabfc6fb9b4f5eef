"""``eventlab new``: a commented event, strategy or claims file to start from."""

from pathlib import Path
from typing import Annotated

import typer

from eventlab.cli.messages import say
from eventlab.cli.options import QuietOption, WorkspaceOption
from eventlab.errors import UsageError

__all__ = ["new"]


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="event, strategy or claims.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its id and the name of its file, as in my-event.")
    ],
    *,
    directory: WorkspaceOption = Path(),
    quiet: QuietOption = False,
) -> int:
    """Write a commented event, strategy or claims file that validates as it stands."""
    from eventlab.definitions import check_workspace  # noqa: PLC0415 - see main.py
    from eventlab.definitions.problem import hint, show  # noqa: PLC0415
    from eventlab.definitions.templates import NewKind, new_definition  # noqa: PLC0415

    kinds: dict[str, NewKind] = {"event": "event", "strategy": "strategy", "claims": "claims"}
    if kind not in kinds:
        near = hint(kind, kinds) or "; event, strategy or claims"
        raise UsageError(f"KIND: {show(kind)} is nothing that can be made{near}")
    workspace, _ = check_workspace(directory)
    path = new_definition(kinds[kind], name, workspace)
    say(f"wrote {path}", quiet=quiet)
    return 0
