"""From fits to tests: which events enter a window, and what they share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.dependence import overlap_correlation_nb, residuals_nb
from eventlab.study.inference import Outcome, WindowSample

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.fits import Fits
    from eventlab.study.placebo import PlaceboOutcome
    from eventlab.study.specs import EventArrays, StudySpec

__all__ = ["MIN_COMMON_ROWS", "Residuals", "placebo_test", "window_sample"]

MIN_COMMON_ROWS = 30  # common estimation rows below which a correlation counts as zero


class Residuals:
    """Estimation residuals of the events, computed when a window first needs them."""

    def __init__(self, arrays: EventArrays, fits: Fits, spec: StudySpec) -> None:
        self._arrays = arrays
        self._fits = fits
        self._estimation = np.array(spec.estimation_window, dtype=np.int64)

    def overlap_correlation(self, members: npt.NDArray[np.intp], length: int) -> tuple[float, int]:
        """Overlap-weighted mean correlation of ``members``, and how many pairs share bars."""
        order = members[np.argsort(self._arrays.position[members], kind="stable")]
        position = self._arrays.position[order]
        if len(position) < 2 or (np.diff(position) >= length).all():
            return 0.0, 0
        resid = residuals_nb(
            self._arrays.returns,
            self._arrays.column[order],
            self._fits.regressors[order],
            position,
            self._fits.coefficients[order],
            self._estimation,
        )
        correlation, overlapping = overlap_correlation_nb(resid, position, length, MIN_COMMON_ROWS)
        return float(correlation), int(overlapping)


def window_sample(
    fits: Fits, residuals: Residuals, spec: StudySpec, members: npt.NDArray[np.intp], w: int
) -> WindowSample:
    """Collect the events of ``members`` (rows) that have a CAR in window ``w``, listwise."""
    inside = members[np.isfinite(fits.car[members, w])]
    first, last = (bar - spec.event_window[0] for bar in spec.windows[w])
    length = last - first + 1
    correlation, overlapping = residuals.overlap_correlation(inside, length)
    return WindowSample(
        car=fits.car[inside, w],
        sigma=fits.sigma[inside],
        factor=fits.car_variance[inside, w],
        dof=fits.dof[inside],
        sar_sum=fits.sar[inside, first : last + 1].sum(axis=1),
        length=length,
        correlation=correlation,
        overlapping=overlapping,
    )


def placebo_test(placebo: PlaceboOutcome, w: int, n_events: int) -> Outcome:
    """Return the placebo test of window ``w`` as a row of the battery, always of the headline."""
    how = "all" if placebo.exact else "draws of"
    note = (
        placebo.note or f"{placebo.rank[w]} of {placebo.n_draws} at least as extreme; {how} dates"
    )
    return Outcome(
        test="placebo",
        statistic=float(placebo.statistic[w]),
        dof=math.nan,
        distribution="placebo" if placebo.n_draws else "none",
        pvalue=float(placebo.pvalue[w]),
        n_events=n_events,
        headline=placebo.n_draws > 0,
        note=note,
    )
