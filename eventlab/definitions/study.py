"""What an event file says about its study: windows, model, assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field, model_validator

from eventlab.definitions.bars import BarWidth, default_windows
from eventlab.definitions.base import (
    AssetName,
    BarWindow,
    ClockCode,
    Day,
    Many,
    StrictModel,
    SymbolName,
    Tag,
    UniverseId,
)
from eventlab.definitions.cross_section import (
    CrossSectionDefinition,
    StateDefinition,
    Vocabulary,
    cross_section_findings,
    state_findings,
)
from eventlab.definitions.list_findings import backwards, repeated
from eventlab.definitions.measure_findings import measure_findings
from eventlab.definitions.problem import Finding, Loc, day_findings, listed_sorted, show
from eventlab.definitions.specifications import SpecificationsDefinition, specifications_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "UNCONTROLLED",
    "Measure",
    "Model",
    "OverlapPolicy",
    "PlaceboDefinition",
    "Sampling",
    "StudyDefinition",
    "model_findings",
    "study_findings",
]

Model = Literal[
    "constant_mean",
    "market_adjusted",
    "market_model",
    "scholes_williams",
    "dimson",
    "factor_model",
    "garch_market_model",
]
Volatility = Literal["garch", "gjr", "egarch"]
Errors = Literal["normal", "t"]
Measure = Literal["returns", "volume", "volatility"]
OverlapPolicy = Literal["flag", "exclude", "control"]
Sampling = Literal["nearest", "previous"]

_UNBENCHMARKED = frozenset({"constant_mean", "factor_model"})
_GARCH_ROWS = 100  # rows that the likelihood of garch_market_model needs

# Models that have no regression for the indicator of another event to join, and why.
UNCONTROLLED = {
    model: f"of one regression, {model} {does}; use market_model, dimson or factor_model"
    for model, does in (
        ("market_adjusted", "fits nothing"),
        ("scholes_williams", "adds up three"),
    )
}


class PlaceboDefinition(StrictModel):
    """How the placebo test draws its pseudo-dates."""

    draws: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=2000, description="How many pseudo-dates are drawn; 0 leaves the test out."
    )


class StudyDefinition(StrictModel):
    """How abnormal returns are computed around the event."""

    clock: ClockCode = Field(
        default="XNYS",
        description="The clock whose sessions count as bars: an exchange code, or 24/7.",
    )
    bar: BarWidth = Field(
        default="session",
        description="What windows count: whole sessions, or bars inside them. With bars, windows "
        "that are left out default to 30 sessions of estimation and one session of event.",
    )
    assets: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="What is studied: symbols, @groups of universes/, or @issuer."
    )
    benchmark: SymbolName | None = Field(
        default=None,
        description="The market that normal returns are measured against; needed by all models "
        "but constant_mean and factor_model.",
    )
    factors: Many[SymbolName] = Field(
        default=(), description="Regressors of factor_model beside the benchmark."
    )
    measure: Measure = Field(
        default="returns",
        description="What is studied: returns, or the log of volume or of volatility, which go "
        "against their own mean (model: constant_mean) unless a model is named.",
    )
    model: Model = Field(
        default="market_model",
        description="How the normal return is estimated; constant_mean where measure is volume or "
        "volatility and nothing is said.",
    )
    lags: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None,
        description="dimson: bars before and after each bar on which the benchmark is read; 1 "
        "unless given.",
    )
    volatility: Volatility | None = Field(
        default=None,
        description="garch_market_model: the form of the conditional variance; garch unless given.",
    )
    errors: Errors | None = Field(
        default=None,
        description="garch_market_model: the distribution of its errors; normal unless given.",
    )
    estimation_window: BarWindow = Field(
        default=(-250, -11),
        description="First and last bar, relative to the event session, that the model is fitted "
        "on; ends before the event window begins.",
    )
    event_window: BarWindow = Field(
        default=(-5, 10),
        description="First and last bar, relative to the event session, with abnormal returns.",
    )
    car_windows: Annotated[Many[BarWindow], Field(min_length=1)] = Field(
        default=((0, 0), (0, 1), (-1, 1), (0, 5)),
        description="Windows inside the event window over which abnormal returns are cumulated.",
    )
    min_estimation: Annotated[int, Field(ge=6)] = Field(
        default=60,
        description="Fewest rows a fit may rest on; an asset with fewer is excluded, and listed.",
    )
    daily_sampling: Sampling = Field(
        default="nearest",
        description="Which daily close stands for an asset without intraday bars: the one nearest "
        "to the clock's close, or the previous.",
    )
    overlaps: OverlapPolicy = Field(
        default="flag",
        description="What to do where another event falls inside the event window: flag it, "
        "exclude the occurrence, or control for it.",
    )
    by_tag: Many[Tag] = Field(
        default=(), description="Averages are also given over the occurrences with each of these."
    )
    states: dict[UniverseId, StateDefinition] = Field(
        default_factory=dict,
        description="Questions with a yes or no, known before each occurrence, by name; averages "
        "are compared between yes and no.",
    )
    cross_section: CrossSectionDefinition | None = Field(
        default=None, description="A regression of the CARs on features of the occurrences."
    )
    since: Day | None = Field(
        default=None, description="Occurrences before this date are left out; other days too."
    )
    until: Day | None = Field(
        default=None, description="Occurrences after this date are left out; other days too."
    )
    placebo: PlaceboDefinition = Field(
        default=PlaceboDefinition(), description="How the placebo test is drawn."
    )
    level: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        default=0.05, description="Significance level of tests and bands."
    )
    specifications: SpecificationsDefinition | None = Field(
        default=None, description="Choices of the specification curve; by rule unless given."
    )

    @model_validator(mode="before")
    @classmethod
    def counted_in_bars(cls, given: object) -> object:
        """Give a study in bars inside the session windows of such bars where none are named."""
        return {**given, **default_windows(given)} if isinstance(given, Mapping) else given

    @model_validator(mode="before")
    @classmethod
    def measured_against_itself(cls, given: object) -> object:
        """Give volume and volatility their own mean as the normal value where no model is named."""
        if not isinstance(given, Mapping) or "model" in given:
            return given
        own = given.get("measure", "returns") != "returns"
        return {**given, "model": "constant_mean"} if own else given


def study_findings(study: StudyDefinition, loc: Loc, words: Vocabulary) -> Iterator[Finding]:
    """Find what is wrong inside a study section; ``words`` are those of the occurrences."""
    tags = words.tags
    yield from _window_findings(study, loc)
    yield from _estimation_findings(study, loc)
    yield from model_findings(study, loc)
    for name in ("assets", "factors", "by_tag"):
        yield from repeated(getattr(study, name), (*loc, name))
    has = f"they have {listed_sorted(tags)}" if tags else "none has a tag"
    for index, tag in enumerate(study.by_tag):
        if tag not in tags:
            message = f"{show(tag)} is a tag of no occurrence; {has}"
            yield Finding((*loc, "by_tag", index), message, needs=(("occurrences",),))
    if study.specifications is not None:
        place = (*loc, "specifications")
        yield from specifications_findings(study, study.specifications, place, get_args(Model))
    yield from state_findings(study.states, (*loc, "states"), words)
    if study.cross_section is not None:
        place = (*loc, "cross_section")
        yield from cross_section_findings(
            study.cross_section, place, study.car_windows, study.states, words
        )
    for name in ("since", "until"):
        if (day := getattr(study, name)) is not None:
            yield from day_findings(day, (*loc, name))
    if study.since is not None and study.until is not None and study.since > study.until:
        message = f"{show(study.since)} is after until: {study.until}; swap them"
        yield Finding((*loc, "since"), message, needs=((*loc, "until"),))


def _window_findings(study: StudyDefinition, loc: Loc) -> Iterator[Finding]:
    event_loc, cars_loc = (*loc, "event_window"), (*loc, "car_windows")
    event = study.event_window
    yield from backwards(event, event_loc)
    yield from repeated(study.car_windows, cars_loc)
    for index, window in enumerate(study.car_windows):
        yield from backwards(window, (*cars_loc, index))
        inside = event[0] <= min(window) and max(window) <= event[1]
        if not inside and event[0] <= event[1]:
            message = (
                f"{show(window)} reaches outside of event_window {show(event)}; shorten it or "
                "widen event_window"
            )
            yield Finding((*cars_loc, index), message, needs=(event_loc,))


def _estimation_findings(study: StudyDefinition, loc: Loc) -> Iterator[Finding]:
    here, event_loc = (*loc, "estimation_window"), (*loc, "event_window")
    (first, last), event = study.estimation_window, study.event_window
    yield from backwards(study.estimation_window, here)
    if first > last:
        return
    if event[0] <= event[1] and last >= event[0]:
        message = (
            f"{show(study.estimation_window)} reaches into event_window {show(event)}; end it at "
            f"{event[0] - 1} or earlier"
        )
        yield Finding(here, message, needs=(event_loc,))
    length = last - first + 1
    if length < study.min_estimation:
        message = (
            f"{show(study.estimation_window)} has {length} bars, fewer than min_estimation "
            f"{study.min_estimation}; lengthen it or lower min_estimation"
        )
        yield Finding(here, message, needs=((*loc, "min_estimation"),))


def model_findings(study: StudyDefinition, loc: Loc) -> Iterator[Finding]:
    """Find what of the model, its regressors and what is measured does not go together."""
    yield from measure_findings(study, loc)
    model_loc, factors_loc = (*loc, "model"), (*loc, "factors")
    benchmark_loc = (*loc, "benchmark")
    yield from _option_findings(study, loc)
    if study.model not in _UNBENCHMARKED and study.benchmark is None:
        message = f"{study.model} needs a benchmark, as in benchmark: SPY"
        yield Finding(benchmark_loc, message, needs=(model_loc,))
    if study.model == "constant_mean" and study.benchmark is not None:
        message = "constant_mean uses no benchmark; drop it, or choose market_model"
        yield Finding(benchmark_loc, message, "warning", (model_loc,))
    if study.factors and study.model != "factor_model":
        message = f"factors go with model: factor_model, not {study.model}"
        yield Finding(factors_loc, message, needs=(model_loc,))
    if study.model == "factor_model" and not study.factors:
        message = "factor_model needs at least one factor, as in factors: [SMH, BTC]"
        yield Finding(factors_loc, message, needs=(model_loc,))
    if study.benchmark is not None and study.benchmark in study.factors:
        message = f"{show(study.benchmark)} is the benchmark as well; name it once"
        place = (*factors_loc, study.factors.index(study.benchmark))
        yield Finding(place, message, needs=(benchmark_loc,))
    least = study_parameters(study) + 5
    if study.min_estimation < least:
        message = (
            f"{study.min_estimation} is too few for {study.model} with "
            f"{study_parameters(study)} parameters; at least {least}"
        )
        needs = (model_loc, factors_loc, benchmark_loc)
        yield Finding((*loc, "min_estimation"), message, needs=needs)


def _option_findings(study: StudyDefinition, loc: Loc) -> Iterator[Finding]:
    model_loc, window_loc = (*loc, "model"), (*loc, "estimation_window")
    for key, model in (
        ("lags", "dimson"),
        ("volatility", "garch_market_model"),
        ("errors", "garch_market_model"),
    ):
        if getattr(study, key) is not None and study.model != model:
            verb = "goes" if key == "volatility" else "go"
            message = f"{key} {verb} with model: {model}, not {study.model}"
            yield Finding((*loc, key), message, needs=(model_loc,))
    first, last = study.estimation_window
    if study.model == "garch_market_model" and study.min_estimation <= last - first + 1:
        length = last - first + 1
        if length < _GARCH_ROWS:
            message = (
                f"{show(study.estimation_window)} has {length} bars, garch_market_model needs "
                f"{_GARCH_ROWS}; lengthen it"
            )
            yield Finding(window_loc, message, needs=(model_loc,))
    if study.overlaps == "control" and study.model in UNCONTROLLED:
        message = f"control needs a fitted model {UNCONTROLLED[study.model]}"
        yield Finding((*loc, "overlaps"), message, needs=(model_loc,))


def study_parameters(study: StudyDefinition) -> int:
    """Count the parameters of the study's normal return, the intercept included."""
    if study.model == "factor_model":
        return 1 + len(study.factors) + (study.benchmark is not None)
    if study.model == "dimson":
        return 2 + 2 * (study.lags or 1)
    return {"constant_mean": 1, "market_adjusted": 0}.get(study.model, 2)
