"""The crises of the simulated market: when they are, and what truly changes in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.market.simulated_grid import DAYS, HOURS, hour_after, hour_close, stream
from eventlab.market.simulated_news import collect_news
from eventlab.timeline.types import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.definitions.event import EventDefinition
    from eventlab.market.simulated_news import News

__all__ = [
    "Crisis",
    "CrisisPaths",
    "SimulatedCrises",
    "contagion_truth",
    "crises",
    "crisis_paths",
]

_SLOT_DAYS = 500  # one seeded crisis in each
_SEEDED_DAYS, _SHOCK_DAYS = 35, 21
_EQUITY_VOLATILITY, _CRYPTO_VOLATILITY = 2.0, 1.4
_ADDED_LOADING = 1.0
_CONTAGION_SHARE = 2 / 3


@dataclass(frozen=True, slots=True)
class Crisis:
    """One crisis window and its true changes.

    Attributes
    ----------
    name
        Full id of the shock's occurrence, or ``seeded-1``, ``seeded-2``...
    start, end
        UTC ns; the window begins with the hour that the news falls into, so that no bar that
        closes before the news feels it.
    kind
        ``contagion``: volatility and the loading of crypto on tech rise. ``volatility``: only
        volatility does, so that correlations rise without any change of loadings.
    equity_volatility, crypto_volatility
        What the standard deviations of the market and tech factors, and of the crypto and AI-token
        factors, are multiplied by.
    tech_to_crypto
        What is added to the loading on the tech factor, times the symbol's own ``contagion``
        loading (1 for bitcoin, 0 for what has nothing to do with crypto). No loading on the market
        changes, so betas against SPY are the same inside and outside.
    """

    name: str
    start: int
    end: int
    kind: Literal["contagion", "volatility"]
    equity_volatility: float
    crypto_volatility: float
    tech_to_crypto: float


@dataclass(frozen=True, slots=True)
class CrisisPaths:
    """(HOURS,) float64 each: crises laid over the hours; where two overlap, the larger value."""

    equity_volatility: npt.NDArray[np.float64]
    crypto_volatility: npt.NDArray[np.float64]
    tech_to_crypto: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SimulatedCrises:
    """All crises of a simulated market, and by symbol what they meet.

    ``tech`` is each symbol's loading on the tech factor, ``contagion`` how much of what a crisis
    adds to it the symbol takes on.
    """

    crises: tuple[Crisis, ...]
    tech: Mapping[str, float]
    contagion: Mapping[str, float]


def contagion_truth(events: Sequence[EventDefinition], seed: int) -> tuple[Crisis, ...]:
    """Crisis windows of the market that ``simulated_market`` makes of the same events and seed.

    Returns
    -------
    By start: 21 days after each occurrence of an event of kind ``shock``, and 35 days at one seeded
    place in every 500. Two in three are contagion, the others a rise of volatility alone.
    """
    return crises(collect_news(events, seed), seed)


def crises(news: News, seed: int) -> tuple[Crisis, ...]:
    """Crisis windows of the news, and the seeded ones."""
    found = [
        _crisis(f"seeded-{slot + 1}", first, _SEEDED_DAYS, seed)
        for slot, first in enumerate(_seeded_starts(seed))
    ]
    found += [
        _crisis(news.occurrences[row], int(hour_close(news.hours[row] - 1)), _SHOCK_DAYS, seed)
        for row, kind in enumerate(news.kinds)
        if kind == "shock"
    ]
    return tuple(sorted(found, key=lambda crisis: (crisis.start, crisis.name)))


def crisis_paths(windows: Sequence[Crisis]) -> CrisisPaths:
    """Lay crisis windows over the hours of the span."""
    equity, crypto, loading = np.ones(HOURS), np.ones(HOURS), np.zeros(HOURS)
    for crisis in windows:
        first, end = hour_after(np.array([crisis.start, crisis.end], dtype=np.int64))
        hours = slice(max(int(first), 0), max(int(end), 0))
        for path, value in (
            (equity, crisis.equity_volatility),
            (crypto, crisis.crypto_volatility),
            (loading, crisis.tech_to_crypto),
        ):
            path[hours] = np.maximum(path[hours], value)
    return CrisisPaths(equity, crypto, loading)


def _seeded_starts(seed: int) -> list[int]:
    """UTC ns of midnights: one in each slot, at the same places whatever events there are."""
    rng = stream(seed, "seeded crises")
    slots = DAYS // _SLOT_DAYS
    days = np.arange(slots) * _SLOT_DAYS + rng.integers(60, _SLOT_DAYS - _SEEDED_DAYS, slots)
    return [int(hour_close(24 * int(day) - 1)) for day in days]


def _crisis(name: str, start: int, days: int, seed: int) -> Crisis:
    contagion = bool(stream(seed, "crisis", name).random() < _CONTAGION_SHARE)
    return Crisis(
        name=name,
        start=start,
        end=start + days * DAY,
        kind="contagion" if contagion else "volatility",
        equity_volatility=_EQUITY_VOLATILITY,
        crypto_volatility=_CRYPTO_VOLATILITY,
        tech_to_crypto=_ADDED_LOADING if contagion else 0.0,
    )
