"""The spillover table of one sample, and what every kind of connectedness returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.connectedness.var import Estimator, check_terms, fit_var, series_of
from eventlab.kernels.connectedness import fevd_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Measures", "Spillover", "SpilloverPath", "convention_words", "spillover"]


@dataclass(frozen=True, slots=True)
class Measures:
    """What follows from tables (..., N, N) in percent: arrays with the same leading axes.

    ``to`` and ``from_`` (..., N): what a series gives to and takes from the others; ``net`` their
    difference; ``tci`` (...): the mean of ``from_``; ``pairwise`` (..., N, N): table_ij - table_ji,
    positive where j moves i more than i moves j.
    """

    to: npt.NDArray[np.float64]
    from_: npt.NDArray[np.float64]
    net: npt.NDArray[np.float64]
    tci: npt.NDArray[np.float64]
    pairwise: npt.NDArray[np.float64]

    @classmethod
    def of(cls, tables: npt.NDArray[np.float64]) -> Measures:
        """Compute them. Diebold & Yilmaz (2012), eqs. 3 to 7."""
        own = np.diagonal(tables, axis1=-2, axis2=-1)
        to, from_ = tables.sum(axis=-2) - own, tables.sum(axis=-1) - own
        return cls(to, from_, to - from_, from_.mean(axis=-1), tables - np.swapaxes(tables, -1, -2))


@dataclass(frozen=True, slots=True, repr=False)
class Spillover:
    """Who moves whom: shares of forecast error variances in percent.

    Attributes
    ----------
    table
        (N, N): row i holds the shares of i's forecast error variance that come from shocks to each
        column; rows sum to 100.
    lags, horizon, estimator
        Of the VAR and its decomposition.
    root, stable
        Largest companion root, and whether it is below 1.
    n_rows, n_missing
        Rows that the VAR was fitted on, and rows of the frame with a missing value (left out).
    convention
        How the numbers are normalised, in words.
    note
        Why they say little, in words; empty if there is no such reason.
    """

    table: pd.DataFrame
    lags: int
    horizon: int
    estimator: str
    root: float
    n_rows: int
    n_missing: int
    convention: str
    note: str

    @property
    def stable(self) -> bool:
        """Whether shocks die out: the largest companion root is below 1."""
        return self.root < 1.0

    @property
    def measures(self) -> Measures:
        """All summaries as arrays."""
        return Measures.of(self.table.to_numpy())

    @property
    def to(self) -> pd.Series:
        """(N,) what each series gives to the others."""
        return pd.Series(self.measures.to, index=self.table.columns, name="to")

    @property
    def from_(self) -> pd.Series:
        """(N,) what each series takes from the others."""
        return pd.Series(self.measures.from_, index=self.table.columns, name="from")

    @property
    def net(self) -> pd.Series:
        """(N,) ``to`` less ``from_``."""
        return pd.Series(self.measures.net, index=self.table.columns, name="net")

    @property
    def tci(self) -> float:
        """Total connectedness: the mean of ``from_``."""
        return float(self.measures.tci)

    @property
    def corrected_tci(self) -> float:
        """The same on a scale that reaches 100: times N / (N - 1)."""
        N = len(self.table)
        return self.tci * N / (N - 1)

    @property
    def pairwise(self) -> pd.DataFrame:
        """(N, N) net pairwise: table_ij - table_ji, positive where j moves i more."""
        names = self.table.columns
        return pd.DataFrame(self.measures.pairwise, index=names, columns=names)

    @property
    def pairwise_index(self) -> pd.DataFrame:
        """(N, N) how closely two series are tied: 200 (t_ij + t_ji) / (t_ii + t_jj + t_ij + t_ji).

        Gabauer (2021), eq. 12; 100 on the diagonal.
        """
        table = self.table.to_numpy()
        both, own = table + table.T, np.diagonal(table)
        index = 200.0 * both / (both + own[:, None] + own[None, :])
        np.fill_diagonal(index, 100.0)
        return pd.DataFrame(index, index=self.table.columns, columns=self.table.columns)

    def __repr__(self) -> str:
        """Name the size and the total."""
        return (
            f"Spillover({len(self.table)} series, {self.n_rows} rows, lags={self.lags}, "
            f"horizon={self.horizon}, {self.estimator}, tci={self.tci:.2f}%)"
        )


@dataclass(frozen=True, slots=True, repr=False)
class SpilloverPath:
    """Spillover tables over time; row t uses rows up to and including t only.

    Attributes
    ----------
    tables
        (T, N, N) percent, rows normalised to 100; NaN where ``reasons`` says why.
    index, names
        T labels of the rows and N of the series.
    stable
        (T,) bool: whether shocks die out; True where there is no table.
    reasons
        (T,) why there is no table, or what it does not mean; empty otherwise.
    lags, horizon, estimator, convention
        As in `Spillover`.
    n_missing
        Rows of the frame with a missing value.
    note
        What holds for the path as a whole, in words.
    """

    tables: npt.NDArray[np.float64]
    index: pd.Index
    names: tuple[str, ...]
    stable: pd.Series
    reasons: pd.Series
    lags: int
    horizon: int
    estimator: str
    convention: str
    n_missing: int
    note: str

    @property
    def measures(self) -> Measures:
        """All summaries as arrays."""
        return Measures.of(self.tables)

    @property
    def tci(self) -> pd.Series:
        """(T,) total connectedness."""
        return pd.Series(self.measures.tci, index=self.index, name="tci")

    @property
    def to(self) -> pd.DataFrame:
        """(T, N) what each series gives to the others."""
        return pd.DataFrame(self.measures.to, index=self.index, columns=list(self.names))

    @property
    def from_(self) -> pd.DataFrame:
        """(T, N) what each series takes from the others."""
        return pd.DataFrame(self.measures.from_, index=self.index, columns=list(self.names))

    @property
    def net(self) -> pd.DataFrame:
        """(T, N) ``to`` less ``from_``."""
        return pd.DataFrame(self.measures.net, index=self.index, columns=list(self.names))

    @property
    def pairwise(self) -> pd.DataFrame:
        """(T, N (N - 1) / 2) net pairwise by (series, other): table_ij - table_ji for i < j."""
        rows, columns = np.triu_indices(len(self.names), 1)
        labels = [(self.names[i], self.names[j]) for i, j in zip(rows, columns, strict=True)]
        return pd.DataFrame(
            self.measures.pairwise[:, rows, columns],
            index=self.index,
            columns=pd.MultiIndex.from_tuples(labels, names=("series", "other")),
        )

    def __repr__(self) -> str:
        """Name the size."""
        return (
            f"SpilloverPath({len(self.index)} rows, {len(self.names)} series, lags={self.lags}, "
            f"horizon={self.horizon}, {self.estimator})"
        )


def spillover(
    frame: pd.DataFrame,
    lags: int = 4,
    horizon: int = 10,
    *,
    estimator: Estimator = "ols",
    generalised: bool = True,
) -> Spillover:
    """Shares of each series' forecast error variance that come from each other series.

    Parameters
    ----------
    frame
        Rows ascending in time, a column per series: returns, or logs of volatilities.
    lags
        p of the VAR with a constant.
    horizon
        H terms of the moving average, h = 0 to H - 1.
    estimator
        ``ols``; ``ridge`` or ``lasso`` where there are more than about ten series.
    generalised
        Shocks as they come, so that the order of the columns is of no consequence (Koop, Pesaran &
        Potter 1996); False orthogonalises them in the order of the columns (Cholesky).

    Returns
    -------
    Spillover
        A row with a missing value, and the p rows after it, are left out of the fit and counted.
        An explosive VAR has a table as well, ``stable`` False and a ``note``.

    Raises
    ------
    UsageError
        Fewer than two series, rows out of order, ``lags`` or ``horizon`` below 1.
    DataError
        Too few rows, a constant series or collinear series.

    References
    ----------
    Diebold & Yilmaz (2012), eqs. 2 to 7; Pesaran & Shin (1998), eqs. 10 and 11.
    """
    values = series_of(frame)
    check_terms(lags, horizon)
    names = [str(name) for name in frame.columns]
    fit = fit_var(values, lags, estimator=estimator, names=names)
    table = fevd_nb(fit.coefficients, fit.sigma, horizon, generalised)
    return Spillover(
        table=pd.DataFrame(table, index=names, columns=names),
        lags=lags,
        horizon=horizon,
        estimator=estimator,
        root=fit.root,
        n_rows=fit.n_rows,
        n_missing=fit.n_missing,
        convention=convention_words(horizon, generalised=generalised),
        note=fit.note,
    )


def convention_words(horizon: int, *, generalised: bool = True) -> str:
    """Say how the numbers are normalised."""
    shocks = "generalised shocks" if generalised else "shocks orthogonalised in the order given"
    return (
        f"percent; rows normalised to 100; {shocks}; {horizon} terms, h = 0 to {horizon - 1}; "
        "the divisor of the residual covariance cancels"
    )
