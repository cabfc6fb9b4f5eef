"""How much risk the hedge took away, on event bars and on all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.answers.curves import event_bars, scope_returns
from eventlab.hedge.robustness.effectiveness import hedge_effectiveness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventlab.hedge.answers.events import Stretch
    from eventlab.hedge.types import Simulation

__all__ = ["EFFECT_COLUMNS", "effectiveness_table"]

EFFECT_COLUMNS = ["scope", "measure", "value", "low", "high", "n", "note"]


def effectiveness_table(
    curves: pd.DataFrame, runs: Mapping[str, Simulation], spans: Sequence[Stretch], *, seed: int
) -> pd.DataFrame:
    """1 - hedged / unhedged in variance and expected shortfall, with bootstrap intervals.

    Event bars are drawn by whole episodes, all bars in blocks. ``curves`` are the last bars of the
    clock, from the start of the strategy on.
    """
    bars = len(runs["hedged"].equity) // 2
    episodes = event_bars(bars, spans)[bars - len(curves) :]
    parts = []
    for scope in ("event", "all"):
        inside = episodes >= 0 if scope == "event" else np.arange(len(curves)) > 0
        hedged, unhedged = (
            scope_returns(curves, runs, name, spans if scope == "event" else ())[inside]
            for name in ("hedged", "unhedged")
        )
        own = episodes[inside] if scope == "event" else None
        found = hedge_effectiveness(unhedged, hedged, seed=seed, groups=own)
        table = found.table.copy()
        table.insert(0, "scope", scope)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[EFFECT_COLUMNS]
