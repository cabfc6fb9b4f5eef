"""Least squares with errors clustered by date, and a bootstrap for few dates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.kernels.orthogonal import OrthogonalFit, orthogonal_fit

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["FEW_CLUSTERS", "ClusteredFit", "cluster_sums", "clustered_ols"]

# Below this many clusters the t(G - 1) of clustered errors rejects too often; Cameron, Gelbach &
# Miller (2008) see it at 5 to 30.
FEW_CLUSTERS: Final = 30
# With fewer clusters than this there are fewer than 1,000 vectors of signs, so that six-point
# weights are drawn in their place (Webb 2023).
FEW_SIGNS: Final = 10
STREAM: Final = 0xC1A5  # keeps these draws apart from other uses of the same seed
# Residuals this small against the dependent variable are rounding, not scatter.
ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class ClusteredFit:
    """A regression of N events on k columns, with G clusters.

    Attributes
    ----------
    coefficient, stderr, statistic, pvalue
        (k,): estimates, CR1 errors, t and its two-sided p of t(G - 1); NaN where the residuals are
        all zero.
    bootstrap_pvalue
        (k,): of the wild cluster bootstrap that imposes the null; NaN where none was drawn.
    covariance
        (k, k): CR1.
    """

    coefficient: npt.NDArray[np.float64]
    stderr: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    pvalue: npt.NDArray[np.float64]
    bootstrap_pvalue: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    n_clusters: int


def clustered_ols(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    cluster: npt.NDArray[np.int64],
    *,
    draws: int = 0,
    seed: int = 0,
) -> ClusteredFit:
    """Ordinary least squares with a covariance clustered by date.

    V = c (X'X)^-1 (sum over clusters of X_g' e_g e_g' X_g) (X'X)^-1 with
    c = G/(G - 1) (N - 1)/(N - k), the CR1 of Liang & Zeger (1986) and MacKinnon & White (1985);
    Cameron, Gelbach & Miller (2008), section II.

    Parameters
    ----------
    y
        (N,) finite.
    design
        (N, k) of full column rank, k < N, a column of ones among them.
    cluster
        (N,) codes 0 to G - 1, each of them used; G > 1.
    draws, seed
        Of the bootstrap; 0 leaves it out.

    Returns
    -------
    ClusteredFit
        With one event in every cluster c = N/(N - k), and the errors are HC1.
    """
    n, k = design.shape
    fit = orthogonal_fit(y, design)
    coefficient, residual = fit.coefficients, fit.residual
    n_clusters = int(cluster.max()) + 1
    factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    scores = cluster_sums(fit.weights * residual[:, None], cluster, n_clusters)
    covariance = factor * scores.T @ scores
    stderr = np.sqrt(np.diag(covariance))
    flat = np.abs(residual).max() <= ROUNDING * np.abs(y).max()
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where((stderr > 0.0) & ~flat, coefficient / stderr, np.nan)
    tails = special.stdtr(float(n_clusters - 1), -np.abs(statistic))
    pvalue = np.asarray(2.0 * tails, dtype=np.float64)
    bootstrap = np.full(k, np.nan)
    if draws and not flat:
        problem = _Problem(y, design, cluster, fit, factor)
        bootstrap = _wild_pvalues(problem, statistic, _weights(n_clusters, draws, seed))
    return ClusteredFit(coefficient, stderr, statistic, pvalue, bootstrap, covariance, n_clusters)


def cluster_sums(
    values: npt.NDArray[np.float64], cluster: npt.NDArray[np.int64], n_clusters: int
) -> npt.NDArray[np.float64]:
    """(G, k): sums of the rows of each cluster."""
    sums = np.zeros((n_clusters, values.shape[1]))
    np.add.at(sums, cluster, values)
    return sums


@dataclass(frozen=True, slots=True)
class _Problem:
    y: npt.NDArray[np.float64]
    design: npt.NDArray[np.float64]
    cluster: npt.NDArray[np.int64]
    fit: OrthogonalFit
    factor: float


def _wild_pvalues(
    problem: _Problem,
    statistic: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(k,): p of each coefficient by the restricted wild cluster bootstrap-t.

    For coefficient j the model is fitted without it; the residuals of each cluster keep or change
    their sign together; t* is computed with the CR1 of the full model. Everything follows from
    cluster sums (Roodman, MacKinnon, Nielsen & Webb 2019, section 3), so no draw fits anything.
    """
    design, basis, cluster = problem.design, problem.fit.basis, problem.cluster
    n_clusters = int(cluster.max()) + 1
    found = np.full(design.shape[1], np.nan)
    influence = problem.fit.weights
    for j in np.flatnonzero(np.isfinite(statistic)):
        others = np.delete(design, j, axis=1)
        residual = orthogonal_fit(problem.y, others).residual if others.shape[1] else problem.y
        own = influence[:, j]
        direct = cluster_sums((own * residual)[:, None], cluster, n_clusters)[:, 0]
        moved = cluster_sums(basis * residual[:, None], cluster, n_clusters)
        spread = cluster_sums(own[:, None] * basis, cluster, n_clusters)
        estimates = weights @ direct
        scores = weights * direct - (weights @ moved) @ spread.T
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.abs(estimates) / np.sqrt(problem.factor * (scores**2).sum(axis=1))
        # Equal up to rounding counts as equal: all signs kept, or all changed, give t itself.
        extreme = drawn >= abs(statistic[j]) * (1.0 - 1e-9)
        found[j] = (1.0 + extreme.sum()) / (1.0 + len(weights))
    return found


@lru_cache(maxsize=64)
def _weights(n_clusters: int, draws: int, seed: int) -> npt.NDArray[np.float64]:
    """(draws, G): signs, or Webb's six points for few clusters; the same for every regression."""
    generator = np.random.default_rng([seed, STREAM, n_clusters])
    if n_clusters >= FEW_SIGNS:
        points = np.array([-1.0, 1.0])
    else:
        half = np.sqrt(np.array([0.5, 1.0, 1.5]))
        points = np.concatenate([-half, half])
    weights = points[generator.integers(0, len(points), (draws, n_clusters))]
    weights.flags.writeable = False
    return weights
