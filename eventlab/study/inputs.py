"""Checks of what a user passes to `event_study`; every problem of a kind is named at once."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.errors import DataError, UsageError
from eventlab.study.inference.registry import TESTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from eventlab.study.models.specs import StudySpec
    from eventlab.timeline.windows import Window

__all__ = [
    "check_inputs",
    "measure_name",
    "one_window",
    "regressor_names",
    "session_rows",
    "test_names",
    "windows",
]

LARGEST_TYPICAL_RETURN = 1.0  # the median of |return| above which a column holds something else
LARGEST_LOG = 100.0  # the log of 10^43
MEASURES = ("returns", "volume", "volatility")
ALL_TESTS = (*TESTS, "placebo")
EVENT_COLUMNS = ("event_id", "symbol", "session")


def test_names(tests: str | Sequence[str]) -> tuple[str, ...]:
    """Names of the tests asked for, each once; ``"all"`` for every one."""
    if tests == "all":
        return ALL_TESTS
    names = (tests,) if isinstance(tests, str) else tuple(dict.fromkeys(tests))
    wrong = [name for name in names if name not in ALL_TESTS]
    if wrong:
        raise UsageError(f"tests: {unknown(wrong, ALL_TESTS)}; known are {', '.join(ALL_TESTS)}.")
    return names


def one_window(key: str, value: object) -> Window:
    """Return an inclusive pair of whole bars, whatever sequence it came as."""
    pair = tuple(value) if isinstance(value, tuple | list | np.ndarray) else ()
    if len(pair) != 2 or not all(isinstance(bar, Integral) for bar in pair):
        raise UsageError(f"{key}: {value!r} is no window; write two whole bars, such as (-1, 1).")
    return int(pair[0]), int(pair[1])


def windows(key: str, values: object) -> tuple[Window, ...]:
    """Return several windows, none of them twice."""
    if not isinstance(values, tuple | list | np.ndarray):
        raise UsageError(f"{key}: {values!r} is no list of windows; write [(0, 0), (-1, 1)].")
    if len(values) and isinstance(values[0], Integral):
        raise UsageError(f"{key}: {values!r} is one window; write a list of windows, [(0, 1)].")
    found = tuple(one_window(key, value) for value in values)
    twice = sorted({window for window in found if found.count(window) > 1})
    if twice:
        raise UsageError(f"{key}: {', '.join(map(str, twice))} given twice; name each window once.")
    return found


def regressor_names(
    spec: StudySpec, benchmark: str | None, factors: str | Sequence[str]
) -> tuple[str, ...]:
    """Columns that the model regresses on (or subtracts), the benchmark first.

    Raises
    ------
    UsageError
        A benchmark or factors are missing, repeated, or given to a model that has no use for
        them.
    """
    factors = (factors,) if isinstance(factors, str) else tuple(factors)
    named = (*(() if benchmark is None else (benchmark,)), *factors)
    if spec.model == "factor_model":
        return factor_names(spec, named)
    if factors:
        raise UsageError(
            f"factors: {spec.model} has none, {list(factors)} were given; use model='factor_model'."
        )
    if spec.model == "constant_mean":
        if benchmark is not None:
            raise UsageError(
                f"benchmark: constant_mean has none, {benchmark!r} was given; leave it out."
            )
    elif benchmark is None:
        raise UsageError(f"benchmark: {spec.model} needs one; name a column of `returns`.")
    return named


def factor_names(spec: StudySpec, named: tuple[str, ...]) -> tuple[str, ...]:
    """Regressors of a factor model."""
    if not named:
        raise UsageError("factors: factor_model needs one or more; name columns of `returns`.")
    twice = sorted({name for name in named if named.count(name) > 1}, key=str)
    if twice:
        raise UsageError(f"factors: {twice} given twice (`benchmark` is the first regressor).")
    if spec.min_estimation < len(named) + 6:
        raise UsageError(
            f"min_estimation: {spec.min_estimation} leaves fewer than 5 residual degrees of "
            f"freedom with {len(named)} factors; use at least {len(named) + 6}."
        )
    return named


def check_inputs(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    regressors: Sequence[str],
    *,
    measure: str = "returns",
) -> None:
    """Refuse what would give a wrong number. ``measure`` says what ``returns`` hold.

    Raises
    ------
    DataError
        Sessions out of order or repeated, repeated symbols, non-numeric or infinite returns.
    UsageError
        No DataFrames, missing columns or entries, unknown symbols, an event given twice.
    """
    for key, given in (("returns", returns), ("events", events)):
        if not isinstance(given, pd.DataFrame):
            raise UsageError(f"{key}: a {type(given).__name__} was given; pass a pandas DataFrame.")
    check_returns(returns)
    check_size(returns, measure)
    check_events(events)
    wrong = [name for name in regressors if name not in returns.columns]
    if wrong:
        raise UsageError(f"benchmark, factors: {unknown(wrong, returns.columns)} in `returns`.")
    wrong = sorted(set(events["symbol"].unique()) - set(returns.columns), key=str)
    if wrong:
        raise UsageError(f"events: {unknown(wrong, returns.columns)} in `returns`.")


def check_returns(returns: pd.DataFrame) -> None:
    """Refuse sessions or values that no fit can use."""
    index = returns.index
    if not index.is_unique or not index.is_monotonic_increasing:
        raise DataError(
            "returns: sessions must ascend without repeats, "
            f"{first_disorder(index)}; sort and deduplicate them."
        )
    if not returns.columns.is_unique:
        twice = sorted({str(name) for name in returns.columns[returns.columns.duplicated()]})
        raise DataError(f"returns: columns {twice} appear twice; drop or rename one of each.")
    other = [str(name) for name, kind in returns.dtypes.items() if kind.kind not in "fiu"]
    if other:
        raise DataError(f"returns: columns {other} are not numeric; convert or drop them.")
    values = returns.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        row, column = (int(place[0]) for place in np.nonzero(np.isinf(values)))
        raise DataError(
            f"returns: {returns.columns[column]} is infinite on {index[row]}; "
            "mark missing returns with NaN."
        )


def check_size(returns: pd.DataFrame, measure: str) -> None:
    """Refuse prices in place of returns, and volumes in place of their logs."""
    values = returns.to_numpy(dtype=np.float64, na_value=np.nan)
    bound = LARGEST_TYPICAL_RETURN if measure == "returns" else LARGEST_LOG
    # More than half above the bound: the median, at a tenth of its cost.
    large = 2 * (np.abs(values) > bound).sum(axis=0) > np.isfinite(values).sum(axis=0)
    if not large.any():
        return
    name = returns.columns[int(large.argmax())]
    if measure == "returns":
        raise DataError(
            f"returns: more than half of the values of {name} exceed "
            f"{LARGEST_TYPICAL_RETURN:.0%} in size; pass simple returns in decimals, for prices "
            "prices.pct_change(fill_method=None), or say measure='volume' for log volumes."
        )
    raise DataError(
        f"returns: more than half of the values of {name} exceed {LARGEST_LOG:g} in size, which no "
        f"log of a {measure} does; pass logs, np.log(values.where(values > 0))."
    )


def measure_name(measure: str) -> str:
    """Return what ``returns`` hold, if it is known."""
    if measure not in MEASURES:
        raise UsageError(
            f"measure: {unknown([measure], MEASURES)}; known are {', '.join(MEASURES)}."
        )
    return measure


def first_disorder(index: pd.Index) -> str:
    """Name the first session that stands where it should not."""
    for before, after in pairwise(index):
        if not after > before:
            return f"{after} follows {before}"
    return "one is missing"


def check_events(events: pd.DataFrame) -> None:
    """Refuse events that are not told apart or not filled in."""
    missing = [name for name in EVENT_COLUMNS if name not in events.columns]
    if missing:
        raise UsageError(
            f"events: columns {missing} are missing; a row is one event: event_id, symbol, session "
            "(day 0)."
        )
    for name in EVENT_COLUMNS:
        if (events.columns == name).sum() > 1:
            raise UsageError(f"events: column {name!r} appears twice; drop one.")
        empty = np.flatnonzero(events[name].isna())
        if len(empty):
            raise UsageError(f"events: row {empty[0]} has no {name}; fill it in or drop the row.")
    again = events.duplicated(["event_id", "symbol"])
    if again.any():
        named = events.loc[again.to_numpy(), ["event_id", "symbol"]].iloc[0]
        raise UsageError(f"events: {named.iloc[0]} of {named.iloc[1]} is given twice; drop one.")


def session_rows(sessions: pd.Index, wanted: pd.Series) -> npt.NDArray[np.int64]:
    """(N,) rows of the event sessions among ``sessions``, -1 for those that are not there.

    Texts and dates are read as timestamps where ``sessions`` are timestamps.

    Raises
    ------
    UsageError
        They can never match: one side has a time zone, or they are of different kinds.
    """
    labels = pd.Index(wanted)
    if isinstance(sessions, pd.DatetimeIndex):
        labels = timestamps(labels)
        if len(labels) and (labels.tz is None) != (sessions.tz is None):
            raise UsageError(
                f"events: session has time zone {labels.tz}, the sessions of returns "
                f"{sessions.tz}; use tz_localize on one of them."
            )
    rows = sessions.get_indexer(labels)
    if len(labels) and (rows < 0).all() and labels.inferred_type != sessions.inferred_type:
        raise UsageError(
            f"events: session is of kind {labels.inferred_type}, the sessions of returns are "
            f"{sessions.inferred_type}; convert one of them."
        )
    return rows.astype(np.int64)


def timestamps(labels: pd.Index) -> pd.DatetimeIndex:
    """Read texts and dates (ISO 8601) as timestamps; numbers are refused, being no dates."""
    if isinstance(labels, pd.DatetimeIndex):
        return labels
    if labels.inferred_type not in {"string", "date", "datetime", "empty"}:
        raise UsageError(
            f"events: session {labels[0]!r} is no date, and the sessions of returns are dates; "
            "write labels of `returns`."
        )
    try:
        read = pd.DatetimeIndex(pd.to_datetime(labels, format="ISO8601", errors="coerce"))
    except ValueError as problem:
        raise UsageError(
            "events: session has dates with and without a time zone, or of several; convert them "
            "to one."
        ) from problem
    if read.isna().any():
        wrong = labels[read.isna()][0]
        raise UsageError(f"events: session {wrong!r} is no date; write YYYY-MM-DD.")
    return read


def unknown(wrong: Sequence[object], known: Iterable[object]) -> str:
    """Name the words that are not known, each with the nearest one that is."""
    words = [str(word) for word in known]
    said = []
    for name in wrong[:10]:
        near = get_close_matches(str(name), words, 1)
        said.append(f"'{name}'" + (f" (did you mean {near[0]}?)" if near else ""))
    more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
    return f"no {', '.join(said)}{more}"
