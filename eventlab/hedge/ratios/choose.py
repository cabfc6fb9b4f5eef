"""How much of the hedge instruments to hold against a book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from eventlab.contagion.arguments import frame_values, series_values
from eventlab.definitions.strategy import RatioDefinition
from eventlab.errors import DataError, UsageError
from eventlab.hedge.ratios.many import capped, estimates_at
from eventlab.hedge.ratios.windows import windows_at
from eventlab.kernels.hedge_ratios import hedge_slopes_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Ratio", "hedge_ratio", "ideal_ratio", "ratio_at"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A hedge ratio per instrument: for one unit of the book, minus this much of it is held.

    Attributes
    ----------
    values
        (K,) float64, at most the cap in absolute value; NaN where there is none.
    estimate
        (K,) float64 before the cap.
    n
        Joint returns behind it.
    note
        Why there is none; else what is odd about it, or empty.
    """

    values: npt.NDArray[np.float64]
    estimate: npt.NDArray[np.float64]
    n: int
    note: str


def hedge_ratio(
    book: pd.Series | npt.NDArray[np.float64],
    instruments: pd.DataFrame | pd.Series | npt.NDArray[np.float64],
    definition: RatioDefinition | None = None,
    **options: Any,
) -> Ratio:
    """Estimate how much of each instrument hedges one unit of a book.

    Parameters
    ----------
    book, instruments
        (T,) and (T, K) simple returns in decimals on the same rows, ascending in time; the last row
        is the latest that is known. A row with a NaN is left out: the window is the last
        ``lookback`` complete rows.
    definition, options
        The method and its options, those by name before those of ``definition``: ``method``,
        ``value``, ``lookback`` (120), ``half_life``, ``penalty``, ``state_noise``, ``level``,
        ``cap``.

        - ``fixed``: ``value``, shared alike by several instruments.
        - ``ols``: least squares with an intercept, jointly on several (Ederington 1979).
        - ``ewma``: the same with weights that halve every ``half_life`` rows.
        - ``ridge``: (S + penalty mean(diag S) I)^-1 c, S the covariances of the instruments, c
          those with the book (Hoerl & Kennard 1970, eq. 2.1).
        - ``kalman``: the last filtered beta of a regression whose betas walk at random.
          ``state_noise`` is the variance of their steps over that of the residual, series scaled to
          a standard deviation of 1; left out, it maximises the likelihood.
        - ``dcc``: from the covariances forecast for the next row by GARCH(1,1) variances and
          dynamic correlations (Engle 2002), as H_ii^-1 H_ib (Kroner & Sultan 1993).
        - ``min_es``: what minimises the mean of the worst ``level`` of hedged returns in the window
          (Rockafellar & Uryasev 2000, eq. 4 and 5), the smallest in size of several; one
          instrument.
        - ``downside_beta``: cov(b, x | x < mean x) / var(x | x < mean x) (Ang, Chen & Xing 2006);
          one instrument.

    Returns
    -------
    Ratio
        NaN with the reason where fewer than four fifths of ``lookback`` (and 10, and two more than
        there are instruments) rows are complete, a series does not move, instruments are collinear,
        or a likelihood did not converge.

    Raises
    ------
    UsageError
        Unknown options or values out of bounds, rows that differ, a method of one instrument with
        several, or method ``put``.
    DataError
        A return is infinite, or dcc lacks the package ``arch``.
    """
    chosen = _definition(definition, options)
    left, right = _arrays(book, instruments)
    if np.isinf(left).any() or np.isinf(right).any():
        raise DataError("book or instruments have an infinite return; mend the prices behind it")
    return ratio_at(chosen, left, right)


def ratio_at(
    definition: RatioDefinition,
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
) -> Ratio:
    """Estimate the ratio at a decision from the returns (n,) and (n, K) up to and with its bar.

    As `hedge_ratio`, of arrays and without checks of what is in them: an infinite return gives NaN
    with the reason.

    Raises
    ------
    UsageError
        If shapes do not fit, or the method takes one instrument only.
    """
    found = estimates_at(definition, book, instruments, np.array([len(book) - 1]))
    estimate = found.estimates[0]
    return Ratio(capped(definition, estimate), estimate, int(found.n[0]), found.notes[0])


def ideal_ratio(
    book: npt.NDArray[np.float64], instruments: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Find the ratio that would have minimised the variance of the hedged returns of an episode.

    Least squares with an intercept through its bars, ``book`` (n,) and ``instruments`` (n, K):
    **it looks ahead**, and is there to judge the ratio that was used. (K,); NaN with fewer than
    K + 2 complete bars, or where a series does not move or instruments are collinear.

    Raises
    ------
    UsageError
        If shapes do not fit.
    """
    n, K = instruments.shape if instruments.ndim == 2 else (len(instruments), 0)
    windows = windows_at(book, instruments, np.array([n - 1]), lookback=max(n, 1), least=K + 2)
    found, flaws = np.empty((1, K)), np.empty(1, dtype=np.int64)
    hedge_slopes_nb(
        windows.book, windows.instruments, windows.spans, np.ones(max(n, 1)), 0.0, 0, found, flaws
    )
    ratio: npt.NDArray[np.float64] = found[0]
    return ratio


def _definition(definition: RatioDefinition | None, options: dict[str, Any]) -> RatioDefinition:
    if definition is not None and not options:
        return definition
    given = {} if definition is None else definition.model_dump()
    try:
        return RatioDefinition(**{**given, **options})
    except ValidationError as error:
        said = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].lower()}" for each in error.errors()
        ]
        raise UsageError("; ".join(said)) from error


def _arrays(book: object, instruments: object) -> tuple[npt.NDArray[np.float64], ...]:
    """(T,) and (T, K) float64, whatever holds them."""
    if isinstance(book, pd.Series) and isinstance(instruments, pd.DataFrame | pd.Series):
        if not book.index.equals(instruments.index):
            raise UsageError("book and instruments have different indexes; align them first")
        if isinstance(instruments, pd.Series):
            instruments = instruments.to_frame("instrument")
        return series_values(book, "book"), frame_values(instruments, "instruments")
    if not (isinstance(book, np.ndarray) and isinstance(instruments, np.ndarray)):
        raise UsageError(
            f"book is a {type(book).__name__} and instruments a {type(instruments).__name__}; pass "
            "a Series and a DataFrame, or two arrays"
        )
    try:
        left, right = book.astype(np.float64), instruments.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError("book and instruments must hold numbers") from error
    return left, right[:, None] if right.ndim == 1 else right
