"""The table of mediated shares along a chain, across occurrences and inside the crisis window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.leads.mediation import MIN_SPARE, measure_share, share_note, shares_of
from eventlab.contagion.placebo import MIN_DATES, PlaceboPvalue, placebo_pvalue, pseudo_rows
from eventlab.contagion.resampling import block_length
from eventlab.study.inference.registry import t_pvalue

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System

__all__ = ["MEDIATION_COLUMNS", "mediation_table", "triples"]

DRAWS: Final = 1000  # of the bootstrap
SAMPLES: Final = 500  # placebo samples of as many dates as there are occurrences
MOST_WINDOWS: Final = 250
MEDIATION_COLUMNS: Final = [
    "occurrence",
    "source",
    "middle",
    "last",
    "horizon",
    "n",
    "total",
    "total_pvalue",
    "placebo_total",
    "total_placebo_pvalue",
    "direct",
    "share",
    "low",
    "high",
    "placebo_share",
    "placebo_pvalue",
    "n_placebo",
    "note",
]
Links = tuple[tuple[str, ...], ...]
Triple = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class _Sample:
    """One kind of rows: ``horizon`` and ``what`` in words, rows of the clock, a bootstrap block.

    ``offsets`` (W,) are bars of a window that is moved to other dates; none where the rows are
    single dates, of which others are drawn.
    """

    horizon: str
    what: str
    rows: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64] | None
    block: int


def mediation_table(system: System, links: Links, *, level: float, seed: int) -> pd.DataFrame:
    """Share of the first link's effect on each later one that goes through the link before it.

    Parameters
    ----------
    system
        Returns around every occurrence of the source, and the dates that nothing happened on.
    links
        The chain, three or more links.
    level, seed
        Of the test of the total effect and the intervals; of bootstrap and placebo samples.

    Returns
    -------
    DataFrame
        Two rows per path. ``horizon`` ``[0,0] of n occurrences``, the first to look at: day 0 of
        every occurrence, so that what differs between rows is news of the source. ``bars [0,10]``:
        the bars of this crisis window, few, and mostly what moves all of them every day.
        ``middle`` joined by ``+`` is held fixed together. ``placebo_total`` and ``placebo_share``
        are medians on dates without news (as many dates drawn at random as there are occurrences,
        or the crisis window moved), the placebo p-values say how often theirs lie as far from
        these medians: how a day with news differs from an everyday one. Only samples whose own
        total effect is not zero have a share. Rows with a NaN are left out and counted; placebo
        dates have none.
    """
    paths, why = triples(links)
    if not paths:
        bare = {"occurrence": system.occurrence, "source": system.source, "note": why}
        return pd.DataFrame([bare | {"n": 0, "n_placebo": 0}]).reindex(columns=MEDIATION_COLUMNS)
    rows = []
    samples = (_occurrences(system), _window(system))
    for source, middle, last in paths:
        base = {
            "occurrence": system.occurrence,
            "source": source,
            "middle": "+".join(middle),
            "last": last,
        }
        lacking = [name for name in (source, *middle, last) if name not in system.names]
        for sample in samples:
            if lacking:
                note = f"no returns of {', '.join(lacking)} in both windows"
                found: dict[str, Any] = {"n": 0, "n_placebo": 0, "note": note}
            else:
                chosen = [system.names.index(name) for name in (last, source, *middle)]
                found = _measure(system, sample, chosen, level=level, seed=seed)
            rows.append(base | {"horizon": sample.horizon} | found)
    return pd.DataFrame(rows).reindex(columns=MEDIATION_COLUMNS)


def triples(links: Links) -> tuple[list[Triple], str]:
    """Paths from the first link through the one before to each later name; or why there are none.

    Each name of the middle by itself, then all of them together.
    """
    if len(links) < 3:
        return [], "no link between the first and the last: name them under contagion.chain"
    found: list[Triple] = []
    for before, link in pairwise(links[1:]):
        middles = [(name,) for name in before] + ([before] if len(before) > 1 else [])
        found += [
            (source, middle, last) for source in links[0] for last in link for middle in middles
        ]
    return found, ""


def _occurrences(system: System) -> _Sample:
    days = np.array(sorted(system.anchors.values()), dtype=np.int64)
    return _Sample(f"[0,0] of {len(days)} occurrences", "occurrences", days, None, 1)


def _window(system: System) -> _Sample:
    first, last = system.crisis
    offsets = np.arange(first, last + 1, dtype=np.int64)
    rows = system.anchor + offsets
    block = block_length(len(offsets))
    return _Sample(f"bars [{first},{last}]", "bars", rows[rows >= 0], offsets, block)


def _measure(
    system: System, sample: _Sample, chosen: list[int], *, level: float, seed: int
) -> dict[str, Any]:
    series = system.returns[chosen].T
    complete = np.asarray(np.isfinite(series).all(axis=1))
    kept = sample.rows[complete[sample.rows]]
    rows = np.ascontiguousarray(series[kept])
    found = measure_share(rows, level=level, draws=DRAWS, block=sample.block, seed=seed)
    total, _, pvalue, direct, share, low, high = found
    dates = _placebo_rows(system, sample, complete, len(kept), seed)
    totals, shares = _placebo(series[dates], level)
    usual_total, of_total = _against(total, totals)
    usual_share, of_share = _against(share, shares)
    lost = len(sample.rows) - len(kept)
    missing = f"{lost} of {len(sample.rows)} {sample.what} left out: a return is missing"
    why = share_note(rows, found, level) or of_share.note
    said = (why, missing if lost else "")
    return {
        "n": len(rows),
        "total": total,
        "total_pvalue": pvalue,
        "placebo_total": usual_total,
        "total_placebo_pvalue": of_total.pvalue,
        "direct": direct,
        "share": share,
        "low": low,
        "high": high,
        "placebo_share": usual_share,
        "placebo_pvalue": of_share.pvalue,
        "n_placebo": of_total.n,
        "note": "; ".join(text for text in said if text),
    }


def _placebo_rows(
    system: System, sample: _Sample, complete: npt.NDArray[np.bool_], n: int, seed: int
) -> npt.NDArray[np.int64]:
    """(K, n) rows of the clock of each placebo sample: complete windows, or dates drawn anew."""
    if sample.offsets is not None:
        windows = pseudo_rows(system, MOST_WINDOWS)[:, None] + sample.offsets
        return np.asarray(windows[complete[windows].all(axis=1)], dtype=np.int64)
    free = np.flatnonzero(system.admissible & complete).astype(np.int64)
    if n == 0 or len(free) < max(MIN_DATES, n):
        return np.empty((0, n), dtype=np.int64)
    order = np.random.default_rng(seed).random((SAMPLES, len(free)))
    places = np.argpartition(order, n - 1, axis=1)[:, :n]
    return np.asarray(free[places], dtype=np.int64)


def _placebo(
    samples: npt.NDArray[np.float64], level: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Totals of the samples (K, n, columns), and the shares of those with an effect to share."""
    if samples.size == 0 or samples.shape[1] < samples.shape[2] + MIN_SPARE:
        return np.empty(0), np.empty(0)
    found = shares_of(samples)
    dof = samples.shape[1] - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = found.total / found.stderr
    pvalues = np.array([t_pvalue(one, dof) if math.isfinite(one) else 1.0 for one in ratio])
    totals, shares = found.total, found.share[pvalues <= level]
    return totals[np.isfinite(totals)], shares[np.isfinite(shares)]


def _against(real: float, pseudo: npt.NDArray[np.float64]) -> tuple[float, PlaceboPvalue]:
    """Median of the placebo values, and how often one lies as far from it as the real one."""
    if len(pseudo) < MIN_DATES:
        return math.nan, placebo_pvalue(real, pseudo)
    centre = float(np.median(pseudo))
    return centre, placebo_pvalue(real - centre, pseudo - centre)
