"""Draw the samples of a design: returns on a panel, and where the events are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.models.specs import EventArrays

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.size_designs import Design

    Array = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]

__all__ = ["draw_sample"]

BURN_IN = 100  # bars before the first, for volatility to forget where it began


def draw_sample(design: Design, rng: np.random.Generator) -> EventArrays:
    """Return one sample of ``design``.

    Market N(.0004, .009^2); sigma exp(N(log .023, .45^2)) and beta N(1, .35^2) per asset.
    """
    if design.dates == "own":
        return own_dates(design, rng)
    return one_panel(design, rng)


def own_dates(design: Design, rng: np.random.Generator) -> EventArrays:
    """Events with a market of their own: blocks of bars one after the other, in two rows."""
    T = design.history + design.bars + event_bars(design)
    day0 = np.full(design.n, T - 1 - design.spec.event_window[1])
    market = rng.normal(0.0004, 0.009, (design.n, T))
    asset = assets(design, rng, market, day0)
    column = np.zeros(design.n, dtype=np.int64)
    returns = np.stack([asset.reshape(-1), market.reshape(-1)])
    return arrays_of(returns, column, column + 1, position=np.arange(design.n) * T + day0)


def one_panel(design: Design, rng: np.random.Generator) -> EventArrays:
    """N assets in rows, then their market."""
    start = design.history + design.bars - design.spec.event_window[0]
    day0 = start + offsets(design, rng)
    T = int(day0.max()) + design.spec.event_window[1] + 1
    market = rng.normal(0.0004, 0.009, (1, T))
    asset = assets(design, rng, market, day0)
    column = np.arange(design.n)
    returns = np.concatenate([asset, market])
    return arrays_of(returns, column, np.full(design.n, design.n), position=day0)


def event_bars(design: Design) -> int:
    """Bars of the event window."""
    first, last = design.spec.event_window
    return last - first + 1


def offsets(design: Design, rng: np.random.Generator) -> Whole:
    """(N,): bars from the earliest possible date to each event's."""
    order = np.arange(design.n)
    if design.dates == "staggered":
        return 2 * (order % 10)
    if design.dates == "clusters":
        return 30 * (order % 5)
    if design.dates == "apart":
        apart = np.sort(rng.choice(20 * design.n, design.n, replace=False))
        return apart + order * event_bars(design)
    return np.zeros(design.n, dtype=np.int64)


def assets(design: Design, rng: np.random.Generator, market: Array, day0: Whole) -> Array:
    """(N, T) returns on ``market`` (N or 1, T), with what happens on ``day0`` (N,)."""
    T = market.shape[1]
    rows = np.arange(design.n)
    error = unit_errors(design, rng, T)
    if design.rho:
        error = math.sqrt(1 - design.rho) * error + math.sqrt(design.rho) * rng.normal(size=T)
    error[rows, day0] *= math.sqrt(design.variance)
    sigma = np.exp(rng.normal(math.log(0.023), 0.45, (design.n, 1)))
    returns = rng.normal(1.0, 0.35, (design.n, 1)) * market + sigma * error
    returns[rows, day0] += design.effect
    if design.trading < 1.0:
        return thinned(returns, rng.random(returns.shape) < design.trading, missing=design.missing)
    return returns


def unit_errors(design: Design, rng: np.random.Generator, T: int) -> Array:
    """(N, T) errors of mean zero and variance one, independent across assets."""
    shape = (design.n, T)
    if design.errors == "normal":
        return rng.normal(size=shape)
    if design.errors == "skewed":
        return (rng.gamma(2.0, size=shape) - 2.0) / math.sqrt(2.0)
    if design.errors == "garch_t4":
        return garch(rng.standard_t(4, (T + BURN_IN, design.n)) / math.sqrt(2.0))
    return rng.standard_t(5, shape) / math.sqrt(5 / 3)


def garch(shocks: Array) -> Array:
    """(N, T) of h = .04 + .10 e^2 + .86 h with ``shocks`` (burn-in + T, N) of unit variance."""
    error = np.empty_like(shocks)
    h = np.ones(shocks.shape[1])
    for t, shock in enumerate(shocks):
        error[t] = np.sqrt(h) * shock
        h = 0.04 + 0.10 * error[t] ** 2 + 0.86 * h
    return np.ascontiguousarray(error[BURN_IN:].T)


def thinned(returns: Array, traded: npt.NDArray[np.bool_], *, missing: bool) -> Array:
    """Move the returns (N, T) of bars without a trade into the next bar with one."""
    total = np.cumsum(returns, axis=1)
    bar = np.arange(returns.shape[1])
    last = np.maximum.accumulate(np.where(traded, bar, -1), axis=1)
    before = np.concatenate([np.full((len(returns), 1), -1), last[:, :-1]], axis=1)
    seen = np.where(before < 0, 0.0, np.take_along_axis(total, np.maximum(before, 0), axis=1))
    return np.where(traded, total - seen, np.nan if missing else 0.0)


def arrays_of(returns: Array, column: Whole, market: Whole, position: Whole) -> EventArrays:
    """Wrap a sample as a study takes it."""
    return EventArrays(
        returns=np.ascontiguousarray(returns),
        column=column,
        factors=market[:, None].copy(),
        position=position,
        asset=column,
        anchor=position,
        controls=np.empty((len(column), 0), dtype=np.int64),
    )
