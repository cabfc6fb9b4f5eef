"""Tests of the mean buy-and-hold abnormal return, whose distribution leans to the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.study.inference import tabulate
from eventlab.study.parametric import cross_sectional, skewness
from eventlab.study.resampling import bootstrap_skewness
from eventlab.study.samples import Moments, shared_bars
from eventlab.study.signs import sign_of, wilcoxon_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.history import History
    from eventlab.study.inference import Table
    from eventlab.study.samples import Overlaps

__all__ = ["BHAR_TESTS", "BuyAndHold", "mean_tests"]

BHAR_TESTS: Final = (
    "cross_sectional_t",
    "skewness_t",
    "bootstrap_skewness_t",
    "sign",
    "wilcoxon",
)
# Lyon, Barber & Tsai (1999, table 3): of the tests that need no control firms only this one keeps
# its level where returns are skewed, as buy-and-hold returns are.
BHAR_HEADLINE: Final = ("bootstrap_skewness_t",)
MIN_SIGNS: Final = 10


@dataclass(frozen=True, slots=True)
class BuyAndHold:
    """Buy-and-hold abnormal returns of a study, and their tests for any group of its events.

    Attributes
    ----------
    values
        (N, W): NaN where a return of the window is missing.
    windows
        (W, 2) int64: first and last bars.
    history
        Of the study; it says which events share bars.
    """

    values: npt.NDArray[np.float64]
    windows: npt.NDArray[np.int64]
    history: History

    def table(self, members: npt.NDArray[np.intp]) -> Table:
        """Test the mean of the events ``members`` (rows) in each window."""
        rows = self.history.row[members]
        values = self.values[members[rows >= 0]]
        length = self.windows[:, 1] - self.windows[:, 0] + 1
        shared = shared_bars(self.history, rows[rows >= 0], np.isfinite(values), length)
        return mean_tests(values, shared, draws=self.history.draws, seed=self.history.seed)


def mean_tests(
    values: npt.NDArray[np.float64], shared: Overlaps, *, draws: int, seed: int
) -> Table:
    """Every test of `BHAR_TESTS` on the columns of ``values`` (n, W), NaN left out."""
    known = np.isfinite(values)
    n = known.sum(axis=0)
    moments = Moments.of(values, known, n)
    columns = (
        cross_sectional(moments),
        skewness(moments),
        bootstrap_skewness(values, draws=draws, seed=seed),
        sign_of(values),
        wilcoxon_of(values),
    )
    return tabulate(
        dict(zip(BHAR_TESTS, columns, strict=True)),
        notes(n, shared),
        mean=moments.mean,
        n_events=n,
        headline=BHAR_HEADLINE,
    )


def notes(n: npt.NDArray[np.int64], shared: Overlaps) -> npt.NDArray[Any]:
    """(W, 5) of str: why a test should not be relied on."""
    found = np.full((len(n), len(BHAR_TESTS)), "", dtype=object)
    for w, count in enumerate(n):
        skewed = "buy-and-hold returns are skewed to the right; rely on the bootstrapped t"
        found[w, :2] = skewed
        if count < MIN_SIGNS:
            found[w, 3] = f"{count} signs are too few for a normal distribution ({MIN_SIGNS})"
        found[w, 3] = found[w, 3] or "tests the median, which skewness moves away from the mean"
        found[w, 4] = "assumes a symmetric distribution; buy-and-hold returns are skewed"
        if shared.pairs[w]:
            found[w] = (
                f"assumes independent events; {shared.pairs[w]} of {count * (count - 1) // 2} "
                "pairs share bars"
            )
        if count == 1:
            found[w] = "one event: nothing to compare it with; rely on the placebo"
    return found
