"""How many independent tries a sweep of similar parameter sets amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.robustness.inputs import complete_sets

if TYPE_CHECKING:
    from eventlab.hedge.robustness.inputs import Matrix

__all__ = ["EffectiveTrials", "effective_trials"]


@dataclass(frozen=True, slots=True)
class EffectiveTrials:
    """Independent tries among N sets, by three counts.

    Attributes
    ----------
    plain
        N sets: the most cautious count.
    implied
        rho + (1 - rho) N of the average correlation rho between sets (0 if it is negative).
    eigenvalues
        (sum of eigenvalues)^2 / (sum of their squares) of the correlations: N for uncorrelated
        sets, k for k groups of equal size whose members are alike. Too few where all sets share a
        movement: of 100 sets of no skill with a correlation of .5, the best has a deflated Sharpe
        ratio above 95% in 22% of samples, and in 2% by the other counts.
    average_correlation
        Mean correlation of the pairs of sets that vary.
    note
        How many sets do not vary: they are counted in ``plain`` and nowhere else.
    """

    plain: int
    implied: float
    eigenvalues: float
    average_correlation: float
    note: str


def effective_trials(returns: Matrix) -> EffectiveTrials:
    """Count the independent tries in the (T, N) returns of a sweep.

    Raises
    ------
    DataError
        If a return is missing.

    References
    ----------
    Bailey & Lopez de Prado (2014), The deflated Sharpe ratio, appendix 3: the implied number of
    independent trials. Bretherton et al. (1999), The effective number of spatial degrees of
    freedom, eq. 5: the eigenvalues.
    """
    values, _ = complete_sets(returns)
    moved = values - values.mean(axis=0)
    size = np.sqrt((moved * moved).sum(axis=0))
    varies = size > 4.0 * np.finfo(float).eps * np.abs(values).max(axis=0) * np.sqrt(len(values))
    scaled = moved[:, varies] / size[varies]
    N, still = scaled.shape[1], int(np.count_nonzero(~varies))
    note = f"{still} of {len(varies)} sets do not vary" if still else ""
    if N == 0:
        return EffectiveTrials(len(varies), np.nan, np.nan, np.nan, note)
    total = scaled.sum(axis=1)
    rho = (float(total @ total) - N) / (N * (N - 1)) if N > 1 else np.nan
    shared = min(max(rho, 0.0), 1.0) if N > 1 else 0.0
    # The squared correlations sum to the same over bars x bars as over sets x sets.
    squares = scaled @ scaled.T if len(scaled) < N else scaled.T @ scaled
    return EffectiveTrials(
        plain=len(varies),
        implied=shared + (1.0 - shared) * N,
        eigenvalues=float(N**2 / np.sum(squares * squares)),
        average_correlation=rho,
        note=note,
    )
