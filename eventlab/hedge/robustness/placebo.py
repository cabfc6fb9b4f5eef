"""Where a strategy stands among its own draws on random dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["placebo_summary"]

SAME: Final = 1e-12  # a draw that differs from the observed value by rounding is as extreme
COLUMNS: Final = ("statistic", "value", "mean", "low", "high", "pvalue", "draws", "note")


def placebo_summary(
    observed: Mapping[str, float], draws: Mapping[str, npt.NDArray[np.float64]]
) -> pd.DataFrame:
    """Where the observed statistics stand among those of random dates.

    Parameters
    ----------
    observed
        Value by name of the statistic.
    draws
        (B,) values of the draws by the same names; a draw that has none is NaN and left out.

    Returns
    -------
    pandas.DataFrame
        A row per statistic: statistic, value, mean, low, high (2.5% and 97.5% of the draws),
        pvalue = (1 + draws not below the observed value)/(1 + draws), draws (counted), note.

    Raises
    ------
    UsageError
        If a name has no draws.

    References
    ----------
    Phipson & Smyth (2010), Permutation p-values should never be zero, eq. 2.
    """
    rows = []
    for name, value in observed.items():
        if name not in draws:
            raise UsageError(f"draws has no {name!r}; pass the draws of each observed statistic")
        rows.append(_summary(name, float(value), draws[name]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _summary(name: str, value: float, drawn: npt.NDArray[np.float64]) -> tuple[object, ...]:
    left = drawn[np.isfinite(drawn)]
    lost = len(drawn) - len(left)
    note = f"{lost} of {len(drawn)} draws have no value and are left out" if lost else ""
    if not len(left):
        return name, value, np.nan, np.nan, np.nan, np.nan, 0, "no draw has a value"
    low, high = np.quantile(left, [0.025, 0.975])
    pvalue: float = (1 + np.count_nonzero(left >= value - SAME * abs(value))) / (1 + len(left))
    if not np.isfinite(value):
        pvalue, note = np.nan, "the observed value is missing"
    return name, value, float(left.mean()), low, high, pvalue, len(left), note
