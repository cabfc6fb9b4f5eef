"""Bars inside sessions: what the abnormal returns of each class of them are measured with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.errors import UsageError
from eventlab.kernels.slot_fits import slot_fits_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays

__all__ = [
    "Slots",
    "bar_classes",
    "check_model",
    "day0_class",
    "refuse_convention",
    "slot_kernel",
    "standardise",
]

# Models whose normal return is one regression with rows of equal weight.
FITTED_BY_SLOT: Final = (
    "market_adjusted",
    "constant_mean",
    "market_model",
    "factor_model",
    "dimson",
)


@dataclass(frozen=True, slots=True)
class Slots:
    """Of the estimation rows of each class, event by event.

    The classes are the S slots of a session, and last the bars that span a closure.

    Attributes
    ----------
    kappa
        (N, S + 1): variance of their residuals over sigma^2; NaN where it is not known.
    shift
        (N,): mean residual against the regular rows' alpha and betas of those that span a closure;
        NaN where their kappa is.
    n_rows
        (N, S + 1): how many there are.
    ar_dof, car_dof
        (N, L) and (N, W): degrees of freedom of each AR and CAR, whose variance adds up estimates.
    """

    kappa: npt.NDArray[np.float64]
    shift: npt.NDArray[np.float64]
    n_rows: npt.NDArray[np.int64]
    ar_dof: npt.NDArray[np.float64]
    car_dof: npt.NDArray[np.float64]


def check_model(model: str) -> None:
    """Refuse a model that has no variance for each slot of a session.

    Raises
    ------
    UsageError
        The model is none of those that are fitted by slot.
    """
    if model not in FITTED_BY_SLOT:
        raise UsageError(
            f"study.model: {model} has no variance for each bar of a session (the first are wild, "
            f"those at noon quiet); use {', '.join(FITTED_BY_SLOT[:-1])} or {FITTED_BY_SLOT[-1]}, "
            "or bar: session"
        )


def refuse_convention(convention: str, fits: Fits) -> None:
    """Refuse to print what another program would have of bars inside sessions.

    Raises
    ------
    UsageError
        Another convention than ``paper`` is asked for, and bars have variances of their own.
    """
    if convention != "paper" and fits.slots is not None:
        raise UsageError(
            f"convention: {convention} knows one variance for all bars, not one for each bar of a "
            "session; use convention paper, or bar: session"
        )


def slot_kernel(
    arrays: EventArrays,
    regressors: npt.NDArray[np.int64],
    given: tuple[Any, ...],
    *,
    constant: bool,
) -> Slots:
    """Fit the events of ``arrays`` into the outputs that ``given`` ends with, windows first."""
    assert arrays.slot is not None  # noqa: S101 - only such arrays are fitted here
    _, event, windows, *_ = given
    n, classes = len(arrays), n_slots(arrays) + 1
    found = Slots(
        kappa=np.empty((n, classes)),
        shift=np.empty(n),
        n_rows=np.empty((n, classes), dtype=np.int64),
        ar_dof=np.empty((n, event[1] - event[0] + 1)),
        car_dof=np.empty((n, len(windows))),
    )
    none = np.zeros(arrays.returns.shape, dtype=np.bool_)
    spans = none if arrays.spans is None else arrays.spans
    slot_fits_nb(
        arrays.returns,
        arrays.column,
        regressors,
        arrays.position,
        *[*given, arrays.slot, spans, int(constant)],
        *[found.kappa, found.shift, found.n_rows, found.ar_dof, found.car_dof],
    )
    return found


def n_slots(arrays: EventArrays) -> int:
    """Bars of the longest session."""
    assert arrays.slot is not None  # noqa: S101 - only bars have slots
    return int(arrays.slot.max(initial=-1)) + 1


def bar_classes(arrays: EventArrays, i: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(len(rows),): class of each of ``rows`` for event ``i``, -1 beyond the ends.

    The slot, or the number of slots where the asset's or a regressor's return spans a closure.
    """
    assert arrays.slot is not None  # noqa: S101 - only bars have classes
    found = np.full(len(rows), -1, dtype=np.int64)
    inside = (rows >= 0) & (rows < len(arrays.slot))
    found[inside] = arrays.slot[rows[inside]]
    if arrays.spans is not None:
        columns = [int(arrays.column[i]), *(int(c) for c in arrays.factors[i] if c >= 0)]
        across = arrays.spans[columns][:, rows[inside]].any(axis=0)
        found[inside] = np.where(across, n_slots(arrays), found[inside])
    return found


def day0_class(arrays: EventArrays, events: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """(n,): class of the bar that is day 0 of each of ``events``."""
    rows = arrays.position
    return np.array([bar_classes(arrays, int(i), rows[i : i + 1])[0] for i in events], np.int64)


def standardise(
    values: npt.NDArray[np.float64],
    arrays: EventArrays,
    fits: Fits,
    events: npt.NDArray[np.intp],
    first_bar: int,
    *,
    centred: bool = False,
) -> npt.NDArray[np.float64]:
    """Bring the residuals (n, M) of ``events`` to one scale: each over root kappa of its class.

    ``first_bar`` is the first of the M. The mean of those that span a closure is taken off, unless
    they are ``centred``, as abnormal returns are. Then all have variance sigma^2, and correlations
    and ranks over them mean something. NaN where kappa is not known. Where all bars are of one kind
    they are returned as given.
    """
    slots = fits.slots
    if slots is None:
        return values
    scaled = values.copy()
    bars = first_bar + np.arange(values.shape[1])
    for place, i in enumerate(events):
        kind = bar_classes(arrays, int(i), arrays.position[i] + bars)
        if not centred:
            scaled[place, kind == slots.kappa.shape[1] - 1] -= slots.shift[i]
        scaled[place] /= np.sqrt(np.where(kind >= 0, slots.kappa[i, kind], np.nan))
    return scaled
