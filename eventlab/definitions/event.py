"""What an event file says: when something happened, and how it is to be studied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eventlab.definitions.base import BarWindow, Identifier, OccurrenceId, StrictModel, SymbolName

Kind = Literal["earnings", "central_bank", "macro", "shock", "other"]
Precision = Literal["minute", "session", "date"]
SessionPart = Literal["before_open", "after_close"]
Model = Literal["constant_mean", "market_adjusted", "market_model", "factor_model"]
OverlapPolicy = Literal["flag", "exclude", "control"]
Sampling = Literal["nearest", "previous"]
Scalar = bool | int | float | str


class OccurrenceDefaults(StrictModel):
    """What every occurrence of the file inherits unless it says otherwise."""

    zone: str | None = None
    precision: Precision = "minute"
    session: SessionPart | None = None
    exchange: str = "XNYS"


class Surprise(StrictModel):
    """An expected and an actual figure, in the unit its name carries."""

    expected: float | None = None
    actual: float | None = None


class Occurrence(StrictModel):
    """One time that the event happened. Fields left out come from ``defaults``."""

    id: OccurrenceId
    announced_at: str  # "2025-12-10 16:05", "2025-12-10", or with an offset
    zone: str | None = None
    precision: Precision | None = None
    session: SessionPart | None = None
    exchange: str | None = None
    issuer: SymbolName | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    facts: dict[str, Scalar] = Field(default_factory=dict)
    surprise: dict[str, Surprise] = Field(default_factory=dict)
    confidence: str | None = None


class PlaceboDefinition(StrictModel):
    """How the placebo test draws its pseudo-dates."""

    draws: Annotated[int, Field(ge=0, le=1_000_000)] = 2000


class StudyDefinition(StrictModel):
    """How abnormal returns are computed around the event."""

    clock: str = "XNYS"
    assets: tuple[str, ...]  # symbols, "@group" of universes/, or "@issuer"
    benchmark: SymbolName | None = None
    factors: tuple[SymbolName, ...] = ()
    model: Model = "market_model"
    estimation_window: BarWindow = (-250, -11)
    event_window: BarWindow = (-5, 10)
    car_windows: tuple[BarWindow, ...] = ((0, 0), (0, 1), (-1, 1), (0, 5))
    min_estimation: Annotated[int, Field(ge=6)] = 60
    daily_sampling: Sampling = "nearest"
    overlaps: OverlapPolicy = "flag"
    by_tag: tuple[str, ...] = ()  # aggregates are also given for each of these tags
    placebo: PlaceboDefinition = PlaceboDefinition()
    level: Annotated[float, Field(gt=0, lt=0.5)] = 0.05


class ContagionDefinition(StrictModel):
    """Which shock might have travelled where, and the two windows to compare."""

    source: SymbolName
    targets: tuple[str, ...]
    calm_window: BarWindow
    crisis_window: BarWindow


class EventDefinition(StrictModel):
    """One event file."""

    event: Identifier
    title: str
    kind: Kind
    issuer: SymbolName | None = None
    description: str | None = None
    source: str | None = None
    defaults: OccurrenceDefaults = OccurrenceDefaults()
    occurrences: tuple[Occurrence, ...]
    study: StudyDefinition | None = None
    contagion: ContagionDefinition | None = None
    # claims: see claim.py
