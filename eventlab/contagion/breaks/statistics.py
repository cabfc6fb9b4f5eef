"""The eight statistics of a correlation break of one pair, and their asymptotic p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.kernels.break_placebo import (
    FEWEST,
    PERFECT,
    RHO,
    VX,
    VY,
    N,
    adjusted_nb,
    break_statistics_nb,
    variance_ratios_nb,
)

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "FEWEST",
    "N_SIGNED",
    "PERFECT",
    "RHO",
    "VX",
    "VY",
    "N",
    "adjusted_correlation",
    "asymptotic_pvalues",
    "break_statistics",
    "variance_ratios",
]

N_SIGNED: Final = 3  # the first tests have a sign, the others are chi2(1)


def break_statistics(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64], variant: str
) -> npt.NDArray[np.float64]:
    """Compute the statistics (8,) of `TESTS` from the moments (11,) of both windows.

    Moments are as `break_moments_nb` writes them. ``raw`` puts the correlation of the crisis into
    the co-moment tests; ``nu`` Forbes and Rigobon's, as published, which also rejects where
    variances rise alone. NaN where a window has fewer than 4 rows, a constant series or a
    correlation of 1.

    References
    ----------
    Forbes & Rigobon (2002), eq. 11; Fry, Martin & Tang (2010), eqs. 14-17; Fry-McKibbin & Hsiao
    (2018), eqs. 16-20. The delta-method variance is of their nu, its parts by the delta method.
    """
    found = np.empty(8)
    break_statistics_nb(calm, crisis, calm, variant == "nu", found)
    return found


def adjusted_correlation(calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]) -> float:
    """Correlation of the crisis at the source's calm variance (Forbes & Rigobon 2002, eq. 11)."""
    return float(adjusted_nb(calm, crisis))


def variance_ratios(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return (3,) crisis over calm: variance of source, of target, of what the calm link leaves."""
    found = np.empty(3)
    variance_ratios_nb(calm, crisis, found)
    return found


def asymptotic_pvalues(statistics: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(..., 8) two-sided p of z and t statistics, upper-tail p of chi2(1)."""
    signed = 2.0 * special.ndtr(-np.abs(statistics[..., :N_SIGNED]))
    squared = special.chdtrc(1.0, statistics[..., N_SIGNED:])
    return np.concatenate([signed, squared], axis=-1)
