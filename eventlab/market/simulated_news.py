"""What the workspace's events do to the simulated market.

Effects are functions of (seed, occurrence, symbol) and of nothing else: neither the other events
nor the symbols that are loaded nor an event's list of assets change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import EventlabError
from eventlab.market.simulated_grid import HOURS, hashed_normal, hour_after, stable_key
from eventlab.timeline.instants import event_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.definitions.event import EventDefinition
    from eventlab.market.simulated_symbols import SymbolModel

__all__ = ["News", "collect_news", "effects", "spills"]

ISSUER_SD = 0.06  # sd of the issuer's own jump
SPILL_SHARE = 0.5  # sd of another asset's jump, in units of its daily own_volatility
MARKET_PER_SURPRISE = 0.006  # jump of the market factor per unit of a central bank's surprise
MEAN_SURPRISE = 0.4
CRYPTO_SHOCK_SD = 0.05  # sd of the crypto factor's jump on a shock


@dataclass(frozen=True, slots=True)
class News:
    """Every occurrence that falls into the span, in the order of the files.

    Attributes
    ----------
    instants
        (N,) int64 UTC ns: the earliest time at which it may have been known.
    hours
        (N,) int64: the first hour that closes strictly after the instant.
    keys, event_keys
        (N,) uint64: what the draws of an occurrence and of its event are made of.
    surprises
        (N,) float64: what a central bank would surprise with.
    market_moves
        (N,) float64: jump of the market factor in that hour; 0 unless a central bank spoke.
    crypto_moves
        (N,) float64: jump of the crypto factor in that hour; 0 unless the event is a shock.
    """

    events: tuple[str, ...]
    occurrences: tuple[str, ...]
    kinds: tuple[str, ...]
    issuers: tuple[str | None, ...]
    instants: npt.NDArray[np.int64]
    hours: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    event_keys: npt.NDArray[np.uint64]
    surprises: npt.NDArray[np.float64]
    market_moves: npt.NDArray[np.float64]
    crypto_moves: npt.NDArray[np.float64]


def collect_news(events: Sequence[EventDefinition], seed: int) -> News:
    """List the occurrences whose instant is known and lies inside the span.

    An occurrence that has no instant (its exchange was closed that day, say) is passed over: the
    study that meets it lists it with the reason.
    """
    found = []
    for event in events:
        for occurrence in event.resolved_occurrences():
            try:
                instant = event_instant(occurrence).earliest
            except EventlabError:
                continue
            found.append((event.event, occurrence.full_id, event.kind, occurrence.issuer, instant))
    instants = np.array([each[4] for each in found], dtype=np.int64)
    hours = hour_after(instants)
    inside = np.flatnonzero((hours >= 0) & (hours < HOURS))
    kept = [found[index] for index in inside]
    keys = _keys([each[1] for each in kept])
    surprises = MEAN_SURPRISE + hashed_normal(keys, stable_key(str(seed), "surprise"))
    shocks = CRYPTO_SHOCK_SD * hashed_normal(keys, stable_key(str(seed), "crypto shock"))
    kinds = np.array([each[2] for each in kept], dtype=object)
    return News(
        events=tuple(each[0] for each in kept),
        occurrences=tuple(each[1] for each in kept),
        kinds=tuple(each[2] for each in kept),
        issuers=tuple(each[3] for each in kept),
        instants=instants[inside],
        hours=hours[inside],
        keys=keys,
        event_keys=_keys([each[0] for each in kept]),
        surprises=surprises,
        market_moves=np.where(kinds == "central_bank", MARKET_PER_SURPRISE * surprises, 0.0),
        crypto_moves=np.where(kinds == "shock", shocks, 0.0),
    )


def effects(news: News, model: SymbolModel, seed: int) -> npt.NDArray[np.float64]:
    """Draw a symbol's (N,) true abnormal returns: what news adds beyond beta times SPY.

    The issuer jumps by a normal of 6%. On another symbol an occurrence has an effect of half
    the volatility that is its own where ``spills`` says so (1% for a stock) and exactly none where
    not; a central bank's is its surprise times the symbol's response. On a shock the jump of the
    crypto factor comes on top, times the symbol's loading.
    """
    drawn = hashed_normal(news.keys, stable_key(str(seed), "effect", model.symbol))
    responses = hashed_normal(news.event_keys, stable_key(str(seed), "response", model.symbol))
    reached = np.array([spills(event, model.symbol) for event in news.events], dtype=np.float64)
    of_bank = np.array([kind == "central_bank" for kind in news.kinds], dtype=np.bool_)
    is_issuer = np.array([issuer == model.symbol for issuer in news.issuers], dtype=np.bool_)
    size = SPILL_SHARE * model.own_volatility * reached
    spilled = size * np.where(of_bank, responses * news.surprises, drawn)
    own = np.where(is_issuer, ISSUER_SD * drawn, spilled)
    return np.asarray(own + model.loadings["crypto"] * news.crypto_moves)


@lru_cache(maxsize=65_536)
def spills(event: str, symbol: str) -> bool:
    """Whether an event has an effect of its own on a symbol that did not issue it.

    True for half of all pairs, whatever the seed. The other half are true nulls.
    """
    return stable_key("spill", event, symbol) % 2 == 0


def _keys(names: Sequence[str]) -> npt.NDArray[np.uint64]:
    return np.array([stable_key(name) for name in names], dtype=np.uint64)
