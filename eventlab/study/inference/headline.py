"""Which tests make the headline: those of five whose assumptions hold, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import special

from eventlab.study.inference.history import MIN_COMMON_ROWS
from eventlab.study.inference.shape import Shape

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.samples import Sample

__all__ = ["HEADLINE", "MIN_EVENTS", "objections"]

# The placebo joins them in `study.inference.battery.placebo_test`.
HEADLINE: Final = ("patell_z", "bmp", "kolari_pynnonen_bmp", "grank_t")
MIN_EVENTS: Final = 5  # below this many events a cross-sectional variance is little evidence
VARIANCE_LEVEL: Final = 0.05  # of the chi-squared test for event-induced variance
# A test that takes its variance from the estimation window is relied on only where the events
# rule out that their variance is this many times larger. The usual preliminary test asks whether
# an increase is significant: with ten events it misses a doubling more often than not, and
# the mean is independent of the variance it looks at, so that Patell's test then rejects 17% at
# nominal 5%, as often as without a preliminary test. The burden of proof is on "no change".
DOUBLED: Final = 2.0
DOUBLED_LEVEL: Final = 0.01
# Known to no better than this, a variance says little about a change: its test then passes the
# samples without large values, in which Patell's test rejects too rarely.
VARIANCE_ERROR: Final = 1 / 3
VARIANCE_SKEW: Final = 0.01  # squared skewness over N above which mean and variance move together
# Kolari-Pynnonen divides one shared move by the scatter around it. Events worth fewer independent
# ones than this leave hardly more than the shared move, and a t of N - 1 for it.
SHARED_EVENTS: Final = 3.0
UNMEASURED: Final = 0.1  # share of pairs whose correlation counts as zero for want of common bars
# The error of an estimated correlation adds up to 28/bars points to the level (second order; half
# the relative variance of 1 + (N - 1) r, 2/bars at most, times 27.7).
COMMON_BARS: Final = 60
# Scatter of few fat-tailed events is small more often than the move they share. With t5 errors,
# N = 10 and r = .1 (.25) 5.9% reject at 5%, with GARCH errors of kurtosis 7 (.4) 6.5%.
SHARED_TAILS: Final = 0.3
T_OFF: Final = 0.0125  # by which skewness may make a t reject too often, or fat tails too rarely
# GRANK scales by the sd of N SCARs, whose error its variance over time does not see: at nominal 5%
# normal returns reject 6.2% with 20 events and 5.4% with 50; t5 ones 11% with five, 6.3% with 30.
RANK_EVENTS: Final = 40
RANK_LEVEL: Final = 0.06  # of ranks of cumulated returns among single bars, at nominal 5%
RANK_SKEW: Final = 0.6
PRESENT: Final = 0.9  # share of estimation bars that ranks of events with common moves need
MANY_BARS: Final = 10  # ranks of single bars lose their power in longer windows
FEW_SIGNS: Final = 10
SKEW_EVENTS: Final = 50
PORTFOLIO_BARS: Final = 20

NAIVE: Final = ("patell_z_naive", "bmp_naive")
INDEPENDENT: Final = (
    "cross_sectional_t",
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "bmp",
    "bmp_naive",
    "grank_z",
    "sign",
    "generalized_sign",
    "skewness_t",
    "wilcoxon",
)
BY_BAR: Final = (
    "corrado_rank",
    "corrado_zivney",
    "grank_t",
    "crude_dependence",
    "wild_bootstrap",
    "wild_bootstrap_percentile",
)
SAME_VARIANCE: Final = (
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "kolari_pynnonen_patell",
    "crude_dependence",
    "corrado_rank",
)
ACROSS_EVENTS: Final = (
    "cross_sectional_t",
    "bmp",
    "bmp_naive",
    "kolari_pynnonen_bmp",
    "grank_t",
    "grank_z",
    "corrado_zivney",
)
OVER_EVENTS: Final = ("cross_sectional_t", "bmp", "bmp_naive", "kolari_pynnonen_bmp")
ADJUSTED: Final = ("kolari_pynnonen_bmp", "kolari_pynnonen_patell")
GRANK: Final = ("grank_t", "grank_z")
SIGNS: Final = ("sign", "generalized_sign")
BOOTSTRAP: Final = ("wild_bootstrap", "wild_bootstrap_percentile")
SINGLE: Final = ("corrado_rank", *SIGNS, "wilcoxon", "crude_dependence", "calendar_time")


@dataclass(frozen=True)
class Circumstances:
    """What the assumptions of the tests turn on, in each of W windows."""

    sample: Sample

    @property
    def n(self) -> npt.NDArray[np.int64]:
        """(W,): events."""
        return self.sample.n

    @cached_property
    def ratio(self) -> npt.NDArray[np.float64]:
        """(W,): variance of the SCARs across events over what the estimation windows imply."""
        sd = self.sample.moments(self.sample.scar).sd
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: npt.NDArray[np.float64] = sd**2 / (self.sample.q / self.n)
        return ratio

    @cached_property
    def increased(self) -> npt.NDArray[np.bool_]:
        """(W,): event-induced variance is significant (Boehmer et al. 1991), chi-squared(N - 1)."""
        dof = np.maximum(self.n - 1.0, 1.0)
        tail = special.chdtrc(dof, dof * self.ratio)
        significant: npt.NDArray[np.bool_] = (tail < VARIANCE_LEVEL) & (self.n > 1)
        return significant

    @cached_property
    def unsure(self) -> npt.NDArray[np.bool_]:
        """(W,): the events do not rule out that their variance is doubled."""
        dof = np.maximum(self.n - 1.0, 1.0)
        tail = special.chdtr(dof, dof * self.ratio / DOUBLED)
        shown: npt.NDArray[np.bool_] = (tail < DOUBLED_LEVEL) & (self.n > 1)
        return ~shown

    @cached_property
    def shape(self) -> Shape:
        """What the residuals say."""
        return Shape(self.sample)

    @cached_property
    def worth(self) -> npt.NDArray[np.float64]:
        """(W,): independent events that would give the mean the same variance (Kish 1965)."""
        spread = 1.0 + (self.n - 1) * self.sample.shared.correlation
        worth: npt.NDArray[np.float64] = self.n / np.maximum(spread, 1.0)
        return worth


Holds = Callable[[Circumstances], "npt.NDArray[np.bool_]"]
Words = Callable[[Circumstances, int], str]


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason not to rely on some tests: where it holds, and how it is said of window w."""

    tests: tuple[str, ...]
    holds: Holds
    words: Words


def shares_bars(now: Circumstances, w: int) -> str:
    """Words for events that are not independent."""
    n, shared = int(now.n[w]), now.sample.shared
    return (
        f"assumes independent events; {shared.pairs[w]} of {n * (n - 1) // 2} pairs share bars "
        f"(overlap-weighted correlation {shared.correlation[w]:.3f})"
    )


def shares_some_bars(now: Circumstances, w: int) -> str:
    """Words for windows of different dates that overlap."""
    pairs = int(now.sample.shared.partial[w])
    return (
        "sees what events of one date have in common, not windows of different dates that "
        f"overlap; {pairs} {'pair does' if pairs == 1 else 'pairs do'}"
    )


# The gravest first: a test is noted with the first that holds for it.
OBJECTIONS: Final = (
    Objection(
        SINGLE,
        lambda now: now.n == 1,
        lambda _, __: "one event: it cannot reject, or only by its distance; rely on the placebo",
    ),
    Objection(
        (*INDEPENDENT, *BY_BAR, *SAME_VARIANCE, "kolari_pynnonen_bmp"),
        lambda now: now.n == 1,
        lambda _, __: "one event: its p-value rests on normal returns; rely on the placebo",
    ),
    Objection(
        NAIVE,
        lambda now: now.n > 0,
        lambda _, __: "for comparison: ignores that the bars of a window share one fit",
    ),
    Objection(INDEPENDENT, lambda now: now.sample.shared.pairs > 0, shares_bars),
    Objection(BY_BAR, lambda now: now.sample.shared.partial > 0, shares_some_bars),
    Objection(
        SAME_VARIANCE,
        lambda now: now.increased,
        lambda now, w: (
            f"assumes no change of variance; the events' is {now.ratio[w]:.1f} times the estimate's"
        ),
    ),
    Objection(
        SAME_VARIANCE,
        lambda now: now.unsure,
        lambda now, w: (
            f"assumes no change of variance; {now.n[w]} events do not rule out that it doubled"
        ),
    ),
    Objection(
        ACROSS_EVENTS,
        lambda now: now.n < MIN_EVENTS,
        lambda now, w: (
            f"{now.n[w]} events are too few for a cross-sectional variance ({MIN_EVENTS})"
        ),
    ),
    Objection(
        ADJUSTED,
        lambda now: (now.sample.shared.pairs > 0) & (now.shape.unmeasured > UNMEASURED),
        lambda now, w: (
            f"{100 * now.shape.unmeasured[w]:.0f}% of pairs that share bars have fewer than "
            f"{MIN_COMMON_ROWS} common estimation bars: their correlation is not known"
        ),
    ),
    Objection(
        ADJUSTED,
        lambda now: (now.n >= MIN_EVENTS) & (now.worth < SHARED_EVENTS),
        lambda now, w: (
            f"{now.n[w]} events of correlation {now.sample.shared.correlation[w]:.2f} are worth "
            f"{now.worth[w]:.1f} independent ones ({SHARED_EVENTS:.0f}): one shared move decides"
        ),
    ),
    Objection(
        OVER_EVENTS,
        lambda now: now.shape.traded < MIN_EVENTS,
        lambda now, w: (
            f"thin trading: of {now.n[w]} events {now.shape.traded[w]:.1f} can be expected to "
            f"trade, too few for a cross-sectional variance ({MIN_EVENTS})"
        ),
    ),
    Objection(
        OVER_EVENTS,
        lambda now: np.abs(now.shape.t_excess) > T_OFF,
        lambda now, w: (
            f"{now.n[w]} events are too few for residuals of skewness "
            f"{now.shape.skewness[w]:.1f} and kurtosis {now.shape.kurtosis[w]:.1f}: a "
            f"t rejects at 5% too {'often' if now.shape.t_excess[w] > 0 else 'rarely'}"
        ),
    ),
    Objection(
        ("kolari_pynnonen_bmp",),
        lambda now: (now.sample.shared.pairs > 0) & (now.shape.common_bars < COMMON_BARS),
        lambda now, w: (
            f"the correlation of the events rests on {now.shape.common_bars[w]:.0f} common "
            f"estimation bars ({COMMON_BARS})"
        ),
    ),
    Objection(
        ("kolari_pynnonen_bmp",),
        lambda now: (now.sample.shared.pairs > 0) & (now.shape.tails > SHARED_TAILS),
        lambda now, w: (
            f"{now.n[w]} events with tails this fat (kurtosis {now.shape.kurtosis[w]:.1f}) scatter "
            "too unevenly to judge a move that they share"
        ),
    ),
    Objection(
        SAME_VARIANCE,
        lambda now: (
            (now.shape.variance_error > VARIANCE_ERROR)
            | (now.shape.skewness**2 > VARIANCE_SKEW * now.n)
        ),
        lambda now, w: (
            "assumes no change of variance; residuals of kurtosis "
            f"{now.shape.kurtosis[w]:.1f} and skewness {now.shape.skewness[w]:.1f} hide one "
            f"from {now.n[w]} events"
        ),
    ),
    Objection(
        GRANK,
        lambda now: now.shape.traded < RANK_EVENTS,
        lambda now, w: (
            f"over-rejects with few events: {min(now.shape.traded[w], now.n[w]):.0f} that trade "
            f"({RANK_EVENTS})"
        ),
    ),
    Objection(
        GRANK,
        lambda now: now.shape.rank_level > RANK_LEVEL,
        lambda now, w: (
            f"ranks returns of {now.sample.length[w]} bars among single bars of other tails: about "
            f"{100 * now.shape.rank_level[w]:.0f}% of nothing would be significant at 5%"
        ),
    ),
    Objection(
        GRANK,
        lambda now: (now.sample.length == 1) & (np.abs(now.shape.skewness) > RANK_SKEW),
        lambda now, w: (
            f"needs symmetric residuals; theirs have skewness {now.shape.skewness[w]:.1f}"
        ),
    ),
    Objection(
        GRANK,
        lambda now: (now.sample.shared.pairs > 0) & (now.shape.present < PRESENT),
        lambda now, w: (
            f"events move together and {100 * (1 - now.shape.present[w]):.0f}% of their estimation "
            "bars are missing: ranks of these bars do not show how much"
        ),
    ),
    Objection(
        BOOTSTRAP,
        lambda now: 0.5 ** (now.sample.shared.dates - 1.0) > 0.05,
        lambda now, w: (
            f"{now.sample.shared.dates[w]} dates cannot give a p-value under "
            f"{0.5 ** (now.sample.shared.dates[w] - 1.0):.2g}"
        ),
    ),
    Objection(
        SIGNS,
        lambda now: now.n < FEW_SIGNS,
        lambda now, w: f"{now.n[w]} signs are too few for a normal distribution ({FEW_SIGNS})",
    ),
    Objection(
        ("skewness_t",),
        lambda now: now.n < SKEW_EVENTS,
        lambda now, w: (
            f"over-rejects with few events ({now.n[w]}): 10.8% at nominal 5% with ten of them"
        ),
    ),
    Objection(
        ("corrado_rank", "corrado_zivney"),
        lambda now: now.sample.length > MANY_BARS,
        lambda now, w: (
            f"adds up ranks of {now.sample.length[w]} single bars: little power in a long window"
        ),
    ),
    Objection(
        ("calendar_time",),
        lambda now: now.n < PORTFOLIO_BARS,
        lambda now, w: f"Newey-West errors of few bars over-reject ({now.n[w]} events)",
    ),
)


def objections(sample: Sample, tests: tuple[str, ...]) -> npt.NDArray[Any]:
    """(W, tests) of str: the gravest reason not to rely on a test there; empty without one."""
    now = Circumstances(sample)
    notes = np.full((sample.n_windows, len(tests)), "", dtype=object)
    for one in reversed(OBJECTIONS):
        columns = [j for j, test in enumerate(tests) if test in one.tests]
        if columns:
            for w in np.flatnonzero(one.holds(now)):
                notes[w, columns] = one.words(now, int(w))
    return notes
