"""Ratios from the covariances that dynamic conditional correlations forecast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.volatility.dcc import LEAST_ROWS
from eventlab.contagion.volatility.marginals import fit_marginal
from eventlab.contagion.volatility.second_stage import filter_stage, fit_stage

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.volatility.marginals import Marginal

__all__ = ["forecast_ratio"]

_APART = 1e-10  # smallest eigenvalue of the correlations of series that differ


def forecast_ratio(
    book: npt.NDArray[np.float64], instruments: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], str]:
    """Forecast the covariances H of the bar after the last, and return H_ii^-1 H_ib.

    ``book`` (n,) and ``instruments`` (n, K), complete. GARCH(1,1) variances with normal errors and
    the dynamic correlations of Engle (2002), fitted on these rows, as `eventlab.contagion.dcc`
    does; the ratio is that of Kroner & Sultan (1993).

    Returns
    -------
    ratio, note
        (K,), NaN where the note says why: fewer than 100 rows, a likelihood that did not converge,
        series that move as one. Otherwise the note says which parameters lie on a bound.

    Raises
    ------
    DataError
        The package ``arch`` is not installed.
    """
    n, K = instruments.shape
    nothing = np.full(K, np.nan)
    if n < LEAST_ROWS:
        return nothing, f"{n} joint returns up to the decision; dcc needs {LEAST_ROWS}"
    values = np.column_stack([book, instruments])
    # The filter's row t uses rows before t: one more row, whatever is in it, holds the forecast.
    ahead = np.ascontiguousarray(np.vstack([values, values[-1:]]).T)
    singles = tuple(fit_marginal(one, n, "garch", "normal") for one in ahead)
    failed = _failed(singles)
    if failed:
        return nothing, failed
    z = np.ascontiguousarray(np.column_stack([one.z for one in singles]))
    correlation = np.corrcoef(z[:n], rowvar=False)
    if not np.linalg.eigvalsh(correlation)[0] > _APART:
        return nothing, "the book or an instrument moves as the others together do"
    stage = fit_stage(z[:n])
    if not math.isfinite(stage.loglik):
        return nothing, stage.note
    sigma = np.array([one.sigma[-1] for one in singles])
    H = filter_stage(stage, z)[1][-1] * np.outer(sigma, sigma)
    # Scaled, because variances of returns are small and differ.
    ratio = np.linalg.solve(H[1:, 1:] / np.outer(sigma[1:], sigma[1:]), H[1:, 0] / sigma[1:])
    return ratio / sigma[1:], stage.note


def _failed(singles: tuple[Marginal, ...]) -> str:
    names = ["the book", *(f"instrument {k}" for k in range(1, len(singles)))]
    pairs = zip(names, singles, strict=True)
    return "; ".join(f"{name}: {one.fit}" for name, one in pairs if isinstance(one.fit, str))
