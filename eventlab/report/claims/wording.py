"""Values, intervals and verdicts of claims in words."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.numbers import MINUS, MISSING, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS",
    "ORDER",
    "PERCENTAGES",
    "SIGNS",
    "interval_words",
    "measured_words",
    "published_words",
    "value_words",
]

PERCENTAGES: Final = frozenset({"return", "volatility"})
# Verdict to its mark, a key of ``overview.MARKS``, and the order in which verdicts are counted.
KINDS: Final = {
    "supported": "held",
    "supported only as": "narrow",
    "contradicted": "wrong",
    "cannot be tested with this data": "untested",
}
ORDER: Final = tuple(KINDS)
# What the number beside a word is, by measure; a sign says the other words itself.
NUMBERS: Final = {
    "asymmetric_beta": "difference of betas",
    "bubble": "statistic",
    "contagion_verdict": "correlation changed by",
    "dispersion": "difference",
    "sector_ranking": "rank",
}
SIGNS: Final = frozenset({"positive", "negative", "none"})
MINUS_SIGN: Final = re.compile(r"-(?=\d)")
PLACES: Final = ("first", "second")


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


def measured_words(found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Write what a reading of the claim ``row`` gave: its number, the word for it, and where."""
    number, word = value_words(found["value"], found["unit"]), _named(found["word"], row)
    if found["at"]:
        # A low or high lies somewhere in the bar that closes at that instant.
        at = "by" if row["measure"] == "level_crossing" else "at"
        number = f"{number} {at if ' ' in found['at'] else 'on'} {found['at']}"
    if row["measure"] == "relative_return" and number != MISSING:
        both = MINUS_SIGN.sub(MINUS, found["note"].partition(";")[0])  # what each name did
        return f"{both} ({number})"
    if not word or (number != MISSING and (word in SIGNS or found["at"])):
        return number
    if number == MISSING or row["measure"] == "funding_sign":  # its word has the hours
        return word
    name = NUMBERS.get(row["measure"], "")
    if row["measure"] == "sector_ranking" and found["unit"] == "correlation":
        name = "rank correlation"
    return f"{word} ({name} {number})" if name else f"{word} ({number})"


def _named(word: str, row: Mapping[str, Any]) -> str:
    """Write an answer in words: the first or second of the names that a claim sets side by side."""
    names = dict(zip(PLACES, str(row.get("symbols", "")).split(", ")[-2:], strict=False))
    begin, _, rest = word.partition("_")
    return f"{names.get(begin, begin)} {rest.replace('_', ' ')}".strip()


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
        return text.replace("-", MINUS) if _is_number(text) else _named(text, row)
    between = ", " if ", " in text else " to "  # figures of several names, or a range
    parts = text.split(between)
    if not all(map(_is_number, parts)):
        return _named(text, row)
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
