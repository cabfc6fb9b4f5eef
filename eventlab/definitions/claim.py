"""What a claim says: a published statement in measurable terms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eventlab.definitions.base import (
    AssetName,
    BarWindow,
    ClockCode,
    Day,
    Identifier,
    Many,
    OccurrenceId,
    StrictModel,
    Tag,
    Text,
)
from eventlab.definitions.baseline import BaselineDefinition  # noqa: TC001 - a field is of it

__all__ = ["ClaimDefinition", "ClaimsDefinition", "Measure", "ReadingsDefinition", "Span"]

Measure = Literal[
    "correlation",
    "rolling_correlation",
    "return",
    "year_to_date",
    "drawdown",
    "rebound",
    "relative_return",
    "beta",
    "asymmetric_beta",
    "realised_volatility",
    "dispersion",
    "level_crossing",
    "sector_ranking",
    "funding_sign",
    "open_interest_change",
    "event_car",
    "contagion_verdict",
    "bubble",
    "none",
]
Of = Literal["returns", "log_returns", "levels", "log_levels"]
Basket = Literal["equal", "held", "median"]
PriceKind = Literal["close", "intraday", "price", "total"]

Span = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{0,4} (bars?|days?|weeks?|months?|years?)$")
]
ClaimWindow = Span | BarWindow | Annotated[Many[Day], Field(min_length=2, max_length=2)]


class ReadingsDefinition(StrictModel):
    """Ways to read a statement; what is left out is as the measure says."""

    of: Many[Of] | None = Field(
        default=None, description="What is correlated: returns, log_returns, levels, log_levels."
    )
    windows: Many[ClaimWindow] | None = Field(
        default=None, description="Windows, written as window is."
    )
    calendars: Many[ClockCode] | None = Field(
        default=None, description="Whose sessions count: XNYS, 24/7 or another calendar."
    )
    baskets: Many[Basket] | None = Field(
        default=None,
        description="How a group becomes one series: equal (equal weights every day), held (bought "
        "in equal parts and held), median (of the members).",
    )
    prices: Many[PriceKind] | None = Field(
        default=None,
        description="Which prices: close, intraday (the extreme in the direction of the "
        "statement), price (without dividends), total (with them).",
    )


class ClaimDefinition(StrictModel):
    """One published statement, to be tested and not believed."""

    id: Identifier = Field(description="Unique in the file, as in btc-nvda-096.")
    statement: Text = Field(description="The statement as published, in a sentence.")
    source: Text | None = Field(default=None, description="Who said it, where and when.")
    measure: Measure = Field(
        description="What is measured to test the statement; none: nothing that prices, funding "
        "or open interest could say (then needs says what would)."
    )
    symbols: Many[AssetName] = Field(
        default=(), description="Symbols and @groups that the measure is taken of, in its order."
    )
    window: ClaimWindow | None = Field(
        default=None,
        description="Length of the window that ends at as_of (63 bars, 3 months), bars "
        "relative to the occurrence ([-5, 10]), or two dates "
        '(["2025-09-17", "2025-12-10"]).',
    )
    as_of: Day | None = Field(
        default=None, description="Last day of the window, as in 2025-11-19. Or name an occurrence."
    )
    event: Identifier | None = Field(
        default=None,
        description="The event whose occurrences are meant; left out in an event file: its own.",
    )
    occurrence: OccurrenceId | None = Field(
        default=None, description="The occurrence that the window is relative to."
    )
    tag: Tag | None = Field(
        default=None, description="Of all occurrences of the event, only those with this tag."
    )
    level: float | None = Field(default=None, description="The level that is crossed.")
    direction: Literal["below", "above"] | None = Field(
        default=None, description="To which side of the level."
    )
    after_level: float | None = Field(
        default=None,
        description="Only after this other level was crossed to the other side, in the window.",
    )
    since: Day | None = Field(
        default=None,
        description="Day from which on no other stretch was as long (funding_sign), or from which "
        "a path is drawn (rolling_correlation).",
    )
    published: float | Many[float] | Text | None = Field(
        default=None,
        description="The figure as published (returns in decimals), or two for a range, or a word "
        "that the measure knows, as in positive, or a day.",
    )
    tolerance: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="How far a measured value may lie from the published one."
    )
    readings: ReadingsDefinition | None = Field(
        default=None, description="Ways to read the statement that its words allow."
    )
    beyond: ReadingsDefinition | None = Field(
        default=None,
        description="Ways that its words do not allow, to say under which it would hold.",
    )
    needs: Text | None = Field(
        default=None, description="measure: none: the data that would decide the statement."
    )
    strict: bool = Field(
        default=False, description="true: if the data contradict it, the run fails (exit code 1)."
    )


class ClaimsDefinition(StrictModel):
    """A file of claims that belong to no single event: ``events/claims-<name>.yaml``."""

    title: Text = Field(description="What the statements are about, in a few words.")
    description: Text | None = Field(default=None, description="Whatever a reader should know.")
    source: Text | None = Field(
        default=None, description="Who said it, where and when; of claims without a source."
    )
    claims: Annotated[Many[ClaimDefinition], Field(min_length=1)] = Field(
        description="Published statements, to be tested."
    )
    baseline: BaselineDefinition | None = Field(
        default=None, description="Tolerances of the regression test; left out: not under test."
    )
