"""Hedge ratios at many rows of one history, each from what was known there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.errors import UsageError
from eventlab.hedge.ratios.moving import filtered_ratios
from eventlab.hedge.ratios.slopes import slopes
from eventlab.hedge.ratios.windows import flaw_words, windows_at
from eventlab.kernels.hedge_ratios import window_flaw_nb
from eventlab.kernels.hedge_shortfall import least_shortfall_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition

__all__ = ["Estimates", "capped", "estimates_at", "least_rows", "ratios_at"]

LEAST_ROWS: Final = 10
_SLOPES: Final = ("ols", "ewma", "ridge", "downside_beta")
_OF_ONE: Final = ("min_es", "downside_beta")


@dataclass(frozen=True, slots=True)
class Estimates:
    """Ratios before the cap (R, K), rows behind them (R,), and R notes."""

    estimates: npt.NDArray[np.float64]
    n: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def ratios_at(
    definition: RatioDefinition,
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], tuple[str, ...]]:
    """Estimate the hedge ratio at each of ``rows``, as `ratio_at` would on the rows up to it.

    Parameters
    ----------
    definition
        The method and its options, as in `hedge_ratio`.
    book, instruments
        (T,) and (T, K) simple returns, ascending in time. Rows with a NaN are left out: a window is
        the last ``lookback`` complete rows.
    rows
        (R,) in any order; -1 is before the first.

    Returns
    -------
    values
        (R, K): for one unit of the book, hold minus this much of the instrument; at most the cap in
        absolute value. Row r uses returns up to ``rows[r]`` only. NaN where the note says why.
    n
        (R,): joint returns in each window.
    notes
        R reasons, "" where there is nothing to say.

    Raises
    ------
    UsageError
        If shapes do not fit, a row is not in the history, or the method takes one instrument only.
    """
    found = estimates_at(definition, book, instruments, rows)
    return capped(definition, found.estimates), found.n, found.notes


def capped(definition: RatioDefinition, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bring each ratio to at most the cap in absolute value; NaN stays."""
    if definition.cap is None:
        return values.copy()
    return np.clip(values, -definition.cap, definition.cap)


def least_rows(definition: RatioDefinition, n_instruments: int) -> int:
    """Joint returns that a ratio needs: 10 and four fifths of the lookback, more of several.

    Least squares needs two rows more than coefficients of the instruments, which a penalty spares;
    the filter four for each coefficient, the first half of them for its prior.
    """
    least = max(LEAST_ROWS, -(-definition.lookback * 4 // 5))
    if definition.method == "kalman":
        return max(least, 4 * (n_instruments + 1))
    penalised = definition.method == "ridge" and definition.penalty > 0.0
    return least if penalised else max(least, n_instruments + 2)


def estimates_at(
    definition: RatioDefinition,
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> Estimates:
    """Estimate what `ratios_at` caps."""
    rows = np.asarray(rows, dtype=np.int64)
    R, K = len(rows), instruments.shape[-1]
    least = least_rows(definition, K)
    windows = windows_at(book, instruments, rows, lookback=definition.lookback, least=least)
    _check(definition, K)
    if definition.method == "fixed" and definition.value is not None:
        return Estimates(np.full((R, K), definition.value / K), windows.n, ("",) * R)
    if definition.method in _SLOPES:
        values, notes = slopes(definition, windows)
    elif definition.method == "kalman":
        values, notes = filtered_ratios(definition, windows)
    else:
        values, notes = np.full((R, K), np.nan), [""] * R
        for r in np.flatnonzero(windows.spans[:, 1]).tolist():
            start, stop = windows.spans[r].tolist()
            values[r], notes[r] = _estimate(
                definition, windows.book[start:stop], windows.instruments[start:stop]
            )
    said = tuple(few or note for few, note in zip(windows.notes, notes, strict=True))
    lost = np.asarray(~np.isfinite(values).all(axis=1))
    values[lost] = np.nan
    said = tuple(
        note or ("the estimate is not finite; check the unit of the returns" if gone else "")
        for note, gone in zip(said, lost.tolist(), strict=True)
    )
    return Estimates(values, windows.n, said)


def _check(definition: RatioDefinition, n_instruments: int) -> None:
    method = definition.method
    if method == "put":
        raise UsageError("method put holds puts, not a ratio of the instrument")
    if method == "fixed" and definition.value is None:
        raise UsageError("method fixed needs a value, as in value=1.0")
    if method == "ewma" and definition.half_life is None:
        raise UsageError("method ewma needs a half_life, as in half_life=30")
    if method in _OF_ONE and n_instruments > 1:
        raise UsageError(
            f"method {method} takes one instrument, not {n_instruments}; use ols, ewma, ridge, "
            "kalman or dcc"
        )


def _estimate(
    definition: RatioDefinition,
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], str]:
    """Estimate on one window, (n,) and (n, K), by a method that no kernel runs over many."""
    K = instruments.shape[1]
    flaw = int(window_flaw_nb(book, instruments, 0, len(book)))
    if flaw:
        return np.full(K, np.nan), flaw_words(flaw, K)
    if definition.method == "dcc":
        from eventlab.hedge.ratios.conditional import forecast_ratio  # noqa: PLC0415 - slow

        return forecast_ratio(book, instruments)
    one = np.ascontiguousarray(instruments[:, 0])
    ratio = float(least_shortfall_nb(book, one, definition.level * len(book)))
    lacks = "" if np.isfinite(ratio) else "more of the instrument always lowers the shortfall"
    return np.array([ratio]), lacks
