"""How the correlation and the beta of each target on the source moved around one occurrence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.placebo import placebo_pvalue, pseudo_rows
from eventlab.contagion.volatility.dcc import LEAST_ROWS, SAME
from eventlab.contagion.volatility.marginals import fit_marginal
from eventlab.contagion.volatility.second_stage import (
    MODELS,
    filter_stage,
    fit_stage,
    stage_stderr,
)
from eventlab.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.contagion.volatility.marginals import Marginal
    from eventlab.contagion.volatility.second_stage import Model, SecondStage

__all__ = ["CorrelationPaths", "correlation_path_tables"]

MOST_ROWS: Final = 1000  # sessions to fit on: four years; older ones say little of today's links
FROM_TAU: Final = -20  # where the path begins
SHARE: Final = 0.8  # of the bars of a window that must be there for its mean
FORM: Final = "gjr"  # of the marginals: falls raise the variance of stocks and tokens more

PATH_COLUMNS: Final = [
    "occurrence",
    "source",
    "target",
    "model",
    "tau",
    "session",
    "correlation",
    "beta",
    "calm_mean",
]
FIT_COLUMNS: Final = [
    "occurrence",
    "source",
    "target",
    "model",
    "parameter",
    "value",
    "stderr",
    "placebo_pvalue",
    "n_placebo",
    "loglik",
    "n",
    "note",
]


@dataclass(frozen=True, slots=True)
class CorrelationPaths:
    """The tables `correlation_paths` and `dcc_fits` of one occurrence."""

    correlation_paths: pd.DataFrame
    dcc_fits: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _History:
    """The rows from the first that is fitted on: N marginals, each on its own complete rows.

    ``z`` and ``sigma`` (N, T) are NaN where a return is missing; ``n_fit`` rows come before the
    crisis, counted from ``first``, the row of the clock that is row 0 here.
    """

    system: System
    first: int
    n_fit: int
    marginals: tuple[Marginal | str, ...]
    z: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]

    def row(self, at: int) -> int:
        """Row here of a row of the clock."""
        return at - self.first


def correlation_path_tables(system: System) -> CorrelationPaths:
    """Fit conditional correlations before the crisis and follow them through it.

    Each series has a GJR-GARCH variance of its own; the source and each target have a DCC, a cDCC
    and an ADCC of their own, so that a target with a short history costs the others nothing
    (:func:`~eventlab.contagion.volatility.dcc.dcc` says what they are). Parameters come from at
    most 1,000 sessions, the last of them the last of the calm window; the filter runs on through
    the crisis.

    Returns
    -------
    CorrelationPaths
        ``correlation_paths``: a row per target, model and bar from tau -20 to the end of the crisis
        window. ``correlation`` and ``beta`` of tau are what was to be expected from the bars up to
        tau - 1: what happens on day 0 shows from tau 1 on. ``calm_mean`` is the mean correlation of
        the calm window. NaN on bars that either series lacks.

        ``dcc_fits``: per target and model a, b and (adcc) g with standard errors that take the
        marginals as known; ``change`` and ``beta_change``, means of the crisis window minus means
        of the calm window, with two-sided placebo p-values: the same differences at dates on which
        nothing happened, filtered with the same parameters, which have seen those dates but not
        the crisis. ``loglik`` is that of the correlations. Rows of the model ``gjr`` (``target`` is
        the series, ``source`` empty) hold the marginals. What cannot be computed is a row with NaN
        and a reason in ``note``.
    """
    try:
        reason = _no_sessions(system)
        history = None if reason else _history(system)
    except DataError as missing:
        reason, history = str(missing), None
    paths: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    if history is not None:
        for name, one in zip(system.names, history.marginals, strict=True):
            fits += _marginal_rows(system, name, one)
    for place, target in enumerate(system.targets, 1):
        base = {"occurrence": system.occurrence, "source": system.source, "target": target}
        pair = reason if history is None else _pair(history, place)
        if isinstance(pair, str):
            fits.append({**base, "model": "dcc", "note": pair})
            continue
        for model in MODELS:
            followed = _follow(pair, model)
            fits += [{**base, **row} for row in _fit_rows(pair, followed)]
            paths += [{**base, **row} for row in _path_rows(pair, followed)]
    return CorrelationPaths(
        pd.DataFrame(paths, columns=PATH_COLUMNS), pd.DataFrame(fits, columns=FIT_COLUMNS)
    )


def _no_sessions(system: System) -> str:
    if not system.clock.bar_minutes:
        return ""
    return (
        "conditional correlations are measured on sessions: the variance of bars inside them "
        "follows the time of day"
    )


def _history(system: System) -> _History:
    last = system.anchor + system.calm[1]
    first = max(0, last + 1 - MOST_ROWS)
    returns = system.returns[:, first:]
    n_fit = last + 1 - first
    marginals: list[Marginal | str] = []
    z, sigma = np.full(returns.shape, np.nan), np.full(returns.shape, np.nan)
    for place, values in enumerate(returns):
        there = np.isfinite(values)
        n = int(there[:n_fit].sum())
        found = _usable(values[there], n)
        if not found:
            one = fit_marginal(np.ascontiguousarray(values[there]), n, FORM, "normal")
            z[place, there], sigma[place, there] = one.z, one.sigma
            marginals.append(one.fit if isinstance(one.fit, str) else one)
        else:
            marginals.append(found)
    return _History(system, first, n_fit, tuple(marginals), z, sigma)


def _usable(values: npt.NDArray[np.float64], n: int) -> str:
    """Why no variance can be fitted to the first ``n`` of ``values``."""
    if n < LEAST_ROWS:
        return f"{n} returns up to the end of the calm window; {LEAST_ROWS} are needed"
    fitted = values[:n]
    if np.ptp(fitted) <= 1e-12 * np.abs(fitted).max():
        return "it does not move before the crisis"
    return ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The source and one target: joint rows of the history, the first ``n_fit`` before the crisis.

    ``z`` (n, 2) and ``ratio`` (n,), the target's standard deviation over the source's.
    """

    history: _History
    rows: npt.NDArray[np.int64]
    n_fit: int
    z: npt.NDArray[np.float64]
    ratio: npt.NDArray[np.float64]


def _pair(history: _History, place: int) -> _Pair | str:
    """Join the source and the target numbered ``place``; or say why there is no pair."""
    names = history.system.names
    for one in (0, place):
        marginal = history.marginals[one]
        if isinstance(marginal, str):
            return f"{names[one]}: {marginal}"
    joint = np.isfinite(history.z[0]) & np.isfinite(history.z[place])
    n_fit = int(joint[: history.n_fit].sum())
    if n_fit < LEAST_ROWS:
        return f"{n_fit} common returns up to the end of the calm window; {LEAST_ROWS} are needed"
    z = np.ascontiguousarray(history.z[[0, place]][:, joint].T)
    correlation: npt.NDArray[np.float64] = np.atleast_2d(np.corrcoef(z[:n_fit], rowvar=False))
    if abs(correlation[0, 1]) > SAME:
        return f"{names[place]} and {names[0]} move as one"
    ratio = history.sigma[place, joint] / history.sigma[0, joint]
    return _Pair(history, np.flatnonzero(joint), n_fit, z, ratio)


@dataclass(frozen=True, slots=True)
class _Followed:
    """A fitted model and its path over the history: (T,) correlations and betas."""

    stage: SecondStage
    stderr: npt.NDArray[np.float64]
    correlation: npt.NDArray[np.float64]
    beta: npt.NDArray[np.float64]


def _follow(pair: _Pair, model: Model) -> _Followed:
    fitted = np.ascontiguousarray(pair.z[: pair.n_fit])
    stage = fit_stage(fitted, model)
    T = pair.history.z.shape[1]
    correlation, beta = np.full(T, np.nan), np.full(T, np.nan)
    if not math.isfinite(stage.loglik):
        return _Followed(stage, np.full(3, np.nan), correlation, beta)
    correlation[pair.rows] = filter_stage(stage, pair.z)[1][:, 0, 1]
    beta[pair.rows] = correlation[pair.rows] * pair.ratio
    return _Followed(stage, stage_stderr(stage, fitted, None), correlation, beta)


def _fit_rows(pair: _Pair, followed: _Followed) -> list[dict[str, Any]]:
    stage = followed.stage
    common = {"model": stage.model, "loglik": stage.loglik, "n": pair.n_fit}
    names = ("a", "b", "g") if stage.model == "adcc" else ("a", "b")
    rows: list[dict[str, Any]] = [
        {
            **common,
            "parameter": name,
            "value": float(stage.parameters[place]),
            "stderr": float(followed.stderr[place]),
            "note": stage.note,
        }
        for place, name in enumerate(names)
    ]
    system, history = pair.history.system, pair.history
    dates = pseudo_rows(system)
    dates = dates[dates + system.calm[0] >= history.first] - history.first
    at = np.array([history.row(system.anchor)])
    for name, path in (("change", followed.correlation), ("beta_change", followed.beta)):
        real = float(_changes(path, at, system)[0])
        pseudo = _changes(path, dates, system)
        if stage.constant and name == "change":  # differences of rounding alone
            real, pseudo = 0.0 * real, pseudo[:0]
        found = placebo_pvalue(real, pseudo)
        note = stage.note if stage.constant or not math.isfinite(stage.loglik) else found.note
        if math.isfinite(stage.loglik) and not math.isfinite(real):
            note = f"fewer than {SHARE:.0%} of the bars of a window are there"
        rows.append(
            {
                **common,
                "parameter": name,
                "value": real,
                "placebo_pvalue": found.pvalue,
                "n_placebo": found.n,
                "note": note,
            }
        )
    return rows


def _changes(
    path: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], system: System
) -> npt.NDArray[np.float64]:
    """Mean of the crisis window minus mean of the calm window at each of ``rows`` (n,)."""
    calm = _means(path, rows + system.calm[0], rows + system.calm[1] + 1)
    return _means(path, rows + system.crisis[0], rows + system.crisis[1] + 1) - calm


def _means(
    path: npt.NDArray[np.float64], start: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Means of the bars that are there, NaN where too few of them are."""
    there = np.isfinite(path)
    sums = np.concatenate([[0.0], np.cumsum(np.where(there, path, 0.0))])
    counts = np.concatenate([[0], np.cumsum(there)])
    begin, end = np.clip(start, 0, len(path)), np.clip(stop, 0, len(path))
    n = counts[end] - counts[begin]
    enough = n >= SHARE * (stop - start)
    means: npt.NDArray[np.float64] = np.where(
        enough, (sums[end] - sums[begin]) / np.maximum(n, 1), np.nan
    )
    return means


def _path_rows(pair: _Pair, followed: _Followed) -> list[dict[str, Any]]:
    if not math.isfinite(followed.stage.loglik):
        return []
    history, system = pair.history, pair.history.system
    at = history.row(system.anchor)
    calm = _means(
        followed.correlation, np.array([at + system.calm[0]]), np.array([at + system.calm[1] + 1])
    )
    taus = range(min(FROM_TAU, system.crisis[0]), system.crisis[1] + 1)
    return [
        {
            "model": followed.stage.model,
            "tau": tau,
            "session": system.clock.sessions[system.anchor + tau],
            "correlation": float(followed.correlation[at + tau]),
            "beta": float(followed.beta[at + tau]),
            "calm_mean": float(calm[0]),
        }
        for tau in taus
        if 0 <= at + tau < len(followed.correlation)
    ]


def _marginal_rows(system: System, name: str, one: Marginal | str) -> list[dict[str, Any]]:
    base = {"occurrence": system.occurrence, "source": "", "target": name, "model": FORM}
    if isinstance(one, str):
        return [{**base, "note": one}]
    loglik = math.nan if isinstance(one.fit, str) else one.fit.loglik
    return [
        {
            **base,
            "parameter": parameter,
            "value": float(value),
            "loglik": loglik,
            "n": one.n,
            "note": one.note if parameter == "omega" else "",
        }
        for parameter, value in zip(one.names, one.parameters, strict=True)
    ]
