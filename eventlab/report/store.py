"""The run folder: every table as Parquet, every result as JSON, and what the run rested on.

The sums of these files are in `SUMS_FILE`, and whatever is read again is held against them.

A folder is written beside its place and renamed, as `eventlab.report.whole` says: a reader finds
the old run or the new one, whole. Two runs at once are safe: the later rename wins.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from eventlab import __version__
from eventlab.errors import DataError, EventlabError, UsageError
from eventlab.report.record import Failure, Run
from eventlab.report.stored import (
    BACKTESTS,
    CLAIMS,
    CONTAGIONS,
    STUDIES,
    SWEEPS,
    copy_results,
    damage,
    read_file,
    read_result,
    result_files,
    write_json,
    write_results,
)
from eventlab.report.sums import SUMS_FILE, read_sums, write_sums
from eventlab.report.whole import filled, identity, put_in_place, steady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eventlab.claims.results import Claims

__all__ = [
    "RUN_FILE",
    "RUN_SCHEMA",
    "check_target",
    "finish_run",
    "read_document",
    "read_run",
    "run_document",
    "start_run",
    "write_run",
]

RUN_FILE = "run.json"
RUN_SCHEMA = "eventlab.run/5"
LARGEST: Final = 64 << 20  # bytes of a run.json; one of a thousand events has half a million
TRIES = 100  # looks at a folder that others replace
Json = dict[str, Any]


def write_run(
    run: Run,
    folder: Path,
    *,
    pages: Callable[[Run, Path], None] | None = None,
    stored: Path | None = None,
) -> None:
    """Write a run folder in one piece, replacing an older run of the same name.

    Parameters
    ----------
    run
        What to store.
    folder
        Where; made with its parents when it does not exist.
    pages
        Called with the run and the folder that is being filled; writes the pages into it.
    stored
        The folder that the run was read from, if it was: where this version wrote it, the files
        of its results are taken as they are.

    Raises
    ------
    UsageError
        ``folder`` is a file, or holds something that is not a run.
    """
    with start_run(folder) as filling:
        if stored is not None:
            _copy(run, stored, filling)
        finish_run(run, filling, folder, pages=pages)


def _copy(run: Run, stored: Path, filling: Path) -> None:
    """Copy the results' files of a run from its folder, if that is still its own, and whole."""
    try:
        before = identity(stored)
        document, sums = read_document(stored)
        if document["eventlab"] == __version__ and document == run_document(run):
            copy_results(run.results, stored, filling, sums)
        if identity(stored) == before:
            return
    except (OSError, EventlabError):
        if identity(stored) == before:
            raise
    for each in filling.iterdir():  # another run took its place meanwhile
        shutil.rmtree(each)


@contextmanager
def start_run(folder: Path) -> Iterator[Path]:
    """Give the folder to fill, beside the place it will take; what is left of it is removed.

    Results may be written into it while others are computed.

    Raises
    ------
    UsageError
        ``folder`` is a file, or holds something that is not a run.
    """
    place = folder.resolve()
    check_target(place)
    with filled(place) as filling:
        yield filling


def finish_run(
    run: Run, filling: Path, folder: Path, *, pages: Callable[[Run, Path], None] | None = None
) -> None:
    """Write what ``filling`` does not hold of a run yet, and put it in its place."""
    write_results(STUDIES, run.studies, run.command, filling)
    write_results(CONTAGIONS, run.contagions, run.command, filling)
    write_results(BACKTESTS, run.backtests, run.command, filling)
    write_results(SWEEPS, run.sweeps, run.command, filling)
    write_results(CLAIMS, _claims(run), run.command, filling)
    if pages is not None:
        pages(run, filling)
    # Line by line: two runs of the same inputs differ in the one that says when.
    write_json(run_document(run), filling / RUN_FILE, indent=1)
    write_sums(filling, (RUN_FILE, *result_files(filling)))
    place = folder.resolve()
    check_target(place)  # again: it took a while
    put_in_place(filling, place)


def read_run(folder: Path) -> Run:
    """Read back what :func:`write_run` stored, pages apart.

    Raises
    ------
    UsageError
        ``folder`` is no run folder.
    DataError
        A file is missing or is not what the run wrote.
    """
    return steady(folder.resolve(), lambda _: _read(folder))


def _read(folder: Path) -> Run:
    document, sums = read_document(folder)
    names = [each["event"] for each in document["events"] if each["status"] == "studied"]
    failures = tuple(
        Failure(each["event"], each["reason"], each["exit_code"])
        for each in document["events"]
        if each["status"] != "studied"
    )
    return Run(
        studies=tuple(read_result(STUDIES, name, folder, sums) for name in names),
        failures=failures,
        command=document["command"],
        seed=document["seed"],
        source=document["source"],
        generated_at=document["generated_at"],
        versions=document["versions"],
        definitions=document["definitions"],
        title=document["title"],
        contagions=tuple(
            read_result(CONTAGIONS, each, folder, sums) for each in document["contagions"]
        ),
        backtests=tuple(
            read_result(BACKTESTS, each, folder, sums) for each in document["backtests"]
        ),
        sweeps=tuple(read_result(SWEEPS, each, folder, sums) for each in document["sweeps"]),
        claims=read_result(CLAIMS, CLAIMS.folder, folder, sums) if document["claims"] else None,
    )


def run_document(run: Run) -> Json:
    """Return what ``run.json`` holds: command, seed, versions, data, definitions, status."""
    stamps = run.stamps
    return {
        "schema": RUN_SCHEMA,
        "eventlab": __version__,
        "command": run.command,
        "generated_at": run.generated_at,
        "seed": run.seed,
        "source": run.source,
        "data": [
            {
                "source": stamp.source,
                "fingerprint": stamp.fingerprint,
                "simulated": stamp.simulated,
            }
            for stamp in sorted(stamps, key=lambda each: each.fingerprint)
        ],
        "versions": dict(run.versions),
        "definitions": dict(run.definitions),
        "title": run.title,
        "events": [*_studied(run), *_failed(run)],
        "contagions": [each.event.event for each in run.contagions],
        "backtests": [each.strategy.strategy for each in run.backtests],
        "sweeps": [each.strategy.strategy for each in run.sweeps],
        "claims": [
            {"event": row.event, "claim": row.claim, "verdict": row.verdict}
            for claims in _claims(run)
            for row in claims.claims.itertuples()
        ],
    }


def _claims(run: Run) -> tuple[Claims, ...]:
    return () if run.claims is None else (run.claims,)


def check_target(folder: Path) -> None:
    """Refuse to replace anything but an older run or an empty folder.

    Raises
    ------
    UsageError
        ``folder`` is a file, or holds something that is not a run.
    """
    for _ in range(TRIES):
        before = identity(folder)
        if before is None:
            _require_room(folder)
            return
        if folder.is_file():
            raise UsageError(f"--out {folder} is a file; name a folder")
        if _is_run(folder) or _is_empty(folder):
            return
        if identity(folder) == before:  # otherwise another run replaced it meanwhile: look again
            break
    raise UsageError(
        f"--out {folder} holds something that is not a run of eventlab (no {RUN_FILE} of ours); "
        f"name another folder, or empty this one"
    )


def _require_room(folder: Path) -> None:
    """Refuse a place below a file, before anything is computed for it."""
    nearest = next(each for each in folder.absolute().parents if each.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def _studied(run: Run) -> Iterator[Json]:
    for study in run.studies:
        yield {
            "event": study.event.event,
            "status": "studied",
            "reason": "",
            "exit_code": 0,
            "occurrences": len(study.occurrences),
            "cars": int(study.cars["car"].notna().sum()),
            "exclusions": len(study.exclusions),
        }


def _failed(run: Run) -> Iterator[Json]:
    for failure in run.failures:
        yield {
            "event": failure.event,
            "status": "failed" if failure.exit_code else "nothing to study",
            "reason": failure.reason,
            "exit_code": failure.exit_code,
        }


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False


def _is_run(folder: Path) -> bool:
    return _schema(folder) is not None


def _schema(folder: Path) -> str | None:
    """Return the schema that the ``run.json`` of a folder says; None where it is none of ours."""
    path = folder / RUN_FILE
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return None
        schema = json.loads(path.read_bytes()).get("schema")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return schema if isinstance(schema, str) and schema.startswith("eventlab.run/") else None


def read_document(folder: Path) -> tuple[Json, dict[str, str]]:
    """Read the ``run.json`` of a folder, and the sums of all that the run stored.

    Raises
    ------
    UsageError
        ``folder`` is no run folder, or one of another version.
    DataError
        A file of the run is missing, or its ``run.json`` is not what it wrote.
    """
    schema = _schema(folder)
    if schema is None and not (folder / SUMS_FILE).is_file():
        raise UsageError(f"{folder} is no run folder: it has no {RUN_FILE} of eventlab")
    if schema not in {None, RUN_SCHEMA}:
        raise UsageError(
            f"{folder} is a run of another version ({schema}, this one reads {RUN_SCHEMA}); "
            "run it again"
        )
    sums = read_sums(folder)
    try:
        document: Json = json.loads(read_file(RUN_FILE, folder, sums))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{folder / RUN_FILE} {damage(error)}; make the run again") from error
    return document, sums
