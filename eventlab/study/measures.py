"""What of a study does not apply where volume or volatility is measured, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.definitions.problem import dotted
from eventlab.definitions.study import model_findings
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.definitions.study import Measure, StudyDefinition
    from eventlab.market.types import Panel

__all__ = [
    "are_returns",
    "bars_word",
    "never_word",
    "not_applicable",
    "refuse_model",
    "value_word",
    "without_buy_and_hold",
]

LEFT_OUT: Final = {
    "bhar": "a buy-and-hold return compounds returns, and the log of {0} is none",
    "event_days": "raw event days compare mean returns; for {0} see the abnormal values",
    "truth": "the simulation states its effects on returns, not on {0}",
}


def are_returns(measure: Measure | str) -> bool:
    """Whether what is measured are returns, which compound and have raw means."""
    return measure == "returns"


def refuse_model(event: str, study: StudyDefinition) -> None:
    """Refuse a model that does not go with its benchmark, its factors or what is measured.

    Files are checked when they are read; what options of a call make of them is not.

    Raises
    ------
    UsageError
        The first thing that is wrong.
    """
    for finding in model_findings(study, ("study",)):
        if finding.severity == "error":
            raise UsageError(f"{event}: {dotted(finding.loc)}: {finding.message}")


def not_applicable(measure: Measure, *, simulated: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield exclusions (all, all, table, reason) of what only returns have."""
    if are_returns(measure):
        return
    for table, reason in LEFT_OUT.items():
        if table != "truth" or simulated:
            yield "all", "all", table, reason.format(measure)


def without_buy_and_hold(
    values: npt.NDArray[np.float64], measure: Measure | str
) -> npt.NDArray[np.float64]:
    """Buy-and-hold returns (N, W) as they are, or NaN where no returns were measured."""
    return values if are_returns(measure) else np.full_like(values, np.nan)


def bars_word(panel: Panel | None, column: int) -> str:
    """Say what the dates in a reason are those of: ``prices``, ``intraday volumes``."""
    if panel is None:
        return "returns"
    plural = {"returns": "prices", "volume": "volumes", "volatility": "volatilities"}[panel.measure]
    return f"intraday {plural}" if panel.columns[column].basis == "intraday" else plural


def value_word(panel: Panel | None) -> str:
    """Say what a bar lacks: ``return``, ``volume above zero``."""
    if panel is None or are_returns(panel.measure):
        return "return"
    return f"{panel.measure} above zero"


def never_word(panel: Panel | None, column: int) -> str:
    """Say that a series has nothing on the clock."""
    word = bars_word(panel, column)
    if panel is None or are_returns(panel.measure):
        return f"{word} never reach this clock"
    return f"prices have no {value_word(panel)} on this clock"
