"""Several series on the same rows, checked and turned into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.arguments import draws_of, number, seed_of, series_values
from eventlab.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

__all__ = ["MIN_ROWS", "between", "check_draws", "fixed", "matched", "series_name", "too_few"]

MIN_ROWS = 10  # below, no slope, no quantile and no correlation is worth printing


def matched(
    *, ordered: bool = True, **series: pd.Series
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """(k, T) values of series by argument name, infinite as NaN, and (T,) the complete rows.

    Raises
    ------
    UsageError
        If one is no Series of numbers, if their rows differ, or if ``ordered`` rows do not ascend.
    """
    first = next(iter(series))
    found = []
    for name, one in series.items():
        found.append(series_values(one, name, ordered=ordered))
        if not one.index.equals(series[first].index):
            raise UsageError(
                f"{name} and {first} have different rows; align them first, for example with "
                f"pandas.concat([{first}, {name}], axis=1, join='inner')"
            )
    values = np.array(found)
    values[~np.isfinite(values)] = np.nan
    return values, np.asarray(np.isfinite(values).all(axis=0))


def series_name(series: pd.Series, otherwise: str) -> str:
    """Name of a series in sentences."""
    return str(series.name) if series.name is not None else otherwise


def between(name: str, value: float, low: float, high: float) -> None:
    """Raise a UsageError unless ``value`` lies strictly between two bounds."""
    number(name, value)
    if not low < value < high:
        raise UsageError(f"{name}={value:g} must lie between {low:g} and {high:g}")


def check_draws(draws: int, seed: int) -> None:
    """Raise a UsageError if ``draws`` is negative, or ``seed`` can seed no generator."""
    draws_of(draws)
    seed_of(seed)


def fixed(values: npt.NDArray[np.float64]) -> bool:
    """Whether ``values`` are constant, up to rounding."""
    return len(values) == 0 or bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def too_few(n: int, least: int, what: str = "complete rows") -> str:
    """Say that there are too few of something."""
    return f"only {n} {what}; at least {least} are needed"
