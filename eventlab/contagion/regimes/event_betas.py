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
    from eventlab.timeline.windows import Window

__all__ = ["beta_rows"]

HISTORY: Final = 750  # bars up to the end of the crisis window
WINDOW: Final = 60


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
    system = work.system
    start = int(found.filtered.index[0])
    pseudo = pseudo_rows(system)
    pseudo = pseudo[pseudo + system.crisis[1] < work.end]
    rows: list[Row] = []
    for factor in found.step.index:
        beta = found.filtered[factor].to_numpy()
        share = found.shares[factor].to_numpy()
        calm, crisis = (
            float(_means(beta, np.array([system.anchor]) - start, window)[0])
            for window in (system.calm, system.crisis)
        )
        shares = [
            float(_means(share, np.array([system.anchor]) - start, window)[0])
            for window in (system.calm, system.crisis)
        ]
        drawn = _means(beta, pseudo - start, system.crisis) - _means(
            beta, pseudo - start, system.calm
        )
        p = placebo_pvalue(crisis - calm, drawn)
        lost = "" if np.isfinite(crisis - calm) else "a window has bars without a beta"
        rows.append(
            {
                "symbol": symbol,
                "factor": factor,
                "beta_calm": calm,
                "beta_crisis": crisis,
                "change": crisis - calm,
                "share_calm": shares[0],
                "share_crisis": shares[1],
                "step": float(found.step[factor]),
                "placebo_pvalue": p.pvalue,
                "n_placebo": p.n,
                "note": "; ".join(filter(None, [found.note, lost, p.note])),
            }
        )
    return rows


def _means(
    path: npt.NDArray[np.float64], anchors: npt.NDArray[np.int64], window: Window
) -> npt.NDArray[np.float64]:
    """(n,) means of ``path`` over the window at each anchor; NaN where it lacks a value."""
    found = np.full(len(anchors), np.nan)
    inside = (anchors + window[0] >= 0) & (anchors + window[1] < len(path))
    at = anchors[inside, None] + np.arange(window[0], window[1] + 1)
    found[inside] = path[at].mean(axis=1)
    return found
