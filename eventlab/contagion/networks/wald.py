"""Wald tests of many Granger causalities at once, robust to volatility that clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy import special

from eventlab.contagion.connectedness.var import usable_rows

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COVARIANCES", "Covariance", "granger_tests", "rows_needed"]

Covariance = Literal["hc3", "hc1", "hac", "plain"]
COVARIANCES: Final = ("hc3", "hc1", "hac", "plain")

# Of a lag's variance that others leave: below, the numbers that would come out are rounding.
COLLINEAR: Final = 1e-10


def rows_needed(N: int, lags: int, *, conditional: bool) -> int:
    """Usable rows from which on a test is computed: five more than coefficients."""
    return 1 + lags * (N if conditional else 2) + 5


def granger_tests(
    values: npt.NDArray[np.float64], lags: int, covariance: Covariance, *, conditional: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """F statistics (N, N) of cause (rows) on effect (columns), their p-values, usable rows n.

    Parameters
    ----------
    values
        (T, N) rows ascending in time. A row with a missing value, and the rows it is a lag of, are
        left out.
    lags
        p of the effect itself and of the cause.
    covariance
        Of the coefficients: ``hc3`` (MacKinnon & White 1985), ``hc1``, ``hac`` (Bartlett weights,
        the lags of Newey & West 1994, times n / (n - k)) or ``plain``.
    conditional
        Whether the lags of all other series stand beside those of the effect.

    Returns
    -------
    statistic, pvalue
        NaN on the diagonal, of constant series, where the cause is collinear with what stands
        beside it or the fit is exact, and throughout with fewer than `rows_needed` usable rows. The
        statistic is the Wald statistic over p, its distribution F(p, n - k) with k coefficients.
    """
    _, X, Y = usable_rows(values, lags)
    n, N = Y.shape
    statistic = np.full((N, N), np.nan)
    if n < rows_needed(N, lags, conditional=conditional):
        return statistic, statistic.copy(), n
    blocks = X.reshape(n, lags, N).transpose(2, 0, 1)  # (N, n, p): the lags of each series
    both = np.concatenate([Y.T[:, :, None], blocks], axis=2)
    varies = np.flatnonzero((np.ptp(both, axis=1) > 0.0).all(axis=1))
    scale = np.ones((N, 1, 1))
    scale[varies, 0, 0] = np.std(Y[:, varies], axis=0)
    both = (both - both.mean(axis=1, keepdims=True)) / scale
    Y, blocks = both[:, :, 0], both[:, :, 1:]
    for j in varies:
        causes = varies[varies != j]
        if not conditional:
            statistic[causes, j] = _wald(Y[j], blocks[[j]], blocks[causes], covariance)
            continue
        for i in causes:
            statistic[i, j] = _wald(Y[j], blocks[varies[varies != i]], blocks[[i]], covariance)[0]
    dof = n - 1 - lags * (len(varies) if conditional else 2)
    return statistic, special.fdtrc(lags, dof, statistic), n


def _wald(
    y: npt.NDArray[np.float64],
    beside: npt.NDArray[np.float64],
    causes: npt.NDArray[np.float64],
    covariance: Covariance,
) -> npt.NDArray[np.float64]:
    """(C,) Wald statistics over p of C causes (C, n, p), each alone beside a constant and B blocks.

    ``y`` (n,), ``beside`` (B, n, p). What stands beside is taken out of both sides (Frisch & Waugh
    1933); slopes, residuals and their robust covariance are those of the whole regression.
    """
    n, p = causes.shape[1:]
    base = np.concatenate([np.ones((n, 1)), *beside], axis=1)
    q, r = np.linalg.qr(base)
    if np.any(np.abs(np.diagonal(r)) <= np.sqrt(COLLINEAR) * np.linalg.norm(r, axis=0)):
        return np.full(len(causes), np.nan)
    y = y - q @ (q.T @ y)
    x = causes - q @ (q.T @ causes)
    gram = x.transpose(0, 2, 1) @ x
    whole = np.square(causes - causes.mean(axis=1, keepdims=True)).sum(axis=1)
    values = np.linalg.eigvalsh(gram / np.sqrt(whole[:, :, None] * whole[:, None, :]))
    sound = values[:, 0] > COLLINEAR
    gram[~sound] = np.eye(p)
    weights = x @ np.linalg.inv(gram)  # (C, n, p)
    slope = np.einsum("cnp,n->cp", weights, y)
    resid = y - np.einsum("cnp,cp->cn", x, slope)
    sound &= np.square(resid).sum(axis=1) > COLLINEAR**2 * (y @ y)  # not an exact fit
    dof = n - base.shape[1] - p
    if covariance == "plain":
        spread = np.linalg.inv(gram) * (np.square(resid).sum(axis=1) / dof)[:, None, None]
    else:
        if covariance == "hc3":
            leverage = np.einsum("cnp,cnp->cn", weights, x) + np.square(q).sum(axis=1)
            resid = resid / np.maximum(1.0 - leverage, 1e-8)
        scores = weights * resid[:, :, None]
        spread = _meat(scores, covariance) * (1.0 if covariance == "hc3" else n / dof)
    spread[~sound] = np.eye(p)
    solved = np.linalg.solve(spread, slope[:, :, None])[:, :, 0]
    return np.where(sound, np.einsum("cp,cp->c", slope, solved) / p, np.nan)


def _meat(scores: npt.NDArray[np.float64], covariance: Covariance) -> npt.NDArray[np.float64]:
    """(C, p, p) sums of scores (C, n, p), with neighbours by Bartlett weights if ``hac``."""
    total = scores.transpose(0, 2, 1) @ scores
    n = scores.shape[1]
    last = int(4.0 * (n / 100.0) ** (2.0 / 9.0)) if covariance == "hac" else 0
    for lag in range(1, last + 1):
        one = scores[:, lag:].transpose(0, 2, 1) @ scores[:, :-lag]
        total += (1.0 - lag / (last + 1.0)) * (one + one.transpose(0, 2, 1))
    return total
