"""How much risk the hedge took away, on event bars and on all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.answers.curves import event_bars
from eventlab.hedge.robustness.effectiveness import hedge_effectiveness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.hedge.answers.events import Stretch

__all__ = ["EFFECT_COLUMNS", "effectiveness_table"]

EFFECT_COLUMNS = ["scope", "measure", "value", "low", "high", "n", "note"]


def effectiveness_table(
    curves: pd.DataFrame, spans: Sequence[Stretch], first: int, *, seed: int
) -> pd.DataFrame:
    """1 - hedged / unhedged in variance and expected shortfall, with bootstrap intervals.

    Event bars are drawn by whole episodes, all bars in blocks.
    """
    episodes = event_bars(first + len(curves), spans)[first:]
    hedged = curves["hedged_return"].to_numpy(np.float64)
    unhedged = curves["unhedged_return"].to_numpy(np.float64)
    inside = episodes >= 0
    parts = []
    for scope, bars, groups in (("event", inside, episodes), ("all", slice(1, None), None)):
        own = None if groups is None else groups[bars]
        found = hedge_effectiveness(unhedged[bars], hedged[bars], seed=seed, groups=own)
        table = found.table.copy()
        table.insert(0, "scope", scope)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[EFFECT_COLUMNS]
