"""From fits to tests: which events enter a window, and every test of every window at once."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.inference.history import History
from eventlab.study.inference.registry import TESTS, Outcome, Table, run_tests
from eventlab.study.inference.samples import Past, Sample, shared_bars

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.study.placebo.outcome import PlaceboOutcome

__all__ = ["Battery", "History", "placebo_test"]


class Battery:
    """Every test of a study, for any group of its events.

    Parameters
    ----------
    arrays, fits
        The events and their fits (of a market-adjusted study: the adjusted arrays).
    spec
        Windows, level, draws and seed.
    n_windows
        Test only so many of ``spec.windows``; None: all of them.
    """

    def __init__(
        self, arrays: EventArrays, fits: Fits, spec: StudySpec, *, n_windows: int | None = None
    ) -> None:
        self.fits, self.spec = fits, spec
        self.n_windows = len(spec.windows) if n_windows is None else n_windows
        self.history = History(arrays, fits, spec)

    def outcomes(
        self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = tuple(TESTS)
    ) -> list[list[Outcome]]:
        """Test the mean CAR of the events ``members`` (rows); a list for each of the windows."""
        found = self.table(members, tests)
        return [found.outcomes(w) for w in range(self.n_windows)]

    def table(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = tuple(TESTS)) -> Table:
        """Test the mean CAR in each of the windows."""
        return run_tests(self.sample(members, slice(0, self.n_windows)), tests)

    def bars(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = tuple(TESTS)) -> Table:
        """Test the mean AR of each bar of the event window."""
        return run_tests(self.sample(members, slice(self.n_windows, None)), tests)

    def both(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = tuple(TESTS)) -> Table:
        """Test the windows of `table`, then those of `bars`; they share most of the work."""
        return run_tests(self.sample(members, slice(None)), tests)

    def sample(self, members: npt.NDArray[np.intp], chosen: slice) -> Sample:
        """Collect the fitted events of ``members`` in some of the windows and bars."""
        inside = members[self.fits.fitted[members]]
        car, windows = self.car[inside, chosen], self.windows[chosen]
        rows = self.history.row[inside]
        length = windows[:, 1] - windows[:, 0] + 1
        return Sample(
            car=car,
            error=self.error[inside, chosen],
            naive=self.naive[inside, chosen],
            dof=self.dof[inside] if self.dof.ndim == 1 else self.dof[inside, chosen],
            windows=windows,
            overlaps=shared_bars(self.history, rows, np.isfinite(car), length),
            past=Past(self.history, rows),
        )

    @cached_property
    def windows(self) -> npt.NDArray[np.int64]:
        """(W + L, 2): the windows, then each bar of the event window."""
        first, last = self.spec.event_window
        bars = [(tau, tau) for tau in range(first, last + 1)]
        pairs = [*self.spec.windows[: self.n_windows], *bars]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def car(self) -> npt.NDArray[np.float64]:
        """(N, W + L): CAR of each window, AR of each bar."""
        return np.concatenate([self.fits.car[:, : self.n_windows], self.fits.ar], axis=1)

    @cached_property
    def error(self) -> npt.NDArray[np.float64]:
        """(N, W + L): their forecast standard errors."""
        variance = np.concatenate(
            [self.fits.car_variance[:, : self.n_windows], self.fits.ar_variance], axis=1
        )
        error: npt.NDArray[np.float64] = self.fits.sigma[:, None] * np.sqrt(variance)
        return error

    @cached_property
    def dof(self) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
        """(N,): residual degrees of freedom; (N, W + L) where bars have variances by slot."""
        if self.fits.slots is None:
            return self.fits.dof
        return np.concatenate([self.fits.car_dof[:, : self.n_windows], self.fits.ar_dof], axis=1)

    @cached_property
    def sar(self) -> npt.NDArray[np.float64]:
        """(N, L): standardised abnormal returns."""
        return self.fits.sar

    @cached_property
    def naive(self) -> npt.NDArray[np.float64]:
        """(N, W + L): L^-1/2 times the sum of SARs, which forgets that all share one fit."""
        out = np.empty((len(self.sar), len(self.windows)))
        for w, (first, last) in enumerate(self.windows - self.spec.event_window[0]):
            out[:, w] = self.sar[:, first : last + 1].sum(axis=1) / math.sqrt(last - first + 1)
        return out


def placebo_test(placebo: PlaceboOutcome, w: int, n_events: int) -> Outcome:
    """Return the placebo test of window ``w`` as a row of the battery.

    It is in the headline if it is there, unless windows of different dates share many bars: dates
    are drawn one by one, so that what such windows have in common is not in the draws.
    """
    statistic, applies = float(placebo.statistic[w]), placebo.n_draws > 0
    how = "all" if placebo.exact else "draws of"
    note = placebo.note
    if math.isnan(statistic):
        applies, note = False, note or "no event has a complete window"
    ranked = f"{placebo.rank[w]} of {placebo.n_draws} at least as extreme; {how} dates"
    sound = bool(placebo.sound[w])
    if applies and not sound:
        most = 1.0 + float(placebo.most_shared[w])
        note = (
            "draws each date on its own, and windows of different dates share bars: if these "
            f"events move together, their mean varies up to {most:.1f} times as much as the "
            "draws'; "
            f"{ranked}"
        )
    return Outcome(
        test="placebo",
        statistic=statistic,
        dof=math.nan,
        distribution="placebo" if applies else "none",
        pvalue=float(placebo.pvalue[w]),
        n_events=n_events,
        headline=applies and sound,
        note=note or ranked,
    )
