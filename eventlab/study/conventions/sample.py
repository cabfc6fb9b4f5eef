"""What another program's formulas need of a study: plain arrays of the events in one window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.inference.registry import Outcome, normal_pvalue, not_available, t_pvalue

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.history import History
    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = [
    "NO_SPREAD",
    "ONE_EVENT",
    "ForeignSample",
    "foreign_sample",
    "from_normal",
    "from_student",
    "has_ties",
    "mean_pair_correlation",
    "ranks",
]

NO_SPREAD: Final = "the values do not vary: no variance to test with"
ONE_EVENT: Final = "a cross-sectional variance needs two events"


@dataclass(frozen=True, slots=True)
class ForeignSample:
    """The N events that have a CAR in one window of L of the E event bars.

    Attributes
    ----------
    model
        The normal-return model.
    resid
        (N, M): residuals by row of the estimation window; for market-adjusted returns the
        adjusted returns themselves. NaN where one is missing.
    ar, variance
        (N, E): abnormal returns of the whole event window, and C_t, their forecast variance over
        sigma^2.
    sigma, n_parameters
        (N,): residual standard deviation with divisor M - k, and k.
    regressors, market
        (N, F, M) over the estimation window and (N, E) over the event window: what the model
        regresses on or subtracts, the market first; ``market`` is the first over the event window,
        zero for a constant mean.
    session
        (N,) int64: position of day 0, equal for events on one date.
    window
        First and last bar of the window as columns of ``ar``, inclusive.
    controlled
        Events whose fit has indicators of other events.
    """

    model: str
    resid: npt.NDArray[np.float64]
    ar: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    n_parameters: npt.NDArray[np.int64]
    regressors: npt.NDArray[np.float64]
    market: npt.NDArray[np.float64]
    session: npt.NDArray[np.int64]
    window: tuple[int, int]
    controlled: int = 0

    @property
    def n(self) -> int:
        """Events in the window."""
        return len(self.ar)

    @property
    def rows(self) -> int:
        """M, rows of the estimation window."""
        return int(self.resid.shape[1])

    @property
    def inside(self) -> npt.NDArray[np.float64]:
        """(N, L): abnormal returns of the window."""
        return self.of_window(self.ar)

    @property
    def length(self) -> int:
        """L."""
        return self.window[1] - self.window[0] + 1

    @property
    def car(self) -> npt.NDArray[np.float64]:
        """(N,): cumulative abnormal returns."""
        total: npt.NDArray[np.float64] = self.inside.sum(axis=1)
        return total

    @property
    def sd(self) -> npt.NDArray[np.float64]:
        """(N,): standard deviation of the residuals about their mean with divisor M - 1."""
        spread: npt.NDArray[np.float64] = self.resid.std(axis=1, ddof=1)
        return spread

    @property
    def gaps(self) -> int:
        """Events with a missing return in the estimation or the event window."""
        known = np.isfinite(self.resid).all(axis=1) & np.isfinite(self.ar).all(axis=1)
        return int((~known).sum())

    @property
    def leverage(self) -> npt.NDArray[np.float64]:
        """(N, M): diagonal of X (X'X)^-1 X' of each fit; 0 where nothing was estimated."""
        k = int(self.n_parameters[0])
        if k == 0:
            return np.zeros_like(self.resid)
        ones = np.ones((self.n, 1, self.rows))
        design = np.concatenate([ones, self.regressors[:, : k - 1]], axis=1).swapaxes(1, 2)
        hat: npt.NDArray[np.float64] = (np.linalg.qr(design)[0] ** 2).sum(axis=2)
        return hat

    def of_window(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Columns of ``values`` (N, E) that lie in the window."""
        return values[:, self.window[0] : self.window[1] + 1]


def foreign_sample(
    arrays: EventArrays,
    fits: Fits,
    history: History,
    spec: StudySpec,
    *,
    members: npt.NDArray[np.intp],
    window: tuple[int, int],
) -> ForeignSample:
    """Collect the events of ``members`` (rows) that have every AR of ``window``, listwise.

    ``arrays`` hold the assets' own returns and name the benchmark, also in a market-adjusted
    study.
    """
    first, last = (bar - spec.event_window[0] for bar in window)
    inside = members[np.isfinite(fits.ar[members, first : last + 1]).all(axis=1)]
    factors, position = arrays.factors[inside], arrays.position[inside]
    market = bars_of(arrays, factors[:, :1], position, spec.event_window)
    return ForeignSample(
        model=spec.model,
        resid=history.resid[history.row[inside]],
        ar=fits.ar[inside],
        variance=fits.ar_variance[inside],
        sigma=fits.sigma[inside],
        n_parameters=fits.n_parameters[inside],
        regressors=bars_of(arrays, factors, position, spec.estimation_window),
        market=market[:, 0] if factors.shape[1] else np.zeros_like(fits.ar[inside]),
        session=position,
        window=(first, last),
        controlled=int((arrays.controls[inside] >= 0).any(axis=1).sum()),
    )


def bars_of(
    arrays: EventArrays,
    columns: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    window: tuple[int, int],
) -> npt.NDArray[np.float64]:
    """(N, F, bars): returns of ``columns`` (N, F) over ``window``; NaN outside the panel."""
    rows = position[:, None] + np.arange(window[0], window[1] + 1)
    known = (rows >= 0) & (rows < arrays.returns.shape[1])
    values = arrays.returns[columns[:, :, None], np.where(known, rows, 0)[:, None, :]]
    return np.where(known[:, None, :], values, np.nan)


def from_normal(test: str, z: float, n: int, note: str) -> Outcome:
    """Outcome against N(0, 1), two-sided; not available where ``z`` is not finite."""
    if not math.isfinite(z):
        return not_available(test, n, NO_SPREAD if n > 1 else ONE_EVENT)
    return Outcome(test, z, math.nan, "normal", normal_pvalue(z), n, note=note)


def from_student(test: str, t: float, dof: float, n: int, note: str) -> Outcome:
    """Outcome against Student t, two-sided; not available where ``t`` is not finite."""
    if not math.isfinite(t):
        return not_available(test, n, NO_SPREAD if n > 1 else ONE_EVENT)
    return Outcome(test, t, dof, "t", t_pvalue(t, dof), n, note=note)


def ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rank each row of ``values`` (N, T) from 1 to T; ties take the mean rank."""
    order = np.sort(values, axis=1)
    low = np.stack([np.searchsorted(s, v, "left") for s, v in zip(order, values, strict=True)])
    high = np.stack([np.searchsorted(s, v, "right") for s, v in zip(order, values, strict=True)])
    mean: npt.NDArray[np.float64] = (low + high + 1) / 2.0
    return mean


def has_ties(values: npt.NDArray[np.float64]) -> bool:
    """Whether a row of ``values`` (N, T) holds one value twice."""
    return bool((np.diff(np.sort(values, axis=1), axis=1) == 0.0).any())


def mean_pair_correlation(values: npt.NDArray[np.float64]) -> float:
    """Plain mean of the correlations of all pairs of rows of ``values`` (N, M), N at least 2.

    The rows stand side by side by relative bar, whatever their dates.
    """
    n = len(values)
    matrix = np.corrcoef(values)
    return float((matrix.sum() - np.trace(matrix)) / (n * (n - 1)))
