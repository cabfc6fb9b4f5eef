"""What every function of frames demands of its arguments, said in the same words."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.definitions.problem import hint, listed
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy.typing as npt

__all__ = [
    "MOST_DRAWS",
    "MOST_LAGS",
    "choice",
    "column",
    "draws_of",
    "frame_values",
    "in_time",
    "names_of",
    "number",
    "numbers",
    "rows_until",
    "seed_of",
    "series_values",
    "threads_of",
    "whole",
]

# Beyond these the fourth powers in co-moments leave what float64 can hold.
LARGEST: Final = 1e60
SMALLEST: Final = 1e-60
MOST_LAGS: Final = 1_000
MOST_DRAWS: Final = 100_000
MOST_THREADS: Final = 1_024
OF_NUMBERS: Final = ("floating", "integer", "mixed-integer-float", "decimal", "empty")


def frame_values(
    frame: object, name: str = "frame", *, least: int = 1, ordered: bool = True
) -> npt.NDArray[np.float64]:
    """(T, N) float64 values of a frame of numbers, missing ones NaN, infinite ones as they are.

    Raises
    ------
    UsageError
        If it is no DataFrame, has fewer than ``least`` columns or one of them twice, or holds what
        is no number; if ``ordered``, also where rows are not `in_time`.
    DataError
        If squares of a column are beyond float64.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"{name} is a {type(frame).__name__}; pass a pandas DataFrame of series")
    if frame.shape[1] < least:
        count = f"{frame.shape[1]} column{'' if frame.shape[1] == 1 else 's'}"
        raise UsageError(f"{name} has {count}; at least {least} are needed")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise UsageError(f"{name} has the column {twice[0]} twice; keep one, or rename it")
    if ordered:
        in_time(frame.index, name)
    return np.ascontiguousarray(numbers(frame, name))


def series_values(series: object, name: str, *, ordered: bool = True) -> npt.NDArray[np.float64]:
    """(T,) float64 values of a series of numbers, as those of `frame_values`."""
    if not isinstance(series, pd.Series):
        raise UsageError(f"{name} is a {type(series).__name__}; pass a pandas Series")
    if ordered:
        in_time(series.index, name)
    return numbers(series, name)


def numbers(values: pd.DataFrame | pd.Series, name: str) -> npt.NDArray[np.float64]:
    """Values as float64, (T, N) or (T,); refuse text, dates, truth values and what overflows."""
    frame = values.to_frame() if isinstance(values, pd.Series) else values
    for at, dtype in enumerate(frame.dtypes):
        if not _of_numbers(dtype, frame.iloc[:, at]):
            place = name if isinstance(values, pd.Series) else f"{name}: {frame.columns[at]}"
            raise UsageError(
                f"{place} has dtype {dtype}, no numbers; convert it, for example with "
                "pandas.to_numeric"
            )
    found = values.to_numpy(dtype=np.float64, na_value=np.nan)
    size = np.where(np.isfinite(found), np.abs(found), 0.0)
    largest = np.atleast_1d(size.max(axis=0, initial=0.0))
    odd = np.flatnonzero((largest > LARGEST) | ((largest > 0.0) & (largest < SMALLEST)))
    if len(odd):
        place = name if isinstance(values, pd.Series) else f"{name}: {frame.columns[odd[0]]}"
        raise DataError(
            f"{place} goes up to {largest[odd[0]]:.3g} in size, which cannot be squared in double "
            "precision; check its unit"
        )
    return found


def in_time(index: pd.Index, name: str) -> None:
    """Raise a UsageError unless labels of rows ascend, each once."""
    if not isinstance(index, pd.MultiIndex) and index.hasnans:
        raise UsageError(f"{name}: a row has no label; drop it, or give it a time")
    if not index.is_monotonic_increasing:
        raise UsageError(f"{name}: its rows are not ascending in time; sort its index")
    if not index.is_unique:
        label = _label(index[index.duplicated()][0])
        raise UsageError(f"{name}: the row {label} is there twice; keep one of them")


def whole(name: str, value: object, low: int | None = None, high: int | None = None) -> None:
    """Raise a UsageError unless ``value`` is a whole number from ``low`` to ``high``."""
    if not isinstance(value, Integral) or isinstance(value, bool | np.bool_):
        raise UsageError(f"{name}={value!r} is no whole number")
    if low is not None and int(value) < low:
        raise UsageError(f"{name}={value} is below {low}")
    if high is not None and int(value) > high:
        raise UsageError(f"{name}={value} is above {high}")


def threads_of(value: object) -> None:
    """Raise a UsageError unless ``value`` is a number of threads that a machine may have."""
    whole("threads", value, 1, MOST_THREADS)


def draws_of(value: object, low: int = 0) -> None:
    """Raise a UsageError unless ``value`` is a number of draws that memory can hold."""
    whole("draws", value, low, MOST_DRAWS)


def names_of(name: str, value: object) -> None:
    """Raise a UsageError unless ``value`` is a list, not one name."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"{name}={value!r}: pass a list")


def seed_of(value: object) -> None:
    """Raise a UsageError unless ``value`` can seed a generator: a whole number from 0 on."""
    whole("seed", value, 0)


def number(name: str, value: object) -> None:
    """Raise a UsageError unless ``value`` is a number; its bounds are for the caller to check."""
    if not isinstance(value, Real) or isinstance(value, bool | np.bool_):
        raise UsageError(f"{name}={value!r} is no number")


def choice(name: str, value: object, known: Iterable[str]) -> None:
    """Raise a UsageError unless ``value`` is one of the ``known`` words."""
    words = list(known)
    if not isinstance(value, str) or value not in words:
        known_words = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        raise UsageError(f"{name}={value!r} is unknown; use {known_words}{hint(value, words)}")


def column(frame: pd.DataFrame, label: Hashable, name: str, whose: str = "frame") -> None:
    """Raise a UsageError unless ``label`` is a column; the nearest one is named."""
    if not (pd.api.types.is_hashable(label) and label in frame.columns):
        words = [str(each) for each in frame.columns]
        near = hint(label, words) or f"; it has {listed(words)}"
        raise UsageError(f"{name} {label!r} is no column of {whose}{near}")


def rows_until(index: pd.Index, label: Any) -> int:
    """Count the rows up to and including ``label``, which need not be one of them.

    Raises
    ------
    UsageError
        If labels and ``label`` cannot be compared.
    """
    ends = f" ({index[0]} to {index[-1]})" if len(index) else ""
    refused = f"fit_until {label!r} is no label of the frame's rows{ends}"
    if pd.api.types.is_scalar(label) and pd.isna(label):
        raise UsageError(refused)
    try:
        count: Any = index.searchsorted(label, side="right")
        return int(count)
    except (TypeError, ValueError) as wrong:
        raise UsageError(refused) from wrong


def _of_numbers(dtype: object, values: pd.Series) -> bool:
    kind = getattr(dtype, "kind", "O")
    if kind in "fiu":
        return True
    return kind == "O" and pd.api.types.infer_dtype(values, skipna=True) in OF_NUMBERS


def _label(label: object) -> str:
    return str(label).removesuffix(" 00:00:00")
