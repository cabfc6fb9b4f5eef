"""Penalised VARs, for more series than the rows of a window can bear by least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.connectedness.var import Solution
from eventlab.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["lasso", "penalised", "ridge"]

RIDGE_PENALTIES: Final = np.logspace(-4, 3, 29)
FOLDS: Final = 5
LASSO_STEPS: Final = 40
LASSO_SMALLEST: Final = 1e-3  # of the penalty that leaves no coefficient
TOLERANCE: Final = 1e-11  # in standard deviations of the left side per one of the regressor
SWEEPS: Final = 20_000


def penalised(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    estimator: str,
    *,
    lags: int,
    penalty: float | None = None,
) -> Solution:
    """Fit ``y`` (n, N) on ``x`` (n, K) and a free constant by ``ridge`` or else `lasso`."""
    return ridge(x, y, penalty, lags=lags) if estimator == "ridge" else lasso(x, y, penalty)


def ridge(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    penalty: float | None = None,
    *,
    lags: int = 0,
) -> Solution:
    """Minimise |y - c - x b|^2 / n + penalty |b|^2 over standardised columns, for all N at once.

    Parameters
    ----------
    x, y
        (n, K) and (n, N), rows ascending in time. Columns of ``x`` are standardised here; those of
        ``y`` share one penalty, so they should be on one scale.
    penalty
        Chosen by cross-validation if None: five blocks of consecutive rows, each forecast from the
        others without the ``lags`` rows on either side; the penalty of 29 between 1e-4 and 1e3
        with the smallest sum of squares over all columns of ``y``. Nothing is random.

    Returns
    -------
    Solution
        ``dof`` is n - 1 - tr X (X'X + n penalty I)^-1 X'.

    References
    ----------
    Hoerl & Kennard (1970); blocks: Bergmeir & Benitez (2012).
    """
    if penalty is None:
        errors = sum(_fold_errors(x, y, fold, lags) for fold in range(FOLDS))
        penalty = float(RIDGE_PENALTIES[np.argmin(errors)])
    centre, scale = x.mean(axis=0), x.std(axis=0)
    z, left = (x - centre) / scale, y - y.mean(axis=0)
    values, vectors = np.linalg.eigh(z.T @ z)
    values = np.maximum(values, 0.0)
    shrunk = values + len(x) * penalty
    b = vectors @ ((vectors.T @ (z.T @ left)) / shrunk[:, None]) / scale[:, None]
    effective = float(np.sum(values / shrunk))
    return Solution(b.T.copy(), y.mean(axis=0) - centre @ b, len(x) - 1 - effective, penalty)


def _fold_errors(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], fold: int, lags: int
) -> npt.NDArray[np.float64]:
    """Sum of squared forecast errors of one block of rows, by penalty."""
    n = len(x)
    first, stop = n * fold // FOLDS, n * (fold + 1) // FOLDS
    train = np.ones(n, dtype=np.bool_)
    train[max(0, first - lags) : stop + lags] = False
    own = x[train]
    centre, scale, level = own.mean(axis=0), own.std(axis=0), y[train].mean(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    z = (own - centre) / scale
    values, vectors = np.linalg.eigh(z.T @ z)
    inside = vectors.T @ (z.T @ (y[train] - level))  # (K, N)
    shrunk = np.maximum(values, 0.0) + len(own) * RIDGE_PENALTIES[:, None]
    forecasts = ((x[first:stop] - centre) / scale @ vectors) @ (inside / shrunk[:, :, None])
    return np.asarray(np.square(y[first:stop] - level - forecasts).sum(axis=(1, 2)))


def lasso(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], penalty: float | None = None
) -> Solution:
    """Minimise |y - c - x b|^2 / 2n + penalty |b|_1 over standardised columns, by equation.

    Parameters
    ----------
    x, y
        (n, K) and (n, N). Columns of ``x`` are standardised here; those of ``y`` share one
        penalty, so they should be on one scale.
    penalty
        Chosen by the Bayesian information criterion if None: of 40 penalties from the smallest
        that leaves no coefficient down to a thousandth of it, the one with the smallest sum over
        equations of n log(RSS / n) + (number not zero) log n.

    Returns
    -------
    Solution
        ``dof`` is n - 1 less the mean number of coefficients that are not zero.

    Raises
    ------
    DataError
        Coordinate descent that does not converge.

    References
    ----------
    Tibshirani (1996); Zou, Hastie & Tibshirani (2007) for the degrees of freedom and criterion.
    """
    from eventlab.kernels.lasso import lasso_path_nb  # noqa: PLC0415 - compiled when first needed

    n = len(x)
    centre, scale, level = x.mean(axis=0), x.std(axis=0), y.mean(axis=0)
    z, left = (x - centre) / scale, y - level
    gram, cross = z.T @ z / n, left.T @ z / n
    largest = float(np.abs(cross).max())
    if penalty is None:
        penalties = largest * np.logspace(0.0, np.log10(LASSO_SMALLEST), LASSO_STEPS)
    else:
        penalties = np.array([penalty], dtype=np.float64)
    path = lasso_path_nb(gram, cross, penalties, TOLERANCE, SWEEPS)
    used = np.count_nonzero(path, axis=2)
    squares = np.square(left[None] - z @ path.transpose(0, 2, 1)).mean(axis=1)  # (L, N)
    criterion = (n * np.log(squares) + used * np.log(n)).sum(axis=1)
    if np.isnan(criterion).all():
        raise DataError("the lasso did not converge: series are close to collinear; use ridge")
    best = int(np.nanargmin(criterion))
    b = path[best] / scale
    return Solution(b, level - b @ centre, float(n - 1 - used[best].mean()), float(penalties[best]))
