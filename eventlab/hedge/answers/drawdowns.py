"""Drawdowns of every run, as vectorbt finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.portfolio import drawdowns

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DRAWDOWN_COLUMNS", "drawdown_table"]

DRAWDOWN_COLUMNS = ["run", "peak", "trough", "recovered", "depth", "bars"]
LEAST = 0.001  # falls of less than a tenth of a percent are noise


def drawdown_table(curves: pd.DataFrame, runs: Sequence[str]) -> pd.DataFrame:
    """List falls from a peak by more than 0.1%, the deepest first within each run."""
    sessions = curves["session"].to_numpy()
    parts = []
    for run in runs:
        found = drawdowns(np.ascontiguousarray(curves[run].to_numpy(np.float64)))
        found = found[found["depth"] <= -LEAST]
        over = found["recovered"].to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "run": run,
                    "peak": sessions[found["peak"].to_numpy()],
                    "trough": sessions[found["trough"].to_numpy()],
                    "recovered": np.where(
                        over >= 0, sessions[np.maximum(over, 0)], np.datetime64("NaT", "s")
                    ),
                    "depth": found["depth"].to_numpy(),
                    "bars": np.where(over >= 0, over, len(curves) - 1) - found["peak"].to_numpy(),
                }
            ).sort_values("depth", kind="stable")
        )
    return pd.concat(parts, ignore_index=True)[DRAWDOWN_COLUMNS]
