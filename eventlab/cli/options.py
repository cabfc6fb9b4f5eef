"""The options that every command shares, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "DataOption",
    "JsonOption",
    "OutOption",
    "QuietOption",
    "SeedOption",
    "WorkspaceOption",
]

WorkspaceOption = Annotated[
    Path,
    typer.Option("-C", "--directory", metavar="DIR", help="The workspace.", show_default=True),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="SOURCE",
        help="Prices: sample, arch, or a file or folder of Parquet or CSV.",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where to write the results.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Results as JSON on stdout, and nothing else there.")
]
SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        help="Seed of everything that is drawn.",
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors on stderr, and no progress bar.")
]
