"""What a strategy made per event, worked out from the tables of its backtest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import stdtrit

from eventlab.report.hedge.wording import wording

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from eventlab.hedge.results import Backtest

__all__ = [
    "COSTS",
    "PerEvent",
    "cost_shares",
    "episode_of",
    "gains",
    "per_event",
    "several_events",
    "value_of",
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


def gains(result: Backtest) -> npt.NDArray[np.float64]:
    """(E,) what the strategy made in each episode, over equity at entry.

    Beyond the book alone, after costs; where the strategy trades around events only, by itself.
    """
    events = result.events
    own: npt.NDArray[np.float64] = events["hedged_return"].to_numpy(np.float64)
    if wording(result.strategy).way == "trade":
        return own
    alone: npt.NDArray[np.float64] = events["unhedged_return"].to_numpy(np.float64)
    return np.subtract(own, alone)


def per_event(values: npt.NDArray[np.float64]) -> PerEvent:
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
    equity = result.events["equity"].to_numpy(np.float64)
    found = {
        kind: float(np.nanmean(result.events[kind].to_numpy(np.float64) / equity)) for kind in COSTS
    }
    if wording(result.strategy).way == "hedge":
        over = equity[episode_of(result, result.legs)]
        own = result.legs["role"].to_numpy() == "hedge"
        for kind in ("borrow", "funding"):
            paid = result.legs[kind].to_numpy(np.float64) / over
            found[kind] = float(paid[own].sum()) / len(equity)
    return found


def episode_of(result: Backtest, table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """(R,) row of ``events`` that each row of a table in the order of episodes belongs to.

    Occurrences of different events can have the same name, so rows are matched in order.
    """
    names = result.events["occurrence"].tolist()
    found, at = [], 0
    for name in table["occurrence"].tolist():
        while names[at] != name:
            at += 1
        found.append(at)
    return np.array(found, dtype=np.int64)


def several_events(result: Backtest) -> bool:
    """Whether episodes are named by their event, too."""
    return len(set(result.events["event"])) > 1


def value_of(table: pd.DataFrame, column: str, **where: object) -> float:
    """Return one number of a table by the values of other columns; NaN where there is none."""
    kept = table
    for key, wanted in where.items():
        kept = kept[kept[key] == wanted]
    return float(kept[column].iloc[0]) if len(kept) else math.nan
