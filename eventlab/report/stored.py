"""One result in a run folder: its tables as Parquet, what it is about as JSON, and its document."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from eventlab.claims.results import Claims
from eventlab.contagion.results import EventContagion
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.errors import DataError
from eventlab.hedge.results import Backtest, Sweep
from eventlab.market.types import DataStamp
from eventlab.report.claims.document import claims_text
from eventlab.report.contagion.document import contagion_text
from eventlab.report.documents import study_text
from eventlab.report.hedge.document import backtest_text, sweep_text
from eventlab.report.plain import json_text
from eventlab.report.sums import check_sum
from eventlab.study.results import EventStudy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

__all__ = [
    "BACKTESTS",
    "CLAIMS",
    "CONTAGIONS",
    "STUDIES",
    "SWEEPS",
    "AnyResult",
    "Kind",
    "copy_results",
    "damage",
    "kind_of",
    "name_of",
    "read_file",
    "read_named",
    "read_result",
    "result_files",
    "table_names",
    "title_of",
    "write_json",
    "write_result",
    "write_results",
]

NOT_TABLES: Final = ("event", "strategy", "stamp", "seed", "convention")
Json = dict[str, Any]
AnyResult = EventStudy | EventContagion | Backtest | Sweep | Claims
Result = TypeVar("Result", EventStudy, EventContagion, Backtest, Sweep, Claims)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Result]):
    """A kind of result: its folder in the run, its type, and how it is written as JSON."""

    folder: str
    type: type[Result]
    text: Callable[[Result, str], str]


STUDIES: Final = Kind("study", EventStudy, study_text)
CONTAGIONS: Final = Kind("contagion", EventContagion, contagion_text)
BACKTESTS: Final = Kind("backtest", Backtest, backtest_text)
SWEEPS: Final = Kind("sweep", Sweep, sweep_text)
CLAIMS: Final = Kind("claims", Claims, claims_text)
KINDS: Final[tuple[Kind[Any], ...]] = (STUDIES, CONTAGIONS, BACKTESTS, SWEEPS, CLAIMS)


def write_results(kind: Kind[Result], results: Iterable[Result], command: str, run: Path) -> None:
    """Write those results into the folder of a run that it does not hold yet."""
    for result in results:
        if not (run / kind.folder / f"{name_of(result)}.json").exists():
            write_result(kind, result, command, run)


def copy_results(
    results: Iterable[AnyResult], old: Path, new: Path, sums: Mapping[str, str]
) -> None:
    """Copy the files of results that the folder of one run holds into that of another.

    Raises
    ------
    DataError
        A document is not what the run wrote. The tables were looked at when they were read.
    """
    for result in results:
        kind, name = kind_of(result).folder, name_of(result)
        document = f"{kind}/{name}.json"
        if document in sums:
            (new / kind / name).mkdir(parents=True)
            for file in sums:  # what else lies there is no part of the run
                if file.startswith(f"{kind}/{name}/"):
                    shutil.copyfile(old / file, new / file)
            (new / document).write_bytes(read_file(document, old, sums))


def result_files(run: Path) -> list[str]:
    """Name every file of the results in the folder of a run, relative to it."""
    return [
        path.relative_to(run).as_posix()
        for kind in KINDS
        for path in sorted((run / kind.folder).rglob("*"))
        if path.suffix in {".parquet", ".json"}
    ]


def kind_of(result: AnyResult) -> Kind[Any]:
    """Return the kind that a result is of."""
    return next(kind for kind in KINDS if isinstance(result, kind.type))


def table_names(of: type) -> tuple[str, ...]:
    """Name the tables of a type of result, in its order."""
    return tuple(name for name in _names(of) if name not in NOT_TABLES)


def name_of(result: AnyResult) -> str:
    """Id of the event or strategy that a result is of; ``claims`` for those of a workspace."""
    if isinstance(result, Claims):
        return CLAIMS.folder
    if isinstance(result, (Backtest, Sweep)):
        return result.strategy.strategy
    return result.event.event


def title_of(result: AnyResult) -> str:
    """Title of the event or strategy that a result is of."""
    if isinstance(result, Claims):
        return "Claims"
    if isinstance(result, (Backtest, Sweep)):
        return result.strategy.title
    return result.event.title


def write_result(kind: Kind[Result], result: Result, command: str, run: Path) -> None:
    """Write ``<kind>/<name>/`` and ``<kind>/<name>.json`` into the folder of a run."""
    folder = run / kind.folder / name_of(result)
    folder.mkdir(parents=True)
    for name in table_names(kind.type):
        frame: pd.DataFrame = getattr(result, name)
        table = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
        pq.write_table(table, folder / f"{name}.parquet")
    about = {
        "stamp": {name: getattr(result.stamp, name) for name in _names(DataStamp)},
        **_about(result),
        **{name: getattr(result, name) for name in _plain(kind.type)},
    }
    write_json(about, folder / "about.json")
    text = kind.text(result, command)
    (folder.parent / f"{name_of(result)}.json").write_text(text + "\n", encoding="utf-8")


def read_result(
    kind: Kind[Result], name: str, run: Path, sums: Mapping[str, str] | None = None
) -> Result:
    """Read back what `write_result` stored; ``sums`` are those of a run that is whole.

    Raises
    ------
    DataError
        A table is missing or damaged.
    """
    folder, inside = run / kind.folder / name, f"{kind.folder}/{name}"
    names = table_names(kind.type)
    lacking = [each for each in names if not (folder / f"{each}.parquet").is_file()]
    if lacking:
        raise DataError(
            f"{folder} has no {lacking[0]}.parquet: it is damaged, or another version stored it; "
            f"run the {kind.folder} again"
        )
    try:
        about = json.loads(read_file(f"{inside}/about.json", run, sums))
        tables = {
            each: _read_table(read_file(f"{inside}/{each}.parquet", run, sums)) for each in names
        }
        return _put_together(kind, about, tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{folder} {damage(error)}; run the {kind.folder} again") from error


def read_file(name: str, run: Path, sums: Mapping[str, str] | None = None) -> bytes:
    """Read a file of a run, named relative to its folder.

    Raises
    ------
    DataError
        It cannot be read, or is not what the run wrote; without ``sums`` nobody knows the latter.
    """
    try:
        content = (run / name).read_bytes()
    except OSError as error:
        raise DataError(f"{run / name} cannot be read ({error}); make the run again") from error
    return content if sums is None else check_sum(content, name, run, sums)


def damage(error: Exception) -> str:
    """Say in a line what is wrong with a file that a run stored."""
    if isinstance(error, KeyError):
        return f"is damaged: about.json lacks {error}"
    (first, *_) = str(error).splitlines() or [type(error).__name__]
    return f"is damaged: {first}"


def _put_together(kind: Kind[Result], about: Json, tables: dict[str, pd.DataFrame]) -> Result:
    if "tags" in tables.get("occurrences", ()):
        tables["occurrences"]["tags"] = [tuple(tags) for tags in tables["occurrences"]["tags"]]
    parts: dict[str, Any] = {each: about[each] for each in _plain(kind.type)} | tables
    if "event" in about:
        parts["event"] = EventDefinition.model_validate_json(json.dumps(about["event"]))
    elif "strategy" in about:
        parts["strategy"] = StrategyDefinition.model_validate_json(json.dumps(about["strategy"]))
    parts["stamp"] = DataStamp(**about["stamp"])
    return kind.type(**parts)


def read_named(name: str, run: Path) -> list[AnyResult]:
    """Read every result of one event or strategy that a folder holds.

    Raises
    ------
    DataError
        A table is missing or damaged.
    """
    return [read_result(kind, name, run) for kind in KINDS if (run / kind.folder / name).is_dir()]


def _read_table(content: bytes) -> pd.DataFrame:
    """Read a table with the types that it had: Parquet has no seconds, which sessions are in.

    pandas does the same in twice the time, and threads cost more than they bring: a run has
    hundreds of small tables.
    """
    stored = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    table: pd.DataFrame = stored.to_pandas(use_threads=False)
    sessions = [name for name, dtype in table.dtypes.items() if dtype == "datetime64[ms]"]
    return table.astype(dict.fromkeys(sessions, "datetime64[s]")) if sessions else table


def write_json(document: Json, path: Path, *, indent: int | None = None) -> None:
    """Write plain values as one line, or a line each with an ``indent``."""
    path.write_text(json_text(document, indent=indent) + "\n", encoding="utf-8")


def _about(result: AnyResult) -> Json:
    """Return the definition that a result is of, under its kind; claims are of many."""
    if isinstance(result, Claims):
        return {}
    if isinstance(result, (Backtest, Sweep)):
        return {"strategy": result.strategy.model_dump(mode="json")}
    return {"event": _definition(result.event)}


def _definition(event: EventDefinition) -> Json:
    """Return a definition as it can be read back, its defaults filled in.

    Of states only what was written: a default of series is wrong beside a tag.
    """
    whole: Json = event.model_dump(mode="json")
    if event.study is not None and event.study.states:
        written = event.study.model_dump(mode="json", include={"states"}, exclude_unset=True)
        whole["study"]["states"] = written["states"]
    return whole


def _plain(of: type) -> tuple[str, ...]:
    """Names of the fields that are neither tables nor objects of their own."""
    return tuple(name for name in _names(of) if name in {"seed", "convention"})


def _names(of: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(of))
