"""Values, intervals and verdicts of claims in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.numbers import MINUS, MISSING, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS",
    "ORDER",
    "PERCENTAGES",
    "interval_words",
    "kind_of",
    "published_words",
    "value_words",
]

PERCENTAGES: Final = frozenset({"return", "volatility"})
# Verdict to the mark of the first page, and the order in which verdicts are counted.
KINDS: Final = {
    "supported": "held",
    "supported only as": "narrow",
    "contradicted": "wrong",
    "cannot be tested with this data": "untested",
}
ORDER: Final = tuple(KINDS)


def kind_of(verdict: str) -> str:
    """Return the mark of a verdict, a key of ``overview.MARKS``."""
    return KINDS[verdict]


def value_words(value: float, unit: str, *, sign: bool = True) -> str:
    """Write a value in its unit, a dash for NaN: a return in percent, a level with thousands."""
    if not math.isfinite(value):
        return MISSING
    if unit in PERCENTAGES:
        # A word beside it says that it rose or fell: what is not zero does not look like it.
        digits = next((d for d in (1, 2, 3) if round(abs(value) * 100, d)), 1)
        return percent(value, digits, sign=sign and unit == "return")
    if unit == "level":
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.2f}"
    if unit == "count":
        return f"{value:,.0f}".replace("-", MINUS)
    shown = f"{abs(value):.2f}"
    return (MINUS if value < 0 and float(shown) else "") + shown


def interval_words(row: Mapping[str, Any]) -> str:
    """Write the interval of a claim or reading; empty where there is none."""
    if not (math.isfinite(row["low"]) and math.isfinite(row["high"])):
        return ""
    low, high = (value_words(row[end], row["unit"]) for end in ("low", "high"))
    return f"{low} to {high}"


def published_words(row: Mapping[str, Any]) -> str:
    """Write what was published in the unit of what was measured: a word stays one."""
    text = str(row["published"])
    unit = str(row["unit"])
    if not text or unit not in PERCENTAGES:
        return text.replace("-", MINUS) if _is_number(text) else text.replace("_", " ")
    between = ", " if ", " in text else " to "  # figures of several names, or a range
    parts = text.split(between)
    if not all(map(_is_number, parts)):
        return text.replace("_", " ")
    return between.join(_percent_as_published(float(part), unit) for part in parts)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _percent_as_published(value: float, unit: str) -> str:
    """Write a percentage with the digits it was published with."""
    digits = next((d for d in range(4) if abs(round(value * 100, d) - value * 100) < 1e-9), 4)
    return percent(value, digits, sign=unit == "return")
