"""Tests of the mean buy-and-hold abnormal return, whose distribution leans to the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.study.inference.parametric import cross_sectional, skewness
from eventlab.study.inference.registry import tabulate
from eventlab.study.inference.resampling import bootstrap_skewness
from eventlab.study.inference.samples import Moments, shared_bars
from eventlab.study.inference.signs import sign_of, wilcoxon_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.history import History
    from eventlab.study.inference.registry import Table
    from eventlab.study.inference.samples import Overlaps

__all__ = ["BHAR_TESTS", "BuyAndHold", "mean_tests"]

BHAR_TESTS: Final = (
    "cross_sectional_t",
    "skewness_t",
    "bootstrap_skewness_t",
    "sign",
    "wilcoxon",
)
BHAR_HEADLINE: Final = ("cross_sectional_t",)
# Rejections in percent at nominal 5% of 1,200 samples of returns with t5 errors of 3% a bar, over
# 6 and 60 bars: cross-sectional t 4.2 to 5.5 with 20 to 100 events, bootstrapped t 2.2 to 3.7 with
# 20 and 30 and 3.3 to 4.2 with 50 and 100, skewness-adjusted t 6.5 to 7.5 with 20 and 30.
MIN_EVENTS: Final = 20
MIN_SIGNS: Final = 10
BOOTSTRAP_EVENTS: Final = 100
# Two-sided size error of a t because of skewness g at 5%: .247 g^2/N (Hall 1992, section 2.6).
SKEW_FACTOR: Final = 0.247
SKEW_EXCESS: Final = 0.0125


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
        notes(moments, shared),
        mean=moments.mean,
        n_events=n,
        headline=BHAR_HEADLINE,
    )


def notes(moments: Moments, shared: Overlaps) -> npt.NDArray[Any]:
    """(W, 5) of str: why a test should not be relied on, the gravest reason."""
    found = np.full((len(moments.n), len(BHAR_TESTS)), "", dtype=object)
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = ((moments.centred / moments.sd) ** 3).sum(axis=0) / moments.n
        excess = SKEW_FACTOR * skew**2 / moments.n
    for w, n in enumerate(moments.n):
        if excess[w] > SKEW_EXCESS:
            found[w, 0] = f"{n} events are too few for returns of skewness {skew[w]:.1f}"
        if n < MIN_EVENTS:
            found[w, 0] = f"{n} events are too few for skewed returns ({MIN_EVENTS})"
        found[w, 1] = f"over-rejects with few events ({n})" if n < BOOTSTRAP_EVENTS else ""
        found[w, 2] = f"rejects too rarely with few events ({n})" if n < BOOTSTRAP_EVENTS else ""
        found[w, 3] = "tests the median, which skewness moves away from the mean"
        if n < MIN_SIGNS:
            found[w, 3] = f"{n} signs are too few for a normal distribution ({MIN_SIGNS})"
        found[w, 4] = "assumes a symmetric distribution, and long holding periods skew it"
        if shared.pairs[w]:
            pairs = n * (n - 1) // 2
            found[w] = f"assumes independent events; {shared.pairs[w]} of {pairs} pairs share bars"
        if n == 1:
            found[w] = "one event: nothing to compare it with"
    return found
