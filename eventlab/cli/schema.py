"""``eventlab schema``: the JSON Schema of one kind of definition."""

import sys
from typing import Annotated

import typer

from eventlab.errors import UsageError

__all__ = ["schema"]


def schema(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="event, strategy, universe, claims or workspace.")
    ],
) -> int:
    """Print the JSON Schema of a kind of definition, for editors to complete and explain."""
    from eventlab.definitions.problem import hint, listed, show  # noqa: PLC0415 - see main.py
    from eventlab.definitions.schema import SCHEMA_KINDS, schema_text  # noqa: PLC0415

    if kind not in SCHEMA_KINDS:
        near = hint(kind, SCHEMA_KINDS) or f"; there are {listed(SCHEMA_KINDS)}"
        raise UsageError(f"KIND: {show(kind)} is no kind of definition{near}")
    sys.stdout.write(schema_text(kind))
    return 0
