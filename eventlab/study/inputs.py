"""Checks of what a user passes to `event_study`; every problem of a kind is named at once."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.errors import DataError, UsageError
from eventlab.study.inference import TESTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventlab.study.specs import StudySpec

__all__ = ["check_inputs", "regressor_names", "test_names"]

ALL_TESTS = (*TESTS, "placebo")


def test_names(tests: str | Sequence[str]) -> tuple[str, ...]:
    """Names of the tests asked for; ``"all"`` for every one."""
    if tests == "all":
        return ALL_TESTS
    names = (tests,) if isinstance(tests, str) else tuple(tests)
    wrong = [name for name in names if name not in ALL_TESTS]
    if wrong:
        raise UsageError(f"tests: {unknown(wrong, ALL_TESTS)}; known are {', '.join(ALL_TESTS)}.")
    return names


def regressor_names(
    spec: StudySpec, benchmark: str | None, factors: Sequence[str]
) -> tuple[str, ...]:
    """Columns that the model regresses on (or subtracts), after checking that they fit it.

    Raises
    ------
    UsageError
        A benchmark or factors are missing, or given to a model that has no use for them.
    """
    if spec.model == "factor_model":
        if not factors or benchmark is not None:
            raise UsageError(
                "factors: factor_model regresses on the columns of `factors` alone; name them all "
                "there (the market too) and leave `benchmark` out."
            )
        if spec.min_estimation < len(factors) + 6:
            raise UsageError(
                f"min_estimation: {spec.min_estimation} leaves fewer than 5 residual degrees of "
                f"freedom with {len(factors)} factors; use at least {len(factors) + 6}."
            )
        return tuple(factors)
    if factors:
        raise UsageError(f"factors: {spec.model} has none; use model='factor_model'.")
    if spec.model == "constant_mean":
        if benchmark is not None:
            raise UsageError("benchmark: constant_mean has none; leave it out.")
        return ()
    if benchmark is None:
        raise UsageError(f"benchmark: {spec.model} needs one; name a column of `returns`.")
    return (benchmark,)


def check_inputs(returns: pd.DataFrame, events: pd.DataFrame, regressors: Sequence[str]) -> None:
    """Refuse what would give a wrong number.

    Raises
    ------
    DataError
        Sessions out of order or repeated, repeated symbols, non-numeric or infinite returns.
    UsageError
        Missing columns, unknown symbols, an event given twice.
    """
    if not returns.index.is_unique or not returns.index.is_monotonic_increasing:
        raise DataError("returns: sessions must ascend without repeats; sort and deduplicate them.")
    if not returns.columns.is_unique:
        twice = returns.columns[returns.columns.duplicated()]
        raise DataError(f"returns: columns {sorted(set(map(str, twice)))} appear twice.")
    other = [str(name) for name, kind in returns.dtypes.items() if kind.kind not in "fiu"]
    if other:
        raise DataError(f"returns: columns {other} are not numeric; convert or drop them.")
    values = returns.to_numpy(dtype=np.float64)
    if np.isinf(values).any():
        row, column = (int(place[0]) for place in np.nonzero(np.isinf(values)))
        raise DataError(
            f"returns: {returns.columns[column]} is infinite on {returns.index[row]}; "
            "mark missing returns with NaN."
        )
    missing = [name for name in ("event_id", "symbol", "session") if name not in events.columns]
    if missing:
        raise UsageError(f"events: columns {missing} are missing; an event is id, symbol, session.")
    wrong = [name for name in regressors if name not in returns.columns]
    if wrong:
        raise UsageError(f"regressors: {unknown(wrong, returns.columns)} in `returns`.")
    wrong = sorted(set(events["symbol"]) - set(returns.columns))
    if wrong:
        raise UsageError(f"events: {unknown(wrong, returns.columns)} in `returns`.")
    twice = events.duplicated(["event_id", "symbol"])
    if twice.any():
        named = events.loc[twice, ["event_id", "symbol"]].iloc[0]
        raise UsageError(f"events: {named.iloc[0]} of {named.iloc[1]} is given twice.")


def unknown(wrong: Sequence[str], known: Iterable[object]) -> str:
    """Name the words that are not known, each with the nearest one that is."""
    words = [str(word) for word in known]
    said = []
    for name in wrong[:10]:
        near = get_close_matches(str(name), words, 1)
        said.append(f"{name!r}" + (f" (did you mean {near[0]}?)" if near else ""))
    more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
    return f"no {', '.join(said)}{more}"
