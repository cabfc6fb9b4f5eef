"""A process that writes the tables of a run as files while the first writes its pages.

It reads what the folder of the run holds already. It begins with the first event and the command,
once its pages are written, with the last strategy, until they meet. The process writes what the
command itself would have, byte for byte, and if it fails for any reason the command does so.
"""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventlab.cli.garbage import collect_rarely
from eventlab.cli.side_process import ended, given_document, processors, start_module

if TYPE_CHECKING:
    from eventlab.report.record import Run

__all__ = ["main", "tables_beside", "write_outputs"]

FEWEST: Final = 4  # results: the tables of fewer are written before a second process has started


def write_outputs(run: "Run", folder: Path) -> None:
    """Write the pages of a run, and its tables as CSV and workbooks, into its folder."""
    from eventlab.report.pages import write_pages

    with tables_beside(run, folder):
        write_pages(run, folder)


@contextmanager
def tables_beside(run: "Run", folder: Path) -> Iterator[None]:
    """Write the tables of a run that ``folder`` holds while the caller does something else."""
    from eventlab.report.table_files import (
        by_name,
        run_facts,
        share_table_files,
        write_table_files,
    )

    results, facts = by_name(run.results), run_facts(run)
    process = None
    if len(run.results) >= FEWEST and processors() > 1 and sys.executable:
        with suppress(OSError):
            document = {"folder": str(folder), "names": list(results), "facts": facts}
            process = start_module("eventlab.cli.table_process", document)
    with ended(process) if process is not None else nullcontext():
        yield
        if process is not None:
            share_table_files(reversed(results), results.__getitem__, folder, facts)
        if process is None or process.wait() != 0:
            write_table_files(run.results, folder, facts)


def main() -> int:
    """Write the tables of the run that stdin names."""
    from eventlab.report.stored import read_named
    from eventlab.report.table_files import share_table_files

    collect_rarely()
    given = given_document()
    folder = Path(given["folder"])
    facts = [(name, value) for name, value in given["facts"]]
    share_table_files(given["names"], lambda name: read_named(name, folder), folder, facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
