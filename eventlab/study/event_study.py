"""An event study on DataFrames: bring your own returns and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.study.conventions.choice import check_convention
from eventlab.study.inputs import (
    check_inputs,
    measure_name,
    one_window,
    regressor_names,
    session_rows,
    test_names,
    windows,
)
from eventlab.study.models.fits import fit_events, prepare
from eventlab.study.models.specs import NOWHERE, EventArrays, StudySpec
from eventlab.study.study_result import StudyResult

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["event_study"]


def event_study(  # noqa: PLR0913 - the public names of the contract
    returns: pd.DataFrame,
    events: pd.DataFrame,
    *,
    measure: str = "returns",
    benchmark: str | None = None,
    factors: Sequence[str] = (),
    model: str = "market_model",
    estimation_window: tuple[int, int] = (-250, -11),
    event_window: tuple[int, int] = (-10, 10),
    car_windows: Sequence[tuple[int, int]] = ((0, 0), (-1, 1)),
    min_estimation: int = 60,
    tests: str | Sequence[str] = "all",
    convention: str = "paper",
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 0,
    lags: int | None = None,
    volatility: str | None = None,
    errors: str | None = None,
) -> StudyResult:
    """Abnormal returns around events, and tests of their mean.

    Parameters
    ----------
    returns
        Sessions by symbols, simple returns in decimals, sessions ascending and unique. NaN marks
        a missing return: it is never filled and drops out of a fit; inside a window it leaves the
        event out of that window's statistics, which ``exclusions`` lists.
    events
        Columns ``event_id``, ``symbol``, ``session`` (a label of ``returns``: day 0, the first
        session whose close lies after the news). A row is one event. Texts such as
        ``2025-12-11`` are read as timestamps where the sessions of ``returns`` are.
    measure
        ``returns``; or ``volume`` or ``volatility`` where ``returns`` holds their logs: then the
        results are log ratios to the usual, there are no buy-and-hold returns, and without a
        ``benchmark`` the ``market_model`` becomes ``constant_mean``.
    benchmark
        Column with the market's return; the first regressor of a ``factor_model``, and nothing
        for ``constant_mean``.
    factors
        Columns that ``factor_model`` regresses on, after ``benchmark`` if that is given.
    model
        ``constant_mean``, ``market_adjusted``, ``market_model``, ``scholes_williams``, ``dimson``,
        ``factor_model`` or ``garch_market_model``.
    estimation_window, event_window, car_windows
        Inclusive pairs of bars relative to the event session. The estimation window is counted in
        rows of ``returns``; rows with a missing value drop out of the fit.
    min_estimation
        Usable estimation rows that an event needs; otherwise it is excluded and listed.
    tests
        ``"all"`` or names of tests.
    convention
        Whose numbers ``tests`` holds: ``paper``, our definitions; ``estudy2``, ``eventstudy2`` or
        ``eventstudytools`` what that program prints, for reconciling with it. ``note`` then says
        what it does otherwise, and no test is a headline.
    level
        Significance level of intervals.
    draws, seed
        Joint draws of the placebo test and their seed; 0 draws leave it out. There is none for
        ``garch_market_model``.
    lags
        For ``dimson``: how many bars before and after each bar the benchmark is read on, 1 to 5;
        1 unless given.
    volatility, errors
        For ``garch_market_model``: ``garch`` (default), ``gjr`` or ``egarch``, all of order 1, and
        ``normal`` (default) or ``t`` errors. It needs the package ``arch`` and 100 usable rows.

    Returns
    -------
    StudyResult
        Frozen; tables are computed when first looked at. Row t of ``ar`` uses estimation rows up
        to ``estimation_window[1]`` and the returns of bar t only; the placebo also reads the
        history up to the last event of the study. Some models read the benchmark on later bars:
        ``scholes_williams`` fits with its return on the bar after each estimation row, ``dimson``
        with its next ``lags`` returns, and its AR of bar t needs them too, so that it is known
        ``lags`` bars later. ``garch_market_model`` reads the bars between the two windows for the
        variances of ``sar``, ``car_error`` and the tests.

    Raises
    ------
    UsageError
        For wrong arguments; the message names the key, the value and the remedy.
    DataError
        For infinite or non-numeric returns and unsorted or repeated sessions, or where a GARCH
        model is asked for and ``arch`` is not installed.

    References
    ----------
    Campbell, Lo & MacKinlay (1997), The Econometrics of Financial Markets, ch. 4.
    """
    if measure_name(measure) != "returns" and benchmark is None and model == "market_model":
        model = "constant_mean"
    spec = StudySpec(
        model=model,
        estimation_window=one_window("estimation_window", estimation_window),
        event_window=one_window("event_window", event_window),
        windows=windows("car_windows", car_windows),
        min_estimation=min_estimation,
        level=level,
        draws=draws,
        seed=seed,
        lags=lags,
        volatility=volatility,
        errors=errors,
    )
    names, convention = test_names(tests), check_convention(convention)
    regressors = regressor_names(spec, benchmark, factors)
    check_inputs(returns, events, regressors, measure=measure)
    own = to_arrays(returns, events, regressors)
    arrays = prepare(own, spec)
    return StudyResult(
        spec=spec,
        events=events.loc[:, ["event_id", "symbol", "session"]].reset_index(drop=True),
        regressors=regressors,
        test_names=names,
        sessions=returns.index,
        own=own,
        arrays=arrays,
        estimates=fit_events(arrays, spec),
        measure=measure,
        convention=convention,
    )


def to_arrays(
    returns: pd.DataFrame, events: pd.DataFrame, regressors: tuple[str, ...]
) -> EventArrays:
    """Translate labels into rows; a session that is not in ``returns`` becomes `NOWHERE`.

    The returns are copied: tables are computed later, and the caller's frame may change by then.
    """
    found = session_rows(returns.index, events["session"])
    position = np.where(found < 0, NOWHERE, found).astype(np.int64)
    column = returns.columns.get_indexer(pd.Index(events["symbol"])).astype(np.int64)
    return EventArrays(
        returns=returns.to_numpy(dtype=np.float64, na_value=np.nan).T.copy(order="C"),
        column=column,
        factors=np.tile(
            np.array([returns.columns.get_loc(name) for name in regressors], dtype=np.int64),
            (len(events), 1),
        ),
        position=position,
        asset=column,
        anchor=position,
        controls=np.empty((len(events), 0), dtype=np.int64),
    )
