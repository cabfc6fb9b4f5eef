"""Pairs that are judged together: the pairs of one event, or averages over events."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.contagion.breaks.inference import Family, infer, verdicts
from eventlab.contagion.breaks.multiplicity import lend
from eventlab.contagion.breaks.specs import TESTS, BreakResults
from eventlab.contagion.breaks.statistics import (
    RHO,
    N,
    adjusted_correlation,
    asymptotic_pvalues,
)
from eventlab.contagion.breaks.tables import SHIFTS
from eventlab.contagion.placebo import MIN_DATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakItems
    from eventlab.contagion.breaks.tables import Event, Tables

__all__ = ["Material", "average_results", "event_results"]


@dataclass(frozen=True, slots=True)
class Material:
    """Items, moments around every date, the items at their own events, and pseudo-dates.

    ``pools``: by family, places of its pseudo-dates in the rows of ``tables``. ``notes`` (M,): why
    an item has no statistic.
    """

    items: BreakItems
    tables: Tables
    events: tuple[Event, ...]
    pools: Mapping[int, npt.NDArray[np.int64]]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One pair at its event, or the mean of one pair over events."""

    statistic: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    side: float
    z_calm: float
    z_crisis: float
    z_adjusted: float
    counts: npt.NDArray[np.int64]  # of calm rows, crisis rows, events
    note: str


def event_results(material: Material) -> BreakResults:
    """Judge the items of every family at their event."""
    number = material.items.family
    parts, order = [], []
    for family in np.unique(number).tolist():
        members = np.flatnonzero(number == family).astype(np.int64)
        pool = material.pools[family]
        pseudo = [material.tables.pseudo(i, material.events[i], pool) for i in members.tolist()]
        rows = [_mean(material, [i]) for i in members.tolist()]
        held = _family(
            rows,
            np.stack([one.plain for one in pseudo], axis=1),
            np.stack([one.transmitted for one in pseudo], axis=1),
            np.stack([one.variance for one in pseudo], axis=1),
            np.stack([one.lifted for one in pseudo], axis=1),
        )
        parts.append(_results(held, rows, material))
        order.append(members)
    return _join(parts, np.argsort(np.concatenate(order)))


def average_results(material: Material, members: Sequence[npt.NDArray[np.int64]]) -> BreakResults:
    """Judge averages over the events of each pair, one family."""
    spec, known = material.tables.spec, [one.known for one in material.events]
    kept = [[i for i in each.tolist() if known[i]] for each in members]
    widths = (len(TESTS), len(TESTS), 2, len(SHIFTS))
    totals = [np.zeros((spec.draws, len(kept), width)) for width in widths]
    uses = [(int(material.items.family[i]), i, k) for k, each in enumerate(kept) for i in each]
    drawn: dict[int, npt.NDArray[np.int64]] = {}
    for family, i, k in uses:
        pool = material.pools[family]
        if family not in drawn:
            drawn[family] = _draws(spec.seed, int(material.items.row[i]), len(pool), spec.draws)
        pseudo = material.tables.pseudo(i, material.events[i], pool)
        tables = (pseudo.plain, pseudo.transmitted, pseudo.variance, pseudo.lifted)
        for total, own in zip(totals, tables, strict=True):
            total[:, k] += _filled(own)[drawn[family]] if len(pool) else np.nan
    for k, each in enumerate(kept):
        for total in totals:
            total[:, k] = total[:, k] / len(each) if each else np.nan
    rows = [
        _mean(material, each, len(given) - len(each))
        for each, given in zip(kept, members, strict=True)
    ]
    return _results(_family(rows, *totals), rows, material)


def _draws(seed: int, row: int, size: int, draws: int) -> npt.NDArray[np.int64]:
    """(draws,) places in a pool: of the seed and the event row alone, whatever else is drawn."""
    return np.random.default_rng([seed, row]).integers(0, max(size, 1), draws)


def _filled(pseudo: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Pseudo-statistics on every date of the pool; NaN where the pair has too few of its own."""
    few = np.count_nonzero(np.isfinite(pseudo), axis=0) < MIN_DATES
    return np.where(few, np.nan, lend(pseudo))


def _mean(material: Material, members: Sequence[int], left_out: int = 0) -> _Row:
    """Average items that have a statistic; one item is itself, with or without."""
    events = [material.events[i] for i in members]
    if not events:
        nothing = np.full(len(TESTS) + 2, np.nan)
        counts = np.zeros(3, dtype=np.int64)
        note = f"none of {left_out} events has a statistic"
        nan = np.nan
        return _Row(nothing[2:], nothing[:2], 1.0, nan, nan, nan, counts, note)
    moments = np.stack([one.moments for one in events])
    calm, crisis = moments[:, 0], moments[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        z_calm, z_crisis = np.arctanh(calm[:, RHO]), np.arctanh(crisis[:, RHO])
        z_adjusted = np.arctanh(adjusted_correlation(calm, crisis))
        ratios = [np.array([one.ratios.source, one.ratios.target]) for one in events]
        variance = np.log(np.stack(ratios))
    one_note = material.notes[members[0]] if len(members) == 1 else ""
    note = f"{left_out} events without a statistic are left out" if left_out else one_note
    n = np.stack([calm[:, N], crisis[:, N], np.ones(len(events))]).sum(axis=1)
    return _Row(
        np.stack([one.statistic for one in events]).mean(axis=0),
        variance.mean(axis=0),
        1.0 if sum(one.side for one in events) >= 0.0 else -1.0,
        float(z_calm.mean()),
        float(z_crisis.mean()),
        float(z_adjusted.mean()),
        n.astype(np.int64),
        note,
    )


def _family(
    rows: Sequence[_Row],
    plain: npt.NDArray[np.float64],
    transmitted: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
    lifted: npt.NDArray[np.float64],
) -> Family:
    return Family(
        statistic=np.stack([row.statistic for row in rows]),
        variance=np.stack([row.variance for row in rows]),
        plain=plain,
        transmitted=transmitted,
        pseudo_variance=variance,
        lifted=lifted,
        side=np.array([row.side for row in rows]),
        rho_calm=np.tanh([row.z_calm for row in rows]),
        rho_crisis=np.tanh([row.z_crisis for row in rows]),
        events=np.array([row.counts[2] for row in rows], dtype=np.int64),
    )


def _results(family: Family, rows: Sequence[_Row], material: Material) -> BreakResults:
    spec = material.tables.spec
    found = infer(family, spec)
    judged = verdicts(family, found, spec)
    counts = np.stack([row.counts for row in rows])
    asymptotic = asymptotic_pvalues(family.statistic)
    asymptotic[family.events > 1] = np.nan  # of means: no known distribution
    with np.errstate(over="ignore"):
        ratios = np.exp(family.variance)
    return BreakResults(
        statistic=family.statistic,
        pvalue=asymptotic,
        placebo_pvalue=found.placebo,
        transmission_pvalue=found.transmission,
        adjusted_pvalue=found.adjusted,
        romano_wolf_pvalue=found.romano_wolf,
        romano_wolf_transmission=found.romano_wolf_transmission,
        rho_calm=family.rho_calm,
        rho_crisis=family.rho_crisis,
        rho_adjusted=np.tanh([row.z_adjusted for row in rows]),
        variance_source=ratios[:, 0],
        variance_target=ratios[:, 1],
        placebo_source=found.variance[:, 0],
        placebo_target=found.variance[:, 1],
        n_calm=counts[:, 0],
        n_crisis=counts[:, 1],
        n_placebo=found.n_placebo,
        n_events=family.events,
        detectable=found.detectable,
        verdict=tuple(verdict for verdict, _ in judged),
        rule=tuple(rule for _, rule in judged),
        note=tuple(
            "; ".join(filter(None, (row.note, _placebo_note(row, int(n)))))
            for row, n in zip(rows, found.n_placebo, strict=True)
        ),
    )


def _placebo_note(row: _Row, n: int) -> str:
    if not np.isfinite(row.statistic[0]) or n >= MIN_DATES:
        return ""
    return f"no placebo p: {n} placebo dates have a statistic (at least {MIN_DATES} are needed)"


def _join(parts: Sequence[BreakResults], order: npt.NDArray[np.int64]) -> BreakResults:
    """Put the rows of several results one below the other, in ``order``."""
    joined: dict[str, Any] = {}
    for field in fields(BreakResults):
        values = [getattr(part, field.name) for part in parts]
        if isinstance(values[0], tuple):
            flat = [one for part in values for one in part]
            joined[field.name] = tuple(flat[i] for i in order)
        else:
            joined[field.name] = np.concatenate(values)[order]
    return BreakResults(**joined)
