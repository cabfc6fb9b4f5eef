"""Delta-CoVaR: what a source in distress adds to the value at risk of a system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import frame_values
from eventlab.contagion.resampling import block_length, stationary_rows
from eventlab.contagion.tails.hac import normal_pvalue
from eventlab.contagion.tails.series import (
    between,
    check_draws,
    fixed,
    matched,
    series_name,
    too_few,
)
from eventlab.errors import UsageError
from eventlab.kernels.quantile_line import quantile_line_nb
from eventlab.kernels.quantile_regression import quantile_regression_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["PATH_COLUMNS", "DeltaCovar", "delta_covar", "delta_of"]

PATH_COLUMNS = ["var_source", "var_median", "covar", "covar_median", "delta"]
CONFIDENCE = 0.95
STREAM = 7302  # keeps these draws apart from others of the same seed


@dataclass(frozen=True, slots=True)
class DeltaCovar:
    """Value at risk of a system where a source is in distress, and where it is not.

    All in the unit of the returns, losses negative. With states, everything but the coefficients
    is the mean over the rows of ``path``.

    Attributes
    ----------
    names, level
        Of the system and of the source; the tail.
    coefficients
        Of the quantile regressions: ``covar`` (of the system, at ``level``), ``var_source`` and
        ``var_median`` (of the source, at ``level`` and 0.5), by intercept, states and source; NaN
        where a regression does not have the term.
    path
        By row: var_source, var_median, covar, covar_median, delta.
    var_source, var_median
        The source's quantiles at ``level`` and 0.5.
    covar, covar_median
        The system's quantile at ``level`` where the source is at its own, and at its median.
    delta, stderr, low, high, pvalue
        covar - covar_median; its bootstrap standard error, 95% percentile interval and two-sided p
        (delta over standard error, standard normal); NaN without draws.
    n, n_missing, draws, block
        Rows of the regression, rows left out, draws behind the interval, their mean block.
    note
        Why a number is NaN; empty otherwise.
    """

    names: tuple[str, str]
    level: float
    coefficients: pd.DataFrame
    path: pd.DataFrame
    stderr: float
    low: float
    high: float
    n: int
    n_missing: int
    draws: int
    block: int
    note: str = ""

    @property
    def alpha(self) -> float:
        """Intercept of the system's regression."""
        return float(self.coefficients["covar"].iloc[0])

    @property
    def beta(self) -> float:
        """Slope of the system's quantile on the source."""
        return float(self.coefficients["covar"].iloc[-1])

    @property
    def var_source(self) -> float:
        """The source's quantile at ``level``."""
        return float(self.path["var_source"].mean())

    @property
    def var_median(self) -> float:
        """The source's median."""
        return float(self.path["var_median"].mean())

    @property
    def covar(self) -> float:
        """The system's quantile where the source is at its own."""
        return float(self.path["covar"].mean())

    @property
    def covar_median(self) -> float:
        """The system's quantile where the source is at its median."""
        return float(self.path["covar_median"].mean())

    @property
    def delta(self) -> float:
        """Delta-CoVaR."""
        return float(self.path["delta"].mean())

    @property
    def pvalue(self) -> float:
        """Two-sided p of delta = 0."""
        return normal_pvalue(self.delta / self.stderr) if self.stderr > 0 else float("nan")

    @property
    def sentence(self) -> str:
        """The finding in words, for returns in decimals or percent alike."""
        system, source = self.names
        if self.note and not np.isfinite(self.delta):
            return f"What distress of {source} does to {system} is not known: {self.note}."
        words = (
            f"Where {source} is at its worst {100 * self.level:g}%, the {100 * self.level:g}% "
            f"quantile of {system} is {self.covar:.4g} instead of {self.covar_median:.4g}: "
            f"{self.delta:+.4g}"
        )
        interval = f", 95% interval {self.low:.4g} to {self.high:.4g}"
        return f"{words}{interval if np.isfinite(self.low) else ''}."

    def __repr__(self) -> str:
        return f"DeltaCovar(n={self.n}: {self.sentence})"


def delta_covar(
    system: pd.Series,
    source: pd.Series,
    level: float = 0.05,
    *,
    states: pd.DataFrame | None = None,
    draws: int = 499,
    seed: int = 0,
) -> DeltaCovar:
    """Delta-CoVaR of a system on a source, by quantile regression.

    Parameters
    ----------
    system, source
        Returns on the same rows, ascending in time. A row with a NaN is left out and counted.
    level
        The tail, below one half.
    states
        State variables on the same rows. Row t uses the states of row t - 1: the first row is left
        out. Without them the source's quantiles are those of the sample (linear interpolation
        between order statistics).
    draws, seed
        Of a stationary bootstrap of whole rows with mean block n^(1/3); 0 leaves the interval NaN.
        A draw depends on the seed and its number only.

    Returns
    -------
    DeltaCovar
        NaN with a note with fewer than 1/``level`` complete rows, a constant source or collinear
        states.

    Raises
    ------
    UsageError
        If the rows differ, or a number lies outside its range.

    References
    ----------
    Adrian & Brunnermeier (2016), section II: Delta = beta (VaR_q - VaR_0.5). Quantile regression:
    Koenker & Bassett (1978). Bootstrap: Politis & Romano (1994).
    """
    between("level", level, 0.0, 0.5)
    check_draws(draws, seed)
    (y, x), known = matched(system=system, source=source)
    lagged, names = _lagged(states, system)
    if states is not None:
        known = known & np.isfinite(lagged).all(axis=1)
    y, x, design = y[known], x[known], np.column_stack([np.ones(len(y)), lagged])[known]
    note = _unusable(x, design, level)
    found = _regressions(y, x, design, level) if not note else np.full((3, len(names) + 2), np.nan)
    block = block_length(len(y))
    simulated = (
        np.array([delta_of(y[r], x[r], level, design[r]) for r in _draws(len(y), draws, seed)])
        if not note
        else np.empty(0)
    )
    drawn = simulated[np.isfinite(simulated)]
    low, high = np.quantile(drawn, _edges()) if len(drawn) > 1 else (np.nan, np.nan)
    return DeltaCovar(
        names=(series_name(system, "the system"), series_name(source, "the source")),
        level=level,
        coefficients=pd.DataFrame(
            found.T, index=["intercept", *names, "source"], columns=["covar", *PATH_COLUMNS[:2]]
        ),
        path=_path(found, design, system.index[known]),
        stderr=float(drawn.std(ddof=1)) if len(drawn) > 1 else float("nan"),
        low=float(low),
        high=float(high),
        n=len(y),
        n_missing=len(known) - len(y),
        draws=len(drawn),
        block=block,
        note=note or ("" if np.isfinite(found[0]).all() else "the regressors are collinear"),
    )


def delta_of(
    system: npt.NDArray[np.float64],
    source: npt.NDArray[np.float64],
    level: float,
    design: npt.NDArray[np.float64] | None = None,
) -> float:
    """Delta-CoVaR of complete (n,) rows; its mean with a ``design`` (n, k) of ones and states."""
    if design is None or design.shape[1] == 1:
        low, middle = _quantiles(source, level)
        if low == middle:
            return float("nan")
        slope = quantile_line_nb(system, source, level)[1]
        if np.isnan(slope):  # ties, or one place only
            X = np.ascontiguousarray(np.stack([np.ones(len(source)), source], axis=1))
            slope = float(quantile_regression_nb(system, X, level)[0][1])
        return slope * (low - middle)
    found = _regressions(system, source, design, level)
    return float(found[0, -1] * np.mean(design @ (found[1, :-1] - found[2, :-1])))


def _lagged(
    states: pd.DataFrame | None, system: pd.Series
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """(T, k) states of the row before, and their names."""
    if states is None:
        return np.empty((len(system), 0)), []
    values = frame_values(states, "states", least=0)
    if not states.index.equals(system.index):
        raise UsageError("states and system have different rows; align them first")
    columns = list(map(str, states.columns))
    lagged = np.full((len(system), len(columns)), np.nan)
    lagged[1:] = np.where(np.isfinite(values), values, np.nan)[:-1]
    return lagged, columns


def _unusable(x: npt.NDArray[np.float64], design: npt.NDArray[np.float64], level: float) -> str:
    least = max(int(np.ceil(1.0 / level)), 2 * (design.shape[1] + 1))
    if len(x) < least:
        return too_few(len(x), least)
    return "the source is constant" if fixed(x) else ""


def _regressions(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    level: float,
) -> npt.NDArray[np.float64]:
    """(3, k + 1) coefficients of CoVaR, VaR and median, on ones, states and the source."""
    k = design.shape[1]
    found = np.full((3, k + 1), np.nan)
    X = np.ascontiguousarray(np.column_stack([design, x]))
    found[0] = quantile_regression_nb(y, X, level)[0]
    if k == 1:
        found[1:, 0] = _quantiles(x, level)
    else:
        design = np.ascontiguousarray(design)
        for row, share in ((1, level), (2, 0.5)):
            found[row, :k] = quantile_regression_nb(x, design, share)[0]
    return found


def _quantiles(values: npt.NDArray[np.float64], level: float) -> tuple[float, float]:
    """Quantiles at ``level`` and 0.5 by linear interpolation (Hyndman & Fan's type 7)."""
    ordered, n = np.sort(values), len(values)
    found = []
    for share in (level, 0.5):
        place = (n - 1) * share
        below = int(place)
        above = min(below + 1, n - 1)
        found.append(float(ordered[below] + (place - below) * (ordered[above] - ordered[below])))
    return found[0], found[1]


def _path(
    found: npt.NDArray[np.float64], design: npt.NDArray[np.float64], index: pd.Index
) -> pd.DataFrame:
    """Lay out the quantiles of each row."""
    low, middle = (design @ found[row, :-1] for row in (1, 2))
    base, beta = design @ found[0, :-1], found[0, -1]
    columns = [low, middle, base + beta * low, base + beta * middle, beta * (low - middle)]
    return pd.DataFrame(dict(zip(PATH_COLUMNS, columns, strict=True)), index=index)


def _draws(n: int, draws: int, seed: int) -> list[npt.NDArray[np.int64]]:
    block = block_length(n)
    return [
        stationary_rows(n, block, np.random.default_rng([seed, STREAM, draw]))
        for draw in range(draws)
    ]


def _edges() -> list[float]:
    return [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0]
