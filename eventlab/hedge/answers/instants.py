"""Instants as the tables write them."""

from __future__ import annotations

import pandas as pd

__all__ = ["moment"]


def moment(instant: int) -> pd.Timestamp:
    """Return an instant in UTC nanoseconds as a timestamp in UTC."""
    return pd.Timestamp(int(instant), tz="UTC")
