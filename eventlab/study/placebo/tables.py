"""What every series of a study would have given on every row: the tables of the placebo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.kernels.factor_tables import factor_table_nb
from eventlab.kernels.placebo import placebo_table_nb
from eventlab.kernels.scholes_williams_tables import scholes_williams_table_nb
from eventlab.study.models.fits import fit_events, kernel_windows

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = [
    "SHARED_VARIANCE",
    "apart",
    "at_rows",
    "bar_table",
    "shared_variance",
    "slot_rows",
    "tabulate",
]

# A tenth more variance than the draws have lets a nominal 5% be 6.2%.
SHARED_VARIANCE: Final = 0.1


def tabulate(
    returns: npt.NDArray[np.float64],
    key: npt.NDArray[np.int64],
    spec: StudySpec,
    car: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
) -> None:
    """Fill the table (T, W) of one series: ``key`` is its column and its regressors."""
    estimation, _, windows, least = kernel_windows(spec)
    if spec.model not in {"factor_model", "dimson", "scholes_williams"}:
        x = returns[key[1]] if spec.n_parameters == 2 else returns[key[0]]
        k = spec.n_parameters
        placebo_table_nb(returns[key[0]], x, k, estimation, windows, least, car, variance)
        return
    factors = key[1:][key[1:] >= 0]
    kernel = scholes_williams_table_nb if spec.model == "scholes_williams" else factor_table_nb
    kernel(returns, key[0], factors, estimation, windows, least, car, variance)


def apart(own: npt.NDArray[np.int64], T: int, spec: StudySpec) -> npt.NDArray[np.bool_]:
    """(T,): rows whose event window shares no bar with that of any of ``own``."""
    reach = spec.event_window[1] - spec.event_window[0]
    touched = np.zeros(T + 1, dtype=np.int64)
    np.add.at(touched, np.maximum(own - reach, 0), 1)
    np.add.at(touched, np.minimum(own + reach + 1, T), -1)
    free: npt.NDArray[np.bool_] = np.cumsum(touched)[:T] == 0
    return free


def shared_variance(
    anchor: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], length: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """(W,): variance that bars shared by different dates add to the mean CAR, over that without.

    2 sum over pairs of dates of n_i n_j times the share of the ``length`` (W,) bars that their
    windows have in common, over sum n_i^2: what it is if all events move as one, the most it can
    be. ``anchor`` (n,) are the event rows; those that are ``known`` (n, W) count. 0 without events.
    """
    added = np.zeros(len(length))
    for w, bars in enumerate(length):
        dates, n = np.unique(anchor[known[:, w]], return_counts=True)
        for step in range(1, len(dates)):
            common = np.maximum(bars - (dates[step:] - dates[:-step]), 0)
            if not common.any():  # dates ascend: those further apart share nothing either
                break
            added[w] += 2.0 * float((n[step:] * n[:-step] * common).sum()) / float(bars * (n @ n))
    return added


def slot_rows(arrays: EventArrays, fitted: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(R,): rows, up to the last event, that are the same bar of their session as an event is.

    Bars of a day are not alike: the first are wild, those at noon quiet. A 14:00 statement is held
    against 14:00 of other days.
    """
    assert arrays.slot is not None  # noqa: S101 - only bars have slots
    anchors = arrays.anchor[fitted]
    if not len(anchors):
        return np.empty(0, dtype=np.int64)
    slots = arrays.slot[: int(anchors.max()) + 1]
    return np.flatnonzero(np.isin(slots, arrays.slot[anchors])).astype(np.int64)


def bar_table(
    arrays: EventArrays,
    key: npt.NDArray[np.int64],
    spec: StudySpec,
    rows: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """CAR and variance (R, W) of a series had the study's event session been at each of ``rows``.

    ``key``: distance of the asset's own day 0, its column, its regressors. Each row is fitted as an
    event is.
    """
    n = len(rows)
    moved = replace(
        arrays,
        column=np.full(n, key[1]),
        factors=np.repeat(key[None, 2:], n, axis=0),
        position=rows + key[0],
        asset=np.zeros(n, dtype=np.int64),
        anchor=rows,
        controls=np.empty((n, 0), dtype=np.int64),
    )
    fits = fit_events(moved, spec)
    return fits.car, fits.car_error**2


def at_rows(table: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Take ``rows`` of (T, W); NaN beyond the ends."""
    inside = (rows >= 0) & (rows < len(table))
    taken = np.full((len(rows), table.shape[1]), np.nan)
    taken[inside] = table[rows[inside]]
    return taken
