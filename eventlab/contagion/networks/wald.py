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
    others = np.array([varies[varies != j] for j in varies], dtype=np.int64)
    if conditional:
        for j, causes in zip(varies, others, strict=True):
            beside = np.array([np.concatenate(blocks[varies[varies != i]], axis=1) for i in causes])
            effect = np.broadcast_to(Y[j], (len(causes), n))
            statistic[causes, j] = _wald(effect, beside, blocks[causes][:, None], covariance)[:, 0]
    elif len(varies) > 1:
        found = _wald(Y[varies], blocks[varies], blocks[others], covariance)
        statistic[others, varies[:, None]] = found
    dof = n - 1 - lags * (len(varies) if conditional else 2)
    return statistic, special.fdtrc(lags, dof, statistic), n


def _wald(
    y: npt.NDArray[np.float64],
    beside: npt.NDArray[np.float64],
    causes: npt.NDArray[np.float64],
    covariance: Covariance,
) -> npt.NDArray[np.float64]:
    """(E, C) Wald statistics over p: of E effects C causes, each alone beside a constant and more.

    ``y`` (E, n), ``beside`` (E, n, b), ``causes`` (E, C, n, p). What stands beside is taken out of
    both sides (Frisch & Waugh 1933); slopes, residuals and their robust covariance are those of the
    whole regression.
    """
    n, p = causes.shape[2:]
    base = np.concatenate([np.ones((len(y), n, 1)), beside], axis=2)
    q, r = np.linalg.qr(base)
    own = np.abs(np.diagonal(r, axis1=1, axis2=2))
    sound = (own > np.sqrt(COLLINEAR) * np.linalg.norm(r, axis=1)).all(axis=1)[:, None]
    y = y - np.einsum("enb,eb->en", q, np.einsum("enb,en->eb", q, y))
    q = q[:, None]  # the same beside every cause
    x = causes - q @ (q.swapaxes(2, 3) @ causes)
    gram = x.swapaxes(2, 3) @ x
    whole = np.square(causes - causes.mean(axis=2, keepdims=True)).sum(axis=2)
    scaled = gram / np.sqrt(whole[..., :, None] * whole[..., None, :])
    sound = sound & (np.linalg.eigvalsh(scaled)[..., 0] > COLLINEAR)
    gram[~sound] = np.eye(p)
    inverse = np.linalg.inv(gram)
    weights = x @ inverse  # (E, C, n, p)
    slope = np.einsum("ecnp,en->ecp", weights, y)
    resid = y[:, None] - np.einsum("ecnp,ecp->ecn", x, slope)
    unexplained = np.square(resid).sum(axis=2)
    sound &= unexplained > COLLINEAR**2 * np.square(y).sum(axis=1)[:, None]  # not an exact fit
    dof = n - base.shape[2] - p
    if covariance == "plain":
        spread = inverse * (unexplained / dof)[..., None, None]
    else:
        if covariance == "hc3":
            leverage = (weights * x).sum(axis=3) + np.square(q).sum(axis=3)
            resid = resid / np.maximum(1.0 - leverage, 1e-8)
        scores = weights * resid[..., None]
        spread = _meat(scores, covariance) * (1.0 if covariance == "hc3" else n / dof)
    spread[~sound] = np.eye(p)
    solved = np.linalg.solve(spread, slope[..., None])[..., 0]
    return np.where(sound, (slope * solved).sum(axis=2) / p, np.nan)


def _meat(scores: npt.NDArray[np.float64], covariance: Covariance) -> npt.NDArray[np.float64]:
    """(E, C, p, p) sums of scores (E, C, n, p), with neighbours by Bartlett weights if ``hac``."""
    total = scores.swapaxes(2, 3) @ scores
    n = scores.shape[2]
    last = int(4.0 * (n / 100.0) ** (2.0 / 9.0)) if covariance == "hac" else 0
    for lag in range(1, last + 1):
        one = scores[:, :, lag:].swapaxes(2, 3) @ scores[:, :, :-lag]
        total += (1.0 - lag / (last + 1.0)) * (one + one.swapaxes(2, 3))
    return total
