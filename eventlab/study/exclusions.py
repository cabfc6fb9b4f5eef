"""Why an event, or one of its windows, is not in the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF
from eventlab.kernels.slot_fits import MIN_ALIKE
from eventlab.market.types import NO_BAR
from eventlab.study.measures import bars_word, never_word, value_word
from eventlab.study.models.slots import bar_classes
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    from eventlab.market.types import Panel
    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["explain"]

NAMED_DAYS = 3  # days that a reason names before it only counts


def explain(
    fits: Fits,
    arrays: EventArrays,
    spec: StudySpec,
    sessions: pd.Index,
    n_windows: int | None = None,
    *,
    panel: Panel | None = None,
) -> Iterator[tuple[int, str, str]]:
    """Yield (event row, window label or "", reason) for everything that is left out.

    Only the first ``n_windows`` windows are looked at; all by default. An event that lacks abnormal
    returns of bars outside these windows, and so is not in the averages of those bars, is listed
    with the event window. ``panel``, whose columns are the first rows of ``arrays.returns``, tells
    prices from returns, and bars that a market does not offer (it is closed, or closes too far from
    the clock) from missing ones.

    Reasons name the asset's dates before the event's, so that they are equal where the cause is.
    """
    evidence = Evidence(fits, arrays, spec, sessions, panel)
    for i in np.flatnonzero(~fits.fitted):
        yield int(i), "", evidence.no_fit(int(i))
    for i, w in np.argwhere(np.isnan(fits.car[:, :n_windows]) & fits.fitted[:, None]):
        window = spec.windows[w]
        yield int(i), window_label(window), evidence.no_car(int(i), window)
    outside = np.ones(len(spec.taus), dtype=np.bool_)
    for first, last in spec.windows[:n_windows]:
        outside &= (spec.taus < first) | (spec.taus > last)
    gaps = (np.isnan(fits.ar) & outside).any(axis=1) & fits.fitted
    for i in np.flatnonzero(gaps):
        yield int(i), window_label(spec.event_window), evidence.no_car(int(i), spec.event_window)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the reasons are found in."""

    fits: Fits
    arrays: EventArrays
    spec: StudySpec
    sessions: pd.Index
    panel: Panel | None

    def no_fit(self, i: int) -> str:
        """Why event ``i`` has no fit."""
        row = int(self.arrays.position[i])
        if not 0 <= row < len(self.sessions):
            return (
                "its session is not among the sessions of the returns; nothing is slid to another"
            )
        if self.fits.n_rows[i] < self.spec.least_rows:
            return self.too_few_bars(i)
        if self.fits.dof[i] < MIN_DOF:
            return (
                f"{int(self.fits.n_rows[i])} usable estimation bars leave {int(self.fits.dof[i])} "
                f"residual degrees of freedom for {int(self.fits.n_parameters[i])} parameters "
                f"(controls included); {MIN_DOF} are needed"
            )
        if self.arrays.column[i] in self.arrays.factors[i]:
            return "it is a benchmark or factor of this study itself; nothing is left to explain"
        return self.fits.problems.get(i) or self.no_variance(i)

    def no_variance(self, i: int) -> str:
        """Why event ``i``, which has the bars, has no residual variance."""
        slots = self.fits.slots
        if slots is not None and 0 < slots.n_rows[i].max() < MIN_ALIKE:
            return (
                f"estimation_window {window_label(self.spec.estimation_window)} has at most "
                f"{int(slots.n_rows[i].max())} usable rows of any bar of the session; "
                f"{MIN_ALIKE} are needed to know their variance"
            )
        swings = (
            ", or swings back so much from bar to bar that 1 + 2 rho is not positive"
            if self.spec.model == "scholes_williams"
            else ""
        )
        return (
            "no residual variance: the price is stale or equals the benchmark, or a benchmark or "
            f"factor is constant or redundant{swings}"
        )

    def too_few_bars(self, i: int) -> str:
        """Why the estimation window of event ``i`` has too few usable bars."""
        first, last = (int(self.arrays.position[i]) + bar for bar in self.spec.estimation_window)
        short = (
            f"estimation_window {window_label(self.spec.estimation_window)} has "
            f"{int(self.fits.n_rows[i])} usable bars, "
        ) + (
            f"min_estimation is {self.spec.min_estimation}"
            if self.spec.least_rows == self.spec.min_estimation
            else f"{self.spec.model} needs {self.spec.least_rows}"
        )
        beside = self.spec.n_beside
        for whose, column in self.series(i):
            known = np.flatnonzero(self.known(column))
            if not len(known):
                return f"{whose} {never_word(self.panel, column)}; {short}"
            around = 0 if whose == "its" else beside
            if known[-1] < last + around:
                return f"{whose} {self.word(column)} end on {self.day(known[-1])}; {short}"
            if known[0] > max(first - around, 0) or (first < 0 and whose == "its"):
                return f"{whose} {self.word(column)} begin on {self.day(known[0])}; {short}"
        neighbours = ", or the benchmark's on a bar beside them" if beside else ""
        return f"{short}: the others lack a {value_word(self.panel)}{neighbours}"

    def no_car(self, i: int, window: tuple[int, int]) -> str:
        """Why event ``i`` has no CAR in ``window``."""
        taus = self.spec.taus
        missing = (taus >= window[0]) & (taus <= window[1]) & np.isnan(self.fits.ar[i])
        rows = self.arrays.position[i] + taus[missing]
        for whose, column in self.series(i):
            known = np.flatnonzero(self.known(column))
            around = 0 if whose == "its" else self.spec.n_lags
            if rows[-1] + around > known[-1]:
                return f"{whose} {self.word(column)} end on {self.day(known[-1])}"
            # The first price has no return yet.
            if rows[0] - around < known[0] + (self.panel is not None):
                return f"{whose} {self.word(column)} begin on {self.day(known[0])}"
        for whose, column in self.series(i):
            around = 0 if whose == "its" else self.spec.n_lags
            needed = np.unique(rows[:, None] + np.arange(-around, around + 1))
            own = needed[np.isnan(self.arrays.returns[column, needed])]
            if len(own):
                return self.gap(whose, column, own)
        unknown = self.unknown_variance(i, rows)
        return unknown or f"no abnormal return on {self.days(rows)}"

    def unknown_variance(self, i: int, rows: npt.NDArray[np.int64]) -> str:
        """Say which bar of the session, of those at ``rows``, has no variance to measure with."""
        slots = self.fits.slots
        if slots is None:
            return ""
        kind = bar_classes(self.arrays, i, rows)
        unknown = np.flatnonzero(np.isnan(slots.kappa[i, kind]))
        if not len(unknown):
            return ""
        first = kind[unknown[0]]
        bars, n = self.days(rows[kind == first]), int(slots.n_rows[i, first])
        which = f"the return of {bars} spans a closure, and"
        which = (
            which if first == slots.kappa.shape[1] - 1 else f"of the bar of the session at {bars}"
        )
        if n < MIN_ALIKE:
            return (
                f"{which} the estimation window has {n} usable ones to know their variance from; "
                f"{MIN_ALIKE} are needed"
            )
        return f"{which} the estimation window has {n} usable ones, which do not vary"

    def gap(self, whose: str, column: int, rows: npt.NDArray[np.int64]) -> str:
        """Say on which days a series has no return, and whether its market had a bar at all."""
        if self.panel is not None and (self.panel.closes[column, rows] == NO_BAR).all():
            return f"{whose} market offers no bar for {self.days(rows)}"
        word = value_word(self.panel)
        own = f"no {word}" if whose == "its" else f"{whose} {word} is missing"
        return f"{own} on {self.days(rows)}"

    def series(self, i: int) -> Iterator[tuple[str, int]]:
        """Yield the asset and its regressors: whose it is, and its column."""
        yield "its", int(self.arrays.column[i])
        whose = "a factor's" if self.spec.model == "factor_model" else "the benchmark's"
        for column in self.arrays.factors[i]:
            yield whose, int(column)

    def word(self, column: int) -> str:
        """Say what the dates in the reasons are those of."""
        return bars_word(self.panel, column)

    def known(self, column: int) -> npt.NDArray[np.bool_]:
        """(T,): where a series has a price, or a return where only returns are given."""
        values = self.arrays.returns if self.panel is None else self.panel.minutes_apart
        known: npt.NDArray[np.bool_] = np.isfinite(values[column])
        return known

    def days(self, rows: npt.NDArray[np.int64]) -> str:
        """Name the first few days of ``rows`` and count the others; of many bars, both ends."""
        if self.panel is not None and self.panel.clock.bar_minutes and len(rows) > NAMED_DAYS:
            return f"{len(rows)} bars between {self.day(rows[0])} and {self.day(rows[-1])}"
        named = ", ".join(self.day(row) for row in rows[:NAMED_DAYS])
        return named + (f" and {len(rows) - NAMED_DAYS} more" if len(rows) > NAMED_DAYS else "")

    def day(self, row: int | np.int64) -> str:
        """Session label of a row, without the midnight that dates carry as timestamps."""
        if self.panel is not None and self.panel.clock.bar_minutes:
            return f"{self.sessions[int(row)]:%Y-%m-%d %H:%M} UTC"
        label = str(self.sessions[int(row)])
        return label.partition("T00:00:00")[0].partition(" 00:00:00")[0]
