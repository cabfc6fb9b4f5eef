"""Bars that span a closure of the market: what their abnormal returns are measured with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.errors import UsageError
from eventlab.kernels.closure_fits import closure_fits_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.fits import Fits
    from eventlab.study.specs import EventArrays

__all__ = [
    "Closures",
    "check_model",
    "closure_kernel",
    "refuse_convention",
    "spanning_rows",
    "standardise",
]

# Models whose normal return is one regression with rows of equal weight.
FITTED_APART: Final = ("market_adjusted", "constant_mean", "market_model", "factor_model", "dimson")


@dataclass(frozen=True, slots=True)
class Closures:
    """Of the estimation rows that span a closure, event by event.

    Attributes
    ----------
    kappa
        (N,): variance of their residuals over sigma^2; NaN where there are too few of them.
    shift
        (N,): their mean residual against the regular rows' alpha and betas.
    n_rows
        (N,): how many there are.
    ar_dof, car_dof
        (N, L) and (N, W): degrees of freedom of each AR and CAR; a variance may add up two
        estimates.
    """

    kappa: npt.NDArray[np.float64]
    shift: npt.NDArray[np.float64]
    n_rows: npt.NDArray[np.int64]
    ar_dof: npt.NDArray[np.float64]
    car_dof: npt.NDArray[np.float64]


def check_model(model: str) -> None:
    """Refuse a model that has no rule for bars that span a closure.

    Raises
    ------
    UsageError
        The model is none of those that are fitted apart.
    """
    if model not in FITTED_APART:
        raise UsageError(
            f"study.model: {model} has no variance for bars that span a closure (nights); use "
            f"{', '.join(FITTED_APART[:-1])} or {FITTED_APART[-1]}, or a clock and assets that "
            "never close (clock: 24/7)"
        )


def refuse_convention(convention: str, fits: Fits) -> None:
    """Refuse to print what another program would have of bars that span a closure.

    Raises
    ------
    UsageError
        Another convention than ``paper`` is asked for, and closures are told apart.
    """
    if convention != "paper" and fits.closures is not None:
        raise UsageError(
            f"convention: {convention} knows no bars that span a closure (nights); use "
            "convention paper, or bar: session"
        )


def closure_kernel(
    arrays: EventArrays,
    regressors: npt.NDArray[np.int64],
    given: tuple[Any, ...],
    *,
    constant: bool,
) -> Closures:
    """Fit the events of ``arrays`` into the outputs that ``given`` ends with, windows first."""
    assert arrays.spans is not None  # noqa: S101 - only such arrays are fitted here
    _, event, windows, *_ = given
    found = np.empty((len(arrays), 3))
    ar_dof = np.empty((len(arrays), event[1] - event[0] + 1))
    car_dof = np.empty((len(arrays), len(windows)))
    closure_fits_nb(
        arrays.returns,
        arrays.column,
        regressors,
        arrays.position,
        *[*given, arrays.spans, int(constant), found, ar_dof, car_dof],
    )
    return Closures(found[:, 0], found[:, 1], found[:, 2].astype(np.int64), ar_dof, car_dof)


def spanning_rows(
    arrays: EventArrays, i: int, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """(len(rows),): which of ``rows`` span a closure in the asset's or a regressor's returns."""
    across = np.zeros(len(rows), dtype=np.bool_)
    if arrays.spans is None:
        return across
    inside = (rows >= 0) & (rows < arrays.returns.shape[1])
    columns = [int(arrays.column[i]), *(int(c) for c in arrays.factors[i] if c >= 0)]
    across[inside] = arrays.spans[columns][:, rows[inside]].any(axis=0)
    return across


def standardise(
    resid: npt.NDArray[np.float64],
    arrays: EventArrays,
    fits: Fits,
    events: npt.NDArray[np.intp],
    first_bar: int,
) -> npt.NDArray[np.float64]:
    """Bring the residuals (n, M) of ``events`` that span a closure to the scale of the others.

    ``first_bar`` is the first of the M. Their mean is taken off and they are divided by root kappa:
    then all rows have variance sigma^2, and correlations and ranks over them mean something. NaN
    where kappa is not known. Residuals of fits that tell no closures apart are returned as given.
    """
    closures = fits.closures
    if closures is None:
        return resid
    scaled = resid.copy()
    bars = first_bar + np.arange(resid.shape[1])
    for place, i in enumerate(events):
        across = spanning_rows(arrays, int(i), arrays.position[i] + bars)
        scaled[place, across] -= closures.shift[i]
        scaled[place, across] /= np.sqrt(closures.kappa[i])
    return scaled
