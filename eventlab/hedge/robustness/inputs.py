"""What the statistics of this room demand of the returns they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import LARGEST, frame_values, numbers
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Matrix", "Vector", "bars_of", "complete_sets", "sets_of"]

Vector: TypeAlias = "pd.Series | npt.NDArray[np.float64]"
Matrix: TypeAlias = "pd.DataFrame | npt.NDArray[np.float64]"


def bars_of(returns: Vector, name: str = "returns") -> npt.NDArray[np.float64]:
    """(T,) float64 returns of a series or an array, missing ones NaN.

    Raises
    ------
    UsageError
        If it has not one dimension or holds what is no number.
    DataError
        If a return is infinite.
    """
    series = returns if isinstance(returns, pd.Series) else pd.Series(_array(returns, name, 1))
    values = numbers(series, name)
    endless = np.flatnonzero(np.isinf(values))
    if len(endless):
        raise DataError(f"{name}: row {endless[0]} is infinite; check the prices behind it")
    return values


def sets_of(
    returns: Matrix, name: str = "returns", *, least: int = 1
) -> tuple[npt.NDArray[np.float64], pd.Index]:
    """(T, N) float64 returns of N parameter sets, and the label of each.

    Raises
    ------
    UsageError
        If it has not two dimensions, fewer than ``least`` columns, one of them twice, rows out of
        time, or holds what is no number.
    DataError
        If a return is infinite or too large to be squared.
    """
    if isinstance(returns, pd.DataFrame):
        values = frame_values(returns, name, least=least)
        labels: pd.Index = returns.columns
    else:  # apart from the frames, whose check column by column takes 0.1 s of 1,000 sets
        array = _array(returns, name, 2)
        if array.dtype.kind not in "fiu" or array.shape[1] < least:
            frame_values(pd.DataFrame(array), name, least=least)
        values = np.ascontiguousarray(array, dtype=np.float64)
        labels = pd.Index(range(values.shape[1]))
    wrong = np.argwhere(np.abs(values) > LARGEST)
    if len(wrong):
        row, at = wrong[0]
        raise DataError(
            f"{name}: {labels[at]}: row {row} is {values[row, at]:.3g}; check the prices behind it"
        )
    return values, labels


def complete_sets(
    returns: Matrix, name: str = "returns", *, least: int = 1
) -> tuple[npt.NDArray[np.float64], pd.Index]:
    """Return what `sets_of` returns; a DataError where a return is missing."""
    values, labels = sets_of(returns, name, least=least)
    missing = np.argwhere(np.isnan(values))
    if len(missing):
        row, at = missing[0]
        raise DataError(
            f"{name}: {labels[at]} has no return in row {row} ({len(missing)} are missing in all); "
            "every set needs a return in every bar: 0 where it holds nothing"
        )
    return values, labels


def _array(values: object, name: str, dimensions: int) -> npt.NDArray[np.float64]:
    array = np.asarray(values)
    if array.ndim != dimensions:
        wanted = "one return per bar" if dimensions == 1 else "bars in rows, sets in columns"
        raise UsageError(f"{name} has {array.ndim} dimensions; pass {wanted}")
    return array
