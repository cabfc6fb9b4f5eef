"""Delta-CoVaR of normal series with given correlations, as those of a DCC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from scipy import special

from eventlab.contagion.arguments import column, number, series_values
from eventlab.contagion.tails.delta_covar import PATH_COLUMNS
from eventlab.contagion.tails.series import between
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["delta_covar_dcc", "gaussian_delta_covar"]


class ConditionalCorrelations(Protocol):
    """What `eventlab.contagion.dcc` returns, as far as it is needed here."""

    @property
    def volatilities(self) -> pd.DataFrame:
        """Conditional standard deviations: rows by series."""

    def correlation(self, one: Hashable, other: Hashable, /) -> pd.Series:
        """Conditional correlation of two series."""


def delta_covar_dcc(
    fit: ConditionalCorrelations, system: Hashable, source: Hashable, level: float = 0.05
) -> pd.DataFrame:
    """Delta-CoVaR of each row from the conditional correlations of `eventlab.contagion.dcc`.

    Parameters
    ----------
    fit
        A fit of a frame of returns that holds both series.
    system, source
        Names of two of its series.
    level
        The tail, below one half.

    Returns
    -------
    pandas.DataFrame
        Columns as in `gaussian_delta_covar`, in the unit of the returns; NaN where the fit is. Row
        t uses the correlation and volatilities that the rows before t give, at the parameters of
        the whole fit.

    Raises
    ------
    UsageError
        A name that is no series of the fit, or a level out of its bounds.

    References
    ----------
    Adrian & Brunnermeier (2016), appendix on multivariate GARCH.
    """
    sigma = fit.volatilities
    for word, name in (("system", system), ("source", source)):
        column(sigma, name, word, "the fit")
    rho = fit.correlation(system, source)
    return gaussian_delta_covar(rho, sigma[system], sigma[source], level)


def gaussian_delta_covar(
    correlation: pd.Series | float,
    sigma_system: pd.Series | float,
    sigma_source: pd.Series | float,
    level: float = 0.05,
) -> pd.DataFrame:
    """Delta-CoVaR of two jointly normal series with mean zero.

    Parameters
    ----------
    correlation, sigma_system, sigma_source
        Numbers, or Series with the same rows; NaN gives NaN.
    level
        The tail, below one half.

    Returns
    -------
    pandas.DataFrame
        By row (one for numbers), z the normal quantile of ``level``: gamma = rho sigma_system /
        sigma_source, var_source = z sigma_source, var_median = 0, delta = gamma var_source,
        covar_median = z sigma_system (1 - rho^2)^(1/2), covar = covar_median + delta. In the unit
        of the standard deviations; each row uses itself alone.

    Raises
    ------
    UsageError
        A level out of its bounds, Series with different rows, a correlation outside [-1, 1], or a
        standard deviation that is not above 0.

    References
    ----------
    Adrian & Brunnermeier (2016), appendix on multivariate GARCH.
    """
    between("level", level, 0.0, 0.5)
    given = (correlation, sigma_system, sigma_source)
    for name, one in zip(("correlation", "sigma_system", "sigma_source"), given, strict=True):
        if isinstance(one, pd.Series):
            series_values(one, name, ordered=False)
        else:
            number(name, one)
    rows = [one.index for one in given if isinstance(one, pd.Series)]
    if any(not one.equals(rows[0]) for one in rows[1:]):
        raise UsageError("correlation and standard deviations have different rows; align them")
    size = len(rows[0]) if rows else 1
    rho, system, source = (np.broadcast_to(np.asarray(one, np.float64), (size,)) for one in given)
    if (np.abs(rho) > 1).any() or (system < 0).any() or (source <= 0).any():
        raise UsageError(
            "a correlation lies outside [-1, 1] or a standard deviation is not above 0"
        )
    z = float(special.ndtri(level))
    delta, median = z * rho * system, z * system * np.sqrt(1.0 - rho**2)
    columns = [rho * system / source, z * source, 0.0 * source, median + delta, median, delta]
    index = rows[0] if rows else None
    return pd.DataFrame(dict(zip(["gamma", *PATH_COLUMNS], columns, strict=True)), index=index)
