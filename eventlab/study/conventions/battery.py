"""The tests of a study as another program would have printed them, for any group of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.conventions.choice import foreign_tests
from eventlab.study.conventions.sample import foreign_sample
from eventlab.study.inference.battery import Battery
from eventlab.study.inference.registry import TESTS, Table, not_available

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.registry import Outcome
    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["ForeignBattery", "choose_battery"]

EVERY: Final = (*TESTS, "placebo")
# Its file of average abnormal returns has formulas of its own, with ranks over the event window.
DAILY: Final = "eventstudy2's daily file is not reproduced; name the bar as a CAR window"


class ForeignBattery(Battery):
    """A `Battery` whose numbers are those of another program, none of them a headline.

    Parameters
    ----------
    convention
        ``estudy2``, ``eventstudy2`` or ``eventstudytools``.
    own
        The events on the assets' own returns, also in a market-adjusted study.
    arrays, fits, spec, n_windows
        As in `Battery`.
    """

    def __init__(
        self,
        convention: str,
        own: EventArrays,
        arrays: EventArrays,
        fits: Fits,
        spec: StudySpec,
        *,
        n_windows: int | None = None,
    ) -> None:
        super().__init__(arrays, fits, spec, n_windows=n_windows)
        self.convention, self.own = convention, own

    def table(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = EVERY) -> Table:
        """Test the mean CAR in each of the windows."""
        return self.part_of(members, tests, slice(0, self.n_windows))

    def bars(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = EVERY) -> Table:
        """Test the mean AR of each bar of the event window."""
        return self.part_of(members, tests, slice(self.n_windows, None))

    def both(self, members: npt.NDArray[np.intp], tests: tuple[str, ...] = EVERY) -> Table:
        """Compute the tests of `table`, then those of `bars`."""
        return self.part_of(members, tests, slice(None))

    def part_of(
        self, members: npt.NDArray[np.intp], tests: tuple[str, ...], chosen: slice
    ) -> Table:
        """Test the means of some of the windows and bars."""
        columns = range(len(self.windows))[chosen]
        found = [self.one_window(members, tests, w) for w in columns]
        car = self.car[members][:, chosen]
        known = np.isfinite(car)
        count = known.sum(axis=0)
        total = np.where(known, car, 0.0).sum(axis=0)
        return as_table(tests, found, np.where(count > 0, total / np.maximum(count, 1), np.nan))

    def one_window(
        self, members: npt.NDArray[np.intp], tests: tuple[str, ...], w: int
    ) -> tuple[Outcome, ...]:
        """Test the mean of one window or bar."""
        first, last = (int(bar) for bar in self.windows[w])
        if self.convention == "eventstudy2" and w >= self.n_windows:
            n = int(np.isfinite(self.car[members, w]).sum())
            return tuple(not_available(test, n, DAILY) for test in tests)
        sample = foreign_sample(
            self.own, self.fits, self.history, self.spec, members=members, window=(first, last)
        )
        return foreign_tests(self.convention, sample, tests)


def choose_battery(
    convention: str,
    own: EventArrays,
    arrays: EventArrays,
    fits: Fits,
    spec: StudySpec,
    *,
    n_windows: int | None = None,
) -> Battery:
    """Return the tests of this library for ``paper``, of another program for its name."""
    if convention == "paper":
        return Battery(arrays, fits, spec, n_windows=n_windows)
    return ForeignBattery(convention, own, arrays, fits, spec, n_windows=n_windows)


def as_table(
    tests: tuple[str, ...], rows: list[tuple[Outcome, ...]], mean: npt.NDArray[np.float64]
) -> Table:
    """Outcomes of W windows, each of them with T tests, as columns."""
    shape = (len(rows), len(tests))
    kinds = {"statistic": float, "dof": float, "pvalue": float, "headline": bool}
    columns = {
        name: np.array(
            [[getattr(one, name) for one in row] for row in rows], dtype=kinds.get(name, object)
        ).reshape(shape)
        for name in (*kinds, "distribution", "note")
    }
    n_events = np.array([row[0].n_events if row else 0 for row in rows], dtype=np.int64)
    return Table(tests=tests, mean=mean, n_events=n_events, **columns)
