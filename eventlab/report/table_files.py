"""The tables of a run as files to take away: CSV, and a workbook of each event and strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.report.csv_files import write_csv_files
from eventlab.report.excel_files import write_workbook
from eventlab.report.flat_tables import file_stems
from eventlab.report.stored import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from eventlab.report.record import Run
    from eventlab.report.stored import AnyResult

__all__ = ["run_facts", "table_files", "write_table_files"]


def write_table_files(
    results: Iterable[AnyResult], folder: Path, facts: list[tuple[str, str]]
) -> None:
    """Write ``tables/<name>/*.csv`` and ``tables/<name>/<name>.xlsx`` into the folder of a run.

    ``name`` is that of an event or a strategy; ``facts`` are for the first sheet of workbooks.
    """
    by_name: dict[str, list[AnyResult]] = {}
    for result in results:
        by_name.setdefault(name_of(result), []).append(result)
    for name, own in by_name.items():
        place = folder / "tables" / name
        for result in own:
            write_csv_files(result, place)
        write_workbook(place / f"{name}.xlsx", own, facts)


def table_files(*results: AnyResult) -> list[str]:
    """Name what `write_table_files` writes of results of one event or strategy."""
    stems = [stem for result in results for stem in file_stems(result)]
    return [f"{name_of(results[0])}.xlsx", *(f"{stem}.csv" for stem in stems)]


def run_facts(run: Run) -> list[tuple[str, str]]:
    """Return what a run rested on, apart from its prices."""
    return [
        ("Command", run.command),
        ("Made at", run.generated_at),
        ("Versions", ", ".join(f"{name} {number}" for name, number in run.versions.items())),
    ]
