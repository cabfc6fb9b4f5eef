"""From statistics and pseudo-statistics of a family of pairs to p-values and what would show."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.contagion.breaks.multiplicity import (
    benjamini_hochberg,
    critical_scores,
    family_pvalues,
    placebo_pvalues,
)
from eventlab.contagion.breaks.statistics import N_SIGNED
from eventlab.contagion.breaks.verdict import HIGHEST, POWER, Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakSpec, Verdict

__all__ = ["Family", "Inference", "infer", "verdicts"]

SHIFTS: Final = tuple(np.geomspace(0.02, 4.0, 28).tolist())  # of atanh(rho)
# Where the eight tests stand among the 16 scores of `pseudo_scores_nb`: given the variances of the
# event, and each under its own null, which is the same for tests that hold nu.
GIVEN: Final = np.arange(6, 14)
OWN: Final = {
    "raw": np.array([0, 7, 8, 1, 2, 3, 4, 5]),
    "nu": np.array([0, 7, 8, 9, 10, 11, 12, 13]),
}
VARIANCE: Final = slice(14, 16)


@dataclass(frozen=True, slots=True)
class Family:
    """J pairs that share their pseudo-dates, or joint draws of them.

    Attributes
    ----------
    statistic, variance
        (J, 8), and (J, 2) log variance ratios of source and target, at the event.
    pseudo, count
        (16, J, n) scores of pseudo-dates as `pseudo_scores_nb` writes them, of which a pair has the
        first (J,).
    at
        (J, B): which of its dates a pair has on each date of the family.
    power
        Of a pair, a true change of atanh(rho) and a critical value: how often Fisher's statistic,
        times ``side``, is beyond it at pseudo-dates.
    side
        (J,): -1 where a stronger link is a fall of correlation.
    rho_calm, rho_crisis
        (J,).
    events
        (J,): events that the statistics are means over.
    """

    statistic: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    pseudo: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    power: Callable[[int, float, float], float]
    side: npt.NDArray[np.float64]
    rho_calm: npt.NDArray[np.float64]
    rho_crisis: npt.NDArray[np.float64]
    events: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inference:
    """P-values (J, 8), those of variances (J, 2), and per pair what would have shown (J,)."""

    placebo: npt.NDArray[np.float64]
    transmission: npt.NDArray[np.float64]
    adjusted: npt.NDArray[np.float64]
    romano_wolf: npt.NDArray[np.float64]
    romano_wolf_transmission: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    detectable: npt.NDArray[np.float64]
    reachable: npt.NDArray[np.bool_]


def infer(family: Family, spec: BreakSpec) -> Inference:
    """Hold every pair against the pseudo-dates of its family."""
    own, count = OWN[spec.variant], family.count
    link, links = _upward(family, family.pseudo[GIVEN])
    real, pseudo = _upward(family, family.pseudo[own])
    real[0], pseudo[0] = np.abs(real[0]), np.abs(pseudo[0])
    order = np.argsort(pseudo, axis=-1)  # NaN last; faster than inside a kernel
    placebo, joint = family_pvalues(real, pseudo, order, count, family.at)
    critical = critical_scores(pseudo[0], order[0], count, family.at, spec.level)
    variance = placebo_pvalues(family.variance.T, family.pseudo[VARIANCE], count)
    return Inference(
        placebo.T,
        placebo_pvalues(link, links, count).T,
        benjamini_hochberg(placebo.T),
        joint.T,
        np.where((own == GIVEN)[:, None], joint, np.nan).T,
        variance.T,
        _detectable(family, critical),
        np.isfinite(critical),
    )


def verdicts(family: Family, found: Inference, spec: BreakSpec) -> tuple[tuple[Verdict, str], ...]:
    """Judge every pair; by asymptotic p-values where pseudo-dates are too few for others."""
    n_pairs = int(np.count_nonzero(np.isfinite(family.statistic[:, 0])))
    given = []
    for j in range(len(family.side)):
        correlation, link = found.romano_wolf[j, 0], found.romano_wolf_transmission[j, 1]
        asymptotic = bool(np.isfinite(family.statistic[j, 0]) and np.isnan(correlation))
        if asymptotic:
            correlation, link = _asymptotic(family, j, n_pairs)
        ratios = np.exp(family.variance[j])
        evidence = Evidence(
            float(family.rho_calm[j]),
            float(family.rho_crisis[j]),
            float(family.side[j]),
            float(correlation),
            float(link),
            float(found.placebo[j, 0]),
            (float(ratios[0]), float(ratios[1])),
            (float(found.variance[j, 0]), float(found.variance[j, 1])),
            float(found.detectable[j]),
            bool(found.reachable[j]),
            int(family.count[j]),
            n_pairs,
            asymptotic,
        )
        given.append(judge(evidence, spec.level, spec.smallest_change))
    return tuple(given)


def _upward(
    family: Family, pseudo: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scores (8, J) and (8, J, n) that are high where the link is stronger."""
    real = family.statistic.T.copy()
    real[:N_SIGNED] *= family.side
    pseudo[:N_SIGNED] *= family.side[:, None]
    return real, pseudo


def _detectable(family: Family, critical: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Change of correlation with which Fisher's statistic is beyond critical on 80% of dates."""
    found = np.full(len(critical), np.nan)
    for j in np.flatnonzero(np.isfinite(critical) & np.isfinite(family.statistic[:, 0])).tolist():
        shift = _needed(family.power, j, float(critical[j]))
        before = family.side[j] * family.rho_calm[j]
        after = np.tanh(np.arctanh(before) + shift)
        if after <= max(HIGHEST, before):  # false of NaN
            found[j] = after - before
    return found


def _needed(power: Callable[[int, float, float], float], j: int, critical: float) -> float:
    """Change of atanh(rho) with the power asked for, between two of `SHIFTS`; NaN beyond them.

    Power rises with the change: on every date the statistic does.
    """
    known: dict[float, float] = {}

    def share(shift: float) -> float:
        if shift not in known:
            known[shift] = power(j, shift, critical)
        return known[shift]

    place = bisect_left(SHIFTS, POWER, key=share)
    if place == len(SHIFTS):
        return np.nan
    near = SHIFTS[max(0, place - 1) : place + 1]
    return float(np.interp(POWER, [share(shift) for shift in near], near))


def _asymptotic(family: Family, j: int, n_pairs: int) -> tuple[float, float]:
    """Bonferroni's p of the correlation (two-sided) and of the link (upper tail)."""
    z = family.statistic[j, :2] * np.sqrt(family.events[j])
    correlation = 2.0 * float(special.ndtr(-abs(z[0])))
    link = float(special.ndtr(-family.side[j] * z[1]))
    return min(1.0, n_pairs * correlation), min(1.0, n_pairs * link)
