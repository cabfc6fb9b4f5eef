"""Volatility of a bar from its range."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import frame_values
from eventlab.errors import UsageError

__all__ = ["range_volatility"]


def range_volatility(high: pd.DataFrame, low: pd.DataFrame) -> pd.DataFrame:
    """Log volatility of each bar from its range: ln of ln(high/low) / sqrt(4 ln 2).

    Parameters
    ----------
    high, low
        (T, N) prices, bars by series, with the same rows and columns.

    Returns
    -------
    pandas.DataFrame
        (T, N); NaN where a price is missing or not above 0, the range is zero, or the low is above
        the high. Row t uses bar t alone.

    Raises
    ------
    UsageError
        Something other than two frames of numbers with the same rows and columns.

    References
    ----------
    Parkinson (1980), The extreme value method for estimating the variance of the rate of return,
    Journal of Business 53, eq. 8.
    """
    above, below = frame_values(high, "high"), frame_values(low, "low")
    if not (high.index.equals(low.index) and high.columns.equals(low.columns)):
        raise UsageError("high and low have different rows or columns; align them first")
    with np.errstate(all="ignore"):
        ranges = np.where(below > 0.0, np.log(above / below), np.nan)
        logs = np.where(ranges > 0.0, np.log(ranges) - 0.5 * math.log(4.0 * math.log(2.0)), np.nan)
    return pd.DataFrame(logs, index=high.index, columns=high.columns)
