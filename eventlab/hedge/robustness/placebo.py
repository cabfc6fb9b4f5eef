"""Where a strategy stands among its own draws on random dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["placebo_summary"]

Side = Literal["greater", "less", "two-sided"]
SIDES: Final = ("greater", "less", "two-sided")
SAME: Final = 1e-12  # a draw that differs from the observed value by rounding is as extreme
COLUMNS: Final = ("statistic", "value", "mean", "low", "high", "pvalue", "draws", "side", "note")


def placebo_summary(
    observed: Mapping[str, float],
    draws: pd.DataFrame | Mapping[str, npt.NDArray[np.float64]],
    *,
    side: Side | Mapping[str, Side] = "greater",
) -> pd.DataFrame:
    """Where the observed statistics stand among those of random dates.

    Parameters
    ----------
    observed
        Value by name of the statistic.
    draws
        (B,) values of the draws by the same names; a draw that has none is NaN and left out.
    side
        Which draws are as extreme: those not below the observed value (``greater``), not above it
        (``less``), or at least as far from the draws' median (``two-sided``). One for all, or by
        name.

    Returns
    -------
    pandas.DataFrame
        A row per statistic: statistic, value, mean, low, high (2.5% and 97.5% of the draws),
        pvalue = (1 + draws as extreme)/(1 + draws), draws (counted), side, note.

    Raises
    ------
    UsageError
        If a name has no draws or a side is unknown.

    References
    ----------
    Phipson & Smyth (2010), Permutation p-values should never be zero, eq. 2.
    """
    rows = []
    for name, value in observed.items():
        if name not in draws:
            raise UsageError(f"draws has no {name!r}; pass the draws of each observed statistic")
        one: Side = side if isinstance(side, str) else side[name]
        choice("side", one, SIDES)
        rows.append(_summary(name, float(value), np.asarray(draws[name], dtype=np.float64), one))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _summary(
    name: str, value: float, drawn: npt.NDArray[np.float64], side: Side
) -> tuple[object, ...]:
    left = drawn[np.isfinite(drawn)]
    lost = len(drawn) - len(left)
    note = f"{lost} of {len(drawn)} draws have no value and are left out" if lost else ""
    if not len(left):
        return name, value, np.nan, np.nan, np.nan, np.nan, 0, side, "no draw has a value"
    low, middle, high = np.quantile(left, [0.025, 0.5, 0.975])
    pvalue = (1 + _extreme(value, left, float(middle), side)) / (1 + len(left))
    if not np.isfinite(value):
        pvalue, note = np.nan, "the observed value is missing"
    return name, value, float(left.mean()), low, high, pvalue, len(left), side, note


def _extreme(value: float, drawn: npt.NDArray[np.float64], middle: float, side: Side) -> int:
    if side == "two-sided":
        value, drawn = abs(value - middle), np.abs(drawn - middle)
    elif side == "less":
        value, drawn = -value, -drawn
    return int(np.count_nonzero(drawn >= value - SAME * abs(value)))
