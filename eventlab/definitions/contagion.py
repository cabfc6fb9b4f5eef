"""What an event file says about contagion: source, targets, the windows to compare, the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from eventlab.definitions.bars import BarWidth  # noqa: TC001 - pydantic reads the annotation
from eventlab.definitions.base import (
    AssetName,
    BarWindow,
    ClockCode,
    Day,
    Many,
    StrictModel,
    SymbolName,
    Tag,
)
from eventlab.definitions.list_findings import backwards, repeated
from eventlab.definitions.problem import Finding, Loc, show

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BetasDefinition",
    "BucketsDefinition",
    "ConnectednessDefinition",
    "ContagionDefinition",
    "IntradayDefinition",
    "MarkDefinition",
    "RegimesDefinition",
    "contagion_findings",
]

Variant = Literal["raw", "nu"]
Estimator = Literal["ols", "ridge", "lasso"]


class IntradayDefinition(StrictModel):
    """The same pairs once more, in bars inside sessions."""

    bar: BarWidth = Field(default="60min", description="Width of the bars.")
    clock: ClockCode | None = Field(
        default=None, description="Their clock; that of the section unless given."
    )
    calm_window: BarWindow | None = Field(
        default=None, description="Bars before the shock; 20 sessions that end one before it."
    )
    crisis_window: BarWindow | None = Field(
        default=None, description="Bars of the shock; three sessions from it on."
    )


class ConnectednessDefinition(StrictModel):
    """How spillovers among the source, the targets and the baskets of groups are measured."""

    lags: Annotated[int, Field(ge=1, le=10)] = Field(default=1, description="Lags of the VAR.")
    horizon: Annotated[int, Field(ge=1, le=100)] = Field(
        default=10, description="Terms of the forecast error variance decomposition."
    )
    before: BarWindow = Field(
        default=(-120, -6), description="Bars that the VAR before the event is fitted on."
    )
    after: BarWindow = Field(
        default=(0, 59), description="Bars that the VAR after the event is fitted on."
    )
    estimator: Estimator | None = Field(
        default=None,
        description="ols, ridge or lasso; ols up to ten series, ridge beyond, unless given.",
    )
    draws: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=300, description="Bootstrap draws of the intervals; 0 leaves them out."
    )


class MarkDefinition(StrictModel):
    """A price level to look for after the news: the first bar beyond it."""

    symbol: SymbolName = Field(description="Whose price.")
    below: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="The first bar that trades below this price."
    )
    above: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="The first bar that trades above this price."
    )


class BucketsDefinition(StrictModel):
    """Two groups of tokens: whether those at the top move as one and the others apart."""

    top: Many[AssetName] = Field(default=("@ranks_1_10",), description="The first group.")
    rest: Many[AssetName] = Field(default=("@ranks_50_100",), description="The second group.")


class BetasDefinition(StrictModel):
    """Time-varying betas on two factors: whether a miner is a proxy of bitcoin or of AI."""

    assets: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="Whose betas: symbols and @groups."
    )
    factors: Annotated[Many[SymbolName], Field(min_length=2, max_length=2)] = Field(
        description="The two factors, for example [BTC, NVDA]."
    )


class RegimesDefinition(StrictModel):
    """Slower states around the event: rank buckets, time-varying betas, bubbles."""

    buckets: BucketsDefinition | None = Field(
        default=None, description="Mean correlation and absorption ratio of two groups."
    )
    betas: BetasDefinition | None = Field(
        default=None, description="Two time-varying betas by a Kalman filter."
    )
    bubbles: Many[AssetName] = Field(
        default=(), description="Series whose log price is tested for explosive stretches."
    )


class ContagionDefinition(StrictModel):
    """Which shock might have travelled where, and the two windows to compare."""

    source: AssetName = Field(description="Where the shock began: a symbol, or @issuer.")
    targets: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="Where it may have travelled: symbols and @groups."
    )
    calm_window: BarWindow = Field(
        description="Bars before the shock, relative to the event session."
    )
    crisis_window: BarWindow = Field(description="Bars of the shock, after the calm window.")
    clock: ClockCode | None = Field(
        default=None, description="The clock; that of the study, or XNYS, unless given."
    )
    bar: BarWidth = Field(default="session", description="What the windows count.")
    intraday: IntradayDefinition | None = Field(
        default=None, description="The same pairs once more, in bars inside sessions."
    )
    factors: Many[SymbolName] = Field(
        default=(),
        description="Returns are measured once more as residuals on these (fitted on the calm "
        "window); the benchmark of the study unless given.",
    )
    variant: Variant = Field(
        default="raw",
        description="The correlation inside the higher co-moment tests: raw, or nu as published.",
    )
    level: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        default=0.05, description="Significance level of verdicts and intervals."
    )
    smallest_change: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.2,
        description="A change of correlation worth knowing: windows that could not have shown "
        "it are called underpowered.",
    )
    draws: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=2000, description="Joint placebo draws of averages over occurrences."
    )
    since: Day | None = Field(
        default=None, description="Occurrences before this date are left out; other days too."
    )
    until: Day | None = Field(
        default=None, description="Occurrences after this date are left out; other days too."
    )
    by_tag: Many[Tag] = Field(
        default=(), description="Tags whose occurrences are averaged on their own as well."
    )
    chain: Many[AssetName | Many[AssetName]] = Field(
        default=(),
        description="The order that the shock is said to have taken: links, each a symbol, a "
        "@group or a list of them.",
    )
    marks: Many[MarkDefinition] = Field(
        default=(), description="Price levels to look for in the first days after the news."
    )
    connectedness: ConnectednessDefinition = Field(
        default=ConnectednessDefinition(), description="How spillovers are measured."
    )
    regimes: RegimesDefinition = Field(
        default=RegimesDefinition(), description="Rank buckets, time-varying betas, bubbles."
    )


def contagion_findings(contagion: ContagionDefinition, loc: Loc) -> Iterator[Finding]:
    """Find what is wrong inside a contagion section."""
    calm, crisis = contagion.calm_window, contagion.crisis_window
    calm_loc, crisis_loc = (*loc, "calm_window"), (*loc, "crisis_window")
    yield from backwards(calm, calm_loc)
    yield from backwards(crisis, crisis_loc)
    if calm[0] <= calm[1] and crisis[0] <= crisis[1] and calm[1] >= crisis[0]:
        message = (
            f"{show(calm)} overlaps or follows crisis_window {show(crisis)}; end it at "
            f"{crisis[0] - 1} or earlier"
        )
        yield Finding(calm_loc, message, needs=(crisis_loc,))
    if contagion.source.startswith("@") and contagion.source != "@issuer":
        message = f"{show(contagion.source)} is a group; a shock begins in one symbol or @issuer"
        yield Finding((*loc, "source"), message)
    yield from repeated(contagion.targets, (*loc, "targets"))
    for index, target in enumerate(contagion.targets):
        if target == contagion.source:
            message = f"{show(target)} is the source itself; remove it"
            yield Finding((*loc, "targets", index), message, needs=((*loc, "source"),))
