"""The run folder: every table as Parquet, every result as JSON, and what the run rested on.

The sums of these files are in `SUMS_FILE`, and whatever is read again is held against them.

A folder is written under a temporary name beside its place and renamed, so that a reader finds
the old run or the new one, whole. Two runs at once are safe: the later rename wins.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eventlab import __version__
from eventlab.errors import DataError, UsageError
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
TRIES = 100  # renames against another run that replaces the same folder
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
    filling = start_run(folder)
    try:
        if stored is not None:
            document, sums = read_document(stored)
            if document["eventlab"] == __version__:
                copy_results(run.results, stored, filling, sums)
        finish_run(run, filling, folder, pages=pages)
    finally:
        shutil.rmtree(filling, ignore_errors=True)


def start_run(folder: Path) -> Path:
    """Make the folder to fill, beside the place it will take: the caller removes what is left.

    Results may be written into it while others are computed.

    Raises
    ------
    UsageError
        ``folder`` is a file, or holds something that is not a run.
    """
    place = folder.resolve()
    check_target(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{place.name}.new-", dir=place.parent))


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
    filling.chmod(0o777 & ~_umask())
    _put_in_place(filling, folder.resolve())


def read_run(folder: Path) -> Run:
    """Read back what :func:`write_run` stored, pages apart.

    Raises
    ------
    UsageError
        ``folder`` is no run folder.
    DataError
        A file is missing or is not what the run wrote.
    """
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
        before = _identity(folder)
        if before is None:
            return
        if folder.is_file():
            raise UsageError(f"--out {folder} is a file; name a folder")
        if _is_run(folder) or _is_empty(folder):
            return
        if _identity(folder) == before:  # otherwise another run replaced it meanwhile: look again
            break
    raise UsageError(
        f"--out {folder} holds something that is not a run of eventlab (no {RUN_FILE} of ours); "
        f"name another folder, or empty this one"
    )


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


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one of the same name; None where there is none."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_ctime_ns


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


def _put_in_place(filling: Path, place: Path) -> None:
    """Rename the new folder to its place, the old one aside first; again if another run won."""
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}.old-", dir=place.parent))
    try:
        for attempt in range(TRIES):
            old = aside / str(attempt)
            with suppress(FileNotFoundError):
                place.rename(old)
            try:
                filling.rename(place)
            except OSError as error:
                if error.errno in {errno.ENOTEMPTY, errno.EEXIST} or place.exists():
                    continue  # another run put its folder there in between
                with suppress(OSError):
                    old.rename(place)
                raise
            return
        raise UsageError(f"--out {place} is being replaced by other runs all the time")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


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
