"""Normal returns and abnormal returns of many events at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.kernels.bhar import bhar_nb
from eventlab.kernels.factor_fits import factor_fits_nb
from eventlab.kernels.fits import simple_fits_nb
from eventlab.kernels.scholes_williams import scholes_williams_nb
from eventlab.study.models.garch import VARIANCE_PARAMETERS, garch_fits
from eventlab.study.models.slots import Slots, check_model, slot_kernel
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.study.steps import Progress

__all__ = [
    "Fits",
    "buy_and_hold",
    "fit_events",
    "market_adjust",
    "model_alpha",
    "model_beta",
    "parameter_columns",
    "prepare",
]


@dataclass(frozen=True, slots=True)
class Fits:
    """What the fits of N events say about L event bars and W windows.

    Attributes
    ----------
    coefficients
        (N, k): alpha first, then the betas; NaN for what an event does not use. Market-adjusted
        returns estimate nothing: k = 0. Scholes-Williams has two more of 0, for the benchmark's
        neighbouring bars: a row that lacks one of them has no residual.
    regressors
        (N, F) int64: the rows of ``returns`` that the betas belong to, -1 where unused.
    n_parameters
        (N,) int64: parameters estimated.
    sigma
        (N,): residual standard deviation with divisor M - k; NaN where the event has no fit.
    n_rows
        (N,) int64: M, usable estimation rows.
    ar, ar_variance
        (N, L): abnormal returns, and C_t, their forecast variance over sigma^2.
    car, car_variance
        (N, W): cumulative abnormal returns and w'Gw. NaN where an AR inside is missing.
    variance
        (N, 5): omega, alpha, gamma, beta and nu of a conditional variance (`study.models.garch`);
        gamma is 0 in garch, nu NaN with normal errors. (0, 0) where the variance is constant.
    problems
        By row: why an event has no fit, where it is not in the data.
    slots
        Of each class of bars inside sessions; None where all bars are of one kind. Coefficients,
        ``sigma`` and ``n_rows`` are then those of the rows that span no closure.
    """

    coefficients: npt.NDArray[np.float64]
    regressors: npt.NDArray[np.int64]
    n_parameters: npt.NDArray[np.int64]
    sigma: npt.NDArray[np.float64]
    n_rows: npt.NDArray[np.int64]
    ar: npt.NDArray[np.float64]
    ar_variance: npt.NDArray[np.float64]
    car: npt.NDArray[np.float64]
    car_variance: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    problems: Mapping[int, str] = field(default_factory=dict)
    slots: Slots | None = None

    @property
    def fitted(self) -> npt.NDArray[np.bool_]:
        """(N,): whether the event has a fit."""
        return np.isfinite(self.sigma)

    @property
    def dof(self) -> npt.NDArray[np.int64]:
        """(N,): residual degrees of freedom M - k."""
        return self.n_rows - self.n_parameters

    @property
    def ar_dof(self) -> npt.NDArray[np.float64]:
        """(N, L): degrees of freedom of each AR; ``dof`` unless bars have variances by slot."""
        if self.slots is not None:
            return self.slots.ar_dof
        return np.repeat(self.dof.astype(np.float64)[:, None], self.ar.shape[1], axis=1)

    @property
    def car_dof(self) -> npt.NDArray[np.float64]:
        """(N, W): degrees of freedom of each CAR; ``dof`` unless bars have variances by slot."""
        if self.slots is not None:
            return self.slots.car_dof
        return np.repeat(self.dof.astype(np.float64)[:, None], self.car.shape[1], axis=1)

    @property
    def sar(self) -> npt.NDArray[np.float64]:
        """(N, L): AR / (sigma sqrt(C_t)), t-distributed with ``dof`` under the null."""
        return self.sar_of(slice(None))

    def sar_of(self, events: npt.NDArray[np.intp] | slice) -> npt.NDArray[np.float64]:
        """Standardised abnormal returns (n, L) of some events."""
        error = self.sigma[events, None] * np.sqrt(self.ar_variance[events])
        standardised: npt.NDArray[np.float64] = self.ar[events] / error
        return standardised

    @property
    def car_error(self) -> npt.NDArray[np.float64]:
        """(N, W): forecast standard error of each CAR, sigma sqrt(w'Gw)."""
        error: npt.NDArray[np.float64] = self.sigma[:, None] * np.sqrt(self.car_variance)
        return error


def fit_events(arrays: EventArrays, spec: StudySpec, progress: Progress = quietly) -> Fits:
    """Fit the normal-return model of every event and return its abnormal returns.

    A row of the estimation window with a missing return or regressor drops out of the fit. An
    event with fewer than ``spec.least_rows`` rows left, with a constant or collinear regressor, or
    without residual variance has NaN throughout; ``n_rows`` says how many rows it had. ``arrays``
    have gone through `prepare`; ``progress`` hears of fits by maximum likelihood.

    The AR of bar t reads the returns of bar t; with dimson also the benchmark's up to bar t + n.
    The fit reads bars up to ``estimation_window[1]``; with scholes_williams the benchmark's next
    bar as well, with dimson its next n. With garch_market_model the variances of the event window
    also read the bars between the two windows.

    Raises
    ------
    DataError
        A GARCH model is asked for and the package ``arch`` is not installed.
    """
    controlled = np.flatnonzero((arrays.controls >= 0).any(axis=1))
    regressors = left_packed(np.concatenate([arrays.factors, arrays.controls], axis=1))
    if arrays.slot is not None:
        return slot_fits(arrays, spec, regressors)
    if spec.model in {"factor_model", "dimson"}:
        return factor_fits(arrays, spec, regressors)
    if spec.model == "scholes_williams":
        return scholes_williams_fits(arrays, spec)
    fits = simple_fits(arrays, spec)
    if len(controlled):
        fits = merge(fits, factor_fits(arrays, spec, regressors), controlled)
    if spec.model == "garch_market_model":
        return garch_fits(arrays, fits, spec, progress)
    return fits


def simple_fits(arrays: EventArrays, spec: StudySpec) -> Fits:
    """Fit nothing, a constant, or a constant and a benchmark."""
    k = spec.n_parameters
    fits = empty_fits(arrays.factors, k, spec)
    fits.n_parameters[:] = k
    simple_fits_nb(
        arrays.returns,
        arrays.column,
        arrays.factors[:, 0].copy() if k == 2 else arrays.column,
        arrays.position,
        k,
        *(kernel_windows(spec) + kernel_outputs(fits)),
    )
    return fits


def factor_fits(arrays: EventArrays, spec: StudySpec, regressors: npt.NDArray[np.int64]) -> Fits:
    """Fit a constant and ``regressors`` (N, F) by an orthogonal factorisation."""
    fits = empty_fits(regressors, regressors.shape[1] + 1, spec)
    fits.n_parameters[:] = 1 + (regressors >= 0).sum(axis=1)
    factor_fits_nb(
        arrays.returns,
        arrays.column,
        regressors,
        arrays.position,
        *(kernel_windows(spec) + kernel_outputs(fits)),
    )
    return fits


def slot_fits(arrays: EventArrays, spec: StudySpec, regressors: npt.NDArray[np.int64]) -> Fits:
    """Fit ``regressors`` (N, F) to bars inside sessions, each slot with a variance of its own."""
    check_model(spec.model)
    constant = spec.model != "market_adjusted"
    fits = empty_fits(regressors, regressors.shape[1] + constant, spec)
    fits.n_parameters[:] = constant + (regressors >= 0).sum(axis=1)
    given = kernel_windows(spec) + kernel_outputs(fits)
    found = slot_kernel(arrays, regressors, given, constant=constant)
    return replace(fits, slots=found)


def scholes_williams_fits(arrays: EventArrays, spec: StudySpec) -> Fits:
    """Fit a constant and a beta that the benchmark's neighbouring bars correct."""
    fits = empty_fits(arrays.factors, arrays.factors.shape[1] + 1, spec)
    fits.n_parameters[:] = spec.n_parameters
    scholes_williams_nb(
        arrays.returns,
        arrays.column,
        arrays.factors,
        arrays.position,
        *(kernel_windows(spec) + kernel_outputs(fits)),
    )
    return fits


def empty_fits(regressors: npt.NDArray[np.int64], k: int, spec: StudySpec) -> Fits:
    """Arrays for the kernels to fill."""
    n, L, W = len(regressors), len(spec.taus), len(spec.windows)
    return Fits(
        coefficients=np.empty((n, k)),
        regressors=regressors,
        n_parameters=np.empty(n, dtype=np.int64),
        sigma=np.empty(n),
        n_rows=np.empty(n, dtype=np.int64),
        ar=np.empty((n, L)),
        ar_variance=np.empty((n, L)),
        car=np.empty((n, W)),
        car_variance=np.empty((n, W)),
    )


def kernel_windows(
    spec: StudySpec,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return the windows as the kernels take them."""
    return (
        np.array(spec.estimation_window, dtype=np.int64),
        np.array(spec.event_window, dtype=np.int64),
        np.array(spec.windows, dtype=np.int64).reshape(-1, 2),
        spec.least_rows,
    )


def kernel_outputs(
    fits: Fits,
) -> tuple[
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.int64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
]:
    """Return the arrays in the kernels' order."""
    return (
        fits.coefficients,
        fits.sigma,
        fits.n_rows,
        fits.ar,
        fits.ar_variance,
        fits.car,
        fits.car_variance,
    )


def left_packed(factors: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Move the unused entries (-1) of each row to its end, keeping the order of the others."""
    order = np.argsort(factors < 0, axis=1, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(factors, order, axis=1))


def merge(fits: Fits, other: Fits, rows: npt.NDArray[np.intp]) -> Fits:
    """Take ``rows`` from ``other``; coefficients get the wider shape."""
    wide = np.full(other.coefficients.shape, np.nan)
    wide[:, : fits.coefficients.shape[1]] = fits.coefficients
    wide[rows] = other.coefficients[rows]
    merged: dict[str, Any] = {"coefficients": wide, "regressors": other.regressors}
    for name in Fits.__slots__:
        if name not in {*merged, "variance", "problems", "slots"}:
            values = getattr(fits, name).copy()
            values[rows] = getattr(other, name)[rows]
            merged[name] = values
    return Fits(**merged)


def buy_and_hold(arrays: EventArrays, fits: Fits, spec: StudySpec) -> npt.NDArray[np.float64]:
    """(N, W): buy-and-hold abnormal return of each window, Barber & Lyon (1997).

    ``arrays`` hold the assets' own returns, also in a market-adjusted study.
    """
    _, event, windows, _ = kernel_windows(spec)
    return bhar_nb(arrays.returns, arrays.column, arrays.position, fits.ar, event, windows)


def model_alpha(fits: Fits) -> npt.NDArray[np.float64]:
    """(N,): the constant of each normal return; 0 where it is imposed."""
    if fits.coefficients.shape[1] == 0:
        return np.where(fits.fitted, 0.0, np.nan)
    return fits.coefficients[:, 0]


def model_beta(fits: Fits, spec: StudySpec) -> npt.NDArray[np.float64]:
    """(N,): what the model calls the asset's beta.

    The slope on the benchmark; that of a factor model's first regressor; the sum over the
    benchmark's bars of dimson; 1 where it is imposed; NaN for a constant mean.
    """
    n, k = fits.coefficients.shape
    if spec.model == "constant_mean":
        return np.full(n, np.nan)
    if spec.model == "market_adjusted":
        return np.where(fits.fitted, 1.0, np.nan)
    if spec.model == "dimson":
        total: npt.NDArray[np.float64] = fits.coefficients[:, 1 : 2 + 2 * spec.n_lags].sum(axis=1)
        return total
    return fits.coefficients[:, 1] if k > 1 else np.full(n, np.nan)


def parameter_columns(
    fits: Fits, spec: StudySpec, regressors: Sequence[str]
) -> dict[str, npt.NDArray[np.float64]]:
    """Each further parameter (N,) of the model, by the name of its column in tables."""
    betas = fits.coefficients[:, 1:]
    if spec.model == "factor_model":
        return {f"beta_{name}": betas[:, j] for j, name in enumerate(regressors)}
    if spec.model == "dimson":
        bars = range(-spec.n_lags, spec.n_lags + 1)
        return {f"beta_{bar:+d}" if bar else "beta_0": betas[:, j] for j, bar in enumerate(bars)}
    if spec.model == "garch_market_model":
        return {
            f"variance_{name}": fits.variance[:, j] for j, name in enumerate(VARIANCE_PARAMETERS)
        }
    return {}


def prepare(arrays: EventArrays, spec: StudySpec) -> EventArrays:
    """Give the arrays of a study the columns that its model reads.

    Differences to the benchmark for market_adjusted; the benchmark's neighbouring bars for
    scholes_williams (the last, the next) and dimson (from the earliest to the latest).
    """
    if spec.model == "market_adjusted":
        return market_adjust(arrays)
    if spec.model == "scholes_williams":
        return with_neighbours(arrays, (0, -1, 1))
    if spec.model == "dimson":
        return with_neighbours(arrays, tuple(range(-spec.n_lags, spec.n_lags + 1)))
    return arrays


def with_neighbours(arrays: EventArrays, bars: tuple[int, ...]) -> EventArrays:
    """Replace the benchmark by its returns ``bars`` later, each a column of its own.

    Row t of the column for bar j holds the benchmark's return of row t + j; NaN beyond the ends.
    Columns follow those of ``arrays.returns``, which keep their places.
    """
    returns, T = arrays.returns, arrays.returns.shape[1]
    distinct, which = np.unique(arrays.factors[:, 0], return_inverse=True)
    moved = np.full((len(distinct), len(bars), T), np.nan)
    for j, bar in enumerate(bars):
        start, stop = max(0, -bar), max(0, min(T, T - bar))
        moved[:, j, start:stop] = returns[distinct, start + bar : stop + bar]
    first = len(returns) + which.reshape(-1, 1) * len(bars)
    return replace(
        arrays,
        returns=np.concatenate([returns, moved.reshape(-1, T)]),
        spans=None if arrays.spans is None else beside(arrays.spans, distinct, bars),
        factors=(first + np.arange(len(bars))).astype(np.int64),
    )


def beside(
    spans: npt.NDArray[np.bool_], distinct: npt.NDArray[np.int64], bars: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Closures that the columns span once the neighbouring bars of ``distinct`` ones follow.

    A neighbouring bar's night does not make a night of the bar: only bar 0 spans what it spans.
    """
    own = np.array([[spans[c] & (bar == 0) for bar in bars] for c in distinct], dtype=np.bool_)
    return np.concatenate([spans, own.reshape(-1, spans.shape[1])])


def market_adjust(arrays: EventArrays) -> EventArrays:
    """Replace each asset by its return minus the benchmark's; no regressor is left.

    Each distinct pair of asset and benchmark becomes one column.
    """
    pairs = np.stack([arrays.column, arrays.factors[:, 0]], axis=1)
    distinct, column = np.unique(pairs, axis=0, return_inverse=True)
    return replace(
        arrays,
        returns=arrays.returns[distinct[:, 0]] - arrays.returns[distinct[:, 1]],
        spans=None
        if arrays.spans is None
        else arrays.spans[distinct[:, 0]] | arrays.spans[distinct[:, 1]],
        column=column.reshape(-1).astype(np.int64),
        factors=np.empty((len(arrays), 0), dtype=np.int64),
    )
