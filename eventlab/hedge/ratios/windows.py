"""The windows of joint returns that ratios are estimated on, and why one is unusable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import UsageError
from eventlab.kernels.hedge_ratios import COLLINEAR, CONSTANT, INFINITE

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Windows", "flaw_words", "windows_at"]


@dataclass(frozen=True, slots=True)
class Windows:
    """R windows of complete rows.

    Attributes
    ----------
    book, instruments
        (M,) and (M, K), C-contiguous: the rows without NaN of the whole history.
    spans
        (R, 2) int64: rows [start, stop) of these of each window; empty where they are too few.
    n
        (R,) int64: rows that there are.
    notes
        Why a window is empty; "" where it is not.
    """

    book: npt.NDArray[np.float64]
    instruments: npt.NDArray[np.float64]
    spans: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def windows_at(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    *,
    lookback: int,
    least: int,
) -> Windows:
    """Cut the last ``lookback`` rows without NaN up to each of ``rows`` (R,).

    ``book`` (T,), ``instruments`` (T, K). A row of -1 has no past. Windows of fewer than ``least``
    rows are empty.

    Raises
    ------
    UsageError
        If shapes do not fit, or a row is not in the history.
    """
    _check(book, instruments, rows)
    complete = ~(np.isnan(book) | np.isnan(instruments).any(axis=1))
    stops = np.concatenate([[0], np.cumsum(complete)])[rows + 1]
    n = np.minimum(stops, lookback)
    spans = np.column_stack([stops - n, stops])
    spans[n < least] = 0
    few = f"{{}} joint returns up to the decision; {least} are needed"
    return Windows(
        np.ascontiguousarray(book[complete], dtype=np.float64),
        np.ascontiguousarray(instruments[complete], dtype=np.float64),
        spans.astype(np.int64),
        n.astype(np.int64),
        tuple(few.format(count) if count < least else "" for count in n.tolist()),
    )


def flaw_words(flaw: int, n_instruments: int) -> str:
    """Why the kernels found a window unusable; "" where they did not."""
    if flaw == INFINITE:
        return "a return is infinite"
    if flaw == COLLINEAR:
        return (
            "the instrument does not vary on the rows that count"
            if n_instruments == 1
            else "an instrument moves as the others together do"
        )
    if flaw < CONSTANT:
        return ""
    which = f"instrument {flaw - CONSTANT}" if n_instruments > 1 else "the instrument"
    return f"{'the book' if flaw == CONSTANT else which} does not move in the window"


def _check(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> None:
    if book.ndim != 1 or instruments.ndim != 2 or len(book) != len(instruments):
        raise UsageError(
            f"book {book.shape} and instruments {instruments.shape} must be (T,) and (T, K)"
        )
    if not instruments.shape[1]:
        raise UsageError("instruments has no columns; give one at least")
    if len(rows) and not -1 <= rows.min() <= rows.max() < len(book):
        raise UsageError(f"rows must lie from -1 to {len(book) - 1}, the last of the history")
