"""What the tests take from the estimation windows, computed once and when first needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.dependence import overlap_correlation_nb, residuals_nb
from eventlab.kernels.ranks import mean_ranks_nb
from eventlab.kernels.shape import even_moments_nb, traded_nb
from eventlab.study.models.slots import standardise

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["MIN_COMMON_ROWS", "History", "Ranked"]

MIN_COMMON_ROWS = 30  # common estimation rows below which a correlation counts as zero


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of values, sorted.

    Attributes
    ----------
    values, ranks
        (F, T); ranks from 1 within a row, ties by their mean, NaN where the value is.
    order
        (F, T) int64: sorts each row, NaN last.
    count
        (F,) int64: finite values.
    """

    values: npt.NDArray[np.float64]
    ranks: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]


class History:
    """The fitted events of a study and their residuals, by relative bar.

    A row of its arrays is a fitted event; `row` finds it. Rows are in the order of dates, so that
    events that are summed together lie together.
    """

    def __init__(self, arrays: EventArrays, fits: Fits, spec: StudySpec) -> None:
        self._arrays = arrays
        self._fits = fits
        self._estimation = np.array(spec.estimation_window, dtype=np.int64)
        self.first_bar, self.last_bar = spec.event_window
        self._shared: dict[tuple[bytes, int], tuple[float, int, int]] = {}
        self.level, self.draws, self.seed = spec.level, spec.draws, spec.seed

    @cached_property
    def fitted(self) -> npt.NDArray[np.intp]:
        """(F,) events that have residuals, by date."""
        fitted = np.flatnonzero(self._fits.fitted)
        return fitted[np.argsort(self._arrays.position[fitted], kind="stable")]

    @cached_property
    def row(self) -> npt.NDArray[np.int64]:
        """(N,) row of every event, -1 without a fit."""
        row = np.full(len(self._arrays), -1, dtype=np.int64)
        row[self.fitted] = np.arange(len(self.fitted))
        return row

    @cached_property
    def position(self) -> npt.NDArray[np.int64]:
        """(F,) day 0 on the calendar of the panel."""
        return self._arrays.position[self.fitted]

    @cached_property
    def date(self) -> npt.NDArray[np.int64]:
        """(F,) event session of the study: equal for assets that are hit at once."""
        return self._arrays.anchor[self.fitted]

    @cached_property
    def resid(self) -> npt.NDArray[np.float64]:
        """(F, E) estimation residuals, NaN where a return is missing.

        Those of bars inside sessions are brought to one scale (`study.models.slots`).
        """
        found = residuals_nb(
            self._arrays.returns,
            self._arrays.column[self.fitted],
            self._fits.regressors[self.fitted],
            self._arrays.position[self.fitted],
            self._fits.coefficients[self.fitted],
            self._estimation,
        )
        return standardise(found, self._arrays, self._fits, self.fitted, self._estimation[0])

    @property
    def by_slot(self) -> bool:
        """Whether bars have variances by their slot of the session."""
        return self._fits.slots is not None

    @cached_property
    def traded(self) -> npt.NDArray[np.float64]:
        """(F,) share of estimation bars with a return other than zero, of those with a return."""
        share: npt.NDArray[np.float64] = traded_nb(
            self._arrays.returns,
            self._arrays.column[self.fitted],
            self.position,
            self._estimation,
        )
        return share

    @cached_property
    def ar(self) -> npt.NDArray[np.float64]:
        """(F, L) abnormal returns of the event window, on the scale of ``resid``."""
        own = self._fits.ar[self.fitted]
        return standardise(own, self._arrays, self._fits, self.fitted, self.first_bar, centred=True)

    @cached_property
    def sar(self) -> npt.NDArray[np.float64]:
        """(F, L) abnormal returns over their forecast standard errors."""
        return self._fits.sar_of(self.fitted)

    @cached_property
    def ranks(self) -> npt.NDArray[np.float64]:
        """(F, E + L) rank / (1 + M_i) among all residuals and abnormal returns of the event.

        Corrado (1989); M_i counts what is there (Corrado & Zivney 1992).
        """
        ranked = rank_rows(np.concatenate([self.resid, self.ar], axis=1))
        shares: npt.NDArray[np.float64] = ranked.ranks / (1.0 + ranked.count[:, None])
        return shares

    @cached_property
    def even_moments(self) -> npt.NDArray[np.float64]:
        """(2, F) means of the second and fourth powers of the residuals over sigma."""
        return even_moments_nb(self.resid, self._fits.sigma[self.fitted])

    @cached_property
    def standard(self) -> Ranked:
        """(F, E) residuals over the residual standard deviation, with their ranks."""
        return rank_rows(self.resid / self._fits.sigma[self.fitted, None])

    @cached_property
    def positive(self) -> npt.NDArray[np.float64]:
        """(F,) share of residuals above zero."""
        share: npt.NDArray[np.float64] = (self.resid > 0.0).sum(axis=1) / np.isfinite(
            self.resid
        ).sum(axis=1)
        return share

    def overlap_correlation(self, rows: npt.NDArray[np.int64], length: int) -> tuple[float, int]:
        """Overlap-weighted mean correlation of ``rows``, and how many pairs share bars."""
        return self.shared_bars(rows, length)[:2]

    def shared_bars(self, rows: npt.NDArray[np.int64], length: int) -> tuple[float, int, int]:
        """Overlap-weighted mean correlation of ``rows``, and how many pairs share bars.

        And how many of these have too few common residuals, and count as uncorrelated.
        """
        key = (rows.tobytes(), length)
        if key not in self._shared:
            self._shared[key] = self.count_shared(rows, length)
        return self._shared[key]

    def count_shared(self, rows: npt.NDArray[np.int64], length: int) -> tuple[float, int, int]:
        """Compute `shared_bars`, which every table of a group asks for."""
        order = rows[np.argsort(self.position[rows], kind="stable")]
        if len(order) < 2 or (np.diff(self.position[order]) >= length).all():
            return 0.0, 0, 0
        correlation, overlapping, unmeasured = overlap_correlation_nb(
            self.resid, self.position, order, length, MIN_COMMON_ROWS
        )
        return float(correlation), int(overlapping), int(unmeasured)


def rank_rows(values: npt.NDArray[np.float64]) -> Ranked:
    """Sort each row once."""
    order = np.argsort(values, axis=1).astype(np.int64)
    ranks, count = mean_ranks_nb(values, order)
    return Ranked(values, ranks, order, count)
