"""What a strategy is called in sentences: a hedge, puts, stepping aside, trading the reaction."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from eventlab.report.numbers import MINUS, MISSING

if TYPE_CHECKING:
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.report.contagion.layout import Row

__all__ = ["Wording", "change", "is_put", "label", "money", "share", "true_minus", "wording"]

Way = Literal["hedge", "aside", "trade"]
SMALL: Final = 1000.0  # capital below which money needs decimals
LARGE: Final = 10.0  # returns from which decimals of a percent are noise


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for a strategy.

    Attributes
    ----------
    way
        ``hedge``: something is held against the book; ``aside``: the book is left for a while;
        ``trade``: there is a position around the events only.
    subject
        Who does something in a sentence: ``the hedge``, ``stepping aside``.
    runs
        Name of each run for a reader.
    part
        What the strategy added to the book's own move.
    """

    way: Way
    subject: str
    runs: dict[str, str]
    part: str

    @property
    def statistic(self) -> str:
        """The placebo statistic that answers for money."""
        return "event_return" if self.way == "trade" else "hedge_return"

    @property
    def scope(self) -> str:
        """The bars on which risk is compared: who steps aside has none around the events."""
        return "all" if self.way == "aside" else "event"

    def compared(self, run: str) -> str:
        """Name what a run is compared with."""
        return self.runs.get(run, run)


def wording(strategy: StrategyDefinition) -> Wording:
    """Choose the words for a strategy by what its file says."""
    always = {"always": "always hedged", "cash": "cash"}
    inside, outside = strategy.exposure.inside, strategy.exposure.outside
    if strategy.hedge is not None and inside == outside:
        puts = is_put(strategy)
        runs = {"hedged": "with puts", "unhedged": "without puts", "always": "always with puts"}
        plain = {"hedged": "hedged", "unhedged": "unhedged", "always": "always hedged"}
        return Wording(
            "hedge",
            "the put overlay" if puts else "the hedge",
            (runs if puts else plain) | {"cash": "cash"},
            "puts" if puts else "hedge",
        )
    hedged = strategy.hedge is not None
    trades = strategy.signal is not None and strategy.signal.take in {"follow", "fade"}
    if abs(inside) > abs(outside) or trades:
        subject = "trading the reaction" if trades else "the position around the events"
        book = "without its hedge" if hedged else "book held throughout"
        runs = {"hedged": "strategy", "unhedged": book}
        return Wording("trade", subject, runs | always, "difference")
    aside = inside == 0.0
    book = "without its hedge" if hedged else "held throughout"
    runs = {"hedged": "stepping aside" if aside else "strategy", "unhedged": book}
    subject = "stepping aside" if aside else "holding less"
    return Wording("aside", subject, runs | always, "being out" if aside else "difference")


def is_put(strategy: StrategyDefinition) -> bool:
    """Whether puts are held against the book."""
    return strategy.hedge is not None and strategy.hedge.ratio.method == "put"


def label(row: Row, *, several: bool) -> str:
    """Name the occurrence of a row, with its event where there are ``several``."""
    return f"{row['event']}/{row['occurrence']}" if several else str(row["occurrence"])


def money(value: float, capital: float, *, sign: bool = False) -> str:
    """Write money with thousands separated: ``-12,345`` of a million, ``-0.12`` of ten."""
    if not math.isfinite(value):
        return MISSING
    digits = 0 if capital >= SMALL else max(2, 4 - int(math.log10(max(capital, 1.0))))
    shown = f"{abs(value):,.{digits}f}"
    if not shown.strip("0.,"):
        return shown
    return (MINUS if value < 0 else "+" if sign else "") + shown


def change(value: float, digits: int = 2, *, sign: bool = True) -> str:
    """Write a return in percent with its sign and thousands separated; a dash for NaN."""
    if not math.isfinite(value):
        return MISSING
    shown = f"{100 * abs(value):,.{0 if abs(value) >= LARGE else digits}f}%"
    if not shown.strip("0.,%"):
        return shown
    return (MINUS if value < 0 else "+" if sign else "") + shown


def share(value: float, digits: int = 1) -> str:
    """Write a share in percent, signed only where it is negative."""
    return change(value, digits, sign=False)


def true_minus(text: str) -> str:
    """Write the minus of numbers in a note as that of all other numbers: ``-2%``."""
    return re.sub(r"(?<![\w.)-])-(?=\d)", MINUS, text)
