"""From statistics and pseudo-statistics of a family of pairs to p-values and what would show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from eventlab.contagion.breaks.multiplicity import (
    benjamini_hochberg,
    critical_scores,
    placebo_pvalues,
    romano_wolf,
)
from eventlab.contagion.breaks.statistics import N_SIGNED
from eventlab.contagion.breaks.tables import SHIFTS
from eventlab.contagion.breaks.verdict import HIGHEST, POWER, Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakSpec, Verdict

__all__ = ["Family", "Inference", "infer", "verdicts"]


@dataclass(frozen=True, slots=True)
class Family:
    """J pairs that share n pseudo-dates, or n joint draws of them.

    Attributes
    ----------
    statistic, variance
        (J, 8), and (J, 2) log variance ratios of source and target, at the event.
    plain, transmitted, pseudo_variance
        (n, J, 8), (n, J, 8), (n, J, 2): the same at pseudo-dates as they are, and as they were
        with the variances of the event and a constant link.
    lifted
        (n, J, G): Fisher's statistic, times ``side``, had atanh(rho) truly changed by `SHIFTS`.
    side
        (J,): -1 where a stronger link is a fall of correlation.
    rho_calm, rho_crisis
        (J,).
    events
        (J,): events that the statistics are means over.
    """

    statistic: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    plain: npt.NDArray[np.float64]
    transmitted: npt.NDArray[np.float64]
    pseudo_variance: npt.NDArray[np.float64]
    lifted: npt.NDArray[np.float64]
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
    n_placebo: npt.NDArray[np.int64]
    detectable: npt.NDArray[np.float64]
    reachable: npt.NDArray[np.bool_]


def infer(family: Family, spec: BreakSpec) -> Inference:
    """Hold every pair against the pseudo-dates of its family."""
    real, pseudo = _own_scores(family, spec.variant)
    link = _upward(family.statistic, family.side)
    links = _upward(family.transmitted, family.side)
    placebo = _each(placebo_pvalues, real, pseudo)
    critical = critical_scores(pseudo[..., 0], spec.level)
    return Inference(
        placebo,
        _each(placebo_pvalues, link, links),
        benjamini_hochberg(placebo),
        _each(romano_wolf, real, pseudo),
        _each(romano_wolf, link, links),
        _each(placebo_pvalues, family.variance, family.pseudo_variance),
        np.count_nonzero(np.isfinite(family.plain[..., 0]), axis=0).astype(np.int64),
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
            int(found.n_placebo[j]),
            n_pairs,
            asymptotic,
        )
        given.append(judge(evidence, spec.level, spec.smallest_change))
    return tuple(given)


def _own_scores(
    family: Family, variant: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scores of each test against its own null: those that hold nu, against a constant link."""
    real, pseudo = family.statistic.copy(), family.plain.copy()
    real[:, 0], pseudo[..., 0] = np.abs(real[:, 0]), np.abs(pseudo[..., 0])
    last = N_SIGNED if variant == "raw" else real.shape[1]
    own = slice(1, last)
    real[:, own] = _upward(family.statistic, family.side)[:, own]
    pseudo[..., own] = _upward(family.transmitted, family.side)[..., own]
    return real, pseudo


def _upward(
    statistic: npt.NDArray[np.float64], side: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Scores (..., J, 8) that are high where the link is stronger."""
    scores = statistic.copy()
    scores[..., :N_SIGNED] *= side[:, None]
    return scores


def _each(
    rule: Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    real: npt.NDArray[np.float64],
    pseudo: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Apply a rule for J pairs to each test: (J, K) and (n, J, K) to (J, K)."""
    columns = [rule(real[:, k], pseudo[..., k]) for k in range(real.shape[1])]
    return np.stack(columns, axis=-1)


def _detectable(family: Family, critical: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Change of correlation with which Fisher's statistic is beyond critical on 80% of dates."""
    found = np.full(len(critical), np.nan)
    for j in np.flatnonzero(np.isfinite(critical) & np.isfinite(family.statistic[:, 0])):
        lifted = family.lifted[:, j]
        lifted = lifted[np.isfinite(lifted).all(axis=1)]
        power = np.maximum.accumulate(np.mean(lifted > critical[j], axis=0))
        if power[-1] < POWER:
            continue
        shift = np.interp(POWER, power, SHIFTS)
        before = family.side[j] * family.rho_calm[j]
        after = np.tanh(np.arctanh(before) + shift)
        if after <= max(HIGHEST, before):
            found[j] = after - before
    return found


def _asymptotic(family: Family, j: int, n_pairs: int) -> tuple[float, float]:
    """Bonferroni's p of the correlation (two-sided) and of the link (upper tail)."""
    z = family.statistic[j, :2] * np.sqrt(family.events[j])
    correlation = 2.0 * float(special.ndtr(-abs(z[0])))
    link = float(special.ndtr(-family.side[j] * z[1]))
    return min(1.0, n_pairs * correlation), min(1.0, n_pairs * link)
