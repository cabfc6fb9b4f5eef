"""Two run folders compared: what changed in every result, and what it was probably moved by."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.errors import DataError
from eventlab.hedge.results import Sweep
from eventlab.market.types import DataStamp
from eventlab.report.compare.causes import (
    SEED,
    UNEXPLAINED,
    Basis,
    basis_of,
    causes_of,
    concerns_itself,
    definition_changes,
)
from eventlab.report.compare.conclusions import Conclusion, conclusion
from eventlab.report.compare.differences import (
    CHANGE_COLUMNS,
    COMPARED,
    ComparedTable,
    other_changes,
    table_changes,
    with_named_sets,
)
from eventlab.report.store import read_document
from eventlab.report.stored import KINDS, damage, read_file, read_result, table_names
from eventlab.report.whole import steady

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eventlab.report.stored import AnyResult, Kind

__all__ = ["Comparison", "compare_runs"]

PARTS: Final = (
    "answer", "claim", "average", "pair", "CAAR", "test", "metric", "event", "placebo",
    "effectiveness", "overfitting", "set", "occurrence", "exclusion", "table",
)  # fmt: skip
RESULTS: Final = (
    "kind", "name", "title", "status", "compared", "changed", "why", "simulated",
)  # fmt: skip
ANSWERS: Final = (
    "kind", "name", "title", "before", "after", "word_before", "word_after", "flipped", "why",
)  # fmt: skip
DEFINITIONS: Final = ("kind", "name", "key", "before", "after")
CHANGED: Final = tuple(name for name in CHANGE_COLUMNS if name != "drawn")
LEVEL: Final = 0.05
Json = dict[str, Any]
Tables = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs. Every table is tidy; nothing is cut.

    Attributes
    ----------
    before, after
        The ``run.json`` of each run.
    moved
        what, before, after: prices, fingerprints, seed, versions, command, where they differ.
    files
        file, status (changed, added, removed): the files of definitions, by their sha256.
    definitions
        kind, name, key, before, after: the definitions that results were computed from, key by key.
    results
        kind, name, title, status (same, changed, only before, only after), compared (cells; 0 where
        the files are the same byte for byte), changed, why (of a changed one, and the reason of a
        result that is in one run only), simulated (bool, in either run).
    answers
        kind, name, title, before, after (the sentences of the pages), word_before, word_after (the
        verdict in it), flipped (bool), why. Only those that differ, flipped ones first.
    changes
        kind, name, part, item, field, before, after (text), before_value, after_value, difference
        (NaN of words), flipped (bool: other words, or a p-value on the other side of the level),
        why. The most important first: what flipped, then by part, then by relative size.
    """

    before: Json
    after: Json
    moved: pd.DataFrame
    files: pd.DataFrame
    definitions: pd.DataFrame
    results: pd.DataFrame
    answers: pd.DataFrame
    changes: pd.DataFrame

    @property
    def unexplained(self) -> int:
        """How many changes nothing that moved explains: a computation that is not repeatable."""
        return int(self.changes["why"].str.startswith("unexplained").sum())

    @property
    def simulated(self) -> bool:
        """Whether either run is of simulated prices."""
        return any(each["simulated"] for run in (self.before, self.after) for each in run["data"])


def compare_runs(before: Path, after: Path) -> Comparison:
    """Compare two run folders.

    Of results whose files are the same, by their sums, only those that say what they rest on are
    turned into tables.

    Raises
    ------
    UsageError
        One of them is no run folder, or of another version.
    DataError
        A file of a result is missing or damaged.
    """
    places = before.resolve(), after.resolve()
    return steady(places[0], lambda _: steady(places[1], lambda _: _compare_folders(before, after)))


def _compare_folders(before: Path, after: Path) -> Comparison:
    stored = _Stored(before, *read_document(before)), _Stored(after, *read_document(after))
    runs = stored[0].document, stored[1].document
    basis = basis_of(*runs)
    basis = replace(basis, own=_own_files(stored, basis))
    found = [_compare(kind, name, stored, basis) for kind in KINDS for name in _names(kind, stored)]
    changes = _ordered(pd.concat([_no_changes(), *(each.changes for each in found)]))
    answers = [each.answer for each in found if each.answer is not None]
    return Comparison(
        before=runs[0],
        after=runs[1],
        moved=_moved(basis, found),
        files=basis.files,
        definitions=_table([row for each in found for row in each.definitions], DEFINITIONS),
        results=_table([each.row for each in found], RESULTS),
        answers=_table(sorted(answers, key=lambda row: not row[6]), ANSWERS),
        changes=changes,
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """A run folder: its ``run.json`` and the sums of its files."""

    folder: Path
    document: Json
    sums: Mapping[str, str]

    def holds(self, result: str) -> bool:
        return f"{result}/about.json" in self.sums

    def about(self, result: str) -> Json:
        try:
            found: Json = json.loads(read_file(f"{result}/about.json", self.folder, self.sums))
            DataStamp(**found["stamp"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            place = self.folder / result
            raise DataError(f"{place} {damage(error)}; make the run again") from error
        return found


Stored = tuple[_Stored, _Stored]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one result contributes: rows of the tables."""

    row: tuple[Any, ...]
    changes: pd.DataFrame
    definitions: Sequence[tuple[str, ...]] = ()
    answer: tuple[Any, ...] | None = None
    alike: bool | None = None  # both runs used the same data for it; None: one run has it


def _moved(basis: Basis, found: Sequence[_Found]) -> pd.DataFrame:
    """Return what moved; data that a result of one run alone was made from did not."""
    alike = [each.alike for each in found]
    if None in alike and True in alike and False not in alike:
        return basis.moved[basis.moved["what"] != "fingerprints"].reset_index(drop=True)
    return basis.moved


def _names(kind: Kind[Any], runs: Stored) -> list[str]:
    abouts = (PurePosixPath(name) for run in runs for name in run.sums)
    return sorted(
        {
            path.parent.name
            for path in abouts
            if path.name == "about.json" and path.parts[0] == kind.folder
        }
    )


def _compare(kind: Kind[Any], name: str, runs: Stored, basis: Basis) -> _Found:
    """Compare one result of two runs."""
    result = f"{kind.folder}/{name}"
    there = [run.holds(result) for run in runs]
    if not all(there):
        return _alone(kind, name, runs, was=there[0])
    abouts = runs[0].about(result), runs[1].about(result)
    why = causes_of(kind.folder, name, abouts, basis)
    own = [_own(each) for each in abouts]
    rows = [(kind.folder, name, *each) for each in definition_changes(*own)]
    simulated = any(each["stamp"]["simulated"] for each in abouts)
    alike = abouts[0]["stamp"]["fingerprint"] == abouts[1]["stamp"]["fingerprint"]
    title = own[1].get("title", kind.folder)
    if own[0] == own[1] and _same_files(kind, result, runs):
        row = (kind.folder, name, title, "same", 0, 0, "", simulated)
        return _Found(row, _no_changes(), rows, alike=alike)
    results = [read_result(kind, name, run.folder, run.sums) for run in runs]
    changes, compared = _result_changes(kind, results)
    said, answered = _answers(results)
    changes = pd.concat([said, changes], ignore_index=True)
    changes = changes.assign(kind=kind.folder, name=name, why=_whys(changes, why))
    differs = len(changes) > 0 or answered is not None
    status = "changed" if differs else "same"
    because = ("; ".join(why) or UNEXPLAINED) if differs else ""
    row = (kind.folder, name, title, status, compared, len(changes), because, simulated)
    told = (kind.folder, name, title, *answered, because) if answered else None
    return _Found(row, changes, rows, told, alike)


def _alone(kind: Kind[Any], name: str, runs: Stored, *, was: bool) -> _Found:
    """Return the row of a result that one run has, with the reason that the other gives."""
    own, other = runs if was else runs[::-1]
    reasons = [each["reason"] for each in other.document["events"] if each["event"] == name]
    about = own.about(f"{kind.folder}/{name}")
    why = next((reason for reason in reasons if reason), "the other run did not compute it")
    title = _own(about).get("title", kind.folder)
    status = "only before" if was else "only after"
    row = (kind.folder, name, title, status, 0, 0, why, about["stamp"]["simulated"])
    return _Found(row, _no_changes())


def _own(about: Json) -> Json:
    found: Json = about.get("event") or about.get("strategy") or {}
    return found


def _same_files(kind: Kind[Any], result: str, runs: Stored) -> bool:
    """Whether every table of two results is the same file, byte for byte, and as it was written."""
    names = [f"{result}/{name}.parquet" for name in table_names(kind.type)]
    before, after = ([run.sums.get(name) for name in names] for run in runs)
    if before != after or None in before:
        return False
    for run in runs:
        for name in names:
            read_file(name, run.folder, run.sums)
    return True


def _own_files(runs: Stored, basis: Basis) -> frozenset[str]:
    """Return the events whose files changed in what no other result is made from."""
    found = set()
    for path, status in zip(basis.files["file"], basis.files["status"], strict=True):
        for kind in ("study", "contagion"):
            result = f"{kind}/{PurePosixPath(path).stem}"
            if status == "changed" and all(run.holds(result) for run in runs):
                if concerns_itself(*(_own(run.about(result)) for run in runs)):
                    found.add(PurePosixPath(path).stem)
                break
    return frozenset(found)


def _result_changes(kind: Kind[Any], results: list[AnyResult]) -> tuple[pd.DataFrame, int]:
    found, compared = [_no_changes()], 0
    level = _level(results[1])
    told = set()
    for each in COMPARED[kind.folder]:
        tables, spec = _pair(each, results)
        changes, cells = table_changes(tables, spec, level)
        found.append(changes)
        compared += cells
        if len(changes):
            told.add(each.table)
    found += [
        other_changes(name, (getattr(results[0], name), getattr(results[1], name)))
        for name in table_names(kind.type)
        if name not in told
    ]
    return pd.concat(found, ignore_index=True), compared


def _pair(spec: ComparedTable, results: list[AnyResult]) -> tuple[Tables, ComparedTable]:
    """Return a table of both results; sets of a sweep go by the values that both swept."""
    before, after = results
    if spec.table != "sets" or not (isinstance(before, Sweep) and isinstance(after, Sweep)):
        return (getattr(before, spec.table), getattr(after, spec.table)), spec
    (old, paths), (new, other) = with_named_sets(before), with_named_sets(after)
    keys = tuple(dict.fromkeys((*paths, *other)))
    tables = [table.reindex(columns=list(dict.fromkeys([*table, *keys]))) for table in (old, new)]
    return (tables[0], tables[1]), replace(spec, keys=keys)


def _answers(results: list[AnyResult]) -> tuple[pd.DataFrame, tuple[Any, ...] | None]:
    """Return the numbers of the sentences that differ, and the sentences if they do."""
    before, after = (conclusion(each) for each in results)
    spec = ComparedTable("", "answer", ("of",), numbers=("value",))
    tables = _numbers(before), _numbers(after)
    changes, _ = table_changes(tables, spec, _level(results[1]))
    drawn = changes["item"].isin(["low", "high", "placebo_pvalue"])
    changes = changes.assign(drawn=drawn, field=changes["item"], item="")
    if (before.sentence, before.word) == (after.sentence, after.word):
        return changes, None
    flipped = before.word != after.word
    words = (before.sentence, after.sentence, before.word, after.word, flipped)
    return changes, words


def _numbers(said: Conclusion) -> pd.DataFrame:
    return pd.DataFrame({"of": list(said.numbers), "value": list(said.numbers.values())})


def _level(result: AnyResult) -> float:
    event = getattr(result, "event", None)
    for part in (getattr(event, "study", None), getattr(event, "contagion", None)):
        if part is not None:
            return float(part.level)
    return LEVEL


def _whys(changes: pd.DataFrame, why: tuple[str, ...]) -> list[str]:
    """Name the causes of each change; a seed alone moves only what is drawn."""
    if why != (SEED,):
        return ["; ".join(why) or UNEXPLAINED] * len(changes)
    undrawn = "unexplained: only the seed moved, and this is not drawn"
    return [SEED if drawn else undrawn for drawn in changes["drawn"]]


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Put what flipped first, then by part, then the largest relative differences."""
    changes = found.reset_index(drop=True)
    size = changes["difference"].abs() / changes[["before_value", "after_value"]].abs().max(axis=1)
    placed = changes.assign(
        still=~changes["flipped"].astype(bool),
        place=changes["part"].map({part: k for k, part in enumerate(PARTS)}),
        size=-size.fillna(2.0),
    )
    order = placed.sort_values(["still", "place", "size"], kind="stable").index
    return changes.loc[order, ["kind", "name", *CHANGED, "why"]].reset_index(drop=True)


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame(columns=[*CHANGE_COLUMNS, "kind", "name", "why"])


def _table(rows: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(names))
