"""Damage to the files of a run folder, one at a time and undone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventlab.errors import DataError
from eventlab.report.compare.comparison import compare_runs
from eventlab.report.record import Failure, Run
from eventlab.report.store import read_document, read_run, write_run
from eventlab.report.stored import copy_results
from eventlab.report.sums import SUMS_FILE, read_sums
from tests.report.claims.make_claims import make_claims
from tests.report.hedge.make_results import make_results
from tests.report.make_contagion import make_contagion
from tests.report.make_study import make_study

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

__all__ = ["damaged", "faults_of", "stored_files", "whole_run", "write_whole"]

ODD: Final[tuple[object, ...]] = (
    None,
    True,
    -1,
    1e308,
    "",
    "x" * 10_000,
    [],
    {},
    [[]],
    {"a": None},
    "\x1b[31m",
)


def whole_run() -> Run:
    """A run with a result of every kind and a failure."""
    made = make_results()
    return Run(
        studies=(make_study(n_occurrences=3),),
        failures=(Failure("broken", "events/broken.yaml:1:1: event: is missing", 2),),
        command="eventlab run",
        seed=3,
        source="prices",
        generated_at="2026-01-02T03:04:05+00:00",
        versions={"eventlab": "0.1.0"},
        definitions={"events/oracle-earnings.yaml": "ab" * 32},
        contagions=(make_contagion(),),
        backtests=(made.backtest,),
        sweeps=(made.sweep,),
        claims=make_claims(),
    )


def write_whole(folder: Path) -> Path:
    """Write the whole run twice, as ``before`` and, with another seed, ``after``."""
    run = whole_run()
    write_run(run, folder / "before")
    write_run(replace(run, seed=4, generated_at="2026-01-03T03:04:05+00:00"), folder / "after")
    return folder


def stored_files(run: Path) -> list[str]:
    """Every file of a run that is read again."""
    return sorted([*read_sums(run), SUMS_FILE])


@contextmanager
def damaged(run: Path, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Damage one file of a run; yields its name and what was done, and mends it."""
    name = draw.choice(stored_files(run))
    path = run / name
    whole = path.read_bytes()
    how = draw.choice(("flip", "cut", "empty", "gone", "other", "junk", "more", "json", "place"))
    if how == "place":
        how = _replace(path, draw)
    elif how == "gone":
        path.unlink()
    else:
        path.write_bytes(_changed(whole, how, run, draw))
    try:
        yield name, how
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(whole)


def faults_of(runs: Path, name: str) -> list[str]:
    """What is wrong with the answers of all readers to a damaged file of ``after``."""
    faults = []
    for reader in (_report, _compare):
        try:
            reader(runs)
        except DataError as error:
            said = str(error)
            if str(runs / "after" / name) not in said and SUMS_FILE not in said:
                faults.append(f"{reader.__name__} does not name {name}: {said}")
            if "make the run again" not in said or len(said) > 1000:
                faults.append(f"{reader.__name__} has no short remedy: {said[:1000]}")
        except Exception as error:  # noqa: BLE001 - any other is the fault that is looked for
            faults.append(f"{reader.__name__}: {type(error).__name__}: {error}")
        else:
            unread = name.count("/") == 1 or name == SUMS_FILE  # a document, or the sum of one
            if reader is _report or not unread:
                faults.append(f"{reader.__name__} did not see that {name} is damaged")
    return faults


def _report(runs: Path) -> None:
    """What ``eventlab report`` reads and copies."""
    run = read_run(runs / "after")
    _, sums = read_document(runs / "after")
    with tempfile.TemporaryDirectory() as folder:
        copy_results(run.results, runs / "after", Path(folder), sums)


def _compare(runs: Path) -> None:
    compare_runs(runs / "before", runs / "after")


def _changed(  # noqa: PLR0911 - one for each way
    whole: bytes, how: str, run: Path, draw: random.Random
) -> bytes:
    if how == "empty":
        return b""
    if how == "flip":
        at = draw.randrange(len(whole))
        return whole[:at] + bytes([whole[at] ^ (1 << draw.randrange(8))]) + whole[at + 1 :]
    if how == "cut":
        return whole[: draw.randrange(len(whole))]
    if how == "other":
        others = [(run / other).read_bytes() for other in stored_files(run)]
        return draw.choice([content for content in others if content != whole])
    if how == "junk":
        return draw.randbytes(draw.randrange(1, 300))
    if how == "more":
        return whole + draw.choice((b"\n", b"\x00", whole))
    return _odd_json(whole, draw)


def _odd_json(whole: bytes, draw: random.Random) -> bytes:
    """Another value in the place of one; nests of brackets where it is no JSON."""
    try:
        document = json.loads(whole)
    except ValueError:
        return draw.choice((b"[" * 100_000, b'{"a":' * 50_000, b"NaN", b"null", b"1" * 5_000))
    if not isinstance(document, dict):
        return b"[]"
    key = draw.choice(sorted(document))
    value = draw.choice([odd for odd in ODD if odd != document[key]])
    return json.dumps({**document, key: value}).encode()


def _replace(path: Path, draw: random.Random) -> str:
    path.unlink()
    how = draw.choice(("folder", "link to itself", "link to nowhere", "pipe"))
    if how == "folder":
        path.mkdir()
    elif how == "link to itself":
        path.symlink_to(path.name)
    elif how == "link to nowhere":
        path.symlink_to("nowhere")
    else:
        os.mkfifo(path)
    return how
