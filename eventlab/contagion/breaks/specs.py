"""What is tested, and the results: arrays over pairs and tests, without names or dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from eventlab.timeline.windows import Window

__all__ = ["NULLS", "TESTS", "VERDICTS", "BreakItems", "BreakResults", "BreakSpec", "Verdict"]

TESTS: Final = (
    "fisher",
    "forbes_rigobon",
    "forbes_rigobon_delta",
    "cs12",
    "cs21",
    "ck13",
    "ck31",
    "cv22",
)

NULLS: Final = {
    "fisher": "the correlation did not change",
    "forbes_rigobon": "the target's beta on the source did not rise, whatever the variances did",
    "forbes_rigobon_delta": "the same, by the delta method",
    "cs12": "the source's mean does not go with the target's variance any differently",
    "cs21": "the source's variance does not go with the target's mean any differently",
    "ck13": "the source's mean does not go with the target's skewness any differently",
    "ck31": "the source's skewness does not go with the target's mean any differently",
    "cv22": "the two variances do not go together any differently",
}

Verdict = Literal[
    "contagion",
    "interdependence",
    "common volatility shock",
    "underpowered",
    "no change",
    "",
]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "contagion",
    "interdependence",
    "common volatility shock",
    "underpowered",
    "no change",
)


@dataclass(frozen=True, slots=True)
class BreakSpec:
    """How pairs are tested.

    Attributes
    ----------
    calm, crisis
        The two windows, inclusive bars relative to the event row.
    factors
        Columns of the returns. Where there are any, the battery is of residuals on them, with
        betas fitted on the calm window alone (of each event, and of each pseudo-event); a pair
        whose source or target is itself a factor has no residuals.
    variant
        The correlation inside the higher co-moment tests: that of the crisis window (``raw``), or
        Forbes and Rigobon's (``nu``, as published).
    level
        Significance level of verdicts.
    smallest_change
        A change of correlation worth knowing.
    draws, seed
        Joint draws of pseudo-dates behind averages over occurrences.
    most_dates
        Pseudo-dates that a pair is put on at most, evenly spaced over those it has: windows of
        neighbouring dates overlap, so that more of them say little more.
    threads
        Threads that share dates and families; results do not depend on how many.
    """

    calm: Window
    crisis: Window
    factors: tuple[int, ...] = ()
    variant: Literal["raw", "nu"] = "raw"
    level: float = 0.05
    smallest_change: float = 0.2
    draws: int = 1000
    seed: int = 0
    most_dates: int = 500
    threads: int = 2


@dataclass(frozen=True, slots=True)
class BreakItems:
    """The M pairs to test: (M,) int64 each.

    ``row`` is the event row, ``source`` and ``target`` are columns of the returns, ``family``
    numbers the occurrence: p-values are adjusted over the items of one family, which share one
    event row and one set of pseudo-dates.
    """

    row: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    family: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BreakResults:
    """What the battery says of M pairs (of M averages over occurrences). Columns 8 are `TESTS`.

    Attributes
    ----------
    statistic
        (M, 8): z of Fisher and of Forbes and Rigobon's classic form, t of their delta-method form
        (positive where correlation rose), chi2(1) of the others. Averages: mean over occurrences.
    pvalue
        (M, 8) asymptotic and two-sided; NaN for averages. They fail on short windows of
        fat-tailed returns.
    placebo_pvalue
        (M, 8) against pseudo-dates, each test's own null (`NULLS`). Fisher (two-sided) and the raw
        co-moment tests do not see variances: pseudo-dates are taken as they are. The others hold
        Forbes and Rigobon's correlation, and are held against pseudo-dates with the variances of
        the event: the same as `transmission_pvalue`.
    transmission_pvalue
        (M, 8) upper tail; null: the link (the beta of the target on the source) is no stronger.
        Pseudo-dates are given the variance that the source had at the event, passed on through the
        link of their own calm window, and the variance that the link left unexplained.
    adjusted_pvalue, romano_wolf_pvalue
        (M, 8): `placebo_pvalue` by Benjamini & Hochberg (1995) and by the step-down of Romano &
        Wolf (2005) over the pairs of a family.
    romano_wolf_transmission
        (M, 8): `transmission_pvalue` by the same step-down, of the tests that it is the placebo
        p-value of (Forbes and Rigobon's, with ``nu`` the co-moment tests too); else NaN.
    rho_calm, rho_crisis, rho_adjusted
        (M,): correlations of the windows; that of the crisis at the calm variance of the source.
    variance_source, variance_target
        (M,): variance of the crisis window over that of the calm window. Averages: geometric mean.
    placebo_source, placebo_target
        (M,): share of pseudo-dates on which those ratios are as high.
    n_calm, n_crisis, n_placebo, n_events
        (M,) int64: complete rows (of all occurrences), pseudo-dates (draws, for averages), events.
    detectable
        (M,): smallest rise of correlation above ``rho_calm`` that Fisher's statistic would have
        shown at the level with 80% power; NaN where none would, or without pseudo-dates.
    verdict, rule, note
        (M,): one of `VERDICTS` (empty: could not be computed), the rule that gave it, remarks.
    """

    statistic: npt.NDArray[np.float64]
    pvalue: npt.NDArray[np.float64]
    placebo_pvalue: npt.NDArray[np.float64]
    transmission_pvalue: npt.NDArray[np.float64]
    adjusted_pvalue: npt.NDArray[np.float64]
    romano_wolf_pvalue: npt.NDArray[np.float64]
    romano_wolf_transmission: npt.NDArray[np.float64]
    rho_calm: npt.NDArray[np.float64]
    rho_crisis: npt.NDArray[np.float64]
    rho_adjusted: npt.NDArray[np.float64]
    variance_source: npt.NDArray[np.float64]
    variance_target: npt.NDArray[np.float64]
    placebo_source: npt.NDArray[np.float64]
    placebo_target: npt.NDArray[np.float64]
    n_calm: npt.NDArray[np.int64]
    n_crisis: npt.NDArray[np.int64]
    n_placebo: npt.NDArray[np.int64]
    n_events: npt.NDArray[np.int64]
    detectable: npt.NDArray[np.float64]
    verdict: tuple[Verdict, ...]
    rule: tuple[str, ...]
    note: tuple[str, ...]
