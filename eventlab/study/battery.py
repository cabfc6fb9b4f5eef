"""From fits to tests: which events enter a window, and what they share."""

from __future__ import annotations

import math
from functools import cached_property
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
    """Estimation residuals of the fitted events, computed when a window first needs them."""

    def __init__(self, arrays: EventArrays, fits: Fits, spec: StudySpec) -> None:
        self._arrays = arrays
        self._fits = fits
        self._estimation = np.array(spec.estimation_window, dtype=np.int64)

    def overlap_correlation(self, members: npt.NDArray[np.intp], length: int) -> tuple[float, int]:
        """Overlap-weighted mean correlation of ``members``, and how many pairs share bars."""
        order = members[np.argsort(self._arrays.position[members], kind="stable")]
        if len(order) < 2 or (np.diff(self._arrays.position[order]) >= length).all():
            return 0.0, 0
        correlation, overlapping = overlap_correlation_nb(
            self.resid, self._arrays.position[self.fitted], self.row[order], length, MIN_COMMON_ROWS
        )
        return float(correlation), int(overlapping)

    @cached_property
    def fitted(self) -> npt.NDArray[np.intp]:
        """Events that have residuals, by date: those that are summed together lie together."""
        fitted = np.flatnonzero(self._fits.fitted)
        return fitted[np.argsort(self._arrays.position[fitted], kind="stable")]

    @cached_property
    def row(self) -> npt.NDArray[np.int64]:
        """(N,) row of ``resid`` of every event, -1 without one."""
        row = np.full(len(self._arrays), -1, dtype=np.int64)
        row[self.fitted] = np.arange(len(self.fitted))
        return row

    @cached_property
    def resid(self) -> npt.NDArray[np.float64]:
        """(fitted, M) residuals, NaN where a return is missing."""
        return residuals_nb(
            self._arrays.returns,
            self._arrays.column[self.fitted],
            self._fits.regressors[self.fitted],
            self._arrays.position[self.fitted],
            self._fits.coefficients[self.fitted],
            self._estimation,
        )


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
        sar_sum=fits.sar_of(inside)[:, first : last + 1].sum(axis=1),
        length=length,
        correlation=correlation,
        overlapping=overlapping,
    )


def placebo_test(placebo: PlaceboOutcome, w: int, n_events: int) -> Outcome:
    """Return the placebo test of window ``w`` as a row of the battery, of the headline if there."""
    statistic, applies = float(placebo.statistic[w]), placebo.n_draws > 0
    how = "all" if placebo.exact else "draws of"
    note = placebo.note
    if math.isnan(statistic):
        applies, note = False, note or "no event has a complete window"
    return Outcome(
        test="placebo",
        statistic=statistic,
        dof=math.nan,
        distribution="placebo" if applies else "none",
        pvalue=float(placebo.pvalue[w]),
        n_events=n_events,
        headline=applies,
        note=note or f"{placebo.rank[w]} of {placebo.n_draws} at least as extreme; {how} dates",
    )
