"""What a strategy says of its hedge: instruments, the rule of the ratio, puts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eventlab.definitions.base import AssetName, Many, StrictModel

__all__ = ["HedgeDefinition", "PutDefinition", "RatioDefinition", "RatioMethod"]

RatioMethod = Literal[
    "fixed", "ols", "ewma", "ridge", "kalman", "dcc", "min_es", "downside_beta", "put"
]

PutCost = Annotated[float, Field(ge=0, le=10_000)]


class RatioDefinition(StrictModel):
    """How much of the hedge instruments is held per unit of the book."""

    method: RatioMethod = Field(
        default="ols",
        description="fixed, ols, ewma, ridge, kalman, dcc, min_es, downside_beta or put.",
    )
    value: Annotated[float, Field(ge=-1_000, le=1_000)] | None = Field(
        default=None,
        description="The ratio itself with method fixed, shared alike by several instruments; with "
        "put, puts per unit of the book (1.0 if left out).",
    )
    lookback: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=120, description="Joint returns that the ratio is estimated on, up to the decision."
    )
    half_life: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Bars after which a return counts half; needed by ewma."
    )
    penalty: Annotated[float, Field(ge=0, le=1e6)] = Field(
        default=0.1,
        description="Of ridge: what is added to the variance of each instrument, as a multiple of "
        "their mean variance.",
    )
    state_noise: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="Of kalman: variance of a beta's step per bar over that of the residual, all "
        "series scaled to a standard deviation of 1; left out: by maximum likelihood.",
    )
    level: Annotated[float, Field(gt=0, le=0.5)] = Field(
        default=0.05, description="Of min_es: the share of worst bars that is averaged."
    )
    cap: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Largest ratio of each instrument in absolute value; null: no limit.",
    )


class PutDefinition(StrictModel):
    """Puts on the instrument, priced by Black and Scholes on its own volatility."""

    moneyness: Annotated[float, Field(gt=0, le=2)] = Field(
        default=0.95, description="Strike over the price at the decision."
    )
    expiry: Annotated[int, Field(ge=2, le=1_000)] = Field(
        default=30, description="Bars from the decision until the put expires; not before exit."
    )
    lookback: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=60, description="Bars that the volatility is measured on."
    )
    premium: Annotated[float, Field(ge=-0.9, le=10)] = Field(
        default=0.1,
        description="What implied volatility is above that measured: 0.1 is a tenth more.",
    )
    fee_bps: PutCost | None = Field(
        default=None,
        description="Commission per value of the puts themselves; that of the instrument if left "
        "out.",
    )
    slippage_bps: PutCost | None = Field(
        default=None,
        description="Slippage per value of the puts, half of what bid and ask are apart; that of "
        "the instrument if left out.",
    )


class HedgeDefinition(StrictModel):
    """What is held against the book."""

    instruments: Annotated[Many[AssetName], Field(min_length=1)] = Field(
        description="Symbols and @groups that the hedge is built of."
    )
    ratio: RatioDefinition = Field(
        default=RatioDefinition(), description="How the hedge ratio is found."
    )
    put: PutDefinition | None = Field(
        default=None, description="The puts of ratio method put; its defaults if left out."
    )
