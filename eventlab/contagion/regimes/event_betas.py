"""Betas on two factors around one occurrence, against placebo dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from eventlab.contagion.placebo import placebo_pvalue, pseudo_rows
from eventlab.contagion.regimes.betas import FactorBetas, factor_betas
from eventlab.errors import EventlabError

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.regimes.work import RegimeWork, Row

__all__ = ["beta_rows"]

HISTORY: Final = 750  # bars up to the end of the crisis window
WINDOW: Final = 60
_STILL = 1e-9  # share of the variance below which nothing was learnt


def beta_rows(work: RegimeWork) -> tuple[list[Row], list[Row]]:
    """Rows of the paths of every asset, and of their changes."""
    asked = work.definition.regimes.betas
    paths: list[Row] = []
    changes: list[Row] = []
    if asked is None:
        return paths, changes
    factors = list(asked.factors)
    lacking = [factor for factor in factors if factor not in work.returns]
    for symbol in work.symbols(asked.assets, "betas"):
        try:
            if lacking:
                why = f"no prices of the factor {', '.join(lacking)}"
            elif symbol in factors:
                why = "it is one of the factors"
            else:
                found = _fit(work, symbol, factors)
                paths += _path_rows(work, symbol, found)
                changes += _change_rows(work, symbol, found)
                continue
        except EventlabError as error:
            why = str(error)
        for factor in factors:
            row: Row = {"symbol": symbol, "factor": factor, "note": why}
            changes.append(row)
            session = work.system.clock.sessions[work.system.anchor]
            paths.append(row | {"tau": 0, "session": session})
    return paths, changes


def _fit(work: RegimeWork, symbol: str, factors: list[str]) -> FactorBetas:
    """Rows are labelled with those of the clock."""
    start = max(0, work.end - HISTORY)
    rows = pd.RangeIndex(start, work.end)
    frame = pd.DataFrame(
        {name: work.returns[name][start : work.end] for name in factors}, index=rows
    )
    y = pd.Series(work.returns[symbol][start : work.end], rows)
    until = work.system.anchor + work.system.calm[1]
    return factor_betas(y, frame, window=WINDOW, fit_until=until)


def _path_rows(work: RegimeWork, symbol: str, found: FactorBetas) -> list[Row]:
    """Every bar from the calm to the crisis window."""
    system = work.system
    z = float(ndtri(1.0 - work.definition.level / 2.0))
    first = max(0, system.anchor + system.calm[0])
    rows: list[Row] = []
    for factor in found.step.index:
        beta = found.filtered[factor].loc[first:]
        spread = z * found.stderr[factor].loc[first:]
        share = found.shares[factor].loc[first:]
        for row, value, error, part in zip(
            beta.index, beta.tolist(), spread.tolist(), share.tolist(), strict=True
        ):
            rows.append(
                {
                    "symbol": symbol,
                    "factor": factor,
                    "tau": row - system.anchor,
                    "session": system.clock.sessions[row],
                    "beta": value,
                    "low": value - error,
                    "high": value + error,
                    "share": part,
                    "note": found.note if np.isfinite(value) else "a return is missing",
                }
            )
    return rows


def _change_rows(work: RegimeWork, symbol: str, found: FactorBetas) -> list[Row]:
    """Return the beta at the end of both windows, and the placebo p of its change."""
    system = work.system
    start = int(found.filtered.index[0])
    ends = np.array([system.calm[1], system.crisis[1]], dtype=np.int64)
    own = system.anchor - start + ends
    pseudo = pseudo_rows(system)
    pseudo = pseudo[(pseudo + ends[0] >= start) & (pseudo + ends[1] < work.end)] - start
    rows: list[Row] = []
    for factor in found.step.index:
        beta, share = found.filtered[factor].to_numpy(), found.shares[factor].to_numpy()
        z = _standardised(found, factor, np.append(own[0] - ends[0], pseudo), ends)
        p = placebo_pvalue(float(z[0]), z[1:])
        lost = "" if np.isfinite(z[0]) else "no beta at the end of a window"
        rows.append(
            {
                "symbol": symbol,
                "factor": factor,
                "beta_calm": float(beta[own[0]]),
                "beta_crisis": float(beta[own[1]]),
                "change": float(beta[own[1]] - beta[own[0]]),
                "share_calm": float(share[own[0]]),
                "share_crisis": float(share[own[1]]),
                "step": float(found.step[factor]),
                "statistic": float(z[0]),
                "placebo_pvalue": p.pvalue,
                "n_placebo": p.n,
                "note": "; ".join(filter(None, [found.note, lost or p.note])),
            }
        )
    return rows


def _standardised(
    found: FactorBetas,
    factor: str,
    anchors: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """(n,) changes of the filtered beta between the ``ends`` of both windows at each anchor.

    In units of their standard deviation: what is known at row t moves from s on by P_s + (t - s) Q
    - P_t, which is large where the filter is young; plain changes would make early dates extreme.
    """
    beta, error = found.filtered[factor].to_numpy(), found.stderr[factor].to_numpy()
    first, last = anchors + ends[0], anchors + ends[1]
    steps = float(found.step[factor]) ** 2 * (ends[1] - ends[0])
    variance = error[first] ** 2 + steps - error[last] ** 2
    known = np.isfinite(variance) & (variance > _STILL * error[first] ** 2)
    moved: npt.NDArray[np.float64] = beta[last] - beta[first]
    return np.where(known, moved / np.sqrt(np.where(known, variance, 1.0)), np.nan)
