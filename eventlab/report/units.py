"""How the abnormal values of a study are written: returns in percent, logs of ratios as they are.

A study of volume or volatility has log ratios to the usual: +0.69 is twice as much, and exp turns
them into "times its usual", per bar where a window has several.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.report.numbers import MINUS, MISSING, percent
from eventlab.timeline.windows import parse_window

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy
    from eventlab.study.specifications.curve import CurveSheet

__all__ = ["Unit", "times", "unit_of"]


@dataclass(frozen=True, slots=True)
class Unit:
    """What a study measures, for writing: ``returns``, ``volume`` or ``volatility``."""

    measure: str

    @property
    def log(self) -> bool:
        """Whether values are logs of ratios."""
        return self.measure != "returns"

    @property
    def noun(self) -> str:
        """What is abnormal: ``return``, ``log volume``."""
        return f"log {self.measure}" if self.log else "return"

    @property
    def caption(self) -> str:
        """What stands in a table: ``CAAR in %``, or the logs."""
        return f"CAAR in log {self.measure} (+0.69: twice the usual)" if self.log else "CAAR in %"

    def write(self, value: float, digits: int = 2, *, sign: bool = True) -> str:
        """Write one value; ``digits`` are those of a percentage, logs have two decimals."""
        if not self.log:
            return percent(value, digits, sign=sign)
        if not math.isfinite(value):
            return MISSING
        shown = f"{abs(value):.2f}"
        if float(shown) == 0.0:
            return shown
        return (MINUS if value < 0 else "+" if sign else "") + shown


def unit_of(study: EventStudy | CurveSheet) -> Unit:
    """Return how the values of a study are written."""
    definition = study.event.study
    return Unit("returns" if definition is None else definition.measure)


def times(value: float, window: str) -> str:
    """Write a log ratio, summed over a window, as a factor per bar: ``2.1 times``."""
    first, last = parse_window(window)
    ratio = math.exp(value / (last - first + 1))
    digits = 0 if ratio >= 9.95 else 1 if ratio >= 1.95 else 2
    return f"{ratio:.{digits}f} times"
