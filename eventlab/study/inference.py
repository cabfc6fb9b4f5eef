"""The tests of a study, each one formula, and the rule that decides which make the headline.

Every test is two-sided with the null hypothesis that the mean CAR of the window is zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

__all__ = ["TESTS", "Outcome", "WindowSample", "normal_pvalue", "run_tests", "t_pvalue"]

MIN_EVENTS: Final = 5  # below this many events a cross-sectional variance is little evidence
VARIANCE_LEVEL: Final = 0.05  # of the chi-squared test for event-induced variance


@dataclass(frozen=True, slots=True)
class WindowSample:
    """The N events that have a CAR in one window of L bars.

    Attributes
    ----------
    car, sigma, factor
        (N,): the CAR, the residual standard deviation, and w'Gw (so that the CAR's forecast
        variance is sigma^2 factor).
    dof
        (N,): residual degrees of freedom M - k.
    sar_sum
        (N,): sum over the window of the single-bar SARs, for the naive tests.
    length
        L.
    correlation
        Overlap-weighted mean correlation of the residuals over all pairs of events; 0 where no
        two windows share a bar.
    overlapping
        Pairs of events whose windows share a bar.
    """

    car: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    factor: npt.NDArray[np.float64]
    dof: npt.NDArray[np.int64]
    sar_sum: npt.NDArray[np.float64]
    length: int
    correlation: float = 0.0
    overlapping: int = 0

    @property
    def n(self) -> int:
        """Events in the window."""
        return len(self.car)

    @property
    def scar(self) -> npt.NDArray[np.float64]:
        """(N,): CARs over their forecast standard errors."""
        scaled: npt.NDArray[np.float64] = self.car / (self.sigma * np.sqrt(self.factor))
        return scaled

    @property
    def naive(self) -> npt.NDArray[np.float64]:
        """(N,): L^-1/2 times the sum of SARs, which forgets that all share one fit."""
        scaled: npt.NDArray[np.float64] = self.sar_sum / math.sqrt(self.length)
        return scaled

    @property
    def q(self) -> npt.NDArray[np.float64]:
        """(N,): variance of a t with the residual degrees of freedom, (M - k)/(M - k - 2)."""
        ratio: npt.NDArray[np.float64] = self.dof / (self.dof - 2.0)
        return ratio


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test of one window.

    ``statistic`` and ``pvalue`` are NaN where the test does not apply, and ``note`` says why;
    ``note`` also says why a test that was computed is not part of the headline. ``dof`` is NaN
    for the normal distribution.
    """

    test: str
    statistic: float
    dof: float
    distribution: str
    pvalue: float
    n_events: int
    headline: bool = False
    note: str = ""

    def row(self) -> dict[str, str | float | int | bool]:
        """Return the fields by name; `dataclasses.asdict` copies and is ten times slower."""
        return {name: getattr(self, name) for name in Outcome.__slots__}


def normal_pvalue(z: float) -> float:
    """Two-sided p-value of a standard normal statistic."""
    return float(2.0 * special.ndtr(-abs(z)))


def t_pvalue(t: float, dof: float) -> float:
    """Two-sided p-value of a Student t statistic."""
    return float(2.0 * special.stdtr(dof, -abs(t)))


def normal(test: str, z: float, n: int) -> Outcome:
    """Outcome of a test against N(0, 1)."""
    return Outcome(test, z, math.nan, "normal", normal_pvalue(z), n)


def student(test: str, t: float, n: int) -> Outcome:
    """Outcome of a test against t(n - 1)."""
    return Outcome(test, t, n - 1.0, "t", t_pvalue(t, n - 1.0), n)


def not_available(test: str, n: int, reason: str) -> Outcome:
    """Outcome of a test that cannot be computed."""
    return Outcome(test, math.nan, math.nan, "none", math.nan, n, note=reason)


def mean_over_spread(values: npt.NDArray[np.float64]) -> float:
    """sqrt(N) mean / sd with divisor N - 1; NaN where the values do not vary."""
    spread = float(values.std(ddof=1))
    scale = float(np.abs(values).max())
    if not spread > 1e-14 * scale:
        return math.nan
    return math.sqrt(len(values)) * float(values.mean()) / spread


def cross_sectional(test: str, values: npt.NDArray[np.float64]) -> Outcome:
    """Student t of the mean of ``values`` over events."""
    n = len(values)
    if n < 2:
        return not_available(test, n, "a cross-sectional variance needs two events")
    t = mean_over_spread(values)
    if math.isnan(t):
        return not_available(test, n, "all events have the same value: no variance to test with")
    return student(test, t, n)


def cross_sectional_t(sample: WindowSample) -> Outcome:
    """Mean CAR over its cross-sectional standard error, t(N - 1)."""
    return cross_sectional("cross_sectional_t", sample.car)


def clm_j1(sample: WindowSample) -> Outcome:
    """Campbell, Lo & MacKinlay (1997), eq. 4.4.22: CAAR over its forecast standard error."""
    error = math.sqrt(float((sample.sigma**2 * sample.factor).sum()))
    return normal("clm_j1", float(sample.car.sum()) / error, sample.n)


def clm_j2(sample: WindowSample) -> Outcome:
    """Campbell, Lo & MacKinlay (1997), eq. 4.4.24: mean SCAR over its standard error."""
    z = math.sqrt(sample.n) * float(sample.scar.mean()) / math.sqrt(float(sample.q.mean()))
    return normal("clm_j2", z, sample.n)


def patell_z(sample: WindowSample) -> Outcome:
    """Patell (1976) with the exact forecast variance of a multi-bar CAR."""
    z = float(sample.scar.sum()) / math.sqrt(float(sample.q.sum()))
    return normal("patell_z", z, sample.n)


def patell_z_naive(sample: WindowSample) -> Outcome:
    """Patell (1976) with independent SARs, which over-rejects in long windows."""
    z = float(sample.naive.sum()) / math.sqrt(float(sample.q.sum()))
    return normal("patell_z_naive", z, sample.n)


def bmp(sample: WindowSample) -> Outcome:
    """Boehmer, Musumeci & Poulsen (1991): cross-sectional t of the SCARs."""
    return cross_sectional("bmp", sample.scar)


def bmp_naive(sample: WindowSample) -> Outcome:
    """Boehmer, Musumeci & Poulsen (1991) on sums of SARs."""
    return cross_sectional("bmp_naive", sample.naive)


def adjusted(base: Outcome, test: str, sample: WindowSample, own_variance: float) -> Outcome:
    """Kolari & Pynnonen (2010): divide by what cross-correlation adds to the variance."""
    if math.isnan(base.statistic):
        return replace(base, test=test)
    spread = 1.0 + (sample.n - 1) * sample.correlation
    if spread <= 0.0 or own_variance <= 0.0:
        reason = f"the mean correlation {sample.correlation:.3f} gives no positive variance"
        return not_available(test, sample.n, reason)
    value = base.statistic * math.sqrt(own_variance / spread)
    if base.distribution == "t":
        return student(test, value, sample.n)
    return normal(test, value, sample.n)


def kolari_pynnonen_bmp(sample: WindowSample) -> Outcome:
    """Kolari & Pynnonen (2010), eq. 4: BMP times sqrt((1 - r)/(1 + (N - 1) r))."""
    return adjusted(bmp(sample), "kolari_pynnonen_bmp", sample, 1.0 - sample.correlation)


def kolari_pynnonen_patell(sample: WindowSample) -> Outcome:
    """Kolari & Pynnonen (2010): Patell times sqrt(1/(1 + (N - 1) r))."""
    return adjusted(patell_z(sample), "kolari_pynnonen_patell", sample, 1.0)


TESTS: Final[dict[str, Callable[[WindowSample], Outcome]]] = {
    "cross_sectional_t": cross_sectional_t,
    "clm_j1": clm_j1,
    "clm_j2": clm_j2,
    "patell_z": patell_z,
    "patell_z_naive": patell_z_naive,
    "bmp": bmp,
    "bmp_naive": bmp_naive,
    "kolari_pynnonen_bmp": kolari_pynnonen_bmp,
    "kolari_pynnonen_patell": kolari_pynnonen_patell,
}

# The exact pair and its adjustment for shared dates; the placebo joins them in `study.placebo`.
HEADLINE: Final = ("patell_z", "bmp", "kolari_pynnonen_bmp")
NAIVE: Final = ("patell_z_naive", "bmp_naive")
ASSUME_INDEPENDENCE: Final = (
    "cross_sectional_t",
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "bmp",
    "bmp_naive",
)
ASSUME_VARIANCE: Final = (
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "kolari_pynnonen_patell",
)
CROSS_SECTIONAL: Final = ("cross_sectional_t", "bmp", "bmp_naive", "kolari_pynnonen_bmp")


def run_tests(sample: WindowSample, tests: tuple[str, ...]) -> list[Outcome]:
    """Compute ``tests`` and mark the headline: what of it has its assumptions met.

    A sample without events gives every test as not available.
    """
    if sample.n == 0:
        return [not_available(test, 0, "no event has a complete window") for test in tests]
    variance = variance_increase(sample)
    outcomes = []
    for test in tests:
        outcome = TESTS[test](sample)
        if not outcome.note:
            reason = objection(test, sample, variance)
            outcome = replace(outcome, headline=test in HEADLINE and not reason, note=reason)
        outcomes.append(outcome)
    return outcomes


def variance_increase(sample: WindowSample) -> float:
    """Cross-sectional variance of the SCARs over what the estimation period implies.

    NaN unless the excess is significant (chi-squared with N - 1 degrees of freedom): the
    event-induced variance that Patell's test takes for an effect (Boehmer et al. 1991).
    """
    if sample.n < 2:
        return math.nan
    ratio = float(sample.scar.var(ddof=1)) / float(sample.q.mean())
    tail = float(special.chdtrc(sample.n - 1.0, (sample.n - 1.0) * ratio))
    return ratio if tail < VARIANCE_LEVEL else math.nan


def objection(test: str, sample: WindowSample, variance: float) -> str:
    """Return the first reason why ``test`` should not be relied on here; empty if there is none."""
    return next(objections(test, sample, variance), "")


def objections(test: str, sample: WindowSample, variance: float) -> Iterator[str]:
    """Yield every reason why ``test`` should not be relied on here, the gravest first."""
    few = sample.n < MIN_EVENTS
    if sample.n == 1:
        yield "one event: its p-value rests on normal returns; rely on the placebo"
    if test in NAIVE:
        yield "for comparison: ignores that the bars of a window share one fit"
    if test in ASSUME_INDEPENDENCE and sample.overlapping:
        pairs = sample.n * (sample.n - 1) // 2
        yield (
            f"assumes independent events; {sample.overlapping} of {pairs} pairs share bars "
            f"(overlap-weighted correlation {sample.correlation:.3f})"
        )
    if test in ASSUME_VARIANCE and not math.isnan(variance):
        yield f"assumes no change of variance; the events' is {variance:.1f} times the estimate's"
    if test in ASSUME_VARIANCE and few:
        yield f"assumes no change of variance, which {sample.n} events cannot show ({MIN_EVENTS})"
    if test in CROSS_SECTIONAL and few:
        yield f"{sample.n} events are too few for a cross-sectional variance ({MIN_EVENTS})"
