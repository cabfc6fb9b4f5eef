"""Prices at instants of their own, and lags, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import names_of, numbers
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["Observed", "lag_nanoseconds", "observed", "observed_pair", "spacing"]

FARTHEST = pd.Timedelta(days=36_500)
TIMES = (str, timedelta, np.timedelta64)  # all others are seconds


@dataclass(frozen=True, slots=True)
class Observed:
    """One series: ``times`` (n,) UTC ns, ascending, and ``logs`` (n,), finite log prices."""

    times: npt.NDArray[np.int64]
    logs: npt.NDArray[np.float64]
    n_missing: int = 0

    @property
    def n(self) -> int:
        """Increments."""
        return max(0, len(self.times) - 1)

    @property
    def variance(self) -> float:
        """Sum of squared increments."""
        return float(np.square(np.diff(self.logs)).sum())

    def between(self, first: int, last: int) -> Observed:
        """Return the rows from the last one at or before ``first`` to the last by ``last``."""
        start = max(0, int(np.searchsorted(self.times, first, side="right")) - 1)
        stop = int(np.searchsorted(self.times, last, side="right"))
        return Observed(self.times[start:stop], self.logs[start:stop])


def spacing(x: Observed, y: Observed) -> int:
    """Return the larger of the median distances between observations, ns; 0 without two rows."""
    if min(x.n, y.n) < 1:
        return 0
    return int(max(np.median(np.diff(x.times)), np.median(np.diff(y.times))))


def observed_pair(x: pd.Series, y: pd.Series) -> tuple[Observed, Observed]:
    """Arrays of two series whose times can be compared."""
    left, right = observed("x", x), observed("y", y)
    if (x.index.tz is None) != (y.index.tz is None):  # type: ignore[attr-defined]
        zoned, naive = ("x", "y") if y.index.tz is None else ("y", "x")  # type: ignore[attr-defined]
        raise UsageError(
            f"{naive}: its times have no zone, those of {zoned} have one; localise {naive} with "
            "tz_localize"
        )
    return left, right


def observed(name: str, series: object) -> Observed:
    """Arrays of one series, missing rows left out."""
    if not (isinstance(series, pd.Series) and isinstance(series.index, pd.DatetimeIndex)):
        raise UsageError(
            f"{name}: a {type(series).__name__} was given; pass a pandas Series of log prices "
            "with a DatetimeIndex"
        )
    index = series.index
    if index.hasnans or not index.is_unique or not index.is_monotonic_increasing:
        raise DataError(
            f"{name}: its times must ascend without gaps or repeats; sort them and drop duplicates"
        )
    values = numbers(series, name)
    if np.isinf(values).any():
        when = index[int(np.flatnonzero(np.isinf(values))[0])]
        raise DataError(f"{name}: infinite at {when}; mark missing prices with NaN")
    kept = np.isfinite(values)
    times = index.as_unit("ns").asi8
    return Observed(
        np.ascontiguousarray(times[kept]),
        np.ascontiguousarray(values[kept]),
        int(np.count_nonzero(~kept)),
    )


def lag_nanoseconds(
    lags: Sequence[float | pd.Timedelta] | pd.TimedeltaIndex,
) -> npt.NDArray[np.int64]:
    """(L,) lags in ns, ascending; plain numbers are seconds."""
    found = []
    names_of("lags", lags)
    for lag in lags:
        if isinstance(lag, bool | np.bool_):
            raise UsageError(f"lags: {lag!r} is no time; write seconds or Timedeltas")
        try:
            one = pd.Timedelta(lag) if isinstance(lag, TIMES) else pd.Timedelta(lag, "s")
        except (TypeError, ValueError) as fault:
            raise UsageError(f"lags: {lag!r} is no time; write seconds or Timedeltas") from fault
        if pd.isna(one):
            raise UsageError("lags: one of them is missing; write seconds or Timedeltas")
        if abs(one) > FARTHEST:
            raise UsageError(f"lags: {one} is beyond {FARTHEST.days} days")
        found.append(one.as_unit("ns").value)
    shifts = np.unique(np.array(found, dtype=np.int64))
    if not found or len(shifts) < len(found):
        said = "none are given" if not found else "one is given twice"
        raise UsageError(f"lags: {said}; write each once, such as range(-3600, 3601, 60)")
    return shifts
