"""Rank buckets before and after one occurrence, against placebo dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.placebo import placebo_pvalue, pseudo_rows
from eventlab.contagion.regimes.buckets import bucket_change, change
from eventlab.contagion.regimes.members import BUCKETS, MIN_SERIES, Buckets, choose
from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.contagion.regimes.work import RegimeWork, Row
    from eventlab.contagion.system import System
    from eventlab.timeline.windows import Window

__all__ = ["bucket_rows"]

PLACEBO_DATES: Final = 100  # one takes some 2 ms
BOOTSTRAP_DRAWS: Final = 300
KEPT: Final = 0.8  # share of a bucket's members that a placebo date needs


def bucket_rows(work: RegimeWork) -> Iterator[Row]:
    """Both buckets before and after, and the placebo p of each change."""
    asked = work.definition.regimes.buckets
    if asked is None:
        return
    system, part = work.system, "buckets"
    top, rest = work.symbols(asked.top, part), work.symbols(asked.rest, part)
    table = {name: work.returns[name] for name in dict.fromkeys([*top, *rest])}
    frame = pd.DataFrame(table, columns=list(table))
    before, after = (_cut(frame, system, window) for window in (system.calm, system.crisis))
    try:
        found = bucket_change(before, after, top, rest, draws=BOOTSTRAP_DRAWS, seed=work.seed)
    except EventlabError as error:
        for bucket in BUCKETS:
            yield {"bucket": bucket, "period": "change", "note": str(error)}
        return
    work.left_out.extend((name, part, reason) for name, reason in found.left_out.items())
    both = pd.concat([before, after])
    buckets = choose(both, top, rest, seed=work.seed, cut=len(before))
    names = [*buckets.members["top"], *buckets.members["rest"]]
    pseudo = _pseudo_changes(frame[names].to_numpy(np.float64), buckets, work)
    note = (
        f"absorption ratios: {found.n_eigenvectors} eigenvectors of {found.n_equal} series, runs "
        f"of {min(found.n_before, found.n_after)} rows"
    )
    for row in found.table.to_dict("records"):
        row["note"] = note
        if row["period"] == "change":
            b = BUCKETS.index(row["bucket"])
            p = placebo_pvalue(row["mean_correlation"], pseudo[:, 0, b])
            q = placebo_pvalue(row["absorption_ratio"], pseudo[:, 1, b])
            row |= {
                "placebo_pvalue": p.pvalue,
                "absorption_placebo_pvalue": q.pvalue,
                "n_placebo": p.n,
            }
            row["note"] = "; ".join(filter(None, [note, p.note]))
        yield {str(key): value for key, value in row.items()}


def _cut(frame: pd.DataFrame, system: System, window: Window) -> pd.DataFrame:
    first, last = (max(0, system.anchor + edge) for edge in (window[0], window[1] + 1))
    return frame.iloc[first:last]


def _pseudo_changes(
    returns: npt.NDArray[np.float64], buckets: Buckets, work: RegimeWork
) -> npt.NDArray[np.float64]:
    """(n, 2, 3) changes of both measures at placebo dates that enough members traded around."""
    system = work.system
    calm, crisis = system.calm, system.crisis
    rows = pseudo_rows(system)
    rows = rows[(rows + calm[0] >= 0) & (rows + crisis[1] < work.end)]
    known = _complete(returns, rows, calm) & _complete(returns, rows, crisis)
    enough = np.ones(len(rows), dtype=np.bool_)
    for columns in buckets.columns:
        least = max(MIN_SERIES, int(np.ceil(KEPT * len(columns))))
        enough &= np.count_nonzero(known[:, columns], axis=1) >= least
    usable = np.flatnonzero(enough)
    if len(usable) > PLACEBO_DATES:
        usable = usable[np.linspace(0, len(usable) - 1, PLACEBO_DATES).round().astype(np.int64)]
    found = np.empty((len(usable), 2, 3))
    for i, at in enumerate(usable.tolist()):
        row, who = int(rows[at]), known[at]
        before = returns[row + calm[0] : row + calm[1] + 1, who]
        after = returns[row + crisis[0] : row + crisis[1] + 1, who]
        here = buckets if who.all() else buckets.only(who, work.seed)
        found[i] = change(here, before, after)[:, 2]
    return found


def _complete(
    returns: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], window: Window
) -> npt.NDArray[np.bool_]:
    """(n, N): which of ``returns`` (T, N) lack no row of the window at each of ``rows``."""
    missing = np.zeros((len(returns) + 1, returns.shape[1]), dtype=np.int64)
    np.cumsum(~np.isfinite(returns), axis=0, out=missing[1:])
    none: npt.NDArray[np.bool_] = missing[rows + window[1] + 1] == missing[rows + window[0]]
    return none
