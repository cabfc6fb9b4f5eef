"""The tables of a run as files to take away: CSV, and a workbook of each event and strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.report.csv_files import write_csv_files
from eventlab.report.excel_files import write_workbook
from eventlab.report.flat_tables import file_stems, flat_tables
from eventlab.report.stored import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from eventlab.report.record import Run
    from eventlab.report.stored import AnyResult

__all__ = ["by_name", "run_facts", "share_table_files", "table_files", "write_table_files"]

TABLES: Final = "tables"
Facts = list[tuple[str, str]]


def write_table_files(results: Iterable[AnyResult], folder: Path, facts: Facts) -> None:
    """Write ``tables/<name>/*.csv`` and ``tables/<name>/<name>.xlsx`` into the folder of a run.

    ``name`` is that of an event or a strategy; ``facts`` are for the first sheet of workbooks.
    """
    for name, own in by_name(results).items():
        _write(own, folder / TABLES / name, facts)


def share_table_files(
    names: Iterable[str], results: Callable[[str], Sequence[AnyResult]], folder: Path, facts: Facts
) -> None:
    """Write what `write_table_files` would of ``results(name)``, with another process.

    A name is that process's which makes its folder; the other passes over it.
    """
    (folder / TABLES).mkdir(exist_ok=True)
    for name in names:
        place = folder / TABLES / name
        try:
            place.mkdir()
        except FileExistsError:
            continue
        _write(results(name), place, facts)


def by_name(results: Iterable[AnyResult]) -> dict[str, list[AnyResult]]:
    """Put the results of each event and strategy together, in the order of the first of each."""
    found: dict[str, list[AnyResult]] = {}
    for result in results:
        found.setdefault(name_of(result), []).append(result)
    return found


def _write(own: Sequence[AnyResult], place: Path, facts: Facts) -> None:
    tables = flat_tables(own)
    write_csv_files(tables, place)
    write_workbook(place / f"{place.name}.xlsx", own, tables, facts)


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
