"""What a strategy file says: a book, its hedge, when it is held around events, and the costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from eventlab.definitions.base import (
    AssetName,
    ClockCode,
    Day,
    Identifier,
    Many,
    StrictModel,
    Tag,
    Text,
    refuse,
)
from eventlab.definitions.baseline import BaselineDefinition
from eventlab.definitions.hedge_definition import HedgeDefinition, PutDefinition, RatioDefinition
from eventlab.definitions.strategy_findings import strategy_findings
from eventlab.definitions.strategy_parts import (
    CostsDefinition,
    ExposureDefinition,
    LegCostsDefinition,
    LimitsDefinition,
    Multiple,
    ScaleDefinition,
    SignalDefinition,
    StateDefinition,
    WhenDefinition,
)

if TYPE_CHECKING:
    from typing import Self

__all__ = [
    "BaselineDefinition",
    "CostsDefinition",
    "ExposureDefinition",
    "HedgeDefinition",
    "LegCostsDefinition",
    "LimitsDefinition",
    "PutDefinition",
    "RatioDefinition",
    "ScaleDefinition",
    "SignalDefinition",
    "StateDefinition",
    "StrategyDefinition",
    "WhenDefinition",
    "strategy_findings",
]

Missing = Literal["raise", "roll"]
WhenClosed = Literal["next_open", "previous_close", "cancel"]
SweepValue = bool | int | float | str | Many[str | int] | None


class StrategyDefinition(StrictModel):
    """One strategy file."""

    strategy: Identifier = Field(description="Name of the strategy, as the file is called.")
    title: Text = Field(description="What it does, in a few words.")
    description: Text | None = Field(default=None, description="Whatever a reader should know.")
    events: Annotated[Many[Identifier], Field(min_length=1)] = Field(
        description="Ids of the events it is held around."
    )
    clock: ClockCode = Field(default="XNYS", description="The clock whose sessions count as bars.")
    book: Annotated[dict[AssetName, Multiple], Field(min_length=1)] = Field(
        description="What is held without the hedge: weight by symbol or @group, 1.0 is all of "
        "the equity, negative is short."
    )
    hedge: HedgeDefinition | None = Field(
        default=None, description="What is held against the book; left out: nothing."
    )
    exposure: ExposureDefinition = Field(
        default=ExposureDefinition(), description="How much of the book is held, and when."
    )
    signal: SignalDefinition | None = Field(
        default=None, description="What has to be seen before; left out: nothing."
    )
    scale: ScaleDefinition | None = Field(
        default=None, description="Scaling by forecast volatility; left out: none."
    )
    when: WhenDefinition = Field(description="When the position is on.")
    when_closed: WhenClosed = Field(
        default="next_open",
        description="What an order does that falls on a closed session: next_open, "
        "previous_close or cancel.",
    )
    missing: Missing = Field(
        default="raise",
        description="What is done where a price lacks in an open market, or a funding rate that is "
        "due: raise an error, or roll to the next price and charge the last rate again.",
    )
    costs: CostsDefinition = Field(
        default=CostsDefinition(), description="What trading and holding cost."
    )
    limits: LimitsDefinition = Field(
        default=LimitsDefinition(), description="Largest gross exposure, stop and margin."
    )
    capital: Annotated[float, Field(ge=1e-6, le=1e15)] = Field(
        default=1_000_000.0, description="What the backtest starts with."
    )
    since: Day | None = Field(
        default=None, description="Only occurrences on or after this day, as in 2016-01-01."
    )
    until: Day | None = Field(default=None, description="Only occurrences on or before this day.")
    tags: Many[Tag] = Field(
        default=(), description="Only occurrences with one of these tags; left out: all."
    )
    sweep: dict[str, Annotated[Many[SweepValue], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Values to try by dotted path, as in hedge.ratio.lookback: [60, 120, 250].",
    )
    baseline: BaselineDefinition | None = Field(
        default=None, description="Tolerances of the regression test; left out: not under test."
    )

    @model_validator(mode="after")
    def _hangs_together(self, info: ValidationInfo) -> Self:
        refuse(strategy_findings(self), info)
        return self
