"""What does not go together with a study of volume or volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.problem import Loc
    from eventlab.definitions.study import StudyDefinition

__all__ = ["measure_findings"]


def measure_findings(study: StudyDefinition, loc: Loc) -> Iterator[Finding]:
    """Find what a study of volume or volatility cannot say."""
    what = study.measure
    if what == "returns":
        return
    measure_loc = (*loc, "measure")
    if study.model == "market_adjusted":
        message = (
            f"market_adjusted takes the benchmark's log {what} off as it is, which leaves how much "
            "larger one is than the other; use constant_mean or market_model"
        )
        yield Finding((*loc, "model"), message, needs=(measure_loc,))
    if study.bar != "session":
        message = (
            f"{what} has a shape over the day that no model here takes out: against the mean of "
            "all bars every opening would be abnormal; use bar: session"
        )
        yield Finding((*loc, "bar"), message, needs=(measure_loc,))
