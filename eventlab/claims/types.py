"""The frozen types of the claims room: a reading of a statement, what it gave, and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from eventlab.definitions.claim import Basket, Of, PriceKind

__all__ = [
    "AXES",
    "BASKET_WORDS",
    "OF_WORDS",
    "PRICE_WORDS",
    "Judgement",
    "Measured",
    "Reading",
    "Unit",
    "Untestable",
    "Verdict",
]

Unit = Literal[
    "correlation", "return", "beta", "volatility", "count", "pvalue", "level", "word", "ratio"
]
Verdict = Literal[
    "supported",
    "supported only as",
    "contradicted",
    "cannot be tested with this data",
]
# What a reading chooses, in the order in which it is said.
AXES = ("of", "price", "basket", "window", "calendar", "detail")
OF_WORDS: Final[dict[Of, str]] = {
    "returns": "returns",
    "log_returns": "log returns",
    "levels": "price levels",
    "log_levels": "log price levels",
}
PRICE_WORDS: Final[dict[PriceKind, str]] = {
    "close": "close",
    "intraday": "intraday",
    "price": "without dividends",
    "total": "with dividends",
}
BASKET_WORDS: Final[dict[Basket, str]] = {
    "equal": "equal weights",
    "held": "bought and held",
    "median": "median",
}


class Untestable(Exception):  # noqa: N818 - no error: an answer
    """The data cannot decide the statement; the message says why, in words for a reader."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a statement. Every axis is text, empty where there is no choice.

    Attributes
    ----------
    of
        One of `OF_WORDS`.
    price
        One of `PRICE_WORDS`.
    basket
        How a group becomes one series, one of `BASKET_WORDS`.
    window
        The window in words, as in ``63 sessions to 2025-11-19``.
    calendar
        ``XNYS``, ``24/7``, ...
    detail
        Whatever else is chosen, in words (bars of 60 minutes, a lag).
    first, last
        First and last day (ISO) whose prices are used; the first is the base of the first return.
    within
        Whether the words of the statement allow it; otherwise it says under what they would hold.
    """

    of: str = ""
    price: str = ""
    basket: str = ""
    window: str = ""
    calendar: str = ""
    detail: str = ""
    first: str = ""
    last: str = ""
    within: bool = True

    @property
    def words(self) -> str:
        """The reading in words."""
        return ", ".join(said for axis in AXES if (said := str(getattr(self, axis))))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one reading gave.

    Attributes
    ----------
    value
        In the unit (returns and volatilities in decimals); NaN where there is none, with ``note``.
    low, high
        95% interval of the value; NaN where there is none (``interval`` then says why).
    interval
        How the interval was made, in words; or why there is none.
    n
        Observations that the value rests on.
    unit
        What kind of number it is.
    at
        Day or UTC instant that goes with the value (a crossing, a low); empty without.
    word
        What this reading answers, for claims that are published as a word.
    holds
        For such claims whether the answer is the published one; None where the data leave it open.
        For figures None: the verdict compares them with the published one.
    note
        What a reader has to know, or why there is no value.
    """

    reading: Reading
    value: float
    unit: Unit
    n: int
    low: float = math.nan
    high: float = math.nan
    interval: str = ""
    at: str = ""
    word: str = ""
    holds: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one claim.

    Attributes
    ----------
    reading
        The reading or readings that it holds under, in words; for ``contradicted`` those beyond its
        words under which it would; empty where there is none.
    reason
        Why, in a sentence.
    agrees
        For each measured reading whether it agrees with what was published; None where open.
    """

    verdict: Verdict
    reading: str
    reason: str
    agrees: tuple[bool | None, ...]
    tolerance: float = math.nan
