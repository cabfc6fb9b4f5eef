"""Whether a metric is within its tolerance of the baseline."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeGuard

from eventlab.definitions.baseline import ToleranceDefinition
from eventlab.regression.types import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.definitions.baseline import BaselineDefinition
    from eventlab.regression.types import Value

__all__ = ["ABSENT", "Tolerances", "metric_changes"]

ABSENT: Final = "(none)"


class Tolerances:
    """The tolerances of one definition, by name of a metric."""

    def __init__(self, definition: BaselineDefinition) -> None:
        self._general = ToleranceDefinition(rtol=definition.rtol, atol=definition.atol)
        self._own = [(pattern, each) for pattern, each in definition.metrics.items()]

    def of(self, metric: str) -> ToleranceDefinition:
        """Return the tolerance of a metric: of the last pattern that fits, else the general one."""
        for pattern, each in reversed(self._own):
            if _fits(pattern).fullmatch(metric):
                return each
        return self._general

    def allow(self, metric: str, before: Value, now: Value) -> bool:
        """Whether a value is near enough: |now - before| <= max(rtol x |before|, atol).

        Only numbers have a distance: words, truth and what is no number have to be equal.
        """
        if not (_is_number(before) and _is_number(now)):
            return before == now and isinstance(before, bool) == isinstance(now, bool)
        if before == now:
            return True
        tolerance = self.of(metric)
        bound = max(tolerance.rtol * abs(before), tolerance.atol)
        return abs(now - before) <= bound

    def said(self, metric: str) -> str:
        """Write a metric's tolerance: ``rtol 1e-09``, ``rtol 1e-09 or atol 0.01``, ``exact``."""
        own = self.of(metric)
        said = [
            f"{name} {value:g}" for name, value in (("rtol", own.rtol), ("atol", own.atol)) if value
        ]
        return " or ".join(said) or "exact"

    def unused(self, metrics: Mapping[str, Value]) -> tuple[str, ...]:
        """Patterns that fit no metric: a word is misspelt, or the metric is gone."""
        return tuple(
            pattern for pattern, _ in self._own if not any(map(_fits(pattern).fullmatch, metrics))
        )


def metric_changes(
    before: Mapping[str, Value], now: Mapping[str, Value], tolerances: Tolerances
) -> tuple[Change, ...]:
    """Return every metric that moved by more than its tolerance, appeared or went.

    In the order of the baseline, what is new at the end.
    """
    return tuple(_changes(before, now, tolerances))


def _changes(
    before: Mapping[str, Value], now: Mapping[str, Value], tolerances: Tolerances
) -> Iterator[Change]:
    for metric, old in before.items():
        new = now.get(metric, ABSENT)
        if metric not in now or not tolerances.allow(metric, old, new):
            change = _relative(old, new)
            bound = "exact" if math.isnan(change) else tolerances.said(metric)
            yield Change(metric, old, new, change, bound)
    for metric, new in now.items():
        if metric not in before:
            yield Change(metric, ABSENT, new, math.nan, "exact")


def _relative(before: Value, now: Value) -> float:
    if not (_is_number(before) and _is_number(now)):
        return math.nan
    return (now - before) / abs(before) if before else math.copysign(math.inf, now - before)


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@lru_cache(maxsize=256)
def _fits(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))
