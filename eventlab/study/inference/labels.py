"""Labels of sessions and bars as they stand in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from eventlab.timeline.types import Clock

__all__ = ["labels"]


def labels(clock: Clock, rows: npt.NDArray[np.int64] | slice = slice(None)) -> pd.DatetimeIndex:
    """Dates of sessions, without a zone; of bars the instants in UTC at which they close."""
    found = pd.DatetimeIndex(clock.sessions[rows].astype("datetime64[s]"))
    return found.tz_localize("UTC") if clock.bar_minutes else found
