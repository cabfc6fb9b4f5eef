"""What an event file says about its specification curve: the choices to run through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from eventlab.definitions.base import BarWindow, ClockCode, Many, StrictModel, SymbolName
from eventlab.definitions.problem import Finding, Loc, hint, listed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.study import StudyDefinition

__all__ = ["Days", "SpecificationsDefinition", "specifications_findings"]

Days = Literal["all", "certain"]


class SpecificationsDefinition(StrictModel):
    """Choices of the specification curve; what is left out is chosen by a rule."""

    models: Annotated[Many[str], Field(min_length=1)] | None = Field(
        default=None, description="Normal-return models; by default all that need no likelihood."
    )
    benchmarks: Annotated[Many[SymbolName], Field(min_length=1)] | None = Field(
        default=None,
        description="Benchmarks of the models that have one; by default the study's and SPY, QQQ, "
        "SMH where the data have them, BTC for tokens. None where the study has no benchmark.",
    )
    factors: Many[Annotated[Many[SymbolName], Field(min_length=1)]] | None = Field(
        default=None,
        description="Regressors of factor_model, a list for each; by default those of the study, "
        "and its benchmark with each other broad one.",
    )
    estimation_windows: Annotated[Many[BarWindow], Field(min_length=1)] | None = Field(
        default=None,
        description="By default a half, three quarters, once and twice as long as the study's, "
        "ending where it ends and 20 bars before.",
    )
    car_windows: Annotated[Many[BarWindow], Field(min_length=1)] | None = Field(
        default=None,
        description="Windows inside event_window; by default the study's and the usual ones.",
    )
    clocks: Annotated[Many[ClockCode], Field(min_length=1)] | None = Field(
        default=None, description="By default the study's, and for tokens XNYS and 24/7."
    )
    sampling: Annotated[Many[Literal["nearest", "previous"]], Field(min_length=1)] | None = Field(
        default=None,
        description="By default both where an asset has daily closes of another calendar.",
    )
    overlaps: Annotated[Many[Literal["flag", "exclude", "control"]], Field(min_length=1)] | None = (
        Field(default=None, description="By default the study's, flag and exclude.")
    )
    days: Annotated[Many[Days], Field(min_length=1)] | None = Field(
        default=None,
        description="all occurrences, or only those whose day 0 is certain; by default both.",
    )


def specifications_findings(
    study: StudyDefinition, section: SpecificationsDefinition, loc: Loc, models: tuple[str, ...]
) -> Iterator[Finding]:
    """Find what is wrong with the choices; ``models`` are those that there are."""
    for name in SpecificationsDefinition.model_fields:
        values = getattr(section, name) or ()
        for index, value in enumerate(values):
            if value in values[:index]:
                yield Finding((*loc, name, index), f"{show(value)} is listed twice; keep one")
    for index, model in enumerate(section.models or ()):
        if model not in models:
            near = hint(model, models) or f"; there are {listed(models)}"
            message = f"{show(model)} is no model{near}"
            yield Finding((*loc, "models", index), message)
    yield from _window_findings(study, section, loc)


def _window_findings(
    study: StudyDefinition, section: SpecificationsDefinition, loc: Loc
) -> Iterator[Finding]:
    (first, last), place = study.event_window, ("study", "event_window")
    for index, window in enumerate(section.car_windows or ()):
        if window[0] > window[1] or window[0] < first or window[1] > last:
            message = f"{show(window)} is no window inside event_window {show(study.event_window)}"
            yield Finding((*loc, "car_windows", index), message, needs=(place,))
    for index, window in enumerate(section.estimation_windows or ()):
        here = (*loc, "estimation_windows", index)
        if window[1] >= first:
            message = f"{show(window)} reaches into event_window; end it at {first - 1} or earlier"
            yield Finding(here, message, needs=(place,))
        elif window[1] - window[0] + 1 < study.min_estimation:
            bars = max(0, window[1] - window[0] + 1)
            message = f"{show(window)} has {bars} bars, min_estimation is {study.min_estimation}"
            yield Finding(here, message)
