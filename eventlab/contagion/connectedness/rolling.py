"""Spillover tables of windows that roll along a path."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import threads_of, whole
from eventlab.contagion.connectedness.spillover import SpilloverPath, convention_words
from eventlab.contagion.connectedness.var import check_terms, fit_var, series_of
from eventlab.errors import DataError, UsageError
from eventlab.kernels.connectedness import fevd_nb
from eventlab.kernels.rolling_var import FITTED, MISSING, STRIDE, rolling_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["RollingTables", "rolling_spillover", "rolling_tables"]

PIECE: Final = 8 * STRIDE  # windows that one thread takes at a time
NEARLY: Final = 0.97  # growth per step above which the companion matrix' eigenvalues decide
EXPLOSIVE: Final = "the VAR of this window is explosive: its shares describe nothing that lasts"


@dataclass(frozen=True, slots=True)
class RollingTables:
    """Tables (n, N, N) in percent of n windows, which are stable (n,), and reasons by window."""

    tables: npt.NDArray[np.float64]
    stable: npt.NDArray[np.bool_]
    reasons: dict[int, str]


def rolling_spillover(
    frame: pd.DataFrame,
    window: int = 200,
    lags: int = 4,
    horizon: int = 10,
    *,
    threads: int = 1,
) -> SpilloverPath:
    """Generalised spillover tables of rolling windows.

    Parameters
    ----------
    frame
        Rows ascending in time, a column per series.
    window
        Rows of a window, the p rows that only serve as lags among them.
    lags, horizon
        As in `spillover`.
    threads
        Threads to spread windows over; the result is the same, bit for bit.

    Returns
    -------
    SpilloverPath
        A row per window, dated by the window's last row and using no row after it. NaN and a
        reason where a value is missing inside the window, a series is constant there or series
        are collinear. Whether a window's VAR is stable is seen by following a shock, and by the
        companion matrix' eigenvalues wherever that shock loses less than 3% a step; tables of
        explosive windows are kept, marked in ``stable`` and ``reasons``.

    Raises
    ------
    UsageError
        Wrong arguments, among them a window too short for the VAR.
    DataError
        Fewer rows than one window has.

    Notes
    -----
    Each window's fit is the previous one's with a row let in and a row taken out, begun afresh
    every 64 windows and wherever that would lose digits; it agrees with fitting each window
    alone to 1e-9 percentage points.

    References
    ----------
    Diebold & Yilmaz (2012), section 3.2.
    """
    values = series_of(frame)
    names = tuple(str(name) for name in frame.columns)
    N = len(names)
    check_terms(lags, horizon)
    whole("window", window)
    threads_of(threads)
    least = N * lags + 1 + N + lags
    if window < least:
        raise UsageError(
            f"window={window} is too short: {N} series with {lags} lags need at least {least} rows"
        )
    if len(values) < window:
        raise DataError(f"frame has {len(values)} rows; one window needs {window}")
    rolled = rolling_tables(values, window, lags, horizon=horizon, threads=threads, names=names)
    index = frame.index[window - 1 :]
    reasons = np.full(len(index), "", dtype=object)
    for at, reason in rolled.reasons.items():
        reasons[at] = reason
    return SpilloverPath(
        tables=rolled.tables,
        index=index,
        names=names,
        stable=pd.Series(rolled.stable, index=index, name="stable"),
        reasons=pd.Series(reasons, index=index, name="reason", dtype="str"),
        lags=lags,
        horizon=horizon,
        estimator="ols",
        convention=f"windows of exactly {window} rows, dated by the last; "
        + convention_words(horizon),
        n_missing=int(np.count_nonzero(~np.isfinite(values).all(axis=1))),
        note=_note(rolled),
    )


def rolling_tables(
    values: npt.NDArray[np.float64],
    window: int,
    lags: int,
    *,
    horizon: int,
    threads: int = 1,
    names: Sequence[str] = (),
) -> RollingTables:
    """Tables of all windows of ``values`` (T, N), with the reasons of those that have none."""
    n, N = len(values) - window + 1, values.shape[1]
    tables = np.full((n, N, N), np.nan)
    status, stable = np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_)

    def piece(first: int) -> None:
        part = slice(first, min(first + PIECE, n))
        size = part.stop - first
        coefficients, growth = np.empty((size, N, N * lags)), np.zeros(size)
        rolling_nb(values, window, first, horizon, tables[part], coefficients, status[part], growth)
        slow = np.flatnonzero((status[part] == FITTED) & (growth > NEARLY))
        stable[first + slow] = _roots(coefficients[slow]) < 1.0

    pieces = range(0, n, PIECE)
    if threads == 1 or len(pieces) == 1:
        for first in pieces:
            piece(first)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(piece, pieces))
    reasons = {int(at): EXPLOSIVE for at in np.flatnonzero(~stable)}
    for at in np.flatnonzero(status != FITTED).tolist():
        if status[at] == MISSING:
            reasons[at] = "a missing value inside the window"
            continue
        reason = _alone(values[at : at + window], lags, horizon, names, tables[at])
        stable[at] = reason != EXPLOSIVE
        if reason:
            reasons[at] = reason
    return RollingTables(tables, stable, reasons)


def _roots(coefficients: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Largest companion roots (n,) of coefficients (n, N, N p)."""
    n, N, wide = coefficients.shape
    companion = np.zeros((n, wide, wide))
    companion[:, N:, :-N] = np.eye(wide - N)
    companion[:, :N] = coefficients
    return np.asarray(np.abs(np.linalg.eigvals(companion)).max(axis=1, initial=0.0))


def _alone(
    values: npt.NDArray[np.float64],
    lags: int,
    horizon: int,
    names: Sequence[str],
    table: npt.NDArray[np.float64],
) -> str:
    """Fit one window by an orthogonal decomposition and write its table; else say why not."""
    try:
        fit = fit_var(values, lags, names=names)
    except DataError as problem:
        return str(problem)
    table[:] = fevd_nb(fit.coefficients, fit.sigma, horizon, True)  # noqa: FBT003 - a kernel
    if np.isnan(table).any():
        return "the residuals are collinear"
    return "" if fit.stable else EXPLOSIVE


def _note(rolled: RollingTables) -> str:
    """Count the windows without a table and those of an explosive VAR."""
    n, explosive = len(rolled.stable), int(np.count_nonzero(~rolled.stable))
    without = len(rolled.reasons) - explosive
    words = [f"{without} of {n} windows have no table"] if without else []
    words += [f"the VAR of {explosive} of {n} windows is explosive"] if explosive else []
    return "; ".join(words) + (": see reasons" if words else "")
