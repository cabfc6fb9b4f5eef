"""The same strategy on random dates: whether its events have anything to do with its money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.hedge.answers.events import Stretch
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.types import Simulation

__all__ = ["PLACEBO_COLUMNS", "placebo_table"]

PLACEBO_COLUMNS = ["statistic", "value", "mean", "low", "high", "pvalue", "draws", "note"]


def placebo_table(
    decided: Decided, run: Simulation, spans: Sequence[Stretch], *, seed: int, draws: int
) -> pd.DataFrame:
    """Tabulate what random dates would have given."""
    return pd.DataFrame(columns=PLACEBO_COLUMNS)
