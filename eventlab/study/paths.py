"""Cumulative averages bar by bar, with the band that placebo dates keep to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.study.models.fits import fit_events
from eventlab.study.placebo.pseudo_dates import prepare_placebo

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["PATH_COLUMNS", "caar_path", "path_rows", "path_windows"]

PATH_COLUMNS = ["tau", "aar", "caar", "n_events", "low", "high"]


def path_windows(event_window: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Windows from the first bar of the event window to each of its bars."""
    first, last = event_window
    return tuple((first, tau) for tau in range(first, last + 1))


def path_rows(
    taus: npt.NDArray[np.int64],
    ar: npt.NDArray[np.float64],
    car: npt.NDArray[np.float64],
    car_error: npt.NDArray[np.float64],
    half: npt.NDArray[np.float64],
) -> list[dict[str, Any]]:
    """AAR and CAAR of each bar; ``ar``, ``car`` and ``car_error`` (n, L), ``half`` (L,).

    ``car`` is cumulated from the first bar, NaN once an AR is missing; ``half`` is the quantile of
    the placebo's |studentised CAAR|. The band is symmetric about zero: that quantile times the
    forecast standard error of the real CAAR.
    """
    rows = []
    for j, tau in enumerate(taus):
        known, there = np.isfinite(car[:, j]), np.isfinite(ar[:, j])
        n = int(known.sum())
        error = float(np.sqrt((car_error[known, j] ** 2).sum())) / n if n else np.nan
        rows.append(
            {
                "tau": int(tau),
                "aar": float(ar[there, j].mean()) if there.any() else np.nan,
                "caar": float(car[known, j].mean()) if n else np.nan,
                "n_events": n,
                "low": -half[j] * error,
                "high": half[j] * error,
            }
        )
    return rows


def caar_path(arrays: EventArrays, spec: StudySpec) -> pd.DataFrame:
    """Trace the path of all events of a study: tau, aar, caar, n_events, low, high."""
    whole = replace(spec, windows=path_windows(spec.event_window))
    fits = fit_events(arrays, whole)
    error = fits.car_error
    placebo = prepare_placebo(arrays, whole, fits.fitted)
    half = placebo.outcome(np.arange(len(arrays)), fits.car, error).half_width(spec.level)
    rows = path_rows(spec.taus, fits.ar, fits.car, error, half)
    return pd.DataFrame(rows, columns=PATH_COLUMNS)
