"""One result in a run folder: its tables as Parquet, what it is about as JSON, and its document."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import pandas as pd

from eventlab.contagion.results import EventContagion
from eventlab.definitions.event import EventDefinition
from eventlab.errors import DataError
from eventlab.market.types import DataStamp
from eventlab.report.contagion.document import contagion_text
from eventlab.report.documents import study_text
from eventlab.report.plain import json_text
from eventlab.study.results import EventStudy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CONTAGIONS", "STUDIES", "Kind", "read_result", "write_json", "write_result"]

NOT_TABLES: Final = ("event", "stamp", "seed", "convention")
Json = dict[str, Any]
Result = TypeVar("Result", EventStudy, EventContagion)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Result]):
    """A kind of result: its folder in the run, its type, and how it is written as JSON."""

    folder: str
    type: type[Result]
    text: Callable[[Result, str], str]


STUDIES: Final = Kind("study", EventStudy, study_text)
CONTAGIONS: Final = Kind("contagion", EventContagion, contagion_text)


def write_result(kind: Kind[Result], result: Result, command: str, run: Path) -> None:
    """Write ``<kind>/<event>/`` and ``<kind>/<event>.json`` into the folder of a run."""
    folder = run / kind.folder / result.event.event
    folder.mkdir(parents=True)
    for name in _tables(kind.type):
        frame: pd.DataFrame = getattr(result, name)
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    about = {
        "stamp": {name: getattr(result.stamp, name) for name in _names(DataStamp)},
        "event": _definition(result.event),
        **{name: getattr(result, name) for name in _plain(kind.type)},
    }
    write_json(about, folder / "about.json")
    text = kind.text(result, command)
    (folder.parent / f"{result.event.event}.json").write_text(text + "\n", encoding="utf-8")


def read_result(kind: Kind[Result], event: str, run: Path) -> Result:
    """Read back what `write_result` stored.

    Raises
    ------
    DataError
        A table is missing or damaged.
    """
    folder = run / kind.folder / event
    names = _tables(kind.type)
    lacking = [name for name in names if not (folder / f"{name}.parquet").exists()]
    if lacking:
        raise DataError(
            f"{folder} has no {lacking[0]}.parquet: it is damaged, or another version stored it; "
            f"run the {kind.folder} again"
        )
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
    except (OSError, ValueError) as error:
        raise DataError(f"{folder} is damaged: {error}; run the {kind.folder} again") from error
    if "tags" in tables["occurrences"]:
        tables["occurrences"]["tags"] = [tuple(tags) for tags in tables["occurrences"]["tags"]]
    parts: dict[str, Any] = {name: about[name] for name in _plain(kind.type)} | tables
    parts["event"] = EventDefinition.model_validate_json(json.dumps(about["event"]))
    parts["stamp"] = DataStamp(**about["stamp"])
    return kind.type(**parts)


def write_json(document: Json, path: Path) -> None:
    """Write plain values as one line."""
    path.write_text(json_text(document) + "\n", encoding="utf-8")


def _definition(event: EventDefinition) -> Json:
    """Return a definition as it can be read back, its defaults filled in.

    Of states only what was written: a default of series is wrong beside a tag.
    """
    whole: Json = event.model_dump(mode="json")
    if event.study is not None and event.study.states:
        written = event.study.model_dump(mode="json", include={"states"}, exclude_unset=True)
        whole["study"]["states"] = written["states"]
    return whole


def _tables(of: type) -> tuple[str, ...]:
    return tuple(name for name in _names(of) if name not in NOT_TABLES)


def _plain(of: type) -> tuple[str, ...]:
    """Names of the fields that are neither tables nor objects of their own."""
    return tuple(name for name in _names(of) if name in {"seed", "convention"})


def _names(of: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(of))
