"""The tables of claims, for terminal and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.claims.wording import (
    interval_words,
    measured_words,
    published_words,
    value_words,
)
from eventlab.report.numbers import integer
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.claims.results import Claims

__all__ = ["overview", "overview_row", "reading_view", "rows_of_claims", "verdict_words"]

COLUMNS: Final = ("statement", "published", "measured", "verdict")


def rows_of_claims(claims: Claims) -> list[dict[str, Any]]:
    """Return the claims as plain rows, in their order.

    ``note`` and ``literal`` are the note and the words of the literal reading; empty without.
    """
    first = claims.readings[claims.readings["principal"]]
    said = first.set_index(["event", "claim"])[["note", "definition"]].to_dict("index")
    nothing = {"note": "", "definition": ""}
    rows = []
    for row in claims.claims.to_dict("records"):
        own = said.get((row["event"], row["claim"]), nothing)
        named = {str(key): value for key, value in row.items()}
        rows.append(named | {"note": own["note"], "literal": own["definition"]})
    return rows


def overview(rows: Sequence[Mapping[str, Any]]) -> View:
    """Return every claim in a row: statement, what was published, what we measure, the verdict."""
    return View(
        "Every statement. Measured: the most literal reading with its 95% interval, and below it "
        "the range over all readings that the words allow",
        COLUMNS,
        tuple(overview_row(row) for row in rows),
        (1, 2),
    )


def overview_row(row: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Return one claim as the cells of `overview`."""
    return (
        Shown(row["statement"], _named(row)),
        Shown(published_words(row) or "in words"),
        Shown(measured_words(row, row), _range(row), loud=_wrong(row)),
        Shown(verdict_words(row), row["reason"]),
    )


def verdict_words(row: Mapping[str, Any]) -> str:
    """Write a verdict, with the reading that it holds under."""
    if row["verdict"] == "supported only as":
        return f"supported only as {row['reading']}"
    return str(row["verdict"])


def _named(row: Mapping[str, Any]) -> str:
    """Return the id that the command line knows it by, and what measures it."""
    measure = row["measure"].replace("_", " ")
    return row["claim"] if measure == "none" else f"{row['claim']}: {measure}"


def _wrong(row: Mapping[str, Any]) -> bool:
    return bool(row["verdict"] == "contradicted")


def _range(row: Mapping[str, Any]) -> str:
    said = []
    if interval := interval_words(row):
        said.append(f"95%: {interval}")
    if row["n_readings"] > 1 and row["smallest"] < row["largest"]:
        low, high = (value_words(row[end], row["unit"]) for end in ("smallest", "largest"))
        said.append(f"{row['n_readings']} readings: {low} to {high}")
    return "; ".join(said)


def reading_view(claims: Claims, said: Mapping[str, Any]) -> View:
    """Return every reading of one claim: what it gave, how sure that is, and whether it agrees."""
    table = claims.readings
    own = table[(table["event"] == said["event"]) & (table["claim"] == said["claim"])]
    rows = []
    for found in own.to_dict("records"):
        row: dict[str, Any] = {str(key): value for key, value in found.items()}
        beyond = "" if row["within"] else "beyond the words of the statement"
        how = _how(row["interval"])
        literal = "the most literal" if row["principal"] else beyond
        rows.append(
            (
                Shown(row["definition"], literal),
                Shown(row["agrees"], loud=row["agrees"] == "yes"),
                Shown(measured_words(row, said), interval_words(row)),
                Shown(integer(row["n"])),
                Shown(row["note"] or how, how if row["note"] else ""),
            )
        )
    caption = f"{said['claim']}: every reading. Below a value its 95% interval"
    columns = ("reading", "agrees?", "measured", "n", "how, and what to know")
    return View(caption, columns, tuple(rows), (2, 3))


def _how(interval: str) -> str:
    """Say how an interval was made, or why there is none."""
    none = interval.removeprefix("none: ")
    return f"no interval: {none}" if none != interval else interval and f"interval: {interval}"
