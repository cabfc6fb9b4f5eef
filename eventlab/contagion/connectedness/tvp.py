"""Connectedness bar by bar without a window: a VAR whose coefficients drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, number, whole
from eventlab.contagion.connectedness.spillover import SpilloverPath, convention_words
from eventlab.contagion.connectedness.var import check_terms, fit_var, series_of, usable_rows
from eventlab.errors import DataError, UsageError
from eventlab.kernels.orthogonal import orthogonal_fit
from eventlab.kernels.tvp import COLLAPSED, EXPLOSIVE, MISSING, tvp_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["Center", "TvpPrior", "TvpSpillover", "tvp_path", "tvp_prior", "tvp_spillover"]

Center = Literal["prior", "sample"]


@dataclass(frozen=True, slots=True)
class TvpPrior:
    """Where the filter begins: a VAR(p) with a constant, by least squares on the first rows.

    Attributes
    ----------
    coefficients
        (N, N p): b0 by rows, a row per equation.
    spread
        (N p, N p): what the covariance of one equation's coefficients is per unit of residual
        variance: the slopes' block of (Z'Z)^-1, Z the regressors with their constant.
    sigma
        (N, N): Q0, the covariance of the residuals (divisor: their number).
    means
        (N,) of the complete rows.
    """

    coefficients: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    means: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class TvpSpillover(SpilloverPath):
    """Spillover tables of a TVP-VAR; see `SpilloverPath` for what they are.

    Attributes
    ----------
    coefficients
        (T, N, N p) [A_1 ... A_p] that each table is of, NaN where there is none.
    prior
        Where the filter began.
    center, kappas
        What was subtracted, and the two forgetting factors.
    """

    coefficients: npt.NDArray[np.float64]
    prior: TvpPrior
    center: Center
    kappas: tuple[float, float]

    def __repr__(self) -> str:
        """Name the size and the forgetting."""
        return (
            f"TvpSpillover({len(self.index)} rows, {len(self.names)} series, lags={self.lags}, "
            f"horizon={self.horizon}, kappas={self.kappas}, center={self.center!r})"
        )


def tvp_spillover(  # noqa: PLR0913 - the published parameters, by their names
    frame: pd.DataFrame,
    lags: int = 1,
    horizon: int = 10,
    kappa1: float = 0.99,
    kappa2: float = 0.99,
    *,
    prior_rows: int = 199,
    center: Center = "prior",
) -> TvpSpillover:
    """Who moves whom in every row, by a VAR whose coefficients and covariance drift.

    Parameters
    ----------
    frame
        (T, N) rows ascending in time, a column per series: returns, or logs of volatilities.
    lags, horizon
        p of the VAR and H terms of the generalised decomposition, h = 0 to H - 1.
    kappa1, kappa2
        Forgetting factors of the coefficients and of the covariance, in (0, 1]; at 0.99 an
        observation 69 rows old counts half.
    prior_rows
        How many first rows the prior is fitted on.
    center
        ``prior`` looks at nothing later than a row: means are those of the prior's rows, the filter
        begins after them (no table before), and the prior covariance of the coefficients is
        Q0 kron (Z'Z)^-1, which does not depend on the unit of the series. ``sample`` is the
        published convention: every row less the mean of all rows, later ones too, the filter begins
        at the first row, whose prior has seen the rows that follow, and the prior covariance is
        I kron (Z'Z)^-1, so that decimals and percent give different tables. Its numbers describe
        the sample; they were known to nobody at the time. The VAR has no constant, so of series
        whose level wanders pass changes.

    Returns
    -------
    TvpSpillover
        Row t with ``center="prior"`` uses rows up to and including t. Coefficients that are
        explosive are rejected: the table is then of the last stable ones, and ``stable`` is
        False. A row with a missing value, and the p rows after it, have no table and teach
        nothing; nothing is filled, no lag reaches across a gap.

    Raises
    ------
    UsageError
        Fewer than two series, rows out of order, a parameter out of its bounds.
    DataError
        Too few rows for the prior, a constant series or collinear series in it, or an explosive
        prior.

    References
    ----------
    Antonakakis, Chatziantoniou & Gabauer (2020), eqs. 1 to 7, with the generalised decomposition of
    Diebold & Yilmaz (2012).
    """
    values = series_of(frame)
    choice("center", center, ("prior", "sample"))
    _check(values, lags, horizon, (kappa1, kappa2), prior_rows)
    names = tuple(str(name) for name in frame.columns)
    prior, tables, coefficients, status = tvp_path(
        values, (lags, horizon), (kappa1, kappa2), prior_rows=prior_rows, center=center, names=names
    )
    reasons = _reasons(status, prior_rows if center == "prior" else 0)
    return TvpSpillover(
        tables=tables,
        index=frame.index,
        names=names,
        stable=pd.Series(status != EXPLOSIVE, index=frame.index, name="stable"),
        reasons=pd.Series(reasons, index=frame.index, dtype=object, name="reasons"),
        lags=lags,
        horizon=horizon,
        estimator="tvp",
        convention=convention_words(horizon),
        n_missing=int(np.count_nonzero(~np.isfinite(values).all(axis=1))),
        note=_note(status, prior_rows, center),
        coefficients=coefficients,
        prior=prior,
        center=center,
        kappas=(kappa1, kappa2),
    )


def tvp_path(
    values: npt.NDArray[np.float64],
    terms: tuple[int, int],
    kappas: tuple[float, float],
    *,
    prior_rows: int,
    center: Center,
    names: Sequence[str],
) -> tuple[TvpPrior, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the prior, tables (T, N, N), coefficients (T, N, N p) and the status of each row.

    ``values`` (T, N), ``terms`` lags and horizon; the rest as in `tvp_spillover`.
    """
    lags, horizon = terms
    T, N = values.shape
    prior = tvp_prior(values[:prior_rows], lags, names)
    published = center == "sample"
    first = 0 if published else prior_rows - lags
    scale = np.eye(N) if published else prior.sigma
    present = np.isfinite(values).all(axis=1)
    means = values[present].mean(axis=0) if published else prior.means
    tables, coefficients = np.full((T, N, N), np.nan), np.full((T, N, N * lags), np.nan)
    status = np.full(T, MISSING, dtype=np.int64)
    tables[first:], coefficients[first:], status[first:] = tvp_nb(
        np.ascontiguousarray(values[first:] - means, dtype=np.float64),
        prior.coefficients,
        np.asarray(np.kron(scale, prior.spread), dtype=np.float64),
        prior.sigma,
        np.array([*kappas, 0.1 if published else 0.0]),
        horizon,
        True,  # noqa: FBT003 - generalised
    )
    if not published:  # the prior has seen these rows, and rows after them
        tables[:prior_rows] = coefficients[:prior_rows] = np.nan
        status[:prior_rows] = MISSING
    return prior, tables, coefficients, status


def tvp_prior(values: npt.NDArray[np.float64], lags: int, names: Sequence[str]) -> TvpPrior:
    """Fit the prior on ``values`` (rows, N); DataError as in `fit_var`, and if it is explosive."""
    try:
        fit = fit_var(values, lags, names=names)
    except DataError as error:
        raise DataError(f"the prior, on the first {len(values)} rows: {error}") from None
    if fit.root > 1.0:
        raise DataError(
            f"the prior, on the first {len(values)} rows, is explosive (largest root "
            f"{fit.root:.4g}); pass changes of the series, or a larger prior_rows"
        )
    present, X, _ = usable_rows(values, lags)
    held = orthogonal_fit(X[:, 0], np.column_stack([np.ones(len(X)), X]))  # for the inverse alone
    return TvpPrior(
        coefficients=fit.coefficients,
        spread=held.inverse[1:, 1:],
        sigma=fit.residuals.T @ fit.residuals / fit.n_rows,
        means=values[present].mean(axis=0),
    )


def _check(
    values: npt.NDArray[np.float64],
    lags: int,
    horizon: int,
    kappas: tuple[float, float],
    prior_rows: int,
) -> None:
    check_terms(lags, horizon)
    whole("prior_rows", prior_rows)
    for name, kappa in zip(("kappa1", "kappa2"), kappas, strict=True):
        number(name, kappa)
        if not 0.0 < kappa <= 1.0:
            raise UsageError(f"{name}={kappa:g} must lie above 0 and at most at 1 (no forgetting)")
    if prior_rows <= lags:
        raise UsageError(f"prior_rows={prior_rows} must exceed lags={lags}")
    if len(values) <= prior_rows:
        raise DataError(
            f"{len(values)} rows leave none after the prior's {prior_rows}; pass a longer frame or "
            "a smaller prior_rows"
        )


def _reasons(status: npt.NDArray[np.int64], before: int) -> npt.NDArray[np.object_]:
    words = np.full(len(status), "", dtype=object)
    words[status == EXPLOSIVE] = "explosive coefficients were rejected; the last stable ones stand"
    words[status == MISSING] = "a missing value in this row or its lags"
    words[status == COLLAPSED] = "the series have become collinear"
    words[:before] = "the prior is fitted on this row"
    return words


def _note(status: npt.NDArray[np.int64], prior_rows: int, center: Center) -> str:
    parts = []
    if center == "sample":
        parts.append(
            "means are of all rows and the prior of the first "
            f"{prior_rows}: a row's table uses rows after it, and depends on the unit of the series"
        )
    rejected = int(np.count_nonzero(status == EXPLOSIVE))
    if rejected:
        parts.append(f"{rejected} rows rejected explosive coefficients and keep the last stable")
    return "; ".join(parts)
