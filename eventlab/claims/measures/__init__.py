"""One module per family of measures, each with one function from a question to what it measured."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured
    from eventlab.definitions.questions import Question

    MeasureFunction = Callable[[Question, Bench], tuple[Measured, ...]]

__all__ = ["measure_function"]

# Measure to module and function; imported when a claim asks for it.
_HOMES: Final = {
    "correlation": ("correlation", "correlation"),
    "rolling_correlation": ("correlation", "rolling_correlation"),
    "beta": ("betas", "beta"),
    "asymmetric_beta": ("betas", "asymmetric_beta"),
    "realised_volatility": ("volatility", "realised_volatility"),
    "dispersion": ("dispersion", "dispersion"),
    "return": ("moves", "window_return"),
    "year_to_date": ("moves", "year_to_date"),
    "relative_return": ("moves", "relative_return"),
    "drawdown": ("moves", "drawdown"),
    "rebound": ("moves", "rebound"),
    "sector_ranking": ("ranking", "sector_ranking"),
    "level_crossing": ("crossing", "level_crossing"),
    "funding_sign": ("derivatives", "funding_sign"),
    "open_interest_change": ("derivatives", "open_interest_change"),
    "event_car": ("models", "event_car"),
    "contagion_verdict": ("contagion", "contagion_verdict"),
    "bubble": ("bubbles", "bubble"),
}


def measure_function(name: str) -> MeasureFunction:
    """Return the function of a measure: from a question and the prices to its readings."""
    module, function = _HOMES[name]
    home = import_module(f"eventlab.claims.measures.{module}")
    return cast("MeasureFunction", getattr(home, function))
