"""Ratios that walk at random, by the Kalman filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.hedge.ratios.windows import flaw_words
from eventlab.kernels.hedge_kalman import filtered_ratios_nb
from eventlab.kernels.hedge_ratios import COLLINEAR

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition
    from eventlab.hedge.ratios.windows import Windows

__all__ = ["filtered_ratios"]

FASTEST: Final = 0.999  # likeliest variance ratios from here on lie at the bound of the search
NO_PRIOR: Final = "an instrument does not move on its own in the first quarter of the window"


def filtered_ratios(
    definition: RatioDefinition, windows: Windows
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Filter book_t = alpha + x_t' beta_t + e_t, beta_t = beta_{t-1} + u_t in each of R windows.

    The series are scaled to a standard deviation of 1 in the window; Var u over Var e is then
    ``state_noise``, the same for all betas, or what maximises the likelihood between 0 and 1. The
    prior is the least squares fit of the window's first quarter, at least 2 (K + 1) rows, with its
    covariance: without steps the last beta is that of least squares on the whole window.

    Durbin & Koopman (2012), Time Series Analysis by State Space Methods, sections 4.3 and 7.2.

    Returns
    -------
    betas, notes
        (R, K): the last, given the rows up to it; NaN where the note says why.
    """
    R, K = len(windows.spans), windows.instruments.shape[1]
    found, noises = np.empty((R, K)), np.empty(R)
    flaws = np.empty(R, dtype=np.int64)
    asked = definition.state_noise
    filtered_ratios_nb(
        windows.book,
        windows.instruments,
        windows.spans,
        np.nan if asked is None else asked,
        found,
        flaws,
        noises,
    )
    notes = [NO_PRIOR if flaw == COLLINEAR else flaw_words(flaw, K) for flaw in flaws.tolist()]
    if asked is None:
        for r in np.flatnonzero(noises == 0.0).tolist():
            notes[r] = "the likeliest beta does not move"
        for r in np.flatnonzero(noises > FASTEST).tolist():
            notes[r] = "the likeliest beta moves as fast as allowed"
    return found, notes
