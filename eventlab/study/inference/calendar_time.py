"""The calendar-time portfolio test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.calendar_time import calendar_time_nb
from eventlab.study.inference.outcomes import Column, because, student
from eventlab.study.inference.parametric import NO_HISTORY, NO_VARIANCE

if TYPE_CHECKING:
    from eventlab.study.inference.samples import Sample

__all__ = ["calendar_time"]


def calendar_time(sample: Sample) -> Column:
    """Mean abnormal return of the portfolio of assets inside their window, Newey-West t.

    Every bar of the calendar counts once, however many events it has, so that events of one date
    are one observation (Jaffe 1974; Fama 1998). t(bars - 1), variance times bars/(bars - 1),
    floor(4 (bars/100)^(2/9)) lags; only bars that adjoin on the calendar are lagged pairs.

    Bars inside sessions are brought to one scale first (`study.models.slots`), or the portfolio
    would be its nights: with one event of 12 or 78 bars, one of them six times as wild as the
    wildest of the others, the raw mean rejects 3.1% and 2.1% at nominal 5%, the scaled one 8.7% and
    5.7% as on whole sessions; with five events 4.1% and 3.9%, 5.9% and 5.3% (4,000 samples).
    """
    W = sample.n_windows
    statistic, dof = np.full(W, np.nan), np.full(W, np.nan)
    if sample.past is None:
        return student(statistic, dof, because((np.isnan(dof), NO_HISTORY)))
    history = sample.past.history
    for events, windows in sample.sets:
        mean, variance, bars = calendar_time_nb(
            history.ar,
            history.position,
            sample.past.rows[events],
            sample.windows[windows],
            history.first_bar,
        )
        size = np.abs(mean)
        varies = variance > (1e-14 * size) ** 2
        statistic[windows] = mean / np.sqrt(np.where(varies, variance, np.nan))
        dof[windows] = bars - 1.0
    reason = because(
        (dof == 0.0, "all events share one bar: a portfolio of one return has no variance"),
        (np.isnan(statistic), NO_VARIANCE),
    )
    return student(statistic, dof, reason)
