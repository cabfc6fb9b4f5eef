"""P-values over several pairs that share their pseudo-dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.placebo import MIN_DATES
from eventlab.kernels.family_pvalues import critical_nb, family_pvalues_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["benjamini_hochberg", "critical_scores", "family_pvalues", "placebo_pvalues"]


def placebo_pvalues(
    real: npt.NDArray[np.float64],
    pseudo: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Share of pseudo-dates with a score at least as high as the event, which counts itself.

    Parameters
    ----------
    real, pseudo
        (K, J) and (K, J, n) scores; high is extreme. NaN where there is none.
    count
        (J,): pseudo-dates of each pair.

    Returns
    -------
    (K, J): (1 + b) / (1 + n); NaN with fewer than `MIN_DATES` pseudo-dates.
    """
    beyond = np.count_nonzero(pseudo >= real[..., None], axis=-1)  # never true of NaN
    enough = np.isfinite(real) & (count >= MIN_DATES)
    return np.where(enough, (1.0 + beyond) / (1.0 + count), np.nan)


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


def family_pvalues(
    real: npt.NDArray[np.float64],
    pseudo: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """`placebo_pvalues`, and the same adjusted for the chance that any pair's is that small.

    Step-down over the smallest p-value: the pairs of one pseudo-date are drawn together, so that
    their dependence counts; each is put on the scale of its own placebo p-value, as the statistics
    of different pairs are not of one distribution.

    Parameters
    ----------
    real, pseudo, order, count
        (K, J) scores, (K, J, n), what sorts each, and (J,): the first ``count`` of n are known, the
        rest NaN; high is extreme.
    at
        (J, B): which of its dates a pair has on each date of the family; see `lend`.

    Returns
    -------
    (K, J) alone and (K, J) adjusted: NaN for a pair without a score or with fewer than `MIN_DATES`
    pseudo-dates, which is left out of the family. Of one pair both are the same.

    References
    ----------
    Romano & Wolf (2005), Econometrica 73, algorithm 4.1; Westfall & Young (1993), algorithm 2.8.
    """
    alone, joint = np.empty_like(real), np.empty_like(real)
    family_pvalues_nb(real, pseudo, order, count, at, MIN_DATES, alone, joint)
    return alone, joint


def critical_scores(
    pseudo: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    level: float,
) -> npt.NDArray[np.float64]:
    """(J,): score that a pair has to exceed to be significant at the level in its family.

    By the first step of `family_pvalues`, of one test (J, n); infinite where pseudo-dates are too
    few for any score.
    """
    critical = np.empty(len(pseudo))
    critical_nb(pseudo, order, count, at, MIN_DATES, level, critical)
    return critical
