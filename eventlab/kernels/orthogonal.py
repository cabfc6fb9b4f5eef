"""Least squares of one response by an orthogonal factorisation, with what errors need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["OrthogonalFit", "orthogonal_fit"]


@dataclass(frozen=True, slots=True)
class OrthogonalFit:
    """Coefficients (k,), residuals (n,), and what every linear map of the response needs.

    ``basis`` (n, k) is orthonormal and spans the design, X = Q R up to a turn; ``root`` (k, k) is
    that of (X'X)^-1 = root root'.
    """

    coefficients: npt.NDArray[np.float64]
    residual: npt.NDArray[np.float64]
    basis: npt.NDArray[np.float64]
    root: npt.NDArray[np.float64]

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """(n, k): X (X'X)^-1, the weight of each row's response in every coefficient."""
        return self.basis @ self.root.T

    @property
    def inverse(self) -> npt.NDArray[np.float64]:
        """(k, k): (X'X)^-1."""
        return self.root @ self.root.T


def orthogonal_fit(y: npt.NDArray[np.float64], design: npt.NDArray[np.float64]) -> OrthogonalFit:
    """Fit ``y`` (n,) on ``design`` (n, k), both finite, the columns independent and n >= k.

    Columns are scaled to length one before they are factorised, so that neither units nor X'X,
    whose condition is the square of theirs, cost digits. Where one of them is constant the others
    and ``y`` are taken about their means first: calendar years beside a constant lose three digits
    otherwise. Golub & Van Loan (2013), section 5.3.
    """
    k = design.shape[1]
    about, level, turn = np.zeros(k), 0.0, np.eye(k)
    constant = np.flatnonzero((np.ptp(design, axis=0) == 0.0) & (design[0] != 0.0))[:1]
    for j in constant:
        about, level = design.mean(axis=0), float(y.mean())
        about[j] = 0.0
        turn[j] -= about / design[0, j]  # design = centred @ inv(turn)
    centred = design - about
    size = np.sqrt((centred**2).sum(axis=0))
    q, r = np.linalg.qr(centred / size)
    root = np.linalg.inv(r) / size[:, None]
    own = root @ (q.T @ (y - level))
    coefficients = turn @ own
    coefficients[constant] += level / design[0, constant]
    return OrthogonalFit(coefficients, (y - level) - centred @ own, q, turn @ root)
