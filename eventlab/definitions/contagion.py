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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.problem import Loc

__all__ = [
    "BetasDefinition",
    "BucketsDefinition",
    "ConnectednessDefinition",
    "ContagionDefinition",
    "IntradayDefinition",
    "MarkDefinition",
    "RegimesDefinition",
    "contagion_names",
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
        default=1000, description="Joint placebo draws of averages over occurrences."
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


def contagion_names(contagion: ContagionDefinition) -> Iterator[tuple[Loc, str]]:
    """Yield every symbol, @group and @issuer that is named, with its place in the section."""
    yield ("source",), contagion.source
    regimes = contagion.regimes
    lists: list[tuple[Loc, tuple[str, ...]]] = [
        (("targets",), contagion.targets),
        (("factors",), contagion.factors),
        (("regimes", "bubbles"), regimes.bubbles),
    ]
    for index, link in enumerate(contagion.chain):
        if isinstance(link, str):
            yield ("chain", index), link
        else:
            lists.append((("chain", index), link))
    if regimes.buckets is not None:
        lists += [
            (("regimes", "buckets", "top"), regimes.buckets.top),
            (("regimes", "buckets", "rest"), regimes.buckets.rest),
        ]
    if regimes.betas is not None:
        lists += [
            (("regimes", "betas", "assets"), regimes.betas.assets),
            (("regimes", "betas", "factors"), regimes.betas.factors),
        ]
    for loc, names in lists:
        yield from (((*loc, index), name) for index, name in enumerate(names))
    for index, mark in enumerate(contagion.marks):
        yield ("marks", index, "symbol"), mark.symbol
