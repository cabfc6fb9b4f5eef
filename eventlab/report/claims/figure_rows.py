"""The rows behind the pictures of claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.claims.types import AXES
from eventlab.report.claims.wording import PERCENTAGES, SIGNS, published_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from eventlab.claims.results import Claims

__all__ = ["claim_rows", "template_of"]

LITERAL: Final = "most literal"
LONGEST: Final = 48  # letters that a phone has room for beside it
ANSWERS: Final = {"yes": "agrees", "no": "does not", "open": "open"}
Rows = list[dict[str, Any]]


def template_of(row: Mapping[str, Any]) -> str:
    """Return the picture that draws a claim in its unit."""
    if row["unit"] not in PERCENTAGES:
        return "readings"
    return "readings_percent" if row["unit"] == "return" else "readings_share"


def claim_rows(claims: Claims) -> dict[str, Rows]:
    """Return the rows of each claim that has two readings with a value, by ``event/claim``."""
    found = {}
    for row in claims.claims.to_dict("records"):
        table = claims.readings
        own = table[(table["event"] == row["event"]) & (table["claim"] == row["claim"])]
        own = own[own["value"].notna()]
        if len(own) > 1:
            named = {str(key): value for key, value in row.items()}
            found[f"{row['event']}/{row['claim']}"] = [*_published(named), *_readings(own)]
    return found


def _readings(own: pd.DataFrame) -> Rows:
    return [
        {
            "kind": "reading",
            "label": label,
            "reading": row["definition"],
            "value": _number(row["value"]),
            "low": _number(row["low"]),
            "high": _number(row["high"]),
            "answer": ANSWERS[row["agrees"]],
            "words": "allow it" if row["within"] else "do not",
        }
        for label, row in zip(_labels(own), own.to_dict("records"), strict=True)
    ]


def _labels(own: pd.DataFrame) -> list[str]:
    """Name the literal reading by what varies, and each other by what it reads otherwise.

    In full where that tells two of them not apart, or where the literal one has no value.
    """
    varying = [axis for axis in AXES if len(set(own[axis])) > 1]
    ends = {window.partition(" to ")[2] for window in own["window"]}
    shared = f" to {ends.pop()}" if len(ends) == 1 else ""  # what all windows reach to is no news
    rows = own[varying].assign(window=[_start(each, shared) for each in own["window"]])
    literal, *others = rows[varying].to_dict("records")
    whole = ", ".join(filter(None, literal.values()))
    first = f"{LITERAL}: {whole}" if whole and len(whole) <= LONGEST else LITERAL
    labels = [first, *(", ".join(_otherwise(row, literal)) for row in others)]
    told = own["principal"].iloc[0] and all(labels) and len(set(labels)) == len(own)
    return labels if told else own["definition"].tolist()


def _start(window: str, shared: str) -> str:
    start = window.removesuffix(shared)
    return f"from {start}" if shared and start[:4].isdigit() and start != window else start


def _otherwise(row: Mapping[Any, str], literal: Mapping[Any, str]) -> list[str]:
    return [said for axis, said in row.items() if said and said != literal[axis]]


def _published(row: Mapping[str, Any]) -> Rows:
    """Return the published figures with their tolerance; zero for a sign, none for other words."""
    if row["published"] in SIGNS and row["unit"] != "count":
        zero = {"kind": "published", "label": "zero", "low": 0.0, "high": 0.0}
        return [{**zero, "from": None, "to": None}]
    try:
        figures = [float(part) for part in str(row["published"]).split(" to ")]
    except ValueError:
        return []
    slack = row["tolerance"] if math.isfinite(row["tolerance"]) else 0.0
    low, high = min(figures), max(figures)
    return [
        {
            "kind": "published",
            "label": published_words(row),
            "low": low,
            "high": high,
            "from": low - slack,
            "to": high + slack,
        }
    ]


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
