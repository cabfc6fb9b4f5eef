"""What a strategy file says: a book, its hedge, when it is held around events, and the costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from eventlab.definitions.base import (
    AssetName,
    Bar,
    ClockCode,
    Identifier,
    Many,
    StrictModel,
    Text,
    refuse,
)
from eventlab.definitions.list_findings import repeated
from eventlab.definitions.problem import Finding, show
from eventlab.definitions.sweep import sweep_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

__all__ = [
    "BaselineDefinition",
    "CostsDefinition",
    "HedgeDefinition",
    "RatioDefinition",
    "StrategyDefinition",
    "WhenDefinition",
    "strategy_findings",
]

RatioMethod = Literal["fixed", "ols", "ewma", "kalman", "dcc", "min_es", "downside_beta"]
Rebalance = Literal["none", "daily", "weekly"]
WhenClosed = Literal["next_open", "previous_close", "cancel"]
Funding = Literal["none", "perpetual"]
NonNegative = Annotated[float, Field(ge=0, le=10_000)]
SweepValue = bool | int | float | str | Many[str] | None


class RatioDefinition(StrictModel):
    """How much of the hedge instruments is held per unit of the book."""

    method: RatioMethod = Field(
        default="ols", description="fixed, ols, ewma, kalman, dcc, min_es or downside_beta."
    )
    value: float | None = Field(
        default=None, description="The ratio itself; with method fixed, and only there."
    )
    lookback: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=120, description="Bars that the ratio is estimated on."
    )
    half_life: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Bars after which a return counts half; needed by ewma."
    )
    cap: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Largest ratio in absolute value; null: no limit."
    )


class HedgeDefinition(StrictModel):
    """What is held against the book."""

    instruments: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="Symbols and @groups that the hedge is built of."
    )
    ratio: RatioDefinition = Field(
        default=RatioDefinition(), description="How the hedge ratio is found."
    )


class WhenDefinition(StrictModel):
    """When the position is on, in bars relative to the event session."""

    enter: Bar = Field(description="Bar at whose close the position is entered; before exit.")
    exit: Bar = Field(description="Bar at whose close the position is left.")
    rebalance: Rebalance = Field(
        default="none", description="Whether the hedge is set anew meanwhile: none, daily, weekly."
    )


class CostsDefinition(StrictModel):
    """What trading and holding cost, in basis points."""

    fee_bps: NonNegative = Field(default=5.0, description="Commission per traded value.")
    slippage_bps: NonNegative = Field(default=5.0, description="Slippage per traded value.")
    borrow_bps_per_year: NonNegative = Field(
        default=50.0, description="Borrow fee per year on the value sold short."
    )
    funding: Funding = Field(
        default="none", description="perpetual: crypto legs pay and receive perpetual funding."
    )


class BaselineDefinition(StrictModel):
    """How far metrics may move before ``eventlab check`` fails."""

    rtol: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1e-9, description="Relative tolerance."
    )
    atol: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Absolute tolerance.")


class StrategyDefinition(StrictModel):
    """One strategy file."""

    strategy: Identifier = Field(description="Name of the strategy, as the file is called.")
    title: Text = Field(description="What it does, in a few words.")
    description: Text | None = Field(default=None, description="Whatever a reader should know.")
    events: Annotated[Many[Identifier], Field(min_length=1)] = Field(
        description="Ids of the events it is held around."
    )
    clock: ClockCode = Field(default="XNYS", description="The clock whose sessions count as bars.")
    book: Annotated[dict[AssetName, float], Field(min_length=1)] = Field(
        description="What is held without the hedge: weight by symbol or @group, 1.0 is all of "
        "the equity, negative is short."
    )
    hedge: HedgeDefinition | None = Field(
        default=None, description="What is held against the book; left out: nothing."
    )
    when: WhenDefinition = Field(description="When the position is on.")
    when_closed: WhenClosed = Field(
        default="next_open",
        description="What an order does that falls on a closed session: next_open, "
        "previous_close or cancel.",
    )
    costs: CostsDefinition = Field(
        default=CostsDefinition(), description="What trading and holding cost."
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
        refuse(tuple(strategy_findings(self)), info)
        return self


def strategy_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    """Find what is wrong inside one strategy, without knowing any other file."""
    own = tuple(_own_findings(strategy))
    yield from own
    yield from sweep_findings(strategy, sound=not own)


def _own_findings(strategy: StrategyDefinition) -> Iterator[Finding]:
    yield from repeated(strategy.events, ("events",))
    if strategy.when.enter >= strategy.when.exit:
        message = f"{strategy.when.enter} is not before exit {strategy.when.exit}"
        yield Finding(("when", "enter"), message, needs=(("when", "exit"),))
    if all(weight == 0 for weight in strategy.book.values()):
        yield Finding(("book",), "every weight is zero; give one at least")
    if strategy.hedge is not None:
        yield from repeated(strategy.hedge.instruments, ("hedge", "instruments"))
        yield from _ratio_findings(strategy.hedge.ratio)


def _ratio_findings(ratio: RatioDefinition) -> Iterator[Finding]:
    loc = ("hedge", "ratio")
    needs = ((*loc, "method"),)
    if ratio.method == "fixed" and ratio.value is None:
        yield Finding((*loc, "value"), "method fixed needs a value, as in value: 1.0", needs=needs)
    if ratio.method != "fixed" and ratio.value is not None:
        message = f"{show(ratio.value)} goes with method: fixed, not {ratio.method}"
        yield Finding((*loc, "value"), message, needs=needs)
    if ratio.method == "ewma" and ratio.half_life is None:
        message = "method ewma needs a half_life, as in half_life: 30"
        yield Finding((*loc, "half_life"), message, needs=needs)
