"""The parts of a strategy: timing, states to wait for, exposure, signal, limits, costs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field
from pydantic import Tag as Form

from eventlab.definitions.base import (
    FORMS,
    AssetName,
    Bar,
    BarWindow,
    Identifier,
    Many,
    StrictModel,
    SymbolName,
)

__all__ = [
    "CostsDefinition",
    "ExposureDefinition",
    "LegCostsDefinition",
    "LimitsDefinition",
    "Multiple",
    "ScaleDefinition",
    "SignalDefinition",
    "StateDefinition",
    "WhenDefinition",
]

BAR, STATE = FORMS
Fill = Literal["close", "open"]
Funding = Literal["none", "perpetual"]
Rebalance = Literal["none", "daily", "weekly"]
Take = Literal["follow", "fade", "gate"]
NonNegative = Annotated[float, Field(ge=0, le=10_000)]
Multiple = Annotated[float, Field(ge=-1_000, le=1_000)]


class StateDefinition(StrictModel):
    """A state of the market to wait for: at the first close at which all that is given holds."""

    funding_below: float | None = Field(
        default=None,
        description="Mean of the funding rates stamped in the last `bars` bars, in decimals, is "
        "below this.",
    )
    funding_above: float | None = Field(
        default=None,
        description="Mean of the funding rates stamped in the last `bars` bars, in decimals, is "
        "above this.",
    )
    volatility_below: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Realised volatility over `bars`, per year in decimals, is below this.",
    )
    volatility_above: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Realised volatility over `bars`, per year in decimals, is above this.",
    )
    easing: Identifier | None = Field(
        default=None,
        description="Event of a central bank: one of its occurrences tagged `cut` came out after "
        "the news that the strategy is held around.",
    )
    falling: SymbolName | None = Field(
        default=None,
        description="Symbol whose last close is below its last one `bars` bars before, as in UUP.",
    )
    rising: SymbolName | None = Field(
        default=None,
        description="Symbol whose last close is above its last one `bars` bars before.",
    )
    symbol: SymbolName | None = Field(
        default=None,
        description="Whose funding or volatility it is; the first of the book if left out.",
    )
    bars: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=20, description="Bars that the state is measured on."
    )
    after: Bar = Field(
        default=1, description="First bar, relative to the event session, at whose close to look."
    )
    at_most: Annotated[int, Field(ge=1, le=2_000)] = Field(
        default=120,
        description="Last bar, relative to the event session, at whose close to look: an exit is "
        "then decided anyway, an entry given up.",
    )


def _form(value: object) -> str | None:
    """Tell from its type which of the two a value is meant to be, so that one form complains."""
    if isinstance(value, dict | StateDefinition):
        return STATE
    return BAR if isinstance(value, int | float) and not isinstance(value, bool) else None


BarOrState = Annotated[
    Annotated[Bar, Form(BAR)] | Annotated[StateDefinition, Form(STATE)],
    Discriminator(_form),
]


class WhenDefinition(StrictModel):
    """When the position is on, in bars relative to the event session."""

    enter: BarOrState = Field(
        description="Bar in which the position is entered, before exit; or a state to wait for."
    )
    exit: BarOrState = Field(
        description="Bar in which the position is left; or a state to wait for."
    )
    fill: Fill = Field(
        default="close",
        description="At which price of its bar an order is filled: close, or open (the close where "
        "there is no opening price). It is decided at the close of the bar before.",
    )
    rebalance: Rebalance = Field(
        default="none",
        description="Whether the hedge is set anew meanwhile: none, daily (decided at every "
        "close), weekly (at the last close of each week).",
    )


class ExposureDefinition(StrictModel):
    """How much of the book is held, as a multiple of its weights."""

    inside: Multiple = Field(default=1.0, description="Between entry and exit.")
    outside: Multiple = Field(default=1.0, description="Before, between and after the events.")
    reset: Literal["exit", "none"] = Field(
        default="exit",
        description="exit: when a position is left, the book is brought back to its weights, so "
        "that gains and losses of hedges do not pile up as cash or debt; none: it is left alone.",
    )


class SignalDefinition(StrictModel):
    """What has to be seen first, and which way to go then."""

    symbol: AssetName = Field(description="Whose reaction it is; @issuer for that of the event.")
    bars: BarWindow = Field(
        default=(0, 0),
        description="Bars of the reaction, relative to the event session: the return from the "
        "close before the first to the close of the last.",
    )
    take: Take = Field(
        default="follow",
        description="follow: the book in the direction of the reaction; fade: against it; gate: "
        "the book as it is, if the reaction is strong enough.",
    )
    below: float | None = Field(
        default=None,
        description="Only after a reaction below this (-0.02: a fall of 2%); with above as well, "
        "below this or above that.",
    )
    above: float | None = Field(default=None, description="Only after a reaction above this.")


class ScaleDefinition(StrictModel):
    """The position inside, scaled by the forecast volatility of the book."""

    volatility: Annotated[float, Field(gt=0, le=100)] = Field(
        description="Target per year, in decimals: the book inside is multiplied by it over what "
        "is forecast for one unit of the book's gross value."
    )
    half_life: Annotated[float, Field(gt=0)] = Field(
        default=20.0, description="Bars after which a return counts half in the forecast."
    )
    cap: Annotated[float, Field(gt=0, le=1_000)] = Field(
        default=1.0, description="Largest multiple."
    )


class LimitsDefinition(StrictModel):
    """What ends or bounds a position."""

    gross: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Largest sum of all positions, long and short, over equity that a decision may "
        "lead to; its orders are cut to it.",
    )
    stop: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="Loss of equity since the entry was decided, in decimals and seen at a close, "
        "at which the position is left.",
    )
    maintenance: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0,
        description="Margin: equity over the sum of all positions, long and short, below which "
        "everything is liquidated. At 0 that is when equity is gone.",
    )


class LegCostsDefinition(StrictModel):
    """Costs of one symbol or @group, where they differ from those of the others."""

    fee_bps: NonNegative | None = Field(default=None, description="Commission per traded value.")
    slippage_bps: NonNegative | None = Field(default=None, description="Slippage per traded value.")
    borrow_bps_per_year: NonNegative | None = Field(default=None, description="Borrow fee.")


class CostsDefinition(StrictModel):
    """What trading and holding cost, in basis points."""

    fee_bps: NonNegative = Field(default=5.0, description="Commission per traded value.")
    slippage_bps: NonNegative = Field(default=5.0, description="Slippage per traded value.")
    borrow_bps_per_year: NonNegative = Field(
        default=50.0,
        description="Borrow fee per year, over 365 days, on the value sold short each night.",
    )
    funding: Funding = Field(
        default="none",
        description="perpetual: crypto legs are perpetuals, which pay and receive funding at its "
        "real times, and need no borrow.",
    )
    perpetuals: Many[AssetName] | None = Field(
        default=None,
        description="With funding perpetual: which legs are perpetuals; left out: all crypto legs.",
    )
    impact: Annotated[float, Field(ge=0, le=100)] = Field(
        default=0.0,
        description="Square-root impact: further slippage of impact x daily volatility x "
        "sqrt(order over a day's traded value), both of the 20 own days before. 0: none.",
    )
    interest: Annotated[float, Field(gt=-0.1, lt=1)] | SymbolName = Field(
        default=0.0,
        description="Interest per year on cash, paid on debt: a rate in decimals, or the symbol of "
        "a yield in percent (DGS2).",
    )
    by_symbol: dict[AssetName, LegCostsDefinition] = Field(
        default_factory=dict, description="Costs of single symbols and @groups."
    )
