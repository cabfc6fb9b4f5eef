"""What a strategy file says: a book, its hedge, when it is held around events, and the costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from eventlab.definitions.base import (
    AssetName,
    Bar,
    ClockCode,
    Day,
    Identifier,
    Many,
    StrictModel,
    SymbolName,
    Tag,
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

RatioMethod = Literal[
    "fixed", "ols", "ewma", "ridge", "kalman", "dcc", "min_es", "downside_beta", "put"
]
Fill = Literal["close", "open"]
Missing = Literal["raise", "roll"]
Rebalance = Literal["none", "daily", "weekly"]
WhenClosed = Literal["next_open", "previous_close", "cancel"]
Funding = Literal["none", "perpetual"]
NonNegative = Annotated[float, Field(ge=0, le=10_000)]
SweepValue = bool | int | float | str | Many[str] | None


class RatioDefinition(StrictModel):
    """How much of the hedge instruments is held per unit of the book."""

    method: RatioMethod = Field(
        default="ols",
        description="fixed, ols, ewma, ridge, kalman, dcc, min_es, downside_beta or put.",
    )
    value: float | None = Field(
        default=None,
        description="The ratio itself with method fixed; with put, puts per unit of the book "
        "(1.0 if left out).",
    )
    lookback: Annotated[int, Field(ge=10, le=10_000)] = Field(
        default=120, description="Bars that the ratio is estimated on."
    )
    half_life: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Bars after which a return counts half; needed by ewma."
    )
    penalty: Annotated[float, Field(ge=0)] = Field(
        default=0.1,
        description="Of ridge: what is added to the variance of each instrument, as a multiple of "
        "their mean variance.",
    )
    state_noise: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="Of kalman: variance of a beta's step per bar over that of the residual; left "
        "out: by maximum likelihood.",
    )
    level: Annotated[float, Field(gt=0, le=0.5)] = Field(
        default=0.05, description="Of min_es: the share of worst bars that is averaged."
    )
    cap: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Largest ratio in absolute value; null: no limit."
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


class StateDefinition(StrictModel):
    """A state of the market to wait for: at the first close at which all that is given holds."""

    funding_below: float | None = Field(
        default=None, description="Mean funding rate per 8 hours over `bars` is below this."
    )
    funding_above: float | None = Field(
        default=None, description="Mean funding rate per 8 hours over `bars` is above this."
    )
    volatility_below: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Realised volatility over `bars`, per year, is below this."
    )
    volatility_above: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Realised volatility over `bars`, per year, is above this."
    )
    easing: Identifier | None = Field(
        default=None,
        description="Event of a central bank: one of its occurrences tagged `cut` came out after "
        "the news.",
    )
    falling: SymbolName | None = Field(
        default=None, description="Symbol that fell over `bars`, as in UUP for the dollar."
    )
    rising: SymbolName | None = Field(default=None, description="Symbol that rose over `bars`.")
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
        description="Last bar to wait: an exit is then made anyway, an entry given up.",
    )


class WhenDefinition(StrictModel):
    """When the position is on, in bars relative to the event session."""

    enter: Bar | StateDefinition = Field(
        description="Bar in which the position is entered, before exit; or a state to wait for."
    )
    exit: Bar | StateDefinition = Field(
        description="Bar in which the position is left; or a state to wait for."
    )
    fill: Fill = Field(
        default="close",
        description="At which price of its bar an order is filled: open or close. It is decided "
        "at the close of the bar before.",
    )
    rebalance: Rebalance = Field(
        default="none", description="Whether the hedge is set anew meanwhile: none, daily, weekly."
    )


class ExposureDefinition(StrictModel):
    """How much of the book is held, as a multiple of its weights."""

    inside: float = Field(default=1.0, description="Between entry and exit.")
    outside: float = Field(default=1.0, description="Before, between and after the events.")


class SignalDefinition(StrictModel):
    """What has to be seen first, and which way to go then."""

    symbol: AssetName = Field(description="Whose reaction it is; @issuer for that of the event.")
    bars: tuple[Bar, Bar] = Field(
        default=(0, 0), description="Bars of the reaction, relative to the event session."
    )
    take: Literal["follow", "fade", "gate"] = Field(
        default="follow",
        description="follow: the book in the direction of the reaction; fade: against it; gate: "
        "the book as it is, if the reaction is strong enough.",
    )
    below: float | None = Field(
        default=None, description="Only after a reaction below this (-0.02: a fall of 2%)."
    )
    above: float | None = Field(default=None, description="Only after a reaction above this.")


class ScaleDefinition(StrictModel):
    """The position inside, scaled so that the book's forecast volatility is the target."""

    volatility: Annotated[float, Field(gt=0)] = Field(description="Target per year, in decimals.")
    half_life: Annotated[float, Field(gt=0)] = Field(
        default=20.0, description="Bars after which a return counts half in the forecast."
    )
    cap: Annotated[float, Field(gt=0)] = Field(default=1.0, description="Largest multiple.")


class LimitsDefinition(StrictModel):
    """What ends or bounds a position."""

    gross: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Largest sum of all positions over equity; orders are cut to it."
    )
    stop: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Loss of equity since entry at which the position is left."
    )
    maintenance: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0,
        description="Margin: equity over the sum of all positions below which everything is "
        "liquidated. At 0 that is when equity is gone.",
    )


class LegCostsDefinition(StrictModel):
    """Costs of one symbol, where they differ from those of the others."""

    fee_bps: NonNegative | None = Field(default=None, description="Commission per traded value.")
    slippage_bps: NonNegative | None = Field(default=None, description="Slippage per traded value.")
    borrow_bps_per_year: NonNegative | None = Field(default=None, description="Borrow fee.")


class CostsDefinition(StrictModel):
    """What trading and holding cost, in basis points."""

    fee_bps: NonNegative = Field(default=5.0, description="Commission per traded value.")
    slippage_bps: NonNegative = Field(default=5.0, description="Slippage per traded value.")
    borrow_bps_per_year: NonNegative = Field(
        default=50.0, description="Borrow fee per year on the value sold short."
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
        "sqrt(order over a day's volume), both of the 20 bars before. 0: none.",
    )
    interest: Annotated[float, Field(gt=-0.1, lt=1)] | SymbolName = Field(
        default=0.0,
        description="Interest per year on cash, paid on debt: a rate in decimals, or the symbol of "
        "a yield in percent (DGS2).",
    )
    by_symbol: dict[AssetName, LegCostsDefinition] = Field(
        default_factory=dict, description="Costs of single symbols."
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
        description="What an order does at a price that lacks in an open market: raise an error, "
        "or roll to the next price.",
    )
    costs: CostsDefinition = Field(
        default=CostsDefinition(), description="What trading and holding cost."
    )
    limits: LimitsDefinition = Field(
        default=LimitsDefinition(), description="What ends or bounds a position."
    )
    capital: Annotated[float, Field(gt=0, le=1e15)] = Field(
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
