"""Ratios that walk at random, by the Kalman filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.hedge_ratios import likeliest_noise_nb
from eventlab.kernels.kalman import random_walk_filter_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition

__all__ = ["filtered_ratio"]

_FASTEST = 0.99  # variance ratios from here on are at the upper bound of the search
_COLLINEAR = 1e-10


def filtered_ratio(
    definition: RatioDefinition,
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], str]:
    """Filter book_t = alpha + x_t' beta_t + e_t, beta_t = beta_{t-1} + u_t, and return the last.

    ``book`` (n,) and ``instruments`` (n, K), complete. Both are scaled to a standard deviation of 1
    in the window; Var u over Var e is then ``state_noise``, the same for all betas, or what
    maximises the likelihood between 0 and 1. The prior is the least squares fit of the window's
    first quarter, at least 2 (K + 1) rows, with its covariance, so that without steps the last
    beta is that of least squares on the whole window.

    Durbin & Koopman (2012), Time Series Analysis by State Space Methods, section 4.3.

    Returns
    -------
    beta, note
        (K,), filtered: given the rows up to the last. NaN where the note says why.
    """
    n, K = instruments.shape
    first = max(2 * (K + 1), n // 4)
    spread = instruments.std(axis=0)
    unit = float(book.std())
    y, design = book / unit, np.column_stack([np.ones(n), instruments / spread])
    root = np.linalg.qr(design[:first], mode="r")
    scale = np.linalg.norm(design[:first], axis=0)
    if not (np.abs(np.diag(root)) > _COLLINEAR * scale).all():
        return np.full(K, np.nan), (
            f"an instrument does not move on its own in the first {first} rows of the window"
        )
    half = np.linalg.inv(root)
    covariance = half @ half.T
    state = covariance @ (design[:first].T @ y[:first])
    y, design = y[first:], np.ascontiguousarray(design[first:])
    noise, note = definition.state_noise, ""
    if noise is None:
        noise = float(likeliest_noise_nb(y, design, state, covariance))
        note = "the likeliest beta does not move" if noise == 0.0 else ""
        note = "the likeliest beta moves as fast as allowed" if noise > _FASTEST else note
    ratios = np.append(0.0, np.full(K, noise))
    states, covariances = np.empty(design.shape), np.empty((*design.shape, K + 1))
    errors = np.empty((2, len(y)))
    random_walk_filter_nb(y, design, ratios, state, covariance, states, covariances, errors)
    return states[-1, 1:] * unit / spread, note
