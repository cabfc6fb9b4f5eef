"""The eight tests of a correlation break between two frames of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, column, frame_values, names_of
from eventlab.contagion.breaks.notes import moments_note
from eventlab.contagion.breaks.specs import NULLS, TESTS
from eventlab.contagion.breaks.statistics import (
    FEWEST,
    N_SIGNED,
    RHO,
    VX,
    VY,
    N,
    adjusted_correlation,
    asymptotic_pvalues,
    break_statistics,
)
from eventlab.errors import UsageError
from eventlab.kernels.correlation_breaks import N_MOMENTS, break_moments_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["correlation_tests"]


def correlation_tests(
    calm: pd.DataFrame,
    crisis: pd.DataFrame,
    source: str,
    target: str,
    variant: Literal["raw", "nu"] = "raw",
    *,
    factors: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Test whether the correlation of two series changed from the calm to the crisis window.

    Parameters
    ----------
    calm, crisis
        Returns of the two windows, a row per bar, a column per series. Rows that lack one of the
        two (or a factor) are left out of that window and counted.
    source, target
        Where the shock began, and where it may have travelled: Forbes and Rigobon's adjustment
        is by the variance of the source.
    variant
        What stands in the co-moment tests for the correlation of the crisis: itself (``raw``), or
        Forbes and Rigobon's (``nu``, as published: it also rejects where variances rise alone).
    factors
        Columns whose betas, fitted on the calm window alone, are taken out of both windows first.

    Returns
    -------
    DataFrame, a row per test: test, statistic (z of fisher and forbes_rigobon, t of
    forbes_rigobon_delta, positive where correlation rose; chi2 of the others), distribution, dof,
    pvalue (asymptotic, two-sided), null, note (why there is no statistic). ``attrs`` hold rho_calm,
    rho_crisis, rho_adjusted, variance_source and variance_target (crisis over calm), n_calm,
    n_crisis and n_missing. The p-values reject too often on short windows of fat-tailed returns:
    hold the statistics against dates on which nothing happened.

    Raises
    ------
    UsageError
        If a column is missing, source and target are the same, or the variant is unknown.

    References
    ----------
    Fisher (1921); Forbes & Rigobon (2002), Journal of Finance 57, eq. 11; Fry, Martin & Tang
    (2010), Journal of Business & Economic Statistics 28, eqs. 14-17; Fry-McKibbin & Hsiao (2018),
    Econometric Reviews 37, eqs. 16-20.
    """
    choice("variant", variant, ("raw", "nu"))
    if factors is not None:
        names_of("factors", factors)
    if source == target:
        raise UsageError(f"source and target are both {source!r}; name two series")
    columns = [source, target, *(factors or ())]
    twice = sorted({str(name) for name in columns if columns.count(name) > 1})
    if twice:
        raise UsageError(f"factors: {', '.join(twice)} twice among source, target and factors")
    moments = _moments(_values(calm, columns, "calm"), _values(crisis, columns, "crisis"))
    note = _note(moments, len(calm), len(crisis), net=bool(factors))
    statistic = break_statistics(moments[0], moments[1], variant)
    signed = np.arange(len(TESTS)) < N_SIGNED
    table = pd.DataFrame(
        {
            "test": TESTS,
            "statistic": statistic,
            "distribution": np.where(signed, "normal", "chi2"),
            "dof": np.where(signed, np.nan, 1.0),
            "pvalue": asymptotic_pvalues(statistic),
            "null": [NULLS[test] for test in TESTS],
            "note": note,
        }
    )
    table.attrs.update(_attributes(moments, len(calm) + len(crisis)))
    return table


def _values(frame: pd.DataFrame, columns: Sequence[str], name: str) -> npt.NDArray[np.float64]:
    """(rows, columns) of a window."""
    if isinstance(frame, pd.DataFrame):
        for each in columns:
            column(frame, each, "series", name)
        frame = frame.loc[:, frame.columns.isin(columns)]
    frame_values(frame, name, ordered=False)
    return frame_values(frame[list(columns)], name, ordered=False)


def _moments(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(2, 11) moments of the first two columns, net of the others."""
    returns = np.ascontiguousarray(np.concatenate([calm, crisis]).T)
    found = np.full((1, 1, 2, N_MOMENTS), np.nan)
    break_moments_nb(
        returns,
        np.arange(2, len(returns)),
        np.arange(2),
        np.array([[0, 1]]),
        np.array([len(calm)]),
        np.array([[-len(calm), -1], [0, len(crisis) - 1]]),
        np.array([FEWEST, FEWEST]),
        found,
    )
    moments: npt.NDArray[np.float64] = found[0, 0]
    return moments


def _note(moments: npt.NDArray[np.float64], n_calm: int, n_crisis: int, *, net: bool) -> str:
    for one, rows, label in (
        (moments[0], n_calm, "the calm window"),
        (moments[1], n_crisis, "the crisis window"),
    ):
        if net and rows >= FEWEST and one[N] == 0:
            return f"no residuals in {label}: too few complete rows, or collinear factors"
        why = moments_note(one, label, FEWEST)
        if why:
            return why
    return ""


def _attributes(moments: npt.NDArray[np.float64], rows: int) -> dict[str, float | int]:
    calm, crisis = moments
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "rho_calm": float(calm[RHO]),
            "rho_crisis": float(crisis[RHO]),
            "rho_adjusted": float(adjusted_correlation(calm, crisis)),
            "variance_source": float(crisis[VX] / calm[VX]),
            "variance_target": float(crisis[VY] / calm[VY]),
            "n_calm": int(calm[N]),
            "n_crisis": int(crisis[N]),
            "n_missing": rows - int(calm[N]) - int(crisis[N]),
        }
