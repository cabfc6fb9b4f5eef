"""What a strategy made per event, worked out from the tables of its backtest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import stdtrit

from eventlab.report.hedge.wording import wording

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt
    import pandas as pd

    from eventlab.hedge.results import Backtest

    Floats: TypeAlias = npt.NDArray[np.float64]

__all__ = [
    "COSTS",
    "PerEvent",
    "cost_shares",
    "episode_of",
    "gains",
    "per_event",
    "several_events",
    "value_of",
    "was_held",
]

COSTS: Final = ("fees", "slippage", "borrow", "funding")
COVERAGE: Final = 0.95


@dataclass(frozen=True, slots=True)
class PerEvent:
    """The mean of one number per episode with its 95% interval (Student's t over episodes).

    NaN bounds below two episodes. ``without_best`` is the mean without the best episode,
    ``best`` its row.
    """

    mean: float
    low: float
    high: float
    n: int
    best: int
    without_best: float

    @property
    def told(self) -> bool:
        """Whether the interval leaves zero out."""
        return math.isfinite(self.low) and (self.low > 0 or self.high < 0)


def gains(result: Backtest) -> Floats:
    """(E,) what the strategy added in each episode after costs, over equity at entry.

    A hedge is charged with all trades, and with borrow and funding of its own legs: what the book
    pays to be held it would pay without a hedge, too. Stepping aside is compared with the book's
    own price move; where the strategy trades around events only, its return stands by itself.
    """
    events = result.events
    hedged: Floats = events["hedged"].to_numpy(np.float64)
    equity: Floats = events["equity"].to_numpy(np.float64)
    equity = np.where(was_held(result), equity, np.nan)
    way = wording(result.strategy).way
    if way == "trade":
        return hedged / equity
    added: Floats = hedged - events["unhedged"].to_numpy(np.float64)
    if way == "hedge":
        added = added + sum(of_role(result, "book", kind) for kind in ("borrow", "funding"))
    return added / equity


def per_event(values: Floats) -> PerEvent:
    """Mean of (E,) episodes with its interval; NaN is left out."""
    known = np.flatnonzero(np.isfinite(values))
    own = values[known]
    n = len(own)
    if n == 0:
        return PerEvent(math.nan, math.nan, math.nan, 0, -1, math.nan)
    mean, reach = float(own.mean()), math.nan
    if n > 1:
        spread = float(own.std(ddof=1)) / math.sqrt(n)
        reach = spread * float(stdtrit(n - 1, (1.0 + COVERAGE) / 2.0))
    best = int(own.argmax())
    rest = (own.sum() - own[best]) / (n - 1) if n > 1 else math.nan
    return PerEvent(mean, mean - reach, mean + reach, n, int(known[best]), float(rest))


def cost_shares(result: Backtest) -> dict[str, float]:
    """Cost by kind over equity at entry, averaged over episodes; negative where money came in.

    Of a hedge, borrow and funding are those of its own legs: what the book pays to be held it
    would pay without a hedge, too.
    """
    held = was_held(result)
    equity = result.events["equity"].to_numpy(np.float64)[held]
    found = {}
    for kind in COSTS:
        paid: Floats = result.events[kind].to_numpy(np.float64)
        if kind in {"borrow", "funding"} and wording(result.strategy).way == "hedge":
            paid = of_role(result, "hedge", kind)
        found[kind] = float(np.mean(paid[held] / equity)) if held.any() else math.nan
    return found


def was_held(result: Backtest) -> npt.NDArray[np.bool_]:
    """(E,) whether an episode was traded: not those after everything had been liquidated."""
    events = result.events
    alive = events["equity"].to_numpy(np.float64) > 0
    moved = (events[["unhedged", "hedged"]].to_numpy(np.float64) != 0).any(axis=1)
    held: npt.NDArray[np.bool_] = alive & (moved | (events["bars"].to_numpy(np.int64) > 0))
    return held


def of_role(result: Backtest, role: str, kind: str) -> Floats:
    """(E,) what the legs of a role paid of one kind of cost in each episode, in money."""
    own = result.legs["role"].to_numpy() == role
    paid = result.legs[kind].to_numpy(np.float64)[own]
    of = episode_of(result, result.legs)[own]
    return np.bincount(of, paid, minlength=len(result.events)).astype(np.float64)


def episode_of(result: Backtest, table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """(R,) row of ``events`` that each row of a table of episodes belongs to."""
    keys = zip(result.events["event"], result.events["occurrence"], strict=True)
    place = {key: at for at, key in enumerate(keys)}
    rows = zip(table["event"], table["occurrence"], strict=True)
    return np.array([place[key] for key in rows], dtype=np.int64)


def several_events(result: Backtest) -> bool:
    """Whether episodes are named by their event, too."""
    return len(set(result.events["event"])) > 1


def value_of(table: pd.DataFrame, column: str, **where: object) -> float:
    """Return one number of a table by the values of other columns; NaN where there is none."""
    keys = list(zip(*(table[key].tolist() for key in where), strict=True))
    wanted = tuple(where.values())
    return float(table[column].iloc[keys.index(wanted)]) if wanted in keys else math.nan
