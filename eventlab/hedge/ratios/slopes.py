"""Ratios by least squares: equal or fading weights, a penalty, or the falls alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.tails.series import MIN_ROWS, too_few
from eventlab.hedge.ratios.windows import flaw_words
from eventlab.kernels.hedge_ratios import COLLINEAR, FINE, hedge_slopes_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition
    from eventlab.hedge.ratios.windows import Windows

__all__ = ["slopes"]


def slopes(
    definition: RatioDefinition, windows: Windows
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Fit the book on the instruments with an intercept in each of R windows.

    Methods: ``ols``, equal weights; ``ewma``, weights 2^(-age / half_life), the last row's age
    being 0; ``ridge``, (S + penalty mean(diag S) I)^-1 c with the covariances S of the instruments
    and c with the book (Hoerl & Kennard 1970, eq. 2.1); ``downside_beta``, cov(b, x | x < mean x) /
    var(x | x < mean x) of Ang, Chen & Xing (2006), which has an intercept of its own, unlike
    the lower partial moments of Bawa & Lindenberg (1977).

    Returns
    -------
    slopes, notes
        (R, K), NaN where the note says why.
    """
    n_windows, K = len(windows.spans), windows.instruments.shape[1]
    longest = int(np.max(windows.spans[:, 1] - windows.spans[:, 0], initial=1))
    weights = np.ones(longest)
    if definition.method == "ewma" and definition.half_life is not None:
        with np.errstate(over="ignore"):  # of a half-life near zero, which is found out below
            weights = np.exp2(-np.arange(longest) / definition.half_life)
    found, flaws = np.empty((n_windows, K)), np.empty(n_windows, dtype=np.int64)
    below = definition.method == "downside_beta"
    hedge_slopes_nb(
        windows.book,
        windows.instruments,
        windows.spans,
        weights,
        definition.penalty if definition.method == "ridge" else 0.0,
        int(below),
        found,
        flaws,
    )
    notes = [flaw_words(flaw, K) for flaw in flaws.tolist()]
    if below:
        for r in np.flatnonzero((flaws == FINE) | (flaws == COLLINEAR)).tolist():
            notes[r] = _few_falls(windows, r) or notes[r]
            found[r] = np.nan if notes[r] else found[r]
    return found, notes


def _few_falls(windows: Windows, r: int) -> str:
    start, stop = windows.spans[r].tolist()
    x = windows.instruments[start:stop, 0]
    n_down = int(np.count_nonzero(x < x.mean())) if stop > start else MIN_ROWS
    if n_down >= MIN_ROWS:
        return ""
    return too_few(n_down, MIN_ROWS, "bars with the instrument below its mean")
