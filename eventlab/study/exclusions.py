"""Why an event, or one of its windows, is not in the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from eventlab.study.fits import Fits
    from eventlab.study.specs import EventArrays, StudySpec

__all__ = ["explain"]


def explain(
    fits: Fits,
    arrays: EventArrays,
    spec: StudySpec,
    sessions: pd.Index,
    n_windows: int | None = None,
) -> Iterator[tuple[int, str, str]]:
    """Yield (event row, window label or "", reason) for everything that is left out.

    Only the first ``n_windows`` windows are looked at; all by default. An event that lacks abnormal
    returns of bars outside these windows, and so is not in the averages of those bars, is listed
    with the event window.
    """
    for i in np.flatnonzero(~fits.fitted):
        yield int(i), "", no_fit(int(i), fits, arrays, spec, sessions)
    for i, w in np.argwhere(np.isnan(fits.car[:, :n_windows]) & fits.fitted[:, None]):
        window = spec.windows[w]
        yield int(i), window_label(window), no_car(int(i), window, fits, arrays, spec, sessions)
    outside = np.ones(len(spec.taus), dtype=np.bool_)
    for first, last in spec.windows[:n_windows]:
        outside &= (spec.taus < first) | (spec.taus > last)
    gaps = (np.isnan(fits.ar) & outside).any(axis=1) & fits.fitted
    for i in np.flatnonzero(gaps):
        window = spec.event_window
        yield int(i), window_label(window), no_car(int(i), window, fits, arrays, spec, sessions)


def no_fit(i: int, fits: Fits, arrays: EventArrays, spec: StudySpec, sessions: pd.Index) -> str:
    """Why event ``i`` has no fit."""
    if not 0 <= arrays.position[i] < len(sessions):
        return "its session is not among the sessions of the returns; nothing is slid to another"
    rows = int(fits.n_rows[i])
    if rows < spec.min_estimation:
        return (
            f"estimation_window {window_label(spec.estimation_window)} before "
            f"{day(sessions[arrays.position[i]])} has {rows} usable bars; "
            f"min_estimation is {spec.min_estimation}"
        )
    if fits.dof[i] < MIN_DOF:
        return (
            f"{rows} usable estimation bars leave {int(fits.dof[i])} residual degrees of freedom "
            f"for {int(fits.n_parameters[i])} parameters (controls included); {MIN_DOF} are needed"
        )
    return (
        "no residual variance: the price is stale or equals the benchmark, or a benchmark or "
        "factor is constant or redundant"
    )


def no_car(
    i: int,
    window: tuple[int, int],
    fits: Fits,
    arrays: EventArrays,
    spec: StudySpec,
    sessions: pd.Index,
) -> str:
    """Why event ``i`` has no CAR in ``window``."""
    inside = (spec.taus >= window[0]) & (spec.taus <= window[1])
    missing = spec.taus[inside & np.isnan(fits.ar[i])]
    rows = arrays.position[i] + missing
    if rows[-1] >= len(sessions):
        return f"the returns end on {day(sessions[-1])}, before bar {missing[-1]}"
    if rows[0] < 0:
        return f"the returns begin on {day(sessions[0])}, after bar {missing[0]}"
    named = ", ".join(day(sessions[row]) for row in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return f"no return on {named}{more}"


def day(label: object) -> str:
    """Session label without the midnight that dates carry as timestamps."""
    return str(label).partition("T00:00:00")[0].partition(" 00:00:00")[0]
