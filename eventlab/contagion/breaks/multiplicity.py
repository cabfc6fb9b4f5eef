"""P-values over several pairs that share their pseudo-dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.placebo import MIN_DATES

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["benjamini_hochberg", "critical_scores", "lend", "placebo_pvalues", "romano_wolf"]

SMALL: Final = 1e-9  # rounding of shares
STRIDE: Final = 7919  # a prime: neighbouring dates are not lent to neighbouring dates


def placebo_pvalues(
    real: npt.NDArray[np.float64], pseudo: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Share of pseudo-dates with a score at least as high as the event, which counts itself.

    Parameters
    ----------
    real, pseudo
        (K,) and (n, K) scores; high is extreme. NaN where there is none.

    Returns
    -------
    (K,): (1 + b) / (1 + n), n finite pseudo-scores; NaN with fewer than `MIN_DATES` of them.
    """
    n = np.count_nonzero(np.isfinite(pseudo), axis=0)
    beyond = np.count_nonzero(pseudo >= real, axis=0)  # never true of NaN
    return np.where(np.isfinite(real) & (n >= MIN_DATES), (1.0 + beyond) / (1.0 + n), np.nan)


def benjamini_hochberg(pvalues: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Adjust (J, ...) p-values over the first axis for the false discovery rate; NaN stays out.

    References
    ----------
    Benjamini & Hochberg (1995), Controlling the false discovery rate.
    """
    order = np.argsort(pvalues, axis=0, kind="stable")  # NaN last
    ranked = np.take_along_axis(pvalues, order, axis=0)
    J = np.count_nonzero(np.isfinite(pvalues), axis=0)
    rank = np.arange(1, len(pvalues) + 1).reshape(-1, *[1] * (pvalues.ndim - 1))
    scaled = np.where(np.isfinite(ranked), ranked * J / rank, np.inf)
    least = np.minimum(np.minimum.accumulate(scaled[::-1], axis=0)[::-1], 1.0)
    adjusted = np.empty_like(pvalues)
    np.put_along_axis(adjusted, order, np.where(np.isfinite(ranked), least, np.nan), axis=0)
    return adjusted


def romano_wolf(
    real: npt.NDArray[np.float64], pseudo: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Adjust placebo p-values of J pairs for the chance that any of them is that small.

    Step-down over the smallest p-value: the pairs of one pseudo-date are drawn together, so that
    their dependence counts; each is put on the scale of its own placebo p-value, as the statistics
    of different pairs are not of one distribution.

    Parameters
    ----------
    real, pseudo
        (J,) and (n, J) scores; high is extreme. NaN where there is none.

    Returns
    -------
    (J,): NaN for a pair without a score or with fewer than `MIN_DATES` pseudo-dates, which is left
    out of the family. Of one pair: its placebo p-value.

    References
    ----------
    Romano & Wolf (2005), Econometrica 73, algorithm 4.1; Westfall & Young (1993), algorithm 2.8.
    """
    adjusted = np.full(len(real), np.nan)
    usable, pvalues, chance = _p_scale(real, pseudo)
    if not len(usable):
        return adjusted
    order = np.argsort(pvalues, kind="stable")
    smallest = np.minimum.accumulate(chance[:, order[::-1]], axis=1)[:, ::-1]
    n = len(chance)
    beyond = np.count_nonzero(smallest <= pvalues[order], axis=0)
    # A pair with a short history cannot have a smaller p than on its own.
    least = np.maximum((1.0 + beyond) / (1.0 + n), pvalues[order])
    adjusted[usable[order]] = np.maximum.accumulate(least)
    return adjusted


def critical_scores(pseudo: npt.NDArray[np.float64], level: float) -> npt.NDArray[np.float64]:
    """(J,): score that a pair has to exceed to be significant at the level in its family.

    By the first step of `romano_wolf`; infinite where pseudo-dates are too few for any score.
    """
    critical = np.full(pseudo.shape[1], np.inf)
    usable, _, chance = _p_scale(np.full(pseudo.shape[1], -np.inf), pseudo)
    allowed = int(np.floor(level * (1.0 + len(chance)) + SMALL)) - 1
    if not len(usable) or allowed < 0:
        return critical
    for k, j in enumerate(usable):
        own = np.sort(pseudo[np.isfinite(pseudo[:, j]), j])[::-1]
        size = 1.0 + len(own)
        others = np.delete(chance, k, axis=1).min(axis=1, initial=np.inf)
        # With b own scores beyond it the event has p (1 + b) / size, and a date is as extreme where
        # another pair has that p, or this one is among the b.
        from_b = np.minimum(np.round(chance[:, k] * size), np.ceil(others * size - SMALL) - 1.0)
        beyond = int(np.sort(from_b)[allowed]) - 1
        beyond = min(beyond, int(np.floor(level * size + SMALL)) - 1)  # a short history
        if beyond >= 0:
            critical[j] = own[beyond]
    return critical


def lend(pseudo: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Fill dates of (n, J) on which a pair has no score with scores of other dates of its own.

    A pair with a short history then takes part on every date of the family. What is lent does not
    move with the other pairs, which makes a family no smaller than it is (the more independent
    its members, the more easily one of them is extreme by chance).
    """
    filled = pseudo.copy()
    for j in range(pseudo.shape[1]):
        known = np.isfinite(pseudo[:, j])
        own, gaps = np.flatnonzero(known), np.flatnonzero(~known)
        if len(own) and len(gaps):
            filled[gaps, j] = pseudo[own[(gaps * STRIDE) % len(own)], j]
    return filled


def _p_scale(
    real: npt.NDArray[np.float64], pseudo: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pairs that take part, their p-values (J',), and p-values (n, J') of every pseudo-date.

    Both rank among the same n + 1 scores, those of the pseudo-dates and of the event.
    """
    known = np.isfinite(pseudo)
    usable = np.flatnonzero(~np.isnan(real) & (known.sum(axis=0) >= MIN_DATES)).astype(np.int64)
    dates = known[:, usable].any(axis=1)
    chance = np.full((int(dates.sum()), len(usable)), np.nan)
    pvalues = np.empty(len(usable))
    for k, j in enumerate(usable):
        values, mine = pseudo[dates, j], known[dates, j]
        order = np.argsort(values[mine], kind="stable")
        own, n = values[mine][order], len(order)
        beyond = np.empty(n)
        beyond[order] = n - np.searchsorted(own, own, side="left")  # sorted keys: a fast search
        chance[mine, k] = (beyond + (real[j] >= values[mine])) / (1.0 + n)
        pvalues[k] = (1.0 + n - np.searchsorted(own, real[j], side="left")) / (1.0 + n)
    return usable, pvalues, lend(chance)
