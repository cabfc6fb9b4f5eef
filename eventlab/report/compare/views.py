"""A comparison as tables of a reader, the two runs side by side."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import Column, Row, lay_out, rows_of
from eventlab.report.numbers import MINUS, counted, integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.report.compare.comparison import Comparison
    from eventlab.report.views import View

__all__ = ["answers", "definitions", "moved", "numbers", "results", "runs", "sentences"]

FILE: Final = "the JSON (eventlab compare --json)"
NOTHING: Final = "nothing"
MOST_SHOWN: Final = 90  # characters of what moved; lists of fingerprints are long


def sentences(found: Comparison) -> list[str]:
    """Say in sentences how much changed, and what it can come from."""
    counts = found.results["status"].value_counts()
    total, changed = len(found.results), int(counts.get("changed", 0))
    alone = int(counts.get("only before", 0)) + int(counts.get("only after", 0))
    said = [f"{changed} of {counted(total, 'result')} changed{_flips(found)}."]
    if alone:
        said.append(f"{counted(alone, 'result')} {'is' if alone == 1 else 'are'} in one run only.")
    if len(found.changes):
        cells = int(found.results["compared"].sum())
        said.append(
            f"{counted(len(found.changes), 'difference')} in {integer(cells)} compared values"
            f"{_answers_same(found)}."
        )
    said.append(_what_moved(found))
    if found.unexplained:
        many = counted(found.unexplained, "difference")
        said.append(f"{many} unexplained: what the run rests on does not account for them.")
    return said


def answers(found: Comparison, most: int, *, every: bool) -> View:
    """Lay out the sentences that differ: those with another verdict first, or alone."""
    own = found.answers if every else found.answers[found.answers["flipped"].astype(bool)]
    columns = (
        _head(),
        Column("before", _of("before"), below=_word("word_before"), numeric=False),
        Column("after", _of("after"), below=_word("word_after"), numeric=False, loud=_flipped),
        Column("why", _of("why"), numeric=False),
    )
    caption = "Answers that changed. Those with another verdict come first."
    shown = lay_out(caption, own, columns, most=most, file=FILE)
    left = len(found.answers) - len(own)
    more = f"{counted(left, 'sentence')} more with other numbers and the same verdict: --verbose"
    return replace(shown, more="; ".join(filter(None, (shown.more, more)))) if left else shown


def numbers(found: Comparison, most: int, *, flipped: bool) -> View:
    """Lay out verdicts and p-values that flipped, or else all other differences."""
    own = found.changes[found.changes["flipped"].astype(bool) == flipped]
    columns = (
        _head(),
        Column("what", _what, numeric=False),
        Column("before", _value("before")),
        Column("after", _value("after")),
        Column("difference", _difference),
        Column("why", _of("why"), numeric=False, wide=True),
    )
    caption = "Verdicts and p-values that flipped. A p-value flips where it crosses the level."
    if not flipped:
        caption = "Other differences. By importance, then the largest relative differences first."
    return lay_out(caption, own, columns, most=most, file=FILE)


def moved(found: Comparison) -> View:
    """Lay out what the runs rest on, where that differs."""
    table = [*rows_of(found.moved), *_file_rows(found)]
    columns = (
        Column("what", lambda row: str(row["what"]), numeric=False),
        Column("before", _short("before"), numeric=False),
        Column("after", _short("after"), numeric=False),
    )
    caption = "What moved. All else that a run rests on is the same."
    return lay_out(caption, table, columns, most=10**6)


def definitions(found: Comparison, most: int) -> View:
    """Lay out definitions key by key, where they differ."""
    columns = (
        _head(),
        Column("key", lambda row: str(row["key"]), numeric=False),
        Column("before", _short("before"), numeric=False),
        Column("after", _short("after"), numeric=False),
    )
    caption = "Definitions, key by key. Defaults are filled in."
    return lay_out(caption, found.definitions, columns, most=most, file=FILE)


def results(found: Comparison, *, every: bool) -> View:
    """Lay out results with what became of them: every one, or those that are not the same."""
    own = found.results if every else found.results[found.results["status"] != "same"]
    columns = (
        _head(),
        Column("status", lambda row: str(row["status"]), numeric=False),
        Column("differences", lambda row: integer(row["changed"])),
        Column("compared", _compared),
        Column("why", _of("why"), numeric=False),
    )
    caption = "Every result" if every else "Results that are not the same"
    return lay_out(caption, own, columns, most=10**6)


def runs(found: Comparison, names: tuple[str, str]) -> View:
    """Lay out where the runs are, when they were made and by which command."""
    facts = {"folder": names}
    for key, said in (("generated_at", "made at"), ("source", "prices"), ("command", "command")):
        facts[said] = (str(found.before[key]), str(found.after[key]))
    facts["seed"] = (str(found.before["seed"]), str(found.after["seed"]))
    rows = [{"what": what, "before": old, "after": new} for what, (old, new) in facts.items()]
    columns = (
        Column("run", _of("what"), numeric=False),
        Column("before", _of("before"), numeric=False),
        Column("after", _of("after"), numeric=False),
    )
    return lay_out("The two runs", rows, columns)


def _flips(found: Comparison) -> str:
    flips = int(found.answers["flipped"].sum()) if len(found.answers) else 0
    changes = found.changes  # verdicts of pairs and claims stand in rows of their own
    flips += int((changes["flipped"].astype(bool) & (changes["field"] == "verdict")).sum())
    return f", {counted(flips, 'verdict')} among them" if flips else ""


def _answers_same(found: Comparison) -> str:
    left = int((~found.answers["flipped"].astype(bool)).sum())
    says = "says" if left == 1 else "say"
    return f"; {counted(left, 'sentence')} {says} the same verdict in other numbers" if left else ""


def _what_moved(found: Comparison) -> str:
    what = [str(name) for name in found.moved["what"]]
    versions = [name.removeprefix("version of ") for name in what if name.startswith("version of")]
    said = [name for name in what if not name.startswith("version of")]
    said += [f"versions of {', '.join(versions)}"] if versions else []
    said += [counted(len(found.files), "definition file")] if len(found.files) else []
    return f"What moved: {', '.join(said) or NOTHING}."


def _file_rows(found: Comparison) -> list[Row]:
    there = {"changed": ("one text", "another"), "added": ("", "there"), "removed": ("there", "")}
    return [
        {"what": row["file"], "before": there[row["status"]][0], "after": there[row["status"]][1]}
        for row in rows_of(found.files)
    ]


def _head() -> Column:
    return Column("result", lambda row: str(row["name"]), below=_of("kind"), numeric=False)


def _of(key: str) -> Callable[[Row], str]:
    return lambda row: str(row[key])


def _short(key: str) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        whole = str(row[key])
        left = len(whole) - MOST_SHOWN
        return whole if left <= 0 else f"{whole[:MOST_SHOWN]}... ({left} characters more)"

    return text


def _word(key: str) -> Callable[[Row], str]:
    """Write the verdict where it is another one."""
    return lambda row: str(row[key]) if row["flipped"] else ""


def _flipped(row: Row) -> bool:
    return bool(row["flipped"])


def _what(row: Row) -> str:
    return " ".join(filter(None, (row["part"], row["item"], row["field"])))


def _value(key: str) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        value = row[f"{key}_value"]
        return str(row[key]) if math.isnan(value) and row[key] != "nan" else _number(value)

    return text


def _difference(row: Row) -> str:
    return "" if math.isnan(row["difference"]) else _number(row["difference"])


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", MINUS) if math.isfinite(value) else str(value)


def _compared(row: Row) -> str:
    return (
        "same files"
        if row["status"] == "same" and not row["compared"]
        else integer(row["compared"])
    )
